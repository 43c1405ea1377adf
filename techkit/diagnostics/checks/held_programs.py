"""Programs that somebody keeps from being updated."""

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
    """Packages on hold."""

    watch_count: int = level(1, unit="count", source="ours: what is held gets no security updates either")


WORDS = Words(
    good=N_("No program is kept from being updated."),
    customer_good=N_("All programs may be updated."),
    customer_bad=N_("A program is kept at an old version on purpose."),
    advice=N_("Ask why it is kept, and let it be updated if the reason is gone."),
)


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result where the system can hold packages."""
    names = names_of(readings, "software.held")
    if names is None:
        return
    bad = ngettext(
        "{n} program is kept from being updated: {names}.",
        "{n} programs are kept from being updated: {names}.",
        len(names),
        names=quantities.listed(names),
    )
    yield judged(names, levels.watch_count, "software.held", WORDS, bad)


CHECK = Check(
    id="held_programs",
    title=N_("Programs kept from updates"),
    area=Area.SOFTWARE,
    why=N_("A program that is kept at its version misses the security updates, too."),
    probes=(software.PROGRAMS,),
    levels=Levels(),
    evaluate=evaluate,
)
