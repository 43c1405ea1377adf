"""The office merges two customers while a technician is at one of them: what the device makes of it, whose hours, which sealed copy."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from techkit.central import office as desk
from techkit.central import posting, review, twins
from techkit.records.assets import Contract, Rate, RateCard
from techkit.records.charges import charges
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer
from techkit.records.visit import WorkState
from tests.scenarios.conftest import Device, text_of
from tests.scenarios.plain import Plain
from tests.scenarios.test_further_merged_away import refused


@pytest.fixture
def ines(device) -> Device:
    return device("TK07", "Ines Okafor", "2026-11-24 08:00")


@pytest.fixture
def kept(ines) -> Plain:
    """The bakery as the office knows it."""
    told = Plain(ines).known(display_name="Bäckerei Krümel", engagement="contract")
    told.rates(hourly=6000)
    return told


@pytest.fixture
def gone(ines, kept) -> Plain:
    """The same bakery, entered once more on site."""
    return Plain(ines).known(display_name="Backerei Krumel GmbH", engagement="contract")


def pools(office, kept: Plain, gone: Plain) -> tuple[str, str]:
    """Give each entry a pool of hours: of the one kept 30 min are left, of the other 2 h; beyond them 48.00 an hour."""
    card = RateCard(
        id=new_id(), name="Care", rates=(Rate(labour="work", hourly_minor=4800, increment_minutes=15),)
    )
    desk.record_as_staff(office.staff, card)
    made = []
    for told, number, used in ((kept, "CTR-1", "9.5"), (gone, "CTR-2", "8")):
        made.append(new_id())
        desk.record_as_staff(
            office.staff,
            Contract(
                id=made[-1], customer_id=told.customer, number=number, starts_on=date(2026, 1, 1),
                ends_on=date(2026, 12, 31), hours_included=Decimal(10), hours_used=Decimal(used), rate_card_id=card.id,
            ),
        )  # fmt: skip
    return made[0], made[1]


def merged(office, kept: Plain, gone: Plain) -> None:
    """Merge both at the office as the page does."""
    revisions = twins.pair(office.staff, "customer", kept.customer, gone.customer).revisions
    twins.merge(office.staff, "customer", kept.customer, gone.customer, revisions)


def used(office, contract_id: str) -> object:
    """Return the hours the office has drawn on a contract."""
    return desk.state_of(office.staff.org_id, contract_id).values["hours_used"]


def test_an_open_visit_goes_over_and_draws_on_the_contract_it_began_with(ines, kept, gone, office):
    """Begun under CTR-2 at 9:00, merged at 9:30, signed at 10:00: the hour is CTR-2's, nothing is charged, CTR-1 is untouched."""
    ines.sync.enrol(office.invitation())
    first, second = pools(office, kept, gone)
    ines.sync.now()
    ines.clock.go_to("2026-11-24 09:00")
    gone.plan(complaint="slow").arrive()
    ines.sync.now()
    rowan = Contact(id=new_id(), customer_id=gone.customer, given_name="Rowan", family_name="Pike")
    ines.store.save(rowan)
    assert gone.visit.need.state.customer_line == "Contract CTR-2 until 31 Dec 2026"
    merged(office, kept, gone)
    ines.clock.go_to("2026-11-24 09:30")
    ines.sync.now()
    gone.visit.reload()
    assert ines.store.get(Customer, gone.customer).merged_into == kept.customer
    assert gone.bundle.visit.customer_id == kept.customer
    assert gone.bundle.visit.work_state is WorkState.ON_SITE
    assert gone.visit.need.state.customer_line == "Contract CTR-2 until 31 Dec 2026"
    assert "Rowan Pike" in {p.name for p in gone.bundle.people}
    ines.clock.go_to("2026-11-24 10:00")
    gone.sign()
    assert [(ln.minutes, ln.amount_minor) for ln in charges(gone.bundle).lines] == [(60, 0)]
    assert "Bäckerei Krümel" in text_of(gone.pdf)
    visit_id = gone.submit()
    ines.sync.now()
    assert refused(ines) == []
    held = office.bundle(visit_id)
    assert held.customer.display_name == "Bäckerei Krümel"
    assert held.valid_signature() is not None
    assert "contract_not_in_force" not in {f.rule for f in flags(held)}
    review.approve(office.staff, visit_id, None)
    posting.post(office.staff, visit_id)
    assert (used(office, first), used(office, second)) == ("9.5", "9")


def test_a_visit_sent_before_stays_and_a_new_one_takes_the_first_contract(ines, kept, gone, office):
    """The visit signed under CTR-2 is booked there after the merge; the next one, begun after it, is CTR-1's with 30 min left."""
    ines.sync.enrol(office.invitation())
    first, second = pools(office, kept, gone)
    ines.sync.now()
    ines.clock.go_to("2026-11-24 09:00")
    gone.plan().arrive()
    ines.clock.go_to("2026-11-24 10:00")
    gone.sign()
    signed = gone.submit()
    ines.sync.now()
    merged(office, kept, gone)
    ines.sync.now()
    review.approve(office.staff, signed, None)
    posting.post(office.staff, signed)
    assert (used(office, first), used(office, second)) == ("9.5", "9")
    ines.clock.go_to("2026-11-25 09:00")
    after = Plain(ines, customer=kept.customer, site=kept.site, contact=kept.contact).plan().arrive()
    assert after.visit.need.state.customer_line == "Contract CTR-1 until 31 Dec 2026"
    ines.clock.go_to("2026-11-25 10:00")
    after.sign()
    assert [(ln.minutes, ln.amount_minor) for ln in charges(after.bundle).lines] == [(30, 0), (30, 2400)]


def test_two_after_all_reaches_the_device(ines, kept, gone, office):
    """Separated at the office: the person and the customer stand on the device as before, nothing is refused."""
    ines.sync.enrol(office.invitation())
    ines.sync.now()
    merged(office, kept, gone)
    ines.sync.now()
    assert ines.store.get(Contact, gone.contact).customer_id == kept.customer
    twins.separate(office.staff, "customer", gone.customer)
    ines.sync.now()
    assert ines.store.get(Contact, gone.contact).customer_id == gone.customer
    assert ines.store.get(Customer, gone.customer).merged_into is None
    assert refused(ines) == []
