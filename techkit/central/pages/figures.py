"""Figures of a month: each with its n, its definition, and the rows it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from techkit import i18n
from techkit.central import figures, reports
from techkit.central.accounts import Right
from techkit.central.doors import person
from techkit.central.figures import MonthFigures
from techkit.central.pages.frame import needs, show
from techkit.central.pages.marks import Mark
from techkit.central.pages.moments import moment
from techkit.central.pages.visit_money import month_words
from techkit.i18n import _, ngettext
from techkit.records.figures import REPEAT_WINDOW, Fix, as_hours, share


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure: its value, the numbers it is a share of, how it is defined, where its rows are."""

    label: str
    value: str
    note: str
    meaning: str
    icon: str
    address: str


@require_GET
@needs(Right.READ)
def month(request: HttpRequest) -> HttpResponse:
    """Show the figures of this month, or of the month the address names."""
    user = person(request)
    zone = reports.office_zone(user)
    today = reports.now().astimezone(zone).date()
    first = _first_day(request.GET.get("month", ""), today)
    last = _next_month(first) - timedelta(days=1)
    found = figures.figures(user, first, last, today)
    later = _next_month(first)
    values = {
        "month": month_words(_month(first)),
        "earlier": f"/figures?month={_month(first - timedelta(days=1))}",
        "later": f"/figures?month={_month(later)}" if later <= today else "",
        "figures": _figures(found),
        "cases": [_case(fix, zone) for fix in found.fixes],
        "sessions": [
            {
                "address": f"/visits/{held.visit_id}?view=all",
                "number": held.number or _("Visit"),
                "day": i18n.day(held.on, style="medium"),
                "title": held.title,
                "hours": i18n.minutes(held.minutes),
                "people": i18n.number(held.people),
                "attendee_hours": i18n.minutes(held.attendee_minutes),
            }
            for held in found.sessions
        ],
    }
    return show("figures.html", request, "figures", values)


def _first_day(text: str, today: date) -> date:
    return reports.as_day(f"{text}-01") or today.replace(day=1)


def _next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def _month(day: date) -> str:
    return day.isoformat()[:7]


def _figures(found: MonthFigures) -> list[Figure]:
    return [*_visit_figures(found), *_case_figures(found), *_training_figures(found)]


def _visit_figures(found: MonthFigures) -> list[Figure]:
    period = f"from={found.since.isoformat()}&to={found.until.isoformat()}"
    absent = share(found.no_access_count, found.visit_count)
    return [
        Figure(
            label=_("Visits"),
            value=i18n.number(found.visit_count),
            note="",
            meaning=_("submitted, begun in this month, not void"),
            icon="clipboard-text",
            address=f"/visits?view=all&{period}",
        ),
        Figure(
            label=_("No access"),
            value=i18n.number(found.no_access_count),
            note=_of(found.no_access_count, found.visit_count, absent),
            meaning=_("visits that ended at a closed door"),
            icon="door-open",
            address=f"/visits?view=all&outcome=no_access&{period}",
        ),
    ]


def _case_figures(found: MonthFigures) -> list[Figure]:
    resolved, first_time = len(found.fixes), found.first_time_count
    fixed = share(first_time, resolved)
    return [
        Figure(
            label=_("Fault cases resolved"),
            value=i18n.number(resolved),
            note="",
            meaning=_("resolved in this month; visits of one case count once"),
            icon="wrench",
            address="#cases",
        ),
        Figure(
            label=_("First-time fix"),
            value=i18n.percent(fixed) if fixed is not None else "–",
            note=_of(first_time, resolved, None) + _provisional_words(found),
            meaning=_(
                "one attempt, and not the same kind of fault on the same computer within {n} days",
                n=REPEAT_WINDOW.days,
            ),
            icon="target",
            address="#cases",
        ),
        Figure(
            label=_("Time to resolve, mean"),
            value=_hours(found.resolving.mean_h),
            note=_in_business_hours(found.resolving.mean_business_h),
            meaning=_n_words(found),
            icon="clock-countdown",
            address="#cases",
        ),
        Figure(
            label=_("Time to resolve, median"),
            value=_hours(found.resolving.median_h),
            note=_in_business_hours(found.resolving.median_business_h),
            meaning=_n_words(found),
            icon="clock-countdown",
            address="#cases",
        ),
    ]


def _training_figures(found: MonthFigures) -> list[Figure]:
    return [
        Figure(
            label=_("Training hours"),
            value=_amount_of_hours(found.session_minutes),
            note=ngettext("1 session", "{n} sessions", len(found.sessions)),
            meaning=_("time of the sessions"),
            icon="chalkboard-teacher",
            address="#training",
        ),
        Figure(
            label=_("Attendee hours"),
            value=_amount_of_hours(found.attendee_minutes),
            note="",
            meaning=_("time of each session times the people who were there"),
            icon="users",
            address="#training",
        ),
    ]


def _of(part: int, whole: int, portion: Decimal | None) -> str:
    words = _("{n} of {all}", n=i18n.number(part), all=i18n.number(whole))
    return words if portion is None else f"{words} · {i18n.percent(portion)}"


def _provisional_words(found: MonthFigures) -> str:
    if not found.provisional:
        return ""
    last = found.provisional[-1].provisional_until
    words = ngettext("1 provisional", "{n} provisional", len(found.provisional))
    return " · " + (
        _("{words} until {day}", words=words, day=i18n.day(last, style="medium")) if last else words
    )


def _n_words(found: MonthFigures) -> str:
    return _("from report to resolution") + " · " + ngettext("1 case", "{n} cases", found.resolving.n)


def _hours(value: Decimal | None) -> str:
    return i18n.quantity(value, "h", 1) if value is not None else "–"


def _in_business_hours(value: Decimal | None) -> str:
    return _("{time} of business hours", time=_hours(value)) if value is not None else ""


def _amount_of_hours(minutes: int) -> str:
    return f"{i18n.exact(as_hours(minutes))}{i18n.NO_BREAK_SPACE}h"


def _case(fix: Fix, zone: ZoneInfo) -> dict[str, object]:
    """Return a resolved case in words: its visits, how long it took, whether it counts as fixed at once."""
    case = fix.case
    took = ""
    if case.reported_at and case.resolved_at:
        seconds = (case.resolved_at - case.reported_at).total_seconds()
        took = _hours(Decimal(str(seconds)) / 3600)
    return {
        "visits": [(v.number or _("Visit"), f"/visits/{v.visit_id}?view=all") for v in case.visits],
        "reported": moment(case.reported_at, zone) if case.reported_at else _("not noted"),
        "resolved": moment(case.resolved_at, zone) if case.resolved_at else "",
        "took": took,
        "attempts": i18n.number(len(case.attempts)),
        "mark": _mark(fix),
    }


def _mark(fix: Fix) -> Mark:
    if fix.provisional_until is not None:
        day = i18n.day(fix.provisional_until, style="medium")
        return Mark(look="info", icon="clock", words=_("Yes, provisional until {day}", day=day))
    if fix.is_first_time:
        return Mark(look="ok", icon="check-circle", words=_("Yes"))
    if fix.came_back is not None:
        number = fix.came_back.visits[0].number if fix.came_back.visits else ""
        return Mark(
            look="bad", icon="arrow-counter-clockwise", words=_("No: came back, {visit}", visit=number)
        )
    attempts = ngettext("1 attempt", "{n} attempts", len(fix.case.attempts))
    return Mark(look="watch", icon="warning", words=_("No: {attempts}", attempts=attempts))
