"""What other visits take of a contract's hours and of budgets before the office has booked them.

Only what a visit of these days can meet is read: visits of the customer since the contract or the budget's period
began, and of those what costs are reckoned from, never their checks, photos or signatures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar

from techkit.records.assets import Asset, Contract, ContractKind, RateCard
from techkit.records.budget import Allocation, Budget, CostCentre, first_day, newest_revisions
from techkit.records.bundle import VisitBundle, gather
from techkit.records.charges import charged_budgets, drawn_minutes, visit_day
from techkit.records.parties import Customer, Site
from techkit.records.schema import Record
from techkit.records.visit import Expense, LabourSegment, ReviewState, SupplyUse, Visit
from techkit.store.database import Store
from techkit.store.drawing import Drawing
from techkit.ui.presenters.twins import family

#: Visits whose hours and costs are booked, or never will be.
_SETTLED = (ReviewState.POSTED.value, ReviewState.VOID.value)

#: What costs are reckoned from, below a visit.
_COSTS: tuple[type[Record], ...] = (LabourSegment, SupplyUse, Expense, Allocation)

#: So many visits are read at once; SQL takes a limited number of values.
_AT_ONCE = 500

#: An instant may lie on another day at its place: the span asked for is wider by this, the day itself is exact.
_ZONES = timedelta(days=1)


M = TypeVar("M", Asset, Site)


@dataclass(frozen=True, kw_only=True)
class Unbooked:
    """minutes: contract id → drawn on its hours. amounts: budget id → what will be booked on it, in minor units."""

    minutes: Mapping[str, int] = field(default_factory=dict)
    amounts: Mapping[str, int] = field(default_factory=dict)


def unbooked(store: Store, visit: Visit, today: date) -> Unbooked:
    """Return what the customer's other visits took and the office has not booked yet; in the store lane."""
    customers = family(store, Customer, visit.customer_id)
    if not customers[0]:
        return Unbooked()
    days = {visit_day(visit) or today, today}
    budgets = store.find(Budget, customer_id=customers)
    contracts = store.find(Contract, customer_id=customers)
    met = [b for b in newest_revisions(budgets) if any(day.isoformat().startswith(b.period) for day in days)]
    pools = [
        c for c in contracts if c.kind is ContractKind.HOURS_POOL and any(_holds(c, day) for day in days)
    ]
    starts = [first_day(b.period) for b in met] + [c.starts_on for c in pools]
    ids = store.drawing_visits(
        Drawing(
            customers=customers,
            settled=_SETTLED,
            contracts=[c.id for c in pools],
            centres=list(dict.fromkeys(b.cost_centre_id for b in met)),
            since=""
            if None in starts
            else (min(s for s in starts if s) - _ZONES).isoformat()
            if starts
            else "",
        )
    )
    shared = [*budgets, *contracts, *store.find(RateCard), *store.find(CostCentre, customer_id=customers)]
    shared += [*_covered(store, contracts), *store.find(Customer, id=customers)]
    minutes: dict[str, int] = {}
    amounts: dict[str, int] = {}
    for bundle in _bundles(store, [i for i in ids if i != visit.id], shared):
        contract_id = bundle.visit.contract_id
        if contract_id:
            minutes[contract_id] = minutes.get(contract_id, 0) + drawn_minutes(bundle)
        for budget_id, amount in charged_budgets(bundle).items():
            amounts[budget_id] = amounts.get(budget_id, 0) + amount
    return Unbooked(minutes=minutes, amounts=amounts)


def _covered(store: Store, contracts: Iterable[Contract]) -> Iterator[Asset | Site]:
    """Yield the computers and places contracts name that were merged, and on to those that stand."""
    held = list(contracts)
    yield from _merged(store, Asset, {i for c in held for i in c.covered_assets})
    yield from _merged(store, Site, {i for c in held for i in c.covered_sites})


def _merged(store: Store, cls: type[M], ids: set[str]) -> Iterator[M]:
    """Yield those of the records that were merged, and those they were merged into that were merged themselves."""
    seen = set[str]()
    while ids := ids - seen:
        seen |= ids
        gone = [one for one in store.find(cls, id=sorted(ids)) if one.merged_into]
        yield from gone
        ids = {one.merged_into or "" for one in gone}


def _bundles(store: Store, ids: list[str], shared: Iterable[Record]) -> Iterator[VisitBundle]:
    """Yield the visits with what their costs are reckoned from, and nothing else."""
    for first in range(0, len(ids), _AT_ONCE):
        some = ids[first : first + _AT_ONCE]
        below: dict[str, list[Record]] = {}
        for cls in _COSTS:
            for held in store.find(cls, visit_id=some):
                below.setdefault(getattr(held, "visit_id"), []).append(held)  # noqa: B009 - every one of these has it
        for other in store.find(Visit, id=some):
            yield gather(other, [*shared, *below.get(other.id, ())])


def _holds(contract: Contract, day: date) -> bool:
    return (contract.starts_on or day) <= day <= (contract.ends_on or day)
