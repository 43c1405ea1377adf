"""Devices that do not work because they have no driver."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.diagnostics.name_lists import Words, judged, names_of, troubles
from techkit.i18n import N_, ngettext
from techkit.probes import devices
from techkit.records.findings import Area, Complaint


@level_set
class Levels:
    """Devices of a kind that needs a driver and has none."""

    watch_count: int = level(
        1, unit="count", source="ours: network, display, sound, storage and radio devices"
    )


WORDS = Words(
    good=N_("Every device has its driver."),
    customer_good=N_("All parts of the computer are recognised."),
    customer_bad=N_("A part of the computer does not work because its driver is missing."),
    advice=N_("Install the driver from the maker of the computer."),
)


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result over all devices."""
    names = names_of(readings, "devices.missing_drivers")
    if names is None:
        return
    bad = ngettext(
        "{n} device has no working driver: {names}.",
        "{n} devices have no working driver: {names}.",
        len(names),
        names=quantities.listed(names),
    )
    found = troubles(readings, "devices.missing_drivers")
    yield judged(names, levels.watch_count, "devices.missing_drivers", WORDS, bad, found)


CHECK = Check(
    id="missing_drivers",
    title=N_("Missing drivers"),
    area=Area.DEVICES,
    why=N_("A device without its driver is there and does nothing."),
    probes=(devices.ATTACHED,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.NO_SOUND: Explanation(
            why=N_("The sound device may have no driver."), why_not=N_("Every device has its driver.")
        ),
        Complaint.NO_INTERNET: Explanation(
            why=N_("The network device may have no driver."), why_not=N_("Every device has its driver.")
        ),
        Complaint.NO_PRINTING: Explanation(why=N_("The printer may have no driver.")),
    },
)
