"""The Wi-Fi in use: its name, signal and speed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from techkit.children.external import Command
from techkit.errors import ProbeError
from techkit.i18n import N_
from techkit.probes.formats import system_profiler, wifi_text
from techkit.probes.formats.decode import decode
from techkit.probes.probe import Access, Platform, Probe
from techkit.probes.sheet import Sheet
from techkit.records.findings import Reading

#: Names the kernel gives interfaces; nothing else is ever handed to a tool.
_INTERFACE: Final = re.compile(r"^[A-Za-z0-9_.:]{1,15}$")

#: Windows' own list of Wi-Fi cards; read by shape, because it speaks the user's language.
NETSH: Final = Command(("netsh", "wlan", "show", "interfaces"), limit_s=3.0)
AIRPORT: Final = Command(("/usr/sbin/system_profiler", "-json", "SPAirPortDataType"), limit_s=6.0)


def read_link(access: Access) -> Iterable[Reading]:
    """Yield the network in use of each Wi-Fi card; a computer without one: nothing."""
    sheet = Sheet("/proc/net/wireless")
    if access.platform is Platform.WINDOWS:
        found = wifi_text.parse_netsh(decode(access.run(NETSH).stdout))
    elif access.platform is Platform.MACOS:
        found = system_profiler.parse(access.run(AIRPORT).stdout)
    else:
        found = _linux(access)
    for reading in found:
        if reading.id.startswith("network.wifi."):
            sheet.add(reading.id, reading.value, subject=reading.subject, source=reading.source)
    return sheet


def _linux(access: Access) -> Sheet:
    sheet = parse_wireless(access.text_or("/proc/net/wireless"))
    cards = [
        name
        for name in access.names("/sys/class/net")
        if _INTERFACE.match(name)
        and (
            access.exists(f"/sys/class/net/{name}/wireless")
            or access.exists(f"/sys/class/net/{name}/phy80211")
        )
    ]
    commands = [Command(("iw", "dev", name, "link"), limit_s=2.0) for name in cards]
    for name, output in zip(cards, access.try_all(commands), strict=True):
        if not isinstance(output, ProbeError):
            for reading in wifi_text.parse_iw(output.text):
                # "Not connected." does not say which card it speaks of.
                sheet.add(
                    reading.id, reading.value, subject=reading.subject or name, source=f"iw dev {name} link"
                )
    return sheet


def parse_wireless(content: str) -> Sheet:
    """Return the readings of /proc/net/wireless. Source: Linux kernel, net/wireless/wext-proc.c."""
    sheet = Sheet("/proc/net/wireless")
    for row in content.splitlines()[2:]:
        match = re.match(
            r"\s*([\w.:-]{1,15}):\s+[0-9a-f]{4}\s+(\d{1,3})\.?\s+(-?\d{1,3})\.?\s+(-?\d{1,3})", row
        )
        if match:
            level = int(match[3])
            sheet.add("network.wifi.signal_dbm", level if -110 <= level < 0 else None, subject=match[1])
            sheet.add("network.wifi.is_connected", int(match[2]) > 0, subject=match[1])
    return sheet


LINK: Final = Probe(
    id="wifi.link",
    title=N_("Looking at the Wi-Fi"),
    read=read_link,
    gives=("network.wifi.",),
)

PROBES = (LINK,)
