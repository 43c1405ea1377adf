"""Backups: which program makes them, and when the last one was made."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from techkit.errors import ProbeError
from techkit.i18n import N_, _
from techkit.probes import access_macos, access_windows, windows_request
from techkit.probes.access_linux import modified_at
from techkit.probes.probe import Access, Platform, Probe
from techkit.probes.services import homes
from techkit.probes.sheet import Sheet
from techkit.records.findings import Reading, Reason

#: Backup programs of Linux that leave no date a reader can find → a file that shows they are there.
UNDATED: Final = {
    "BorgBackup": "/etc/borgmatic",
    "rsnapshot": "/etc/rsnapshot.conf",
    "restic": "/usr/bin/restic",
    "Duplicati": "/usr/bin/duplicati",
    "Bacula": "/etc/bacula/bacula-fd.conf",
    "Bareos": "/etc/bareos/bareos-fd.d",
    "Veeam Agent": "/etc/veeam",
    "Acronis": "/usr/lib/Acronis",
    "UrBackup": "/etc/default/urbackupclient",
    "Proxmox Backup": "/usr/bin/proxmox-backup-client",
}


#: A backup program, when it last made a backup (seconds since 1970, None: never), and from what.
Found = tuple[str, float | None, str]


def read_last(access: Access) -> Iterable[Reading]:
    """Yield the backup programs found and when each made its last backup.

    Raises: ProbeError not_present when no program is found that techkit knows: others may be there.
    """
    if access.platform is Platform.WINDOWS:
        return access_windows.backup(access)
    if access.platform is Platform.MACOS:
        return access_macos.backup(access)
    sheet = Sheet("/timeshift, /var/log, ~/.cache")
    tools: list[str] = []
    now = time.time()
    for tool, at, source in (
        *_timeshift(access),
        *_deja_dup(access),
        *_rsnapshot(access),
        *_borgmatic(access),
    ):
        tools.append(tool)
        if at is not None:
            last_backup(sheet, tool, at, now, source)
        else:
            sheet.add("backup.never", True, source=source)
    tools += [name for name, path in UNDATED.items() if name not in tools and access.exists(path)]
    if not tools:
        raise ProbeError(
            _("No backup program that techkit knows is on this computer."), reason=Reason.NOT_PRESENT
        )
    sheet.add("backup.tools", tools)
    return sheet


def last_backup(sheet: Sheet, tool: str, at: float, now: float, source: str) -> None:
    """Add the time and age of a tool's last backup (seconds since 1970); times ahead count as now."""
    try:
        moment = datetime.fromtimestamp(at, UTC)
    except (OverflowError, ValueError, OSError):
        return
    sheet.add("backup.last_at", moment.isoformat(timespec="seconds"), subject=tool, source=source)
    sheet.add("backup.age_days", round(max(0.0, now - at) / 86400, 2), subject=tool, source=source)


def _timeshift(access: Access) -> list[Found]:
    if not access.exists("/etc/timeshift/timeshift.json") and not access.exists("/etc/timeshift.json"):
        return []
    newest: float | None = None
    for folder in (
        "/timeshift/snapshots",
        "/run/timeshift/backup/timeshift/snapshots",
        "/timeshift-btrfs/snapshots",
    ):
        for name in access.names(folder):
            match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)_(\d\d)-(\d\d)-(\d\d)", name)
            if match:
                try:
                    at = datetime(*(int(part) for part in match.groups())).astimezone().timestamp()  # type: ignore[arg-type]  # six numbers by the pattern
                except (ValueError, OverflowError):
                    continue
                newest = at if newest is None else max(newest, at)
    return [("Timeshift", newest, "/timeshift/snapshots")] if newest is not None else []


def _deja_dup(access: Access) -> list[Found]:
    found: list[Found] = []
    for home in homes(access):
        path = f"{home}/.cache/deja-dup"
        at = modified_at(access, path)
        if at is not None:
            found.append(("Déjà Dup", at, "~/.cache/deja-dup, time of change"))
    return found[:1]


def _rsnapshot(access: Access) -> list[Found]:
    log = access.text_or("/var/log/rsnapshot.log")
    dates = re.findall(r"^\[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\].*completed successfully", log, re.MULTILINE)
    if not dates:
        return []
    return [
        ("rsnapshot", datetime.fromisoformat(dates[-1]).astimezone().timestamp(), "/var/log/rsnapshot.log")
    ]


def _borgmatic(access: Access) -> list[Found]:
    newest = None
    for folder in ("/root/.local/state/borgmatic", "/var/lib/borgmatic"):
        for name in access.names(folder):
            at = modified_at(access, f"{folder}/{name}")
            newest = at if newest is None or (at or 0) > newest else newest
    return [("BorgBackup", newest, "borgmatic's state, time of change")] if newest else []


LAST: Final = Probe(
    id="backup.last",
    title=N_("Looking for the last backup"),
    read=read_last,
    gives=("backup.",),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)

PROBES = (LAST,)
