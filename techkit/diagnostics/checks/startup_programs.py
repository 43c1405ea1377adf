"""How many programs start by themselves when somebody signs in."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, ngettext, number
from techkit.probes import services
from techkit.records.findings import Area, Complaint, Evidence, Explains, Verdict


@level_set
class Levels:
    """Programs started at sign-in."""

    watch_count: int = level(15, unit="count", source="ours: more than 15 are felt at every sign-in")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result, from the list where there is one, else from the count."""
    reading = readings.get("os.startup.programs")
    rows = reading.value if reading and isinstance(reading.value, list) else []
    names = [str(row.get("name", "")) if isinstance(row, dict) else str(row) for row in rows]
    counted = readings.number("os.startup.count")
    count = int(counted) if counted is not None else len(names)
    if counted is None and reading is None:
        return
    good = count <= levels.watch_count
    limit = _("watch above {watch}", watch=number(levels.watch_count))
    yield Result(
        Verdict.OK if good else Verdict.WATCH,
        value=count,
        unit="count",
        value_text=number(count),
        limit_text=limit,
        sentence=ngettext("{n} program starts at sign-in.", "{n} programs start at sign-in.", count),
        customer_sentence=_("Only a few programs start with the computer.")
        if good
        else _("Many programs start with the computer and slow it down."),
        advice="" if good else _("Go through the list together and switch off what is not used."),
        evidence=(
            Evidence(
                label=_("Programs"),
                value=number(count),
                limit=limit,
                verdict=Verdict.OK if good else Verdict.WATCH,
            ),
            *(
                [Evidence(label=_("Among them"), value=quantities.listed(sorted(filter(None, names)), 8))]
                if names
                else []
            ),
        ),
        reading_ids=("os.startup.count" if counted is not None else "os.startup.programs",),
        higher_is_better=False,
        scale_max=float(max(30, count)),
        limit=float(levels.watch_count),
    )


CHECK = Check(
    id="startup_programs",
    title=N_("Programs started at sign-in"),
    area=Area.OPERATING_SYSTEM,
    why=N_("Every program that starts by itself makes the sign-in longer and keeps memory."),
    probes=(services.STARTUP,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.SLOW: Explanation(
            why=N_("Many programs start with the computer."),
            why_not=N_("Few programs start with the computer."),
            watch=Explains.LIKELY,
        ),
        Complaint.POP_UPS: Explanation(
            why=N_("Pop-ups often come from a program that starts by itself."), ok=Explains.POSSIBLE
        ),
    },
)
