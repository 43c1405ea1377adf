"""The probes of a Windows machine, read from its one answer and its registry, both recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from techkit.errors import ProbeError
from techkit.probes import (
    active,
    arrays,
    backup,
    clock,
    computer,
    crashes,
    devices,
    memory,
    operating_system,
    power,
    processor,
    security,
    services,
    software,
    starting,
    storage,
    windows_request,
)
from techkit.probes.formats.windows.system import windows_cycle
from techkit.probes.formats.windows.values import moment
from techkit.probes.probe import Access, Platform, RecordedAccess, why_missing
from techkit.records.findings import Reason

FOLDER = Path(__file__).parents[1] / "captures" / "windows-notebook"
COMMAND = " ".join(windows_request.FACTS.argv)


@pytest.fixture
def notebook() -> Access:
    outputs = {COMMAND: (FOLDER / "facts.json").read_bytes()}
    return RecordedAccess(FOLDER, platform=Platform.WINDOWS, outputs=outputs)


def found(readings):
    return {(r.id, r.subject): r.value for r in readings}


def test_the_request_speaks_no_language():
    """One PowerShell, numbers and codes only; an argument without double quotes."""
    script = windows_request.script()
    assert '"' not in script
    assert "wmic" not in script
    assert "InvariantCulture" in script
    assert len(script) < 30_000  # Windows takes 32,767 signs of command line
    assert "-NoProfile" in windows_request.FACTS.argv


def test_volumes_are_those_with_a_letter(notebook):
    """Recovery volumes, discs and network drives are nobody's free space."""
    readings = found(storage.VOLUMES.read(notebook))
    assert {subject for id, subject in readings if id == "storage.volume.free_bytes"} == {"C:"}
    assert readings["storage.volume.free_bytes", "C:"] == 2_100_000_000
    assert readings["storage.volume.is_system", "C:"] is True


def test_a_disk_is_judged_by_windows_and_counted(notebook):
    """The health Windows sees, the wear and the hours of the drive."""
    readings = found(storage.HEALTH.read(notebook))
    assert readings["storage.disk.status", "0"] == "Healthy"
    assert readings["storage.smart.used_percent", "0"] == 12
    assert readings["storage.smart.power_on_hours", "0"] == 9021
    assert found(storage.DISKS.read(notebook))["storage.disk.kind", "0"] == "nvme"


def test_the_system_is_named_by_its_build(notebook):
    """The registry still says Windows 10; the build tells the truth."""
    readings = found(operating_system.SYSTEM.read(notebook))
    assert readings["os.name", ""] == "Windows 11 Home"
    assert readings["os.cycle", ""] == "11-25h2-w"
    assert readings["os.build", ""] == "26200.6957"


def test_the_clock_and_the_start(notebook):
    """The time since the start is the difference of two instants of the same clock."""
    readings = found(clock.CLOCK.read(notebook))
    assert readings["os.uptime_s", ""] == (53 * 24 + 3) * 3600 + 600
    assert readings["os.clock_synchronised", ""] is True


def test_programs_at_sign_in_without_those_switched_off(notebook):
    """What a person switched off in the task manager does not start."""
    readings = found(services.STARTUP.read(notebook))
    assert [row["name"] for row in readings["os.startup.programs", ""]] == ["Chat", "Toolbar"]


def test_heat_arrays_and_the_start_are_told_without_words(notebook):
    """A zone that gives a reason holds the processor back; one without does not, whatever its limit says."""
    heat = found(processor.HEAT.read(notebook))
    assert heat["processor.speed_limit_percent", "TZ.THRM"] == 74
    assert heat["processor.speed_limit_percent", "TZ.TZ00"] == 100
    assert heat["devices.thermal_zone_celsius", "TZ.THRM"] == 72
    kept = found(arrays.RAID.read(notebook))
    assert (kept["storage.raid.state", "Archiv"], kept["storage.raid.state", "Neu"]) == (
        "degraded",
        "recovering",
    )
    assert found(starting.START_UP.read(notebook))["os.start_up_s", ""] == 41.532
    assert found(storage.TRIM.read(notebook))["storage.trim_on", ""] is True


def test_memory_without_error_correction_counts_no_errors(notebook):
    """The log's numbers mean something only where the memory can correct."""
    assert found(memory.ERRORS.read(notebook)) == {("memory.ecc.controller_count", ""): 0}


def test_memory_with_error_correction_counts_its_errors():
    """What the log wrote down: corrected and not."""
    content = (FOLDER / "facts.json").read_bytes()
    changed = content.replace(b'"MemoryErrorCorrection":3', b'"MemoryErrorCorrection":6')
    assert changed != content
    server = RecordedAccess(FOLDER, platform=Platform.WINDOWS, outputs={COMMAND: changed})
    told = found(memory.ERRORS.read(server))
    assert (told["memory.ecc.corrected", "WHEA"], told["memory.ecc.uncorrected", "WHEA"]) == (3, 0)


def test_a_restart_waits(notebook):
    """The key of Windows' servicing is there."""
    readings = found(starting.RESTART.read(notebook))
    assert readings["os.restart_pending", ""] is True
    assert readings["os.restart_reasons", ""] == ["Windows servicing"]


def test_services_that_ended_with_an_error_failed(notebook):
    """A service that had nothing to do, or is started by hand, did not fail."""
    readings = found(services.SERVICES.read(notebook))
    assert readings["os.services.failed", ""] == ["SampleSync"]


def test_crashes_come_from_the_event_log(notebook):
    """PowerShell writes a list of one as the one."""
    readings = found(crashes.CRASHES.read(notebook))
    assert readings["os.crash_count", ""] == 2
    assert readings["os.crashed_programs", ""] == ["photos.exe"]
    assert readings["os.stability_index", ""] == 7.9


def test_programs_come_from_the_registry(notebook):
    """Updates and hidden parts are no programs; 32-bit ones have their own source."""
    readings = found(software.PROGRAMS.read(notebook))
    rows = {row["name"]: row for row in readings["software.programs", ""]}
    assert set(rows) == {"DentaBook", "Microsoft Office Professional Plus 2016", "Toolbar Helper"}
    assert rows["Toolbar Helper"]["source"] == "registry32"
    assert readings["software.office", ""][0]["cycle"] == "2016"


def test_battery_and_power_plan(notebook):
    """40,470 of 57,000 mWh are 71 %; the plan is told by its number."""
    readings = found(power.BATTERIES.read(notebook))
    assert readings["power.battery.health_percent", "0"] == 71.0
    assert readings["power.battery.cycles", "0"] == 511
    assert readings["power.plan", ""] == "power saver"


def test_memory_modules_and_paging_file(notebook):
    """One of two slots is filled; sizes in bytes."""
    readings = found(memory.MODULES.read(notebook))
    assert readings["memory.module.size_bytes", "DIMM A"] == 8 * 2**30
    assert readings["memory.module.type", "DIMM A"] == "DDR4"
    assert readings["memory.slot_count", ""] == 2
    used = found(memory.USE.read(notebook))
    assert used["memory.swap_total_bytes", ""] == 4096 * 2**20
    assert used["memory.available_bytes", ""] == 901234 * 1024


def test_the_processor(notebook):
    """Cores, threads and the load of the moment."""
    readings = found(processor.PROCESSORS.read(notebook))
    assert readings["processor.cores", "0"] == 4
    assert readings["processor.architecture", ""] == "x86_64"
    assert found(processor.LOAD.read(notebook))["processor.use_percent", ""] == 12


def test_security(notebook):
    """Scanner on and current, one firewall profile off, signing in by itself, disk not encrypted."""
    scanner = found(security.ANTIVIRUS.read(notebook))
    assert scanner["security.antivirus", ""] == [
        {"name": "Windows Defender", "is_active": True, "is_current": True}
    ]
    wall = found(security.FIREWALL.read(notebook))
    assert wall["security.firewall.active", ""] is False
    assert wall["security.firewall.profile", "Public"] == "off"
    assert wall["security.firewall.public_network", ""] is False
    assert found(security.ACCOUNTS.read(notebook))["security.automatic_sign_in", ""] is True
    guard = found(security.PROTECTION.read(notebook))
    assert guard["security.secure_boot", ""] is True
    assert guard["security.disk_encrypted", "C:"] is False


def test_devices_and_printers(notebook):
    """A device without a driver is named; a switched-off one is a wish; a printer out of reach is offline."""
    readings = found(devices.ATTACHED.read(notebook))
    assert [row["name"] for row in readings["devices.missing_drivers", ""]] == ["Network Controller"]
    printers = found(devices.PRINTERS.read(notebook))
    assert printers["devices.printer.state", "Office"] == "offline"
    assert printers["devices.printer.jobs", "Office"] == 2
    assert printers["devices.default_printer", ""] == "Office"
    assert printers["devices.print_service", ""] == "running"


def test_a_print_service_that_stopped_is_told():
    """Windows then lists no printer at all, as to somebody without rights; the service says why."""
    facts = b'{"Win32_Service":[{"Name":"Spooler","StartMode":"Auto","State":"Stopped","ExitCode":0}]}'
    access = RecordedAccess(FOLDER, platform=Platform.WINDOWS, outputs={COMMAND: facts})
    assert found(devices.PRINTERS.read(access)) == {("devices.print_service", ""): "stopped"}


def test_no_backup_was_ever_made(notebook):
    """No File History, no Windows Backup, no other backup program: never."""
    readings = found(backup.LAST.read(notebook))
    assert readings["backup.never", ""] is True


def test_a_placeholder_version_is_left_out(notebook):
    """The maker's placeholder is no value; the serial number is."""
    readings = found(computer.MACHINE.read(notebook))
    assert readings["system.serial", ""] == "LW-14-000731"
    assert readings["system.kind", ""] == "notebook"
    assert ("system.version", "") not in readings


@pytest.mark.parametrize(
    "answer", [b"", b"#< CLIXML\r\n<Objs></Objs>", b"Access denied.", b"[]", b"null", b"{}"]
)
def test_an_answer_that_is_none_is_a_reason(answer):
    """Nothing that PowerShell may print becomes a verdict."""
    access = RecordedAccess(FOLDER, platform=Platform.WINDOWS, outputs={COMMAND: answer})
    with pytest.raises(ProbeError) as error:
        list(storage.VOLUMES.read(access))
    assert error.value.reason == Reason.FAILED


def test_a_class_only_administrators_see_is_not_permitted():
    """Without the encryption class an ordinary user is told why."""
    facts = b'{"Win32_OperatingSystem":[{"BuildNumber":"26200"}]}'
    access = RecordedAccess(FOLDER, platform=Platform.WINDOWS, outputs={COMMAND: facts})
    [missing] = [r for r in security.PROTECTION.read(access) if why_missing(r)]
    assert why_missing(missing)[0] is Reason.NOT_PERMITTED


@pytest.mark.parametrize(
    ("build", "sku", "kind", "expected"),
    [
        (26200, 48, 1, ("windows", "11-25h2-w")),
        (26100, 4, 1, ("windows", "11-24h2-e")),
        (26100, 125, 1, ("windows", "11-24h2-e-lts")),
        (19045, 101, 1, ("windows", "10-22h2")),
        (17763, 125, 1, ("windows", "10-1809-e-lts")),
        (7601, 48, 1, ("windows", "7-sp1")),
        (7600, 48, 1, ("windows", "7-sp1")),
        (6000, 2, 1, ("windows", "6-sp2")),
        (7600, 7, 3, ("windows-server", "2008-r2-sp1")),
        (18363, 7, 3, ("windows-server", "1909-sac")),
        (20348, 7, 3, ("windows-server", "2022")),
        (12345, 48, 1, ("windows", "")),
    ],
)
def test_builds_are_releases(build, sku, kind, expected):
    """Build, edition and kind of product name the release of the end of life data."""
    assert windows_cycle(build, sku, kind) == expected


@pytest.mark.parametrize(
    "text",
    [
        "20261123101000.000000+060",
        "/Date(1795425000000)/",
        "2026-11-23T09:10:00.0000000Z",
        "2026-11-23T10:10:00+01:00",
    ],
)
def test_all_forms_of_an_instant_are_one(text):
    """CIM, Windows PowerShell and PowerShell 7 write the same instant in their own ways."""
    assert moment(text).isoformat() == "2026-11-23T09:10:00+00:00"


def test_a_class_that_came_too_late_is_said_to_be_late():
    """One slow provider costs itself; its probe says that Windows did not answer in time."""
    facts = b'{"Win32_OperatingSystem":[{"BuildNumber":"26200"}],"techkit_late":[{"Name":"Win32_Printer"}]}'
    access = RecordedAccess(FOLDER, platform=Platform.WINDOWS, outputs={COMMAND: facts})
    with pytest.raises(ProbeError) as error:
        list(devices.PRINTERS.read(access))
    assert error.value.reason == Reason.TIMED_OUT


def test_braces_of_the_request_are_balanced():
    """The request was never run here; at least what opens also closes, and the slow classes stand last."""
    script = windows_request.script()
    for opening, closing in ("{}", "()", "[]"):
        assert script.count(opening) == script.count(closing)
    assert script.count("'") % 2 == 0
    assert script.index("'Win32_LogicalDisk'") < script.index("'Win32_Printer'")


def test_the_disk_is_read_by_its_number(notebook):
    """The reading test opens what Windows numbers; sticks are left alone."""
    assert [(d.device, d.kind, d.is_removable) for d in active.listed_disks(notebook)] == [
        (r"\\.\PhysicalDrive0", "nvme", False)
    ]
