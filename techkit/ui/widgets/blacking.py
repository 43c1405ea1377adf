"""The sheet on which parts of a photo are blacked out: drawn with finger, pen or mouse, or by the keyboard with a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.widgets.banner import announce
from techkit.ui.widgets.boxes import column, holder
from techkit.ui.widgets.buttons import Button, actions
from techkit.ui.widgets.cards import Card
from techkit.ui.widgets.labels import Label
from techkit.ui.widgets.overlay import EDGE, Overlay

if TYPE_CHECKING:
    from techkit.ui.presenters.blacking import Blacking, BlackingState

_WIDTH = 820

#: The least and most height of the photo, design px; it takes the room that the rest of the card leaves.
_LEAST_HEIGHT, _MOST_HEIGHT = 72, 560

#: By how much an arrow key moves the frame, in thousandths of the photo.
_STEP = 20

_ARROWS = {
    Qt.Key.Key_Left: (-_STEP, 0),
    Qt.Key.Key_Right: (_STEP, 0),
    Qt.Key.Key_Up: (0, -_STEP),
    Qt.Key.Key_Down: (0, _STEP),
}


class BlackingSheet(Overlay):
    """A card over the window with the photo; what is black on it goes for good."""

    def __init__(self, blacking: Blacking) -> None:
        super().__init__(width=_WIDTH)
        self._blacking = blacking
        self._title = Label("", "section", wraps=True)
        self.canvas = PhotoCanvas()
        self.canvas.setFixedHeight(theme.look().px(_LEAST_HEIGHT))
        self.canvas.marked.connect(blacking.mark)
        self._line = Label("", "small", wraps=True)
        self._trouble = Label("", "small_strong", wraps=True, tone="bad")
        self._back = Button(
            _("Take the last one back"), "ghost", icon="arrow-u-up-left", press=blacking.take_back
        )
        self._keep = Button(_("Black out for good"), "primary", icon="eraser", press=blacking.keep)
        self._close = Button(_("Not now"), press=self.leave)
        self.take_card(
            Card(
                column(
                    self._title,
                    Label(
                        _(
                            "Draw over what nobody else should see. Under the black nothing is kept: the photo as it "
                            "is now is removed from this device, and no undo brings it back."
                        ),
                        "small",
                        wraps=True,
                    ),
                    gap=3,
                ),
                self.canvas,
                self._line,
                self._trouble,
                holder(actions(self._back, self._close, self._keep)),
                margins=20,
                gap=12,
            )
        )
        self._end = blacking.changed.subscribe(self.render_state)

    def open_over(self, page: QWidget) -> None:
        """Show the sheet over a page."""
        if self.parentWidget() is not page:
            self.setParent(page)
            page.installEventFilter(self)
        self._fill(page)
        self.render_state()
        self.appear(self.canvas)

    def _fill(self, page: QWidget) -> None:
        self.setGeometry(page.rect())
        self.place()

    def place(self) -> None:
        """Lay the card into the middle, with the photo as high as leaves the buttons inside the window."""
        look = theme.look()
        width = min(look.px(_WIDTH), self.width() - EDGE)
        self.card.setFixedWidth(width)
        room = self.height() - EDGE - (self.card_height(width) - self.canvas.height())
        self.canvas.setFixedHeight(max(look.px(_LEAST_HEIGHT), min(look.px(_MOST_HEIGHT), room)))
        super().place()

    def eventFilter(self, page: QObject, event: QEvent) -> bool:
        """Go along with the window's size."""
        if event.type() == QEvent.Type.Resize and isinstance(page, QWidget) and self.isVisible():
            self._fill(page)
        return super().eventFilter(page, event)

    def leave(self) -> None:
        """Go and leave the photo as it is."""
        super().leave()
        if self._blacking.state.file_id:
            self._blacking.close()

    def release(self) -> None:
        """Let go of the presenter."""
        self._end()

    def render_state(self) -> None:
        """Show the presenter's state; the sheet goes when the photo was kept."""
        state = self._blacking.state
        if not state.file_id:
            if self.isVisible():
                super().leave()
            return
        self._title.setText(_("Black out parts of “{title}”", title=state.title))
        before = self._line.text()
        self._line.setText(state.line)
        theme.show_or_hide(self._line, bool(state.line))
        self._trouble.setText(state.trouble)
        theme.show_or_hide(self._trouble, bool(state.trouble))
        self.canvas.show_state(state)
        self._back.setEnabled(bool(state.boxes) and not state.is_busy)
        self._keep.setEnabled(bool(state.boxes) and not state.is_busy)
        if self.isVisible() and state.line and state.line != before:
            announce(self.canvas, state.line)
        self.place()


class PhotoCanvas(QWidget):
    """The photo with its black boxes. `marked`: left, top, right, bottom of a new one, thousandths of the photo."""

    marked = Signal(int, int, int, int)

    def __init__(self) -> None:
        super().__init__()
        self._picture = b""
        self._image = QImage()
        self._boxes: tuple[tuple[int, int, int, int], ...] = ()
        self._from: QPointF | None = None
        self._to = QPointF()
        self._frame = (400, 400, 600, 500)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def show_state(self, state: BlackingState) -> None:
        """Show photo and boxes."""
        if state.picture is not self._picture:
            self._picture, self._image = state.picture, QImage.fromData(state.picture)
        self._boxes = state.boxes
        self.setAccessibleName(
            _(
                "Photo: {title}. The arrow keys move a frame, with Shift they change its size, Enter blacks it out.",
                title=state.title,
            )
        )
        self.update()

    def place_of_photo(self) -> QRectF:
        """Return where the photo is painted."""
        if self._image.isNull():
            return QRectF()
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        return QRectF(left, top, size.width(), size.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a box."""
        if event.button() is Qt.MouseButton.LeftButton and not self.place_of_photo().isEmpty():
            self._from = self._to = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw it on."""
        if self._from is not None:
            self._to = event.position()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the box."""
        if self._from is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        begun, self._from = self._from, None
        self.marked.emit(*self._thousandths(begun), *self._thousandths(event.position()))
        self.update()

    def _thousandths(self, point: QPointF) -> tuple[int, int]:
        place = self.place_of_photo()
        x, y = (point.x() - place.left()) / place.width(), (point.y() - place.top()) / place.height()
        return round(1000 * min(1.0, max(0.0, x))), round(1000 * min(1.0, max(0.0, y)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the frame, change its size, black it out."""
        key = Qt.Key(event.key())
        if key in _ARROWS:
            x, y = _ARROWS[key]
            left, top, right, bottom = self._frame
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                right, bottom = max(left + _STEP, right + x), max(top + _STEP, bottom + y)
            else:
                x, y = max(-left, min(1000 - right, x)), max(-top, min(1000 - bottom, y))
                left, top, right, bottom = left + x, top + y, right + x, bottom + y
            self._frame = (left, top, min(1000, right), min(1000, bottom))
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.marked.emit(*self._frame)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the frame."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the frame."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint photo, boxes, the one being drawn and the frame of the keyboard."""
        look, painter = theme.look(), QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(QPen(look.colour("border"), 1))
        painter.setBrush(look.colour("sunken"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
        place = self.place_of_photo()
        if place.isEmpty():
            return
        painter.drawImage(place, self._image)
        for box in self._boxes:
            painter.fillRect(_inside(place, box), QColor("black"))
        if self._from is not None:
            painter.fillRect(QRectF(self._from, self._to).normalized().intersected(place), QColor("black"))
        elif self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for colour, style in (("white", Qt.PenStyle.SolidLine), ("black", Qt.PenStyle.DashLine)):
                painter.setPen(QPen(QColor(colour), look.px(2), style))
                painter.drawRect(_inside(place, self._frame))


def _inside(place: QRectF, box: tuple[int, int, int, int]) -> QRectF:
    left, top, right, bottom = (at / 1000 for at in box)
    return QRectF(
        QPointF(place.left() + left * place.width(), place.top() + top * place.height()),
        QPointF(place.left() + right * place.width(), place.top() + bottom * place.height()),
    )
