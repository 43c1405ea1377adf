"""The sidebar's lists: places outside a visit, steps inside it. State is shape, word, colour."""

from __future__ import annotations

import functools
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.widgets.boxes import column
from techkit.ui.widgets.labels import shortcut_text

#: How wide the ground of a place may be, for its height, where only icons are shown.
_WIDEST = 1.3


class _RailButton(theme.RingByKeyboard, QAbstractButton):
    """What places and steps share: a painted, checkable button with a ground for "here"."""

    def __init__(self) -> None:
        super().__init__()
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setProperty("ring", "false")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._is_hovered = False
        self.is_compact = False

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show the hover ground."""
        super().enterEvent(event)
        self._is_hovered = True
        self.update()

    def leaveEvent(self, event: object) -> None:
        """Take the hover ground away."""
        self._is_hovered = False
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press by Return as by Space; arrows move within the list."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.click()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    def _paint_ground(self, painter: QPainter) -> None:
        look = theme.look()
        area = QRectF(self.rect()).adjusted(1, 2, -1, -2)
        if self.is_compact:
            # A low window presses the places together; a ground much wider than high would look squashed.
            spare = max(0.0, area.width() - area.height() * _WIDEST)
            area.adjust(spare / 2, 0, -spare / 2, 0)
        if self.isChecked():
            painter.setPen(QPen(look.colour("accent"), 2) if look.is_high_contrast else Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("navOn"))
            painter.drawRoundedRect(area, 9, 9)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("focus"))
            # A low window presses the places together: the mark then takes two thirds of the height left.
            long = min(look.px(20), self.height() * 2 / 3)
            painter.drawRoundedRect(QRectF(area.left() - 1, (self.height() - long) / 2, 3, long), 1.5, 1.5)
        elif self._is_hovered and self.isEnabled():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("hover"))
            painter.drawRoundedRect(area, 9, 9)
        if self.property("ring") == "true":
            painter.setPen(QPen(look.colour("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area, 9, 9)

    def _draw_text(
        self, painter: QPainter, area: QRectF, text: str, size: int, weight: int, colour: str
    ) -> None:
        look = theme.look()
        painter.setFont(look.font(size, weight))
        painter.setPen(look.colour(colour))
        width = int(area.width())
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)
        painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter), shown)


class Place(_RailButton):
    """One place of the sidebar: an icon, a word, perhaps a count."""

    def __init__(
        self, icon: str, text: str, press: Callable[[], object] | None = None, *, shortcut: str = ""
    ) -> None:
        super().__init__()
        self._icon, self._text, self._count = icon, text, ""
        self.setAccessibleName(text)
        if shortcut:
            self.setToolTip(theme.escaped(f"{text} ({shortcut_text(shortcut)})"))
        if press is not None:
            self.clicked.connect(lambda _checked=False: press())

    def set_count(self, count: int) -> None:
        """Show a count beside the word; 0 shows none."""
        shown = "" if count <= 0 else "99+" if count > 99 else str(count)
        if shown != self._count:
            self._count = shown
            self.setAccessibleDescription(shown)
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size of one place."""
        look = theme.look()
        return QSize(look.px(52 if self.is_compact else 190), look.px(48 if look.is_touch else 42))

    def minimumSizeHint(self) -> QSize:
        """Ask for the icon only in width."""
        return QSize(theme.look().px(44), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground, icon, word and count."""
        look = theme.look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        is_here = self.isChecked()
        edge = look.px(20)
        left = (self.width() - edge) // 2 if self.is_compact else look.px(12)
        picture = theme.pixmap(
            self._icon,
            "accentText" if is_here else "text2",
            20,
            "fill" if is_here else "regular",
            self.devicePixelRatioF(),
        )
        painter.drawPixmap(left, (self.height() - edge) // 2, edge, edge, picture)
        if self.is_compact:
            return
        right = look.px(10)
        if self._count:
            painter.setFont(look.font(12, 600))
            width = max(look.px(26), painter.fontMetrics().horizontalAdvance(self._count) + look.px(16))
            height = look.px(20)
            badge = QRectF(self.width() - right - width, (self.height() - height) / 2, width, height)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("hover"))
            painter.drawRoundedRect(badge, height / 2, height / 2)
            painter.setPen(look.colour("text"))
            painter.drawText(badge, int(Qt.AlignmentFlag.AlignCenter), self._count)
            right += int(width) + look.px(6)
        start = look.px(43)
        area = QRectF(start, 0, self.width() - start - right, self.height())
        self._draw_text(painter, area, self._text, 14, 600 if is_here else 400, "text")


class Step(_RailButton):
    """One step of the visit: its number or mark, its name, and how far it is."""

    def __init__(self, number: int, press: Callable[[], object]) -> None:
        super().__init__()
        self._number = number
        self._name, self._line, self._state = "", "", "todo"
        self.is_last = False
        self.clicked.connect(lambda _checked=False: press())

    def show_step(self, name: str, line: str, state: str, *, is_here: bool) -> None:
        """Show a step; state: "todo", "done" or "attention"."""
        self._name, self._line, self._state = name, line, state
        words = {"done": _("Done"), "attention": _("Needs attention")}.get(state, "")
        self.setAccessibleName(f"{self._number} {name}")
        self.setAccessibleDescription(". ".join(part for part in (words, line) if part))
        self.setToolTip(theme.escaped(f"{name} ({shortcut_text(f'Ctrl+{self._number}')})"))
        self.setChecked(is_here)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of one step."""
        look = theme.look()
        return QSize(look.px(52 if self.is_compact else 200), look.px(50))

    def minimumSizeHint(self) -> QSize:
        """Ask for the mark only in width."""
        return QSize(theme.look().px(44), self.sizeHint().height())

    def nextCheckState(self) -> None:
        """Leave the mark "here" to show_step: a press only asks."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground, way to the next step, mark, name and line."""
        look = theme.look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        centre = QPointF(self.width() / 2 if self.is_compact else look.px(25), self.height() / 2)
        reach = look.px(13)
        if self._number > 1:
            painter.setPen(QPen(look.colour("strong"), 1.5))
            painter.drawLine(QPointF(centre.x(), 0), QPointF(centre.x(), centre.y() - reach))
        if not self.is_last:
            painter.setPen(QPen(look.colour("ok" if self._state == "done" else "strong"), 1.5))
            painter.drawLine(QPointF(centre.x(), centre.y() + reach), QPointF(centre.x(), self.height()))
        self._paint_mark(painter, centre)
        if self.is_compact:
            return
        start = look.px(46)
        width = self.width() - start - look.px(8)
        middle, is_here = self.height() / 2, self.isChecked()
        self._draw_text(
            painter,
            QRectF(start, middle - look.px(19), width, look.px(20)),
            self._name,
            14,
            600 if is_here else 500,
            "text",
        )
        self._draw_text(
            painter, QRectF(start, middle + look.px(1), width, look.px(17)), self._line, 12, 400, "text2"
        )

    def _paint_mark(self, painter: QPainter, centre: QPointF) -> None:
        look, is_here = theme.look(), self.isChecked()
        shape = {"done": ("check-circle", "ok"), "attention": ("warning", "watch")}.get(self._state)
        if shape is not None:
            edge = look.px(22)
            picture = theme.pixmap(shape[0], shape[1], 22, "fill", self.devicePixelRatioF())
            painter.drawPixmap(
                round(centre.x() - edge / 2), round(centre.y() - edge / 2), edge, edge, picture
            )
            return
        radius = look.px(19) / 2
        painter.setPen(QPen(look.colour("focus" if is_here else "strong"), 2))
        painter.setBrush(look.colour("surface"))
        painter.drawEllipse(centre, radius, radius)
        painter.setFont(look.font(12, 600))
        painter.setPen(look.colour("accentText" if is_here else "text2"))
        area = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
        painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), str(self._number))


class StepRail(QWidget):
    """The visit's steps below each other; `chosen` tells the place of the step pressed, from 0."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._steps: list[Step] = []
        self._is_compact = False
        self._layout = column(gap=0)
        self.setLayout(self._layout)
        self.setAccessibleName(_("Steps of the visit"))

    def show_steps(self, steps: tuple[tuple[str, str, str], ...], here: int) -> None:
        """Show (name, line, state) of each step, and which one is open."""
        while len(self._steps) < len(steps):
            place = len(self._steps)
            step = Step(place + 1, functools.partial(self.chosen.emit, place))
            step.is_compact = self._is_compact
            self._steps.append(step)
            self._layout.addWidget(step)
        for place, (name, line, state) in enumerate(steps):
            self._steps[place].is_last = place == len(steps) - 1
            self._steps[place].show_step(name, line, state, is_here=place == here)

    def set_compact(self, is_compact: bool) -> None:
        """Show marks only, names as tooltips, for narrow windows."""
        self._is_compact = is_compact
        for step in self._steps:
            step.is_compact = is_compact
            step.updateGeometry()
            step.update()
