"""One part of the computer looked at alone: which parts there are, how far it is, and what was found."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.presenters.choices import Choice, Notice
from techkit.ui.presenters.part_look import PartFinding, PartLookState
from techkit.ui.widgets.banner import Banner, announce
from techkit.ui.widgets.boxes import TOP, At, Grow, column, holder, row
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.cards import Card
from techkit.ui.widgets.flowing import Flow
from techkit.ui.widgets.labels import Label
from techkit.ui.widgets.rows import Rows, Slot
from techkit.ui.widgets.turns import later
from techkit.ui.widgets.verdicts import verdict_icon

if TYPE_CHECKING:
    from techkit.ui.presenters.part_look import PartLook


class PartLookCard(QWidget):
    """The last look at a part, and where it is offered the parts to choose from; nothing where there is neither.

    leave: moves the focus on once what had it is gone.
    """

    def __init__(self, look: PartLook, leave: Callable[[], object]) -> None:
        super().__init__()
        self._look = look
        self._leave_focus = leave
        self._shown: tuple[PartLookState, bool] | None = None
        self._is_offered = False
        self._notice = Slot(_banner)
        self._choice = Slot(self._make_choice)
        self._head = Slot(self._make_head)
        self._stop = Slot(self._make_stop)  # in a place of its own: it keeps the focus while news come
        self._found: Rows[PartFinding] = Rows(_make_finding, key=lambda item: item.title, has_lines=True)
        self._result = Card(
            row(Grow(self._head), At(self._stop, TOP), gap=12), self._found, margins=(16, 13, 14, 13), gap=8
        )
        self.setLayout(column(self._notice, self._result, self._choice, gap=14))
        self._leave = look.changed.subscribe(self.render_state)
        self.render_state()

    def release(self) -> None:
        """Let go of the presenter."""
        self._leave()

    def offer(self, is_offered: bool) -> None:
        """Offer the parts to choose from, or only show what was found."""
        self._is_offered = is_offered
        self.render_state()

    def render_state(self) -> None:
        """Show the presenter's state."""
        state, before = self._look.state, self._shown
        if (state, self._is_offered) == before:
            return
        self._shown = (state, self._is_offered)
        focus = QApplication.focusWidget()
        had_focus = focus is not None and self.isAncestorOf(focus)
        self._notice.show_item(state.notice)
        self._head.show_item((state.title, state.when or state.progress, state.line) if state.title else None)
        self._stop.show_item(state.may_stop or None)
        self._found.show_items(state.findings)
        theme.show_or_hide(self._result, bool(state.title))
        self._choice.show_item(state.areas if self._is_offered and not state.is_busy else None)
        theme.show_or_hide(self, bool(state.notice or state.title or self._is_offered))
        was_busy = before is not None and before[0].is_busy
        if was_busy and not state.is_busy:
            told = "; ".join(f"{item.title}: {item.verdict_label}" for item in state.findings)
            announce(self, f"{state.title}. {told or state.line}")
            if had_focus:
                later(self, self._leave_focus)
        elif state.is_busy and not was_busy:
            announce(self, state.title)
            later(self, self._focus_stop)

    def _focus_stop(self) -> None:
        """Move the focus to what runs: the button that began it may be gone."""
        stop = self._stop.findChild(Button)
        if stop is not None and self.isVisible():
            stop.setFocus()

    def _make_head(self, shown: tuple[str, str, str]) -> QWidget:
        title, when, line = shown
        return holder(
            column(
                Label(title, "row", wraps=True),
                Label(when, "small", wraps=True) if when else None,
                Label(line, "body2", wraps=True) if line else None,
                Label(
                    _("A part alone changes nothing of the checks before and after the work."),
                    "tiny",
                    wraps=True,
                ),
                gap=2,
            )
        )

    def _make_stop(self, _may_stop: bool) -> QWidget:
        return Button(_("Stop"), "outline", icon="stop", press=self._look.stop)

    def _make_choice(self, areas: tuple[Choice, ...]) -> QWidget:
        buttons = []
        for area in areas:
            made = Button(
                area.label, "outline", icon=area.icon, press=functools.partial(self._look.start, area.value)
            )
            made.setAccessibleName(_("Look only at: {part}", part=area.label))
            buttons.append(made)
        return Card(
            Label(_("Only …"), "section"),
            Label(
                _("Look at one part at once. It is no check before the work: that one is still to be made."),
                "small",
                wraps=True,
            ),
            holder(Flow(*buttons, gap=8)),
            gap=10,
            margins=18,
        )


def _banner(notice: Notice) -> QWidget:
    return Banner(notice.kind, notice.title, notice.text)


def _make_finding(item: PartFinding) -> QWidget:
    told = row(
        At(verdict_icon(item.verdict, 18), TOP),
        Grow(
            column(
                Label(item.title, "strong", wraps=True),
                Label(item.sentence, "small", wraps=True),
                Label(item.before, "tiny", wraps=True) if item.before else None,
                gap=2,
            )
        ),
        gap=10,
    )
    made = holder(column(6, told, 6, gap=0))
    made.setAccessibleName(f"{item.verdict_label}: {item.title}. {item.sentence}")
    return made
