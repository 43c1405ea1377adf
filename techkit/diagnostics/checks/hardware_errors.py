"""Errors of the hardware that the system's log has recorded."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, ngettext, number
from techkit.probes import crashes
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """Lines of the log about machine checks, buses and disks."""

    watch_count: int = level(1, unit="count", source="ours, 30 days")
    act_count: int = level(5, unit="count", source="ours, 30 days")
    act_fatal: int = level(1, unit="count", source="ours: any uncorrected machine check")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result where the log may be read."""
    count = readings.number("os.hardware_error_count")
    if count is None:
        return
    fatal = readings.number("os.hardware_error_fatal_count") or 0
    verdict = (
        Verdict.ACT
        if count >= levels.act_count or fatal >= levels.act_fatal
        else Verdict.WATCH
        if count >= levels.watch_count
        else Verdict.OK
    )
    good = verdict is Verdict.OK
    yield Result(
        verdict,
        value=int(count),
        unit="count",
        value_text=_("none") if good else number(count),
        limit_text=_(
            "watch from {watch}, act from {act}",
            watch=number(levels.watch_count),
            act=number(levels.act_count),
        ),
        sentence=_("The log has no hardware error.")
        if good
        else ngettext("The log has {n} hardware error.", "The log has {n} hardware errors.", int(count)),
        customer_sentence=_("No part of the computer has reported a fault.")
        if good
        else _("A part inside the computer has reported faults."),
        advice="" if good else _("See in the log which part it is: memory, processor, disk or a card."),
        reading_ids=("os.hardware_error_count",),
        higher_is_better=False,
    )


CHECK = Check(
    id="hardware_errors",
    title=N_("Hardware errors"),
    area=Area.OPERATING_SYSTEM,
    why=N_("Parts report faults to the system’s log long before somebody notices."),
    probes=(crashes.CRASHES,),
    levels=Levels(),
    needs=("os.hardware_error_count",),
    evaluate=evaluate,
    explains={
        Complaint.CRASHES: Explanation(
            why=N_("A part inside the computer reports faults."),
            why_not=N_("No part of the computer has reported a fault."),
        ),
        Complaint.SLOW: Explanation(why=N_("A part that reports faults makes everything wait.")),
    },
)
