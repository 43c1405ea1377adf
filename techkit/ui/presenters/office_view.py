"""What the office will see of a visit: its flags, as far as they can still be cleared on site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from techkit.i18n import _, ngettext
from techkit.records.flags import flags
from techkit.records.review import Flag, Severity
from techkit.records.visit import WorkState
from techkit.ui.presenters.open_visit import OpenVisit

#: States in which nothing is cleared on site any more.
_OVER = (WorkState.SIGNED, WorkState.SIGNOFF_WAIVED, WorkState.SUBMITTED)

#: Flags that only say that the visit is not signed yet.
_NOT_YET = {"signature_missing"}

#: At which step a flag is cleared; sign-off for all others.
_STEPS = {
    "claim_not_proven": "work",
    "unclaimed_change": "after",
    "no_after_run": "after",
    "overlapping_labour": "need",
    "duplicate_visit": "need",
    "centre_not_valid": "need",
    "expense_without_receipt": "work",
    "part_without_price": "work",
    "labour_without_rate": "need",
    "contract_not_in_force": "need",
    "order_number_missing": "need",
    "private_words": "work",
    "photo_with_place": "work",
    "attendance_without_skill": "work",
}


@dataclass(frozen=True, kw_only=True)
class FlagRow:
    """One flag the office would see. severity: "blocking", "warning" or "notice"; step: where to clear it."""

    severity: str
    sentence: str
    step: str


def flags_of(held: OpenVisit) -> tuple[Flag, ...]:
    """Return what the office would see, the most serious first."""
    known = held.known
    found = flags(
        held.labour.by_now,
        other_labour=known.other_labour,
        other_visits=known.earlier_visits,
        unbooked=known.unbooked.amounts,
    )
    is_over = held.visit.work_state in _OVER
    return tuple(f for f in found if is_over or f.rule not in _NOT_YET)


def rows(found: Sequence[Flag]) -> tuple[FlagRow, ...]:
    """Return each flag with the step at which it is cleared."""
    return tuple(
        FlagRow(severity=f.severity.value, sentence=f.sentence, step=_STEPS.get(f.rule, "sign_off"))
        for f in found
    )


def line(found: Sequence[Flag]) -> str:
    """Return how many things the office will look at, and how many keep the visit from being approved."""
    if not found:
        return _("The office will see nothing to ask about.")
    blocking = sum(1 for f in found if f.severity is Severity.BLOCKING)
    said = ngettext("The office will look at {n} thing", "The office will look at {n} things", len(found))
    if blocking:
        return ngettext(
            "{line}; {n} would keep the visit from being approved.",
            "{line}; {n} would keep the visit from being approved.",
            blocking,
            line=said,
        )
    return f"{said}."
