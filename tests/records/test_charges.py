"""What a visit costs: rounding, contract, travel, goods, shares to the cent, and what budgets have left."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techkit.errors import InputError
from techkit.records.assets import Contract, ContractKind, LabourKind, Rate, RateCard
from techkit.records.budget import (
    MAX_AMOUNT_MINOR,
    Allocation,
    Budget,
    Control,
    CostCentre,
    CostKind,
    Standing,
    allocate,
    labour_charge,
    rounded_minutes,
    times,
    variance,
)
from techkit.records.bundle import VisitBundle
from techkit.records.charges import charges, labour_minutes, shares
from techkit.records.visit import Expense, LabourSegment, SupplyUse, Visit

NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)


def segment(minutes: float, kind: LabourKind = LabourKind.WORK, **more: Any) -> LabourSegment:
    held = dict(id=f"l{minutes}{kind}", visit_id="v", kind=kind, started_at=NINE)
    return LabourSegment(**(held | {"ended_at": NINE + timedelta(minutes=minutes)} | more))


def bundle(*labour: LabourSegment, **more: Any) -> VisitBundle:
    card = RateCard(
        id="k",
        name="K",
        rates=(Rate(labour="work", hourly_minor=6800, minimum_minutes=60, increment_minutes=15),),
        travel_flat_minor=1800,
    )
    held = dict(visit=Visit(id="v", arrived_at=NINE, asset_ids=("a",)), rate_card=card, labour=labour)
    return VisitBundle(**(held | more))


POOL = Contract(
    id="c",
    number="CTR",
    starts_on=date(2026, 1, 1),
    ends_on=date(2026, 12, 31),
    hours_included=Decimal(60),
    hours_used=Decimal("51.25"),
)


class TestOtherCurrencies:
    def test_what_is_in_another_currency_is_in_no_total(self):
        """Francs and euros are never added; the line in euros stands apart, on the page too."""
        card = RateCard(id="k", name="K", currency="CHF", rates=(Rate(hourly_minor=12000),))
        used = SupplyUse(id="s", visit_id="v", name="Cable", unit_price_minor=720, currency="EUR")
        own = SupplyUse(id="t", visit_id="v", name="Mouse", unit_price_minor=1900, currency="CHF")
        found = charges(bundle(segment(60), rate_card=card, supplies=(used, own)))
        assert (found.currency, found.total_minor) == ("CHF", 13900)
        assert [(line.label, line.amount_minor, line.currency) for line in found.foreign] == [
            ("Cable", 720, "EUR")
        ]

    def test_a_currency_without_cents_is_counted_whole(self):
        """90 minutes at ¥9,000 are ¥13,500."""
        card = RateCard(id="k", name="K", currency="JPY", rates=(Rate(hourly_minor=9000),))
        assert charges(bundle(segment(90), rate_card=card)).total_minor == 13500


class TestTravel:
    def test_kilometres_are_added_to_the_flat_part(self):
        """18.00 flat and 34.5 km at 0.42 are 32.49; halves of a cent go up."""
        card = RateCard(id="k", name="K", travel_flat_minor=1800, travel_per_km_minor=42)
        visit = Visit(id="v", arrived_at=NINE, travel_km=Decimal("34.5"))
        found = charges(bundle(visit=visit, rate_card=card))
        assert [line.amount_minor for line in found.lines] == [1800, 1449]
        not_charged = dataclasses.replace(visit, is_travel_charged=False)
        assert charges(bundle(visit=not_charged, rate_card=card)).lines == ()

    def test_a_contract_may_cover_some_places_only(self):
        """At a place the contract does not name, work is paid by the hour."""
        contract = dataclasses.replace(POOL, covered_sites=("home",))
        at_home = Visit(id="v", arrived_at=NINE, asset_ids=("a",), site_id="home")
        elsewhere = dataclasses.replace(at_home, site_id="away")
        assert charges(bundle(segment(60), visit=at_home, contract=contract)).lines[0].is_covered
        assert not charges(bundle(segment(60), visit=elsewhere, contract=contract)).lines[0].is_covered


class TestLabour:
    @pytest.mark.parametrize(
        ("minutes", "charged", "amount"),
        [(75, 75, 8500), (76, 90, 10200), (1, 60, 6800), (60, 60, 6800), (61, 75, 8500)],
    )
    def test_rounded_up_and_at_least_the_minimum(self, minutes, charged, amount):
        """Labour is rounded up to 15 minutes and counts at least an hour."""
        line = charges(bundle(segment(minutes))).lines[0]
        assert (line.minutes, line.amount_minor) == (charged, amount)

    def test_rounded_once_per_visit_and_kind(self):
        """Several stretches of one kind are added before they are rounded; another kind is its own line."""
        found = charges(
            bundle(
                segment(40), segment(41), segment(30, LabourKind.PREPARATION), segment(9, LabourKind.BREAK)
            )
        )
        labour = [line for line in found.lines if line.kind is CostKind.LABOUR]
        assert [(line.labour, line.minutes) for line in labour] == [("work", 90), ("preparation", 30)]
        assert found.labour_minutes == 111

    def test_work_outside_the_agreed_hours_has_its_own_rate(self):
        """50 % more for the evening; what both parts miss to the minimum is charged once, at the usual rate."""
        card = RateCard(
            id="k",
            name="K",
            rates=(Rate(hourly_minor=6800, minimum_minutes=60, out_of_hours_percent=150),),
        )
        found = charges(bundle(segment(60), segment(20, is_out_of_hours=True), rate_card=card))
        assert [(line.minutes, line.amount_minor, line.is_out_of_hours) for line in found.lines] == [
            (60, 6800, False),
            (30, 5100, True),
        ]

        short = charges(bundle(segment(10), segment(20, is_out_of_hours=True), rate_card=card))
        assert [(line.minutes, line.amount_minor) for line in short.lines] == [(30, 3400), (30, 5100)]

    def test_an_hour_that_costs_the_same_in_the_evening_is_rounded_once(self):
        """20 min before five and 20 after, both at 60.00: 40 min are 45, not twice 30."""
        card = RateCard(id="k", name="K", rates=(Rate(hourly_minor=6000, increment_minutes=15),))
        found = charges(bundle(segment(20), segment(20, is_out_of_hours=True), rate_card=card))
        assert [(line.minutes, line.amount_minor) for line in found.lines] == [(45, 4500)]

    def test_measured_time_wins_over_the_wall_clock(self):
        """The length measured by a clock that cannot be set is what counts."""
        assert labour_minutes([segment(500, elapsed_s=75 * 60)], LabourKind.WORK) == 75

    def test_corrected_time_counts_once(self):
        """A stretch that another corrects is not charged."""
        wrong = segment(300, id="old")
        right = segment(60, id="new", supersedes="old")
        assert charges(bundle(wrong, right)).charged_minutes == 60

    def test_clock_that_ran_backwards_is_no_negative_time(self):
        """Time that ends before it began counts as none."""
        assert labour_minutes([segment(-90)], LabourKind.WORK) == 0

    def test_without_rates_nothing_is_priced(self):
        """Before rates are known labour is measured, not priced, and travel is not charged."""
        found = charges(bundle(segment(75), rate_card=None))
        assert (found.total_minor, found.labour_minutes) == (0, 75)
        assert [line.is_unpriced for line in found.lines] == [True]


class TestContract:
    def test_pool_covers_labour_not_travel(self):
        """In a contract's pool labour costs nothing; travel does unless it is included."""
        found = charges(bundle(segment(360), contract=POOL))
        assert (found.total_minor, found.contract_minutes_left) == (1800, 165)
        included = dataclasses.replace(POOL, is_travel_included=True)
        assert charges(bundle(segment(360), contract=included)).total_minor == 0

    def test_a_pool_that_runs_out_pays_as_far_as_it_reaches(self):
        """What goes beyond the hours left is charged at the contract's rate; the pool ends at nothing."""
        found = charges(bundle(segment(600), contract=POOL))
        assert [(line.minutes, line.amount_minor, line.is_covered) for line in found.lines[:2]] == [
            (525, 0, True),
            (75, 8500, False),
        ]
        assert (found.charged_minutes, found.contract_minutes_left) == (600, 0)

    def test_a_pool_overdrawn_before_says_so(self):
        """A pool that was overdrawn pays nothing more and stays below zero."""
        over = dataclasses.replace(POOL, hours_used=Decimal("61.25"))
        found = charges(bundle(segment(60), contract=over))
        assert (found.lines[0].amount_minor, found.contract_minutes_left) == (6800, -75)

    def test_flat_contract_has_no_pool(self):
        """A flat contract covers labour and has no hours left to tell."""
        flat = dataclasses.replace(POOL, kind=ContractKind.FLAT)
        assert charges(bundle(segment(60), contract=flat)).contract_minutes_left is None

    @pytest.mark.parametrize("day", [date(2026, 11, 23), date(2026, 11, 24)])
    def test_last_day_counts(self, day):
        """A contract holds on its last day and not after it."""
        covered = charges(bundle(segment(60), contract=dataclasses.replace(POOL, ends_on=day)))
        assert covered.lines[0].is_covered is (day == date(2026, 11, 24))

    def test_day_is_the_customers_day(self):
        """A visit in the first hour of the new year at the place is not last year's by UTC."""
        visit = Visit(id="v", arrived_at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC), utc_offset_minutes=60)
        assert not charges(bundle(segment(60), visit=visit, contract=POOL)).lines[0].is_covered


class TestGoods:
    def test_quantities_prices_and_guarantee(self):
        """Goods are quantity × price; under guarantee they cost nothing; a missing price is named."""
        found = charges(
            bundle(
                supplies=(
                    SupplyUse(
                        id="1", name="Module", quantity=Decimal(3), unit_price_minor=3150, is_part=True
                    ),
                    SupplyUse(id="2", name="Wipes", quantity=Decimal(2), unit_price_minor=420),
                    SupplyUse(id="3", name="Fan", unit_price_minor=2000, is_warranty=True),
                    SupplyUse(id="4", name="Cable"),
                ),
                visit=Visit(id="v", is_travel_charged=False),
            )
        )
        assert [(line.kind, line.amount_minor) for line in found.lines] == [
            (CostKind.PART, 9450),
            (CostKind.SUPPLY, 840),
            (CostKind.SUPPLY, 0),
            (CostKind.SUPPLY, 0),
        ]
        assert found.unpriced == ("Cable",)

    def test_expenses_are_charged(self):
        """What the technician laid out is charged as it was."""
        found = charges(bundle(expenses=(Expense(id="e", amount_minor=450, note="Parking"),)))
        assert found.total_minor == 1800 + 450

    @pytest.mark.parametrize(
        ("quantity", "price", "amount"),
        [("0.5", 25, 13), ("1.5", 33, 50), ("-0.5", 25, -13), ("0.1", 4, 0), ("0.333", 300, 100)],
    )
    def test_halves_go_up(self, quantity, price, amount):
        """Halves of a cent are rounded away from zero, so that a credit mirrors its charge."""
        assert times(Decimal(quantity), price) == amount

    def test_amount_beyond_all_money_is_refused(self):
        """An amount above the largest is refused, not wrapped."""
        with pytest.raises(InputError):
            times(Decimal(10**6), 10**8)


class TestShares:
    def test_sixty_forty(self):
        """191.90 in 60 and 40 % are 115.14 and 76.76."""
        assert allocate(19190, [Decimal(60), Decimal(40)]) == [11514, 7676]

    def test_thirds(self):
        """A hundred in three parts adds up to the cent; the earlier part takes the cent."""
        assert allocate(100, [Decimal(1)] * 3) == [34, 33, 33]

    @given(
        st.integers(-(10**9), 10**9),
        st.lists(st.decimals(min_value=0, max_value=100, places=2), min_size=1, max_size=8).filter(
            lambda s: sum(s) > 0
        ),
    )
    def test_parts_always_add_up(self, total, parts):
        """However the shares lie, the parts add up, keep the sign and are off by less than a cent."""
        found = allocate(total, parts)
        assert sum(found) == total
        whole = sum(parts)
        assert all(abs(part - total * share / whole) < 1 for part, share in zip(found, parts, strict=True))

    @pytest.mark.parametrize("parts", [[], [Decimal(0)], [Decimal(2), Decimal(-1)]])
    def test_shares_of_nothing_are_refused(self, parts):
        """No shares, none above 0, or one below 0 cannot be split."""
        with pytest.raises(InputError):
            allocate(100, parts)

    def test_visit_over_its_centres(self):
        """Each centre bears its part, and its budget is reckoned with it."""
        found = shares(
            bundle(
                segment(60),
                allocations=tuple(
                    Allocation(id=str(n), visit_id="v", cost_centre_id=f"c{n}", share_percent=Decimal(p))
                    for n, p in enumerate((75, 25))
                ),
                cost_centres=(CostCentre(id="c0", code="A"), CostCentre(id="c1", code="B")),
                budgets=(Budget(id="b", cost_centre_id="c0", approved_minor=10_000, actual_minor=1_000),),
            )
        )
        assert [(s.centre.code, s.amount_minor) for s in found] == [("A", 6450), ("B", 2150)]
        assert found[0].after.available_minor == 2550
        assert found[1].after is None

    def test_a_budget_of_another_period_is_not_asked(self):
        """Of a centre's budgets the one of the visit's year or month counts, its newest revision."""
        held = bundle(
            segment(60),
            allocations=(Allocation(id="1", visit_id="v", cost_centre_id="c", share_percent=Decimal(100)),),
            cost_centres=(CostCentre(id="c", code="A"),),
            budgets=(
                Budget(id="b1", cost_centre_id="c", period="2025", approved_minor=1),
                Budget(id="b2", cost_centre_id="c", period="2026", approved_minor=2),
                Budget(id="b3", cost_centre_id="c", period="2026", approved_minor=3, revision_of="b2"),
            ),
        )
        assert shares(held)[0].budget.id == "b3"


class TestVariance:
    @pytest.mark.parametrize(
        ("approved", "actual", "extra", "left", "used", "standing"),
        [
            (480_000, 431_000, 11_514, 37_486, "92.2", Standing.WARN),
            (600_000, 412_050, 7_676, 180_274, "70.0", Standing.WITHIN),
            (10_000, 9_000, 1_000, 0, "100.0", Standing.WARN),
            (10_000, 9_000, 1_001, -1, "100.0", Standing.WARN),
            (240_000, 161_000, 8_800, 70_200, "70.8", Standing.WITHIN),
        ],
    )
    def test_left_and_used(self, approved, actual, extra, left, used, standing):
        """What is left is approved minus actual; 0 and above is favourable."""
        found = variance(Budget(id="b", approved_minor=approved, actual_minor=actual), extra)
        assert (found.variance_minor, found.used_percent, found.standing) == (left, Decimal(used), standing)
        assert found.is_favourable is (left >= 0)

    def test_nothing_approved_has_no_percentage(self):
        """A budget of 0 with costs has no percentage, no division error, and is over."""
        found = variance(Budget(id="b", approved_minor=0, actual_minor=500))
        assert (found.used_percent, found.is_favourable, found.standing) == (None, False, Standing.WARN)

    def test_promised_money_is_not_available(self):
        """What is promised already is not available, though not spent."""
        found = variance(Budget(id="b", approved_minor=1000, actual_minor=100, committed_minor=400))
        assert (found.variance_minor, found.available_minor) == (900, 500)

    @pytest.mark.parametrize(
        ("control", "standing"), [(Control.STOP, Standing.STOP), (Control.IGNORE, Standing.WITHIN)]
    )
    def test_control_decides(self, control, standing):
        """A budget that is used up stops, or says nothing, as it was set."""
        assert (
            variance(Budget(id="b", approved_minor=10, actual_minor=11, control=control)).standing is standing
        )


@given(st.integers(0, 10_000), st.integers(1, 120), st.integers(0, 240))
def test_rounding_never_takes_time_away(minutes, increment, minimum):
    """Rounded time is at least the time, at least the minimum, and less than one step more."""
    found = rounded_minutes(minutes, increment, minimum)
    if minutes == 0:
        assert found == 0
    else:
        assert found >= max(minutes, minimum)
        assert found < max(minutes + increment, minimum + 1)


def test_labour_charge_of_part_of_an_hour():
    """75 minutes at 68.00 are 85.00; 1 minute is its exact part, halves up."""
    assert (labour_charge(75, 6800), labour_charge(1, 6800), labour_charge(0, 6800)) == (8500, 113, 0)


@pytest.mark.parametrize(("quantity", "sign"), [(Decimal(10**14), 1), (Decimal(-(10**14)), -1)])
def test_an_amount_beyond_all_money_closes_no_visit(quantity: Decimal, sign: int) -> None:
    """Whoever wrote it: the line costs the largest amount there is, and the rest is reckoned as ever."""
    line = SupplyUse(id="s", visit_id="v", name="Toner", quantity=quantity, unit_price_minor=2500)
    ages = segment(60, elapsed_s=10**15)
    reckoned = charges(bundle(ages, supplies=(line,)))
    assert [found.amount_minor for found in reckoned.lines] == [
        MAX_AMOUNT_MINOR, 1800, sign * MAX_AMOUNT_MINOR,
    ]  # fmt: skip
