"""What a child is given: a small environment in the C locale, the system's folders, and a mark."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterable

#: The name of the mark in the environment of every child and grandchild.
MARK = "TECHKIT_CHILD"

#: Where system tools are looked for, in this order; never the caller's PATH.
TOOL_FOLDERS = (
    ("/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin")
    if sys.platform != "win32"
    else (
        r"C:\Windows\System32",
        r"C:\Windows\System32\WindowsPowerShell\v1.0",
        r"C:\Program Files\smartmontools\bin",
    )
)

#: What is handed down from our environment, where it is there: enough to find the user's session,
#: nothing that opens a prompt (no DISPLAY, no SSH_ASKPASS) or loads code (no LD_PRELOAD).
PASSED_ON = (
    "HOME",
    "USER",
    "LOGNAME",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
    "TZ",
    "SystemRoot",
    "SystemDrive",
    "ProgramData",
    "ProgramFiles",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "TEMP",
    "TMP",
    "COMSPEC",
)


def tool_folders() -> tuple[str, ...]:
    """Return the folders searched for tools; the first that has the tool wins."""
    return TOOL_FOLDERS


def environment(mark: str, extra: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
    """Return the small environment every child gets: C locale, system PATH, our mark."""
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    fixed = {
        "PATH": os.pathsep.join(tool_folders()),
        "LC_ALL": "C",
        "LANG": "C",
        "TERM": "dumb",
        "NO_COLOR": "1",
        "SYSTEMD_PAGER": "",
        "SYSTEMD_COLORS": "0",
        MARK: mark,
    }
    return passed | fixed | dict(extra)


_marks = itertools.count(1)


def new_mark(parent: str = "") -> str:
    """Return a fresh mark; it begins with the parent's, so that sweeping the parent finds it too.

    Inside a worker the worker's own mark is the parent, wherever none is given.
    """
    parent = parent or os.environ.get(MARK) or f"{os.urandom(16).hex()}."
    # The dot at the end keeps mark 1 from matching mark 10.
    return f"{parent}{next(_marks)}."
