"""Further stories about budgets at the office: transfers over years, too much, twice, and while a month closes."""

from __future__ import annotations

import pytest

from techkit.central import budgets as office_budgets
from techkit.central import bundles, posting, review
from techkit.errors import CentralError, InputError
from techkit.records.budget import Budget, BudgetChange, CostCentre, newest_revisions, variance
from techkit.records.charges import shares
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.ui.presenters import office_view
from tests.scenarios.plain import Plain


@pytest.fixture
def story(device, office) -> Plain:
    """A visit of an hour on 30 October at 60.00, submitted and sent; its cost centre has no budget yet."""
    ines = device("TK07", "Ines Okafor", "2026-10-30 09:00")
    told = Plain(ines).known()
    told.rates(hourly=6000)
    told.centre = new_id()
    ines.store.save(CostCentre(id=told.centre, customer_id=told.customer, code="LDG-FRONT"))
    told.plan().arrive()
    told.visit.need.set_share(told.centre, "100")
    ines.clock.go_to("2026-10-30 10:00")
    told.sign()
    told.submit()
    ines.sync.enrol(office.invitation())
    return told


def held(office, story) -> dict[str, Budget]:
    found = bundles.load(office.staff.org_id, story.visit.held.visit_id)
    return {b.period: b for b in newest_revisions(found.bundle.budgets)}


def changes(office) -> list[BudgetChange]:
    from techkit.central.models import Record

    return list(bundles.decoded(Record.objects.filter(org_id=office.staff.org_id, entity="budget_change")))


def test_a_transfer_between_years_moves_and_loses_nothing(office, story):
    """What is left of 2026 is carried into 2027: the sum stays, both name the reason, the device sees both figures."""
    this = office_budgets.approve(office.staff, story.centre, "2026", 480_000)
    following = office_budgets.approve(office.staff, story.centre, "2027", 100_000)
    office_budgets.transfer(office.staff, this, following, 30_000, "Carried over, agreed with S. Arslan")
    now = held(office, story)
    assert {p: b.approved_minor for p, b in now.items()} == {"2026": 450_000, "2027": 130_000}
    assert {p: b.original_minor for p, b in now.items()} == {"2026": 480_000, "2027": 100_000}
    (change,) = changes(office)
    assert (change.amount_minor, change.reason) == (30_000, "Carried over, agreed with S. Arslan")
    story.device.sync.now()
    (share,) = shares(story.bundle)
    assert share.budget.period == "2026"
    assert share.after.approved_minor == 450_000


def test_more_than_is_left_is_not_transferred(office, story):
    """Spent and promised money cannot be given away; refused with a sentence, nothing moves."""
    one = office_budgets.approve(office.staff, story.centre, "2026", 50_000)
    other = office_budgets.approve(office.staff, story.centre, "2027", 0)
    office_budgets.commit(office.staff, one, "A printer was promised", 10_000)
    before = held(office, story)
    for amount in (40_001, 10**14, 0, -5):
        with pytest.raises(InputError) as refused:
            office_budgets.transfer(office.staff, one, other, amount, "Too much")
        assert refused.value.safe == "Nothing was changed."
        assert held(office, story) == before, amount
        assert changes(office) == []
    office_budgets.transfer(office.staff, one, other, 40_000, "All that is left")
    assert variance(held(office, story)["2026"]).available_minor == 0


def test_a_transfer_of_what_was_revised_meanwhile(office, story):
    """Two people at once: who comes second looks again; one transfer happened, not two."""
    one = office_budgets.approve(office.staff, story.centre, "2026", 50_000)
    other = office_budgets.approve(office.staff, story.centre, "2027", 0)
    office_budgets.transfer(office.staff, one, other, 20_000, "First")
    with pytest.raises(CentralError) as refused:
        office_budgets.transfer(office.staff, one, other, 20_000, "Second, on the page as it was")
    assert refused.value.status == 409
    assert {p: b.approved_minor for p, b in held(office, story).items()} == {"2026": 30_000, "2027": 20_000}


def test_a_transfer_while_the_month_closes(office, story):
    """A closed month's budget stands as it was closed: nothing is moved out of it or into it, nor revised."""
    october = office_budgets.approve(office.staff, story.centre, "2026-10", 50_000)
    november = office_budgets.approve(office.staff, story.centre, "2026-11", 50_000)
    posting.close_month(office.staff, "2026-10")
    before = held(office, story)
    for source, target in ((october, november), (november, october)):
        with pytest.raises(CentralError) as refused:
            office_budgets.transfer(office.staff, source, target, 10_000, "Late")
        assert refused.value.status == 409
        assert "October 2026" in refused.value.title
    with pytest.raises(CentralError):
        office_budgets.revise(office.staff, october, 60_000, "Late")
    assert held(office, story) == before
    posting.reopen_month(office.staff, "2026-10", "A transfer was forgotten")
    office_budgets.transfer(office.staff, october, november, 10_000, "In time now")
    assert held(office, story)["2026-10"].approved_minor == 40_000


def test_booked_in_the_month_that_is_open(office, story):
    """October closed before the visit was booked: it counts in November, and taking it back counts there too."""
    october = office_budgets.approve(office.staff, story.centre, "2026-10", 50_000)
    office_budgets.approve(office.staff, story.centre, "2026-11", 50_000)
    visit_id = story.visit.held.visit_id
    review.approve(office.staff, visit_id, None)
    posting.close_month(office.staff, "2026-10")
    posting.post(office.staff, visit_id)
    assert {p: b.actual_minor for p, b in held(office, story).items()} == {"2026-10": 0, "2026-11": 6000}
    posting.take_back(office.staff, visit_id, None, "Booked on the wrong visit.")
    assert {p: b.actual_minor for p, b in held(office, story).items()} == {"2026-10": 0, "2026-11": 0}
    assert held(office, story)["2026-10"].id == october


def test_a_transfer_after_the_customer_saw_the_figures(office, story):
    """The device reckons with what it knows; once it hears of the transfer it warns, before the next signature."""
    one = office_budgets.approve(office.staff, story.centre, "2026", 10_000)
    other = office_budgets.approve(office.staff, story.centre, "2027", 0)
    story.device.sync.now()
    following = Plain(story.device, customer=story.customer, site=story.site, contact=story.contact)
    following.plan().arrive()
    following.visit.need.set_share(story.centre, "100")
    story.device.clock.go_to("2026-10-30 11:00")
    assert not [f for f in flags(following.bundle) if f.rule == "budget_warn"]
    office_budgets.transfer(office.staff, one, other, 5000, "Needed next year")
    story.device.sync.now()
    following.visit.reload()
    following.hand_over()
    (row,) = following.visit.sign_off.state.money.budgets
    assert row.standing == "warn"
    assert "overdrawn by €70.00" in row.sentence
    assert "€60.00 of other visits" in row.sentence
    (flag,) = [f for f in office_view.flags_of(following.visit.held) if f.rule == "budget_warn"]
    assert flag.sentence.startswith("The budget of LDG-FRONT would be overdrawn by €70.00.")
