"""Programs that are installed twice, from two places."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Readings, Result, level, level_set
from techkit.diagnostics.name_lists import Words, judged, names_of
from techkit.i18n import N_, ngettext
from techkit.probes import software
from techkit.records.findings import Area


@level_set
class Levels:
    """The same name from two sources."""

    watch_count: int = level(1, unit="count", source="ours: two copies are updated apart and confuse people")


WORDS = Words(
    good=N_("No program is installed twice."),
    customer_good=N_("Every program is there only once."),
    customer_bad=N_("A program is installed twice, which can be confusing."),
    advice=N_("Keep the copy that is used and remove the other."),
)


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result over the list of programs."""
    names = names_of(readings, "software.duplicates")
    if names is None:
        return
    bad = ngettext(
        "{n} program is installed twice: {names}.",
        "{n} programs are installed twice: {names}.",
        len(names),
        names=quantities.listed(names),
    )
    yield judged(names, levels.watch_count, "software.duplicates", WORDS, bad)


CHECK = Check(
    id="duplicate_programs",
    title=N_("Programs installed twice"),
    area=Area.SOFTWARE,
    why=N_("Of two copies one stays old, and settings end up in the wrong one."),
    probes=(software.PROGRAMS,),
    levels=Levels(),
    evaluate=evaluate,
)
