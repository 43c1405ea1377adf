"""Programs the system had to end because memory ran out."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, ngettext, number
from techkit.probes import clock, memory
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """A program ended by the system is work somebody lost."""

    watch_count: int = level(1, unit="count", source="netdata oom_kill")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result where the kernel counts such ends."""
    count = readings.number("memory.killed_for_memory")
    if count is None:
        return
    uptime = readings.number("os.uptime_s")
    since = _("since the start") if uptime is None else _("in {time}", time=quantities.duration(uptime))
    good = count < levels.watch_count
    yield Result(
        Verdict.OK if good else Verdict.WATCH,
        value=int(count),
        unit="count",
        value_text=number(count),
        limit_text=_("watch from {watch}", watch=number(levels.watch_count)),
        sentence=_("No program was ended for lack of memory {since}.", since=since)
        if good
        else ngettext(
            "{n} program was ended for lack of memory {since}.",
            "{n} programs were ended for lack of memory {since}.",
            int(count),
            since=since,
        ),
        customer_sentence=_("No program had to be closed for lack of memory.")
        if good
        else _("The computer had to close programs by itself because memory ran out."),
        advice="" if good else _("Find the program that takes so much memory, or add memory."),
        reading_ids=("memory.killed_for_memory",),
        higher_is_better=False,
    )


CHECK = Check(
    id="ended_for_memory",
    title=N_("Programs ended for lack of memory"),
    area=Area.MEMORY,
    why=N_("A program that the system ends takes unsaved work with it."),
    probes=(memory.USE,),
    also=(clock.CLOCK,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.CRASHES: Explanation(
            why=N_("Programs were ended because memory ran out."),
            why_not=N_("No program was ended for lack of memory."),
        )
    },
)
