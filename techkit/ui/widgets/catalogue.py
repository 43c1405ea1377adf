"""The catalogue beside the form of a supply: a field to type in, and what was found below it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.controls import FieldBox, LineEdit, offer_to_empty
from techkit.ui.presenters.catalogue import CatalogueState, ProductRow
from techkit.ui.widgets.banner import announce
from techkit.ui.widgets.boxes import TOP, At, Grow, Rows, column
from techkit.ui.widgets.cards import Card, PressRow
from techkit.ui.widgets.labels import Icon, Label

if TYPE_CHECKING:
    from techkit.ui.presenters.catalogue import Catalogue


class CatalogueCard(Card):
    """Type, press Return for the first found, or go down with the arrows; choose: called with a product's id."""

    def __init__(self, catalogue: Catalogue, choose: Callable[[str], object]) -> None:
        self._catalogue = catalogue
        self._choose = choose
        self._shown: CatalogueState | None = None
        self._field = LineEdit("", _("Name, number or maker"))
        self._field.setMaxLength(200)
        offer_to_empty(self._field)
        self._field.textEdited.connect(catalogue.type)
        self._rows: Rows[ProductRow] = Rows(self._make_row)
        self._line = Label("", "tiny")
        self._chosen = Label("", "small_strong", wraps=True)
        super().__init__(
            FieldBox(_("Choose from the catalogue"), self._field),
            self._chosen,
            self._rows,
            self._line,
            kind="soft",
            margins=12,
            gap=6,
        )
        self._field.installEventFilter(self)
        self._end = catalogue.changed.subscribe(self.render_state)
        self.render_state()

    def release(self) -> None:
        """Let go of the presenter."""
        self._end()

    def focus_first(self) -> None:
        """Move the focus into the field."""
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)

    def render_state(self) -> None:
        """Show the presenter's state; nothing where nothing can be chosen."""
        state, before = self._catalogue.state, self._shown
        self._shown = state
        theme.show_or_hide(self, state is not None)
        if state is None:
            return
        if self._field.text() != state.text:
            self._field.setText(state.text)
        self._chosen.setText(state.chosen_line)
        theme.show_or_hide(self._chosen, bool(state.chosen_line))
        self._rows.show_items(state.rows)
        self._line.setText(state.line)
        theme.show_or_hide(self._line, bool(state.line))
        if before is not None and state.line != before.line and state.text:
            announce(self, state.line)

    def _make_row(self, product: ProductRow) -> QWidget:
        icon = "pencil-simple" if not product.id else "check" if product.is_chosen else "package"
        made = PressRow(
            At(Icon(icon, "accentText", 18), TOP),
            Grow(
                column(
                    Label(product.title, "small_strong", wraps=True),
                    Label(product.line, "tiny", wraps=True) if product.line else None,
                    gap=0,
                )
            ),
            name=f"{product.title}. {product.line}" if product.line else product.title,
            press=functools.partial(self._choose, product.id),
            margins=(6, 5, 6, 5),
            gap=10,
        )
        made.installEventFilter(self)
        return made

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go through field and rows with the arrows; Return in the field takes the first row."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and not _is_held(event):
            stops: list[QWidget] = [self._field, *self._rows.widgets()]
            here = next((n for n, stop in enumerate(stops) if stop is watched), 0)
            match event.key():
                case Qt.Key.Key_Down | Qt.Key.Key_Up:
                    to = here + (1 if event.key() == Qt.Key.Key_Down else -1)
                    if 0 <= to < len(stops):
                        stops[to].setFocus(Qt.FocusReason.TabFocusReason)
                    return True
                case Qt.Key.Key_Return | Qt.Key.Key_Enter if watched is self._field:
                    state = self._catalogue.state
                    if state is not None and state.rows and state.text.strip():
                        self._choose(state.rows[0].id)
                    return True
        return super().eventFilter(watched, event)


def _is_held(event: QKeyEvent) -> bool:
    """Return whether a key is part of a shortcut, such as Ctrl+Return for the next step."""
    return bool(event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier)
