"""Services of the system that should run and failed."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.diagnostics.name_lists import Words, judged, names_of
from techkit.i18n import N_, ngettext
from techkit.probes import services
from techkit.records.findings import Area, Complaint, Explains


@level_set
class Levels:
    """Services in the state failed."""

    watch_count: int = level(1, unit="count", source="node-mixin NodeSystemdServiceFailed")


WORDS = Words(
    good=N_("No service has failed."),
    customer_good=N_("All background services are running."),
    customer_bad=N_("A background service of the system is not running."),
    advice=N_("Look at why it failed, and start it again or switch it off."),
)


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result, naming the services."""
    names = names_of(readings, "os.services.failed")
    if names is None:
        return
    bad = ngettext(
        "{n} service has failed: {names}.",
        "{n} services have failed: {names}.",
        len(names),
        names=quantities.listed(names),
    )
    yield judged(names, levels.watch_count, "os.services.failed", WORDS, bad)


CHECK = Check(
    id="failed_services",
    title=N_("Failed services"),
    area=Area.OPERATING_SYSTEM,
    why=N_("A service that failed is missing without anybody being told."),
    probes=(services.SERVICES,),
    levels=Levels(),
    needs=("os.services.failed",),
    evaluate=evaluate,
    explains={
        Complaint.NO_PRINTING: Explanation(
            why=N_("A service that failed may be the one that is missing."),
            watch=Explains.POSSIBLE,
            ok=None,
        ),
        Complaint.NO_SOUND: Explanation(
            why=N_("A service that failed may be the one that is missing."),
            watch=Explains.POSSIBLE,
            ok=None,
        ),
        Complaint.NO_INTERNET: Explanation(
            why=N_("A service that failed may be the one that is missing."),
            watch=Explains.POSSIBLE,
            ok=None,
        ),
    },
)
