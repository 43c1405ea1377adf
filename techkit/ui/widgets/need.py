"""Step Need: the customer's own words big, then person, computer, payer and consent to confirm."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.controls import FieldBox, Select, TextEdit
from techkit.ui.presenters.choices import Proposal
from techkit.ui.presenters.need import ComputerRow, NeedState
from techkit.ui.widgets.banner import Banner
from techkit.ui.widgets.boxes import MIDDLE, TOP, At, Grow, column, holder, line, row
from techkit.ui.widgets.buttons import Button, Choice, actions
from techkit.ui.widgets.cards import Card, IconTile, PressRow, Tag, computer_proposal
from techkit.ui.widgets.cases import OpenCasesCard
from techkit.ui.widgets.cost_shares import SharesCard
from techkit.ui.widgets.ending import EndingCard
from techkit.ui.widgets.forms import FormView
from techkit.ui.widgets.labels import ElidedLabel, Icon, Label
from techkit.ui.widgets.pages import Page
from techkit.ui.widgets.rows import Rows, Slot

if TYPE_CHECKING:
    from techkit.ui.presenters.cases import Cases
    from techkit.ui.presenters.ending import Ending
    from techkit.ui.presenters.need import Need

#: How each answer to "may we read the computer" looks: icon and tone.
_CONSENT = {
    "given": ("check-circle", "ok"),
    "refused": ("minus-circle", "none"),
    "not_asked": ("info", "info"),
}


class NeedPage(Page):
    """Step 1 of a visit: hear the need, confirm what is known."""

    def __init__(
        self,
        need: Need,
        search: Callable[[], object] | None,
        ending: Ending | None = None,
        cases: Cases | None = None,
    ) -> None:
        super().__init__(
            _("What is it about?"),
            _("Write it down in the customer’s words; everything known is filled in already."),
            search=search,
        )
        self._need = need
        self._shown: NeedState | None = None
        self._errors = Slot(self._make_errors)
        self._purpose = TextEdit(
            placeholder=_("“My computer has been very slow since last week.”"),
            name=_("The need in the customer’s words"),
            lines=3,
        )
        self._purpose.setProperty("size", "large")
        self._purpose.left.connect(lambda: need.set_purpose(self._purpose.text()))
        self._purpose.typing.connect(need.type_ahead)
        self._whole = Button(
            _("Keep the whole text as a file"), "outline", icon="file-text", press=self._keep_whole
        )
        self._complaint = Choice(_("What it is about"), (), kind="chip")
        self._complaint.chosen.connect(need.choose_complaint)
        self._person = Slot(self._make_person)
        self._payer = Slot(self._make_payer)
        self._shares = SharesCard(need.cost_shares)
        self._consent = Slot(self._make_consent)
        self._form = FormView()
        self._form.left.connect(self._fill)
        self._form.typing.connect(self._type_ahead)
        self._change: Button | None = None
        self._form_card = Card(
            self._form,
            holder(actions(Button(_("Close the form"), "outline", press=self._close_form))),
            gap=12,
        )
        self._cases = OpenCasesCard(cases) if cases is not None else None
        self._computers = Rows(self._make_computer, key=lambda item: item.asset_id, has_lines=True)
        self._proposals = Rows(self._make_proposal, key=lambda item: item.id, gap=2)
        self._computers_card = Card(
            Label(_("Computers of this visit"), "caption"), self._computers, self._proposals, gap=8
        )
        self._known = Slot(self._make_known)
        for part in (
            self._errors,
            Card(
                Label(_("In the customer’s own words"), "caption"),
                self._purpose,
                row(self._whole, Grow()),
                self._complaint,
                gap=12,
                margins=18,
            ),
            self._cases,
            self._person,
            self._form_card,
            self._consent,
            self._payer,
            self._shares,
        ):
            if part is not None:
                self.body.addWidget(part)
        self.right.addWidget(self._computers_card)
        self.right.addWidget(self._known)
        self._ending = EndingCard(ending) if ending is not None else None
        if self._ending is not None:
            self.right.addWidget(self._ending)
        self.follow(need.changed)

    def release(self) -> None:
        """Let go of the presenters."""
        super().release()
        for card in (self._ending, self._cases):
            if card is not None:
                card.release()

    def focus_first(self) -> None:
        """Move the focus to the need."""
        self._purpose.setFocus()

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._need.state
        if state == self._shown:
            return
        self._shown = state
        self._errors.show_item(state.errors or None)
        theme.show_or_hide(self._whole, state.may_keep_whole)
        self._purpose.set_text(state.purpose)
        self._purpose.setReadOnly(state.is_locked)
        self._complaint.set_options((choice.value, choice.label) for choice in state.complaints)
        chosen = next((choice.value for choice in state.complaints if choice.is_chosen), "")
        self._complaint.set_value(chosen)
        self._complaint.setEnabled(not state.is_locked)
        theme.show_or_hide(self._form_card, state.form is not None)
        if state.form is not None:
            self._form.show_form(state.form)
        self._person.show_item(
            (
                state.customer,
                state.customer_line,
                state.person,
                state.person_line,
                state.site_line,
                state.people,
                bool(state.person) and not state.is_locked,
            )
            if state.customer or state.person
            else None
        )
        self._payer.show_item(
            (state.payer, state.payer_line, state.payers) if state.payer or state.payers else None
        )
        self._shares.show_shares(
            state.shares, state.shares_line, state.other_centres, is_locked=state.is_locked
        )
        self._consent.show_item((state.consent, state.consent_sentence))
        self._computers.show_items(state.computers)
        self._proposals.show_items(state.proposals)
        theme.show_or_hide(self._proposals, bool(state.proposals))
        theme.show_or_hide(self._computers_card, bool(state.computers or state.proposals))
        self._known.show_item(state.good_to_know or None)

    def _fill(self, name: str, text: str) -> None:
        form = self._need.state.form
        if form is not None:
            self._need.edit(form.kind, name, text)

    def _type_ahead(self, name: str, text: str) -> None:
        form = self._need.state.form
        if form is not None:
            self._need.type_ahead_in(form.kind, name, text)

    # --- parts

    def _make_errors(self, errors: tuple[tuple[str, str, str], ...]) -> QWidget:
        """Return the summary of what is missing; each line leads to its field."""
        links = [
            Button(f"{label}: {sentence}", "link", press=functools.partial(self._focus_field, name))
            for name, label, sentence in errors
        ]
        return Banner("bad", _("Before we go on"), _("These are still open:"), *links)

    def _keep_whole(self) -> None:
        # The button goes with what it is for; the keyboard stays at the need.
        self._purpose.setFocus(Qt.FocusReason.OtherFocusReason)
        self._need.keep_whole_text()

    def _focus_field(self, name: str) -> None:
        if name == "purpose":
            self._purpose.setFocus(Qt.FocusReason.OtherFocusReason)
        elif name.startswith("share."):
            self._shares.focus_share(name.removeprefix("share."))
        elif name.startswith("contact."):
            self._form.focus_field(name.removeprefix("contact."))

    def _open_form(self) -> None:
        self._need.change_person()
        self._form.focus_first()

    def _close_form(self) -> None:
        # The form goes; the keyboard returns to what opened it.
        (self._change or self._purpose).setFocus(Qt.FocusReason.OtherFocusReason)
        self._need.close_person()

    def _make_person(self, shown: tuple[str, str, str, str, str, tuple[object, ...], bool]) -> QWidget:
        customer, customer_line, person, person_line, site_line, _people, may_change = shown
        change = None
        if len(self._need.state.people) > 1:
            people = Select(((c.value, c.label) for c in self._need.state.people), name=_("Another person"))
            people.set_value(next((c.value for c in self._need.state.people if c.is_chosen), ""))
            people.picked.connect(self._need.choose_person)
            change = FieldBox(_("Another person?"), people)
        words = column(
            ElidedLabel(person or customer, "section"),
            Label(person_line, "small", wraps=True) if person_line else None,
            ElidedLabel(
                " · ".join(
                    part for part in (customer if person not in ("", customer) else "", customer_line) if part
                ),
                "small",
            ),
            ElidedLabel(site_line, "tiny") if site_line else None,
            gap=2,
        )
        edit = None
        if may_change:
            edit = Button(
                _("Edit"),
                "link",
                icon="pencil-simple",
                press=self._open_form,
                name=_("Edit {name}", name=person[:60]),
            )
        self._change = edit
        still = holder(column(Tag(_("Still right?"), "info", "question"), edit, gap=4))
        return Card(
            row(At(IconTile("user", "accent", 44, 24), TOP), Grow(words), At(still, TOP), gap=14),
            change,
        )

    def _make_payer(self, shown: tuple[str, str, tuple[object, ...]]) -> QWidget:
        payer, payer_line, _payers = shown
        change = None
        if len(self._need.state.payers) > 1:
            payers = Select(((c.value, c.label) for c in self._need.state.payers), name=_("Who pays"))
            payers.set_value(next((c.value for c in self._need.state.payers if c.is_chosen), ""))
            payers.picked.connect(self._need.choose_payer)
            change = payers
        words = column(
            Label(_("Who pays"), "caption"),
            ElidedLabel(payer, "row"),
            Label(payer_line, "small", wraps=True) if payer_line else None,
            gap=2,
        )
        return Card(
            row(
                At(IconTile("hand-coins", "none", 40, 22), TOP),
                Grow(words),
                At(change, MIDDLE) if change else None,
                gap=14,
            )
        )

    def _make_consent(self, shown: tuple[str, str]) -> QWidget:
        consent, sentence = shown
        icon, tone = _CONSENT[consent]
        buttons = []
        if consent != "given":
            buttons.append(Button(_("Customer agrees"), "outline", press=self._need.give_consent))
        if consent != "refused":
            buttons.append(Button(_("Customer refuses"), "outline", press=self._need.refuse_consent))
        return Card(
            row(
                At(Icon(icon, tone, 22, "fill"), TOP),
                Grow(
                    column(
                        Label(_("May we read this computer?"), "row"),
                        Label(sentence, "small", wraps=True),
                        holder(actions(*buttons)),
                        gap=6,
                    )
                ),
                gap=12,
            )
        )

    def _make_computer(self, computer: ComputerRow) -> QWidget:
        words = column(
            ElidedLabel(computer.name, "strong"),
            ElidedLabel(computer.line, "tiny") if computer.line else None,
            gap=1,
        )
        made = PressRow(
            Icon("desktop", "accentText" if computer.is_in_hand else "text2", 20),
            Grow(words),
            Tag(_("In hand"), "accent") if computer.is_in_hand else None,
            name=". ".join(part for part in (computer.name, computer.line) if part),
            press=lambda: self._need.choose_computer(computer.asset_id),
            margins=(8, 6, 8, 6),
        )
        made.set_selected(computer.is_in_hand)
        return made

    def _make_proposal(self, proposal: Proposal) -> QWidget:
        return computer_proposal(proposal, self._need.held.computers.confirm)

    def _make_known(self, pairs: tuple[tuple[str, str], ...]) -> QWidget:
        # In full: a wish that is cut is a wish not kept.
        told = [
            column(Label(label, "tiny"), Label(text, "small_strong", wraps=True), gap=1)
            for label, text in pairs
        ]
        return Card(Label(_("Good to know"), "caption"), line(), *told, gap=8)
