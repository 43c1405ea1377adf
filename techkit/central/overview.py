"""The overview of a period: visits by day and kind, ratings, promises, the rules that were raised most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Q

from techkit.central import bundles, reports, visit_list
from techkit.central.models import Record as Row
from techkit.central.models import (
    User,
    VisitRow,
)
from techkit.i18n import N_
from techkit.records.success import FollowUp
from techkit.records.visit import Outcome


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The overview: every figure with the number it is a share of and the address of its rows.

    days: (day, {group of kinds: visits}) of the period, every day present.
    """

    since: date
    until: date
    visit_count: int
    no_access_count: int
    waiting_count: int
    oldest_waiting_at: datetime | None
    asked_count: int
    rated_count: int
    content_count: int
    overdue_count: int
    due_today_count: int
    oldest_overdue: FollowUp | None
    days: tuple[tuple[date, dict[str, int]], ...]
    rules: tuple[tuple[str, int], ...]


#: Kinds of work drawn as one colour; a visit counts once, for the first of its kinds found here.
GROUPS: dict[str, tuple[str, ...]] = {
    "fault": ("troubleshooting",),
    "change": ("install", "upgrade", "maintenance", "data_care"),
    "learn": ("training", "information_lookup"),
    "plan": ("needs_analysis", "purchase_assistance", "supply_use"),
}
GROUP_LABELS = {
    "fault": N_("Troubleshooting"),
    "change": N_("Installation, upgrade, care"),
    "learn": N_("Training, information"),
    "plan": N_("Needs, purchase, supplies"),
    "": N_("No entry"),
}


def figures(user: User, since: date, until: date) -> Figures:
    """Return the overview of a period of days, both included, in the office's time zone."""
    zone = reports.office_zone(user)
    rows = VisitRow.objects.filter(
        org_id=user.org_id,
        started_at__gte=datetime.combine(since, time.min, zone),
        started_at__lt=datetime.combine(until + timedelta(days=1), time.min, zone),
    )
    days: dict[date, dict[str, int]] = {
        since + timedelta(days=n): {} for n in range((until - since).days + 1)
    }
    counted: dict[str, int] = {}
    for row in rows.values("started_at", "kinds", "flag_rules"):
        day = days[row["started_at"].astimezone(zone).date()]
        group = _group(row["kinds"])
        day[group] = day.get(group, 0) + 1
        for rule in row["flag_rules"].split():
            counted[rule] = counted.get(rule, 0) + 1
    rated = rows.filter(rating__gte=1).aggregate(n=Count("id"), content=Count("id", filter=Q(rating__gte=4)))
    today = datetime.now(zone).date()
    due = promises(user)
    overdue = [promise for promise in due if promise.due_on and promise.due_on < today]
    return Figures(
        since=since,
        until=until,
        visit_count=rows.count(),
        no_access_count=rows.filter(outcome=Outcome.NO_ACCESS).count(),
        waiting_count=visit_list.waiting_count(user),
        oldest_waiting_at=visit_list.oldest_waiting(user),
        asked_count=VisitRow.objects.filter(org_id=user.org_id, open_query_count__gt=0).count(),
        rated_count=rated["n"],
        content_count=rated["content"],
        overdue_count=len(overdue),
        due_today_count=sum(promise.due_on == today for promise in due),
        oldest_overdue=min(overdue, key=lambda p: p.due_on or today, default=None),
        days=tuple(sorted(days.items())),
        rules=tuple(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:8]),
    )


def _group(kinds: str) -> str:
    found = kinds.split()
    return next((name for name, members in GROUPS.items() if any(kind in members for kind in found)), "")


def promises(user: User) -> list[FollowUp]:
    """Return the open follow-ups that are ours, the earliest due first; those without a date last."""
    rows = Row.objects.filter(org_id=user.org_id, entity="follow_up", deleted=False)
    held = [f for f in bundles.decoded(rows) if isinstance(f, FollowUp)]
    ours = [f for f in held if f.state == "open" and not f.is_customers_own]
    return sorted(ours, key=lambda f: (f.due_on or date.max, f.id))
