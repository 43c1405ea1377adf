"""Whether the computer is connected to a network at all: the ladder's first rung."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level_set
from techkit.i18n import N_, _
from techkit.probes import network
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """No numbers: a link is there or not."""


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield one result: an interface is connected, or none is."""
    is_up = readings.flag("network.link.is_up")
    if is_up is None:
        return
    names = readings.text("network.link.interfaces") or ""
    if is_up:
        yield Result(
            verdict=Verdict.OK,
            value=True,
            value_text=_("connected"),
            sentence=_("Connected to a network through {names}.", names=names),
            customer_sentence=_("Your computer is connected to a network."),
            reading_ids=("network.link.is_up",),
        )
    else:
        yield Result(
            verdict=Verdict.ACT,
            value=False,
            value_text=_("not connected"),
            sentence=_("No network interface is connected: this is the first broken rung."),
            customer_sentence=_("Your computer is not connected to any network."),
            advice=_("Check the cable, or turn Wi-Fi on and choose the network."),
            reading_ids=("network.link.is_up",),
        )


CHECK = Check(
    id="network_link",
    title=N_("Network link"),
    area=Area.NETWORK,
    why=N_("Without a cable or Wi-Fi connection nothing else of the network can work."),
    probes=(network.LADDER,),
    levels=Levels(),
    needs=("network.link.is_up",),
    evaluate=evaluate,
    explains={
        Complaint.NO_INTERNET: Explanation(
            why=N_("The computer is not connected to a network."),
            why_not=N_("The computer is connected to a network."),
        )
    },
)
