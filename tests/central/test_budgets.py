"""Budgets: approved, revised, transferred, promised; nothing changed in place, all of it traced."""

from __future__ import annotations

from typing import Any

import pytest

from techkit.central import audit, budgets, ledger, posting, visit_list
from techkit.central.ledger import Ledger
from techkit.central.models import AuditEvent
from techkit.errors import CentralError, InputError
from techkit.records.activities import PurchaseAssistance
from techkit.records.budget import Budget
from techkit.records.identity import new_id
from techkit.records.visit import Visit
from tests.central import samples
from tests.central.test_posting import approve, approved, bundle_of, finn
from tests.central.test_review import row_of

__all__ = ["approved", "finn"]


def ledger_of(user: Any, code: str) -> Ledger:
    """Return what stands behind the budget of a cost centre."""
    account = next(a for a in ledger.accounts_of(user) if a.centre.code == code)
    assert account.budget
    held = ledger.ledger(user, account.budget.id)
    assert held
    return held


def holding(user: Any, code: str) -> Budget:
    """Return the budget of a cost centre that holds now."""
    return ledger_of(user, code).revisions[0]


def test_every_figure_opens_its_rows(finn: Any, approved: Visit) -> None:
    """What a budget has spent is what was brought forward and the rows behind it, to the cent."""
    posting.post(finn, approved.id)
    row_of(approved)
    front = ledger_of(finn, "LDG-FRONT")
    assert front.booked_minor == sum(row.entry.amount_minor for row in front.rows) == 11514
    assert front.brought_forward_minor == 431000
    assert {row.visit.number for row in front.rows if row.visit} == {"TK07-2026-0002"}


def test_a_revision_replaces_and_keeps_what_was(finn: Any, approved: Visit) -> None:
    """More is approved: spending and the first amount stay, the next visit is booked on the revision."""
    first = holding(finn, "LDG-FRONT")
    budgets.revise(finn, first.id, 600_000, "A second reception desk.")
    held = ledger_of(finn, "LDG-FRONT")
    assert [b.approved_minor for b in held.revisions] == [600_000, 480_000]
    assert held.revisions[0].original_minor == 480_000
    assert held.revisions[0].approved_by == "Finn Adler"
    assert [(c.amount_minor, c.reason) for c in held.changes] == [(120_000, "A second reception desk.")]
    posting.post(finn, approved.id)
    assert holding(finn, "LDG-FRONT").actual_minor == 431_000 + 11_514
    with pytest.raises(CentralError) as refused:
        budgets.revise(finn, first.id, 700_000, "Still more.")
    assert refused.value.status == 409
    assert audit.verify(finn.org_id) is None


def test_a_transfer_moves_what_is_available_and_no_more(finn: Any, approved: Visit) -> None:
    """The sum of both stays; more than is available, or to itself, is refused and nothing moves."""
    front, surgery = holding(finn, "LDG-FRONT"), holding(finn, "LDG-SURG")
    for amount, target in ((49_001, surgery.id), (0, surgery.id), (1_000, front.id)):
        with pytest.raises(InputError):
            budgets.transfer(finn, front.id, target, amount, "Balance")
    budgets.transfer(finn, surgery.id, front.id, 100_000, "The desk is paid from here.")
    assert holding(finn, "LDG-FRONT").approved_minor == 580_000
    assert holding(finn, "LDG-SURG").approved_minor == 500_000
    assert [c.amount_minor for c in ledger_of(finn, "LDG-SURG").changes] == [100_000]
    assert [c.amount_minor for c in ledger_of(finn, "LDG-FRONT").changes] == [100_000]


def test_a_promise_is_no_longer_available_until_it_is_released(finn: Any, approved: Visit) -> None:
    """Available is approved less spent less promised; releasing twice releases once."""
    front = holding(finn, "LDG-FRONT")
    commitment = budgets.commit(finn, front.id, "A label printer", 30_000)
    assert holding(finn, "LDG-FRONT").committed_minor == 30_000
    account = ledger_of(finn, "LDG-FRONT").account
    assert account.stands
    assert account.stands.available_minor == 480_000 - 431_000 - 30_000
    for _n in range(2):
        budgets.release(finn, commitment)
    assert holding(finn, "LDG-FRONT").committed_minor == 0
    assert AuditEvent.objects.filter(action="budget.release").count() == 1


def test_a_new_cost_centre_gets_its_budget(finn: Any, approved: Visit) -> None:
    """A code is taken once in a customer, a period has one budget, and both reach the devices' feed."""
    from techkit.central.models import Op

    customer = str(approved.customer_id)
    centre = budgets.add_centre(finn, customer, "LDG-LAB", "Laboratory")
    with pytest.raises(InputError):
        budgets.add_centre(finn, customer, "ldg-lab", "Again")
    made = budgets.approve(finn, centre, "2026-11", 50_000)
    with pytest.raises(CentralError):
        budgets.approve(finn, centre, "2026-11", 60_000)
    for period, amount in (("26", 1), ("2026-13", 1), ("2026", -1), ("2026", 10**14)):
        with pytest.raises(InputError):
            budgets.approve(finn, centre, period, amount)
    assert Op.objects.get(entity_id=made).scope_id == f"customer:{customer}"


def test_a_code_of_digits_stays_as_it_is_written(finn: Any, approved: Visit) -> None:
    """A code such as 4100.10 is no figure whose last nought says nothing, whatever database keeps it."""
    budgets.add_centre(finn, str(approved.customer_id), "4100.10", "Laboratory")
    assert "4100.10" in [choice.label for choice in visit_list.filter_choices(finn)["centre"]]


def test_a_months_budget_is_drawn_on_before_the_years(van: Any, maren: Any, finn: Any) -> None:
    """Costs of November count in November's budget; the year's stays as it was, and both have their rows."""
    visit = approve(van, maren, samples.dental_practice())
    centre = next(c for c in bundle_of(finn, visit).cost_centres if c.code == "LDG-FRONT")
    made = budgets.approve(finn, centre.id, "2026-11", 40_000)
    posting.post(finn, visit.id)
    month = ledger.ledger(finn, made)
    assert month
    assert (month.revisions[0].actual_minor, month.booked_minor) == (11_514, 11_514)
    year = next(
        a
        for a in ledger.accounts_of(finn)
        if a.centre.id == centre.id and a.budget and a.budget.period == "2026"
    )
    assert year.budget
    held = ledger.ledger(finn, year.budget.id)
    assert held
    assert (held.revisions[0].actual_minor, held.booked_minor) == (431_000, 0)


def test_reviewers_change_no_budget(maren: Any, finn: Any, approved: Visit) -> None:
    """Money is a right of its own."""
    front = holding(finn, "LDG-FRONT")
    with pytest.raises(CentralError) as revised:
        budgets.revise(maren, front.id, 1, "No")
    with pytest.raises(CentralError) as promised:
        budgets.commit(maren, front.id, "No", 1)
    with pytest.raises(CentralError) as made:
        budgets.add_centre(maren, str(approved.customer_id), "NO", "")
    assert [held.value.status for held in (revised, promised, made)] == [403, 403, 403]


def test_another_organisation_sees_none_of_it(finn: Any, approved: Visit) -> None:
    """Neither list nor ledger show a foreign organisation's budgets."""
    from techkit.central import accounts
    from techkit.central.models import Org, Role

    stranger = accounts.make_staff(
        Org.objects.create(name="Elsewhere"), "stranger", "correct horse battery staple", role=Role.FINANCE
    )
    front = holding(finn, "LDG-FRONT")
    assert ledger.accounts_of(stranger) == []
    assert ledger.ledger(stranger, front.id) is None
    with pytest.raises(CentralError) as refused:
        budgets.revise(stranger, front.id, 1, "Mine")
    assert refused.value.status == 404


def test_money_is_promised_for_a_purchase_once(finn: Any, van: Any, maren: Any) -> None:
    """What a technician helped to choose gives the words and leads back to its visit; promised twice it is refused."""
    records = samples.dental_practice()
    visit = next(r for r in records if isinstance(r, Visit))
    bought = PurchaseAssistance(
        id=new_id(), visit_id=visit.id, title="Two label printers", decision="accepted"
    )
    approve(van, maren, [*records, bought])
    front = holding(finn, "LDG-FRONT")
    assert [p.id for p in budgets.open_purchases(finn, front.customer_id)] == [bought.id]
    budgets.commit(finn, front.id, "", 20_000, purchase_id=bought.id)
    held = ledger_of(finn, "LDG-FRONT")
    (promise,) = held.commitments
    assert (promise.reason, promise.purchase_id, promise.visit_id) == (
        "Two label printers",
        bought.id,
        visit.id,
    )
    assert held.revisions[0].committed_minor == front.committed_minor + 20_000
    assert budgets.open_purchases(finn, front.customer_id) == []
    with pytest.raises(InputError, match="promised already"):
        budgets.commit(finn, front.id, "", 20_000, purchase_id=bought.id)


def test_a_whole_shows_the_sum_of_its_parts(finn: Any, approved: Visit) -> None:
    """Budgets of the same period add up in the whole's; a centre is never part of itself, however far around."""
    front, surgery = holding(finn, "LDG-FRONT"), holding(finn, "LDG-SURG")
    budgets.make_part(finn, surgery.cost_centre_id, front.cost_centre_id)
    every = ledger.accounts_of(finn)
    account = next(a for a in every if a.centre.code == "LDG-FRONT")
    whole = ledger.with_parts(account, every)
    assert whole is not None
    assert (whole.part_count, whole.approved_minor) == (1, front.approved_minor + surgery.approved_minor)
    assert whole.actual_minor == front.actual_minor + surgery.actual_minor
    assert ledger.with_parts(next(a for a in every if a.centre.code == "LDG-SURG"), every) is None
    for centre, parent in (
        (front.cost_centre_id, surgery.cost_centre_id),
        (front.cost_centre_id, front.cost_centre_id),
    ):
        with pytest.raises(InputError, match="LDG-FRONT"):
            budgets.make_part(finn, centre, parent)
    budgets.make_part(finn, surgery.cost_centre_id, "")
    every = ledger.accounts_of(finn)
    assert ledger.with_parts(next(a for a in every if a.centre.code == "LDG-FRONT"), every) is None
