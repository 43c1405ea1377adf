"""Damaged and dropped packets on each connected interface."""

from __future__ import annotations

from collections.abc import Iterator

from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _, percent
from techkit.probes import network
from techkit.records.findings import Area, Complaint, Evidence, Explains, Verdict


@level_set
class Levels:
    """Shares of all packets since the interface was started."""

    errors: float = level(
        0.01, unit="share", source="node-mixin NodeNetworkReceiveErrs: over 1 %", help="more than"
    )
    drops: float = level(
        0.02, unit="share", source="netdata inbound_packets_dropped_ratio: 2 %", help="at least"
    )
    drops_wireless: float = level(
        0.10,
        unit="share",
        source="netdata wifi_inbound_packets_dropped_ratio: 10 %",
        help="at least, on Wi-Fi",
    )
    packets: int = level(
        1000, unit="count", source="ours: fewer packets make no honest share", help="at least, to judge"
    )


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result per physical interface that is connected and has moved enough packets."""
    for name in readings.subjects("network.interface.received_packets"):
        if (
            not readings.flag("network.interface.is_up", name)
            or readings.flag("network.interface.is_physical", name) is False
        ):
            continue
        packets = _sum(readings, name, "received_packets", "sent_packets")
        if packets >= levels.packets:
            yield _judged(readings, name, packets, levels)


def _judged(readings: Readings, name: str, packets: float, levels: Levels) -> Result:
    errors = _sum(readings, name, "receive_errors", "send_errors") / packets
    drops = _sum(readings, name, "receive_drops", "send_drops") / packets
    is_wireless = bool(readings.flag("network.interface.is_wireless", name))
    drops_limit = levels.drops_wireless if is_wireless else levels.drops
    is_bad = errors > levels.errors or drops >= drops_limit
    return Result(
        verdict=Verdict.WATCH if is_bad else Verdict.OK,
        subject=name,
        value=round(100 * errors, 3),
        unit="percent",
        value_text=percent(errors, 2),
        limit_text=_("at most {limit}", limit=percent(levels.errors, 0)),
        sentence=_(
            "{name}: {errors} of the packets were damaged, {drops} were dropped.",
            name=name,
            errors=percent(errors, 2),
            drops=percent(drops, 2),
        ),
        customer_sentence=_("Data arrives damaged or gets lost on your network connection.")
        if is_bad
        else _("Data arrives undamaged on your network connection."),
        advice=_("Change the cable and the socket; on Wi-Fi, move closer.") if is_bad else "",
        reading_ids=("network.interface.receive_errors", "network.interface.receive_drops"),
        evidence=(
            Evidence(label=_("Damaged"), value=percent(errors, 2), limit=percent(levels.errors, 0)),
            Evidence(label=_("Dropped"), value=percent(drops, 2), limit=percent(drops_limit, 0)),
        ),
        higher_is_better=False,
        # Ours: a tenth of the limit; smaller changes of a share since start-up mean nothing.
        tolerance=0.1,
    )


def _sum(readings: Readings, name: str, *counters: str) -> float:
    return sum(readings.number(f"network.interface.{counter}", name) or 0.0 for counter in counters)


CHECK = Check(
    id="network_errors",
    title=N_("Damaged data on the network"),
    area=Area.NETWORK,
    why=N_("A bad cable or weak Wi-Fi damages data, which then has to be sent again."),
    probes=(network.INTERFACES,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.NO_INTERNET: Explanation(
            why=N_("The cable or Wi-Fi damages data."), watch=Explains.POSSIBLE, ok=None
        ),
        Complaint.SLOW: Explanation(
            why=N_("Damaged data has to be sent again."), watch=Explains.POSSIBLE, ok=None
        ),
    },
)
