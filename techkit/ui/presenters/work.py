"""Step Work: what the computer shows as drafts, what is recorded, and the form for everything else."""

from __future__ import annotations

from dataclasses import dataclass

from techkit.ui.presenters.choices import NO_MONEY, Choice, FormState, MoneyState, Proposal


@dataclass(frozen=True, kw_only=True)
class DraftRow:
    """One proposed entry. confidence: "certain", "asked" or "self_update"; only certain ones are ticked.

    reason: why it is proposed, and why not ticked. proof_line: before → after as read.
    """

    key: str
    kind: str
    icon: str
    title: str
    line: str
    is_ticked: bool
    confidence: str
    reason: str
    proof_line: str = ""
    computer: str = ""


@dataclass(frozen=True, kw_only=True)
class EntryRow:
    """One recorded entry or supply. tags: (icon, text, tone "ok|watch|bad|info|").

    proof: "inventory", "reading", "not_proven", "not_provable" or "" where nothing is claimed.
    """

    id: str
    kind: str
    icon: str
    title: str
    line: str
    kind_label: str
    time_text: str = ""
    tags: tuple[tuple[str, str, str], ...] = ()
    proof: str = ""
    proof_label: str = ""


@dataclass(frozen=True, kw_only=True)
class PersonRow:
    """One person at a training; skills 0 (not judged) to 5, feedback 0 to 5."""

    contact_id: str
    name: str
    is_present: bool
    skill_before: int
    skill_after: int
    feedback: int
    suggestion: str = ""


@dataclass(frozen=True, kw_only=True)
class WorkStepState:
    """All that step Work shows."""

    is_looking: bool = False
    drafts_title: str = ""
    drafts: tuple[DraftRow, ...] = ()
    no_drafts_line: str = ""
    add_label: str = ""
    may_add: bool = False
    entries: tuple[EntryRow, ...] = ()
    entries_line: str = ""
    tiles: tuple[Choice, ...] = ()
    more_tiles: tuple[Choice, ...] = ()
    form: FormState | None = None
    time_chips: tuple[Choice, ...] = ()
    people: tuple[PersonRow, ...] = ()
    skills: tuple[Choice, ...] = ()
    suggestions: tuple[Proposal, ...] = ()
    money: MoneyState = NO_MONEY
    example: str = ""
