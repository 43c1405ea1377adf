"""Whether somebody is at this computer: how long ago anything on it was touched."""

from __future__ import annotations

from techkit.probes import access_linux, access_macos, access_windows
from techkit.probes.probe import Platform, this_platform


def seconds_since_touch() -> float | None:
    """Return for how long no key, pointer or finger moved anywhere in this session.

    None where the system does not tell. Asks a server or a tool, so not on the UI thread.
    """
    ask = {
        Platform.LINUX: access_linux.seconds_since_touch,
        Platform.WINDOWS: access_windows.seconds_since_touch,
        Platform.MACOS: access_macos.seconds_since_touch,
    }[this_platform()]
    return ask()
