"""What can be proposed about a budget: the revision that holds, money asked for already, every currency."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from techkit.errors import InputError
from techkit.records.budget import Budget, Control, allocate
from techkit.records.proposals import (
    BudgetAnswer,
    BudgetProposal,
    ProposalKind,
    holding,
    refuse,
    sentence,
    undecided,
)

FIRST = Budget(
    id="a", customer_id="c", cost_centre_id="x", period="2026", approved_minor=50_000, currency="KWD"
)
NOW = Budget(
    id="b", customer_id="c", cost_centre_id="x", period="2026", approved_minor=40_000, actual_minor=12_500,
    committed_minor=2_500, currency="KWD", revision_of="a",
)  # fmt: skip
NEXT = Budget(id="n", customer_id="c", cost_centre_id="x", period="2027", currency="KWD")
HELD = (FIRST, NOW, NEXT)


def proposed(**fields: object) -> BudgetProposal:
    return BudgetProposal(
        **{  # type: ignore[arg-type]  # the fields of the story
            "id": "p", "customer_id": "c", "budget_id": "a", "amount_minor": 125, "currency": "KWD", "reason": "Toner",
            **fields,
        }
    )  # fmt: skip


def test_a_proposal_about_an_earlier_revision_is_about_the_one_that_holds():
    """Named by any of its revisions, a budget is found as it stands; a chain that bites its tail ends."""
    assert holding("a", HELD) is NOW
    assert refuse(proposed(), HELD) == (NOW, None)
    assert holding("gone", HELD) is None
    round_about = (Budget(id="a", revision_of="b"), Budget(id="b", revision_of="a"))
    assert holding("a", round_about) in round_about


def test_money_is_said_in_the_places_of_its_currency():
    """Three decimals in dinars, none in yen."""
    assert "0.125" in sentence(proposed(kind=ProposalKind.PROMISE), "IT 2026")
    assert "¥125 " in sentence(proposed(currency="JPY"), "IT 2026")


@pytest.mark.parametrize(
    ("amount", "asked", "is_possible"),
    [(25_000, 0, True), (25_001, 0, False), (25_000, 1, False), (24_999, 1, True)],
)
def test_over_the_year_goes_what_is_left_and_not_asked_for(amount, asked, is_possible):
    """Spent, promised and asked for already is not there to be moved into the next year, to the last thousandth."""
    transfer = proposed(kind=ProposalKind.TRANSFER, to_budget_id="n", amount_minor=amount)
    waiting = [proposed(id="q", kind=ProposalKind.LOWER, amount_minor=asked)] if asked else []
    if is_possible:
        assert refuse(transfer, HELD, waiting) == (NOW, NEXT)
        return
    with pytest.raises(InputError) as refused:
        refuse(transfer, HELD, waiting)
    assert refused.value.field == "amount_minor"


def test_a_budget_without_control_may_be_promised_beyond():
    """Where running out means nothing, a purchase can still be promised; giving money away cannot."""
    loose = Budget(id="l", customer_id="c", control=Control.IGNORE, approved_minor=100)
    promise = proposed(budget_id="l", currency="EUR", kind=ProposalKind.PROMISE, amount_minor=5000)
    assert refuse(promise, [loose]) == (loose, None)
    with pytest.raises(InputError):
        refuse(proposed(budget_id="l", currency="EUR", kind=ProposalKind.LOWER, amount_minor=5000), [loose])


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"budget_id": "gone"}, ""),
        ({"reason": " \n "}, "reason"),
        ({"amount_minor": 0}, "amount_minor"),
        ({"amount_minor": 10**13 + 1}, "amount_minor"),
        ({"currency": "EUR"}, "amount_minor"),
        ({"kind": ProposalKind.TRANSFER, "to_budget_id": "a"}, "to_budget_id"),
        ({"kind": ProposalKind.TRANSFER, "to_budget_id": "closed"}, "to_budget_id"),
        ({"kind": ProposalKind.TRANSFER, "to_budget_id": "foreign"}, "to_budget_id"),
        ({"kind": ProposalKind.TRANSFER, "to_budget_id": "stranger"}, "to_budget_id"),
        ({"budget_id": "closed"}, "kind"),
    ],
)
def test_what_cannot_be_names_its_field(fields, name):
    """Each refusal says where, what is safe and what to do."""
    budgets = (
        *HELD,
        Budget(id="closed", customer_id="c", currency="KWD", period="2026-10", closed_on=date(2026, 11, 2)),
        Budget(id="foreign", customer_id="c", currency="EUR", period="2026"),
        Budget(id="stranger", customer_id="other", currency="KWD", period="2026"),
    )
    with pytest.raises(InputError) as refused:
        refuse(proposed(**fields), budgets)
    assert refused.value.field == name
    assert refused.value.safe == "Nothing was proposed."
    assert refused.value.advice


def test_only_what_nobody_answered_waits():
    """Accepted or declined, it waits no more; the oldest comes first."""
    made = [proposed(id=name) for name in ("3", "1", "2")]
    answers = [BudgetAnswer(id="x", proposal_id="2"), BudgetAnswer(id="y", proposal_id="3", is_accepted=True)]
    assert [one.id for one in undecided(made, answers)] == ["1"]


def test_thirds_of_a_credit_and_of_a_single_coin_add_up():
    """A refund is split as the charge was, coin by coin; of one coin one bears all."""
    third = [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")]
    assert [-part for part in allocate(-10_001, third)] == allocate(10_001, third)
    assert sum(allocate(-1, third)) == -1
    assert allocate(1, [Decimal(1)] * 3) == [1, 0, 0]
