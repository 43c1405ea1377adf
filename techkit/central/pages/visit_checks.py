"""The checks of a visit's computers: findings with their evidence, before beside after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo

from techkit import i18n
from techkit.central.pages.marks import VERDICT_LOOK, Mark
from techkit.i18n import _, ngettext
from techkit.records.assets import Asset, DiagnosticRun, FindingNote, Phase
from techkit.records.bundle import VisitBundle
from techkit.records.difference import Change, Comparison, compare_runs
from techkit.records.findings import Finding, Verdict
from techkit.records.proofs import check_key


@dataclass(frozen=True, kw_only=True)
class FindingLine:
    """One finding of the last check, with what stands behind it."""

    mark: Mark
    finding: Finding
    evidence: tuple[tuple[str, str, str, str], ...]
    notes: tuple[FindingNote, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CompareRow:
    """One row of the before/after table; scale: positions of before and after, 0–180, or None."""

    title: str
    before: str
    after: str
    mark: Mark
    words: str
    scale: tuple[int, int, str] | None


@dataclass(frozen=True, kw_only=True)
class ComputerCheck:
    """The checks of one computer."""

    asset_id: str
    name: str
    caption: str
    counts: tuple[Mark, ...]
    findings: tuple[FindingLine, ...]
    good: tuple[FindingLine, ...]
    changed: tuple[CompareRow, ...]
    same: tuple[CompareRow, ...]


def checks(bundle: VisitBundle, zone: tzinfo) -> tuple[ComputerCheck, ...]:
    """Return the checks of each computer of the visit that was checked."""
    return tuple(
        _check(bundle, asset, zone)
        for asset in bundle.assets
        if any(run.asset_id == asset.id for run in bundle.whole_runs)
    )


def _check(bundle: VisitBundle, asset: Asset, zone: tzinfo) -> ComputerCheck:
    before, after = bundle.run(asset.id, Phase.BEFORE), bundle.run(asset.id, Phase.AFTER)
    last = after or before or next(run for run in bundle.whole_runs if run.asset_id == asset.id)
    lines = tuple(
        _finding_line(f, _notes(bundle, asset, f))
        for f in last.findings
        if f.verdict is not Verdict.NOT_APPLICABLE
    )
    compared = [_compare_row(c) for c in compare_runs(before, after)] if before and after else []
    return ComputerCheck(
        asset_id=asset.id,
        name=asset.name,
        caption=_check_caption(last, before, after, zone, len(lines)),
        counts=verdict_counts(held.finding for held in lines),
        findings=tuple(held for held in lines if held.finding.verdict is not Verdict.OK),
        good=tuple(held for held in lines if held.finding.verdict is Verdict.OK),
        changed=tuple(row for row, is_same in compared if not is_same),
        same=tuple(row for row, is_same in compared if is_same),
    )


def verdict_counts(findings: Iterable[Finding]) -> tuple[Mark, ...]:
    """Return how often each verdict was given, the worst first; verdicts nothing was judged by are left out."""
    found = [held.verdict for held in findings]
    return tuple(
        Mark(
            look=VERDICT_LOOK[verdict][0],
            icon=VERDICT_LOOK[verdict][1],
            words=str(found.count(verdict)),
            explained=_(verdict.label),
        )
        for verdict in (Verdict.ACT, Verdict.WATCH, Verdict.UNKNOWN, Verdict.OK)
        if verdict in found
    )


def _check_caption(
    last: DiagnosticRun,
    before: DiagnosticRun | None,
    after: DiagnosticRun | None,
    zone: tzinfo,
    number: int,
) -> str:
    parts = [ngettext("1 check", "{n} checks", number)]
    if before and before.started_at:
        parts.append(_("before {time}", time=i18n.clock(before.started_at.astimezone(zone))))
    if after and after.started_at:
        parts.append(_("after {time}", time=i18n.clock(after.started_at.astimezone(zone))))
    if last.was_stopped:
        parts.append(_("stopped early"))
    return " · ".join(parts)


def _notes(bundle: VisitBundle, asset: Asset, finding: Finding) -> tuple[FindingNote, ...]:
    key = check_key(asset.id, finding.check, finding.subject)
    return tuple(note for note in bundle.notes if note.finding == key)


def _finding_line(finding: Finding, notes: tuple[FindingNote, ...] = ()) -> FindingLine:
    look, icon = VERDICT_LOOK[finding.verdict]
    return FindingLine(
        mark=Mark(look=look, icon=icon, words=_(finding.verdict.label)),
        finding=finding,
        evidence=tuple(
            (row.label, row.value, row.limit or "–", _(row.verdict.label)) for row in finding.evidence
        ),
        notes=notes,
    )


#: Width of the dumbbell's scale and the room its dots need at either end, in px.
_SCALE_PX, _SCALE_EDGE_PX = 180, 6


def _compare_row(held: Comparison) -> tuple[CompareRow, bool]:
    looks = {
        Change.BETTER: ("ok", "check-circle"),
        Change.WORSE: ("bad", "warning-octagon"),
        Change.SAME: ("none", "equals"),
        Change.OPEN: ("watch", "warning"),
        Change.NEW: ("info", "info"),
        Change.GONE: ("none", "question"),
    }
    look, icon = looks[held.change]
    if held.change is Change.OPEN and held.after and held.after.verdict is Verdict.ACT:
        look, icon = "bad", "warning-octagon"
    words = f"{held.words}: {held.difference}" if held.difference else held.words
    title = f"{_(held.title)} ({held.subject})" if held.subject else _(held.title)
    row = CompareRow(
        title=title,
        before=held.before_text,
        after=held.after_text,
        mark=Mark(look=look, icon=icon, words=words),
        words=words,
        scale=_scale(held),
    )
    return row, held.change is Change.SAME


def _scale(held: Comparison) -> tuple[int, int, str] | None:
    """Return where before and after stand on the reading's own scale."""
    if held.before is None or held.after is None:
        return None
    old, new = held.before.value, held.after.value
    top = held.after.scale_max or held.before.scale_max
    if not isinstance(old, (int, float)) or not isinstance(new, (int, float)) or not top:
        return None
    if isinstance(old, bool) or isinstance(new, bool):
        return None
    room = _SCALE_PX - 2 * _SCALE_EDGE_PX
    old_px, new_px = (
        _SCALE_EDGE_PX + round(room * min(max(v / top, 0.0), 1.0)) for v in (float(old), float(new))
    )
    look = {Change.WORSE: "worse", Change.SAME: "same", Change.OPEN: "same"}.get(held.change, "")
    return old_px, new_px, look


def no_after(bundle: VisitBundle) -> str:
    """Return why there is no check after the work, in words; "" when there is one or none is due."""
    if not bundle.whole_runs or any(run.phase is Phase.AFTER for run in bundle.whole_runs):
        return ""
    return bundle.visit.no_after_run_reason or _("No reason was given.")
