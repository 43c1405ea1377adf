"""What the computer itself knows of its network: interfaces, gateway, name servers; nothing is sent."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
import struct
import sys
from dataclasses import dataclass, field
from typing import Any

from techkit.children.external import Command
from techkit.errors import ProbeError
from techkit.probes.network_hosts import Host, reference_hosts
from techkit.probes.probe import Access, Platform

#: How macOS tells the way to the internet.
ROUTE_GET = Command(("route", "-n", "get", "default"), limit_s=2.0)


@dataclass(frozen=True)
class Interface:
    """One network interface as the system lists it. addresses: texts, without zone."""

    name: str
    is_up: bool
    addresses: tuple[str, ...] = ()
    is_physical: bool = True


@dataclass(frozen=True)
class Local:
    """What the computer itself knows of its network.

    gateway: address of the next router, "" for none. neighbour: what the link layer knows of it,
    "answers", "silent" or "" for nothing. hosts: reference hosts, may be empty.
    """

    interfaces: tuple[Interface, ...] = ()
    gateway: str = ""
    neighbour: str = ""
    nameservers: tuple[str, ...] = ()
    hosts: tuple[Host, ...] = ()
    sources: dict[str, str] = field(default_factory=dict)


def is_loopback(name: str, flags: str) -> bool:
    """Return whether an interface only speaks to the computer itself."""
    return "loopback" in flags.split(",") or name == "lo" or name.startswith("Loopback Pseudo")


def look(access: Access) -> Local:
    """Return interfaces, gateway, name servers and the hosts to ask, without sending anything."""
    import psutil

    addresses = psutil.net_if_addrs()
    interfaces = tuple(
        Interface(
            name,
            state.isup,
            tuple(
                str(entry.address).partition("%")[0]
                for entry in addresses.get(name, [])
                if entry.family in (socket.AF_INET, socket.AF_INET6)
            ),
            access.platform is not Platform.LINUX or access.exists(f"/sys/class/net/{name}/device"),
        )
        for name, state in sorted(psutil.net_if_stats().items())
        if not is_loopback(name, state.flags)
    )
    gateway, source = _gateway(access)
    return Local(
        interfaces=interfaces,
        gateway=gateway,
        neighbour=neighbour(access, gateway),
        nameservers=_nameservers(access),
        hosts=reference_hosts(access),
        sources={"gateway": source},
    )


def parse_route(text: str) -> str:
    """Return the IPv4 default gateway of /proc/net/route, "" for none.

    Shape: columns Iface, Destination, Gateway, Flags, …; addresses are little-endian hexadecimal.
    Source: Linux Documentation, proc(5), net/route.
    """
    best: tuple[int, str] | None = None
    for line in text.splitlines()[1:]:
        columns = line.split()
        with contextlib.suppress(ValueError, IndexError, struct.error):
            # Up and through a gateway: RTF_UP | RTF_GATEWAY of include/uapi/linux/route.h.
            if columns[1] == "00000000" and int(columns[3], 16) & 0x3 == 0x3:
                address = socket.inet_ntoa(struct.pack("<I", int(columns[2], 16)))
                best = min(best or (2**32, ""), (int(columns[6]), address))
    return best[1] if best else ""


def parse_ipv6_route(text: str) -> str:
    """Return the IPv6 default gateway of /proc/net/ipv6_route, "" for none.

    Shape: destination, prefix, source, prefix, next hop, metric, counters, flags, device.
    Source: net/ipv6/route.c, rt6_info_route.
    """
    for line in text.splitlines():
        columns = line.split()
        with contextlib.suppress(ValueError, IndexError):
            if int(columns[0], 16) == 0 and columns[1] == "00" and int(columns[8], 16) & 0x3 == 0x3:
                address = ipaddress.IPv6Address(int(columns[4], 16))
                # A router's own address holds on one link only; which one belongs to it.
                return f"{address}%{columns[9]}" if address.is_link_local else str(address)
    return ""


def parse_arp(text: str, gateway: str) -> str:
    """Return "answers", "silent" or "" for a gateway in /proc/net/arp; flag 0x2 is a complete entry."""
    for line in text.splitlines()[1:]:
        columns = line.split()
        if len(columns) > 3 and columns[0] == gateway:
            with contextlib.suppress(ValueError):
                return "answers" if int(columns[2], 16) & 0x2 else "silent"
    return ""


def parse_route_get(text: str) -> str:
    """Return the gateway in the output of macOS' `route -n get default`, "" for none."""
    match = re.search(r"^\s*gateway:\s*(\S+)", text, re.MULTILINE)
    return match[1].partition("%")[0] if match else ""


def parse_resolv(text: str) -> tuple[str, ...]:
    """Return the name servers of a resolv.conf, in order. Source: resolv.conf(5)."""
    return tuple(re.findall(r"^nameserver\s+(\S+)", text, re.MULTILINE))


def _gateway(access: Access) -> tuple[str, str]:
    """Return the default gateway ("" for none) and where it was read."""
    if access.platform is Platform.LINUX:
        gateway = parse_route(access.text_or("/proc/net/route"))
        if gateway:
            return gateway, "/proc/net/route"
        return parse_ipv6_route(access.text_or("/proc/net/ipv6_route")), "/proc/net/ipv6_route"
    if access.platform is Platform.MACOS:
        with contextlib.suppress(ProbeError):
            return parse_route_get(access.run(ROUTE_GET).text), "route -n get default"
        return "", "route -n get default"
    values = _windows_interface_values("DhcpDefaultGateway", "DefaultGateway")
    return next(iter(values), ""), r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces"


def neighbour(access: Access, gateway: str) -> str:
    """Return what the link layer knows of the gateway: "answers", "silent", or "" for nothing."""
    if access.platform is not Platform.LINUX or not gateway:
        return ""
    return parse_arp(access.text_or("/proc/net/arp"), gateway)


def _nameservers(access: Access) -> tuple[str, ...]:
    if access.platform is Platform.WINDOWS:
        return _windows_interface_values("DhcpNameServer", "NameServer")
    return parse_resolv(access.text_or("/etc/resolv.conf"))


def _windows_interface_values(*names: str) -> tuple[str, ...]:
    """Return the addresses under these value names of all TCP/IP interfaces, in registry order."""
    found: list[str] = []
    if sys.platform == "win32":
        import winreg

        path = r"SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces"
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path) as root:
            for index in range(winreg.QueryInfoKey(root)[0]):
                with winreg.OpenKey(root, winreg.EnumKey(root, index)) as key:
                    for name in names:
                        found += _addresses_of(key, name)
    return tuple(dict.fromkeys(found))


def _addresses_of(key: Any, name: str) -> list[str]:
    """Return the addresses under a value name of an opened key; [] where there is none."""
    import winreg

    try:
        value = winreg.QueryValueEx(key, name)[0]  # type: ignore[attr-defined,unused-ignore] # Windows only
    except OSError:
        return []
    # A list (REG_MULTI_SZ) or one text parted by blanks or commas.
    texts = value if isinstance(value, list) else re.split(r"[\s,]+", str(value))
    return [text for text in texts if text and text != "0.0.0.0"]  # noqa: S104 - "no gateway"
