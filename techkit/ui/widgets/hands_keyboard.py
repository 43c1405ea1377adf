"""Trying the keyboard: its picture, on which every key that answered lights up."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy

from techkit.i18n import _, number
from techkit.ui import theme
from techkit.ui.widgets.boxes import Grow, column, row
from techkit.ui.widgets.buttons import Choice, Switch
from techkit.ui.widgets.hands_area import Area
from techkit.ui.widgets.labels import Label

if TYPE_CHECKING:
    from techkit.ui.presenters.hands import Hands, HandsState

#: So often Esc leaves the keyboard's picture: once and twice it is a key like any other.
_LEAVE_AFTER = 3

_SYSTEM = {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")


class KeyboardArea(Area):
    """The keyboard with its layout, and how many keys answered."""

    def __init__(self, hands: Hands, leave: Callable[[], object]) -> None:
        super().__init__(hands, leave)
        self.picture = KeyboardPicture(hands, leave)
        self._count = Label("", "small_strong")
        self._layouts = Choice(_("Layout"), (), kind="chip")
        self._layouts.chosen.connect(hands.choose_layout)
        self._pad = Switch(_("Number pad"), hands.show_number_pad)
        pad = row(Label(_("Number pad"), "small"), self._pad, Grow(), gap=8)
        self.setLayout(column(self._layouts, pad, self.picture, self._count, gap=10))

    def render_state(self, state: HandsState) -> None:
        """Draw the layout that was chosen."""
        self._layouts.set_options((c.value, c.label) for c in state.layouts)
        self._layouts.set_value(state.layout)
        self._pad.setChecked(state.has_number_pad)
        self.picture.fit()

    def render_live(self) -> None:
        """Light up what was pressed."""
        waited = [k for k in self.hands.state.keys if not k.is_optional]
        seen = sum(k.place in self.hands.pressed for k in waited)
        text = _("{seen} of {count} keys answered", seen=number(seen), count=number(len(waited)))
        self._count.setText(text)
        self.picture.setAccessibleDescription(text)
        self.picture.update()

    def focus_first(self) -> None:
        """Let the keys be pressed at once."""
        self.picture.setFocus()


class KeyboardPicture(QLabel):
    """The keyboard; while it has the focus every key is only lit, none does anything."""

    def __init__(self, hands: Hands, leave: Callable[[], object]) -> None:
        super().__init__()
        self._hands, self._leave = hands, leave
        self._escapes = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(_("Keyboard: press each key; Esc three times leaves"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(theme.look().px(320))
        self.fit()

    def fit(self) -> None:
        """Keep the height that belongs to the width."""
        self.setFixedHeight(round(6.35 * self._edge()) + 4)
        self.update()

    def _edge(self) -> float:
        keys = self._hands.state.keys
        wide = max((key.x + key.width for key in keys), default=18.25)
        return min(theme.look().px(46), max(8.0, (self.width() - 4) / wide))

    def resizeEvent(self, event: object) -> None:
        """Keep the height that belongs to the width."""
        self.fit()

    def event(self, event: QEvent) -> bool:
        """Take every key, also those that mean something to the window."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            self._press(event)
            return True
        return super().event(event)

    def focusNextPrevChild(self, _next: bool) -> bool:
        """Keep Tab as a key like any other."""
        return False

    def _press(self, event: QKeyEvent) -> None:
        event.accept()
        if not event.isAutoRepeat():
            self._hands.press_key(_SYSTEM, event.nativeScanCode(), event.nativeVirtualKey())
            self._escapes = self._escapes + 1 if event.key() == Qt.Key.Key_Escape else 0
        if self._escapes >= _LEAVE_AFTER:
            self._escapes = 0
            self._leave()

    def focusInEvent(self, event: object) -> None:
        """Show that keys are taken."""
        self._escapes = 0
        self.update()

    def focusOutEvent(self, event: object) -> None:
        """Show that keys are no longer taken."""
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the keys."""
        self.setFocus()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the keys, those that answered filled and marked."""
        look, painter, edge = theme.look(), QPainter(self), self._edge()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for key in self._hands.state.keys:
            box = QRectF(2 + key.x * edge, 2 + key.y * edge, key.width * edge - 3, edge - 3)
            is_lit = key.place in self._hands.pressed
            painter.setBrush(look.colour("okSoft" if is_lit else "sunken"))
            pen = QPen(look.colour("ok" if is_lit else "border" if key.is_optional else "strong"))
            pen.setWidthF(2 if is_lit else 1)
            if key.is_optional and not is_lit:
                pen.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.drawRoundedRect(box, 4, 4)
            _label(painter, key.label, box, is_lit=is_lit)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.colour("focus"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)


def _label(painter: QPainter, text: str, box: QRectF, *, is_lit: bool) -> None:
    """Write a key's label as large as it fits; what answered is bold, so that colour is not alone."""
    look = theme.look()
    font = look.font(13, 700 if is_lit else 500)
    font.setPixelSize(max(7, round(min(box.height() * 0.42, look.px(14)))))
    painter.setFont(font)
    while painter.fontMetrics().horizontalAdvance(text) > box.width() - 4 and font.pixelSize() > 7:
        font.setPixelSize(font.pixelSize() - 1)
        painter.setFont(QFont(font))
    painter.setPen(look.colour("ok" if is_lit else "text2"))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)
