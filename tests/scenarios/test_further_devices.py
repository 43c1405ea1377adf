"""Further stories about a visit begun on one device and finished on another: clock, photo, drafts, signature, a late return."""

from __future__ import annotations

from pathlib import Path

import pytest

from techkit.central import packages
from techkit.central.office import record_as_staff
from techkit.records.activities import Maintenance
from techkit.records.assets import Rate, RateCard
from techkit.records.charges import charges
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.schema import replace
from techkit.records.visit import LabourSegment, SupplyUse, WorkState
from techkit.ui.presenters.sync import Sync
from tests import photos
from tests.scenarios.conftest import Device, Office, recordings, text_of
from tests.scenarios.plain import Plain, plain


@pytest.fixture
def laptop(device) -> Device:
    made = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    made.desk.recordings = recordings("o1_notebook")[""]
    return made


@pytest.fixture
def stick(device) -> Device:
    """Ines's second device; its clock stands where the first one's life ends."""
    made = device("TK08", "Ines Okafor", "2026-11-24 09:45")
    made.desk.recordings = recordings("o1_notebook")[""]
    made.desk.moment = "after"
    return made


@pytest.fixture
def story(laptop: Device, office: Office) -> Plain:
    """Begun at 9:00 on the laptop: checked, a cable at 7.20 and a photo written down; 60.00 an hour, in quarters."""
    told = Plain(laptop).known(display_name="Odalys Brandt", has_diagnostics_consent=True)
    laptop.sync.enrol(office.invitation())
    rate = Rate(labour="work", hourly_minor=6000, increment_minutes=15)
    record_as_staff(office.staff, RateCard(id=new_id(), name="All", is_default=True, rates=(rate,)))
    laptop.sync.now()
    told.plan()
    told.visit.held.computers.confirm("new")
    told.visit.next()
    told.visit.check.start()
    told.visit.check.give_consent()
    told.visit.go("work")
    told.use("Cable", "7.20")
    told.visit.files.add_bytes("plate.jpg", photos.photo())
    (row,) = told.visit.files.state.rows
    told.visit.files.set_caption(row.id, "The label of the router")
    told.visit.files.show(row.id, True)
    laptop.clock.go_to("2026-11-24 09:40")
    told.visit.tick()
    return told


def started_again(laptop: Device) -> None:
    """Start the program on the laptop again, a day after it died."""
    laptop.clock.go_to("2026-11-25 09:00")
    laptop.sync.close()
    laptop.start_again()
    laptop.sync = Sync(laptop.around)


def taken_up(story: Plain, stick: Device, office: Office) -> Plain:
    """Open the visit on the second device, which hears of the customer."""
    stick.sync.enrol(office.invitation())
    office.share_customer(stick, story.customer)
    stick.sync.now()
    other = Plain(stick, customer=story.customer, site=story.site, contact=story.contact)
    other.visit = stick.open(story.visit.held.visit_id)
    return other


def finish(other: Plain) -> str:
    """Add the drafts of the second device's look, finish at 10:15 and sign there."""
    other.visit.go("work")
    assert [row for row in other.visit.work.state.drafts if row.is_ticked]
    other.visit.work.drafting.add()
    other.device.clock.go_to("2026-11-24 10:15")
    other.sign()
    return other.submit()


def test_the_laptop_dies_and_another_device_goes_on(story: Plain, stick: Device, office: Office) -> None:
    """Sent at 9:40, dead at 9:45: the stick says that no clock runs, counts from 9:00 on a word, and the customer signs there.

    45 min added by a press and 30 min counted, 9:45 to 10:15: 75 min at 60.00 are 75.00, the cable 7.20: 82.20.
    """
    story.device.sync.now()
    other = taken_up(story, stick, office)
    state = other.visit.state
    assert (state.clock, state.is_paused, state.is_clock_running) == ("00:00", True, False)
    assert state.notice.title == "No clock runs for this visit on this device."
    assert "Since 09:00 nothing is counted here." in plain(state.notice.text)
    assert plain(state.notice.action_label) == "Add 45 min and go on"
    other.visit.act_on_notice()
    assert other.visit.state.notice is None
    assert (other.visit.state.clock, other.visit.state.is_clock_running) == ("00:45", True)
    visit_id = finish(other)
    bundle = other.bundle
    assert [s.elapsed_s for s in bundle.current_labour()] == [45 * 60, 30 * 60]
    assert charges(bundle).total_minor == 8220
    text = plain(text_of(other.pdf))
    assert "€82.20" in text
    assert "The label of the router" in text
    assert [a for a in bundle.activities if isinstance(a, Maintenance)]
    stick.sync.now()
    held = office.bundle(visit_id)
    assert held.valid_signature() == bundle.valid_signature()
    assert charges(held).total_minor == 8220
    assert "overlapping_labour" not in {f.rule for f in flags(held)}


def test_the_dead_laptop_comes_back_late(story: Plain, stick: Device, office: Office) -> None:
    """A day later, with a mouse nobody sent: what was signed stays, nothing is lost unsaid, and its clock adds nothing.

    Signed on the stick: 75 min and the cable, 82.20 as above. The mouse (15.00) comes too late, the clock had counted 40 min.
    """
    laptop = story.device
    laptop.sync.now()
    story.use("Mouse", "15.00")
    other = taken_up(story, stick, office)
    other.visit.act_on_notice()
    visit_id = finish(other)
    stick.sync.now()
    signed = office.bundle(visit_id).valid_signature()
    started_again(laptop)
    laptop.sync.now()
    held = office.bundle(visit_id)
    assert charges(held).total_minor == 8220
    assert held.valid_signature() == signed
    refused = str(laptop.store.connection.all("SELECT * FROM _refused"))
    assert "The visit was submitted and is closed for changes." in refused
    assert "Mouse" in str(laptop.store.find(SupplyUse))
    again = laptop.open(visit_id)
    assert again.held.labour.running is None
    assert again.state.notice.title == "This visit was ended on another device."
    assert "40 min" in plain(again.state.notice.text)
    again.act_on_notice()
    assert again.state.notice is None
    # The next visit here finds no clock to end: no night is added to the signed visit.
    following = Plain(laptop, customer=story.customer, site=story.site, contact=story.contact)
    following.plan().arrive()
    laptop.sync.now()
    assert {s.elapsed_s for s in laptop.store.find(LabourSegment, visit_id=visit_id)} == {2700, 1800}
    assert charges(office.bundle(visit_id)).total_minor == 8220


def test_the_next_visit_begins_before_the_late_one_is_opened(
    story: Plain, stick: Device, office: Office
) -> None:
    """The laptop hears of the signature and begins another visit at once: its old clock writes nothing any more."""
    laptop = story.device
    laptop.sync.now()
    other = taken_up(story, stick, office)
    other.visit.act_on_notice()
    visit_id = finish(other)
    stick.sync.now()
    started_again(laptop)
    laptop.sync.now()
    following = Plain(laptop, customer=story.customer, site=story.site, contact=story.contact)
    following.plan().arrive()
    assert {s.elapsed_s for s in laptop.store.find(LabourSegment, visit_id=visit_id)} == {2700, 1800}
    laptop.sync.now()
    assert charges(office.bundle(visit_id)).total_minor == 8220


def test_carried_to_the_office_in_a_package(
    story: Plain, stick: Device, office: Office, tmp_path: Path
) -> None:
    """No network on site: the laptop's package reaches the office by hand, the stick goes on, and what was said twice counts once."""
    laptop = story.device
    laptop.sync.export_package(tmp_path / "out.tkp")
    answer = packages.answer((tmp_path / "out.tkp").read_bytes())
    other = taken_up(story, stick, office)
    assert [u.name for u in other.bundle.supplies] == ["Cable"]
    # A change made on both: the laptop renames the cable before it gets its answer, the stick adds a clamp.
    (cable,) = laptop.store.find(SupplyUse)
    laptop.store.save(replace(cable, name="Cable, 2 m"))
    other.visit.act_on_notice()
    other.use("Clamp", "1.80")
    (tmp_path / "in.tkp").write_bytes(answer)
    laptop.sync.import_package(tmp_path / "in.tkp")
    laptop.sync.now()
    stick.sync.now()
    other.visit.reload()
    assert sorted(u.name for u in other.bundle.supplies) == ["Cable, 2 m", "Clamp"]
    visit_id = finish(other)
    assert charges(other.bundle).total_minor == 8220 + 180
    stick.sync.now()
    laptop.sync.now()
    for each in (laptop, stick):
        assert charges(each.store.bundle(visit_id)).total_minor == 8400
        assert each.store.connection.all("SELECT * FROM _refused") == []
    assert charges(office.bundle(visit_id)).total_minor == 8400


def test_both_clocks_run_and_the_office_sees_it(story: Plain, stick: Device, office: Office) -> None:
    """The laptop was only asleep: its clock and the stick's both count, the office is told of the double time before it pays.

    Laptop 9:00 to 9:40 as of its last look, written when it hears that time was written elsewhere until 10:15.
    """
    laptop = story.device
    laptop.sync.now()
    other = taken_up(story, stick, office)
    other.visit.act_on_notice()
    stick.clock.go_to("2026-11-24 10:15")
    other.visit.pause("lunch")
    stick.sync.now()
    laptop.clock.go_to("2026-11-24 10:30")
    laptop.sync.now()
    story.visit.reload()
    assert story.visit.held.labour.running is None
    assert story.visit.held.visit.work_state is WorkState.PAUSED
    mine = [s.elapsed_s for s in story.bundle.current_labour()]
    assert sorted(mine) == [30 * 60, 40 * 60, 45 * 60]
    assert "overlapping_labour" in {f.rule for f in flags(story.bundle)}


def test_the_technicians_own_rates_go_along_with_the_visit(
    laptop: Device, stick: Device, office: Office
) -> None:
    """No rates from the office: 68.00 an hour and 18.00 for the way, set on the laptop, hold on a device with 99.00 and at the office.

    30 min on the laptop at 68.00 are 34.00, with the way 52.00: the same on the stick, which never saw the laptop's card.
    """
    for device, hourly in ((laptop, 6800), (stick, 9900)):
        device.store.set_setting("rates.hourly_minor", hourly)
    laptop.store.set_setting("rates.travel_flat_minor", 1800)
    laptop.sync.enrol(office.invitation())
    story = Plain(laptop).known(display_name="Odalys Brandt").plan().arrive()
    laptop.clock.go_to("2026-11-24 09:30")
    story.visit.pause("hands over")
    assert charges(story.bundle).total_minor == 5200
    laptop.sync.now()
    other = taken_up(story, stick, office)
    assert stick.store.find(RateCard) == []
    assert charges(other.bundle).total_minor == 5200
    held = office.bundle(story.visit.held.visit_id)
    assert held.rate_card is not None
    assert (held.rate_card.rates[0].hourly_minor, charges(held).total_minor) == (6800, 5200)
