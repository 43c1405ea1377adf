"""Programs that keep the processor busy all the time; beside them who uses disk and network."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, number, quantity
from techkit.probes import usage
from techkit.records.findings import Area, Complaint, Evidence, Explains, Verdict


@level_set
class Levels:
    """When a program holds the processor."""

    watch_percent: float = level(
        50.0,
        unit="percent",
        source="ours (DIAGNOSTICS levels): half a core in every slice of the watch",
        help="more than",
    )


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result per program that holds a core throughout, or one good result naming the busiest."""
    watched = readings.number("usage.watched_seconds")
    if watched is None:
        return
    limit = _("at most {limit} of one core, all the time", limit=quantity(levels.watch_percent, "%"))
    rows = (
        *_rows(readings, levels),
        *_rates(readings, "usage.disk.bytes_per_s", _("Disk")),
        *_rates(readings, "usage.network.bytes_per_s", _("Network")),
    )
    held = {
        name: readings.number("usage.processor.lowest_percent_of_core", name) or 0.0
        for name in readings.subjects("usage.processor.lowest_percent_of_core")
    }
    busy = sorted((n for n, lowest in held.items() if lowest > levels.watch_percent), key=lambda n: -held[n])
    for name in busy:
        mean = readings.number("usage.processor.percent_of_core", name) or held[name]
        share = quantity(mean, "%")
        yield Result(
            verdict=Verdict.WATCH,
            subject=name,
            value=mean,
            unit="percent",
            value_text=share,
            limit_text=limit,
            sentence=_(
                "{name} used {share} of a core for {seconds} s without a pause.",
                name=name,
                share=share,
                seconds=number(watched, 1),
            ),
            customer_sentence=_("The program {name} keeps your computer busy all the time.", name=name),
            advice=_(
                "Ask what {name} is doing; let it finish, or end it and look whether it comes back.",
                name=name,
            ),
            reading_ids=("usage.processor.percent_of_core", "usage.processor.lowest_percent_of_core"),
            evidence=rows,
            higher_is_better=False,
            # Ours: a program's load wanders by this much between two looks.
            tolerance=10.0,
            explains_why=_("{name} uses {share} of a core without a pause.", name=name, share=share),
        )
    if not busy:
        top = max((readings.number(_MEAN, name) or 0.0 for name in readings.subjects(_MEAN)), default=0.0)
        yield Result(
            verdict=Verdict.OK,
            value=top,
            unit="percent",
            value_text=quantity(top, "%"),
            limit_text=limit,
            sentence=_("No program kept the processor busy for {seconds} s.", seconds=number(watched, 1)),
            customer_sentence=_("No program keeps your computer busy all the time."),
            source=readings.source("usage.watched_seconds"),
            reading_ids=(_MEAN,),
            evidence=rows,
            higher_is_better=False,
            tolerance=10.0,
        )


_MEAN = "usage.processor.percent_of_core"


def _rows(readings: Readings, levels: Levels) -> list[Evidence]:
    names = sorted(readings.subjects(_MEAN), key=lambda name: -(readings.number(_MEAN, name) or 0.0))
    return [
        Evidence(
            label=_("Processor: {name}", name=name),
            value=_("{share} of a core", share=quantity(readings.number(_MEAN, name) or 0.0, "%")),
            limit=quantity(levels.watch_percent, "%"),
        )
        for name in names
    ]


def _rates(readings: Readings, id: str, resource: str) -> list[Evidence]:
    names = sorted(readings.subjects(id), key=lambda name: -(readings.number(id, name) or 0.0))
    return [
        Evidence(
            label=_("{resource}: {name}", resource=resource, name=name),
            value=quantity((readings.number(id, name) or 0.0) / 1000, "kB/s"),
        )
        for name in names
    ]


CHECK = Check(
    id="busy_programs",
    title=N_("Busiest programs"),
    area=Area.PROCESSOR,
    why=N_("One program that never rests makes all others wait and the fan loud."),
    probes=(usage.PROGRAMS,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.SLOW: Explanation(
            why=N_("A program keeps the processor busy."),
            why_not=N_("No program keeps the processor busy."),
            watch=Explains.LIKELY,
        )
    },
)
