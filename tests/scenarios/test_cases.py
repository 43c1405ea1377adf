"""Cases between two devices and the office: opened offline by both, gone on from, solved, closed and opened again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from techkit.central import cases as office_cases
from techkit.errors import CentralError
from techkit.records.cases import CaseFile, files
from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.records.visit import Case, Visit, WorkState
from tests.scenarios.conftest import Device, Office


def plan(device: Device, customer_id: str, purpose: str) -> str:
    made = Visit(
        id=new_id(), number=device.store.next_number(2026), customer_id=customer_id, purpose=purpose,
        work_state=WorkState.SCHEDULED,
    )  # fmt: skip
    device.store.save(made)
    return made.id


def end(device: Device, visit_id: str, outcome: str, *, case_id: str = "") -> str | None:
    """Go through a visit without a computer to its end without a signature; return the case it names then."""
    visit = device.open(visit_id)
    if case_id:
        visit.cases.choose(case_id)
    visit.next()
    device.clock.go_to(device.clock.now().strftime("%Y-%m-%d 18:00"))
    visit.after.choose_outcome(outcome)
    visit.go("sign_off")
    visit.sign_off.waive("absent")
    assert visit.held.visit.work_state is WorkState.SIGNOFF_WAIVED
    return visit.held.visit.case_id


def of(device: Device) -> dict[str, CaseFile]:
    return {f.case.id: f for f in files(device.store.find(Case), device.store.find(Visit))}


def offered(device: Device, customer_id: str) -> dict[str, str]:
    visit = device.open(plan(device, customer_id, ""))
    return {row.id: row.line for row in visit.cases.state.rows}


@pytest.fixture
def both(device: Callable[..., Device], office: Office) -> tuple[Device, Device, str, str]:
    """Two devices that know a customer, and one planned visit that both have."""
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    pavel = device("TK11", "Pavel Novotny", "2026-11-24 09:00")
    customer = Customer(id=new_id(), display_name="Larkspur Dental Group")
    ines.store.save(customer)
    shared = plan(ines, customer.id, "The scanner stops after three pages")
    ines.sync.enrol(office.invitation())
    pavel.sync.enrol(office.invitation())
    office.share_customer(pavel, customer.id)
    ines.sync.now()
    pavel.sync.now()
    return ines, pavel, customer.id, shared


def test_cases_of_two_devices_meet(both, office):
    """The same visit ended on both opens one case; two visits open two: all are kept, and stand at the office too."""
    ines, pavel, customer, shared = both
    one = [end(each, shared, "partly") for each in (ines, pavel)]
    assert one[0] == one[1] is not None
    others = [
        end(each, plan(each, customer, words), "not_resolved")
        for each, words in ((ines, "No sound in room 1"), (pavel, "No sound in room 2"))
    ]
    for each in (ines, pavel, ines, pavel):
        each.sync.now()
    for each in (ines, pavel):
        assert each.store.connection.all("SELECT * FROM _refused") == []
        assert {c.entity for c in each.store.conflicts()} <= {"visit"}
        assert {key: f.is_open for key, f in of(each).items()} == dict.fromkeys({one[0], *others}, True)
    assert office_cases.case_of(office.staff.org_id, office.bundle(shared).visit).title.startswith(
        "The scanner"
    )

    case_id = others[1]
    ines.clock.go_to("2026-11-25 09:00")
    pavel.clock.go_to("2026-11-25 09:00")
    assert set(offered(ines, customer)) == {one[0], *others}
    end(ines, plan(ines, customer, ""), "resolved", case_id=case_id)
    ines.sync.now()
    pavel.sync.now()
    assert set(offered(pavel, customer)) == {one[0], others[0]}
    assert len(of(pavel)[case_id].visits) == 2

    staff = office.staff
    office_cases.close(staff, shared, "The scanner was sold.")
    with pytest.raises(CentralError) as refused:
        office_cases.close(staff, shared, "The scanner was sold.")
    assert refused.value.status == 409
    ines.sync.now()
    assert set(offered(ines, customer)) == {others[0]}
    office_cases.reopen(staff, shared, "It came back from the buyer.")
    ines.sync.now()
    assert "The office: It came back from the buyer." in offered(ines, customer)[one[0]]
    assert ines.store.get(Case, one[0]).reopened_count == 1
