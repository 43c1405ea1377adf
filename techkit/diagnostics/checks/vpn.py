"""Whether a VPN takes all traffic of the computer; one that is set up and not connected is no fault."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level_set
from techkit.i18n import N_, _, ngettext
from techkit.probes import network, vpn
from techkit.records.findings import Area, Complaint, Evidence, Verdict


@level_set
class Levels:
    """No numbers: the way to the internet goes through a VPN or it does not."""


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield one result per VPN that takes all traffic, otherwise one good result naming what is connected."""
    if readings.number("network.vpn.count") is None:
        return
    names = readings.subjects("network.vpn.is_connected")
    taking = [name for name in names if readings.flag("network.vpn.takes_all", name)]
    for name in taking:
        yield _taking(readings, name)
    if not taking:
        yield _quiet(readings, names)


def _taking(readings: Readings, name: str) -> Result:
    is_reached = readings.flag("network.internet.is_reachable")
    is_broken = is_reached is False or readings.flag("network.resolution.works") is False
    return Result(
        verdict=Verdict.ACT if is_broken else Verdict.WATCH,
        subject=name,
        value=True,
        value_text=_("takes all traffic"),
        sentence=_("All traffic goes through the VPN {name}, and the internet is not reached.", name=name)
        if is_broken
        else _("All traffic goes through the VPN {name}.", name=name),
        customer_sentence=_("Your computer sends everything through a VPN, and nothing comes back.")
        if is_broken
        else _("Your computer sends everything through a VPN; the internet is only as fast as that way."),
        advice=_("Ask whether the VPN is needed now; disconnect it and measure again."),
        reading_ids=("network.vpn.takes_all", "network.vpn.is_connected"),
        evidence=_rows(readings, [name]),
        explains_why=_(
            "All traffic goes through the VPN {name}; its far end may be slow or gone.", name=name
        ),
    )


def _quiet(readings: Readings, names: list[str]) -> Result:
    connected = [name for name in names if readings.flag("network.vpn.is_connected", name)]
    if connected:
        sentence = _(
            "A VPN is connected ({names}); it does not take all traffic.", names=", ".join(connected)
        )
        customer = _("A VPN is connected and used only for what needs it.")
    elif names:
        sentence = ngettext(
            "{n} VPN is set up and not connected.", "{n} VPNs are set up and not connected.", len(names)
        )
        customer = _("No VPN is connected.")
    else:
        sentence = customer = _("No VPN is set up.")
    return Result(
        verdict=Verdict.OK,
        value=len(connected),
        unit="count",
        value_text=_("connected") if connected else _("not connected") if names else _("none"),
        sentence=sentence,
        customer_sentence=customer,
        source=readings.source("network.vpn.count"),
        reading_ids=("network.vpn.count",),
        evidence=_rows(readings, names),
    )


def _rows(readings: Readings, names: list[str]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            label=name,
            value=_("connected ({kind})", kind=readings.text("network.vpn.kind", name) or _("not known"))
            if readings.flag("network.vpn.is_connected", name)
            else _("not connected ({kind})", kind=readings.text("network.vpn.kind", name) or _("not known")),
        )
        for name in names
    )


CHECK = Check(
    id="vpn",
    title=N_("VPN"),
    area=Area.NETWORK,
    why=N_("Through a VPN the internet is only as fast and as reachable as its far end."),
    probes=(vpn.CONNECTIONS,),
    also=(network.LADDER,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.NO_INTERNET: Explanation(
            why=N_("All traffic goes through a VPN."), why_not=N_("No VPN stands in the way.")
        ),
        Complaint.SLOW: Explanation(
            why=N_("All traffic goes through a VPN."), why_not=N_("No VPN stands in the way.")
        ),
    },
)
