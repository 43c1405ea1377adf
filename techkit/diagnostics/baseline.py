"""What has grown since an earlier run, and what that does to a verdict. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from techkit.diagnostics.check import Check, Growth, Readings
from techkit.i18n import _, ngettext, number
from techkit.records.findings import Evidence, Finding, Verdict

#: One step worse; growth knows no other.
_RAISED = {Verdict.OK: Verdict.WATCH, Verdict.WATCH: Verdict.ACT}


#: A month in days: the mean of the Gregorian calendar.
MONTH_DAYS = 30.44

#: A pace over less than this says more about one day's work than about the months to come. Ours.
SHORTEST_DAYS = 14


@dataclass(frozen=True)
class Pace:
    """How fast something wears. months_left: until its end at this pace, None when it moves away from it."""

    per_month: float
    months_left: float | None


def pace(growth: Growth, subject: str, now: Readings, earlier: Readings) -> Pace | None:
    """Return how fast a reading moves toward its declared end, None without an earlier run long enough ago."""
    value, before = now.number(growth.reading, subject), earlier.number(growth.reading, subject)
    days = (now.at - earlier.at).total_seconds() / 86400
    if growth.end is None or value is None or before is None or days < SHORTEST_DAYS:
        return None
    per_month = (value - before) / days * MONTH_DAYS
    left = growth.end - value
    is_nearing = abs(value - before) >= growth.by and left * per_month > 0
    return Pace(per_month, left / per_month if is_nearing else None)


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
    found = _grown_worse(check, finding, now, earlier)
    for growth in check.growth:
        if growth.end is not None:
            found = _worn(found, growth, now, earlier)
    return found


def _grown_worse(check: Check[Any], finding: Finding, now: Readings, earlier: Readings) -> Finding:
    for growth in check.growth:
        if growth.end is not None:
            continue
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


def _worn(finding: Finding, growth: Growth, now: Readings, earlier: Readings) -> Finding:
    """Return the finding with the pace of its wear, raised where the end is near at this pace."""
    found = pace(growth, finding.subject, now, earlier)
    if found is None or finding.verdict not in (Verdict.OK, Verdict.WATCH, Verdict.ACT):
        return finding
    label = _("{what}, change per month", what=_(growth.label))
    change = f"{'+' if found.per_month > 0 else '−' if found.per_month < 0 else ''}{number(abs(found.per_month), 1)}"
    is_near = found.months_left is not None and found.months_left <= growth.months
    row = Evidence(
        label=label,
        value=change,
        limit=_("watch when the end is within {n} months", n=number(growth.months)),
        verdict=Verdict.WATCH if is_near else Verdict.OK,
    )
    finding = replace(finding, evidence=(*finding.evidence, row))
    target = _RAISED.get(finding.verdict)
    if not is_near or target is None or target.rank > growth.highest.rank:
        return finding
    if finding.verdict is Verdict.OK and not growth.ok_too:
        return finding
    months = max(1, round(found.months_left or 0))
    sentence = ngettext(
        "At the pace since the last visit it is worn out in about {n} month.",
        "At the pace since the last visit it is worn out in about {n} months.",
        months,
    )
    customer = ngettext(
        "{text} At the present pace it lasts about {n} month more.",
        "{text} At the present pace it lasts about {n} months more.",
        months,
        text=finding.customer_sentence,
    )
    return replace(
        finding,
        verdict=target,
        sentence=f"{finding.sentence} {sentence}".strip(),
        customer_sentence=customer,
        advice=finding.advice or _("Plan its replacement in time."),
    )
