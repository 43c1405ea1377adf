"""Measuring the line through its presenter and the real service: asked first, stopped when told, added to the check."""

from __future__ import annotations

import time
from typing import Any

import pytest

from techkit.central import throughput as desk_room
from techkit.records.findings import Verdict
from techkit.sync import throughput
from techkit.ui.presenters.line_test import LineTest
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Office


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Move less than a technician's line would."""
    monkeypatch.setattr(desk_room, "BYTES_EACH_WAY", 1024 * 1024)
    monkeypatch.setattr(desk_room, "PIECE_BYTES", 256 * 1024)


@pytest.fixture
def alone(checked: Visit) -> LineTest:
    """Give the line's test on a device no office knows."""
    return checked.check.line_test


@pytest.fixture
def line_test(alone: LineTest, office: Office, small: None) -> LineTest:
    """Give the line's test on a device of the office."""
    alone.held.around.client.enrol(office.invitation())
    return alone


def finding_of(line_test: LineTest) -> Any:
    """Return what the last check says of the line, None for nothing measured."""
    run = line_test.held.last_run
    assert run is not None
    return next((f for f in run.findings if f.check == "network_throughput" and f.value is not None), None)


def measured(line_test: LineTest) -> None:
    """Ask, and measure."""
    line_test.ask()
    assert line_test.state.phase == "asked"
    line_test.start()
    assert line_test.state.phase == "offered"


def test_the_customer_is_asked_before_the_line_is_loaded(line_test: LineTest) -> None:
    """How long, how much, to whom; a no leaves everything as it was."""
    line_test.ask()
    assert line_test.state.phase == "asked"
    assert "16 seconds" in line_test.state.asked_sentence
    assert "100.7" in line_test.state.asked_sentence
    line_test.refuse()
    assert line_test.state.phase == "offered"
    line_test.start()
    assert (line_test.state.phase, finding_of(line_test)) == ("offered", None)


def test_what_was_measured_joins_the_check(line_test: LineTest) -> None:
    """The finding stands in the run like any other, and the pace is told meanwhile."""
    lines: list[str] = []
    line_test.changed.subscribe(lambda: lines.append(line_test.state.line))
    measured(line_test)
    finding = finding_of(line_test)
    assert finding.verdict is Verdict.OK
    assert "measured against 127.0.0.1" in finding.sentence
    assert any(line.startswith("Down: ") for line in lines)
    assert any(line.startswith("Up: ") for line in lines)
    assert line_test.state.line == f"Last measured: {finding.value_text}."
    assert line_test.state.notice is not None


def test_a_slow_line_is_watched_and_may_explain_what_is_slow(
    line_test: LineTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below what a line has to carry at least; the customer complained of a slow computer."""
    monkeypatch.setattr(throughput, "SECONDS_EACH_WAY", 0.4)
    real = throughput._move

    def slow(line: Any, grant: Any, way: str, count: int) -> float:
        wait_s = count / 250_000
        time.sleep(wait_s)
        return real(line, grant, way, count) + wait_s

    monkeypatch.setattr(throughput, "_move", slow)
    measured(line_test)
    finding = finding_of(line_test)
    assert finding.verdict is Verdict.WATCH
    assert finding.explains is not None
    assert finding.advice


def test_a_stop_before_anything_was_learnt_adds_nothing(line_test: LineTest) -> None:
    """Stopped with the first word of its pace; the check is what it was."""
    before = line_test.held.last_run

    def stop() -> None:
        if line_test.state.share:
            line_test.stop()

    line_test.changed.subscribe(stop)
    measured(line_test)
    assert line_test.held.last_run == before
    assert line_test.state.notice is not None
    assert "Stopped" in line_test.state.notice.title


def test_a_device_no_office_knows_is_told_at_once(alone: LineTest) -> None:
    """Nobody is asked for what cannot be."""
    alone.ask()
    assert alone.state.phase == "offered"
    assert alone.state.notice is not None
    assert "enrolled with none" in alone.state.notice.title


def test_a_service_that_is_away_is_told_and_nothing_changes(line_test: LineTest) -> None:
    """One sentence, what is safe, and it can be asked for again."""
    around = line_test.held.around
    around.client.close()
    around.store.replica.set_meta({"url": "https://127.0.0.1:9"})
    before = line_test.held.last_run
    measured(line_test)
    assert line_test.held.last_run == before
    assert line_test.state.notice is not None
    assert "could not be measured" in line_test.state.notice.title
    assert "Nothing here was changed." in line_test.state.notice.text


def test_a_visit_that_is_left_takes_its_measurement_along(line_test: LineTest, checked: Visit) -> None:
    """Locked or closed meanwhile, it ends after the piece under way; no connection stays, and nothing is added."""
    before, shares = line_test.held.last_run, []

    def leave() -> None:
        if line_test.state.share:
            shares.append(line_test.state.share)
            line_test.held.around.client.close()
            checked.close()

    line_test.changed.subscribe(leave)
    line_test.ask()
    line_test.start()
    assert len(shares) == 1
    assert line_test.held.last_run == before
    assert line_test.held.around.client.line.connection()._connection is None
