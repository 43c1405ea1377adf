"""Whether a USB port was shut off, or a device at one does not answer."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.diagnostics.name_lists import Words, judged, names_of, troubles
from techkit.i18n import N_, ngettext
from techkit.probes import usb_faults
from techkit.records.findings import Area, Complaint


@level_set
class Levels:
    """Ports and devices that were given up on."""

    watch_count: int = level(1, unit="count", source="ours: a device nobody can use", help="from this many")


WORDS = Words(
    good=N_("No USB port is in trouble."),
    customer_good=N_("What is plugged into the computer is recognised."),
    customer_bad=N_("Something plugged into the computer is not recognised, is slow, or its socket is worn."),
    advice=N_(
        "Unplug the device, try another cable and another port, at the computer itself; a port that shuts off again has a short circuit or a device that draws too much."
    ),
)


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result over all ports."""
    names = names_of(readings, "devices.usb_faults")
    if names is None:
        return
    bad = ngettext(
        "{n} USB port or device is in trouble: {names}.",
        "{n} USB ports or devices are in trouble: {names}.",
        len(names),
        names=quantities.listed(names),
    )
    found = troubles(readings, "devices.usb_faults")
    yield judged(names, levels.watch_count, "devices.usb_faults", WORDS, bad, found)


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
