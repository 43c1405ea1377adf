"""Booking a visit's costs: nothing lost in splitting, budgets moved on by exactly their share."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from techkit.records.assets import Rate, RateCard
from techkit.records.budget import Allocation, Budget, CostCentre
from techkit.records.bundle import VisitBundle
from techkit.records.charges import charges, shares
from techkit.records.posting import booking
from techkit.records.visit import LabourSegment, SupplyUse, Visit

NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)


def ids():
    counter = itertools.count()
    return lambda: f"e{next(counter)}"


def bundle(prices: list[int], percents: list[Decimal], minutes: int = 60) -> VisitBundle:
    return VisitBundle(
        visit=Visit(id="v", arrived_at=NINE),
        rate_card=RateCard(id="k", name="K", rates=(Rate(hourly_minor=6800),), travel_flat_minor=1801),
        labour=(LabourSegment(id="l", started_at=NINE, ended_at=NINE + timedelta(minutes=minutes)),),
        supplies=tuple(SupplyUse(id=f"s{n}", name="x", unit_price_minor=p) for n, p in enumerate(prices)),
        allocations=tuple(
            Allocation(id=f"a{n}", visit_id="v", cost_centre_id=f"c{n}", share_percent=p)
            for n, p in enumerate(percents)
        ),
        cost_centres=tuple(CostCentre(id=f"c{n}", code=f"C{n}") for n in range(len(percents))),
        budgets=tuple(
            Budget(id=f"b{n}", cost_centre_id=f"c{n}", period="2026", approved_minor=10**6, actual_minor=500)
            for n in range(len(percents))
        ),
    )


@given(
    st.lists(st.integers(0, 99_999), max_size=5),
    st.lists(st.decimals("0.01", 100, places=2), min_size=1, max_size=4),
)
def test_entries_add_up_to_total_and_to_each_share(prices, percents):
    """However lines and shares lie, the entries add up to the total, and each centre's to its share."""
    held = bundle(prices, percents)
    made = booking(held, ids())
    assert sum(e.amount_minor for e in made.entries) == charges(held).total_minor
    for share in shares(held):
        own = [e.amount_minor for e in made.entries if e.cost_centre_id == share.centre.id]
        assert sum(own) == share.amount_minor
    moved = {b.cost_centre_id: b.actual_minor - 500 for b in made.budgets}
    assert moved == {s.centre.id: s.amount_minor for s in shares(held) if s.amount_minor}


@given(
    st.lists(st.integers(-9, 99), min_size=1, max_size=9),
    st.lists(st.decimals("0.01", 100, places=2), min_size=2, max_size=4),
)
def test_no_part_of_a_line_goes_the_other_way(prices, percents):
    """However small the lines, no cost centre is charged of a credit or credited of a charge, and nothing is split into nothing."""
    held = bundle([abs(p) for p in prices], percents)
    supplies = tuple(replace(s, is_returned=p < 0) for s, p in zip(held.supplies, prices, strict=True))
    held = replace(held, supplies=supplies)
    made = booking(held, ids()).entries
    for n, line in enumerate(charges(held).lines):
        parts = [e.amount_minor for e in made[n * len(percents) : (n + 1) * len(percents)]]
        assert sum(parts) == line.amount_minor
        assert all(part * line.amount_minor > 0 or part == 0 for part in parts), (line, parts)


def test_without_cost_centres_each_line_is_one_entry():
    """A private customer's visit books one entry a line, in the month it took place."""
    made = booking(bundle([690], []), ids())
    assert [e.amount_minor for e in made.entries] == [6800, 1801, 690]
    assert {(e.cost_centre_id, e.period) for e in made.entries} == {(None, "2026-11")}
    assert made.budgets == ()
