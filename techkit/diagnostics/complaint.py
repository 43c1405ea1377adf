"""What explains the complaint: each finding likely, possible or ruled out, and those first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from techkit.diagnostics.check import Check
from techkit.i18n import _
from techkit.records.findings import Complaint, Explains, Finding, Verdict, in_order


def explain(
    findings: Iterable[Finding], complaint: Complaint | None, checks: Mapping[str, Check[Any]]
) -> list[Finding]:
    """Return the findings with `explains` and its reason set, what explains the complaint first.

    Within each group the worse verdict comes first, then the catalogue's order. Without a complaint
    the order is by severity alone. checks: by id; a finding of a retired check explains nothing.
    """
    return in_order(_explained(finding, complaint, checks.get(finding.check)) for finding in findings)


def _explained(finding: Finding, complaint: Complaint | None, check: Check[Any] | None) -> Finding:
    if complaint is None or check is None:
        return replace(finding, explains=None, explains_why="")
    explanation = check.explains.get(complaint)
    if explanation is None:
        return replace(finding, explains=None, explains_why="")
    if finding.verdict is Verdict.UNKNOWN:
        why = _("It could not be checked, so it cannot be ruled out.")
        return replace(finding, explains=Explains.POSSIBLE, explains_why=why)
    strength = {
        Verdict.ACT: explanation.act,
        Verdict.WATCH: explanation.watch,
        Verdict.OK: explanation.ok,
    }.get(finding.verdict)
    if strength is None:
        return replace(finding, explains=None, explains_why="")
    declared = explanation.why_not if strength is Explains.RULED_OUT else explanation.why
    # What the check itself said stands: it knows the program's name, the declaration does not.
    why = finding.explains_why or (_(declared) if declared else finding.sentence)
    return replace(finding, explains=strength, explains_why=why)
