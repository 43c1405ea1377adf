"""Step Check: choose a plan, watch it run, read the results, open the evidence."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QGridLayout, QLayout, QWidget

from techkit.i18n import _
from techkit.records.findings import Verdict
from techkit.ui import theme
from techkit.ui.controls import Tick
from techkit.ui.presenters.check_rows import AreaRow, CheckState, EvidenceRow
from techkit.ui.presenters.check_rows import Card as FindingCard
from techkit.ui.presenters.check_rows import Drawer as EvidenceState
from techkit.ui.presenters.choices import Choice, Notice, Proposal
from techkit.ui.widgets.banner import announce, look_banner
from techkit.ui.widgets.boxes import HCENTRE, MIDDLE, TOP, At, Grow, column, holder, row
from techkit.ui.widgets.buttons import Button, actions
from techkit.ui.widgets.cards import Card, IconTile, PressRow, Tag, computer_proposal
from techkit.ui.widgets.charts import Sparkline
from techkit.ui.widgets.drawer import Drawer, raw_lines
from techkit.ui.widgets.exporting import ExportCard, ExportPanel
from techkit.ui.widgets.finding_notes import NotesBox, note_line
from techkit.ui.widgets.flowing import Flow
from techkit.ui.widgets.focus import bring_into_sight, first_control
from techkit.ui.widgets.hands import HandsCard, HandsPanel
from techkit.ui.widgets.labels import ElidedLabel, Icon, Label
from techkit.ui.widgets.line_test import LineTestCard
from techkit.ui.widgets.pages import NARROW, WIDE, Page
from techkit.ui.widgets.part_look import PartLookCard
from techkit.ui.widgets.rights import RightsCard
from techkit.ui.widgets.rows import Rows, Slot
from techkit.ui.widgets.running import RunningView, UsageCard
from techkit.ui.widgets.turns import later, paint_later
from techkit.ui.widgets.verdicts import VerdictCard, verdict_icon, verdict_pill

if TYPE_CHECKING:
    from techkit.ui.presenters.check import Check

#: A check's progress is read out at these shares. Source: the design, chapter 6.
_ANNOUNCED = (0.25, 0.5, 0.75, 1.0)


class CheckPage(Page):
    """Step 2 of a visit: how the computer is before the work, and what explains the complaint.

    go_on_asked: the next step is wanted while the check runs.
    """

    go_on_asked = Signal()

    def __init__(
        self,
        check: Check,
        search: Callable[[], object] | None,
        open_card: Callable[[str], object] | None = None,
        papers: Path | None = None,
    ) -> None:
        super().__init__(_("Check"), search=search)
        self._check = check
        self._open_card = open_card
        self._shown: CheckState | None = None
        self._is_due = False
        self._told_share = 0.0
        self._is_wide = self._is_elsewhere = False
        self.drawer = Drawer()
        self.drawer.closed.connect(check.close_evidence)
        self._again = self.add_action(
            Button(_("Check again"), "outline", icon="arrows-clockwise", press=check.start, shortcut="Ctrl+D")
        )
        self._try = self.add_action(Button(_("Try by hand"), "outline", icon="hand", press=check.hands.open))
        self._notice = Slot(self._make_notice)
        self._which = Slot(self._make_which)
        self._choose = Slot(self._make_choose)
        self._part_look = PartLookCard(check.part_look, self.focus_first)
        self._running = RunningView(check.stop, self.go_on_asked.emit)
        self._results = holder(self._build_results())
        self._hands = HandsPanel(check.hands)
        self._export = ExportPanel(check.exporting, papers)
        for part in (
            self._notice, self._which, self._choose, self._part_look, self._running, self._results, self._hands, self._export
        ):  # fmt: skip
            self.body.addWidget(part)
        self._leave_hands = check.hands.changed.subscribe(self._show_hands)
        self._leave_export = check.exporting.changed.subscribe(self._show_hands)
        self.follow(check.changed)

    def release(self) -> None:
        """Let go of the presenters."""
        super().release()
        self._leave_hands()
        self._leave_export()
        self._export.release()
        self._rights.release()
        self._part_look.release()
        self._line_test.release()
        self._hands.release()
        self._check.hands.close()

    def focus_first(self) -> None:
        """Move the focus to the one thing to do: say which computer it is, start, or the first result."""
        if self._hands.isVisibleTo(self):
            self._hands.focus_first()
            return
        which = first_control(self._which)
        if which is not None and self._which.isVisibleTo(self):
            which.setFocus()
            return
        for button in self.findChildren(Button):
            if button.isVisibleTo(self) and button.property("kind") in ("big", "primary"):
                button.setFocus()
                return
        if self._running.isVisible():
            self._running.focus_stop()
            return
        shown = self._cards.widgets()
        first = shown[0].findChild(Button) if shown else None
        if first is not None:
            first.setFocus()
            later(self, lambda: self._show_from_the_top(first))

    def _show_from_the_top(self, first: QWidget) -> None:
        """Keep what counts all results in sight above the first of them, as far as both have room."""
        if first.hasFocus():
            self.content.ensureVisible(0, 0)
            bring_into_sight(first)

    def set_width(self, width: int) -> None:
        """Leave the count tiles to the heading's sentence where room is scarce."""
        super().set_width(width)
        theme.show_or_hide(self._counts_place, width >= NARROW)
        self._running.set_width(width)
        self._is_wide = width >= WIDE
        self._show_hands()

    def open_drawer(self) -> None:
        """Open the evidence of the first result (Ctrl+.)."""
        if self._check.state.cards:
            self._check.open_evidence(self._check.state.cards[0].key)

    def render_state(self) -> None:
        """Show the presenter's state."""
        state, before = self._check.state, self._shown
        if state == before:
            return
        if before is not None and before.phase == "running" != state.phase and not self._is_due:
            # In a turn of its own: the end of a run is told to all steps, and this page is drawn anew.
            self._is_due = True
            later(self, self.render_state)
            return
        self._shown, self._is_due = state, False
        if before is None or before.phase != state.phase:
            paint_later(self)
        focus = QApplication.focusWidget()
        had_focus = focus is not None and self.isAncestorOf(focus)
        self.set_heading(_("Check"), state.when_line or state.computer)
        self._notice.show_item(state.notice)
        is_choosing = state.phase == "choose"
        has_computer = not state.proposals
        self._which.show_item(state.proposals if is_choosing and not has_computer else None)
        self._choose.show_item(
            (state.plans, state.needs_consent, state.consent_sentence)
            if is_choosing and has_computer
            else None
        )
        self._part_look.offer(is_choosing and has_computer and not state.needs_consent)
        theme.show_or_hide(self._running, state.phase == "running")
        if state.phase == "running":
            self._running.show_state(state)
            self._tell_progress(state)
        self._show_hands()
        theme.show_or_hide(self._again, state.phase in ("results", "failed"))
        if state.again_label:
            self._again.set_words(state.again_label, shortcut="Ctrl+D")
        if state.phase == "results":
            self._show_results(state)
            if before is not None and before.phase == "running" and self.isVisible():
                announce(self, state.heading)
        if before is not None and _asks(before) != _asks(state) and had_focus:
            # Or the focus falls to whatever comes next, as what had it is gone.
            if state.phase == "results":
                self._again.setFocus()
                later(self, self._focus_results)  # once the first card is there
            else:
                self.focus_first()
        self._show_drawer(before.drawer if before is not None else None, state.drawer)

    def _focus_results(self) -> None:
        if self._again.hasFocus():
            self.focus_first()

    def _show_hands(self) -> None:
        """Show what is tried by hand, or what is given away, in the place of the results."""
        hands, giving = self._check.hands.state, self._check.exporting.state
        self._hands_card.show_rows(hands.rows)
        self._hands.render_state()
        self._export.render_state()
        is_open = hands.is_open or giving.is_open
        is_at_results = self._check.state.phase == "results" and not is_open
        theme.show_or_hide(self._results, is_at_results)
        # Where room is scarce the card among the results is the way in.
        has_room = self._is_wide and self._check.state.drawer is None
        theme.show_or_hide(self._try, is_at_results and has_room)
        was_open, self._is_elsewhere = self._is_elsewhere, is_open
        if was_open and not is_open and self.isVisible():
            later(self, self.focus_first)

    def _tell_progress(self, state: CheckState) -> None:
        if state.share < self._told_share:
            self._told_share = 0.0
        due = [share for share in _ANNOUNCED if self._told_share < share <= state.share]
        if due:
            self._told_share = due[-1]
            announce(self, state.progress_line)

    # --- choose

    def _make_notice(self, notice: Notice) -> QWidget:
        return look_banner(notice, self._check.looking.act)

    def _make_which(self, proposals: tuple[Proposal, ...]) -> QWidget:
        return Card(
            Label(_("Which computer is it about?"), "section"),
            Label(_("The visit has none yet: take one in, and it can be checked."), "body2", wraps=True),
            *(computer_proposal(proposal, self._check.held.computers.confirm) for proposal in proposals),
            margins=18,
            gap=8,
        )

    def _make_choose(self, shown: tuple[tuple[Choice, ...], bool, str]) -> QWidget:
        plans, needs_consent, sentence = shown
        if needs_consent:
            return Card(
                row(
                    At(IconTile("shield-check", "info", 44, 24), TOP),
                    Grow(
                        column(
                            Label(_("Ask before reading this computer"), "section"),
                            Label(sentence, "body2", wraps=True),
                            holder(
                                actions(
                                    Button(
                                        _("Customer agrees"),
                                        "primary",
                                        icon="check",
                                        press=self._check.give_consent,
                                    ),
                                    Button(
                                        _("Customer refuses"), "outline", press=self._check.refuse_consent
                                    ),
                                )
                            ),
                            gap=10,
                        )
                    ),
                    gap=14,
                ),
                margins=18,
            )
        rows = [self._make_plan(plan) for plan in plans]
        start = Button(
            _("Start the check"), "big", icon="heartbeat", press=self._check.start, shortcut="Ctrl+D"
        )
        return Card(
            Label(_("How closely shall we look?"), "section"),
            *rows,
            row(
                Grow(Label(_("It only reads. Nothing on the computer is changed."), "small", wraps=True)),
                start,
            ),
            gap=10,
            margins=18,
        )

    def _make_plan(self, plan: Choice) -> QWidget:
        title, _dash, line = plan.label.partition(" – ")
        chosen = _("Chosen")
        made = PressRow(
            Icon("check-circle" if plan.is_chosen else "circle", "accentText" if plan.is_chosen else "text3", 22,
                 "fill" if plan.is_chosen else "regular"),
            Grow(column(Label(title, "row"), Label(line, "small", wraps=True) if line else None, gap=1)),
            name=plan.label + (f". {chosen}" if plan.is_chosen else ""),
            press=lambda: self._check.choose_plan(plan.value),
        )  # fmt: skip
        made.set_selected(plan.is_chosen)
        return made

    # --- results

    def _build_results(self) -> QLayout:
        self._heading = Label("", "title", wraps=True)
        self._line = Label("", "small", wraps=True)
        self._counts = Slot(self._make_counts, is_late=True)
        self._counts_place = holder(row(self._counts))
        self._cards: Rows[FindingCard] = Rows(self._make_card, key=lambda item: item.key, gap=12, at_once=0)
        self._most_busy = Slot(_busy_card, is_late=True)
        self._rights = RightsCard(self._check.rights)
        self._line_test = LineTestCard(self._check.line_test)
        self._hands_card = HandsCard(self._check.hands)
        self._areas: Rows[AreaRow] = Rows(self._make_area, key=lambda item: item.area, gap=8, at_once=0)
        return column(
            Card(
                row(Grow(column(self._heading, self._line, gap=3)), At(self._counts_place, MIDDLE), gap=18),
                margins=18,
            ),
            self._cards,
            self._rights,
            self._line_test,
            self._hands_card,
            self._most_busy,
            Label(_("Everything, by area"), "section"),
            self._areas,
            ExportCard(self._check.exporting),
            gap=14,
        )

    def _show_results(self, state: CheckState) -> None:
        self._heading.setText(state.heading)
        self._line.setText(state.line)
        self._cards.show_items(state.cards)
        self._counts.show_item(state.counts)
        self._areas.show_items(state.areas)
        self._most_busy.show_item(state.busy or None)

    def _make_counts(self, counts: tuple[tuple[Verdict, int, str], ...]) -> QWidget:
        tiles = []
        for verdict, count, word in counts:
            tiles.append(
                holder(
                    column(
                        At(Label(str(count), "number"), HCENTRE),
                        row(Grow(), verdict_icon(verdict, 16), Label(word, "small"), Grow(), gap=5),
                        gap=1,
                    )
                )
            )
        return holder(row(*tiles, gap=22))

    def _make_card(self, card: FindingCard) -> QWidget:
        evidence = Button(
            _("Evidence"),
            "link",
            icon="list-magnifying-glass",
            press=lambda: self._check.open_evidence(card.key),
        )
        evidence.setAccessibleName(_("Evidence: {title}", title=card.title))
        buttons = [evidence]
        if card.verdict in (Verdict.ACT, Verdict.WATCH):
            plan = Button(
                _("Follow-up planned") if card.has_follow_up else _("Plan a follow-up"),
                "outline",
                icon="check" if card.has_follow_up else "flag",
                press=lambda: self._check.plan_follow_up(card.key),
            )
            plan.setEnabled(not card.has_follow_up)
            record = Button(
                _("Recorded as work") if card.is_recorded else _("Record as work"),
                "outline",
                icon="check" if card.is_recorded else "plus",
                press=lambda: self._check.record_as_work(card.key),
            )
            record.setEnabled(not card.is_recorded)
            buttons = [plan, record, evidence]
        extra = None
        if card.explains_label:
            tone = "accent" if card.explains_label else "none"
            extra = holder(
                row(
                    At(Tag(card.explains_label, tone, "magnifying-glass"), TOP),
                    Grow(Label(card.explains_why, "small", wraps=True)),
                    gap=8,
                )
            )
        if card.notes:
            noted = [note_line(note) for note in card.notes]
            extra = holder(column(*([extra] if extra is not None else []), *noted, gap=6))
        sentence = card.sentence if not card.advice else f"{card.sentence} {card.advice}"
        title = f"{card.title} · {card.subject}" if card.subject else card.title
        return VerdictCard(card.verdict, title, sentence, *buttons, body=extra)

    def _make_area(self, area: AreaRow) -> QWidget:
        return _AreaCard(area, self._check.open_evidence, self._look_alone)

    def _look_alone(self, word: str) -> None:
        """Look at one part alone; what it finds is shown at the top."""
        self._check.close_evidence()
        self._check.part_look.start(word)
        later(self, lambda: self.content.ensureVisible(0, 0))

    # --- evidence

    def _offer_alone(self, check: str) -> None:
        """Offer in the drawer to make this check again and no other, where it can be made alone."""
        if check:
            self.drawer.body.addWidget(
                Button(
                    _("Look only at this again"),
                    "link",
                    icon="arrows-clockwise",
                    press=lambda: self._look_alone(check),
                )
            )

    def _show_drawer(self, before: EvidenceState | None, now: EvidenceState | None) -> None:
        if now == before:
            return
        if now is None:
            self.drawer.close_drawer()
            return
        self.drawer.open_for(now.where, now.title)
        self.drawer.head.addWidget(holder(row(verdict_pill(now.verdict), Grow())))
        for words in (now.what, now.why, now.suggestion):
            if words:
                self.drawer.body.addWidget(Label(words, "body2", wraps=True))
        if now.evidence:
            self.drawer.body.addWidget(_evidence_table(now.evidence))
        points = [value for _day, value, _text in now.history if value is not None]
        if len(points) > 1:
            self.drawer.body.addWidget(
                Label(now.history_line or _("At earlier visits"), "small_strong", wraps=True)
            )
            self.drawer.body.addWidget(Sparkline(now.history_line or _("At earlier visits"), points))
        for item in now.followed:
            values = [value for _day, value in item.points]
            self.drawer.body.addWidget(
                Card(
                    Label(item.label, "small_strong", wraps=True),
                    Sparkline(f"{item.label}: {item.line}", values, limit=item.limit),
                    Label(item.line, "tiny", wraps=True),
                    kind="soft",
                    margins=12,
                    gap=4,
                )
            )
        if now.raw:
            self.drawer.body.addWidget(raw_lines(now.raw))
        about = column(
            Label(now.source, "small", wraps=True) if now.source else None,
            Label(now.read_at, "small", wraps=True) if now.read_at else None,
            Label(now.rule_line, "tiny", wraps=True) if now.rule_line else None,
            gap=3,
        )
        self.drawer.body.addWidget(Card(about, kind="soft", margins=12))
        open_card = self._open_card
        if open_card is not None:
            for card_id, title in now.how_to:
                words = _("How to: {title}", title=title)
                press = functools.partial(open_card, card_id)
                self.drawer.body.addWidget(Button(words, "link", icon="cards", press=press))
        self.drawer.body.addWidget(NotesBox(self._check.notes, now.key, now.title))
        self._offer_alone(now.alone)
        self.drawer.foot.addWidget(self._summary_tick(now))
        if now.verdict in (Verdict.ACT, Verdict.WATCH):
            self.drawer.foot.addWidget(
                Button(
                    _("Plan a follow-up"),
                    "soft",
                    icon="flag",
                    press=lambda: self._check.plan_follow_up(now.key),
                )
            )

    def _summary_tick(self, now: EvidenceState) -> QWidget:
        """Return the tick that puts a finding on the customer's page, or the words that it stands there anyway."""
        if now.stands_anyway:
            return Label(_("Stands on the customer’s summary"), "small", wraps=True)
        on_summary = Tick(_("Show on the customer’s summary"))
        on_summary.setChecked(now.is_on_summary)
        on_summary.clicked.connect(lambda is_on: self._check.show_on_summary(now.key, is_on))
        return on_summary


def _asks(state: CheckState) -> tuple[str, bool, bool]:
    """Return what the page asks for: with another question, what had the focus is gone."""
    return state.phase, bool(state.proposals), state.needs_consent


def _busy_card(busy: tuple[tuple[str, str, float], ...]) -> QWidget:
    """Return the programs that used most of the computer, each with its share."""
    made = UsageCard()
    made.show_programs(busy)
    return made


class _AreaCard(Card):
    """All findings of one area, folded until asked for."""

    def __init__(
        self, area: AreaRow, open_evidence: Callable[[str], object], look_alone: Callable[[str], object]
    ) -> None:
        marks = [
            holder(row(verdict_icon(verdict, 18), Label(str(count), "strong"), gap=4))
            for verdict, count in area.counts
            if count
        ]
        self._caret = Icon("caret-right", "text3", 16)
        self._head = PressRow(
            Icon(area.icon, "text2", 20),
            Grow(Label(area.label, "row")),
            holder(Flow(*marks, gap=10)),
            self._caret,
            name=area.label
            + ": "
            + ", ".join(f"{count} {_(verdict.label)}" for verdict, count in area.counts if count),
            press=self._turn,
            margins=(10, 8, 10, 8),
        )
        self._area = area
        self._open_evidence = open_evidence
        self._look_alone = look_alone
        self._rows: QWidget | None = None
        super().__init__(self._head, margins=4, gap=0)

    def _turn(self) -> None:
        if self._rows is None:
            # Made when first asked for: most areas stay folded, and a run has dozens of findings.
            rows = [self._make_row(card, self._open_evidence) for card in self._area.rows]
            again = Button(
                _("Look only at this again"),
                "link",
                icon="arrows-clockwise",
                press=lambda: self._look_alone(self._area.area),
            )
            again.setAccessibleName(_("Look only at: {part}", part=self._area.label))
            self._rows = holder(column(*rows, row(8, again, Grow()), gap=0))
            self._rows.hide()
            self.box.addWidget(self._rows)
        is_open = not self._rows.isVisibleTo(self)
        theme.show_or_hide(self._rows, is_open)
        self._caret.set_icon("caret-down" if is_open else "caret-right", "text3")

    def _make_row(self, card: FindingCard, open_evidence: Callable[[str], object]) -> QWidget:
        title = f"{card.title} · {card.subject}" if card.subject else card.title
        return PressRow(
            verdict_icon(card.verdict, 18),
            Grow(ElidedLabel(title, "body")),
            ElidedLabel(card.value_text or card.verdict_label, "small"),
            name=f"{card.verdict_label}: {title}. {card.sentence}",
            press=lambda: open_evidence(card.key),
            margins=(12, 5, 12, 5),
        )


def _evidence_table(rows: tuple[EvidenceRow, ...]) -> QWidget:
    """Return value, limit and verdict of each reading; the columns of all rows stand below each other."""
    px = theme.look().px
    grid = QGridLayout()
    grid.setHorizontalSpacing(px(8))
    grid.setVerticalSpacing(px(8))
    for column_number, share in enumerate((5, 4, 4, 0)):
        grid.setColumnStretch(column_number, share)
    for number, item in enumerate(rows):
        grid.addWidget(Label(item.label, "small", wraps=True), number, 0)
        # A value without a limit takes the limit's room, too: it may be a sentence.
        grid.addWidget(Label(item.value, "small_strong", wraps=True), number, 1, 1, 1 if item.limit else 2)
        if item.limit:
            grid.addWidget(Label(item.limit, "tiny", wraps=True), number, 2)
        if item.verdict is not Verdict.NOT_APPLICABLE:
            grid.addWidget(verdict_icon(item.verdict, 16), number, 3, MIDDLE)
    return Card(grid, margins=12)
