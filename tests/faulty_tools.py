"""External tools that misbehave: what each does instead of its work, and a folder of them as the probes find it."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Sequence
from pathlib import Path

from techkit.children.processes import descendants
from techkit.probes.pool import Pool

#: What puts the folder in the tools' place, inside the workers.
FAULTS = Path(__file__).with_name("diagnostics") / "faults"

#: Names of the tools that probes start on Linux.
TOOLS = (
    "apt-get", "dpkg-query", "flatpak", "iw", "journalctl", "lpstat", "nft", "pacman", "ping", "route", "rpm",
    "smartctl", "ss", "systemctl", "systemd-analyze", "zypper", "dnf",
)  # fmt: skip

#: What each tool does instead; written for /bin/sh, every program by its full path.
MISBEHAVIOURS = {
    "hangs": "trap '' TERM INT; /usr/bin/setsid /bin/sleep 600 & /bin/sleep 600",
    "crashes": "kill -SEGV $$",
    "floods": "exec /usr/bin/yes yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy",
    "eats memory": "exec /usr/bin/tail /dev/zero",
    "asks for a password": "printf Password: > /dev/tty; read answer < /dev/tty || read answer; echo got $answer; exit 1",
    "says nothing": "exit 0",
    "leaves grandchildren": "(/usr/bin/setsid /bin/sh -c 'trap \"\" TERM; /bin/sleep 600' > /dev/null 2>&1 &) ; exit 0",
    "forks without end": "while :; do /bin/sleep 600 & /bin/sleep 0.05; done",
    "ignores every request to end": "trap '' TERM INT HUP QUIT PIPE; while :; do /bin/sleep 1; done",
    "writes rubbish": "/usr/bin/head -c 20000 /dev/urandom",
}

#: These probes start no tool in a quick plan on Linux; nothing a tool does may cost them their readings.
UNTOUCHED = {
    "memory.use",
    "storage.volumes",
    "network.interfaces",
    "processor.processors",
    "operating_system.machine",
}


def faulty_pool(folder: Path, misbehaviours: Sequence[str]) -> Pool:
    """Return a pool whose tools misbehave, each in the next of the ways; `started` below the folder names what ran."""
    (folder / "tools").mkdir(parents=True)
    for name, misbehaviour in zip(TOOLS, itertools.cycle(misbehaviours), strict=False):
        tool = folder / "tools" / name
        tool.write_text(f"#!/bin/sh\necho {name} >> {folder / 'started'}\n{MISBEHAVIOURS[misbehaviour]}\n")
        tool.chmod(0o755)
    return Pool(extra_environment=[("PYTHONPATH", str(FAULTS)), ("FAULTY_TOOLS", str(folder / "tools"))])


def started(folder: Path) -> list[str]:
    """Return the tools that were started, in their order."""
    return (folder / "started").read_text().split()


def left_behind(before: set[int], pool: Pool) -> set[int]:
    """Return which processes started since `before` are still there and none of the pool's.

    A worker in place of a stuck one may be starting just now, and is the pool's a moment later.
    """
    ends = time.monotonic() + 5
    while (left := descendants(os.getpid()) - before - set(pool.pids())) and time.monotonic() < ends:
        time.sleep(0.02)
    return left
