"""Readings of a computer over its visits: what grows or shrinks, how fast, and when a limit is reached. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from techkit import i18n
from techkit.i18n import N_, _
from techkit.records.assets import DiagnosticRun
from techkit.records.charges import visit_day
from techkit.records.findings import as_number
from techkit.records.visit import Visit

#: Days of a month, for "a month" in sentences: 365.25 / 12.
_MONTH_DAYS = 30.44

#: Points closer together than this say nothing about growth.
MIN_SPAN_DAYS = 14

#: A limit further away is not worth a sentence.
MOST_AHEAD_DAYS = 5 * 366


@dataclass(frozen=True, kw_only=True)
class Trend:
    """One reading of one thing over the visits, oldest point first.

    unit: as a person reads it. per_month: change a month, None while the points say nothing about it.
    limit: where it becomes bad, on the side higher_is_worse tells. reached_on: when the limit is reached if it
    goes on like this. sentence: all of that in words.
    """

    key: str
    label: str
    unit: str
    points: tuple[tuple[date, float], ...]
    higher_is_worse: bool
    limit: float | None = None
    per_month: float | None = None
    reached_on: date | None = None
    sentence: str = ""

    def said(self, value: float) -> str:
        """Return one of its values with its unit."""
        return _amount(value, self.unit, _digits(value))

    @property
    def is_worse(self) -> bool:
        """Return whether the newest point is beyond the limit, or on its way there within a year."""
        newest_on, newest = self.points[-1]
        if self.limit is not None and (newest > self.limit if self.higher_is_worse else newest < self.limit):
            return True
        return self.reached_on is not None and self.reached_on <= newest_on + timedelta(days=365)


@dataclass(frozen=True)
class _Series:
    label: str
    unit: str
    higher_is_worse: bool
    limit: float | None
    values: Callable[[DiagnosticRun], Mapping[str, float]]


def _plain(reading_id: str) -> Callable[[DiagnosticRun], Mapping[str, float]]:
    return lambda run: {subject: value for (id, subject), value in _numbers(run).items() if id == reading_id}


def _numbers(run: DiagnosticRun) -> dict[tuple[str, str], float]:
    """Return the readings that are numbers, by id and subject."""
    found = (((r.id, r.subject), as_number(r.value)) for r in run.readings)
    return {key: value for key, value in found if value is not None}


def _free_share(run: DiagnosticRun) -> Mapping[str, float]:
    """Return the free space of each volume as percent of it."""
    held = _numbers(run)
    found = {}
    for (name, volume), free in held.items():
        total = held.get(("storage.volume.total_bytes", volume), 0.0)
        if name == "storage.volume.free_bytes" and total > 0:
            found[volume] = free * 100 / total
    return found


#: Limits are those of the checks. Source: diagnostics/checks/disk_health.py, battery_wear.py, start_up_time.py,
#: disk_space.py; each names its own source.
_SERIES: Mapping[str, _Series] = {
    "wear": _Series(N_("Disk wear"), "%", True, 90.0, _plain("storage.smart.used_percent")),
    "reallocated": _Series(N_("Blocks replaced by spare ones"), "", True, None, _plain("storage.smart.reallocated")),
    "free": _Series(N_("Free space"), "%", False, 20.0, _free_share),
    "battery": _Series(N_("Battery, of its capacity when new"), "%", False, 80.0, _plain("power.battery.health_percent")),
    "start": _Series(N_("Time the start takes"), "s", True, 60.0, _plain("os.start_up_s")),
}  # fmt: skip


def trends(runs: Iterable[DiagnosticRun], visits: Mapping[str, Visit]) -> tuple[Trend, ...]:
    """Return what was read at two visits or more, in the order above; one point a visit, the last of its runs."""
    points: dict[tuple[str, str], dict[date, float]] = {}
    for run in sorted((r for r in runs if r.started_at), key=lambda r: (r.started_at, r.id)):
        visit = visits.get(run.visit_id)
        day = (visit_day(visit) if visit is not None else None) or (
            run.started_at.date() if run.started_at else None
        )
        if day is None:
            continue
        for name, series in _SERIES.items():
            for subject, value in series.values(run).items():
                points.setdefault((name, subject), {})[day] = value
    order = list(_SERIES)
    keys = sorted(
        (key for key, held in points.items() if len(held) > 1), key=lambda k: (order.index(k[0]), k[1])
    )
    return tuple(_trend(name, subject, points[name, subject]) for name, subject in keys)


def _trend(name: str, subject: str, held: Mapping[date, float]) -> Trend:
    series = _SERIES[name]
    points = tuple(sorted(held.items()))
    (first_on, first), (last_on, last) = points[0], points[-1]
    days = (last_on - first_on).days
    per_month = (last - first) * _MONTH_DAYS / days if days >= MIN_SPAN_DAYS else None
    reached_on = _reached(series, last_on, last, per_month)
    label = (
        _(series.label) if not subject else _("{what}, {subject}", what=_(series.label), subject=subject[:60])
    )
    return Trend(
        key=f"{name}:{subject}",
        label=label,
        unit=series.unit,
        points=points,
        higher_is_worse=series.higher_is_worse,
        limit=series.limit,
        per_month=per_month,
        reached_on=reached_on,
        sentence=_sentence(series, last, per_month, reached_on),
    )


def _reached(series: _Series, last_on: date, last: float, per_month: float | None) -> date | None:
    if series.limit is None or not per_month or (per_month > 0) is not series.higher_is_worse:
        return None
    days = (series.limit - last) / per_month * _MONTH_DAYS
    return last_on + timedelta(days=round(days)) if 0 < days <= MOST_AHEAD_DAYS else None


def _sentence(series: _Series, last: float, per_month: float | None, reached_on: date | None) -> str:
    now = _amount(last, series.unit, _digits(last))
    if per_month is None:
        return _("{value} at the last visit.", value=now)
    if abs(per_month) < 0.05:
        return _("{value} at the last visit, the same as before.", value=now)
    change = _amount(abs(per_month), series.unit, 1)
    if per_month > 0:
        said = _("{value} at the last visit, {change} more a month.", value=now, change=change)
    else:
        said = _("{value} at the last visit, {change} less a month.", value=now, change=change)
    if reached_on is None or series.limit is None:
        return said
    limit = _amount(series.limit, series.unit)
    ahead = _(
        "At this pace {limit} is reached around {day}.", limit=limit, day=i18n.day(reached_on, style="medium")
    )
    return f"{said} {ahead}"


def _amount(value: float, unit: str, digits: int = 0) -> str:
    """Return a value with its unit; a count has none."""
    return i18n.quantity(value, unit, digits) if unit else i18n.number(value, digits)


def _digits(value: float) -> int:
    return 0 if value == int(value) or abs(value) >= 100 else 1
