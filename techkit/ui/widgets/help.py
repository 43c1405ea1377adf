"""Help (F1): every shortcut of the window, and where to ask."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QWidget

from techkit.i18n import N_, _
from techkit.ui import theme
from techkit.ui.widgets.boxes import Grow, Scroll, column, line, row
from techkit.ui.widgets.buttons import IconButton
from techkit.ui.widgets.cards import Card
from techkit.ui.widgets.labels import Keys, Label

_WIDTH, _HEIGHT = 720, 520

#: Keys -> what they do. Source: the design, chapter 5.
SHORTCUTS = (
    ("Ctrl+K", N_("Search, jump, act")),
    ("Ctrl+Return", N_("Next step, confirm")),
    ("Alt+Left", N_("Back")),
    ("Ctrl+1", N_("Step of the visit, 1 to 6")),
    ("Ctrl+N", N_("New visit")),
    ("Ctrl+D", N_("Check this computer")),
    ("Ctrl+.", N_("Evidence")),
    ("Ctrl+B", N_("Before and after")),
    ("Alt+1", N_("Kind of work, 1 to 8")),
    ("Alt+A", N_("Add the entry")),
    ("Alt+D", N_("Add the drafts")),
    ("Ctrl+Z", N_("Undo")),
    ("Ctrl+Shift+Z", N_("Redo")),
    ("Ctrl+P", N_("Print the page")),
    ("Ctrl+Shift+S", N_("Sync now")),
    ("Ctrl+L", N_("Lock")),
    ("Ctrl+,", N_("Settings")),
    ("F6", N_("Next part of the window")),
    ("Ctrl++", N_("Larger text")),
    ("Ctrl+-", N_("Smaller text")),
)


class Help(QWidget):
    """A card over the window; Esc, F1 or a press beside it takes it away."""

    def __init__(self) -> None:
        super().__init__()
        self._came_from: QWidget | None = None
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.look().px(14))
        grid.setVerticalSpacing(theme.look().px(10))
        for number, (keys, words) in enumerate(SHORTCUTS):
            place, side = number % (len(SHORTCUTS) // 2), number // (len(SHORTCUTS) // 2)
            grid.addWidget(Keys(keys), place, side * 2)
            grid.addWidget(Label(_(words), "body", wraps=True), place, side * 2 + 1)
        for side in (1, 3):
            grid.setColumnStretch(side, 1)
        self._close = IconButton("x", _("Close"), self.close_help, shortcut="Esc")
        self._reach = Label("", "small", wraps=True)
        self._card = Card(
            row(Grow(Label(_("Keys and help"), "section")), self._close),
            line(),
            Grow(Scroll(column(grid, Grow()), (0, 8, 8, 8))),
            line(),
            self._reach,
            margins=18,
        )
        self._card.setParent(self)
        self.hide()

    def open_help(self, reach: str) -> None:
        """Show the card; reach: how the organisation is reached, "" when not known."""
        if self.isVisible():
            self.close_help()
            return
        self._came_from = QApplication.focusWidget()
        self._reach.setText(
            _("Questions? {reach}", reach=reach)
            if reach
            else _("Questions? Ask your organisation’s service desk.")
        )
        self.show()
        self.raise_()
        self._place()
        self._close.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_help(self) -> None:
        """Hide the card and give the focus back."""
        self.hide()
        if self._came_from is not None:
            self._came_from.setFocus(Qt.FocusReason.OtherFocusReason)
            self._came_from = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close by Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_help()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Close on a press beside the card."""
        if not self._card.geometry().contains(event.position().toPoint()):
            self.close_help()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Darken what lies beneath."""
        QPainter(self).fillRect(self.rect(), theme.look().colour("scrim"))

    def resizeEvent(self, event: object) -> None:
        """Keep the card in the middle."""
        self._place()

    def _place(self) -> None:
        px = theme.look().px
        width, height = min(px(_WIDTH), self.width() - 32), min(px(_HEIGHT), self.height() - 32)
        self._card.setGeometry(
            QRect((self.width() - width) // 2, (self.height() - height) // 2, width, height)
        )
