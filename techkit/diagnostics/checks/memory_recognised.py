"""Whether the system uses all the memory that is fitted."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, number
from techkit.probes import memory
from techkit.records.findings import Area, Complaint, Evidence, Verdict


@level_set
class Levels:
    """How much of the fitted memory the system may lack."""

    watch_percent: float = level(
        15.0, unit="percent", source="ours: built-in graphics and firmware take up to 10 %"
    )
    floor_bytes: float = level(2**30, unit="bytes", source="ours: 1 GB is a usual share of built-in graphics")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result where the firmware lists the modules."""
    total = readings.number("memory.total_bytes")
    slots = readings.subjects("memory.module.size_bytes")
    sizes = [size for slot in slots if (size := readings.number("memory.module.size_bytes", slot))]
    installed = readings.number("memory.installed_bytes") or sum(sizes)
    # A virtual machine gets and gives back memory while it runs.
    if not total or not installed or readings.text("system.kind") == "virtual":
        return
    lacking = max(0.0, installed - total)
    share = 100 * lacking / installed
    good = share <= levels.watch_percent or lacking <= levels.floor_bytes
    free_slots = sum(readings.number("memory.module.size_bytes", slot) == 0 for slot in slots)
    yield Result(
        Verdict.OK if good else Verdict.WATCH,
        value=int(total),
        unit="bytes",
        value_text=quantities.memory(installed),
        limit_text=_(
            "watch when more than {share} are missing", share=quantities.share(levels.watch_percent, 0)
        ),
        sentence=_(
            "{total} of {installed} fitted memory can be used.",
            total=quantities.memory(total),
            installed=quantities.memory(installed),
        ),
        customer_sentence=_("The computer uses all of its memory.")
        if good
        else _("The computer does not use all of the memory that is built in."),
        advice=""
        if good
        else _("Seat the modules again, and look whether the system or the firmware sets a limit."),
        evidence=(
            Evidence(label=_("Modules"), value=number(len(sizes))),
            Evidence(label=_("Free slots"), value=number(free_slots)),
        ),
        reading_ids=("memory.total_bytes",),
        higher_is_better=True,
        tolerance=float(2**28),
    )


CHECK = Check(
    id="memory_recognised",
    title=N_("Memory recognised"),
    area=Area.MEMORY,
    why=N_("A module that is loose or not suitable is simply missing."),
    probes=(memory.MODULES,),
    also=(memory.USE,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.SLOW: Explanation(
            why=N_("A part of the memory is not used."), why_not=N_("All of the memory is used.")
        )
    },
)
