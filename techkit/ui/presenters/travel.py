"""The way to the customer on the visit's bill: whether it is charged, and how far it was."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from techkit import i18n
from techkit.errors import InputError
from techkit.i18n import _
from techkit.records.budget import times
from techkit.ui.presenters.entry_form import parse_km
from techkit.ui.presenters.lanes import Observable
from techkit.ui.presenters.open_visit import OpenVisit


@dataclass(frozen=True, kw_only=True)
class TravelState:
    """Whether the way is charged, and how far it was where kilometres are paid."""

    is_charged: bool
    has_km: bool
    km: str = ""
    error: str = ""


#: Where kilometres are kept while they are typed.
_PLACE = "travel"


class Travel:
    """The way of one visit."""

    def __init__(self, held: OpenVisit) -> None:
        self.held = held
        self.changed = Observable()
        self._typed: str | None = None
        self._error = ""

    def charge(self, is_charged: bool) -> None:
        """Say whether the way is charged."""
        visit = dataclasses.replace(self.held.visit, is_travel_charged=is_charged)
        self.held.save(visit, word=_("the travel"))

    def type_km(self, text: str) -> None:
        """Keep the kilometres as they are being typed."""
        self._typed = text
        self.held.typing.keep(_PLACE, "km", text)

    def restore_typing(self) -> bool:
        """Take over kilometres that were being typed when the program ended; return whether there were any."""
        typed = self.held.typing.typed_in(_PLACE).get(_PLACE, {})
        if typed:
            self.fill_km(typed.get("km", ""))
        return bool(typed)

    def fill_km(self, text: str) -> None:
        """Note the kilometres there and back; empty for none."""
        self.type_km(text)
        self._error = ""
        try:
            km = parse_km(text)
            card = self.held.bundle.rate_card
            times(km, card.travel_per_km_minor if card else 0)
        except InputError as error:
            self._error = error.sentences()
            self.changed()
            return
        self._typed = None
        self.held.typing.forget(_PLACE)
        self.held.save(dataclasses.replace(self.held.visit, travel_km=km), word=_("the travel"))

    def state(self) -> TravelState | None:
        """Return what is shown of the way; None where no rate names it."""
        card, visit = self.held.bundle.rate_card, self.held.visit
        if card is None or not (card.travel_flat_minor or card.travel_per_km_minor):
            return None
        km = i18n.exact(visit.travel_km) if visit.travel_km else ""
        return TravelState(
            is_charged=visit.is_travel_charged,
            has_km=bool(card.travel_per_km_minor),
            km=self._typed if self._typed is not None else km,
            error=self._error,
        )
