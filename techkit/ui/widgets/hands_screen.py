"""Trying the screen: one colour after the other over all of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.presenters.hands import COLOUR_NAMES, COLOURS
from techkit.ui.widgets.boxes import column, holder
from techkit.ui.widgets.buttons import Button, actions
from techkit.ui.widgets.hands_area import Area
from techkit.ui.widgets.labels import Label

if TYPE_CHECKING:
    from techkit.ui.presenters.hands import Hands


class ScreenArea(Area):
    """The colours, and the button that fills the screen with them."""

    def __init__(self, hands: Hands, leave: Callable[[], object]) -> None:
        super().__init__(hands, leave)
        start = Button(_("Fill the screen"), "soft", icon="monitor", press=lambda: hands.fill_screen(0))
        hint = _("Space or a click shows the next colour, Backspace the one before, Esc ends it.")
        self.setLayout(column(_Swatches(), holder(actions(start)), Label(hint, "small", wraps=True), gap=10))


class _Swatches(QLabel):
    """The colours that will fill the screen, beside each other."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(theme.look().px(54))
        self.setAccessibleName(", ".join(_(name) for name in COLOUR_NAMES))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint one square a colour."""
        look, painter = theme.look(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = self.height() - 2
        for place, colour in enumerate(COLOURS):
            painter.setPen(QPen(look.colour("strong"), 1))
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(QRectF(1 + place * (edge + look.px(8)), 1, edge, edge), 8, 8)


class ScreenFill(QWidget):
    """One colour over the whole screen; Space, Enter, → or a click for the next, ← or Backspace back, Esc ends."""

    def __init__(self, show: Callable[[int], object], leave: Callable[[], object]) -> None:
        super().__init__(None, Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
        self._show, self._leave = show, leave
        self._place = 0
        self.setCursor(Qt.CursorShape.BlankCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setWindowTitle(_("Screen test"))

    def show_colour(self, place: int) -> None:
        """Fill with a colour of the presenter's list."""
        self._place = place
        self.setAccessibleName(_("The screen is filled with {colour}", colour=_(COLOUR_NAMES[place])))
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on, back or out."""
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Backspace):
            self._show(max(0, self._place - 1))
        else:
            self._show(self._place + 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Show the next colour."""
        self._show(self._place + 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill."""
        QPainter(self).fillRect(self.rect(), QColor(COLOURS[self._place]))
