"""Programs that hold a large part of the memory."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, quantity
from techkit.probes import usage
from techkit.records.findings import Area, Complaint, Evidence, Explains, Verdict


@level_set
class Levels:
    """When a program holds too much."""

    watch_percent: float = level(
        30.0, unit="percent", source="ours (DIAGNOSTICS levels)", help="more than, throughout the watch"
    )


_HELD = "usage.memory.resident_bytes"
_LOWEST = "usage.memory.lowest_percent"


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result per program over the limit, or one good result naming the largest."""
    names = sorted(readings.subjects(_HELD), key=lambda name: -(readings.number(_HELD, name) or 0.0))
    if not names:
        return
    limit = _("at most {limit} of the memory", limit=quantity(levels.watch_percent, "%"))
    rows = tuple(
        Evidence(
            label=name,
            value=_megabytes(readings, name),
            limit=quantity(levels.watch_percent, "%"),
        )
        for name in names
    )
    over = [name for name in names if (readings.number(_LOWEST, name) or 0.0) > levels.watch_percent]
    for name in over or names[:1]:
        share = readings.number(_LOWEST, name) or 0.0
        is_over, size = bool(over), _megabytes(readings, name)
        yield Result(
            verdict=Verdict.WATCH if is_over else Verdict.OK,
            subject=name if is_over else "",
            value=share,
            unit="percent",
            value_text=quantity(share, "%"),
            limit_text=limit,
            sentence=_(
                "{name} holds {size}, {share} of the memory.",
                name=name,
                size=size,
                share=quantity(share, "%"),
            )
            if is_over
            else _(
                "No program holds too much memory; the largest is {name} with {size}.", name=name, size=size
            ),
            customer_sentence=_("The program {name} takes a large part of your computer’s memory.", name=name)
            if is_over
            else _("No program takes too much of your computer’s memory."),
            advice=_("Close {name} when it is not needed; look whether it grows again.", name=name)
            if is_over
            else "",
            source=readings.source(_HELD, name),
            reading_ids=(_HELD, _LOWEST),
            evidence=rows,
            higher_is_better=False,
            # Ours: what a program holds wanders by this much.
            tolerance=5.0,
            explains_why=_("{name} holds {share} of the memory.", name=name, share=quantity(share, "%"))
            if is_over
            else "",
        )


def _megabytes(readings: Readings, name: str) -> str:
    return quantity((readings.number(_HELD, name) or 0.0) / 1_000_000, "MB")


CHECK = Check(
    id="memory_programs",
    title=N_("Programs that fill the memory"),
    area=Area.MEMORY,
    why=N_("When one program takes the memory, the others are moved to the slow disk."),
    probes=(usage.PROGRAMS,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.SLOW: Explanation(
            why=N_("A program holds a large part of the memory."),
            why_not=N_("No program holds a large part of the memory."),
            watch=Explains.POSSIBLE,
        )
    },
)
