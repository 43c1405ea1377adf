"""A place to sign: strokes drawn with finger, pen or mouse, kept as points, never as a picture.

Drawing has an alternative beside it (a typed name, a signature on paper), as WCAG 2.5.7 asks; this
widget is the drawing only. Strokes are scaled to a box 1000 wide, so that they print at any size.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from techkit.i18n import _
from techkit.ui import theme

#: One stroke: points (x, y) with x from 0 to 1000 and y in the same unit.
Stroke = tuple[tuple[float, float], ...]

#: Width of the box strokes are kept in.
BOX_WIDTH = 1000.0

#: Ink and paper are the same in every look: a signature is shown as it prints.
_INK, _PAPER, _EDGE, _HINT = "#10233F", "#FFFFFF", "#7F8899", "#5D6677"

#: How the hint stands on the page.
_WRAPPED = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)

#: A touch that does not move further than this, in px, is a slip and not a signature.
_LEAST_PX = 6.0


class SignaturePad(QWidget):
    """The signature field. `changed` tells after each stroke.

    is_on_page: lies over the page itself, which brings paper, line and words.
    """

    changed = Signal()

    def __init__(self, *, height: int = 150, is_on_page: bool = False) -> None:
        super().__init__()
        self._is_on_page = is_on_page
        self._strokes: list[list[QPointF]] = []
        self._box = QSize()
        if not is_on_page:
            self.setMinimumHeight(theme.look().px(height))
            self.setMinimumWidth(theme.look().px(240))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._hint = ""
        self.retranslate()

    def retranslate(self) -> None:
        """Speak the language of now: the customer's, beside their page."""
        self.setAccessibleName(_("Signature field. You can also type the name or sign on paper."))
        self._hint = (
            _("Sign here with finger, pen or mouse")
            if self._is_on_page
            else _("Sign above the line with a finger, pen or mouse")
        )
        self._tell()
        self.update()

    def hint_font(self) -> QFont:
        """Return the largest letters in which the hint on the page is whole."""
        whole = QRect(QPoint(), self.size() - QSize(8, 4))
        sizes = [theme.look().font(size, 400) for size in (13, 12, 11, 10, 9, 8)]
        return next(
            (
                font
                for font in sizes
                if whole.contains(QFontMetrics(font).boundingRect(whole, _WRAPPED, self._hint))
            ),
            sizes[-1],
        )

    @property
    def is_empty(self) -> bool:
        """True until something longer than a slip was drawn."""
        return not self.strokes()

    def strokes(self) -> tuple[Stroke, ...]:
        """Return what was drawn, scaled to a box BOX_WIDTH wide, rounded to a tenth."""
        scale = BOX_WIDTH / max(1, self._box.width() or self.width())
        return tuple(
            tuple((round(point.x() * scale, 1), round(point.y() * scale, 1)) for point in stroke)
            for stroke in self._strokes
            if _length(stroke) >= _LEAST_PX
        )

    def clear(self) -> None:
        """Take the drawing away."""
        self._strokes = []
        self._tell()
        self.update()
        self.changed.emit()

    def _tell(self) -> None:
        self.setAccessibleDescription(_("Empty") if self.is_empty else _("Signed"))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._box = self.size()
            self._strokes.append([event.position()])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw on."""
        if self._strokes and event.buttons() & Qt.MouseButton.LeftButton:
            self._strokes[-1].append(event.position())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the stroke; a slip is forgotten."""
        if event.button() is not Qt.MouseButton.LeftButton or not self._strokes:
            return
        if _length(self._strokes[-1]) < _LEAST_PX:
            self._strokes.pop()
            self.update()
            return
        self._tell()
        self.changed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint paper, line, hint and ink."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._is_on_page:
            self._paint_ground_on_page(painter)
        else:
            self._paint_paper(painter)
        painter.setPen(
            QPen(
                QColor(_INK),
                2.4,
                Qt.PenStyle.SolidLine,
                Qt.PenCapStyle.RoundCap,
                Qt.PenJoinStyle.RoundJoin,
            )
        )
        painter.setBrush(Qt.BrushStyle.NoBrush)
        scale = self.width() / max(1, self._box.width() or self.width())
        for stroke in self._strokes:
            painter.drawPolyline(QPolygonF([point * scale for point in stroke]))

    def _paint_ground_on_page(self, painter: QPainter) -> None:
        """Mark the place with a soft ground and an edge; the page has the line and the words."""
        ground = QColor(_INK)
        ground.setAlpha(14 if self.is_empty else 0)
        painter.setBrush(ground)
        edge = QColor(_EDGE)
        painter.setPen(QPen(edge, 2 if self.hasFocus() else 1, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        if not self._strokes:
            painter.setPen(QColor(_HINT))
            painter.setFont(self.hint_font())
            painter.drawText(self.rect(), _WRAPPED, self._hint)

    def _paint_paper(self, painter: QPainter) -> None:
        look = theme.look()
        is_focused = self.hasFocus()
        painter.setPen(QPen(look.colour("focus" if is_focused else "strong"), 2 if is_focused else 1.5))
        painter.setBrush(QColor(_PAPER))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 10, 10)
        base = self.height() - look.px(40)
        painter.setPen(QPen(QColor(_EDGE), 1.2))
        painter.drawLine(QPointF(24, base), QPointF(self.width() - 24, base))
        painter.setPen(QColor(_HINT))
        painter.setFont(look.font(13, 400))
        painter.drawText(QRectF(24, base + look.px(6), self.width() - 48, look.px(22)), 0, self._hint)
        painter.setFont(look.font(18, 400))
        painter.drawText(QPointF(26, base - 6), "×")


def _length(stroke: Sequence[QPointF]) -> float:
    return float(sum((b - a).manhattanLength() for a, b in itertools.pairwise(stroke)))
