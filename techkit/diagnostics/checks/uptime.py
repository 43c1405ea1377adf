"""How long the computer has been running without a restart."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _
from techkit.probes import clock
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """Days since the start."""

    watch_days: float = level(30.0, unit="days", source="ours: a month without the restart that updates need")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result; a time that cannot be true is left out."""
    seconds = readings.number("os.uptime_s")
    if seconds is None or seconds < 0:
        return
    days = seconds / 86400
    good = days <= levels.watch_days
    text = quantities.duration(seconds)
    yield Result(
        Verdict.OK if good else Verdict.WATCH,
        value=round(days, 1),
        unit="days",
        value_text=text,
        limit_text=_("watch above {watch}", watch=quantities.days(levels.watch_days)),
        sentence=_("Running for {time}.", time=text)
        if good
        else _("Running for {time} without a restart.", time=text),
        customer_sentence=_("The computer was restarted not long ago.")
        if good
        else _("The computer has not been restarted for a long time."),
        advice="" if good else _("Restart the computer when it suits."),
        reading_ids=("os.uptime_s",),
        higher_is_better=False,
        tolerance=1.0,
    )


CHECK = Check(
    id="uptime",
    title=N_("Time since the last restart"),
    area=Area.OPERATING_SYSTEM,
    why=N_("A restart puts updates into effect and clears what programs left behind."),
    probes=(clock.CLOCK,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.SLOW: Explanation(
            why=N_("A computer that runs for weeks collects what programs leave behind."),
            why_not=N_("The computer was restarted not long ago."),
        )
    },
)
