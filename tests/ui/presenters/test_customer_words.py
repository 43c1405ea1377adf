"""A customer in words: agreements and budgets."""

from __future__ import annotations


def test_the_agreement_in_words(page):
    """Hours left, days left, coverage, travel and rate."""
    (held,) = page().state.agreements
    assert held.line == "31 Dec 2026 · 38 days left"
    assert held.hours_line.replace("\u00a0", " ").startswith("8.75 h of 60 h left")
    assert dict(held.facts) == {
        "Kind": "Pool of hours", "Covers": "Every computer", "Travel": "Charged", "Rates": "Contracts, €72.00 an hour",
    }  # fmt: skip
    assert held.tone == "watch"


def test_a_budget_over_is_said_in_words(page):
    """Unfavourable by so much."""
    (held,) = page().state.budgets
    assert held.variance_line == "Unfavourable: €200.00 over what was approved."
    assert held.tone == "watch"
