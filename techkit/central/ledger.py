"""What the budget pages ask: cost centres with their budgets, and the rows behind every figure."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models.fields.json import KT

from techkit.central import bundles
from techkit.central.models import ClosedMonth, User, VisitRow
from techkit.central.models import Record as Row
from techkit.records.budget import (
    Budget,
    BudgetChange,
    Commitment,
    CostCentre,
    CostEntry,
    Variance,
    newest_revisions,
    variance,
)
from techkit.records.merged_assets import standing
from techkit.records.schema import Record

#: Booked rows shown on one page; the file of a budget holds them all.
ROWS_SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class Customer:
    """A customer that may have cost centres."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Account:
    """A cost centre with one of its budgets and how that stands; both None without a budget."""

    customer: Customer
    centre: CostCentre
    budget: Budget | None
    stands: Variance | None


@dataclass(frozen=True, kw_only=True)
class BookedRow:
    """A booked cost and the visit it came from; was_taken_back: an entry of the opposite amount follows."""

    entry: CostEntry
    visit: VisitRow | None
    was_taken_back: bool


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """All that stands behind one budget.

    revisions: newest first, the one that holds at the head. changes: why they were made, and transfers
    from and to other budgets. rows: newest first. booked_minor: their
    sum; what the budget has spent beyond it was brought forward from before techkit booked.
    siblings: the customer's other budgets. names: code of the cost centre of each of the customer's
    budgets, replaced ones too, by budget id.
    """

    account: Account
    revisions: tuple[Budget, ...]
    changes: tuple[BudgetChange, ...]
    commitments: tuple[Commitment, ...]
    rows: tuple[BookedRow, ...]
    booked_minor: int
    siblings: tuple[Account, ...]
    names: Mapping[str, str]

    @property
    def brought_forward_minor(self) -> int:
        """Return what was spent before anything was booked here."""
        return self.revisions[0].actual_minor - self.booked_minor


def customers(user: User) -> list[Customer]:
    """Return the customers by name."""
    rows = Row.objects.filter(org_id=user.org_id, entity="customer", deleted=False)
    found = [
        Customer(id=str(held), name=name or "")
        for held, name in rows.values_list("entity_id", KT("state__display_name"))
    ]
    return sorted(found, key=lambda c: (c.name.casefold(), c.id))


def _standing(user: User) -> dict[str, Customer]:
    """Return the customer each one's budgets stand under, by id: of one that was merged whoever holds by now."""
    rows = Row.objects.filter(org_id=user.org_id, entity="customer", deleted=False)
    held = {c.id: c for c in customers(user)}
    gone = list(bundles.decoded(rows.filter(state__merged_into__isnull=False)))
    kept = standing(gone)
    return {key: held.get(kept.get(key, key), one) for key, one in held.items()}


def accounts_of(user: User, customer_id: str = "", period: str = "") -> list[Account]:
    """Return the cost centres with their budgets, by customer and code; one row for each budget.

    period: a year ("2026") keeps that year's budgets and its months'; every cost centre stays.
    """
    centres, budgets = _both(user, customer_id)
    names = _standing(user)
    by_centre: dict[str, list[Budget]] = {}
    for budget in newest_revisions(budgets):
        if budget.period.startswith(period):
            by_centre.setdefault(budget.cost_centre_id, []).append(budget)
    found = []
    for centre in centres:
        customer = names.get(centre.customer_id) or Customer(id=centre.customer_id, name="")
        in_order = sorted(by_centre.get(centre.id, []), key=lambda b: b.period)
        own: Sequence[Budget | None] = in_order or [None]
        found += [
            Account(customer=customer, centre=centre, budget=b, stands=variance(b) if b else None)
            for b in own
        ]
    return sorted(found, key=lambda a: (a.customer.name.casefold(), a.customer.id, a.centre.code))


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A budget with those of all that its cost centre is made of: how many, approved, spent and promised."""

    part_count: int
    approved_minor: int
    actual_minor: int
    committed_minor: int


def with_parts(account: Account, accounts: Iterable[Account]) -> Whole | None:
    """Return a budget together with those of its cost centre's parts, of the same period and currency; None without."""
    own = account.budget
    if own is None:
        return None
    found, every = {account.centre.id}, list(accounts)
    while more := {a.centre.id for a in every if a.centre.parent_id in found} - found:
        found |= more
    parts = [
        a.budget
        for a in every
        if a.budget is not None
        and a.centre.id in found - {account.centre.id}
        and (a.budget.period, a.budget.currency) == (own.period, own.currency)
    ]
    if not parts:
        return None
    both = (own, *parts)
    return Whole(
        part_count=len(parts),
        approved_minor=sum(b.approved_minor for b in both),
        actual_minor=sum(b.actual_minor for b in both),
        committed_minor=sum(b.committed_minor for b in both),
    )


def centre_codes(user: User) -> dict[str, str]:
    """Return the code of every cost centre by its id."""
    centres, _budgets = _both(user, "")
    return {centre.id: centre.code for centre in centres}


def years(user: User) -> list[str]:
    """Return the years there are budgets for, the latest first."""
    _centres, budgets = _both(user, "")
    return sorted({b.period[:4] for b in budgets if b.period}, reverse=True)


def ledger(user: User, budget_id: str) -> Ledger | None:
    """Return what stands behind a budget, by the id of any of its revisions; None when there is none."""
    held = bundles.as_uuid(budget_id)
    rows = Row.objects.filter(org_id=user.org_id, entity="budget", entity_id=held) if held else []
    asked = next((b for b in bundles.decoded(rows) if isinstance(b, Budget)), None)
    if asked is None:
        return None
    siblings = accounts_of(user, asked.customer_id)
    account = next(
        (
            a
            for a in siblings
            if a.budget and (a.budget.cost_centre_id, a.budget.period) == (asked.cost_centre_id, asked.period)
        ),
        None,
    )
    if account is None or account.budget is None:
        return None
    centres, budgets = _both(user, asked.customer_id)
    codes = {c.id: c.code for c in centres}
    revisions = _chain(account.budget, budgets)
    own = {b.id for b in revisions}
    changed = [c for c in _of(user, asked.customer_id, "budget_change") if isinstance(c, BudgetChange)]
    promised = [c for c in _of(user, asked.customer_id, "commitment") if isinstance(c, Commitment)]
    booked = entries(user, account)
    return Ledger(
        account=account,
        revisions=revisions,
        changes=tuple(c for c in reversed(changed) if {c.from_budget_id, c.to_budget_id} & own),
        commitments=tuple(c for c in reversed(promised) if c.budget_id in own),
        rows=tuple(booked),
        booked_minor=sum(row.entry.amount_minor for row in booked),
        siblings=tuple(a for a in siblings if a.budget and a.budget.id != account.budget.id),
        names={b.id: codes.get(b.cost_centre_id, "") for b in budgets},
    )


def entries(user: User, account: Account) -> list[BookedRow]:
    """Return the costs booked on an account's budget, newest first."""
    _centres, budgets = _both(user, account.customer.id)
    periods = {b.period for b in newest_revisions(budgets) if b.cost_centre_id == account.centre.id}
    period = account.budget.period if account.budget else ""
    found = [e for e in _booked_on(user, account.centre) if _counts_in(e, period, periods)]
    gone = {e.reverses for e in found if e.reverses}
    named = {str(v.id): v for v in VisitRow.objects.filter(id__in={uuid.UUID(e.visit_id) for e in found})}
    found.sort(key=lambda e: e.id, reverse=True)
    return [BookedRow(entry=e, visit=named.get(e.visit_id), was_taken_back=e.id in gone) for e in found]


def taken_over(user: User, centre: CostCentre, period: str) -> tuple[list[CostEntry], Budget | None]:
    """Return what a first budget of a cost centre for a period takes over: costs booked in it, and the budget that has them.

    None where no budget has them yet.
    """
    _centres, budgets = _both(user, centre.customer_id)
    held = {b.period: b for b in newest_revisions(budgets) if b.cost_centre_id == centre.id}
    entries = [e for e in _booked_on(user, centre) if _counts_in(e, period, {*held, period})]
    above = max((one for one in held if period.startswith(one)), key=len, default="")
    return entries, held.get(above)


def closed_months(user: User) -> list[ClosedMonth]:
    """Return the closed months, the latest first."""
    rows = ClosedMonth.objects.filter(org_id=user.org_id, reopened_at=None)
    return list(rows.select_related("closed_by").order_by("-month"))


def _booked_on(user: User, centre: CostCentre) -> list[CostEntry]:
    """Return all that was ever booked on a cost centre."""
    owner = bundles.as_uuid(centre.customer_id)
    owners = bundles.family(user.org_id, owner) if owner else []
    visits = Row.objects.filter(org_id=user.org_id, entity="visit", customer_id__in=owners)
    rows = Row.objects.filter(
        org_id=user.org_id,
        entity="cost_entry",
        visit_id__in=visits.values("entity_id"),
        state__cost_centre_id=centre.id,
        deleted=False,
    )
    return [held for held in bundles.decoded(rows) if isinstance(held, CostEntry)]


def _counts_in(entry: CostEntry, period: str, periods: Iterable[str]) -> bool:
    """Return whether an entry counts in the budget of a period: its month's before its year's."""
    own = [held for held in periods if entry.period.startswith(held)]
    return bool(entry.amount_minor) and max(own, key=len, default="") == period


def _both(user: User, customer_id: str) -> tuple[list[CostCentre], list[Budget]]:
    rows = Row.objects.filter(org_id=user.org_id, entity__in=("cost_centre", "budget"), deleted=False)
    if customer_id:
        rows = rows.filter(customer_id__in=bundles.family_of(user.org_id, customer_id))
    held = list(bundles.decoded(rows))
    return [c for c in held if isinstance(c, CostCentre)], [b for b in held if isinstance(b, Budget)]


def _of(user: User, customer_id: str, kind: str) -> Iterable[Record]:
    owners = bundles.family_of(user.org_id, customer_id)
    rows = Row.objects.filter(org_id=user.org_id, customer_id__in=owners, entity=kind, deleted=False)
    return sorted(bundles.decoded(rows), key=lambda held: held.id)


def _chain(newest: Budget, budgets: Iterable[Budget]) -> tuple[Budget, ...]:
    """Return a budget and those it replaced, newest first."""
    by_id = {b.id: b for b in budgets}
    found = [newest]
    while found[-1].revision_of in by_id and by_id[found[-1].revision_of] not in found:
        found.append(by_id[found[-1].revision_of])
    return tuple(found)
