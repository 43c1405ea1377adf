"""Whether names are looked up, and how fast: the ladder's fourth rung."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, number, quantity
from techkit.probes import network
from techkit.records.findings import Area, Complaint, Explains, Verdict


@level_set
class Levels:
    """When looking up a name is slow."""

    watch_ms: float = level(
        500.0,
        unit="ms",
        source="ours (DIAGNOSTICS levels): a page asks several names in a row",
        help="slower than",
    )


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result: names are looked up, slowly, or not at all."""
    works, duration_ms = (
        readings.flag("network.resolution.works"),
        readings.number("network.resolution.duration_ms"),
    )
    limit = _("at most {limit} ms", limit=number(levels.watch_ms))
    if works is False:
        yield Result(
            verdict=Verdict.ACT,
            value=False,
            value_text=_("no answer"),
            limit_text=limit,
            sentence=_(
                "Names are not looked up: this is the first broken rung. Name servers: {servers}.",
                servers=_servers(readings),
            ),
            customer_sentence=_("Your computer cannot find internet addresses by their names."),
            advice=_("Restart the router; if that does not help, set another name server."),
            reading_ids=("network.resolution.works",),
        )
    elif works and duration_ms is not None:
        is_slow = duration_ms > levels.watch_ms
        time = quantity(duration_ms, "ms")
        yield Result(
            verdict=Verdict.WATCH if is_slow else Verdict.OK,
            value=duration_ms,
            unit="ms",
            value_text=time,
            limit_text=limit,
            sentence=_("Looking up a name took {time}.", time=time),
            customer_sentence=_("Finding internet addresses takes long.")
            if is_slow
            else _("Internet addresses are found quickly."),
            advice=_("Look at the router’s name server; restart the router.") if is_slow else "",
            reading_ids=("network.resolution.duration_ms",),
            higher_is_better=False,
            # Ours: looking up a name varies by this much from one moment to the next.
            tolerance=100.0,
        )


def _servers(readings: Readings) -> str:
    return readings.text("network.resolution.servers") or _("none")


CHECK = Check(
    id="name_resolution",
    title=N_("Looking up names"),
    area=Area.NETWORK,
    why=N_(
        "Web pages and mail are reached by names; when looking them up fails, the internet seems to be gone."
    ),
    probes=(network.LADDER,),
    levels=Levels(),
    needs=("network.resolution.works",),
    evaluate=evaluate,
    explains={
        Complaint.NO_INTERNET: Explanation(
            why=N_("Names of internet pages are not found."), why_not=N_("Names of internet pages are found.")
        ),
        Complaint.SLOW: Explanation(
            why=N_("Every page waits until its name is found."), act=Explains.POSSIBLE, ok=None
        ),
    },
)
