"""Connections of Linux as NetworkManager's nmcli prints them; its states in the languages it speaks. Source: nmcli(1)."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from techkit.probes.formats.wifi_text import MAC, rate_of
from techkit.probes.sheet import Sheet

#: What a device or a connection that is in use is called. Names of columns and fields stay English, states do not.
#: Source: NetworkManager 1.50, translations of "connected", "connected (externally)" and "activated".
_IN_USE: Final = frozenset(
    "connected activated verbunden aktiviert connecté activé conectado activada ativado collegato connesso attivata "
    "verbonden geactiveerd połączono aktywowano připojeno aktivováno pripojené aktívne tilsluttet forbundet aktiveret "
    "ansluten aktiverad tilkoblet yhdistetty aktivoitu kapcsolódva aktiválva povezan povezano aktivirano conectat activat "
    "connectat подключено активировано з'єднано активовано повезан повезано активирано bağlandı etkinleştirildi "
    "συνδέθηκε συνδεμένο ενεργοποιήθηκε terhubung tersambung prisijungta aktyvuota қосылған белсендірілген "
    "接続済み アクティベート済み 已连接 连接 已激活 已連線 已連上 已啟用 연결됨 활성화됨".split()
) | {"има връзка"}

#: How the words for every other state begin: disconnected, unavailable, connecting, activating, deactivated.
_NOT_IN_USE: Final = (
    "disconnect", "unavailable", "connecting", "activating", "deactiv", "asleep",
    "nicht ", "wird ", "déconnecté", "indisponible", "connexion", "desconectado", "no disponible",
    "conectando", "disconnesso", "non ", "connessione", "niet ", "rozłączono", "niedostępne",
    "łączenie", "dezaktyw", "odpojen", "nedostupn", "afbrudt", "utilgængelig", "frånkopplad",
    "otillgänglig", "não ", "отключено", "недоступно", "подключение", "роз'єднано",
    "切断済み", "利用不可", "已断开", "不可用", "離線", "無法使用",
)  # fmt: skip

#: What NetworkManager leaves to others, a bridge of containers or systemd-networkd, may be up or down.
_LEFT_ALONE: Final = (
    "unmanaged", "nicht verwaltet", "non-géré", "non géré", "sin gestión", "non gestit", "onbeheerd", "niezarządzane", "není pod",
    "uhåndteret", "ohanterad", "não gerenciad", "без управления", "管理無し", "未托管", "不受管理",
)  # fmt: skip

#: Longest row that is read; the longest nmcli prints, a Wi-Fi network with all its fields, has about 400 signs.
ROW_LIMIT: Final = 1_000

_WIFI_ROW: Final = re.compile(
    rf"(?P<used>\*?)\s+(?:(?P<mac>{MAC.pattern})\s+)?(?P<ssid>\S.*?)\s{{2,}}(?:Infra|Ad-Hoc|Mesh|N/A)\s+(?P<channel>\d{{1,3}})"
    r"\s+(?P<rate>\d{1,5} [MG]bit/s)\s+(?P<signal>\d{1,3})\s+\S+\s+(?P<security>.*\S)"
)


def _in_use(state: str) -> bool | None:
    """Return whether a state such as "100 (verbunden)", "activated" or "nicht verbunden" is that of use, None for a word not known."""
    number = re.match(r"(\d{1,3}) ?\(", state)
    word = re.split(r"[(\uff08]", state.casefold())[0].strip()
    # Source: NetworkManager, NMDeviceState: 10 unmanaged, 100 activated.
    if word.startswith(_LEFT_ALONE) or (number and number[1] == "10"):
        return None
    if number:
        return number[1] == "100"
    return True if word in _IN_USE else False if word.startswith(_NOT_IN_USE) else None


def parse_nmcli(content: str) -> Sheet:
    r"""Return the readings of `nmcli`, `nmcli device`, its `show`, `connection show X`, `dev wifi list` with or without -t.

    Fields of -t are separated by ":"; ":" and "\" inside one stand behind a "\". Source: nmcli(1), -e.
    """
    sheet = Sheet("nmcli")
    count = 0
    device = ""
    columns: list[str] = []
    found: dict[str, dict[str, list[str]]] = {}
    # A connection in full names its device first among its state.
    used = re.search(r"^GENERAL\.DEVICES:\s*(\S{1,40})", content, re.MULTILINE)
    rows = [row[:ROW_LIMIT] for row in content.splitlines()]
    for row, following in pairwise([*rows, ""]):
        if row.startswith("DEVICE ") or columns:
            columns = _row(sheet, columns, row)
            continue
        summary = re.match(r"(\S{1,40}): (.{1,120})$", row)
        if summary and following.startswith("\t"):
            device = summary[1]
            if device != "lo":
                state = summary[2].replace(" (", "(").partition("(")[0]
                words = state.split(" ")
                # "connected to Home", "połączono do Home", "nicht verbunden".
                known = [_in_use(" ".join(words[:length])) for length in range(len(words), 0, -1)]
                in_use = next((one for one in known if one is not None), None)
                sheet.add("network.interface.is_up", in_use, subject=device)
            continue
        if row.startswith("\t") and device:
            _summary(sheet, device, row.strip(), found)
            continue
        if used:
            device = used[1]
        general = re.match(r"(GENERAL|IP4|IP6|WIRED-PROPERTIES)\.([A-Z-]+)(?:\[\d+\])?:\s*(.*)$", row)
        if general:
            device = _device(sheet, device, f"{general[1]}.{general[2]}", general[3].strip(), found)
            continue
        count += _network(sheet, row)
    for name, lists in found.items():
        for field, values in lists.items():
            sheet.add(f"network.interface.{field}", ", ".join(dict.fromkeys(values)), subject=name)
    if count:
        sheet.add("network.wifi.network_count", count)
    return sheet


def _network(sheet: Sheet, row: str) -> bool:
    """Read a network of `dev wifi list`, of -t or as a table; return whether the row tells of one."""
    match = _WIFI_ROW.fullmatch(row.rstrip())
    if match:
        facts = match.groupdict()
    else:
        fields = [part.strip() for part in split_fields(row)]
        at = next((place for place in (1, 2) if place < len(fields) and MAC.fullmatch(fields[place])), 0)
        rate = next((place for place, field in enumerate(fields) if field.endswith("bit/s")), 0)
        if not at or len(fields) < 8 or not at < rate < len(fields) - 1:
            return False
        # The address stands before the name, or behind it; the frequency may stand between channel and rate.
        channel = next((field for field in fields[at + 1 : rate] if re.fullmatch(r"[0-9]{1,3}", field)), "")
        facts = {
            "used": fields[0],
            "mac": fields[at],
            "ssid": fields[2 if at == 1 else 1],
            "channel": channel,
            "rate": fields[rate],
            "signal": fields[rate + 1],
            "security": fields[-1] if len(fields) > rate + 2 else "",
        }
    if facts["used"] != "*":
        return True
    percent = int(facts["signal"]) if re.fullmatch(r"[0-9]{1,3}", facts["signal"]) else None
    sheet.add("network.wifi.is_connected", True)
    sheet.add("network.wifi.bssid", (facts["mac"] or "").casefold())
    sheet.add("network.wifi.ssid", facts["ssid"])
    sheet.add("network.wifi.channel", int(facts["channel"]) if facts["channel"] else None)
    sheet.add("network.wifi.rate_mbit", rate_of(facts["rate"]))
    sheet.add("network.wifi.signal_percent", percent if percent is not None and percent <= 100 else None)
    sheet.add("network.wifi.security", facts["security"].strip("-") or "open")
    return True


def split_fields(row: str) -> list[str]:
    """Return the fields of one line, escapes resolved."""
    fields, current, escaped = [], "", False
    for sign in row:
        if escaped:
            current += sign
            escaped = False
        elif sign == "\\":
            escaped = True
        elif sign == ":":
            fields.append(current)
            current = ""
        else:
            current += sign
    return [*fields, current]


def _row(sheet: Sheet, columns: list[str], row: str) -> list[str]:
    """Read a row of `nmcli device`: device, type, state; return the names of its columns."""
    cells = re.split(r" {2,}", row.strip())
    if not columns:
        return cells if cells[:3] == ["DEVICE", "TYPE", "STATE"] else []
    if len(cells) < 3 or cells[1] == "loopback":
        return columns if row.strip() else []
    sheet.add("network.interface.is_wireless", cells[1] == "wifi", subject=cells[0])
    sheet.add("network.interface.is_up", _in_use(cells[2]), subject=cells[0])
    return columns


def _summary(sheet: Sheet, device: str, row: str, found: dict[str, dict[str, list[str]]]) -> None:
    """Read one line below a device: its name in quotes, its kind and address, an IP address."""
    if device == "lo":
        return
    name = re.fullmatch(r'"(.{1,80})"', row)
    sheet.add("network.interface.description", name[1] if name else None, subject=device)
    kind = re.match(rf"(\w+)(?: \([^)]*\))?, (?:({MAC.pattern}), )?.*?(?:\bmtu (\d{{1,5}}))?$", row)
    if kind and (kind[2] or kind[3]):
        sheet.add("network.interface.is_wireless", kind[1] == "wifi", subject=device)
        sheet.add("network.interface.mac", (kind[2] or "").casefold(), subject=device)
        sheet.add("network.interface.mtu", int(kind[3]) or None if kind[3] else None, subject=device)
    address = re.match(r"inet([46]) ([0-9a-f:.]{2,45})/", row)
    if address:
        found.setdefault(device, {}).setdefault(f"ipv{address[1]}", []).append(address[2])


#: Fields of a device that may stand there several times -> reading.
_LISTS: Final = {
    "IP4.ADDRESS": "ipv4",
    "IP6.ADDRESS": "ipv6",
    "IP4.GATEWAY": "gateway",
    "IP6.GATEWAY": "gateway",
    "IP4.DNS": "dns_servers",
    "IP6.DNS": "dns_servers",
}


def _device(sheet: Sheet, device: str, key: str, value: str, found: dict[str, dict[str, list[str]]]) -> str:
    if key == "GENERAL.DEVICE":
        return value
    if device == "lo":
        return device
    if key == "GENERAL.HWADDR":
        sheet.add("network.interface.mac", value.replace("\\", "").casefold(), subject=device)
    elif key == "GENERAL.MTU" and re.fullmatch(r"[0-9]{1,6}", value):
        # 0 stands where the size is not known.
        sheet.add("network.interface.mtu", int(value) or None, subject=device)
    elif key == "GENERAL.TYPE":
        sheet.add("network.interface.is_wireless", value == "wifi", subject=device)
    elif key == "GENERAL.STATE":
        sheet.add("network.interface.is_up", _in_use(value), subject=device)
    elif key in _LISTS and value.strip("-"):
        bare = value.replace("\\", "").partition("/")[0].strip()
        found.setdefault(device, {}).setdefault(_LISTS[key], []).append(bare)
    return device
