"""A page with one long list: find, filter, order, go through it by J, K and arrows, open by Return."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.controls import LineEdit
from techkit.ui.presenters.choices import Notice
from techkit.ui.presenters.lists import Column, ListState, Nothing, RecordList
from techkit.ui.tables import CellDelegate, RowsModel
from techkit.ui.widgets.banner import Banner
from techkit.ui.widgets.boxes import Grow, Scroll, column, row
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.cards import Card, empty_state, loading_rows
from techkit.ui.widgets.filters import LOW, FilterBar
from techkit.ui.widgets.labels import Icon, Label
from techkit.ui.widgets.list_views import ListViewsBar
from techkit.ui.widgets.pages import NARROW, Page
from techkit.ui.widgets.rows import Slot

#: Typing rests so long before the list is read again.
TYPING_REST_MS = 120

#: Narrower than this, in px at 100 %, only columns of rank 1 are left.
VERY_NARROW = 900

#: The least height of a list, in px at 100 %: its headings and two rows and a half; a lower window scrolls as a whole.
_LEAST_LIST = 190

_Index = QModelIndex | QPersistentModelIndex


class Table(QTableView):
    """The table of a list: whole rows are chosen, Return or a double click opens one."""

    opened = Signal(int)
    picked = Signal(int)
    views_asked = Signal()
    view_asked = Signal(int)

    def __init__(self, model: RowsModel, name: str) -> None:
        super().__init__()
        self.setModel(model)
        self.setItemDelegate(CellDelegate(self))
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setAccessibleName(_("Headings: {list}", list=name))
        header.setSectionsClickable(True)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(20)
        self._columns: tuple[Column, ...] = ()
        self._put_away: frozenset[str] = frozenset()
        self._window_width = NARROW
        self.clicked.connect(lambda index: self.opened.emit(index.row()))
        self.fit()

    def show_columns(self, columns: tuple[Column, ...], put_away: frozenset[str] = frozenset()) -> None:
        """Share the width out to these columns, but for those put away."""
        if (columns, put_away) != (self._columns, self._put_away):
            self._columns, self._put_away = columns, put_away
            self.fit()

    def set_window_width(self, width: int) -> None:
        """Follow the window's width, in logical px at 100 % text size: columns go where room is scarce."""
        self._window_width = width
        self.fit()

    def fit(self) -> None:
        """Give rows their height and columns their share of the width."""
        self.verticalHeader().setDefaultSectionSize(theme.look().px(56))
        rank = 3 if self._window_width >= NARROW else 2 if self._window_width >= VERY_NARROW else 1
        shown = [
            place
            for place, held in enumerate(self._columns)
            if held.rank <= rank and (not held.key or held.key not in self._put_away)
        ]
        for place in range(len(self._columns)):
            self.setColumnHidden(place, place not in shown)
        for place, width in self._widths(shown).items():
            self.setColumnWidth(place, width)

    def _widths(self, shown: list[int]) -> dict[int, int]:
        """Share the width out; a column whose heading is wider than its share takes it from the others."""
        needs = {place: self.horizontalHeader().sectionSizeHint(place) for place in shown}
        room = self.viewport().width()
        fixed: dict[int, int] = {}
        while True:
            rest = [place for place in shown if place not in fixed]
            whole = sum(self._columns[place].share for place in rest) or 1
            left = max(0, room - sum(fixed.values()))
            shares = {place: left * self._columns[place].share // whole for place in rest}
            scarce = {place: needs[place] for place in rest if shares[place] < needs[place]}
            if not scarce or len(scarce) == len(rest):
                return fixed | shares
            fixed |= scarce

    def choose_row(self, number: int) -> None:
        """Choose a row and bring it into view."""
        number = max(0, min(number, self.model().rowCount() - 1))
        index = self.model().index(number, 0)
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.scrollTo(index)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width out anew."""
        super().resizeEvent(event)
        self.fit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Choose a row at once, so that the keyboard has a place to begin."""
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.model().rowCount():
            self.choose_row(0)

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        """Tell which row is chosen."""
        super().currentChanged(current, previous)
        if current.isValid():
            self.picked.emit(current.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go down and up by J and K too; open by Return; V shows the views, a digit one of them."""
        here = self.currentIndex().row()
        if event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier):
            if event.key() in (Qt.Key.Key_J, Qt.Key.Key_K):
                self.choose_row(here + (1 if event.key() == Qt.Key.Key_J else -1))
                return
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if here >= 0:
                    self.opened.emit(here)
                return
            if event.key() == Qt.Key.Key_V:
                self.views_asked.emit()
                return
            if Qt.Key.Key_0 <= event.key() <= Qt.Key.Key_9:
                self.view_asked.emit(event.key() - Qt.Key.Key_0)
                return
            if event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
                self.choose_row(0 if event.key() == Qt.Key.Key_Home else self.model().rowCount() - 1)
                return
        super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Leave typing to the field above: searching here would read every row."""


class ListPage(Page):
    """One long list. go: shows a place by its key, for what a notice offers."""

    def __init__(
        self,
        rows: RecordList,
        search: Callable[[], object] | None,
        go: Callable[[str], object],
        *,
        opens: bool = True,
    ) -> None:
        super().__init__(_(rows.kind.title), search=search)
        self.rows = rows
        self._go = go
        self._shown: ListState | None = None
        self.views = ListViewsBar(rows, self._focus_list)
        self._make_bar()
        self._banner = Slot(self._make_banner)
        self._trouble = Slot(self._make_trouble)
        self._nothing = Slot(self._make_nothing)
        self._first_step: Button | None = None
        self._is_entered = False
        self._loading = Card(loading_rows(4))
        self.model = RowsModel(rows, self)
        self.table = Table(self.model, _(rows.kind.title))
        if opens:
            self.table.opened.connect(self._open)
        self.table.views_asked.connect(self.views.toggle)
        self.table.view_asked.connect(rows.views.show_number)
        self.table.horizontalHeader().sectionClicked.connect(self._order_by_heading)
        self._frame = Card(self.table, margins=2)
        self.side = row(gap=0)
        self._beside = row(Grow(column(Grow(self._frame), Grow(self._nothing), gap=0)), self.side, gap=16)
        whole = column(
            self.views.chips,
            self._bar,
            self.views.panel,
            self._banner,
            self._trouble,
            self._loading,
            Grow(self._beside),
            gap=12,
        )
        # The list fills the page and scrolls by itself; the body of other pages would scroll around it.
        self._middle.removeWidget(self.content)
        self.content.hide()
        self.content.setParent(self)
        self._frame.setMinimumHeight(theme.look().px(_LEAST_LIST))
        self.area = Scroll(whole, (28, 4, 28, 20))
        self._middle.addWidget(self.area, 1)
        for keys, call in (("Ctrl+F", self._focus_find), ("/", self._focus_find)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(call)
        self._leave_views = rows.views.changed.subscribe(self.views.render_state)
        self.follow(rows.changed)

    def _make_bar(self) -> None:
        self._find = LineEdit(placeholder=_("Find in this list"), name=_("Find in this list"))
        self._find.setMaxLength(200)
        self._find.setMinimumWidth(theme.look().px(200))
        self._find.setMaximumWidth(theme.look().px(300))
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_REST_MS)
        self._typing.timeout.connect(lambda: self.rows.type(self._find.text()))
        self._find.textChanged.connect(lambda _text: self._typing.start())
        self._find.returnPressed.connect(self._enter)
        down = QShortcut(QKeySequence(Qt.Key.Key_Down), self._find, self._enter)
        down.setContext(Qt.ShortcutContext.WidgetShortcut)
        self._clear = Button(_("Clear the filters"), "link", press=self._clear_all)
        self._customer = Slot(self._make_customer)
        self._bar = FilterBar(self.rows, self._find, self._customer, self.views.button, self._clear)

    def release(self) -> None:
        """Let go of the presenter."""
        self._typing.stop()
        self._leave_views()
        super().release()

    def zones(self) -> list[QWidget]:
        """Return header, filters and list."""
        return [self.header, self._bar, self._frame if self._frame.isVisible() else self.area]

    def set_width(self, width: int) -> None:
        """Leave out columns where room is scarce."""
        super().set_width(width)
        self.table.set_window_width(width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold the filters where they would leave the list no room."""
        super().resizeEvent(event)
        self._bar.set_low(self.height() < theme.look().px(LOW))

    def focus_first(self) -> None:
        """Move the focus into the list; while it is empty, to its first step or to the field above it."""
        self._is_entered = True
        self.rows.show()
        self._focus_list()

    def _focus_list(self) -> None:
        place: QWidget = self._find
        if self._frame.isVisibleTo(self):
            place = self.table
        elif self._first_step is not None and self._nothing.isVisibleTo(self):
            place = self._first_step
        place.setFocus(Qt.FocusReason.OtherFocusReason)

    def render_state(self) -> None:
        """Show the presenter's state."""
        state = self.rows.state
        if state == self._shown:
            return
        self._shown = state
        self.set_heading(state.title, state.line)
        self._banner.show_item(state.locked)
        self._trouble.show_item(state.error or None)
        theme.show_or_hide(self._loading, state.is_loading and not state.error)
        self._bar.show_state(state)
        if state.text != self._find.text() and not self._find.hasFocus() and not self._typing.isActive():
            self._find.setText(state.text)
            self._typing.stop()
        theme.show_or_hide(self._clear, state.is_filtered)
        self._customer.show_item(state.customer or None)
        self.table.show_columns(state.columns, state.hidden)
        self.views.render_state()
        self.model.follow()
        self._show_order(state)
        if not state.total and self.table.hasFocus():
            self._find.setFocus(Qt.FocusReason.OtherFocusReason)  # Qt would go on in the sidebar
        theme.show_or_hide(self._frame, bool(state.total))
        self._nothing.show_item(state.nothing)
        if self._is_entered and not state.is_loading:
            self._is_entered = False
            if self._first_step is not None and self._find.hasFocus():
                self._focus_list()  # it was not known to be empty when the page was entered

    def _show_order(self, state: ListState) -> None:
        header = self.table.horizontalHeader()
        place = next((p for p, c in enumerate(state.columns) if c.order_by == state.order_by), -1)
        header.setSortIndicatorShown(place >= 0)
        order = Qt.SortOrder.DescendingOrder if state.is_descending else Qt.SortOrder.AscendingOrder
        if place >= 0 and (header.sortIndicatorSection(), header.sortIndicatorOrder()) != (place, order):
            header.setSortIndicator(place, order)

    def _order_by_heading(self, section: int) -> None:
        order_by = self.rows.state.columns[section].order_by
        if order_by:
            self.rows.order(order_by)

    def _enter(self) -> None:
        self._typing.stop()
        self.rows.type(self._find.text())
        if self.rows.state.total:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _open(self, number: int) -> None:
        held = self.rows.row(number)
        if held is not None:
            self.rows.open(held.id)

    def _focus_find(self) -> None:
        self._find.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._find.selectAll()

    def _clear_all(self) -> None:
        self._find.setText("")
        self._typing.stop()
        self.rows.clear()

    def _make_customer(self, name: str) -> QWidget:
        return Button(
            name,
            "soft",
            icon="x",
            press=lambda: self.rows.choose_customer(""),
            name=_("Not only {customer}", customer=name),
        )

    def _make_banner(self, notice: Notice) -> QWidget:
        go = Button(notice.action_label, "outline", press=lambda: self._go(notice.action))
        return Banner(notice.kind, notice.title, notice.text, go)

    def _make_trouble(self, sentence: str) -> QWidget:
        again = Button(_("Try again"), "outline", press=self.rows.refresh)
        return Card(
            row(Icon("warning-octagon", "bad", 20, "fill"), Grow(Label(sentence, "small", wraps=True)), again)
        )

    def _make_nothing(self, nothing: Nothing) -> QWidget:
        buttons = []
        self._first_step = None
        if nothing.action == "clear":
            buttons.append(Button(nothing.action_label, "outline", press=self._clear_all))
        elif nothing.action:
            begin = self.rows.begin_visit
            self._first_step = Button(
                nothing.action_label, "primary", icon="plus", press=begin, shortcut="Ctrl+N"
            )
            buttons.append(self._first_step)
        told = empty_state(nothing.icon, nothing.title, nothing.text, *buttons, size=72, tone="accent")
        return Card(Scroll(column(told), (0, 0, 0, 0)))
