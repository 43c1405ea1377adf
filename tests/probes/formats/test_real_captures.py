"""Captures of real machines, kept outside the repository: each is read, and says what it should.

Set TECHKIT_CAPTURES to their folder; without it these tests are skipped, saying so.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from techkit.diagnostics import reading_files
from techkit.records.findings import Verdict
from tests.probes.formats.captures import FOLDER, PLACES, real_files

pytestmark = pytest.mark.skipif(
    not FOLDER, reason="TECHKIT_CAPTURES is not set: no output of real machines to read"
)


@pytest.mark.parametrize(
    ("form", "path"),
    [(form, path) for form in PLACES for path in real_files(form)],
    ids=lambda part: "-".join(part.parts[-2:]) if isinstance(part, Path) else part,
)
def test_a_real_capture_is_read(form, path):
    """Whatever a machine printed is read without an exception, and what is read can be kept as JSON."""
    found = reading_files.read(form, path)
    json.dumps([reading.value for reading in found.readings]).encode()


def value(form: str, name: str, id: str, subject: str = ""):
    found = reading_files.read(form, Path(FOLDER) / name)
    return next((r.value for r in found.readings if r.id == id and subject in ("*", r.subject)), None)


@pytest.mark.parametrize(
    ("form", "name", "id", "subject", "expected"),
    [
        ("smartctl-json", "smartctl-json/smart-ata.json", "storage.smart.power_on_hours", "*", 1730),
        ("smartctl-json", "smartctl-json/smart-nvme2.json", "storage.smart.used_percent", "*", 1),
        ("smartctl-json", "smartctl-json/smart-scsi.json", "storage.smart.grown_defects", "*", 56),
        ("smartctl-text", "linux/smartctl/sample8", "storage.disk.model", "", "OCZ-VECTOR150"),
        (
            "wmi-list",
            "windows/wmi/win10-crypt-Win32_EncryptableVolume.wmi",
            "security.disk_encrypted",
            "C:",
            True,
        ),
        ("wmi-list", "windows/wmi/latitude-7480-MSFT_PhysicalDisk.wmi", "storage.disk.kind", "0", "nvme"),
        ("wmi-list", "windows/wmi/2019-amd-epyc-Win32_Processor.wmi", "processor.threads", "0", 4),
        (
            "reg-export",
            "windows/registry/7_firewall-DomainProfile.reg",
            "security.firewall.active",
            "",
            False,
        ),
        ("reg-export", "windows/registry/10-DomainProfile.reg", "security.firewall.active", "", True),
        (
            "powercfg-battery",
            "windows/powercfg/windows-10-notebook.xml",
            "power.battery.health_percent",
            "1",
            68.5,
        ),
        ("dmidecode", "linux/dmidecode/dell-r630", "system.serial", "", "2WF88P2"),
        ("dmidecode", "linux/dmidecode/hp-dl180", "memory.module.size_bytes", "PROC 1 DIMM 2A", 2 * 2**30),
        ("edid", "linux/edid/lcd.dell-U2410", "display.monitor.serial", "", "F525M1AGAP6L"),
        ("upower", "jc/generic/upower-i-utc.out", "power.battery.health_percent", "BAT0", 68.5),
        ("netsh-wlan", "wifi/win-netsh-interfaces-de.txt", "network.wifi.channel", "WLAN", 116),
        ("netsh-wlan", "wifi/win-netsh-interfaces-fr.txt", "network.wifi.rate_mbit", "Wi-Fi", 206.0),
        ("system-profiler", "macos/system_profiler/10.6-intel", "system.model", "", "iMac7,1"),
        ("system-profiler", "wifi/mac-sp_15.5-wpa2-en.json", "network.wifi.signal_dbm", "en0", -58),
        ("ioreg", "macos/ioreg/AppleDisplay", "display.monitor.name", "0", "DELL 1708FP"),
        ("wdutil", "wifi/macOS15-wdutil-5GHz-en.txt", "network.wifi.channel", "en0", 44),
        ("systeminfo", "jc/windows/windows-2012r2/systeminfo.out", "os.cycle", "", "2012-r2"),
        ("timedatectl", "jc/generic/timedatectl-timesync-status.out", "os.clock_offset_s", "", -0.0052),
    ],
)
def test_a_value_agrees_with_what_the_capture_says(form, name, id, subject, expected):
    """One telling value of each kind, read by eye from the file."""
    assert value(form, name, id, subject) == expected


def test_good_drives_are_not_called_bad():
    """No drive of the captures that passes its own test needs action."""
    for path in sorted((Path(FOLDER) / "smartctl-json").glob("*.json")):
        found = reading_files.read("smartctl-json", path)
        passed = [r.value for r in found.readings if r.id == "storage.smart.passed"]
        if passed == [True]:
            verdicts = [f.verdict for f in found.findings if f.check == "disk_health"]
            assert Verdict.ACT not in verdicts, path.name
