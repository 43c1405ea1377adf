"""Whether a plan that saves power holds the computer back."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level_set
from techkit.i18n import N_, _
from techkit.probes import power
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """No numbers: a plan saves power at the cost of speed, or not."""


#: Plans that hold the processor down. Source: Linux cpufreq governors and platform profiles;
#: Windows power scheme a1841308-3541-4fab-bc81-f71556f20b4a ("power saver"); pmset lowpowermode.
SAVERS = ("powersave", "low-power", "quiet", "cool", "power saver", "low power mode")


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield one result where the computer has a plan; on battery saving is as it should be."""
    plan = readings.text("power.plan")
    if plan is None:
        return
    on_battery = readings.flag("power.adapter_online") is False
    # intel_pstate calls its ordinary, self-adjusting way "powersave".
    adjusts = plan == "powersave" and "intel_pstate" in readings.source("power.plan")
    good = plan.casefold() not in SAVERS or on_battery or adjusts
    yield Result(
        Verdict.OK if good else Verdict.WATCH,
        value=plan,
        value_text=plan,
        sentence=_("The power plan is {plan}.", plan=plan)
        if good
        else _(
            "The power plan {plan} holds the processor back although the adapter is plugged in.", plan=plan
        ),
        customer_sentence=_("The computer may work at full speed.")
        if good
        else _("The computer is set to save power and works slower than it could."),
        advice="" if good else _("Choose the balanced power plan."),
        reading_ids=("power.plan",),
    )


CHECK = Check(
    id="power_plan",
    title=N_("Power plan"),
    area=Area.POWER,
    why=N_("A plan that saves power makes a computer slow on purpose."),
    probes=(power.BATTERIES,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.SLOW: Explanation(
            why=N_("The power plan holds the processor back."),
            why_not=N_("The power plan does not hold the computer back."),
        )
    },
)
