"""The browser that opens a page for the person who is signed in.

Each system keeps the choice of one person; it is that of the account techkit runs under. Nothing is started. The Windows
and macOS ways are tested on recorded answers and have not been run by us.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from techkit.errors import ProbeError
from techkit.i18n import N_, _
from techkit.probes.formats import usual_browser
from techkit.probes.formats.macos_text import plist_of
from techkit.probes.probe import Access, Platform, Probe
from techkit.probes.proxy import person_folder
from techkit.probes.services import parse_desktop_entry
from techkit.probes.sheet import Sheet
from techkit.probes.windows_registry import registry_readings
from techkit.records.findings import Reading, Reason

#: Below the person's folder; Launch Services write it when somebody chooses another browser than Safari.
LAUNCH_SERVICES: Final = "Library/Preferences/com.apple.LaunchServices/com.apple.launchservices.secure.plist"

#: Lists of choices, those of the person first. Source: XDG MIME applications 1.0.1, "File name and location".
_LISTS: Final = (
    "/etc/xdg/mimeapps.list",
    "/usr/local/share/applications/mimeapps.list",
    "/usr/share/applications/gnome-mimeapps.list",
    "/usr/share/applications/mimeapps.list",
    "/usr/share/applications/defaults.list",
    "/usr/share/applications/mimeinfo.cache",
)
_APPLICATIONS: Final = (
    "/usr/local/share/applications",
    "/usr/share/applications",
    "/var/lib/flatpak/exports/share/applications",
    "/var/lib/snapd/desktop/applications",
)


def read_browser(access: Access) -> Iterable[Reading]:
    """Yield the default browser.

    Raises: ProbeError not_present where none is set.
    """
    if access.platform is Platform.WINDOWS:
        sheet = registry_readings(access, ("software.default_browser",))
    elif access.platform is Platform.MACOS:
        sheet = _mac(access)
    else:
        sheet = _linux(access)
    if not len(sheet):
        raise ProbeError(_("No browser is set to open web pages."), reason=Reason.NOT_PRESENT)
    return sheet


def _mac(access: Access) -> Sheet:
    sheet = Sheet("com.apple.launchservices.secure.plist")
    path = f"{person_folder(access)}/{LAUNCH_SERVICES}"
    # Without the file nobody ever chose another one than the system's own.
    chosen = usual_browser.in_launch_services(plist_of(access.data(path))) if access.exists(path) else ""
    sheet.add("software.default_browser", usual_browser.name_of(chosen) or chosen or "Safari")
    return sheet


def _linux(access: Access) -> Sheet:
    home = person_folder(access)
    own = (f"{home}/.config/mimeapps.list", f"{home}/.local/share/applications/mimeapps.list")
    folders = (f"{home}/.local/share/applications", *_APPLICATIONS)
    for place in (own[0], _LISTS[0], own[1], *_LISTS[1:]):
        sheet = Sheet(Path(place).name)
        for name in usual_browser.in_mimeapps(access.text_or(place)):
            # A list outlives the programs it names.
            entry = next((text for folder in folders if (text := access.text_or(f"{folder}/{name}"))), "")
            if entry:
                told = usual_browser.name_of(name) or parse_desktop_entry(entry)
                sheet.add("software.default_browser", told or name.removesuffix(".desktop"))
                return sheet
    return Sheet("mimeapps.list")


BROWSER: Final = Probe(
    id="usual_browser.chosen",
    title=N_("Looking which browser opens web pages"),
    read=read_browser,
    gives=("software.default_browser",),
)

PROBES = (BROWSER,)
