"""Crashes and errors of the hardware, as the system noted them."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from techkit.errors import ProbeError
from techkit.i18n import N_, _
from techkit.probes import access_macos, access_windows, windows_request
from techkit.probes.access_linux import (
    modified_at,
)
from techkit.probes.probe import Access, Platform, Probe, missing
from techkit.probes.sheet import Sheet
from techkit.records.findings import Reading, Reason

LINUX: Final = frozenset({Platform.LINUX})


#: How far back is looked. Source: docs of the check "crashes", levels over 30 days.
CRASH_DAYS: Final = 30

#: Where crash reports are left: Ubuntu's apport and systemd's coredump.
CRASH_FOLDERS: Final = ("/var/crash", "/var/lib/systemd/coredump")

#: Most of the kernel's log that is read; its ring holds 256 kB to a few MB.
KMSG_LIMIT_BYTES: Final = 4 * 2**20

_HARDWARE: Final = re.compile(
    r"\[Hardware Error\]|mce: .*(?:Machine check|hardware error)|Machine check events logged"
    r"|EDAC \S+: \d+ [CU]E |(?:I/O|critical medium|critical target) error, dev (?!fd\d|sr\d|loop)"
    r"|PCIe Bus Error: severity=Uncorrect|ata\d+(?:\.\d+)?: exception Emask"
    r"|thermal.*critical temperature reached|nvme\S*: I/O \d+ .*timeout",
    re.IGNORECASE,
)
#: A link that sent once more: thousands a day on healthy notebooks. However many, they are one thing to watch.
_CORRECTED_LINK: Final = re.compile(r"PCIe Bus Error: severity=Corrected", re.IGNORECASE)
#: One event takes up to ten lines of this kind; these begin another one right behind it.
_LINE_OF_EVENT: Final = re.compile(r"\[Hardware Error\]", re.IGNORECASE)
_NEXT_EVENT: Final = re.compile(
    r"Hardware error from APEI|CPU ?:?\d+: Machine Check|(?:Corrected|Deferred|Uncorrected) error,",
    re.IGNORECASE,
)
_FATAL: Final = re.compile(
    r"Machine check:? .*(?:Fatal|panic)|event severity: fatal|Uncorrected (?:\(Fatal\)|error)"
    r"|severity=Uncorrect\w* \(Fatal\)|EDAC \S+: \d+ UE |critical temperature reached",
    re.IGNORECASE,
)
_SEGFAULT: Final = re.compile(
    r"(?:^|[\]; ])([\w.+:-]{1,40})\[\d+\]: segfault at|traps: ([\w.+:-]{1,40})\[\d+\] (?:general protection|trap)"
)
_KERNEL: Final = re.compile(
    r"Kernel panic|BUG: unable to handle|Oops: \d{4}|general protection fault, probably", re.IGNORECASE
)


@dataclass
class Trouble:
    """What a kernel log says went wrong. programs: names of programs that crashed, with repeats."""

    hardware: int = 0
    fatal: int = 0
    system: int = 0
    programs: list[str] = field(default_factory=list)


def parse_kernel_log(content: str) -> Trouble:
    """Return the trouble in lines of a kernel log, from /dev/kmsg or `journalctl -k`."""
    trouble = Trouble()
    is_inside = has_begun = has_corrected_link = False
    for row in content.splitlines():
        is_line, begins = bool(_LINE_OF_EVENT.search(row)), bool(_NEXT_EVENT.search(row))
        if _HARDWARE.search(row) and not (is_inside and is_line and not (begins and has_begun)):
            trouble.hardware += 1
            has_begun = False
        is_inside, has_begun = is_line, is_line and (begins or has_begun)
        if _CORRECTED_LINK.search(row) and not has_corrected_link:
            trouble.hardware += 1
            has_corrected_link = True
        if _FATAL.search(row):
            trouble.fatal += 1
        if _KERNEL.search(row):
            trouble.system += 1
        crashed = _SEGFAULT.search(row)
        if crashed:
            trouble.programs.append(crashed[1] or crashed[2])
    return trouble


def read_crashes(access: Access) -> Iterable[Reading]:
    """Yield crashes of programs and errors of the hardware in the last 30 days.

    Raises: ProbeError not_permitted when neither the log nor the reports may be read.
    """
    if access.platform is Platform.WINDOWS:
        return access_windows.crashes(access)
    if access.platform is Platform.MACOS:
        return access_macos.crashes(access)
    log = kernel_log(access)
    reports = crash_reports(access, time.time())
    collected = re.search(r"apport|systemd-coredump", access.text_or("/proc/sys/kernel/core_pattern"))
    if log is None and not collected:
        raise ProbeError(
            _("Reading the system’s log needs administrator rights."), reason=Reason.NOT_PERMITTED
        )
    sheet = Sheet("/dev/kmsg, /var/crash, /var/lib/systemd/coredump")
    readings: list[Reading] = []
    trouble = parse_kernel_log(log or "")
    names = reports + [name for name in trouble.programs if name not in reports]
    sheet.add("os.crash_count", len(reports) + len([n for n in trouble.programs if n not in reports]))
    sheet.add("os.crashed_programs", sorted(set(names)))
    if log is None:
        why = _("Reading the system’s log needs administrator rights.")
        readings.append(missing("os.hardware_error_count", reason=Reason.NOT_PERMITTED, text=why))
    else:
        sheet.add("os.hardware_error_count", trouble.hardware, source="/dev/kmsg")
        sheet.add("os.hardware_error_fatal_count", trouble.fatal, source="/dev/kmsg")
        kept = len([n for n in access.names("/var/lib/systemd/pstore") if n.startswith("dmesg")])
        sheet.add("os.system_crash_count", trouble.system + kept, source="/dev/kmsg, /var/lib/systemd/pstore")
    return [*sheet, *readings]


def kernel_log(access: Access) -> str | None:
    """Return the kernel's log since the start, None when it may not be read."""
    try:
        handle = os.open(access.path("/dev/kmsg"), os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return None
    rows: list[bytes] = []
    size = 0
    try:
        while size < KMSG_LIMIT_BYTES:
            try:
                row = os.read(handle, 8192)
            except BlockingIOError:
                break
            except BrokenPipeError:  # a line was overwritten while we read; the next one follows
                continue
            except OSError:
                break
            if not row:
                break
            rows.append(row)
            size += len(row)
    finally:
        os.close(handle)
    return b"".join(rows).decode("utf-8", "replace")


def crash_reports(access: Access, now: float) -> list[str]:
    """Return the programs with a crash report of the last 30 days, one entry per report."""
    oldest = now - timedelta(days=CRASH_DAYS).total_seconds()
    found = []
    for folder in CRASH_FOLDERS:
        for name in access.names(folder):
            at = modified_at(access, f"{folder}/{name}")
            if at is None or not oldest <= at <= now + 86400:
                continue
            core = re.match(r"core\.([^.]{1,40})\.", name)
            report = re.match(r"_?(.{1,80})\.\d+\.crash$", name)
            if core:
                found.append(core[1].replace("\\x2d", "-"))
            elif report:
                found.append(report[1].rpartition("_")[2])
    return found


CRASHES: Final = Probe(
    id="operating_system.crashes",
    room=__name__,
    title=N_("Looking for crashes and hardware errors"),
    read=read_crashes,
    gives=(
        "os.crash_count",
        "os.crashed_programs",
        "os.hardware_error_count",
        "os.hardware_error_fatal_count",
        "os.system_crash_count",
        "os.stability_index",
    ),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)

PROBES = (CRASHES,)
