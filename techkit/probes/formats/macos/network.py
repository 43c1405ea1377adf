"""Network services and Wi-Fi."""

from __future__ import annotations

import re
from typing import Any

from techkit.probes.formats.macos.values import Item, dicts, joined, nested, number, text, walk
from techkit.probes.sheet import Sheet


def network(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    """Add the network services with an interface: addresses, gateway, name servers."""
    for item in walk(items):
        name = text(item, "interface", "BSD Device Name")
        if not name:
            continue

        def add(field: str, value: object, name: str = name) -> None:
            sheet.add(f"network.interface.{field}", value, subject=name)

        ethernet = nested(item, "Ethernet")
        add("description", text(item, "_name"))
        add("mac", text(ethernet, "MAC Address").casefold())
        add("is_wireless", text(item, "type", "Type", "hardware", "Hardware") in ("AirPort", "Wi-Fi"))
        v4, v6 = nested(item, "IPv4"), nested(item, "IPv6")
        add("ipv4", joined(v4.get("Addresses")) or text(item, "IPv4 Addresses"))
        add("ipv6", joined(v6.get("Addresses")))
        add("gateway", text(v4, "Router"))
        method = text(v4, "ConfigMethod", "Configuration Method")
        add("dhcp", method == "DHCP" if method else None)
        add(
            "dns_servers",
            joined(nested(item, "DNS").get("ServerAddresses") or nested(item, "DNS").get("Server Addresses")),
        )


def airport(sheet: Sheet, items: list[dict[str, Any]]) -> None:
    """Add each Wi-Fi interface and the network it is in."""
    for item in items:
        for card in dicts(item.get("spairport_airport_interfaces")):
            name = text(card, "_name")
            if name.startswith(("awdl", "llw")):  # the wireless links of AirDrop
                continue
            network = card.get("spairport_current_network_information")
            status = text(card, "spairport_status_information")
            sheet.add(
                "network.wifi.is_connected",
                status.endswith("connected") and "not" not in status if status else None,
                subject=name,
            )
            others = dicts(card.get("spairport_airport_other_local_wireless_networks"))
            sheet.add("network.wifi.network_count", len(others), subject=name)
            country = text(card, "spairport_wireless_country_code")
            sheet.add("network.wifi.country", country, subject=name)
            if isinstance(network, dict) and network:
                _network_in_use(sheet, name, network)


def _network_in_use(sheet: Sheet, name: str, network: Item) -> None:
    """Add the readings of the Wi-Fi network in use."""

    def add(field: str, value: object) -> None:
        sheet.add(f"network.wifi.{field}", value, subject=name)

    add("is_connected", True)
    add("ssid", text(network, "_name"))
    add("bssid", text(network, "spairport_network_bssid"))
    add("standard", text(network, "spairport_network_phymode"))
    add("security", _protection(text(network, "spairport_security_mode")))
    channel = re.match(
        r"(\d{1,3})(?: \(([\d.]{1,3})GHz, (\d{2,3})MHz\))?", text(network, "spairport_network_channel")
    )
    if channel:
        add("channel", int(channel[1]))
        if channel[2]:
            add("band_ghz", {"2": 2.4}.get(channel[2], float(channel[2])))  # written "2GHz"
            add("width_mhz", int(channel[3]))
    rate = number(network, "spairport_network_rate")
    add("rate_mbit", rate)
    levels = re.match(r"(-\d{1,3}) dBm / (-\d{1,3}) dBm", text(network, "spairport_signal_noise"))
    if levels:
        add("signal_dbm", int(levels[1]))
        add("noise_dbm", int(levels[2]))


def _protection(mode: str) -> str:
    """Return "wpa2_personal" as the settings and wdutil write it, "open" for none."""
    words = mode.removeprefix("spairport_security_mode_")
    if words == "none":
        return "open"
    return " ".join(
        word.upper() if word[:3] in ("wpa", "wep", "owe") else word.title() for word in words.split("_")
    )
