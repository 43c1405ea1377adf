"""How many programs want a processor at once."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, number
from techkit.probes import processor
from techkit.records.findings import Area, Complaint, Evidence, Explains, Verdict


@level_set
class Levels:
    """Load per thread: above 1 programs wait for each other."""

    watch_per_core: float = level(2.0, source="node-mixin NodeSystemSaturation: load per core > 2")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result over five minutes, so that techkit's own work does not count."""
    load = readings.number("processor.load_5")
    threads = readings.number("processor.online_count") or readings.number("processor.thread_count")
    if load is None or not threads:
        return
    per_core = load / threads
    good = per_core <= levels.watch_per_core
    ids = ("processor.load_1", "processor.load_5", "processor.load_15")
    evidence = tuple(
        Evidence(label=label, value=number(value, 2))
        for label, id in zip(
            (_("Load, 1 minute"), _("Load, 5 minutes"), _("Load, 15 minutes")), ids, strict=True
        )
        if (value := readings.number(id)) is not None
    )
    yield Result(
        Verdict.OK if good else Verdict.WATCH,
        value=round(per_core, 2),
        value_text=number(load, 2),
        limit_text=_("watch above {watch} per core", watch=number(levels.watch_per_core, 1)),
        sentence=_(
            "Load {load} over 5 minutes on {threads} threads ({per_core} each).",
            load=number(load, 2),
            threads=number(threads),
            per_core=number(per_core, 2),
        ),
        customer_sentence=_("The processor keeps up with its work.")
        if good
        else _("The computer has more to do than it can keep up with."),
        advice="" if good else _("See which program keeps the processor busy."),
        evidence=evidence,
        reading_ids=("processor.load_5",),
        higher_is_better=False,
        tolerance=0.5,
    )


CHECK = Check(
    id="load",
    title=N_("Processor load"),
    area=Area.PROCESSOR,
    why=N_("When more programs want the processor than there are cores, everything waits."),
    probes=(processor.LOAD,),
    also=(processor.PROCESSORS,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.SLOW: Explanation(
            why=N_("More programs want the processor than it has cores."),
            why_not=N_("The processor keeps up with its work."),
            watch=Explains.LIKELY,
        )
    },
)
