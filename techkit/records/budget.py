"""Money: cost centres, budgets, allocations, charges, and the arithmetic that never loses a cent.

Amounts are integers in minor units of an ISO 4217 currency. Variance is approved minus actual:
0 or above is favourable. Shares are split by largest remainder, so the parts add up to the cent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from enum import StrEnum

from techkit.errors import InputError
from techkit.i18n import N_, _
from techkit.records.schema import Audience, Record, SyncClass, field, record

#: The largest amount techkit takes: 10^13 minor units. Source: BAD-INPUTS D45.
MAX_AMOUNT_MINOR = 10**13

#: However many shares were rounded, percentages further from 100 than this were not meant to be all of it.
_MOST_ROUNDED = Decimal("0.1")


@record(
    kind="cost_centre",
    title=N_("Cost centre"),
    plural=N_("Cost centres"),
    sync=SyncClass.REFERENCE,
    owner="customer_id",
    icon="tree-structure",
    summary="{code} {name}",
)
class CostCentre(Record):
    """Where costs are booked, on the customer's or the provider's side."""

    customer_id: str = field(label=N_("Customer"), default="", refers="customer", by="X")
    code: str = field(label=N_("Code"), default="", by="F", required=True, searched=True)
    name: str = field(label=N_("Name"), default="", by="F")
    side: str = field(
        label=N_("Side"), default="customer", by="F",
        choices={"customer": N_("Customer"), "provider": N_("Provider")},
    )  # fmt: skip
    parent_id: str | None = field(label=N_("Part of"), default=None, refers="cost_centre", by="F")
    manager: str = field(label=N_("Answers for it"), default="", by="F", personal=True)
    valid_from: date | None = field(label=N_("From"), default=None, by="F")
    valid_until: date | None = field(label=N_("Until"), default=None, by="F")


class Control(StrEnum):
    """What happens when a budget is used up."""

    IGNORE = "ignore"
    WARN = "warn"
    STOP = "stop"


@record(
    kind="budget",
    title=N_("Budget"),
    plural=N_("Budgets"),
    sync=SyncClass.REFERENCE,
    owner="customer_id",
    icon="wallet",
    summary="{period} {approved_minor}",
)
class Budget(Record):
    """What a cost centre may spend in a period, and what it had spent at the last sync."""

    customer_id: str = field(label=N_("Customer"), default="", refers="customer", by="X")
    cost_centre_id: str = field(label=N_("Cost centre"), default="", refers="cost_centre", by="F")
    period: str = field(label=N_("Period"), default="", by="F", help="A year or month: 2026 or 2026-11.")
    category: str = field(label=N_("Category"), default="", by="F")
    approved_minor: int = field(label=N_("Approved"), default=0, unit="minor", by="F")
    original_minor: int = field(label=N_("Approved at first"), default=0, unit="minor", by="F")
    actual_minor: int = field(label=N_("Spent"), default=0, unit="minor", by="F")
    committed_minor: int = field(label=N_("Promised"), default=0, unit="minor", by="F")
    currency: str = field(label=N_("Currency"), default="EUR", by="F")
    approved_by: str = field(label=N_("Approved by"), default="", by="F")
    approved_on: date | None = field(label=N_("Approved on"), default=None, by="F")
    control: Control = field(
        label=N_("When it runs out"), default=Control.WARN, by="F",
        choices={
            Control.IGNORE: N_("Nothing"), Control.WARN: N_("Warn"), Control.STOP: N_("Stop"),
        },
    )  # fmt: skip
    warn_percent: int = field(label=N_("Warn at"), default=90, unit="%", by="F")
    revision_of: str | None = field(label=N_("Replaces"), default=None, refers="budget", by="F")
    closed_on: date | None = field(
        label=N_("Month closed on"), default=None, by="X", since="0.2",
        help="Its month is closed at the office: nothing is booked on it or moved.",
    )  # fmt: skip


@record(
    kind="budget_change",
    title=N_("Change of a budget"),
    plural=N_("Changes of budgets"),
    sync=SyncClass.REFERENCE,
    owner="customer_id",
    icon="arrows-left-right",
    summary="{amount_minor} {reason}",
)
class BudgetChange(Record):
    """A revision of one budget, or a transfer from one to another; added only, never changed."""

    customer_id: str = field(label=N_("Customer"), default="", refers="customer", by="X")
    from_budget_id: str | None = field(
        label=N_("From budget"), default=None, refers="budget", by="F", help="Empty for a plain revision."
    )
    to_budget_id: str = field(label=N_("To budget"), default="", refers="budget", by="F")
    amount_minor: int = field(label=N_("Amount"), default=0, unit="minor", by="F")
    currency: str = field(label=N_("Currency"), default="EUR", by="F")
    reason: str = field(label=N_("Reason"), default="", by="F", required=True)
    approved_by: str = field(label=N_("Approved by"), default="", by="F")
    approved_on: date | None = field(label=N_("Approved on"), default=None, by="F")


@record(
    kind="commitment",
    title=N_("Promised spending"),
    plural=N_("Promised spending"),
    sync=SyncClass.STAFF,
    owner="customer_id",
    icon="hand-coins",
    summary="{reason} {amount_minor}",
)
class Commitment(Record):
    """Money promised for a purchase and not billed yet; released when the bill comes."""

    customer_id: str = field(label=N_("Customer"), default="", refers="customer", by="X")
    visit_id: str | None = field(label=N_("Visit"), default=None, refers="visit", by="X")
    budget_id: str = field(label=N_("Budget"), default="", refers="budget", by="F")
    purchase_id: str | None = field(
        label=N_("Purchase help"), default=None, refers="purchase_assistance", by="F"
    )
    amount_minor: int = field(label=N_("Amount"), default=0, unit="minor", by="F")
    currency: str = field(label=N_("Currency"), default="EUR", by="F")
    reason: str = field(label=N_("What for"), default="", by="F", required=True)
    promised_on: date | None = field(label=N_("Promised on"), default=None, by="F")
    promised_by: str = field(label=N_("Promised by"), default="", by="X")
    released_on: date | None = field(label=N_("Released on"), default=None, by="F")
    released_by: str = field(label=N_("Released by"), default="", by="X")


@record(
    kind="allocation",
    title=N_("Share of a cost centre"),
    plural=N_("Shares of cost centres"),
    sync=SyncClass.TECHNICIAN,
    owner="visit_id",
    icon="chart-pie",
    summary="{cost_centre_id} {share_percent}",
)
class Allocation(Record):
    """The share of a visit's cost that one cost centre bears; the technician proposes it."""

    visit_id: str = field(label=N_("Visit"), default="", refers="visit", by="X")
    cost_centre_id: str = field(label=N_("Cost centre"), default="", refers="cost_centre", by="T")
    share_percent: Decimal = field(label=N_("Share"), default=Decimal(0), unit="%", by="T")


class CostKind(StrEnum):
    """What a charge is for."""

    LABOUR = "labour"
    TRAVEL = "travel"
    PART = "part"
    SUPPLY = "supply"
    EXPENSE = "expense"
    FEE = "fee"
    ADJUSTMENT = "adjustment"


@record(
    kind="cost_entry",
    title=N_("Booked cost"),
    plural=N_("Booked costs"),
    sync=SyncClass.STAFF,
    owner="visit_id",
    icon="receipt",
    summary="{kind} {amount_minor}",
)
class CostEntry(Record):
    """A cost the office booked from an approved visit; added only, never changed."""

    visit_id: str = field(label=N_("Visit"), default="", refers="visit", by="X")
    visit_revision: int = field(label=N_("Revision"), default=1, by="X")
    kind: CostKind = field(
        label=N_("Kind"), default=CostKind.LABOUR, by="F",
        choices={
            CostKind.LABOUR: N_("Labour"), CostKind.TRAVEL: N_("Travel"),
            CostKind.PART: N_("Part"), CostKind.SUPPLY: N_("Supply"),
            CostKind.EXPENSE: N_("Expense"), CostKind.FEE: N_("Fee"),
            CostKind.ADJUSTMENT: N_("Adjustment"),
        },
    )  # fmt: skip
    amount_minor: int = field(label=N_("Amount"), default=0, unit="minor", by="F")
    currency: str = field(label=N_("Currency"), default="EUR", by="F")
    is_billable: bool = field(label=N_("Billed"), default=True, by="F")
    waived_reason: str = field(label=N_("Why not billed"), default="", by="F", audience=Audience.INTERNAL)
    cost_centre_id: str | None = field(label=N_("Cost centre"), default=None, refers="cost_centre", by="F")
    period: str = field(label=N_("Booked in"), default="", by="F", help="The month it counts in: 2026-11.")
    label: str = field(label=N_("What"), default="", by="X")
    minutes: int = field(label=N_("Charged time"), default=0, unit="min", by="X")
    reverses: str | None = field(
        label=N_("Takes back"), default=None, refers="cost_entry", by="X",
        help="The entry this one cancels; both stay.",
    )  # fmt: skip
    reason: str = field(label=N_("Reason"), default="", by="F", multiline=True, audience=Audience.INTERNAL)
    booked_at: datetime | None = field(label=N_("Booked"), default=None, by="X")
    booked_by: str = field(label=N_("Booked by"), default="", by="X")


# --- arithmetic -------------------------------------------------------------------------------------


def allocate(total_minor: int, shares: Sequence[Decimal]) -> list[int]:
    """Split an amount by shares so that the parts add up to the cent.

    Largest remainder (Hamilton's method): everybody gets the rounded-down part, the cents left over
    go to the largest remainders, the earlier share first among equals. shares: any positive
    numbers; order is kept. Raises: InputError when they are empty or do not add up above 0.
    """
    whole = sum(shares, Decimal(0))
    if whole <= 0 or any(share < 0 for share in shares):
        raise InputError(_("The shares of the cost centres do not add up."), field="share_percent")
    sign = -1 if total_minor < 0 else 1
    exact = [abs(total_minor) * share / whole for share in shares]
    parts = [int(part.to_integral_value(ROUND_FLOOR)) for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for index in by_remainder[: abs(total_minor) - sum(parts)]:
        parts[index] += 1
    return [sign * part for part in parts]


def is_whole(shares: Sequence[Decimal]) -> bool:
    """Return whether percentages make up a whole: thirds typed as 33.33 three times do, as each was rounded."""
    if any(share < 0 for share in shares):
        return False
    rounding = sum((_half_of_last_place(share) for share in shares), Decimal(0))
    return abs(sum(shares, Decimal(0)) - 100) <= min(rounding, _MOST_ROUNDED)


def _half_of_last_place(share: Decimal) -> Decimal:
    """Return by how much a share may have been rounded when it was typed; nothing for fewer than two places."""
    places = -int(share.normalize().as_tuple().exponent)
    return Decimal(5).scaleb(-places - 1) if places >= 2 else Decimal(0)


def times(quantity: Decimal, unit_price_minor: int) -> int:
    """Return quantity × price in minor units, halves rounded up (away from zero)."""
    amount = int((quantity * unit_price_minor).to_integral_value(ROUND_HALF_UP))
    if abs(amount) > MAX_AMOUNT_MINOR:
        raise InputError(_("That amount is larger than techkit can keep."), field="unit_price_minor")
    return amount


def bounded_times(quantity: Decimal, unit_price_minor: int) -> int:
    """Return what `times` does, the largest amount there is where it would refuse: for what is written already.

    A barcode read into a quantity, or a device that is broken, must not close the visit it stands in.
    """
    try:
        return times(quantity, unit_price_minor)
    except InputError:
        return MAX_AMOUNT_MINOR if (quantity > 0) is (unit_price_minor > 0) else -MAX_AMOUNT_MINOR


def rounded_minutes(minutes: int, increment: int, minimum: int = 0) -> int:
    """Return minutes rounded up to the increment, at least the minimum; 0 stays 0."""
    if minutes <= 0:
        return 0
    step = max(1, increment)
    return max(minimum, -(-minutes // step) * step)


def labour_charge(minutes: int, hourly_minor: int) -> int:
    """Return what minutes cost at an hourly rate, in minor units, halves rounded up."""
    return bounded_times(Decimal(minutes) / Decimal(60), hourly_minor)


def first_day(period: str) -> date | None:
    """Return the first day of a year or month; None for a budget without a period."""
    try:
        return date.fromisoformat({4: f"{period}-01-01", 7: f"{period}-01"}.get(len(period), ""))
    except ValueError:
        return None


def newest_revisions(budgets: Iterable[Budget]) -> list[Budget]:
    """Return the budgets that no later revision replaces, in their order."""
    held = list(budgets)
    replaced = {b.revision_of for b in held if b.revision_of}
    return [b for b in held if b.id not in replaced]


class Standing(StrEnum):
    """How a budget stands against its levels."""

    WITHIN = "within"
    WARN = "warn"
    STOP = "stop"


@dataclass(frozen=True, kw_only=True)
class Variance:
    """Approved against actual: what is left, how much is used, and how that stands.

    available is approved − actual − committed. used_percent is None when nothing was approved.
    """

    approved_minor: int
    actual_minor: int
    committed_minor: int
    variance_minor: int
    available_minor: int
    used_percent: Decimal | None
    is_favourable: bool
    standing: Standing


def variance(budget: Budget, extra_actual_minor: int = 0) -> Variance:
    """Return a budget's variance after an extra charge, e.g. today's visit."""
    actual = budget.actual_minor + extra_actual_minor
    difference = budget.approved_minor - actual
    used = (
        (Decimal(actual) * 100 / budget.approved_minor).quantize(Decimal("0.1"), ROUND_HALF_UP)
        if budget.approved_minor
        else None
    )
    standing = Standing.WITHIN
    if budget.control is not Control.IGNORE:
        # What is promised is spent as far as a level is concerned: it will come as a bill.
        spoken_for = actual + budget.committed_minor
        over = spoken_for > budget.approved_minor
        if over and budget.control is Control.STOP:
            standing = Standing.STOP
        elif over or spoken_for * 100 >= budget.warn_percent * budget.approved_minor > 0:
            standing = Standing.WARN
    return Variance(
        approved_minor=budget.approved_minor,
        actual_minor=actual,
        committed_minor=budget.committed_minor,
        variance_minor=difference,
        available_minor=difference - budget.committed_minor,
        used_percent=used,
        is_favourable=difference >= 0,
        standing=standing,
    )
