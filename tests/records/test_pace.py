"""A budget along its period: favourable and unfavourable in words, ahead of plan, warning and stop."""

from __future__ import annotations

from datetime import date

import pytest

from techkit import i18n
from techkit.records.budget import Budget, Control
from techkit.records.pace import gone_percent, latest, pace

TODAY = date(2026, 11, 24)


def budget(actual: int, **more) -> Budget:
    return Budget(id="b", period="2026", approved_minor=480_000, actual_minor=actual, **more)


def test_the_figures_of_the_dental_practice():
    """LDG-FRONT after the visit: 374.86 left, 92.2 %, favourable, past its warning."""
    told = pace(budget(442_514), TODAY)
    assert told.left_line == "€374.86 of €4,800.00 left"
    assert told.variance_line == "Favourable: €374.86 under what was approved."
    assert told.pace_line.replace("\u00a0", " ") == "92.2 % used, 90 % of the time gone: on track."
    assert told.limit_line == "Past the warning at 90\u00a0%."


def test_over_is_unfavourable_and_stops_where_it_says_stop():
    """More spent than approved, with the control stop."""
    told = pace(budget(500_000, control=Control.STOP), TODAY)
    assert told.left_line == "€200.00 more than the €4,800.00 approved"
    assert told.variance_line == "Unfavourable: €200.00 over what was approved."
    assert told.limit_line.startswith("Used up")


def test_promised_money_is_not_left():
    """Commitments are taken off what is left and named."""
    told = pace(budget(400_000, committed_minor=50_000), TODAY)
    assert told.left_line == "€300.00 of €4,800.00 left · €500.00 promised and not billed yet"


def test_against_the_first_approval_too():
    """A raised budget is favourable, against the first approval it is not."""
    told = pace(budget(470_000, original_minor=450_000), TODAY)
    assert told.original_line == "Against the €4,500.00 approved at first: €200.00 over, unfavourable."


def test_ahead_of_plan_by_points():
    """Half spent in January: far ahead of plan."""
    told = pace(budget(240_000), date(2026, 1, 31))
    assert told.ahead_points == 42
    assert "42 points ahead of plan" in told.pace_line


@pytest.mark.parametrize(
    ("period", "today", "gone"),
    [
        ("2026", date(2026, 1, 1), 0),
        ("2026", date(2026, 12, 31), 100),
        ("2024", date(2024, 7, 1), 50),
        ("2025", TODAY, 100),
        ("2027", TODAY, 0),
        ("2026-11", date(2026, 11, 15), 50),
        ("2026-13", TODAY, None),
        ("2026-00", TODAY, None),
        ("the spring", TODAY, None),
        ("", TODAY, None),
    ],
)
def test_the_part_of_a_period_that_is_over(period, today, gone):
    """Years and months; anything else has no end anybody could reckon with."""
    assert gone_percent(period, today) == gone


def test_a_budget_of_another_currency_and_language():
    """Yen have no cents; German words and marks."""
    with i18n.language("de"):
        told = pace(
            Budget(id="b", period="2026", approved_minor=48_000, actual_minor=50_000, currency="JPY"), TODAY
        )
    assert told.variance_line == "Ungünstig: 2.000\u00a0¥ über dem Genehmigten."


def test_nothing_approved_is_no_division_by_zero():
    """A budget of nothing is told as that."""
    told = pace(Budget(id="b", period="2026"), TODAY)
    assert told.pace_line == "Nothing was approved."
    assert told.variance.used_percent is None


def test_only_the_latest_revision_holds():
    """A revision takes the place of what it revises."""
    first, second, other = Budget(id="1"), Budget(id="2", revision_of="1"), Budget(id="3")
    assert [b.id for b in latest([first, second, other])] == ["2", "3"]
