"""A card over the darkened window: the palette, help, the print sheet, what is shown of a mistake."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from techkit.ui import theme
from techkit.ui.widgets.cards import Card

#: What stays free beside the card (px).
EDGE = 32


class Overlay(QWidget):
    """Darkens the window and holds a card in its middle; Esc takes it away and gives the focus back.

    width: of the card (design px). is_light: a press beside the card takes it away, too.
    """

    def __init__(self, *, width: int, is_light: bool = False) -> None:
        super().__init__()
        self._card_width = width
        self._is_light = is_light
        self._came_from: QWidget | None = None
        self.card = Card()

    def take_card(self, card: Card) -> None:
        """Show this card; it is hidden until the overlay appears."""
        self.card = card
        self.card.setParent(self)
        self.hide()

    def appear(self, focus: QWidget) -> None:
        """Show the card over everything with the focus in it."""
        if not self.isVisible():
            self._came_from = QApplication.focusWidget()
        self.show()
        self.raise_()
        self.place()
        focus.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave(self) -> None:
        """Hide the card and give the focus back to where it came from."""
        self.hide()
        came_from, self._came_from = self._came_from, None
        if came_from is not None:
            came_from.setFocus(Qt.FocusReason.OtherFocusReason)

    def card_height(self, width: int) -> int:
        """Return the height the card needs at a width (device px)."""
        return max(self.card.box.heightForWidth(width), self.card.sizeHint().height())

    def card_top(self, height: int) -> int:
        """Return where the card begins: the middle, but never above the window."""
        return max(16, (self.height() - height) // 2)

    def place(self) -> None:
        """Lay the card into the middle."""
        width = min(theme.look().px(self._card_width), self.width() - EDGE)
        self.card.setFixedWidth(width)
        height = self.card_height(width)
        self.card.setGeometry(QRect((self.width() - width) // 2, self.card_top(height), width, height))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave by Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Leave on a press beside a light card; nothing beneath is pressed."""
        if self._is_light and not self.card.geometry().contains(event.position().toPoint()):
            self.leave()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Darken what lies beneath."""
        QPainter(self).fillRect(self.rect(), theme.look().colour("scrim"))

    def resizeEvent(self, event: object) -> None:
        """Keep the card in its place."""
        self.place()

    def event(self, event: QEvent) -> bool:
        """Make room for a card that grew: by a mistake told in it, a larger text, the lines of another look."""
        if event.type() == QEvent.Type.LayoutRequest and self.isVisible():
            self.place()
        return super().event(event)
