"""Further stories from far away: midnights that come twice, a contract that ended elsewhere, years a clock lost, steps in yen and fils."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest

from techkit.records.assets import Contract, Rate, RateCard
from techkit.records.budget import Budget, CostCentre
from techkit.records.charges import charges, shares, visit_day
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.parties import Engagement, Site
from techkit.records.posting import booking
from techkit.records.schema import replace
from tests.scenarios.conftest import text_of
from tests.scenarios.plain import Plain, plain


def quarters(story: Plain, currency: str, hourly: int) -> None:
    """Write a rate in quarters of an hour without a minimum."""
    story.rates(currency, hourly)


# --- nights -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Night:
    """A night in which the clocks change, reckoned by hand: what passes, what is charged, which day and hours it was."""

    zone: str
    begin: str
    passes: int
    day: date
    currency: str
    hourly: int
    labour: int
    span: str


@pytest.mark.parametrize(
    "night",
    [
        # Chile goes back AT midnight: 23:30, then 24:00 is 23:00 again. 75 min after 23:30 it is 23:45 on the SAME day.
        # 1.25 h at 24,990 pesos = 31,237.5, halves up: 31,238.
        Night(
            zone="America/Santiago", begin="2026-04-04 23:30", passes=75, day=date(2026, 4, 4),
            currency="CLP", hourly=24_990, labour=31_238, span="23:30 to 23:45",
        ),
        # Chile goes forward at midnight: 0:00 is 1:00. An hour after 23:30 it is 1:30 the next day. One hour: 24,990.
        Night(
            zone="America/Santiago", begin="2026-09-05 23:30", passes=60, day=date(2026, 9, 5),
            currency="CLP", hourly=24_990, labour=24_990, span="23:30 to 01:30 on 6 September 2026",
        ),
        # Sydney goes forward at 2:00 on 4 October: 30 min after 1:45 it is 3:15. Half an hour at 95.55: 47.775 → 47.78.
        Night(
            zone="Australia/Sydney", begin="2026-10-04 01:45", passes=30, day=date(2026, 10, 4),
            currency="AUD", hourly=9555, labour=4778, span="01:45 to 03:15",
        ),
        # Auckland goes back at 3:00 on 5 April: 90 min after 2:15 it is 2:45. An hour and a half at 88.85: 133.275 → 133.28.
        Night(
            zone="Pacific/Auckland", begin="2026-04-05 02:15", passes=90, day=date(2026, 4, 5),
            currency="NZD", hourly=8885, labour=13_328, span="02:15 to 02:45",
        ),
    ],
    ids=lambda night: f"{night.zone} {night.day}",
)  # fmt: skip
def test_the_other_half_of_the_world_changes_its_clocks(device, night: Night) -> None:
    """Where the hour changes at midnight a day is still one day, and what passed is charged."""
    ines = device("TK07", "Ines Okafor", night.begin, zone=night.zone)
    story = Plain(ines).known()
    quarters(story, night.currency, night.hourly)
    story.plan().arrive()
    ines.clock.let_pass(night.passes)
    story.sign()
    assert visit_day(story.bundle.visit) == night.day
    (line,) = charges(story.bundle).lines
    assert (line.minutes, line.amount_minor) == (night.passes, night.labour)
    assert night.span in plain(text_of(story.pdf))
    assert not {f.rule for f in flags(story.bundle)} & {
        "overlapping_labour", "labour_before_arrival", "labour_after_sign_off", "time_uncertain", "long_labour",
    }  # fmt: skip


def test_back_at_work_an_hour_before_the_pause(device) -> None:
    """Auckland, 5 April: work 2:20 to 2:50, a pause of 30 min, work again from 2:20 to 2:35 (winter): 45 min, nothing overlaps.

    At 3:00 it is 2:00 again; so 2:50 and 30 min is 2:20. 45 min at 80.00 = 60.00.
    """
    ines = device("TK07", "Ines Okafor", "2026-04-05 02:20", zone="Pacific/Auckland")
    story = Plain(ines).known()
    quarters(story, "NZD", 8000)
    story.plan().arrive()
    ines.clock.let_pass(30)
    story.visit.pause("A call")
    ines.clock.let_pass(30)
    story.visit.resume()
    ines.clock.let_pass(15)
    story.sign()
    assert sorted((s.kind.value, s.elapsed_s // 60) for s in story.bundle.current_labour()) == [
        ("break", 30), ("work", 15), ("work", 30),
    ]  # fmt: skip
    assert charges(story.bundle).total_minor == 6000
    assert "overlapping_labour" not in {f.rule for f in flags(story.bundle)}


@pytest.mark.parametrize(
    ("zone", "begin", "place", "day", "total"),
    [
        # Berlin 31 December 12:30 is 1 January 0:30 in Auckland (13 h ahead of UTC): the contract ended yesterday there.
        ("Europe/Berlin", "2026-12-31 12:30", "Pacific/Auckland", date(2027, 1, 1), 8000),
        # Berlin 1 January 10:30 is 31 December 23:30 in Honolulu (10 h behind UTC): it is in force there still.
        ("Europe/Berlin", "2027-01-01 10:30", "Pacific/Honolulu", date(2026, 12, 31), 0),
        # Kathmandu is 5 h 45 min ahead: 19:20 in Berlin is 0:05 the next day there, 19:10 is 23:55 of the last day.
        ("Europe/Berlin", "2026-12-31 19:20", "Asia/Kathmandu", date(2027, 1, 1), 8000),
        ("Europe/Berlin", "2026-12-31 19:10", "Asia/Kathmandu", date(2026, 12, 31), 0),
    ],
)
def test_a_contract_ends_by_the_day_of_the_place(device, zone, begin, place, day, total) -> None:
    """An hour of a contract until 31 December: covered while it is December where the customer is, the flag agrees, and a call is due 14 days on from there."""
    ines = device("TK07", "Ines Okafor", begin, zone=zone)
    story = Plain(ines).known(engagement=Engagement.CONTRACT)
    story.rates(hourly=8000)
    ines.store.save(replace(ines.store.get(Site, story.site), time_zone=place))
    contract = Contract(
        id=new_id(), customer_id=story.customer, number="CTR-2026-014", starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31), hours_included=Decimal(60),
    )  # fmt: skip
    ines.store.save(contract)
    story.plan(contract_id=contract.id, complaint="slow").arrive()
    call = next(s for s in story.visit.follow_ups.state.suggestions if s.key.startswith("call:"))
    story.visit.follow_ups.add(call.key)
    assert story.visit.follow_ups.state.form.today == day
    ines.clock.let_pass(60)
    story.sign()
    assert visit_day(story.bundle.visit) == day
    assert charges(story.bundle).total_minor == total
    assert [f.due_on for f in story.bundle.follow_ups] == [day + timedelta(days=14)]
    assert ("contract_not_in_force" in {f.rule for f in flags(story.bundle)}) is (total > 0)
    assert f"{day.day} {day:%B %Y}" in plain(text_of(story.pdf))


@pytest.mark.parametrize("years", [-21, 12])
def test_a_clock_that_loses_years_in_mid_visit(device, years) -> None:
    """The battery on the board is empty: 45 min, the budget and contract of 2026, the call in 14 days on 8 December.

    Half an hour is in the contract, 15 min at 60.00 are charged: 15.00 of the 40.00 of November 2026.
    """
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    story = Plain(ines).known(engagement=Engagement.CONTRACT)
    story.rates(hourly=6000)
    centre = new_id()
    ines.store.save(
        Contract(
            id=new_id(), customer_id=story.customer, number="CTR-1", starts_on=date(2026, 11, 1),
            ends_on=date(2026, 11, 30), hours_included=Decimal("0.5"),
        ),
        CostCentre(id=centre, customer_id=story.customer, code="A"),
        Budget(id=new_id(), customer_id=story.customer, cost_centre_id=centre, period="2026-11", approved_minor=4000),
    )  # fmt: skip
    story.plan(complaint="slow").arrive()
    story.visit.need.set_share(centre, "100")
    ines.clock.let_pass(30)
    story.visit.tick()
    ines.clock.set_wrong(years * 365.25 * 24)
    ines.clock.let_pass(15)
    call = next(s for s in story.visit.follow_ups.state.suggestions if s.key.startswith("call:"))
    story.visit.follow_ups.add(call.key)
    story.sign()
    assert [(line.minutes, line.amount_minor) for line in charges(story.bundle).lines] == [
        (30, 0),
        (15, 1500),
    ]
    (row,) = story.visit.sign_off.state.money.budgets
    assert "€25.00 left" in plain(row.sentence)
    (promise,) = story.bundle.follow_ups
    assert promise.due_on == date(2026, 12, 8)
    text = plain(text_of(story.pdf))
    assert "24 November 2026, 09:45" in text
    assert str(2026 + years) not in text


# --- coins --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Steps:
    """A rate with a minimum, steps and an evening's factor, a part and shares, all in the smallest coin but what is typed."""

    currency: str
    hourly: int
    minimum: int
    increment: int
    percent: int
    minutes: int
    part: str
    quantity: str
    typed: tuple[str, ...]
    labour: int
    goods: int
    parts: list[int]


@pytest.mark.parametrize(
    "steps",
    [
        # 70 min in half hours: 90; 9,001 × 1.25 = 11,251.25 an hour → 16,876.875, halves up 16,877. Parts 2 × 1,111 = 2,222.
        # 19,099: 50 % 9,549.5, 25 % 4,774.75 twice. Floors 9,549 + 4,774 + 4,774 = 19,097; the two yen go to the two .75.
        Steps(
            currency="JPY", hourly=9001, minimum=60, increment=30, percent=125, minutes=70, part="1,111", quantity="2",
            typed=("50", "25", "25"), labour=16_877, goods=2222, parts=[9549, 4775, 4775],
        ),
        # 35 min in tens: 40; 12.345 × 1.5 = 18.5175 an hour → 12.345. Parts 3 × 0.333 = 0.999. 13.344: 37.5 % 5.004 even,
        # 62.5 % 8.340 even.
        Steps(
            currency="KWD", hourly=12_345, minimum=0, increment=10, percent=150, minutes=35, part="0.333", quantity="3",
            typed=("37.5", "62.5"), labour=12_345, goods=999, parts=[5004, 8340],
        ),
        # 5 min, at least 24, in steps of six: 24. 7.777 × 24/60 = 3.1108 → 3.111. Part 0.5 × 0.001 = 0.0005 → 0.001. 3.112: 14.29 % ×6 and 14.26 %:
        # sevenths of 3.112 are 444.7048 six times and 443.7712: floors 444 × 6 + 443 = 3,107; five fils are left: the
        # largest remainder is the last's (.7712), then the first four's.
        Steps(
            currency="BHD", hourly=7777, minimum=24, increment=6, percent=100, minutes=5, part="0.001", quantity="0.5",
            typed=("14.29",) * 6 + ("14.26",), labour=3111, goods=1, parts=[445, 445, 445, 445, 444, 444, 444],
        ),
    ],
    ids=lambda steps: steps.currency,
)  # fmt: skip
def test_steps_and_shares_to_the_smallest_coin(device, steps: Steps) -> None:
    """Steps, minimum and evening first, then halves up once a line, then largest remainders: booked as it was shown."""
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    story = Plain(ines).known()
    rate = Rate(
        labour="work", hourly_minor=steps.hourly, minimum_minutes=steps.minimum,
        increment_minutes=steps.increment, out_of_hours_percent=steps.percent,
    )  # fmt: skip
    ines.store.save(
        RateCard(id=new_id(), name="All", currency=steps.currency, is_default=True, rates=(rate,))
    )
    ids = [new_id() for _share in steps.typed]
    ines.store.save(
        *(CostCentre(id=i, customer_id=story.customer, code=f"C{n}") for n, i in enumerate(ids, 1))
    )
    story.plan().arrive().use("Part", steps.part, quantity=steps.quantity)
    for centre, typed in zip(ids, steps.typed, strict=True):
        story.visit.need.set_share(centre, typed)
    if steps.percent != 100:
        story.visit.times.toggle_outside("running")
    ines.clock.let_pass(steps.minutes)
    story.sign()
    assert [line.amount_minor for line in charges(story.bundle).lines] == [steps.labour, steps.goods]
    parts = {s.centre.id: s.amount_minor for s in shares(story.bundle)}
    assert [parts[i] for i in ids] == steps.parts
    booked = dict.fromkeys(ids, 0)
    for entry in booking(story.bundle, new_id).entries:
        booked[entry.cost_centre_id] += entry.amount_minor
    assert booked == parts
