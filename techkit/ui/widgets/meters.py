"""Measures: a ring, a bar with a mark, and a before/after dumbbell.

Ring and bar are progress bars to a screen reader, so that role and value come from the toolkit.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QProgressBar, QSizePolicy

from techkit.ui import theme

#: Steps of a share from 0 to 1.
_STEPS = 1000


class _Measure(QProgressBar):
    """What a screen reader takes for a progress bar, painted by ourselves in the window's own time."""

    def _fill(self, share: float) -> None:
        # The toolkit's setValue paints at once, and everything beside the bar with it: five bars took 23 ms of a turn.
        self.setUpdatesEnabled(False)
        self.setValue(round(max(0.0, min(1.0, share)) * _STEPS))
        self.setUpdatesEnabled(True)


class Meter(_Measure):
    """A bar filled to a share; `mark`: a tick at another share (the part of the year gone)."""

    def __init__(
        self,
        name: str,
        share: float = 0.0,
        *,
        colour: str = "focus",
        height: int = 8,
        mark: float | None = None,
    ) -> None:
        super().__init__()
        self._colour, self._bar, self._mark = colour, height, mark
        self.setRange(0, _STEPS)
        self.setTextVisible(False)
        self.setAccessibleName(name)
        self.setFixedHeight(theme.look().px(height if mark is None else max(height, 14)))
        self.setMinimumWidth(theme.look().px(60))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_share(share)

    def set_share(self, share: float, colour: str = "") -> None:
        """Fill to a share from 0 to 1; more than 1 shows as full."""
        self._colour = colour or self._colour
        self._fill(share)

    def minimumSizeHint(self) -> QSize:
        """Ask for a short bar."""
        return QSize(theme.look().px(60), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint groove, fill and mark."""
        look = theme.look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # Room for the groove's own line, and for a bar whose text grew since it was made.
        height = min(look.px(self._bar), self.height()) - (1 if look.is_high_contrast else 0)
        groove = QRectF(0.5, (self.height() - height) / 2, self.width() - 1, height)
        painter.setPen(QPen(look.colour("strong"), 1) if look.is_high_contrast else Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("hover"))
        painter.drawRoundedRect(groove, height / 2, height / 2)
        if self.value() > 0:
            filled = QRectF(groove)
            filled.setWidth(max(height, groove.width() * self.value() / _STEPS))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour(self._colour))
            painter.drawRoundedRect(filled, height / 2, height / 2)
        if self._mark is not None:
            x = 1 + (self.width() - 2) * max(0.0, min(1.0, self._mark))
            painter.setPen(QPen(look.colour("text"), 2))
            painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))


class Ring(_Measure):
    """A ring filled to a share, with a short text inside ("3/6", "61 %")."""

    def __init__(
        self, name: str, share: float = 0.0, text: str = "", *, size: int = 78, width: int = 8
    ) -> None:
        super().__init__()
        self._text, self._stroke = text, width
        self.setRange(0, _STEPS)
        self.setTextVisible(False)
        self.setAccessibleName(name)
        edge = theme.look().px(size)
        self.setFixedSize(edge, edge)
        self.set_share(share, text)

    def set_share(self, share: float, text: str) -> None:
        """Fill to a share from 0 to 1 and show a text."""
        self._text = text
        self._fill(share)
        self.setAccessibleDescription(text)

    def minimumSizeHint(self) -> QSize:
        """Return the ring's own size."""
        return self.size()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ring and text."""
        look = theme.look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        stroke = look.px(self._stroke)
        inset = stroke / 2 + 1
        area = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.setPen(QPen(look.colour("hover"), stroke))
        painter.drawEllipse(area)
        if self.value():
            pen = QPen(look.colour("focus"), stroke, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawArc(area, 90 * 16, round(-360 * 16 * self.value() / _STEPS))
        painter.setPen(look.colour("text"))
        font = look.font(17, 700)
        font.setPixelSize(max(11, round(self.width() * (0.235 if len(self._text) < 5 else 0.2))))
        painter.setFont(font)
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), self._text)


class Dumbbell(QLabel):
    """Before and after on a reading's own scale, with its limit.

    change: 1 better, -1 worse, 0 the same. The words stand beside it; `name` says all for a screen
    reader ("Free space: before 2.1 GB, after 61.4 GB, better"). limit_is_low: the bad side lies
    below the limit; it is marked by a thicker groove.
    """

    def __init__(
        self,
        name: str,
        before: float | None,
        after: float | None,
        *,
        low: float = 0.0,
        high: float = 100.0,
        limit: float | None = None,
        limit_is_low: bool = False,
        change: int = 0,
    ) -> None:
        super().__init__()
        self._before, self._after = before, after
        self._low, self._high = low, high if high > low else low + 1
        self._limit, self._limit_is_low, self._change = limit, limit_is_low, change
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAccessibleName(name)
        self.setMinimumWidth(theme.look().px(150))
        self.setFixedHeight(theme.look().px(26))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _x(self, value: float) -> float:
        share = (max(self._low, min(self._high, value)) - self._low) / (self._high - self._low)
        return 10 + (self.width() - 20) * share

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint scale, bad side, limit, both points and the way between them."""
        look = theme.look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        round_cap = Qt.PenCapStyle.RoundCap
        x = self._x(self._limit) if self._limit is not None else 0.0
        if self._limit is not None:
            bad_side = (10.0, x) if self._limit_is_low else (x, self.width() - 10.0)
            painter.setPen(QPen(look.colour("badSoft"), 10, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
            painter.drawLine(QPointF(bad_side[0], middle), QPointF(bad_side[1], middle))
        # Over the bad side: in high contrast that has no colour of its own.
        painter.setPen(QPen(look.colour("hover"), 4, Qt.PenStyle.SolidLine, round_cap))
        painter.drawLine(QPointF(10, middle), QPointF(self.width() - 10, middle))
        if self._limit is not None:
            painter.setPen(QPen(look.colour("bad"), 1.4, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, 3), QPointF(x, self.height() - 3))
        tone = look.colour({1: "ok", -1: "bad"}.get(self._change, "none"))
        if self._before is not None and self._after is not None:
            painter.setPen(QPen(tone, 4))
            painter.drawLine(QPointF(self._x(self._before), middle), QPointF(self._x(self._after), middle))
        if self._before is not None:
            painter.setPen(QPen(look.colour("none"), 2))
            painter.setBrush(look.colour("surface"))
            painter.drawEllipse(QPointF(self._x(self._before), middle), 6, 6)
        if self._after is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tone)
            painter.drawEllipse(QPointF(self._x(self._after), middle), 7, 7)
