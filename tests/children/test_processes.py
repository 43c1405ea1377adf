"""A process and everything it started: killed to the last grandchild, and never in anybody's way."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from techkit.children import external
from techkit.children.environment import new_mark
from techkit.children.external import Ended
from techkit.children.processes import sweep
from tests.children.programs import python

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the misbehaving children are written for POSIX")


def is_alive(pid: int) -> bool:
    try:
        return b") Z " not in Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return False


def are_gone(pids: list[int]) -> bool:
    """Return whether all have ended; a killed process of a busy machine takes a moment to go."""
    ends = time.monotonic() + 5
    while any(is_alive(pid) for pid in pids) and time.monotonic() < ends:
        time.sleep(0.02)
    return not any(is_alive(pid) for pid in pids)


def test_a_hanging_tool_is_gone_at_its_limit_with_its_grandchildren(tmp_path):
    """SIGTERM ignored, a grandchild in its own session: all are gone half a second after the limit."""
    place = tmp_path / "pids"
    program = (
        "import os, signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "sleeper = 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)'\n"
        "a = subprocess.Popen([sys.executable, '-c', sleeper])\n"
        "b = subprocess.Popen([sys.executable, '-c', sleeper], start_new_session=True)\n"
        f"open({str(place)!r}, 'w').write(f'{{os.getpid()}} {{a.pid}} {{b.pid}}')\n"
        "time.sleep(600)\n"
    )
    started = time.monotonic()
    output = external.run(python(program, limit_s=1.5))
    assert output.ended is Ended.OVER_TIME
    # Far below the child's own ten minutes; machines are shared, so the half second is measured, not tested.
    assert time.monotonic() - started <= 15
    pids = [int(pid) for pid in place.read_text().split()]
    assert len(pids) == 3
    assert are_gone(pids)


@pytest.mark.skipif(sys.platform != "linux", reason="marks are read from /proc")
def test_a_grandchild_that_outlives_its_parent_is_swept(tmp_path):
    """A daemon left behind by a tool that ended by itself is found by its mark."""
    place = tmp_path / "pid"
    program = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        f"        open({str(place)!r}, 'w').write(str(os.getpid()))\n"
        "        os.close(0); os.close(1); os.close(2)\n"
        "        time.sleep(600)\n"
        "    os._exit(0)\n"
        "os.wait()\n"
    )
    mark = new_mark("test-of-sweeping.")
    output = external.run(python(program), mark=mark)
    assert output.ended is Ended.EXITED
    deadline = time.monotonic() + 5
    while not (place.exists() and place.read_text()) and time.monotonic() < deadline:
        time.sleep(0.01)
    pid = int(place.read_text())
    assert is_alive(pid)
    sweep(mark)
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's way of sharing the processor")
def test_what_is_started_never_takes_the_core_somebody_is_served_on():
    """A tool and what it starts have their fair share, but do not interrupt the window that draws."""
    asked = (
        "import os, time; time.sleep(0.3); print(os.sched_getscheduler(0), flush=True);"
        "os.fork() or os._exit(os.sched_getscheduler(0)); print(os.waitstatus_to_exitcode(os.wait()[1]))"
    )
    assert external.run(python(asked)).text.split() == [str(os.SCHED_BATCH)] * 2
