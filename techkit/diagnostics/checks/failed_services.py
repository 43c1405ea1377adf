"""Services of the system that should run and failed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Readings, Result, level
from techkit.i18n import N_, _, ngettext
from techkit.probes import operating_system
from techkit.records.findings import Area, Verdict


@dataclass(frozen=True)
class Levels:
    """Services in the state failed."""

    watch_count: int = level(1, unit="count", source="node-mixin NodeSystemdServiceFailed")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result, naming the services."""
    reading = readings.get("os.services.failed")
    if reading is None or not isinstance(reading.value, list):
        return
    names = [str(name) for name in reading.value]
    good = len(names) < levels.watch_count
    yield Result(
        Verdict.OK if good else Verdict.WATCH,
        value=len(names),
        unit="count",
        value_text=_("none") if good else quantities.listed(names, 2),
        limit_text=_("watch from {watch}", watch=levels.watch_count),
        sentence=_("No service has failed.")
        if good
        else ngettext(
            "{n} service has failed: {names}.",
            "{n} services have failed: {names}.",
            len(names),
            names=quantities.listed(names),
        ),
        customer_sentence=_("All background services are running.")
        if good
        else _("A background service of the system is not running."),
        advice="" if good else _("Look at why it failed, and start it again or switch it off."),
        reading_ids=("os.services.failed",),
        higher_is_better=False,
    )


CHECK = Check(
    id="failed_services",
    title=N_("Failed services"),
    area=Area.OPERATING_SYSTEM,
    why=N_("A service that failed is missing without anybody being told."),
    probes=(operating_system.SERVICES,),
    levels=Levels(),
    needs=("os.services.failed",),
    evaluate=evaluate,
)
