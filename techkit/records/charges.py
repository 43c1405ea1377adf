"""What a visit costs: labour by rate and contract, travel, parts and supplies, expenses, shares.

Pure arithmetic over a bundle, the same on the device before the customer signs and in the service.
Labour is rounded up per visit and kind of labour (the rate's increment); a rate's minimum counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date
from decimal import Decimal

from techkit.errors import InputError
from techkit.records.assets import Contract, ContractKind, LabourKind, Rate, RateCard
from techkit.records.budget import (
    Budget,
    CostCentre,
    CostKind,
    Variance,
    allocate,
    bounded_times,
    labour_charge,
    newest_revisions,
    rounded_minutes,
    variance,
)
from techkit.records.bundle import VisitBundle
from techkit.records.visit import LabourSegment, ReviewState, Visit, offset

#: Kinds of labour that are charged or drawn from a contract's pool; travel has its flat amount, and waiting is
#: charged only where the rate card names a rate for it. A break never is.
CHARGED_LABOUR = (LabourKind.WORK, LabourKind.PREPARATION, LabourKind.ADMIN)


@dataclass(frozen=True, kw_only=True)
class ChargeLine:
    """One line of the cost table.

    label: the thing's own name for parts and supplies, "" for labour and travel (worded by whoever
    shows it). minutes: charged time for labour. is_covered: paid by the contract, amount 0.
    is_returned: taken back from the customer, so that its amount is a credit, below 0.
    is_out_of_hours: labour outside the agreed hours, at its own rate. quantity: kilometres for travel
    that is paid by distance. is_unpriced: nobody named a price yet, so that amount 0 says nothing. currency: of goods and expenses, "" for what the rate card prices.
    cost_centre_id: bears all of the line; None where the shares of the visit hold.
    """

    kind: CostKind
    amount_minor: int
    label: str = ""
    quantity: Decimal = Decimal(1)
    unit_price_minor: int = 0
    minutes: int = 0
    labour: str = ""
    is_covered: bool = False
    is_out_of_hours: bool = False
    is_returned: bool = False
    is_unpriced: bool = False
    currency: str = ""
    cost_centre_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Charges:
    """All that a visit costs, before tax.

    labour_minutes: measured; charged_minutes: rounded, in the contract or not. contract_minutes_left: what the
    contract's pool holds after this visit, None without a pool (negative when it was overdrawn before). unpriced:
    names of supplies without a price. foreign: lines in another currency, which no total adds up.
    """

    currency: str
    lines: tuple[ChargeLine, ...]
    total_minor: int
    labour_minutes: int
    charged_minutes: int
    contract_minutes_left: int | None = None
    unpriced: tuple[str, ...] = ()
    foreign: tuple[ChargeLine, ...] = ()


def labour_minutes(segments: Iterable[LabourSegment], kind: LabourKind) -> int:
    """Return the whole minutes of one kind of labour, begun minutes counted."""
    seconds = sum(_seconds(s) for s in segments if s.kind is kind)
    return -(-seconds // 60)


def _seconds(segment: LabourSegment) -> int:
    if segment.elapsed_s > 0:
        return segment.elapsed_s
    if segment.started_at is None or segment.ended_at is None:
        return 0
    return max(0, round((segment.ended_at - segment.started_at).total_seconds()))


def _rate(card: RateCard | None, labour: LabourKind) -> Rate:
    rates = {rate.labour: rate for rate in (card.rates if card else ())}
    return rates.get(labour.value) or rates.get(LabourKind.WORK.value) or Rate(labour=labour.value)


def charged_labour(card: RateCard | None) -> tuple[LabourKind, ...]:
    """Return the kinds of labour a rate card charges for."""
    names_waiting = card is not None and any(rate.labour == LabourKind.WAIT.value for rate in card.rates)
    return (*CHARGED_LABOUR, LabourKind.WAIT) if names_waiting else CHARGED_LABOUR


def visit_day(visit: Visit) -> date | None:
    """Return the day of a visit at its place; None before it is planned."""
    begun = visit.arrived_at or visit.planned_start_at
    return (begun.astimezone(UTC) + offset(visit.utc_offset_minutes)).date() if begun else None


def is_in_force(contract: Contract | None, bundle: VisitBundle) -> bool:
    """Return whether the contract holds on the visit's day and covers its computers."""
    if contract is None:
        return False
    day = visit_day(bundle.visit)
    if day is None:
        return False
    if contract.starts_on and day < contract.starts_on:
        return False
    if contract.ends_on and day > contract.ends_on:
        return False
    if not covers_place(contract, bundle):
        return False
    covered = _as_standing(contract.covered_assets, bundle)
    return contract.covers_all_assets or covered.issuperset(bundle.visit.asset_ids)


def covers_place(contract: Contract, bundle: VisitBundle) -> bool:
    """Return whether the contract covers the visit's place."""
    covered = _as_standing(contract.covered_sites, bundle)
    return not covered or bundle.visit.site_id in covered


def _as_standing(named: Iterable[str], bundle: VisitBundle) -> set[str]:
    """Return the computers or places a contract names, with those of the visit that they were merged into."""
    kept = dict(bundle.stand_ins)
    return {one for held in named for one in (held, kept.get(held, held))}


def charges(bundle: VisitBundle) -> Charges:
    """Return what the visit costs with what is known on this device."""
    card, contract = bundle.rate_card, bundle.contract
    covered = is_in_force(contract, bundle)
    pool = _pool(contract, bundle) if covered else None
    drawn = 0
    measured = charged = 0
    lines: list[ChargeLine] = []
    for part in _worked(bundle, card):
        kind, rate, is_out_of_hours = part.kind, part.rate, part.is_out_of_hours
        hourly = _hourly(rate, is_out_of_hours=is_out_of_hours)
        rounded = part.charged_minutes
        measured += part.minutes
        charged += rounded
        inside = 0 if not covered else rounded if pool is None else min(rounded, max(0, pool - drawn))
        drawn += inside
        lines += [
            ChargeLine(
                kind=CostKind.LABOUR,
                labour=kind.value,
                amount_minor=0 if is_inside else labour_charge(minutes, hourly),
                unit_price_minor=hourly,
                minutes=minutes,
                is_covered=is_inside,
                is_out_of_hours=is_out_of_hours,
                is_unpriced=card is None and not is_inside,
            )
            for minutes, is_inside in ((inside, True), (rounded - inside, False))
            if minutes
        ]
    lines += _travel(bundle, covered)
    goods, unpriced = _goods(bundle)
    goods += [
        ChargeLine(
            kind=CostKind.EXPENSE, amount_minor=e.amount_minor, label=e.note or e.kind, currency=e.currency
        )
        for e in bundle.expenses
    ]
    currency = card.currency if card else bundle.visit.currency
    lines += [line for line in goods if line.currency == currency]
    return Charges(
        currency=currency,
        lines=tuple(lines),
        total_minor=sum(line.amount_minor for line in lines),
        labour_minutes=measured,
        charged_minutes=charged,
        contract_minutes_left=None if pool is None else pool - drawn,
        unpriced=unpriced,
        foreign=tuple(line for line in goods if line.currency != currency),
    )


@dataclass(frozen=True, kw_only=True)
class _Worked:
    """Labour of one kind at one price: measured, and as it is charged."""

    kind: LabourKind
    rate: Rate
    is_out_of_hours: bool
    minutes: int
    charged_minutes: int


def _worked(bundle: VisitBundle, card: RateCard | None) -> list[_Worked]:
    """Return the labour by kind and price, each rounded up.

    What is less than a rate's minimum, all of it together, counts as the minimum: what is missing goes to the first of
    it. A kind without a rate of its own is charged by that for work, and has its minimum with it.
    """
    found: list[_Worked] = []
    for kind in charged_labour(card):
        rate = _rate(card, kind)
        for is_out_of_hours in (False, True):
            # An hour that costs the same whenever it is worked is rounded with the others, not for itself.
            segments = [
                s
                for s in bundle.current_labour()
                if (s.is_out_of_hours and _is_dearer(rate)) is is_out_of_hours
            ]
            if minutes := labour_minutes(segments, kind):
                found.append(
                    _Worked(
                        kind=kind,
                        rate=rate,
                        is_out_of_hours=is_out_of_hours,
                        minutes=minutes,
                        charged_minutes=rounded_minutes(minutes, rate.increment_minutes),
                    )
                )
    for index, part in enumerate(found):
        together = [n for n, other in enumerate(found) if other.rate == part.rate]
        missing = part.rate.minimum_minutes - sum(found[n].charged_minutes for n in together)
        if together[0] == index and missing > 0:
            found[index] = replace(part, charged_minutes=part.charged_minutes + missing)
    return found


def _is_dearer(rate: Rate) -> bool:
    """Return whether an hour outside the agreed hours has a price of its own."""
    return rate.out_of_hours_percent != 100


def _hourly(rate: Rate, *, is_out_of_hours: bool) -> int:
    """Return the hourly rate in minor units, halves rounded up."""
    if not is_out_of_hours:
        return rate.hourly_minor
    return bounded_times(Decimal(rate.out_of_hours_percent) / 100, rate.hourly_minor)


def _travel(bundle: VisitBundle, covered: bool) -> list[ChargeLine]:
    card = bundle.rate_card
    if card is None or not bundle.visit.is_travel_charged:
        return []
    included = covered and bundle.contract is not None and bundle.contract.is_travel_included
    lines = []
    if card.travel_flat_minor:
        amount = 0 if included else card.travel_flat_minor
        lines.append(ChargeLine(kind=CostKind.TRAVEL, amount_minor=amount, is_covered=included))
    km = max(Decimal(0), bundle.visit.travel_km)
    if card.travel_per_km_minor and km:
        lines.append(
            ChargeLine(
                kind=CostKind.TRAVEL,
                amount_minor=0 if included else bounded_times(km, card.travel_per_km_minor),
                quantity=km,
                unit_price_minor=card.travel_per_km_minor,
                is_covered=included,
            )
        )
    return lines


def _goods(bundle: VisitBundle) -> tuple[list[ChargeLine], tuple[str, ...]]:
    lines, unpriced = [], []
    for used in bundle.supplies:
        if used.unit_price_minor is None and not used.is_warranty:
            unpriced.append(used.name)
        price = 0 if used.is_warranty else (used.unit_price_minor or 0)
        lines.append(
            ChargeLine(
                kind=CostKind.PART if used.is_part else CostKind.SUPPLY,
                amount_minor=bounded_times(-used.quantity if used.is_returned else used.quantity, price),
                label=used.name,
                quantity=used.quantity,
                unit_price_minor=price,
                is_covered=used.is_warranty,
                is_returned=used.is_returned,
                is_unpriced=used.unit_price_minor is None and not used.is_warranty,
                currency=used.currency,
                cost_centre_id=used.cost_centre_id,
            )
        )
    return lines, tuple(unpriced)


def _pool(contract: Contract | None, bundle: VisitBundle) -> int | None:
    """Return the minutes the contract's pool held before this visit; None for a contract without a pool.

    Once the visit is booked, what it drew is among the hours used: it is known from its entries. Earlier visits
    that are not booked yet are not among them: what they left was written down on arrival.
    """
    if contract is None or contract.kind is not ContractKind.HOURS_POOL:
        return None
    left = pool_minutes(contract)
    if is_booked(bundle):
        left += _booked_minutes(bundle)
    begun_with = bundle.visit.contract_minutes
    return left if begun_with is None else min(left, begun_with)


def pool_minutes(contract: Contract) -> int:
    """Return the minutes a contract's hours hold by what is booked; below 0 once they are overdrawn."""
    return round((contract.hours_included - contract.hours_used) * 60)


def left_at_start(contract: Contract | None, drawn: Mapping[str, int]) -> int | None:
    """Return what a visit that begins now finds of the contract's hours; None where nothing waits to be booked.

    drawn: contract id → minutes of visits that are not booked yet.
    """
    if contract is None or contract.kind is not ContractKind.HOURS_POOL or not drawn.get(contract.id):
        return None
    return pool_minutes(contract) - drawn[contract.id]


def drawn_minutes(bundle: VisitBundle) -> int:
    """Return how much of the contract's hours the visit draws; 0 without such a contract."""
    reckoned = charges(bundle)
    if reckoned.contract_minutes_left is None:
        return 0
    return sum(line.minutes for line in reckoned.lines if line.kind is CostKind.LABOUR and line.is_covered)


def _booked_minutes(bundle: VisitBundle) -> int:
    """Return what the visit drew by the entries of its booking that stand."""
    gone = {e.reverses for e in bundle.cost_entries if e.reverses}
    return sum(
        e.minutes
        for e in bundle.cost_entries
        if e.kind is CostKind.LABOUR and not e.is_billable and not e.reverses and e.id not in gone
    )


@dataclass(frozen=True, kw_only=True)
class Share:
    """What one cost centre bears of a visit, and how its budget stands once that is booked.

    share_percent: of what has no cost centre of its own, 0 for a centre that bears lines of its own only; own_minor:
    those lines, counted in amount_minor. after is None when no budget of the centre is on this device, or one in another currency than the visit's.
    unbooked_minor: what other visits will take of the budget once they are booked; counted in `after`.
    """

    centre: CostCentre
    share_percent: Decimal
    amount_minor: int
    budget: Budget | None
    after: Variance | None
    unbooked_minor: int = 0
    own_minor: int = 0


def budget_of(bundle: VisitBundle, cost_centre_id: str, period: str = "") -> Budget | None:
    """Return the budget a visit is booked against: its month's before its year's, the newest revision.

    period: the month it is booked in, "2026-11"; the month of the visit's day when empty.
    """
    day = visit_day(bundle.visit)
    month = period or (day.isoformat() if day else "")
    found = [
        b
        for b in newest_revisions(bundle.budgets)
        if b.cost_centre_id == cost_centre_id and (not month or month.startswith(b.period))
    ]
    return max(found, key=lambda b: (len(b.period), b.id), default=None)


def is_booked(bundle: VisitBundle) -> bool:
    """Return whether the visit's costs are in the budgets (and in the contract's hours) already."""
    return bundle.visit.review_state is ReviewState.POSTED


def shares(bundle: VisitBundle, unbooked: Mapping[str, int] | None = None) -> tuple[Share, ...]:
    """Return the split of the visit's total over its cost centres, to the cent.

    A supply with a cost centre of its own is borne by that one alone; the visit's shares are of the rest. unbooked:
    budget id → what other visits will take of it that are not booked yet. Empty where no cost centre is named.
    Raises: InputError when the shares do not add up above 0.
    """
    if not bundle.allocations and not any(used.cost_centre_id for used in bundle.supplies):
        return ()
    reckoned = charges(bundle)
    own: dict[str, int] = {}
    for line in reckoned.lines:
        if line.cost_centre_id:
            own[line.cost_centre_id] = own.get(line.cost_centre_id, 0) + line.amount_minor
    percents: dict[str, Decimal] = {}
    for held in bundle.allocations:
        percents[held.cost_centre_id] = percents.get(held.cost_centre_id, Decimal(0)) + held.share_percent
    rest = reckoned.total_minor - sum(own.values())
    amounts = dict(zip(percents, allocate(rest, list(percents.values())), strict=True)) if percents else {}
    centres = {c.id: c for c in bundle.cost_centres}
    found = []
    for centre_id in dict.fromkeys((*percents, *own)):
        amount = amounts.get(centre_id, 0) + own.get(centre_id, 0)
        budget = budget_of(bundle, centre_id)
        waiting = (unbooked or {}).get(budget.id, 0) if budget else 0
        found.append(
            Share(
                centre=centres.get(centre_id) or CostCentre(id=centre_id, code="?"),
                share_percent=percents.get(centre_id, Decimal(0)),
                amount_minor=amount,
                budget=budget,
                after=variance(budget, waiting + (0 if is_booked(bundle) else amount))
                if budget and budget.currency == reckoned.currency
                else None,
                unbooked_minor=waiting,
                own_minor=own.get(centre_id, 0),
            )
        )
    return tuple(found)


def charged_budgets(bundle: VisitBundle) -> dict[str, int]:
    """Return what booking the visit will take of each budget, by its id; nothing where the shares do not add up."""
    found: dict[str, int] = {}
    try:
        parts = shares(bundle)
    except InputError:
        return found
    for part in parts:
        if part.budget is not None and part.after is not None:
            found[part.budget.id] = found.get(part.budget.id, 0) + part.amount_minor
    return found
