"""Purchases: what they come to, who may decide, whether quotes hold, what the budget would say."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from techkit.records.activities import NeedsAnalysis, Option, PurchaseAssistance, QuotedItem
from techkit.records.budget import Budget, Control, CostCentre
from techkit.records.bundle import VisitBundle
from techkit.records.flags import flags
from techkit.records.parties import Contact
from techkit.records.purchases import (
    Approval,
    amount_decided,
    approval,
    approval_sentence,
    approvers,
    budget_looks,
    budget_sentence,
    decision_lines,
    expired,
    total_minor,
)
from techkit.records.review import Severity
from techkit.records.visit import Outcome, Visit

NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)
ITEMS = (
    QuotedItem(product="Notebook A", quantity=Decimal(2), price_minor=89900, valid_until=date(2026, 12, 1)),
    QuotedItem(product="Dock", price_minor=12050, vendor="Kabelhaus", valid_until=date(2026, 11, 20)),
)


def person(id: str, limit: int = 0, currency: str = "EUR") -> Contact:
    return Contact(id=id, customer_id="c", given_name=id.title(), may_approve_minor=limit, currency=currency)


def bundle(*activities: Any, **more: Any) -> VisitBundle:
    visit = Visit(id="v", customer_id="c", arrived_at=NINE, outcome=Outcome.ADVICE_ONLY)
    return VisitBundle(**(dict(visit=visit, activities=activities) | more))


def buy(**more: Any) -> PurchaseAssistance:
    return PurchaseAssistance(**(dict(id="p", visit_id="v", title="Notebooks", items=ITEMS) | more))


def rules(held: VisitBundle) -> dict[str, Severity]:
    return {f.rule: f.severity for f in flags(held)}


def test_the_total_counts_quantities():
    """2 × 899.00 and 120.50 are 1,918.50."""
    assert total_minor(ITEMS) == 191850


def test_an_option_named_in_the_recommendation_is_what_is_decided_about():
    """The amount is the recommended option's; with several and none named it is not guessed."""
    options = (Option(title="Scanner A", cost_minor=30000), Option(title="Scanner B", cost_minor=45000))
    held = NeedsAnalysis(id="n", options=options, recommended="Scanner B, by the window")
    assert amount_decided(held) == 45000
    assert amount_decided(NeedsAnalysis(id="n", options=options)) == 0


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        (person("ida", 200000), Approval.ALLOWED),
        (person("ida", 191850), Approval.ALLOWED),
        (person("ida", 191849), Approval.ABOVE_LIMIT),
        (person("ida"), Approval.NO_LIMIT_KNOWN),
        (person("ida", 500000, "CHF"), Approval.NO_LIMIT_KNOWN),
        (None, Approval.NO_LIMIT_KNOWN),
    ],
)
def test_who_may_approve(contact, expected):
    """Up to the limit and in its own currency; no limit and another currency are never taken as a yes."""
    assert approval(contact, 191850, "EUR") is expected


def test_somebody_else_is_named_when_the_limit_is_too_low():
    """The sentence names the amount, the limit and who may, the smallest sufficient limit first."""
    people = (person("ida", 50000), person("otto", 900000), person("uwe", 200000))
    assert [p.id for p in approvers(people, 191850, "EUR")] == ["uwe", "otto"]
    said = approval_sentence(people[0], people, 191850, "EUR")
    assert "€1,918.50" in said
    assert "€500.00" in said
    assert "Uwe may" in said
    assert "Uwe may approve" in approval_sentence(None, people, 191850, "EUR")
    assert "nobody here" in approval_sentence(None, (), 191850, "EUR")
    assert approval_sentence(None, people, 0, "EUR") == ""


def test_a_quote_is_judged_on_the_day_of_the_decision():
    """The dock's quote ended on 20 November: expired on the visit, still good when decided before."""
    assert [i.product for i in expired(buy(), bundle())] == ["Dock"]
    assert expired(buy(decided_on=date(2026, 11, 20)), bundle()) == ()


def test_an_expired_quote_is_flagged_harder_once_it_is_accepted():
    """Undecided: a notice; accepted: a warning; declined: nothing to say."""
    assert rules(bundle(buy()))["quote_expired"] is Severity.NOTICE
    assert rules(bundle(buy(decision="accepted")))["quote_expired"] is Severity.WARNING
    assert "quote_expired" not in rules(bundle(buy(decision="declined")))


def test_a_decision_above_the_limit_is_flagged():
    """Accepted by somebody whose limit is lower: a warning; within the limit or undecided: none."""
    people = (person("ida", 50000), person("otto", 900000))
    accepted = buy(decision="accepted", approver_id="ida", decided_on=date(2026, 11, 19))
    assert rules(bundle(accepted, people=people))["above_approval_limit"] is Severity.WARNING
    for fine in (
        buy(decision="accepted", approver_id="otto", decided_on=date(2026, 11, 19)),
        buy(approver_id="ida"),
    ):
        assert "above_approval_limit" not in rules(bundle(fine, people=people))


@pytest.mark.parametrize(
    ("approved", "control", "words"),
    [
        (900000, Control.STOP, "allows it"),
        (200000, Control.WARN, "nearly"),
        (100000, Control.STOP, "not allow"),
    ],
)
def test_the_budget_is_asked_before_anything_is_ordered(approved, control, words):
    """One sentence says how the only cost centre's budget would stand."""
    budget = Budget(
        id="b", customer_id="c", cost_centre_id="k", period="2026", approved_minor=approved, control=control
    )
    held = bundle(cost_centres=(CostCentre(id="k", customer_id="c", code="EDV"),), budgets=(budget,))
    (look,) = budget_looks(held, 191850, "EUR")
    assert words in budget_sentence(look)
    assert "EDV" in budget_sentence(look)
    assert budget_looks(held, 191850, "CHF") == ()


def test_the_budget_is_asked_with_what_waits_to_be_booked():
    """Another visit's cost that is not booked yet is taken off before the purchase, and the sentence says how much."""
    budget = Budget(
        id="b",
        customer_id="c",
        cost_centre_id="k",
        period="2026",
        approved_minor=20_000,
        control=Control.WARN,
    )
    held = bundle(cost_centres=(CostCentre(id="k", customer_id="c", code="EDV"),), budgets=(budget,))
    items = (QuotedItem(product="Dock", price_minor=9_000),)
    wanted = PurchaseAssistance(id="p", title="Dock", items=items)
    assert decision_lines(wanted, held)[-1] == "The budget of EDV allows it: €110.00 would be left."
    assert decision_lines(wanted, held, unbooked={"b": 12_000})[-1] == (
        "The budget of EDV would be overdrawn by €10.00. "
        "Counted with it: €120.00 of other visits that the office has not booked yet."
    )
