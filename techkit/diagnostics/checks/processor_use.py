"""How busy all processors together were while the computer was watched."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.diagnostics.quantities import share
from techkit.i18n import N_, _, number
from techkit.probes import usage
from techkit.records.findings import Area, Complaint, Evidence, Explains, Verdict


@level_set
class Levels:
    """The mean of the whole watch, techkit's own work taken away."""

    watch_percent: float = level(
        90.0,
        unit="percent",
        source="node-mixin NodeCPUHighUsage: 90 %",
        help="busy above this",
    )


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result for all processors together."""
    busy = readings.number("usage.processor_percent")
    if busy is None:
        return
    seconds = readings.number("usage.watched_seconds")
    own = readings.number("usage.own.processor_percent")
    good = busy <= levels.watch_percent
    evidence = []
    if seconds is not None:
        evidence.append(Evidence(label=_("Watched for"), value=_("{seconds} s", seconds=number(seconds, 1))))
    if own is not None:
        evidence.append(Evidence(label=_("Taken by techkit itself, of one core"), value=share(own)))
    yield Result(
        Verdict.OK if good else Verdict.WATCH,
        value=busy,
        unit="percent",
        value_text=share(busy),
        limit_text=_("watch above {watch}", watch=share(levels.watch_percent, 0)),
        sentence=_("All processors together were busy for {share} of the time.", share=share(busy)),
        customer_sentence=_("The processor keeps up with its work.")
        if good
        else _("The computer has more to do than it can keep up with."),
        advice="" if good else _("See which program keeps the processor busy."),
        evidence=tuple(evidence),
        reading_ids=("usage.processor_percent", "usage.watched_seconds"),
        higher_is_better=False,
        # Ours: what a computer does meanwhile wanders by this much.
        tolerance=10.0,
        scale_max=100.0,
        limit=levels.watch_percent,
    )


CHECK = Check(
    id="processor_use",
    title=N_("Processor in use"),
    area=Area.PROCESSOR,
    why=N_(
        "A processor that is never free makes every program wait; Windows keeps no load figure that would tell."
    ),
    probes=(usage.PROGRAMS,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.SLOW: Explanation(
            why=N_("The processors were hardly ever free."),
            why_not=N_("The processor keeps up with its work."),
            watch=Explains.LIKELY,
        )
    },
)
