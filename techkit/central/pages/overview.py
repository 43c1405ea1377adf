"""The overview: a week's figures, each with its n and the rows behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET

from techkit import i18n
from techkit.central import figures as month_figures
from techkit.central import frequent, reports, visit_list
from techkit.central.accounts import Right
from techkit.central.doors import person
from techkit.central.figures import MonthFigures
from techkit.central.overview import GROUP_LABELS, GROUPS, Figures, figures
from techkit.central.pages.budgets import strained
from techkit.central.pages.devices import device_line
from techkit.central.pages.frame import needs, show
from techkit.central.pages.moments import ago
from techkit.i18n import _, ngettext


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One figure: its value, what it is about, and where its rows are."""

    label: str
    value: str
    note: str
    icon: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One part of a stacked bar, in the chart's own coordinates."""

    x: int
    y: int
    height: int
    style: str
    number: int


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Go to the list; it opens on what needs me."""
    return HttpResponseRedirect("/visits")


#: Budgets shown beside the week; the page of budgets has them all.
_MOST_BUDGETS = 6


#: A week holds too few visits to say what is found often.
_OFTEN_DAYS = 28


@require_GET
@needs(Right.READ)
def overview(request: HttpRequest) -> HttpResponse:
    """Show this week, or the week that the address names by its Monday."""
    user = person(request)
    zone, now = reports.office_zone(user), datetime.now(UTC)
    today = now.astimezone(zone).date()
    asked = reports.as_day(request.GET.get("week", "")) or today
    monday = asked - timedelta(days=asked.weekday())
    found = figures(user, monday, monday + timedelta(days=6))
    often_since = found.until - timedelta(days=_OFTEN_DAYS - 1)
    often, checked = frequent.frequent(user, often_since, found.until)
    values = {
        "often": [
            (
                one.title,
                _("{n} of {all}", n=i18n.number(one.visit_count), all=i18n.number(checked)),
                f"/visits?view=all&finding={one.check}&from={often_since.isoformat()}&to={found.until.isoformat()}",
            )
            for one in often
        ],
        "often_since": i18n.day(often_since, style="medium"),
        "week": _(
            "Week {n}, {start} – {end}",
            n=monday.isocalendar().week,
            start=i18n.day(monday, style="medium"),
            end=i18n.day(found.until, style="medium"),
        ),
        "earlier": f"/overview?week={(monday - timedelta(days=7)).isoformat()}",
        "later": f"/overview?week={(monday + timedelta(days=7)).isoformat()}" if found.until < today else "",
        "tiles": _tiles(found, month_figures.figures(user, found.since, found.until, today), now, zone),
        "bars": _bars(found),
        "days": [
            (i18n.day(day, style="full"), [counts.get(group, 0) for group in (*GROUPS, "")])
            for day, counts in found.days
        ],
        "groups": [
            (style, _(GROUP_LABELS[group]))
            for style, group in _STYLES
            if group or any(counts.get(group) for _day, counts in found.days)
        ],
        "group_labels": [_(GROUP_LABELS[group]) for group in (*GROUPS, "")],
        "rules": [
            (visit_list.rule_label(rule), n, f"/visits?view=all&flag={rule}") for rule, n in found.rules
        ],
        "budgets": strained(user, found.until.year, _MOST_BUDGETS),
        "devices": [device_line(held, now, zone) for held in reports.devices(user, 6)],
    }
    return show("overview.html", request, "overview", values)


def _tiles(found: Figures, cases: MonthFigures, now: datetime, zone: ZoneInfo) -> list[Tile]:
    period = f"from={found.since.isoformat()}&to={found.until.isoformat()}"
    oldest = found.oldest_waiting_at
    overdue = found.oldest_overdue
    return [
        Tile(
            label=_("Visits"),
            value=i18n.number(found.visit_count),
            note=ngettext("1 without access", "{n} without access", found.no_access_count),
            icon="clipboard-text",
            address=f"/visits?view=all&{period}",
        ),
        Tile(
            label=_("Waiting for review"),
            value=i18n.number(found.waiting_count),
            note=_("oldest: {when}", when=ago(oldest, now, zone)) if oldest else _("none"),
            icon="clock",
            address="/visits?view=needs-me",
        ),
        Tile(
            label=_("Questions waiting"),
            value=i18n.number(found.asked_count),
            note=_("for a technician’s answer"),
            icon="chat-circle-text",
            address="/visits?view=asked",
        ),
        Tile(
            label=_("Fixed the first time"),
            value=_("{n} of {all}", n=cases.first_time_count, all=len(cases.fixes)),
            note=_("of the faults solved this week"),
            icon="target",
            address=f"/figures?month={found.since.isoformat()[:7]}",
        ),
        Tile(
            label=_("Customers content"),
            value=_("{n} of {all}", n=found.content_count, all=found.rated_count),
            note=_("answered 4 or 5 of 5"),
            icon="smiley",
            address=f"/visits?view=all&{period}",
        ),
        Tile(
            label=_("Promises overdue"),
            value=i18n.number(found.overdue_count),
            note=_("oldest: {text}", text=overdue.text)
            if overdue
            else ngettext("1 due today", "{n} due today", found.due_today_count),
            icon="flag",
            address="/visits?view=all",
        ),
    ]


#: How the groups of kinds are drawn, from below, visits without an entry on top; the style sheet has a colour for each.
_STYLES = (("s1", "fault"), ("s2", "change"), ("s3", "learn"), ("s4", "plan"), ("s0", ""))

#: The chart's own measures: width of a day, of a bar, and the height of the plot.
_DAY_PX, _BAR_PX, _PLOT_PX = 110, 70, 180


def _bars(found: Figures) -> dict[str, object]:
    """Return the stacked bars of a week in a drawing of 780 by 230."""
    top = max((sum(counts.values()) for _day, counts in found.days), default=0)
    step = max(1, -(-top // 4))
    scale = _PLOT_PX / (4 * step)
    bars, labels = [], []
    for n, (day, counts) in enumerate(found.days):
        y = 200
        x = 40 + n * _DAY_PX
        for style, group in _STYLES:
            held = counts.get(group, 0)
            height = round(held * scale)
            if held:
                y -= height
                bars.append(Bar(x=x, y=y, height=max(height - 2, 1), style=style, number=held))
        labels.append((x + _BAR_PX // 2, _weekday(day.weekday()), sum(counts.values()), y - 6))
    lines = [(200 - round(k * step * scale), k * step) for k in range(5)]
    return {"bars": bars, "labels": labels, "lines": lines}


def _weekday(number: int) -> str:
    from babel.dates import get_day_names

    return str(
        get_day_names("abbreviated", context="format", locale=i18n.current().replace("-", "_"))[number]
    )
