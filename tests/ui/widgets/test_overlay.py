"""Cards over the window: where they lie, what takes them away, and that the focus comes back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from techkit.ui.controls import LineEdit
from techkit.ui.widgets.cards import Card
from techkit.ui.widgets.labels import Label
from techkit.ui.widgets.overlay import Overlay


def over_a_window(qtbot: QtBot, *, is_light: bool) -> tuple[QWidget, LineEdit, Overlay, LineEdit]:
    """Return a window, its field, an overlay that lies over it, and the overlay's field."""
    window = QWidget()
    window.resize(900, 600)
    beneath, inside = LineEdit(name="Beneath"), LineEdit(name="Inside")
    beneath.setParent(window)
    overlay = Overlay(width=400, is_light=is_light)
    overlay.take_card(Card(Label("A question", "section"), inside))
    overlay.setParent(window)
    overlay.resize(window.size())
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    beneath.setFocus()
    return window, beneath, overlay, inside


def test_escape_gives_the_focus_back(qtbot: QtBot, look: Callable[..., None]) -> None:
    """The keyboard goes into the card and, by Esc, back to where it was."""
    _window, beneath, overlay, inside = over_a_window(qtbot, is_light=False)
    assert overlay.isHidden()
    overlay.appear(inside)
    assert inside.hasFocus()
    qtbot.keyClick(inside, Qt.Key.Key_Escape)
    assert overlay.isHidden()
    assert beneath.hasFocus()


@pytest.mark.parametrize("is_light", [True, False])
def test_a_press_beside_takes_only_light_cards_away(
    qtbot: QtBot, look: Callable[..., None], is_light: bool
) -> None:
    """Help goes by a press beside it; a question that was begun stays."""
    _window, _beneath, overlay, inside = over_a_window(qtbot, is_light=is_light)
    overlay.appear(inside)
    qtbot.mouseClick(overlay, Qt.MouseButton.LeftButton, pos=overlay.card.geometry().center())
    assert overlay.isVisible()
    qtbot.mouseClick(overlay, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert overlay.isHidden() is is_light


def test_the_card_stays_in_the_middle_of_a_small_window(qtbot: QtBot, look: Callable[..., None]) -> None:
    """A card is never wider than the window and never begins above it."""
    window, _beneath, overlay, inside = over_a_window(qtbot, is_light=False)
    overlay.appear(inside)
    window.resize(300, 40)
    overlay.resize(300, 40)
    assert overlay.card.width() == 300 - 32
    assert overlay.card.geometry().center().x() in range(149, 152)
    assert overlay.card.y() == 16


def test_a_card_that_grew_gets_its_room(qtbot: QtBot, look: Callable[..., None]) -> None:
    """In the look of high contrast a field has a thicker line; nothing of it is cut off at the card's foot."""
    _window, _beneath, overlay, inside = over_a_window(qtbot, is_light=False)
    overlay.appear(inside)
    before = overlay.card.height()
    inside.setMinimumHeight(inside.height() + 30)
    qtbot.waitUntil(lambda: overlay.card.height() == before + 30)
