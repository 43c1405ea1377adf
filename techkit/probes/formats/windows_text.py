"""Windows' own texts: ipconfig and systeminfo, in any language.

Both are translated but keep the order and the shape of their lines; that is what is read.
"""

from __future__ import annotations

import ipaddress
import re
import textwrap
from typing import Final

from techkit.probes.formats.hypervisors import hypervisor_of
from techkit.probes.formats.windows.system import sku_of_name, windows_cycle
from techkit.probes.sheet import Sheet

#: "Yes" and "No" where ipconfig answers whether DHCP is on. Source: captures of Windows in these languages.
YES: Final = frozenset(
    "yes ja oui sí si sì sim tak ano áno igen da evet да так kyllä jah taip jā ναι 是 はい 예".split()
)
NO: Final = frozenset(
    "no nein non não nee nie ne nem nu nej nei hayır нет ні ei όχι 否 いいえ 아니요".split()
)

#: More characters than any line of these tools has; what is longer is no line of theirs.
ROW_LIMIT: Final = 400

#: What a heading ends with, and the width of a console unless somebody changed it.
_COLONS: Final = (":", "\uff1a")
WINDOW_WIDTH: Final = 80

#: The end of "   Label . . . . . : value" that the label's dots make, and its colon alone; some consoles and languages
#: write the wide colon. Both are looked for and never matched from the row's beginning: a row of blanks and colons
#: would be tried in every way.
_DOTS_END: Final = re.compile(r"(?:[ \u00a0]?\.){2,60}[ \u00a0]?[:\uff1a](?:\s|$)")
_COLON_END: Final = re.compile(r"[:\uff1a](?:\s|$)")

#: The same where a copy lost its indents: then only the dots tell it from a heading.
_BARE_FIELD: Final = re.compile(r"(\S.*?) ?\.(?: ?\.){1,60} ?[:\uff1a](?: (.*))?$")

_CONTINUED: Final = re.compile(r"\s{20,}(\S.*)$")

Fields = list[tuple[str, str]]


def parse_ipconfig(content: str) -> Sheet:
    """Return the readings of `ipconfig` and `ipconfig /all`.

    The order and the shape of the lines tell what they are, in every language: a mask follows its address, the
    gateway follows the mask, the line before the last of the two that precede "DHCP" describes the adapter.
    """
    sheet = Sheet("ipconfig")
    blocks = _blocks(content)
    for name, fields in blocks:
        if fields and name.endswith(_COLONS):
            _adapter(sheet, name.rstrip(":\uff1a "), fields)
        elif fields and "windows" in name.casefold() and sheet.value("os.computer_name") is None:
            # Only `/all` has lines directly below "Windows IP Configuration", the computer's name first of them; where
            # another output follows, its heading is the same.
            sheet.add("os.computer_name", fields[0][1])
    return sheet


def _blocks(content: str) -> list[tuple[str, Fields]]:
    """Return headings, as they stand there, and the fields below each; what the window broke is joined again."""
    blocks: list[tuple[str, Fields]] = []
    before = ""
    # In a text of somebody's the whole answer may stand further right.
    for whole_row in textwrap.dedent(content).splitlines():
        row = whole_row[:ROW_LIMIT].rstrip()
        fields = blocks[-1][1] if blocks else []
        bare = _BARE_FIELD.match(row)
        if not row.strip():
            pass
        elif not row.startswith((" ", "\t")) and not bare:
            is_rest = bool(before.strip()) and bool(blocks)
            if is_rest and not fields and (row in _COLONS or len(before) >= WINDOW_WIDTH - 1):
                blocks[-1] = (blocks[-1][0] + row, [])  # a heading that ended at the window's edge
            elif is_rest and fields and not row.endswith(_COLONS):
                key, value = fields[-1]
                fields[-1] = (key, value + row)
            else:
                blocks.append((row, []))
        elif blocks:
            field = (bare[1], bare[2]) if bare else _field(row)
            continued = _CONTINUED.match(row)
            if continued and not re.match(r"\s+\S.*? (?:\. )*\.?\s*[:\uff1a]\s", row):
                fields.append(("", continued[1].strip()))
            elif field:
                fields.append((field[0].strip(" ."), (field[1] or "").strip()))
        before = row
    return blocks


def _field(row: str) -> tuple[str, str] | None:
    """Return label and value of an indented row, None for any other."""
    if not row[:1].isspace():
        return None
    end = _DOTS_END.search(row)
    # A label with a colon of its own ("Vínculo: dirección IPv6 local. . . : fe80::1") ends where its dots do.
    if not end or "." in row[: end.start()] or not re.search("[:\uff1a] ", row[: end.start()]):
        end = _COLON_END.search(row)
    return (row[: end.start()].rstrip(" .\u00a0"), row[end.end() :]) if end else None


def _address(text: str) -> str:
    """Return the IP address a value begins with, without zone and remark, "" for none."""
    bare = re.match(r"[0-9a-fA-F:.]{2,45}", text)
    if not bare:
        return ""
    try:
        found = ipaddress.ip_address(bare[0].rstrip("."))
    except ValueError:
        return ""
    # "::" stands where a tunnel has no gateway.
    return "" if found.is_unspecified else str(found)


def _is_mask(text: str) -> bool:
    return _address(text).startswith("255.")


def _adapter(sheet: Sheet, header: str, fields: Fields) -> None:
    # "Ethernet adapter Ethernet 2", "Ethernet-Adapter Ethernet", "Carte Ethernet Connexion": the name
    # a person gave cannot be cut out of every language; the whole header names it.
    name = header

    def add(field: str, value: object) -> None:
        sheet.add(f"network.interface.{field}", value, subject=name)

    v4, v6, dns, gateways = [], [], [], []
    last = ""
    seen_mask = False
    # `/all` marks the adapter's own addresses: "fe80::1%5(Preferred)".
    has_marks = any(_address(value) and "(" in value for _key, value in fields)
    for place, (key, value) in enumerate(fields):
        kind = key.upper() if key else last
        last = kind
        found = _address(value)
        is_before_mask = place + 1 < len(fields) and _is_mask(fields[place + 1][1])
        if re.fullmatch(r"(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}", value):
            add("mac", value.replace("-", ":").casefold())
        elif not found:
            continue
        elif "DNS" in kind:
            dns.append(found)
        elif "DHCP" in kind or "WINS" in kind or _is_mask(value):
            seen_mask = seen_mask or _is_mask(value)
        elif (
            ":" in found
            and not seen_mask
            and not found.startswith("fec0")
            and ("(" in value or not has_marks)
        ):
            v6.append(found)
        elif "." in found and is_before_mask:
            v4.append(found)
        elif seen_mask or ":" in found:
            gateways.append(found)
    _dhcp(sheet, name, fields)
    add("ipv4", ", ".join(v4))
    add("ipv6", ", ".join(v6))
    add("gateway", ", ".join(dict.fromkeys(gateways)))
    add("dns_servers", ", ".join(dict.fromkeys(dns)))
    add("is_up", bool(v4 or v6))


def _dhcp(sheet: Sheet, name: str, fields: Fields) -> None:
    """Give what stands around the line that answers whether DHCP is on: `/all` has it, two behind the description."""
    for place, (key, value) in enumerate(fields):
        if "DHCP" in key.upper() and "V6" not in key.upper() and value and not _address(value):
            answer = value.casefold()
            server = any("DHCP" in k.upper() and "V6" not in k.upper() and _address(v) for k, v in fields)
            known = False if answer in NO else True if answer in YES or server else None
            sheet.add("network.interface.dhcp", known, subject=name)
            if place >= 2:
                sheet.add("network.interface.description", fields[place - 2][1], subject=name)
            return


#: "10.0.26100 N/A Build 26100", "6.1.7601 Service Pack 1 ビルド 7601": the one line with this shape.
_VERSION: Final = re.compile(r"(\d{1,2}\.\d{1,2}\.\d{4,6})\b.*?(\d{4,6})\s*$")


#: "x64-based PC", "PC basé sur X86", "基于 x64 的电脑": the kind of the computer, one line behind its model, two before the firmware.
_KIND: Final = re.compile(r"(?:.{0,24}(?<![A-Za-z0-9]))?(x64|x86|arm64)(?![A-Za-z0-9]).{0,24}", re.IGNORECASE)

#: The kind stands at most this far behind the version.
_HEAD_LENGTH: Final = 12


def parse_systeminfo(content: str) -> Sheet:
    """Return the readings of systeminfo, of the first where a file holds several.

    Its lines have the same order everywhere. Two tell by their shape what they are, the version and the kind of the
    computer; the others stand beside them, also in a copy whose owner left lines out.
    """
    sheet = Sheet("systeminfo")
    rows: list[tuple[str, str]] = []
    places: list[int] = []
    lines = content.splitlines()
    for place, row in enumerate(lines):
        match = re.match(r"([^\s:\uff1a][^:\uff1a]{0,60})[:\uff1a]\s?(.*)$", row)
        if match:
            rows.append((match[1], match[2].strip()))
            places.append(place)
    # What stands before it, the prompt "C:\\>systeminfo" for instance, is no line of it: the version tells where it begins.
    at = next((place for place, (_key, value) in enumerate(rows) if _VERSION.match(value)), -1)
    near = range(at + 1, min(at + 1 + _HEAD_LENGTH, len(rows)))
    kind_at = next((place for place in near if _KIND.fullmatch(rows[place][1])), -1)
    version = _VERSION.match(rows[at][1]) if at > 0 else None
    kind = _KIND.fullmatch(rows[kind_at][1]) if kind_at > 0 else None
    if not version or not kind:
        return sheet
    again = next(
        (place for place in range(kind_at + 1, len(rows)) if rows[place][0] == rows[at][0]), len(rows)
    )
    lines = lines[places[at] : places[again] if again < len(rows) else len(lines)]
    rows = rows[:again]
    value = {
        "name": rows[at - 1][1],
        "version": rows[at][1],
        "computer_name": rows[at - 2][1] if at >= 2 and places[at] - places[at - 2] == 2 else "",
        "maker": rows[kind_at - 2][1] if kind_at - 2 > at else "",
        "model": rows[kind_at - 1][1] if kind_at - 1 > at else "",
        "firmware": rows[kind_at + 2][1] if kind_at + 2 < len(rows) else "",
    }
    # Where the line that belongs there was left out stands the prompt, or the time of the start.
    value = {key: "" if re.search(r">|\d:\d\d:\d\d", found) else found for key, found in value.items()}
    build = int(version[1].rpartition(".")[2])
    server = "Server" in value["name"]
    product, cycle = windows_cycle(build, sku_of_name(value["name"]), 3 if server else 1)
    sheet.add("os.family", "windows")
    sheet.add("os.computer_name", value["computer_name"])
    sheet.add("os.name", value["name"])
    sheet.add("os.version", version[1])
    sheet.add("os.build", str(build))
    sheet.add("os.product", product if cycle else "")
    sheet.add("os.cycle", cycle)
    sheet.add(
        "os.architecture",
        {"x64": "x86_64", "x86": "x86"}.get(kind[1].casefold(), kind[1].casefold()),
    )
    sheet.add("system.maker", value["maker"])
    sheet.add("system.model", value["model"])
    virtual = hypervisor_of(value["maker"], value["model"])
    sheet.add("system.hypervisor", virtual)
    sheet.add("system.kind", "virtual" if virtual else "")
    firmware = re.match(r"(.+), \d{1,4}[./-] ?\d{1,2}[./-] ?\d{1,4}\.?$", value["firmware"])
    sheet.add("firmware.version", firmware[1] if firmware else value["firmware"])
    sheet.add(
        "processor.socket_count",
        sum(
            1
            for line in lines
            if re.match(r"\s+\[\d{2}\][ \u00a0]?[:\uff1a] .*~\d{3,5} (?:M[Hh]z|МГц)", line[:ROW_LIMIT])
        )
        or None,
    )
    _memory(sheet, rows[kind_at + 1 :])
    return sheet


def _memory(sheet: Sheet, rows: list[tuple[str, str]]) -> None:
    sizes = []
    for _key, value in rows:
        # "2,047 MB", "2.047 MB", "2 047 Mo", "2 047 МБ": grouped whole megabytes in every language; of virtual memory
        # behind a second colon: "Virtual Memory: Max Size:  16,149 MB".
        match = re.fullmatch(
            r"(?:[^:\uff1a]{1,60}[:\uff1a]\s{0,40})?(\d{1,3}(?:[.,\u00a0\u202f\u066c ÿ'’]?\d{3}){0,5}) ?(?:MB|Mo|МБ|MiB|M[Tt])",
            value,
        )
        if match:
            sizes.append(int(re.sub(r"\D", "", match[1])) * 2**20)
    for id, size in zip(
        ("memory.total_bytes", "memory.available_bytes", "memory.commit_limit_bytes"), sizes, strict=False
    ):
        sheet.add(id, size)
