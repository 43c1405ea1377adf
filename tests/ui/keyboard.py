"""The technician's hand on the keyboard alone: Tab, arrows, Space and shortcuts; no pointer is ever used.

Going somewhere (Tab, arrows) is no interaction, pressing is one; how far the way was is kept in `steps`.
"""

from __future__ import annotations

import functools

import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from techkit.ui.presenters.visit import Visit
from techkit.ui.widgets.buttons import Button
from tests.ui.hand import Hand

#: Nothing on a page is further away than this many stops.
MOST_STEPS = 60


class Keyboard(Hand):
    """Reaches things as somebody does who has no pointer."""

    steps = 0

    def _click(self, piece: QWidget, at: QPoint, words: str) -> None:
        self.reach(piece, words)
        held = QApplication.focusWidget()
        assert held is not None
        if not _takes_typing(held):
            QTest.keyClick(held, Qt.Key.Key_Space)
        self._count(words)

    def reach(self, piece: QWidget, words: str) -> None:
        """Go by Tab to a piece, and by arrows inside a row of choices."""
        self.wait(lambda: QApplication.focusWidget() is not None)
        seen: list[str] = []
        for _step in range(MOST_STEPS):
            here = QApplication.focusWidget()
            assert here is not None, f"the keyboard was lost on the way to “{words}” after {seen}"
            if not shiboken6.isValid(
                piece
            ):  # its card was made anew on the way: what stands there now is meant
                piece = self._wait_for(lambda: self._button(words) or self._named(words), words)
            if here is piece:
                self.wait(functools.partial(_is_in_sight, piece))  # the page scrolls to what has the focus
                return
            seen.append(here.accessibleName())
            is_beside = isinstance(here, Button) and here.parentWidget() is piece.parentWidget()
            is_choice = is_beside and not piece.focusPolicy() & Qt.FocusPolicy.TabFocus
            QTest.keyClick(here, Qt.Key.Key_Right if is_choice else Qt.Key.Key_Tab)
            self.steps += 1
            QApplication.processEvents()
        raise AssertionError(f"“{words}” is not reached by Tab; passed: {seen}")

    def sign(self) -> None:
        """Sign by the name that stands there, as who cannot draw."""
        self.press("Type name")

    def sign_off(self, visit: Visit) -> None:
        page = visit.sign_off
        self.press("Hand over to the customer")
        self.wait(lambda: page.state.phase == "customer" and not page.state.is_rendering)
        self.press("Yes")
        self.sign()
        self.wait(lambda: page.state.may_agree)
        self.press(page.state.agree_label)
        self.wait(lambda: page.state.phase == "signed" and page.state.pdf is not None)


def _is_in_sight(piece: QWidget) -> bool:
    return not piece.visibleRegion().isEmpty()


def _takes_typing(piece: QWidget) -> bool:
    return piece.inputMethodQuery(Qt.InputMethodQuery.ImEnabled) is True
