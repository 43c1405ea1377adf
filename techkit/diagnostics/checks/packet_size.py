"""Whether each connected interface passes packets as large as the internet expects."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, number
from techkit.probes import network
from techkit.records.findings import Area, Complaint, Verdict


@level_set
class Levels:
    """The largest packet (MTU) of an interface."""

    least_bytes: int = level(
        1280, unit="bytes", source="RFC 8200, section 5: what every link of IPv6 must pass", help="less than"
    )
    internet_bytes: int = level(
        72,
        unit="bytes",
        source="RFC 791: 68, what every link of the internet passes; a CAN bus in machines and cars has 16 or 72",
        help="up to this it is no link of the internet",
    )


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result per physical interface that is connected."""
    for name in readings.subjects("network.interface.mtu"):
        largest = readings.number("network.interface.mtu", name)
        is_physical = readings.flag("network.interface.is_physical", name) is not False
        if largest is None or not readings.flag("network.interface.is_up", name) or not is_physical:
            continue
        if largest <= levels.internet_bytes:
            continue
        is_small = largest < levels.least_bytes
        yield Result(
            verdict=Verdict.WATCH if is_small else Verdict.OK,
            subject=name,
            value=round(largest),
            unit="bytes",
            value_text=_("{n} bytes", n=number(largest, 0)),
            limit_text=_("at least {n} bytes", n=number(levels.least_bytes, 0)),
            sentence=_("{name} passes packets of at most {n} bytes only.", name=name, n=number(largest, 0))
            if is_small
            else _("{name} passes packets of {n} bytes.", name=name, n=number(largest, 0)),
            customer_sentence=_(
                "Your network connection is set to very small pieces, so some pages may not open."
            )
            if is_small
            else _("Your network connection passes data in pieces of the usual size."),
            advice=_(
                "Set the packet size (MTU) of the connection back to automatic; see whether a tunnel sets it."
            )
            if is_small
            else "",
            reading_ids=("network.interface.mtu",),
        )


CHECK = Check(
    id="packet_size",
    title=N_("Packet size"),
    area=Area.NETWORK,
    why=N_("Where packets are too small, small pages open and large ones hang."),
    probes=(network.INTERFACES,),
    levels=Levels(),
    needs=("network.interface.mtu",),
    evaluate=evaluate,
    explains={
        Complaint.NO_INTERNET: Explanation(
            why=N_("The connection passes very small packets only."),
            why_not=N_("The connection passes packets of the usual size."),
        )
    },
)
