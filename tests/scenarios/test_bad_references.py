"""BAD-INPUTS B31 to B33 and C43 through device, sync and office: twins of a device, customers gone, circles, moments."""

from __future__ import annotations

import shutil
import time
from datetime import UTC, date, datetime

import pytest
from django.test import Client

from techkit.central import office as office_writes
from techkit.errors import CentralError, InputError
from techkit.records import schema
from techkit.records.assets import Contract
from techkit.records.budget import CostCentre
from techkit.records.charges import charges
from techkit.records.identity import new_id
from techkit.records.operations import Action, Change, Operation
from techkit.records.parties import Contact, Customer, Site
from techkit.records.visit import Visit, WorkState
from techkit.store.listing import Wanted
from techkit.ui.presenters.lanes import InlineLanes
from techkit.ui.presenters.list_kinds import VISITS, When
from techkit.ui.presenters.sync import Sync
from tests.scenarios.conftest import SIGNATURE, Device, Office
from tests.stores import KEY


def worked(device: Device, visit_id: str) -> None:
    """Do a visit without a check: one supply, signed and submitted."""
    visit = device.open(visit_id)
    visit.next()
    visit.need.refuse_consent()
    visit.go("work")
    visit.work.choose_kind("supply_use")
    visit.work.fill("name", "Cable")
    visit.work.fill("unit_price_minor", "7.20")
    visit.work.add_entry()
    visit.go("sign_off")
    visit.after.choose_outcome("resolved")
    visit.next()
    visit.sign_off.draw(SIGNATURE)
    visit.sign_off.agree()
    visit.sign_off.finish()


def begun(device: Device, name: str = "Odalys Brandt") -> str:
    form = device.new_visit()
    for field, text in {
        "customer": name, "purpose": "A new cable", "street": "Ahornweg 3", "town": "37073 Göttingen",
    }.items():  # fmt: skip
        form.fill(field, text)
    form.start()
    return device.opened[-1]


def signed_in(office: Office) -> Client:
    """Return the browser of the office's first member of staff."""
    client = Client(headers={"host": "localhost"})
    staff = office.staff
    staff.must_change_password = False
    staff.save()
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["since"] = time.time()
    session.save()
    return client


def page(office: Office, address: str) -> str:
    """Return a page of the office as its first member of staff gets it."""
    answer = signed_in(office).get(address, secure=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_bad_input_b31_two_devices_with_one_id(device, office, tmp_path):
    """A copied stick is found out, asked to enrol anew and gets an id of its own; both histories arrive whole."""
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    first = begun(ines)
    worked(ines, first)
    ines.sync.enrol(office.invitation())
    shutil.copytree(ines.folder, tmp_path / "copy", ignore=shutil.ignore_patterns("*.lock"))
    copied = Device.__new__(Device)
    copied.__dict__ |= ines.__dict__ | {"folder": tmp_path / "copy", "lanes": InlineLanes(), "opened": []}
    copied.store = ines.store.open(copied.folder, KEY)
    copied.around = copied._around("Ines Okafor")
    copied.sync = Sync(copied.around)
    try:
        own, other = begun(ines, "Bao Lindqvist"), begun(copied, "Ciro Vance")
        worked(ines, own)
        worked(copied, other)
        told = []
        for _round in range(2):
            for each in (ines, copied):
                each.sync.now()
                told += [each] if each.sync.state.status != "done" else []
        # Which of two is the copy nobody can know: the one that is asked says so and enrols anew.
        found_out = told[0]
        assert "copy" in found_out.sync.state.title
        found_out.sync.become_new_device()
        found_out.sync.enrol(office.invitation())
        assert found_out.sync.state.status == "done", found_out.sync.state
        assert ines.store.device.id != copied.store.device.id
        assert ines.store.device.prefix != copied.store.device.prefix
        names = {v: office.bundle(v).customer.display_name for v in (first, own, other)}
        assert names == {first: "Odalys Brandt", own: "Bao Lindqvist", other: "Ciro Vance"}
        assert all(charges(office.bundle(v)).total_minor == 720 for v in names)
        for each in (ines, copied):
            each.sync.now()
            assert each.sync.state.status == "done"
            assert each.store.outbox.waits().count == 0
    finally:
        copied.sync.close()
        copied.store.close()


def test_bad_input_b32_a_customer_removed_elsewhere(device, office):
    """The visit stays with its costs and says “Customer removed”; no name comes back, here, at the office or later."""
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    visit_id = begun(ines)
    worked(ines, visit_id)
    ines.sync.enrol(office.invitation())
    pavel = device("TK11", "Pavel Novotny", "2026-11-24 12:00")
    pavel.sync.enrol(office.invitation())
    (customer,) = ines.store.find(Customer)
    office.share_customer(pavel, customer.id)
    pavel.sync.now()
    for cls in (Customer, Contact, Site):
        (held,) = pavel.store.find(cls)
        pavel.store.remove(held, "Asked to be forgotten")
    pavel.sync.now()
    ines.sync.now()
    held = office.bundle(visit_id)
    assert held.is_customer_removed
    assert charges(held).total_minor == 720
    office.row(visit_id)
    for address in (f"/visits/{visit_id}", "/visits?view=all"):
        told = page(office, address)
        assert "Customer removed" in told
        assert "Brandt" not in told
        assert "Ahornweg" not in told
    for each in (ines, pavel):
        visit = each.open(visit_id)
        assert visit.state.customer == "Customer removed"
        assert charges(each.store.bundle(visit_id)).total_minor == 720
        (row,) = each.store.listed(Wanted(name="visits"))
        cells = VISITS.row(row, When(zone=each.clock.zone(), today=date(2026, 11, 24)))
        assert cells[0].text == "Customer removed"
        assert "Brandt" not in str(row)
        assert each.store.search("Brandt") == []
    again = page(office, f"/visits/{visit_id}")
    assert "Brandt" not in again


def test_bad_input_b33_nothing_stands_below_itself(device):
    """A place in itself, or in a place that is in it, is refused by its name; what was there stays."""
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    store, customer = ines.store, new_id()
    house, floor, room = (new_id() for _n in range(3))
    store.save(
        Customer(id=customer, display_name="Quarrystone Architects"),
        Site(id=house, customer_id=customer, name="Mill Lane 3"),
        Site(id=floor, customer_id=customer, name="First floor", parent_site=house),
        Site(id=room, customer_id=customer, name="Studio 2", parent_site=floor),
    )
    before = store.get(Site, house)
    for above in (house, floor, room):
        with pytest.raises(InputError, match="Mill Lane 3") as refused:
            store.save(schema.replace(before, parent_site=above))
        assert refused.value.field == "parent_site"
    assert store.get(Site, house) == before
    one, two = new_id(), new_id()
    with pytest.raises(InputError, match="cannot stand below itself"):
        store.save(
            CostCentre(id=one, customer_id=customer, code="A", parent_id=two),
            CostCentre(id=two, customer_id=customer, code="B", parent_id=one),
        )
    assert store.find(CostCentre) == []
    store.save(schema.replace(store.get(Site, room), parent_site=house))


def test_bad_input_b33_a_contract_of_nobody(device, office):
    """A contract without a customer is refused by its number, on the device and at the office."""
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    lost = Contract(id=new_id(), number="CTR-2026-099", name="Care")
    with pytest.raises(InputError, match="CTR-2026-099"):
        ines.store.save(lost)
    with pytest.raises((InputError, CentralError)):
        office_writes.record_as_staff(office.staff, lost)
    nowhere = schema.replace(lost, customer_id=new_id())
    with pytest.raises(CentralError):
        office_writes.record_as_staff(office.staff, nowhere)
    assert office.counts()["Record"] == 0 or "CTR-2026-099" not in page(office, "/budgets")


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("2026-11-24T09:10:00Z", datetime(2026, 11, 24, 9, 10, tzinfo=UTC)),
        ("2026-11-24T14:40:00+05:30", datetime(2026, 11, 24, 9, 10, tzinfo=UTC)),
        ("2026-11-24T09:10:00.123456789Z", datetime(2026, 11, 24, 9, 10, 0, 123457, tzinfo=UTC)),
        ("2026-11-24T14:40:00+0530", None),
        ("2026-11-24T09:10:00", None),
        ("2026-11-24 09:10:00Z", None),
        ("2026-11-24", None),
        ("2026-02-30T09:10:00Z", None),
        (1763975400, None),
        ("1763975400.5", None),
        ("2026-11-24T25:10:00Z", None),
        ("2026-11-24T09:10:00Z\x1b", None),
    ],
)
def test_bad_input_c43_moments_in_a_payload(device, office, written, taken):
    """A moment is read in one way; a record with any other is kept aside with its field, and the rest goes on."""
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    customer, other, visit_id = new_id(), new_id(), new_id()
    ines.store.save(Customer(id=customer, display_name="Odalys Brandt"))
    sent = Operation(
        op_id=new_id(), device=ines.store.device.id, hlc=ines.store.clock.tick(), scope=f"customer:{customer}",
        entity="visit", record_id=visit_id, action=Action.PUT, actor="Ines Okafor",
        fields={
            "customer_id": Change(value=customer),
            "work_state": Change(value=WorkState.SUBMITTED.value),
            "arrived_at": Change(value=written),
        },
    )  # fmt: skip
    with ines.store.connection.transaction():
        ines.store.outbox.add(sent)
    ines.store.save(Visit(id=other, customer_id=customer, purpose="Another visit"))
    ines.sync.enrol(office.invitation())
    assert office.bundle(other).visit.purpose == "Another visit"
    if taken is not None:
        assert office.bundle(visit_id).visit.arrived_at == taken
        return
    refused = ines.store.connection.all("SELECT * FROM _refused")
    assert len(refused) == 1
    assert "arrived_at" in str(refused)
    with pytest.raises(AssertionError, match="not arrived"):
        office.bundle(visit_id)


def test_bad_input_c43_a_bad_moment_in_a_later_change(device, office):
    """Also a change of a record the office holds is kept aside for its moment; what the record says stays."""
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    customer, visit_id = new_id(), new_id()
    arrived = datetime(2026, 11, 24, 8, tzinfo=UTC)
    ines.store.save(
        Customer(id=customer, display_name="Odalys Brandt"),
        Visit(id=visit_id, customer_id=customer, arrived_at=arrived),
    )
    ines.sync.enrol(office.invitation())
    late = Operation(
        op_id=new_id(), device=ines.store.device.id, hlc=ines.store.clock.tick(), scope=f"customer:{customer}",
        entity="visit", record_id=visit_id, action=Action.PUT, actor="Ines Okafor",
        fields={"arrived_at": Change(value="2026-11-24T10:00:00"), "purpose": Change(value="Unreadable with it")},
    )  # fmt: skip
    with ines.store.connection.transaction():
        ines.store.outbox.add(late)
    ines.sync.now()
    held = office.bundle(visit_id).visit
    assert (held.arrived_at, held.purpose) == (arrived, "")
    assert "arrived_at" in str(ines.store.connection.all("SELECT * FROM _refused"))
