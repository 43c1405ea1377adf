"""Whether the computer has a sound device at all."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, ngettext
from techkit.probes import computer, devices
from techkit.records.findings import Area, Complaint, Explains, Verdict


@level_set
class Levels:
    """Sound devices a person's computer should have."""

    least: int = level(1, unit="count", source="ours")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result; a server or a virtual machine has no need of sound."""
    count = readings.number("devices.sound_count")
    kind = readings.text("system.kind")
    if count is None or (count == 0 and kind in (None, "virtual", "server")):
        return
    good = count >= levels.least
    yield Result(
        Verdict.OK if good else Verdict.WATCH,
        value=int(count),
        unit="count",
        value_text=_("there") if good else _("none"),
        sentence=ngettext("{n} sound device is there.", "{n} sound devices are there.", int(count))
        if good
        else _("The system knows no sound device."),
        customer_sentence=_("The sound device is recognised.")
        if good
        else _("The computer does not recognise a sound device."),
        advice=""
        if good
        else _("Look whether sound is switched off in the firmware, or install its driver."),
        reading_ids=("devices.sound_count",),
    )


CHECK = Check(
    id="sound",
    title=N_("Sound device"),
    area=Area.DEVICES,
    why=N_("Without a sound device nothing can be heard."),
    probes=(devices.ATTACHED,),
    also=(computer.MACHINE,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.NO_SOUND: Explanation(
            why=N_("The system knows no sound device."),
            why_not=N_("The sound device is recognised."),
            watch=Explains.LIKELY,
            ok=None,
        )
    },
)
