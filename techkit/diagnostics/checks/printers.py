"""Printers and their queues."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, ngettext, number
from techkit.probes import devices
from techkit.records.findings import Area, Complaint, Explains, Verdict


@level_set
class Levels:
    """Jobs waiting at one printer."""

    watch_jobs: int = level(5, unit="count", source="ours: a queue nobody waits for any more")


#: States in which a printer takes nothing.
STOPPED = ("stopped", "error", "offline", "paused", "no paper", "jammed", "door open", "no toner")

#: States in words; one a newer system knows is told as it is.
_STATES = {
    "idle": N_("idle"),
    "printing": N_("printing"),
    "stopped": N_("stopped"),
    "error": N_("error"),
    "offline": N_("offline"),
    "paused": N_("paused"),
    "no paper": N_("no paper"),
    "jammed": N_("paper jam"),
    "door open": N_("door open"),
    "no toner": N_("no toner"),
}


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result per printer that is set up, or that the print service does not run."""
    if readings.text("devices.print_service") == "stopped":
        yield Result(
            Verdict.WATCH,
            value=_("stopped"),
            value_text=_("stopped"),
            sentence=_("The print service is installed but does not run."),
            customer_sentence=_("The part of the system that prints is not running."),
            advice=_("Start the print service, and see why it stopped."),
            reading_ids=("devices.print_service",),
        )
    for printer in readings.subjects("devices.printer.state"):
        state = readings.text("devices.printer.state", printer) or ""
        jobs = int(readings.number("devices.printer.jobs", printer) or 0)
        stopped = state in STOPPED
        told = _(_STATES.get(state, "")) or state
        verdict, advice = Verdict.OK, ""
        customer = _("The printer is ready.")
        sentence = _("{printer} is ready ({state}).", printer=printer, state=told)
        if stopped:
            # With jobs waiting somebody wants to print today; without, nobody may miss it.
            verdict = Verdict.ACT if jobs else Verdict.WATCH
            sentence = ngettext(
                "{printer} has stopped ({state}), {n} job waits.",
                "{printer} has stopped ({state}), {n} jobs wait.",
                jobs,
                printer=printer,
                state=told,
            )
            customer = _("The printer has stopped and does not print at the moment.")
            advice = _("See what the printer shows, then let the queue go on.")
        elif jobs >= levels.watch_jobs:
            verdict = Verdict.WATCH
            sentence = ngettext(
                "{n} job waits at {printer}.", "{n} jobs wait at {printer}.", jobs, printer=printer
            )
            customer = _("Many prints are waiting in the queue.")
            advice = _("Cancel what is no longer wanted and print one page.")
        yield Result(
            verdict,
            printer,
            jobs,
            "count",
            value_text=told,
            limit_text=_("watch from {watch} jobs", watch=number(levels.watch_jobs)),
            sentence=sentence,
            customer_sentence=customer,
            advice=advice,
            reading_ids=("devices.printer.state", "devices.printer.jobs"),
            higher_is_better=False,
        )


CHECK = Check(
    id="printers",
    title=N_("Printers"),
    area=Area.DEVICES,
    why=N_("A queue that stopped once stays stopped until somebody starts it again."),
    probes=(devices.PRINTERS,),
    levels=Levels(),
    needs=("devices.print_service",),
    evaluate=evaluate,
    explains={
        Complaint.NO_PRINTING: Explanation(
            why=N_("The printer or its queue has stopped."),
            why_not=N_("Printer and queue are ready."),
            watch=Explains.LIKELY,
        )
    },
)
