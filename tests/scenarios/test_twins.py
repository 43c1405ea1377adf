"""Entered twice and given away, through the real service: merged on one device, seen on the other and at the office."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from techkit.records.assets import Asset, InventorySnapshot, Lifecycle
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer, Site
from techkit.records.visit import Visit, WorkState
from techkit.store.listing import Wanted
from techkit.ui.presenters import twins
from techkit.ui.presenters.computer import Computer
from techkit.ui.presenters.customer import CustomerPlace
from techkit.ui.presenters.sight import Sight


def nothing(*_told: object) -> None:
    """Stand in for opening other pages."""


@pytest.fixture
def ids() -> dict[str, str]:
    return {name: new_id() for name in ("krumel", "crumb", "brandt", "site", "person", "pc", "visit", "open")}


@pytest.fixture
def ines(device, office, ids):
    """Ines has entered a bakery twice, offline and before; everything reached the office."""
    made = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    made.store.save(
        Customer(id=ids["krumel"], display_name="Bäckerei Krümel"),
        Customer(id=ids["crumb"], display_name="Backerei Krumel GmbH"),
        Customer(id=ids["brandt"], display_name="Odalys Brandt"),
        Site(id=ids["site"], customer_id=ids["crumb"], name="Shop", town="Kassel"),
        Contact(id=ids["person"], customer_id=ids["crumb"], given_name="Ewa", family_name="Nowak"),
        Asset(id=ids["pc"], customer_id=ids["crumb"], name="TILL-1", identifiers=("system_serial:t1-55512",)),
        Visit(
            id=ids["visit"], number="TK07-2026-0001", customer_id=ids["crumb"], asset_ids=(ids["pc"],),
            arrived_at=datetime(2026, 11, 2, 9, tzinfo=UTC), work_state=WorkState.SUBMITTED,
        ),
        Visit(id=ids["open"], customer_id=ids["crumb"], work_state=WorkState.SCHEDULED, purpose="New till"),
        InventorySnapshot(id=new_id(), visit_id=ids["visit"], asset_id=ids["pc"], content={"software": []}),
    )  # fmt: skip
    made.sync.enrol(office.invitation())
    made.sync.now()
    return made


def refused(made) -> list[object]:
    return list(made.store.connection.all("SELECT * FROM _refused"))


def customers(made) -> list[str]:
    return [row["name"] for row in made.store.listed(Wanted(name="customers"))]


def test_a_merge_reaches_the_office_and_the_other_device(ines, device, office, ids):
    """One customer in both lists; the submitted visit stays as signed and stands under the one kept."""
    place = CustomerPlace(
        ines.around, Sight(sees_all=True), ids["krumel"],
        on_visit=nothing, on_computer=nothing, on_customer=nothing, on_list=nothing, on_new=nothing,
    )  # fmt: skip
    place.merge(ids["crumb"])
    place.close()
    ines.sync.now()
    assert refused(ines) == []
    pavel = device("TK11", "Pavel Novotny", "2026-11-24 12:00")
    pavel.sync.enrol(office.invitation())
    for name in ("krumel", "crumb", "brandt"):
        office.share_customer(pavel, ids[name])
    pavel.sync.now()
    for made in (ines, pavel):
        assert customers(made) == ["Bäckerei Krümel", "Odalys Brandt"]
        assert made.store.get(Visit, ids["open"]).customer_id == ids["krumel"]
        assert made.store.get(Visit, ids["visit"]).customer_id == ids["crumb"]
        rows = made.store.listed(Wanted(name="visits", equals={"customer_id": (ids["krumel"],)}))
        assert {row["id"] for row in rows} == {ids["visit"], ids["open"]}
        assert made.store.get(Site, ids["site"]).customer_id == ids["krumel"]


def test_two_devices_merge_the_same_pair_in_opposite_directions(ines, device, office, ids):
    """Offline both at once: after the sync one customer stands, the same on both, nothing is refused."""
    pavel = device("TK11", "Pavel Novotny", "2026-11-24 12:00")
    pavel.sync.enrol(office.invitation())
    for name in ("krumel", "crumb"):
        office.share_customer(pavel, ids[name])
    pavel.sync.now()
    for made, keep, gone in ((ines, "krumel", "crumb"), (pavel, "crumb", "krumel")):
        twins.merge(made.store, made.store.get(Customer, ids[keep]), ids[gone], "")
    for made in (ines, pavel, ines):
        made.sync.now()
    assert refused(ines) == refused(pavel) == []
    for made in (ines, pavel):
        standing = twins.kept(made.store, Customer, ids["krumel"])
        assert standing.id == min(ids["krumel"], ids["crumb"])
        assert twins.kept(made.store, Customer, ids["crumb"]) == standing
        assert len([name for name in customers(made) if "kr" in name.casefold()]) == 1


def test_a_computer_given_away_has_a_fresh_record_at_its_new_owner(ines, office, ids):
    """The office holds both records; the new owner's scope carries nothing of the old one's visits."""
    page = Computer(
        ines.around,
        Sight(sees_all=True),
        ids["pc"],
        on_visit=nothing,
        on_customer=nothing,
        on_computer=nothing,
    )
    page.choose_customer()
    page.give_to(ids["brandt"])
    page.close()
    ines.sync.now()
    assert refused(ines) == []
    old, new = sorted(ines.store.find(Asset), key=lambda a: a.moved_to is None)
    assert (old.lifecycle, old.moved_on, new.customer_id) == (
        Lifecycle.RETIRED,
        date(2026, 11, 24),
        ids["brandt"],
    )
    scopes = dict(ines.store.connection.all("SELECT id, _scope FROM asset"))
    assert scopes[new.id] == f"customer:{ids['brandt']}"
    assert scopes[old.id] == f"customer:{ids['crumb']}"
    seen = ines.store.connection.all(
        "SELECT count(*) FROM inventory_snapshot WHERE _scope = ?", (scopes[new.id],)
    )
    assert seen == [(0,)]
