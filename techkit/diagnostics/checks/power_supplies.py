"""Whether each power supply unit of a server is well and plugged in."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, quantity
from techkit.probes import power
from techkit.records.findings import Area, Complaint, Evidence, Explains, Verdict


@level_set
class Levels:
    """The unit's own words, as the firmware hands them on."""

    watch_state: str = level("warning", source="SMBIOS 7.40.1: non-critical")
    act_state: str = level("failed", source="SMBIOS 7.40.1: critical")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result per unit of which the firmware says how it is, or whether it is plugged in."""
    units = readings.subjects("power.supply.is_plugged")
    units += [unit for unit in readings.subjects("power.supply.state") if unit not in units]
    states = {unit: readings.text("power.supply.state", unit) or "" for unit in units}
    # The computer runs, so one unit works at least: where the firmware calls all of them failed, it is wrong of one.
    fitted = max(len(units), int(readings.number("power.supply_count") or 0))
    is_believed = list(states.values()).count(levels.act_state) < fitted
    for unit, state in states.items():
        out = readings.flag("power.supply.is_plugged", unit) is False
        if state == levels.act_state and not is_believed:
            verdict, word = Verdict.WATCH, _("doubtful")
            sentence = _(
                "{unit} reports that it has failed, yet the computer runs and no unit is said to work.",
                unit=unit,
            )
            customer = _("The computer says of its power supply that it failed, though it works.")
            advice = _(
                "Look at the lamp of each unit; if all are in order, update the firmware of the computer."
            )
        elif state == levels.act_state:
            verdict, word = Verdict.ACT, _("failed")
            sentence = _("{unit} reports that it has failed.", unit=unit)
            customer = _("One power supply of the computer has failed.")
            advice = _("Replace the unit; with a second one that works the computer may stay on.")
        elif state == levels.watch_state:
            verdict, word = Verdict.WATCH, _("warning")
            sentence = _("{unit} reports that something is not right.", unit=unit)
            customer = _("One power supply of the computer reports that something is not right.")
            advice = _("Look at its fan, its lamp and its temperature, and have a replacement at hand.")
        elif out:
            verdict, word = Verdict.WATCH, _("not plugged in")
            sentence = _("{unit} was not plugged in when the computer started.", unit=unit)
            customer = _("One power supply of the computer is not plugged in.")
            advice = _("Plug it in, best at another circuit than the other one.")
        else:
            verdict, word, advice = Verdict.OK, _("in order") if state else _("plugged in"), ""
            sentence = (
                _("{unit} reports no fault.", unit=unit) if state else _("{unit} is plugged in.", unit=unit)
            )
            customer = _("The power supply of the computer is in order.")
        watts, model = (
            readings.number("power.supply.watts", unit),
            readings.text("power.supply.model", unit),
        )
        evidence = []
        if model:
            evidence.append(Evidence(label=_("Model"), value=model))
        if watts:
            evidence.append(Evidence(label=_("Gives up to"), value=quantity(watts, "W")))
        yield Result(
            verdict,
            unit,
            state or ("unplugged" if out else "plugged"),
            value_text=word,
            limit_text=_("no fault, plugged in"),
            sentence=sentence,
            customer_sentence=customer,
            advice=advice,
            evidence=tuple(evidence),
            reading_ids=("power.supply.state", "power.supply.is_plugged"),
        )


CHECK = Check(
    id="power_supplies",
    title=N_("Power supplies"),
    area=Area.POWER,
    why=N_(
        "A server with two power supplies runs on when one fails, and nobody notices until the other does."
    ),
    probes=(power.SUPPLIES,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.CRASHES: Explanation(
            why=N_("With too little power a computer switches itself off."), watch=Explains.POSSIBLE, ok=None
        ),
    },
)
