"""Which browser opens a web page: what each system keeps about it, and the browser's name.

Sources: XDG "Association between MIME types and applications" 1.0.1 (mimeapps.list); Microsoft Learn, "Default
Programs" (UserChoice, ProgId); Apple's Launch Services, which keep handlers by URL scheme. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

#: How an identification begins, case folded → the browser as its maker calls it. The longest beginning counts: ProgIds
#: of Windows end in a number of the installation, Linux has names of several distributions and stores.
NAMES: Final = {
    "msedgehtm": "Microsoft Edge", "microsoft-edge": "Microsoft Edge", "com.microsoft.edge": "Microsoft Edge",
    "appxq0fevzme2pys62n3e0fbqa7peapykr8v": "Microsoft Edge",  # the one Windows 10 came with
    "chromehtml": "Google Chrome", "google-chrome": "Google Chrome", "com.google.chrome": "Google Chrome",
    "firefox": "Firefox", "org.mozilla.firefox": "Firefox",
    "chromiumhtm": "Chromium", "chromium": "Chromium", "org.chromium.chromium": "Chromium",
    "ie.http": "Internet Explorer", "com.apple.safari": "Safari",
    "bravehtml": "Brave", "brave": "Brave", "com.brave.browser": "Brave",
    "operastable": "Opera", "opera": "Opera", "com.operasoftware.opera": "Opera", "com.opera.opera": "Opera",
    "operagx": "Opera GX", "com.operasoftware.operagx": "Opera GX",
    "vivaldi": "Vivaldi", "com.vivaldi.vivaldi": "Vivaldi",
    "librewolf": "LibreWolf", "io.gitlab.librewolf": "LibreWolf",
    "org.gnome.epiphany": "GNOME Web", "epiphany": "GNOME Web", "org.kde.falkon": "Falkon",
    "company.thebrowser.browser": "Arc", "duckduckgo": "DuckDuckGo", "com.duckduckgo": "DuckDuckGo",
}  # fmt: skip

#: What a page is asked for by, in the order it counts.
WAYS: Final = ("x-scheme-handler/https", "x-scheme-handler/http", "text/html")

#: Where a choice stands, and in mimeinfo.cache what holds where nobody chose.
_SECTIONS: Final = ("[Default Applications]", "[MIME Cache]")


def name_of(identification: str) -> str:
    """Return the browser's name for a ProgId, an application's identifier or a desktop file; "" for one not known."""
    folded = identification.strip().casefold()
    known = [begins for begins in NAMES if folded.startswith(begins)]
    return NAMES[max(known, key=len)] if known else ""


def in_mimeapps(content: str) -> Iterator[str]:
    """Yield the desktop files a mimeapps.list (or defaults.list) names for pages, those for https first."""
    found: dict[str, list[str]] = {}
    section = ""
    for row in content.splitlines():
        bare = row.strip()
        if bare.startswith("["):
            section = bare
        key, mark, value = bare.partition("=")
        if mark and section in _SECTIONS:
            found.setdefault(key.strip(), [part.strip() for part in value.split(";") if part.strip()])
    for way in WAYS:
        for name in found.get(way, []):
            if re.fullmatch(r"[\w.+-]{1,120}\.desktop", name):
                yield name


def in_launch_services(handlers: Any) -> str:
    """Return the identifier of the application that opens https on a Mac, "" where nobody chose one."""
    rows = handlers.get("LSHandlers") if isinstance(handlers, dict) else None
    for scheme in ("https", "http"):
        for row in rows if isinstance(rows, list) else []:
            if isinstance(row, dict) and row.get("LSHandlerURLScheme") == scheme:
                chosen = row.get("LSHandlerRoleAll") or row.get("LSHandlerRoleViewer")
                if isinstance(chosen, str) and chosen not in ("", "-"):
                    return chosen
    return ""
