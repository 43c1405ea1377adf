"""Network adapters, their addresses and the kind of network.

Source of codes: Microsoft Learn, the page of each class; CIM and SMBIOS where named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from techkit.probes.declarations import Sheet
from techkit.probes.formats.windows.values import Read, Row, listed, number, text, truth


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


#: Class → what reads its objects.
READERS: Final[Mapping[str, Read]] = {
    "MSFT_NetConnectionProfile": _profiles,
    "Win32_NetworkAdapter": _adapters,
    "MSFT_NetAdapter": _net_adapters,
    "Win32_NetworkAdapterConfiguration": _configurations,
}
