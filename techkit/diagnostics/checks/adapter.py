"""Whether the battery empties although the adapter is plugged in."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, quantity
from techkit.probes import power
from techkit.records.findings import Area, Complaint, Evidence, Explains, Verdict


@level_set
class Levels:
    """A full battery is let down a little before it is charged again."""

    watch_percent: float = level(
        90.0, unit="percent", source="ours: care of batteries lets them down to 90 to 95 %", help="less than"
    )


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result per battery while the adapter is plugged in; without it there is nothing to say."""
    if not readings.flag("power.adapter_online"):
        return
    for name in readings.subjects("power.battery.state"):
        charge = readings.number("power.battery.charge_percent", name)
        state = readings.text("power.battery.state", name) or ""
        if charge is None:
            continue
        good = state != "discharging" or charge >= levels.watch_percent
        share, watts = quantities.share(charge, 0), readings.number("power.adapter_watts")
        yield Result(
            Verdict.OK if good else Verdict.WATCH,
            name,
            charge,
            "percent",
            value_text=share,
            limit_text=_("does not empty"),
            sentence=_("The adapter is plugged in; the battery holds {share}.", share=share)
            if good
            else _("The adapter is plugged in, and the battery ({share}) empties all the same.", share=share),
            customer_sentence=_("The power supply gives enough.")
            if good
            else _("The power supply does not give enough for this computer."),
            advice=""
            if good
            else _("Try the adapter made for this computer; look at its plug and cable, and at the socket."),
            evidence=(Evidence(label=_("Adapter"), value=quantity(watts, "W")),) if watts else (),
            reading_ids=("power.battery.charge_percent", "power.battery.state", "power.adapter_online"),
            higher_is_better=True,
            tolerance=100.0,  # a charge is no measure of the visit
        )


CHECK = Check(
    id="adapter",
    title=N_("Power adapter"),
    area=Area.POWER,
    why=N_(
        "With an adapter that is too weak the processor is slowed down, and the computer goes off in the end."
    ),
    probes=(power.BATTERIES,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.SLOW: Explanation(
            why=N_("An adapter that is too weak makes the computer slow."), watch=Explains.POSSIBLE, ok=None
        ),
        Complaint.CRASHES: Explanation(
            why=N_("With too little power a computer switches itself off."), watch=Explains.POSSIBLE, ok=None
        ),
    },
)
