"""A labour clock across sleep, restarts and clocks that are set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techkit.ui.presenters.clock import SystemClock, ended_at, from_plain, start_clock
from techkit.ui.presenters.visit import clock_text

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Clocks:
    def __init__(self, wall_s: float = 0.0, steady: float = 1000.0) -> None:
        self.wall_s, self._steady = wall_s, steady

    def now(self) -> datetime:
        return NINE + timedelta(seconds=self.wall_s)

    def steady(self) -> float:
        return self._steady

    def zone(self):
        return UTC


@pytest.mark.parametrize(
    ("wall_s", "steady", "process", "expected"),
    [
        (600, 1600, "same", 600),  # ten minutes, nothing odd
        (-7200, 1600, "same", 600),  # the wall clock was set back
        (90_000, 1600, "same", 600),  # or far ahead
        (600, 1600, "other", 600),  # the program was started again
        (-7200, 1600, "other", 600),  # ... and the wall clock was set back
        (600, 30, "other", 600),  # the computer was started again: the wall tells
        (
            5000,
            1700,
            "other",
            5000,
        ),  # started again long enough ago that its steady clock is past the old one
        (-600, 30, "other", 0),  # started again with a dead clock battery: never negative
    ],
)
def test_time_between_two_looks(wall_s, steady, process, expected):
    """The steady clock counts within one start of the computer, the wall clock across a restart."""
    running = start_clock(Clocks(), "same")
    assert running.look(Clocks(wall_s, steady), process).counted_s == pytest.approx(expected)


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.sampled_from(["a", "b"])), max_size=8))
def test_counted_time_never_shrinks(looks):
    """Whatever the clocks say, counted time only grows and ends after it began."""
    running = start_clock(Clocks(), "a")
    for wall_s, steady, process in looks:
        before = running.counted_s
        running = running.look(Clocks(wall_s, steady), process)
        assert running.counted_s >= before
    assert ended_at(running) >= running.started_at


def test_kept_and_read_again():
    """A clock written down is the same clock when it is read; anything else is none."""
    running = start_clock(Clocks(), "a").look(Clocks(60, 1060), "a")
    assert from_plain(running.as_plain()) == running
    for rubbish in (None, 7, {}, {"kind": "work"}, running.as_plain() | {"seen_at": "yesterday"}):
        assert from_plain(rubbish) is None


def test_system_clock_goes_forward():
    """The computer's own clocks are aware and do not run backwards."""
    clock = SystemClock()
    first = clock.steady()
    assert clock.steady() >= first
    assert clock.now().tzinfo is not None
    assert clock.zone() is not None


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "00:00"), (59, "00:00"), (3600, "01:00"), (360_000, "100:00")]
)
def test_clock_text(seconds, text):
    """Time is told in hours and minutes; begun minutes are not told yet."""
    assert clock_text(seconds) == text
