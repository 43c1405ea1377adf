"""The probes of a Mac, read from recorded answers of its own tools."""

from __future__ import annotations

from pathlib import Path

import pytest

from techkit.errors import ProbeError
from techkit.probes import (
    access_macos,
    active,
    backup,
    clock,
    computer,
    devices,
    display,
    memory,
    operating_system,
    power,
    processor,
    security,
    starting,
    storage,
)
from techkit.probes.formats import system_profiler
from techkit.probes.formats.macos.system import macos_cycle
from techkit.probes.formats.macos.values import size_of
from techkit.probes.probe import Access, Platform, RecordedAccess, why_missing
from techkit.records.findings import Reason

FOLDER = Path(__file__).parents[1] / "captures" / "macbook"


def line(command) -> str:
    return " ".join(command.argv)


@pytest.fixture
def mac() -> Access:
    outputs = {
        line(access_macos.HARDWARE): (FOLDER / "system_profiler.json").read_bytes(),
        line(access_macos.SYSCTL): (FOLDER / "sysctl.txt").read_bytes(),
        line(access_macos.MEMORY): (FOLDER / "vm_stat.txt").read_bytes(),
        line(access_macos.BACKUP): (FOLDER / "timemachine.plist").read_bytes(),
        line(access_macos.FIREWALL): b"Firewall is enabled. (State = 1)\n",
        line(access_macos.FILEVAULT): b"true\n",
    }
    return RecordedAccess(FOLDER, platform=Platform.MACOS, outputs=outputs)


def found(readings):
    return {(r.id, r.subject): r.value for r in readings}


def test_the_computer_and_its_system(mac):
    """Model, kind, release and start."""
    machine = found(computer.MACHINE.read(mac))
    assert machine["system.model", ""] == "Mac14,2"
    assert machine["system.kind", ""] == "notebook"
    system = found(operating_system.SYSTEM.read(mac))
    assert (system["os.version", ""], system["os.cycle", ""], system["os.build", ""]) == (
        "15.7.1",
        "15",
        "24G231",
    )
    assert found(clock.CLOCK.read(mac))["os.booted_at", ""].startswith("2025-11-13T")


def test_what_a_mac_does_not_tell_has_its_reason(mac):
    """The clock's keeper is told to administrators only, start-up security and the security chip to no program."""
    why = {r.id: why_missing(r) for r in (*clock.CLOCK.read(mac), *security.PROTECTION.read(mac))}
    assert why["os.clock_synchronised"][0] is Reason.NOT_PERMITTED
    for id in ("security.secure_boot", "security.tpm"):
        assert why[id][0] is Reason.NOT_PRESENT
        assert why[id][1]


def test_volumes_a_person_knows(mac):
    """The system's helper volumes share the pool and are not listed."""
    readings = found(storage.VOLUMES.read(mac))
    assert {subject for id, subject in readings if id == "storage.volume.total_bytes"} == {"/"}
    assert readings["storage.volume.free_bytes", "/"] == 180_000_000_000


def test_the_drive_says_verified(mac):
    """The system's word for the drive's health."""
    readings = found(storage.HEALTH.read(mac))
    assert readings["storage.disk.status", "disk0"] == "Verified"
    assert found(storage.DISKS.read(mac))["storage.disk.kind", "disk0"] == "nvme"


def test_memory_is_counted_in_pages(mac):
    """Free, speculative, inactive and purgeable pages are available; decimals may have a comma."""
    readings = found(memory.USE.read(mac))
    assert readings["memory.available_bytes", ""] == (21034 + 1200 + 298765 + 3000) * 16384
    assert readings["memory.total_bytes", ""] == 16 * 2**30
    assert readings["memory.swap_total_bytes", ""] == 2048 * 2**20
    assert found(processor.LOAD.read(mac))["processor.load_5", ""] == 1.8


def test_heat_and_trim(mac):
    """No temperature without a driver of one's own, but how far heat holds the processor back."""
    mac._recorded[line(access_macos.THERMAL)] = b"CPU_Scheduler_Limit = 100\nCPU_Speed_Limit \t= 62\n"
    limit, degrees = processor.HEAT.read(mac)
    assert (limit.id, limit.value) == ("processor.speed_limit_percent", 62)
    assert why_missing(degrees) == (Reason.NOT_PRESENT, "macOS tells no program how warm the processor is.")
    mac._recorded[line(access_macos.THERMAL)] = b"Note: No thermal warning level has been recorded\n"
    assert [reading.id for reading in processor.HEAT.read(mac)] == ["temperature.celsius"]
    assert found(storage.TRIM.read(mac)) == {("storage.trim_on", "disk0"): True}


def test_a_macs_start_is_told_by_its_window_for_signing_in(mac):
    """From the kernel's beginning to that window; one that came up anew after signing out says nothing."""
    processes = "Thu Nov 13 02:13:21 2025     /sbin/launchd\nThu Nov 13 02:13:52 2025     {}/loginwindow\n"
    place = "/System/Library/CoreServices/loginwindow.app/Contents/MacOS"
    mac._recorded[line(access_macos.BEGAN)] = processes.format(place).encode()
    assert found(starting.START_UP.read(mac)) == {("os.start_up_s", ""): 32.0}
    mac._recorded[line(access_macos.BEGAN)] = processes.format(place).replace("02:13:52", "09:00:00").encode()
    with pytest.raises(ProbeError, match="somebody signed out"):
        list(starting.START_UP.read(mac))


def test_memory_that_corrects_its_errors_tells_no_program(mac):
    """A Mac without such memory counts nothing; one with it could not be checked, and says so."""
    assert found(memory.ERRORS.read(mac)) == {("memory.ecc.controller_count", ""): 0}
    told = (
        b'{"SPMemoryDataType": [{"_name": "Memory Slots", "global_ecc_state": "ecc_enabled", "_items": []}]}'
    )
    mac._recorded[line(access_macos.HARDWARE)] = told
    [reading] = memory.ERRORS.read(mac)
    assert reading.id == "memory.ecc.corrected"
    assert why_missing(reading)[0] is Reason.NOT_PRESENT


def test_battery_health_as_the_mac_tells_it(mac):
    """Maximum capacity in percent, cycles, condition."""
    readings = found(power.BATTERIES.read(mac))
    assert readings["power.battery.health_percent", "0"] == 78.0
    assert readings["power.battery.cycles", "0"] == 211
    assert readings["power.adapter_online", ""] is False


def test_devices(mac):
    """USB, sound, printer without its password, display."""
    readings = found(devices.ATTACHED.read(mac))
    assert readings["devices.usb.id", "0x02100000"] == "0951:1666"
    assert readings["devices.sound_count", ""] == 1
    assert readings["display.graphics.name", "0"] == "Apple M2"
    assert found(display.MONITORS.read(mac))["display.monitor.mode", "0"] == "2560 × 1664"
    printers = found(system_profiler.parse((FOLDER / "system_profiler.json").read_bytes()))
    assert printers["devices.printer.address", "Office"] == "ipp://printer.invalid/ipp"


def test_the_last_backup_is_the_newest_snapshot(mac):
    """Time Machine keeps the dates of its snapshots."""
    readings = found(backup.LAST.read(mac))
    assert readings["backup.last_at", "Time Machine"] == "2026-11-20T10:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("250.06 GB", 250_060_000_000),
        ("7,34 GB", 7_340_000_000),
        ("500.11 GB (500,107,862,016 bytes)", 500_107_862_016),
        ("nothing", None),
    ],
)
def test_sizes_with_a_point_or_a_comma(text, size):
    """The exact bytes go before the rounded amount."""
    assert size_of(text) == size


@pytest.mark.parametrize(
    ("version", "cycle"), [("10.6.8", "10.6"), ("10.15.7", "10.15"), ("10.16", "11"), ("14.5", "14")]
)
def test_releases_of_macos(version, cycle):
    """Up to 10.15 two numbers name a release, after it one."""
    assert macos_cycle(version) == cycle


def test_the_disk_is_read_by_its_raw_device(mac):
    """The reading test opens the device that keeps nothing back."""
    assert [(d.device, d.is_removable) for d in active.listed_disks(mac)] == [("/dev/rdisk0", False)]
