"""Further stories about nights: clocks that change under a minimum and an evening rate, and a month closed before the visit arrives."""

from __future__ import annotations

from decimal import Decimal

import pytest

from techkit.central import budgets as office_budgets
from techkit.central import posting, review
from techkit.records.assets import Contract, Rate, RateCard
from techkit.records.budget import CostCentre
from techkit.records.charges import charges
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.parties import Site
from techkit.records.posting import booking
from techkit.records.schema import replace
from tests.scenarios.conftest import text_of
from tests.scenarios.plain import Plain, plain


def night(device, begin: str) -> Plain:
    """Begin in Berlin: 60.00 an hour in quarters, at least an hour, 150 % out of hours, travel 18.00."""
    ines = device("TK07", "Ines Okafor", begin)
    story = Plain(ines).known()
    rate = Rate(
        labour="work", hourly_minor=6000, minimum_minutes=60, increment_minutes=15, out_of_hours_percent=150
    )
    ines.store.save(
        RateCard(
            id=new_id(),
            name="All",
            currency="EUR",
            is_default=True,
            rates=(rate,),
            travel_flat_minor=1800,
        )
    )
    ines.store.save(replace(ines.store.get(Site, story.site), time_zone="Europe/Berlin"))
    return story.plan().arrive()


@pytest.mark.parametrize(
    ("begin", "turns", "end", "within", "outside", "lines", "span"),
    [
        # Back: 1:40 to 2:00 within, 20 min → 30: 30.00. Then from 2:00 (summer) to 2:20 (winter), which is an hour and
        # 20 min: 80 → 90 min at 90.00: 135.00. That is more than the hour that counts at least. 30 + 135 + 18 = 183.00.
        ("2026-10-25 01:40", "2026-10-25 02:00", 80, 20, 80, [3000, 13_500, 1800], "01:40 to 02:20"),
        # Forward: 1:40 to 1:55 within, 15 min. From 1:55 to 3:20 are 25 min: 30 min at 90.00: 45.00. Together 45 min: the
        # quarter that is missing to the hour is at the usual rate, so 30 min at 60.00: 30.00. 30 + 45 + 18 = 93.00.
        ("2026-03-29 01:40", "2026-03-29 01:55", 25, 15, 25, [3000, 4500, 1800], "01:40 to 03:20"),
    ],
)  # fmt: skip
def test_the_clocks_change_under_the_evening_rate(
    device, begin, turns, end, within, outside, lines, span
) -> None:
    """The running clock turned to the evening rate at night: what passed is charged, never what the wall says."""
    from datetime import timedelta

    story = night(device, begin)
    clock = story.device.clock
    clock.go_to(turns)
    story.visit.tick()
    story.visit.times.toggle_outside("running")
    clock._now += timedelta(minutes=end)
    clock._steady += end * 60
    story.sign()
    assert [(s.elapsed_s // 60, s.is_out_of_hours) for s in story.bundle.current_labour()] == [
        (within, False),
        (outside, True),
    ]
    assert [line.amount_minor for line in charges(story.bundle).lines] == lines
    assert sum(e.amount_minor for e in booking(story.bundle, new_id).entries) == sum(lines)
    text = plain(text_of(story.pdf))
    assert span in text
    assert f"€{sum(lines) / 100:.2f}" in text
    assert not {f.rule for f in flags(story.bundle)} & {
        "overlapping_labour", "labour_before_arrival", "labour_after_sign_off", "time_uncertain",
    }  # fmt: skip


def test_a_pause_over_the_hour_that_comes_twice(device) -> None:
    """Paused at 2:50 in summer, gone on at 2:10 in winter, twenty minutes later: a break of 20 min, and nothing overlaps.

    1:50 to 2:50 is 60 min, 2:10 to 2:40 another 30: 90 min at 60.00 and the travel: 90.00 + 18.00 = 108.00.
    """
    from datetime import timedelta

    story = night(device, "2026-10-25 01:50")
    clock = story.device.clock

    def pass_(minutes: int) -> None:
        clock._now += timedelta(minutes=minutes)
        clock._steady += minutes * 60

    pass_(60)
    story.visit.pause("tea")
    pass_(20)
    story.visit.resume()
    pass_(30)
    story.sign()
    spans = [(s.kind.value, s.elapsed_s // 60) for s in story.bundle.current_labour()]
    assert sorted(spans) == [("break", 20), ("work", 30), ("work", 60)]
    assert charges(story.bundle).total_minor == 10_800
    assert "overlapping_labour" not in {f.rule for f in flags(story.bundle)}


def test_the_month_closes_between_the_signature_and_the_sync(device, office) -> None:
    """Signed on 31 October, October closed on Monday, sent after that: nothing is changed, it is booked in November and says so.

    25 min with a minimum of an hour: 60.00, travel 18.00: 78.00. October had 100.00, November has 100.00.
    """
    story = night(device, "2026-10-31 16:00")
    ines = story.device
    centre = new_id()
    ines.store.save(CostCentre(id=centre, customer_id=story.customer, code="LDG-FRONT"))
    ines.sync.enrol(office.invitation())
    for month in ("2026-10", "2026-11"):
        office_budgets.approve(office.staff, centre, month, 10_000)
    ines.sync.now()
    story.visit.reload()
    story.visit.need.set_share(centre, "100")
    ines.clock.go_to("2026-10-31 16:25")
    story.sign()
    (row,) = story.visit.sign_off.state.money.budgets
    assert "€22.00 left" in plain(row.sentence)
    signed, pdf = story.bundle.valid_signature(), story.pdf
    posting.close_month(office.staff, "2026-10")
    visit_id = story.submit()
    ines.clock.go_to("2026-11-02 09:00")
    ines.sync.now()
    assert ines.store.connection.all("SELECT * FROM _refused") == []
    again = ines.open(visit_id)
    assert again.held.bundle.valid_signature() == signed
    review.approve(office.staff, visit_id, None)
    posting.post(office.staff, visit_id)
    held = office.bundle(visit_id)
    assert {e.period for e in held.cost_entries} == {"2026-11"}
    assert {b.period: b.actual_minor for b in held.budgets if not b.revision_of} == {
        "2026-10": 0,
        "2026-11": 7800,
    }
    ines.sync.now()
    again.reload()
    assert again.held.bundle.valid_signature() == signed
    assert "€78.00" in plain(text_of(pdf))


def test_work_after_the_agreed_hours_is_told_apart_by_itself(device) -> None:
    """Hours agreed to 17:00, a pool with an hour left, quarters at 60.00 and 150 % after: from 16:30 to 18:10 in Berlin.

    30 min within: all in the pool. 70 min after → 75: the pool's other 30, and 45 min at 90.00 are 67.50.
    A break at 17:40 and a word by hand change nothing of what was counted before.
    """
    ines = device("TK07", "Ines Okafor", "2026-11-24 16:30")
    story = Plain(ines).known()
    card = new_id()
    rate = Rate(labour="work", hourly_minor=6000, increment_minutes=15, out_of_hours_percent=150)
    contract = Contract(
        id=new_id(), customer_id=story.customer, number="CTR-7", rate_card_id=card, hours_included=Decimal(10),
        hours_used=Decimal(9), business_hours="Mo-Fr 08:00-17:00",
    )  # fmt: skip
    ines.store.save(RateCard(id=card, name="Contracts", rates=(rate,)), contract)
    ines.store.save(replace(ines.store.get(Site, story.site), time_zone="Europe/Berlin"))
    story.plan(contract_id=contract.id).arrive()
    assert not story.visit.times.state.rows[-1].tag
    ines.clock.go_to("2026-11-24 17:05")
    story.visit.tick()
    assert story.visit.times.state.rows[-1].tag == "Outside the agreed hours"
    ines.clock.go_to("2026-11-24 17:40")
    story.visit.pause("tea")
    ines.clock.go_to("2026-11-24 17:50")
    story.visit.resume()
    ines.clock.go_to("2026-11-24 18:20")
    story.sign()
    worked = [s for s in story.bundle.current_labour() if s.kind.value == "work"]
    assert [(s.elapsed_s // 60, s.is_out_of_hours) for s in worked] == [(30, False), (40, True), (30, True)]
    found = charges(story.bundle)
    assert [(c.minutes, c.is_covered, c.amount_minor) for c in found.lines if c.labour] == [
        (30, True, 0), (30, True, 0), (45, False, 6750),
    ]  # fmt: skip
    assert found.contract_minutes_left == 0
    assert "outside the agreed hours" in plain(text_of(story.pdf))


def test_a_word_by_hand_holds_against_the_agreed_hours(device) -> None:
    """A holiday in the week: the technician says that the stretch lies outside, and it stays so; said again, it lies within."""
    ines = device("TK07", "Ines Okafor", "2026-12-25 10:00")
    story = Plain(ines).known()
    story.rates()
    contract = Contract(
        id=new_id(), customer_id=story.customer, number="CTR-7", business_hours="Mo-Fr 08:00-17:00"
    )
    ines.store.save(contract)
    story.plan(contract_id=contract.id).arrive()
    ines.clock.go_to("2026-12-25 10:20")
    story.visit.times.toggle_outside("running")
    ines.clock.go_to("2026-12-25 10:50")
    story.visit.tick()
    story.visit.pause("figures")
    worked = [s for s in story.bundle.current_labour() if s.kind.value == "work"]
    assert [(s.elapsed_s // 60, s.is_out_of_hours) for s in worked] == [(20, False), (30, True)]
