"""How much of the paging space is used: memory that has been put on a disk."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _
from techkit.probes import memory
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """A full paging space is the last stop before programs are ended."""

    watch_percent: float = level(
        80.0, unit="percent", source="Checkmk mem: swap 80 %; netdata used_swap 80 %"
    )
    floor_bytes: float = level(256 * 2**20, unit="bytes", source="ours: small spaces fill without harm")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result, also where there is no paging space at all."""
    total = readings.number("memory.swap_total_bytes")
    free = readings.number("memory.swap_free_bytes")
    # A Mac makes its paging space as it needs it: most of it is always in use.
    if total is None or readings.text("os.family") == "macos":
        return
    if total == 0:
        yield Result(
            Verdict.OK,
            value=0.0,
            unit="percent",
            value_text=_("none set up"),
            sentence=_("No paging space is set up; none is in use."),
            customer_sentence=_("No memory had to be put on the disk."),
            reading_ids=("memory.swap_total_bytes",),
            higher_is_better=False,
            tolerance=5.0,
            scale_max=100.0,
            limit=levels.watch_percent,
        )
        return
    if free is None or not 0 <= free <= total:
        return
    used = total - free
    percent = 100 * used / total
    good = percent <= levels.watch_percent or used < levels.floor_bytes
    yield Result(
        Verdict.OK if good else Verdict.WATCH,
        value=round(percent, 1),
        unit="percent",
        value_text=quantities.share(percent),
        limit_text=_("watch above {watch}", watch=quantities.share(levels.watch_percent, 0)),
        sentence=_(
            "{used} of {total} paging space in use ({share}).",
            used=quantities.memory(used),
            total=quantities.memory(total),
            share=quantities.share(percent),
        ),
        customer_sentence=_("Little or no memory had to be put on the disk.")
        if good
        else _("Much memory had to be put on the disk, which is slow."),
        advice=""
        if good
        else _("Close programs that are not needed; if it happens often, more memory helps."),
        reading_ids=("memory.swap_free_bytes", "memory.swap_total_bytes"),
        higher_is_better=False,
        tolerance=5.0,
        scale_max=100.0,
        limit=levels.watch_percent,
    )


CHECK = Check(
    id="swap_use",
    title=N_("Paging space in use"),
    area=Area.MEMORY,
    why=N_("Memory put on a disk is a thousand times slower than memory."),
    probes=(memory.USE,),
    levels=Levels(),
    evaluate=evaluate,
    explains={Complaint.SLOW: Explanation(why=N_("Memory that has been put on the disk is slow."))},
)
