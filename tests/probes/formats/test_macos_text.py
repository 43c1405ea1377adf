"""What macOS' own state tools print, in the forms they have."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from techkit.errors import ProbeError
from techkit.probes.formats import macos_text


def test_a_mac_without_time_machine_never_made_a_backup():
    """No destination, no backup."""
    sheet = macos_text.parse_time_machine({"Destinations": []}, datetime(2026, 11, 23, tzinfo=UTC))
    assert sheet.value("backup.never") is True


@pytest.mark.parametrize(
    ("text", "active"),
    [("Firewall is enabled. (State = 1)", True), ("(State = 2)", True), ("(State = 0)", False)],
)
def test_the_firewall_state(text, active):
    """2 blocks everything that comes in."""
    assert macos_text.parse_firewall(text).value("security.firewall.active") is active


def test_a_firewall_that_says_nothing_is_unknown():
    """Rubbish is no state."""
    with pytest.raises(ProbeError):
        macos_text.parse_firewall("Usage: socketfilterfw")


def test_a_worn_battery_of_apple_silicon():
    """MaxCapacity is a percentage there; the raw capacity counts."""
    sheet = macos_text.parse_smart_battery(
        [
            {
                "DesignCapacity": 4563,
                "MaxCapacity": 100,
                "AppleRawMaxCapacity": 3194,
                "CycleCount": 600,
                "Voltage": 12000,
            }
        ]
    )
    assert sheet.value("power.battery.health_percent", "0") == 70.0


def test_services_of_others_that_failed():
    """Apple's own jobs end as they like; signals are sent on purpose."""
    sheet = macos_text.parse_launchd(
        "PID\tStatus\tLabel\n-\t78\torg.sample.sync\n-\t-9\torg.sample.b\n-\t1\tcom.apple.x\n412\t0\torg.c\n"
    )
    assert sheet.value("os.services.failed") == ["org.sample.sync"]
