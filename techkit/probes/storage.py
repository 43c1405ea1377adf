"""Disks, volumes and what drives say about their own health."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from typing import Final

from techkit.children.external import Command
from techkit.errors import ProbeError
from techkit.i18n import N_, _
from techkit.probes import access_macos, access_windows, windows_request
from techkit.probes.access_linux import (
    NETWORK_FILE_SYSTEMS,
    Mount,
    decimal,
    line,
    link_target,
    mounts,
    number,
)
from techkit.probes.formats import json_text, smartctl
from techkit.probes.formats.decode import decode
from techkit.probes.probe import Access, Platform, Probe, missing
from techkit.probes.sheet import Sheet
from techkit.probes.windows_registry import registry_tree, values_of
from techkit.records.findings import Reading, Reason

#: A sector in /sys/block/*/size and /proc/diskstats, whatever the disk's own block size is.
#: Source: Linux kernel, Documentation/admin-guide/iostats.rst.
SECTOR_BYTES: Final = 512

#: Block devices that are not disks a person would know: loops, memory, device mapper, arrays.
_NOT_DISKS: Final = re.compile(r"^(loop|ram|zram|dm-|md|sr|fd|nbd|mtdblock|rbd|drbd)")

#: Names the kernel gives disks; nothing else is ever handed to a tool.
_DISK_NAME: Final = re.compile(r"^[a-zA-Z0-9!_-]{1,40}$")


# --- disks -----------------------------------------------------------------------------------------


def disk_names(access: Access) -> list[str]:
    """Return the kernel's names of the disks of a Linux machine, sorted."""
    return [n for n in access.names("/sys/block") if not _NOT_DISKS.match(n) and _DISK_NAME.match(n)]


def read_disks(access: Access) -> Iterable[Reading]:
    """Yield model, size, kind and counters of each disk."""
    if access.platform is Platform.WINDOWS:
        return access_windows.disks(access)
    if access.platform is Platform.MACOS:
        return access_macos.disks(access)
    sheet = Sheet("/sys/block")
    found = [name for name in disk_names(access) if number(access, f"/sys/block/{name}/size")]
    sheet.add("storage.disk_count", len(found))
    statistics = parse_diskstats(access.text_or("/proc/diskstats"))
    for name in found:
        _linux_disk(access, sheet, name)
        for field, value in statistics.get(name, {}).items():
            sheet.add(f"storage.disk.{field}", value, subject=name, source="/proc/diskstats")
    return sheet


def _linux_disk(access: Access, sheet: Sheet, name: str) -> None:
    base = f"/sys/block/{name}"

    def add(field: str, value: object) -> None:
        sheet.add(f"storage.disk.{field}", value, subject=name, source=base)

    add("size_bytes", (number(access, f"{base}/size") or 0) * SECTOR_BYTES)
    maker = line(access, f"{base}/device/vendor")
    # SATA disks all say "ATA", virtual ones a number: neither is a maker.
    add("maker", "" if maker == "ATA" or maker.startswith("0x") else maker)
    add("model", line(access, f"{base}/device/model"))
    add(
        "serial",
        line(access, f"{base}/device/serial")
        or line(access, f"{base}/serial")
        or _noted_serial(access, base),
    )
    add("firmware", line(access, f"{base}/device/firmware_rev") or line(access, f"{base}/device/rev"))
    add("wwn", line(access, f"{base}/device/wwid") or line(access, f"{base}/wwid"))
    add("interface", disk_interface(name, link_target(access, base)))
    add(
        "kind",
        disk_kind(
            name,
            number(access, f"{base}/queue/rotational"),
            line(access, f"{base}/device/model"),
            line(access, f"{base}/device/vendor"),
        ),
    )
    add("is_removable", _is_removable(access, name))
    add("is_read_only", _truth(number(access, f"{base}/ro")))
    add("logical_block_bytes", number(access, f"{base}/queue/logical_block_size"))
    add("physical_block_bytes", number(access, f"{base}/queue/physical_block_size"))
    chosen = re.search(r"\[([\w-]+)\]", line(access, f"{base}/queue/scheduler"))
    add("scheduler", chosen[1] if chosen else "")
    ahead = number(access, f"{base}/queue/read_ahead_kb")
    add("read_ahead_bytes", None if ahead is None else ahead * 1024)
    add("queue_length", number(access, f"{base}/queue/nr_requests"))
    add("write_cache", line(access, f"{base}/queue/write_cache"))
    discard = number(access, f"{base}/queue/discard_max_bytes")
    add("trims", None if discard is None else discard > 0)
    parts = [p for p in access.names(base) if p.startswith(name) and access.exists(f"{base}/{p}/partition")]
    add("partition_count", len(parts))
    for part in parts:
        size = number(access, f"{base}/{part}/size")
        if size is not None:
            sheet.add("storage.partition.size_bytes", size * SECTOR_BYTES, subject=part)


def _noted_serial(access: Access, base: str) -> str:
    """Return the serial number udev noted of a disk: the kernel shows those of SATA drives to nobody else."""
    numbers = line(access, f"{base}/dev")
    noted = access.text_or(f"/run/udev/data/b{numbers}") if re.fullmatch(r"\d{1,4}:\d{1,7}", numbers) else ""
    found = re.search(r"^E:ID_SERIAL_SHORT=(\S{1,100})$", noted, re.MULTILINE)
    return found[1] if found else ""


def _truth(value: int | None) -> bool | None:
    return None if value is None else value != 0


def disk_interface(name: str, target: str) -> str:
    """Return how a disk is connected, from its name and the device path its link points to."""
    if name.startswith("nvme"):
        return "nvme"
    if name.startswith("mmcblk"):
        return "mmc"
    for mark, word in (
        ("/usb", "usb"),
        ("/virtio", "virtio"),
        ("/ata", "sata"),
        ("/vmbus", "hyper-v"),
        ("/xen", "xen"),
    ):
        if mark in target:
            return word
    if name.startswith("vd"):
        return "virtio"
    return "scsi" if name.startswith("sd") else ""


def disk_kind(name: str, rotational: int | None, model: str = "", vendor: str = "") -> str:
    """Return "nvme", "virtual", "ssd", "hdd" or "" for a disk of a Linux machine."""
    words = f"{model} {vendor}".casefold()
    virtual = ("virtual", "vbox", "qemu", "vmware", "msft", "google", "amazon elastic", "o.e.m. virtual")
    if name.startswith(("vd", "xvd")) or any(word in words for word in virtual):
        return "virtual"
    if name.startswith("nvme"):
        return "nvme"
    if rotational is None:
        return ""
    return "hdd" if rotational else "ssd"


def parse_diskstats(content: str) -> dict[str, dict[str, int]]:
    """Return disk → field of storage.disk.* → value.

    Source: Linux kernel, Documentation/admin-guide/iostats.rst, fields 1 to 10.
    """
    found: dict[str, dict[str, int]] = {}
    for row in content.splitlines():
        fields = row.split()
        if len(fields) < 14 or not all(f.isdecimal() and len(f) < 20 for f in fields[3:14]):
            continue
        count = [int(field) for field in fields[3:14]]
        found[fields[2]] = {
            "read_count": count[0],
            "read_bytes": count[2] * SECTOR_BYTES,
            "write_count": count[4],
            "written_bytes": count[6] * SECTOR_BYTES,
            "in_flight": count[8],
            "busy_ms": count[9],
        }
    return found


DISKS = Probe(
    id="storage.disks",
    title=N_("Looking at the disks"),
    read=read_disks,
    gives=("storage.disk_count", "storage.disk.", "storage.partition."),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)


# --- volumes ---------------------------------------------------------------------------------------


def read_volumes(access: Access) -> Iterable[Reading]:
    """Yield size, free space and state of each volume on a disk of this computer.

    Folders of other computers are only counted: asking a lost one waits for ever.
    """
    if access.platform is Platform.WINDOWS:
        return access_windows.volumes(access)
    if access.platform is Platform.MACOS:
        return access_macos.volumes(access)
    found = mounts(access)
    access.keep(
        "\n".join(f"{m.device} {m.point} {m.file_system} {','.join(sorted(m.options))}" for m in found)
    )
    sheet = Sheet("statvfs")
    sheet.add("storage.mount_count", len(found), source="/proc/self/mountinfo")
    sheet.add(
        "storage.network_mount_count",
        sum(m.file_system in NETWORK_FILE_SYSTEMS for m in found),
        source="/proc/self/mountinfo",
    )
    kinds = [row.split()[-1] for row in access.text_or("/proc/filesystems").splitlines() if row.split()]
    sheet.add("storage.file_system_kinds", len(kinds), source="/proc/filesystems")
    extra: list[Reading] = []
    local = one_per_device([m for m in found if m.is_local])
    sheet.add("storage.volume_count", len(local), source="/proc/self/mountinfo")
    ordered = fstab_read_only(access.text_or("/etc/fstab"))
    for mount in local:
        extra += _linux_volume(access, sheet, mount, ordered)
    for row in parse_pressure(access.text_or("/proc/pressure/io")):
        sheet.add("storage.pressure_percent", row, source="/proc/pressure/io some avg60")
    return [*sheet, *extra]


def one_per_device(found: Iterable[Mount]) -> list[Mount]:
    """Return one mount per device: the shortest place, so that a bind mount counts once."""
    best: dict[str, Mount] = {}
    for mount in found:
        # The datasets of a ZFS pool share its room, as bind mounts share their device's.
        device = mount.device.partition("/")[0] if mount.file_system == "zfs" else mount.device
        known = best.get(device)
        if known is None or (len(mount.point), mount.point) < (len(known.point), known.point):
            best[device] = mount
    return sorted(best.values(), key=lambda m: m.point)


def fstab_read_only(content: str) -> frozenset[str]:
    """Return the places /etc/fstab orders to be mounted read-only. Source: fstab(5)."""
    rows = [row.split() for row in content.splitlines() if not row.lstrip().startswith("#")]
    return frozenset(r[1] for r in rows if len(r) >= 4 and "ro" in r[3].split(","))


def _linux_volume(access: Access, sheet: Sheet, mount: Mount, ordered: frozenset[str]) -> list[Reading]:
    def add(field: str, value: object, source: str = "/proc/self/mountinfo") -> None:
        sheet.add(f"storage.volume.{field}", value, subject=mount.point, source=source)

    disk = _disk_of(access, mount.device)
    add("file_system", mount.file_system)
    add("device", mount.device)
    add("is_system", mount.point == "/")
    add("is_removable", _is_removable(access, disk) if disk else None, "/sys/block")
    add("is_read_only", mount.is_read_only)
    add("trims", True if "discard" in mount.options else None)
    disc = mount.file_system in ("iso9660", "udf")
    if mount.is_read_only:
        by_order = (
            mount.point in ordered
            or disc
            or (mount.point == "/" and "ro" in access.text_or("/proc/cmdline").split())
        )
        add("read_only_by", "order" if by_order else "errors", "/etc/fstab, /proc/cmdline")
    _file_system_errors(access, add, mount)
    try:
        size = os.statvfs(access.path(mount.point))
    except OSError as error:
        reason = Reason.NOT_PERMITTED if isinstance(error, PermissionError) else Reason.FAILED
        text = _("The volume {place} did not say how full it is.", place=mount.point)
        return [missing("storage.volume.free_bytes", subject=mount.point, reason=reason, text=text)]
    if size.f_blocks > 0 and 0 <= size.f_bavail <= size.f_blocks:
        # As df: what an ordinary user can have, against used plus that; root's reserve is no one's.
        used = (size.f_blocks - size.f_bfree) * size.f_frsize
        free = size.f_bavail * size.f_frsize
        add("total_bytes", size.f_blocks * size.f_frsize, "statvfs")
        add("free_bytes", free, "statvfs")
        add("used_bytes", used, "statvfs")
    # Btrfs and others make inodes as they need them and say 0.
    if size.f_files > 0 and not disc:
        add("inodes_total", size.f_files, "statvfs")
        add("inodes_free", min(size.f_favail, size.f_files), "statvfs")
    return []


def _is_removable(access: Access, disk: str) -> bool:
    """Return whether a disk can be taken along; disks on USB say "not removable" of their medium."""
    target = link_target(access, f"/sys/block/{disk}")
    return number(access, f"/sys/block/{disk}/removable") == 1 or disk_interface(disk, target) == "usb"


def _disk_of(access: Access, device: str) -> str:
    """Return the disk a device belongs to ("sda" for /dev/sda1), "" when it is none or unclear."""
    name = device.removeprefix("/dev/")
    for disk in disk_names(access):
        if name == disk or (name.startswith(disk) and access.exists(f"/sys/block/{disk}/{name}")):
            return disk
    return ""


def _file_system_errors(access: Access, add: Callable[[str, object, str], None], mount: Mount) -> None:
    name = mount.device.removeprefix("/dev/")
    if mount.file_system in ("ext4", "ext3", "ext2"):
        # Source: Linux kernel, Documentation/ABI/testing/sysfs-fs-ext4.
        base = f"/sys/fs/ext4/{name}"
        add("error_count", number(access, f"{base}/errors_count"), f"{base}/errors_count")
        last = number(access, f"{base}/last_error_time")
        add("last_error_at", last or None, f"{base}/last_error_time")
        add("warning_count", number(access, f"{base}/warning_count"), f"{base}/warning_count")
        written = number(access, f"{base}/lifetime_write_kbytes")
        add("written_bytes", None if written is None else written * 1024, f"{base}/lifetime_write_kbytes")
    elif mount.file_system == "btrfs":
        for pool in access.names("/sys/fs/btrfs"):
            for device in access.names(f"/sys/fs/btrfs/{pool}/devinfo"):
                stats = access.text_or(f"/sys/fs/btrfs/{pool}/devinfo/{device}/error_stats")
                counts = [int(v) for v in re.findall(r"^\w+\s+(\d{1,18})$", stats, re.MULTILINE)]
                if counts:
                    add("error_count", sum(counts), f"/sys/fs/btrfs/{pool}/devinfo/{device}/error_stats")


def parse_pressure(content: str, row: str = "some") -> list[float]:
    """Return [percent of the last 60 s] of a /proc/pressure file, [] where the kernel has none.

    Source: Linux kernel, Documentation/accounting/psi.rst.
    """
    match = re.search(rf"^{row} avg10=[\d.]+ avg60=([\d.]{{1,12}})", content, re.MULTILINE)
    value = decimal(match[1]) if match else None
    return [] if value is None else [value]


VOLUMES = Probe(
    id="storage.volumes",
    title=N_("Looking at free space"),
    read=read_volumes,
    gives=(
        "storage.volume_count",
        "storage.volume.",
        "storage.mount_count",
        "storage.network_mount_count",
        "storage.file_system_kinds",
        "storage.pressure_percent",
    ),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)


# --- health ----------------------------------------------------------------------------------------

#: What smartctl is told about drives behind USB bridges, tried in this order.
#: Source: smartctl(8), option -d; the bridges in smartmontools' USB device list.
BRIDGES: Final = (
    "sat,auto",
    "sntasmedia",
    "sntjmicron",
    "sntrealtek",
    "usbjmicron",
    "usbsunplus",
    "usbcypress",
)


def smart_command(device: str, bridge: str = "") -> Command:
    """Return the command that reads one drive without waking it. Source: smartctl(8), -n standby."""
    kind = ("-d", bridge) if bridge else ()
    return Command(("smartctl", "--json", "--all", "-n", "standby", *kind, "--", device), limit_s=4.0)


def read_health(access: Access) -> Iterable[Reading]:
    """Yield what each drive says about its own health; virtual disks have nothing to say.

    Raises: ProbeError when smartctl is missing while there is a real drive.
    """
    if access.platform is Platform.WINDOWS:
        windows = list(access_windows.disk_health(access))
        return [*windows, *_smart(access, access_windows.smart_devices(access), {r.subject for r in windows})]
    if access.platform is Platform.MACOS:
        return [*access_macos.disk_health(access), *_smart(access, access_macos.smart_devices(access), set())]
    devices: dict[str, str] = {}
    readings: list[Reading] = []
    for name in disk_names(access):
        base = f"/sys/block/{name}"
        kind = disk_kind(
            name,
            number(access, f"{base}/queue/rotational"),
            line(access, f"{base}/device/model"),
            line(access, f"{base}/device/vendor"),
        )
        if kind == "virtual":
            readings.append(
                missing(
                    "storage.smart.passed",
                    subject=name,
                    reason=Reason.NOT_PRESENT,
                    text=_("The disk {name} is virtual and knows nothing of its health.", name=name),
                )
            )
        elif name.startswith("mmcblk"):
            readings.append(
                missing(
                    "storage.smart.passed",
                    subject=name,
                    reason=Reason.NOT_PRESENT,
                    text=_("The memory card {name} does not report its health.", name=name),
                )
            )
        elif number(access, f"{base}/size"):
            devices[name] = f"/dev/{name}"
    return [*readings, *_smart(access, devices, set())]


def _smart(access: Access, devices: dict[str, str], known: set[str]) -> list[Reading]:
    """Return what smartctl says; `known` are disks the system itself already judged."""
    readings: list[Reading] = []
    for (name, device), output in zip(
        devices.items(), access.try_all([smart_command(d) for d in devices.values()]), strict=True
    ):
        if isinstance(output, ProbeError):
            if name not in known:
                readings.append(
                    missing(
                        "storage.smart.passed", subject=name, reason=Reason(output.reason), text=output.title
                    )
                )
            continue
        access.keep(output.text[:1500])
        sheet = smartctl.parse_json(output.text, name)
        if sheet.value("storage.smart.passed", name) is None and _needs_bridge(output.text):
            sheet = _through_bridges(access, name, device) or sheet
        if sheet.value("storage.smart.passed", name) is None and name not in known:
            readings.append(_no_health(name, output.text, access.is_admin))
        readings += [
            r for r in sheet if r.id.startswith("storage.smart.") or r.id.endswith(("firmware", "rpm"))
        ]
    return readings


def _needs_bridge(text: str) -> bool:
    return "USB bridge" in text or "specify device type" in text


def _through_bridges(access: Access, name: str, device: str) -> Sheet | None:
    for output in access.try_all([smart_command(device, bridge) for bridge in BRIDGES]):
        if isinstance(output, ProbeError):
            continue
        sheet = smartctl.parse_json(output.text, name)
        if sheet.value("storage.smart.passed", name) is not None:
            return sheet
    return None


def _no_health(name: str, text: str, is_admin: bool) -> Reading:
    """Return why a drive gave no judgement. Source of the words: smartctl's messages."""
    if "STANDBY mode" in text or "SLEEP mode" in text:
        reason, why = Reason.SKIPPED, _("The disk {name} is asleep and was not woken.", name=name)
    elif "Permission denied" in text or not is_admin:
        reason, why = (
            Reason.NOT_PERMITTED,
            _("Reading the health of {name} needs administrator rights.", name=name),
        )
    elif "Unavailable" in text or "lacks SMART" in text or "Unknown USB bridge" in text:
        reason, why = Reason.NOT_PRESENT, _("The disk {name} does not report its health.", name=name)
    else:
        reason, why = Reason.FAILED, _("The disk {name} gave no judgement of its health.", name=name)
    return missing("storage.smart.passed", subject=name, reason=reason, text=why)


HEALTH = Probe(
    id="storage.health",
    title=N_("Asking the drives about their health"),
    read=read_health,
    gives=("storage.smart.", "storage.disk.firmware", "storage.disk.rotation_rpm", "storage.disk.status"),
    limit_s=8.0,
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)


#: The keys of system_profiler that say whether a disk is told. Source: SPNVMeDataType, SPSerialATADataType.
_APPLE_TRIM = ("spnvme_trim_support", "spsata_trim_support")


def read_trim(access: Access) -> Iterable[Reading]:
    """Yield whether disks are told which blocks are free: a timer (Linux), a switch (Windows), each disk (macOS)."""
    if access.platform is Platform.WINDOWS:
        return _windows_trim(access)
    if access.platform is Platform.MACOS:
        return _apple_trim(access)
    sheet = Sheet("/etc/systemd/system/timers.target.wants")
    if not access.exists("/usr/lib/systemd/system/fstrim.timer") and not access.exists(
        "/lib/systemd/system/fstrim.timer"
    ):
        return sheet
    enabled = any(
        access.path(f"/etc/systemd/system/{wants}/fstrim.timer").is_symlink()
        for wants in ("timers.target.wants", "multi-user.target.wants")
    )
    sheet.add("storage.trim_timer", "enabled" if enabled else "disabled")
    return sheet


def _windows_trim(access: Access) -> Sheet:
    """Return the switch of the file system; without it Windows tells. Source: Microsoft Learn, fsutil behavior."""
    sheet = Sheet("registry: FileSystem, DisableDeleteNotification")
    tree = registry_tree(access)
    if not tree:
        raise ProbeError(_("The registry could not be read."), reason=Reason.FAILED)
    is_off = values_of(tree, r"\Control\FileSystem").get("DisableDeleteNotification", 0)
    sheet.add("storage.trim_on", is_off == 0 if isinstance(is_off, int) else None)
    return sheet


def _apple_trim(access: Access) -> Sheet:
    sheet = Sheet("system_profiler")
    document = json_text.parse(decode(access.run(access_macos.HARDWARE).stdout))
    for kind in ("SPNVMeDataType", "SPSerialATADataType"):
        for holder in json_text.items(document, kind):
            for disk in json_text.items(holder, "_items"):
                told = next((str(disk[key]) for key in _APPLE_TRIM if key in disk), "")
                is_on = {"yes": True, "no": False}.get(told.rpartition("_")[2].casefold())
                sheet.add("storage.trim_on", is_on, subject=str(disk.get("bsd_name", "")))
    return sheet


TRIM = Probe(
    id="storage.trim",
    title=N_("Looking at how disks are tended"),
    read=read_trim,
    gives=("storage.trim_timer", "storage.trim_on"),
    commands=access_macos.COMMANDS,
)

PROBES = (DISKS, VOLUMES, HEALTH, TRIM)
