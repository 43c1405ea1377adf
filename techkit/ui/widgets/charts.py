"""Small charts painted by ourselves: a live chart of the last minute, and a line over visits.

Series are told apart by dash as well as by colour; the current value stands beside the chart as
text. A chart that is not visible is not painted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy

from techkit import i18n
from techkit.ui import theme

#: Points a live chart holds: 60 s at two a second.
LIVE_POINTS = 121


class Sparkline(QLabel):
    """A line over a few points, e.g. wear at the last visits, with its limit as a dashed line."""

    def __init__(
        self,
        name: str,
        points: Sequence[float],
        *,
        colour: str = "c1",
        height: int = 56,
        low: float | None = None,
        high: float | None = None,
        limit: float | None = None,
    ) -> None:
        super().__init__()
        self._points, self._colour, self._limit = tuple(points), colour, limit
        held = [*self._points, *([limit] if limit is not None else [])] or [0.0]
        self._low = min(held) if low is None else low
        self._high = max(held) if high is None else high
        if self._high <= self._low:
            self._high = self._low + 1
        self.setAccessibleName(name)
        self.setFixedHeight(theme.look().px(height))
        self.setMinimumWidth(theme.look().px(80))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint area, limit and line."""
        look = theme.look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(2, 4, -2, -4)
        if self._limit is not None:
            y = _y(self._limit, area, self._low, self._high)
            painter.setPen(QPen(look.colour("bad"), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        if len(self._points) == 1:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour(self._colour))
            painter.drawEllipse(
                QPointF(area.center().x(), _y(self._points[0], area, self._low, self._high)), 4, 4
            )
            return
        step = area.width() / max(1, len(self._points) - 1)
        _paint_series(
            painter,
            area,
            [
                QPointF(area.left() + step * place, _y(value, area, self._low, self._high))
                for place, value in enumerate(self._points)
            ],
            look.colour(self._colour),
            is_filled=True,
        )


class LiveChart(QLabel):
    """The last minute of one or two series; the newest point is at the right edge.

    unit and title are for the screen reader's words; low and high is the scale, which grows when a
    value goes beyond it. limit is drawn and labelled.
    """

    def __init__(
        self,
        title: str,
        unit: str,
        *,
        colours: tuple[str, ...] = ("c1",),
        low: float = 0.0,
        high: float = 100.0,
        limit: float | None = None,
        height: int = 112,
    ) -> None:
        super().__init__()
        self._title, self._unit, self._colours = title, unit, colours
        self._low, self._high, self._limit = low, high, limit
        self._span = LIVE_POINTS
        self._series: tuple[deque[float], ...] = tuple(deque(maxlen=LIVE_POINTS) for _ in colours)
        self.setFixedHeight(theme.look().px(height))
        self.setMinimumWidth(theme.look().px(160))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)

    def describe(self, words: str) -> None:
        """Say the newest value in words, for a screen reader."""
        if words != self.accessibleDescription():
            self.setAccessibleDescription(words)

    def show_series(self, series: Sequence[Sequence[float]], *, span: int, high: float) -> None:
        """Show these points on a scale up to `high`; span: so many points take the whole width."""
        self._span, self._high = max(2, span), max(high, self._low + 1e-9)
        for held, given in zip(self._series, series, strict=True):
            held.clear()
            held.extend(given)
        if self.isVisible():
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint scale, limit and series."""
        look = theme.look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(look.font(11, 400))
        left = look.px(38)
        area = QRectF(left, 7, self.width() - left - 2, self.height() - 14)
        for share in (0.0, 0.5, 1.0):
            value = self._low + (self._high - self._low) * share
            y = round(_y(value, area, self._low, self._high)) + 0.5
            painter.setPen(QPen(look.colour("border"), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(look.colour("text3"))
            painter.drawText(
                QRectF(0, y - 8, left - 6, 16),
                int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter),
                i18n.number(value, 0 if self._high - self._low > 5 else 1),
            )
        for number, (series, colour) in enumerate(zip(self._series, self._colours, strict=True)):
            self._paint_line(painter, area, series, look.colour(colour), is_first=number == 0)
        if self._limit is not None and self._limit <= self._high:
            y = _y(self._limit, area, self._low, self._high)
            painter.setPen(QPen(look.colour("bad"), 1.2, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.drawText(
                QRectF(area.left(), y + 1, area.width() - 3, 16),
                int(Qt.AlignmentFlag.AlignRight),
                f"{self._limit:.0f} {self._unit}",
            )

    def _paint_line(
        self, painter: QPainter, area: QRectF, series: deque[float], colour: QColor, *, is_first: bool
    ) -> None:
        if len(series) < 2:
            return
        step = area.width() / (self._span - 1)
        start = area.right() - step * (len(series) - 1)
        points = [
            QPointF(start + step * place, _y(value, area, self._low, self._high))
            for place, value in enumerate(series)
        ]
        _paint_series(painter, area, points, colour, is_filled=is_first, is_dashed=not is_first)


def _y(value: float, area: QRectF, low: float, high: float) -> float:
    share = (max(low, min(high, value)) - low) / (high - low)
    return area.bottom() - area.height() * share


def _paint_series(
    painter: QPainter,
    area: QRectF,
    points: list[QPointF],
    colour: QColor,
    *,
    is_filled: bool,
    is_dashed: bool = False,
) -> None:
    if len(points) < 2:
        return
    path = QPainterPath(points[0])
    for point in points[1:]:
        path.lineTo(point)
    if is_filled:
        under = QPainterPath(path)
        under.lineTo(points[-1].x(), area.bottom())
        under.lineTo(points[0].x(), area.bottom())
        under.closeSubpath()
        shade = QLinearGradient(0, area.top(), 0, area.bottom())
        for place, opacity in ((0.0, 60), (1.0, 14)):
            tint = QColor(colour)
            tint.setAlpha(opacity)
            shade.setColorAt(place, tint)
        painter.fillPath(under, shade)
    pen = QPen(colour, 1.8, Qt.PenStyle.DashLine if is_dashed else Qt.PenStyle.SolidLine)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
