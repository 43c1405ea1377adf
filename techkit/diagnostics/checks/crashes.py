"""Programs and systems that crashed in the last 30 days."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, ngettext, number
from techkit.probes import crashes
from techkit.records.findings import Area, Complaint, Evidence, Verdict


@level_set
class Levels:
    """Crashes in 30 days."""

    watch_count: int = level(1, unit="count", source="ours")
    act_count: int = level(5, unit="count", source="ours; a crash of the whole system counts, too")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result; only crashes of the system itself lead to act, programs alone to watch."""
    programs = readings.number("os.crash_count")
    systems = readings.number("os.system_crash_count")
    if programs is None and systems is None:
        return
    count = int(programs or 0) + int(systems or 0)
    names = readings.texts("os.crashed_programs")
    # One program that crashes often is a fault of that program; only the system's own crashes stop work.
    verdict = (
        Verdict.ACT
        if (systems or 0) >= levels.act_count
        else Verdict.WATCH
        if count >= levels.watch_count
        else Verdict.OK
    )
    sentence = ngettext("{n} crash in 30 days", "{n} crashes in 30 days", count)
    yield Result(
        verdict,
        value=count,
        unit="count",
        value_text=_("none") if not count else number(count),
        limit_text=_(
            "watch from {watch}, act from {act} of the system",
            watch=number(levels.watch_count),
            act=number(levels.act_count),
        ),
        sentence=_("No crash in 30 days.")
        if not count
        else _(
            "{crashes}: {names}.", crashes=sentence, names=quantities.listed(names) or _("the system itself")
        ),
        customer_sentence=_("No program has crashed lately.")
        if not count
        else _("Programs have stopped by themselves lately."),
        advice=""
        if not count
        else _(
            "Update the program that stops; if the system itself stops, look at memory, disk and drivers."
        ),
        evidence=(
            Evidence(label=_("Programs"), value=number(programs or 0)),
            Evidence(label=_("The system itself"), value=number(systems or 0)),
        ),
        reading_ids=("os.crash_count", "os.system_crash_count"),
        higher_is_better=False,
    )


CHECK = Check(
    id="crashes",
    title=N_("Crashes"),
    area=Area.OPERATING_SYSTEM,
    why=N_("What crashed before will crash again until its cause is found."),
    probes=(crashes.CRASHES,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.CRASHES: Explanation(
            why=N_("The system’s own record shows crashes."), why_not=N_("The system has recorded no crash.")
        )
    },
)
