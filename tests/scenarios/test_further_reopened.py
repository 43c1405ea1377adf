"""Further stories about visits that are opened again: hours somebody else has used since, a budget that shrank, a late rating."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from techkit.central import posting, review
from techkit.records.assets import Contract
from techkit.records.charges import charges
from techkit.records.identity import new_id
from tests.scenarios.conftest import SIGNATURE, Office, text_of
from tests.scenarios.plain import Plain, plain, priced
from tests.scenarios.test_further_agreements import again


@pytest.fixture
def pool(device, office: Office) -> Plain:
    """2 h a year under contract, 60.00 an hour in quarters beyond them."""
    told = priced(device, "2026-11-02 09:00", engagement="contract")
    told.device.store.save(
        Contract(
            id=new_id(), customer_id=told.customer, number="CTR-1", starts_on=date(2026, 1, 1),
            ends_on=date(2026, 12, 31), hours_included=Decimal(2),
        )
    )  # fmt: skip
    told.device.sync.enrol(office.invitation())
    return told


def worked(story: Plain, day: str, begin: str, end: str) -> Plain:
    """Work from one time to another, have it signed and sent."""
    clock = story.device.clock
    clock.go_to(f"{day} {begin}")
    held = again(story).arrive()
    clock.go_to(f"{day} {end}")
    held.sign().submit()
    return held


def parts(bundle) -> list[tuple[int, int]]:
    return [(line.minutes, line.amount_minor) for line in charges(bundle).lines]


def book(office: Office, *visits: Plain) -> None:
    for held in visits:
        visit_id = held.visit.held.visit_id
        review.approve(office.staff, visit_id, None, note="Seen.")
        posting.post(office.staff, visit_id)


@pytest.mark.parametrize("was_booked", [True, False])
def test_the_first_visit_grows_after_the_second_used_the_hours_up(pool, office, was_booked) -> None:
    """1 h 30 min, then 1 h: the second has 30 min in the contract and 30.00. Then the first turns out to be 2 h long.

    The second customer page stays as it was signed. Of the first, 2 h less the second's 30 min are covered: 1 h 30 min,
    and 30 min are 30.00. Both together are the 2 h there are, whether the first was booked meanwhile and taken back or not.
    """
    store, clock = pool.device.store, pool.device.clock
    first = worked(pool, "2026-11-02", "09:00", "10:30")
    pool.device.sync.now()
    if was_booked:
        book(office, first)
        pool.device.sync.now()
    second = worked(pool, "2026-11-03", "09:00", "10:00")
    pool.device.sync.now()
    assert parts(second.bundle) == [(30, 0), (30, 3000)]
    first_id, second_id = first.visit.held.visit_id, second.visit.held.visit_id
    if was_booked:
        posting.take_back(office.staff, first_id, None, "The end was wrong.")
    review.ask(office.staff, first_id, "Was it 10:30 or 11:00?")
    clock.go_to("2026-11-04 08:00")
    pool.device.sync.now()
    assert parts(office.bundle(second_id)) == [(30, 0), (30, 3000)]
    first.visit = pool.device.open(first_id)
    times = first.visit.times
    (worked_first,) = first.bundle.current_labour()
    times.edit(worked_first.id)
    times.fill("until", "11:00")
    times.save()
    first.visit.go("sign_off")
    first.visit.sign_off.void("The end was wrong.")
    first.visit.sign_off.hand_over()
    first.visit.sign_off.draw(SIGNATURE)
    first.visit.sign_off.agree()
    assert parts(first.bundle) == [(90, 0), (30, 3000)]
    assert "€30.00" in plain(text_of(first.pdf))
    first.submit()
    for query in store.bundle(first_id).queries:
        pool.device.sync.answer(query.id, "It was 11:00.")
    pool.device.sync.now()
    for query in office.bundle(first_id).queries:
        review.settle(office.staff, first_id, query.id)
    book(office, second, first)
    assert parts(office.bundle(first_id)) == [(90, 0), (30, 3000)]
    assert parts(office.bundle(second_id)) == [(30, 0), (30, 3000)]
    assert office.bundle(first_id).contract.hours_used == Decimal(2)
