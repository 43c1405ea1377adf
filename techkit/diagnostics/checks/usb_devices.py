"""Whether a USB port was shut off, or a device at one does not answer."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, ngettext
from techkit.probes import usb_faults
from techkit.records.findings import Area, Complaint, Evidence, Verdict


@level_set
class Levels:
    """Ports and devices that were given up on."""

    watch_count: int = level(1, unit="count", source="ours: a device nobody can use", help="from this many")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result over all ports."""
    reading = readings.get("devices.usb_faults")
    if reading is None or not isinstance(reading.value, list):
        return
    rows = [row for row in reading.value if isinstance(row, dict)]
    names = [str(row.get("name", "")) for row in rows]
    good = len(names) < levels.watch_count
    yield Result(
        Verdict.OK if good else Verdict.WATCH,
        value=len(names),
        unit="count",
        value_text=_("none") if good else quantities.listed(names, 1),
        limit_text=_("watch from {watch}", watch=levels.watch_count),
        sentence=_("No USB port is in trouble.")
        if good
        else ngettext(
            "{n} USB port or device is in trouble: {names}.",
            "{n} USB ports or devices are in trouble: {names}.",
            len(names),
            names=quantities.listed(names),
        ),
        customer_sentence=_("What is plugged into the computer is recognised.")
        if good
        else _("Something plugged into the computer is not recognised, or its socket is worn."),
        advice=""
        if good
        else _(
            "Unplug the device, try another cable and another port; a port that shuts off again has a short circuit or a device that draws too much."
        ),
        evidence=tuple(
            Evidence(label=str(row.get("name", "")), value=str(row.get("problem", ""))) for row in rows[:20]
        ),
        reading_ids=("devices.usb_faults",),
        higher_is_better=False,
    )


CHECK = Check(
    id="usb_devices",
    title=N_("USB ports and devices"),
    area=Area.DEVICES,
    why=N_("A port that was shut off looks like a broken printer, stick or keyboard."),
    probes=(usb_faults.FAULTS,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.NO_PRINTING: Explanation(
            why=N_("The printer’s USB port may be the one in trouble."),
            why_not=N_("No USB port is in trouble."),
        ),
        Complaint.NO_SOUND: Explanation(
            why=N_("A headset or speaker at a USB port may be the one in trouble."),
            why_not=N_("No USB port is in trouble."),
        ),
    },
)
