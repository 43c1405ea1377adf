"""How states, verdicts and flags look: always a shape and a word, never a colour alone."""

from __future__ import annotations

from dataclasses import dataclass

from techkit.central import visit_list
from techkit.i18n import N_, _
from techkit.records.findings import Verdict
from techkit.records.review import Flag
from techkit.records.visit import OUTCOMES, REVIEW_STATES, Outcome, ReviewState

#: How a verdict is drawn: style and icon, always beside its word or number.
VERDICT_LOOK = {
    Verdict.ACT: ("bad", "warning-octagon"),
    Verdict.WATCH: ("watch", "warning"),
    Verdict.UNKNOWN: ("none", "question"),
    Verdict.OK: ("ok", "check-circle"),
    Verdict.NOT_APPLICABLE: ("none", "minus-circle"),
}

#: How a review state is drawn.
STATE_LOOK = {
    ReviewState.RECEIVED: ("plain", "circle"),
    ReviewState.IN_REVIEW: ("plain", "eye"),
    ReviewState.QUERIED: ("none", "chat-circle-text"),
    ReviewState.ANSWERED: ("watch", "chat-circle-text"),
    ReviewState.APPROVED: ("ok", "check-circle"),
    ReviewState.POSTED: ("ok", "check-circle"),
    ReviewState.REOPENED: ("plain", "arrow-counter-clockwise"),
    ReviewState.VOID: ("none", "prohibit"),
}
#: How a flag is drawn, by its severity.
SEVERITY_LOOK = {
    "blocking": ("bad", "warning-octagon"),
    "warning": ("watch", "warning"),
    "notice": ("info", "info"),
}


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A word with its shape: what a state, verdict or flag looks like."""

    look: str
    icon: str
    words: str
    explained: str = ""


def state_mark(state: ReviewState) -> Mark:
    """Return the pill of a review state."""
    look, icon = STATE_LOOK[state]
    words = N_("To review") if state is ReviewState.RECEIVED else REVIEW_STATES[state]
    return Mark(look=look, icon=icon, words=_(words))


def flag_mark(flag: Flag) -> Mark:
    """Return how a flag looks, its sentence behind it."""
    look, icon = SEVERITY_LOOK[flag.severity]
    return Mark(look=look, icon=icon, words=visit_list.rule_label(flag.rule), explained=flag.sentence)


def outcome_words(outcome: Outcome | None) -> str:
    """Return a visit's result in words."""
    return _(OUTCOMES[outcome]) if outcome else _("No result yet")
