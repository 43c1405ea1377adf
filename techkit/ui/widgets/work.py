"""Step Work: drafts as the main column, what is recorded below, the form for everything else."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.controls import FieldBox, LineEdit, Tick
from techkit.ui.presenters.card_hints import CardHint
from techkit.ui.presenters.choices import BudgetRow, MoneyState, Proposal
from techkit.ui.presenters.entries import EntryRow
from techkit.ui.presenters.travel import TravelState
from techkit.ui.presenters.work import WorkStepState
from techkit.ui.widgets.attendance import AttendancePart
from techkit.ui.widgets.boxes import TOP, At, Grow, column, holder, line, row
from techkit.ui.widgets.buttons import Button, Choice, IconButton
from techkit.ui.widgets.cards import Card, IconTile, PressRow, ProposalRow, Tag, empty_state
from techkit.ui.widgets.catalogue import CatalogueCard
from techkit.ui.widgets.drafts import DraftsCard
from techkit.ui.widgets.files import FilesCard
from techkit.ui.widgets.flowing import Flow
from techkit.ui.widgets.focus import has_focus_inside
from techkit.ui.widgets.forms import FormView
from techkit.ui.widgets.labels import ElidedLabel, Icon, Label
from techkit.ui.widgets.meters import Meter
from techkit.ui.widgets.pages import Page
from techkit.ui.widgets.planned import PlanCard
from techkit.ui.widgets.rows import Rows, Slot
from techkit.ui.widgets.times import TimesCard

if TYPE_CHECKING:
    from techkit.ui.presenters.files import Files
    from techkit.ui.presenters.times import Times
    from techkit.ui.presenters.work import Work

#: proof -> tag tone and icon; the words come with the entry.
_PROOFS = {
    "inventory": ("ok", "seal-check"),
    "reading": ("ok", "seal-check"),
    "not_proven": ("bad", "warning-octagon"),
    "not_provable": ("none", "minus-circle"),
}
#: standing of a budget -> colour of its bar.
_STANDINGS = {"within": "focus", "warn": "watch", "stop": "bad"}


class WorkPage(Page):
    """Step 3 of a visit: what was done, drafted by the computer, confirmed by the technician."""

    def __init__(
        self,
        work: Work,
        files: Files,
        search: Callable[[], object] | None,
        open_card: Callable[[str], object] | None = None,
        make_template: Callable[[], object] | None = None,
        times: Times | None = None,
    ) -> None:
        super().__init__(
            _("Work done"),
            _("The computer shows what changed; you confirm it. Write what the customer would recognise."),
            search=search,
        )
        self._work = work
        self._open_card = open_card
        self._shown: WorkStepState | None = None
        self._look = self.add_action(
            Button(_("Look again"), "outline", icon="arrows-clockwise", press=work.look_again)
        )
        self._drafts = DraftsCard(work.drafting)
        self._template = self.add_action(
            Button(_("Keep as a template"), "outline", icon="stack", press=make_template)
        )
        self._may_make_template = make_template is not None
        self._plan = PlanCard(work.do_planned)
        self._no_drafts = Slot(self._make_no_drafts)
        self._entries: Rows[EntryRow] = Rows(self._make_entry, key=lambda item: item.id, gap=10)
        self._entries_line = Label("", "small")
        self._times = TimesCard(times) if times is not None else None
        self._to_times = Button(_("Times"), "link", icon="timer", press=self._go_to_times, shortcut="Alt+T")
        theme.show_or_hide(self._to_times, self._times is not None)
        self._empty = Card(
            empty_state("clipboard-text", _("Nothing is recorded yet"), "", size=52), margins=8
        )
        self._example = Label("", "small", wraps=True)
        self._tiles: dict[str, Button] = {}
        self._tile_row = holder(Flow(gap=8))
        self._form = FormView()
        self._form.left.connect(work.fill)
        self._form.typing.connect(work.type_ahead)
        self._form.row_added.connect(work.add_row)
        self._form.row_removed.connect(work.remove_row)
        self._catalogue = CatalogueCard(work.catalogue, self._choose_product)
        self._people_part = AttendancePart(work)
        self._decision = Slot(_decision_card)
        self._hints: Rows[CardHint] = Rows(self._make_hint, key=lambda item: item.id, has_lines=True)
        self._hints_title = Label("", "caption")
        self._hints_card = Card(self._hints_title, self._hints, gap=6)
        self._notice = Label("", "small_strong", wraps=True)
        self._time = Choice(_("Time in minutes"), (), kind="chip")
        self._time.chosen.connect(work.choose_minutes)
        self._minutes = LineEdit("", _("Other"), name=_("Other time in minutes"))
        self._minutes.setMaximumWidth(theme.look().px(90))
        self._minutes.setMaxLength(4)
        self._minutes.left.connect(self._type_minutes)
        self._time_part = holder(
            row(Label(_("Time"), "small_strong"), Grow(self._time), self._minutes, gap=10)
        )
        self._add = Button(_("Add entry"), "soft", icon="plus", press=self._add_entry, shortcut="Alt+A")
        self._cancel = Button(_("Close the form"), "ghost", press=work.close_form)
        self._whole = Button(
            _("Keep the whole text as a file"), "outline", icon="file-text", press=self._keep_whole
        )
        self._form_part = holder(
            column(
                self._catalogue,
                self._form,
                self._decision,
                self._people_part,
                self._time_part,
                row(self._whole, Grow(), self._cancel, self._add, gap=8),
                gap=12,
            )
        )
        self._form_title = Label(_("Add something else"), "section")
        self._form_card = Card(
            row(Grow(self._form_title), Label(_("Choose with Alt+1 … Alt+8"), "small")),
            self._tile_row,
            self._example,
            self._form_part,
            gap=12,
            margins=18,
        )
        for part in (
            self._drafts,
            self._no_drafts,
            holder(
                column(
                    row(
                        Grow(Label(_("Recorded so far"), "section")),
                        self._entries_line,
                        self._to_times,
                        gap=8,
                    ),
                    self._notice,
                    self._entries,
                    self._empty,
                    gap=8,
                )
            ),
            self._form_card,
        ):
            self.body.addWidget(part)
        # Not beside the work: with plan, times and costs there, an ordinary visit had half a window of nothing.
        self.files = FilesCard(files)
        self.files.paste_by(self)
        self.body.addWidget(self.files)
        self._fill_right(work)
        self.follow(work.changed)

    def _fill_right(self, work: Work) -> None:
        self._suggestions: Rows[Proposal] = Rows(
            self._make_suggestion, key=lambda item: item.id, has_lines=True
        )
        self._suggested = Card(Label(_("Training they asked for"), "caption"), self._suggestions, gap=6)
        self._money = Slot(self._make_money)
        self._travel = _TravelCard(work)
        self.right.addWidget(self._plan)
        if self._times is not None:
            self.right.addWidget(self._times)
        self.right.addWidget(self._suggested)
        self.right.addWidget(self._hints_card)
        self.right.addWidget(self._money)
        self.right.addWidget(self._travel)

    def release(self) -> None:
        """Let go of the presenters."""
        super().release()
        self._people_part.release()
        self._catalogue.release()
        self.files.release()
        if self._times is not None:
            self._times.release()

    @property
    def form(self) -> QWidget:
        """The form's card."""
        return self._form_card

    def focus_first(self) -> None:
        """Move the focus to the drafts, else to the kinds of work; while they are looked for, to looking again."""
        if self._work.state.is_looking and not self._work.state.drafts:
            self._look.setFocus()
            return
        for button in self.findChildren(Button):
            if (
                button.isVisibleTo(self)
                and button.isEnabled()
                and button.property("kind") in ("soft", "tile")
            ):
                button.setFocus()
                return

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._work.state
        before, self._shown = self._shown, state
        if state == before:
            return
        was_adding, was_typing = has_focus_inside(self._drafts), has_focus_inside(self._form_part)
        self._drafts.show_drafts(state.drafts_title, state.drafts, state.add_label, may_add=state.may_add)
        theme.show_or_hide(self._drafts, bool(state.drafts))
        theme.show_or_hide(self._look, state.may_look)
        self._no_drafts.show_item(
            None if state.drafts else (state.drafts_title, state.no_drafts_line, state.is_looking)
        )
        self._entries.show_items(state.entries)
        self._entries_line.setText(state.entries_line)
        theme.show_or_hide(self._empty, not state.entries and state.form is None)
        self._example.setText(state.example)
        theme.show_or_hide(self._example, bool(state.example))
        self._show_tiles(state)
        theme.show_or_hide(self._form_part, state.form is not None)
        if state.form is not None:
            self._form_title.setText(state.form.title)
            self._form.show_form(state.form)
            theme.show_or_hide(self._whole, state.form.may_keep_whole)
            self._add.set_words(state.form.add_label or _("Add entry"), shortcut="Alt+A")
            if before is None or before.form is None or before.form.kind != state.form.kind:
                self._focus_form()
        else:
            self._form_title.setText(_("Add something else"))
        if state.has_people:
            self._people_part.show_people(state)
        theme.show_or_hide(self._people_part, state.has_people)
        self._plan.show_plan(state.plan)
        theme.show_or_hide(self._template, state.may_become_template and self._may_make_template)
        self._travel.show_travel(state.travel)
        self._decision.show_item(state.decision_lines or None)
        self._hints_title.setText(state.cards_title)
        self._hints.show_items(state.cards if self._open_card is not None else ())
        theme.show_or_hide(self._hints_card, bool(state.cards) and self._open_card is not None)
        self._notice.setText(state.notice)
        theme.show_or_hide(self._notice, bool(state.notice))
        theme.show_or_hide(self._time_part, bool(state.time_chips))
        self._time.set_options((choice.value, choice.label) for choice in state.time_chips)
        chosen = next((c.value for c in state.time_chips if c.is_chosen), "")
        self._time.set_value(chosen)
        self._minutes.set_text("")
        self._suggestions.show_items(state.suggestions)
        theme.show_or_hide(self._suggested, bool(state.suggestions))
        self._money.show_item(state.money if state.money.rows else None)
        if (was_adding and not state.drafts) or (
            self._look.hasFocus() and state.drafts and not (before and before.drafts)
        ):
            self.focus_first()
        elif was_typing and state.form is None and self._tiles:
            next(iter(self._tiles.values())).setFocus(Qt.FocusReason.OtherFocusReason)

    def _type_minutes(self, text: str) -> None:
        if text.strip().isdecimal():
            self._work.choose_minutes(text.strip())

    def _go_to_times(self) -> None:
        """Go to the times, wherever the window's width puts them."""
        if self._times is not None:
            self._times.focus_first()

    def _focus_form(self) -> None:
        if self._work.catalogue.state is not None:
            self._catalogue.focus_first()
        else:
            self._form.focus_first()

    def _choose_product(self, product_id: str) -> None:
        """Take a product and go on where the rest is typed: how many there are of it."""
        self._work.choose_product(product_id)
        self._form.focus_field("quantity")

    def _keep_whole(self) -> None:
        # The button goes with what it is for; the keyboard stays at the form.
        self._add.setFocus(Qt.FocusReason.OtherFocusReason)
        self._work.keep_whole_text()

    def _add_entry(self) -> None:
        self._add.setFocus()
        self._work.add_entry()

    # --- parts

    def _show_tiles(self, state: WorkStepState) -> None:
        offered = (*state.tiles, *state.more_tiles)
        if list(self._tiles) != [tile.value for tile in offered]:
            layout = self._tile_row.layout()
            for button in self._tiles.values():
                button.hide()
                button.deleteLater()
            self._tiles = {}
            for place, tile in enumerate(offered):
                keys = f"Alt+{place + 1}" if place < len(state.tiles) else ""
                button = Button(
                    tile.label,
                    "tile",
                    icon=tile.icon,
                    press=functools.partial(self._work.choose_kind, tile.value),
                    shortcut=keys,
                )
                button.setCheckable(True)
                if layout is not None:
                    layout.addWidget(button)
                self._tiles[tile.value] = button
        for tile in offered:
            self._tiles[tile.value].setChecked(tile.is_chosen)

    def _make_no_drafts(self, shown: tuple[str, str, bool]) -> QWidget:
        title, text, is_looking = shown
        return Card(
            row(
                At(Icon("circle-notch" if is_looking else "sparkle", "accentText", 22), TOP),
                Grow(
                    column(
                        Label(title or _("Seen on this computer"), "section", wraps=True),
                        Label(_("Looking at the computer …") if is_looking else text, "small", wraps=True),
                        gap=2,
                    )
                ),
                gap=10,
            ),
            margins=18,
        )

    def _make_entry(self, entry: EntryRow) -> QWidget:
        tags = [Tag(entry.kind_label, "none")]
        tags += [Tag(text, tone or "none", icon) for icon, text, tone in entry.tags]
        if entry.proof and entry.proof_label:
            tone, icon = _PROOFS.get(entry.proof, _PROOFS["not_provable"])
            tags.append(Tag(entry.proof_label, tone, icon, "fill"))
        words = column(
            Label(entry.title, "row", wraps=True),
            Label(entry.line, "small", wraps=True) if entry.line else None,
            holder(Flow(*tags, gap=6)),
            gap=3,
        )
        return Card(
            row(
                At(IconTile(entry.icon, "accent", 38, 21), TOP),
                Grow(words),
                At(Label(entry.time_text, "strong"), TOP) if entry.time_text else None,
                At(
                    IconButton(
                        "cards",
                        _("Make a how-to card of it: {title}", title=entry.title),
                        lambda: self._work.hints.keep(entry.id),
                    ),
                    TOP,
                )
                if entry.may_become_card
                else None,
                At(
                    IconButton(
                        "receipt",
                        _("Attach the receipt: {title}", title=entry.title),
                        lambda: self.files.choose(entry.id),
                    ),
                    TOP,
                )
                if entry.kind == "expense" and not entry.tags
                else None,
                At(
                    IconButton(
                        "pencil-simple",
                        _("Change: {title}", title=entry.title),
                        lambda: self._work.edit(entry.id),
                    ),
                    TOP,
                ),
                At(
                    IconButton(
                        "trash", _("Remove: {title}", title=entry.title), lambda: self._work.remove(entry.id)
                    ),
                    TOP,
                ),
                gap=12,
            ),
            margins=(14, 12, 8, 12),
        )

    def _make_hint(self, hint: CardHint) -> QWidget:
        open_card = self._open_card or (lambda _id: None)
        take = Button(_("Use as the answer"), "link", press=lambda: self._work.take_card(hint.id))
        take.setAccessibleName(_("Use as the answer: {title}", title=hint.title))
        return holder(
            column(
                PressRow(
                    Icon("cards", "accentText", 18),
                    Grow(column(Label(hint.title, "small_strong", wraps=True), gap=1)),
                    name=f"{hint.title}. {hint.line}",
                    press=lambda: open_card(hint.id),
                    margins=(4, 6, 4, 6),
                ),
                row(24, take, Grow()) if hint.may_answer else None,
                gap=0,
            )
        )

    def _make_suggestion(self, proposal: Proposal) -> QWidget:
        suggest = functools.partial(self._work.add_suggestion, proposal.id)
        return ProposalRow(proposal, Icon("graduation-cap", "accentText", 18), suggest, margins=(4, 6, 4, 6))

    def _make_money(self, money: MoneyState) -> QWidget:
        return money_card(money)


class _TravelCard(Card):
    """Whether the way is charged, and how far it was."""

    def __init__(self, work: Work) -> None:
        self._charged = Tick(_("The way is charged"), press=work.travel.charge)
        self._km = LineEdit(name=_("Kilometres there and back"))
        self._km.left.connect(work.travel.fill_km)
        self._km.typing.connect(work.travel.type_km)
        self._km_box = FieldBox(_("Kilometres there and back"), self._km)
        super().__init__(Label(_("Travel"), "caption"), self._charged, self._km_box, gap=7)

    def show_travel(self, travel: TravelState | None) -> None:
        """Show how the way is charged; nothing where no rate names it."""
        theme.show_or_hide(self, travel is not None)
        if travel is not None:
            self._charged.setChecked(travel.is_charged)
            self._km.set_text(travel.km)
            self._km_box.show_error(travel.error)
            theme.show_or_hide(self._km_box, travel.has_km and travel.is_charged)


def money_card(money: MoneyState) -> Card:
    """Return what the visit costs so far, what the contract holds, and each budget afterwards."""
    lines: list[QWidget] = []
    for item in money.rows:
        role = "strong" if item.is_total else "small"
        if item.is_total:
            lines.append(line())
        lines.append(
            holder(
                row(
                    Grow(ElidedLabel(item.label, role)),
                    Label(item.amount, "strong" if item.is_total else "small_strong"),
                    gap=8,
                )
            )
        )
    lines += [_budget(budget) for budget in money.budgets]
    return Card(
        Label(_("Costs so far"), "caption"),
        *lines,
        Label(money.contract_line, "small", wraps=True) if money.contract_line else None,
        *(Label(text, "small", wraps=True, tone="watch") for text in money.missing),
        gap=7,
    )


def _budget(budget: BudgetRow) -> QWidget:
    bar = None
    if budget.used_share is not None:
        bar = Meter(
            f"{budget.label}: {budget.sentence}",
            budget.used_share,
            colour=_STANDINGS.get(budget.standing, "focus"),
            mark=budget.warn_share,
        )
    tone = {"warn": "watch", "stop": "bad"}.get(budget.standing, "")
    return holder(
        column(
            row(Grow(ElidedLabel(budget.label, "small_strong")), Label(budget.amount, "small_strong"), gap=8),
            bar,
            Label(budget.sentence, "small", wraps=True, tone=tone),
            gap=4,
            margins=(0, 6, 0, 0),
        )
    )


def _decision_card(lines: tuple[str, ...]) -> QWidget:
    """Return what stands behind a decision, beside it."""
    rows = [
        row(At(Icon("scales", "text2", 18), TOP), Grow(Label(text, "small", wraps=True)), gap=8)
        for text in lines
    ]
    return Card(*rows, kind="soft", margins=12, gap=6)
