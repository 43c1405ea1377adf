"""Text and icons to look at: wrapping and eliding labels, keys, icons. Text is always plain text."""

from __future__ import annotations

import sys

from PySide6.QtCore import QEvent, QMargins, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from techkit.i18n import _
from techkit.records.visible import visible
from techkit.ui import theme
from techkit.ui.controls import MOST_CHARACTERS, PlainLabel
from techkit.ui.widgets.boxes import row


class Label(PlainLabel):
    """A line or a paragraph of plain text; see techkit.ui.controls.PlainLabel."""


class ElidedLabel(QLabel):
    """One line that ends with an ellipsis where it does not fit; the whole text is its tooltip."""

    def __init__(self, text: str = "", role: str = "body", *, tone: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        if tone:
            self.setProperty("tone", tone)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def setText(self, text: str) -> None:
        """Show a text on one line."""
        super().setText(visible(" ".join(text[:MOST_CHARACTERS].split())))
        self._explain()

    def set_tone(self, tone: str) -> None:
        """Change the colour by tone; "" is the role's own."""
        theme.set_property(self, "tone", tone)

    def minimumSizeHint(self) -> QSize:
        """Ask for room for a few letters only."""
        return QSize(theme.look().px(40), super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """Ask for room for the whole text, at most about 60 letters."""
        hint = super().sizeHint()
        return QSize(min(hint.width() + 1, theme.look().px(560)), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Offer the whole text as tooltip while it is cut."""
        super().resizeEvent(event)
        self._explain()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text, cut where it does not fit."""
        painter = QPainter(self)
        rect = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, rect.width())
        self.style().drawItemText(
            painter,
            rect,
            int(self.alignment() | Qt.AlignmentFlag.AlignVCenter),
            self.palette(),
            self.isEnabled(),
            shown,
            self.foregroundRole(),
        )

    def _explain(self) -> None:
        is_cut = self.fontMetrics().horizontalAdvance(self.text()) > self.contentsRect().width()
        self.setToolTip(theme.escaped(self.text()) if is_cut else "")


class Icon(QWidget):
    """An icon beside a text that says the same; decoration for a screen reader unless named."""

    def __init__(
        self, name: str, colour: str = "text2", size: int = 20, weight: str = "regular", label: str = ""
    ) -> None:
        super().__init__()
        self._drawing = (name, colour, size, weight)
        edge = theme.look().px(size)
        self.setFixedSize(edge, edge)
        self.setAccessibleName(label)

    def set_icon(self, name: str, colour: str = "text2", weight: str = "regular") -> None:
        """Show another icon of the same size."""
        wanted = (name, colour, self._drawing[2], weight)
        if wanted != self._drawing:
            self._drawing = wanted
            self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            edge = theme.look().px(self._drawing[2])
            self.setFixedSize(edge, edge)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the icon in its token's colour."""
        name, colour, size, weight = self._drawing
        painter = QPainter(self)
        picture = theme.pixmap(name, colour, size, weight, self.devicePixelRatioF())
        painter.drawPixmap(QRect(0, 0, self.width(), self.height()), picture)


class Marked(QLabel):
    """A word with its icon on a ground of its tone, painted as one piece; ground: "pill" or "tag".

    air: px at 100 % before the icon and behind the word.
    """

    def __init__(
        self,
        text: str,
        role: str,
        *,
        tone: str,
        ground: str,
        icon: str = "",
        size: int = 16,
        weight: str = "regular",
        air: tuple[int, int] = (7, 10),
    ) -> None:
        super().__init__()
        self._drawing = (icon, "accentText" if tone == "accent" else tone, size, weight)
        self._sides = air
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setProperty("tone", tone)
        self.setProperty(ground, tone)
        self.setContentsMargins(self._air())
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def changeEvent(self, event: QEvent) -> None:
        """Keep the room for the icon: a style sheet that comes while the piece is hidden takes it away (Qt 6.11)."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self.contentsMargins() != self._air():
            self.setContentsMargins(self._air())

    def _air(self) -> QMargins:
        px = theme.look().px
        icon, _tone, size, _weight = self._drawing
        gap = px(size) + px(5) if icon else 0
        return QMargins(px(self._sides[0]) + gap, px(3), px(self._sides[1]), px(3))

    def showEvent(self, event: QShowEvent) -> None:
        """Keep the room for the icon, as above."""
        super().showEvent(event)
        if self.contentsMargins() != self._air():
            self.setContentsMargins(self._air())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground and word, then the icon."""
        super().paintEvent(event)
        name, colour, size, weight = self._drawing
        if name:
            edge = theme.look().px(size)
            picture = theme.pixmap(name, colour, size, weight, self.devicePixelRatioF())
            painter = QPainter(self)
            painter.drawPixmap(
                QRect(theme.look().px(self._sides[0]), (self.height() - edge) // 2, edge, edge), picture
            )


class Keys(QWidget):
    """A shortcut as little keys; the words of a screen reader are on the button it belongs to."""

    def __init__(self, shortcut: str) -> None:
        super().__init__()
        layout: QHBoxLayout = row(*(Label(part, "key") for part in key_names(shortcut)), gap=3)
        self.setLayout(layout)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)


def key_names(shortcut: str) -> list[str]:
    """Return the keys of "Ctrl+Return" as they stand on this system's keyboard."""
    is_mac = sys.platform == "darwin"
    names = {
        "Ctrl": "⌘" if is_mac else _("Ctrl"),
        "Shift": "⇧" if is_mac else _("Shift"),
        "Alt": "⌥" if is_mac else _("Alt"),
        "Return": "↵",
        "Left": "←",
        "Up": "↑",
        "Down": "↓",
    }
    *held, last = shortcut.removesuffix("+").split("+") if len(shortcut) > 1 else [shortcut]
    parts = [*held, last or "+"]
    return [names.get(part, part) for part in parts]


def shortcut_text(shortcut: str) -> str:
    """Return a shortcut in words for a tooltip, e.g. "Ctrl+K"."""
    return "+".join(key_names(shortcut))
