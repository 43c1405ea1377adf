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
from techkit.diagnostics.runner import OWN_LOAD, Progress
from techkit.i18n import _, ngettext, number
from techkit.probes.probe import why_missing
from techkit.records.findings import (
    AREA_LABELS,
    EXPLAINS_LABELS,
    PART_PLAN,
    VERDICTS_TOLD,
    Area,
    CheckResult,
    Finding,
    Reading,
    Verdict,
    as_number,
)
from techkit.records.visible import in_json, visible

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

#: Narrowest sheet: words of a verdict and a name still fit beside the indent. Ours.
LEAST_WIDTH = 30

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
    """Draws results as text. has_colour: SGR colours. is_unicode: the output can show the shapes.

    width: columns there are, 0 for those of the terminal this process speaks to; lines are never longer than WIDTH.
    """

    def __init__(self, *, has_colour: bool = False, is_unicode: bool = True, width: int = 0) -> None:
        self._has_colour = has_colour
        self._shape = 0 if is_unicode else 1
        self._width = max(LEAST_WIDTH, min(width or shutil.get_terminal_size((WIDTH, 24)).columns, WIDTH))

    def text(self, result: CheckResult) -> str:
        """Return the whole sheet: head, what explains the complaint, what is wrong, the rest by area.

        What is said of several things in the same words is said once, with their names.
        """
        blocks = [self._head(result)]
        if result.was_stopped:
            blocks.append(
                self._line(_("The check was stopped early; what is missing was not looked at."), "")
            )
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
        return "\n\n".join(blocks) + "\n"

    def progress_line(self, progress: Progress) -> str:
        """Return one line: a bar, done of all, the time left, what runs now; fits the width."""
        length = min(20, self._width // 4)
        filled = round(length * progress.share)
        full, empty = ("█", "░") if self._shape == 0 else ("#", ".")
        parts = {
            "bar": full * filled + empty * (length - filled),
            "done": progress.done,
            "all": progress.all,
            "doing": progress.doing,
        }
        if progress.left_s < 1:
            line = _("{bar} {done} of {all}: {doing}", **parts)
        else:
            line = _(
                "{bar} {done} of {all}, about {left} s left: {doing}",
                left=number(progress.left_s),
                **parts,
            )
        line = line.rstrip(" :")
        return line if len(line) <= self._width else line[: self._width - 1].rstrip(" :") + "…"

    def _head(self, result: CheckResult) -> str:
        named = " ".join(result.computer.get(key, "") for key in ("maker", "model")).strip()
        parts = [result.computer.get("name", ""), named]
        system = " ".join(result.computer.get(key, "") for key in ("system", "version")).strip()
        computer = " · ".join(part for part in (*parts, system) if part)
        lines = [self._line(line, "") for line in (computer, self._took(result)) if line]
        return "\n".join([*lines, *self._counts(result.findings)])

    def _took(self, result: CheckResult) -> str:
        """Return which plan was run, how long it took, and how much of that time it kept a core busy itself."""
        plan = PLANS.get(result.plan)
        label = _(plan.label) if plan else _("Only a part") if result.plan == PART_PLAN else result.plan
        seconds = number((result.ended_at - result.started_at).total_seconds(), 1)
        own = next((as_number(r.value) for r in result.readings if r.id == OWN_LOAD), None)
        if own is None:
            return _("{plan}, {seconds} s", plan=label, seconds=seconds)
        return _(
            "{plan}, {seconds} s; the check itself took {own} s of processor time",
            plan=label,
            seconds=seconds,
            own=number(own, 1),
        )

    def _counts(self, findings: Sequence[Finding]) -> list[str]:
        """Return how many results there are of each kind, as many beside each other as fit."""
        lines = [ngettext("{n} result", "{n} results", len(findings))]
        count = {v: sum(f.verdict is v for f in findings) for v in Verdict}
        used = len(lines[0])
        for verdict in VERDICTS_TOLD:
            if not count[verdict]:
                continue
            words = f"{_(verdict.label)}: {count[verdict]}"
            gap = "   "
            if used + len(gap) + 2 + len(words) > self._width:
                lines.append("")
                used, gap = 0, ""
            lines[-1] += f"{gap}{self._mark(verdict)} {words}"
            used += len(gap) + 2 + len(words)
        return lines

    def _block(self, title: str, findings: Iterable[Finding], *, is_short: bool = False) -> str:
        lines = [self._paint(title, "1")]
        for same in _in_same_words(findings):
            lines += self._findings(same, is_short=is_short)
        return "\n".join(lines)

    def _findings(self, same: Sequence[Finding], *, is_short: bool) -> list[str]:
        first = same[0]
        names = ", ".join(f"{f.title} ({f.subject})" if f.subject else f.title for f in same)
        lines = self._heading(first.verdict, names)
        if first.explains and first.explains_why:
            lines += self._wrapped(f"{_(EXPLAINS_LABELS[first.explains])}: {first.explains_why}")
        if not first.explains or first.sentence != first.explains_why:
            lines += self._wrapped(first.sentence)
        if not is_short and first.verdict in _BAD:
            lines += self._wrapped(first.advice)
            if first.limit_text:
                lines += self._wrapped(_("Limit: {limit}", limit=first.limit_text))
        return lines

    def _heading(self, verdict: Verdict, names: str) -> list[str]:
        """Return shape, word and name, wrapped; only the word is coloured."""
        word = _(verdict.label)
        lines = self._line(f"{word} · {names}", "    ").split("\n")
        first = lines[0].removeprefix("    ")
        if first.startswith(word):
            first = self._paint(word, COLOURS[verdict]) + first[len(word) :]
        return [f"  {self._mark(verdict)} {first}", *lines[1:]]

    def _wrapped(self, text: str) -> list[str]:
        return self._line(text, " " * 6).split("\n") if text else []

    def _line(self, text: str, indent: str) -> str:
        return textwrap.fill(
            printable(text), self._width, initial_indent=indent, subsequent_indent=indent or "  "
        )

    def _mark(self, verdict: Verdict) -> str:
        return self._paint(SHAPES[verdict][self._shape], COLOURS[verdict])

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._has_colour else text


def _in_same_words(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Return findings of which the very same is said together, in the order of the first of each."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for f in findings:
        key = (f.verdict, f.sentence, f.advice, f.limit_text, f.explains, f.explains_why)
        groups.setdefault(key, []).append(f)
    return list(groups.values())


def printable(text: str) -> str:
    """Return text as one line that cannot steer a terminal or turn its direction: such signs by their codes."""
    return visible(" ".join(text.splitlines()).replace("\t", " "))
