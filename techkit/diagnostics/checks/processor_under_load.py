"""Whether the processor keeps its speed and its temperature under full load."""

from __future__ import annotations

from collections.abc import Iterator

from techkit import i18n
from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, number
from techkit.probes import active
from techkit.records.findings import Area, Complaint, Evidence, Explains, Verdict


@level_set
class Levels:
    """How much slower the same work may get."""

    watch_percent: float = level(
        25.0, unit="percent", source="ours: boost ends after some seconds and costs up to a fifth"
    )
    watch_celsius: float = level(
        95.0, unit="celsius", source="ours: most processors throttle from 95 to 105 °C"
    )


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result after the deep plan's load."""
    drop = readings.number("active.processor.drop_percent")
    if drop is None:
        return
    peak = readings.number("active.processor.peak_celsius")
    start = readings.number("active.processor.start_celsius")
    hot = peak is not None and peak >= levels.watch_celsius
    slow = drop > levels.watch_percent
    seconds = i18n.quantity(readings.number("active.processor.watched_s") or 0, "s")
    evidence = [
        Evidence(
            label=_("Slower in the end"),
            value=quantities.share(drop, 0),
            limit=_("watch above {watch}", watch=quantities.share(levels.watch_percent, 0)),
            verdict=Verdict.WATCH if slow else Verdict.OK,
        )
    ]
    if peak is not None:
        evidence.append(
            Evidence(
                label=_("Highest temperature"),
                value=quantities.degrees(peak),
                limit=_("watch from {watch}", watch=quantities.degrees(levels.watch_celsius)),
                verdict=Verdict.WATCH if hot else Verdict.OK,
            )
        )
    if start is not None:
        evidence.append(Evidence(label=_("Temperature before"), value=quantities.degrees(start)))
    throttled = readings.number("active.processor.throttled")
    if throttled is not None:
        evidence.append(Evidence(label=_("Times slowed down"), value=number(throttled)))
    bad = slow or hot
    yield Result(
        Verdict.WATCH if bad else Verdict.OK,
        value=drop,
        unit="percent",
        value_text=_("{share} slower", share=quantities.share(drop, 0)),
        limit_text=_("watch above {watch}", watch=quantities.share(levels.watch_percent, 0)),
        sentence=_(
            "After {seconds} of full load the processor works {share} slower.",
            seconds=seconds,
            share=quantities.share(drop, 0),
        ),
        customer_sentence=_("The computer gets too warm under load and slows itself down.")
        if bad
        else _("The computer keeps its speed also when it has much to do."),
        advice=_("Clean the fan and the air inlets, and renew the thermal paste if that does not help.")
        if bad
        else "",
        evidence=tuple(evidence),
        reading_ids=("active.processor.drop_percent",),
        higher_is_better=False,
        tolerance=10.0,
        scale_max=100.0,
        limit=levels.watch_percent,
    )


CHECK = Check(
    id="processor_under_load",
    title=N_("Processor under load"),
    area=Area.PROCESSOR,
    why=N_("Cooling shows its faults only when there is much to do."),
    probes=(active.PROCESSOR,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.SLOW: Explanation(
            why=N_("The processor slows down when it has much to do."),
            why_not=N_("The processor keeps its speed under load."),
            watch=Explains.LIKELY,
        ),
        Complaint.CRASHES: Explanation(
            why=N_("A computer that gets too hot under load switches itself off.")
        ),
    },
)
