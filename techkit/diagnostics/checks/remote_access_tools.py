"""Programs running that let somebody else see or steer this computer."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.diagnostics.name_lists import Words, judged, names_of
from techkit.i18n import N_, ngettext
from techkit.probes import security
from techkit.records.findings import Area, Complaint, Explains


@level_set
class Levels:
    """Each one is worth a question; many are wanted."""

    watch_count: int = level(1, unit="count", source="ours: fraud by telephone leaves such programs behind")


WORDS = Words(
    good=N_("No remote access program is running."),
    customer_good=N_("No program that lets others in is running."),
    customer_bad=N_("A program is running that can let somebody else see and use this computer."),
    advice=N_("Ask who set it up and whether it is still wanted; otherwise remove it."),
)


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result over all running programs."""
    names = names_of(readings, "security.remote_tools")
    if names is None:
        return
    bad = ngettext(
        "{n} remote access program is running: {names}.",
        "{n} remote access programs are running: {names}.",
        len(names),
        names=quantities.listed(names),
    )
    yield judged(names, levels.watch_count, "security.remote_tools", WORDS, bad)


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
