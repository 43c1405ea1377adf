"""Trying mouse, touch pad and touch screen: a field with corners to reach."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QTouchEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.presenters.hands import POINTED
from techkit.ui.widgets.boxes import column, holder
from techkit.ui.widgets.cards import Tag
from techkit.ui.widgets.flowing import Flow
from techkit.ui.widgets.hands_area import Area
from techkit.ui.widgets.rows import Slot

if TYPE_CHECKING:
    from techkit.ui.presenters.hands import Hands


class PointerArea(Area):
    """The field, and what of the pointer answered."""

    def __init__(self, hands: Hands, leave: Callable[[], object]) -> None:
        super().__init__(hands, leave)
        self.field = PointerField(hands)
        self._seen = Slot(self._make_seen)
        self.setLayout(column(self.field, self._seen, gap=10))

    def render_live(self) -> None:
        """Show what answered."""
        self._seen.show_item(tuple((word, word in self.hands.seen) for word in POINTED))
        self.field.update()

    def _make_seen(self, words: tuple[tuple[str, bool], ...]) -> QWidget:
        from techkit.diagnostics.trials import NAMES

        made = [
            Tag(_(NAMES[word]), "ok", "check", "bold")
            if is_seen
            else Tag(_(NAMES[word]), "none", "circle-dashed")
            for word, is_seen in words
        ]
        return holder(Flow(*made, gap=6))

    def focus_first(self) -> None:
        """Let the field be reached by Tab, too."""
        self.field.setFocus()


class PointerField(QWidget):
    """A field with four corners to reach; it notes movement, buttons, wheel, dragging and fingers."""

    def __init__(self, hands: Hands) -> None:
        super().__init__()
        self._hands = hands
        self._at: QPointF | None = None
        self._pressed_at: QPointF | None = None
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(_("Field for the pointer: corners, buttons, wheel, dragging, fingers"))
        self.setFixedHeight(theme.look().px(190))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)

    def event(self, event: QEvent) -> bool:
        """Count fingers."""
        if isinstance(event, QTouchEvent):
            fingers = len(event.points())
            self._hands.point("touch", fingers)
            if fingers > 1:
                self._hands.point("two_fingers", fingers)
            self._reach(event.points()[0].position())
            event.accept()
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Note movement, corners and dragging."""
        self._hands.point("move")
        self._reach(event.position())
        held = self._pressed_at
        if held is not None and (event.position() - held).manhattanLength() > theme.look().px(60):
            self._hands.point("drag")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Note the button."""
        self._pressed_at = event.position()
        word = {
            Qt.MouseButton.LeftButton: "left_button",
            Qt.MouseButton.RightButton: "right_button",
            Qt.MouseButton.MiddleButton: "middle_button",
        }.get(event.button())
        if word:
            self._hands.point(word)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End dragging."""
        self._pressed_at = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Note a double click."""
        self._hands.point("double_click")

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Note the wheel, and keep the page where it is."""
        turned = event.angleDelta().y()
        if turned:
            self._hands.point("wheel_up" if turned > 0 else "wheel_down")
        event.accept()

    def _reach(self, place: QPointF) -> None:
        self._at = place
        for number_, corner in enumerate(self._corners(), 1):
            if corner.contains(place):
                self._hands.point(f"corner_{number_}")
        self.update()

    def _corners(self) -> tuple[QRectF, ...]:
        edge = theme.look().px(34)
        right, bottom = self.width() - edge - 6, self.height() - edge - 6
        return tuple(QRectF(x, y, edge, edge) for y in (6, bottom) for x in (6, right))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the field, its corners and where the pointer is."""
        look, painter = theme.look(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(
            QPen(look.colour("focus" if self.hasFocus() else "strong"), 2 if self.hasFocus() else 1)
        )
        painter.setBrush(look.colour("sunken"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 10, 10)
        for number_, corner in enumerate(self._corners(), 1):
            is_seen = f"corner_{number_}" in self._hands.seen
            painter.setPen(QPen(look.colour("ok" if is_seen else "strong"), 2))
            painter.setBrush(look.colour("okSoft" if is_seen else "surface"))
            painter.drawEllipse(corner)
            if is_seen:
                middle, reach = corner.center(), corner.width() / 5
                painter.drawLine(middle + QPointF(-reach, 0), middle + QPointF(-reach / 4, reach))
                painter.drawLine(middle + QPointF(-reach / 4, reach), middle + QPointF(reach * 1.2, -reach))
        if self._at is not None:
            painter.setPen(QPen(look.colour("accentText"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(self._at, 8, 8)
