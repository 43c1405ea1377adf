"""Whether the Wi-Fi uses a channel that lies across its neighbours' in the crowded 2.4 GHz band."""

from __future__ import annotations

from collections.abc import Iterator

from techkit import i18n
from techkit.diagnostics.check import Check, Explanation, Readings, Result, level, level_set
from techkit.i18n import N_, _
from techkit.probes import wifi
from techkit.records.findings import Area, Complaint, Explains, Verdict

#: Channels that leave room for each other: 1, 6, 11 everywhere, 1, 5, 9, 13 in Europe.
#: Source: IEEE 802.11-2020, 15.4.4.3 (centres 5 MHz apart) and 19.3.15 (each some 20 MHz wide).
APART = frozenset({1, 5, 6, 9, 11, 13, 14})


@level_set
class Levels:
    """The 2.4 GHz band has room for three channels of 20 MHz, and for one and a half of 40 MHz."""

    watch_width_mhz: int = level(40, unit="MHz", source="IEEE 802.11-2020, 19.3.15: half of the band")


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result per connected card whose channel and band are known."""
    for card in readings.subjects("network.wifi.channel"):
        channel, band = (
            readings.number("network.wifi.channel", card),
            readings.number("network.wifi.band_ghz", card),
        )
        if channel is None or band is None or readings.flag("network.wifi.is_connected", card) is False:
            continue
        width = readings.number("network.wifi.width_mhz", card)
        is_low = band < 3
        is_wide = is_low and width is not None and width >= levels.watch_width_mhz
        is_across = is_low and int(channel) not in APART
        good = not (is_wide or is_across)
        told = {
            "card": card,
            "channel": i18n.number(channel),
            "band": i18n.quantity(band, "GHz", 1 if is_low else 0),
        }
        sentence = _("{card} uses channel {channel} at {band}.", **told)
        if is_across:
            sentence = _("{card} uses channel {channel} at {band}, across two of the usual channels.", **told)
        elif is_wide:
            sentence = _("{card} uses half of the whole band at {band}.", **told)
        yield Result(
            Verdict.OK if good else Verdict.WATCH,
            card,
            int(channel),
            value_text=_("channel {channel}, {band}", channel=told["channel"], band=told["band"]),
            limit_text=_("1, 6 or 11 at 2.4 GHz"),
            sentence=sentence,
            customer_sentence=_("Your Wi-Fi keeps out of its neighbours’ way.")
            if good
            else _("Your Wi-Fi and your neighbours’ disturb each other."),
            advice=""
            if good
            else _("Let the router choose its channel by itself, or use the 5 GHz network."),
            reading_ids=("network.wifi.channel", "network.wifi.band_ghz"),
        )


CHECK = Check(
    id="wifi_channel",
    title=N_("Wi-Fi channel"),
    area=Area.NETWORK,
    why=N_("Networks that overlap wait for each other and lose packets."),
    probes=(wifi.LINK,),
    levels=Levels(),
    evaluate=evaluate,
    explains={
        Complaint.SLOW: Explanation(
            why=N_("The Wi-Fi shares its channel badly with its neighbours."),
            watch=Explains.POSSIBLE,
            ok=None,
        ),
    },
)
