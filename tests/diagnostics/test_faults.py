"""Every external tool replaced by one that misbehaves: the plan holds its limit, the rest is all there."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from techkit import children
from techkit.diagnostics import runner
from techkit.diagnostics.plan import QUICK
from techkit.diagnostics.runner import MachineProbes
from techkit.probes.pool import Pool
from techkit.records.findings import Complaint

FAULTS = Path(__file__).with_name("faults")

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

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="the faulty tools are written for Linux"
)


@pytest.mark.parametrize("misbehaviour", MISBEHAVIOURS)
def test_faulty_tools_cost_neither_time_nor_other_results(tmp_path, misbehaviour):
    """The quick plan ends within its limit, what needs no tool is read, and no process is left."""
    started_log = tmp_path / "started"
    for name in TOOLS:
        tool = tmp_path / "tools" / name
        tool.parent.mkdir(exist_ok=True)
        tool.write_text(f"#!/bin/sh\necho {name} >> {started_log}\n{MISBEHAVIOURS[misbehaviour]}\n")
        tool.chmod(0o755)
    before = children.descendants(os.getpid())
    pool = Pool(extra_environment=[("PYTHONPATH", str(FAULTS)), ("FAULTY_TOOLS", str(tmp_path / "tools"))])
    with MachineProbes(pool=pool) as machine:
        started = time.monotonic()
        # A slow computer is watched, which asks `ss` again and again.
        result = runner.run(QUICK, machine, complaint=Complaint.SLOW)
        seconds = time.monotonic() - started
        left = children.descendants(os.getpid()) - before - set(pool.pids())
    states = {report.probe: report.state for report in result.probes}
    assert "ss" in started_log.read_text().split()
    # Machines are shared, so the half second over the limit is measured, not tested.
    assert seconds <= 2 * QUICK.limit_s
    assert {states[probe] for probe in UNTOUCHED} == {"ok"}
    assert all(report.reason_text for report in result.probes if report.state not in ("ok", "not_applicable"))
    assert left == set()
