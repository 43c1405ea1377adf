"""Things to press: buttons, icon buttons, segments, chips, tiles, switches, ticks.

Each works by mouse, finger and keyboard (Space and Return), has an accessible name, and shows the
focus ring only after keyboard use.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import cast

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QShortcut,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QPushButton,
    QSizePolicy,
)

from techkit.i18n import _
from techkit.records.visible import visible
from techkit.ui import theme
from techkit.ui.widgets.flowing import Flow, Fold
from techkit.ui.widgets.labels import shortcut_text

_ICON_COLOURS = {
    "primary": "onAccent",
    "big": "onAccent",
    "link": "accentText",
    "soft": "accentText",
    "danger": "bad",
    "undo": "surface",
}


class Button(theme.RingByKeyboard, QPushButton):
    """A button with a text, perhaps an icon.

    kind: "outline", "primary" (one per screen), "big", "soft", "ghost", "link", "danger", "icon",
    "segment", "chip", "tile" or "undo". name: what a screen reader says, where the text does not. shortcut: told
    with the button; Alt with a letter or digit belongs to the button alone and presses it while it is on screen,
    all others belong to the window (shell, visit, page).
    """

    def __init__(
        self,
        text: str = "",
        kind: str = "outline",
        *,
        icon: str = "",
        press: Callable[[], object] | None = None,
        name: str = "",
        shortcut: str = "",
        size: int = 18,
        weight: str = "regular",
        has_arrow: bool = False,
    ) -> None:
        super().__init__()
        self._has_arrow = has_arrow
        self._icon = (icon, size, weight)
        self._drawn: object = None
        self._words = ""
        self._key: QShortcut | None = None
        self.setProperty("kind", kind)
        self.setProperty("ring", "false")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.set_words(text, name=name, shortcut=shortcut)
        if press is not None:
            self.clicked.connect(lambda _checked=False: press())
        self._show_icon()

    @property
    def words(self) -> str:
        """The text as a person reads it."""
        return self._words

    def setCheckable(self, is_checkable: bool) -> None:
        """Let the button stay pressed; its icon follows."""
        if is_checkable and not self.isCheckable():
            self.toggled.connect(self._show_icon)
        super().setCheckable(is_checkable)

    def set_words(self, text: str, *, name: str = "", shortcut: str = "") -> None:
        """Change the text, and with it the accessible name."""
        had_words, self._words = bool(self._words), text
        arrow = "  →" if self._has_arrow else ""
        self.setText(visible(text).replace("&", "&&") + arrow)
        self.setAccessibleName(name or text)
        hint = name or (text if shortcut else "")
        if shortcut:
            hint = f"{hint} ({shortcut_text(shortcut)})"
            self.setAccessibleDescription(shortcut_text(shortcut))
            if re.fullmatch(r"Alt\+\w", shortcut) and self._key is None:
                self._key = QShortcut(QKeySequence(shortcut), self, self.click)
        if hint:
            self.setToolTip(theme.escaped(hint))
        if had_words != bool(text):
            self._show_icon()

    def set_icon(self, name: str, weight: str = "regular") -> None:
        """Change the icon."""
        self._icon = (name, self._icon[1], weight)
        self._show_icon()

    def set_kind(self, kind: str) -> None:
        """Change the look, e.g. when another button becomes the next step."""
        theme.set_property(self, "kind", kind)
        self._show_icon()

    def sizeHint(self) -> QSize:
        """Return the room of the words, neither more for the ring nor for what is chosen: nothing may move then.

        The ring and the border of what is chosen are thicker, and the words of what is chosen are bold.
        """
        hint = super().sizeHint()
        is_ringed = self.property("ring") == "true" and self.hasFocus()
        if is_ringed or (self.isChecked() and self.property("kind") in ("tile", "chip")):
            thicker = 2 * (2 - theme.look().border)
            hint -= QSize(thicker, thicker)
        if self.isCheckable() and self.property("kind") in ("tile", "chip"):
            bold = QFont(self.font())
            bold.setWeight(QFont.Weight.Bold)
            wider = QFontMetrics(bold).horizontalAdvance(self._words)
            hint.setWidth(hint.width() + max(0, wider - self.fontMetrics().horizontalAdvance(self._words)))
        return hint

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press by Return as by Space."""
        is_plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if is_plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            event.accept()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the look with the icon's colour and size."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.EnabledChange):
            self._show_icon()

    def _show_icon(self) -> None:
        name, size, weight = self._icon
        if not name:
            return
        kind = cast("str", self.property("kind"))
        colour = _ICON_COLOURS.get(kind, "text2")
        if self.isCheckable() and self.isChecked() and kind in ("tile", "chip"):
            colour = "accentText"
        if not self.isEnabled():
            colour = "text3"
        gap = 5 if self._words else 0
        wanted = (name, colour, size, weight, gap, theme.look())
        if wanted != self._drawn:
            self._drawn = wanted
            self.setIcon(theme.icon(name, colour, size, weight, gap))
            self.setIconSize(theme.icon_size(size, gap))


class IconButton(Button):
    """A button that shows an icon only; its name is its tooltip, with the shortcut."""

    def __init__(
        self,
        icon: str,
        name: str,
        press: Callable[[], object] | None = None,
        *,
        shortcut: str = "",
        size: int = 20,
    ) -> None:
        super().__init__("", "icon", icon=icon, press=press, name=name, shortcut=shortcut, size=size)


class Choice(QFrame):
    """One of a few values, beside each other: arrow keys move, the chosen one is filled.

    kind: "segment", "tile" or "chip". Several may be chosen where `is_multiple`.
    """

    chosen = Signal(str)

    def __init__(
        self,
        name: str,
        options: Iterable[tuple[str, str]],
        *,
        kind: str = "segment",
        icons: dict[str, str] | None = None,
        is_multiple: bool = False,
        fills: bool = True,
    ) -> None:
        super().__init__()
        self._kind = kind
        self._icons = icons or {}
        self._fills = fills
        self._is_multiple = is_multiple
        self._buttons: dict[str, Button] = {}
        self._group = QButtonGroup(self)
        self._group.setExclusive(not is_multiple)
        self.setAccessibleName(name)
        if kind == "segment":
            self.setProperty("card", "soft")
            self.setLayout(Fold(gap=2, margin=3))
        else:
            self.setLayout(Flow(gap=7) if kind == "chip" else Fold(gap=8))
        self.set_options(options)

    def set_options(self, options: Iterable[tuple[str, str]]) -> None:
        """Offer these (value, words); the chosen ones stay chosen where still offered."""
        wanted = list(options)
        if [(value, button.words) for value, button in self._buttons.items()] == wanted:
            return
        held = self.values
        layout = self.layout()
        assert layout is not None  # noqa: S101 - set in the constructor
        for button in self._buttons.values():
            self._group.removeButton(button)
            layout.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = {}
        for value, words in wanted:
            button = Button(words, self._kind, icon=self._icons.get(value, ""), size=20)
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, v=value: self.chosen.emit(v))
            self._group.addButton(button)
            if self._fills and self._kind != "chip":
                button.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Fixed)
            layout.addWidget(button)
            self._buttons[value] = button
        self.set_values(held)

    @property
    def value(self) -> str:
        """The chosen value, "" when none is."""
        return next(iter(self.values), "")

    @property
    def values(self) -> tuple[str, ...]:
        """The chosen values, in the order offered."""
        return tuple(value for value, button in self._buttons.items() if button.isChecked())

    def set_value(self, value: str) -> None:
        """Choose one without telling; "" chooses none."""
        self.set_values((value,))

    def set_values(self, values: Iterable[str]) -> None:
        """Choose these without telling."""
        wanted = set(values)
        self._group.setExclusive(False)
        for value, button in self._buttons.items():
            if button.isChecked() != (value in wanted):
                button.setChecked(value in wanted)
        self._group.setExclusive(not self._is_multiple)

    def button(self, value: str) -> Button:
        """Return the button of a value. Raises: KeyError."""
        return self._buttons[value]


class Switch(theme.RingByKeyboard, QAbstractButton):
    """An on/off setting; the word stands beside the shape."""

    def __init__(self, name: str, press: Callable[[bool], object] | None = None) -> None:
        super().__init__()
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setProperty("ring", "false")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        if press is not None:
            self.clicked.connect(lambda is_on: press(is_on))  # noqa: PLW0108 - a builtin would get no value

    def sizeHint(self) -> QSize:
        """Return the size of the word and the shape."""
        look = theme.look()
        words = max(self.fontMetrics().horizontalAdvance(word) for word in (_("On"), _("Off")))
        return QSize(words + look.px(52), look.px(32))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the word and the shape."""
        look = theme.look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width, height = look.px(41), look.px(22)
        shape = QRectF(self.width() - width - 2, (self.height() - height) / 2, width, height)
        painter.setFont(look.font(13, 600))
        painter.setPen(look.colour("text2"))
        words = QRectF(0, 0, shape.left() - look.px(6), self.height())
        painter.drawText(
            words,
            int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight),
            _("On") if self.isChecked() else _("Off"),
        )
        is_on = self.isChecked()
        painter.setPen(QPen(look.colour("accent" if is_on else "strong"), 2))
        painter.setBrush(look.colour("accent" if is_on else "surface"))
        painter.drawRoundedRect(shape, height / 2, height / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("onAccent" if is_on else "strong"))
        radius = look.px(7)
        x = shape.right() - height / 2 if is_on else shape.left() + height / 2
        painter.drawEllipse(QRectF(x - radius, shape.center().y() - radius, 2 * radius, 2 * radius))
        if self.property("ring") == "true":
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.colour("focus"), 2))
            painter.drawRoundedRect(shape.adjusted(-1, -3, 1, 3), height / 2 + 2, height / 2 + 2)


def actions(*buttons: Button) -> Flow:
    """Return buttons beside each other that go on in the next line when there is no room."""
    return Flow(*buttons, gap=8)
