"""Step After: the check after the work, beside the one before; drafts it makes; what came of the visit."""

from __future__ import annotations

from dataclasses import dataclass

from techkit.records.findings import Verdict
from techkit.ui.presenters.choices import Choice, Notice
from techkit.ui.presenters.drafting import DraftRow


@dataclass(frozen=True, kw_only=True)
class ComparisonRow:
    """One reading before and after. before_at, after_at: where they stand on the scale, 0 to 1."""

    key: str
    title: str
    subject: str
    before: str
    after: str
    change: str
    words: str
    difference: str
    before_verdict: Verdict | None
    after_verdict: Verdict | None
    before_at: float | None = None
    after_at: float | None = None
    limit_text: str = ""
    higher_is_better: bool | None = None
    computer: str = ""


@dataclass(frozen=True, kw_only=True)
class AfterState:
    """All that step After shows. phase: "waiting", "running", "results", "skipped" or "failed"."""

    phase: str = "waiting"
    share: float = 0.0
    sentence: str = ""
    headline: str = ""
    complaint_line: str = ""
    rows: tuple[ComparisonRow, ...] = ()
    drafts: tuple[DraftRow, ...] = ()
    add_label: str = ""
    may_add: bool = False
    outcomes: tuple[Choice, ...] = ()
    outcome_reason: str = ""
    in_short: str = ""
    skip_reasons: tuple[Choice, ...] = ()
    notice: Notice | None = None
