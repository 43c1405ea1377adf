"""Programs whose installation was never finished."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.diagnostics.name_lists import Words, judged, names_of
from techkit.i18n import N_, ngettext
from techkit.probes import software
from techkit.records.findings import Area, Complaint


@level_set
class Levels:
    """Half-installed programs."""

    watch_count: int = level(1, unit="count", source="dpkg(1): half-installed, half-configured, unpacked")


WORDS = Words(
    good=N_("All installations are complete."),
    customer_good=N_("All programs are installed completely."),
    customer_bad=N_("The installation of a program was interrupted."),
    advice=N_("Finish or repair the installation; until then updates may not go on."),
)


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result where the system keeps the state of its installations."""
    names = names_of(readings, "software.broken")
    if names is None:
        return
    bad = ngettext(
        "{n} installation is not complete: {names}.",
        "{n} installations are not complete: {names}.",
        len(names),
        names=quantities.listed(names),
    )
    yield judged(names, levels.watch_count, "software.broken", WORDS, bad)


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
