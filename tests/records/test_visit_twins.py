"""Visits entered twice: which two may be one, and what the reviewer is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from techkit.records.bundle import VisitBundle
from techkit.records.flags import flags
from techkit.records.review import Severity
from techkit.records.schema import replace
from techkit.records.visit import Outcome, ReviewState, Visit, WorkState
from techkit.records.visit_twins import says_the_same

NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)
ONE = Visit(
    id="one", number="TK07-2026-0118", customer_id="c", site_id="s", asset_ids=("till",), arrived_at=NINE,
    purpose="The till prints nothing.", work_state=WorkState.SUBMITTED,
)  # fmt: skip


def other(**more: Any) -> Visit:
    return replace(ONE, **(dict(id="two", number="TK09-2026-0044") | more))


@pytest.mark.parametrize(
    ("visit", "is_same"),
    [
        (other(arrived_at=NINE + timedelta(hours=5), purpose="the till prints nothing"), True),
        (other(purpose="", arrived_at=NINE + timedelta(minutes=15)), True),
        (other(purpose="", arrived_at=NINE + timedelta(minutes=16)), False),
        (other(purpose="", asset_ids=("desk",)), False),
        (other(purpose="", asset_ids=()), False),
        (other(purpose="Till", arrived_at=NINE + timedelta(hours=2)), False),
        (other(arrived_at=NINE + timedelta(days=1)), False),
        (other(customer_id="d"), False),
        (other(site_id="t"), False),
        (other(site_id=None), True),
        (other(review_state=ReviewState.VOID), False),
        (other(work_state=WorkState.SCHEDULED), False),
        (other(work_state=WorkState.NO_ACCESS), False),
        (other(outcome=Outcome.CANCELLED_BY_CUSTOMER), False),
        (other(arrived_at=None), False),
    ],
)
def test_which_two_visits_may_be_one(visit, is_same) -> None:
    """One customer, place and day, and the same need or one arrival at one computer; both ways round."""
    assert says_the_same(ONE, visit) is is_same
    assert says_the_same(visit, ONE) is is_same
    assert not says_the_same(ONE, ONE)


def test_two_visits_with_one_short_word_are_two() -> None:
    """“Printer” in the morning and again in the afternoon are two visits."""
    morning = replace(ONE, purpose="Printer", asset_ids=())
    assert not says_the_same(morning, replace(morning, id="two", arrived_at=NINE + timedelta(hours=4)))


def test_the_reviewer_is_told_which() -> None:
    """One warning that names the other's number; none without another."""
    (told,) = [
        f for f in flags(VisitBundle(visit=ONE), other_visits=[other(), ONE]) if f.rule == "duplicate_visit"
    ]
    assert told.severity is Severity.WARNING
    assert "TK09-2026-0044" in told.sentence
    assert "duplicate_visit" not in {f.rule for f in flags(VisitBundle(visit=ONE), other_visits=[ONE])}
