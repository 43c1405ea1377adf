"""Addresses and routes as `ip` (text and JSON) and `ifconfig` (Linux, macOS) print them.

Source: ip(8) of iproute2; ifconfig(8) of net-tools and of macOS.
"""

from __future__ import annotations

import re
from typing import Final

from techkit.probes.formats.json_text import items, parse, text, whole
from techkit.probes.sheet import Sheet

#: Names the kernels give what is no device: tunnels, bridges, ends of virtual computers and containers, Apple's own links.
_SOFTWARE: Final = re.compile(
    r"(?:utun|awdl|llw|gif|stf|p2p|ipsec|bridge|feth|ap|vnic|vmnet|tun|tap|ppp|wg|sit|ip6tnl|gre|docker|veth|br-|virbr|vnet|vboxnet|tailscale|dummy)\d|(?:docker|br-|veth|virbr)"
)


def _made_of_software(sheet: Sheet, name: str) -> None:
    """Tell an interface of software by its name; of any other nothing is known here."""
    sheet.add("network.interface.is_physical", False if _SOFTWARE.match(name) else None, subject=name)


def parse_ip(content: str) -> Sheet:
    """Return the readings of `ip addr`, `ip route` and `ip -s link`, with or without -j, and of `ip -br addr` and `link`."""
    sheet = Sheet("ip")
    if content.lstrip()[:1] in ("[", "{"):
        _json(sheet, content)
        return sheet
    name = ""
    found: dict[str, dict[str, list[str]]] = {}
    # With -o each device is one line, and a backslash stands for the end of a row.
    rows = [part for row in content.splitlines() for part in re.split(r"\\(?= )", row)]
    for whole_row in rows:
        short = re.match(r"\d{1,6}: ([^\s:@]{1,40})(?:@\S+)?\s+(?=inet6? )", whole_row)
        if short:
            name = "" if short[1] == "lo" else short[1]
        row = whole_row[short.end() - 1 :] if short else whole_row
        head = re.match(r"\d{1,6}: ([^\s:@]{1,40})(?:@\S+)?: <([A-Z0-9_,-]*)>(.*)$", row)
        if head:
            name = "" if "LOOPBACK" in head[2] else head[1]
            if name:
                _flags(sheet, name, set(head[2].split(",")), head[3])
            continue
        if _brief(sheet, row, found):
            continue
        _route(sheet, row)
        if name:
            _ip_line(sheet, name, row, found.setdefault(name, {}))
    _addresses(sheet, found)
    return sheet


def _flags(sheet: Sheet, name: str, flags: set[str], rest: str) -> None:
    state = re.search(r"\bstate (\w{2,20})", rest)
    mtu = re.search(r"\bmtu (\d{1,6})", rest)
    is_up = "UP" in flags and "NO-CARRIER" not in flags and (not state or state[1] in ("UP", "UNKNOWN"))
    sheet.add("network.interface.is_up", is_up, subject=name)
    _made_of_software(sheet, name)
    sheet.add("network.interface.mtu", int(mtu[1]) if mtu else None, subject=name)
    if state and state[1] != "UNKNOWN":
        sheet.add("network.interface.operational_state", state[1].casefold(), subject=name)


def _ip_line(sheet: Sheet, name: str, row: str, found: dict[str, list[str]]) -> None:
    mac = re.match(r"\s+link/ether ([0-9a-f:]{17})", row)
    if mac:
        sheet.add("network.interface.mac", mac[1], subject=name)
    address = re.match(r"\s+(inet6?) ([0-9a-fA-F:.]{2,45})", row)
    if address:
        found.setdefault(address[1], []).append(address[2])


def _brief(sheet: Sheet, row: str, found: dict[str, dict[str, list[str]]]) -> bool:
    """Read a row of `ip -br addr` or `ip -br link`: name, state, addresses; return whether it is one."""
    match = re.match(
        r"([^\s:@]{1,40})(?:@\S+)? +(UP|DOWN|UNKNOWN|LOWERLAYERDOWN|DORMANT|NOTPRESENT|TESTING)(?: +(\S.*))?\s*$",
        row,
    )
    if not match:
        return False
    name, words = match[1], (match[3] or "").split()
    if name == "lo" or "LOOPBACK" in row:
        return True
    _flags(sheet, name, {"UP"} if match[2] in ("UP", "UNKNOWN") else set(), f" state {match[2]}")
    for word in words:
        bare = word.partition("/")[0]
        if re.fullmatch(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}", bare):
            sheet.add("network.interface.mac", bare, subject=name)
        elif re.fullmatch(r"[0-9a-fA-F:.]{2,45}", bare) and "/" in word:
            found.setdefault(name, {}).setdefault("inet6" if ":" in bare else "inet", []).append(bare)
    return True


def _route(sheet: Sheet, row: str) -> None:
    match = re.match(r"default via ([0-9a-fA-F:.]{2,45}) dev (\S{1,40})(?:.*metric (\d{1,9}))?", row)
    if match and sheet.value("network.route.default_gateway") is None:
        # ip lists the route with the smallest metric, the one that is used, first.
        sheet.add("network.route.default_gateway", match[1])
        sheet.add("network.interface.gateway", match[1], subject=match[2])


def _addresses(sheet: Sheet, found: dict[str, dict[str, list[str]]]) -> None:
    for name, families in found.items():
        for family, label in (("inet", "ipv4"), ("inet6", "ipv6")):
            if families.get(family):
                sheet.add(f"network.interface.{label}", ", ".join(families[family]), subject=name)


def _json(sheet: Sheet, content: str) -> None:
    found: dict[str, dict[str, list[str]]] = {}
    for row in items({"rows": parse(content)}, "rows"):
        name = text(row.get("ifname"))
        if text(row.get("dst")) == "default":
            gateway = text(row.get("gateway"))
            if sheet.value("network.route.default_gateway") is None:
                sheet.add("network.route.default_gateway", gateway)
            sheet.add("network.interface.gateway", gateway, subject=text(row.get("dev")))
        flags = row.get("flags")
        if not name or not isinstance(flags, list) or "LOOPBACK" in flags:
            continue
        state = text(row.get("operstate"))
        sheet.add("network.interface.is_up", "UP" in flags and state in ("UP", "UNKNOWN"), subject=name)
        _made_of_software(sheet, name)
        sheet.add("network.interface.mtu", whole(row.get("mtu")), subject=name)
        if state != "UNKNOWN":
            sheet.add("network.interface.operational_state", state.casefold(), subject=name)
        if row.get("link_type") == "ether":
            sheet.add("network.interface.mac", text(row.get("address")), subject=name)
        for entry in items(row, "addr_info"):
            found.setdefault(name, {}).setdefault(text(entry.get("family")), []).append(
                text(entry.get("local"))
            )
    _addresses(sheet, found)


def parse_ifconfig(content: str) -> Sheet:
    """Return the readings of ifconfig (old and new Linux form, macOS and other BSDs) and networksetup."""
    sheet = Sheet("ifconfig")
    name = port = ""
    found: dict[str, dict[str, list[str]]] = {}
    for row in content.splitlines():
        hardware = re.match(r"Hardware Port: (.{1,80})$", row)
        device = re.match(r"Device: (\S{1,40})$", row)
        address = re.match(r"Ethernet Address: ([0-9A-Fa-f:]{17})$", row)
        if hardware:
            port = hardware[1]
        elif device:
            name = device[1]
            sheet.add("network.interface.description", port, subject=name)
            sheet.add("network.interface.is_wireless", port in ("Wi-Fi", "AirPort"), subject=name)
        elif address and name:
            sheet.add("network.interface.mac", address[1].casefold(), subject=name)
        head = re.match(
            r"([A-Za-z][\w.:-]{0,38}?):? +(?:flags=[0-9a-fx]+<([A-Z0-9_,]*)>|Link encap:(\S+))(.*)$", row
        )
        if head:
            flags = set((head[2] or "").split(","))
            loopback = "LOOPBACK" in flags or head[3] == "Local"
            name = "" if loopback else head[1]
            _made_of_software(sheet, name)
            if name and head[2] is not None:
                sheet.add("network.interface.is_up", {"UP", "RUNNING"} <= flags, subject=name)
        if name:
            _ifconfig_line(sheet, name, row, found.setdefault(name, {}))
    _addresses(sheet, found)
    return sheet


def _ifconfig_line(sheet: Sheet, name: str, row: str, found: dict[str, list[str]]) -> None:
    mtu = re.search(r"\b[mM][tT][uU][ :](\d{1,6})", row)
    if mtu and int(mtu[1]):
        sheet.add("network.interface.mtu", int(mtu[1]), subject=name)
    mac = re.search(r"(?:\bether|HWaddr) ([0-9A-Fa-f:]{17})", row)
    if mac:
        sheet.add("network.interface.mac", mac[1].casefold(), subject=name)
    # The old Linux form has its flags beside the packet size, and names only those that are set.
    flags = re.match(r"\s+((?:[A-Z]+ )*)MTU:\d", row) or re.match(r"\s+((?:[A-Z]+ )*) MTU:\d", row)
    if flags:
        sheet.add("network.interface.is_up", {"UP", "RUNNING"} <= set(flags[1].split()), subject=name)
    address = re.match(r"\s+(inet6?) (?:addr: ?)?([0-9a-fA-F:.]{2,45})", row)
    if address:
        found.setdefault(address[1], []).append(address[2])
    status = re.match(r"\s+status: (\w+)", row)
    if status:
        sheet.add("network.interface.is_up", status[1] == "active", subject=name)
    for label, pattern in (
        ("received_bytes", r"RX (?:packets \d+ +bytes|bytes:) ?(\d{1,19})"),
        ("sent_bytes", r"TX (?:packets \d+ +bytes|bytes:) ?(\d{1,19})"),
        ("receive_errors", r"RX (?:errors |packets:\d+ errors:)(\d{1,19})"),
        ("send_errors", r"TX (?:errors |packets:\d+ errors:)(\d{1,19})"),
        ("receive_drops", r"RX .*?dropped[: ](\d{1,19})"),
        ("send_drops", r"TX .*?dropped[: ](\d{1,19})"),
    ):
        count = re.search(pattern, row)
        if count:
            sheet.add(f"network.interface.{label}", int(count[1]), subject=name)
