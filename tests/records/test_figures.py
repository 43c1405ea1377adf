"""The rules behind the month's figures: what counts as a return, as an attempt, and until when it may turn."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from techkit.records.figures import (
    NO_ATTEMPT,
    REPEAT_WINDOW,
    Attempt,
    FaultCase,
    business_time,
    fixes,
    resolving,
)

REPORTED = datetime(2026, 11, 2, 8, tzinfo=UTC)
RESOLVED = datetime(2026, 11, 2, 14, tzinfo=UTC)


def attempt(outcome: str = "resolved", number: str = "TK07-2026-0101") -> Attempt:
    return Attempt(visit_id=number, number=number, started_at=REPORTED, ended_at=RESOLVED, outcome=outcome)


def case(id: str = "first", **changes: object) -> FaultCase:
    made = FaultCase(
        id=id,
        asset_id="A2",
        category="network",
        reported_at=REPORTED,
        resolved_at=RESOLVED,
        visits=(attempt(),),
    )
    return replace(made, **changes)  # type: ignore[arg-type] # fields by name


def again(after: timedelta, **changes: object) -> FaultCase:
    """Return a case that began some time after the first was resolved."""
    return case("second", reported_at=RESOLVED + after, resolved_at=None, **changes)


def is_first_time(resolved: FaultCase, *others: FaultCase) -> bool:
    (fix,) = fixes([resolved], [resolved, *others], date(2026, 11, 30))
    return fix.is_first_time


@pytest.mark.parametrize(
    ("other", "came_back"),
    [
        (again(timedelta(days=8)), True),
        (again(REPEAT_WINDOW), True),
        (again(REPEAT_WINDOW + timedelta(minutes=1)), False),
        (again(timedelta(days=8), category="printing"), False),
        (again(timedelta(days=8), asset_id="A1"), False),
        (again(timedelta(days=-1)), False),
    ],
    ids=["within", "last moment", "later", "another fault", "another computer", "before"],
)
def test_scenario_o5_7_the_same_fault_on_the_same_computer_comes_back(
    other: FaultCase, came_back: bool
) -> None:
    """Only the same kind of fault on the same computer within the window makes a fix no fix."""
    assert is_first_time(case(), other) is not came_back


@pytest.mark.parametrize("unknown", [{"category": ""}, {"asset_id": ""}])
def test_what_nobody_said_is_no_return(unknown: dict[str, str]) -> None:
    """Two cases without a computer or a kind of fault are not taken for each other's return."""
    assert is_first_time(case(**unknown), again(timedelta(days=2), **unknown))


@pytest.mark.parametrize("outcome", sorted(NO_ATTEMPT))
def test_scenario_o5_7_a_locked_door_is_no_attempt(outcome: str) -> None:
    """A visit at which nobody could work does not make the next one a second attempt."""
    assert is_first_time(case(visits=(attempt(outcome, "TK07-2026-0100"), attempt())))
    assert not is_first_time(case(visits=(attempt("not_resolved", "TK07-2026-0100"), attempt())))


def test_a_case_that_nobody_reported_has_no_time_to_resolve() -> None:
    """It counts as a case and begins with its first visit, but mean and median leave it out."""
    unreported = case(reported_at=None)
    assert unreported.began_at == REPORTED
    assert resolving([unreported, case()], ZoneInfo("UTC")).n == 1
    assert resolving([unreported], ZoneInfo("UTC")).mean_h is None


def test_business_hours_leave_out_nights_and_weekends() -> None:
    """From Friday noon to Monday noon are two half days, in the zone of the office, also over a clock change."""
    berlin = ZoneInfo("Europe/Berlin")
    friday = datetime(2026, 10, 23, 12, tzinfo=berlin)
    monday = datetime(2026, 10, 26, 12, tzinfo=berlin)
    whole_day = business_time(
        datetime(2026, 10, 22, tzinfo=berlin), datetime(2026, 10, 23, tzinfo=berlin), berlin
    )
    assert business_time(friday, monday, berlin) == whole_day
    found = resolving([case(reported_at=friday, resolved_at=monday)], berlin)
    assert found.mean_h == Decimal("73.0")
    assert found.mean_business_h == Decimal(str(whole_day.total_seconds() / 3600)).quantize(Decimal("0.1"))
