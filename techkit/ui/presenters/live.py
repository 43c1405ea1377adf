"""What uses the computer while a check goes on: four small charts and the busiest programs."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from techkit import i18n
from techkit.i18n import N_, _
from techkit.records.findings import Reading

#: Most points a chart keeps: 60 s at two a second. Source: the design, chapter 11.
MOST_POINTS = 121

#: Fewer points than this are spread over the width all the same, so that a chart does not begin as one dot. Ours.
LEAST_SPAN = 21


@dataclass(frozen=True, kw_only=True)
class LiveChart:
    """One chart: title and newest value in words, one or two series from the oldest to the newest, what they are.

    span: points across the whole width. high: what the scale goes up to, in the series' unit.
    """

    key: str
    title: str
    value: str
    unit: str
    line: str
    series: tuple[tuple[float, ...], ...]
    span: int
    high: float


def _percent(value: float) -> float:
    return value


def _megabytes(value: float) -> float:
    return value / 1e6


def _megabits(value: float) -> float:
    return value * 8 / 1e6


@dataclass(frozen=True)
class _Kind:
    """A chart as declared: its readings, how they become the shown unit, digits behind the point."""

    key: str
    title: str
    ids: tuple[str, ...]
    unit: str
    shown: Callable[[float], float]
    high: float
    digits: int
    line: str


_KINDS = (
    _Kind(
        "processor",
        N_("Processor"),
        ("usage.now.processor_percent",),
        "%",
        _percent,
        100.0,
        0,
        N_("All cores together"),
    ),
    _Kind(
        "memory",
        N_("Memory"),
        ("usage.now.memory_percent",),
        "%",
        _percent,
        100.0,
        0,
        N_("Used by programs, without the cache"),
    ),
    _Kind(
        "disk",
        N_("Disk"),
        ("usage.now.disk_read_bytes_per_s", "usage.now.disk_written_bytes_per_s"),
        "MB/s",
        _megabytes,
        1.0,
        1,
        N_("Solid: read · dashed: written"),
    ),
    _Kind(
        "network",
        N_("Network"),
        ("usage.now.network_received_bytes_per_s", "usage.now.network_sent_bytes_per_s"),
        "Mbit/s",
        _megabits,
        1.0,
        1,
        N_("Solid: received · dashed: sent"),
    ),
)

_OWN = "usage.now.own_processor_percent"


def nice(value: float) -> float:
    """Return the next 1, 2 or 5 times a power of ten, e.g. 129 -> 200, for a scale that is easy to read."""
    power = 10.0 ** math.floor(math.log10(value)) if value > 0 else 1.0
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= value * (1 - 1e-9))


class LiveUse:
    """Gathers what a run hears. watched_s: how long it will watch, for the charts' width."""

    def __init__(self, watched_s: float) -> None:
        self._span = max(LEAST_SPAN, min(MOST_POINTS, round(watched_s * 2) + 1))
        self._points: dict[str, deque[float]] = {}
        self._own_percent: float | None = None
        self.programs: tuple[Reading, ...] = ()

    def hear(self, readings: Sequence[Reading]) -> None:
        """Take in what was seen just now."""
        programs = tuple(reading for reading in readings if reading.subject)
        if programs:
            self.programs = programs
        for reading in readings:
            if isinstance(reading.value, bool) or not isinstance(reading.value, (int, float)):
                continue
            if reading.id == _OWN:
                self._own_percent = float(reading.value)
            elif not reading.subject:
                points = self._points.setdefault(reading.id, deque(maxlen=MOST_POINTS))
                points.append(float(reading.value))

    @property
    def charts(self) -> tuple[LiveChart, ...]:
        """The charts of what the system tells, processor first; empty before the first news."""
        return tuple(self._chart(kind) for kind in _KINDS if kind.ids[0] in self._points)

    def _chart(self, kind: _Kind) -> LiveChart:
        series = tuple(tuple(kind.shown(point) for point in self._points.get(id, ())) for id in kind.ids)
        newest = max(points[-1] for points in series if points)
        line = _(kind.line)
        if kind.key == "processor" and self._own_percent is not None:
            line = _("All cores together; {share} by this check", share=i18n.quantity(self._own_percent, "%"))
        return LiveChart(
            key=kind.key,
            title=_(kind.title),
            value=i18n.number(newest, kind.digits),
            unit=i18n.unit_sign(kind.unit),
            line=line,
            series=series,
            span=self._span,
            high=nice(max((kind.high, *(point for points in series for point in points)))),
        )
