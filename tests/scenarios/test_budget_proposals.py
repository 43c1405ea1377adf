"""A technician proposes about a budget without a network; the office decides; the answer comes back."""

from __future__ import annotations

import pytest

from techkit.central import budgets as office_budgets
from techkit.central import posting, proposals, review
from techkit.central.models import AuditEvent
from techkit.errors import CentralError, InputError
from techkit.records.budget import Budget, Commitment, newest_revisions
from techkit.records.proposals import BudgetProposal
from techkit.ui.presenters.budgets import Budgets
from techkit.ui.presenters.customer import CustomerPlace
from techkit.ui.presenters.sight import Sight
from tests.scenarios.test_further_budgets import held, story

__all__ = ["story"]

FREE = 480_000


@pytest.fixture
def budget_page(story, office):
    """The budgets on the device: 2026 and 2027, both of LDG-FRONT, as the last sync brought them."""
    office_budgets.approve(office.staff, story.centre, "2026", FREE, control="stop")
    office_budgets.approve(office.staff, story.centre, "2027", 100_000)
    story.device.sync.now()
    page = Budgets(story.device.around, Sight(sees_all=True), lambda _id: None)
    yield page
    page.close()


def line(page: Budgets, period: str = "2026"):
    return next(one for one in page.state.budgets if period in one.title)


def ask(page: Budgets, kind: str, amount: str, reason: str = "A second desk.", to: str = "") -> str:
    """Fill the form as the technician does; return what is wrong with it, "" when it is kept."""
    page.propose(line(page).id)
    page.fill("kind", kind)
    page.fill("amount_minor", amount)
    page.fill("reason", reason)
    if to:
        page.fill("to_budget_id", to)
    page.save()
    error = page.state.form.error if page.state.form else ""
    page.cancel()
    return error


def waiting(office) -> str:
    (one,) = [a for a in proposals.asked(office.staff) if a.answer is None]
    return one.proposal.id


def test_proposed_without_a_network_and_answered_by_the_office(story, office, budget_page):
    """It waits on the device; accepted or declined, it comes back with the office's word, and is decided once."""
    for kind, amount in (("raise", "500"), ("promise", "120.50"), ("lower", "1")):
        assert ask(budget_page, kind, amount, f"Because of {kind}.") == ""
    assert (line(budget_page).proposed[0].title, line(budget_page).proposed[0].word) == (
        "Approve €500.00 more for LDG-FRONT · 2026", "Waits for the office",
    )  # fmt: skip
    assert budget_page.state.line.endswith("3 proposals wait for the office")
    assert proposals.asked(office.staff) == []
    story.device.sync.now()
    first, second, third = [a.proposal.id for a in proposals.asked(office.staff)]
    proposals.accept(office.staff, first, "Agreed with S. Arslan.")
    proposals.accept(office.staff, second)
    proposals.decline(office.staff, third, "It is needed in December.")
    story.device.sync.now()
    budget_page.refresh()
    shown = line(budget_page)
    assert shown.left_line.startswith("€5,179.50 of €5,300.00 left")
    assert [(one.word, one.line.split(" · ")[0]) for one in shown.proposed] == [
        ("Not done", "It is needed in December."),
        ("Accepted", office.staff.shown_name),
        ("Accepted", "Agreed with S. Arslan."),
    ]
    assert any("Revised by €500.00: Because of raise." in told for told in shown.history)
    (promised,) = story.device.store.find(Commitment)
    assert (promised.amount_minor, promised.reason) == (12_050, "Because of promise.")
    for again in (first, third):
        with pytest.raises(CentralError) as refused:
            proposals.accept(office.staff, again)
        assert refused.value.status == 409
    assert AuditEvent.objects.filter(action="budget.accept").count() == 2


def test_a_transfer_moves_between_what_holds_now(story, office, budget_page):
    """Two devices' words and the office's own revision all hold: a proposal adds to what is there when it is accepted."""
    target = line(budget_page, "2027").id
    assert ask(budget_page, "transfer", "300", to=target) == ""
    assert ask(budget_page, "raise", "100") == ""
    story.device.sync.now()
    office_budgets.revise(office.staff, line(budget_page).id, 600_000, "Decided in the meantime.")
    for one in proposals.asked(office.staff):
        proposals.accept(office.staff, one.proposal.id)
    now = {period: budget.approved_minor for period, budget in held(office, story).items()}
    assert now == {"2026": 580_000, "2027": 130_000}
    story.device.sync.now()
    budget_page.refresh()
    assert {one.title.split(" · ")[1]: one.proposed[0].word for one in budget_page.state.budgets} == {
        "2026": "Accepted", "2027": "Accepted",
    }  # fmt: skip


REFUSED = (
    ("raise", "0", "x", "That amount cannot be."),
    ("raise", "-5", "x", "That amount cannot be."),
    ("raise", "lots", "x", "is not a number"),
    ("raise", "5.001", "x", "is finer than EUR has coins"),
    ("raise", "99999999999999", "x", "larger than techkit can keep"),
    ("raise", "5", " ", "is still empty."),
    ("lower", "4,800.01", "x", "That is more than this budget has available. Nothing was proposed. €4,800.00 is available."),
    ("promise", "4,800.01", "x", "That is more than this budget has available."),
    ("transfer", "5", "x", "Choose another budget of the same customer.", "nowhere"),
)  # fmt: skip


def test_what_cannot_be_is_refused_on_the_spot(story, budget_page):
    """Said at its field, with no network needed; nothing is kept of it."""
    for kind, amount, reason, sentence, *to in REFUSED:
        told = ask(budget_page, kind, amount, reason, *to)
        assert sentence in told.replace("\u00a0", " "), told
    foreign = Budget(id="francs", customer_id=story.customer, period="2028", currency="CHF")
    story.device.store.save(foreign)
    budget_page.refresh()
    assert "francs" not in line(budget_page).targets
    assert "kept in different currencies" in ask(budget_page, "transfer", "5", to="francs")
    assert story.device.store.find(BudgetProposal) == []


def test_what_is_asked_for_already_is_not_there_twice(story, budget_page):
    """Two proposals cannot ask for the same money; taken back, it is free again."""
    assert ask(budget_page, "promise", "4,000") == ""
    assert "€4,000.00 of it is asked for already" in ask(budget_page, "promise", "800.01")
    (one,) = line(budget_page).proposed
    budget_page.take_back(one.id)
    assert line(budget_page).proposed == ()
    assert ask(budget_page, "promise", "4,800") == ""
    budget_page.undo()
    assert line(budget_page).proposed == ()


def test_a_closed_month_stands_and_the_device_knows(story, office, budget_page):
    """Closed, its budget offers no proposal and takes no money; one made before is told to be impossible, not lost."""
    october = office_budgets.approve(office.staff, story.centre, "2026-10", 50_000)
    story.device.sync.now()
    budget_page.refresh()
    assert ask(budget_page, "transfer", "300", to=october) == ""
    review.approve(office.staff, story.visit.held.visit_id, None)
    posting.close_month(office.staff, "2026-10")
    story.device.sync.now()
    (one,) = proposals.asked(office.staff)
    assert "October 2026 is closed" in one.problem
    with pytest.raises(InputError):
        proposals.accept(office.staff, one.proposal.id)
    assert held(office, story)["2026-10"].approved_minor == 50_000
    budget_page.refresh()
    assert line(budget_page, "2026-10").closed_line
    assert october not in line(budget_page).targets
    assert "October 2026 is closed" in ask(budget_page, "transfer", "300", to=october)
    posting.reopen_month(office.staff, "2026-10", "Forgotten transfer.")
    proposals.accept(office.staff, one.proposal.id)
    assert held(office, story)["2026-10"].approved_minor == 80_000


def test_taken_back_and_answered_at_once(story, office, budget_page):
    """Who answers first wins on both sides: the acceptance stands though the device took it back meanwhile."""
    assert ask(budget_page, "raise", "500") == ""
    story.device.sync.now()
    proposal = waiting(office)
    budget_page.take_back(proposal)
    proposals.accept(office.staff, proposal)
    story.device.sync.now()
    assert held(office, story)["2026"].approved_minor == 530_000
    assert newest_revisions(story.device.store.find(Budget, period="2026"))[0].approved_minor == 530_000
    assert ask(budget_page, "raise", "100") == ""
    story.device.sync.now()
    proposal = waiting(office)
    proposals.decline(office.staff, proposal, "Not this year.")
    story.device.sync.now()
    budget_page.take_back(proposal)
    assert "answered this proposal already" in budget_page.state.error
    assert ask(budget_page, "raise", "1") == ""
    budget_page.take_back(line(budget_page).proposed[0].id)
    story.device.sync.now()
    assert [a for a in proposals.asked(office.staff) if a.answer is None] == []


def test_reviewers_read_proposals_and_decide_none(story, office, budget_page):
    """Deciding is finance's; another organisation finds none of it."""
    from techkit.central import accounts
    from techkit.central.models import Org, Role

    assert ask(budget_page, "raise", "500") == ""
    story.device.sync.now()
    proposal = waiting(office)
    words = "correct horse battery staple"
    reviewer = accounts.make_staff(office.staff.org, "rita", words, role=Role.REVIEWER)
    stranger = accounts.make_staff(Org.objects.create(name="Elsewhere"), "sam", words, role=Role.FINANCE)
    assert [a.proposal.id for a in proposals.asked(reviewer)] == [proposal]
    assert proposals.asked(stranger) == []
    for person, status in ((reviewer, 403), (stranger, 404)):
        with pytest.raises(CentralError) as refused:
            proposals.accept(person, proposal)
        assert refused.value.status == status


def test_proposed_from_the_customers_page_too(story, budget_page):
    """The card on the customer's page has the same form; on a customer's computer neither shows money."""
    nothing = lambda *_: None  # noqa: E731 - five doors nobody goes through
    sight = Sight(sees_all=True)
    place = CustomerPlace(
        story.device.around, sight, story.customer,
        on_visit=nothing, on_computer=nothing, on_customer=nothing, on_list=nothing, on_new=nothing,
    )  # fmt: skip
    place.propose(place.state.budgets[0].id)
    assert [field.name for field in place.state.form.fields] == ["kind", "amount_minor", "reason"]
    place.fill("kind", "transfer")
    assert "to_budget_id" in [field.name for field in place.state.form.fields]
    place.fill("kind", "raise")
    place.fill("amount_minor", "75")
    place.fill("reason", "Toner.")
    place.save()
    assert place.state.form is None
    (made,) = story.device.store.find(BudgetProposal)
    assert (made.amount_minor, made.to_budget_id, made.proposed_by) == (7500, None, "Ines Okafor")
    assert place.state.undo_line
    place.undo()
    assert story.device.store.find(BudgetProposal) == []
    place.close()
