"""The figures of a period, and the rows behind each: fault cases, trainings, visits.

What is counted is defined in records/figures.py; here is only where it is read from. Void visits and
visits that have not been submitted count nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from techkit.central import bundles, reports
from techkit.central.models import Record as Row
from techkit.central.models import User, VisitRow
from techkit.central.projection import ARRIVED
from techkit.records.activities import Training, Troubleshooting
from techkit.records.cases import ENDED, outranks
from techkit.records.figures import (
    REPEAT_WINDOW,
    Attempt,
    FaultCase,
    Fix,
    Resolving,
    Session,
    fixes,
    resolving,
)
from techkit.records.schema import replace
from techkit.records.training import gain_of
from techkit.records.visit import Case, CaseKind, Outcome, ReviewState


@dataclass(frozen=True, kw_only=True)
class MonthFigures:
    """A period's figures with the rows they are made of.

    fixes: one for each fault case resolved in the period, the earliest first.
    """

    since: date
    until: date
    visit_count: int
    no_access_count: int
    fixes: tuple[Fix, ...]
    resolving: Resolving
    sessions: tuple[Session, ...]

    @property
    def first_time_count(self) -> int:
        """Return how many of the resolved cases were fixed the first time."""
        return sum(fix.is_first_time for fix in self.fixes)

    @property
    def provisional(self) -> tuple[Fix, ...]:
        """Return the cases counted as fixed whose window is still open, the first to end first."""
        found = [fix for fix in self.fixes if fix.provisional_until]
        return tuple(sorted(found, key=lambda fix: fix.provisional_until or date.max))

    @property
    def session_minutes(self) -> int:
        """Return the minutes of all sessions."""
        return sum(held.minutes for held in self.sessions)

    @property
    def attendee_minutes(self) -> int:
        """Return the minutes of all people in all sessions."""
        return sum(held.attendee_minutes for held in self.sessions)


def figures(user: User, since: date, until: date, today: date) -> MonthFigures:
    """Return the figures of the days from since to until, both included, in the office's time zone."""
    zone = reports.office_zone(user)
    start = datetime.combine(since, time.min, zone)
    end = datetime.combine(until + timedelta(days=1), time.min, zone)
    rows = _counted(user).filter(started_at__gte=start, started_at__lt=end)
    cases = _fault_cases(user, start - REPEAT_WINDOW, end + REPEAT_WINDOW)
    resolved = sorted(
        (c for c in cases if c.resolved_at and start <= c.resolved_at < end),
        key=lambda c: (c.resolved_at or end, c.id),
    )
    return MonthFigures(
        since=since,
        until=until,
        visit_count=rows.count(),
        no_access_count=rows.filter(outcome=Outcome.NO_ACCESS).count(),
        fixes=fixes(resolved, cases, today),
        resolving=resolving(resolved, zone),
        sessions=tuple(_sessions(user, rows.filter(kinds__contains=" training "), zone)),
    )


def _counted(user: User) -> QuerySet[VisitRow]:
    arrived = VisitRow.objects.filter(org_id=user.org_id, work_state__in=ARRIVED)
    return arrived.exclude(review_state=ReviewState.VOID)


def _fault_cases(user: User, start: datetime, end: datetime) -> list[FaultCase]:
    """Return the fault cases that some visit between two moments belongs to, with all their visits."""
    near = _counted(user).filter(started_at__gte=start, started_at__lt=end)
    worked_on = near.filter(kinds__contains=" troubleshooting ").values("id")
    named = Row.objects.filter(org_id=user.org_id, entity="visit", entity_id__in=worked_on)
    case_of = {held: str(case or "") for held, case in named.values_list("entity_id", "state__case_id")}
    wanted = {case for case in case_of.values() if case}
    if wanted:
        others = Row.objects.filter(org_id=user.org_id, entity="visit", state__case_id__in=sorted(wanted))
        case_of |= {held: str(case) for held, case in others.values_list("entity_id", "state__case_id")}
    declared = {
        held.id: held
        for held in bundles.decoded(
            Row.objects.filter(
                org_id=user.org_id, entity="case", entity_id__in=[w for w in wanted if bundles.as_uuid(w)]
            )
        )
        if isinstance(held, Case)
    }
    faults = _faults(user, case_of)
    grouped: dict[str, list[VisitRow]] = {}
    for row in _counted(user).filter(id__in=list(case_of)).order_by("started_at", "id"):
        grouped.setdefault(case_of[row.id] or str(row.id), []).append(row)
    found = []
    for key, rows in grouped.items():
        case = declared.get(key)
        if case is None or case.kind is CaseKind.INCIDENT:
            found.append(_fault_case(key, case, rows, [faults[r.id] for r in rows if r.id in faults]))
    return found


def _faults(user: User, visit_ids: Iterable[UUID]) -> dict[UUID, Troubleshooting]:
    """Return the first fault of each visit."""
    rows = Row.objects.filter(
        org_id=user.org_id, visit_id__in=list(visit_ids), entity="troubleshooting", deleted=False
    )
    found: dict[UUID, Troubleshooting] = {}
    for held in sorted(bundles.decoded(rows), key=lambda r: r.id):
        if isinstance(held, Troubleshooting):
            found.setdefault(UUID(held.visit_id), held)
    return found


def _fault_case(
    key: str, case: Case | None, rows: list[VisitRow], faults: list[Troubleshooting]
) -> FaultCase:
    last = rows[-1]
    is_done = last.outcome == Outcome.RESOLVED and not _is_reopened(case, last)
    fallback = (last.ended_at or last.started_at) if is_done else None
    asset = (case.asset_id if case else "") or next((f.asset_id for f in faults if f.asset_id), "")
    category = (case.category if case else "") or next((f.symptom_code.value for f in faults), "")
    return FaultCase(
        id=key,
        asset_id=asset or (str(last.asset_id) if last.asset_id else ""),
        category=category.casefold(),
        reported_at=case.reported_at if case else None,
        resolved_at=(case.resolved_at if case else None) or fallback,
        visits=tuple(
            Attempt(
                visit_id=str(row.id),
                number=row.number,
                started_at=row.started_at,
                ended_at=row.ended_at,
                outcome=row.outcome,
            )
            for row in rows
        ),
    )


def _is_reopened(case: Case | None, last: VisitRow) -> bool:
    """Return whether the office opened a case again after its last visit."""
    return case is not None and case.state not in ENDED and outranks(case, last.ended_at or last.started_at)


def _sessions(user: User, rows: QuerySet[VisitRow], zone: ZoneInfo) -> list[Session]:
    visits = {row.id: row for row in rows}
    held = Row.objects.filter(org_id=user.org_id, visit_id__in=list(visits), entity="training", deleted=False)
    found = []
    for training in bundles.decoded(held):
        if not isinstance(training, Training):
            continue
        row = visits[UUID(training.visit_id)]
        minutes = training.minutes or row.minutes
        gain = gain_of(replace(training, minutes=minutes))
        found.append(
            Session(
                visit_id=training.visit_id,
                number=row.number,
                title=training.title,
                on=row.started_at.astimezone(zone).date(),
                minutes=minutes,
                people=gain.present if training.attendance else 1,
                attendee_minutes=gain.attendee_minutes if training.attendance else minutes,
            )
        )
    return sorted(found, key=lambda s: (s.on, s.visit_id))
