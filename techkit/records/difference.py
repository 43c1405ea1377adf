"""The check before the work beside the check after it: what is better, worse, the same, still open.

Pure. The After step, the customer's page and the review page show the same comparison. A change
within a reading's tolerance is "same", never "better".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from techkit import i18n
from techkit.i18n import _
from techkit.records.assets import DiagnosticRun
from techkit.records.findings import Finding, Verdict

#: Verdicts that leave something to do.
OPEN_VERDICTS = (Verdict.ACT, Verdict.WATCH)


class Change(StrEnum):
    """What became of one thing between two runs."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    OPEN = "open"  # unchanged, and something remains to be done
    NEW = "new"  # judged only after the work
    GONE = "gone"  # judged only before the work


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One check of one thing, before and after the work.

    subject: which thing, "" when there is only one. before, after: None where that run says nothing
    about it. words: the change in a few plain words. difference: the change as a signed amount,
    e.g. "+59.3 GB", "" where there is none to tell.
    """

    check: str
    title: str
    subject: str
    before: Finding | None
    after: Finding | None
    change: Change
    words: str
    difference: str = ""

    @property
    def is_open(self) -> bool:
        """Return whether something remains to be done about it."""
        last = self.after or self.before
        return last is not None and last.verdict in OPEN_VERDICTS

    @property
    def before_text(self) -> str:
        """Return the value before in words: the reading, else the verdict, "–" without either."""
        return value_text(self.before)

    @property
    def after_text(self) -> str:
        """Return the value after in words."""
        return value_text(self.after)


def value_text(finding: Finding | None) -> str:
    """Return a finding's value as a person reads it; its verdict where it has none."""
    if finding is None:
        return "–"
    if finding.verdict is not Verdict.UNKNOWN and finding.value_text:
        return finding.value_text
    return _(finding.verdict.label)


def compare_runs(before: DiagnosticRun | None, after: DiagnosticRun | None) -> tuple[Comparison, ...]:
    """Return each check of each thing side by side, in the order of the run before, then what is new.

    Things that do not apply on both sides are left out. Without a run before everything is new;
    without one after everything is gone.
    """
    old = _by_subject(before.findings if before else ())
    new = _by_subject(after.findings if after else ())
    # What a person tried and found good is not tried twice; that is no difference.
    if after is not None:
        old = {key: f for key, f in old.items() if key in new or not f.is_tried or f.verdict in OPEN_VERDICTS}
    return tuple(
        _compare(key, old.get(key), new.get(key)) for key in [*old, *(k for k in new if k not in old)]
    )


def _by_subject(findings: Iterable[Finding]) -> dict[tuple[str, str], Finding]:
    return {(f.check, f.subject): f for f in findings if f.verdict is not Verdict.NOT_APPLICABLE}


def _compare(key: tuple[str, str], before: Finding | None, after: Finding | None) -> Comparison:
    shown = after or before
    change = _change(before, after)
    return Comparison(
        check=key[0],
        title=shown.title if shown else key[0],
        subject=key[1],
        before=before,
        after=after,
        change=change,
        words=_words(change, before, after),
        difference=_difference(change, before, after),
    )


def _change(before: Finding | None, after: Finding | None) -> Change:
    if after is None or (after.verdict is Verdict.UNKNOWN and _is_judged(before)):
        return Change.GONE
    if before is None or (before.verdict is Verdict.UNKNOWN and _is_judged(after)):
        return Change.NEW
    direction = _direction(before, after)
    if direction:
        return Change.BETTER if direction > 0 else Change.WORSE
    return Change.OPEN if after.verdict in OPEN_VERDICTS else Change.SAME


def _is_judged(finding: Finding | None) -> bool:
    return finding is not None and finding.verdict is not Verdict.UNKNOWN


def _direction(before: Finding, after: Finding) -> int:
    """Return 1 for better, -1 for worse, 0 for no change that counts."""
    old, new = _number(before), _number(after)
    by_verdict = (before.verdict.rank > after.verdict.rank) - (before.verdict.rank < after.verdict.rank)
    if old is None or new is None or before.unit != after.unit:
        return by_verdict
    moved = new - old
    if abs(moved) <= max(before.tolerance, after.tolerance):
        return 0
    if after.higher_is_better is None:
        return by_verdict
    return 1 if (moved > 0) is after.higher_is_better else -1


def _number(finding: Finding) -> float | None:
    held = finding.value
    return float(held) if isinstance(held, (int, float)) and not isinstance(held, bool) else None


def _words(  # noqa: PLR0911 - one line a case
    change: Change, before: Finding | None, after: Finding | None
) -> str:
    match change:
        case Change.BETTER if after and after.verdict in OPEN_VERDICTS:
            return _("Better, but not settled")
        case Change.BETTER:
            return _("Better")
        case Change.WORSE:
            return _("Worse than before")
        case Change.OPEN:
            return _("Still open")
        case Change.NEW if before is None:
            return _("Only seen after the work")
        case Change.NEW:
            return _("Could not be checked before")
        case Change.GONE if before is not None and before.is_tried:
            return _("Not tried again after the work")
        case Change.GONE if after is None:
            return _("Not seen after the work")
        case Change.GONE:
            return _("Could not be checked again")
    if after and after.verdict is Verdict.UNKNOWN:
        return _("Could not be checked")
    return _("Unchanged and good")


def _difference(change: Change, before: Finding | None, after: Finding | None) -> str:
    if change not in (Change.BETTER, Change.WORSE) or before is None or after is None:
        return ""
    old, new = _number(before), _number(after)
    if old is None or new is None or old == new:
        return ""
    if not after.unit and not all(any(c.isdecimal() for c in f.value_text) for f in (before, after)):
        return ""  # a state counted inside, as "no answer" and "answers": "+1" says nothing to a person
    return signed(new - old, after.unit)


def signed(amount: float, unit: str) -> str:
    """Return an amount with its sign and unit as a person reads it, e.g. "+59.3 GB", "−14", "+24.9 points" of percent."""
    sign = "+" if amount > 0 else "−"
    size = abs(amount)
    if unit == "bytes":
        return sign + i18n.byte_text(size)
    if unit == "percent":
        # From 10 % to 20 % is no rise by 10 %.
        return _("{n} points", n=sign + i18n.number(size, 1))
    if unit == "celsius":
        return sign + i18n.quantity(size, "°C")
    digits = 0 if size == int(size) else 1
    plain = {"ms": "ms", "hours": "h", "seconds": "s", "mbps": "Mbit/s"}.get(unit, "")
    return sign + (i18n.quantity(size, plain, digits) if plain else i18n.number(size, digits))
