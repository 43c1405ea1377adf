"""Further stories about corrections at the office: budgets made after the booking, a contract ended since, all taken back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from techkit.central import budgets as office_budgets
from techkit.central import bundles, ledger, posting, review
from techkit.central import office as desk
from techkit.errors import CentralError, InputError
from techkit.records.assets import Contract
from techkit.records.budget import Budget, CostCentre, newest_revisions
from techkit.records.identity import new_id
from tests.scenarios.plain import Plain


@pytest.fixture
def booked(device, office) -> Plain:
    """An hour on 30 October at 60.00 under a contract of 10 h with 9 h 30 min used, borne by FRONT: 30.00 are booked, no budget yet."""
    ines = device("TK07", "Ines Okafor", "2026-10-30 09:00")
    told = Plain(ines).known(engagement="contract")
    told.rates(hourly=6000)
    told.centre, told.contract = new_id(), new_id()
    ines.store.save(
        CostCentre(id=told.centre, customer_id=told.customer, code="LDG-FRONT"),
        Contract(
            id=told.contract, customer_id=told.customer, number="CTR-1", starts_on=date(2026, 1, 1),
            ends_on=date(2026, 12, 31), hours_included=Decimal(10), hours_used=Decimal("9.5"),
        ),
    )  # fmt: skip
    told.plan().arrive()
    told.visit.need.set_share(told.centre, "100")
    ines.clock.go_to("2026-10-30 10:00")
    told.sign()
    visit_id = told.submit()
    ines.sync.enrol(office.invitation())
    review.approve(office.staff, visit_id, None)
    posting.post(office.staff, visit_id)
    return told


def spent(office, story) -> dict[str, int]:
    """What each budget has spent by its period; its page shows the same rows, and nothing brought forward."""
    found = bundles.load(office.staff.org_id, story.visit.held.visit_id)
    held = {b.period: b for b in newest_revisions(found.bundle.budgets)}
    for budget in held.values():
        page = ledger.ledger(office.staff, budget.id)
        assert (page.booked_minor, page.brought_forward_minor) == (budget.actual_minor, 0), budget.period
    return {period: b.actual_minor for period, b in held.items()}


def hours_used(office, story) -> Decimal:
    return office.bundle(story.visit.held.visit_id).contract.hours_used


def test_a_budget_approved_after_the_booking_knows_what_was_spent(office, booked):
    """30.00 were booked before 2026 had a budget: it begins with them; October's, approved later still, takes them over; back is back."""
    year = office_budgets.approve(office.staff, booked.centre, "2026", 50_000)
    assert spent(office, booked) == {"2026": 3000}
    office_budgets.revise(office.staff, year, 40_000, "Less is needed")
    office_budgets.approve(office.staff, booked.centre, "2026-10", 20_000)
    assert spent(office, booked) == {"2026": 0, "2026-10": 3000}
    office_budgets.approve(office.staff, booked.centre, "2026-11", 20_000)
    visit_id = booked.visit.held.visit_id
    posting.take_back(office.staff, visit_id, None, "Booked on the wrong visit.")
    assert spent(office, booked) == {"2026": 0, "2026-10": 0, "2026-11": 0}
    review.approve(office.staff, visit_id, None)
    posting.post(office.staff, visit_id)
    assert spent(office, booked) == {"2026": 0, "2026-10": 3000, "2026-11": 0}
    booked.device.sync.now()
    told = {b.period: b.actual_minor for b in newest_revisions(booked.device.store.find(Budget))}
    assert told == {"2026": 0, "2026-10": 3000, "2026-11": 0}


def test_the_year_is_approved_after_one_of_its_months(office, booked):
    """October keeps its 30.00; the year's budget is for the months without one of their own."""
    office_budgets.approve(office.staff, booked.centre, "2026-10", 20_000)
    office_budgets.approve(office.staff, booked.centre, "2026", 50_000)
    assert spent(office, booked) == {"2026-10": 3000, "2026": 0}


def test_a_budget_that_could_take_nothing_over_is_refused(office, booked):
    """In another currency nobody could book on it or take back, for a closed month nothing may move: nothing does."""
    office_budgets.approve(office.staff, booked.centre, "2026", 50_000)
    with pytest.raises(InputError) as refused:
        office_budgets.approve(office.staff, booked.centre, "2026-10", 20_000, currency="CHF")
    assert refused.value.field == "currency"
    assert refused.value.title == "Costs of this period are booked in EUR already."
    posting.close_month(office.staff, "2026-10")
    with pytest.raises(CentralError) as closed:
        office_budgets.approve(office.staff, booked.centre, "2026-10", 20_000)
    assert closed.value.status == 409
    assert spent(office, booked) == {"2026": 3000}


def test_hours_come_back_though_the_contract_was_ended_since(office, booked):
    """9.5 h and the half hour make 10; ended on 15 October by hindsight and taken back: 9.5 h again, and the hour is 60.00."""
    assert hours_used(office, booked) == Decimal(10)
    desk.change_as_staff(office.staff, "contract", booked.contract, {"ends_on": "2026-10-15"})
    visit_id = booked.visit.held.visit_id
    posting.take_back(office.staff, visit_id, None, "The contract had ended.")
    assert hours_used(office, booked) == Decimal("9.5")
    review.approve(office.staff, visit_id, None, note="Charged.")
    done = posting.post(office.staff, visit_id)
    assert [(e.minutes, e.amount_minor, e.is_billable) for e in done.entries] == [(60, 6000, True)]
    assert hours_used(office, booked) == Decimal("9.5")
