"""Programs whose installation was never finished."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level
from techkit.i18n import N_, _, ngettext
from techkit.probes import software
from techkit.records.findings import Area, Complaint, Verdict


@dataclass(frozen=True)
class Levels:
    """Half-installed programs."""

    watch_count: int = level(1, unit="count", source="dpkg(1): half-installed, half-configured, unpacked")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result where the system keeps the state of its installations."""
    reading = readings.get("software.broken")
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
        sentence=_("All installations are complete.")
        if good
        else ngettext(
            "{n} installation is not complete: {names}.",
            "{n} installations are not complete: {names}.",
            len(names),
            names=quantities.listed(names),
        ),
        customer_sentence=_("All programs are installed completely.")
        if good
        else _("The installation of a program was interrupted."),
        advice="" if good else _("Finish or repair the installation; until then updates may not go on."),
        reading_ids=("software.broken",),
        higher_is_better=False,
    )


CHECK = Check(
    id="broken_installs",
    title=N_("Broken installations"),
    area=Area.SOFTWARE,
    why=N_("An installation that stopped half way also stops all later updates."),
    probes=(software.PROGRAMS,),
    levels=Levels(),
    evaluate=evaluate,
    explains={Complaint.CRASHES: Explanation(why=N_("A program that is only half installed stops."))},
)
