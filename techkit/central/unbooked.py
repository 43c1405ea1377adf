"""What a customer's other visits will take of budgets once they are booked.

The device counts the same before the customer signs (ui/presenters/unbooked.py); here it is said beside what is booked.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from techkit.central import bundles
from techkit.central.models import Record as Row
from techkit.central.models import VisitRow
from techkit.records.budget import first_day
from techkit.records.bundle import VisitBundle, gather
from techkit.records.charges import Share, charged_budgets
from techkit.records.schema import Record
from techkit.records.visit import ReviewState, Visit

#: Visits whose costs are booked, or never will be.
_SETTLED = (ReviewState.POSTED.value, ReviewState.VOID.value)

#: What costs are reckoned from: below a visit, and of its customer.
_COSTS = ("labour_segment", "supply_use", "expense", "allocation")
_OF_CUSTOMER = ("contract", "cost_centre", "budget")

#: The newest so many are counted, so that a customer nobody ever books for still has pages.
MOST_COUNTED = 500

#: An instant may lie on another day at its place; the budget a visit counts in is exact.
_ZONES = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """amounts, counts: budget id → minor units, visits. is_all: False where only the newest were counted."""

    amounts: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    is_all: bool = True


def waiting(org_id: int, bundle: VisitBundle, parts: Iterable[Share]) -> Waiting:
    """Return what the customer's other unbooked visits will take of the budgets that bear this one."""
    met = [part.budget for part in parts if part.budget is not None and part.after is not None]
    customer = bundles.as_uuid(bundle.visit.customer_id)
    if not met or customer is None:
        return Waiting()
    since = first_day(min(budget.period for budget in met))
    customers = bundles.with_merged(org_id, customer)
    rows = VisitRow.objects.filter(org_id=org_id, customer_id__in=customers).exclude(
        review_state__in=_SETTLED
    )
    if since is not None:
        rows = rows.filter(started_at__gte=datetime.combine(since, time.min, UTC) - _ZONES)
    rows = rows.exclude(pk=bundle.visit.id).order_by("-started_at", "-id")
    ids = list(rows.values_list("id", flat=True)[: MOST_COUNTED + 1])
    amounts: dict[str, int] = {}
    counts: dict[str, int] = {}
    for other in _bundles(org_id, customers, ids[:MOST_COUNTED]):
        for budget_id, amount in charged_budgets(other).items():
            if amount:
                amounts[budget_id] = amounts.get(budget_id, 0) + amount
                counts[budget_id] = counts.get(budget_id, 0) + 1
    return Waiting(amounts=amounts, counts=counts, is_all=len(ids) <= MOST_COUNTED)


def _bundles(org_id: int, customers: list[uuid.UUID], ids: list[uuid.UUID]) -> Iterable[VisitBundle]:
    """Yield the begun visits with what their costs are reckoned from, in a fixed number of queries."""
    if not ids:
        return
    held = Row.objects.filter(org_id=org_id, deleted=False)
    shared = list(bundles.decoded(held.filter(customer_id__in=customers, entity__in=_OF_CUSTOMER)))
    shared += bundles.decoded(held.filter(entity="rate_card"))
    merged = held.filter(entity__in=("asset", "site"), customer_id__in=customers) | held.filter(
        entity="customer", entity_id__in=customers
    )
    shared += bundles.decoded(merged.filter(state__merged_into__isnull=False))
    below: dict[str, list[Record]] = {}
    for row in held.filter(visit_id__in=ids, entity__in=_COSTS):
        below.setdefault(str(row.visit_id), []).extend(bundles.decoded([row]))
    for visit in bundles.decoded(held.filter(entity="visit", entity_id__in=ids)):
        if isinstance(visit, Visit) and visit.arrived_at:
            yield gather(visit, [*shared, *below.get(visit.id, ())])
