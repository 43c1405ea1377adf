"""Further stories about the end of a year: a pool that ends and its renewal, a closed December, clocks that change by half an hour."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from techkit.central import budgets as office_budgets
from techkit.central import ledger, posting, review
from techkit.records.assets import Contract
from techkit.records.budget import CostCentre, newest_revisions
from techkit.records.charges import charges
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.parties import Site
from techkit.records.schema import replace
from tests.scenarios.conftest import text_of
from tests.scenarios.plain import Plain, plain
from tests.scenarios.test_further_agreements import again


def test_a_pool_runs_out_at_new_year_and_is_renewed_the_next_day(device, office):
    """30 min are left on New Year's Eve, 60 h begin the next day: 75.00 at night, 0.00 in the morning, 59 h left.

    23:10 to 00:50 are 100 min, 105 in quarters: 30 in the old pool, 75 at 60.00 are 75.00. One hour from 9:00 is in the new one.
    """
    ines = device("TK07", "Ines Okafor", "2026-12-31 23:10")
    story = Plain(ines).known(engagement="contract")
    card = story.rates(hourly=6000)
    old, new = (
        Contract(
            id=new_id(), customer_id=story.customer, number=f"CTR-{year}", rate_card_id=card, hours_used=used,
            starts_on=date(2000 + year, 1, 1), ends_on=date(2000 + year, 12, 31), hours_included=Decimal(60),
        )
        for year, used in ((26, Decimal("59.5")), (27, Decimal(0)))
    )  # fmt: skip
    ines.store.save(old, new)
    story.plan().arrive()
    assert not [s for s in story.visit.follow_ups.state.suggestions if s.key.startswith("renewal:")]
    ines.clock.go_to("2027-01-01 00:50")
    story.sign()
    night = charges(story.bundle)
    assert [(line.minutes, line.amount_minor) for line in night.lines] == [(30, 0), (75, 7500)]
    assert (story.bundle.visit.contract_id, night.contract_minutes_left) == (old.id, 0)
    text = plain(text_of(story.pdf))
    assert "Thursday, 31 December 2026 23:10 to 00:50 on 1 January 2027" in text
    assert "Working time 30 min in your contract Working time 1 h 15 min €75.00" in text
    visits = [story.submit()]
    ines.clock.go_to("2027-01-01 09:00")
    morning = again(story).arrive()
    ines.clock.go_to("2027-01-01 10:00")
    morning.sign()
    day = charges(morning.bundle)
    assert (morning.bundle.visit.contract_id, day.total_minor, day.contract_minutes_left) == (new.id, 0, 3540)
    visits.append(morning.submit())
    assert flags(morning.bundle) == ()
    ines.sync.enrol(office.invitation())
    for visit_id in visits:
        review.approve(office.staff, visit_id, None, note="Seen.")
        posting.post(office.staff, visit_id)
    ines.sync.now()
    used = {c.number: c.hours_used for c in ines.store.find(Contract)}
    assert used == {"CTR-26": Decimal(60), "CTR-27": Decimal(1)}


def test_december_is_closed_before_the_visit_arrives(device, office, monkeypatch):
    """Signed on 30 December on what 2026 has left; December closed, it is booked in January on 2027’s budget.

    1 h at 60.00 of 100.00: 40.00 left on the page of budgets. 2026 stays at 0.00 spent, 2027 has 60.00.
    """
    ines = device("TK07", "Ines Okafor", "2026-12-30 09:00")
    story = Plain(ines).known()
    story.rates()
    centre = new_id()
    ines.store.save(CostCentre(id=centre, customer_id=story.customer, code="LDG"))
    ines.sync.enrol(office.invitation())
    for year in ("2026", "2027"):
        office_budgets.approve(office.staff, centre, year, 10_000)
    ines.sync.now()
    story.plan().arrive()
    story.visit.need.set_share(centre, "100")
    ines.clock.go_to("2026-12-30 10:00")
    story.sign()
    (budget,) = story.visit.sign_off.state.money.budgets
    assert plain(budget.sentence) == "After today €40.00 left, 60.0 % used."
    visit_id = story.submit()
    ledger.ClosedMonth.objects.create(
        org_id=office.staff.org_id, month="2026-12", closed_at=ines.clock.now(), closed_by=office.staff
    )
    ines.sync.now()
    review.approve(office.staff, visit_id, None)
    posting.post(office.staff, visit_id)
    held = office.bundle(visit_id)
    spent = {b.period: b.actual_minor for b in newest_revisions(held.budgets)}
    assert spent == {"2026": 0, "2027": 6000}
    assert {e.period for e in held.cost_entries} == {"2027-01"}


@pytest.mark.parametrize(
    ("begin", "minutes", "charged", "span"),
    [
        # Back by half an hour at 2:00: from 0:50 to 2:10 an hour and 50 min passed: 2 h.
        ("2027-04-04 00:50", 110, 120, "00:50 to 02:10"),
        # Forward by half an hour at 2:00: from 1:40 to 3:00 only 50 min passed: 1 h.
        ("2026-10-04 01:40", 50, 60, "01:40 to 03:00"),
    ],
)
def test_clocks_that_change_by_half_an_hour(device, begin, minutes, charged, span):
    """Lord Howe Island: what passed is charged, the wall's times stand on the page."""
    ines = device("TK07", "Ines Okafor", begin, zone="Australia/Lord_Howe")
    story = Plain(ines).known()
    story.rates()
    ines.store.save(replace(ines.store.get(Site, story.site), time_zone="Australia/Lord_Howe"))
    story.plan().arrive()
    ines.clock._now += timedelta(minutes=minutes)
    ines.clock._steady += minutes * 60
    story.sign()
    assert [(line.minutes, line.amount_minor) for line in charges(story.bundle).lines] == [
        (charged, charged * 100)
    ]
    assert span in plain(text_of(story.pdf))
