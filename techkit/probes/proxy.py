"""Proxies: where programs are told to ask one, whether it answers, and whether an automatic script can be had.

Names and passwords in a setting are never kept (formats.proxy_text). What answers is asked in the plans that ask the
network; on the computer itself it is asked at once, because nothing leaves it. The Windows and macOS ways are tested on
recorded answers and have not been run by us.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from techkit.children.external import Command
from techkit.errors import ProbeError
from techkit.i18n import N_, _
from techkit.probes import network
from techkit.probes.formats import proxy_text, registry
from techkit.probes.formats.proxy_text import Setting
from techkit.probes.network_hosts import reference_hosts
from techkit.probes.probe import Access, Depth, Platform, Probe, missing, this_platform
from techkit.probes.sheet import Sheet
from techkit.probes.windows_registry import registry_tree
from techkit.records.findings import Reading, Reason

GSETTINGS: Final = Command(("gsettings", "list-recursively", "org.gnome.system.proxy"), limit_s=2.0)
SCUTIL: Final = Command(("/usr/sbin/scutil", "--proxy"), limit_s=2.0)

#: Started before any probe runs, where the system has them.
_COMMANDS: Final = {"linux": (GSETTINGS,), "darwin": (SCUTIL,)}.get(sys.platform, ())

#: Places only some programs look at: programs of the command line, services of Windows. No browser stops for them.
FOR_FEW: Final = frozenset({"environment", "WinHTTP"})

#: Longest script looked at; large companies' have some hundred kB.
SCRIPT_LIMIT_BYTES: Final = 1024 * 1024

#: How long a program on this computer may take to accept a connection. Ours: it is not the network.
HERE_S: Final = 0.5

_SOURCES: Final = {
    "environment": "environment of the program",
    "GNOME": "gsettings org.gnome.system.proxy",
    "KDE": "~/.config/kioslaverc",
    "macOS": "scutil --proxy",
    "Windows": "registry: Internet Settings",
    "Windows (all)": "registry: Internet Settings",
    "WinHTTP": "registry: WinHttpSettings",
}


def settings(access: Access) -> list[Setting]:
    """Return what each place of this computer says; may hold passwords, so it stays in the worker.

    Raises: ProbeError when a system with one place did not tell.
    """
    if access.platform is Platform.WINDOWS:
        tree = registry_tree(access)
        if not tree:
            raise ProbeError(_("The registry could not be read."), reason=Reason.FAILED)
        return [*_own_environment(access), *registry.proxies(tree)]
    if access.platform is Platform.MACOS:
        found = proxy_text.parse_scutil(access.run(SCUTIL).text)
        if found is None:
            raise ProbeError(_("The Mac did not tell its proxy settings."), reason=Reason.FAILED)
        return [*_own_environment(access), found]
    return _linux(access)


def _linux(access: Access) -> list[Setting]:
    found = [*_own_environment(access)]
    system = proxy_text.parse_environment(access.text_or("/etc/environment"))
    if system.mode != "direct":
        found.append(system)
    desktop = access.try_all([GSETTINGS])[0]
    if not isinstance(desktop, ProbeError) and (gnome := proxy_text.parse_gsettings(desktop.text)):
        found.append(gnome)
    if kde := proxy_text.parse_kioslaverc(access.text_or(f"{person_folder(access)}/.config/kioslaverc")):
        found.append(kde)
    return found


def person_folder(access: Access) -> str:
    """Return the person's folder as the machine names it; a recorded machine has one in /home, a Mac in /Users."""
    if is_here(access):
        return str(Path.home())
    folder = "/Users" if access.platform is Platform.MACOS else "/home"
    return next((f"{folder}/{name}" for name in access.names(folder)), "/root")


def is_here(access: Access) -> bool:
    """Return whether the machine is the one techkit runs on, not a recorded one."""
    return access.root == Path("/") and access.platform is this_platform()


def _own_environment(access: Access) -> list[Setting]:
    """Return what the environment of the program says; a worker's own holds none of it."""
    values: dict[str, str] = {}
    if access.platform is Platform.LINUX:
        with contextlib.suppress(ProbeError):
            values = proxy_text.parse_environment_block(access.data(f"/proc/{access.program}/environ"))
    elif is_here(access):
        import psutil

        with contextlib.suppress(psutil.Error, OSError):
            values = psutil.Process(access.program).environ()
    return [proxy_text.environment(values)]


def read_settings(access: Access) -> Iterable[Reading]:
    """Return each place's setting, and whether something listens where the proxy is this computer."""
    sheet = Sheet()
    found = settings(access)
    for setting in found:
        source = _SOURCES.get(setting.place, setting.place)
        sheet.extend(proxy_text.readings([setting], source))
        own = [shown for shown in setting.addresses if proxy_text.is_here(shown)]
        if own and is_here(access):
            sheet.add(
                "network.proxy.listens", listens(own), subject=setting.place, source="TCP, this computer"
            )
    sheet.add(
        "network.proxy.is_set",
        any(setting.mode != "direct" for setting in found),
        source="all places looked at",
    )
    return sheet


def listens(addresses: Sequence[str]) -> bool:
    """Return whether something accepts a connection at each of these places of this computer."""
    targets = []
    for shown in addresses:
        host, port = proxy_text.parts(shown)
        targets.append((host if host[:1].isdecimal() or ":" in host else "127.0.0.1", port))
    return all(seconds is not None for seconds in network.connect_times(targets, HERE_S))


# --- the network is asked --------------------------------------------------------------------------


def read_answers(access: Access) -> Iterable[Reading]:
    """Return whether each proxy answers and passes on, and whether each script can be had.

    Asks only what the computer itself is told to ask, and through it the reference host.
    """
    sheet, said = Sheet("TCP"), []
    for setting in settings(access):
        if setting.mode == "fixed":
            said += _ask(access, sheet, setting)
        elif setting.mode == "script":
            said += _script(access, sheet, setting)
    return [*sheet, *said]


def _ask(access: Access, sheet: Sheet, setting: Setting) -> list[Reading]:
    targets, reached = [], []
    for shown in setting.addresses:
        host, port = proxy_text.parts(shown)
        address, _seconds = network.resolve(host, access.wait_s)
        targets.append((address, port))
    times = network.connect_times([target for target in targets if target[0]], access.wait_s)
    answers = all(target[0] for target in targets) and all(seconds is not None for seconds in times)
    sheet.add("network.proxy.answers", answers, subject=setting.place)
    if not answers:
        return []
    for target, shown in zip(targets, setting.addresses, strict=True):
        if shown not in setting.socks:
            reached.append(_through(access, setting.place, *target))
            break  # one is enough: the same page would be asked for through each
    return [reading for reading in reached if reading is not None]


def _through(access: Access, place: str, address: str, port: int) -> Reading | None:
    """Return whether the reference host's page comes through a proxy; None without such a page."""
    id = "network.proxy.reaches_internet"
    host = next((host for host in reference_hosts(access) if host.path), None)
    if host is None:
        return None
    source = f"http://{host.name}:{host.port}{host.path}"
    try:
        answer = network.fetch(host, address, access.wait_s, proxy_port=port)
    except OSError:
        return Reading(id=id, value=False, subject=place, source=source)
    if answer[:12].endswith(b" 407"):
        text = _("The proxy asks for a name and password, which techkit does not use.")
        return missing(id, reason=Reason.NOT_PERMITTED, text=text, subject=place, source=source)
    return Reading(id=id, value=network.is_open(host, answer), subject=place, source=source)


def _script(access: Access, sheet: Sheet, setting: Setting) -> list[Reading]:
    id = "network.proxy.script_works"
    scheme = setting.script.partition("://")[0].casefold()
    if scheme not in ("http", "https"):
        text = _("The script is kept in a file or in another way that techkit does not read.")
        return [missing(id, reason=Reason.SKIPPED, text=text, subject=setting.place)]
    try:
        sheet.add(id, is_script(fetched(setting.script, access.wait_s)), subject=setting.place, source=scheme)
    except ElsewhereError:
        text = _("The script’s server sends on to another one, which techkit does not ask.")
        return [missing(id, reason=Reason.SKIPPED, text=text, subject=setting.place)]
    except PermissionError:
        text = _("The script may only be read after signing in.")
        return [missing(id, reason=Reason.NOT_PERMITTED, text=text, subject=setting.place)]
    except (OSError, ValueError):
        sheet.add(id, False, subject=setting.place, source=scheme)
    return []


def is_script(content: bytes) -> bool:
    """Return whether bytes are a script for proxies. Source: Netscape, proxy auto-config file format (1996)."""
    return b"FindProxyForURL" in content.replace(b"\0", b"")  # also where it is kept as UTF-16


class ElsewhereError(Exception):
    """The server of a script sends on to another computer, which nobody named in a setting."""


def fetched(url: str, wait_s: float) -> bytes:
    """Return what is at an address, asked directly, within wait_s; sent on, at the same host only.

    Raises: ElsewhereError, PermissionError where it asks for a sign-in, OSError and ValueError where it cannot be had.
    """
    import http.client  # loaded late: few computers have such a script
    import urllib.error
    import urllib.request
    from urllib.parse import urlsplit

    class SameHost(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
            there = urlsplit(newurl)
            if there.scheme in ("http", "https") and there.hostname == urlsplit(req.full_url).hostname:
                return super().redirect_request(req, fp, code, msg, headers, newurl)
            fp.close()
            raise ElsewhereError

    bare = proxy_text.without_password(url)
    ends = time.monotonic() + wait_s
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), SameHost)
    try:
        with opener.open(urllib.request.Request(bare), timeout=wait_s) as answer:  # noqa: S310 - http and https only
            content = b""
            while len(content) < SCRIPT_LIMIT_BYTES and time.monotonic() < ends:
                piece = answer.read1(64 * 1024)
                if not piece:
                    return content
                content += piece
            return content
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in (401, 403, 407):
            raise PermissionError from error
        raise
    except http.client.HTTPException as error:
        raise OSError from error


SETTINGS: Final = Probe(
    id="proxy.settings",
    title=N_("Looking for a proxy"),
    read=read_settings,
    gives=(
        "network.proxy.is_set",
        "network.proxy.mode",
        "network.proxy.addresses",
        "network.proxy.is_local",
        "network.proxy.exception_count",
        "network.proxy.has_password",
        "network.proxy.script",
        "network.proxy.listens",
    ),
    commands=_COMMANDS,
)
ANSWERS: Final = Probe(
    id="proxy.answers",
    title=N_("Asking the proxy"),
    read=read_answers,
    gives=("network.proxy.answers", "network.proxy.reaches_internet", "network.proxy.script_works"),
    needs_network=True,
    sends_to="the proxy or the script's server that is set, and through the proxy to a reference host",
    depth=Depth.STANDARD,
    limit_s=12.0,
    commands=_COMMANDS,
)

PROBES = (SETTINGS, ANSWERS)
