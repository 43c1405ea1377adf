"""The catalogue of products beside the form of a supply: found while typing, by name, number or maker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from techkit import i18n
from techkit.i18n import _, ngettext
from techkit.records.assets import Product, unit_words
from techkit.records.entering import clean_text
from techkit.store.search import fold, ordered
from techkit.ui.presenters.entry_form import EntryForm
from techkit.ui.presenters.lanes import Observable
from techkit.ui.presenters.open_visit import OpenVisit

#: So many products are shown at once; more are told by their number, and found by typing on.
MOST_SHOWN = 6

#: A name typed here is at most so long.
_LONGEST = 200


@dataclass(frozen=True, kw_only=True)
class ProductRow:
    """One product: its name, and number, price and maker in a line. id: "" writes in what was typed instead."""

    id: str
    title: str
    line: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, kw_only=True)
class CatalogueState:
    """What is shown of the catalogue. line: how many there are, or how many more; chosen_line: what was taken."""

    text: str = ""
    rows: tuple[ProductRow, ...] = ()
    line: str = ""
    chosen_line: str = ""


class Catalogue:
    """Finds products in what this device holds of the office's catalogue; `state` is None where none can be chosen."""

    def __init__(self, held: OpenVisit) -> None:
        self._held = held
        self._form: EntryForm | None = None
        self._products: tuple[Product, ...] = ()
        self._folded: list[tuple[str, Product]] = []
        self._text = ""
        self.changed = Observable()
        self.state: CatalogueState | None = None

    def stand_beside(self, form: EntryForm | None) -> None:
        """Stand beside this form from now on, with nothing typed."""
        self._form = form
        self.type("")

    def type(self, text: str) -> None:
        """Look for what was typed."""
        self._text = text[:_LONGEST]
        self.refresh()

    def get(self, product_id: str) -> Product | None:
        """Return a product by its id."""
        return next((p for p in self._held.known.products if p.id == product_id), None)

    @property
    def name_typed(self) -> str:
        """The name that was typed, to be written in without the catalogue."""
        return clean_text(self._text)

    def refresh(self) -> None:
        """Work the state out again and tell."""
        has_some = self._form is not None and self._form.kind == "supply_use" and self._held.known.products
        state = self._state(self._form) if has_some and self._form is not None else None
        if state != self.state:
            self.state = state
            self.changed()

    def _state(self, form: EntryForm) -> CatalogueState:
        chosen = form.typed.get("product_id")
        if chosen is None:
            chosen = str(getattr(form.record, "product_id", None) or "")
        product = self.get(chosen) if chosen else None
        found = self._found()
        is_asked = bool(self._text.strip())
        listed = found if is_asked or (product is None and len(found) <= MOST_SHOWN) else []
        rows = [
            ProductRow(id=p.id, title=p.name, line=self._line(p), is_chosen=p.id == chosen)
            for p in listed[:MOST_SHOWN]
        ]
        more, name = len(listed) - len(rows), self.name_typed
        line = ngettext("{n} more: type on", "{n} more: type on", more) if more > 0 else ""
        if not is_asked and not rows:
            line = ngettext("{n} product in the catalogue", "{n} products in the catalogue", len(found))
        elif not found:
            line = _("Nothing in the catalogue is called so.")
        if name and not any(fold(p.name) == fold(name) for p in found):
            rows.append(ProductRow(id="", title=_("Write in “{name}” without the catalogue", name=name)))
        return CatalogueState(
            text=self._text,
            rows=tuple(rows),
            line=line,
            chosen_line=_("From the catalogue: {name} · {line}", name=product.name, line=self._line(product))
            if product
            else "",
        )

    def _found(self) -> list[Product]:
        """Return the products in which every word typed begins a word; names that begin so come first, what is over last."""
        if self._products is not self._held.known.products:
            self._products = self._held.known.products
            by_name = sorted(self._products, key=lambda p: ordered(p.name))
            self._folded = [(fold(f" {p.name} {p.number} {p.vendor}"), p) for p in by_name]
        words = fold(self._text).split()
        found = [(key, p) for key, p in self._folded if all(f" {word}" in key for word in words)]
        if not found and words:
            found = [(key, p) for key, p in self._folded if all(word in key for word in words)]
        first = f" {' '.join(words)}"
        today = self._held.today
        return [
            p for key, p in sorted(found, key=lambda f: (_is_over(f[1], today), not f[0].startswith(first)))
        ]

    def _line(self, product: Product) -> str:
        price = i18n.money(product.price_minor, product.currency)
        unit = unit_words(product.unit)
        parts = (
            _("No. {number}", number=product.number) if product.number else "",
            _("{price} per {unit}", price=price, unit=unit) if unit else price,
            product.vendor,
            _("no longer made") if _is_over(product, self._held.today) else "",
        )
        return " · ".join(part for part in parts if part)


def _is_over(product: Product, today: date) -> bool:
    return product.ends_on is not None and product.ends_on <= today
