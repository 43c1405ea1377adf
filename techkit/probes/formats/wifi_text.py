"""Wi-Fi as the systems' own tools print it: iw, iwconfig, netsh wlan, wdutil.

netsh speaks the user's language; it is read by the order and shape of its lines, never by words
(the words "SSID" and "802.11" are the same everywhere). Passwords in a profile are never read.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from techkit.probes.sheet import Sheet

MAC: Final = re.compile(r"[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}")
#: Thermal noise of 20 MHz is about -101 dBm; with the best receiver nothing is heard 10 dB below (ours).
NOTHING_HEARD_DBM: Final = -111

#: An address of either family by its signs; a word has others.
_ADDRESS: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%\w{1,15})?")

GUID: Final = re.compile(r"[0-9a-zA-Z]{8}-(?:[0-9a-zA-Z]{4}-){3}[0-9a-zA-Z]{12}")


def rate_of(text: str) -> float | None:
    """Return the first number of a text such as 866,7 Mbit/s, None for none."""
    match = re.search(r"(\d{1,5}(?:[.,]\d{1,2})?)", text)
    return float(match[1].replace(",", ".")) if match else None


def band_of(frequency_mhz: float) -> float | None:
    """Return the band (GHz) a frequency lies in. Source: IEEE 802.11-2020, 15 to 27."""
    for low, high, band in ((2400, 2500, 2.4), (4900, 5925, 5.0), (5925, 7126, 6.0)):
        if low <= frequency_mhz < high:
            return band
    return None


def channel_of(frequency_mhz: float) -> int | None:
    """Return the channel of a frequency. Source: IEEE 802.11-2020, 17.3.8.4, 27.3.23."""
    mhz = round(frequency_mhz)
    if mhz == 2484:
        return 14
    if 2412 <= mhz <= 2472:
        return (mhz - 2407) // 5
    if 5000 <= mhz < 5925:
        return (mhz - 5000) // 5
    return (mhz - 5950) // 5 if 5955 <= mhz <= 7115 else None


def parse_iw(content: str) -> Sheet:
    """Return the readings of `iw dev`, `iw dev X link`, `X info`, `X scan`, of iwconfig and of iwlist scan."""
    sheet = Sheet("iw")
    name, is_named = "", True
    if re.search(r"^BSS \S{17} ?\(on ", content, re.MULTILINE):
        _iw_scan(sheet, content)
        return sheet
    # iwlist scan names the networks around, none of which is known to be the one in use.
    around = re.findall(r"^\s{1,40}Cell \d{1,4} - Address: ", content, re.MULTILINE)
    if around:
        sheet.add("network.wifi.network_count", len(around))
        return sheet
    for row in content.splitlines():
        bare = row.strip()
        head = re.match(r"(?:Interface (\S+)|(?:Not c|C)onnected(?: to (\S+) \(on (\S+)\))?\.?)", bare)
        wireless = re.match(r"(\S{1,40}) {2,}(?=\S)(.*)$", row)
        if row.startswith("phy#") or bare.startswith("Unnamed/"):
            name, is_named = "", False  # what follows is a helper of the adapter, with an address of its own
        elif head:
            is_named = True
            name = head[1] or head[3] or name
            if bare.startswith(("Connected", "Not connected")):
                sheet.add("network.wifi.is_connected", bare.startswith("Connected"), subject=name)
                sheet.add("network.wifi.bssid", head[2], subject=name)
        elif wireless:
            # iwconfig: the name, then the standard ("IEEE 802.11AX"), the driver's own word or "unassociated".
            name, is_named = wireless[1], not wireless[2].startswith("no wireless")
            if not is_named:
                continue
            standard = re.match(r"(?:\S+ )?802\.11(\S*)", wireless[2])
            sheet.add("network.wifi.standard", f"802.11{standard[1]}" if standard else "", subject=name)
            if wireless[2].startswith("unassociated"):
                sheet.add("network.wifi.is_connected", False, subject=name)
            _iwconfig_line(sheet, name, wireless[2])
        elif not is_named or (name and not row.startswith((" ", "\t")) and ":" not in bare):
            continue
        else:
            _iw_line(sheet, name, bare)
            _iwconfig_line(sheet, name, bare)
    return sheet


def _iw_scan(sheet: Sheet, content: str) -> None:
    """Read the networks around: how many, and of the one the computer uses what it says."""
    blocks = re.split(r"^(?=BSS \S{17} ?\(on )", content, flags=re.MULTILINE)[1:]
    for block in blocks:
        head = re.match(r"BSS (\S{17}) ?\(on (\S{1,40})\)(.*)", block)
        if head is None or "associated" not in head[3]:
            continue
        name = head[2]
        sheet.add("network.wifi.is_connected", True, subject=name)
        sheet.add("network.wifi.bssid", head[1] if MAC.fullmatch(head[1]) else "", subject=name)
        for row in block.splitlines():
            if re.match(r"\s+(?:freq|signal|SSID):", row):
                _iw_line(sheet, name, row.strip())
    sheet.add("network.wifi.network_count", len(blocks))


def _named(shown: str) -> str:
    r"""Return a network's name as it was given: iw writes bytes beyond ASCII, backslashes and outer blanks as \xc3."""
    if "\\" not in shown:
        return shown
    data = re.sub(
        rb"\\\\|\\x([0-9a-fA-F]{2})",
        lambda match: bytes([int(match[1], 16)]) if match[1] else b"\\",
        shown.encode("utf-8", "surrogatepass"),
    )
    return data.decode("utf-8", "replace")


def _iw_line(sheet: Sheet, name: str, row: str) -> None:
    def add(field: str, value: object) -> None:
        sheet.add(f"network.wifi.{field}", value, subject=name)

    key, _mark, value = row.partition(":") if ":" in row else row.partition(" ")
    key, value = key.strip().casefold(), value.strip()
    if key == "ssid" or row.startswith("ssid "):
        add("ssid", _named(row.partition(" ")[2].strip() if row.startswith("ssid ") else value))
    elif key == "freq" or row.startswith("freq"):
        _frequency(sheet, name, rate_of(value or row))
    elif key == "signal":
        level = re.match(r"(-\d{1,3})", value)
        add("signal_dbm", int(level[1]) if level else None)
    elif key == "tx bitrate":
        add("rate_mbit", rate_of(value))
    elif key == "rx bitrate":
        add("receive_rate_mbit", rate_of(value))
    channel = re.match(r"channel (\d{1,3}) \((\d{4,5}) MHz\)(?:, width: (\d{2,3}) MHz)?", row)
    if channel:
        _frequency(sheet, name, float(channel[2]))
        add("channel", int(channel[1]))
        add("width_mhz", int(channel[3]) if channel[3] else None)
    if row.startswith("addr "):
        sheet.add("network.interface.mac", row[5:].strip(), subject=name)


def _frequency(sheet: Sheet, name: str, mhz: float | None) -> None:
    if mhz is None or not 2000 < mhz < 8000:
        return
    is_other = sheet.value("network.wifi.frequency_mhz", name) != round(mhz)
    sheet.add("network.wifi.frequency_mhz", round(mhz), subject=name)
    sheet.add("network.wifi.band_ghz", band_of(mhz), subject=name)
    if is_other or sheet.value("network.wifi.channel", name) is None:
        sheet.add("network.wifi.channel", channel_of(mhz), subject=name)


def _iwconfig_line(sheet: Sheet, name: str, row: str) -> None:
    def add(field: str, value: object) -> None:
        sheet.add(f"network.wifi.{field}", value, subject=name)

    essid = re.search(r'ESSID:(?:"(.*?)"(?=\s*$|\s{2,}\S)|off/any)', row)
    if essid:
        add("is_connected", essid[1] is not None)
        add("ssid", _named(essid[1] or ""))
    frequency = re.search(r"Frequency[:=](\d\.\d{1,4}) GHz", row)
    if frequency:
        _frequency(sheet, name, float(frequency[1]) * 1000)
    point = re.search(rf"Access Point: (?:({MAC.pattern})|Not-Associated)", row)
    if point:
        # Old drivers write an address of zeros where there is none.
        is_there = bool(point[1]) and not set(point[1].casefold()) <= set("0f:-")
        add("is_connected", is_there)
        add("bssid", point[1].casefold() if is_there else None)
    rate = re.search(r"Bit Rate[:=](\d{1,5}(?:\.\d)?) ([MG])b/s", row)
    if rate:
        add("rate_mbit", float(rate[1]) * (1000 if rate[2] == "G" else 1))
    level = re.search(r"Signal level[=:](-\d{1,3}) dBm", row)
    # Below this no receiver hears anything: old drivers write -120 and a quality of 0 where there is no link.
    add("signal_dbm", int(level[1]) if level and int(level[1]) > NOTHING_HEARD_DBM else None)
    quality = re.search(r"Link Quality[=:](\d{1,3})/(\d{1,3})", row)
    if quality and int(quality[1]) == 0 and sheet.value("network.wifi.bssid", name) is None:
        add("is_connected", False)
    elif quality and 0 < int(quality[2]) >= int(quality[1]):
        add("signal_percent", round(100 * int(quality[1]) / int(quality[2])))


def parse_netsh(content: str) -> Sheet:
    """Return the readings of `netsh wlan show interfaces`, `networks` and `profiles`, any language."""
    sheet = Sheet("netsh wlan")
    rows = [_pair(row) for row in content.splitlines()]
    if any(re.fullmatch(r"SSID \d{1,4}", key) for key, _value, _indent in rows):
        _networks(sheet, rows)
        return sheet
    interfaces = [block for block in _blocks(rows) if _is_interface(block)]
    for block in interfaces:
        _interface(sheet, block)
    if not interfaces:
        _profiles(sheet, rows)
    return sheet


def _blocks(rows: list[tuple[str, str, int]]) -> list[list[tuple[str, str, int]]]:
    """Return the rows that hold a value, as the empty rows part them; two interfaces may follow without one."""
    blocks: list[list[tuple[str, str, int]]] = [[]]
    for row in rows:
        if not row[0]:
            blocks.append([])
        elif row[1]:
            if blocks[-1] and row[0] == blocks[-1][0][0]:  # the name of the next one
                blocks.append([])
            blocks[-1].append(row)
    # A prompt or a heading stands further left than the rows of the interface.
    usual = [Counter(row[2] for row in block).most_common(1)[0][0] if block else 0 for block in blocks]
    return [
        [row for row in block if row[2] >= least] for block, least in zip(blocks, usual, strict=True) if block
    ]


def _is_interface(block: list[tuple[str, str, int]]) -> bool:
    """Tell an interface by what only interfaces have: name, description and then an id or a hardware address."""
    return any(key == "GUID" or GUID.fullmatch(value) or MAC.fullmatch(value) for key, value, _ in block[2:])


def _pair(row: str) -> tuple[str, str, int]:
    key, mark, value = row.partition(" :") if " :" in row else row.partition(":")
    indent = len(row) - len(row.lstrip())
    return (key.strip(), value.strip().lstrip(":").strip(), indent) if mark else (row.strip(), "", indent)


def _interface(sheet: Sheet, rows: list[tuple[str, str, int]]) -> None:
    """Read one block: name, description, GUID, own address, state…, SSID, BSSID, and so on."""
    name = rows[0][1]
    sheet.add("network.interface.is_wireless", True, subject=name)

    def add(field: str, value: object) -> None:
        sheet.add(f"network.wifi.{field}", value, subject=name)

    addresses = [value for _key, value, _indent in rows if MAC.fullmatch(value)]
    ssid_at, ssid = next(((at, row[1]) for at, row in enumerate(rows) if row[0] == "SSID"), (-1, ""))
    # A shortened copy may go from the name to the state, which stands before the network's name.
    is_description = not 0 <= ssid_at < 3 and not MAC.fullmatch(rows[1][1]) and not GUID.fullmatch(rows[1][1])
    sheet.add("network.interface.description", rows[1][1] if is_description else "", subject=name)
    # The address before the network's name is the computer's own, the one after it the access point's.
    own = [
        value for _key, value, _indent in rows[: ssid_at if ssid_at >= 0 else None] if MAC.fullmatch(value)
    ]
    far = (
        [value for _key, value, _indent in rows[ssid_at:] if MAC.fullmatch(value)]
        if ssid_at >= 0
        else addresses[1:]
    )
    if own:
        sheet.add("network.interface.mac", own[0].casefold().replace("-", ":"), subject=name)
    add("is_connected", bool(far) or bool(ssid))
    add("ssid", ssid)
    add("bssid", far[0].casefold().replace("-", ":") if far else None)
    # What a person named tells nothing, nor what stands below a row: the other bands of the access point.
    told = [row for place, row in enumerate(rows) if 1 < place != ssid_at and row[2] <= rows[0][2]]
    _connection(sheet, name, told, is_linked=bool(far or ssid))


def _connection(sheet: Sheet, name: str, rows: list[tuple[str, str, int]], *, is_linked: bool) -> None:
    """Read band, standard, protection, strength, channel and rates of an interface."""

    def add(field: str, value: object) -> None:
        sheet.add(f"network.wifi.{field}", value, subject=name)

    numbers: list[float] = []
    before_signal = True
    for place, (key, value, _indent) in enumerate(rows):
        if not before_signal and key.casefold() != "rssi":
            continue  # the profile, named by a person, and what is set for it
        band = re.fullmatch(r"(\d(?:[.,]\d)?)\s?(?:GHz|ГГц)", value)
        if band:
            add("band_ghz", float(band[1].replace(",", ".")))
        radio = re.fullmatch(r"802\.11 ?\w{0,4}", value)
        if radio:
            add("standard", value.replace(" ", ""))
            protected = rows[place + 1][1] if place + 1 < len(rows) else ""
            # The names of the protections are the same everywhere, the word for "open" is not.
            add("security", protected if re.search(r"WPA|WEP|RSN|OWE|802\.1X", protected) else "open")
        width = re.fullmatch(r"(\d{2,3})\s?(?:MHz|МГц)", value)
        if width:
            add("width_mhz", int(width[1]))
        signal = re.fullmatch(r"(\d{1,3})\s?%", value)
        if signal and int(signal[1]) <= 100:
            add("signal_percent", int(signal[1]))
            before_signal = False
        level = re.fullmatch(r"(-\d{1,3})(?:\s?dBm)?", value)
        if key.casefold() == "rssi" and level:  # Windows 11 24H2 and later
            add("signal_dbm", int(level[1]))
        # Channel, receiving rate, sending rate: the only bare numbers before the strength.
        if is_linked and re.fullmatch(r"\d{1,5}(?:[.,]\d{1,2})?", value):
            numbers.append(float(value.replace(",", ".")))
    if len(numbers) >= 3:
        add("channel", int(numbers[0]))
        if sheet.value("network.wifi.band_ghz", name) is None:  # only Windows 11 prints it, and knows 6 GHz
            add("band_ghz", 2.4 if numbers[0] <= 14 else 5.0)
        add("receive_rate_mbit", numbers[-2])
        add("rate_mbit", numbers[-1])


def _networks(sheet: Sheet, rows: list[tuple[str, str, int]]) -> None:
    first = next(place for place, row in enumerate(rows) if re.fullmatch(r"SSID \d{1,4}", row[0]))
    name = next(
        (value for key, value, _indent in rows[:first] if value and ">" not in value and key[:2] != "PS"), ""
    )
    count = sum(bool(re.fullmatch(r"SSID \d{1,4}", key)) for key, _value, _indent in rows)
    sheet.add("network.wifi.network_count", count, subject=name)


def _profiles(sheet: Sheet, rows: list[tuple[str, str, int]]) -> None:
    names = [
        value.strip('"“”„«» \u00a0')
        for key, value, indent in rows
        if value and indent >= 2 and key and not key.startswith(("-", "<"))
    ]
    quoted = [
        value[1:-1] for _key, value, _indent in rows if re.fullmatch(r'"[^"]{1,64}"|“[^”]{1,64}”', value)
    ]
    if quoted:
        names = quoted[:1]  # a single profile in detail: only its network's name, never its key
    elif len({key for key, value, indent in rows if value and indent >= 2}) > 2:
        names = []
    sheet.add("network.wifi.profiles", sorted(set(names)) or None)


def parse_wdutil(content: str) -> Sheet:
    """Return the readings of `wdutil info` on a Mac. Source: wdutil(8)."""
    sheet = Sheet("wdutil info")
    # A few lines quoted without their heading are those of the Wi-Fi.
    section = "" if re.search(r"^[A-Z ]{4,20}$", content, re.MULTILINE) else "WIFI"
    fields: dict[str, str] = {}
    lists: dict[str, list[str]] = {}
    last = ""
    for row in content.splitlines():
        bare = row.strip()
        if bare and not row.startswith(" ") and bare == bare.upper() and ":" not in bare and "—" not in bare:
            section = bare
        key, mark, value = bare.partition(":")
        if section == "WIFI" and mark:
            # A further value of a field stands below it, without its name.
            last = key.strip() or last
            fields.setdefault(last, value.strip())
            lists.setdefault(last, []).append(value.strip())
    name = fields.get("Interface Name") or (
        "Wi-Fi" if {"RSSI", "PHY Mode", "Channel"} <= fields.keys() else ""
    )
    if not name:
        return sheet

    def add(field: str, value: object) -> None:
        sheet.add(f"network.wifi.{field}", value, subject=name)

    ssid, bssid = fields.get("SSID", ""), fields.get("BSSID", "")
    # "5g44/80" since macOS 13, "144 (40 MHz, DFS)" before.
    channel = re.match(r"(?:([256])g)?(\d{1,3})(?:/| \()(\d{2,3})", fields.get("Channel", ""))
    levels = {label: re.match(r"(-\d{1,3}) dBm", fields.get(label, "")) for label in ("RSSI", "Noise")}
    add("is_connected", bool(channel and levels["RSSI"]) or ssid not in ("", "None"))
    add("ssid", "" if ssid in ("<redacted>", "None") else ssid)
    add("bssid", bssid.casefold() if MAC.fullmatch(bssid) else None)
    add("signal_dbm", int(levels["RSSI"][1]) if levels["RSSI"] else None)
    add("noise_dbm", int(levels["Noise"][1]) if levels["Noise"] else None)
    rate = rate_of(fields.get("Tx Rate", ""))
    add("rate_mbit", rate or None)
    protected = fields.get("Security", "")
    add("security", ("open" if channel else "") if protected == "None" else protected)
    mode = re.match(r"(?:802\.)?11(\w{1,3})$", fields.get("PHY Mode", ""))
    add("standard", f"802.11{mode[1]}" if mode else "")
    if channel:
        add("channel", int(channel[2]))
        add("width_mhz", int(channel[3]))
        band = {"2": 2.4, "5": 5.0, "6": 6.0}.get(channel[1] or "")
        add("band_ghz", band or (2.4 if int(channel[2]) <= 14 else 5.0))
    add("country", fields.get("Country Code"))
    address = re.search(rf"^({MAC.pattern})", fields.get("MAC Address", ""))
    sheet.add("network.interface.mac", address[1].casefold() if address else None, subject=name)
    v4 = re.match(r"[\d.]{7,15}$", fields.get("IPv4 Address", ""))
    sheet.add("network.interface.ipv4", v4[0] if v4 else None, subject=name)
    router = re.match(r"[\d.]{7,15}$", fields.get("IPv4 Router", ""))
    sheet.add("network.interface.gateway", router[0] if router else None, subject=name)
    for field, label in (("ipv6", "IPv6 Address"), ("dns_servers", "DNS")):
        found = dict.fromkeys(each for each in lists.get(label, []) if _ADDRESS.fullmatch(each))
        sheet.add(f"network.interface.{field}", ", ".join(found), subject=name)
    given = {"DHCP": True, "BOOTP": True, "Manual": False}.get(fields.get("IPv4 Config Method", ""))
    sheet.add("network.interface.dhcp", given, subject=name)
    return sheet
