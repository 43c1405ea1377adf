"""The palette (Ctrl+K): search, jump, act; arrow keys, Return, Esc."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QListView

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.models import ListDelegate, ListItem, ListModel
from techkit.ui.presenters.search import SearchState
from techkit.ui.widgets.boxes import HCENTRE, Grow, column, line, row
from techkit.ui.widgets.cards import Card, empty_state
from techkit.ui.widgets.labels import ElidedLabel, Icon, Keys, Label
from techkit.ui.widgets.overlay import EDGE, Overlay

if TYPE_CHECKING:
    from techkit.ui.presenters.search import Search

_WIDTH = 720
_TOP = 84
#: Rows seen at once; more scroll.
_ROWS_SHOWN = 9


class Palette(Overlay):
    """A card over a darkened window. choose: called with (kind, id) of what was chosen."""

    def __init__(self, search: Search, choose: Callable[[str, str], object]) -> None:
        super().__init__(width=_WIDTH, is_light=True)
        self._search = search
        self._choose = choose
        self._shown: SearchState | None = None
        self._query = QLineEdit()
        self._query.setProperty("kind", "palette")
        self._query.setAccessibleName(_("Search or jump to…"))
        self._query.setPlaceholderText(_("Search or jump to…"))
        self._query.setMaxLength(200)
        self._query.textChanged.connect(search.type)
        self._query.installEventFilter(self)
        self._model = ListModel(self)
        self._delegate = ListDelegate(self)
        self._list = QListView()
        self._list.setModel(self._model)
        self._list.setItemDelegate(self._delegate)
        self._list.setAccessibleName(_("Results"))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setMouseTracking(True)
        self._list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.clicked.connect(self._take)
        self._nothing = Label("", "small", wraps=True, alignment=HCENTRE)
        self._none = empty_state("magnifying-glass", _("Nothing found"), "", tone="none")
        self._foot = ElidedLabel(_("Type > for actions, # for serial numbers, @ for people"), "tiny")
        field = row(
            Icon("magnifying-glass", "text2", 22),
            Grow(self._query),
            Keys("Esc"),
            gap=12,
            margins=(18, 8, 18, 6),
        )
        foot = row(
            Keys("Up"),
            Keys("Down"),
            Label(_("move"), "tiny"),
            Keys("Return"),
            Label(_("open it"), "tiny"),
            Grow(),
            self._foot,
            gap=6,
            margins=(18, 8, 18, 10),
        )
        self._results = column(self._list, margins=(8, 6, 8, 6))
        self._nothing.setContentsMargins(20, 0, 20, 24)
        self.take_card(
            Card(
                field,
                line(),
                self._results,
                self._none,
                self._nothing,
                line(),
                foot,
                margins=0,
                gap=0,
            )
        )
        self.release = search.changed.subscribe(self.render_state)

    def open_palette(self) -> None:
        """Show the palette with an empty field and move the focus into it."""
        self._query.clear()
        self._search.type("")
        self.render_state()
        self.appear(self._query)

    def leave(self) -> None:
        """Hide the palette and give the focus back."""
        super().leave()
        self._search.close()

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self._search.state
        if state == self._shown:
            return
        self._shown = state
        self._delegate.marked = state.query.lstrip(">#@ ")
        items: list[ListItem] = []
        for title, hits in state.groups:
            items.append(ListItem(id="", title=title, is_header=True))
            items += [
                ListItem(id=hit.id, title=hit.title, line=hit.line, icon=hit.icon, kind=hit.kind)
                for hit in hits
            ]
        self._model.set_items(items)
        has_none = bool(state.query) and not items
        theme.show_or_hide(self._list, bool(items))
        theme.show_or_hide(self._none, has_none)
        self._nothing.setText(state.nothing_line)
        theme.show_or_hide(self._nothing, has_none and bool(state.nothing_line))
        self._select(self._model.next_row(-1, 1) if items else -1)
        self.place()

    def _select(self, place: int) -> None:
        if place >= 0:
            index = self._model.index(place)
            self._list.setCurrentIndex(index)
            self._list.scrollTo(index)

    def _take(self, index: QModelIndex) -> None:
        if index.isValid() and not self._model.item(index.row()).is_header:
            item = self._model.item(index.row())
            self.leave()
            self._choose(item.kind, item.id)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move in the list while the focus stays in the field."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = event.key()
            if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                here = self._list.currentIndex().row()
                self._select(self._model.next_row(here, 1 if key == Qt.Key.Key_Down else -1))
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._take(self._list.currentIndex())
                return True
            if key == Qt.Key.Key_Escape:
                self.leave()
                return True
        return super().eventFilter(watched, event)

    def card_height(self, width: int) -> int:
        """Return the height for the rows found, up to the number seen at once."""
        count = self._model.rowCount()
        height = sum(self._list.sizeHintForRow(number) for number in range(min(count, _ROWS_SHOWN)))
        self._give_list(max(theme.look().px(40), height) if count else 0)
        too_high = self.card.sizeHint().height() + EDGE - self.height()
        if count and too_high > 0:
            self._give_list(max(theme.look().px(40), height - too_high))
        return self.card.sizeHint().height()

    def _give_list(self, height: int) -> None:
        self._list.setFixedHeight(height)
        self._results.invalidate()  # a layout in a layout hears of it only in the next turn
        self.card.box.invalidate()

    def card_top(self, height: int) -> int:
        """Return a place near the top, so that the field stays where it is while rows come and go."""
        return min(theme.look().px(_TOP), super().card_top(height))
