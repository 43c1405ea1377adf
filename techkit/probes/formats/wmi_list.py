"""Lists of WMI objects as `wmic … list` and inventory tools print them: "Key=Value" lines.

Objects are separated by blank lines, or begin again with a key they already have. The file may be
UTF-16. Values such as {"a","b"} are lists; "TRUE" and "FALSE" are truths; "" is no value.
"""

from __future__ import annotations

import html
import re
from typing import Any

from techkit.probes.declarations import Sheet
from techkit.probes.formats import windows_classes
from techkit.probes.formats.decode import decode

#: More objects than any class of a real computer has (7,000 lines make about 300).
OBJECT_LIMIT = 20_000


def parse(content: str | bytes) -> Sheet:
    """Return the readings of a list; the class is told by CreationClassName or by the keys."""
    text = decode(content) if isinstance(content, bytes) else content
    return windows_classes.readings(rows(text), source="WMI list")


def rows(text: str) -> list[dict[str, Any]]:
    """Return the objects of a list in their order."""
    found: list[dict[str, Any]] = []
    current: dict[str, Any] = {}
    # wmic ends its lines with CR CR LF; the second CR is no blank line.
    for line in re.sub(r"\r+\n", "\n", text).split("\n"):
        key, mark, value = line.partition("=")
        key = key.strip()
        if not mark or not re.fullmatch(r"\w{1,80}", key):
            if not line.strip() and current:
                found.append(current)
                current = {}
            continue
        if key in current:
            found.append(current)
            current = {}
        current[key] = _value(value.strip())
        if len(found) > OBJECT_LIMIT:
            break
    if current:
        found.append(current)
    return found


def _value(text: str) -> Any:
    text = html.unescape(text)  # wmic's list format writes & as &amp;
    if text in ("TRUE", "FALSE"):
        return text == "TRUE"
    if (
        len(text) >= 2
        and text[0] == "{"
        and text[-1] == "}"
        and not re.fullmatch(r"\{[0-9A-Fa-f-]{36}\}", text)
    ):
        quoted = re.findall(r'"([^"]*)"', text)
        return quoted or [part for part in text[1:-1].split(",") if part]
    return text or None
