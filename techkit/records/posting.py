"""What approving a visit's costs books: cost entries by line and cost centre, budgets moved on. Pure.

Entries are added only, never changed: a later correction is an adjusting entry. Each line is split over
the cost centres by largest remainder so that its parts add up to the cent, and the parts of all lines to
the shares the customer saw: what rounding leaves over goes to the last line.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from techkit.records.budget import Budget, CostEntry
from techkit.records.bundle import VisitBundle
from techkit.records.charges import budget_of, charges, shares, visit_day


@dataclass(frozen=True, kw_only=True)
class Booking:
    """The entries of one visit's costs and the budgets as they stand afterwards."""

    entries: tuple[CostEntry, ...]
    budgets: tuple[Budget, ...]


def booking(bundle: VisitBundle, new_id: Callable[[], str]) -> Booking:
    """Return what booking a visit writes; new_id gives each entry its id.

    Without cost centres each line is one entry, and always what is in another currency. Lines that cost nothing are kept: what a contract
    paid is part of the account.
    """
    reckoned, parts = charges(bundle), shares(bundle)
    day = visit_day(bundle.visit)
    period = day.strftime("%Y-%m") if day else ""
    entries: list[CostEntry] = []
    left = {part.centre.id: part.amount_minor for part in parts}
    whole = sum(part.share_percent for part in parts)
    for index, line in enumerate(reckoned.lines):
        is_last = index == len(reckoned.lines) - 1
        split: list[tuple[str | None, int]] = [(None, line.amount_minor)]
        if parts:
            given = [
                left[p.centre.id] if is_last else int(line.amount_minor * p.share_percent / whole)
                for p in parts
            ]
            if not is_last:
                given[0] += line.amount_minor - sum(given)
            split = [(p.centre.id, amount) for p, amount in zip(parts, given, strict=True)]
        for centre_id, amount in split:
            if centre_id is not None:
                left[centre_id] -= amount
            entries.append(
                CostEntry(
                    id=new_id(),
                    visit_id=bundle.visit.id,
                    visit_revision=bundle.visit.revision,
                    kind=line.kind,
                    amount_minor=amount,
                    currency=reckoned.currency,
                    is_billable=not line.is_covered,
                    cost_centre_id=centre_id,
                    period=period,
                )
            )
    entries += [
        CostEntry(
            id=new_id(),
            visit_id=bundle.visit.id,
            visit_revision=bundle.visit.revision,
            kind=line.kind,
            amount_minor=line.amount_minor,
            currency=line.currency,
            is_billable=not line.is_covered,
            period=period,
        )
        for line in reckoned.foreign
    ]
    budgets = []
    for part in parts:
        budget = budget_of(bundle, part.centre.id)
        if budget is not None and part.amount_minor:
            actual = budget.actual_minor + part.amount_minor
            budgets.append(dataclasses.replace(budget, actual_minor=actual))
    return Booking(entries=tuple(entries), budgets=tuple(budgets))
