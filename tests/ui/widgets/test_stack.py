"""Pages of a stack change without asking the others, and are painted in a turn of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from techkit.ui.widgets import turns
from techkit.ui.widgets.boxes import Grow, column
from techkit.ui.widgets.labels import Label
from techkit.ui.widgets.stack import PageStack


class Counting(QWidget):
    """A page with a field that counts how often it was painted and how often it was asked for its height."""

    def __init__(self) -> None:
        super().__init__()
        self.field = QLineEdit()
        self.setLayout(column(Label("words that break into lines", wraps=True), self.field, Grow()))
        self.painted = self.asked = 0

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.painted += 1

    def heightForWidth(self, width: int) -> int:
        self.asked += 1
        return super().heightForWidth(width)


class Window(QWidget):
    """A stack between two pieces that take the focus; tells which the window was asked to go on from."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = PageStack()
        self.pages = [Counting() for _number in range(3)]
        for page in self.pages:
            self.stack.addWidget(page)
        self.before = QLineEdit()
        self.setLayout(column(self.before, Grow(self.stack)))
        self.gone_on = 0

    def focusNextPrevChild(self, is_next: bool) -> bool:
        self.gone_on += 1
        return super().focusNextPrevChild(is_next)


@pytest.fixture
def window(qtbot: QtBot, look: object) -> Iterator[Window]:
    made = Window()
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    qtbot.waitUntil(lambda: made.pages[0].painted > 0)
    made.activateWindow()
    yield made
    qtbot.waitUntil(turns.is_built)


def test_a_page_is_shown_at_once_and_painted_in_the_next_turn(window: Window, qtbot: QtBot) -> None:
    """What asks which page is shown has its answer; the turn that shows it paints nothing."""
    page = window.pages[1]
    window.stack.show_page(page)
    assert window.stack.currentWidget() is page
    assert page.isVisible()
    QApplication.sendPostedEvents()
    assert (page.painted, turns.is_built()) == (0, False)
    qtbot.waitUntil(turns.is_built)
    QApplication.sendPostedEvents()
    assert page.painted == 1
    assert page.updatesEnabled()


def test_pages_that_change_twice_before_they_are_painted(window: Window, qtbot: QtBot) -> None:
    """Whoever goes on at once sees the last page only."""
    window.stack.show_page(window.pages[1])
    window.stack.show_page(window.pages[2])
    qtbot.waitUntil(turns.is_built)
    QApplication.sendPostedEvents()
    assert [page.painted for page in window.pages[1:]] == [0, 1]


def test_the_page_is_painted_before_what_else_waits(window: Window, qtbot: QtBot) -> None:
    """Rows that are built turn by turn do not hold back the page that is looked at."""
    seen: list[bool] = []
    for _row in range(2):
        turns.later(window, lambda: seen.append(window.stack.updatesEnabled()))
    window.stack.show_page(window.pages[1])
    qtbot.waitUntil(turns.is_built)
    assert seen == [True, True]


def test_no_page_is_asked_how_high_it_is(window: Window, qtbot: QtBot) -> None:
    """The room of a stack is what the window leaves it: 670 questions at each step of a visit, 20 without."""
    for page in window.pages:
        page.asked = 0
    for page in (window.pages[1], window.pages[2]):
        window.stack.show_page(page)
        qtbot.waitUntil(turns.is_built)
        QApplication.sendPostedEvents()
    assert [page.asked for page in window.pages] == [0, 0, 0]
    assert [page.size() for page in window.pages[1:]] == [window.stack.size()] * 2


def test_the_focus_goes_to_the_page_that_comes(window: Window) -> None:
    """It is not looked for in the whole window first."""
    window.pages[0].field.setFocus()
    window.stack.show_page(window.pages[1])
    assert window.focusWidget() is window.pages[1].field
    assert window.gone_on == 0


def test_tab_leaves_a_stack_at_its_end(window: Window) -> None:
    """Going on by Tab is up to the window."""
    window.stack.focusNextPrevChild(True)
    assert window.gone_on == 1
