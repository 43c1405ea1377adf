"""Network adapters, their addresses and the kind of network.

Source of codes: Microsoft Learn, the page of each class; CIM and SMBIOS where named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from techkit.probes.formats import vpn_text
from techkit.probes.formats.windows.values import Read, Row, listed, number, text, truth
from techkit.probes.sheet import Sheet


def _profiles(sheet: Sheet, rows: Sequence[Row]) -> None:
    # MSFT_NetConnectionProfile.NetworkCategory: 0 public, 1 private, 2 domain.
    categories = [number(row, "NetworkCategory") for row in rows]
    if categories:
        sheet.add("security.firewall.public_network", 0 in categories)


def _adapters(sheet: Sheet, rows: Sequence[Row]) -> None:
    for row in rows:
        name = text(row, "NetConnectionID") or text(row, "Name")
        if not name or not text(row, "MACAddress"):
            continue

        def add(field: str, value: object, name: str = name) -> None:
            sheet.add(f"network.interface.{field}", value, subject=name)

        add("description", text(row, "Name"))
        add("mac", text(row, "MACAddress").casefold())
        status = number(row, "NetConnectionStatus")
        add("is_up", status == 2 if status is not None else None)
        add("is_physical", _is_hardware(row))
        speed = number(row, "Speed")
        add("speed_mbit", speed // 10**6 if speed and 0 < speed < 2**62 else None)
        add("driver", text(row, "ServiceName"))


def _is_hardware(row: Row) -> bool | None:
    device = text(row, "PNPDeviceID").upper()
    if not device:
        return truth(row, "PhysicalAdapter")
    return (
        device.startswith(("PCI\\", "USB\\", "SD\\", "PCMCIA\\", "VMBUS\\"))
        and truth(row, "PhysicalAdapter") is not False
    )


def _net_adapters(sheet: Sheet, rows: Sequence[Row]) -> None:
    for row in rows:
        name = text(row, "Name") or text(row, "InterfaceDescription")
        if not name or truth(row, "Hidden"):
            continue

        def add(field: str, value: object, name: str = name) -> None:
            sheet.add(f"network.interface.{field}", value, subject=name)

        add("description", text(row, "InterfaceDescription"))
        address = text(row, "PermanentAddress") or text(row, "NetworkAddresses")
        digits = re.sub(r"[^0-9A-Fa-f]", "", address)
        add(
            "mac",
            ":".join(digits[i : i + 2] for i in range(0, 12, 2)).casefold() if len(digits) == 12 else "",
        )
        state = number(row, "InterfaceOperationalStatus")
        add("is_up", state == 1 if state is not None else None)
        add("is_physical", truth(row, "HardwareInterface"))
        medium = number(row, "NdisPhysicalMedium")
        add("is_wireless", medium in (1, 9) if medium is not None else None)
        speed = number(row, "TransmitLinkSpeed") or number(row, "Speed")
        add("speed_mbit", speed // 10**6 if speed and 0 < speed < 2**62 else None)
        add("mtu", number(row, "MtuSize") or number(row, "ActiveMaximumTransmissionUnit") or None)
        duplex = truth(row, "FullDuplex")
        add("duplex", None if duplex is None or state != 1 else "full" if duplex else "half")
        add("driver", text(row, "DriverDescription"))


def _configurations(sheet: Sheet, rows: Sequence[Row]) -> None:
    for row in rows:
        name = text(row, "Description") or text(row, "Caption")
        if not name or not truth(row, "IPEnabled"):
            continue
        index = number(row, "Index")
        if sheet.value("network.interface.dhcp", name) is not None:
            name = f"{name} #{index}"

        def add(field: str, value: object, name: str = name) -> None:
            sheet.add(f"network.interface.{field}", value, subject=name)

        addresses = listed(row, "IPAddress")
        add("dhcp", truth(row, "DHCPEnabled"))
        add("mac", text(row, "MACAddress").casefold())
        add("ipv4", ", ".join(a for a in addresses if ":" not in a))
        add("ipv6", ", ".join(a for a in addresses if ":" in a))
        add("gateway", ", ".join(listed(row, "DefaultIPGateway")))
        add("dns_servers", ", ".join(listed(row, "DNSServerSearchOrder")))
        add("mtu", number(row, "MTU") or None)


#: What VPN programs call their adapters, in every language: names of products and drivers. Source: their own drivers.
_TUNNELS: Final = re.compile(
    r"vpn|wireguard|wintun|nordlynx|tap-windows|tapwindows|tap0901|ovpn|tailscale|zerotier|anyconnect|cisco secure client"
    r"|forti|pangp|pulse secure|juniper|check point|sonicwall|softether|hamachi|warp interface",
    re.IGNORECASE,
)

#: The whole internet, or its halves: how a VPN takes all traffic without touching the default route.
_ALL: Final = ("0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1")


def vpns(built_in: Sequence[Row], adapters: Sequence[Row], routes: Sequence[Row]) -> vpn_text.Connections:
    """Return the VPNs: those Windows itself keeps (Get-VpnConnection), and adapters VPN programs made."""
    way = way_out(routes)
    found = []
    for row in built_in:
        name, status = text(row, "Name"), text(row, "ConnectionStatus")
        if name and status:
            is_split = truth(row, "SplitTunneling")
            is_connected = status.casefold() == "connected"
            found.append(
                vpn_text.Connection(
                    name,
                    text(row, "TunnelType").casefold() or "automatic",
                    is_connected,
                    name,
                    (way == name if way else not is_split) if is_connected and is_split is not None else None,
                )
            )
    for row in adapters:
        name, described = text(row, "Name"), text(row, "InterfaceDescription")
        if name and not truth(row, "Hidden") and _TUNNELS.search(f"{described} {text(row, 'ComponentID')}"):
            kind = "wireguard" if re.search("wireguard|nordlynx", described, re.IGNORECASE) else "tunnel"
            state = number(row, "InterfaceOperationalStatus")
            found.append(vpn_text.Connection(name, kind, state == 1, name))
    return vpn_text.Connections(tuple(found), way)


def way_out(routes: Sequence[Row]) -> str:
    """Return the interface of the closest and cheapest route to the internet, "" for none."""
    found = []
    for row in routes:
        prefix, name = text(row, "DestinationPrefix"), text(row, "InterfaceAlias")
        if prefix in _ALL and name:
            cost = (number(row, "RouteMetric") or 0) + (number(row, "InterfaceMetric") or 0)
            found.append((prefix == _ALL[0], cost, name))
    return min(found)[2] if found else ""


def _vpn_connections(sheet: Sheet, rows: Sequence[Row]) -> None:
    sheet.extend(vpn_text.readings(vpns(rows, (), ()), "Get-VpnConnection"))


#: Class → what reads its objects.
READERS: Final[Mapping[str, Read]] = {
    "MSFT_NetConnectionProfile": _profiles,
    "Win32_NetworkAdapter": _adapters,
    "MSFT_NetAdapter": _net_adapters,
    "Win32_NetworkAdapterConfiguration": _configurations,
    "techkit_vpn": _vpn_connections,
    "VpnConnection": _vpn_connections,
}
