"""Further stories about customers entered twice: open and closed visits, budgets, undoing, two devices, a visit in hand."""

from __future__ import annotations

from datetime import date

import pytest

from techkit.errors import InputError
from techkit.records.assets import Asset, Contract, DiagnosticRun
from techkit.records.budget import Budget, CostCentre
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer, Site
from techkit.records.proofs import Proven, proof_of
from techkit.records.schema import replace
from techkit.records.success import FollowUp
from techkit.records.visit import Visit, WorkState
from techkit.ui.presenters import twins
from techkit.ui.presenters.customer import CustomerPlace
from techkit.ui.presenters.sight import Sight
from tests.scenarios.conftest import Device, text_of
from tests.scenarios.plain import Plain, plain
from tests.scenarios.test_further_drafts import DESK, NOTE, busy

__all__ = ["busy"]  # a fixture, used by name


def nothing(*_told: object) -> None:
    """Stand in for opening other pages."""


def place_of(device: Device, customer_id: str) -> CustomerPlace:
    return CustomerPlace(
        device.around, Sight(sees_all=True), customer_id,
        on_visit=nothing, on_computer=nothing, on_customer=nothing, on_list=nothing, on_new=nothing,
    )  # fmt: skip


@pytest.fixture
def ines(device):
    return device("TK07", "Ines Okafor", "2026-11-24 09:00")


@pytest.fixture
def kept(ines) -> Plain:
    """The bakery as the office knows it."""
    return Plain(ines).known(display_name="Bäckerei Krümel")


@pytest.fixture
def gone(ines) -> Plain:
    """The same bakery, entered once more on site."""
    return Plain(ines).known(display_name="Backerei Krumel GmbH")


def states(device: Device, customer: str) -> dict[str, WorkState]:
    return {v.id: v.work_state for v in device.store.find(Visit, customer_id=customer)}


@pytest.mark.parametrize("end", ["signed", "waived", "submitted"])
def test_what_the_customer_signed_stays_theirs_and_open_visits_follow(ines, kept, gone, end):
    """A visit that is signed, waived or sent stays under the name on its page; a planned and a running one move."""
    gone.plan().arrive()
    ines.clock.go_to("2026-11-24 10:00")
    if end == "waived":
        gone.visit.go("sign_off")
        gone.visit.after.choose_outcome("resolved")
        gone.visit.sign_off.waive("absent", "Nobody was there any more.")
    else:
        gone.sign()
    if end == "submitted":
        gone.submit()
    closed = gone.visit.held.visit_id
    before = ines.store.get(Visit, closed)
    planned, running = new_id(), new_id()
    ines.store.save(
        Visit(id=planned, customer_id=gone.customer, work_state=WorkState.SCHEDULED),
        Visit(id=running, customer_id=gone.customer, site_id=gone.site, work_state=WorkState.PAUSED),
    )
    twins.merge(ines.store, ines.store.get(Customer, kept.customer), gone.customer, "")
    assert ines.store.get(Visit, closed) == before
    assert states(ines, kept.customer) == {planned: WorkState.SCHEDULED, running: WorkState.PAUSED}
    assert twins.family(ines.store, Customer, kept.customer) == (kept.customer, gone.customer)
    assert ines.store.bundle(closed).customer.display_name == "Backerei Krumel GmbH"


def test_the_one_with_budgets_and_contracts_stays(ines, kept, gone):
    """Merged the wrong way round, the one the office has a contract and a budget for stays all the same."""
    centre = new_id()
    ines.store.save(
        Contract(id=new_id(), customer_id=gone.customer, number="CTR-2026-021", name="Care"),
        CostCentre(id=centre, customer_id=gone.customer, code="BKR"),
        Budget(
            id=new_id(),
            customer_id=gone.customer,
            cost_centre_id=centre,
            period="2026",
            approved_minor=90_000,
        ),
    )
    twins.merge(ines.store, ines.store.get(Customer, kept.customer), gone.customer, "")
    assert ines.store.get(Customer, kept.customer).merged_into == gone.customer
    assert ines.store.get(Customer, gone.customer).merged_into is None
    assert [b.customer_id for b in ines.store.find(Budget)] == [gone.customer]


def test_two_with_budgets_are_left_to_the_office(ines, kept, gone):
    """Where both have budgets nothing is moved on site; one sentence says who can."""
    for customer in (kept.customer, gone.customer):
        centre = new_id()
        ines.store.save(
            CostCentre(id=centre, customer_id=customer, code="BKR"),
            Budget(
                id=new_id(), customer_id=customer, cost_centre_id=centre, period="2026", approved_minor=90_000
            ),
        )
    before = [ines.store.find(cls) for cls in (Customer, Budget, Site, Contact)]
    with pytest.raises(InputError, match="only the office") as refused:
        twins.merge(ines.store, ines.store.get(Customer, kept.customer), gone.customer, "")
    assert refused.value.safe == "Nothing was changed."
    assert [ines.store.find(cls) for cls in (Customer, Budget, Site, Contact)] == before


def test_undoing_a_merge_keeps_what_was_changed_since(ines, kept, gone):
    """A telephone number noted after the merge stays when the merge is taken back; everything else is as it was."""
    promise = FollowUp(
        id=new_id(), customer_id=gone.customer, text="Call about the till", due_on=date(2026, 12, 1)
    )
    asset = Asset(id=new_id(), customer_id=gone.customer, site_id=gone.site, name="TILL-1")
    planned = Visit(
        id=new_id(), customer_id=gone.customer, work_state=WorkState.SCHEDULED, purpose="New till"
    )
    ines.store.save(promise, asset, planned)
    place = place_of(ines, kept.customer)
    place.merge(gone.customer)
    contact = ines.store.get(Contact, gone.contact)
    assert contact.customer_id == kept.customer
    ines.store.save(
        replace(contact, phones=("0551 7000",)),
        replace(ines.store.get(Visit, planned.id), purpose="New till and printer"),
    )
    place.undo()
    place.close()
    contact = ines.store.get(Contact, gone.contact)
    assert (contact.customer_id, contact.phones) == (gone.customer, ("0551 7000",))
    visit = ines.store.get(Visit, planned.id)
    assert (visit.customer_id, visit.purpose) == (gone.customer, "New till and printer")
    assert ines.store.get(FollowUp, promise.id) == promise
    assert ines.store.get(Asset, asset.id) == asset
    assert ines.store.get(Customer, gone.customer).merged_into is None


def test_a_merge_while_the_visit_is_in_hand(ines, kept, gone):
    """Merged beside a visit that is under way: what is written into it afterwards does not take it back."""
    gone.plan().arrive()
    twins.merge(ines.store, ines.store.get(Customer, kept.customer), gone.customer, "")
    gone.use("Cable", "7.20")
    gone.visit.need.set_purpose("The till prints nothing")
    ines.clock.go_to("2026-11-24 09:30")
    gone.sign()
    gone.submit()
    visit = ines.store.get(Visit, gone.visit.held.visit_id)
    assert visit.customer_id == kept.customer
    assert visit.purpose == "The till prints nothing"
    assert ines.store.bundle(visit.id).customer.display_name == "Bäckerei Krümel"


def test_a_merge_undone_on_one_device_while_the_other_writes(ines, kept, gone, device, office):
    """Merged and sent, written on elsewhere, taken back: both customers stand on both devices, and nothing is lost."""
    planned = Visit(
        id=new_id(), customer_id=gone.customer, work_state=WorkState.SCHEDULED, purpose="New till"
    )
    ines.store.save(planned)
    ines.sync.enrol(office.invitation())
    pavel = device("TK11", "Pavel Novotny", "2026-11-24 12:00")
    pavel.sync.enrol(office.invitation())
    for customer in (kept.customer, gone.customer):
        office.share_customer(pavel, customer)
    place = place_of(ines, kept.customer)
    place.merge(gone.customer)
    ines.sync.now()
    pavel.sync.now()
    assert pavel.store.get(Visit, planned.id).customer_id == kept.customer
    held = pavel.store.get(Contact, gone.contact)
    pavel.store.save(replace(held, role="Owner"))
    place.undo()
    place.close()
    for each in (pavel, ines, pavel):
        each.sync.now()
    for each in (ines, pavel):
        assert each.store.connection.all("SELECT * FROM _refused") == []
        assert each.store.get(Customer, gone.customer).merged_into is None
        assert each.store.get(Visit, planned.id).customer_id == gone.customer
        contact = each.store.get(Contact, gone.contact)
        assert (contact.customer_id, contact.role) == (gone.customer, "Owner")
    assert office.bundle(planned.id).customer.display_name == "Backerei Krumel GmbH"


def test_merging_in_a_row_and_back(ines, kept, gone):
    """A third entry merged into a merged one: one customer stands; a merge of what is merged already is refused."""
    third = Plain(ines).known(display_name="Krümel Bäckerei")
    store = ines.store
    twins.merge(store, store.get(Customer, gone.customer), third.customer, "")
    twins.merge(store, store.get(Customer, kept.customer), gone.customer, "")
    for each in (kept, gone, third):
        assert twins.kept(store, Customer, each.customer).id == kept.customer
        assert store.get(Contact, each.contact).customer_id == kept.customer
    with pytest.raises(InputError, match="merged already"):
        twins.merge(store, store.get(Customer, kept.customer), third.customer, "")
    with pytest.raises(InputError, match="merged already"):
        twins.merge(store, store.get(Customer, kept.customer), kept.customer, "")


@pytest.mark.parametrize("is_drafted_first", [False, True], ids=["before the work", "after a draft"])
def test_a_computer_merged_between_before_and_after(busy, is_drafted_first):
    """Checked under one entry, merged into the other, checked again: one comparison, one proven entry, one computer on paper."""
    store = busy.device.store
    if is_drafted_first:
        busy.plug_in(DESK, DentaBook="9.10", Browsewell="143.0")
        busy.visit.work.look_again()
        busy.visit.work.drafting.add()
    gone, kept = busy.assets[DESK], new_id()
    store.save(Asset(id=kept, customer_id=busy.customer, name="Reception 1", tag="RC-01"))
    twins.merge(store, store.get(Asset, kept), gone, "")
    busy.visit.reload()
    assert set(busy.visit.held.visit.asset_ids) == {kept, busy.assets[NOTE]}
    busy.assets[DESK] = kept
    for name, version in ((DESK, "9.10"), (NOTE, "9.9")):
        busy.plug_in(name, DentaBook=version, Browsewell="143.0")
        busy.visit.after.start()
    if not is_drafted_first:
        assert [title for _computer, title in busy.rows("after")] == ["DentaBook upgraded from 9.9 to 9.10"]
        busy.visit.after.drafting.add()
    (entry,) = busy.bundle.activities
    assert (entry.asset_id, proof_of(entry, busy.bundle)) == (kept, Proven.INVENTORY)
    assert busy.rows("after") == {}
    busy.sign()
    text = plain(text_of(busy.pdf))
    page, _the_technical = text.split("Page 1 of", 1)
    assert page.count("DentaBook upgraded from 9.9 to 9.10") == 1
    assert page.count("RC-01") == 1
    assert flags(busy.bundle) == ()
    assert {run.asset_id for run in store.find(DiagnosticRun)} == {gone, kept, busy.assets[NOTE]}
