"""Windows' own texts: ipconfig and systeminfo, in any language.

Both are translated but keep the order and the shape of their lines; that is what is read.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from techkit.probes.declarations import Sheet
from techkit.probes.formats.windows.computer import hypervisor_of
from techkit.probes.formats.windows.system import windows_cycle

#: "Yes" where ipconfig answers whether DHCP is on. Source: Windows' language packs.
YES: Final = frozenset(
    "yes ja oui sí si sì sim tak ano áno igen da evet да так kyllä jah taip jā ναι 是 はい 예".split()
)

#: More characters than any line of these tools has; what is longer is no line of theirs.
ROW_LIMIT: Final = 400


def parse_ipconfig(content: str) -> Sheet:
    """Return the readings of `ipconfig` and `ipconfig /all`."""
    sheet = Sheet("ipconfig")
    blocks: list[tuple[str, list[tuple[str, str]]]] = [("", [])]
    for whole_row in content.splitlines():
        row = whole_row[:ROW_LIMIT]
        if row.strip() == ":":  # the end of a heading the window broke
            continue
        if row.strip() and not row.startswith((" ", "\t")):
            blocks.append((row.strip().rstrip(":"), []))
            continue
        if not row.strip():
            continue
        match = re.match(r"\s+(.*?)[ .\u00a0]*:(?: (.*))?$", row)
        continued = re.match(r"\s{20,}(\S.*)$", row)
        if continued and not re.match(r"\s+\S.*? (?:\. )*\.?\s*: ", row):
            blocks[-1][1].append(("", continued[1].strip()))
        elif match:
            blocks[-1][1].append((match[1].strip(" ."), (match[2] or "").strip()))
    head = next((fields for _name, fields in blocks if fields), [])
    if head and not _address(head[0][1]) and "DNS" not in head[0][0].upper():
        sheet.add("os.computer_name", head[0][1])
    for name, fields in blocks:
        if fields is not head and fields:
            _adapter(sheet, name, fields)
    return sheet


def _address(text: str) -> str:
    """Return the IP address a value begins with, without zone and remark, "" for none."""
    bare = re.match(r"[0-9a-fA-F:.]{2,45}", text)
    if not bare:
        return ""
    try:
        return str(ipaddress.ip_address(bare[0].rstrip(".")))
    except ValueError:
        return ""


def _adapter(sheet: Sheet, header: str, fields: list[tuple[str, str]]) -> None:
    # "Ethernet adapter Ethernet 2", "Ethernet-Adapter Ethernet", "Carte Ethernet Connexion": the name
    # a person gave cannot be cut out of every language; the whole header names it.
    name = header

    def add(field: str, value: object) -> None:
        sheet.add(f"network.interface.{field}", value, subject=name)

    v4, v6, dns, gateways = [], [], [], []
    last = ""
    seen_mask = False
    for place, (key, value) in enumerate(fields):
        kind = key.upper() if key else last
        last = kind
        found = _address(value)
        if re.fullmatch(r"(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}", value):
            add("mac", value.replace("-", ":").casefold())
        elif "DHCP" in kind and value and not found and key and len(value) < 12 and "V6" not in kind:
            add("dhcp", value.casefold() in YES)
        elif not found:
            continue
        elif "DNS" in kind:
            dns.append(found)
        elif "DHCP" in kind or "WINS" in kind or found.startswith("255."):
            seen_mask = seen_mask or found.startswith("255.")
        elif ":" in found and not seen_mask and not found.startswith("fec0"):
            v6.append(found)
        elif (
            not seen_mask and place + 1 < len(fields) and _address(fields[place + 1][1]).startswith("255.")
        ) or (
            seen_mask
            and "." in found
            and place + 1 < len(fields)
            and _address(fields[place + 1][1]).startswith("255.")
        ):
            v4.append(found)
        elif seen_mask or ":" in found:
            gateways.append(found)
    described = [value for key, value in fields[:3] if value and not _address(value) and " " in value]
    add("description", described[-1] if described else "")
    add("ipv4", ", ".join(v4))
    add("ipv6", ", ".join(v6))
    add("gateway", ", ".join(dict.fromkeys(gateways)))
    add("dns_servers", ", ".join(dict.fromkeys(dns)))
    add("is_up", bool(v4 or v6))


#: Lines of systeminfo by their place among those that are not indented.
ORDER: Final = {
    "computer_name": 0,
    "name": 1,
    "version": 2,
    "maker": 11,
    "model": 12,
    "type": 13,
    "firmware": 15,
}


def parse_systeminfo(content: str) -> Sheet:
    """Return the readings of systeminfo. Its first sixteen lines have the same order everywhere."""
    sheet = Sheet("systeminfo")
    rows: list[tuple[str, str]] = []
    for row in content.splitlines():
        match = re.match(r"([^\s:][^:]{0,60}):\s?(.*)$", row)
        if match:
            rows.append((match[1], match[2].strip()))
    if len(rows) < 16:
        return sheet
    value = {key: rows[place][1] for key, place in ORDER.items()}
    version = re.match(r"(\d{1,2}\.\d{1,2}\.\d{4,6})\b.*?(\d{4,6})\s*$", value["version"])
    if not version:
        return sheet
    build = int(version[1].rpartition(".")[2])
    server = "Server" in value["name"]
    enterprise = any(word in value["name"] for word in ("Enterprise", "Education"))
    product, cycle = windows_cycle(build, 4 if enterprise else 48, 3 if server else 1)
    sheet.add("os.family", "windows")
    sheet.add("os.computer_name", value["computer_name"])
    sheet.add("os.name", value["name"])
    sheet.add("os.version", version[1])
    sheet.add("os.build", str(build))
    sheet.add("os.product", product if cycle else "")
    sheet.add("os.cycle", cycle)
    sheet.add(
        "os.architecture",
        "x86_64"
        if "x64" in value["type"].casefold()
        else "arm64"
        if "arm64" in value["type"].casefold()
        else "x86"
        if "86" in value["type"]
        else "",
    )
    sheet.add("system.maker", value["maker"])
    sheet.add("system.model", value["model"])
    virtual = hypervisor_of(value["maker"], value["model"])
    sheet.add("system.hypervisor", virtual)
    sheet.add("system.kind", "virtual" if virtual else "")
    firmware = re.match(r"(.+), \d{1,4}[./-]\d{1,2}[./-]\d{1,4}$", value["firmware"])
    sheet.add("firmware.version", firmware[1] if firmware else value["firmware"])
    sheet.add(
        "processor.socket_count",
        len(re.findall(r"^\s+\[\d{2}\]: .*~\d{3,5} M[Hh]z", content, re.MULTILINE)) or None,
    )
    _memory(sheet, rows[16:])
    return sheet


def _memory(sheet: Sheet, rows: list[tuple[str, str]]) -> None:
    sizes = []
    for _key, value in rows:
        # "2,047 MB", "2.047 MB", "2 047 Mo", "2 047 МБ": grouped whole megabytes in every language.
        match = re.fullmatch(r"(\d{1,3}(?:[.,\u00a0\u202f ÿ'’]?\d{3})*) ?(?:MB|Mo|МБ|MiB|MT)", value)
        if match:
            sizes.append(int(re.sub(r"\D", "", match[1])) * 2**20)
    for id, size in zip(
        ("memory.total_bytes", "memory.available_bytes", "memory.commit_limit_bytes"), sizes, strict=False
    ):
        sheet.add(id, size)
