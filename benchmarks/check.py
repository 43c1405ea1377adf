"""How long a quick check takes and how much memory it holds, over all its processes.

The command itself is measured, `techkit check --json`, from its start to its exit code. Floors, in the same
run: for the time, the same command's smallest possible work (a Python that starts one worker for one
probe that reads nothing); for the memory, four bare Pythons, because a quick check is one program and
three workers. Beside another inventory of the same computer, taken in turns: time, processor time and memory.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.figures import Figure
from techkit.children.processes import descendants
from techkit.diagnostics.plan import STANDARD
from techkit.probes.pool import WARM

#: Source of both bars: the issue "The main job", bench: quick check <= 2 s and <= 120 MiB PSS.
BAR_S = 2.0
BAR_MIB = 120.0

#: Source: the issue on diagnostics: standard check <= 90 s; at most half the time of the inventory beside it.
STANDARD_BAR_S = 90.0
BESIDE = 0.5

#: Inventories of others, the first that is installed.
INVENTORIES = ("glpi-inventory", "fusioninventory-inventory")

ROUNDS = 5

#: Pause between two looks at the memory; 20 ms sees the peak of a tool that lives for 50 ms.
LOOK_S = 0.02

CHECK = [sys.executable, "-m", "techkit", "check", "--json"]
EMPTY = [
    sys.executable,
    "-c",
    (
        "import threading; from techkit.children.child import Child, own_program; e = threading.Event(); "
        "c = Child(own_program('techkit.probes.worker', '--worker'), lambda c, m: e.set()); "
        "c.send({'number': 1, 'module': 'techkit.probes.network', 'probe': 'none'}); e.wait(10); c.finish()"
    ),
]
BARE = [sys.executable, "-c", "import time; time.sleep(0.5)"]


def _seconds(command: Sequence[str]) -> float:
    """Return the wall time of a command; its exit code is 0 or 1 (something to watch)."""
    begun = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{command[1:4]} ended with {done.returncode}")
    return time.perf_counter() - begun


def _pss_mib(pids: set[int]) -> float:
    """Return the proportional set size of processes in MiB; one that just ended counts nothing."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError, IndexError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    return total / 1024


def _peak_mib(commands: Sequence[Sequence[str]]) -> float:
    """Return the highest memory of commands running together, with all their descendants."""
    running = [
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for command in commands
    ]
    peak = 0.0
    while any(process.poll() is None for process in running):
        pids = {process.pid for process in running}
        for process in running:
            pids |= descendants(process.pid)
        peak = max(peak, _pss_mib(pids))
        time.sleep(LOOK_S)
    return peak


def _processor_s(command: Sequence[str]) -> float:
    """Return the processor time of a command with all its descendants that ended."""
    before = os.times()
    _seconds(command)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def measure() -> Iterator[Figure]:
    """Yield time and memory of the quick check, the standard check's time, and both beside another inventory."""
    _seconds(CHECK)  # compiled files and the disk's cache, as on any second start
    yield from _quick()
    yield Figure(
        name="check_standard",
        value=_seconds([*CHECK, "--plan", "standard"]),
        floor=STANDARD.sample_s,  # it watches the programs for so long
        unit="s",
        bar=STANDARD_BAR_S,
        is_absolute=True,
    )
    other = next((path for name in INVENTORIES if (path := shutil.which(name))), None)
    if other is not None:
        for name, used in (("check_quick", _seconds), ("check_quick_processor", _processor_s)):
            pairs = [(used(CHECK), used([other])) for _round in range(ROUNDS)]
            yield Figure(
                name=name,
                value=statistics.median(check for check, _other in pairs),
                floor=statistics.median(inventory for _check, inventory in pairs),
                unit="s",
                bar=BESIDE,
            )
        if sys.platform == "linux":
            yield Figure(
                name="check_quick_memory",
                value=_peak_mib([CHECK]),
                floor=_peak_mib([[other]]),
                unit="MiB",
                bar=1.0,
            )


def _quick() -> Iterator[Figure]:
    pairs = [(_seconds(CHECK), _seconds(EMPTY)) for _round in range(ROUNDS)]
    yield Figure(
        name="quick_check_time",
        value=statistics.median(check for check, _empty in pairs),
        floor=statistics.median(empty for _check, empty in pairs),
        unit="s",
        bar=BAR_S,
        is_absolute=True,
    )
    if sys.platform == "linux":
        yield Figure(
            name="quick_check_memory",
            value=_peak_mib([CHECK]),
            floor=_peak_mib([BARE] * (1 + WARM)),
            unit="MiB",
            bar=BAR_MIB,
            is_absolute=True,
        )
