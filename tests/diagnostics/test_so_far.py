"""How a run stands while it goes on: each part's state, and what is serious before the end."""

from __future__ import annotations

import dataclasses

from techkit.diagnostics import runner
from techkit.diagnostics.plan import QUICK
from techkit.diagnostics.runner import RecordedMachine, Watching
from techkit.diagnostics.so_far import AreaState, SoFar
from techkit.probes.probe import Probe
from techkit.records.findings import Area, ProbeReport, Reading, Reason, Verdict
from tests.diagnostics import tank

HEAT = Probe(id="heat.gauge", title="Heat", read=tank.read, gives=("heat.",))
#: A second check, of another part, over a probe of its own.
TANK_HEAT = dataclasses.replace(tank.TANK_FILL, id="tank_heat", title="Heat", area=Area.POWER, probes=(HEAT,))


def run(readings: list[Reading], *reports: ProbeReport) -> tuple[list[SoFar], tuple[Verdict, ...]]:
    """Run both checks; return what was told meanwhile, and the verdicts in the end."""
    told: list[SoFar] = []
    machine = RecordedMachine(readings, reports=reports, probes=[tank.TANK, HEAT])
    result = runner.run(
        QUICK,
        machine,
        checks=[tank.TANK_FILL, TANK_HEAT],
        watching=Watching(so_far=told.append),
        now=lambda: tank.AT,
    )
    return told, tuple(finding.verdict for finding in result.findings)


def states(so_far: SoFar) -> dict[Area, AreaState]:
    return {area.area: area.state for area in so_far.areas}


def test_parts_wait_run_and_are_done() -> None:
    """A part waits until one of its probes runs, and is done when all its checks are judged."""
    told, _verdicts = run([tank.fill(50.0), Reading(id="heat.degrees", value=1)])
    assert states(told[0]) == {Area.POWER: AreaState.WAITING, Area.DEVICES: AreaState.RUNNING}
    assert states(told[-1]) == {Area.POWER: AreaState.DONE, Area.DEVICES: AreaState.DONE}
    assert [(area.done, area.all) for area in told[-1].areas] == [(1, 1), (1, 1)]


def test_what_needs_action_is_known_before_the_end() -> None:
    """As soon as its probe has ended, while another part still waits; it is what the run says in the end."""
    told, verdicts = run([tank.fill(5.0), Reading(id="heat.degrees", value=1)])
    early = next(so_far for so_far in told if so_far.serious)
    assert states(early)[Area.POWER] is not AreaState.DONE
    assert [finding.check for finding in early.serious] == ["tank_fill"]
    assert next(area for area in early.areas if area.area is Area.DEVICES).worst == "Tank"
    assert verdicts[0] is Verdict.ACT


def test_a_part_of_which_nothing_could_be_checked_says_so() -> None:
    """It is not called done."""
    late = ProbeReport(probe=HEAT.id, state=Reason.TIMED_OUT, duration_s=1.0, reason_text="late")
    told, _verdicts = run([tank.fill(50.0)], late)
    assert states(told[-1])[Area.POWER] is AreaState.UNKNOWN
