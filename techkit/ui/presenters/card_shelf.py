"""The how-to cards of a session: those that ship in the language in force, and the device's own.

Read in the background when somebody first asks; search and lookup are then a matter of microseconds, so
that palette, evidence, lookups and the Cards place may ask while a person types.
"""

from __future__ import annotations

from collections.abc import Iterable

from techkit import i18n
from techkit.records.cards import Card, HowTo, fitting, how_to_of
from techkit.records.findings import Complaint
from techkit.store import cards as files
from techkit.store.cards import Shelf
from techkit.store.database import Store
from techkit.ui.presenters.lanes import Lanes, Observable


class CardShelf:
    """All cards of one session. `changed` is told when they were read anew."""

    def __init__(self, store: Store, lanes: Lanes) -> None:
        self._store = store
        self._lanes = lanes
        self._language = ""
        self._shelf: Shelf | None = None
        self.changed = Observable()

    @property
    def is_read(self) -> bool:
        """Whether the cards are there."""
        return self._shelf is not None

    def want(self) -> None:
        """Read the cards unless they are there in the language in force."""
        if self._language != i18n.current():
            self.read()

    def read(self) -> None:
        """Read the cards, own ones too, in the language in force."""
        language = self._language = i18n.current()
        store = self._store

        def work() -> tuple[HowTo, ...]:
            own = tuple(how_to_of(card) for card in store.find(Card, order_by="title"))
            return (*own, *files.shipped(language))

        self._lanes.store(work, self._put)

    def _put(self, cards: Iterable[HowTo]) -> None:
        if self._shelf is None:
            self._shelf = Shelf()
        self._shelf.put(cards)
        self.changed()

    @property
    def cards(self) -> tuple[HowTo, ...]:
        """Return all cards: own ones first, then those that ship, each by title."""
        return self._shelf.cards if self._shelf else ()

    def get(self, id: str) -> HowTo | None:
        """Return a card by its id."""
        return self._shelf.get(id) if self._shelf else None

    def search(self, text: str, limit: int = 12) -> tuple[HowTo, ...]:
        """Return the cards that fit what was typed, best first, `limit` at the most."""
        return self._shelf.search(text, limit) if self._shelf else ()

    def fitting(self, *, check: str = "", complaint: Complaint | None = None) -> tuple[HowTo, ...]:
        """Return the cards that explain a check or a complaint, those of the check first."""
        return fitting(self.cards, check=check, complaint=complaint)

    def for_customer(self, id: str, language: str) -> HowTo | None:
        """Return a card in the customer's language; an own card in the one it was written in."""
        shipped = next((card for card in files.shipped(language) if card.id == id), None)
        return shipped or self.get(id)

    def close(self) -> None:
        """Forget all cards."""
        if self._shelf is not None:
            self._shelf.close()
            self._shelf = None
        self._language = ""
