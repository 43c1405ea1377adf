"""The saved views of a list: chips to choose one, and a panel to keep, name, delete and put columns away."""

from __future__ import annotations

import functools
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.controls import LineEdit, Tick
from techkit.ui.presenters.list_views import MOST_LETTERS, ViewsState
from techkit.ui.presenters.lists import RecordList
from techkit.ui.widgets.boxes import MIDDLE, At, Grow, holder, row
from techkit.ui.widgets.buttons import Button, Choice, IconButton
from techkit.ui.widgets.cards import Card
from techkit.ui.widgets.flowing import Flow
from techkit.ui.widgets.labels import Icon, Label
from techkit.ui.widgets.rows import Slot


class ViewChips(QWidget):
    """The views beside each other; hidden while none is kept."""

    def __init__(self, rows: RecordList) -> None:
        super().__init__()
        self._views = rows.views
        self._chips = Choice(_("Views"), (), kind="chip")
        self._chips.chosen.connect(self._views.show)
        self._keep = Button(_("Keep the change"), "link", press=self._keep_change)
        self.setLayout(row(Grow(self._chips), At(self._keep, MIDDLE), gap=8))

    def show_state(self, state: ViewsState) -> None:
        """Show the views, the first one marked; what was changed of the shown one can be kept."""
        named = [
            (name, _("{name} (first)", name=name) if name == state.first else name) for name in state.names
        ]
        self._chips.set_options([("", _("Everything")), *named])
        self._chips.set_value(state.shown)
        theme.show_or_hide(self._keep, bool(state.shown) and state.is_changed)
        theme.show_or_hide(self, bool(state.names))

    def _keep_change(self) -> None:
        self._views.keep(self._views.state.shown)


class ViewPanel(Card):
    """Where a view is kept, renamed, deleted, shown first, and columns are put away. leave: takes the focus back."""

    def __init__(self, rows: RecordList, leave: Callable[[], object]) -> None:
        self._rows, self._views, self._leave = rows, rows.views, leave
        self._name = LineEdit(placeholder=_("Name of the view"), name=_("Name of the view"))
        self._name.setMaxLength(MOST_LETTERS)
        self._name.setMinimumWidth(theme.look().px(180))
        self._name.setMaximumWidth(theme.look().px(300))
        self._name.returnPressed.connect(self._keep)
        self._rename = Button(_("Rename"), "outline", press=lambda: self._views.rename(self._name.text()))
        self._delete = Button(_("Delete"), "ghost", icon="trash", press=self._views.delete)
        self._first = Tick(
            _("Show this view first"), press=lambda is_on: self._views.make_first(is_first=is_on)
        )
        self._trouble = Label("", "small_strong", wraps=True, tone="bad")
        self._undo = Slot(self._make_undo)
        self._columns: dict[str, Tick] = {}
        for held in rows.kind.columns[1:]:
            if held.key:
                self._columns[held.key] = Tick(
                    _(held.label), press=functools.partial(self._show_column, held.key)
                )
        close = IconButton("x", _("Close"), self.close_panel, shortcut="Esc")
        super().__init__(
            row(Grow(Label(_("Views of this list"), "section")), close, gap=8),
            holder(
                Flow(
                    self._name,
                    Button(_("Keep as a view"), "primary", icon="bookmark-simple", press=self._keep),
                    self._rename,
                    self._delete,
                    gap=8,
                )
            ),
            self._trouble,
            self._first,
            Label(_("Columns"), "small_strong"),
            holder(Flow(*self._columns.values(), gap=14)),
            self._undo,
            kind="option",
            gap=8,
        )
        shortcut = QShortcut(QKeySequence("Escape"), self, self.close_panel)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.hide()

    def open_panel(self) -> None:
        """Show the panel, the focus in the name."""
        self._name.setText(self._views.state.shown)
        self.show()
        self._name.setFocus(Qt.FocusReason.OtherFocusReason)
        self._name.selectAll()

    def close_panel(self) -> None:
        """Put the panel away; the focus goes back to the list."""
        self.hide()
        self._leave()

    def show_state(self, state: ViewsState, hidden: frozenset[str]) -> None:
        """Show what can be done with the shown view, and which columns are there."""
        for piece in (self._rename, self._delete, self._first):
            theme.show_or_hide(piece, bool(state.shown))
        self._first.setChecked(bool(state.shown) and state.shown == state.first)
        self._trouble.setText(state.error)
        theme.show_or_hide(self._trouble, bool(state.error))
        self._undo.show_item(state.undo_line or None)
        for key, tick in self._columns.items():
            tick.setChecked(key not in hidden)
        if not state.is_offered:
            self.hide()

    def _keep(self) -> None:
        self._views.keep(self._name.text())

    def _show_column(self, key: str, is_on: bool) -> None:
        self._rows.show_column(key, is_shown=is_on)

    def _make_undo(self, sentence: str) -> QWidget:
        return holder(
            row(
                Icon("check-circle", "ok", 18, "fill"),
                Grow(Label(sentence, "small", wraps=True)),
                Button(_("Undo"), "link", press=self._views.undo),
                gap=8,
            )
        )


class ListViewsBar:
    """Chips, panel and the button that opens it. leave: takes the focus back to the list."""

    def __init__(self, rows: RecordList, leave: Callable[[], object]) -> None:
        self._rows = rows
        self._shown: tuple[ViewsState, frozenset[str]] | None = None
        self.chips = ViewChips(rows)
        self.panel = ViewPanel(rows, leave)
        self.button = Button(_("Views"), "outline", icon="bookmark-simple", press=self.toggle)
        self.button.setToolTip(theme.escaped(_("Views of this list (V)")))

    def toggle(self) -> None:
        """Show the panel, or put it away."""
        if self.panel.isVisible():
            self.panel.close_panel()
        elif self._rows.views.state.is_offered:
            self.panel.open_panel()

    def render_state(self) -> None:
        """Show the views as they stand."""
        held = (self._rows.views.state, self._rows.state.hidden)
        if held == self._shown:
            return
        self._shown = held
        self.chips.show_state(held[0])
        self.panel.show_state(*held)
        theme.show_or_hide(self.button, held[0].is_offered)
