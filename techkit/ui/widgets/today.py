"""Today: the running visit, what comes next, what was promised, this computer, what waits."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.controls import FieldBox, LineEdit
from techkit.ui.presenters.choices import Notice, Proposal
from techkit.ui.presenters.today_rows import (
    Computer,
    PromiseRow,
    RunningVisit,
    TodayState,
    TypedRow,
    VisitRow,
    Waiting,
)
from techkit.ui.widgets.banner import Banner
from techkit.ui.widgets.boxes import MIDDLE, TOP, At, Grow, column, holder, line, row
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.cards import (
    Card,
    IconTile,
    PressRow,
    ProposalRow,
    Tag,
    empty_state,
    facts,
    loading_rows,
)
from techkit.ui.widgets.flowing import Flow, beside
from techkit.ui.widgets.labels import ElidedLabel, Icon, Label
from techkit.ui.widgets.meters import Ring
from techkit.ui.widgets.pages import NARROW, Page
from techkit.ui.widgets.rows import Rows, Slot

if TYPE_CHECKING:
    from techkit.ui.presenters.today import Today


class TodayPage(Page):
    """The first page after unlocking. open_sync, find_customer: show the sync panel, the list of customers."""

    def __init__(
        self,
        today: Today,
        search: Callable[[], object] | None,
        open_sync: Callable[[], object],
        find_customer: Callable[[], object],
    ) -> None:
        super().__init__(search=search)
        self._today = today
        self._open_sync = open_sync
        self._shown: TodayState | None = None
        self._banner = Slot(self._make_banner)
        self._typed = Rows(self._make_typed, key=lambda item: item.key, gap=8, at_once=0)
        self._running = Slot(self._make_running)
        self._up = Slot(self._make_up)
        self._next = Rows(self._make_visit, key=lambda item: item.visit_id, has_lines=True)
        self._promised = Rows(self._make_promise, key=lambda item: item.id, has_lines=True)
        self._next_title = Label("", "section")
        self._next_part = holder(column(self._next_title, Card(self._next, margins=6, gap=2), gap=8))
        self._promised_part = holder(
            column(
                Label(_("Promised to customers"), "section"), Card(self._promised, margins=6, gap=2), gap=8
            )
        )
        self._loading = Card(loading_rows(3))
        self._begin = Button(
            _("Start a visit on this computer"), "primary", icon="play", press=today.start_visit
        )
        self._empty = Card(
            empty_state(
                "calendar-check",
                _("No visits for today"),
                _(
                    "When the office assigns a visit it appears here after the next sync. "
                    "You can also start one yourself."
                ),
                self._begin,
                Button(_("Find a customer"), "outline", icon="magnifying-glass", press=find_customer),
                size=84,
            )
        )
        self._start = Button(
            _("New visit"), "outline", icon="plus", press=today.start_visit, shortcut="Ctrl+N"
        )
        self.add_action(self._start)
        for part in (
            self._banner,
            self._typed,
            self._loading,
            self._running,
            self._empty,
            self._up,
            self._next_part,
            self._promised_part,
        ):
            self.body.addWidget(part)
        self._others = self._make_others()
        self._computer = Slot(self._make_computer)
        self._waiting = Slot(self._make_waiting)
        self.right.addWidget(self._computer)
        self.right.addWidget(self._waiting)
        self.right.addWidget(self._others)
        self.follow(today.changed)

    def _make_others(self) -> Card:
        """Return the way to all customers on a computer that shows only its own."""
        self._passphrase = LineEdit(name=_("Passphrase"))
        self._passphrase.setEchoMode(LineEdit.EchoMode.Password)
        self._passphrase.returnPressed.connect(self._show_all)
        self._passphrase_box = FieldBox(_("Passphrase"), self._passphrase)
        return Card(
            row(
                At(Icon("eye-slash", "text2", 20), TOP),
                Grow(Label(_("On this computer only its own customer is shown."), "small", wraps=True)),
                gap=10,
            ),
            self._passphrase_box,
            Button(_("All customers"), icon="users", press=self._show_all),
            kind="soft",
            margins=14,
        )

    def set_width(self, width: int) -> None:
        """Give an empty day a tall card where there is room, and keep its button in sight where there is none."""
        super().set_width(width)
        self._empty.setMinimumHeight(theme.look().px(420) if width >= NARROW else 0)

    def focus_first(self) -> None:
        """Move the focus to the one filled button; while the day is being read, the page holds it for the button."""
        for button in self.findChildren(Button):
            if button.isVisible() and button.property("kind") in ("big", "primary"):
                button.setFocus()
                return
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._today.state
        if state == self._shown:
            return
        self._shown = state
        self.set_heading(state.date_title, state.day_sentence)
        theme.show_or_hide(self._loading, state.is_loading)
        self._banner.show_item(state.banner)
        self._typed.show_items(state.typed)
        theme.show_or_hide(self._typed, bool(state.typed))
        self._running.show_item(state.running)
        theme.show_or_hide(self._empty, state.is_empty and not state.is_loading)
        is_own = state.computer.is_own
        self._begin.set_words(_("Start a visit") if is_own else _("Start a visit on this computer"))
        theme.show_or_hide(self._start, not state.is_empty)
        up = state.next_visits[:1] if state.is_next_up else ()
        later_on = state.next_visits[len(up) :]
        self._up.show_item(up[0] if up else None)
        self._next_title.setText(_("After that") if up else _("Next"))
        self._next.show_items(later_on)
        theme.show_or_hide(self._next_part, bool(later_on))
        self._promised.show_items(state.promised)
        theme.show_or_hide(self._promised_part, bool(state.promised))
        self._computer.show_item(state.computer if state.computer.name else None)
        self._waiting.show_item(None if state.is_loading else state.waiting)
        theme.show_or_hide(self._others, not state.is_loading and not state.can_see_all_customers)
        self._passphrase_box.show_error(state.all_customers_error)
        if state.can_see_all_customers:
            self._passphrase.clear()
        if self.hasFocus():
            self.focus_first()

    def _show_all(self) -> None:
        self._today.show_all(self._passphrase.text())

    def _make_banner(self, notice: Notice) -> QWidget:
        buttons = []
        if notice.action_label:
            buttons.append(Button(notice.action_label, "outline", press=self._open_sync))
        return Banner(notice.kind, notice.title, notice.text, *buttons)

    def _make_typed(self, typed: TypedRow) -> QWidget:
        on, away = _("Go on there"), _("Discard it")
        go_on = Button(on, "outline", press=functools.partial(self._today.go_on_typing, typed.key))
        drop = Button(away, "ghost", press=functools.partial(self._today.drop_typing, typed.key))
        go_on.setAccessibleName(f"{on}. {typed.title}")
        drop.setAccessibleName(f"{away}. {typed.title}")
        return Banner("info", typed.title, typed.line, go_on, drop)

    def _make_running(self, visit: RunningVisit) -> QWidget:
        go_on = Button(visit.button, "big", press=lambda: self._today.open_visit(visit.visit_id))
        words = column(
            row(Tag(visit.tag, "accent", "play"), Grow()),
            Label(visit.customer, "section", wraps=True),
            Label(visit.line, "small", wraps=True),
            gap=4,
        )
        ring = Ring(_("Progress of the visit"), visit.share, visit.ring_text, size=74, width=7)
        return Card(row(ring, Grow(words), At(go_on, MIDDLE), gap=18), margins=18)

    def _make_up(self, visit: VisitRow) -> QWidget:
        """Return the visit that comes now: when, whom, where and why at a glance, and the one filled button."""
        opening = Button(
            _("Open the visit"), "big", press=lambda: self._today.open_visit(visit.visit_id), has_arrow=True
        )
        opens = _("Open the visit")
        opening.setAccessibleName(f"{_spoken(visit)}. {opens}")
        words = column(
            row(Tag(_("Up next"), "accent", "clock"), Grow()),
            Label(visit.customer, "section", wraps=True),
            Label(visit.line, "small", wraps=True),
            _kinds(visit) if visit.kinds else None,
            gap=4,
        )
        time = column(Label(visit.time, "number"), Label(visit.duration, "small"), Grow(), gap=0)
        return Card(row(time, Grow(beside(words, opening)), gap=18), margins=18)

    def _make_visit(self, visit: VisitRow) -> QWidget:
        time = holder(column(Label(visit.time, "row"), Label(visit.duration, "tiny"), Grow(), gap=1))
        time.setFixedWidth(
            max(theme.look().px(62), time.sizeHint().width())
        )  # a later day is longer than a time
        words = column(
            ElidedLabel(visit.customer, "row"),
            ElidedLabel(visit.line, "small"),
            3 if visit.kinds else None,
            _kinds(visit) if visit.kinds else None,
            gap=2,
        )
        return PressRow(
            time,
            Grow(words),
            Icon("caret-right", "text3", 18),
            name=_spoken(visit),
            press=lambda: self._today.open_visit(visit.visit_id),
            margins=(14, 10, 12, 10),
        )

    def _make_promise(self, promise: PromiseRow) -> QWidget:
        mark = Icon(
            promise.icon,
            "watch" if promise.is_due else "text2",
            20,
            "fill" if promise.is_due else "regular",
        )
        words = column(ElidedLabel(promise.title, "strong"), ElidedLabel(promise.line, "small"), gap=1)
        return PressRow(
            mark,
            Grow(words),
            Icon("caret-right", "text3", 18),
            name=f"{promise.title}. {promise.line}",
            press=lambda: self._today.open_promise(promise.id),
            margins=(12, 8, 12, 8),
        )

    def _make_computer(self, computer: Computer) -> QWidget:
        known = row(
            At(Icon("seal-check" if computer.recognised else "seal-question", "ok", 18, "fill"), TOP),
            Grow(Label(computer.recognised, "small", wraps=True)),
            gap=8,
        )
        proposals = [self._make_proposal(proposal) for proposal in computer.proposals]
        check = Button(
            computer.check_label, icon="heartbeat", press=self._today.start_check, shortcut="Ctrl+D"
        )
        return Card(
            row(
                IconTile("laptop" if computer.is_own else "desktop", "accent", 44, 26),
                Grow(
                    column(
                        Label(
                            _("This computer, your own") if computer.is_own else _("This computer"), "caption"
                        ),
                        ElidedLabel(computer.name, "section"),
                        gap=0,
                    )
                ),
                gap=12,
            ),
            line(),
            facts(computer.facts) if computer.facts else None,
            known if computer.recognised else None,
            *proposals,
            check if computer.check_label else None,
            Label(computer.check_line, "small", wraps=True) if computer.check_line else None,
            Button(computer.keep_label, "soft", icon="clipboard-text", press=self._today.keep_check)
            if computer.keep_label
            else None,
            Button(
                computer.history_label,
                "ghost",
                icon="clock-counter-clockwise",
                press=self._today.open_computer,
            )
            if computer.history_label
            else None,
            gap=9,
        )

    def _make_proposal(self, proposal: Proposal) -> QWidget:
        confirm = functools.partial(self._today.confirm_computer, proposal.id)
        return ProposalRow(proposal, Icon("question", "info", 18, "fill"), confirm, gap=8)

    def _make_waiting(self, waiting: Waiting) -> QWidget:
        tone = "none" if waiting.count else "ok"
        return Card(
            row(
                Grow(
                    column(Label(_("Waiting to sync"), "caption"), Label(str(waiting.count), "number"), gap=0)
                ),
                At(IconTile("cloud-arrow-up", tone, 40, 22), MIDDLE),
                gap=10,
            ),
            Label(waiting.kinds_line, "small", wraps=True) if waiting.kinds_line else None,
            Label(waiting.last_line, "tiny", wraps=True) if waiting.last_line else None,
            Button(_("Open sync"), icon="arrows-clockwise", press=self._open_sync),
            gap=7,
        )


def _kinds(visit: VisitRow) -> QWidget:
    """Return the planned kinds of work as tags."""
    return holder(Flow(*(Tag(words, "none", icon) for icon, words in visit.kinds), gap=6))


def _spoken(visit: VisitRow) -> str:
    """Return what a screen reader says of a planned visit."""
    return " ".join(part for part in (visit.time, visit.customer, visit.line) if part)
