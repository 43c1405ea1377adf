"""The window on the screens it opens on, and where it shows what has the keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, QSize, Qt
from pytestqt.qtbot import QtBot

from techkit.ui.controls import LineEdit, Tick
from techkit.ui.widgets.boxes import column, holder
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.shell import FIRST_SIZE, SMALLEST, Shell


@pytest.fixture
def shell(qtbot: QtBot) -> Shell:
    made = Shell()
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize(
    ("width", "height"),
    [(1366, 728), (1280, 672), (1280, 720), (1024, 560)],
    ids=["1366x768", "1920x1080 at 150 %", "1280x768", "1024x600"],
)
def test_a_screen_without_room_for_it_is_taken_whole(shell: Shell, width: int, height: int) -> None:
    """On small laptops, and on usual ones with everything enlarged, the window opens full; made smaller it still fits."""
    shell.show_on(QRect(0, 0, width, height))
    assert shell.isMaximized()
    before = shell.normalGeometry().size()
    assert (before.width() <= width, before.height() <= max(height, SMALLEST.height())) == (True, True)


def test_a_large_screen_keeps_room_beside_the_window(shell: Shell) -> None:
    """Where it fits with its frame, the window opens in its first size."""
    shell.show_on(QRect(0, 0, 1920, 1040))
    assert (shell.isMaximized(), shell.size()) == (False, FIRST_SIZE)


def test_the_ring_follows_the_keyboard_and_leaves_the_pointer_alone(shell: Shell, qtbot: QtBot) -> None:
    """Where the program moves the focus on from a field that was typed in, it is seen; from a button pressed it is not."""
    field, button, tick = LineEdit(name="Passphrase"), Button("Copy"), Tick("I wrote it down")
    shell.setCentralWidget(holder(column(field, button, tick)))
    shell.show()
    qtbot.waitExposed(shell)
    shell.activateWindow()
    qtbot.waitUntil(shell.isActiveWindow)
    field.setFocus()
    tick.setFocus(Qt.FocusReason.OtherFocusReason)
    assert tick.property("ring") == "true"
    button.setFocus(Qt.FocusReason.MouseFocusReason)
    tick.setFocus(Qt.FocusReason.OtherFocusReason)
    assert tick.property("ring") == "false"


def test_a_screen_lower_than_the_window_squeezes_it(shell: Shell) -> None:
    """An old laptop with everything enlarged by half has 512 points of height: the window does not insist on more."""
    shell.show_on(QRect(0, 0, 910, 472))
    assert shell.isMaximized()
    assert shell.minimumSize() == QSize(SMALLEST.width(), 472)
