"""What a list is narrowed and ordered by: beside the search, or folded behind one button where the window is low."""

from __future__ import annotations

import functools

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from techkit.i18n import _, ngettext
from techkit.ui import theme
from techkit.ui.controls import LineEdit, Select
from techkit.ui.presenters.lists import Filter, ListState, RecordList
from techkit.ui.widgets.boxes import At, Grow, column, holder, row
from techkit.ui.widgets.buttons import Button, IconButton
from techkit.ui.widgets.cards import Card
from techkit.ui.widgets.flowing import Flow

#: A page lower than this, in px at 100 %, folds its filters: they would leave two rows of the list.
LOW = 640

#: Letters of a chosen filter on its chip; its name has all of them.
_CHIP_LETTERS = 32


class FilterBar(QWidget):
    """The search, the filters and the order of a list. tools: further buttons that stand beside them."""

    def __init__(self, rows: RecordList, find: LineEdit, *tools: QWidget) -> None:
        super().__init__()
        self._rows = rows
        self._find, self._tools = find, tools
        self._in_force: tuple[Filter, ...] = ()
        self._is_low = False
        self._selects: dict[str, Select] = {}
        self._order = Select(name=_("Order"))
        self._order.setSizeAdjustPolicy(Select.SizeAdjustPolicy.AdjustToContents)
        self._order.picked.connect(rows.order)
        self._turn = IconButton(
            "sort-ascending", _("Turn the order round"), lambda: rows.order(rows.state.order_by)
        )
        for facet in rows.kind.facets:
            select = Select(name=_(facet.label))
            select.picked.connect(functools.partial(rows.choose, facet.name))
            select.setSizeAdjustPolicy(Select.SizeAdjustPolicy.AdjustToContents)
            select.setMaximumWidth(theme.look().px(280))
            self._selects[facet.name] = select
        self.button = Button(_("Filters"), "outline", icon="funnel-simple", press=self.toggle)
        self.button.setCheckable(True)
        self._chips: list[Button] = []
        self._line, self._folded = Flow(gap=8), Flow(gap=8)
        close = IconButton("x", _("Close"), self._close)
        self.panel = Card(
            row(Grow(holder(self._folded)), At(close, Qt.AlignmentFlag.AlignTop), gap=8),
            kind="option",
            margins=10,
        )
        self.panel.hide()
        self.setLayout(column(holder(self._line), self.panel, gap=8))
        shortcut = QShortcut(QKeySequence("Escape"), self, self._close)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._escape = shortcut
        self._arrange()

    def set_low(self, is_low: bool) -> None:
        """Fold the filters behind their button, or have them stand beside the search."""
        if is_low != self._is_low:
            self._is_low = is_low
            self._arrange()

    def toggle(self) -> None:
        """Show the folded filters, the focus in the first, or put them away."""
        if self.panel.isHidden():
            self.panel.show()
            self.button.setChecked(True)
            self._escape.setEnabled(True)
            next(iter(self._selects.values())).setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self._close()

    def show_state(self, state: ListState) -> None:
        """Show what is chosen."""
        for held in state.filters:
            select = self._selects[held.name]
            select.set_options([(choice.value, choice.label) for choice in held.choices])
            select.set_value(next((c.value for c in held.choices if c.is_chosen), ""))
        self._order.set_options(
            [(c.order_by, _("By: {column}", column=_(c.label))) for c in state.columns if c.order_by]
        )
        self._order.set_value(state.order_by)
        if state.in_force != self._in_force:
            self._in_force = state.in_force
            self._show_chips()

    def _arrange(self) -> None:
        """Put each piece into the line or behind the button."""
        filters = (*self._selects.values(), self._order, self._turn)
        for piece in (self._find, self.button, *filters):
            self._line.removeWidget(piece)
            self._folded.removeWidget(piece)
        for piece in (self._find, self.button):
            self._line.addWidget(piece)
        for piece in filters:
            (self._folded if self._is_low else self._line).addWidget(piece)
        theme.show_or_hide(self.button, self._is_low)
        self._put_away()
        self._show_chips()

    def _put_away(self) -> None:
        self.panel.hide()
        self.button.setChecked(False)
        # Else it would take the key from the panel of the views.
        self._escape.setEnabled(False)

    def _close(self) -> None:
        self._put_away()
        self.button.setFocus(Qt.FocusReason.TabFocusReason)

    def _show_chips(self) -> None:
        """Show each filter in force as a chip that takes it back."""
        count = len(self._in_force)
        self.button.set_words(
            _("Filters ({n})", n=count) if count else _("Filters"),
            name=ngettext("Filters, {n} in force", "Filters, {n} in force", count) if count else _("Filters"),
        )
        had_focus = any(chip.hasFocus() for chip in self._chips)
        for chip in self._chips:
            self._line.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = [self._chip(held) for held in self._in_force] if self._is_low else []
        for piece in self._tools:
            self._line.removeWidget(piece)
        for piece in (*self._chips, *self._tools):
            self._line.addWidget(piece)
        if had_focus:
            self.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _chip(self, held: Filter) -> Button:
        chosen = held.chosen
        return Button(
            chosen if len(chosen) <= _CHIP_LETTERS else f"{chosen[: _CHIP_LETTERS - 1].rstrip()}…",
            "soft",
            icon="x",
            press=functools.partial(self._rows.choose, held.name, ""),
            name=_("Take back {filter}: {value}", filter=held.label, value=chosen),
        )
