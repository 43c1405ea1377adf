"""How long the last start of the system took."""

from __future__ import annotations

from collections.abc import Iterator

from techkit import i18n
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _
from techkit.probes import starting
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """Seconds from the firmware's hand-over to the end of the start."""

    watch_s: float = level(60.0, unit="seconds", source="ours")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result where the system measures its start."""
    seconds = readings.number("os.start_up_s")
    if seconds is None or seconds <= 0:
        return
    good = seconds <= levels.watch_s
    text = i18n.quantity(seconds, "s", 1)
    yield Result(
        Verdict.OK if good else Verdict.WATCH,
        value=round(seconds, 1),
        unit="seconds",
        value_text=text,
        limit_text=_("watch above {watch}", watch=i18n.quantity(levels.watch_s, "s")),
        sentence=_("The last start took {time}.", time=text),
        customer_sentence=_("The computer starts quickly.")
        if good
        else _("The computer takes long to start."),
        advice="" if good else _("See what starts with the computer and how healthy the disk is."),
        reading_ids=("os.start_up_s",),
        higher_is_better=False,
        tolerance=5.0,
        scale_max=max(120.0, seconds),
        limit=levels.watch_s,
    )


CHECK = Check(
    id="start_up_time",
    title=N_("Start-up time"),
    area=Area.OPERATING_SYSTEM,
    why=N_("A start that becomes longer points to the disk or to what starts with it."),
    probes=(starting.START_UP,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.SLOW: Explanation(
            why=N_("The computer takes long to start."), why_not=N_("The computer starts quickly.")
        )
    },
)
