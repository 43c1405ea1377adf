"""Whether the computer has an address on its network: the ladder's second rung."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level_set
from techkit.i18n import N_, _
from techkit.probes import network
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """No numbers: an address is usable, self-assigned (RFC 3927) or not there."""


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield one result for the best address of the connected interfaces."""
    kind = readings.text("network.address.kind")
    if kind is None:
        return
    if kind in ("global", "private"):
        yield Result(
            verdict=Verdict.OK,
            value=kind,
            value_text=_("given"),
            sentence=_("The network has given this computer an address."),
            customer_sentence=_("The network knows your computer."),
            reading_ids=("network.address.kind",),
        )
        return
    sentence = (
        _("The computer gave itself an address (169.254 or fe80): no router answered its request.")
        if kind == "link_local"
        else _("Connected, but without any address.")
    )
    yield Result(
        verdict=Verdict.ACT,
        value=kind,
        value_text=_("none given"),
        sentence=sentence,
        customer_sentence=_("The network did not give your computer an address."),
        advice=_(
            "Restart the router, then the network connection; look whether the router gives out addresses."
        ),
        reading_ids=("network.address.kind",),
    )


CHECK = Check(
    id="network_address",
    title=N_("Network address"),
    area=Area.NETWORK,
    why=N_("Without an address from the network a computer can send nothing beyond its cable."),
    probes=(network.LADDER,),
    levels=Levels(),
    needs=("network.address.kind",),
    evaluate=evaluate,
    explains={
        Complaint.NO_INTERNET: Explanation(
            why=N_("The computer has no address on the network."),
            why_not=N_("The computer has an address on the network."),
        )
    },
)
