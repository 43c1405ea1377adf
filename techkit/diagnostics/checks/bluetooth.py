"""Whether a Bluetooth adapter is switched off or blocked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level_set
from techkit.i18n import N_, _
from techkit.probes import devices
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """No numbers: a blocked adapter is watch, one that is off is a wish (source: ours)."""


#: The states of an adapter as people read them.
STATES: Final = {"on": N_("switched on"), "off": N_("switched off"), "blocked": N_("blocked by a switch")}


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield one result per adapter."""
    for adapter in readings.subjects("devices.bluetooth.state"):
        state = readings.text("devices.bluetooth.state", adapter) or ""
        blocked = state == "blocked"
        told = _(STATES[state]) if state in STATES else state
        yield Result(
            Verdict.WATCH if blocked else Verdict.OK,
            adapter,
            value=state,
            value_text=told,
            sentence=_("The Bluetooth adapter {adapter} is blocked by a switch.", adapter=adapter)
            if blocked
            else _("The Bluetooth adapter {adapter} is {state}.", adapter=adapter, state=told),
            customer_sentence=_("Bluetooth is blocked by a switch.") if blocked else _("Bluetooth is there."),
            advice=_("Look for the switch or the key that blocks it.") if blocked else "",
            reading_ids=("devices.bluetooth.state",),
        )


CHECK = Check(
    id="bluetooth",
    title=N_("Bluetooth"),
    area=Area.DEVICES,
    why=N_("Headsets, mice and keyboards without a cable need it."),
    probes=(devices.ATTACHED,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.NO_SOUND: Explanation(
            why=N_("A headset without a cable hears nothing while Bluetooth is blocked.")
        )
    },
)
