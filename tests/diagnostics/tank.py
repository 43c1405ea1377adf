"""A probe and a check of these tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from techkit.diagnostics.check import Check, Explanation, Growth, Readings, Result, level
from techkit.probes.probe import Access, Depth, Probe
from techkit.records.findings import Area, Complaint, Reading, Verdict

AT = datetime(2026, 11, 23, 10, 10, tzinfo=UTC)


def read(access: Access) -> Iterator[Reading]:
    yield Reading(id="tank.fill_percent", value=50.0, unit="percent", source="gauge")


TANK = Probe(id="tank.gauge", title="Tank", read=read, gives=("tank.",))
DEEP_TANK = Probe(id="tank.divers", title="Divers", read=read, gives=("tank_depth.",), depth=Depth.DEEP)


@dataclass(frozen=True)
class Levels:
    """When the tank is low."""

    watch: float = level(20.0, unit="percent", source="ours", help="less than")
    act: float = level(10.0, unit="percent", source="ours", help="less than")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    for name in readings.subjects("tank.fill_percent"):
        fill = readings.number("tank.fill_percent", name)
        if fill is None:
            raise ValueError("not a number")
        verdict = Verdict.ACT if fill < levels.act else Verdict.WATCH if fill < levels.watch else Verdict.OK
        yield Result(
            verdict,
            name,
            fill,
            "percent",
            sentence=f"{fill}",
            customer_sentence="Filled.",
            reading_ids=("tank.fill_percent",),
        )


TANK_FILL = Check(
    id="tank_fill",
    title="Tank",
    area=Area.DEVICES,
    why="An empty tank is no use.",
    probes=(TANK,),
    levels=Levels(),
    needs=("tank.fill_percent",),
    evaluate=evaluate,
    explains={Complaint.SLOW: Explanation(why="It is empty.", why_not="It is full.")},
    growth=(Growth(reading="tank.leaks", at_least=10, by=1),),
)


def fill(value: object, subject: str = "") -> Reading:
    return Reading(id="tank.fill_percent", value=value, unit="percent", subject=subject, source="gauge")
