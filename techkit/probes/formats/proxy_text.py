"""Proxy settings: what programs are told to ask instead of the internet, from every place that tells them.

A setting may hold a name and a password. They are read over, never kept: `readings` writes hosts, ports and whether a
password stood there. The address of a script is kept without its query; the whole one lives only in a `Setting`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from techkit.probes.sheet import Sheet

#: The longest setting looked at; addresses of scripts have at most some hundred signs.
LONGEST: Final = 2000

#: Most proxies kept of one place: one per protocol is usual.
MOST: Final = 8

#: Hosts that are this computer. Source: RFC 6761, section 6.3; RFC 1122, section 3.2.1.3.
_HERE: Final = frozenset({"localhost", "localhost.localdomain", "ip6-localhost"})

_HOST: Final = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|\w[\w.-]{0,252})(?::(\d{1,5}))?")


@dataclass(frozen=True)
class Setting:
    """What one place says. mode: direct, fixed, script or detect (the network is asked for a script).

    addresses: "host:port"; socks: those of them that speak SOCKS. script: the whole address of a script, which may hold
    a password: only to fetch it.
    """

    place: str
    mode: str
    addresses: tuple[str, ...] = ()
    socks: frozenset[str] = frozenset()
    script: str = ""
    exceptions: int = 0
    has_password: bool = False


def readings(settings: Iterable[Setting], source: str = "") -> Sheet:
    """Return the readings of settings, without what is secret in them."""
    sheet = Sheet(source)
    for setting in settings:
        where = setting.place
        sheet.add("network.proxy.mode", setting.mode, subject=where)
        if setting.mode == "fixed":
            sheet.add("network.proxy.addresses", list(setting.addresses), subject=where)
            sheet.add("network.proxy.is_local", all(map(is_here, setting.addresses)), subject=where)
            sheet.add("network.proxy.exception_count", setting.exceptions, subject=where)
            sheet.add("network.proxy.has_password", setting.has_password, subject=where)
        if setting.mode == "script":
            sheet.add("network.proxy.script", shown_script(setting.script), subject=where)
    return sheet


# --- addresses -------------------------------------------------------------------------------------


def address(text: str) -> str:
    """Return "host:port" of a proxy as it is written in a setting, "" when it is none.

    Everything before the last "@" is name and password, and left out whatever it looks like.
    """
    bare = text.strip()[:LONGEST].rpartition("@")[2]
    bare = bare.rpartition("://")[2].split("/")[0].strip()
    match = _HOST.fullmatch(bare)
    if not match:
        return ""
    number = int(match[2]) if match[2] else _usual_port(text)
    return f"{match[1].casefold()}:{number}" if 0 < number < 65536 else ""


def _usual_port(text: str) -> int:
    """Return the port that holds without one: 1080 for SOCKS (RFC 1928), 443 for https, else 80."""
    scheme = text.strip().partition("://")[0].casefold()
    return 1080 if scheme.startswith("socks") else 443 if scheme == "https" else 80


def parts(shown: str) -> tuple[str, int]:
    """Return host and port of "host:port"."""
    host, _mark, port = shown.rpartition(":")
    return host.strip("[]"), int(port)


def is_here(shown: str) -> bool:
    """Return whether "host:port" is this computer itself."""
    host = parts(shown)[0]
    if host in _HERE or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def without_password(url: str) -> str:
    """Return an address to ask, without the name and password before its host (RFC 3986, section 3.2)."""
    scheme, mark, rest = url.strip().partition("://")
    end = re.search(r"[/?#]|$", rest)
    at = end.start() if end else len(rest)
    return f"{scheme}{mark}{rest[:at].rpartition('@')[2]}{rest[at:]}"


def shown_script(text: str) -> str:
    """Return the address of a script without name, password, query and fragment; "" for none.

    Also for one with an "@" behind its host: nobody knows whether that ends a password or stands in a query.
    """
    scheme, mark, rest = without_password(text.strip()[:LONGEST]).partition("://")
    if not mark or not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]{0,15}", scheme) or "@" in rest:
        return ""
    host, slash, path = re.split(r"[?#;]", rest, maxsplit=1)[0].partition("/")
    if scheme.casefold() == "file":
        return "file:///" + path.rpartition("/")[2]
    return f"{scheme.casefold()}://{host}{slash}{path}" if _HOST.fullmatch(host) else ""


def _fixed(place: str, texts: Sequence[str], exceptions: int = 0, *, has_password: bool = False) -> Setting:
    """Return a setting of fixed proxies, direct when none of the texts is one."""
    found = tuple(dict.fromkeys(filter(None, map(address, texts))))[:MOST]
    if not found:
        return Setting(place, "direct")
    return Setting(
        place,
        "fixed",
        found,
        socks=frozenset(address(text) for text in texts if text.casefold().startswith("socks")),
        exceptions=exceptions,
        has_password=has_password or any("@" in text for text in texts),
    )


# --- environment -----------------------------------------------------------------------------------

#: The variables programs look at. Source: curl(1), ENVIRONMENT; wget, libproxy and Python's urllib agree.
_VARIABLES: Final = ("http_proxy", "https_proxy", "all_proxy", "ftp_proxy")


def environment(values: Mapping[str, str], place: str = "environment") -> Setting:
    """Return what variables such as https_proxy say, in either case; small letters win."""
    folded: dict[str, str] = {}
    for name, value in sorted(values.items()):
        folded[name.casefold()] = value  # "HTTP_PROXY" sorts before "http_proxy"
    without = [part for part in re.split(r"[\s,]+", folded.get("no_proxy", "")) if part]
    return _fixed(place, [folded[name] for name in _VARIABLES if folded.get(name)], len(without))


def parse_environment_block(data: bytes) -> dict[str, str]:
    """Return the proxy variables of /proc/PID/environ; nothing else of it is looked at. Source: proc(5)."""
    rows = (row.partition(b"=") for row in data.split(b"\0")[:5000])
    return {
        name.decode("ascii", "replace"): value[:LONGEST].decode("utf-8", "replace")
        for name, mark, value in rows
        if mark and name.lower() in (b"http_proxy", b"https_proxy", b"all_proxy", b"ftp_proxy", b"no_proxy")
    }


def parse_environment(text: str) -> Setting:
    """Return what /etc/environment says. Source: pam_env(8): KEY=VAL, also after "export" and in quotes."""
    values = {}
    for row in text.splitlines():
        match = re.match(r"\s*(?:export\s+)?([A-Za-z_]{8,11})=(.{0,2000})$", row)
        if match:
            values[match[1]] = match[2].strip().strip("\"'")
    return environment(values, "/etc/environment")


# --- desktops --------------------------------------------------------------------------------------


def parse_gsettings(text: str) -> Setting | None:
    """Return what `gsettings list-recursively org.gnome.system.proxy` says, None when it says nothing.

    Source: gsettings-desktop-schemas, org.gnome.system.proxy.gschema.xml; "enabled" is not looked at by anybody.
    """
    values: dict[str, str] = {}
    for row in text.splitlines():
        match = re.match(
            r"org\.gnome\.system\.proxy(?:\.(http|https|ftp|socks))? ([a-z-]{1,40}) (.{0,2000})$", row
        )
        if match:
            values[f"{match[1]}.{match[2]}" if match[1] else match[2]] = match[3].strip()
    mode = _unquoted(values.get("mode", ""))
    if mode not in ("none", "manual", "auto"):
        return None
    if mode == "auto":
        script = _unquoted(values.get("autoconfig-url", ""))
        return Setting("GNOME", "script" if script else "detect", script=script)
    if mode == "none":
        return Setting("GNOME", "direct")
    texts = []
    for protocol in ("http", "https", "socks", "ftp"):
        host = _unquoted(values.get(f"{protocol}.host", ""))
        port = values.get(f"{protocol}.port", "0")
        if host and port != "0":
            scheme = "socks://" if protocol == "socks" else ""
            texts.append(f"{scheme}{host}:{port}" if port.isdecimal() else f"{scheme}{host}")
    needs_sign_in = values.get("http.use-authentication") == "true"
    exceptions = len(re.findall(r"'[^']*'", values.get("ignore-hosts", "")))
    return _fixed("GNOME", texts, exceptions, has_password=needs_sign_in)


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def parse_kioslaverc(text: str) -> Setting | None:
    """Return what KDE's kioslaverc says, None when it says nothing. Source: KDE, kio, kprotocolmanager.cpp.

    ProxyType: 0 none, 1 fixed, 2 script, 3 detect, 4 the environment's variables.
    """
    values, section = {}, ""
    for row in text.splitlines():
        line = row.strip()[: LONGEST + 40]
        if line.startswith("["):
            section = line
        elif section == "[Proxy Settings]" and "=" in line:
            # A locked entry is marked with [$i].
            key, _mark, value = line.partition("=")
            values[re.sub(r"\[.*$", "", key).strip()] = value.strip()
    kind = values.get("ProxyType", "")
    if kind == "2":
        script = values.get("Proxy Config Script", "")
        return Setting("KDE", "script" if script else "direct", script=script)
    if kind == "3":
        return Setting("KDE", "detect")
    if kind in ("0", "4"):
        return Setting("KDE", "direct")
    if kind != "1":
        return None
    # "http://host 8080" parts host and port by a blank.
    names = ("httpProxy", "httpsProxy", "socksProxy", "ftpProxy")
    texts = [re.sub(r"\s+(\d{1,5})$", r":\1", values[name]) for name in names if values.get(name)]
    without = [part for part in re.split(r"[\s,]+", values.get("NoProxyFor", "")) if part]
    return _fixed("KDE", texts, len(without))


# --- Windows ---------------------------------------------------------------------------------------

#: Bits of a connection's settings. Source: Microsoft Learn, INTERNET_PER_CONN_FLAGS (wininet.h).
_PROXY, _SCRIPT, _DETECT = 0x2, 0x4, 0x8


def from_registry(values: Mapping[str, Any], connection: object, place: str) -> Setting:
    """Return what the key "Internet Settings" says; connection: its value DefaultConnectionSettings.

    The named values go first: they are what settings, policies and programs write.
    """
    folded = {str(name).casefold(): value for name, value in values.items()}
    flags, _server, _without, _url = connection_settings(connection)
    script = folded.get("autoconfigurl")
    if isinstance(script, str) and script.strip():
        return Setting(place, "script", script=script.strip())
    if _flag(folded.get("proxyenable")) and isinstance(folded.get("proxyserver"), str):
        without = folded.get("proxyoverride")
        names = without.split(";") if isinstance(without, str) else []
        found = from_list(folded["proxyserver"], place, len([name for name in names if name.strip()]))
        if found.mode == "fixed":
            return found
    return Setting(place, "detect" if flags & _DETECT else "direct")


def _flag(value: object) -> bool:
    return value in (1, "1", b"\x01\x00\x00\x00")


def from_list(text: str, place: str, exceptions: int = 0) -> Setting:
    """Return a list such as "host:80" or "http=host:80;https=host:81;socks=host:1080" as a setting."""
    if "@" in text:
        # No list has passwords; where somebody wrote one all the same, only what follows it is no secret.
        return _fixed(place, [f"@{text.rpartition('@')[2]}"], exceptions)
    texts = []
    for part in re.split(r"[;\s]+", text[:LONGEST]):
        scheme, mark, rest = part.partition("=")
        if mark and scheme.casefold() in ("http", "https", "ftp", "socks"):
            texts.append(f"socks://{rest}" if scheme.casefold() == "socks" and "://" not in rest else rest)
        elif part and not mark:
            texts.append(part)
    return _fixed(place, texts, exceptions)


def connection_settings(data: object) -> tuple[int, str, str, str]:
    """Return flags, proxies, exceptions and script of DefaultConnectionSettings or WinHttpSettings.

    Shape: version, counter, flags, then three texts, each after its length; numbers of 32 bits, little-endian.
    Source: seen in exports of Windows 7 to 11; Microsoft documents only the flags.
    """
    if not isinstance(data, bytes) or len(data) < 12:
        return 0, "", "", ""
    flags, at, texts = int.from_bytes(data[8:12], "little"), 12, []
    for _turn in range(3):
        size = int.from_bytes(data[at : at + 4], "little")
        piece = data[at + 4 : at + 4 + size] if size <= LONGEST else b""
        texts.append(piece.decode("latin-1").rstrip("\0"))
        at += 4 + len(piece)
        if size != len(piece):
            break
    texts += [""] * (3 - len(texts))
    return flags, texts[0], texts[1], texts[2]


def from_win_http(data: object) -> Setting | None:
    """Return what Windows' own services use (WinHttpSettings), None where the value is not there."""
    if not isinstance(data, bytes):
        return None
    flags, server, without, _script = connection_settings(data)
    if not flags & _PROXY:
        return Setting("WinHTTP", "direct")
    return from_list(server, "WinHTTP", len([name for name in without.split(";") if name.strip()]))


# --- macOS -----------------------------------------------------------------------------------------


def parse_scutil(text: str) -> Setting | None:
    """Return what `scutil --proxy` says of the network in use, None when it says nothing.

    Source: scutil(8); Apple, SystemConfiguration, SCSchemaDefinitions.h, kSCPropNetProxies.
    """
    if not re.search(r"<dictionary> \{", text):
        return None
    values: dict[str, str] = {}
    depth = exceptions = 0
    inside = ""
    for row in text.splitlines():
        opened = re.match(r"\s*(\w{1,60}) : <(?:array|dictionary)> \{", row)
        if opened:
            depth, inside = depth + 1, opened[1]
        elif row.strip() == "}":
            depth -= 1
        elif depth <= 0:
            key, mark, value = row.strip().partition(" : ")
            if mark:
                values.setdefault(key, value.strip())
        elif depth == 1 and inside == "ExceptionsList":
            exceptions += 1
    if values.get("ProxyAutoConfigEnable") == "1" and values.get("ProxyAutoConfigURLString"):
        return Setting("macOS", "script", script=values["ProxyAutoConfigURLString"])
    texts = []
    for protocol in ("HTTP", "HTTPS", "SOCKS"):
        host, port = values.get(f"{protocol}Proxy", ""), values.get(f"{protocol}Port", "")
        if values.get(f"{protocol}Enable") == "1" and host:
            scheme = "socks://" if protocol == "SOCKS" else ""
            texts.append(f"{scheme}{host}:{port}" if port.isdecimal() else f"{scheme}{host}")
    found = _fixed(
        "macOS", texts, exceptions, has_password=any(f"{p}User" in values for p in ("HTTP", "HTTPS"))
    )
    if found.mode == "direct" and values.get("ProxyAutoDiscoveryEnable") == "1":
        return Setting("macOS", "detect")
    return found


def sheet_of(setting: Setting | None, source: str) -> Sheet:
    """Return the readings of one setting, an empty sheet for none."""
    return readings([setting] if setting else [], source)
