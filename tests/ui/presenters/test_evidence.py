"""The evidence of a finding over the visits: the same computer again, what has grown since, and at what pace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from techkit import i18n
from techkit.records.assets import Asset, Phase
from techkit.records.findings import Reading, Verdict
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer, Site
from techkit.records.visit import Visit as VisitRecord
from techkit.records.visit import WorkState
from techkit.ui.presenters.page_language import in_language
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device, HandClock


def drive(used: int, moved: int) -> list[Reading]:
    values: dict[str, Any] = {"passed": True, "used_percent": used, "reallocated": moved}
    return [
        Reading(id="os.computer_name", value="BAUM-01", source="x"),
        *(
            Reading(id=f"storage.smart.{n}", value=v, subject="sda", source="smartctl")
            for n, v in values.items()
        ),
    ]


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    made = Device(
        tmp_path / "d", prefix="TK07", technician="Ines Okafor", clock=HandClock("2026-06-01 10:00")
    )
    yield made
    made.sync.close()
    made.store.close()


@pytest.fixture
def customer(device: Device) -> tuple[str, str]:
    """A customer with one computer, known to the store: (customer, computer)."""
    customer, asset, site, contact = (new_id() for _n in range(4))
    device.store.save(
        Customer(id=customer, display_name="Baumann", has_diagnostics_consent=True),
        Asset(id=asset, customer_id=customer, name="BAUM-01"),
        Site(id=site, customer_id=customer, name="Office", street="Ahornweg 3", town="Göttingen"),
        Contact(id=contact, customer_id=customer, given_name="Ilse", family_name="Baumann", skill=3),
    )
    return customer, asset


def visited(device: Device, customer: tuple[str, str], readings: list[Reading]) -> Visit:
    """Visit the customer and check the computer, which reads as given."""
    site = device.store.find(Site, customer_id=customer[0])[0]
    contact = device.store.find(Contact, customer_id=customer[0])[0]
    visit = new_id()
    device.store.save(
        VisitRecord(
            id=visit,
            number=device.store.next_number(2026),
            customer_id=customer[0],
            site_id=site.id,
            contact_id=contact.id,
            asset_ids=(customer[1],),
            purpose="Yearly look",
            work_state=WorkState.SCHEDULED,
        )
    )
    device.desk.recordings = {"before": readings, "after": readings}
    opened = device.open(visit)
    opened.next()
    opened.check.start()
    return opened


def health(visit: Visit, phase: Phase = Phase.BEFORE):
    run = visit.held.bundle.run(visit.held.asset_in_hand, phase)
    return next(f for f in run.findings if f.check == "disk_health")


@pytest.fixture
def second(device: Device, customer: tuple[str, str]) -> Visit:
    """The second visit, three months after the first: the drive has worn by 15 points and moved 12 blocks."""
    assert health(visited(device, customer, drive(70, 0))).verdict is Verdict.OK
    device.clock.go_to("2026-08-31 10:00")
    return visited(device, customer, drive(85, 12))


def test_what_has_grown_since_the_last_visit_is_worse(second: Visit):
    """Twelve blocks moved since the last visit need action; the pace of the wear stands beside them."""
    found = health(second)
    assert found.verdict is Verdict.ACT
    rows = {row.label: row.value for row in found.evidence}
    assert rows["Since the last visit"] == "from 0 to 12"
    assert rows["Rated writes used, change per month"] == "+5.0"


def test_the_drawer_shows_each_reading_over_the_visits(second: Visit):
    """Blocks and wear each have their own history with days and, where there is one, their end."""
    second.check.open_evidence(next(c.key for c in second.check.state.cards if "disk_health" in c.key))
    drawer = second.check.state.drawer
    assert drawer is not None
    followed = {item.label: item for item in drawer.followed}
    assert [value for _day, value in followed["Blocks replaced by spare ones"].points] == [0.0, 12.0]
    assert followed["Rated writes used"].limit == 100.0
    assert followed["Rated writes used"].line.startswith("70 on ")


def test_the_check_after_the_work_looks_as_far_back(device: Device, second: Visit):
    """An hour later nothing has grown any more; that is no improvement, and is not told as one."""
    second.next()
    second.go("after")
    assert health(second, Phase.AFTER).verdict is Verdict.ACT
    [row] = [r for r in second.after.state.rows if "disk_health" in r.key]
    assert row.change == "open"


def test_the_page_in_another_language_is_as_strict(second: Visit):
    """What growth made of a verdict stands, whatever language the customer reads."""
    with i18n.language("de"):
        german = in_language(second.held.bundle, "de")
    run = german.run(second.held.asset_in_hand, Phase.BEFORE)
    assert run is not None
    found = next(f for f in run.findings if f.check == "disk_health")
    assert found.verdict is Verdict.ACT
    assert "seit unserem letzten Besuch" in found.customer_sentence
