"""Programs running that let somebody else see or steer this computer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level
from techkit.i18n import N_, _, ngettext
from techkit.probes import security
from techkit.records.findings import Area, Complaint, Explains, Verdict


@dataclass(frozen=True)
class Levels:
    """Each one is worth a question; many are wanted."""

    watch_count: int = level(1, unit="count", source="ours: fraud by telephone leaves such programs behind")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result over all running programs."""
    reading = readings.get("security.remote_tools")
    if reading is None or not isinstance(reading.value, list):
        return
    names = [str(row.get("name", "")) for row in reading.value if isinstance(row, dict)]
    good = len(names) < levels.watch_count
    yield Result(
        Verdict.OK if good else Verdict.WATCH,
        value=len(names),
        unit="count",
        value_text=_("none") if good else quantities.listed(names, 2),
        limit_text=_("watch from {watch}", watch=levels.watch_count),
        sentence=_("No remote access program is running.")
        if good
        else ngettext(
            "{n} remote access program is running: {names}.",
            "{n} remote access programs are running: {names}.",
            len(names),
            names=quantities.listed(names),
        ),
        customer_sentence=_("No program that lets others in is running.")
        if good
        else _("A program is running that can let somebody else see and use this computer."),
        advice="" if good else _("Ask who set it up and whether it is still wanted; otherwise remove it."),
        reading_ids=("security.remote_tools",),
        higher_is_better=False,
    )


CHECK = Check(
    id="remote_access_tools",
    title=N_("Remote access"),
    area=Area.SECURITY,
    why=N_("A remote access program that nobody asked for is a stranger in the house."),
    probes=(security.REMOTE,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.POP_UPS: Explanation(
            why=N_("Frauds by telephone leave remote access programs behind."),
            why_not=N_("No remote access program is running."),
        ),
        Complaint.STRANGE_MAIL: Explanation(
            why=N_("Somebody else may be using this computer."),
            why_not=N_("No remote access program is running."),
            watch=Explains.POSSIBLE,
        ),
    },
)
