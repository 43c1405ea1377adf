"""Runs a plan on a machine and judges what was read.

    machine = MachineProbes()                    # workers; keep it, they stay warm; close it at the end
    result = run(QUICK, machine, complaint=Complaint.SLOW, earlier=readings_of_last_visit,
                 progress=show, stop=event)

`run` blocks for at most the plan's limit; call it from a background thread. Any thread may call it;
one run at a time per machine, a second one waits. `progress` is called from the calling thread.
`stop` (threading.Event) ends it early with what is there.

Whoever injects readings (tests, the demo, a stored run) uses RecordedMachine instead: the very same
checks judge the readings, no verdict is ever injected. `judge` alone judges old readings again, also
in another language (`with i18n.language("de"): judge(...)`).
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from techkit.children.clocks import awake_s, children_spent_s
from techkit.diagnostics import baseline, catalogue
from techkit.diagnostics import check as engine
from techkit.diagnostics import complaint as complaints
from techkit.diagnostics.check import Check, Readings
from techkit.diagnostics.plan import Plan
from techkit.diagnostics.so_far import SoFar, Unfolding
from techkit.i18n import _
from techkit.probes.pool import Ended, Heard, Outcome, Pool, Request
from techkit.probes.probe import Depth, Probe
from techkit.records.findings import CheckResult, Complaint, Finding, ProbeReport, Reading


@dataclass(frozen=True)
class Progress:
    """How far a run is. done of all probes; doing: what runs now, in words; left_s: a guess; passed_s: since it began."""

    done: int
    all: int
    doing: str
    left_s: float
    passed_s: float = 0.0

    @property
    def share(self) -> float:
        """Return how far it is, 0 to 1: most probes end in the first seconds, a few watch until the end."""
        far = self.done / max(self.all, 1)
        whole_s = self.passed_s + self.left_s
        return min(far, self.passed_s / whole_s) if far < 1 and whole_s > 0 else far


ProgressTold = Callable[[Progress], None]
Told = Callable[[int, Sequence[Probe]], None]


#: How long the computer slept during a run; there only where what was being read had to be read again.
SLEPT = "techkit.run.slept_seconds"

#: Processor time a run cost, techkit's own and that of the tools it asked.
OWN_LOAD = "techkit.run.processor_seconds"

#: Beginning of the ids of what is seen while a run goes on.
SEEN = "usage."


@dataclass(frozen=True)
class Watching:
    """Who is told while a run goes on, from the thread that called it; what is told is shown, not kept.

    heard: takes what uses the computer now. so_far: takes how the run stands, whenever that changes.
    """

    heard: Heard | None = None
    so_far: Callable[[SoFar], None] | None = None


class Machine(Protocol):
    """Something that has readings: the computer techkit runs on, or a recording of one."""

    def probes(self, plan: Plan) -> Sequence[Probe]:
        """Return the probes of a plan this machine can answer for."""
        ...

    def read(
        self,
        probes: Sequence[Probe],
        plan: Plan,
        *,
        told: Told,
        stop: threading.Event,
        heard: Heard | None = None,
        ended: Ended | None = None,
    ) -> list[Outcome]:
        """Return one outcome per probe, in order, within the plan's limit.

        heard: takes what is seen meanwhile. ended: takes each outcome as it comes.
        """
        ...


class MachineProbes:
    """This computer, read by worker processes.

    settings: values for the probes, e.g. {"network.reference_hosts": [...]}. Close it at the end, or
    use it in a with block.
    """

    def __init__(
        self,
        settings: Mapping[str, Any] | None = None,
        *,
        probes: Sequence[Probe] | None = None,
        pool: Pool | None = None,
    ) -> None:
        self.settings = dict(settings or {})
        self._probes = probes
        self.pool = pool or Pool()

    def probes(self, plan: Plan) -> Sequence[Probe]:
        """Return all declared probes of the plan's depth."""
        everything = catalogue.probes() if self._probes is None else self._probes
        return [probe for probe in everything if plan.runs(probe)]

    def read(
        self,
        probes: Sequence[Probe],
        plan: Plan,
        *,
        told: Told,
        stop: threading.Event,
        heard: Heard | None = None,
        ended: Ended | None = None,
    ) -> list[Outcome]:
        """Return what the workers read."""
        request = Request(
            limit_s=plan.limit_s, sample_s=plan.sample_s, wait_s=plan.wait_s, settings=self.settings
        )
        return self.pool.read(probes, request, progress=told, stop=stop, heard=heard, ended=ended)

    def warm_up(self) -> None:
        """Start the workers ahead of the first run."""
        self.pool.warm_up()

    def close(self) -> None:
        """End the workers."""
        self.pool.close()

    def __enter__(self) -> MachineProbes:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


class RecordedMachine:
    """A recorded computer: its readings, and reports of probes that did not end well.

    A probe counts as having ended well when any of its readings is there. Probes of which nothing is
    recorded are not part of this machine: their checks are left out of the run, neither good nor
    unknown, because nobody looked.
    """

    def __init__(
        self,
        readings: Iterable[Reading],
        *,
        reports: Iterable[ProbeReport] = (),
        probes: Sequence[Probe] | None = None,
    ) -> None:
        self.readings = tuple(readings)
        self._reports = {report.probe: report for report in reports}
        self._probes = probes

    def probes(self, plan: Plan) -> Sequence[Probe]:
        """Return the probes of which something is recorded; the plan's depth does not matter."""
        recorded = self._by_probe().keys() | self._reports.keys()
        asked = set(plan.only) or recorded
        return [probe for probe in self._everything() if probe.id in recorded & asked]

    def read(
        self,
        probes: Sequence[Probe],
        plan: Plan,  # noqa: ARG002 - a recording needs no time
        *,
        told: Told,
        stop: threading.Event,  # noqa: ARG002 - nor can it be stopped
        heard: Heard | None = None,
        ended: Ended | None = None,
    ) -> list[Outcome]:
        """Return what was recorded."""
        by_probe, outcomes = self._by_probe(), []
        seen = [reading for reading in self.readings if reading.id.startswith(SEEN)]
        if heard is not None and seen:
            heard(seen)
        for number, probe in enumerate(probes):
            told(number, [probe])
            report = self._reports.get(probe.id) or ProbeReport(probe=probe.id, state="ok", duration_s=0.0)
            outcomes.append(Outcome(report, tuple(by_probe.get(probe.id, ()))))
            if ended is not None:
                ended(outcomes[-1])
        told(len(probes), [])
        return outcomes

    def _everything(self) -> Sequence[Probe]:
        return catalogue.probes() if self._probes is None else self._probes

    def _by_probe(self) -> dict[str, list[Reading]]:
        """Return the readings by the probe that claims them most closely; unclaimed ones are dropped."""
        found: dict[str, list[Reading]] = {}
        owners: dict[str, Probe | None] = {}
        for reading in self.readings:
            if reading.id not in owners:
                owners[reading.id] = self._owner(reading.id)
            owner = owners[reading.id]
            if owner is not None:
                found.setdefault(owner.id, []).append(reading)
        return found

    def _owner(self, reading_id: str) -> Probe | None:
        closest = max(self._everything(), key=lambda probe: probe.claim(reading_id), default=None)
        return closest if closest is not None and closest.covers(reading_id) else None


def run(
    plan: Plan,
    machine: Machine,
    *,
    complaint: Complaint | None = None,
    earlier: Iterable[Reading] = (),
    earlier_at: datetime | None = None,
    progress: ProgressTold | None = None,
    watching: Watching | None = None,
    stop: threading.Event | None = None,
    checks: Sequence[Check[Any]] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> CheckResult:
    """Read the machine, judge it, and return readings, findings and how each probe went.

    earlier: readings of the last run on the same computer, taken at earlier_at; growth since then raises verdicts. checks:
    None for the whole catalogue. watching: who is told while the run goes on.
    """
    started_at, spent, began_s = now(), time.thread_time() + children_spent_s(), awake_s()
    stop = stop or threading.Event()
    plan = for_complaint(plan, complaint)
    judged = functools.partial(judge, at=started_at, earlier=tuple(earlier), earlier_at=earlier_at)
    # The checks load while the workers read.
    loading = threading.Thread(target=catalogue.checks, name="load checks", daemon=True)
    loading.start()
    probes = list(machine.probes(plan))
    # On a busy computer finding the probes takes a while: that is the plan's time, too.
    plan = replace(plan, limit_s=max(plan.limit_s / 4, plan.limit_s - (awake_s() - began_s)))
    told, unfolding, watching = _teller(plan, len(probes), progress), None, watching or Watching()
    if watching.so_far is not None:
        unfolding = Unfolding(
            catalogue.checks() if checks is None else checks,
            probes,
            lambda readings, reports, due: judged(readings, reports, checks=due),
            watching.so_far,
        )
        told = _both(told, unfolding)
    outcomes = machine.read(
        probes,
        plan,
        told=told,
        stop=stop,
        heard=watching.heard,
        ended=unfolding.ended if unfolding is not None else None,
    )
    readings = tuple(reading for outcome in outcomes for reading in outcome.readings)
    reports = tuple(outcome.report for outcome in outcomes)
    there = {probe.id for probe in probes}
    loading.join()
    asked = catalogue.checks() if checks is None else checks
    taking_part = [check for check in asked if any(probe.id in there for probe in check.probes)]
    findings = judged(readings, reports, complaint=complaint, checks=taking_part)
    return CheckResult(
        plan=plan.id,
        started_at=started_at,
        ended_at=now(),
        computer=computer(readings),
        readings=(*readings, *_own_load(outcomes, time.thread_time() + children_spent_s() - spent)),
        findings=findings,
        probes=reports,
        was_stopped=stop.is_set(),
    )


def for_complaint(plan: Plan, complaint: Complaint | None) -> Plan:
    """Return the plan with what explains the complaint, also where it has to watch or to wait for an answer."""
    if complaint is None:
        return plan
    explaining = (check for check in catalogue.checks() if complaint in check.explains)
    also = {
        probe.id
        for check in explaining
        for probe in check.probes
        if (probe.samples or probe.needs_network) and Depth.STANDARD.includes(probe.depth)
    }
    return replace(plan, also=tuple(sorted(also)))


def judge(
    readings: Iterable[Reading],
    reports: Iterable[ProbeReport],
    *,
    at: datetime,
    complaint: Complaint | None = None,
    earlier: Iterable[Reading] = (),
    earlier_at: datetime | None = None,
    checks: Sequence[Check[Any]] | None = None,
) -> tuple[Finding, ...]:
    """Return the findings over readings, what explains the complaint first. Pure.

    at: when the readings were taken; the checks' only clock. earlier_at: when the earlier ones were; without it
    nothing is said about a pace.
    """
    asked = catalogue.checks() if checks is None else checks
    now, before = Readings(readings, at), Readings(earlier, earlier_at or at)
    by_probe = {report.probe: report for report in reports}
    found: list[Finding] = []
    for check in asked:
        judged = engine.findings(check, now, by_probe)
        found += baseline.raise_for_growth(check, judged, now, before)
    return tuple(complaints.explain(found, complaint, {check.id: check for check in asked}))


#: What names the computer on a sheet: key -> ids of readings, the first that is there wins.
COMPUTER = {
    "name": ("os.computer_name",),
    "maker": ("system.maker",),
    "model": ("system.model",),
    "system": ("os.name",),
    "version": ("os.version",),
}


def computer(readings: Iterable[Reading]) -> dict[str, str]:
    """Return what names the computer: name, maker, model, system, version; only keys that are known."""
    lookup = Readings(readings, datetime.now(UTC))
    named = {}
    for key, ids in COMPUTER.items():
        value = next((text for id in ids if (text := lookup.text(id))), "")
        if value:
            named[key] = value
    return named


def _own_load(outcomes: Sequence[Outcome], here_s: float) -> Iterable[Reading]:
    """Yield what the run itself cost the computer, to be told from the computer's own load, and how long it slept.

    here_s: what this thread spent and the tools it started; of a recording nothing is told.
    """
    spent = sum(outcome.processor_s for outcome in outcomes)
    if spent > 0:
        yield Reading(
            id=OWN_LOAD,
            value=round(spent + here_s, 3),
            unit="seconds",
            source="processor time of techkit, its workers and the tools they asked",
        )
    slept = max((outcome.slept_s for outcome in outcomes), default=0.0)
    if slept > 0:
        yield Reading(
            id=SLEPT,
            value=slept,
            unit="seconds",
            source="the system's clocks with and without sleep",
        )


def _both(told: Told, unfolding: Unfolding) -> Told:
    """Return what tells the progress, and how the run stands."""

    def both(done: int, running: Sequence[Probe]) -> None:
        told(done, running)
        unfolding.running(running)

    return both


def _teller(plan: Plan, count: int, progress: ProgressTold | None) -> Told:
    """Return what turns the pool's news into progress for a person; the same news is told once a second."""
    started = time.monotonic()
    last: list[tuple[int, str, int]] = []

    def told(done: int, running: Sequence[Probe]) -> None:
        if progress is None:
            return
        doing = " · ".join(dict.fromkeys(_(probe.title) for probe in running))
        elapsed = time.monotonic() - started
        if last == [(done, doing, int(elapsed))]:
            return
        last[:] = [(done, doing, int(elapsed))]
        progress(Progress(done, count, doing, _left(plan, elapsed, done, count, running), elapsed))

    return told


def _left(plan: Plan, elapsed_s: float, done: int, count: int, running: Sequence[Probe] = ()) -> float:
    """Return a guess of the seconds left: the plan's usual time, never beyond its limit.

    Later than usual something does not answer: it may take as long as what runs now is given at most.
    """
    if done >= count:
        return 0.0
    usual = plan.expected_s - elapsed_s
    given = [probe.limit_s + (plan.sample_s if probe.samples else 0.0) for probe in running]
    late = max(given, default=plan.limit_s) - elapsed_s
    return max(0.0, min(usual if usual > 0 else late, plan.limit_s - elapsed_s))
