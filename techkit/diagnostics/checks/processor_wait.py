"""How much of its time the processor lost to disks and to other virtual machines."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _
from techkit.probes import processor
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """Shares of all processor time since the start."""

    watch_wait_percent: float = level(20.0, unit="percent", source="netdata 10min_cpu_iowait: 20 %")
    watch_steal_percent: float = level(10.0, unit="percent", source="netdata 20min_steal_cpu: 10 %")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result over the time since the start."""
    wait = readings.number("processor.wait_percent")
    steal = readings.number("processor.steal_percent") or 0.0
    if wait is None:
        return
    verdict, advice = Verdict.OK, ""
    customer = _("The processor hardly has to wait for anything.")
    if wait > levels.watch_wait_percent:
        verdict = Verdict.WATCH
        customer = _("The processor often waits for the disk.")
        advice = _("Look at the disk’s health and at which program uses it so much.")
    elif steal > levels.watch_steal_percent:
        verdict = Verdict.WATCH
        customer = _("This computer shares its processor with others, and they take a large part.")
        advice = _("Ask whoever runs the host for a larger share.")
    yield Result(
        verdict,
        value=round(wait + steal, 1),
        unit="percent",
        value_text=quantities.share(wait + steal),
        limit_text=_(
            "watch above {wait} for disks, {steal} for others",
            wait=quantities.share(levels.watch_wait_percent, 0),
            steal=quantities.share(levels.watch_steal_percent, 0),
        ),
        sentence=_(
            "Since the start {wait} of the time went to waiting for disks and {steal} to other virtual machines.",
            wait=quantities.share(wait),
            steal=quantities.share(steal),
        ),
        customer_sentence=customer,
        advice=advice,
        reading_ids=("processor.wait_percent",),
        higher_is_better=False,
        tolerance=5.0,
        scale_max=100.0,
        limit=levels.watch_wait_percent,
    )


CHECK = Check(
    id="processor_wait",
    title=N_("Time lost waiting"),
    area=Area.PROCESSOR,
    why=N_("A processor that waits looks idle, and still everything is slow."),
    probes=(processor.LOAD,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.SLOW: Explanation(
            why=N_("The processor waits for something else."), why_not=N_("The processor hardly has to wait.")
        )
    },
)
