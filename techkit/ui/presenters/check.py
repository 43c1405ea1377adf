"""Step Check: choose, watch and read a check of the computer in hand before the work."""

from __future__ import annotations

from dataclasses import dataclass

from techkit.records.findings import Verdict
from techkit.ui.presenters.choices import Choice, Notice


@dataclass(frozen=True, kw_only=True)
class Card:
    """One finding as a card; key names it inside its run.

    explains_label: "" or how well it explains the complaint, in words.
    """

    key: str
    title: str
    subject: str
    verdict: Verdict
    verdict_label: str
    sentence: str
    value_text: str = ""
    advice: str = ""
    explains_label: str = ""
    explains_why: str = ""
    area_label: str = ""
    is_on_summary: bool = False
    has_follow_up: bool = False
    is_recorded: bool = False


@dataclass(frozen=True, kw_only=True)
class AreaRow:
    """All findings of one part of the computer; counts by verdict, worst first."""

    area: str
    label: str
    icon: str
    counts: tuple[tuple[Verdict, int], ...]
    rows: tuple[Card, ...]


@dataclass(frozen=True, kw_only=True)
class EvidenceRow:
    """One line of the evidence table."""

    label: str
    value: str
    limit: str
    verdict: Verdict


@dataclass(frozen=True, kw_only=True)
class Drawer:
    """The evidence behind one finding: what, why it matters, what we suggest; values, source, raw lines.

    history: (day, value, text) of earlier runs on this computer, oldest first; value None without a number.
    """

    key: str
    title: str
    verdict: Verdict
    verdict_label: str
    where: str
    what: str
    why: str
    suggestion: str
    evidence: tuple[EvidenceRow, ...]
    source: str
    read_at: str
    raw: str
    rule_line: str
    is_on_summary: bool = False
    history: tuple[tuple[str, float | None, str], ...] = ()
    history_line: str = ""


@dataclass(frozen=True, kw_only=True)
class CheckState:
    """All that step Check shows. phase: "choose", "running", "results" or "failed"."""

    phase: str = "choose"
    needs_consent: bool = False
    consent_sentence: str = ""
    plans: tuple[Choice, ...] = ()
    share: float = 0.0
    sentence: str = ""
    progress_line: str = ""
    heading: str = ""
    line: str = ""
    counts: tuple[tuple[Verdict, int, str], ...] = ()
    cards: tuple[Card, ...] = ()
    areas: tuple[AreaRow, ...] = ()
    drawer: Drawer | None = None
    busy: tuple[tuple[str, str, float], ...] = ()
    notice: Notice | None = None
    computer: str = ""
    may_stop: bool = False
    again_label: str = ""
