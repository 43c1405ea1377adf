"""The window stays in hand while the tools of a check hang, crash, flood, eat memory, ask and leave children behind.

The real window checks this very computer; only its external tools are replaced.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from pytestqt.qtbot import QtBot

from techkit.children.processes import descendants
from techkit.diagnostics.plan import PLANS
from techkit.diagnostics.runner import MachineProbes
from techkit.ui.app import Program
from tests.faulty_tools import MISBEHAVIOURS, UNTOUCHED, faulty_pool, started
from tests.ui.test_routine_visit import Morning, fill, unlock

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="the faulty tools are written for Linux"
)

#: The longest turn of the window meanwhile, in ms. Source: the issue on diagnostics, fault injection.
LONGEST_TURN_MS = 100.0


class Turns:
    """Ticks in the window's thread; keeps the most that was computed between two ticks, and counts them."""

    def __init__(self) -> None:
        self.longest_ms = 0.0
        self.count = 0
        self._computed = time.thread_time()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(1)

    def _tick(self) -> None:
        computed = time.thread_time()
        self.longest_ms = max(self.longest_ms, (computed - self._computed) * 1000)
        self._computed, self.count = computed, self.count + 1

    def end(self) -> None:
        """Tick no more."""
        self._timer.stop()


@pytest.fixture
def machine(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[MachineProbes]:
    with MachineProbes(pool=faulty_pool(tmp_path / "faulty", request.param)) as made:
        yield made


@pytest.fixture
def program(machine: MachineProbes, qtbot: QtBot, tmp_path: Path, begin: Callable[..., Program]) -> Program:
    made = begin(fill(tmp_path / "data"), lambda: machine, Morning())
    unlock(made, qtbot)
    return made


def checked(program: Program, qtbot: QtBot, plan: str) -> tuple[dict[str, str], float, Turns]:
    """Check in the window; return each probe's state, the seconds it took and the window's turns meanwhile."""
    session = program.session
    assert session is not None
    session.open_visit(session.today.state.next_visits[0].visit_id)
    qtbot.waitUntil(lambda: session.visit is not None and bool(session.visit.state.steps))
    visit = session.visit
    visit.next()
    qtbot.waitUntil(lambda: visit.state.current == "check")
    qtbot.wait(400)  # its page is built
    visit.check.choose_plan(plan)
    turns, begun = Turns(), time.monotonic()
    visit.check.start()
    qtbot.waitUntil(lambda: visit.check.state.phase in ("results", "failed"), timeout=120_000)
    seconds = time.monotonic() - begun
    turns.end()
    assert visit.check.state.phase == "results"
    assert visit.check.state.cards
    store = session.surroundings.store
    qtbot.waitUntil(lambda: bool(store.bundle(visit.state.visit_id).runs))
    run = store.bundle(visit.state.visit_id).runs[-1]
    assert all(report.reason_text for report in run.probes if report.state not in ("ok", "not_applicable"))
    return {report.probe: report.state for report in run.probes}, seconds, turns


@pytest.mark.parametrize(
    "machine",
    [["ignores every request to end"], ["floods"], ["eats memory"], ["asks for a password"], ["leaves grandchildren"]],
    indirect=True,
)  # fmt: skip
def test_a_check_with_faulty_tools_ends_in_the_window(
    program: Program, qtbot: QtBot, machine: MachineProbes, tmp_path: Path
) -> None:
    """The quick check of a slow computer ends with every other result, and leaves no process."""
    before = descendants(os.getpid())
    states, seconds, turns = checked(program, qtbot, "quick")
    assert "ss" in started(tmp_path / "faulty")
    assert {states[probe] for probe in UNTOUCHED} == {"ok"}
    assert seconds <= 2 * PLANS["quick"].limit_s
    assert turns.count > 10
    # What the window itself asks meanwhile is soon gone; what a tool leaves would stay for ten minutes.
    qtbot.waitUntil(lambda: descendants(os.getpid()) - before <= set(machine.pool.pids()))


@pytest.mark.long
@pytest.mark.parametrize("machine", [tuple(MISBEHAVIOURS), tuple(reversed(MISBEHAVIOURS))], indirect=True)
def test_no_turn_of_the_window_is_long_beside_faulty_tools(
    program: Program, qtbot: QtBot, machine: MachineProbes, tmp_path: Path
) -> None:
    """Each tool of the standard check misbehaves in its own way; the window computes at most 100 ms at once."""
    before = descendants(os.getpid())
    states, seconds, turns = checked(program, qtbot, "standard")
    assert {"ss", "apt-get"} <= set(started(tmp_path / "faulty"))
    assert {states[probe] for probe in UNTOUCHED} == {"ok"}
    assert seconds <= PLANS["standard"].limit_s + 0.5
    assert turns.longest_ms <= LONGEST_TURN_MS
    # What the window itself asks meanwhile is soon gone; what a tool leaves would stay for ten minutes.
    qtbot.waitUntil(lambda: descendants(os.getpid()) - before <= set(machine.pool.pids()))
