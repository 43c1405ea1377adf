"""A computer's page: what changed on it, how it does over time, the last check, its programs and visits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.records.findings import Verdict
from techkit.records.trends import Trend
from techkit.ui import theme
from techkit.ui.controls import FieldBox, Select
from techkit.ui.presenters.choices import Choice, Proposal
from techkit.ui.presenters.computer import Change, ComputerState, FindingLine
from techkit.ui.presenters.record_page import Line
from techkit.ui.widgets.boxes import Grow, column, holder, line, row
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.cards import Card, IconTile, Tag, empty_state, facts, loading_rows
from techkit.ui.widgets.charts import Sparkline
from techkit.ui.widgets.details import DetailPage, SoftwareList, open_row, plain_row, section
from techkit.ui.widgets.flowing import Flow
from techkit.ui.widgets.labels import ElidedLabel, Icon, Label
from techkit.ui.widgets.rows import Rows, Slot
from techkit.ui.widgets.verdicts import SHAPES, verdict_icon

if TYPE_CHECKING:
    from techkit.ui.presenters.computer import Computer


class ComputerPage(DetailPage):
    """The page of one computer. back: shows what was shown before."""

    def __init__(
        self, computer: Computer, search: Callable[[], object] | None, back: Callable[[], object]
    ) -> None:
        super().__init__(search, computer, back)
        self._computer = computer
        self._shown: ComputerState | None = None
        self._edit = self.add_action(Button(_("Edit"), "outline", icon="pencil-simple", press=computer.edit))
        self._loading = Card(loading_rows(4))
        self._gone = Card(
            empty_state(
                "eye-slash",
                _("This computer is not shown here"),
                _("It is not on this device any more, or it belongs to another customer than this computer."),
                size=72,
            )
        )
        self._choosing = Slot(self._make_choice)
        self._twins = Rows(self._make_twin, key=lambda twin: twin.id, at_once=0)
        self._elsewhere = Rows(self._make_elsewhere, key=lambda other: other.visit_id, at_once=0)
        self._same = section(
            _("Probably entered twice"),
            Card(self._twins, self._elsewhere, kind="accent", margins=10),
            line=_("Nothing is merged by itself: compare, then say it is the same computer."),
        )
        self._changes = Rows(self._make_change, at_once=0)
        self._no_changes = Label(_("Nothing changed between the inventories so far."), "small", wraps=True)
        self._changes_part = section(
            _("What changed, and since when"),
            Card(self._changes, self._no_changes, margins=(8, 10, 8, 10), gap=0),
        )
        self._trends = Rows(self._make_trend, gap=10, at_once=0)
        self._trends_part = section(_("Over the visits"), self._trends)
        self._counts = Slot(self._make_counts)
        self._findings = Rows(self._make_finding, at_once=0)
        self._checked = Label("", "small", wraps=True)
        self._checks_part = section(
            _("The last check"),
            Card(self._checked, self._counts, self._findings, margins=(12, 10, 12, 10), gap=8),
        )
        self._programs = SoftwareList(_("Programs now"))
        self._programs_line = Label("", "tiny")
        self._programs_part = section(_("Programs now"), self._programs_line, Card(self._programs, margins=6))
        self._visits = Rows(self._make_visit, key=lambda held: held.visit_id, at_once=0)
        self._visits_part = section(_("Visits"), Card(self._visits, margins=6, gap=0))
        self._parts = (
            self._same,
            self._changes_part,
            self._trends_part,
            self._checks_part,
            self._programs_part,
            self._visits_part,
        )
        for piece in (self._loading, self._gone, self._choosing, *self._parts):
            self.body.addWidget(piece)
        self._identity = Slot(self._make_identity)
        self.right.addWidget(self._identity)
        self.release_computer = computer.changed.subscribe(self.render_state)
        self.render_state()

    def release(self) -> None:
        """Let go of the presenter."""
        self.release_computer()
        self._computer.close()

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._computer.state
        if state == self._shown:
            return
        before, self._shown = self._shown, state
        self.set_heading(state.title, state.line)
        self.show_common(state.form, state.error, state.undo_line)
        is_there = not state.is_loading and not state.is_gone
        theme.show_or_hide(self._loading, state.is_loading)
        theme.show_or_hide(self._gone, state.is_gone)
        theme.show_or_hide(self._edit, is_there and state.may_change)
        self._choosing.show_item(state.customers if state.is_choosing else None)
        if before is not None and state.customers and not before.customers:
            select = self._choosing.findChild(Select)
            if select is not None:
                select.setFocus(Qt.FocusReason.OtherFocusReason)
        self._twins.show_items(state.twins)
        self._elsewhere.show_items(state.elsewhere)
        theme.show_or_hide(self._elsewhere, bool(state.elsewhere))
        self._changes.show_items(state.changes)
        theme.show_or_hide(self._no_changes, not state.changes)
        self._trends.show_items(state.trends)
        self._checked.setText(state.checked_line)
        self._counts.show_item(state.verdict_counts or None)
        self._findings.show_items(state.findings)
        theme.show_or_hide(self._findings, bool(state.findings))
        self._programs.show_programs([(p.name, p.version, p.publisher) for p in state.programs])
        self._programs_line.setText(state.programs_line)
        self._visits.show_items(state.visits)
        for part, is_shown in (
            (self._same, bool(state.twins or state.elsewhere)),
            (self._changes_part, True),
            (self._trends_part, bool(state.trends)),
            (self._checks_part, True),
            (self._programs_part, bool(state.programs)),
            (self._visits_part, bool(state.visits)),
        ):
            theme.show_or_hide(part, is_there and is_shown)
        self._identity.show_item(
            (
                state.icon,
                state.title,
                state.customer,
                state.facts,
                state.guarantee,
                state.tags,
                state.may_change,
                state.is_retired,
            )
            if is_there
            else None
        )

    # --- pieces

    def _make_identity(self, held: tuple[object, ...]) -> QWidget:
        state = self._shown
        assert state is not None  # noqa: S101 - shown before its pieces
        words, tone = state.guarantee
        buttons = []
        if state.may_change:
            retire = _("Take into use again") if state.is_retired else _("Retire it")
            buttons = [
                Button(retire, "ghost", icon="archive", press=self._computer.retire),
                Button(
                    _("Give to another customer"), "ghost", icon="swap", press=self._computer.choose_customer
                ),
            ]
        return Card(
            row(
                IconTile(state.icon, "accent", 44, 26),
                Grow(column(Label(_("Computer"), "caption"), ElidedLabel(state.title, "section"), gap=0)),
                gap=12,
            ),
            *(Tag(text, tag) for text, tag in state.tags),
            holder(
                Flow(
                    Button(state.customer[:40], "link", icon="buildings", press=self._computer.open_customer)
                )
            ),
            line(),
            facts(state.facts, width=122, wraps=True) if state.facts else None,
            row(Icon("shield-check", tone, 18, "fill"), Grow(Label(words, "small", wraps=True)), gap=8)
            if words
            else None,
            line() if buttons else None,
            holder(Flow(*buttons, gap=4)) if buttons else None,
            gap=9,
        )

    def _make_choice(self, customers: tuple[Choice, ...]) -> QWidget:
        select = Select([("", _("Choose a customer")), *((c.value, c.label) for c in customers)])
        box = FieldBox(
            _("Who has it from now on"),
            select,
            hint=_(
                "It gets a fresh record there. Its visits, inventories and checks stay with the customer it had."
            ),
        )
        give = Button(
            _("Give it away"), "primary", icon="swap", press=lambda: self._computer.give_to(select.value())
        )
        cancel = Button(_("Cancel"), "ghost", press=self._computer.cancel)
        return Card(box, holder(Flow(give, cancel, gap=8)), kind="option")

    def _make_twin(self, twin: Proposal) -> QWidget:
        same = Button(
            _("It is the same"),
            "soft",
            icon="arrows-merge",
            press=lambda: self._computer.merge(twin.id),
            name=_("{name} is the same computer", name=twin.title),
        )
        look = Button(_("Look at it"), "ghost", press=lambda: self._computer.open_other(twin.id))
        return holder(
            row(
                Grow(
                    column(
                        Label(twin.title, "strong", wraps=True),
                        Label(twin.reason, "small", wraps=True),
                        gap=2,
                    )
                ),
                holder(Flow(same, look, gap=6)),
                gap=10,
            )
        )

    def _make_elsewhere(self, other: Line) -> QWidget:
        return open_row(
            _("The same numbers at {customer}", customer=other.title),
            other.line,
            lambda: self._computer.open_other(other.visit_id),
            icon="question",
        )

    def _make_change(self, change: Change) -> QWidget:
        return open_row(
            change.title, change.line, lambda: self._computer.open_visit(change.visit_id), icon=change.icon
        )

    def _make_trend(self, trend: Trend) -> QWidget:
        values = [value for _day, value in trend.points]
        name = f"{trend.label}: {trend.sentence}"
        high = max([*values, trend.limit or 0]) * 1.05
        chart = Sparkline(
            name,
            values,
            colour="c2" if trend.is_worse else "c1",
            height=64,
            low=0,
            high=high,
            limit=trend.limit,
        )
        chart.setFixedWidth(theme.look().px(200))
        mark = Icon("warning", "watch", 18, "fill") if trend.is_worse else Icon("chart-line", "text2", 18)
        words = column(
            row(mark, Grow(Label(trend.label, "strong", wraps=True)), gap=6),
            Label(trend.sentence, "small", wraps=True),
            gap=3,
        )
        return Card(row(Grow(words), chart, gap=14), margins=(14, 10, 14, 10))

    def _make_counts(self, counts: tuple[tuple[Verdict, int], ...]) -> QWidget:
        pieces = []
        for verdict, count in counts:
            _icon, _weight, tone = SHAPES[verdict]
            words = Label(f"{count} {_(verdict.label)}", "small_strong", tone=tone)
            pieces.append(holder(row(verdict_icon(verdict, 18), words, gap=5)))
        return holder(Flow(*pieces, gap=16))

    def _make_finding(self, finding: FindingLine) -> QWidget:
        icon, _weight, tone = SHAPES[finding.verdict]
        return plain_row(finding.title, finding.sentence, icon=icon, tone=tone, word=_(finding.verdict.label))

    def _make_visit(self, visit: Line) -> QWidget:
        return open_row(
            visit.title,
            visit.line,
            lambda: self._computer.open_visit(visit.visit_id),
            icon=visit.icon,
            word=visit.word,
        )
