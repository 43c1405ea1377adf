"""Further stories about merges and the wire: a visit that was sent before its customer was merged, here or on another device."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from techkit.central import budgets as office_budgets
from techkit.central import ledger, posting, review, unbooked
from techkit.central import office as desk
from techkit.records.assets import Contract, Rate, RateCard
from techkit.records.charges import charges, shares
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer
from techkit.records.success import FollowUp
from techkit.records.visit import WorkState
from techkit.ui.presenters import twins
from tests.scenarios.conftest import Device, text_of
from tests.scenarios.plain import Plain


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
    return Plain(ines).known(display_name="Backerei Krumel GmbH")


def merge(ines: Device, kept: Plain, gone: Plain) -> None:
    twins.merge(ines.store, ines.store.get(Customer, kept.customer), gone.customer, "")


def refused(device: Device) -> list[object]:
    return device.store.connection.all("SELECT * FROM _refused")


def test_a_visit_that_was_sent_and_then_merged_reaches_the_office_whole(ines, kept, gone, office):
    """Begun, sent at 9:00, merged at 9:10, a promise and the signature at 10:00: 60.00 and 7.20 are booked, nothing is refused."""
    ines.sync.enrol(office.invitation())
    ines.clock.go_to("2026-11-24 09:00")
    gone.plan(complaint="slow").arrive()
    ines.sync.now()
    ines.clock.go_to("2026-11-24 09:10")
    merge(ines, kept, gone)
    gone.visit.reload()
    gone.use("Cable", "7.20")
    gone.visit.follow_ups.fill("text", "Call about the till")
    gone.visit.follow_ups.add_own()
    ines.clock.go_to("2026-11-24 10:00")
    gone.sign()
    visit_id = gone.submit()
    ines.sync.now()
    assert refused(ines) == []
    held = office.bundle(visit_id)
    assert held.customer.display_name == "Bäckerei Krümel"
    assert [p.text for p in held.follow_ups] == ["Call about the till"]
    assert held.valid_signature() is not None
    assert flags(held) == ()
    review.approve(office.staff, visit_id, None)
    done = posting.post(office.staff, visit_id)
    assert [e.amount_minor for e in done.entries] == [6000, 720]
    ines.sync.now()
    assert len(ines.store.bundle(visit_id).cost_entries) == 2


def test_a_promise_of_a_closed_visit_that_was_not_sent_yet(ines, kept, gone, office):
    """The visit is signed and sent, the promise is written without a network, then both are merged: the promise arrives too."""
    ines.sync.enrol(office.invitation())
    ines.clock.go_to("2026-11-24 09:00")
    gone.plan().arrive()
    gone.sign()
    visit_id = gone.submit()
    ines.sync.now()
    promise = FollowUp(id=new_id(), customer_id=gone.customer, visit_id=visit_id, text="Call about the till")
    ines.store.save(promise)
    merge(ines, kept, gone)
    ines.sync.now()
    assert refused(ines) == []
    (arrived,) = office.bundle(visit_id).follow_ups
    assert (arrived.id, arrived.customer_id) == (promise.id, kept.customer)


def test_merged_by_somebody_else_while_the_visit_is_open(ines, kept, gone, office, device):
    """Pavel is at the bakery's second entry when Ines merges it: from his sync on it is the contract's visit.

    The pool has 30 min left, the rest costs 48.00 an hour instead of 60.00: of the hour 30 min are charged, 24.00, and 7.20.
    A person he entered without a network goes over too.
    """
    ines.sync.enrol(office.invitation())
    card = RateCard(
        id=new_id(), name="Care", rates=(Rate(labour="work", hourly_minor=4800, increment_minutes=15),)
    )
    desk.record_as_staff(office.staff, card)
    desk.record_as_staff(
        office.staff,
        Contract(
            id=new_id(), customer_id=kept.customer, number="CTR-1", starts_on=date(2026, 1, 1),
            ends_on=date(2026, 12, 31), hours_included=Decimal(10), hours_used=Decimal("9.5"), rate_card_id=card.id,
        ),
    )  # fmt: skip
    pavel = device("TK11", "Pavel Novotny", "2026-11-24 08:00")
    default = RateCard(
        id=new_id(), name="All", is_default=True, rates=(Rate(labour="work", hourly_minor=6000),)
    )
    pavel.store.save(default)
    pavel.sync.enrol(office.invitation())
    for customer in (kept.customer, gone.customer):
        office.share_customer(pavel, customer)
    pavel.sync.now()
    pavel.clock.go_to("2026-11-24 09:00")
    his = Plain(pavel, customer=gone.customer, site=gone.site, contact=gone.contact).plan().arrive()
    his.use("Cable", "7.20")
    rowan = Contact(id=new_id(), customer_id=gone.customer, given_name="Rowan", family_name="Pike")
    pavel.store.save(rowan)
    assert his.visit.need.state.customer_line == "One-time"
    merge(ines, kept, gone)
    ines.sync.now()
    pavel.clock.go_to("2026-11-24 09:30")
    pavel.sync.now()
    his.visit.reload()
    assert his.bundle.visit.work_state is WorkState.ON_SITE
    assert his.visit.need.state.customer_line == "Contract CTR-1 until 31 Dec 2026"
    assert "Rowan Pike" in {p.name for p in his.bundle.people}
    pavel.clock.go_to("2026-11-24 10:00")
    his.sign()
    lines = [(ln.minutes, ln.amount_minor) for ln in charges(his.bundle).lines]
    assert lines == [(30, 0), (30, 2400), (0, 720)]
    text = text_of(his.pdf)
    assert "Bäckerei Krümel" in text
    assert "€31.20" in text
    visit_id = his.submit()
    pavel.sync.now()
    ines.sync.now()
    assert refused(pavel) == refused(ines) == []
    assert ines.store.get(Contact, rowan.id).customer_id == kept.customer
    held = office.bundle(visit_id)
    assert (held.customer.display_name, charges(held).total_minor) == ("Bäckerei Krümel", 3120)
    assert flags(held) == ()


def test_merged_here_in_mid_visit_the_contract_of_the_one_that_stays_counts(ines, kept, gone):
    """Merged on site at 9:30: the hour is the contract's, as the step before the work says and the page does."""
    contract = Contract(
        id=new_id(), customer_id=kept.customer, number="CTR-1", starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31), hours_included=Decimal(10),
    )  # fmt: skip
    ines.store.save(contract)
    ines.clock.go_to("2026-11-24 09:00")
    gone.plan().arrive()
    ines.clock.go_to("2026-11-24 09:30")
    merge(ines, kept, gone)
    gone.visit.reload()
    assert gone.visit.need.state.customer_line == "Contract CTR-1 until 31 Dec 2026"
    ines.clock.go_to("2026-11-24 10:00")
    gone.sign()
    assert gone.bundle.visit.contract_id == contract.id
    assert [(ln.minutes, ln.amount_minor) for ln in charges(gone.bundle).lines] == [(60, 0)]
    assert "€0.00" in text_of(gone.pdf)


def test_what_the_office_writes_for_the_entry_that_goes(ines, kept, gone, office):
    """While the merge waits on the device the office gives the second entry a contract, a cost centre and a budget: the bakery has them.

    The pool of 10 h has 30 min left; of the hour on site 30.00 are charged, borne by TILLS: 470.00 of 500.00 are left, on site,
    at the office and booked.
    """
    ines.sync.enrol(office.invitation())
    merge(ines, kept, gone)
    desk.record_as_staff(
        office.staff,
        Contract(
            id=new_id(), customer_id=gone.customer, number="CTR-9", starts_on=date(2026, 1, 1),
            ends_on=date(2026, 12, 31), hours_included=Decimal(10), hours_used=Decimal("9.5"),
        ),
    )  # fmt: skip
    centre = office_budgets.add_centre(office.staff, gone.customer, "TILLS", "Tills")
    budget = office_budgets.approve(office.staff, centre, "2026", 50_000)
    ines.sync.now()
    ines.clock.go_to("2026-11-24 09:00")
    kept.plan().arrive()
    assert kept.visit.need.state.customer_line == "Contract CTR-9 until 31 Dec 2026"
    kept.visit.need.set_share(centre, "100")
    ines.clock.go_to("2026-11-24 10:00")
    kept.sign()
    (row,) = kept.visit.sign_off.state.money.budgets
    assert "€470.00 left" in row.sentence.replace("\u00a0", " ")
    visit_id = kept.submit()
    # The next visit finds nothing left of the pool, and the first one's 30.00 counted in.
    ines.clock.go_to("2026-11-24 11:00")
    following = Plain(ines, customer=kept.customer, site=kept.site, contact=kept.contact).plan().arrive()
    following.visit.need.set_share(centre, "100")
    ines.clock.go_to("2026-11-24 12:00")
    following.hand_over()
    (row,) = following.visit.sign_off.state.money.budgets
    assert "€410.00 left" in row.sentence.replace("\u00a0", " ")
    ines.sync.now()
    office.row(visit_id)
    assert flags(office.bundle(visit_id)) == ()
    parts = shares(office.bundle(visit_id))
    assert unbooked.waiting(office.staff.org_id, office.bundle(visit_id), parts).amounts == {budget: 6000}
    review.approve(office.staff, visit_id, None)
    done = posting.post(office.staff, visit_id)
    assert [(e.minutes, e.amount_minor) for e in done.entries] == [(30, 0), (30, 3000)]
    page = ledger.ledger(office.staff, budget)
    assert (page.booked_minor, page.brought_forward_minor) == (3000, 0)
