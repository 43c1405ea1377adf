"""Whether something waits for a restart."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level_set
from techkit.i18n import N_, _
from techkit.probes import starting
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """No numbers: something waits, or not (source: ours)."""


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield one result, naming what waits."""
    pending = readings.flag("os.restart_pending")
    if pending is None:
        return
    reasons = readings.texts("os.restart_reasons")
    yield Result(
        Verdict.WATCH if pending else Verdict.OK,
        value=pending,
        value_text=_("due") if pending else _("not due"),
        sentence=_("A restart is due: {reasons}.", reasons=quantities.listed(reasons) or _("an update"))
        if pending
        else _("Nothing waits for a restart."),
        customer_sentence=_("The computer wants to be restarted to finish its updates.")
        if pending
        else _("No restart is needed."),
        advice=_("Restart the computer when it suits.") if pending else "",
        reading_ids=("os.restart_pending",),
    )


CHECK = Check(
    id="restart_pending",
    title=N_("Restart due"),
    area=Area.OPERATING_SYSTEM,
    why=N_("An update protects only after the restart it asks for."),
    probes=(starting.RESTART,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.SLOW: Explanation(why=N_("An update that waits for a restart works in the background."))
    },
)
