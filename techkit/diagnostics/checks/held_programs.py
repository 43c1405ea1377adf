"""Programs that somebody keeps from being updated."""

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
    """Packages on hold."""

    watch_count: int = level(1, unit="count", source="ours: what is held gets no security updates either")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result where the system can hold packages."""
    reading = readings.get("software.held")
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
        sentence=_("No program is kept from being updated.")
        if good
        else ngettext(
            "{n} program is kept from being updated: {names}.",
            "{n} programs are kept from being updated: {names}.",
            len(names),
            names=quantities.listed(names),
        ),
        customer_sentence=_("All programs may be updated.")
        if good
        else _("A program is kept at an old version on purpose."),
        advice="" if good else _("Ask why it is kept, and let it be updated if the reason is gone."),
        reading_ids=("software.held",),
        higher_is_better=False,
    )


CHECK = Check(
    id="held_programs",
    title=N_("Programs kept from updates"),
    area=Area.SOFTWARE,
    why=N_("A program that is kept at its version misses the security updates, too."),
    probes=(software.PROGRAMS,),
    levels=Levels(),
    evaluate=evaluate,
)
