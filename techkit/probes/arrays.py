"""Arrays of several disks, whatever keeps them: Linux md, ZFS and Btrfs, Windows' Storage Spaces, macOS' AppleRAID.

What a controller does by itself (hardware RAID) is known to its maker's program only. The Windows and macOS ways are
tested on recorded answers and have not been run by us.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from techkit.children.external import Command
from techkit.errors import ProbeError
from techkit.i18n import N_, _
from techkit.probes import windows_request
from techkit.probes.access_linux import line, number
from techkit.probes.formats.macos_text import plist_of
from techkit.probes.formats.windows.values import Row, listed, text
from techkit.probes.formats.windows.values import number as number_of
from techkit.probes.probe import Access, Platform, Probe
from techkit.probes.sheet import Sheet, apart
from techkit.records.findings import Reading, Reason

APPLE: Final = Command(("/usr/sbin/diskutil", "appleRAID", "list", "-plist"), limit_s=4.0)


def read_raid(access: Access) -> Iterable[Reading]:
    """Yield the state of each array; a computer without one: how many there are, 0."""
    if access.platform is Platform.WINDOWS:
        return storage_spaces(windows_request.facts(access).get("MSFT_VirtualDisk", []))
    if access.platform is Platform.MACOS:
        document = plist_of(access.run(APPLE).stdout)
        if not isinstance(document, dict):
            raise ProbeError(_("The Mac did not tell of its disk arrays."), reason=Reason.FAILED)
        return apple_raid(document)
    sheet = Sheet("/proc/mdstat, /sys/block/md*/md")
    arrays = [n for n in access.names("/sys/block") if access.exists(f"/sys/block/{n}/md")]
    pools = [
        n for n in access.names("/proc/spl/kstat/zfs") if access.exists(f"/proc/spl/kstat/zfs/{n}/state")
    ]
    for name in pools:
        _zfs(access, sheet, name)
    mixed = _btrfs(access, sheet)
    sheet.add("storage.raid_count", len(arrays) + len(pools) + mixed)
    progress = parse_mdstat(access.text_or("/proc/mdstat"))
    for name in arrays:
        _md(access, sheet, name, progress.get(name))
    return sheet


# --- Linux -----------------------------------------------------------------------------------------


def _md(access: Access, sheet: Sheet, name: str, progress: float | None) -> None:
    base = f"/sys/block/{name}/md"
    wanted = number(access, f"{base}/raid_disks")
    degraded = number(access, f"{base}/degraded")
    members = [m for m in access.names(base) if m.startswith("dev-")]
    failed = sum("faulty" in line(access, f"{base}/{m}/state") for m in members)
    sheet.add("storage.raid.level", line(access, f"{base}/level"), subject=name)
    sheet.add("storage.raid.disks", wanted, subject=name)
    lost = max(degraded or 0, failed)
    action = line(access, f"{base}/sync_action")
    state = line(access, f"{base}/array_state")
    sheet.add("storage.raid.missing", lost, subject=name)
    if action in ("recover", "resync", "reshape", "check", "repair"):
        state = {"recover": "recovering"}.get(action, action)
    elif lost:
        state = "degraded"
    sheet.add("storage.raid.state", state, subject=name)
    sheet.add("storage.raid.progress_percent", progress, subject=name)


def parse_mdstat(content: str) -> dict[str, float]:
    """Return array → percent done of a rebuild, check or resync. Source: md(4)."""
    found: dict[str, float] = {}
    name = ""
    for row in content.splitlines():
        head = re.match(r"^(md\S{0,40}) :", row)
        if head:
            name = head[1]
        done = re.search(r"(?:recovery|resync|reshape|check)\s*=\s*(\d{1,3}(?:\.\d+)?)%", row)
        if done and name:
            found[name] = float(done[1])
    return found


#: A pool's state → ours. Source: OpenZFS, zpoolconcepts(7), "Device Failure and Recovery".
_ZFS: Final = {
    "ONLINE": "clean",
    "DEGRADED": "degraded",
    "FAULTED": "failed",
    "UNAVAIL": "failed",
    "SUSPENDED": "failed",
}


def _zfs(access: Access, sheet: Sheet, name: str) -> None:
    """Read a pool's state, which anybody may read; a pool of one disk has one too."""
    path = f"/proc/spl/kstat/zfs/{name}/state"
    sheet.add("storage.raid.level", "ZFS", subject=name, source=path)
    sheet.add("storage.raid.state", _ZFS.get(line(access, path), ""), subject=name, source=path)


def _btrfs(access: Access, sheet: Sheet) -> int:
    """Read the file systems over several disks; return how many. Source: Linux, sysfs-fs-btrfs (devinfo)."""
    found = {}
    for uuid in access.names("/sys/fs/btrfs"):
        disks = [n for n in access.names(f"/sys/fs/btrfs/{uuid}/devinfo") if n.isdecimal()]
        if len(disks) > 1:
            found[f"/sys/fs/btrfs/{uuid}"] = disks
    labels = (line(access, f"{base}/label") or f"btrfs {base[15:23]}" for base in found)
    for name, (base, disks) in zip(apart(labels), found.items(), strict=True):
        lost = sum(line(access, f"{base}/devinfo/{n}/missing") == "1" for n in disks)
        sheet.add("storage.raid.level", "Btrfs", subject=name, source=base)
        sheet.add("storage.raid.disks", len(disks), subject=name, source=base)
        sheet.add("storage.raid.missing", lost, subject=name, source=base)
        sheet.add("storage.raid.state", "degraded" if lost else "clean", subject=name, source=base)
    return len(found)


# --- Windows ---------------------------------------------------------------------------------------


def storage_spaces(rows: Sequence[Row]) -> Sheet:
    """Return the readings of MSFT_VirtualDisk. Source: Microsoft Learn, MSFT_VirtualDisk.

    HealthStatus: 0 healthy, 1 warning, 2 unhealthy. OperationalStatus: 2 good, 3 degraded, 11 in service (it repairs
    itself).
    """
    sheet = Sheet("CIM MSFT_VirtualDisk")
    for name, row in zip(apart(text(row, "FriendlyName") or "?" for row in rows), rows, strict=True):
        states = set(listed(row, "OperationalStatus"))
        health = number_of(row, "HealthStatus")
        state = {0: "clean", 1: "degraded", 2: "failed"}.get(-1 if health is None else health, "")
        if "11" in states and health != 2:
            state = "recovering"
        elif "3" in states and health != 2:
            state = "degraded"
        sheet.add("storage.raid.level", text(row, "ResiliencySettingName"), subject=name)
        sheet.add("storage.raid.state", state, subject=name)
    sheet.add("storage.raid_count", len(rows))
    return sheet


# --- macOS -----------------------------------------------------------------------------------------


def apple_raid(document: dict[str, Any]) -> Sheet:
    """Return the readings of `diskutil appleRAID list -plist`. Source: diskutil(8); keys as people published them."""
    sheet = Sheet("diskutil appleRAID list")
    found = document.get("AppleRAIDSets")
    sets = [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
    names = apart(text(row, "Name") or text(row, "BSD Name") or "?" for row in sets)
    for name, row in zip(names, sets, strict=True):
        listing = row.get("Members")
        members = [m for m in listing if isinstance(m, dict)] if isinstance(listing, list) else []
        states = [text(member, "MemberStatus") for member in members]
        lost = sum(state not in ("Online", "") and "%" not in state for state in states)
        own = text(row, "Status")
        state = {"Online": "clean", "Degraded": "degraded", "Offline": "failed"}.get(own, "")
        if any("%" in member for member in states):  # a member that is rebuilt says how far it is
            state = "recovering"
        sheet.add("storage.raid.level", text(row, "Level"), subject=name)
        sheet.add("storage.raid.disks", len(members), subject=name)
        sheet.add("storage.raid.missing", lost, subject=name)
        sheet.add("storage.raid.state", state, subject=name)
    sheet.add("storage.raid_count", len(sets))
    return sheet


RAID: Final = Probe(
    id="storage.raid",
    room=__name__,
    title=N_("Looking at disk arrays"),
    read=read_raid,
    gives=("storage.raid_count", "storage.raid."),
    commands=windows_request.COMMANDS,
)

PROBES = (RAID,)
