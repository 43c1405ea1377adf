"""Why a contract does not hold for a visit, in words for technician, customer and reviewer. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from techkit import i18n
from techkit.i18n import _
from techkit.records.agreed_hours import AgreedHours, agreed_hours
from techkit.records.assets import Contract
from techkit.records.bundle import VisitBundle
from techkit.records.charges import covers_place, is_in_force, visit_day

#: A contract is spoken of for so long before and after it ends. Source: the specification's story (37 days); ours.
RENEWAL_DAYS = 60


def why_not(contract: Contract | None, bundle: VisitBundle) -> str:
    """Return why a contract does not pay for the visit, "" where it does or there is none."""
    day = visit_day(bundle.visit)
    if contract is None or day is None or is_in_force(contract, bundle):
        return ""
    name = contract.number or contract.name
    if contract.ends_on and day > contract.ends_on:
        return _("Contract {number} ended on {day}.", number=name, day=i18n.day(contract.ends_on))
    if contract.starts_on and day < contract.starts_on:
        return _("Contract {number} begins on {day}.", number=name, day=i18n.day(contract.starts_on))
    if not covers_place(contract, bundle):
        return _("Contract {number} does not cover this place.", number=name)
    return _("Contract {number} does not cover every computer of this visit.", number=name)


def hours_of(bundle: VisitBundle) -> AgreedHours | None:
    """Return the hours the visit's contract agrees on; None where none holds, or it names none that can be read."""
    contract = bundle.contract
    return agreed_hours(contract.business_hours) if contract and is_in_force(contract, bundle) else None


def agreed(contracts: Iterable[Contract], bundle: VisitBundle) -> Contract | None:
    """Return the contract a visit is under: one that holds, else the one that ended lately, so that it is spoken of."""
    held = list(contracts)
    holding = next((c for c in held if is_in_force(c, bundle)), None)
    day = visit_day(bundle.visit)
    if holding is not None or day is None:
        return holding
    since = day - timedelta(days=RENEWAL_DAYS)
    lately = [c for c in held if c.ends_on is not None and since <= c.ends_on < day]
    return max(lately, key=lambda c: (c.ends_on or day, c.id), default=None)
