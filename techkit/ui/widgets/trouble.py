"""What is shown when techkit itself made a mistake: what happened, what is safe, what to do."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.widgets.banner import announce
from techkit.ui.widgets.boxes import TOP, At, Grow, column, row
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.cards import Card, IconTile
from techkit.ui.widgets.labels import Label

_WIDTH = 560


class Trouble(QWidget):
    """A card over the window; it goes by Esc or its button, and the window goes on."""

    def __init__(self) -> None:
        super().__init__()
        self._details = ""
        self._title = Label("", "section", wraps=True)
        self._text = Label("", "body2", wraps=True)
        self._code = Label("", "mono", wraps=True)
        self._go_on = Button(_("Go on"), "primary", press=self.hide)
        copy = Button(_("Copy the details"), icon="copy", press=self._copy)
        self._card = Card(
            row(
                At(IconTile("first-aid-kit", "watch", 48, 26), TOP),
                Grow(column(self._title, self._text, 4, self._code, gap=4)),
                gap=14,
            ),
            row(Grow(), copy, self._go_on),
            margins=20,
            gap=16,
        )
        self._card.setParent(self)
        self.hide()

    def show_trouble(self, title: str, text: str, code: str = "", details: str = "") -> None:
        """Show what happened; details: for the one who mends it, copied on request."""
        self._title.setText(title)
        self._text.setText(text)
        self._code.setText(code)
        theme.show_or_hide(self._code, bool(code))
        self._details = details or code
        self.show()
        self.raise_()
        self._place()
        self._go_on.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, f"{title} {text}", is_urgent=True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close by Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Darken what lies beneath."""
        QPainter(self).fillRect(self.rect(), theme.look().colour("scrim"))

    def resizeEvent(self, event: object) -> None:
        """Keep the card in the middle."""
        self._place()

    def _copy(self) -> None:
        QApplication.clipboard().setText(self._details)

    def _place(self) -> None:
        width = min(theme.look().px(_WIDTH), self.width() - 32)
        self._card.setFixedWidth(width)
        height = max(self._card.box.heightForWidth(width), self._card.sizeHint().height())
        self._card.setGeometry(
            QRect((self.width() - width) // 2, max(16, (self.height() - height) // 2), width, height)
        )
