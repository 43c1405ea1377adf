"""Captured files are read with the probes' parsers and judged by the checks."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from techkit.diagnostics import reading_files
from techkit.diagnostics.reading_files import FORMATS
from techkit.errors import InputError
from techkit.probes.declarations import DECLARED
from techkit.records.findings import Verdict

CAPTURES = Path(__file__).parents[1] / "captures"
AT = datetime(2026, 11, 23, 10, 10, tzinfo=UTC)

OWN = {
    "smartctl-json": "tools/smartctl-failing.json",
    "smartctl-text": "tools/smartctl-nvme.txt",
    "dmidecode": "tools/dmidecode.txt",
    "lpstat": "tools/lpstat.txt",
    "netsh-wlan": "tools/netsh-es.txt",
    "ipconfig": "tools/ipconfig-it.txt",
    "powershell-json": "windows-notebook/facts.json",
    "reg-export": "windows-notebook/registry.reg",
    "system-profiler": "macbook/system_profiler.json",
    "meminfo": "linux-desktop/proc/meminfo",
    "dpkg-status": "linux-desktop/var/lib/dpkg/status",
    "os-release": "linux-desktop/etc/os-release",
}


def verdicts(form: str, name: str) -> dict[str, Verdict]:
    found = reading_files.read(form, CAPTURES / name, now=AT)
    return {finding.check: finding.verdict for finding in found.findings}


@pytest.mark.parametrize(("form", "name"), OWN.items())
def test_a_file_gives_what_its_format_says(form, name):
    """Every reading is declared, and the format says that it may hold it."""
    found = reading_files.read(form, CAPTURES / name, now=AT)
    assert found.format == form
    assert found.readings
    for reading in found.readings:
        assert reading.id in DECLARED
        assert FORMATS[form].covers(reading.id), reading.id
    # What a sentence is about has a name, though the file has none.
    assert all(finding.sentence == finding.sentence.strip() for finding in found.findings)


def test_a_failing_drive_needs_action_and_a_good_one_does_not():
    """The same check, the same parser, two drives."""
    assert verdicts("smartctl-json", "tools/smartctl-failing.json")["disk_health"] is Verdict.ACT
    assert verdicts("smartctl-json", "tools/smartctl-seagate.json")["disk_health"] is Verdict.OK
    assert verdicts("smartctl-text", "tools/smartctl-nvme.txt")["disk_health"] is Verdict.ACT


def test_a_recorded_notebook_is_judged_whole():
    """One file of a Windows notebook: full disk, worn battery, a driver missing, firewall off."""
    found = verdicts("powershell-json", "windows-notebook/facts.json")
    assert found["disk_space"] is Verdict.ACT
    assert found["battery_wear"] is Verdict.WATCH
    assert found["missing_drivers"] is Verdict.WATCH
    assert found["firewall"] is Verdict.WATCH
    assert found["antivirus"] is Verdict.OK
    assert found["os_end_of_life"] is Verdict.OK


def test_an_unknown_format_and_a_lost_file_say_what_to_do():
    """A clear sentence and the next step each."""
    with pytest.raises(InputError) as error:
        reading_files.read("tea-leaves", CAPTURES / "README.md")
    assert "smartctl-json" in error.value.advice
    with pytest.raises(InputError) as error:
        reading_files.read("edid", CAPTURES / "no such file")
    assert error.value.advice


def test_the_formats_of_the_issue_are_there():
    """One format per kind of capture."""
    wanted = """smartctl-json smartctl-text wmi-list reg-export powercfg-battery powershell-json dmidecode edid lspci lsusb
    upower ip iw nmcli netsh-wlan ipconfig systeminfo system-profiler ioreg ifconfig wdutil timedatectl systemctl"""
    assert set(wanted.split()) <= set(FORMATS)
