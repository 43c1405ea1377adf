"""The lock when nobody touches the computer: warned first, postponed by a touch here or elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from techkit.ui.widgets.idle import IdleWatch


class Steady:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


class System:
    """What the system says when it is asked: the answer waits until it is given."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[float | None], None]] = []

    def __call__(self, told: Callable[[float | None], None]) -> None:
        self.waiting.append(told)

    def answer(self, seconds: float | None) -> None:
        self.waiting.pop()(seconds)


class Room:
    """A window that is watched, five minutes long."""

    def __init__(self, window: QWidget, ask: System | None = None) -> None:
        self.window, self.steady, self.locked = window, Steady(), 0
        self.watch = IdleWatch(window, self._lock, self.steady, ask=ask)
        self.watch.start(300)

    def _lock(self) -> None:
        self.locked += 1

    def at(self, seconds: float) -> list[str]:
        """Look at a moment and return what is said then."""
        self.steady.at = seconds
        self.watch.look()
        return self.words()

    def words(self) -> list[str]:
        return [label.text() for label in self.window.findChildren(QLabel) if label.isVisible()]

    @property
    def handle(self) -> QWindow:
        handle = self.window.windowHandle()
        assert handle is not None
        return handle


@pytest.fixture
def window(qtbot: QtBot, look: object) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(600, 300)
    made.show()
    return made


@pytest.fixture
def system() -> System:
    return System()


@pytest.fixture
def room(window: QWidget) -> Iterator[Room]:
    made = Room(window)
    yield made
    made.watch.stop()


@pytest.fixture
def asked(window: QWidget, system: System) -> Iterator[Room]:
    made = Room(window, system)
    yield made
    made.watch.stop()


def test_it_warns_then_locks(room: Room) -> None:
    """Thirty seconds before the end a sentence says so; at the end the window locks, once."""
    assert room.at(260) == []
    assert room.at(275) == ["techkit locks in 25 seconds. Touch anything to stay."]
    assert room.at(300) == []
    assert room.locked == 1


@pytest.mark.parametrize(
    "touch",
    [
        lambda handle: QTest.keyClick(handle, Qt.Key.Key_A),
        lambda handle: QTest.mouseMove(handle, QPoint(7, 8)),
        lambda handle: QTest.mouseClick(handle, Qt.MouseButton.LeftButton, pos=QPoint(5, 5)),
    ],
    ids=["key", "pointer", "click"],
)
def test_a_touch_postpones_the_lock(room: Room, touch: Callable[[QWindow], None]) -> None:
    """A key press, a move or a click takes the warning away and the time begins anew."""
    assert room.at(290)
    touch(room.handle)
    assert room.words() == []
    assert room.at(500) == []
    assert room.locked == 0


def test_work_in_another_program_postpones_the_lock(asked: Room, system: System) -> None:
    """Who installs something beside techkit is there: the system says so before the warning would come."""
    asked.at(240)
    assert system.waiting == []
    asked.at(266)
    system.answer(4.0)
    assert asked.at(300) == []
    assert asked.locked == 0
    asked.at(550)
    system.answer(280.0)  # nobody touched anything any more
    assert asked.at(562) != []
    system.answer(292.0)
    asked.at(570)
    assert asked.locked == 1


def test_where_the_system_does_not_tell_this_windows_touches_count(asked: Room, system: System) -> None:
    """An unknown answer changes nothing and is not asked for again."""
    asked.at(266)
    system.answer(None)
    assert asked.at(280) != []
    assert system.waiting == []
    asked.at(301)
    assert asked.locked == 1


def test_a_system_that_never_answers_does_not_keep_it_open(asked: Room, system: System) -> None:
    """The question is asked once; without an answer it locks when this window was not touched for long enough."""
    asked.at(266)
    asked.at(280)
    assert len(system.waiting) == 1
    asked.at(300)
    assert asked.locked == 1
    system.answer(1.0)  # too late
    assert asked.locked == 1
