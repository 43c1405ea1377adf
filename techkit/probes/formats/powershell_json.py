"""Objects that PowerShell gives as JSON: `Get-CimInstance … | ConvertTo-Json`.

One object alone comes without a list around it, dates as "/Date(ms)/" (Windows PowerShell) or ISO
(PowerShell 7), errors as CLIXML before or after. techkit's own request is an object of class →
objects; anything else is told by CimClass, CreationClassName or its keys.
"""

from __future__ import annotations

import re
from typing import Any

from techkit.probes.formats import windows_classes
from techkit.probes.formats.decode import decode
from techkit.probes.formats.json_text import dig, items
from techkit.probes.formats.json_text import parse as parse_json
from techkit.probes.sheet import Sheet


def parse(content: str | bytes) -> Sheet:
    """Return the readings of a PowerShell answer; an empty sheet for rubbish."""
    text = decode(content) if isinstance(content, bytes) else content
    sheet = Sheet("PowerShell CIM")
    for name, rows in classes(text).items():
        sheet.extend(windows_classes.readings(rows, name, source=f"CIM {name}" if name else "PowerShell CIM"))
    return sheet


def not_read(content: bytes) -> list[str]:
    """Return the classes of objects nobody asks about."""
    found: dict[str, None] = {}
    for name, rows in classes(decode(content)).items():
        if not name:
            found |= dict.fromkeys(windows_classes.not_read(rows))
        elif name.casefold() not in windows_classes.READERS:
            found[name] = None
    return list(found)


def classes(text: str) -> dict[str, list[dict[str, Any]]]:
    """Return class name → objects; "" for objects that do not say their class."""
    bare = re.sub(r"#< CLIXML.*?</Objs>", "", text, flags=re.DOTALL)
    document = parse_json(bare)
    if isinstance(document, dict) and document and all(_is_class_name(key) for key in document):
        return {name: items(document, name) for name in document}
    found: dict[str, list[dict[str, Any]]] = {}
    for row in items({"rows": document}, "rows"):
        found.setdefault(_class_of(row), []).append(row)
    return found


def _is_class_name(key: str) -> bool:
    return bool(re.fullmatch(r"(?:Win32|MSFT|CIM|Wmi|Battery|AntiVirus|techkit)\w{0,60}", key))


def _class_of(row: dict[str, Any]) -> str:
    # ConvertTo-Json writes a class as its parts, or, deeper than it is told to go, as "root/cimv2:Win32_Service".
    for path in (
        ("CimSystemProperties", "ClassName"),
        ("CimClass", "CimSystemProperties", "ClassName"),
        ("CimClass", "CimClassName"),
        ("CimClass",),
        ("CreationClassName",),
        ("__CLASS",),
    ):
        name = dig(row, *path)
        if isinstance(name, str) and name:
            return name.rpartition("/")[2].rpartition(":")[2]
    return ""
