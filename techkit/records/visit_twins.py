"""Visits that may have been entered twice, by one technician or by two: when two say the same, and the flag. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from techkit.i18n import _
from techkit.records.bundle import VisitBundle
from techkit.records.charges import visit_day
from techkit.records.review import Flag, Severity
from techkit.records.same import words
from techkit.records.visit import Outcome, ReviewState, Visit, WorkState

#: Two arrivals at one computer within this time are one arrival, entered twice.
SAME_ARRIVAL = timedelta(minutes=15)

#: So many words make a need one of its own: “printer” alone is said of two visits a day.
_LEAST_WORDS = 2

_NOTHING_DONE = (WorkState.CANCELLED, WorkState.NO_ACCESS, WorkState.DRAFT, WorkState.SCHEDULED)


def says_the_same(one: Visit, other: Visit) -> bool:
    """Return whether two visits may be one: the same customer, place and day, and the same need, or one arrival at one computer."""
    if one.id == other.id or not _counts(one) or not _counts(other) or one.customer_id != other.customer_id:
        return False
    if visit_day(one) != visit_day(other) or one.arrived_at is None or other.arrived_at is None:
        return False
    if one.site_id and other.site_id and one.site_id != other.site_id:
        return False
    said = words(one.purpose)
    if len(said) >= _LEAST_WORDS and said == words(other.purpose):
        return True
    return (
        bool({*one.asset_ids} & {*other.asset_ids}) and abs(one.arrived_at - other.arrived_at) <= SAME_ARRIVAL
    )


def _counts(visit: Visit) -> bool:
    is_void = visit.review_state is ReviewState.VOID
    is_nothing = visit.work_state in _NOTHING_DONE or visit.outcome is Outcome.CANCELLED_BY_CUSTOMER
    return bool(visit.customer_id) and not is_void and not is_nothing


def entered_twice(bundle: VisitBundle, others: Iterable[Visit]) -> Iterator[Flag]:
    """Yield one flag that names the visits that may be this one."""
    found = [other for other in others if says_the_same(bundle.visit, other)]
    if found:
        numbers = ", ".join(sorted(other.number or "–" for other in found)[:3])
        yield Flag(
            rule="duplicate_visit",
            severity=Severity.WARNING,
            sentence=_(
                "It may have been entered twice: {numbers} says the same of that day.", numbers=numbers
            ),
            kind="visit",
            record_id=bundle.visit.id,
        )
