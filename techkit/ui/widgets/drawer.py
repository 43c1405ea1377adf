"""The drawer at the right: evidence and details, opened by Ctrl+. and closed by Esc.

Opening moves the focus in, closing gives it back. Head and foot never scroll away.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.widgets.boxes import TOP, At, Grow, Scroll, clear, column, holder, line, row
from techkit.ui.widgets.buttons import Button, IconButton
from techkit.ui.widgets.cards import Card
from techkit.ui.widgets.labels import Label

#: Width in px at 100 % text size. Source: the design, chapter 2.
WIDTH = 372


class Drawer(QWidget):
    """An area beside the content with its own scrolling; `opened` and `closed` tell it."""

    opened = Signal()
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("ground", "drawer")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(theme.look().px(WIDTH))
        self._came_from: QWidget | None = None
        self._caption = Label("", "caption")
        self._title = Label("", "section", wraps=True)
        self._close = IconButton("x", _("Close"), self.close_drawer, shortcut="Esc")
        self.head = column(gap=10)
        self.body = column(gap=12)
        self.foot = column(gap=10)
        self._foot_holder = holder(column(line(), self.foot, gap=10, margins=(18, 0, 18, 14)))
        self._scroll = Scroll(column(self.body, Grow(), gap=0), (18, 10, 14, 12))
        head = column(
            row(Grow(column(self._caption, self._title, gap=2)), At(self._close, TOP), gap=6),
            self.head,
            gap=10,
            margins=(18, 16, 14, 4),
        )
        self.setLayout(column(head, Grow(self._scroll), self._foot_holder, gap=0, margins=(1, 0, 0, 0)))
        self.hide()

    def open_for(self, caption: str, title: str) -> None:
        """Empty the drawer and open it under a title; the caller fills head, body and foot."""
        for box in (self.head, self.body, self.foot):
            clear(box)
        self._caption.setText(caption)
        self._title.setText(title)
        self.setAccessibleName(title)
        if not self.isVisible():
            self._came_from = QApplication.focusWidget()
        self.show()
        self._scroll.verticalScrollBar().setValue(0)
        self._close.setFocus(Qt.FocusReason.OtherFocusReason)
        self.opened.emit()

    def fill(self, is_whole: bool) -> None:
        """Take all the room there is, where the content has to give way, or the drawer's own width."""
        if is_whole:
            self.setMinimumWidth(0)
            self.setMaximumWidth(16_777_215)
        else:
            self.setFixedWidth(theme.look().px(WIDTH))

    def close_drawer(self) -> None:
        """Close and give the focus back."""
        if not self.isVisible():
            return
        self.hide()
        came_from, self._came_from = self._came_from, None
        self.closed.emit()  # the content comes back, which can take the focus only then
        if came_from is not None and isValid(came_from):
            came_from.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close by Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_drawer()
        else:
            super().keyPressEvent(event)


def raw_lines(text: str) -> QWidget:
    """Return raw lines of a source with a button that copies them."""
    lines = Label(text, "mono", wraps=True)
    lines.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    lines.setAccessibleName(_("Raw lines"))
    copy = Button(_("Copy"), "link", icon="copy", press=lambda: QApplication.clipboard().setText(text))
    heading = row(Grow(Label(_("How we know"), "small_strong")), copy)
    return Card(heading, lines, kind="soft", margins=12, gap=6)
