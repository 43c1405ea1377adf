"""Monitors, from what they say about themselves (EDID)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from techkit.errors import ProbeError
from techkit.i18n import N_
from techkit.probes import access_macos, access_windows, windows_request
from techkit.probes.access_linux import line
from techkit.probes.formats import edid
from techkit.probes.probe import Access, Platform, Probe
from techkit.probes.sheet import Sheet
from techkit.records.findings import Reading


def read_monitors(access: Access) -> Iterable[Reading]:
    """Yield the connected monitors."""
    if access.platform is Platform.WINDOWS:
        return access_windows.monitors(access)
    if access.platform is Platform.MACOS:
        return access_macos.monitors(access)
    sheet = Sheet("/sys/class/drm/*/edid")
    connected = 0
    for name in access.names("/sys/class/drm"):
        base = f"/sys/class/drm/{name}"
        if line(access, f"{base}/status") != "connected":
            continue
        connected += 1
        try:
            sheet.extend(edid.parse(access.data(f"{base}/edid"), name, source=f"{base}/edid"))
        except ProbeError:
            continue
    sheet.add("display.monitor_count", connected, source="/sys/class/drm/*/status")
    return sheet


MONITORS: Final = Probe(
    id="display.monitors",
    title=N_("Looking at monitors"),
    read=read_monitors,
    gives=("display.monitor_count", "display.monitor."),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)

PROBES = (MONITORS,)
