"""Memory: how much there is, how much is used, paging, modules, and errors it corrected."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from techkit.errors import ProbeError
from techkit.i18n import N_, _
from techkit.probes import access_macos, access_windows, windows_request
from techkit.probes.access_linux import number, pairs, unescape, whole
from techkit.probes.formats import dmidecode, smbios
from techkit.probes.probe import Access, Platform, Probe
from techkit.probes.sheet import Sheet
from techkit.probes.storage import parse_pressure
from techkit.records.findings import Reading, Reason

#: Lines of /proc/meminfo → reading. Source: Linux kernel, Documentation/filesystems/proc.rst.
MEMINFO: Final = {
    "MemTotal": "total",
    "MemAvailable": "available",
    "MemFree": "free",
    "Buffers": "buffers",
    "Cached": "cached",
    "Shmem": "shared",
    "Slab": "slab",
    "KernelStack": "kernel_stack",
    "PageTables": "page_tables",
    "Active": "active",
    "Inactive": "inactive",
    "Dirty": "dirty",
    "Mapped": "mapped",
    "AnonPages": "anonymous",
    "Committed_AS": "committed",
    "CommitLimit": "commit_limit",
    "SwapTotal": "swap_total",
    "SwapFree": "swap_free",
    "SwapCached": "swap_cached",
    "Hugepagesize": "huge_page",
}

#: Lines of /proc/vmstat → reading.
VMSTAT: Final = {
    "pswpin": "swapped_in_pages",
    "pswpout": "swapped_out_pages",
    "pgmajfault": "major_faults",
    "oom_kill": "killed_for_memory",
}


def read_use(access: Access) -> Iterable[Reading]:
    """Yield how much memory there is and what it is used for."""
    if access.platform is Platform.WINDOWS:
        return access_windows.memory_use(access)
    if access.platform is Platform.MACOS:
        return access_macos.memory_use(access)
    content = access.text("/proc/meminfo")
    access.keep(content[:1200])
    sheet = parse_meminfo(content)
    for name, count in pairs(access.text_or("/proc/vmstat"), " ").items():
        if name in VMSTAT:
            sheet.add(f"memory.{VMSTAT[name]}", whole(count), source=f"/proc/vmstat {name}")
    pressure = access.text_or("/proc/pressure/memory")
    for name, row in (("pressure_percent", "some"), ("pressure_full_percent", "full")):
        for value in parse_pressure(pressure, row):
            sheet.add(f"memory.{name}", value, source=f"/proc/pressure/memory {row} avg60")
    sheet.extend(parse_swaps(access.text_or("/proc/swaps")))
    return sheet


def parse_meminfo(content: str) -> Sheet:
    """Return the readings of a /proc/meminfo text. 0 bytes of memory cannot be true: left out."""
    sheet = Sheet("/proc/meminfo")
    for name, text in pairs(content).items():
        found = re.fullmatch(r"(\d{1,15})( kB)?", text)
        if not found:
            continue
        if name in MEMINFO and not (name == "MemTotal" and int(found[1]) == 0):
            size = int(found[1]) * 1024
            sheet.add(f"memory.{MEMINFO[name]}_bytes", size, source=f"/proc/meminfo {name}")
        elif name == "HugePages_Total":
            sheet.add("memory.huge_pages_total", int(found[1]), source=f"/proc/meminfo {name}")
    if sheet.value("memory.available_bytes") is None:
        # Kernels before 3.14 have no MemAvailable; free and file pages are its lower bound.
        parts = [sheet.value(f"memory.{part}_bytes") for part in ("free", "buffers", "cached")]
        known = [part for part in parts if isinstance(part, int)]
        if len(known) == 3:
            sheet.add("memory.available_bytes", sum(known), source="/proc/meminfo MemFree+Buffers+Cached")
    return sheet


def parse_swaps(content: str) -> Sheet:
    """Return size and use of each paging space of a /proc/swaps text."""
    sheet = Sheet("/proc/swaps")
    for row in content.splitlines()[1:]:
        fields = row.split()
        if len(fields) >= 5 and fields[2].isdecimal() and fields[3].isdecimal():
            name = unescape(fields[0])
            sheet.add("memory.swap_device_bytes", int(fields[2][:15]) * 1024, subject=name)
            sheet.add("memory.swap_used_bytes", int(fields[3][:15]) * 1024, subject=name)
    return sheet


USE = Probe(
    id="memory.use",
    title=N_("Looking at memory"),
    read=read_use,
    gives=tuple(f"memory.{name}_bytes" for name in MEMINFO.values())
    + tuple(f"memory.{name}" for name in VMSTAT.values())
    + (
        "memory.huge_pages_total",
        "memory.pressure_percent",
        "memory.pressure_full_percent",
        "memory.swap_device_bytes",
        "memory.swap_used_bytes",
    ),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)


def read_errors(access: Access) -> Iterable[Reading]:
    """Yield the memory errors that controllers counted (Linux EDAC, Windows' event log); none counts: nothing.

    macOS tells no program of them: a Mac whose memory corrects says so.
    """
    if access.platform is Platform.WINDOWS:
        return access_windows.memory_errors(access)
    if access.platform is Platform.MACOS:
        return access_macos.memory_errors(access)
    sheet = Sheet("/sys/devices/system/edac/mc")
    base = "/sys/devices/system/edac/mc"
    controllers = [n for n in access.names(base) if re.fullmatch(r"mc\d{1,4}", n)]
    sheet.add("memory.ecc.controller_count", len(controllers))
    for name in controllers:
        for kind, file in (("corrected", "ce_count"), ("uncorrected", "ue_count")):
            path = f"{base}/{name}/{file}"
            sheet.add(f"memory.ecc.{kind}", number(access, path), subject=name, source=path)
    return sheet


ERRORS = Probe(
    id="memory.errors",
    title=N_("Looking for memory errors"),
    read=read_errors,
    gives=("memory.ecc.controller_count", "memory.ecc.corrected", "memory.ecc.uncorrected"),
    platforms=frozenset({Platform.LINUX, Platform.WINDOWS}),
    commands=windows_request.COMMANDS,
)


def read_modules(access: Access) -> Iterable[Reading]:
    """Yield the memory modules and slots as the firmware reports them.

    Raises: ProbeError not_present where the firmware has no tables, not_permitted without rights.
    """
    if access.platform is Platform.WINDOWS:
        return access_windows.memory_modules(access)
    if access.platform is Platform.MACOS:
        return access_macos.memory_modules(access)
    if not access.exists("/sys/firmware/dmi/tables"):
        raise ProbeError(_("The firmware of this computer has no tables."), reason=Reason.NOT_PRESENT)
    if not access.is_admin:
        raise ProbeError(
            _("Reading the firmware’s tables needs administrator rights."), reason=Reason.NOT_PERMITTED
        )
    structures = smbios.structures(access.data("/sys/firmware/dmi/tables/DMI"))
    sheet = dmidecode.readings(structures, source="/sys/firmware/dmi/tables/DMI")
    return [reading for reading in sheet if reading.id.startswith("memory.")]


MODULES = Probe(
    id="memory.modules",
    title=N_("Looking at memory modules"),
    read=read_modules,
    gives=(
        "memory.module.",
        "memory.module_count",
        "memory.slot_count",
        "memory.max_bytes",
        "memory.installed_bytes",
        "memory.ecc.kind",
    ),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)

PROBES = (USE, MODULES, ERRORS)
