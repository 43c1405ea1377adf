"""How often the processor slowed itself down because of heat."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, ngettext, number
from techkit.probes import clock, processor
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """A handful at full load is normal in thin notebooks."""

    watch_per_hour: float = level(10.0, unit="count", source="ours: more than ten times an hour is felt")
    watch_limit_percent: float = level(
        100.0, unit="percent", source="ours: any limit the system sets for heat", help="less than"
    )


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result where the processor counts, or where the system says how far it holds it back."""
    limits = [
        reading for reading in readings.all("processor.speed_limit_percent") if reading.value is not None
    ]
    if limits:
        yield _held_back(readings, levels)
    counts = [reading.value for reading in readings.all("processor.throttle_count")]
    numbers = [count for count in counts if isinstance(count, int)]
    if not numbers:
        return
    worst = max(numbers)
    hours = max(1.0, (readings.number("os.uptime_s") or 0.0) / 3600)
    per_hour = worst / hours
    good = per_hour <= levels.watch_per_hour
    yield Result(
        Verdict.OK if good else Verdict.WATCH,
        value=round(per_hour, 1),
        unit="count",
        value_text=number(worst),
        limit_text=_("watch above {watch} per hour", watch=number(levels.watch_per_hour)),
        sentence=ngettext(
            "The processor slowed down for heat {n} time since the start ({per_hour} per hour).",
            "The processor slowed down for heat {n} times since the start ({per_hour} per hour).",
            worst,
            per_hour=number(per_hour, 1),
        ),
        customer_sentence=_("The processor does not have to slow down because of heat.")
        if good
        else _("The processor often slows down because it gets too warm."),
        advice=""
        if good
        else _("Clean the fan and the air inlets, and look at what keeps the processor busy."),
        reading_ids=("processor.throttle_count",),
        source=readings.all("processor.throttle_count")[0].source,
        higher_is_better=False,
        tolerance=5.0,
    )


def _held_back(readings: Readings, levels: Levels) -> Result:
    zones = readings.subjects("processor.speed_limit_percent")
    allowed = {zone: readings.number("processor.speed_limit_percent", zone) or 0.0 for zone in zones}
    zone = min(zones, key=lambda name: allowed[name])
    good = allowed[zone] >= levels.watch_limit_percent
    share = quantities.share(allowed[zone], 0)
    return Result(
        Verdict.OK if good else Verdict.WATCH,
        value=allowed[zone],
        unit="percent",
        value_text=share,
        limit_text=_("watch below {watch}", watch=quantities.share(levels.watch_limit_percent, 0)),
        sentence=_("The system lets the processor run at {share} of its speed.", share=share)
        if good
        else _(
            "Because of heat the system lets the processor run at only {share} of its speed.", share=share
        ),
        customer_sentence=_("The processor does not have to slow down because of heat.")
        if good
        else _("The processor is slowed down just now because it is too warm."),
        advice=""
        if good
        else _("Clean the fan and the air inlets, and look at what keeps the processor busy."),
        reading_ids=("processor.speed_limit_percent",),
        source=readings.source("processor.speed_limit_percent", zone),
        higher_is_better=True,
        tolerance=5.0,
        scale_max=100.0,
        limit=levels.watch_limit_percent,
    )


CHECK = Check(
    id="cpu_throttling",
    title=N_("Slowed down by heat"),
    area=Area.PROCESSOR,
    why=N_("A processor protects itself from heat by working slower."),
    probes=(processor.LOAD,),
    also=(clock.CLOCK, processor.HEAT),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.SLOW: Explanation(
            why=N_("The processor slows down because of heat."),
            why_not=N_("The processor did not have to slow down."),
        )
    },
)
