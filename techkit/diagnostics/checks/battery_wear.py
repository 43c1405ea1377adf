"""How much of its first capacity each battery still has."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Growth, Readings, Result, level, level_set
from techkit.i18n import N_, _, number
from techkit.probes import power
from techkit.records.findings import Area, Evidence, Verdict


@level_set
class Levels:
    """Full capacity today against capacity when new."""

    watch_percent: float = level(80.0, unit="percent", source="Apple: a battery is made to keep 80 %")
    act_percent: float = level(
        60.0, unit="percent", source="ours: less than two thirds of the first running time"
    )


#: What a Mac calls its battery → how bad that is. Source: Apple, "If you see Service Recommended"
#: (HT204054), and the older words of System Profiler.
CONDITIONS = {
    "service recommended": Verdict.WATCH,
    "check battery": Verdict.WATCH,
    "fair": Verdict.WATCH,
    "replace soon": Verdict.WATCH,
    "service battery": Verdict.ACT,
    "replace now": Verdict.ACT,
    "poor": Verdict.ACT,
}


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result per battery that knows its capacities, or of which the system itself complains."""
    measured = readings.subjects("power.battery.health_percent")
    for battery in readings.subjects("power.battery.condition"):
        if battery not in measured:
            yield from _complaint(readings, battery)
    for battery in measured:
        health = readings.number("power.battery.health_percent", battery)
        if health is not None and 0 < health <= 150:
            yield _worn(readings, levels, battery, health)


def _worn(readings: Readings, levels: Levels, battery: str, health: float) -> Result:
    condition = readings.text("power.battery.condition", battery) or ""
    verdict = (
        Verdict.ACT
        if health < levels.act_percent
        else Verdict.WATCH
        if health < levels.watch_percent
        else Verdict.OK
    )
    complaint = CONDITIONS.get(condition.casefold(), Verdict.OK)
    if complaint is Verdict.ACT or verdict is Verdict.OK:
        verdict = complaint
    customer, advice = {
        Verdict.OK: (_("The battery is in good shape."), ""),
        Verdict.WATCH: (
            _("The battery no longer lasts as long as it did when new."),
            _("Plan a new battery when the running time gets too short."),
        ),
        Verdict.ACT: (
            _("The battery is worn out and lasts only a short time."),
            _("Replace the battery."),
        ),
    }[verdict]
    limit = _(
        "watch below {watch}, act below {act}",
        watch=quantities.share(levels.watch_percent, 0),
        act=quantities.share(levels.act_percent, 0),
    )
    evidence = [
        Evidence(
            label=_("Full today, of when new"),
            value=quantities.share(health, 0),
            limit=limit,
            verdict=verdict,
        )
    ]
    if condition:
        evidence.append(Evidence(label=_("The system says"), value=condition, verdict=complaint))
    cycles = readings.number("power.battery.cycles", battery)
    if cycles is not None:
        evidence.append(Evidence(label=_("Times charged"), value=number(cycles)))
    return Result(
        verdict,
        battery,
        health,
        "percent",
        value_text=quantities.share(health, 0),
        limit_text=limit,
        sentence=_(
            "Battery {battery} holds {health} of its first capacity.",
            battery=battery,
            health=quantities.share(health, 0),
        ),
        customer_sentence=customer,
        advice=advice,
        evidence=tuple(evidence),
        reading_ids=("power.battery.health_percent",),
        higher_is_better=True,
        tolerance=2.0,
        scale_max=100.0,
        limit=levels.watch_percent,
    )


def _complaint(readings: Readings, battery: str) -> Iterator[Result]:
    condition = readings.text("power.battery.condition", battery) or ""
    verdict = CONDITIONS.get(condition.casefold())
    if verdict is None:
        return
    yield Result(
        verdict,
        battery,
        condition,
        value_text=condition,
        sentence=_(
            "The system says of battery {battery}: {condition}.", battery=battery, condition=condition
        ),
        customer_sentence=_("The battery is worn out and lasts only a short time."),
        advice=_("Replace the battery."),
        reading_ids=("power.battery.condition",),
    )


CHECK = Check(
    id="battery_wear",
    title=N_("Battery health"),
    area=Area.POWER,
    why=N_("A battery loses capacity with every charge and every year."),
    probes=(power.BATTERIES,),
    levels=Levels(),
    needs=("power.battery.health_percent",),
    evaluate=evaluate,
    growth=(
        # Ours: the level of replacement reached within a year; two points are beyond what a battery's guess jumps.
        Growth(
            reading="power.battery.health_percent",
            label=N_("Full today, of when new"),
            by=2.0,
            end=Levels.act_percent,
            months=12.0,
            ok_too=True,
            highest=Verdict.WATCH,
        ),
    ),
)
