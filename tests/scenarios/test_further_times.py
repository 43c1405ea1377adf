"""Further stories about time: clocks that change, nights, month ends, other zones, two visits at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from techkit import i18n
from techkit.records.assets import Contract
from techkit.records.budget import Budget, CostCentre
from techkit.records.charges import charges, is_in_force, visit_day
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.parties import Engagement, Site
from techkit.records.posting import month_of
from techkit.records.schema import replace
from techkit.records.visit import LabourSegment
from techkit.summary import document
from tests.scenarios.conftest import text_of
from tests.scenarios.plain import Plain, plain


def at(device, moment: str, **more) -> Plain:
    """Begin a visit at a moment."""
    ines = device("TK07", "Ines Okafor", moment, **more)
    story = Plain(ines).known()
    story.rates(hourly=6000)
    return story.plan().arrive()


@pytest.mark.parametrize(
    ("begin", "end", "minutes", "times"),
    [
        ("2026-10-25 01:30", "2026-10-25 03:30", 180, "01:30 to 03:30"),
        ("2026-03-29 01:30", "2026-03-29 03:30", 60, "01:30 to 03:30"),
    ],
)
def test_the_clocks_change_while_somebody_works(device, begin, end, minutes, times):
    """The night the clocks change: charged is what passed, and every time on the page is the one on the wall."""
    story = at(device, begin)
    story.device.clock.go_to(end)
    story.sign()
    assert charges(story.bundle).charged_minutes == minutes
    text = plain(text_of(story.pdf))
    assert times in text
    day = i18n.day(date.fromisoformat(begin[:10]))
    assert f"{day}, 03:30" in text
    assert "03:30" in plain(story.visit.sign_off.state.signed_line)


def test_a_visit_over_midnight_and_the_end_of_the_month(device, office):
    """From 23:30 on the last of October to 00:45: the page names both days; it belongs to October, where it began."""
    from techkit.central import budgets, posting, review

    story = at(device, "2026-10-31 23:30")
    centre = new_id()
    story.device.store.save(CostCentre(id=centre, customer_id=story.customer, code="LDG-FRONT"))
    story.visit.reload()
    story.visit.need.set_share(centre, "100")
    story.device.clock.go_to("2026-11-01 00:45")
    story.sign()
    assert visit_day(story.bundle.visit) == date(2026, 10, 31)
    assert charges(story.bundle).charged_minutes == 75
    text = plain(text_of(story.pdf))
    assert "Saturday, 31 October 2026" in text
    assert "23:30 to 00:45 on 1 November 2026" in text
    visit_id = story.submit()
    story.device.sync.enrol(office.invitation())
    months = {m: budgets.approve(office.staff, centre, m, 100_000) for m in ("2026-10", "2026-11")}
    posting.close_month(office.staff, "2026-10")
    review.approve(office.staff, visit_id, None)
    posting.post(office.staff, visit_id)
    held = office.bundle(visit_id)
    assert {e.period for e in held.cost_entries} == {"2026-11"}
    spent = {b.period: b.actual_minor for b in held.budgets}
    assert spent == {"2026-10": 0, "2026-11": 7500}
    assert len(months) == 2


def test_the_contract_ends_during_the_visit(device):
    """Begun on the contract's last evening, all of it is in the contract; what begins after midnight is not."""
    ines = device("TK07", "Ines Okafor", "2026-12-31 23:00")
    story = Plain(ines).known(engagement=Engagement.CONTRACT)
    story.rates(hourly=8000)
    contract = Contract(
        id=new_id(), customer_id=story.customer, number="CTR-2026-014", name="Care",
        starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31), hours_included=Decimal(60), hours_used=Decimal(0),
    )  # fmt: skip
    ines.store.save(contract)
    story.plan().arrive()
    ines.clock.go_to("2027-01-01 01:00")
    story.sign()
    assert is_in_force(contract, story.bundle)
    assert (charges(story.bundle).total_minor, charges(story.bundle).contract_minutes_left) == (0, 58 * 60)
    assert "contract_not_in_force" not in {f.rule for f in flags(story.bundle)}
    story.submit()
    late = Plain(ines, customer=story.customer, site=story.site, contact=story.contact)
    late.plan(contract_id=contract.id).arrive()
    ines.clock.go_to("2027-01-01 02:00")
    late.sign()
    assert charges(late.bundle).total_minor == 8000
    assert "contract_not_in_force" in {f.rule for f in flags(late.bundle)}


def test_the_technician_comes_from_another_time_zone(device):
    """A notebook on Berlin time at a place in Lisbon: day, times and month are those of the place, everywhere."""
    ines = device("TK07", "Ines Okafor", "2026-11-01 00:30", zone="Europe/Berlin")
    story = Plain(ines).known()
    story.rates()
    ines.store.save(replace(ines.store.get(Site, story.site), time_zone="Europe/Lisbon"))
    story.plan().arrive()
    ines.clock.go_to("2026-11-01 00:50")
    story.sign()
    assert story.bundle.visit.time_zone == "Europe/Lisbon"
    assert visit_day(story.bundle.visit) == date(2026, 10, 31)
    text = plain(text_of(story.pdf))
    assert "31 October 2026" in text
    assert "23:30 to 23:50" in text
    assert "31 October 2026, 23:50" in text
    assert "November" not in text
    assert story.bundle.visit.arrived_at == datetime(2026, 10, 31, 23, 30, tzinfo=UTC)


def test_the_device_moves_to_another_zone_before_it_signs(device):
    """Worked in Berlin, signed with the notebook set to New York: day, times and month stay those of the visit."""
    story = at(device, "2026-11-01 00:30")
    clock = story.device.clock
    clock.go_to("2026-11-01 00:50")
    clock._zone = ZoneInfo("America/New_York")
    story.sign()
    assert story.bundle.visit.time_zone == "Europe/Berlin"
    assert visit_day(story.bundle.visit) == date(2026, 11, 1)
    text = plain(text_of(story.pdf))
    assert "1 November 2026" in text
    assert "00:30 to 00:50" in text
    assert "1 November 2026, 00:50" in text
    assert "October" not in text


@pytest.mark.parametrize("day", ["2028-02-29", "2106-02-07", "1970-01-01"])
def test_a_visit_on_a_day_clocks_are_wrong_about(device, day):
    """The leap day, the last day 32 bits can count and the first one: worked, signed, charged and of its month."""
    story = at(device, f"{day} 09:00")
    story.device.clock.go_to(f"{day} 10:30")
    story.sign()
    bundle = story.bundle
    assert visit_day(bundle.visit) == date.fromisoformat(day)
    assert charges(bundle).charged_minutes == 90
    text = plain(text_of(story.pdf))
    assert plain(i18n.day(date.fromisoformat(day))) in text
    assert "09:00 to 10:30" in text
    assert month_of(visit_day(bundle.visit)) == day[:7]


def test_a_place_whose_zone_nobody_knows(device):
    """A zone that is no zone is passed over: the device's own counts, and the visit goes on."""
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    story = Plain(ines).known()
    ines.store.save(replace(ines.store.get(Site, story.site), time_zone="Mars/Olympus"))
    story.plan().arrive()
    ines.clock.go_to("2026-11-24 09:30")
    story.sign()
    assert story.bundle.visit.time_zone == "Europe/Berlin"
    assert "09:00 to 09:30" in plain(text_of(story.pdf))


@pytest.mark.parametrize("hours", [-26, -3, -0.05, 3, 26])
def test_the_clock_is_set_while_the_timer_runs(device, hours):
    """Whatever somebody sets the computer's clock to during the work, the page says when it began and what passed."""
    story = at(device, "2026-11-24 09:00")
    story.device.clock.go_to("2026-11-24 09:30")
    story.visit.tick()
    story.device.clock.set_wrong(hours)
    story.device.clock._now += timedelta(minutes=15)
    story.device.clock._steady += 900
    story.sign()
    (segment,) = story.bundle.labour
    assert (segment.elapsed_s, charges(story.bundle).charged_minutes) == (2700, 45)
    if abs(hours) > 0.1:
        assert "09:00 to 09:45" in plain(text_of(story.pdf))
        assert "24 November 2026, 09:45" in plain(text_of(story.pdf))
    assert not {f.rule for f in flags(story.bundle)} & {
        "labour_before_arrival", "labour_after_sign_off", "long_labour", "edited_after_signing",
    }  # fmt: skip


def test_a_second_visit_while_the_first_is_open(device):
    """Called to the desk next door: both are counted, each its own time, never twice, and none is lost."""
    first = at(device, "2026-11-24 09:00")
    ines = first.device
    ines.clock.go_to("2026-11-24 09:20")
    first.visit.leave()
    first.visit.close()
    second = Plain(ines).known(display_name="Quarrystone Architects").plan().arrive()
    ines.clock.go_to("2026-11-24 09:50")
    second.sign()
    second.submit()
    first.visit = ines.open(first.visit.held.visit_id)
    assert first.visit.state.is_paused
    first.visit.resume()
    ines.clock.go_to("2026-11-24 10:00")
    first.sign()
    spans = {
        story.customer: [
            (s.started_at, s.elapsed_s) for s in story.bundle.current_labour() if s.kind == "work"
        ]
        for story in (first, second)
    }
    assert [s for _at, s in spans[first.customer]] == [1200, 600]
    assert [s for _at, s in spans[second.customer]] == [1800]
    every = ines.store.find(LabourSegment)
    for story in (first, second):
        found = flags(
            story.bundle, other_labour=[s for s in every if s.visit_id != story.visit.held.visit_id]
        )
        assert "overlapping_labour" not in {f.rule for f in found}


def test_a_budget_of_the_month_comes_before_the_years(device):
    """A visit of 31 October is reckoned against October's budget, one of 1 November against the year's."""
    for moment, left in (("2026-10-31 09:00", "44.00"), ("2026-11-01 09:00", "994.00")):
        ines = device(f"TK{moment[6]}{moment[9]}", "Ines Okafor", moment)
        story = Plain(ines).known()
        story.rates(hourly=600)
        centre = new_id()
        ines.store.save(
            CostCentre(id=centre, customer_id=story.customer, code="LDG"),
            Budget(
                id=new_id(),
                customer_id=story.customer,
                cost_centre_id=centre,
                period="2026",
                approved_minor=100_000,
            ),
            Budget(
                id=new_id(),
                customer_id=story.customer,
                cost_centre_id=centre,
                period="2026-10",
                approved_minor=5000,
            ),
        )
        story.plan().arrive()
        story.visit.need.set_share(centre, "100")
        ines.clock.go_to(moment.replace("09:00", "10:00"))
        story.hand_over()
        (row,) = story.visit.sign_off.state.money.budgets
        assert left in row.sentence


def test_every_time_of_the_page_is_of_one_clock(device):
    """The page made at the office, in another zone, says the same times as the one that was signed."""
    story = at(device, "2026-10-25 01:30")
    story.device.clock.go_to("2026-10-25 03:30")
    story.sign()
    before = document.build(story.bundle)
    story.device.clock._zone = datetime.now().astimezone().tzinfo
    assert (
        document.build(story.device.store.bundle(story.visit.held.visit_id)).content_hash
        == before.content_hash
    )
