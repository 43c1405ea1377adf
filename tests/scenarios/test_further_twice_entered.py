"""A customer two technicians entered, served and signed for twice; then they are one: money, hours, promises, computers, papers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from techkit.records.assets import Asset, Contract
from techkit.records.charges import charges
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer
from techkit.records.success import FollowUp
from techkit.records.visit import Visit
from techkit.ui.presenters import twins
from techkit.ui.presenters.visit_page import page
from tests.scenarios.conftest import text_of
from tests.scenarios.plain import Plain

SERIAL = "PF3ABC12"


@pytest.fixture
def both(device, office) -> tuple[Plain, Plain, str, str]:
    """Ines serves the customer with the contract, Pavel the same one entered anew; both signed, sent and known to both.

    Pool of 1.5 h at 60.00: Ines works 1 h (0.00) and leaves a cable (7.20), 30 min stay. Pavel works 1 h (60.00) and
    leaves an adapter (12.00), without a contract.
    """
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    pavel = device("TK11", "Pavel Novotny", "2026-11-24 13:00")
    first, second = Plain(ines).known(), Plain(pavel).known(display_name="Larkspur Dental Grp")
    card = first.rates(hourly=6000)
    second.rates(hourly=6000)
    ines.store.save(
        Contract(
            id=new_id(), customer_id=first.customer, number="CTR-1", starts_on=date(2026, 1, 1),
            ends_on=date(2026, 12, 31), hours_included=Decimal("1.5"), rate_card_id=card,
        )
    )  # fmt: skip
    ids = []
    for story, end, part, price, promise in (
        (first, "2026-11-24 10:00", "Cable", "7.20", "Bring a longer cable"),
        (second, "2026-11-24 14:00", "Adapter", "12.00", "Look at the scanner"),
    ):
        story.device.store.save(
            Asset(id=new_id(), customer_id=story.customer, site_id=story.site, name=part, serial=SERIAL)
        )
        story.plan().arrive()
        story.device.clock.go_to(end)
        story.use(part, price)
        story.visit.go("follow_ups")
        story.visit.follow_ups.fill("text", promise)
        story.visit.follow_ups.add_own()
        ids.append(story.sign().submit())
    for each in (ines, pavel):
        each.sync.enrol(office.invitation())
    for each in (ines, pavel):
        for story in (first, second):
            office.share_customer(each, story.customer)
        each.sync.now()
    ines.sync.now()
    return first, second, ids[0], ids[1]


def test_two_papers_stay_two_papers(both, office):
    """Merged, sent, read on both devices: each page says the name and the sum its customer signed, on site and at the office."""
    first, second, of_ines, of_pavel = both
    ines, pavel = first.device, second.device
    assert (charges(first.bundle).total_minor, charges(second.bundle).total_minor) == (720, 7200)
    papers = first.pdf, second.pdf
    twins.merge(ines.store, ines.store.get(Customer, first.customer), second.customer, "Ines Okafor")
    for each in (ines, pavel, ines):
        each.sync.now()
    for visit_id, name, total in (
        (of_ines, "Larkspur Dental Group", "€7.20"),
        (of_pavel, "Larkspur Dental Grp", "€72.00"),
    ):
        for bundle in (*(d.store.bundle(visit_id) for d in (ines, pavel)), office.bundle(visit_id)):
            document, seal = page(bundle)
            assert document.total == total
            assert document.content_hash == bundle.valid_signature().content_hash
            assert seal.strokes
            assert [name in line for fact in document.facts for line in fact.lines].count(True) == 1
    assert "Larkspur Dental Grp" in text_of(papers[1])
    again = pavel.open(of_pavel)
    again.go("sign_off")
    assert again.sign_off.state.pdf == papers[1]


def test_a_closed_visit_keeps_all_that_was_part_of_it(both, office):
    """Its person, computer, promise and advice go over to the one customer, and are part of the closed visit as before."""
    first, second, _of_ines, of_pavel = both
    ines = first.device
    before = ines.store.bundle(of_pavel)
    twins.merge(ines.store, ines.store.get(Customer, first.customer), second.customer, "Ines Okafor")
    ines.sync.now()
    for after in (ines.store.bundle(of_pavel), office.bundle(of_pavel)):
        assert after.contact.name == before.contact.name
        assert after.site.town == before.site.town
        assert [f.text for f in after.follow_ups] == ["Look at the scanner"]
        assert [a.id for a in after.assets] == [a.id for a in before.assets]
    assert charges(ines.store.bundle(of_pavel)) == charges(before)


def test_the_next_visit_knows_all_of_both(both):
    """Half an hour of the pool is left and no more; both promises, both visits, both people and computers are there."""
    first, second, of_ines, of_pavel = both
    ines = first.device
    twins.merge(ines.store, ines.store.get(Customer, first.customer), second.customer, "Ines Okafor")
    ines.clock.go_to("2026-11-25 09:00")
    third = Plain(ines, customer=first.customer, site=first.site, contact=first.contact).plan().arrive()
    assert {v.id for v in third.visit.held.known.earlier_visits} == {of_ines, of_pavel}
    promised = {row.title for row in third.visit.follow_ups.state.planned}
    assert {"Bring a longer cable", "Look at the scanner"} <= promised
    assert {a.name for a in third.visit.held.known.assets} == {"Cable", "Adapter"}
    assert len(ines.store.find(Contact, customer_id=first.customer)) == 2
    ines.clock.go_to("2026-11-25 10:00")
    third.sign()
    reckoned = charges(third.bundle)
    assert [(line.minutes, line.amount_minor) for line in reckoned.lines] == [(30, 0), (30, 3000)]
    assert reckoned.contract_minutes_left == 0


def test_a_promise_of_the_other_entry_is_kept_late(both, office):
    """Three weeks overdue, kept on the merged customer's visit after signing: nobody is asked to sign again, the office knows."""
    first, second, _of_ines, of_pavel = both
    ines = first.device
    twins.merge(ines.store, ines.store.get(Customer, first.customer), second.customer, "Ines Okafor")
    ines.clock.go_to("2026-12-22 09:00")
    third = Plain(ines, customer=first.customer, site=first.site, contact=first.contact).plan().arrive()
    ines.clock.go_to("2026-12-22 10:00")
    third.sign()
    late = {row.title: row.id for row in third.visit.follow_ups.state.overdue}
    third.visit.follow_ups.settle(late["Look at the scanner"], "done", "It scans again")
    assert third.bundle.visit.revision == 1
    assert third.bundle.valid_signature() is not None
    third.submit()
    ines.sync.now()
    (told,) = office.bundle(of_pavel).follow_ups
    assert (told.state, told.outcome_note) == ("done", "It scans again")
    kept = ines.store.get(FollowUp, late["Look at the scanner"])
    assert (kept.customer_id, kept.state, kept.outcome_note) == (first.customer, "done", "It scans again")


def test_the_computer_entered_twice_is_offered_as_one(both):
    """The same serial number on both entries: after the merge the two are told as twins, and merged once they are looked at."""
    first, second, _of_ines, of_pavel = both
    ines = first.device
    twins.merge(ines.store, ines.store.get(Customer, first.customer), second.customer, "Ines Okafor")
    one, other = ines.store.find(Asset, customer_id=first.customer)
    assert (one.serial, other.serial) == (SERIAL, SERIAL)
    twins.merge(ines.store, one, other.id, "Ines Okafor")
    assert ines.store.get(Asset, other.id).merged_into == one.id
    assert ines.store.get(Visit, of_pavel).customer_id == second.customer
