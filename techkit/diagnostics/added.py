"""What is learnt after a check, laid over its result: the readings of some probes, and what the catalogue says of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from techkit.diagnostics import catalogue, runner
from techkit.probes.probe import Probe
from techkit.records.findings import CheckResult, Complaint, Finding, ProbeReport, Reading, in_order


def added(
    result: CheckResult,
    probes: Sequence[Probe],
    fresh: Iterable[Reading],
    *,
    complaint: Complaint | None = None,
) -> CheckResult:
    """Return a result with fresh readings in the place of what these probes gave before, judged with the rest."""
    ids = {probe.id for probe in probes}
    kept = tuple(r for r in result.readings if not any(probe.covers(r.id) for probe in probes))
    readings = (*kept, *fresh)
    reports = tuple(ProbeReport(probe=id, state="ok", duration_s=0.0) for id in sorted(ids))
    asked = [check for check in catalogue.checks() if any(probe.id in ids for probe in check.probes)]
    found = runner.judge(readings, reports, at=result.started_at, complaint=complaint, checks=asked)
    judged = {check.id for check in asked}
    return dataclasses.replace(
        result,
        readings=readings,
        findings=tuple(in_order((*(f for f in result.findings if f.check not in judged), *found))),
        probes=(*(p for p in result.probes if p.probe not in ids), *reports),
    )


def finding_of(result: CheckResult, check: str) -> Finding | None:
    """Return the first finding of a check, None where it says nothing."""
    return next((finding for finding in result.findings if finding.check == check), None)
