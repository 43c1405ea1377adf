"""Readings over visits: growth a month, and when a limit is reached."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from techkit.records.assets import DiagnosticRun
from techkit.records.findings import Reading
from techkit.records.trends import trends
from techkit.records.visit import Visit


def run(day: date, *readings: Reading, name: str = "", hour: int = 9) -> DiagnosticRun:
    at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    return DiagnosticRun(id=f"r{at:%y%m%d%H}", visit_id=name or f"v{day}", started_at=at, readings=readings)


def wear(percent: float, subject: str = "disk0") -> Reading:
    return Reading(id="storage.smart.used_percent", value=percent, unit="percent", subject=subject)


def test_wear_a_month_and_the_month_it_reaches_the_limit():
    """From 40 % to 52 % in a year: one percent a month, 90 % in three years and two months."""
    (found,) = trends([run(date(2026, 11, 20), wear(52)), run(date(2025, 11, 20), wear(40))], {})
    assert found.label == "Disk wear, disk0"
    assert found.per_month == pytest.approx(1.0, abs=0.01)
    assert found.reached_on is not None
    assert (found.reached_on.year, found.reached_on.month) == (2030, 1)
    assert found.sentence.replace("\u00a0", " ").startswith(
        "52 % at the last visit, 1.0 % more a month. At this pace 90 %"
    )
    assert not found.is_worse


def test_a_limit_reached_within_a_year_is_worse():
    """What will be bad within a year is marked now."""
    (found,) = trends([run(date(2026, 1, 1), wear(60)), run(date(2026, 11, 1), wear(85))], {})
    assert found.is_worse


def test_free_space_is_a_share_of_its_volume():
    """Bytes of two volumes become percent of each; shrinking is the bad side."""

    def disk(free: int) -> tuple[Reading, ...]:
        return (
            Reading(id="storage.volume.total_bytes", value=100, subject="C:"),
            Reading(id="storage.volume.free_bytes", value=free, subject="C:"),
            Reading(id="storage.volume.free_bytes", value=7, subject="no size"),
        )

    (found,) = trends([run(date(2026, 1, 1), *disk(50)), run(date(2026, 7, 1), *disk(30))], {})
    assert [value for _day, value in found.points] == [50.0, 30.0]
    assert found.reached_on is not None


def test_one_point_a_visit_and_the_last_of_its_runs():
    """Before and after of one visit are one point: how it was left."""
    day = date(2026, 11, 20)
    visit = Visit(id="v", arrived_at=datetime(2026, 11, 20, 8, tzinfo=UTC))
    held = [
        run(date(2026, 5, 1), wear(10)),
        run(day, wear(20), name="v"),
        run(day, wear(21), name="v", hour=12),
    ]
    (found,) = trends(held, {"v": visit})
    assert [value for _day, value in found.points] == [10.0, 21.0]


def test_points_of_one_week_say_nothing_about_growth():
    """Two days apart: the value is told, no pace is invented."""
    (found,) = trends([run(date(2026, 11, 20), wear(52)), run(date(2026, 11, 22), wear(53))], {})
    assert found.per_month is None
    assert found.sentence.replace("\u00a0", " ") == "53 % at the last visit."


def test_getting_better_reaches_no_limit():
    """A new disk has less wear: no day is announced."""
    (found,) = trends([run(date(2026, 1, 1), wear(95)), run(date(2026, 11, 1), wear(1))], {})
    assert found.reached_on is None
    assert "less a month" in found.sentence


def test_text_truth_and_single_points_are_no_trend():
    """What is no number, or was read once only, is left out."""
    odd = [wear("61"), wear(True, "disk1"), wear(5, "disk2")]  # type: ignore[arg-type]  # a hostile reading
    assert trends([run(date(2026, 1, 1), *odd), run(date(2026, 2, 1), *odd[:2])], {}) == ()
