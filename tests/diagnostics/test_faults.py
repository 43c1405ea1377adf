"""Every external tool replaced by one that misbehaves: the plan holds its limit, the rest is all there."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from techkit.children.processes import descendants
from techkit.diagnostics import runner
from techkit.diagnostics.plan import QUICK
from techkit.diagnostics.runner import MachineProbes
from techkit.records.findings import Complaint
from tests.faulty_tools import MISBEHAVIOURS, UNTOUCHED, faulty_pool, left_behind, started

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="the faulty tools are written for Linux"
)


@pytest.mark.parametrize("misbehaviour", MISBEHAVIOURS)
def test_faulty_tools_cost_neither_time_nor_other_results(tmp_path, misbehaviour):
    """The quick plan ends within its limit, what needs no tool is read, and no process is left."""
    before = descendants(os.getpid())
    pool = faulty_pool(tmp_path / "faulty", [misbehaviour])
    with MachineProbes(pool=pool) as machine:
        begun = time.monotonic()
        # A slow computer is watched, which asks `ss` again and again.
        result = runner.run(QUICK, machine, complaint=Complaint.SLOW)
        seconds = time.monotonic() - begun
        left = left_behind(before, pool)
    states = {report.probe: report.state for report in result.probes}
    assert "ss" in started(tmp_path / "faulty")
    # Machines are shared, so the half second over the limit is measured, not tested.
    assert seconds <= 2 * QUICK.limit_s
    assert {states[probe] for probe in UNTOUCHED} == {"ok"}
    assert all(report.reason_text for report in result.probes if report.state not in ("ok", "not_applicable"))
    assert left == set()


#: Nobody else sleeps for so long; a process without parent, session and environment is known by nothing else.
LONG_S = 86_413

FORGETFUL = {
    "ends": f"(/usr/bin/setsid /usr/bin/env -i /bin/sleep {LONG_S} > /dev/null 2>&1 &) ; exit 0",
    "kills its worker": f"(/usr/bin/setsid /usr/bin/env -i /bin/sleep {LONG_S} > /dev/null 2>&1 &) ; kill -9 $PPID",
}


@pytest.mark.parametrize("way", FORGETFUL)
def test_a_grandchild_that_forgot_where_it_came_from_is_found(tmp_path, monkeypatch, way):
    """Without its parent, its session and its environment it still ends with the run."""
    monkeypatch.setitem(MISBEHAVIOURS, "forgets", FORGETFUL[way])
    pool = faulty_pool(tmp_path / "faulty", ["forgets"])
    with MachineProbes(pool=pool) as machine:
        runner.run(QUICK, machine, complaint=Complaint.SLOW)
        alive = [
            path.parent.name for path in Path("/proc").glob("[0-9]*/cmdline") if str(LONG_S) in _read(path)
        ]
    assert "ss" in started(tmp_path / "faulty")
    assert alive == []


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:  # it has just ended
        return ""
