"""What the paper's own fonts can draw, and a named box for the rest.

The paper uses only the fonts it brings along, so that it looks and validates the same everywhere.
A character without a glyph is printed by its name in brackets, never as an empty gap; direction
overrides are printed by their code, so that a name cannot read differently from what it is.
"""

from __future__ import annotations

import functools
import json
import unicodedata
from typing import Any

from techkit import resources
from techkit.records.visible import few_marks

#: Joiners, variation selectors and skin tones only shape the character before them.
_SHAPING = frozenset([0x200D, *range(0xFE00, 0xFE10), *range(0x1F3FB, 0x1F400)])

#: Characters that change the direction of what follows (Unicode Standard Annex 9, section 2).
_DIRECTION = frozenset([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


@functools.lru_cache(maxsize=1)
def _coverage() -> dict[int, int]:
    """Return block of 256 characters -> bits of those that have a glyph."""
    raw: dict[str, str] = json.loads(resources.text("fonts", "coverage.json"))
    return {int(block, 16): int(bits, 16) for block, bits in raw.items()}


def has_glyph(character: str) -> bool:
    """Return whether one of the paper's fonts draws the character."""
    point = ord(character)
    return bool(_coverage().get(point >> 8, 0) >> (point & 0xFF) & 1)


def printable(text: str) -> str:
    """Return the text with a named box for every character that no font draws."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_drawn(c) for c in few_marks(text))


def _drawn(character: str) -> str:
    point = ord(character)
    if character in "\n\t" or (has_glyph(character) and point not in _DIRECTION):
        return character
    if point in _SHAPING:
        return ""
    if point in _DIRECTION or unicodedata.category(character) in ("Cc", "Cn", "Co", "Cs"):
        return f"[U+{point:04X}]"
    return f"[{unicodedata.name(character, f'U+{point:04X}').lower()}]"


def printable_data(data: Any) -> Any:
    """Return plain lists and dicts with every text in them made printable."""
    if isinstance(data, str):
        return printable(data)
    if isinstance(data, list):
        return [printable_data(item) for item in data]
    if isinstance(data, dict):
        return {key: printable_data(item) for key, item in data.items()}
    return data
