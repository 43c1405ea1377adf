"""The clock of a visit: paused, set while it runs, and met again after a crash."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from techkit.records.visit import LabourSegment
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device


def test_pause_makes_two_stretches(device: Device, visit: Visit):
    """A pause ends one stretch of time and resuming begins another."""
    visit.next()
    device.clock.go_to("2026-11-23 11:00")
    visit.pause("Lunch")
    device.clock.go_to("2026-11-23 12:00")
    visit.resume()
    device.clock.go_to("2026-11-23 12:30")
    visit.tick()
    assert visit.state.clock == "01:30"
    sign_ready = [(s.kind.value, s.elapsed_s) for s in device.store.find(LabourSegment)]
    assert sorted(sign_ready) == [("break", 3600), ("work", 3600)]


@pytest.mark.parametrize("hours", [-3, -30, 5, 24 * 365 * 70])
def test_setting_the_clock_changes_no_minute(device: Device, visit: Visit, hours: float):
    """Whatever happens to the wall clock, the length of the work is what was measured."""
    visit.next()
    device.clock.go_to("2026-11-23 10:20")
    device.clock.set_wrong(hours)
    visit.tick()
    assert visit.state.clock == "00:20"


def test_clock_goes_on_after_a_crash_and_a_restart(device: Device, planned: str):
    """The clock is written down as it runs; another start of the computer counts by the wall."""
    visit = device.open(planned)
    visit.next()
    device.clock.go_to("2026-11-23 10:30")
    visit.tick()
    device.start_again()
    device.clock.go_to("2026-11-23 10:40")
    again = device.open(planned)
    assert again.state.clock == "00:40"
    device.start_again()
    device.clock._steady = 5.0  # the computer itself was started again
    device.clock._now = datetime(2026, 11, 23, 9, 50, tzinfo=UTC)
    third = device.open(planned)
    assert third.state.clock == "00:50"
