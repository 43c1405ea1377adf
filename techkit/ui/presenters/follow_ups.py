"""Step Follow-ups: what is promised, by whom and when; suggestions with their reasons; advice."""

from __future__ import annotations

from dataclasses import dataclass

from techkit.ui.presenters.choices import Choice, FormState


@dataclass(frozen=True, kw_only=True)
class FollowUpRow:
    """One promise. tone: "late", "soon" or "" by its due day; cost_line "" without a cost."""

    id: str
    icon: str
    title: str
    line: str
    due_text: str
    tone: str
    owner: str
    is_on_paper: bool
    cost_line: str = ""


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """One thing to promise or to advise, with its reason. kind: "follow_up" or "recommendation"."""

    key: str
    kind: str
    icon: str
    title: str
    reason: str
    due_text: str = ""


@dataclass(frozen=True, kw_only=True)
class AdviceRow:
    """One piece of advice with its evidence and the customer's decision ("open", "yes", …)."""

    id: str
    title: str
    why: str
    urgency: str
    decision: str
    decision_label: str


@dataclass(frozen=True, kw_only=True)
class FollowUpsState:
    """All that step Follow-ups shows; overdue promises of earlier visits stand first."""

    overdue: tuple[FollowUpRow, ...] = ()
    planned: tuple[FollowUpRow, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    advice: tuple[AdviceRow, ...] = ()
    form: FormState | None = None
    due_choices: tuple[Choice, ...] = ()
