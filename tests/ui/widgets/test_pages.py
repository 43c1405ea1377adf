"""Pages draw what is in sight: one that is put away catches up when it comes back; heavy parts come turn by turn."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import textwrap
from collections.abc import Iterator
from typing import Any

import pytest
import shiboken6
from PySide6.QtWidgets import QLabel, QStackedWidget, QWidget
from pytestqt.qtbot import QtBot

from techkit.settings import default
from techkit.ui import widgets
from techkit.ui.controls import LineEdit, Select
from techkit.ui.presenters.lanes import InlineLanes, Observable
from techkit.ui.presenters.settings import Settings
from techkit.ui.widgets import turns
from techkit.ui.widgets.boxes import column
from techkit.ui.widgets.buttons import Switch
from techkit.ui.widgets.flowing import Flow
from techkit.ui.widgets.labels import Label
from techkit.ui.widgets.pages import Page
from techkit.ui.widgets.rows import Rows, Slot
from techkit.ui.widgets.settings import SettingsPage
from techkit.ui.widgets.turns import later


class Numbers:
    """A presenter that counts."""

    def __init__(self) -> None:
        self.changed = Observable()
        self.state = 0

    def count(self) -> None:
        self.state += 1
        self.changed()


class NumberPage(Page):
    def __init__(self, numbers: Numbers) -> None:
        super().__init__("Numbers")
        self._numbers = numbers
        self.drawn: list[int] = []
        self.follow(numbers.changed)

    def render_state(self) -> None:
        self.drawn.append(self._numbers.state)


@pytest.fixture
def stack(qtbot: QtBot, look: object) -> Iterator[QStackedWidget]:
    made = QStackedWidget()
    qtbot.addWidget(made)
    made.resize(400, 300)
    yield made
    qtbot.waitUntil(turns.is_built)


def test_a_page_out_of_sight_is_drawn_once_it_is_seen(stack: QStackedWidget) -> None:
    """Three changes while another page is shown cost nothing, and the latest is there when the page comes back."""
    numbers = Numbers()
    page, other = NumberPage(numbers), QWidget()
    stack.addWidget(page)
    stack.addWidget(other)
    stack.show()
    numbers.count()
    assert page.drawn == [0, 1]
    stack.setCurrentWidget(other)
    for _time in range(3):
        numbers.count()
    assert page.drawn == [0, 1]
    stack.setCurrentWidget(page)
    assert page.drawn == [0, 1, 4]
    stack.setCurrentWidget(other)
    stack.setCurrentWidget(page)
    assert page.drawn == [0, 1, 4]


def test_a_page_in_a_view_out_of_sight_waits_too(stack: QStackedWidget) -> None:
    """Today is not drawn while a visit is shown, although it is the current page of its own view."""
    numbers = Numbers()
    home, visit = QStackedWidget(), QWidget()
    page = NumberPage(numbers)
    home.addWidget(page)
    stack.addWidget(home)
    stack.addWidget(visit)
    stack.show()
    stack.setCurrentWidget(visit)
    numbers.count()
    assert page.drawn == [0]
    stack.setCurrentWidget(home)
    assert page.drawn == [0, 1]


def test_a_page_that_let_go_is_drawn_no_more(stack: QStackedWidget) -> None:
    """After release a change of the presenter reaches nothing."""
    numbers = Numbers()
    page = NumberPage(numbers)
    stack.addWidget(page)
    stack.show()
    page.release()
    numbers.count()
    assert page.drawn == [0]


def test_heavy_parts_are_built_one_a_turn(stack: QStackedWidget, qtbot: QtBot) -> None:
    """Two lists and a slot that fill together take turns, in the order they were asked for."""
    built: list[str] = []

    def make(words: str) -> QWidget:
        built.append(words)
        return Label(words)

    one, two = (Rows(make, at_once=0) for _number in range(2))
    slot = Slot(make, is_late=True)
    whole = QWidget()
    whole.setLayout(column(one, two, slot))
    stack.addWidget(whole)
    stack.show()
    one.show_items(["a", "b"])
    two.show_items(["c", "d"])
    slot.show_item("e")
    assert built == []
    qtbot.waitUntil(turns.is_built)
    assert built == ["a", "c", "e", "b", "d"]
    assert [label.text() for label in whole.findChildren(QLabel) if label.isVisible()] == [
        "a",
        "b",
        "c",
        "d",
        "e",
    ]


def test_a_late_slot_shows_the_latest_item_only(stack: QStackedWidget, qtbot: QtBot) -> None:
    """An item that was replaced before its turn is never built."""
    built: list[str] = []

    def make(words: str) -> QWidget:
        built.append(words)
        return Label(words)

    slot = Slot(make, is_late=True)
    stack.addWidget(slot)
    stack.show()
    slot.show_item("first")
    slot.show_item("second")
    qtbot.waitUntil(turns.is_built)
    assert built == ["second"]
    slot.show_item("third")
    slot.show_item(None)
    qtbot.waitUntil(turns.is_built)
    assert built == ["second"]
    assert not slot.isVisibleTo(stack)


def test_what_waits_for_a_page_that_is_gone_is_dropped(qtbot: QtBot, look: object) -> None:
    """A visit closed while its page fills leaves nothing that builds into it."""
    done: list[int] = []
    gone = QWidget()
    later(gone, lambda: done.append(1))
    shiboken6.delete(gone)
    qtbot.waitUntil(turns.is_built)
    assert done == []


def test_flowing_pieces_are_placed_anew_when_one_changes(stack: QStackedWidget, qtbot: QtBot) -> None:
    """The remembered height of a row of chips is forgotten when a chip grows."""
    chips = [Label("one"), Label("two")]
    holder = QWidget()
    flow = Flow(*chips)
    holder.setLayout(flow)
    stack.addWidget(holder)
    stack.show()
    one_line = flow.heightForWidth(400)
    assert flow.heightForWidth(400) == one_line
    chips[0].setText(
        "a text that is much longer than before, so long that both need a line each for themselves"
    )
    qtbot.waitUntil(lambda: flow.heightForWidth(400) > one_line)


def _own_names(kind: type) -> set[str]:
    """Return what the methods of a class itself put on it (`self.name = …`)."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    targets = (
        target
        for node in ast.walk(tree)
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        for target in (node.targets if isinstance(node, ast.Assign) else (node.target,))
    )
    return {t.attr for t in targets if isinstance(t, ast.Attribute) and ast.unparse(t.value) == "self"}


def test_no_page_puts_a_piece_of_its_own_in_the_place_of_its_heading() -> None:
    """The heading's line was once lost on the check: the page kept another label under the same name."""
    for module in pkgutil.iter_modules(widgets.__path__):
        importlib.import_module(f"{widgets.__name__}.{module.name}")
    kinds = [Page]
    for kind in kinds:
        kinds += [c for c in kind.__subclasses__() if c.__module__.startswith(widgets.__name__)]
    taken = {kind.__name__: _own_names(kind) & _own_names(Page) for kind in kinds[1:]}
    assert len(taken) > 15
    assert {name: names for name, names in taken.items() if names} == {}


def test_a_page_out_of_sight_gets_ready_in_quiet_moments(stack: QStackedWidget, qtbot: QtBot) -> None:
    """One thing at a time: what changed is drawn, then all has its look and place; showing it then waits for nothing."""
    numbers = Numbers()
    page, other = NumberPage(numbers), QWidget()
    label = Label("A number")
    page.body.addWidget(label)
    stack.addWidget(other)
    stack.addWidget(page)
    stack.show()
    numbers.count()
    assert page.drawn == [0]
    assert page.get_ready()
    assert page.drawn == [0, 1]
    assert page.get_ready()
    qtbot.waitUntil(turns.is_built)
    assert not page.get_ready()
    places = page.size(), label.geometry()
    assert stack.size() == places[0]
    stack.setCurrentWidget(page)
    assert ([0, 1], places) == (page.drawn, (page.size(), label.geometry()))
    numbers.count()
    assert not page.get_ready()  # in sight it is drawn at once


def test_a_page_gets_ready_anew_for_another_room(stack: QStackedWidget, qtbot: QtBot) -> None:
    """A window that was made larger has its pages laid out again, once."""
    page = NumberPage(Numbers())
    stack.addWidget(QWidget())
    stack.addWidget(page)
    stack.show()
    assert page.get_ready()
    stack.resize(500, 360)
    assert page.get_ready()
    assert not page.get_ready()
    qtbot.waitUntil(turns.is_built)
    assert stack.size() == page.size()


class Defaults:
    """A store in which no setting was ever changed."""

    def setting(self, key: str) -> Any:
        return default(key)

    def set_setting(self, key: str, value: Any) -> None:
        raise AssertionError(f"{key} was kept")


def _controls(page: QWidget) -> int:
    return sum(len(page.findChildren(kind)) for kind in (Switch, Select, LineEdit))


def test_the_settings_come_row_by_row(stack: QStackedWidget, qtbot: QtBot) -> None:
    """Going to the settings for the first time stood still for a third of a second; now two rows are there at once."""
    settings = Settings(Defaults(), InlineLanes())
    page = SettingsPage(settings, None)
    stack.addWidget(QWidget())
    stack.addWidget(page)
    stack.show()
    settings.refresh()
    stack.setCurrentWidget(page)
    assert 0 < _controls(page) <= 2
    qtbot.waitUntil(turns.is_built)
    assert sum(len(rows) for _heading, rows in settings.state.groups) == _controls(page)
