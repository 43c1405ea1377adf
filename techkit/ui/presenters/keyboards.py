"""The picture of a keyboard: which keys there are, where they stand, and what stands on them.

A key is known by its place (the code Linux gives it, linux/input-event-codes.h), never by its letter: the key left of
"x" is the same key on every layout. Widths are in keys. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from techkit.i18n import N_, _


@dataclass(frozen=True)
class Key:
    """One key of the picture.

    place: its code. x, y, width: in keys from the top left.
    is_optional: many keyboards lack it, or the system keeps it for itself; nobody waits for it.
    """

    place: int
    label: str
    x: float
    y: float
    width: float = 1.0
    is_optional: bool = False


#: Layouts offered -> their names.
LAYOUTS: Final = {
    "us": N_("English (US)"),
    "gb": N_("English (UK)"),
    "de": N_("German"),
    "ch": N_("Swiss"),
    "fr": N_("French"),
}

#: What stands on the letter rows, from the key right of "Tab" and so on; a blank leaves the key without a sign.
_SIGNS: Final = {
    "us": ("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'\\", " zxcvbnm,./"),
    "gb": ("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'#", "\\zxcvbnm,./"),
    "de": ("^1234567890ß´", "qwertzuiopü+", "asdfghjklöä#", "<yxcvbnm,.-"),
    "ch": ("§1234567890'^", "qwertzuiopü¨", "asdfghjklöä$", "<yxcvbnm,.-"),
    "fr": ("²&é\"'(-è_çà)=", "azertyuiop^$", "qsdfghjklmù*", "<wxcvbn,;:!"),
}

#: Places of the letter rows, as the signs above stand.
_ROWS: Final = (
    (41, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13),
    tuple(range(16, 28)),
    (*range(30, 41), 43),
    (86, *range(44, 54)),
)

#: Named keys: place -> label.
_NAMED: Final = {
    1: N_("Esc"), 14: N_("Backspace"), 15: N_("Tab"), 28: N_("Enter"), 29: N_("Ctrl"), 42: N_("Shift"),
    54: N_("Shift"), 56: N_("Alt"), 57: N_("Space"), 58: N_("Caps"), 69: N_("Num"), 70: N_("Scroll"),
    96: N_("Enter"), 97: N_("Ctrl"), 99: N_("PrtSc"), 100: N_("AltGr"), 102: N_("HOME"), 104: N_("PgUp"),
    107: N_("End"), 109: N_("PgDn"), 110: N_("Ins"), 111: N_("Del"), 119: N_("Break"), 125: N_("System"),
    126: N_("System"), 127: N_("Menu"),
}  # fmt: skip

#: Kept by the system, or not on every keyboard: they light up but nobody waits for them.
_OPTIONAL: Final = frozenset({69, 70, 99, 119, 125, 126, 127, 97, 86})


def keys(layout: str, *, has_number_pad: bool = False) -> tuple[Key, ...]:
    """Return the keys of a layout, by rows from the top left."""
    is_short = layout == "us"  # ANSI: a long left Shift and no key beside it
    placed = [*_TOP, *_letters(_SIGNS.get(layout, _SIGNS["us"]), is_short), *_EDGES[is_short], *_MIDDLE]
    if has_number_pad:
        placed += _PAD
    return tuple(
        Key(place, _(_NAMED[place]) if place in _NAMED else label, x, y, width, place in _OPTIONAL)
        for place, x, y, width, label in placed
    )


#: place, x, y, width, label.
_Placed = tuple[int, float, float, float, str]

#: Above the letters.
_TOP: Final[tuple[_Placed, ...]] = (
    (1, 0, 0, 1, ""),
    *((59 + n if n < 10 else 77 + n, 2 + n + (n // 4) * 0.5, 0.0, 1, f"F{n + 1}") for n in range(12)),
    *((place, 15.25 + n, 0.0, 1, "") for n, place in enumerate((99, 70, 119))),
    (14, 13, 1.25, 2, ""),
)

#: At the ends of the letter rows, by whether the left Shift is the long one of ANSI.
_EDGES: Final[dict[bool, tuple[_Placed, ...]]] = {
    False: ((28, 13.75, 3.25, 1.25, ""), (42, 0, 4.25, 1.25, "")),
    True: ((28, 12.75, 3.25, 2.25, ""), (42, 0, 4.25, 2.25, "")),
}

#: Round the letters: Tab, Caps, the lowest row, the keys of places and the arrows.
_MIDDLE: Final[tuple[_Placed, ...]] = (
    (15, 0, 2.25, 1.5, ""), (58, 0, 3.25, 1.75, ""), (54, 12.25, 4.25, 2.75, ""),
    (29, 0, 5.25, 1.25, ""), (125, 1.25, 5.25, 1.25, ""), (56, 2.5, 5.25, 1.25, ""), (57, 3.75, 5.25, 6.25, ""),
    (100, 10, 5.25, 1.25, ""), (126, 11.25, 5.25, 1.25, ""), (127, 12.5, 5.25, 1.25, ""), (97, 13.75, 5.25, 1.25, ""),
    (110, 15.25, 1.25, 1, ""), (102, 16.25, 1.25, 1, ""), (104, 17.25, 1.25, 1, ""),
    (111, 15.25, 2.25, 1, ""), (107, 16.25, 2.25, 1, ""), (109, 17.25, 2.25, 1, ""),
    (103, 16.25, 4.25, 1, "↑"), (105, 15.25, 5.25, 1, "←"), (108, 16.25, 5.25, 1, "↓"), (106, 17.25, 5.25, 1, "→"),
)  # fmt: skip

#: The number pad at the right.
_PAD: Final[tuple[_Placed, ...]] = (
    (69, 18.5, 1.25, 1, ""), (98, 19.5, 1.25, 1, "/"), (55, 20.5, 1.25, 1, "*"), (74, 21.5, 1.25, 1, "−"),
    (71, 18.5, 2.25, 1, "7"), (72, 19.5, 2.25, 1, "8"), (73, 20.5, 2.25, 1, "9"), (78, 21.5, 2.25, 1, "+"),
    (75, 18.5, 3.25, 1, "4"), (76, 19.5, 3.25, 1, "5"), (77, 20.5, 3.25, 1, "6"),
    (79, 18.5, 4.25, 1, "1"), (80, 19.5, 4.25, 1, "2"), (81, 20.5, 4.25, 1, "3"), (96, 21.5, 4.25, 1, ""),
    (82, 18.5, 5.25, 2, "0"), (83, 20.5, 5.25, 1, "."),
)  # fmt: skip


def _letters(signs: tuple[str, ...], is_short: bool) -> list[_Placed]:
    found: list[_Placed] = []
    for row, (places, text) in enumerate(zip(_ROWS, signs, strict=True)):
        start = (0.0, 1.5, 1.75, 1.25)[row]
        for number, (place, sign) in enumerate(zip(places, text, strict=True)):
            label = sign if sign == "ß" else sign.upper()
            if place == 43 and is_short:
                found.append((place, 13.5, 2.25, 1.5, label))
            elif place != 86 or not is_short:
                found.append((place, start + number, row + 1.25, 1, label))
    return found


#: Extended scan codes of Windows -> place. Source: Microsoft, Keyboard Scan Code Specification, set 1 with E0.
_WINDOWS_EXTENDED: Final = {
    0x11C: 96, 0x11D: 97, 0x135: 98, 0x137: 99, 0x138: 100, 0x147: 102, 0x148: 103, 0x149: 104, 0x14B: 105,
    0x14D: 106, 0x14F: 107, 0x150: 108, 0x151: 109, 0x152: 110, 0x153: 111, 0x15B: 125, 0x15C: 126, 0x15D: 127,
    0x145: 69, 0x45: 119,
}  # fmt: skip

#: Virtual key codes of macOS -> place. Source: Carbon, HIToolbox/Events.h (kVK_*).
_MAC: Final = {
    0x00: 30, 0x01: 31, 0x02: 32, 0x03: 33, 0x04: 35, 0x05: 34, 0x06: 44, 0x07: 45, 0x08: 46, 0x09: 47, 0x0A: 86,
    0x0B: 48, 0x0C: 16, 0x0D: 17, 0x0E: 18, 0x0F: 19, 0x10: 21, 0x11: 20, 0x12: 2, 0x13: 3, 0x14: 4, 0x15: 5,
    0x16: 7, 0x17: 6, 0x18: 13, 0x19: 10, 0x1A: 8, 0x1B: 12, 0x1C: 9, 0x1D: 11, 0x1E: 27, 0x1F: 24, 0x20: 22,
    0x21: 26, 0x22: 23, 0x23: 25, 0x24: 28, 0x25: 38, 0x26: 36, 0x27: 40, 0x28: 37, 0x29: 39, 0x2A: 43, 0x2B: 51,
    0x2C: 53, 0x2D: 49, 0x2E: 50, 0x2F: 52, 0x30: 15, 0x31: 57, 0x32: 41, 0x33: 14, 0x35: 1, 0x36: 126, 0x37: 125,
    0x38: 42, 0x39: 58, 0x3A: 56, 0x3B: 29, 0x3C: 54, 0x3D: 100, 0x3E: 97, 0x41: 83, 0x43: 55, 0x45: 78, 0x47: 69,
    0x4B: 98, 0x4C: 96, 0x4E: 74, 0x52: 82, 0x53: 79, 0x54: 80, 0x55: 81, 0x56: 75, 0x57: 76, 0x58: 77, 0x59: 71,
    0x5B: 72, 0x5C: 73, 0x60: 63, 0x61: 64, 0x62: 65, 0x63: 61, 0x64: 66, 0x65: 67, 0x67: 87, 0x6D: 68, 0x6F: 88,
    0x72: 110, 0x73: 102, 0x74: 104, 0x75: 111, 0x76: 62, 0x77: 107, 0x78: 60, 0x79: 109, 0x7A: 59, 0x7B: 105,
    0x7C: 106, 0x7D: 108, 0x7E: 103,
}  # fmt: skip


def place_of(system: str, scan_code: int, virtual_key: int) -> int | None:
    """Return the place of a key as a system reports it; None where that cannot be told.

    system: "linux" (X11 and Wayland count from 8), "windows" or "macos".
    """
    if system == "windows":
        return _WINDOWS_EXTENDED.get(scan_code, scan_code if 0 < scan_code < 0x59 else None)
    if system == "macos":
        return _MAC.get(virtual_key)
    return scan_code - 8 if scan_code > 8 else None


def usual_layout(language: str, territory: str = "") -> str:
    """Return the layout people of a language mostly have: a guess the technician may correct."""
    if territory.upper() in ("CH", "LI"):
        return "ch"
    if language == "en" and territory.upper() in ("GB", "IE"):
        return "gb"
    return {"de": "de", "fr": "fr"}.get(language, "us")
