"""Trying by hand on screen: keys that are only lit, a field for the pointer, a screen in one colour, by keyboard alone."""

from __future__ import annotations

import base64
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from techkit.ui.presenters import keyboards
from techkit.ui.presenters.hands import Picture
from techkit.ui.widgets.hands_keyboard import KeyboardPicture
from techkit.ui.widgets.hands_media import PictureView, image_of
from techkit.ui.widgets.hands_pointer import PointerField
from techkit.ui.widgets.hands_screen import ScreenFill

pytestmark = pytest.mark.usefixtures("look")


class Pressed:
    """Stands for the presenter: keeps what was told."""

    def __init__(self) -> None:
        self.state = SimpleNamespace(keys=keyboards.keys("us"))
        self.pressed: set[int] = set()
        self.seen: set[str] = set()
        self.fingers = 0

    def press_key(self, _system: str, scan_code: int, _virtual: int) -> None:
        self.pressed.add(scan_code)

    def point(self, what: str, fingers: int = 0) -> None:
        self.seen.add(what)
        self.fingers = max(self.fingers, fingers)


def press(widget: QWidget, key: Qt.Key, scan_code: int) -> None:
    modifiers = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(widget, QKeyEvent(QEvent.Type.KeyPress, key, modifiers, scan_code, 0, 0))


def test_every_key_only_lights_up(qtbot: QtBot) -> None:
    """Tab, Return and the window's shortcuts are keys like any other while the picture has the focus."""
    hands, left, fired = Pressed(), [], []
    window = QWidget()
    qtbot.addWidget(window)
    picture = KeyboardPicture(hands, lambda: left.append(1))
    box = QVBoxLayout(window)
    box.addWidget(picture)
    QShortcut("Ctrl+K", window).activated.connect(lambda: fired.append(1))
    window.resize(900, 400)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    picture.setFocus()
    QTest.keyClick(picture, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    for code, key in ((23, Qt.Key.Key_Tab), (36, Qt.Key.Key_Return), (52, Qt.Key.Key_Z)):
        press(picture, key, code)
    assert picture.hasFocus()
    assert not fired
    assert {23, 36, 52} <= hands.pressed
    for _turn in range(2):
        press(picture, Qt.Key.Key_Escape, 9)
    assert left == []
    press(picture, Qt.Key.Key_Escape, 9)
    assert left == [1]
    assert not picture.grab().isNull()


def test_the_field_tells_movement_buttons_wheel_and_corners(qtbot: QtBot) -> None:
    """Each thing a pointer does is noted once it was done, in the field only."""
    hands = Pressed()
    field = PointerField(hands)
    qtbot.addWidget(field)
    field.resize(600, 190)
    field.show()
    QTest.mouseMove(field, QPoint(20, 20))
    QTest.mouseMove(field, QPoint(300, 90))
    QTest.mouseClick(field, Qt.MouseButton.LeftButton, pos=QPoint(300, 90))
    QTest.mouseClick(field, Qt.MouseButton.RightButton, pos=QPoint(300, 90))
    QTest.mouseDClick(field, Qt.MouseButton.LeftButton, pos=QPoint(300, 90))
    QTest.wheelEvent(field.windowHandle(), QPoint(300, 90), QPoint(0, -120))
    QTest.mousePress(field, Qt.MouseButton.LeftButton, pos=QPoint(100, 90))
    QTest.mouseMove(field, QPoint(400, 90))
    QTest.mouseRelease(field, Qt.MouseButton.LeftButton, pos=QPoint(400, 90))
    assert {
        "move",
        "corner_1",
        "left_button",
        "right_button",
        "double_click",
        "wheel_down",
        "drag",
    } <= hands.seen
    assert "corner_4" not in hands.seen
    assert not field.grab().isNull()


def test_two_fingers_are_counted(qtbot: QtBot) -> None:
    """A touch screen tells how many fingers it feels."""
    hands = Pressed()
    field = PointerField(hands)
    qtbot.addWidget(field)
    field.resize(600, 190)
    field.show()
    screen = QTest.createTouchDevice()
    QTest.touchEvent(field, screen).press(0, QPoint(100, 90), field).press(1, QPoint(200, 90), field)
    assert {"touch", "two_fingers"} <= hands.seen
    assert hands.fingers == 2


def test_the_screen_is_filled_and_left_by_keyboard(qtbot: QtBot) -> None:
    """Space goes on, Backspace back, Esc ends; the colour covers every dot and is told in words."""
    shown: list[int] = []
    ended: list[int] = []
    fill = ScreenFill(shown.append, lambda: ended.append(1))
    qtbot.addWidget(fill)
    fill.show_colour(2)
    fill.resize(80, 60)
    fill.show()
    assert fill.grab().toImage().pixelColor(79, 59).name() == "#ff0000"
    assert "red" in fill.accessibleName()
    QTest.keyClick(fill, Qt.Key.Key_Space)
    QTest.keyClick(fill, Qt.Key.Key_Backspace)
    QTest.mouseClick(fill, Qt.MouseButton.LeftButton)
    QTest.keyClick(fill, Qt.Key.Key_Escape)
    assert shown == [3, 1, 3]
    assert ended == [1]


def test_a_broken_picture_is_no_picture(qtbot: QtBot) -> None:
    """Half a picture and rubbish leave the place empty; a whole one is shown."""
    whole = Picture(kind="grey", width=2, height=2, data=base64.b64encode(bytes([0, 255, 255, 0])).decode())
    assert image_of(whole).pixelColor(1, 0).lightness() == 255
    for broken in (
        Picture(kind="grey", width=200, height=2, data=whole.data),
        Picture(kind="jpeg", width=2, height=2, data=base64.b64encode(b"no picture").decode()),
    ):
        assert image_of(broken).isNull()
    view = PictureView()
    qtbot.addWidget(view)
    view.show_picture(whole)
    assert not view.grab().isNull()
    view.show_picture(None)
