"""By which contract and rates a visit is reckoned: those that hold when it begins, or that came before it was signed."""

from __future__ import annotations

import dataclasses

from techkit.records.agreements import agreed
from techkit.records.assets import RateCard, own_rates_of
from techkit.records.charges import is_booked, is_in_force, left_at_start
from techkit.records.visit import Visit
from techkit.ui.presenters.open_visit import OpenVisit


def with_agreement(held: OpenVisit, visit: Visit) -> Visit:
    """Return the visit with the contract that holds today, or ended lately, and the rates that follow."""
    known = held.known
    contract_id = visit.contract_id
    if contract_id is None:
        lately = agreed(known.contracts, dataclasses.replace(held.bundle, visit=visit))
        contract_id = lately.id if lately else None
    contract = next((c for c in known.contracts if c.id == contract_id), None)
    # The rates of a contract that does not hold on this day are not agreed on.
    holds = is_in_force(contract, dataclasses.replace(held.bundle, visit=visit))
    card_id = visit.rate_card_id or (contract.rate_card_id if contract and holds else None)
    card = next((c for c in known.rate_cards if c.id == card_id), None)
    if card is None and visit.own_rates and card_id:
        card = visit.own_rates[0].card(card_id)  # another technician's: this device has no such card
    if card is None:
        card = _default_card(held)
        card_id = card.id if card else card_id
    held.take_along(*(r for r in (contract, card) if r is not None))
    return dataclasses.replace(
        visit,
        contract_id=contract_id,
        rate_card_id=card_id,
        own_rates=(own_rates_of(card),) if card and _is_own(held, card) else visit.own_rates,
        currency=card.currency if card else visit.currency,
        contract_minutes=left_at_start(contract, known.unbooked.minutes),
    )


def priced_by_now(held: OpenVisit) -> Visit:
    """Return the visit as it is, or with rates or a contract known since it began without them.

    A contract comes by a sync, or with the customer another one was merged into; its rates are agreed on then.
    """
    visit = held.visit
    if visit.arrived_at is None or (visit.rate_card_id and visit.contract_id):
        return visit
    contract = agreed(held.known.contracts, held.bundle)
    if visit.rate_card_id and not is_in_force(contract, held.bundle):
        return visit
    has_rates = contract is not None and contract.rate_card_id
    return with_agreement(held, dataclasses.replace(visit, rate_card_id=None) if has_rates else visit)


def with_hours_left(held: OpenVisit, visit: Visit) -> Visit:
    """Return a visit that is opened again with what its contract's hours hold beside those other visits drew meanwhile."""
    if is_booked(held.bundle):
        return visit
    left = left_at_start(held.bundle.contract, held.known.unbooked.minutes)
    return dataclasses.replace(visit, contract_minutes=left)


def _is_own(held: OpenVisit, card: RateCard) -> bool:
    """Return whether a card holds the rates this technician set."""
    own = held.known.own_rates
    return own is not None and dataclasses.replace(card, id=own.id) == own


def _default_card(held: OpenVisit) -> RateCard | None:
    """Return the office's default rates, else the ones the technician set, unless they are written."""
    known = held.known
    default = [c for c in known.rate_cards if c.is_default] or list(known.rate_cards)
    own = known.own_rates
    if own is None or any(c.is_default for c in default):
        return default[-1] if default else None
    same = next((c for c in default if dataclasses.replace(c, id=own.id) == own), None)
    if same is None and not [c for c in default if c.name != own.name]:
        held.save(own)
        return own
    return same or default[-1]
