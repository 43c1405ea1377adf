"""What runs by itself: services, and programs started at sign-in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from techkit.children.external import Command
from techkit.errors import ProbeError
from techkit.i18n import N_, _
from techkit.probes import access_macos, access_windows, windows_request
from techkit.probes.formats import systemd_text
from techkit.probes.probe import Access, Platform, Probe, missing
from techkit.probes.sheet import Sheet
from techkit.records.findings import Reading, Reason

LINUX: Final = frozenset({Platform.LINUX})


#: Failed services, mounts and swap spaces only; cheap for the system manager, without colours or legends.
FAILED: Final = Command(
    (
        "systemctl",
        "list-units",
        "--type=service,mount,swap",
        "--state=failed",
        "--plain",
        "--no-legend",
        "--no-pager",
    ),
    limit_s=3.0,
)


#: What that command tells.
FAILED_LISTS: Final = ("os.services.failed", "os.services.failed_mounts")


def read_services(access: Access) -> Iterable[Reading]:
    """Yield the services that failed and those started with the computer."""
    if access.platform is Platform.WINDOWS:
        return access_windows.services(access)
    if access.platform is Platform.MACOS:
        return access_macos.services(access)
    sheet = Sheet("/etc/systemd/system/*.wants")
    enabled = sorted(
        {
            unit.removesuffix(".service")
            for folder in access.names("/etc/systemd/system")
            if folder.endswith(".wants")
            for unit in access.names(f"/etc/systemd/system/{folder}")
            if unit.endswith(".service")
        }
    )
    if access.exists("/etc/systemd/system"):
        sheet.add("os.services.enabled", enabled)
    if not access.exists("/run/systemd/system"):
        why = _("This computer was not started with systemd.")
        return [*sheet, *(missing(id, reason=Reason.NOT_PRESENT, text=why) for id in FAILED_LISTS)]
    sheet.add("os.service_manager", "systemd", source="/run/systemd/system")
    try:
        output = access.run(FAILED)
    except ProbeError as error:
        return [*sheet, *(missing(id, reason=Reason(error.reason), text=error.title) for id in FAILED_LISTS)]
    if output.code != 0:
        text = _("The system manager did not answer: {why}", why=output.error_text[:120] or str(output.code))
        return [*sheet, *(missing(id, reason=Reason.FAILED, text=text) for id in FAILED_LISTS)]
    access.keep(output.text[:1500])
    # An empty answer is a computer on which nothing failed.
    told = systemd_text.parse_systemctl(output.text or "0 loaded units listed")
    for id in FAILED_LISTS:
        sheet.add(id, told.value(id) or [], source="systemctl list-units --state=failed")
    return sheet


SERVICES: Final = Probe(
    id="operating_system.services",
    room=__name__,
    title=N_("Looking at services"),
    read=read_services,
    gives=("os.services.", "os.service_manager", "os.service_count"),
    limit_s=5.0,
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)


def read_startup(access: Access) -> Iterable[Reading]:
    """Yield the programs started when somebody signs in."""
    if access.platform is Platform.WINDOWS:
        return access_windows.startup(access)
    if access.platform is Platform.MACOS:
        return access_macos.startup(access)
    programs: dict[str, dict[str, str]] = {}
    folders = ["/etc/xdg/autostart", *(f"{home}/.config/autostart" for home in homes(access))]
    for folder in folders:
        for name in access.names(folder):
            if name.endswith(".desktop"):
                entry = parse_desktop_entry(access.text_or(f"{folder}/{name}"))
                # A file of the same name in the person's folder replaces the system's.
                programs.pop(name, None)
                if entry:
                    programs[name] = {"name": entry, "where": folder}
    sheet = Sheet(", ".join(folders[:3]))
    sheet.add("os.startup.programs", sorted(programs.values(), key=lambda p: p["name"].casefold()))
    sheet.add("os.startup.count", len(programs))
    return sheet


def homes(access: Access) -> Iterator[str]:
    """Yield the folders of people this process may look into."""
    for row in access.text_or("/etc/passwd").splitlines():
        fields = row.split(":")
        if (
            len(fields) >= 7
            and fields[2].isdecimal()
            and (fields[2] == "0" or 1000 <= int(fields[2][:18]) < 65534)
            and fields[5].startswith("/")
        ):
            yield fields[5].rstrip("/")


def parse_desktop_entry(content: str) -> str:
    """Return the name of an autostart entry, "" when it is switched off or none.

    Source: Desktop Application Autostart Specification 0.5; X-GNOME-Autostart-enabled.
    """
    values: dict[str, str] = {}
    section = ""
    for row in content.splitlines():
        if row.startswith("["):
            section = row.strip()
        elif section == "[Desktop Entry]":
            key, mark, value = row.partition("=")
            if mark:
                values.setdefault(key.strip(), value.strip())
    off = (
        values.get("Hidden", "").casefold() == "true"
        or values.get("X-GNOME-Autostart-enabled", "").casefold() == "false"
    )
    return "" if off else values.get("Name", "")


STARTUP: Final = Probe(
    id="operating_system.startup",
    room=__name__,
    title=N_("Looking at programs started at sign-in"),
    read=read_startup,
    gives=("os.startup.",),
    commands=(*windows_request.COMMANDS, *access_macos.COMMANDS),
)

PROBES = (SERVICES, STARTUP)
