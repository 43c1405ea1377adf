"""VPN connections: those that are set up, those that are connected, and whether all traffic goes through one.

A connection is named as the person named it, otherwise by its interface.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from techkit.probes.sheet import Sheet, apart

#: Most connections kept; a large company's list has some dozens.
MOST: Final = 200

#: An address of the documentation (RFC 5737): asking the system for the way there sends nothing.
OUTSIDE: Final = "203.0.113.1"


@dataclass(frozen=True)
class Connection:
    """One VPN. interface: "" where it is not known or there is none. takes_all: None for not known."""

    name: str
    kind: str
    is_connected: bool
    interface: str = ""
    takes_all: bool | None = None


@dataclass(frozen=True)
class Connections:
    """All VPNs of a computer. way: the interface the way to the internet goes through, "" for not known."""

    all: tuple[Connection, ...] = ()
    way: str = ""


def readings(found: Connections, source: str = "") -> Sheet:
    """Return the readings of a computer's VPNs."""
    sheet = Sheet(source)
    way = found.way
    some = found.all[:MOST]
    for name, each in zip(apart(one.name or one.interface or one.kind for one in some), some, strict=True):
        sheet.add("network.vpn.kind", each.kind, subject=name)
        sheet.add("network.vpn.is_connected", each.is_connected, subject=name)
        takes_all = each.takes_all
        if takes_all is None and each.is_connected and each.interface and way:
            takes_all = each.interface == way
        sheet.add("network.vpn.takes_all", takes_all if each.is_connected else None, subject=name)
    sheet.add("network.vpn.count", len(some))
    sheet.add("network.vpn.way", way)
    return sheet


# --- Linux -----------------------------------------------------------------------------------------


def parse_nmcli(text: str) -> list[Connection]:
    """Return the VPNs of `nmcli -t -f NAME,TYPE,DEVICE,ACTIVE connection show`.

    A plain VPN names the device it goes over, not its own; WireGuard and tun name their own.
    Source: nmcli(1), terse output: fields parted by ":", a colon inside is escaped.
    """
    found = []
    for row in text.splitlines()[:2000]:
        cells = [
            re.sub(r"\\(.)", r"\1", cell) for cell in re.findall(r"(?:^|:)((?:[^\\:]|\\.)*)", row[:2000])
        ]
        if len(cells) != 4 or cells[1] not in ("vpn", "wireguard", "tun"):
            continue
        name, kind, device, active = cells
        if kind == "tun" and name == device:
            continue  # made by another program; the kernel tells of it
        found.append(Connection(name, kind, active == "yes", "" if kind == "vpn" else device.strip("-")))
    return found[:MOST]


def joined(named: Sequence[Connection], seen: Sequence[Connection]) -> list[Connection]:
    """Return connections by name with the interfaces the kernel knows; each interface stands once."""
    own = {each.interface for each in named if each.interface}
    left = [each for each in seen if each.interface not in own]
    nameless = [each for each in named if each.is_connected and not each.interface]
    up = [each for each in left if each.is_connected]
    if len(nameless) == 1 and len(up) == 1:
        # NetworkManager does not say which interface is a plain VPN's own: the one nobody else has.
        found = replace(nameless[0], interface=up[0].interface)
        return [
            *(found if each is nameless[0] else each for each in named),
            *(o for o in left if o is not up[0]),
        ]
    return [*named, *left]


def parse_route(text: str) -> str:
    """Return the interface of `ip route get` or of macOS' `route -n get`, "" for none.

    Source: ip-route(8) "dev NAME"; route(8), "interface: NAME".
    """
    match = re.search(r"(?:^|\s)dev (\S{1,40})|^\s*interface: (\S{1,40})", text, re.MULTILINE)
    return (match[1] or match[2]) if match else ""


# --- macOS -----------------------------------------------------------------------------------------


def parse_scutil_nc(text: str) -> list[Connection]:
    """Return the VPNs of `scutil --nc list`; modems and other links over PPP are none.

    Source: scutil(8); Apple, configd, scutil.tproj/nc.c: the state's word is not translated.
    """
    found = []
    for row in text.splitlines()[:2000]:
        match = re.match(r"\s*\*?\s*\((\w{1,20})\)\s+\S{1,80}\s+(.{1,400})$", row[:600])
        if not match:
            continue
        kind = re.search(r"\[(VPN|PPP|IPSec)(?::([\w.:-]{1,100}))?\]\s*$", match[2])
        name = re.search(r'"(.{1,200}?)"?\s*\[(?:VPN|PPP|IPSec)', match[2])
        if not kind or not name or (kind[1] == "PPP" and kind[2] not in ("L2TP", "PPTP")):
            continue
        word = (kind[2] or kind[1]).casefold()
        found.append(Connection(name[1].rstrip(), word, match[1] == "Connected"))
    return found[:MOST]


def parse_tunnels(text: str) -> list[Connection]:
    """Return the tunnels of macOS' ifconfig that carry IPv4: utun, ipsec and ppp.

    macOS keeps some utun interfaces for itself; those have addresses of one link only.
    """
    found: dict[str, bool] = {}
    name, is_up = "", False
    for row in text.splitlines()[:20_000]:
        head = re.match(r"(\w{1,15}): flags=[0-9a-f]{1,8}<([\w,]{0,200})>", row)
        if head:
            name, is_up = head[1], "UP" in head[2].split(",")
        elif re.match(r"\s+inet \d", row) and re.fullmatch(r"(?:utun|ipsec|ppp)\d{1,3}", name):
            found[name] = is_up
    return [
        Connection(each, each.rstrip("0123456789"), is_connected, each)
        for each, is_connected in found.items()
    ][:MOST]


def mac(named: Sequence[Connection], tunnels: Sequence[Connection]) -> list[Connection]:
    """Return the services with their tunnels: paired only where there is one of each, otherwise side by side."""
    up = [each for each in named if each.is_connected]
    if len(up) == 1 and len(tunnels) == 1:
        paired = replace(up[0], interface=tunnels[0].interface)
        return [paired if each is up[0] else each for each in named]
    return list(named) + list(tunnels)


def sheet_of(found: Sequence[Connection], source: str) -> Sheet:
    """Return the readings of listed connections; of a list without any: nothing."""
    return readings(Connections(tuple(found)), source) if found else Sheet(source)
