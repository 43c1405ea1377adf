"""What step Check shows, ready to read: cards, areas, the evidence drawer, how far a check is."""

from __future__ import annotations

from dataclasses import dataclass

from techkit.records.findings import Verdict
from techkit.ui.presenters.choices import Choice, Notice, Proposal
from techkit.ui.presenters.finding_notes import NoteRow
from techkit.ui.presenters.live import LiveChart


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
    is_on_summary: bool = False
    has_follow_up: bool = False
    is_recorded: bool = False
    notes: tuple[NoteRow, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AreaRow:
    """All findings of one part of the computer; counts by verdict, worst first."""

    area: str
    label: str
    icon: str
    counts: tuple[tuple[Verdict, int], ...]
    rows: tuple[Card, ...]


@dataclass(frozen=True, kw_only=True)
class PartRow:
    """How far one part of the computer is while a check runs.

    state: "waiting", "running", "done" or "unknown" (could not check). verdict: the worst so far. count: checks done of
    all, in words. line: what needs action or has to be watched, else the state in words.
    """

    area: str
    label: str
    state: str
    verdict: Verdict
    count: str
    line: str


@dataclass(frozen=True, kw_only=True)
class EvidenceRow:
    """One line of the evidence table."""

    label: str
    value: str
    limit: str
    verdict: Verdict


@dataclass(frozen=True, kw_only=True)
class Followed:
    """One reading over the visits: (day, value), oldest first; limit: where its end is, None without one."""

    label: str
    points: tuple[tuple[str, float], ...]
    line: str
    limit: float | None = None


@dataclass(frozen=True, kw_only=True)
class Drawer:
    """The evidence behind one finding: what, why it matters, what we suggest; values, source, raw lines.

    history: (day, value, text) of earlier runs on this computer, oldest first; value None without a number.
    how_to: id and title of the cards that say what to do about it. alone: the check, where it can be made alone.
    stands_anyway: on the customer's page, chosen or not, as all does that needs action or an eye.
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
    stands_anyway: bool = False
    history: tuple[tuple[str, float | None, str], ...] = ()
    history_line: str = ""
    followed: tuple[Followed, ...] = ()
    how_to: tuple[tuple[str, str], ...] = ()
    alone: str = ""


@dataclass(frozen=True, kw_only=True)
class CheckState:
    """All that step Check shows. phase: "choose", "running", "results" or "failed".

    proposals: which computer it may be, while the visit is about none.
    """

    phase: str = "choose"
    needs_consent: bool = False
    consent_sentence: str = ""
    proposals: tuple[Proposal, ...] = ()
    plans: tuple[Choice, ...] = ()
    share: float = 0.0
    sentence: str = ""
    progress_line: str = ""
    when_line: str = ""
    heading: str = ""
    line: str = ""
    counts: tuple[tuple[Verdict, int, str], ...] = ()
    cards: tuple[Card, ...] = ()
    areas: tuple[AreaRow, ...] = ()
    drawer: Drawer | None = None
    busy: tuple[tuple[str, str, float], ...] = ()
    charts: tuple[LiveChart, ...] = ()
    parts: tuple[PartRow, ...] = ()
    found: Notice | None = None
    notice: Notice | None = None
    computer: str = ""
    may_stop: bool = False
    again_label: str = ""
