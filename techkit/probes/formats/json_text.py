"""JSON as tools print it: read without surprises, looked into without exceptions."""

from __future__ import annotations

import json
from typing import Any


def parse(text: str) -> Any:
    """Return the value of a JSON text, None when it is none, too deep, or its numbers too long.

    A byte order mark and lines before the first bracket (a tool's warnings) are skipped.
    """
    bare = text.lstrip("\ufeff \t\r\n\0")
    # A warning before the document may hold brackets of its own ("[WARN] …").
    starts = {
        at for at in (bare.find("{"), bare.find("["), bare.find("\n{") + 1, bare.find("\n[") + 1) if at >= 0
    }
    decoder = json.JSONDecoder(parse_constant=lambda _name: None)
    for at in sorted(starts):
        try:
            value, _end = decoder.raw_decode(bare, at)
        except (ValueError, RecursionError):  # also a number of more than 4,300 digits, 1,000 levels
            continue
        if isinstance(value, dict | list):
            return value
    return None


def dig(value: Any, *keys: str | int) -> Any:
    """Return value[key][key]…, None as soon as something is not there or of another shape."""
    for key in keys:
        if isinstance(value, dict) and isinstance(key, str):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and -len(value) <= key < len(value):
            value = value[key]
        else:
            return None
    return value


def items(value: Any, *keys: str | int) -> list[dict[str, Any]]:
    """Return the objects of a list found as `dig` does; one object alone counts as a list of one."""
    found = dig(value, *keys)
    listed = [found] if isinstance(found, dict) else found
    return [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []


def whole(value: Any) -> int | None:
    """Return a whole number of at least 0 that a counter may hold, None for anything else."""
    if isinstance(value, str):
        bare = value.strip().replace(",", "")
        if bare[:2].lower() == "0x":
            try:
                value = int(bare[:18], 16)
            except ValueError:
                return None
        elif bare.isascii() and bare.isdecimal() and len(bare) <= 20:
            value = int(bare)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value < 2**63 else None


def text(value: Any) -> str:
    """Return a text stripped at both ends, "" for anything else."""
    return value.strip() if isinstance(value, str) else ""
