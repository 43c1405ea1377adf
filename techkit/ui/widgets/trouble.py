"""What is shown when techkit itself made a mistake: what happened, what is safe, what to do."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.widgets.banner import announce
from techkit.ui.widgets.boxes import TOP, At, Grow, column, row
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.cards import Card, IconTile
from techkit.ui.widgets.labels import Label
from techkit.ui.widgets.overlay import Overlay

_WIDTH = 560


class Trouble(Overlay):
    """A card over the window; it goes by Esc or its button, and the window goes on."""

    def __init__(self) -> None:
        super().__init__(width=_WIDTH)
        self._details = ""
        self._title = Label("", "section", wraps=True)
        self._text = Label("", "body2", wraps=True)
        self._code = Label("", "mono", wraps=True)
        self._go_on = Button(_("Go on"), "primary", press=self.leave)
        copy = Button(_("Copy the details"), icon="copy", press=self._copy)
        self.take_card(
            Card(
                row(
                    At(IconTile("first-aid-kit", "watch", 48, 26), TOP),
                    Grow(column(self._title, self._text, 4, self._code, gap=4)),
                    gap=14,
                ),
                row(Grow(), copy, self._go_on),
                margins=20,
                gap=16,
            )
        )

    def show_trouble(self, title: str, text: str, code: str = "", details: str = "") -> None:
        """Show what happened; details: for the one who mends it, copied on request."""
        self._title.setText(title)
        self._text.setText(text)
        self._code.setText(code)
        theme.show_or_hide(self._code, bool(code))
        self._details = details or code
        self.appear(self._go_on)
        announce(self, f"{title} {text}", is_urgent=True)

    def _copy(self) -> None:
        QApplication.clipboard().setText(self._details)
