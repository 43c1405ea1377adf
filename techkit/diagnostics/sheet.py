"""The sheet of a check: readable on a terminal, and the JSON object scripts rely on.

A verdict is always told by shape, word and colour, in this order; without colour nothing is lost.
"""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from techkit.diagnostics.plan import PLANS
from techkit.diagnostics.runner import Progress
from techkit.i18n import _, ngettext, number
from techkit.probes.probe import why_missing
from techkit.records.findings import (
    AREA_LABELS,
    EXPLAINS_LABELS,
    Area,
    CheckResult,
    Finding,
    Reading,
    Verdict,
)
from techkit.records.visible import in_json

#: Shapes of DESIGN 4 (octagon, triangle, question, tick, dash) as far as terminals have them, and their
#: stand-ins where the terminal speaks ASCII only.
SHAPES = {
    Verdict.ACT: ("⬣", "X"),
    Verdict.WATCH: ("▲", "!"),
    Verdict.UNKNOWN: ("?", "?"),
    Verdict.OK: ("✓", "+"),
    Verdict.NOT_APPLICABLE: ("–", "-"),
}

#: SGR colours (ECMA-48): bold red, bold yellow, magenta, green, faint.
COLOURS = {
    Verdict.ACT: "1;31",
    Verdict.WATCH: "1;33",
    Verdict.UNKNOWN: "35",
    Verdict.OK: "32",
    Verdict.NOT_APPLICABLE: "2",
}

#: Widest useful line; longer ones are hard to follow. Ours.
WIDTH = 100

#: Verdicts whose advice and customer sentence matter on the sheet.
_BAD = (Verdict.ACT, Verdict.WATCH)


def exit_code(result: CheckResult) -> int:
    """Return 0 when all is good (or does not apply), 1 for anything to watch, act on or unknown."""
    return int(any(f.verdict not in (Verdict.OK, Verdict.NOT_APPLICABLE) for f in result.findings))


def as_json(told: dict[str, Any]) -> str:
    """Return the object as JSON with one reading, finding or probe a line: quick to make, and to compare by line."""
    parts = []
    for key, value in told.items():
        if isinstance(value, list) and value:
            rows = ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in value)
            parts.append(f" {json.dumps(key)}: [\n{rows}\n ]")
        else:
            parts.append(f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    return in_json("{\n" + ",\n".join(parts) + "\n}")


def as_object(result: CheckResult, *, version: str) -> dict[str, Any]:
    """Return the object of `techkit check --json`; its keys are for ever.

    version: techkit's own. A reading that could not be had has value null, reason and reason_text.
    """
    return {
        "techkit": version,
        "computer": result.computer,
        "plan": result.plan,
        "started_at": result.started_at.isoformat(),
        "ended_at": result.ended_at.isoformat(),
        "was_stopped": result.was_stopped,
        "readings": [reading_object(reading) for reading in result.readings],
        "findings": [finding_object(finding) for finding in result.findings],
        "probes": [
            {
                "probe": report.probe,
                "state": report.state,
                "duration_s": report.duration_s,
                "reason_text": report.reason_text,
            }
            for report in result.probes
        ],
    }


def reading_object(reading: Reading) -> dict[str, Any]:
    """Return one reading as JSON values."""
    plain: dict[str, Any] = {
        "id": reading.id,
        "value": reading.value,
        "unit": reading.unit,
        "subject": reading.subject,
        "source": reading.source,
    }
    why = why_missing(reading)
    if why is not None:
        plain |= {"value": None, "reason": str(why[0]), "reason_text": why[1]}
    return plain


def finding_object(finding: Finding) -> dict[str, Any]:
    """Return one finding as JSON values; reason and reason_text are null and "" unless unknown."""
    return {
        "check": finding.check,
        "title": finding.title,
        "area": str(finding.area),
        "subject": finding.subject,
        "verdict": str(finding.verdict),
        "value": finding.value,
        "unit": finding.unit,
        "limit": finding.limit_text,
        "reason": str(finding.reason) if finding.reason else None,
        "reason_text": finding.reason_text,
        "sentence": finding.sentence,
        "customer_sentence": finding.customer_sentence,
        "advice": finding.advice,
        "source": finding.source,
        "explains": str(finding.explains) if finding.explains else None,
        "explains_why": finding.explains_why,
        "rule_version": finding.rule_version,
        "evidence": [
            {"label": row.label, "value": row.value, "limit": row.limit} for row in finding.evidence
        ],
    }


class Sheet:
    """Draws results as text. has_colour: SGR colours. is_unicode: the output can show the shapes."""

    def __init__(self, *, has_colour: bool = False, is_unicode: bool = True, width: int = 0) -> None:
        self._has_colour = has_colour
        self._shape = 0 if is_unicode else 1
        self._width = min(width or shutil.get_terminal_size((WIDTH, 24)).columns, WIDTH)

    def text(self, result: CheckResult) -> str:
        """Return the whole sheet: head, what explains the complaint, what is wrong, the rest by area."""
        blocks = [self._head(result)]
        explaining = [f for f in result.findings if f.explains]
        others = [f for f in result.findings if not f.explains]
        bad = [f for f in others if f.verdict in (*_BAD, Verdict.UNKNOWN)]
        fine = [f for f in others if f.verdict not in (*_BAD, Verdict.UNKNOWN)]
        if explaining:
            blocks.append(self._block(_("What explains the complaint"), explaining))
        if bad:
            blocks.append(self._block(_("To look at"), bad))
        by_area = {area: [f for f in fine if f.area is area] for area in Area}
        blocks += [
            self._block(_(AREA_LABELS[a]), found, is_short=True) for a, found in by_area.items() if found
        ]
        if result.was_stopped:
            blocks.append(_("The check was stopped early; what is missing was not looked at."))
        return "\n\n".join(blocks) + "\n"

    def progress_line(self, progress: Progress) -> str:
        """Return one line: a bar, done of all, what runs now, the time left; fits the width."""
        length = 20
        filled = round(length * progress.done / max(progress.all, 1))
        full, empty = ("█", "░") if self._shape == 0 else ("#", ".")
        line = _(
            "{bar} {done} of {all}, about {left} s left: {doing}",
            bar=full * filled + empty * (length - filled),
            done=progress.done,
            all=progress.all,
            left=number(progress.left_s),
            doing=progress.doing,
        )
        return line[: self._width]

    def _head(self, result: CheckResult) -> str:
        named = " ".join(result.computer.get(key, "") for key in ("maker", "model")).strip()
        parts = [result.computer.get("name", ""), named]
        system = " ".join(result.computer.get(key, "") for key in ("system", "version")).strip()
        plan = PLANS.get(result.plan)
        label = _(plan.label) if plan else result.plan
        seconds = (result.ended_at - result.started_at).total_seconds()
        took = _("{plan}, {seconds} s", plan=label, seconds=number(seconds, 1))
        lines = [" · ".join(part for part in (*parts, system) if part), took, self._counts(result.findings)]
        return "\n".join(line for line in lines if line)

    def _counts(self, findings: Sequence[Finding]) -> str:
        count = {v: sum(f.verdict is v for f in findings) for v in Verdict}
        words = [
            f"{self._mark(verdict)} {_(verdict.label)}: {count[verdict]}"
            for verdict in sorted(Verdict, key=lambda v: -v.rank)
            if count[verdict]
        ]
        shown = "  ".join(words)
        total = ngettext("{n} result", "{n} results", len(findings))
        return f"{total}   {shown}" if shown else total

    def _block(self, title: str, findings: Iterable[Finding], *, is_short: bool = False) -> str:
        lines = [self._paint(title, "1")]
        for finding in findings:
            lines += self._finding(finding, is_short=is_short)
        return "\n".join(lines)

    def _finding(self, finding: Finding, *, is_short: bool) -> list[str]:
        word = _(finding.verdict.label)
        name = f"{finding.title} ({finding.subject})" if finding.subject else finding.title
        lines = [
            f"  {self._mark(finding.verdict)} {self._paint(word, COLOURS[finding.verdict])} · {printable(name)}"
        ]
        if finding.explains and finding.explains_why:
            lines += self._wrapped(f"{_(EXPLAINS_LABELS[finding.explains])}: {finding.explains_why}")
        lines += self._wrapped(finding.sentence)
        if not is_short and finding.verdict in _BAD:
            lines += self._wrapped(finding.advice)
            if finding.limit_text:
                lines += self._wrapped(_("Limit: {limit}", limit=finding.limit_text))
        return lines

    def _wrapped(self, text: str) -> list[str]:
        indent = " " * 6
        return textwrap.wrap(
            printable(text), max(self._width, 40), initial_indent=indent, subsequent_indent=indent
        )

    def _mark(self, verdict: Verdict) -> str:
        return self._paint(SHAPES[verdict][self._shape], COLOURS[verdict])

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._has_colour else text


def printable(text: str) -> str:
    """Return text that cannot steer a terminal or turn its direction: control signs become "�"."""
    return "".join(sign if sign.isprintable() or sign in "\u00a0 " else "\ufffd" for sign in text)
