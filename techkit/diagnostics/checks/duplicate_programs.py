"""Programs that are installed twice, from two places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Readings, Result, level
from techkit.i18n import N_, _, ngettext
from techkit.probes import software
from techkit.records.findings import Area, Verdict


@dataclass(frozen=True)
class Levels:
    """The same name from two sources."""

    watch_count: int = level(1, unit="count", source="ours: two copies are updated apart and confuse people")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result over the list of programs."""
    reading = readings.get("software.duplicates")
    if reading is None or not isinstance(reading.value, list):
        return
    names = [str(name) for name in reading.value]
    good = len(names) < levels.watch_count
    yield Result(
        Verdict.OK if good else Verdict.WATCH,
        value=len(names),
        unit="count",
        value_text=_("none") if good else quantities.listed(names, 2),
        limit_text=_("watch from {watch}", watch=levels.watch_count),
        sentence=_("No program is installed twice.")
        if good
        else ngettext(
            "{n} program is installed twice: {names}.",
            "{n} programs are installed twice: {names}.",
            len(names),
            names=quantities.listed(names),
        ),
        customer_sentence=_("Every program is there only once.")
        if good
        else _("A program is installed twice, which can be confusing."),
        advice="" if good else _("Keep the copy that is used and remove the other."),
        reading_ids=("software.duplicates",),
        higher_is_better=False,
    )


CHECK = Check(
    id="duplicate_programs",
    title=N_("Programs installed twice"),
    area=Area.SOFTWARE,
    why=N_("Of two copies one stays old, and settings end up in the wrong one."),
    probes=(software.PROGRAMS,),
    levels=Levels(),
    evaluate=evaluate,
)
