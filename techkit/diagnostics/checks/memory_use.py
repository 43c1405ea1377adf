"""How much of the memory programs have taken."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _
from techkit.probes import memory
from techkit.records.findings import Area, Complaint, Evidence, Verdict


@level_set
class Levels:
    """Memory in use alone is no fault; together with heavy paging it is."""

    watch_percent: float = level(90.0, unit="percent", source="node-mixin NodeMemoryHighUtilization")
    act_pressure_percent: float = level(
        10.0, unit="percent", source="ours: a tenth of all time waited for memory (PSI, 60 s)"
    )


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result: memory in use now, with paging as the second witness."""
    total = readings.number("memory.total_bytes")
    available = readings.number("memory.available_bytes")
    if not total or available is None or not 0 <= available <= total:
        return
    used = total - available
    percent = 100 * used / total
    pressure = readings.number("memory.pressure_percent")
    verdict, customer, advice = Verdict.OK, _("There is enough memory for what is running."), ""
    if percent > levels.watch_percent:
        verdict = Verdict.WATCH
        customer = _("The memory is almost used up by the programs that are open.")
        advice = _("Close programs that are not needed; if it happens often, more memory helps.")
        if pressure is not None and pressure >= levels.act_pressure_percent:
            verdict = Verdict.ACT
            customer = _("The memory is too small for what is open, so the computer waits most of the time.")
    limit = _("watch above {watch}", watch=quantities.share(levels.watch_percent, 0))
    evidence = [
        Evidence(label=_("In use"), value=quantities.memory(used), limit=limit, verdict=verdict),
        Evidence(label=_("Installed"), value=quantities.memory(total)),
    ]
    if pressure is not None:
        evidence.append(Evidence(label=_("Time waited for memory"), value=quantities.share(pressure)))
    yield Result(
        verdict,
        value=round(percent, 1),
        unit="percent",
        value_text=quantities.share(percent),
        limit_text=limit,
        sentence=_(
            "{used} of {total} memory in use ({share}).",
            used=quantities.memory(used),
            total=quantities.memory(total),
            share=quantities.share(percent),
        ),
        customer_sentence=customer,
        advice=advice,
        evidence=tuple(evidence),
        reading_ids=("memory.available_bytes", "memory.total_bytes"),
        higher_is_better=False,
        tolerance=5.0,
        scale_max=100.0,
        limit=levels.watch_percent,
    )


CHECK = Check(
    id="memory_use",
    title=N_("Memory in use"),
    area=Area.MEMORY,
    why=N_("When memory runs out, everything waits for the disk."),
    probes=(memory.USE,),
    levels=Levels(),
    needs=("memory.total_bytes",),
    evaluate=evaluate,
    explains={
        Complaint.SLOW: Explanation(
            why=N_("When memory runs out, the computer waits for its disk."),
            why_not=N_("There is enough memory for what is open."),
        ),
        Complaint.CRASHES: Explanation(why=N_("Programs are ended when memory runs out.")),
    },
)
