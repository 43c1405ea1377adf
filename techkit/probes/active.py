"""Tests that load the computer on purpose: processor and cooling, memory, disk. Deep plan only.

Choosing the deep plan is the request and the consent: nothing here runs in another plan. They read
and calculate, they never write to a disk. Each keeps to the time the plan lets it watch.
"""

from __future__ import annotations

import mmap
import os
import re
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from techkit.errors import ProbeError
from techkit.i18n import N_, _
from techkit.probes import access_macos, access_windows, windows_request
from techkit.probes.access_linux import line, number
from techkit.probes.memory import parse_meminfo
from techkit.probes.probe import Access, Depth, Platform, Probe, missing
from techkit.probes.processor import read_heat
from techkit.probes.sheet import Sheet
from techkit.probes.storage import SECTOR_BYTES, disk_kind, disk_names
from techkit.records.findings import Reading, Reason

# --- processor and cooling -------------------------------------------------------------------------

#: What one turn hashes: large enough that Python lets go of its lock while it calculates.
PIECE_BYTES: Final = 1024 * 1024

#: How often the rate and the temperatures are looked at.
SLICE_S: Final = 1.0


class _Worker(threading.Thread):
    """Hashes until told to stop and counts its pieces."""

    def __init__(self, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.stop, self.count = stop, 0

    def run(self) -> None:
        import hashlib  # loaded late: it takes a tenth of a quick check's start

        piece = bytes(PIECE_BYTES)
        while not self.stop.is_set():
            hashlib.sha256(piece).digest()
            self.count += 1


def read_processor(access: Access) -> Iterable[Reading]:
    """Yield how fast all cores calculate at first and in the end, and how warm they get.

    The work is the same all the time: less of it done means a processor that slowed itself down.
    """
    stop = threading.Event()
    workers = [_Worker(stop) for _core in range(os.cpu_count() or 1)]
    throttled = _throttle_count(access)
    cool = _hottest(access)
    rates, hottest = [], cool
    for worker in workers:
        worker.start()
    try:
        ends = time.monotonic() + max(3 * SLICE_S, access.sample_s)
        before, at = 0, time.monotonic()
        while time.monotonic() < ends and not access.stop.is_set():
            access.stop.wait(SLICE_S)
            done, now = sum(worker.count for worker in workers), time.monotonic()
            rates.append((done - before) * PIECE_BYTES / (now - at))
            before, at = done, now
            warm = _hottest(access)
            hottest = warm if hottest is None or (warm is not None and warm > hottest) else hottest
    finally:
        stop.set()
        for worker in workers:
            worker.join(timeout=2.0)
    return _processor_readings(access, rates, cool, hottest, throttled)


def _processor_readings(
    access: Access, rates: list[float], cool: float | None, hottest: float | None, throttled: int | None
) -> Sheet:
    sheet = Sheet("SHA-256 on all cores, sensors of /sys/class/hwmon")
    if len(rates) >= 3:
        # The first second is spent on starting; the best of the next two is what the processor can do.
        first, last = max(rates[1:3]), sum(rates[-2:]) / 2
        sheet.add("active.processor.first_bytes_per_s", first)
        sheet.add("active.processor.last_bytes_per_s", last)
        sheet.add(
            "active.processor.drop_percent", max(0.0, round(100 * (1 - last / first), 1)) if first else None
        )
    sheet.add("active.processor.watched_s", len(rates) * SLICE_S)
    sheet.add("active.processor.start_celsius", cool)
    sheet.add("active.processor.peak_celsius", hottest)
    now = _throttle_count(access)
    sheet.add(
        "active.processor.throttled", now - throttled if now is not None and throttled is not None else None
    )
    return sheet


def _hottest(access: Access) -> float | None:
    if access.platform is not Platform.LINUX:
        return None  # the others tell no sensor of the processor
    degrees = [
        float(reading.value)
        for reading in read_heat(access)
        if reading.id == "temperature.celsius"
        and isinstance(reading.value, int | float)
        and not reading.subject.startswith(("nvme", "drivetemp"))
    ]
    return max(degrees, default=None)


def _throttle_count(access: Access) -> int | None:
    counts = [
        number(access, f"/sys/devices/system/cpu/{name}/thermal_throttle/core_throttle_count")
        for name in access.names("/sys/devices/system/cpu")
        if name.startswith("cpu")
    ]
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


PROCESSOR: Final = Probe(
    id="active.processor",
    title=N_("Loading all cores to see how cooling holds"),
    read=read_processor,
    gives=("active.processor.",),
    depth=Depth.DEEP,
    samples=True,
    limit_s=10.0,
)

# --- memory ----------------------------------------------------------------------------------------

#: How much memory is held at once; a worker may have 512 MiB of addresses in all.
HELD_BYTES: Final = 160 * 2**20

#: Less is no sample: it would stay in the processor's cache. Ours.
LEAST_BYTES: Final = 64 * 2**20

#: Patterns that find cells stuck at 0 or 1 and neighbours that disturb each other.
#: Source: memtest86+, "moving inversions" and "random"; here without its control over addresses.
PATTERNS: Final = (b"\x00", b"\xff", b"\x55", b"\xaa")

#: One comparison.
BLOCK_BYTES: Final = 4 * 2**20


def read_memory(access: Access) -> Iterable[Reading]:
    """Yield how much free memory was written with patterns and read back, and how many blocks differed.

    A sample of the free memory, time-boxed; no test of all modules, which needs a restart.

    Raises: ProbeError failed where so little is free that the test would take it from programs.
    """
    held_bytes = _free_for_a_test(access)
    ends = time.monotonic() + max(2.0, access.sample_s)
    tested = errors = 0
    import random  # loaded late: a quick check needs none

    random_block = random.Random(time.monotonic_ns()).randbytes(BLOCK_BYTES)
    blocks = [pattern * BLOCK_BYTES for pattern in PATTERNS] + [random_block]
    try:
        held = mmap.mmap(-1, held_bytes)
    except (OSError, MemoryError) as error:
        raise ProbeError(_("There is not enough free memory for a test."), reason=Reason.FAILED) from error
    with held:
        turn = 0
        while time.monotonic() < ends and not access.stop.is_set():
            block = blocks[turn % len(blocks)]
            turn += 1
            for at in range(0, held_bytes, BLOCK_BYTES):
                held[at : at + BLOCK_BYTES] = block
            for at in range(0, held_bytes, BLOCK_BYTES):
                errors += held[at : at + BLOCK_BYTES] != block
                tested += BLOCK_BYTES
    sheet = Sheet("patterns written to free memory and read back")
    sheet.add("active.memory.tested_bytes", tested)
    sheet.add("active.memory.held_bytes", held_bytes)
    sheet.add("active.memory.error_count", errors)
    return sheet


def _free_for_a_test(access: Access) -> int:
    """Return how much may be held: HELD_BYTES, and never more than half of what programs can still have.

    Only Linux promises memory it does not have; elsewhere the system refuses to give it.
    """
    available = parse_meminfo(access.text_or("/proc/meminfo")).value("memory.available_bytes")
    if not isinstance(available, int):
        return HELD_BYTES
    held = min(HELD_BYTES, available // 2 // BLOCK_BYTES * BLOCK_BYTES)
    if held < LEAST_BYTES:
        raise ProbeError(_("There is not enough free memory for a test."), reason=Reason.FAILED)
    return held


MEMORY: Final = Probe(
    id="active.memory",
    title=N_("Testing a part of the free memory"),
    read=read_memory,
    gives=("active.memory.",),
    depth=Depth.DEEP,
    samples=True,
    limit_s=10.0,
)

# --- disk ------------------------------------------------------------------------------------------

#: Read in one go from the start of a disk, in pieces.
SEQUENTIAL_BYTES: Final = 64 * 2**20
PIECE: Final = 2**20
#: Small reads at random places.
RANDOM_READS: Final = 100
RANDOM_BYTES: Final = 4096
#: Pieces of the surface sample, spread evenly over the whole disk.
SAMPLES: Final = 48


def read_disks(access: Access) -> Iterable[Reading]:
    """Yield how fast each disk reads and whether a sample of its surface can be read. Reads only.

    Raises: ProbeError not_permitted without the right to read the disks themselves.
    """
    if not access.is_admin:
        raise ProbeError(_("Reading a disk itself needs administrator rights."), reason=Reason.NOT_PERMITTED)
    disks = [disk for disk in listed_disks(access) if disk.size_bytes]
    if not disks:
        raise ProbeError(_("No disk was found."), reason=Reason.NOT_PRESENT)
    sheet = Sheet("reads of the disk itself")
    lost: list[Reading] = []
    share_s = max(2.0, access.sample_s) / len(disks)
    for disk in disks:
        if disk.size_bytes >= SEQUENTIAL_BYTES and not disk.is_removable:
            lost += _one_disk(access, sheet, disk, time.monotonic() + share_s)
    return [*sheet, *lost]


@dataclass(frozen=True, kw_only=True)
class Disk:
    """A disk as it is opened to be read. device: the path of its device, unbuffered where the system has one."""

    name: str
    device: str
    size_bytes: int
    kind: str
    is_removable: bool


def listed_disks(access: Access) -> list[Disk]:
    """Return the disks of this computer. Raises: ProbeError where they cannot be listed."""
    if access.platform is Platform.WINDOWS:
        return _disks_of(access_windows.disks(access), r"\\.\PhysicalDrive{}", re.compile(r"\d{1,3}"))
    if access.platform is Platform.MACOS:
        return _disks_of(access_macos.disks(access), "/dev/r{}", re.compile(r"disk\d{1,3}"))
    return [
        Disk(
            name=name,
            device=str(access.path(f"/dev/{name}")),
            size_bytes=(number(access, f"/sys/block/{name}/size") or 0) * SECTOR_BYTES,
            kind=disk_kind(
                name,
                number(access, f"/sys/block/{name}/queue/rotational"),
                line(access, f"/sys/block/{name}/device/model"),
            )
            or "",
            is_removable=bool(number(access, f"/sys/block/{name}/removable")),
        )
        for name in disk_names(access)
    ]


def _disks_of(readings: Iterable[Reading], device: str, known: re.Pattern[str]) -> list[Disk]:
    """Return the disks some readings tell of; one under a name that is no device of the system is left out."""
    told: dict[str, dict[str, object]] = {}
    for reading in readings:
        told.setdefault(reading.subject, {})[reading.id.removeprefix("storage.disk.")] = reading.value
    return [
        Disk(
            name=name,
            device=device.format(name),
            size_bytes=size,
            kind=str(held.get("kind") or ""),
            is_removable=held.get("is_removable") is True or held.get("interface") == "usb",
        )
        for name, held in sorted(told.items())
        if known.fullmatch(name) and isinstance(size := held.get("size_bytes"), int)
    ]


def _one_disk(access: Access, sheet: Sheet, disk: Disk, ends: float) -> list[Reading]:
    name, size = disk.name, disk.size_bytes
    unbuffered = getattr(os, "O_DIRECT", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(disk.device, os.O_RDONLY | unbuffered)
    except OSError as error:
        reason = Reason.NOT_PRESENT if isinstance(error, FileNotFoundError) else Reason.NOT_PERMITTED
        text = _("The disk {name} could not be opened: {why}", name=name, why=error.strerror or str(error))
        return [missing("active.disk.read_errors", subject=name, reason=reason, text=text)]
    buffer = mmap.mmap(-1, PIECE)  # O_DIRECT wants memory that begins at a page
    errors = read = 0
    try:
        started = time.monotonic()
        for at in range(0, SEQUENTIAL_BYTES, PIECE):
            if time.monotonic() > ends:
                break
            got = _read_at(handle, buffer, at, PIECE)
            errors += got < 0
            read += max(0, got)
        spent = time.monotonic() - started
        sheet.add(
            "active.disk.sequential_bytes_per_s", read / spent if read and spent > 0 else None, subject=name
        )
        waits = _random_reads(handle, buffer, size, ends)
        errors += sum(wait < 0 for wait in waits)
        good = sorted(wait for wait in waits if wait >= 0)
        if good:
            sheet.add("active.disk.random_ms", round(1000 * good[len(good) // 2], 3), subject=name)
            sheet.add("active.disk.slowest_ms", round(1000 * good[-1], 1), subject=name)
        sampled = 0
        for part in range(SAMPLES):
            if time.monotonic() > ends or access.stop.is_set():
                break
            at = (size - PIECE) * part // (SAMPLES - 1) // PIECE * PIECE
            got = _read_at(handle, buffer, at, PIECE)
            errors += got < 0
            sampled += max(0, got)
        sheet.add("active.disk.sampled_bytes", sampled, subject=name)
        sheet.add("active.disk.read_errors", errors, subject=name)
        sheet.add("active.disk.kind", disk.kind or None, subject=name)
    finally:
        buffer.close()
        os.close(handle)
    return []


def _read_at(handle: int, buffer: mmap.mmap, at: int, size: int) -> int:
    """Return how many bytes could be read at a place, -1 for a read error."""
    try:
        if hasattr(os, "preadv"):
            return os.preadv(handle, [memoryview(buffer)[:size]], at)
        os.lseek(handle, at, os.SEEK_SET)  # Windows; all places and sizes are whole sectors
        return len(os.read(handle, size))
    except OSError:
        return -1


def _random_reads(handle: int, buffer: mmap.mmap, size: int, ends: float) -> list[float]:
    """Return the seconds of small reads at random places, -1.0 for one that failed."""
    import random

    chance = random.Random(size)  # the same places each time, so that two runs compare
    waits = []
    for _turn in range(RANDOM_READS):
        if time.monotonic() > ends:
            break
        at = chance.randrange(size // RANDOM_BYTES) * RANDOM_BYTES
        started = time.monotonic()
        got = _read_at(handle, buffer, at, RANDOM_BYTES)
        waits.append(time.monotonic() - started if got >= 0 else -1.0)
    return waits


DISKS: Final = Probe(
    id="active.disks",
    title=N_("Reading a sample of each disk"),
    read=read_disks,
    gives=("active.disk.",),
    depth=Depth.DEEP,
    samples=True,
    limit_s=20.0,
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)

PROBES = (PROCESSOR, MEMORY, DISKS)
