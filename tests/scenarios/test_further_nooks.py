"""Further stories from the nooks: nights on islands, a computer given away in mid-visit, a rating a week later, the last coin before stop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from techkit.records.assets import Asset, Contract, Rate, RateCard
from techkit.records.budget import Budget, Control, CostCentre
from techkit.records.charges import charges, shares, visit_day
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.parties import Customer, Site
from techkit.records.posting import booking
from techkit.records.schema import replace
from techkit.records.signing import Satisfaction
from techkit.ui.presenters import office_view, twins
from tests.scenarios.conftest import SIGNATURE, text_of
from tests.scenarios.plain import Plain, plain, priced
from tests.scenarios.test_further_drafts import DESK, busy

__all__ = ["busy"]  # a fixture, used by name


@dataclass(frozen=True, kw_only=True)
class Night:
    """zone and begin at the place; passes: minutes; lines: (minutes, amount) of labour, then the way; span on the page."""

    zone: str
    begin: str
    passes: int
    lines: list[tuple[int, int]]
    total: int
    span: str


@pytest.mark.parametrize(
    "night",
    [
        # Lisbon goes back from 2:00 to 1:00: 50 min after 1:30 it is 1:20. 50 min → 60 in quarters, the minimum is met:
        # the pool's last 40 min, and 20 min at 70.00: 23.333 → 23.33. With the way of 12.50: 35.83.
        Night(
            zone="Europe/Lisbon", begin="2026-10-25 01:30", passes=50,
            lines=[(40, 0), (20, 2333), (0, 1250)], total=3583, span="01:30 to 01:20",
        ),
        # Lisbon goes forward from 1:00 to 2:00: 65 min after 0:45 it is 2:50. 65 → 75: 40 in the pool, 35 min are 40.833 → 40.83.
        Night(
            zone="Europe/Lisbon", begin="2026-03-29 00:45", passes=65,
            lines=[(40, 0), (35, 4083), (0, 1250)], total=5333, span="00:45 to 02:50",
        ),
        # The Chatham Islands (12 h 45 min ahead of UTC, an hour more in summer) go back at 3:45 to 2:45: 95 min after
        # 23:50 it is 1:25; 5 h 10 min after it, 4:00. 310 → 315: 40 in the pool, 275 min at 70.00: 320.833 → 320.83.
        Night(
            zone="Pacific/Chatham", begin="2026-04-04 23:50", passes=310,
            lines=[(40, 0), (275, 32_083), (0, 1250)], total=33_333, span="23:50 to 04:00 on 5 April 2026",
        ),
        # They go forward at 2:45 to 3:45: 20 min after 2:30 it is 3:50. The minimum of 30 min counts: all of it in the pool.
        Night(
            zone="Pacific/Chatham", begin="2026-09-27 02:30", passes=20,
            lines=[(30, 0), (0, 1250)], total=1250, span="02:30 to 03:50",
        ),
        # Nepal is 5 h 45 min ahead and changes nothing: 60 min after 23:40 it is 0:40; 60 min: 40 in the pool, 23.33.
        Night(
            zone="Asia/Kathmandu", begin="2026-07-31 23:40", passes=60,
            lines=[(40, 0), (20, 2333), (0, 1250)], total=3583, span="23:40 to 00:40 on 1 August 2026",
        ),
    ],
    ids=lambda night: f"{night.zone} {night.begin[:10]}",
)  # fmt: skip
def test_a_pool_ends_in_the_night_the_clocks_change(device, night: Night) -> None:
    """40 min are left of 10 h, then 70.00 an hour in quarters, half an hour at least, and 12.50 for the way."""
    ines = device("TK07", "Ines Okafor", night.begin, zone=night.zone)
    story = Plain(ines).known(engagement="contract")
    rate = Rate(labour="work", hourly_minor=7000, minimum_minutes=30, increment_minutes=15)
    card = RateCard(id=new_id(), name="All", is_default=True, rates=(rate,), travel_flat_minor=1250)
    ines.store.save(
        card, replace(ines.store.get(Site, story.site), time_zone=night.zone),
        Contract(
            id=new_id(), customer_id=story.customer, number="CTR-1", rate_card_id=card.id, starts_on=date(2026, 1, 1),
            ends_on=date.fromisoformat(night.begin[:10]), hours_included=Decimal(10), hours_used=Decimal("9.3333"),
        ),
    )  # fmt: skip
    story.plan().arrive()
    ines.clock.let_pass(night.passes)
    story.sign()
    found = charges(story.bundle)
    assert [(line.minutes, line.amount_minor) for line in found.lines] == night.lines
    assert found.total_minor == night.total
    assert visit_day(story.bundle.visit) == date.fromisoformat(night.begin[:10])
    text = plain(text_of(story.pdf))
    assert night.span in text
    assert f"€{night.total / 100:.2f}" in text
    assert not [
        f for f in flags(story.bundle) if f.rule.startswith(("labour", "overlap", "contract", "time"))
    ]


@pytest.fixture
def stopping(device) -> Plain:
    """FRONT has 100.00 and says stop, 31.20 of it are spent; an hour is 60.00."""
    story = priced(device)
    story.centre = new_id()
    story.device.store.save(
        CostCentre(id=story.centre, customer_id=story.customer, code="FRONT"),
        Budget(
            id=new_id(), customer_id=story.customer, cost_centre_id=story.centre, period="2026",
            approved_minor=10_000, actual_minor=3120, control=Control.STOP,
        ),
    )  # fmt: skip
    story.plan().arrive()
    story.visit.need.set_share(story.centre, "100")
    story.device.clock.go_to("2026-11-24 10:00")
    return story


@pytest.mark.parametrize(
    ("price", "standing", "sentence", "rules"),
    [
        # 31.20 + 60.00 + 8.79 = 99.99: one cent stays. 99.99 % is 100.0 in one place.
        ("8.79", "warn", "After today €0.01 left, 100.0 % used: nearly used up.", ["budget_warn"]),
        # 8.80 makes it 100.00: nothing stays, and nothing is overdrawn.
        ("8.80", "warn", "After today nothing left: all of it is used up.", ["budget_warn"]),
        ("8.81", "stop", "After today overdrawn by €0.01: this budget says stop.", ["budget_stop"]),
    ],
)
def test_the_last_line_reaches_the_stop(stopping: Plain, price, standing, sentence, rules) -> None:
    """To the cent: what is used up is not overdrawn; one cent more is, and taking the line out lifts it."""
    stopping.use("Cable", price)
    stopping.visit.go("sign_off")
    (row,) = stopping.visit.sign_off.state.money.budgets
    assert (row.standing, plain(row.sentence)) == (standing, sentence)
    found = [f.rule for f in office_view.flags_of(stopping.visit.held) if f.rule.startswith("budget")]
    assert found == rules
    (cable,) = stopping.bundle.supplies
    stopping.visit.go("work")
    stopping.visit.work.remove(cable.id)
    stopping.visit.go("sign_off")
    (row,) = stopping.visit.sign_off.state.money.budgets
    # 100.00 − 91.20.
    assert plain(row.sentence) == "After today €8.80 left, 91.2 % used: nearly used up."


def test_a_rating_a_week_later(device) -> None:
    """Nobody was there to sign; a week later the customer signs and rates: one rating, of that day, and a low one is answered."""
    story = priced(device)
    story.plan().arrive()
    story.device.clock.go_to("2026-11-24 10:00")
    story.hand_over()
    sign_off = story.visit.sign_off
    sign_off.take_back()
    sign_off.waive("absent", "Everybody was at lunch.")
    assert story.device.store.find(Satisfaction) == []
    story.device.clock.go_to("2026-12-01 09:00")
    story.visit = story.device.open(story.visit.held.visit_id)
    sign_off = story.visit.sign_off
    story.visit.go("sign_off")
    sign_off.void("Selin is here.")
    sign_off.hand_over()
    sign_off.answer("2")
    sign_off.draw(SIGNATURE)
    sign_off.agree()
    (rating,) = story.device.store.find(Satisfaction)
    assert (rating.rating, rating.given_by) == (2, "Selin Arslan")
    assert rating.asked_at == datetime(2026, 12, 1, 8, tzinfo=UTC)
    (call,) = story.bundle.follow_ups
    assert (plain(call.text), call.reason.value) == ("Call: what did we not solve?", "low_rating")
    assert call.due_on > date(2026, 12, 1)
    assert charges(story.bundle).total_minor == 6000
    assert story.bundle.visit.revision == 2
    assert "1 December 2026, 09:00" in plain(text_of(story.pdf))
    assert "24 November 2026" in plain(text_of(story.pdf))


def test_a_computer_given_away_in_mid_visit(busy) -> None:
    """DentaBook 9.9 → 9.10 at both; then RC-01 is given to somebody else: what was done there stays of this visit, proven.

    The check after the work still knows it, the page names it, the new owner has nothing of it.
    """
    store = busy.device.store
    other = Customer(id=new_id(), display_name="Quarrystone Architects")
    store.save(other)
    busy.plug_in(DESK, DentaBook="9.10", Browsewell="143.0")
    busy.visit.work.look_again()
    busy.visit.work.drafting.add()
    there, _before = twins.transfer(store, busy.assets[DESK], other.id, date(2026, 11, 24), "")
    busy.visit.reload()
    for name in busy.assets:
        busy.plug_in(name, DentaBook="9.10" if name == DESK else "9.9", Browsewell="143.0")
        busy.visit.after.start()
    assert busy.bundle.visit.asset_ids == tuple(busy.assets.values())
    assert [s.asset_id for s in busy.bundle.snapshots].count(there.id) == 0
    busy.sign()
    assert "claim_not_proven" not in {f.rule for f in flags(busy.bundle)}
    text = plain(text_of(busy.pdf))
    assert "DentaBook upgraded from 9.9 to 9.10" in text
    assert store.get(Asset, busy.assets[DESK]).moved_to == there.id
    busy.submit()


def test_goods_taken_back_in_uneven_thirds(device) -> None:
    """33.33, 33.33 and 33.34 % of 60.00 − 70.01 + 0.02 = −9.99: 3.33 back to each, and one line of its own is FRONT's.

    Exact parts: 3.329667, 3.329667, 3.330666; rounded down 3.32 + 3.32 + 3.33 = 9.97, two cents are left: to the first
    two, whose remainders are the largest. FRONT's own return of 5.00 comes on top: −8.33.
    """
    story = priced(device)
    centres = {code: new_id() for code in ("FRONT", "SURG", "LAB")}
    story.device.store.save(
        *(CostCentre(id=i, customer_id=story.customer, code=code) for code, i in centres.items()),
        *(
            Budget(id=new_id(), customer_id=story.customer, cost_centre_id=i, period="2026", approved_minor=10_000)
            for i in centres.values()
        ),
    )  # fmt: skip
    story.plan().arrive()
    for code, share in (("FRONT", "33.33"), ("SURG", "33.33"), ("LAB", "33.34")):
        story.visit.need.set_share(centres[code], share)
    story.device.clock.go_to("2026-11-24 10:00")
    story.use("Monitor", "70.01", is_returned="yes").use("Screw", "0.02")
    story.use("Cable", "5.00", is_returned="yes", cost_centre_id=centres["FRONT"])
    story.sign()
    assert charges(story.bundle).total_minor == -1499
    found = {s.centre.code: s.amount_minor for s in shares(story.bundle)}
    assert found == {"FRONT": -833, "SURG": -333, "LAB": -333}
    entries = booking(story.bundle, new_id).entries
    booked = {
        code: sum(e.amount_minor for e in entries if e.cost_centre_id == i) for code, i in centres.items()
    }
    assert booked == found
    after = {s.centre.code: s.after.variance_minor for s in shares(story.bundle)}
    assert after == {"FRONT": 10_833, "SURG": 10_333, "LAB": 10_333}
    rows = [plain(r.sentence) for r in story.visit.sign_off.state.money.budgets]
    assert rows[0].startswith("After today €108.33 left")
