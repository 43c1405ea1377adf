"""The figures people steer by, each with one written definition. Pure.

Fault case: the visits that share a case, or one visit without a case, when something was wrong and worked
on. A visit without access is no attempt. Void visits count nowhere; who asks leaves them out.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from techkit.records.visit import Outcome

#: A fault that shows again on the same computer within this time was not fixed the first time.
#: Source: the specification's figures (first-time fix within 30 days).
REPEAT_WINDOW = timedelta(days=30)

#: Business hours where a contract says nothing else: Monday to Friday, 8 to 18 o'clock.
BUSINESS_DAY = (time(8), time(18))

#: Outcomes of visits that were no attempt to fix anything.
NO_ATTEMPT = frozenset({Outcome.NO_ACCESS.value, Outcome.CANCELLED_BY_CUSTOMER.value})


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One visit of a fault case. outcome: "" when it was left open."""

    visit_id: str
    number: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str


@dataclass(frozen=True, kw_only=True)
class FaultCase:
    """A fault from its report to its end, with the visits it took, in order of time.

    asset_id "" and category "" when nobody said: such cases are never taken for each other's return.
    """

    id: str
    asset_id: str
    category: str
    reported_at: datetime | None
    resolved_at: datetime | None
    visits: tuple[Attempt, ...]

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Return the visits in which somebody could work."""
        return tuple(v for v in self.visits if v.outcome not in NO_ATTEMPT)

    @property
    def began_at(self) -> datetime:
        """Return when it was reported; where nobody noted that, when the first visit began."""
        return self.reported_at or self.visits[0].started_at

    def is_return_of(self, other: FaultCase) -> bool:
        """Return whether the same fault shows again within the window after the other was resolved."""
        if other is self or other.resolved_at is None or not self.asset_id or not self.category:
            return False
        if (self.asset_id, self.category) != (other.asset_id, other.category):
            return False
        return other.resolved_at < self.began_at <= other.resolved_at + REPEAT_WINDOW


@dataclass(frozen=True, kw_only=True)
class Fix:
    """Whether a resolved case was fixed the first time.

    came_back: the case that showed it was not, None otherwise. provisional_until: the day the window
    ends; set while the answer is yes and may still turn.
    """

    case: FaultCase
    is_first_time: bool
    came_back: FaultCase | None
    provisional_until: date | None


@dataclass(frozen=True, kw_only=True)
class Resolving:
    """How long resolved cases took, in hours to one decimal; None without any.

    n: cases whose report is known; others have no time to resolve.
    """

    n: int
    mean_h: Decimal | None
    median_h: Decimal | None
    mean_business_h: Decimal | None
    median_business_h: Decimal | None


def fixes(resolved: Iterable[FaultCase], all_cases: Sequence[FaultCase], today: date) -> tuple[Fix, ...]:
    """Return, for each resolved case, whether it was fixed the first time.

    all_cases: every fault case that could be its return.
    """
    return tuple(_fix(case, all_cases, today) for case in resolved if case.resolved_at is not None)


def _fix(case: FaultCase, all_cases: Sequence[FaultCase], today: date) -> Fix:
    returns = sorted((c for c in all_cases if c.is_return_of(case)), key=lambda c: c.began_at)
    is_first_time = len(case.attempts) == 1 and not returns
    assert case.resolved_at is not None  # noqa: S101 - fixes() asks of resolved cases only
    ends_on = (case.resolved_at + REPEAT_WINDOW).date()
    return Fix(
        case=case,
        is_first_time=is_first_time,
        came_back=returns[0] if returns else None,
        provisional_until=ends_on if is_first_time and ends_on >= today else None,
    )


def resolving(resolved: Iterable[FaultCase], zone: ZoneInfo) -> Resolving:
    """Return mean and median time from report to resolution, in calendar and in business hours."""
    spans = [
        (case.reported_at, case.resolved_at)
        for case in resolved
        if case.reported_at and case.resolved_at and case.resolved_at >= case.reported_at
    ]
    if not spans:
        return Resolving(n=0, mean_h=None, median_h=None, mean_business_h=None, median_business_h=None)
    # In UTC: in one local zone the difference would leave a clock change out.
    calendar = [(end.astimezone(UTC) - start.astimezone(UTC)).total_seconds() for start, end in spans]
    business = [business_time(start, end, zone).total_seconds() for start, end in spans]
    return Resolving(
        n=len(spans),
        mean_h=_hours(statistics.fmean(calendar)),
        median_h=_hours(statistics.median(calendar)),
        mean_business_h=_hours(statistics.fmean(business)),
        median_business_h=_hours(statistics.median(business)),
    )


def business_time(start: datetime, end: datetime, zone: ZoneInfo) -> timedelta:
    """Return how much of a span lies in business hours of a time zone; public holidays are not known."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    found = timedelta(0)
    day = first.date()
    while day <= last.date():
        if day.weekday() < 5:
            opens, closes = (datetime.combine(day, moment, zone) for moment in BUSINESS_DAY)
            found += max(timedelta(0), min(closes, last) - max(opens, first))
        day += timedelta(days=1)
    return found


def share(part: int, whole: int) -> Decimal | None:
    """Return a share of 1 to three decimals (0.600 is 60.0 %); None of nothing."""
    return (Decimal(part) / whole).quantize(Decimal("0.001"), ROUND_HALF_UP) if whole else None


def _hours(seconds: float) -> Decimal:
    return (Decimal(str(seconds)) / 3600).quantize(Decimal("0.1"), ROUND_HALF_UP)


@dataclass(frozen=True, kw_only=True)
class Session:
    """One training session: its minutes, how many people were there, and how long all of them together."""

    visit_id: str
    number: str
    title: str
    on: date
    minutes: int
    people: int
    attendee_minutes: int


def as_hours(minutes: int) -> Decimal:
    """Return minutes as hours with as many decimals as needed, at most two."""
    return (Decimal(minutes) / 60).quantize(Decimal("0.01"), ROUND_HALF_UP)
