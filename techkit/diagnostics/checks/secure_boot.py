"""Whether the firmware starts only systems that are signed."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Readings, Result, level_set
from techkit.i18n import N_, _
from techkit.probes import computer, security
from techkit.records.findings import Area, Verdict


@level_set
class Levels:
    """No numbers: on or off; off is worth knowing, not more (source: ours)."""


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield one result where the firmware knows secure boot at all."""
    active = readings.flag("security.secure_boot")
    if active is None:
        return
    # A virtual machine's firmware is its host's affair.
    worry = not active and readings.text("system.kind") != "virtual"
    yield Result(
        Verdict.WATCH if worry else Verdict.OK,
        value=active,
        value_text=_("on") if active else _("off"),
        sentence=_("Secure boot is on.") if active else _("Secure boot is off."),
        customer_sentence=_("The computer starts only systems it can trust.")
        if active
        else _("The computer would also start a system that somebody has changed."),
        advice=_("Switch secure boot on in the firmware, unless a device needs it off.") if worry else "",
        reading_ids=("security.secure_boot",),
    )


CHECK = Check(
    id="secure_boot",
    title=N_("Secure boot"),
    area=Area.SECURITY,
    why=N_("What starts before the system can hide from it."),
    probes=(security.PROTECTION,),
    also=(computer.MACHINE,),
    needs=("security.secure_boot",),
    levels=Levels(),
    evaluate=evaluate,
)
