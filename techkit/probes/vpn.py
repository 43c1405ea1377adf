"""VPN connections: set up, connected, and whether all traffic goes through one. Nothing is sent.

Linux: NetworkManager and the kernel. Windows: its own list, and the adapters VPN programs make. macOS: its network
services and tunnels. The latter two are tested on recorded answers and have not been run by us.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Final

from techkit.children.external import Command
from techkit.errors import ProbeError
from techkit.i18n import N_, _
from techkit.probes.access_linux import line, whole
from techkit.probes.formats import vpn_text
from techkit.probes.formats.vpn_text import Connection, Connections
from techkit.probes.formats.windows import network as windows_network
from techkit.probes.probe import Access, Platform, Probe
from techkit.probes.windows_request import facts
from techkit.records.findings import Reading, Reason

NMCLI: Final = Command(("nmcli", "-t", "-f", "NAME,TYPE,DEVICE,ACTIVE", "connection", "show"), limit_s=2.0)
ROUTE: Final = Command(("ip", "-o", "route", "get", vpn_text.OUTSIDE), limit_s=2.0)
SERVICES: Final = Command(("/usr/sbin/scutil", "--nc", "list"), limit_s=2.0)
INTERFACES: Final = Command(("/sbin/ifconfig", "-a"), limit_s=2.0)
MAC_ROUTE: Final = Command(("/sbin/route", "-n", "get", vpn_text.OUTSIDE), limit_s=2.0)

_COMMANDS: Final = {"linux": (NMCLI, ROUTE), "darwin": (SERVICES, INTERFACES, MAC_ROUTE)}.get(
    sys.platform, ()
)

#: Bits of tun_flags and flags. Source: Linux, include/uapi/linux/if_tun.h (IFF_TUN, IFF_TAP), if.h (IFF_UP).
_TUN, _TAP, _UP = 0x1, 0x2, 0x1


def read_connections(access: Access) -> Iterable[Reading]:
    """Return the VPNs of this computer. Raises: ProbeError when the system did not tell."""
    if access.platform is Platform.WINDOWS:
        return _windows(access)
    if access.platform is Platform.MACOS:
        return _macos(access)
    return _linux(access)


def _linux(access: Access) -> Iterable[Reading]:
    listed, route = access.try_all([NMCLI, ROUTE])
    named = [] if isinstance(listed, ProbeError) else vpn_text.parse_nmcli(listed.text)
    way = "" if isinstance(route, ProbeError) else vpn_text.parse_route(route.text)
    found = Connections(tuple(vpn_text.joined(named, tunnels(access))), way or _default_route(access))
    return vpn_text.readings(found, "NetworkManager, /sys/class/net, ip route get")


def tunnels(access: Access) -> list[Connection]:
    """Return the tunnels the kernel knows: WireGuard, and tun or tap made by programs.

    A tap that is part of a bridge belongs to a virtual machine, not to a VPN.
    """
    found = []
    for name in access.names("/sys/class/net"):
        folder = f"/sys/class/net/{name}"
        flags = whole(line(access, f"{folder}/tun_flags")) or 0
        if "DEVTYPE=wireguard" in access.text_or(f"{folder}/uevent"):
            kind = "wireguard"
        elif flags & _TUN:
            kind = "tun"
        elif flags & _TAP and not access.exists(f"{folder}/master") and not name.startswith("vnet"):
            kind = "tap"
        else:
            continue
        is_up = bool((whole(line(access, f"{folder}/flags")) or 0) & _UP)
        has_carrier = line(access, f"{folder}/carrier") != "0"
        found.append(Connection(name, kind, is_up and has_carrier, name))
    return found


def _default_route(access: Access) -> str:
    """Return the interface of the default route where there is no tool to ask: half routes first, then the cheapest."""
    best: tuple[bool, int, str] | None = None
    for row in access.text_or("/proc/net/route").splitlines()[1:]:
        cells = row.split()
        if len(cells) < 8 or not cells[6].isdecimal():
            continue
        # 203.0.113.1 lies in the upper half: 128.0.0.0/1, written from the right.
        if (cells[1], cells[7]) in (("00000000", "00000000"), ("00000080", "00000080")):
            told = (cells[7] == "00000000", int(cells[6][:9]), cells[0])
            best = min(best or told, told)
    return best[2] if best else ""


def _windows(access: Access) -> Iterable[Reading]:
    rows = facts(access)
    if "techkit_vpn" not in rows and "MSFT_NetAdapter" not in rows:
        raise ProbeError(_("Windows did not tell of VPN connections."), reason=Reason.FAILED)
    found = windows_network.vpns(
        rows.get("techkit_vpn", []), rows.get("MSFT_NetAdapter", []), rows.get("MSFT_NetRoute", [])
    )
    return vpn_text.readings(found, "Get-VpnConnection, CIM MSFT_NetAdapter, MSFT_NetRoute")


def _macos(access: Access) -> Iterable[Reading]:
    services = access.run(SERVICES)
    seen, route = access.try_all([INTERFACES, MAC_ROUTE])
    found = vpn_text.mac(
        vpn_text.parse_scutil_nc(services.text),
        [] if isinstance(seen, ProbeError) else vpn_text.parse_tunnels(seen.text),
    )
    way = "" if isinstance(route, ProbeError) else vpn_text.parse_route(route.text)
    return vpn_text.readings(Connections(tuple(found), way), "scutil --nc list, ifconfig, route get")


CONNECTIONS: Final = Probe(
    id="vpn.connections",
    title=N_("Looking for VPN connections"),
    read=read_connections,
    gives=("network.vpn.",),
    commands=_COMMANDS,
)

PROBES = (CONNECTIONS,)
