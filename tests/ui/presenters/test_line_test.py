"""Measuring the line through its presenter: asked first, stopped when told, added to the check, clear where it cannot be."""

from __future__ import annotations

import threading

import pytest

from techkit.errors import UnreachableError
from techkit.records.findings import Verdict
from techkit.sync import throughput
from techkit.sync.throughput import Measured, Rate
from techkit.ui.presenters.line_test import LineTest
from techkit.ui.presenters.visit import Visit


class Office:
    """Answers as the office's service would: known or not, fast or slow, or not at all."""

    def __init__(self) -> None:
        self.is_enrolled = True
        self.mbit = 80.0
        self.error: Exception | None = None
        self.heard: list[str] = []
        self.stopped_at: float | None = None

    def measure_line(self, told: throughput.Told, stop: threading.Event) -> Measured:
        """Tell of two pieces, then of the whole."""
        if self.error is not None:
            raise self.error
        pace = self.mbit * 1e6 / 8
        for share, way in ((0.4, "down"), (0.9, "up")):
            told(share, way, pace)
            if stop.is_set():
                break
        rate = Rate(bytes_per_s=None if stop.is_set() else pace, byte_count=10**7, seconds=4.0)
        return Measured(
            down=rate, up=rate, delay_ms=12.5, against="office.example", was_stopped=stop.is_set()
        )


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def line_test(checked: Visit, office: Office) -> LineTest:
    return LineTest(checked.held, lambda: office)


def test_the_customer_is_asked_before_the_line_is_loaded(line_test: LineTest) -> None:
    """How long, how much, to whom; a no leaves everything as it was."""
    line_test.ask()
    assert line_test.state.phase == "asked"
    assert "16 seconds" in line_test.state.asked_sentence
    assert "100.7" in line_test.state.asked_sentence
    line_test.refuse()
    assert line_test.state.phase == "offered"
    line_test.start()
    assert line_test.state.phase == "offered"


def test_what_was_measured_joins_the_check(line_test: LineTest) -> None:
    """The finding stands in the run like any other, and the pace is told meanwhile."""
    lines: list[str] = []
    line_test.changed.subscribe(lambda: lines.append(line_test.state.line))
    line_test.ask()
    line_test.start()
    run = line_test.held.last_run
    assert run is not None
    [finding] = [f for f in run.findings if f.check == "network_throughput"]
    assert (finding.verdict, finding.value) == (Verdict.OK, 80.0)
    assert "office.example" in finding.sentence
    assert any("Down: 80" in line for line in lines)
    assert "80" in line_test.state.line
    assert line_test.state.notice is not None


def test_a_slow_line_is_watched_and_may_explain_what_is_slow(line_test: LineTest, office: Office) -> None:
    """Below what a line has to carry at least; the customer complained of a slow computer."""
    office.mbit = 3.0
    line_test.ask()
    line_test.start()
    run = line_test.held.last_run
    assert run is not None
    [finding] = [f for f in run.findings if f.check == "network_throughput"]
    assert finding.verdict is Verdict.WATCH
    assert finding.explains is not None
    assert finding.advice


def test_a_stop_before_anything_was_learnt_adds_nothing(line_test: LineTest) -> None:
    """Stopped with the first word of its pace; the check is what it was."""
    before = line_test.held.last_run
    line_test.ask()

    def stop() -> None:
        if line_test.state.share:
            line_test.stop()

    line_test.changed.subscribe(stop)
    line_test.start()
    assert line_test.held.last_run == before
    assert line_test.state.phase == "offered"
    assert line_test.state.notice is not None
    assert "Stopped" in line_test.state.notice.title


def test_a_device_no_office_knows_is_told_at_once(line_test: LineTest, office: Office) -> None:
    """Nobody is asked for what cannot be."""
    office.is_enrolled = False
    line_test.ask()
    assert line_test.state.phase == "offered"
    assert line_test.state.notice is not None
    assert "enrolled with none" in line_test.state.notice.title


def test_a_service_that_is_away_is_told_and_nothing_changes(line_test: LineTest, office: Office) -> None:
    """One sentence, what is safe, and it can be asked for again."""
    office.error = UnreachableError("The line could not be measured.", advice="Measure again.")
    line_test.ask()
    line_test.start()
    assert line_test.state.phase == "offered"
    assert line_test.state.notice is not None
    assert "could not be measured" in line_test.state.notice.title
    assert "unchanged" in line_test.state.notice.text
