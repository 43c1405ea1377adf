"""Whether a sign-in page stands in the way: the ladder's fifth rung."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level_set
from techkit.i18n import N_, _
from techkit.probes import network
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """No numbers: the reference page comes through unchanged or it does not."""


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield one result: the way is open, or a sign-in page answers instead."""
    is_open = readings.flag("network.portal.is_open")
    if is_open is None:
        return
    yield Result(
        verdict=Verdict.OK if is_open else Verdict.ACT,
        value=is_open,
        value_text=_("no sign-in page") if is_open else _("sign-in page"),
        sentence=_("The reference page came through unchanged.")
        if is_open
        else _("Another page answered instead of the reference page: a sign-in page, a filter or a proxy."),
        customer_sentence=_("No sign-in page stands in the way.")
        if is_open
        else _("This network wants you to sign in before it lets you into the internet."),
        advice="" if is_open else _("Open any page in the browser and sign in to the network."),
        reading_ids=("network.portal.is_open",),
    )


CHECK = Check(
    id="captive_portal",
    title=N_("Sign-in page of the network"),
    area=Area.NETWORK,
    why=N_("Hotels, trains and guest networks let nothing through until somebody signs in."),
    probes=(network.LADDER,),
    levels=Levels(),
    needs=("network.portal.is_open",),
    evaluate=evaluate,
    explains={
        Complaint.NO_INTERNET: Explanation(
            why=N_("The network wants a sign-in first."), why_not=N_("The network asks for no sign-in.")
        )
    },
)
