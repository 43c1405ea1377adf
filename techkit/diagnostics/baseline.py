"""What has grown since an earlier run, and what that does to a verdict. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from techkit.diagnostics.check import Check, Growth, Readings
from techkit.i18n import _, number
from techkit.records.findings import Evidence, Finding, Verdict

#: One step worse; growth knows no other.
_RAISED = {Verdict.OK: Verdict.WATCH, Verdict.WATCH: Verdict.ACT}


def raise_for_growth(
    check: Check[Any], findings: Iterable[Finding], now: Readings, earlier: Readings
) -> list[Finding]:
    """Return the findings, raised by one where a declared reading of their subject has grown."""
    return [_raised(check, finding, now, earlier) for finding in findings]


def grown(growth: Growth, subject: str, now: Readings, earlier: Readings) -> tuple[float, float] | None:
    """Return (earlier value, value now) when a counter has grown as declared, otherwise None.

    A counter that fell (a replaced drive, a wrapped counter) has not grown.
    """
    value, before = now.number(growth.reading, subject), earlier.number(growth.reading, subject)
    if value is None or before is None:
        return None
    if value < growth.at_least or value - before < growth.by:
        return None
    return before, value


def _raised(check: Check[Any], finding: Finding, now: Readings, earlier: Readings) -> Finding:
    for growth in check.growth:
        steps = grown(growth, finding.subject, now, earlier)
        target = _RAISED.get(finding.verdict)
        if steps is None or target is None or target.rank > growth.highest.rank:
            continue
        if finding.verdict is Verdict.OK and not growth.ok_too:
            continue
        before, value = (number(step) for step in steps)
        label = _("Since the last visit")
        line = _("from {before} to {now}", before=before, now=value)
        sentence = _("It has grown since the last visit, from {before} to {now}.", before=before, now=value)
        return replace(
            finding,
            verdict=target,
            sentence=f"{finding.sentence} {sentence}".strip(),
            customer_sentence=_(
                "{text} It has become worse since our last visit.", text=finding.customer_sentence
            ),
            evidence=(*finding.evidence, Evidence(label=label, value=line, verdict=target)),
        )
    return finding
