"""Cameras: which there are, whether they have a driver, and what keeps programs from using them.

No camera is opened. A Mac asks per program and tells nobody what was answered; there only a profile's ban is known. The
Windows and macOS ways are tested on recorded answers and have not been run by us.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Final

from techkit.children.external import Command
from techkit.errors import ProbeError
from techkit.i18n import N_
from techkit.probes import access_macos, access_windows, windows_request
from techkit.probes.access_linux import line, link_name, number
from techkit.probes.probe import Access, Platform, Probe
from techkit.probes.sheet import Sheet
from techkit.records.findings import Reading

#: Whether the desktop keeps apps from the camera. Source: gsettings-desktop-schemas, org.gnome.desktop.privacy.
PRIVACY: Final = Command(("gsettings", "get", "org.gnome.desktop.privacy", "disable-camera"), limit_s=2.0)

#: Keys of notebooks that cut a camera off, 0 for off. Source: Linux, Documentation/ABI/testing, sysfs-platform-ideapad-laptop
#: and sysfs-platform-asus-laptop.
_SWITCHES: Final = ("camera_power", "camera")

#: Interfaces of a USB camera that are told what to do. Source: USB Video Class 1.5, A.1 (class) and A.2 (control).
_VIDEO_CLASS, _CONTROL = "0e", "01"


def read_cameras(access: Access) -> Iterable[Reading]:
    """Yield the cameras, what is wrong with each, and what keeps programs from them."""
    if access.platform is Platform.WINDOWS:
        return access_windows.cameras(access)
    if access.platform is Platform.MACOS:
        return access_macos.cameras(access)
    sheet = Sheet("/sys/class/video4linux")
    nodes = _nodes(access)
    without = _without_driver(access)
    sheet.add("devices.camera_count", len(nodes) + len(without))
    for node in nodes:
        sheet.add("devices.camera.name", line(access, f"/sys/class/video4linux/{node}/name"), subject=node)
    for port, name in without.items():
        source = f"/sys/bus/usb/devices/{port}"
        sheet.add("devices.camera.name", name or port, subject=port, source=source)
        sheet.add("devices.camera.problem", "no driver", subject=port, source=source)
    blocked = _blocked(access, nodes)
    sheet.add("devices.camera.blocked_by", blocked, source="/dev/video*, gsettings org.gnome.desktop.privacy")
    return sheet


def _nodes(access: Access) -> list[str]:
    """Return a node for each camera: one has several, for its pictures and for what it knows of them."""
    found: dict[str, str] = {}
    names = [n for n in access.names("/sys/class/video4linux") if re.fullmatch(r"video\d{1,3}", n)]
    for name in sorted(names, key=lambda n: int(n[5:])):
        where = f"/sys/class/video4linux/{name}"
        # udev's v4l_id asks each node what it can; a decoder of films is no camera.
        can = re.search(
            r"^E:ID_V4L_CAPABILITIES=(.*)$",
            access.text_or(f"/run/udev/data/c{line(access, f'{where}/dev')}"),
            re.MULTILINE,
        )
        pictures = ":capture:" in can[1] if can else (number(access, f"{where}/index") or 0) == 0
        if pictures:
            found.setdefault(link_name(access, f"{where}/device") or name, name)
    return list(found.values())


def _without_driver(access: Access) -> dict[str, str]:
    """Return port → name of USB cameras that nothing drives."""
    base = "/sys/bus/usb/devices"
    found = {}
    for name in access.names(base):
        port, mark, _interface = name.partition(":")
        where = f"{base}/{name}"
        if not mark or line(access, f"{where}/bInterfaceClass") != _VIDEO_CLASS:
            continue
        if line(access, f"{where}/bInterfaceSubClass") == _CONTROL and not link_name(
            access, f"{where}/driver"
        ):
            maker, product = (line(access, f"{base}/{port}/{key}") for key in ("manufacturer", "product"))
            found[port] = f"{maker} {product}".strip()
    return found


def _blocked(access: Access, nodes: list[str]) -> list[str]:
    blocked = []
    if nodes and not any(os.access(access.path(f"/dev/{node}"), os.R_OK | os.W_OK) for node in nodes):
        blocked.append("permission")
    if nodes:
        told = access.try_all([PRIVACY])[0]
        if not isinstance(told, ProbeError) and told.code == 0 and told.text.strip() == "true":
            blocked.append("privacy setting")
    elif _is_cut_off(access):
        # Some of these keys say 0 for ever: only believed where no camera is seen.
        blocked.append("switch")
    return blocked


def _is_cut_off(access: Access) -> bool:
    base = "/sys/bus/platform/devices"
    return any(
        number(access, f"{base}/{device}/{switch}") == 0
        for device in access.names(base)
        for switch in _SWITCHES
    )


PRESENT: Final = Probe(
    id="cameras.present",
    title=N_("Looking at cameras"),
    read=read_cameras,
    gives=("devices.camera_count", "devices.camera."),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)

PROBES = (PRESENT,)
