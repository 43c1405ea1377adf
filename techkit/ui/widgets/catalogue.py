"""The catalogue beside the form of a supply: a field to type in, and what was found below it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.presenters.catalogue import ProductRow
from techkit.ui.widgets.boxes import TOP, At, Grow, column
from techkit.ui.widgets.cards import Card, PressRow
from techkit.ui.widgets.finder import Finder
from techkit.ui.widgets.labels import Icon, Label

if TYPE_CHECKING:
    from techkit.ui.presenters.catalogue import Catalogue


class CatalogueCard(Card):
    """Type, press Return for the first found, or go down with the arrows; choose: called with a product's id."""

    def __init__(self, catalogue: Catalogue, choose: Callable[[str], object]) -> None:
        self._catalogue = catalogue
        self._choose = choose
        self._chosen = Label("", "small_strong", wraps=True)
        self._finder: Finder[ProductRow] = Finder(
            _("Choose from the catalogue"), _("Name, number or maker"), self._make_row, self._chosen
        )
        self._finder.typed.connect(catalogue.type)
        self._finder.first_taken.connect(self._take_first)
        super().__init__(self._finder, kind="soft", margins=12, gap=6)
        self._end = catalogue.changed.subscribe(self.render_state)
        self.render_state()

    def release(self) -> None:
        """Let go of the presenter."""
        self._end()

    def focus_first(self) -> None:
        """Move the focus into the field."""
        self._finder.focus_first()

    def render_state(self) -> None:
        """Show the presenter's state; nothing where nothing can be chosen."""
        state = self._catalogue.state
        theme.show_or_hide(self, state is not None)
        if state is None:
            return
        self._chosen.setText(state.chosen_line)
        theme.show_or_hide(self._chosen, bool(state.chosen_line))
        self._finder.show_found(state.text, state.rows, state.line)

    def _take_first(self) -> None:
        state = self._catalogue.state
        if state is not None and state.rows:
            self._choose(state.rows[0].id)

    def _make_row(self, product: ProductRow) -> QWidget:
        icon = "pencil-simple" if not product.id else "check" if product.is_chosen else "package"
        return PressRow(
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
