"""The hosts the ladder asks.

Which hosts are asked is decided by the caller: the setting "network.reference_hosts", a list of

    "host"  "host:port"  "http://host[:port]/path"  "http://host/path expected text"

The last two can tell a captive portal. Without the setting it is the operating system's own
connectivity host (NetworkManager's, Windows', Apple's); where the system names none, the rungs
above the gateway say "could not check". No other host is ever contacted; a proxy that is set is asked by probes/proxy.py.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from techkit.probes.probe import Access, Platform

#: Apple's connectivity page (CaptiveNetworkSupport), answered with a page that says "Success".
APPLE_HOST = "http://captive.apple.com/hotspot-detect.html Success"


@dataclass(frozen=True)
class Host:
    """A host to ask. path "" means: no web page, connect only. expected: what its page must say."""

    name: str
    port: int
    path: str = ""
    expected: str = ""


def parse_host(text: str) -> Host:
    """Return the host a setting names. Raises: ValueError when it names none."""
    address, _blank, expected = text.strip().partition(" ")
    match = re.fullmatch(
        r"(?:(?P<scheme>https?)://)?(?P<name>\[[0-9A-Fa-f:.]+\]|[^\s/:\[\]]+)(?::(?P<port>\d{1,5}))?(?P<path>/\S*)?",
        address,
    )
    if not match:
        raise ValueError(f"not a host: {text[:80]!r}")
    is_web = match["scheme"] == "http"
    port = int(match["port"] or (80 if is_web else 443))
    if not 0 < port < 65536:
        raise ValueError(f"not a port: {text[:80]!r}")
    # A certificate would have to be judged for https; there, connecting is all that is tried.
    path = (match["path"] or "/") if is_web else ""
    return Host(match["name"].strip("[]"), port, path, expected.strip())


def reference_hosts(access: Access) -> tuple[Host, ...]:
    """Return the hosts of the setting, otherwise the system's own connectivity host; may be empty."""
    setting = access.settings.get("network.reference_hosts")
    if isinstance(setting, str):
        setting = [line for line in re.split(r"[\n,;]", setting) if line.strip()]
    if isinstance(setting, list | tuple) and setting:
        return _hosts(str(text) for text in setting)
    return _hosts([_system_host(access)])


def _hosts(texts: Iterable[str]) -> tuple[Host, ...]:
    """Return the hosts among texts; one that names none does not cost the others."""
    found: list[Host] = []
    for text in texts:
        with contextlib.suppress(ValueError):
            found.append(parse_host(text))
    return tuple(found)


def _system_host(access: Access) -> str:
    if access.platform is Platform.MACOS:
        return APPLE_HOST
    if access.platform is Platform.WINDOWS:
        return _windows_host()
    texts = []
    for folder in ("/usr/lib/NetworkManager/conf.d", "/etc/NetworkManager/conf.d"):
        texts += [access.text_or(f"{folder}/{n}") for n in access.names(folder) if n.endswith(".conf")]
    texts.append(access.text_or("/etc/NetworkManager/NetworkManager.conf"))
    return parse_connectivity(texts)


def parse_connectivity(texts: Iterable[str]) -> str:
    """Return NetworkManager's connectivity page as a reference host, "" for none; the last file wins.

    Source: NetworkManager.conf(5), section connectivity: uri, response (default "NetworkManager is
    online"), enabled.
    """
    values: dict[str, str] = {}
    for text in texts:
        section = ""
        for line in text.splitlines():
            stripped = line.strip()
            if stripped.startswith("["):
                section = stripped.strip("[]")
            elif section == "connectivity" and "=" in stripped and not stripped.startswith("#"):
                key, _equals, value = stripped.partition("=")
                values[key.strip()] = value.strip()
    if not values.get("uri") or values.get("enabled", "true").lower() in ("false", "0", "no"):
        return ""
    return f"{values['uri']} {values.get('response', 'NetworkManager is online')}".strip()


def _windows_host() -> str:
    """Return the page Windows itself asks (Network Location Awareness), "" when it is turned off."""
    if sys.platform == "win32":
        import winreg

        path = r"SYSTEM\CurrentControlSet\Services\NlaSvc\Parameters\Internet"
        with contextlib.suppress(OSError), winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path) as key:
            values = [
                str(winreg.QueryValueEx(key, name)[0])
                for name in ("ActiveWebProbeHost", "ActiveWebProbePath", "ActiveWebProbeContent")
            ]
            return f"http://{values[0]}/{values[1]} {values[2]}"
    return ""
