"""How a run stands while it goes on: the state of each part of the computer, and what is serious already.

A check is judged as soon as every probe it asks has ended, on the very readings it will be judged on in the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from techkit.diagnostics.check import Check
from techkit.probes.pool import Outcome
from techkit.probes.probe import Probe
from techkit.records.findings import Area, Finding, ProbeReport, Reading, Verdict, worst

#: Judges checks over readings and reports, as the run does in the end.
Judge = Callable[[Sequence[Reading], Sequence[ProbeReport], Sequence[Check[Any]]], Sequence[Finding]]


class AreaState(StrEnum):
    """How far the checks of one part of the computer are."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    UNKNOWN = "unknown"  # done, and nothing of it could be checked


@dataclass(frozen=True, kw_only=True)
class AreaSoFar:
    """One part of the computer. done of all: its checks; verdict: the worst so far; worst: what has it, "" for none bad.

    unknown: how many things could not be checked.
    """

    area: Area
    state: AreaState
    done: int
    all: int
    verdict: Verdict = Verdict.NOT_APPLICABLE
    worst: str = ""
    unknown: int = 0


@dataclass(frozen=True, kw_only=True)
class SoFar:
    """How a run stands. areas: in the catalogue's order, only those that are looked at; serious: needs action, known now."""

    areas: tuple[AreaSoFar, ...] = ()
    serious: tuple[Finding, ...] = ()


class Unfolding:
    """Takes in what ends and runs, and tells how the run stands whenever that changes."""

    def __init__(
        self,
        checks: Iterable[Check[Any]],
        probes: Iterable[Probe],
        judge: Judge,
        told: Callable[[SoFar], None],
    ) -> None:
        there = {probe.id for probe in probes}
        self._checks = [check for check in checks if any(probe.id in there for probe in check.probes)]
        self._needs = {
            check.id: {probe.id for probe in (*check.probes, *check.also)} & there for check in self._checks
        }
        self._judge, self._told = judge, told
        self._readings: list[Reading] = []
        self._reports: dict[str, ProbeReport] = {}
        self._running: set[str] = set()
        self._findings: dict[str, tuple[Finding, ...]] = {}
        self._last: SoFar | None = None

    def ended(self, outcome: Outcome) -> None:
        """Take in how a probe ended, and judge the checks that waited for it last."""
        self._readings += outcome.readings
        self._reports[outcome.report.probe] = outcome.report
        due = [
            check
            for check in self._checks
            if check.id not in self._findings and self._needs[check.id] <= self._reports.keys()
        ]
        if due:
            found = self._judge(self._readings, tuple(self._reports.values()), due)
            for check in due:
                self._findings[check.id] = tuple(f for f in found if f.check == check.id)
            self._tell()

    def running(self, probes: Iterable[Probe]) -> None:
        """Take in which probes run now."""
        now = {probe.id for probe in probes}
        if now != self._running:
            self._running = now
            self._tell()

    def _tell(self) -> None:
        so_far = SoFar(
            areas=tuple(area for area in map(self._area, Area) if area is not None),
            serious=tuple(
                finding
                for check in self._checks
                for finding in self._findings.get(check.id, ())
                if finding.verdict is Verdict.ACT
            ),
        )
        if so_far != self._last:
            self._last = so_far
            self._told(so_far)

    def _area(self, area: Area) -> AreaSoFar | None:
        here = [check for check in self._checks if check.area is area]
        if not here:
            return None
        judged = [check for check in here if check.id in self._findings]
        findings = [finding for check in judged for finding in self._findings[check.id]]
        verdict = worst([finding.verdict for finding in findings])
        told = {finding.verdict for finding in findings} - {Verdict.NOT_APPLICABLE}
        bad = [f.title for f in findings if f.verdict is verdict and verdict in (Verdict.ACT, Verdict.WATCH)]
        if len(judged) == len(here):
            state = AreaState.UNKNOWN if told == {Verdict.UNKNOWN} else AreaState.DONE
        elif judged or any(self._needs[check.id] & self._running for check in here):
            state = AreaState.RUNNING
        else:
            state = AreaState.WAITING
        return AreaSoFar(
            area=area,
            state=state,
            done=len(judged),
            all=len(here),
            verdict=verdict,
            worst=bad[0] if bad else "",
            unknown=sum(1 for finding in findings if finding.verdict is Verdict.UNKNOWN),
        )
