"""Whether the internet, or the set reference host, is reached: the ladder's sixth rung."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level_set
from techkit.i18n import N_, _
from techkit.probes import network, proxy
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """No numbers: a connection is made or it is not."""


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield one result: the reference host is reached, directly or through a proxy that is set, or is not."""
    is_reachable = readings.flag("network.internet.is_reachable")
    through = [
        place
        for place in readings.subjects("network.proxy.reaches_internet")
        if readings.flag("network.proxy.reaches_internet", place)
    ]
    if through and not is_reachable:
        # Many companies let nothing out but what goes through their proxy.
        yield Result(
            verdict=Verdict.OK,
            value=True,
            value_text=_("reached"),
            sentence=_("The reference host is reached through the proxy ({place}).", place=through[0]),
            customer_sentence=_("The internet can be reached."),
            source=readings.source("network.proxy.reaches_internet", through[0]),
            reading_ids=("network.proxy.reaches_internet",),
        )
        return
    if is_reachable is None:
        return
    source = readings.source("network.internet.is_reachable")
    yield Result(
        verdict=Verdict.OK if is_reachable else Verdict.ACT,
        value=is_reachable,
        value_text=_("reached") if is_reachable else _("not reached"),
        sentence=_("The reference host was reached ({source}).", source=source)
        if is_reachable
        else _(
            "The reference host was not reached ({source}): this is the first broken rung.", source=source
        ),
        customer_sentence=_("The internet can be reached.")
        if is_reachable
        else _("The internet cannot be reached."),
        advice="" if is_reachable else _("Ask the internet provider whether the line is disturbed."),
        reading_ids=("network.internet.is_reachable",),
    )


CHECK = Check(
    id="internet_access",
    title=N_("Internet"),
    area=Area.NETWORK,
    why=N_("The router may answer while the line behind it is down."),
    probes=(network.LADDER,),
    also=(proxy.ANSWERS,),
    levels=Levels(),
    needs=("network.internet.is_reachable",),
    evaluate=evaluate,
    explains={
        Complaint.NO_INTERNET: Explanation(
            why=N_("The internet is not reached behind the router."), why_not=N_("The internet is reached.")
        )
    },
)
