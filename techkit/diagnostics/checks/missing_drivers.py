"""Devices that do not work because they have no driver."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, ngettext
from techkit.probes import devices
from techkit.records.findings import Area, Complaint, Evidence, Verdict


@level_set
class Levels:
    """Devices of a kind that needs a driver and has none."""

    watch_count: int = level(
        1, unit="count", source="ours: network, display, sound, storage and radio devices"
    )


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result over all devices."""
    reading = readings.get("devices.missing_drivers")
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
        sentence=_("Every device has its driver.")
        if good
        else ngettext(
            "{n} device has no working driver: {names}.",
            "{n} devices have no working driver: {names}.",
            len(names),
            names=quantities.listed(names),
        ),
        customer_sentence=_("All parts of the computer are recognised.")
        if good
        else _("A part of the computer does not work because its driver is missing."),
        advice="" if good else _("Install the driver from the maker of the computer."),
        evidence=tuple(
            Evidence(
                label=str(row.get("name", "")),
                value=str(row.get("problem", "")),
                limit=str(row.get("id", "")),
            )
            for row in rows[:20]
        ),
        reading_ids=("devices.missing_drivers",),
        higher_is_better=False,
    )


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
