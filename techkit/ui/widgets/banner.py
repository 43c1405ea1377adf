"""Sentences that stand across a page: banners, the undo toast, and what a screen reader is told."""

from __future__ import annotations

import functools
from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.presenters.choices import Notice
from techkit.ui.widgets.boxes import MIDDLE, TOP, At, Grow, column, holder, row
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.flowing import Flow, Fold
from techkit.ui.widgets.labels import Icon, Keys, Label

_SHAPES = {
    "off": ("cloud-slash", "none"),
    "none": ("info", "none"),
    "watch": ("warning", "watch"),
    "bad": ("warning-octagon", "bad"),
    "info": ("info", "info"),
    "ok": ("check-circle", "ok"),
}

#: The least room for the words beside what can be done, in px at 100 %.
_LEAST_WORDS = 320

#: How long an undo stays on screen; the undo itself lasts for the whole visit (Ctrl+Z).
TOAST_MS = 8000


class Banner(QFrame):
    """What happened, what is safe, what to do; kind: "off", "info", "ok", "watch" or "bad".

    What can be done stands below the words where it would squeeze them.
    """

    def __init__(self, kind: str, title: str, text: str = "", *buttons: Button) -> None:
        super().__init__()
        icon, tone = _SHAPES[kind]
        self.setProperty("banner", tone)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self._title = title
        self._is_small = False
        self._more = Button(_("More"), "link", press=self._turn)
        self._more.setCheckable(True)
        self._more.hide()
        self._behind: list[QWidget] = []
        if text:
            self._behind.append(Label(text, "small", wraps=True))
        words = column(
            Grow(),
            row(Grow(Label(title, "strong", wraps=True)), At(self._more, TOP), gap=8),
            *self._behind,
            Grow(),
            gap=2,
        )
        if buttons:
            next_steps = QWidget()
            next_steps.setLayout(Flow(*buttons, gap=8))
            self._behind.append(holder(column(Grow(), next_steps, Grow(), gap=0)))
        places = [
            (holder(words), 1, _LEAST_WORDS),
            *((steps, 0, 0) for steps in self._behind[1 if text else 0 :]),
        ]
        self.setLayout(
            row(
                At(Icon(icon, tone, 22, "fill"), TOP if text else MIDDLE),
                Grow(Fold(*places, gap=12)),
                gap=12,
                margins=(14, 11, 12, 11),
            )
        )

    def set_small(self, is_small: bool) -> None:
        """Leave the room to the page: the first sentence alone, the others and what can be done behind "More"."""
        if is_small != self._is_small:
            self._is_small = is_small
            self._more.setChecked(False)
            self._turn()

    def _turn(self) -> None:
        is_open = self._more.isChecked()
        words = _("Less") if is_open else _("More")
        self._more.set_words(words, name=f"{words}: {self._title}")
        theme.show_or_hide(self._more, self._is_small and bool(self._behind))
        for piece in self._behind:
            theme.show_or_hide(piece, is_open or not self._is_small)


def look_banner(notice: Notice, act: Callable[[str], object]) -> Banner:
    """Return what there is to say of a look; act: takes whose computer it was, where that is asked."""
    ways = ((notice.action, notice.action_label), (notice.other_action, notice.other_label))
    asked = [
        Button(label, "outline", press=functools.partial(act, action)) for action, label in ways if label
    ]
    return Banner(notice.kind, notice.title, notice.text, *(asked if notice.other_label else ()))


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
