"""Which programs use the computer: the five that use most processor, memory, disk and network.

The probe watches for access.sample_s in equal slices. Processes of the same name count as one program
(a browser is one program, not forty). techkit's own processes are counted apart, so that the
check does not blame the customer's computer for the check.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from techkit.children import external
from techkit.children.external import Command, Ended
from techkit.children.processes import descendants
from techkit.errors import ProbeError
from techkit.i18n import N_, _
from techkit.probes.probe import Access, Depth, Platform, Probe, Section, missing
from techkit.records.findings import Reading, Reason

#: How many programs are named per resource: issue "Diagnostics", item 0.
TOP = 5

#: Slices of the watch; "throughout" means in each of them. Ours: five in ten seconds, two in one.
SLICES = 5
SLICES_QUICK = 2

#: How often it is told how busy the computer is. Source: the design, chapter 11 (live charts: two updates a second).
TELL_S = 0.5

#: Less is noise and not worth a line: 0.5 % of a core, 1 kB a second; ours.
LEAST_PERCENT = 0.5
LEAST_BYTES_PER_S = 1000.0

SOCKETS = Command(("ss", "-tinpH"), limit_s=2.0)


@dataclass
class Use:
    """What one program has used so far. None: the system does not tell for this program."""

    processor_s: float = 0.0
    memory_bytes: int = 0
    disk_bytes: int | None = None
    processes: int = 0


@dataclass(frozen=True)
class Look:
    """All processes at one moment. programs: by name; a process's counters only ever grow."""

    at: float
    by_pid: Mapping[int, tuple[str, Use]] = field(default_factory=dict)


@dataclass(frozen=True)
class Share:
    """What one program used over the watch: mean and lowest slice, in percent of one core or per second."""

    mean: float
    lowest: float


def look(now: Callable[[], float] = time.monotonic) -> Look:
    """Return what every process has used so far."""
    import psutil

    found: dict[int, tuple[str, Use]] = {}
    for process in psutil.process_iter():
        # It may end, or be somebody else's, between any two calls (bad input 75).
        with contextlib.suppress(psutil.Error, OSError), process.oneshot():
            times, memory = process.cpu_times(), process.memory_info()
            use = Use(times.user + times.system, memory.rss, None, 1)
            with contextlib.suppress(psutil.Error, OSError, AttributeError):
                counters = process.io_counters()
                use.disk_bytes = counters.read_bytes + counters.write_bytes
            found[process.pid] = (program_name(process.name()), use)
    return Look(now(), found)


def program_name(name: str) -> str:
    """Return a process's name as its program's: without ".exe" and the kernel's worker numbers."""
    short = re.sub(r"(?i)\.exe$", "", name).strip() or _("(no name)")
    # kworker/u8:3-events is one program, not hundreds.
    return re.sub(r"^(kworker|ksoftirqd|migration|cpuhp|rcuop|rcuos)/.*$", r"\1", short)


def shares(
    looks: Sequence[Look], amount: Callable[[Use], float | None], *, scale: float = 1.0
) -> dict[str, Share]:
    """Return per program how fast a counter grew between looks; a process is counted from its second look."""
    slices: list[dict[str, float]] = []
    for before, after in itertools.pairwise(looks):
        seconds = max(after.at - before.at, 0.001)
        grown: dict[str, float] = {}
        for pid, (name, use) in after.by_pid.items():
            old_name, old = before.by_pid.get(pid, ("", None))
            value = amount(use)
            earlier = amount(old) if old is not None and old_name == name else None
            if value is not None and earlier is not None and value >= earlier:
                grown[name] = grown.get(name, 0.0) + (value - earlier) / seconds * scale
        slices.append(grown)
    names = {name for grown in slices for name in grown}
    return {
        name: Share(
            sum(grown.get(name, 0.0) for grown in slices) / len(slices),
            min(grown.get(name, 0.0) for grown in slices),
        )
        for name in names
    }


def memory_shares(looks: Sequence[Look], total_bytes: int) -> dict[str, tuple[int, float]]:
    """Return per program its resident bytes at the last look and its lowest percent over all looks.

    Pages shared between processes of one program count in each of them, so that the sum may be too high;
    it is capped at the computer's memory.
    """
    sums: list[dict[str, int]] = []
    for one in looks:
        by_name: dict[str, int] = {}
        for name, use in one.by_pid.values():
            by_name[name] = min(total_bytes, by_name.get(name, 0) + use.memory_bytes)
        sums.append(by_name)
    return {
        name: (held, 100 * min(one.get(name, 0) for one in sums) / total_bytes)
        for name, held in sums[-1].items()
        if total_bytes > 0
    }


def parse_sockets(text: str) -> dict[int, int]:
    """Return bytes sent and received per process id in the output of `ss -tinpH`.

    Shape: a line per connection with users:(("name",pid=1,fd=3),...), then a line of details with
    bytes_acked:N and bytes_received:N. Source: iproute2, misc/ss.c, tcp_stats_print.
    """
    found: dict[int, int] = {}
    pids: list[int] = []
    for line in text.splitlines():
        if match := re.search(r"users:\((.*)\)", line):
            pids = sorted({int(pid) for pid in re.findall(r"pid=(\d{1,9})", match[1])})
        elif not line[:1].isspace():
            pids = []
        moved = sum(int(n) for n in re.findall(r"\bbytes_(?:acked|received):(\d{1,18})", line))
        if moved and pids:
            # A socket handed to helpers belongs to the process that opened it.
            found[pids[0]] = found.get(pids[0], 0) + moved
    return found


@dataclass(frozen=True)
class Whole:
    """What the whole computer has used so far, at one moment; None: the system does not tell.

    busy_s and passed_s: seconds over all processor cores. Bytes only ever grow.
    """

    at: float
    busy_s: float
    passed_s: float
    memory_percent: float
    disk: tuple[int, int] | None
    network: tuple[int, int] | None


def whole(now: Callable[[], float] = time.monotonic) -> Whole:
    """Return what the computer has used so far; takes a millisecond."""
    import psutil

    times = psutil.cpu_times()
    passed = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    idle = times.idle + getattr(times, "iowait", 0.0)
    disk = network = None
    with contextlib.suppress(psutil.Error, OSError, RuntimeError):
        counters = psutil.disk_io_counters()
        disk = (counters.read_bytes, counters.write_bytes) if counters is not None else None
    with contextlib.suppress(psutil.Error, OSError, RuntimeError):
        cards = [one for name, one in psutil.net_io_counters(pernic=True).items() if not _is_loopback(name)]
        network = (sum(c.bytes_recv for c in cards), sum(c.bytes_sent for c in cards)) if cards else None
    return Whole(now(), passed - idle, passed, psutil.virtual_memory().percent, disk, network)


def _is_loopback(name: str) -> bool:
    return re.fullmatch(r"lo\d*|Loopback.*", name) is not None


def now_readings(before: Whole, after: Whole) -> Iterator[Reading]:
    """Yield how busy the computer was between two moments; what the system does not tell is left out."""
    section = Section("usage.now.", source="psutil, between two looks")
    passed = after.passed_s - before.passed_s
    if passed > 0:
        share = 100 * (after.busy_s - before.busy_s) / passed
        yield section("processor_percent", round(min(100.0, max(0.0, share)), 1), "percent")
    yield section("memory_percent", after.memory_percent, "percent")
    seconds = max(after.at - before.at, 0.001)
    for names, then, held in (
        (("disk_read_bytes_per_s", "disk_written_bytes_per_s"), before.disk, after.disk),
        (("network_received_bytes_per_s", "network_sent_bytes_per_s"), before.network, after.network),
    ):
        for name, one, other in zip(names, then or (), held or (), strict=False):
            # A counter that began anew (a card that was plugged out) tells nothing.
            if other >= one:
                yield section(name, round((other - one) / seconds), "bytes/s")


def whole_use(before: Whole, after: Whole, own_s: float) -> Iterator[Reading]:
    """Yield the use of all processors between two moments without techkit's own seconds; nothing where no time passed."""
    passed = after.passed_s - before.passed_s
    if passed > 0:
        share = 100 * (after.busy_s - before.busy_s - own_s) / passed
        yield Reading(
            id="usage.processor_percent",
            value=round(min(100.0, max(0.0, share)), 1),
            unit="percent",
            source="psutil.cpu_times, over the watch",
        )


def read_usage(access: Access) -> Iterator[Reading]:
    """Watch, then yield the top programs per resource and techkit's own share; tell of both meanwhile."""
    import psutil

    count = SLICES_QUICK if access.sample_s <= 1 else SLICES
    own = descendants(access.program) | {os.getpid(), access.program}
    sockets = [_sockets(access)]
    looks, first = [look()], whole()
    for _slice in range(count):
        if _watch(access, access.sample_s / count):
            break
        looks.append(look())
        sockets.append(_sockets(access))
        access.tell(_now_used(looks[-2:], sockets[-2:], own))
    last = whole()
    watched_s = looks[-1].at - looks[0].at
    sockets_before, sockets_after = sockets[0], sockets[-1]
    theirs = [Look(one.at, {p: v for p, v in one.by_pid.items() if p not in own}) for one in looks]
    ours = [Look(one.at, {p: v for p, v in one.by_pid.items() if p in own}) for one in looks]
    source = f"psutil.process_iter, {len(looks)} looks"
    yield Reading(id="usage.watched_seconds", value=round(watched_s, 2), unit="seconds", source=source)
    yield Reading(id="usage.process_count", value=len(looks[-1].by_pid), unit="count", source=source)
    own_share = sum(share.mean for share in shares(ours, lambda u: u.processor_s, scale=100).values())
    yield Reading(id="usage.own.processor_percent", value=round(own_share, 1), unit="percent", source=source)
    yield from whole_use(first, last, own_share / 100 * watched_s)
    yield from _processor(shares(theirs, lambda u: u.processor_s, scale=100), source)
    yield from _memory(memory_shares(theirs, psutil.virtual_memory().total), source)
    yield from _rates("usage.disk.", shares(theirs, lambda u: u.disk_bytes), source)
    yield from _network(theirs[-1], sockets_before, sockets_after, watched_s, own)


def _watch(access: Access, seconds: float) -> bool:
    """Tell how busy the computer is until the time is over; return whether the run was stopped."""
    ends, before = time.monotonic() + seconds, whole()
    while (left := ends - time.monotonic()) > 0:
        if access.stop.wait(min(left, TELL_S)):
            return True
        after = whole()
        access.tell(now_readings(before, after))
        before = after
    return access.stop.is_set()


def _now_used(
    looks: Sequence[Look], sockets: Sequence[dict[int, int] | ProbeError], own: set[int]
) -> Iterator[Reading]:
    """Yield the busiest programs between two looks, and what of the processor is techkit's own."""
    import psutil

    source = "psutil.process_iter, two looks"
    theirs = [Look(one.at, {p: v for p, v in one.by_pid.items() if p not in own}) for one in looks]
    ours = [Look(one.at, {p: v for p, v in one.by_pid.items() if p in own}) for one in looks]
    own_share = sum(share.mean for share in shares(ours, lambda u: u.processor_s, scale=100).values())
    cores = psutil.cpu_count() or 1
    yield Reading(
        id="usage.now.own_processor_percent", value=round(own_share / cores, 1), unit="percent", source=source
    )
    yield from _processor(shares(theirs, lambda u: u.processor_s, scale=100), source)
    yield from _memory(memory_shares(theirs, psutil.virtual_memory().total), source)
    yield from _rates("usage.disk.", shares(theirs, lambda u: u.disk_bytes), source)
    yield from _network(theirs[-1], sockets[0], sockets[-1], looks[-1].at - looks[0].at, own)


def _processor(found: Mapping[str, Share], source: str) -> Iterator[Reading]:
    for name in _top({n: s.mean for n, s in found.items() if s.mean >= LEAST_PERCENT}):
        section = Section("usage.processor.", source=source, subject=name)
        yield section("percent_of_core", round(found[name].mean, 1), "percent")
        yield section("lowest_percent_of_core", round(found[name].lowest, 1), "percent")


def _memory(found: Mapping[str, tuple[int, float]], source: str) -> Iterator[Reading]:
    for name in _top({n: float(held) for n, (held, _lowest) in found.items()}):
        section = Section("usage.memory.", source=source, subject=name)
        yield section("resident_bytes", found[name][0], "bytes")
        yield section("lowest_percent", round(found[name][1], 1), "percent")


def _rates(prefix: str, found: Mapping[str, Share], source: str) -> Iterator[Reading]:
    for name in _top({n: s.mean for n, s in found.items() if s.mean >= LEAST_BYTES_PER_S}):
        section = Section(prefix, source=source, subject=name)
        yield section("bytes_per_s", round(found[name].mean), "bytes/s")


def _network(
    last: Look,
    before: dict[int, int] | ProbeError,
    after: dict[int, int] | ProbeError,
    seconds: float,
    own: set[int],
) -> Iterator[Reading]:
    if isinstance(before, ProbeError) or isinstance(after, ProbeError):
        error = before if isinstance(before, ProbeError) else after
        reason = Reason(str(getattr(error, "reason", Reason.FAILED)))
        yield missing("usage.network.bytes_per_s", reason=reason, text=str(error))
        return
    moved: dict[str, Share] = {}
    for pid, bytes_after in after.items():
        if pid in own or pid not in last.by_pid:
            continue
        name = last.by_pid[pid][0]
        rate = max(0, bytes_after - before.get(pid, bytes_after)) / max(seconds, 0.001)
        earlier = moved.get(name, Share(0.0, 0.0)).mean
        moved[name] = Share(earlier + rate, earlier + rate)
    yield from _rates("usage.network.", moved, "ss -tinpH")


def _sockets(access: Access) -> dict[int, int] | ProbeError:
    """Return bytes moved per process so far, or why the system does not tell."""
    if access.platform is not Platform.LINUX:
        # Windows tells it only to a trace session with administrator rights, macOS only to nettop.
        return ProbeError(
            _("This operating system does not tell which program uses the network."),
            reason=Reason.NOT_PRESENT,
        )
    output = external.run(SOCKETS, stop=access.stop)
    if output.ended is Ended.NOT_FOUND:
        return ProbeError(
            _("The program {tool} is not on this computer.", tool="ss"), reason=Reason.TOOL_MISSING
        )
    if output.ended is not Ended.EXITED or output.code != 0:
        return ProbeError(_("The answer could not be read."), reason=Reason.FAILED)
    return parse_sockets(output.text)


def _top(amounts: Mapping[str, float]) -> list[str]:
    """Return the names with the largest amounts, largest first, at most TOP; equals by name."""
    return sorted(amounts, key=lambda name: (-amounts[name], name))[:TOP]


PROGRAMS = Probe(
    id="usage.programs",
    title=N_("Busiest programs"),
    read=read_usage,
    gives=("usage.",),
    depth=Depth.STANDARD,
    samples=True,
    limit_s=6.0,
)
PROBES = (PROGRAMS,)
