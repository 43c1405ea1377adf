"""The pool of workers: every misbehaviour costs one probe, never the run.

Times are compared with declared limits only, generously where the machine is shared.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from techkit.children.child import Nursery
from techkit.children.processes import descendants
from techkit.probes.pool import Clock, Pool, Request
from tests.faulty_tools import left_behind

#: Where the misbehaving probes stand.
ROOMS = Path(__file__).with_name("rooms")

#: Enough for a slow, shared machine; the probes' own limits are far below.
ROOMY = Request(limit_s=30.0, sample_s=0.1, wait_s=0.1)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the misbehaviours are written for POSIX")


def states(outcomes):
    return {o.report.probe.removeprefix("misbehaving."): o.report.state for o in outcomes}


def test_healthy_probes_are_read_in_order(pool, rooms):
    """Every healthy probe gives its readings, in the order asked."""
    outcomes = pool.read([rooms.GOOD, rooms.WATCH, rooms.TOOL_GOOD], ROOMY)
    assert [o.report.probe for o in outcomes] == [
        "misbehaving.good",
        "misbehaving.watch",
        "misbehaving.tool_good",
    ]
    assert [o.readings[0].value for o in outcomes] == [1, 0.1, "fine"]
    assert outcomes[0].readings[0].source == "here"


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("HANG", "timed_out"),
        ("HANG_WITH_CHILDREN", "timed_out"),
        ("CRASH", "failed"),
        ("QUIT", "failed"),
        ("FLOOD_READINGS", "failed"),
        ("EAT_MEMORY", "failed"),
        ("FAULT", "failed"),
        ("REFUSED", "not_permitted"),
        ("TOOL_HANG", "timed_out"),
        ("TOOL_FLOOD", "failed"),
    ],
)
def test_a_misbehaving_probe_says_why_and_the_others_go_on(pool, rooms, name, state):
    """A probe that hangs, crashes, floods or eats memory ends with its reason; its neighbours are read."""
    probe = getattr(rooms, name)
    outcomes = pool.read([probe, *rooms.HEALTHY[:4]], ROOMY)
    assert outcomes[0].report.state == state
    assert outcomes[0].report.reason_text
    assert [o.report.state for o in outcomes[1:]] == ["ok"] * 4


def test_nothing_started_by_a_stuck_probe_is_left(pool, rooms):
    """Children and grandchildren that ignore the polite signal, also in sessions of their own, are gone."""
    before = descendants(os.getpid())
    pool.read([rooms.HANG_WITH_CHILDREN, rooms.TOOL_HANG], ROOMY)
    assert left_behind(before, pool) == set()
    assert [pid for pid in _sleepers() if pid not in before] == []


def _sleepers():
    """Return processes whose command line is the misbehaving tools' own."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if b"time.sleep(601)" in place.read_bytes():
                found.append(int(place.parent.name))
    return found


def test_what_a_probe_prints_does_not_disturb(pool, rooms):
    """Ten megabytes on standard output of a probe go nowhere."""
    [outcome] = pool.read([rooms.FLOOD_STDOUT], ROOMY)
    assert outcome.report.state == "ok"


def test_nobody_can_be_asked_for_a_password(pool, rooms):
    """A probe or tool that asks for a password finds no terminal and an empty input."""
    probe, tool = pool.read([rooms.ASK_PASSWORD, rooms.TOOL_PASSWORD], ROOMY)
    assert probe.readings[0].value == ""
    assert tool.readings[0].value == ""


def test_a_tool_has_a_memory_limit(pool, rooms):
    """A tool that wants eight gigabytes ends by itself instead of taking the computer's memory."""
    [outcome] = pool.read([rooms.TOOL_MEMORY], ROOMY)
    assert outcome.readings[0].value == ""


def test_a_fault_keeps_its_text_to_itself(pool, rooms):
    """A fault in a probe is told by kind and place; its text may hold what is personal."""
    [outcome] = pool.read([rooms.FAULT], ROOMY)
    assert "KeyError misbehaving.py:" in outcome.report.reason_text
    assert "somebody" not in outcome.report.reason_text
    assert [r.id for r in outcome.readings] == ["misbehaving.fault"]


def test_readings_a_probe_did_not_declare_are_dropped(pool, rooms):
    """A probe cannot speak for another one."""
    probe = rooms.FOREIGN
    object.__setattr__(probe, "gives", ("misbehaving.foreign",))
    [outcome] = pool.read([probe], ROOMY)
    assert [r.id for r in outcome.readings] == ["misbehaving.foreign"]


def test_many_stuck_probes_cost_the_limit_and_nothing_else(pool, rooms):
    """With twelve stuck probes and six stuck tools the run ends at its limit; all twelve healthy ones are read."""
    started = time.monotonic()
    request = Request(limit_s=4.0)
    outcomes = pool.read([*rooms.STUCK, *rooms.STUCK_TOOLS, *rooms.HEALTHY], request)
    seconds = time.monotonic() - started
    found = states(outcomes)
    assert [found[f"healthy_{n}"] for n in range(12)] == ["ok"] * 12
    assert {found[f"stuck_{n}"] for n in range(12)} == {"timed_out"}
    assert {found[f"stuck_tool_{n}"] for n in range(6)} == {"timed_out"}
    # Stuck helpers cost one limit, not their sum (18 × 4 s); machines are shared, so the half second is measured, not tested.
    assert seconds <= 2 * request.limit_s


def test_stop_ends_the_run_with_what_is_there(pool, rooms):
    """After a stop the finished probes keep their readings, the others are "skipped"."""
    stop = threading.Event()
    outcomes = pool.read(
        [rooms.GOOD, rooms.STUCK[0]],
        ROOMY,
        stop=stop,
        progress=lambda done, _running: stop.set() if done == 1 else None,
    )
    assert states(outcomes) == {"good": "ok", "stuck_0": "skipped"}
    assert len(outcomes[0].readings) == 1


def test_workers_stay_warm_and_stuck_ones_are_replaced(pool, rooms):
    """A second run uses the same workers; after a hang the run has fresh ones again."""
    pool.warm_up()
    first = set(pool.pids())
    pool.read([rooms.GOOD], ROOMY)
    assert set(pool.pids()) == first
    pool.read([rooms.HANG, rooms.GOOD], ROOMY)
    assert len(first - set(pool.pids())) == 1
    assert states(pool.read([rooms.GOOD], ROOMY)) == {"good": "ok"}


def test_progress_names_what_runs(pool, rooms):
    """Progress tells how many are done and which probes run."""
    told = []
    pool.read(
        [rooms.WATCH, rooms.GOOD],
        ROOMY,
        progress=lambda done, running: told.append((done, [p.title for p in running])),
    )
    assert told[-1] == (2, [])
    assert any("watch" in titles for _done, titles in told)


def test_what_a_watching_probe_tells_is_heard_and_a_chatterer_is_cut_short(pool, rooms):
    """What is told arrives while the run goes on, only declared readings of it, and never without end."""
    heard = []
    outcomes = pool.read([rooms.CHATTER, rooms.GOOD], Request(limit_s=10), heard=heard.append)
    assert [outcome.report.state for outcome in outcomes] == ["ok", "ok"]
    assert [reading.value for reading in outcomes[0].readings] == [1]
    assert 10 <= len(heard) < 60
    assert {reading.id for told in heard for reading in told} == {"misbehaving.now"}


def test_a_pool_whose_nursery_was_ended_goes_on(pool, rooms):
    """The workers that are there stay; those that are needed next come from a new nursery or start from nothing."""
    pool.warm_up()
    workers = set(pool.pids())
    if not Nursery.is_here():
        pytest.skip("a nursery forks, which is safe on Linux only")
    os.kill(pool.pids()[0], signal.SIGKILL)
    assert states(pool.read([rooms.HANG, *rooms.HEALTHY[:3]], ROOMY))["hang"] == "timed_out"
    again = pool.read([rooms.GOOD, *rooms.HEALTHY[:3]], ROOMY)
    assert {o.report.state for o in again} == {"ok"}
    assert len(set(pool.pids()) & workers) >= 2


@pytest.mark.skipif(sys.platform != "linux", reason="handles on processes are Linux's")
def test_a_kernel_or_sandbox_without_handles_on_processes_checks_all_the_same(pool, rooms, monkeypatch):
    """Linux before 5.3 and some containers refuse pidfd_open: each worker starts from nothing, and every probe is read."""

    def refuses(_pid, _flags=0):
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(os, "pidfd_open", refuses)
    Nursery.is_here.cache_clear()
    try:
        outcomes = pool.read([rooms.GOOD, *rooms.HEALTHY[:2]], ROOMY)
        assert {o.report.state for o in outcomes} == {"ok"}
        assert not Nursery.is_here()
    finally:
        monkeypatch.undo()
        Nursery.is_here.cache_clear()


class SleepyClock(Clock):
    """The computer sleeps for an hour as soon as a file is there; its clock for limits jumps too, or stands still."""

    def __init__(self, marker: Path, jump_s: float) -> None:
        self._marker, self._jump_s = marker, jump_s

    def awake_s(self) -> float:
        """Return the real clock, which has jumped once the computer has slept."""
        return super().awake_s() + (self._jump_s if self._marker.exists() else 0.0)

    def slept_s(self) -> float:
        """Return the hour, once it is over."""
        return 3600.0 if self._marker.exists() else 0.0


def test_what_was_read_while_the_computer_slept_is_read_again(rooms, tmp_path):
    """It is not called late: it is asked anew after waking, and says how long the computer slept meanwhile."""
    clock = SleepyClock(tmp_path / "asked", 0.0)
    with contextlib.closing(Pool(extra_environment=[("PYTHONPATH", str(ROOMS))], clock=clock)) as pool:
        request = Request(limit_s=60.0, settings={"marker": str(tmp_path / "asked")})
        stuck, good = pool.read([rooms.STUCK_ONCE, rooms.GOOD], request)
    assert (stuck.report.state, good.report.state) == ("ok", "ok")
    assert [reading.value for reading in stuck.readings] == [1]
    assert stuck.slept_s == 3600.0


def test_a_probe_that_is_late_without_sleep_is_late(rooms, tmp_path):
    """A clock that jumps with no sleep behind it ends the probe as its limit says; nothing is asked again."""
    marker = tmp_path / "asked"

    class Jumping(SleepyClock):
        def slept_s(self) -> float:
            return 0.0

    with contextlib.closing(
        Pool(extra_environment=[("PYTHONPATH", str(ROOMS))], clock=Jumping(marker, 30.0))
    ) as pool:
        [stuck] = pool.read([rooms.STUCK_ONCE], Request(limit_s=60.0, settings={"marker": str(marker)}))
    assert (stuck.report.state, stuck.slept_s) == ("timed_out", 0.0)


def test_limits_are_reckoned_in_time_awake():
    """Both clocks go on, and the time slept does not change while the computer is awake."""
    clock = Clock()
    awake, slept = clock.awake_s(), clock.slept_s()
    time.sleep(0.05)
    assert 0.05 <= clock.awake_s() - awake < 20
    assert abs(clock.slept_s() - slept) < 0.05


#: A command with one thread, which has a file open and a terminal's variable, reads a probe and tells what it saw.
COMMAND = """
import json, os, sys
kept = open(sys.argv[1])
os.environ["DISPLAY"] = ":7"
from techkit.probes import memory
from techkit.probes.pool import Pool, Request
pool = Pool(warm=1)
pool.warm_up()
nursery, worker = pool.pids()
[outcome] = pool.read([memory.USE], Request(limit_s=20.0))
seen = {
    "lines": [open(f"/proc/{pid}/cmdline").read() for pid in (os.getpid(), nursery, worker)],
    "sessions": [os.getsid(pid) == pid for pid in (nursery, worker)],
    "folders": [os.readlink(f"/proc/{pid}/cwd") for pid in (nursery, worker)],
    "files": [os.readlink(f"/proc/{pid}/fd/{fd}") for pid in (nursery, worker) for fd in os.listdir(f"/proc/{pid}/fd")],
    "state": outcome.report.state,
}
pool.close()
print(json.dumps(seen | {"left": [pid for pid in (nursery, worker) if os.path.exists(f"/proc/{pid}")]}))
"""


@pytest.mark.skipif(not Nursery.is_here(), reason="a nursery forks, which is safe on Linux only")
def test_the_nursery_of_a_command_splits_off_it(tmp_path):
    """Nothing is loaded twice, and yet it has no file, no terminal and no folder of the command, and ends with it."""
    secret = tmp_path / "secret"
    secret.touch()
    done = subprocess.run([sys.executable, "-c", COMMAND, str(secret)], capture_output=True, check=True)
    seen = json.loads(done.stdout)
    assert len(set(seen["lines"])) == 1
    assert seen["sessions"] == [True, True]
    assert seen["folders"] == ["/", "/"]
    assert str(secret) not in seen["files"]
    assert (seen["state"], seen["left"], done.stderr) == ("ok", [], b"")
