"""Lists of WMI objects: "Key=Value" lines of `wmic … list` and inventory tools, "Key : Value" of PowerShell.

Objects are separated by blank lines, or begin again with a key they already have. The file may be
UTF-16. Values such as {"a","b"} or {a, b} are lists; "TRUE" and "FALSE" are truths; "" is no value.
PowerShell's Format-List breaks long values; what goes on is indented.
"""

from __future__ import annotations

import html
import re
from typing import Any

from techkit.probes.formats import windows_classes
from techkit.probes.formats.decode import decode
from techkit.probes.sheet import Sheet

#: More objects than any class of a real computer has (7,000 lines make about 300).
OBJECT_LIMIT = 20_000

#: More characters than any value of use has.
TEXT_LIMIT = 4_000

#: "Key=Value" and "Key       : Value".
PAIR = re.compile(r"\s{0,8}(\w{1,80}) {0,60}(?:=| : ?|:$)(.*)$")

#: How far Format-List indents what goes on.
CONTINUED = " " * 12


def parse(content: str | bytes) -> Sheet:
    """Return the readings of a list; the class is told by CreationClassName or by the keys."""
    text = decode(content) if isinstance(content, bytes) else content
    return windows_classes.readings(rows(text), source="WMI list")


def rows(text: str) -> list[dict[str, Any]]:
    """Return the objects of a list in their order."""
    found: list[dict[str, Any]] = []
    current: dict[str, Any] = {}
    last = ""
    # wmic ends its lines with CR CR LF; the second CR is no blank line.
    for line in re.sub(r"\r+\n", "\n", text).split("\n"):
        pair = PAIR.match(line)
        if not pair:
            if not line.strip() and current:
                found.append(current)
                current = {}
            elif current and line.startswith(CONTINUED) and isinstance(current[last], str):
                current[last] = f"{current[last]} {line.strip()}"[:TEXT_LIMIT]
            continue
        last = pair[1]
        if last in current:
            found.append(current)
            current = {}
        current[last] = _value(pair[2].strip())
        if len(found) > OBJECT_LIMIT:
            break
    if current:
        found.append(current)
    return found


def _value(text: str) -> Any:
    text = html.unescape(text)  # wmic's list format writes & as &amp;
    if text.upper() in ("TRUE", "FALSE"):
        return text.upper() == "TRUE"
    if (
        len(text) >= 2
        and text[0] == "{"
        and text[-1] == "}"
        and not re.fullmatch(r"\{[0-9A-Fa-f-]{36}\}", text)
    ):
        quoted = re.findall(r'"([^"]*)"', text)
        return quoted or [part.strip() for part in text[1:-1].split(",") if part.strip()]
    return text or None
