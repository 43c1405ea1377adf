"""How the visit's computers are, and what changed: the evidence on the customer's page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from techkit import i18n
from techkit.i18n import _, ngettext
from techkit.records.assets import DiagnosticRun, Phase
from techkit.records.bundle import VisitBundle
from techkit.records.difference import Change, Comparison, compare_runs
from techkit.records.findings import AREA_LABELS, Finding, Verdict
from techkit.records.proofs import check_key
from techkit.summary.blocks import BeforeAfter, ComputerBlock, ReadingGroup, ReadingRow, State

#: At most so many rows of the before/after table stand on page 1; what changed or is still open
#: always does. Source: one page must hold everything up to the signature (REVISIONS, "The paper").
MAX_COMPARISONS = 6

#: So many of what could not be checked are named. Ours: one line.
_MOST_TITLES = 4

#: From this skill on the person also gets the page with the readings ("comfortable").
TECHNICAL_PAGE_SKILL = 3

#: From this skill on the reading and its limit stand beside the plain sentence ("confident").
NUMBERS_SKILL = 4


class Evidence:
    """Words the runs of one bundle, in the language in force. local: an instant on the customer's clock."""

    def __init__(self, bundle: VisitBundle, local: Callable[[datetime | None], datetime]) -> None:
        self.bundle = bundle
        self.local = local
        self.compared = {
            asset.id: _compared(bundle.run(asset.id, Phase.BEFORE), bundle.run(asset.id, Phase.AFTER))
            for asset in bundle.assets
        }

    def computers(self, skill: int = 0) -> tuple[ComputerBlock, ...]:
        """Return a block for each computer that was checked, worded for somebody of this skill."""
        found = []
        wanted = set(self.bundle.visit.shown_findings)
        for asset in self.bundle.assets:
            run = self.bundle.last_run(asset.id)
            if run is None:
                continue
            comparisons = self.compared[asset.id]
            chosen = _chosen(comparisons)
            found.append(
                ComputerBlock(
                    name=asset.tag or asset.name,
                    states=(
                        *_states(
                            run.findings,
                            {(c.check, c.subject) for c in chosen},
                            skill,
                            {
                                (f.check, f.subject)
                                for f in run.findings
                                if check_key(asset.id, f.check, f.subject) in wanted
                            },
                        ),
                        *self._notes(asset.id),
                    ),
                    comparisons=tuple(self._row(c) for c in chosen),
                    measured=self._measured(asset.id) if comparisons else "",
                )
            )
        return tuple(found)

    def _notes(self, asset_id: str) -> tuple[State, ...]:
        """Return the notes on findings of a computer that were chosen for the page."""
        return tuple(
            State(verdict="info", word=_("Note"), title=note.title, text=note.text)
            for note in self.bundle.notes
            if note.is_on_paper and note.asset_id == asset_id
        )

    def _measured(self, asset_id: str) -> str:
        before = self.bundle.run(asset_id, Phase.BEFORE)
        after = self.bundle.run(asset_id, Phase.AFTER)
        if not (before and after and before.started_at and after.started_at):
            return ""
        return _(
            "Measured at {before} before the work and again at {after} after it.",
            before=i18n.clock(self.local(before.started_at)),
            after=i18n.clock(self.local(after.started_at)),
        )

    def _row(self, comparison: Comparison) -> BeforeAfter:
        advice = next((r.text for r in self.bundle.recommendations if r.check == comparison.check), "")
        shown = comparison.after or comparison.before
        is_open = shown is not None and shown.verdict in (Verdict.ACT, Verdict.WATCH)
        words = comparison.words
        if comparison.difference:
            words = f"{words} ({comparison.difference})"
        if shown is not None and comparison.change is not Change.SAME:
            words = f"{words} – {_(shown.verdict.label)}"
        if advice and is_open:
            words = _("{change}. Our advice: {advice}", change=words, advice=advice)
        tone = comparison.change.value
        if comparison.change not in (Change.BETTER, Change.WORSE):
            tone = "open" if is_open else "same"
        return BeforeAfter(
            check=_title(comparison),
            before=_value(comparison.before),
            after=_value(comparison.after),
            meaning=words,
            tone=tone,
        )

    def readings(self, skill: int) -> tuple[ReadingGroup, ...]:
        """Return the technical page: for people who are comfortable with computers only."""
        if skill < TECHNICAL_PAGE_SKILL:
            return ()
        groups = []
        for asset in self.bundle.assets:
            run = self.bundle.last_run(asset.id)
            if run is None:
                continue
            for area, label in AREA_LABELS.items():
                in_area = [f for f in run.findings if f.area is area]
                shown = tuple(_reading_row(f) for f in in_area if f.verdict is not Verdict.NOT_APPLICABLE)
                if shown:
                    name = asset.tag or asset.name
                    groups.append(ReadingGroup(title=f"{name} · {_(label)}", rows=shown))
        return tuple(groups)

    def comparisons(self) -> list[Comparison]:
        """Return what became of everything, computer by computer."""
        return [c for found in self.compared.values() for c in found]

    def last_findings(self) -> list[Finding]:
        """Return how everything is now, worst first."""
        found: list[Finding] = []
        for asset in self.bundle.assets:
            run = self.bundle.last_run(asset.id)
            found += run.findings if run else ()
        return sorted(found, key=lambda f: -f.verdict.rank)


def _compared(before: DiagnosticRun | None, after: DiagnosticRun | None) -> tuple[Comparison, ...]:
    if before is None or after is None:
        return ()
    return compare_runs(before, after)


def _chosen(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Return the rows for page 1: what changed, what is still open, then good ones up to the limit."""
    measured = [c for c in comparisons if _value(c.before) or _value(c.after)]

    def importance(c: Comparison) -> int:
        shown = c.after or c.before
        if c.change in (Change.BETTER, Change.WORSE):
            return 0
        return 1 if shown is not None and shown.verdict in (Verdict.ACT, Verdict.WATCH) else 2

    ordered = sorted(measured, key=importance)
    must = sum(1 for c in ordered if importance(c) < 2)
    return ordered[: max(must, MAX_COMPARISONS)]


def _title(comparison: Comparison) -> str:
    title = _(comparison.title)
    return f"{title} ({comparison.subject})" if comparison.subject else title


def _value(finding: Finding | None) -> str:
    if finding is None:
        return ""
    return finding.value_text or _(finding.verdict.label)


def comparison_sentence(comparison: Comparison) -> str:
    """Return one sentence: what it was and what it is."""
    before = comparison.before.value_text if comparison.before else ""
    after = comparison.after.value_text if comparison.after else ""
    if before and after:
        return _(
            "{title}: {before} before, {after} now.",
            title=_title(comparison),
            before=before,
            after=after,
        )
    return f"{_title(comparison)}: {comparison.words}."


def plain(finding: Finding) -> str:
    """Return what a customer reads of a finding."""
    return finding.customer_sentence or finding.sentence


def _states(
    findings: Iterable[Finding],
    compared: set[tuple[str, str]],
    skill: int,
    wanted: set[tuple[str, str]],
) -> tuple[State, ...]:
    """Return what needs action, watching or was chosen for the page, what could not be checked, then the good ones in a line.

    What stands in the before/after table, verdict included, is not told twice.
    """
    found = sorted(
        (f for f in findings if (f.check, f.subject) not in compared), key=lambda f: -f.verdict.rank
    )
    shown = [
        State(
            verdict=f.verdict.value,
            word=_(f.verdict.label),
            title=_finding_title(f),
            text=_with_numbers(f) if skill >= NUMBERS_SKILL else plain(f),
        )
        for f in found
        if f.verdict in (Verdict.ACT, Verdict.WATCH) or (f.check, f.subject) in wanted
    ]
    found = [f for f in found if (f.check, f.subject) not in wanted]
    unknown = [f for f in found if f.verdict is Verdict.UNKNOWN]
    if unknown:
        shown.append(
            State(
                verdict=Verdict.UNKNOWN.value,
                word=_(Verdict.UNKNOWN.label),
                title=_some([_finding_title(f) for f in unknown]),
                text=_why_unknown(unknown, skill),
            )
        )
    areas = dict.fromkeys(_(AREA_LABELS[f.area]) for f in found if f.verdict is Verdict.OK)
    if areas:
        count = sum(1 for f in found if f.verdict is Verdict.OK)
        shown.append(
            State(
                verdict=Verdict.OK.value,
                word=_(Verdict.OK.label),
                title=", ".join(areas),
                text=ngettext("{n} check is good.", "{n} checks are good.", count),
            )
        )
    return tuple(shown)


def _some(titles: Iterable[str]) -> str:
    """Return the first titles of a list, and how many more there are."""
    each = list(dict.fromkeys(titles))
    few = ", ".join(each[:_MOST_TITLES])
    left = len(each) - _MOST_TITLES
    if left <= 0:
        return few
    return ngettext("{titles} and {n} more", "{titles} and {n} more", left, titles=few)


def _why_unknown(unknown: Sequence[Finding], skill: int) -> str:
    """Return why something could not be checked, for somebody confident with computers; for others what that means."""
    if skill >= NUMBERS_SKILL:
        return " ".join(dict.fromkeys(f.reason_text for f in unknown[:2] if f.reason_text))
    return ngettext(
        "We could not look at {n} part. That says nothing bad about it.",
        "We could not look at {n} parts. That says nothing bad about them.",
        len(unknown),
    )


def _with_numbers(finding: Finding) -> str:
    """Return what somebody confident with computers reads: the plain sentence, the reading, its limit."""
    if not finding.value_text:
        return plain(finding)
    if not finding.limit_text:
        return _("{sentence} Reading: {value}.", sentence=plain(finding), value=finding.value_text)
    return _(
        "{sentence} Reading: {value}, limit: {limit}.",
        sentence=plain(finding),
        value=finding.value_text,
        limit=finding.limit_text,
    )


def _finding_title(finding: Finding) -> str:
    title = _(finding.title)
    return f"{title} ({finding.subject})" if finding.subject else title


def _reading_row(finding: Finding) -> ReadingRow:
    value = finding.value_text
    if finding.verdict is Verdict.UNKNOWN:
        value = finding.reason_text
    return ReadingRow(
        title=_finding_title(finding),
        value=value,
        limit=finding.limit_text,
        verdict=finding.verdict.value,
        word=_(finding.verdict.label),
    )
