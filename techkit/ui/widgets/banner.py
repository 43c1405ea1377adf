"""Sentences that stand across a page: banners, the undo toast, and what a screen reader is told."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.widgets.boxes import MIDDLE, TOP, At, Grow, column, row
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.flowing import Flow
from techkit.ui.widgets.labels import Icon, Keys, Label

_SHAPES = {
    "off": ("cloud-slash", "none"),
    "none": ("info", "none"),
    "watch": ("warning", "watch"),
    "bad": ("warning-octagon", "bad"),
    "info": ("info", "info"),
    "ok": ("check-circle", "ok"),
}

#: How long an undo stays on screen; the undo itself lasts for the whole visit (Ctrl+Z).
TOAST_MS = 8000


class Banner(QFrame):
    """What happened, what is safe, what to do; kind: "off", "info", "ok", "watch" or "bad"."""

    def __init__(self, kind: str, title: str, text: str = "", *buttons: Button) -> None:
        super().__init__()
        icon, tone = _SHAPES[kind]
        self.setProperty("banner", tone)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        next_steps = QWidget()
        next_steps.setLayout(Flow(*buttons, gap=8))
        words = column(
            Grow(),
            Label(title, "strong", wraps=True),
            Label(text, "small", wraps=True) if text else None,
            Grow(),
            gap=2,
        )
        self.setLayout(
            row(
                At(Icon(icon, tone, 22, "fill"), TOP if text else MIDDLE),
                Grow(words),
                At(next_steps, MIDDLE) if buttons else None,
                gap=12,
                margins=(14, 11, 12, 11),
            )
        )


class _Toast(QFrame):
    """A sentence over the page with one thing to press; goes by itself."""

    def __init__(self, parent: QWidget, icon: str, text: Label, button: Button, *keys: Keys) -> None:
        super().__init__(parent)
        self.setProperty("card", "toast")
        self._text = text
        self._press: Callable[[], object] | None = None
        button.clicked.connect(self._pressed)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.setLayout(
            row(
                Icon(icon, "surface", 18),
                Grow(text),
                At(button, MIDDLE),
                *keys,
                gap=8,
                margins=(14, 8, 12, 8),
            )
        )
        self.hide()

    def _appear(self, text: str, press: Callable[[], object]) -> None:
        """Show and say a sentence for a while; press: what its button does."""
        self._text.setText(text)
        self._press = press
        self.adjustSize()
        self.show()
        self.raise_()
        self._timer.start(TOAST_MS)
        announce(self, text)

    def hideEvent(self, event: object) -> None:
        """Stop waiting."""
        self._timer.stop()

    def _pressed(self) -> None:
        self.hide()
        if self._press is not None:
            self._press()


class NewsToast(_Toast):
    """Says what came of something that went on behind another step, and leads there."""

    def __init__(self, parent: QWidget) -> None:
        self._show = Button(_("Show"), "undo")
        super().__init__(parent, "heartbeat", Label("", "strong", tone="surface", wraps=True), self._show)

    def tell(self, text: str, go: Callable[[], object]) -> None:
        """Show and say it; go: leads to where it is seen."""
        self._show.set_words(_("Show"), name=_("Show: {what}", what=text))
        self._appear(text, go)


class UndoToast(_Toast):
    """Says what was removed and takes it back; says what was taken back and does it again."""

    def __init__(self, parent: QWidget) -> None:
        self._button = Button(_("Undo"), "undo", shortcut="Ctrl+Z")
        self._keys = {"undo": Keys("Ctrl+Z"), "redo": Keys("Ctrl+Shift+Z")}
        text = Label("", "strong", tone="surface", wraps=True)
        super().__init__(parent, "arrow-u-up-left", text, self._button, *self._keys.values())

    def offer(self, text: str, press: Callable[[], object], act: str = "undo") -> None:
        """Show what was done for a while; act: what press does, "undo", "redo" or "" for nothing."""
        words, keys = (_("Do again"), "Ctrl+Shift+Z") if act == "redo" else (_("Undo"), "Ctrl+Z")
        self._button.set_words(words, shortcut=keys)
        theme.show_or_hide(self._button, bool(act))
        for shown, piece in self._keys.items():
            theme.show_or_hide(piece, shown == act)
        self._appear(text, press)


def announce(widget: QWidget, text: str, *, is_urgent: bool = False) -> None:
    """Have a screen reader say a sentence: politely, or at once for a failed save and the lock."""
    if not text or not QAccessible.isActive():
        return
    event = QAccessibleAnnouncementEvent(widget, text)
    if is_urgent:
        event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
    QAccessible.updateAccessibility(event)
