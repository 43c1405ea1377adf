"""What checks find often: at how many visits each found something to do or to watch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from techkit.central import bundles, reports
from techkit.central.models import Record as Row
from techkit.central.models import User, VisitRow
from techkit.i18n import _
from techkit.records.assets import DiagnosticRun

#: The newest visits of a period that are counted, and the findings that are named.
MOST_VISITS, MOST_NAMED = 5000, 10


@dataclass(frozen=True, kw_only=True)
class Frequent:
    """One check with the number of visits at which it found something."""

    check: str
    title: str
    visit_count: int


def frequent(user: User, since: date, until: date) -> tuple[tuple[Frequent, ...], int]:
    """Return what was found at visits of a period of days, the most frequent first, and how many visits were checked.

    A visit counts once for a check, however many of its computers or disks it spoke of, also where it was mended.
    """
    zone = reports.office_zone(user)
    rows = VisitRow.objects.filter(
        org_id=user.org_id,
        started_at__gte=datetime.combine(since, time.min, zone),
        started_at__lt=datetime.combine(until + timedelta(days=1), time.min, zone),
    ).exclude(findings={})
    counted: dict[str, int] = {}
    seen_at: dict[str, UUID] = {}
    checked = 0
    for key, checks in rows.order_by("-started_at", "-id").values_list("id", "finding_checks")[:MOST_VISITS]:
        checked += 1
        for check in checks.split():
            counted[check] = counted.get(check, 0) + 1
            seen_at.setdefault(check, key)
    first = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_NAMED]
    named = _titles(user.org_id, {check: seen_at[check] for check, _n in first})
    return tuple(Frequent(check=check, title=named[check], visit_count=n) for check, n in first), checked


def title(user: User, check: str) -> str:
    """Return what a check is called, by the newest visit at which it found something."""
    rows = VisitRow.objects.filter(org_id=user.org_id, finding_checks__contains=f" {check} ")
    newest = rows.order_by("-started_at", "-id").values_list("id", flat=True).first()
    return _titles(user.org_id, {check: newest} if newest else {}).get(check) or _spoken(check)


def _titles(org_id: int, seen_at: Mapping[str, UUID]) -> dict[str, str]:
    """Return what checks are called: the service knows none of them but by what devices sent."""
    found = {check: _spoken(check) for check in seen_at}
    rows = Row.objects.filter(
        org_id=org_id, visit_id__in=set(seen_at.values()), entity="diagnostic_run", deleted=False
    )
    for run in bundles.decoded(rows) if seen_at else ():
        if isinstance(run, DiagnosticRun):
            found |= {f.check: _(f.title)[:80] for f in run.findings if f.check in found and f.title}
    return found


def _spoken(check: str) -> str:
    return check[:60].replace("_", " ").capitalize()
