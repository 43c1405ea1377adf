"""How well each Wi-Fi card hears its access point."""

from __future__ import annotations

from collections.abc import Iterator

from techkit import i18n
from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _
from techkit.probes import wifi
from techkit.records.findings import Area, Complaint, Evidence, Verdict


@level_set
class Levels:
    """Signal strength, or quality where a system tells only that."""

    watch_dbm: float = level(
        -70.0,
        unit="dBm",
        source="ours: below it rates fall to a few Mbit/s; -67 dBm is usual advice for calls",
    )
    watch_percent: float = level(
        40.0, unit="percent", source="ours: 40 % is -80 to -70 dBm on Windows' scale (-100 to -50 dBm)"
    )


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result per card that is connected."""
    cards = sorted(
        {*readings.subjects("network.wifi.signal_dbm"), *readings.subjects("network.wifi.signal_percent")}
    )
    for card in cards:
        if readings.flag("network.wifi.is_connected", card) is False:
            continue
        dbm = readings.number("network.wifi.signal_dbm", card)
        percent = readings.number("network.wifi.signal_percent", card)
        if dbm is not None:
            value, unit, weak = dbm, "dBm", dbm < levels.watch_dbm
            text, limit = i18n.quantity(dbm, "dBm"), i18n.quantity(levels.watch_dbm, "dBm")
        elif percent is not None:
            value, unit, weak = percent, "percent", percent < levels.watch_percent
            text, limit = quantities.share(percent, 0), quantities.share(levels.watch_percent, 0)
        else:
            continue
        evidence = [
            Evidence(
                label=_("Signal"),
                value=text,
                limit=_("watch below {watch}", watch=limit),
                verdict=Verdict.WATCH if weak else Verdict.OK,
            )
        ]
        channel, rate = (
            readings.number("network.wifi.channel", card),
            readings.number("network.wifi.rate_mbit", card),
        )
        if channel is not None:
            evidence.append(Evidence(label=_("Channel"), value=i18n.number(channel)))
        if rate is not None:
            evidence.append(Evidence(label=_("Speed"), value=i18n.quantity(rate, "Mbit/s")))
        yield Result(
            Verdict.WATCH if weak else Verdict.OK,
            card,
            value,
            unit,
            value_text=text,
            limit_text=_("watch below {watch}", watch=limit),
            sentence=_("{card} hears its access point with {signal}.", card=card or _("Wi-Fi"), signal=text),
            customer_sentence=_("The Wi-Fi signal is weak where the computer stands.")
            if weak
            else _("The Wi-Fi signal is good."),
            advice=_("Move the computer or the access point closer, or use a cable.") if weak else "",
            evidence=tuple(evidence),
            reading_ids=("network.wifi.signal_dbm", "network.wifi.signal_percent"),
            higher_is_better=True,
            tolerance=5.0,
        )


CHECK = Check(
    id="wifi_signal",
    title=N_("Wi-Fi signal"),
    area=Area.NETWORK,
    why=N_("A weak signal makes the internet slow and lets connections break."),
    probes=(wifi.LINK,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.NO_INTERNET: Explanation(
            why=N_("A weak Wi-Fi signal breaks connections."), why_not=N_("The Wi-Fi signal is good.")
        ),
        Complaint.SLOW: Explanation(
            why=N_("With a weak Wi-Fi signal pages load slowly."), why_not=N_("The Wi-Fi signal is good.")
        ),
    },
)
