"""Help (F1): every shortcut of the window, and where to ask."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout

from techkit.i18n import N_, _
from techkit.ui import theme
from techkit.ui.widgets.boxes import Grow, Scroll, column, line, row
from techkit.ui.widgets.buttons import IconButton
from techkit.ui.widgets.cards import Card
from techkit.ui.widgets.labels import Keys, Label
from techkit.ui.widgets.overlay import Overlay

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
    ("Alt+T", N_("Times of the visit")),
    ("Ctrl+Z", N_("Undo")),
    ("Ctrl+Shift+Z", N_("Redo")),
    ("Ctrl+P", N_("Print the page")),
    ("Ctrl+Shift+S", N_("Sync now")),
    ("Ctrl+L", N_("Lock")),
    ("Ctrl+,", N_("Settings")),
    ("F6", N_("Next part of the window")),
    ("V", N_("Views of a list")),
    ("1", N_("View of a list, 1 to 9")),
    ("Ctrl++", N_("Larger text")),
    ("Ctrl+-", N_("Smaller text")),
)


class Help(Overlay):
    """A card over the window; Esc, F1 or a press beside it takes it away."""

    def __init__(self) -> None:
        super().__init__(width=_WIDTH, is_light=True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.look().px(14))
        grid.setVerticalSpacing(theme.look().px(10))
        half = (len(SHORTCUTS) + 1) // 2
        for number, (keys, words) in enumerate(SHORTCUTS):
            place, side = number % half, number // half
            grid.addWidget(Keys(keys), place, side * 2)
            grid.addWidget(Label(_(words), "body", wraps=True), place, side * 2 + 1)
        for side in (1, 3):
            grid.setColumnStretch(side, 1)
        self._close = IconButton("x", _("Close"), self.leave, shortcut="Esc")
        self._reach = Label("", "small", wraps=True)
        self.take_card(
            Card(
                row(Grow(Label(_("Keys and help"), "section")), self._close),
                line(),
                Grow(Scroll(column(grid, Grow()), (0, 8, 8, 8))),
                line(),
                self._reach,
                margins=18,
            )
        )

    def open_help(self, reach: str) -> None:
        """Show the card; reach: how the organisation is reached, "" when not known."""
        if self.isVisible():
            self.leave()
            return
        self._reach.setText(
            _("Questions? {reach}", reach=reach)
            if reach
            else _("Questions? Ask your organisation’s service desk.")
        )
        self.appear(self._close)

    def card_height(self, width: int) -> int:
        """Return a height for half of the shortcuts; the rest scrolls."""
        return min(theme.look().px(_HEIGHT), self.height() - 32)
