"""The probes of a Linux machine, read from the files of a recorded desktop."""

from __future__ import annotations

from pathlib import Path

import pytest

from techkit.children.external import Output
from techkit.diagnostics import endoflife
from techkit.errors import ProbeError
from techkit.probes import (
    arrays,
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
    wifi,
)
from techkit.probes.access_linux import parse_mountinfo
from techkit.probes.probe import Access, Platform, RecordedAccess, why_missing
from techkit.records.findings import Privacy, Reason

CAPTURES = Path(__file__).parents[1] / "captures"
DESKTOP = CAPTURES / "linux-desktop"


@pytest.fixture
def desktop() -> Access:
    return RecordedAccess(DESKTOP, platform=Platform.LINUX, is_admin=True)


def found(readings):
    """Return (id, subject) -> value."""
    return {(r.id, r.subject): r.value for r in readings}


def test_volumes_are_counted_once_and_far_ones_only_counted(desktop):
    """A bind mount is its volume, a snap is none, a folder of another computer is never asked."""
    readings = found(storage.VOLUMES.read(desktop))
    volumes = {subject for id, subject in readings if id == "storage.volume.file_system"}

    assert volumes == {"/", "/boot", "/data"}
    assert readings["storage.network_mount_count", ""] == 1
    assert readings["storage.volume.is_system", "/"] is True
    assert readings["storage.volume.error_count", "/"] == 3
    assert readings["storage.volume.free_bytes", "/"] > 0


def test_a_volume_locked_by_errors_is_told_from_an_ordered_one(desktop):
    """Read-only without an order in fstab is the kernel's doing."""
    readings = found(storage.VOLUMES.read(desktop))
    assert readings["storage.volume.read_only_by", "/data"] == "errors"
    assert readings["storage.volume.is_read_only", "/"] is False


def test_a_volume_that_does_not_answer_says_so(desktop):
    """A place that is gone is missing with its reason; the others are there."""
    [lost] = [r for r in storage.VOLUMES.read(desktop) if r.subject == "/boot" and why_missing(r)]
    assert lost.id == "storage.volume.free_bytes"
    assert why_missing(lost)[0] is Reason.FAILED


def test_the_serial_number_of_a_sata_drive_is_what_udev_noted(tmp_path):
    """The kernel keeps it from ordinary users; the device manager noted it at start."""
    for place, content in (
        ("sys/block/sda/size", "1953525168"),
        ("sys/block/sda/dev", "8:0"),
        ("run/udev/data/b8:0", "S:disk/by-id/x\nE:ID_SERIAL=Sample_A1_WD-WX91A1234567\nE:ID_SERIAL_SHORT=WD-WX91A1234567\n"),
    ):  # fmt: skip
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(content)
    access = RecordedAccess(tmp_path, platform=Platform.LINUX)
    assert found(storage.DISKS.read(access))["storage.disk.serial", "sda"] == "WD-WX91A1234567"


def test_a_disk_is_described_by_the_kernel(desktop):
    """Size in bytes, kind, the scheduler in use; "ATA" is no maker."""
    readings = found(storage.DISKS.read(desktop))
    assert readings["storage.disk_count", ""] == 1
    assert readings["storage.disk.size_bytes", "sda"] == 1953525168 * 512
    assert readings["storage.disk.kind", "sda"] == "ssd"
    assert readings["storage.disk.scheduler", "sda"] == "mq-deadline"
    assert readings["storage.disk.trims", "sda"] is True
    assert ("storage.disk.maker", "sda") not in readings


def test_an_array_with_a_failed_member_is_degraded(desktop):
    """The faulty member counts, whatever the array's own word is."""
    readings = found(arrays.RAID.read(desktop))
    assert readings["storage.raid.state", "md0"] == "degraded"
    assert readings["storage.raid.missing", "md0"] == 1


def test_a_drive_without_smartctl_could_not_be_checked(desktop):
    """A missing tool is a reason, never a verdict."""
    [reading] = storage.HEALTH.read(desktop)
    assert why_missing(reading)[0] is Reason.TOOL_MISSING


def test_smartctl_is_asked_without_waking_the_drive():
    """The drive's health reaches the readings under the kernel's name for the drive."""
    command = " ".join(storage.smart_command("/dev/sda").argv)
    assert "-n standby" in command
    assert command.endswith("-- /dev/sda")
    output = (CAPTURES / "tools" / "smartctl-failing.json").read_bytes()
    access = RecordedAccess(DESKTOP, is_admin=True, outputs={command: output})
    readings = found(storage.HEALTH.read(access))
    assert readings["storage.smart.passed", "sda"] is False
    assert readings["storage.smart.reallocated", "sda"] == 3912


def test_a_sleeping_drive_is_left_asleep():
    """A drive in standby is skipped with its reason."""
    command = " ".join(storage.smart_command("/dev/sda").argv)
    output = (
        b'{"smartctl": {"exit_status": 2, "messages": [{"string": "Device is in STANDBY mode, exit(2)"}]}}'
    )
    access = RecordedAccess(DESKTOP, is_admin=True, outputs={command: output})
    missing = [r for r in storage.HEALTH.read(access) if why_missing(r)]
    assert why_missing(missing[0])[0] is Reason.SKIPPED


def test_a_drive_behind_a_usb_bridge_is_asked_through_it():
    """When smartctl asks for the bridge, the known ones are tried."""
    plain = " ".join(storage.smart_command("/dev/sda").argv)
    bridged = " ".join(storage.smart_command("/dev/sda", "sntjmicron").argv)
    access = RecordedAccess(
        DESKTOP,
        is_admin=True,
        outputs={
            plain: b'{"smartctl": {"messages": [{"string": "Unknown USB bridge, please specify device type"}]}}',
            bridged: (CAPTURES / "tools" / "smartctl-seagate.json").read_bytes(),
        },
    )
    assert found(storage.HEALTH.read(access))["storage.smart.passed", "sda"] is True


@pytest.mark.parametrize("name", ["sda; rm -rf", "$(reboot)", "--help", "-rf", "sd\nx", "s" * 4096])
def test_a_hostile_device_name_reaches_no_tool(tmp_path, name):
    """Only names as the kernel makes them are ever handed on."""
    folder = tmp_path / "sys" / "block"
    folder.mkdir(parents=True)
    if len(name) < 200:
        (folder / name).mkdir()
    access = RecordedAccess(tmp_path, is_admin=True)
    names = storage.disk_names(access)
    assert all(part.replace("-", "").isalnum() for part in names)
    assert name not in names or name in ("--help", "-rf")
    # A name that looks like an option still stands behind "--" and "/dev/".
    assert storage.smart_command(f"/dev/{name}").argv[-2] == "--"


def test_memory_and_paging(desktop):
    """Sizes in bytes, pressure in percent."""
    readings = found(memory.USE.read(desktop))
    assert readings["memory.total_bytes", ""] == 8_000_000 * 1024
    assert readings["memory.swap_free_bytes", ""] == 100_000 * 1024
    assert readings["memory.pressure_percent", ""] == 14.5
    assert readings["memory.swap_used_bytes", "/dev/sda3"] == 1_900_000 * 1024


def test_memory_errors_come_from_the_controllers(desktop):
    """Each controller has its own counters."""
    readings = found(memory.ERRORS.read(desktop))
    assert readings["memory.ecc.corrected", "mc0"] == 7
    assert readings["memory.ecc.uncorrected", "mc0"] == 0


def test_no_memory_at_all_cannot_be_true():
    """0 bytes of memory are left out, and so are rows that are no numbers."""
    sheet = memory.parse_meminfo("MemTotal: 0 kB\nMemFree: many kB\nrubbish\n")
    assert len(sheet) == 0


def test_load_and_lost_time(desktop):
    """Loads as they are, shares of all time in percent."""
    readings = found(processor.LOAD.read(desktop))
    assert readings["processor.load_5", ""] == 4.9
    assert readings["processor.wait_percent", ""] == 20.0
    assert readings["processor.steal_percent", ""] == 4.9
    assert readings["processor.blocked_count", ""] == 2


def test_a_sensor_that_lies_has_no_temperature(desktop):
    """255 °C is no temperature, and is told as that; the marks of the other sensor are its own."""
    readings = found(processor.HEAT.read(desktop))
    assert readings["temperature.celsius", "coretemp Package id 0"] == 91.0
    assert readings["temperature.high_celsius", "coretemp Package id 0"] == 84.0
    told = [(id, why["reason"]) for (id, subject), why in readings.items() if subject == "coretemp temp2"]
    assert told == [("temperature.celsius", "failed")]


def test_battery_health_is_full_against_design(desktop):
    """40.5 of 57 Wh are 71 %; 0 cycles mean that nobody counted."""
    readings = found(power.BATTERIES.read(desktop))
    assert readings["power.battery.health_percent", "BAT0"] == 71.0
    assert readings["power.adapter_online", ""] is False
    assert ("power.battery.cycles", "BAT0") not in readings


def test_placeholders_of_the_firmware_are_no_values(desktop):
    """The maker is there, the serial number its maker never filled in is not."""
    readings = found(computer.MACHINE.read(desktop))
    assert readings["system.maker", ""] == "Larkspur Works"
    assert readings["system.kind", ""] == "notebook"
    assert ("system.serial", "") not in readings


def test_the_release_is_named_as_the_end_of_life_data_do(desktop):
    """Debian 13 is debian, 13."""
    readings = found(operating_system.SYSTEM.read(desktop))
    assert readings["os.product", ""] == "debian"
    assert readings["os.cycle", ""] == "13"
    assert readings["os.users.count", ""] == 2


def test_a_switched_off_entry_does_not_start(desktop):
    """Hidden entries and those a person switched off do not count; a person's file goes first."""
    readings = found(services.STARTUP.read(desktop))
    assert [row["name"] for row in readings["os.startup.programs", ""]] == ["Music"]
    assert readings["os.startup.count", ""] == 1


def test_programs_are_told_from_parts_of_the_system(desktop):
    """What came along is kept apart; broken and held packages are named."""
    readings = found(software.PROGRAMS.read(desktop))
    by_name = {row["name"]: row["source"] for row in readings["software.programs", ""]}
    assert by_name["firefox-esr"] == "dpkg"
    assert by_name["libc6"] == by_name["helper-data"] == "dpkg_system"
    assert "gone" not in by_name
    assert readings["software.broken", ""] == ["broken-one"]
    assert readings["software.held", ""] == ["kept"]
    assert readings["software.office", ""][0]["cycle"] == "25.2"
    assert readings["software.browsers", ""][0] == {
        "name": "firefox-esr",
        "version": "128.10.0esr-1",
        "product": "firefox",
        "cycle": "128",
    }


def test_accounts_without_a_password_are_named_privately(desktop):
    """Only accounts somebody can sign in to count; names are personal."""
    readings = {r.id: r for r in security.ACCOUNTS.read(desktop)}
    assert readings["security.empty_passwords"].value == ["guest"]
    assert readings["security.empty_passwords"].privacy is Privacy.PERSONAL
    assert readings["security.administrators"].value == ["ines", "pavel", "root"]


def test_a_firewall_is_on_when_its_settings_say_so(desktop):
    """Ufw's own file may be read by everybody."""
    readings = found(security.FIREWALL.read(desktop))
    assert readings["security.firewall.active", ""] is True


def test_what_only_administrators_may_see_is_not_permitted():
    """Without rights the firewall of a machine without ufw is unknown, with that reason."""
    access = RecordedAccess(CAPTURES / "macbook", is_admin=False)
    with pytest.raises(ProbeError) as error:
        list(security.FIREWALL.read(access))
    assert error.value.reason == Reason.NOT_PERMITTED


def test_open_ports_are_those_others_can_reach():
    """Loopback is nobody's door; addresses are in the machine's byte order."""
    text = (
        "  sl  local_address rem_address   st\n"
        "   0: 0100007F:0277 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1\n"
        "   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12 1\n"
        "   2: 2802000A:0016 0102000A:D431 01 00000000:00000000 00:00000000 00000000     0        0 13 1\n"
        "   rubbish\n"
    )
    [port] = security.parse_proc_net(text, "tcp")
    assert (port.number, port.address, port.inode) == (22, "0.0.0.0", "12")


def test_trouble_is_found_in_a_kernel_log():
    """Hardware errors, crashes of programs and of the system are counted apart."""
    log = (
        "4,1,1,-;mce: [Hardware Error]: CPU 0: Machine Check: 0 Bank 5: bea0000000000108\n"
        "3,2,2,-;blk_update_request: I/O error, dev sda, sector 1234\n"
        "6,3,3,-;soffice.bin[812]: segfault at 8 ip 00007f sp 00007f error 4\n"
        "6,4,4,-;usb 1-1: new high-speed USB device number 2\n"
        "0,5,5,-;BUG: unable to handle page fault for address: 0000\n"
    )
    trouble = crashes.parse_kernel_log(log)
    assert (trouble.hardware, trouble.programs, trouble.system) == (2, ["soffice.bin"], 1)


def test_what_kernels_say_in_many_lines_or_all_day_is_one_thing():
    """One event is one, however many lines it takes; links that sent once more and missing floppies are no faults."""
    event = (
        "[Hardware Error]: Corrected error, no action required.",
        "[Hardware Error]: CPU:0 (19:21:0) MC27_STATUS[-|CE|MiscV|-|-|-|SyndV|-|-|-]: 0x982000000002080b",
        "[Hardware Error]: IPID: 0x0001002e00000500, Syndrome: 0x000000005a020001",
        "[Hardware Error]: cache level: L3/GEN, tx: GEN, mem-tx: RD",
    )
    generic = (
        "{1}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: 4",
        "{1}[Hardware Error]: It has been corrected by h/w and requires no further action",
        "{1}[Hardware Error]: event severity: corrected",
    )
    link = "pcieport 0000:00:1c.0: PCIe Bus Error: severity=Corrected, type=Physical Layer, (Receiver ID)"
    ata = (
        "ata3.00: exception Emask 0x10 SAct 0x7f SErr 0x400101",
        *["ata3.00: failed command: READ FPDMA QUEUED"] * 7,
    )
    floppy = ["blk_update_request: I/O error, dev fd0, sector 0"] * 6
    for rows, count in ((event, 1), (event * 2, 2), (generic, 1), ((link,) * 500, 1), (ata, 1), (floppy, 0)):
        trouble = crashes.parse_kernel_log("\n".join(rows))
        assert (trouble.hardware, trouble.fatal) == (count, 0), rows[0]


@pytest.mark.parametrize(
    ("running", "installed", "newest"),
    [
        ("6.1.0-9-amd64", ["6.1.0-10-amd64", "6.1.0-9-amd64"], "6.1.0-10-amd64"),
        ("6.12.1-1", ["6.9.0-1", "6.12.1-1"], "6.12.1-1"),
    ],
)
def test_versions_are_ordered_by_value(running, installed, newest):
    """9 comes before 10."""
    assert max(installed, key=starting.version_key) == newest


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Startup finished in 3.2s (kernel) + 1min 4.5s (userspace) = 1min 7.700s", 67.7),
        ("Startup finished in 900ms (kernel) + 2.1s (userspace) = 3.000s \n", 3.0),
        ("Bootup is not yet finished", None),
    ],
)
def test_the_start_up_time_is_read_in_seconds(text, seconds):
    """Minutes and milliseconds add up; an unfinished start has no time."""
    assert starting.parse_start_up_time(text) == seconds


def test_what_failed_at_the_start_is_told_and_nothing_too(tmp_path):
    """Services by name, mounts by folder; a computer that was not started with systemd says so."""
    unknown = {r.id: why_missing(r) for r in services.SERVICES.read(RecordedAccess(tmp_path))}
    assert unknown["os.services.failed_mounts"][0] is Reason.NOT_PRESENT
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    asked = " ".join(services.FAILED.argv)
    output = b"cups.service loaded failed failed CUPS Scheduler\nmnt-backup.mount loaded failed failed /mnt/backup\n"
    told = found(services.SERVICES.read(RecordedAccess(tmp_path, outputs={asked: output})))
    assert told["os.services.failed", ""] == ["cups"]
    assert told["os.services.failed_mounts", ""] == ["/mnt/backup"]
    well = found(services.SERVICES.read(RecordedAccess(tmp_path, outputs={asked: b""})))
    assert (well["os.services.failed", ""], well["os.services.failed_mounts", ""]) == ([], [])


def test_waiting_updates_are_counted_from_a_rehearsal():
    """New packages are no updates; those of the security archive are counted again."""
    text = (
        "Inst libssl3 [3.0.15-1] (3.0.17-1 Debian-Security:12/stable-security [amd64])\n"
        "Inst tzdata [2025a] (2025b Debian:12/stable [all])\n"
        "Inst brand-new (1.0 Debian:12/stable [all])\n"
        "Conf tzdata (2025b Debian:12/stable [all])\n"
    )
    sheet = software.parse_apt(text)
    assert sheet.value("software.updates.pending") == 2
    assert sheet.value("software.updates.security") == 1


def test_the_kernel_knows_the_wifi_signal():
    """The level of each card; 0 or a positive one is another scale."""
    sheet = wifi.parse_wireless(
        "Inter-| sta-|   Quality        |   Discarded packets\n face | tus | link level noise |  nwid\n"
        " wlan0: 0000   63.  -47.  -256        0      0      0      0      0        0\n"
        " wlan1: 0000    0.    0.     0        0\n"
    )
    assert sheet.value("network.wifi.signal_dbm", "wlan0") == -47
    assert sheet.value("network.wifi.is_connected", "wlan1") is False


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("linux 6.12.1-1 -> 6.12.4-1\nvim 9.1-1 -> 9.1-2 [ignored]\n", 2),
        (
            "\nfirefox.x86_64    143.0-1.fc42    updates\nvim-common.noarch 9.1 updates\nObsoleting Packages\nold.noarch 1 updates\n",
            2,
        ),
        ("Last metadata expiration check: 0:01:00 ago.\n", 0),
    ],
)
def test_other_systems_list_their_updates(text, count):
    """Pacman and dnf name what could be updated, and not which of it is for security."""
    sheet = software.parse_listed(text, "test")
    assert sheet.value("software.updates.pending") == count
    assert sheet.value("software.updates.security") is None


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (b"lpstat: Scheduler is not running.", "stopped"),
        ("lpstat: Zeitplandienst läuft nicht.".encode(), "stopped"),
        (b"lpstat: Unauthorized", None),
    ],
)
def test_a_print_service_that_does_not_run_is_a_fact(tmp_path, error, state):
    """Nobody answering is told from any other trouble, which is only a reason."""
    (tmp_path / "etc" / "cups").mkdir(parents=True)
    output = Output(argv=devices.LPSTAT.argv, code=1, stderr=error)
    access = RecordedAccess(tmp_path, outputs={" ".join(devices.LPSTAT.argv): output})
    [reading] = devices.PRINTERS.read(access)
    assert reading.id == "devices.print_service"
    assert (reading.value == state) if state else why_missing(reading)[0] is Reason.FAILED


@pytest.mark.parametrize(
    "said",
    ["lpstat: No destinations added.", "lpstat: Keine Druckziele hinzugefügt.", "lpstat: 未添加目标。"],
)
def test_no_printer_is_no_trouble_in_any_language(tmp_path, said):
    """Lpstat ends with a code where no printer is set up, and says so in the person's language on macOS."""
    (tmp_path / "etc" / "cups").mkdir(parents=True)
    output = Output(argv=devices.LPSTAT.argv, code=1, stderr=said.encode())
    access = RecordedAccess(tmp_path, outputs={" ".join(devices.LPSTAT.argv): output})
    found = {reading.id: reading.value for reading in devices.PRINTERS.read(access)}
    assert found == {"devices.printer_count": 0, "devices.print_service": "running"}


def test_a_sensor_that_tells_what_cannot_be_says_so(tmp_path):
    """255 °C is no temperature and no silence either; an input with nothing on it (−128 °C) is left out."""
    chip = tmp_path / "sys/class/hwmon/hwmon0"
    chip.mkdir(parents=True)
    for name, text in {"name": "k10temp", "temp1_input": "255000", "temp2_input": "-128000"}.items():
        (chip / name).write_text(text + "\n")
    [reading] = processor.HEAT.read(RecordedAccess(tmp_path))
    assert reading.subject == "k10temp temp1"
    assert (
        why_missing(reading)[1]
        == "The sensor reports 255\N{NO-BREAK SPACE}°C, which cannot be; it is ignored."
    )


def test_datasets_of_a_pool_are_one_volume():
    """All datasets show the pool's free space; forty findings would say one thing."""
    found = parse_mountinfo(
        "1 0 0:1 / / rw - zfs rpool/root rw\n2 1 0:2 / /home rw - zfs rpool/home rw\n3 1 0:3 / /data rw - zfs tank rw\n"
    )
    assert [mount.point for mount in storage.one_per_device([m for m in found if m.is_local])] == [
        "/",
        "/data",
    ]


def test_a_disk_on_usb_can_be_taken_along(tmp_path):
    """A USB hard disk says "0" of its medium; its place in the device tree tells the truth."""
    (tmp_path / "sys/devices/pci0/usb1/1-1/host0/block/sdb").mkdir(parents=True)
    (tmp_path / "sys/block").mkdir(parents=True)
    (tmp_path / "sys/block/sdb").symlink_to("../devices/pci0/usb1/1-1/host0/block/sdb")
    (tmp_path / "sys/block/sdb/removable").write_text("0\n")
    assert storage._is_removable(RecordedAccess(tmp_path), "sdb") is True


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"ID": "debian", "VERSION_ID": "12"}, ("debian", "12")),
        ({"ID": "ubuntu", "VERSION_ID": "24.04"}, ("ubuntu", "24.04")),
        ({"ID": "rhel", "VERSION_ID": "9.6"}, ("rhel", "9")),
        ({"ID": "centos", "VERSION_ID": "7", "NAME": "CentOS Linux"}, ("centos", "7")),
        ({"ID": "centos", "VERSION_ID": "9", "NAME": "CentOS Stream"}, ("centos-stream", "9")),
        ({"ID": "alpine", "VERSION_ID": "3.22.1"}, ("alpine-linux", "3.22")),
        ({"ID": "linuxmint", "VERSION_ID": "22.3"}, ("linuxmint", "22.3")),
        ({"ID": "opensuse-leap", "VERSION_ID": "15.6"}, ("opensuse", "15.6")),
        ({"ID": "arch"}, ("rolling", "rolling")),
        ({"ID": "home-made"}, ("", "")),
    ],
)
def test_releases_are_in_the_end_of_life_data(values, expected):
    """What os-release says leads to a release the shipped data know; rolling systems have none."""
    assert operating_system.release_cycle(values) == expected
    if expected[1] not in ("", "rolling"):
        assert endoflife.life(*expected) is not None
