"""The registry of a Windows machine, read into the same tree that an export gives (probes.formats.registry).

A recorded machine keeps it as the file "registry.reg".
"""

from __future__ import annotations

import contextlib
import sys
from typing import Any, Final

from techkit.errors import ProbeError
from techkit.probes.formats import registry
from techkit.probes.formats.decode import decode
from techkit.probes.probe import Access
from techkit.probes.sheet import Sheet

#: Keys read with all keys below them, and how deep.
KEYS: Final = (
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall", 1),
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall", 1),
    (r"HKEY_CURRENT_USER\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall", 1),
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion", 0),
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon", 0),
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System", 0),
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Run", 0),
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Run", 0),
    (r"HKEY_CURRENT_USER\SOFTWARE\Microsoft\Windows\CurrentVersion\Run", 0),
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved", 1),
    (r"HKEY_CURRENT_USER\SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved", 1),
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing", 1),
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update", 2),
    (r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\SecureBoot\State", 0),
    (r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\TimeZoneInformation", 0),
    (
        r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\DeviceGuard\Scenarios\HypervisorEnforcedCodeIntegrity",
        0,
    ),
    (r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Power\User\PowerSchemes", 0),
    (r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\W32Time\Parameters", 0),
    (r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\W32Time", 0),
    (r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\FileSystem", 0),
    (r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy", 1),
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Office\ClickToRun\Configuration", 0),
    (r"HKEY_CURRENT_USER\SOFTWARE\Microsoft\Windows\CurrentVersion\FileHistory", 0),
    (r"HKEY_CURRENT_USER\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings", 0),
    (r"HKEY_CURRENT_USER\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\Connections", 0),
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings", 0),
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\Connections", 0),
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\CurrentVersion\Internet Settings", 0),
    (r"HKEY_CURRENT_USER\SOFTWARE\Microsoft\Windows\Shell\Associations\UrlAssociations\https\UserChoice", 0),
    (
        r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\webcam",
        0,
    ),
    (
        r"HKEY_CURRENT_USER\SOFTWARE\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\webcam",
        0,
    ),
    (
        r"HKEY_CURRENT_USER\SOFTWARE\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\webcam\NonPackaged",
        0,
    ),
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\AppPrivacy", 0),
    (r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Camera", 0),
)

#: Most children of one key that are read; a crowded Uninstall key has about 1,500.
CHILD_LIMIT: Final = 10_000


def registry_tree(access: Access) -> registry.Tree:
    """Return the keys above; on another system the recorded file registry.reg, {} without one."""
    if sys.platform == "win32":
        found: registry.Tree = {}
        for path, depth in KEYS:
            read_key(path, depth, found)
        return found
    try:
        return registry.tree(decode(access.data("/registry.reg")))
    except ProbeError:
        return {}


def read_key(path: str, depth: int, found: registry.Tree) -> None:
    """Add a key and its children down to `depth` to the tree; what may not be read is left out."""
    if sys.platform != "win32":
        return
    import winreg

    hive_name, _mark, rest = path.partition("\\")
    with (
        contextlib.suppress(OSError),
        winreg.OpenKey(getattr(winreg, hive_name), rest, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY) as key,
    ):
        children, values, _changed = winreg.QueryInfoKey(key)
        found[path] = {}
        for place in range(min(values, CHILD_LIMIT)):
            name, value, _kind = winreg.EnumValue(key, place)
            found[path][name] = value
        if depth > 0:
            for place in range(min(children, CHILD_LIMIT)):
                read_key(f"{path}\\{winreg.EnumKey(key, place)}", depth - 1, found)


def values_of(tree: registry.Tree, tail: str) -> dict[str, Any]:
    """Return the values of the first key that ends so, {} for none."""
    return next((values for path, values in tree.items() if path.casefold().endswith(tail.casefold())), {})


def registry_readings(access: Access, prefixes: tuple[str, ...]) -> Sheet:
    """Return the registry's readings whose ids begin with one of the prefixes."""
    sheet = Sheet("registry")
    for reading in registry.readings(registry_tree(access)):
        if reading.id.startswith(prefixes):
            sheet.add(reading.id, reading.value, subject=reading.subject, source=reading.source)
    return sheet
