"""The lock when nobody touches the window: warned first, postponed by a touch."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from techkit.ui.widgets.idle import IdleWatch


class Steady:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def words(window: QWidget) -> list[str]:
    return [label.text() for label in window.findChildren(QLabel) if label.isVisible()]


def test_it_warns_then_locks(qtbot: QtBot, look: object) -> None:
    """Thirty seconds before the end a sentence says so; at the end the window locks, once."""
    window, steady, locked = QWidget(), Steady(), []
    qtbot.addWidget(window)
    window.resize(600, 300)
    window.show()
    watch = IdleWatch(window, lambda: locked.append(1), steady)
    watch.start(300)
    steady.at = 260
    watch.look()
    assert words(window) == []
    steady.at = 275
    watch.look()
    assert words(window) == ["techkit locks in 25 seconds. Touch anything to stay."]
    steady.at = 300
    watch.look()
    assert locked == [1]
    assert words(window) == []
    watch.stop()


def test_a_touch_postpones_the_lock(qtbot: QtBot, look: object) -> None:
    """A key press takes the warning away and the time begins anew."""
    window, steady, locked = QWidget(), Steady(), []
    qtbot.addWidget(window)
    window.resize(600, 300)
    window.show()
    watch = IdleWatch(window, lambda: locked.append(1), steady)
    watch.start(300)
    steady.at = 290
    watch.look()
    assert words(window)
    QTest.keyClick(window, Qt.Key.Key_A)
    assert words(window) == []
    steady.at = 500
    watch.look()
    assert locked == []
    watch.stop()
