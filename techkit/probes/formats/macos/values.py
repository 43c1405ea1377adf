"""Values of system_profiler items: texts, numbers, sizes and truths under whichever key a system uses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

Item = Mapping[str, Any]


def dicts(value: object) -> list[dict[str, Any]]:
    """Return the dictionaries of a list, nothing for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def walk(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield all items, outer before inner."""
    waiting = items[::-1]
    seen = 0
    while waiting and seen < 100_000:
        item = waiting.pop()
        seen += 1
        yield item
        waiting += dicts(item.get("_items"))[::-1]


def text(item: Item, *keys: str) -> str:
    """Return the first of these keys that says something, white space folded; "" when none does."""
    for key in keys:
        value = item.get(key)
        if isinstance(value, str) and value.strip():
            return " ".join(value.split())
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return ""


def number(item: Item, *keys: str) -> int | None:
    """Return the first of these keys that begins with a whole number, None when none does."""
    for key in keys:
        value = item.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str):
            match = re.match(r"\d{1,18}", value.strip())
            if match:
                return int(match[0])
    return None


def nested(item: Item, *keys: str) -> dict[str, Any]:
    """Return the first of these keys that is a dictionary, or the item below of that name; empty when there is none."""
    for key in keys:
        value = item.get(key)
        if isinstance(value, dict):
            return value
    return next((child for child in dicts(item.get("_items")) if child.get("_name") in keys), {})


def joined(value: object) -> str:
    """Return up to twenty values of a list as one text; a text as it is."""
    if isinstance(value, list):
        return ", ".join(str(part) for part in value[:20])
    return value.strip() if isinstance(value, str) else ""


def truth(given: str) -> bool | None:
    """Return a truth however it is written ("spsmart_yes", "Enabled"); None for anything else."""
    bare = given.casefold().rpartition("_")[2]
    return {
        "yes": True,
        "no": False,
        "true": True,
        "false": False,
        "on": True,
        "off": False,
        "enabled": True,
        "disabled": False,
    }.get(bare)


_UNITS: Final = {"bytes": 0, "kb": 1, "mb": 2, "gb": 3, "tb": 4, "pb": 5}


def size_of(given: str, *, binary: bool = False) -> int | None:
    """Return the bytes of "7,34 GB", "16 GB" or "250.06 GB (250,059,350,016 bytes)".

    binary: memory, where 1 GB is 2**30.
    """
    exact = re.search(r"([\d.,\u00a0\u202f' ]{4,40}) bytes", given, re.IGNORECASE)
    if exact:
        digits = re.sub(r"\D", "", exact[1])
        return int(digits) if digits and len(digits) <= 18 else None
    match = re.search(r"(\d{1,12}(?:[.,]\d{1,3})?)\s*(bytes|[KMGTP]B)", given, re.IGNORECASE)
    if not match:
        return None
    base = 1024 if binary else 1000
    return round(float(match[1].replace(",", ".")) * float(base ** _UNITS[match[2].casefold()]))


def tell_bytes(items: list[dict[str, Any]]) -> None:
    """Write the bytes behind the sizes of a Mac OS X before 10.6, whose "GB" of a disk are 2**30 bytes."""
    for item in walk(items):
        for key in ("Capacity", "Available"):
            size = size_of(str(item.get(key) or ""), binary=True)
            if size is not None:
                item[key] = f"{size} bytes"
