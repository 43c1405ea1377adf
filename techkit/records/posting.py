"""What booking a visit's costs writes: cost entries by line and cost centre, budgets moved on. Pure.

Entries are added only, never changed: what was wrong is taken back by an entry of the opposite amount.
Each line is split over the cost centres by largest remainder so that its parts add up to the cent, and the parts
of all lines to the shares the customer saw: what rounding took from a cost centre in one line it is given in another.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from techkit.errors import InputError
from techkit.i18n import _
from techkit.records.assets import Contract, ContractKind
from techkit.records.budget import Budget, CostEntry, CostKind
from techkit.records.bundle import VisitBundle
from techkit.records.charges import ChargeLine, Share, budget_of, charges, shares, visit_day


@dataclass(frozen=True, kw_only=True)
class Act:
    """Who books when, and the month it counts in ("2026-11"; "" the month of the visit's day)."""

    by: str = ""
    at: datetime | None = None
    period: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Booking:
    """The entries of one visit's costs, and its budgets and contract as they stand afterwards.

    Budgets and contract are named only where they change.
    """

    entries: tuple[CostEntry, ...]
    budgets: tuple[Budget, ...]
    contract: Contract | None = None


def month_of(day: date | None) -> str:
    """Return the month of a day as entries name it, "2026-11"; "" without a day."""
    return f"{day.year:04}-{day.month:02}" if day else ""


def open_month(month: str, closed: Collection[str]) -> str:
    """Return the month itself, or the first one after it that is not closed."""
    while month in closed:
        year, number = int(month[:4]), int(month[5:])
        month = f"{year + number // 12:04}-{number % 12 + 1:02}"
    return month


def booking(bundle: VisitBundle, new_id: Callable[[], str], act: Act | None = None) -> Booking:
    """Return what booking a visit writes; new_id gives each entry its id.

    Without cost centres each line is one entry, and always what is in another currency. Lines that
    cost nothing are kept: what a contract paid is part of the account. Raises: InputError when a budget
    is kept in another currency.
    """
    act = act or Act()
    reckoned = charges(bundle)
    blank = CostEntry(
        id="",
        visit_id=bundle.visit.id,
        visit_revision=bundle.visit.revision,
        period=act.period or month_of(visit_day(bundle.visit)),
        booked_at=act.at,
        booked_by=act.by,
    )

    def entry(line: ChargeLine, **more: Any) -> CostEntry:
        return dataclasses.replace(
            blank, id=new_id(), kind=line.kind, label=line.label, is_billable=not line.is_covered, **more
        )

    entries = [
        entry(
            line,
            amount_minor=amount,
            currency=reckoned.currency,
            cost_centre_id=centre_id,
            minutes=line.minutes if place == 0 else 0,
        )
        for line, split in zip(reckoned.lines, _splits(reckoned.lines, shares(bundle)), strict=True)
        for place, (centre_id, amount) in enumerate(split)
    ]
    entries += [
        entry(line, amount_minor=line.amount_minor, currency=line.currency) for line in reckoned.foreign
    ]
    return Booking(
        entries=tuple(entries),
        budgets=_moved(bundle, entries),
        contract=_drawn(bundle, sum(_pool_minutes(line) for line in reckoned.lines)),
    )


def _splits(lines: Sequence[ChargeLine], parts: Sequence[Share]) -> list[list[tuple[str | None, int]]]:
    """Return for each line what each cost centre bears of it; where none does, the whole of it once.

    A line with a cost centre of its own is that one's alone. The largest of the others evens out what rounding left.
    """
    found: list[list[tuple[str | None, int]]] = [[(ln.cost_centre_id, ln.amount_minor)] for ln in lines]
    sharing = [part for part in parts if part.share_percent]
    shared = [n for n, line in enumerate(lines) if sharing and not line.cost_centre_id]
    left = [part.amount_minor - part.own_minor for part in sharing]
    percents = [part.share_percent for part in sharing]
    # By how much each centre was given less than its exact part of the lines so far.
    behind = [Decimal(0) for _part in sharing]
    largest = max(shared, key=lambda n: abs(lines[n].amount_minor), default=-1)
    for index in sorted(shared, key=lambda n: n == largest):
        given, behind = _next_split(lines[index].amount_minor, percents, behind)
        given = left if index == largest else given
        left = [held - amount for held, amount in zip(left, given, strict=True)]
        found[index] = [(part.centre.id, amount) for part, amount in zip(sharing, given, strict=True)]
    return found


def _next_split(
    amount: int, percents: Sequence[Decimal], behind: Sequence[Decimal]
) -> tuple[list[int], list[Decimal]]:
    """Return what each centre bears of a line, and by how much each is behind its exact part afterwards.

    Each bears its part rounded down or up; the coins left over go to those that are behind most, so that over many
    small lines none is a coin away from its due. Nothing is split into nothing.
    """
    whole, sign = sum(percents, Decimal(0)), -1 if amount < 0 else 1
    exact = [abs(amount) * percent / whole for percent in percents]
    given = [int(part) for part in exact]
    lags = [lag * sign + part - down for lag, part, down in zip(behind, exact, given, strict=True)]
    able = [n for n, part in enumerate(exact) if part != given[n]]
    for n in sorted(able, key=lambda n: (-lags[n], n))[: abs(amount) - sum(given)]:
        given[n] += 1
        lags[n] -= 1
    return [sign * part for part in given], [sign * lag for lag in lags]


def standing(entries: Iterable[CostEntry]) -> tuple[CostEntry, ...]:
    """Return the entries that count: not taken back, and not themselves a taking back."""
    held = tuple(entries)
    gone = {e.reverses for e in held if e.reverses}
    return tuple(e for e in held if e.id not in gone and not e.reverses)


def reversal(
    bundle: VisitBundle,
    new_id: Callable[[], str],
    act: Act,
    month_for: Callable[[str], str] = lambda month: month,
) -> Booking:
    """Return what taking a booking back writes: each standing entry once more with the opposite sign.

    month_for: the month an entry's own month is corrected in; another one once that is closed.
    """
    found = standing(bundle.cost_entries)
    entries = [
        dataclasses.replace(
            entry,
            id=new_id(),
            amount_minor=-entry.amount_minor,
            minutes=-entry.minutes,
            period=month_for(entry.period),
            reverses=entry.id,
            reason=act.reason,
            booked_at=act.at,
            booked_by=act.by,
        )
        for entry in found
    ]
    drawn = sum(e.minutes for e in entries if e.kind is CostKind.LABOUR and not e.is_billable)
    return Booking(entries=tuple(entries), budgets=_moved(bundle, entries), contract=_drawn(bundle, drawn))


def _moved(bundle: VisitBundle, entries: Iterable[CostEntry]) -> tuple[Budget, ...]:
    """Return the budgets the entries change, with what they have spent afterwards."""
    moved: dict[str, Budget] = {}
    for entry in entries:
        if entry.cost_centre_id is None:
            continue
        budget = budget_of(bundle, entry.cost_centre_id, entry.period)
        if budget is None or not entry.amount_minor:
            continue
        if budget.currency != entry.currency:
            raise InputError(
                _(
                    "The visit is reckoned in {one}, the budget of its cost centre in {other}.",
                    one=entry.currency,
                    other=budget.currency,
                ),
                field="currency",
                safe=_("Nothing was booked."),
                advice=_("Let the budget and the rates be kept in one currency."),
            )
        held = moved.get(budget.id, budget)
        moved[budget.id] = dataclasses.replace(held, actual_minor=held.actual_minor + entry.amount_minor)
    changed = {b.id: b.actual_minor for b in bundle.budgets}
    return tuple(b for b in moved.values() if b.actual_minor != changed[b.id])


def _pool_minutes(line: ChargeLine) -> int:
    return line.minutes if line.is_covered and line.kind is CostKind.LABOUR else 0


def _drawn(bundle: VisitBundle, minutes: int) -> Contract | None:
    """Return the contract with minutes more (or fewer) used of its hours; None where none are drawn.

    Only a contract in force has covered minutes. What it gave is given back though it was ended since.
    """
    contract = bundle.contract
    if not minutes or contract is None or contract.kind is not ContractKind.HOURS_POOL:
        return None
    hours = (Decimal(minutes) / 60).quantize(Decimal("0.0001")).normalize()
    return dataclasses.replace(contract, hours_used=contract.hours_used + hours)
