"""On half a core, with 1 GB and a disk that never rests, the standard check still ends in time with everything read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from techkit.diagnostics.plan import STANDARD

#: Where control groups (version 1) limit processor and memory, and the files that do it.
GROUPS = {
    Path("/sys/fs/cgroup/cpu/techkit-test"): {"cpu.cfs_period_us": 100_000, "cpu.cfs_quota_us": 50_000},
    Path("/sys/fs/cgroup/memory/techkit-test"): {"memory.limit_in_bytes": 2**30},
}

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        sys.platform != "linux"
        or os.geteuid() != 0
        or not all(os.access(group.parent, os.W_OK) for group in GROUPS),
        reason="needs root and control groups of version 1",
    ),
]

#: Writes and reads again and again, so that the disk is always busy.
LOAD = """
import os, sys
data = os.urandom(2**20)
while True:
    with open(sys.argv[1], "wb") as file:
        for _turn in range(200):
            file.write(data)
        file.flush()
        os.fsync(file.fileno())
"""


@pytest.fixture
def small(tmp_path: Path) -> Iterator[list[Path]]:
    """Make the groups of a small computer whose disk is saturated; yields where a process joins."""
    for group, limits in GROUPS.items():
        group.mkdir(exist_ok=True)
        for name, value in limits.items():
            (group / name).write_text(str(value))
    doors = [group / "cgroup.procs" for group in GROUPS]
    loads = [subprocess.Popen([sys.executable, "-c", LOAD, str(tmp_path / f"load{n}")]) for n in range(2)]
    yield doors
    for load in loads:
        load.kill()
        load.wait()
    for group in GROUPS:
        with suppress(OSError):
            group.rmdir()


def test_the_standard_check_holds_its_limit_on_a_small_busy_computer(small: list[Path]):
    """Half a core, 1 GB, a saturated disk: within 90 s, nothing late but what is not there, own load said."""
    joins = "".join(f"open({str(door)!r}, 'w').write(str(os.getpid()));" for door in small)
    program = f"import os, sys; {joins} from techkit.cli import main; sys.exit(main(sys.argv[1:]))"
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program, "check", "--plan", "standard", "--json"],
        capture_output=True,
        timeout=3 * STANDARD.limit_s,
        check=False,
    )
    seconds = time.monotonic() - begun
    found = json.loads(done.stdout)
    assert seconds <= STANDARD.limit_s
    assert len(found["readings"]) >= 300
    assert {p["probe"] for p in found["probes"] if p["state"] == "timed_out"} == set()
    assert any(r["id"] == "techkit.run.processor_seconds" for r in found["readings"])
