"""What other visits take of a contract's hours and of budgets before the office has booked them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from techkit.records.budget import Allocation
from techkit.records.charges import charged_budgets, drawn_minutes
from techkit.records.parties import Customer
from techkit.records.visit import ReviewState, Visit
from techkit.store.database import Store
from techkit.ui.presenters.twins import family

#: Visits whose hours and costs are booked, or never will be.
_SETTLED = (ReviewState.POSTED, ReviewState.VOID)
_WAITING = tuple(state for state in ReviewState if state not in _SETTLED)


@dataclass(frozen=True, kw_only=True)
class Unbooked:
    """minutes: contract id → drawn on its hours. amounts: budget id → what will be booked on it, in minor units."""

    minutes: Mapping[str, int] = field(default_factory=dict)
    amounts: Mapping[str, int] = field(default_factory=dict)


def unbooked(store: Store, visit: Visit) -> Unbooked:
    """Return what the customer's other visits took and the office has not booked yet; in the store lane."""
    customers = family(store, Customer, visit.customer_id)
    begun = [
        v
        for v in store.find(Visit, customer_id=customers, review_state=_WAITING)
        if v.id != visit.id and v.arrived_at
    ]
    shared = {a.visit_id for a in store.find(Allocation, visit_id=[v.id for v in begun])} if begun else set()
    minutes: dict[str, int] = {}
    amounts: dict[str, int] = {}
    for other in begun:
        if not other.contract_id and other.id not in shared:
            continue
        bundle = store.bundle(other.id)
        if other.contract_id:
            minutes[other.contract_id] = minutes.get(other.contract_id, 0) + drawn_minutes(bundle)
        for budget_id, amount in charged_budgets(bundle).items():
            amounts[budget_id] = amounts.get(budget_id, 0) + amount
    return Unbooked(minutes=minutes, amounts=amounts)
