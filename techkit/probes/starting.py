"""Starting: what waits for a restart, and how long the last start took."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from techkit.children.external import Command
from techkit.errors import ProbeError
from techkit.i18n import N_, _
from techkit.probes import access_macos, access_windows, windows_request
from techkit.probes.access_linux import (
    line,
)
from techkit.probes.probe import Access, Depth, Platform, Probe
from techkit.probes.sheet import Sheet
from techkit.records.findings import Reading, Reason


def read_restart(access: Access) -> Iterable[Reading]:
    """Yield whether something waits for a restart, and what."""
    if access.platform is Platform.WINDOWS:
        return access_windows.restart(access)
    if access.platform is Platform.MACOS:
        return access_macos.restart(access)
    sheet = Sheet("/run/reboot-required")
    reasons: list[str] = []
    if access.exists("/run/reboot-required") or access.exists("/var/run/reboot-required"):
        packages = access.text_or("/run/reboot-required.pkgs").split()
        reasons += sorted(set(packages)) or ["update"]
    running = line(access, "/proc/sys/kernel/osrelease")
    installed = installed_kernels(access)
    newest = max(installed, key=version_key, default="")
    sheet.add("os.kernel_newest", newest, source="/lib/modules")
    # Only a kernel of the same making can be waited for: a virtual machine may be started with
    # its host's kernel, which is not installed at all.
    if running in installed and version_key(newest) > version_key(running):
        reasons.append(f"kernel {newest}")
    elif running not in installed and installed and access.exists("/var/lib/pacman/local"):
        reasons.append(f"kernel {newest}")  # pacman takes the running kernel's parts away at once
    sheet.add("os.restart_pending", bool(reasons), source="/run/reboot-required, /lib/modules")
    sheet.add("os.restart_reasons", reasons, source="/run/reboot-required.pkgs, /lib/modules")
    return sheet


def installed_kernels(access: Access) -> list[str]:
    """Return the versions of kernels that could be started: modules and image both there."""
    images = {name.partition("-")[2] for name in access.names("/boot") if name.startswith("vmlinuz-")}
    found = {
        n
        for folder in ("/lib/modules", "/usr/lib/modules")
        for n in access.names(folder)
        if access.exists(f"{folder}/{n}/modules.dep")
    }
    bundled = {n for n in found if access.exists(f"/usr/lib/modules/{n}/vmlinuz")}
    return sorted((found & images) | bundled)


def version_key(version: str) -> tuple[tuple[int, int | str], ...]:
    """Return a key that orders versions as people do: numbers by value, before words."""
    parts = re.findall(r"\d{1,18}|[A-Za-z]+", version)
    return tuple((1, int(p)) if p.isdecimal() else (0, p) for p in parts)


RESTART: Final = Probe(
    id="operating_system.restart",
    room=__name__,
    title=N_("Looking whether a restart is due"),
    read=read_restart,
    gives=("os.restart_pending", "os.restart_reasons", "os.kernel_newest"),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)


TIME: Final = Command(("systemd-analyze", "time", "--no-pager"), limit_s=3.0)


def read_start_up_time(access: Access) -> Iterable[Reading]:
    """Yield how long the last start took (systemd; Windows' own measurement, for administrators; macOS to its sign-in)."""
    if access.platform is Platform.WINDOWS:
        return access_windows.start_up_time(access)
    if access.platform is Platform.MACOS:
        return access_macos.start_up_time(access)
    if not access.exists("/run/systemd/system"):
        raise ProbeError(_("This computer was not started with systemd."), reason=Reason.NOT_PRESENT)
    output = access.run(TIME)
    sheet = Sheet("systemd-analyze time")
    sheet.add("os.start_up_s", parse_start_up_time(output.text))
    if len(sheet) == 0:
        raise ProbeError(_("The system manager has not finished its start yet."), reason=Reason.FAILED)
    return sheet


def parse_start_up_time(content: str) -> float | None:
    """Return the seconds of "Startup finished in … = 1min 2.345s". Source: systemd-analyze(1)."""
    match = re.search(r"= ((?:\d{1,4}(?:\.\d+)?(?:h|min|s|ms) ?)+)", content)
    if not match:
        return None
    units = {"h": 3600.0, "min": 60.0, "s": 1.0, "ms": 0.001}
    return round(sum(float(n) * units[u] for n, u in re.findall(r"(\d+(?:\.\d+)?)(h|min|ms|s)", match[1])), 3)


START_UP: Final = Probe(
    id="operating_system.start_up_time",
    room=__name__,
    title=N_("Looking at how long the start took"),
    read=read_start_up_time,
    gives=("os.start_up_s",),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
    depth=Depth.STANDARD,
)

PROBES = (RESTART, START_UP)
