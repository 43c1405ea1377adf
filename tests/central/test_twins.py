"""Two entries made one at the office: what moves, what stays, who hears of it, and how they are parted again."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import pytest

from techkit.central import bundles, customers, ledger, office, reports, twins
from techkit.central.models import AuditEvent, DeviceScope
from techkit.central.models import Record as Row
from techkit.errors import CentralError
from techkit.records.assets import Asset, Contract
from techkit.records.budget import Budget, CostCentre
from techkit.records.encoding import from_document
from techkit.records.identity import new_id
from techkit.records.operations import customer_scope
from techkit.records.parties import Contact, Customer, Site, UserSoftware
from techkit.records.schema import Record
from techkit.records.success import FollowUp
from techkit.records.visit import Visit, WorkState


@dataclass
class Two:
    """One baker, entered by two technicians; both got a contract and a budget."""

    first: Customer
    second: Customer
    ids: dict[str, str]


def held(user: Any, record_id: str) -> Any:
    """Return what a record says now."""
    state = office.state_of(user.org_id, record_id)
    assert state is not None
    return from_document(state.entity, record_id, state.values)


def revisions(*records: Record) -> dict[str, int]:
    """Return the revisions of records as the page reads them."""
    rows = Row.objects.filter(entity_id__in=[r.id for r in records])
    return {str(key): rev for key, rev in rows.values_list("entity_id", "rev")}


@pytest.fixture
def two(van: Any) -> Two:
    """Give the two entries, each with a person, a place, a computer, a promise, a contract and a budget."""
    first = Customer(id=new_id(), display_name="Bäckerei Korn GmbH")
    second = Customer(id=new_id(), display_name="Bäckerei Korn", notes_for_visit="Ring twice")
    ids: dict[str, str] = {}
    for name, owner in (("one", first), ("other", second)):
        made: list[Record] = [
            Contact(id=new_id(), customer_id=owner.id, family_name="Korn", email="petra@korn.example"),
            Site(id=new_id(), customer_id=owner.id, name="Backstube"),
            Asset(id=new_id(), customer_id=owner.id, name="Kasse", serial="K-1"),
            FollowUp(id=new_id(), customer_id=owner.id, text="Ring again"),
            Contract(id=new_id(), customer_id=owner.id, number=f"V-{name}"),
            CostCentre(id=new_id(), customer_id=owner.id, code="100", name=name),
        ]
        budget = Budget(
            id=new_id(),
            customer_id=owner.id,
            cost_centre_id=made[-1].id,
            period="2026",
            approved_minor=50_000,
        )
        van.send(owner, *made, budget)
        ids |= {f"{name}.{type(r).__name__}": r.id for r in (*made, budget)}
    return Two(first=first, second=second, ids=ids)


def merged(maren: Any, two: Two) -> Record:
    """Make them one: the first holds."""
    return twins.merge(maren, "customer", two.first.id, two.second.id, revisions(two.first, two.second))


def test_what_looks_the_same_is_proposed_with_its_reasons(maren: Any, two: Two, van: Any) -> None:
    """The same name but for its legal form, and the same e-mail address."""
    (twin,) = twins.likely(maren, two.first)
    assert twin.id == two.second.id
    assert len(twin.reasons) == 2
    third = Customer(id=new_id(), display_name="Patisserie")
    van.send(third)
    for customer, number in ((two.first, "DE 811-907"), (third, "de811907")):
        office.change_as_staff(maren, "customer", customer.id, {"tax_id": number})
    found = {t.id: t.reasons for t in twins.shown(maren, held(maren, two.first.id))}
    assert found[third.id] == ("The tax number is the same: DE 811-907.",)
    assert twins.offered(maren, two.first, "KORN") == [(two.second.id, "Bäckerei Korn")]


def test_everything_of_the_other_one_belongs_to_the_one_that_holds(maren: Any, two: Two) -> None:
    """People, places, computers and promises name it; contracts and budgets stay and are read with its own; what it lacked is taken over."""
    merged(maren, two)
    assert held(maren, two.first.id).notes_for_visit == "Ring twice"
    assert held(maren, two.second.id).merged_into == two.first.id
    owned = ("other.Contract", "other.CostCentre", "other.Budget")
    moved = [key for key in two.ids if key.startswith("other.") and key not in owned]
    assert {held(maren, two.ids[key]).customer_id for key in moved} == {two.first.id}
    assert {held(maren, two.ids[key]).customer_id for key in owned} == {two.second.id}
    file = customers.customer_file(maren, two.first.id, reports.now().date())
    assert {c.number for c in file.of(Contract)} == {"V-one", "V-other"}
    assert [account.centre.name for account in ledger.accounts_of(maren, two.first.id)] == ["one", "other"]
    assert AuditEvent.objects.filter(action="customer.merge").count() == 1


def test_devices_that_held_one_hold_both(maren: Any, van: Any, two: Two, org: Any) -> None:
    """A device reads what was before through the pointer: without the other one it would point nowhere."""
    DeviceScope.objects.filter(scope_id=customer_scope(two.first.id)).delete()
    merged(maren, two)
    scopes = DeviceScope.objects.filter(device=van.device, revoked_at=None).values_list("scope_id", flat=True)
    assert {customer_scope(two.first.id), customer_scope(two.second.id)} <= set(scopes)


def test_sent_visits_stay_and_are_read_as_theirs(maren: Any, van: Any, two: Two) -> None:
    """What was signed names whom it named; the page of the one that holds shows it."""
    visit = Visit(
        id=new_id(), customer_id=two.second.id, number="TK07-2026-0009", work_state=WorkState.SUBMITTED
    )
    van.send(visit)
    merged(maren, two)
    assert held(maren, visit.id).customer_id == two.second.id
    assert uuid.UUID(two.second.id) in bundles.with_merged(maren.org_id, uuid.UUID(two.first.id))


def test_one_person_has_one_profile_a_program(maren: Any, van: Any, two: Two) -> None:
    """What the person who holds has no profile of comes along; of the same program theirs holds and the other stays behind."""
    one, other = two.ids["one.Contact"], two.ids["other.Contact"]
    mine = UserSoftware(id=new_id(), contact_id=one, product="Excel", features_used=("Sums",))
    theirs = UserSoftware(id=new_id(), contact_id=other, product="excel", features_used=("Filters",))
    alone = UserSoftware(id=new_id(), contact_id=other, product="Word")
    van.send(mine, theirs, alone)
    merged(maren, two)
    twins.merge(maren, "contact", one, other, revisions(held(maren, one), held(maren, other)))
    assert held(maren, mine.id).features_used == ("Sums",)
    assert held(maren, theirs.id) == theirs
    assert held(maren, alone.id).contact_id == one


def test_they_are_parted_again(maren: Any, two: Two) -> None:
    """What was begun under the other one is theirs again; what was written since stays."""
    before = {key: held(maren, record_id).customer_id for key, record_id in two.ids.items()}
    merged(maren, two)
    twins.separate(maren, "customer", two.second.id)
    assert held(maren, two.second.id).merged_into is None
    assert {key: held(maren, record_id).customer_id for key, record_id in two.ids.items()} == before
    with pytest.raises(CentralError, match="already"):
        twins.separate(maren, "customer", two.second.id)


def test_twice_and_the_other_way_round_is_refused(maren: Any, two: Two) -> None:
    """A second press, the opposite press of a colleague, one and the same entry: nothing happens twice, no ring."""
    revs = revisions(two.first, two.second)
    merged(maren, two)
    for keep, gone in ((two.first, two.second), (two.second, two.first)):
        with pytest.raises(CentralError) as refused:
            twins.merge(maren, "customer", keep.id, gone.id, revs)
        assert refused.value.status == 409
    with pytest.raises(CentralError, match="same entry"):
        twins.pair(maren, "customer", two.first.id, two.first.id)


def test_a_page_that_is_out_of_date_changes_nothing(maren: Any, van: Any, two: Two) -> None:
    """A technician wrote meanwhile: whoever decides sees it first."""
    revs = revisions(two.first, two.second)
    van.change(two.second.id, display_name="Konditorei Korn")
    with pytest.raises(CentralError, match="Somebody changed"):
        twins.merge(maren, "customer", two.first.id, two.second.id, revs)
    assert held(maren, two.second.id).merged_into is None


def test_people_of_two_customers_are_not_one(maren: Any, two: Two) -> None:
    """Unless their customers are."""
    one, other = two.ids["one.Contact"], two.ids["other.Contact"]
    with pytest.raises(CentralError, match="different customers"):
        twins.pair(maren, "contact", one, other)
    merged(maren, two)
    assert twins.pair(maren, "contact", one, other).one.id == one


def test_a_computer_with_the_same_number_is_proposed(maren: Any, two: Two) -> None:
    """Once the customers are one, the two entries of their till are found."""
    merged(maren, two)
    (twin,) = twins.likely(maren, held(maren, two.ids["one.Asset"]))
    assert (twin.id, twin.reasons) == (two.ids["other.Asset"], ("The serial number is the same: K-1.",))


def test_what_named_a_person_names_them_again(maren: Any, two: Two, van: Any) -> None:
    """Two people of one customer parted again: the computer and the program of the other one are theirs, unless changed since."""
    one, other = two.ids["one.Contact"], new_id()
    desk, till = new_id(), new_id()
    van.send(
        Contact(id=other, customer_id=two.first.id, family_name="Kern", role="Baker", phones=("0761 2",)),
        Asset(id=desk, customer_id=two.first.id, name="Desk", owner_contact=other),
        Asset(id=till, customer_id=two.first.id, name="Till", owner_contact=other),
    )
    twins.merge(maren, "contact", one, other, revisions(held(maren, one), held(maren, other)))
    assert held(maren, desk).owner_contact == held(maren, till).owner_contact == one
    assert (held(maren, one).role, held(maren, one).phones) == ("Baker", ("0761 2",))
    van.change(till, owner_contact=None)
    twins.separate(maren, "contact", other)
    assert (held(maren, desk).owner_contact, held(maren, till).owner_contact) == (other, None)
    assert (held(maren, one).role, held(maren, one).phones) == ("", ())
    assert "Kern" not in str(AuditEvent.objects.get(action="contact.merge").detail)


def test_what_looks_the_same_follows_what_is_written(maren: Any, van: Any, two: Two) -> None:
    """What is kept of names and numbers is brought up to date: renamed, added, merged; a telephone number counts as well."""
    assert [twin.id for twin in twins.likely(maren, two.first)] == [two.second.id]
    van.change(two.second.id, display_name="Konditorei Sonne")
    assert [twin.id for twin in twins.likely(maren, held(maren, two.first.id))] == [
        two.second.id
    ]  # its e-mail address
    third = Customer(id=new_id(), display_name="Korn, Bäckerei")
    van.send(third, Contact(id=new_id(), customer_id=third.id, phones=("+49 341 5550199",)))
    assert third.id in {twin.id for twin in twins.likely(maren, two.first)}
    fourth = Customer(id=new_id(), display_name="Mühle Sonnenau")
    van.send(fourth, Contact(id=new_id(), customer_id=fourth.id, phones=("0341/5550199",)))
    assert [twin.id for twin in twins.likely(maren, fourth)] == [third.id]
    merged(maren, two)
    assert two.second.id not in {twin.id for twin in twins.likely(maren, held(maren, two.first.id))}
