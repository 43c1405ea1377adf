"""The firmware's tables themselves (/sys/firmware/dmi/tables/DMI), without dmidecode.

Only what techkit needs: memory arrays, modules and power supplies, in the same fields that dmidecode prints.
Source: SMBIOS Reference Specification 3.7, sections 6.1 (structures), 7.17, 7.18 and 7.40.
"""

from __future__ import annotations

from typing import Final

from techkit.probes.formats.dmidecode import Structure
from techkit.probes.formats.windows.computer import MEMORY_TYPES

#: Memory device form factors (7.18.1) and error correction types (7.17.3), as dmidecode names them.
FORMS: Final = {3: "SIMM", 9: "DIMM", 13: "SODIMM", 15: "FB-DIMM", 16: "Die"}
CORRECTIONS: Final = {3: "None", 4: "Parity", 5: "Single-bit ECC", 6: "Multi-bit ECC", 7: "CRC"}

#: States of a power supply unit (7.40.1, bits 9 to 7), as dmidecode names them.
SUPPLY_STATES: Final = {3: "OK", 4: "Non-critical", 5: "Critical"}

#: More structures than any table has.
LIMIT: Final = 10_000


def structures(data: bytes) -> list[Structure]:
    """Return the structures of a table that are read; a damaged rest is left out."""
    found: list[Structure] = []
    at = 0
    for _count in range(LIMIT):
        if at + 4 > len(data):
            break
        kind, length = data[at], data[at + 1]
        if length < 4 or at + length > len(data):
            break
        end = data.find(b"\0\0", at + length)
        if end < 0:
            break
        texts = data[at + length : end].split(b"\0")
        body = data[at : at + length]
        if kind == 16:
            found.append(_array(body))
        elif kind == 17:
            found.append(_device(body, texts))
        elif kind == 39:
            found.append(_supply(body, texts))
        elif kind == 127:
            break
        at = end + 2
    return found


def _word(body: bytes, at: int, size: int = 2) -> int:
    return int.from_bytes(body[at : at + size], "little") if at + size <= len(body) else 0


def _text(body: bytes, at: int, texts: list[bytes]) -> str:
    place = body[at] if at < len(body) else 0
    return texts[place - 1].decode("utf-8", "replace").strip() if 0 < place <= len(texts) else ""


def _array(body: bytes) -> Structure:
    kilobytes = _word(body, 7, 4)
    largest = _word(body, 15, 8) if kilobytes == 0x80000000 else kilobytes * 1024
    return Structure(
        16,
        {
            "Use": "System Memory" if _word(body, 5, 1) == 3 else "Other",
            "Number Of Devices": str(_word(body, 13)),
            "Maximum Capacity": f"{largest // 2**20} MB" if largest else "",
            "Error Correction Type": CORRECTIONS.get(_word(body, 6, 1), ""),
        },
    )


def _device(body: bytes, texts: list[bytes]) -> Structure:
    size = _word(body, 12)
    if size == 0:
        shown = "No Module Installed"
    elif size == 0x7FFF:
        shown = f"{_word(body, 28, 4) & 0x7FFFFFFF} MB"
    elif size == 0xFFFF:
        shown = ""
    else:
        shown = f"{size & 0x7FFF} {'kB' if size & 0x8000 else 'MB'}"
    speed, configured = _word(body, 21), _word(body, 32)
    return Structure(
        17,
        {
            "Size": shown,
            "Form Factor": FORMS.get(_word(body, 14, 1), ""),
            "Locator": _text(body, 16, texts),
            "Bank Locator": _text(body, 17, texts),
            "Type": MEMORY_TYPES.get(_word(body, 18, 1), ""),
            "Speed": f"{speed} MT/s" if speed not in (0, 0xFFFF) else "",
            "Manufacturer": _text(body, 23, texts),
            "Serial Number": _text(body, 24, texts),
            "Part Number": _text(body, 26, texts),
            "Configured Memory Speed": f"{configured} MT/s" if configured not in (0, 0xFFFF) else "",
        },
    )


def _supply(body: bytes, texts: list[bytes]) -> Structure:
    watts, traits = _word(body, 12), _word(body, 14)
    state = SUPPLY_STATES.get(traits >> 7 & 7, "Unknown")
    return Structure(
        39,
        {
            "Location": _text(body, 5, texts),
            "Name": _text(body, 6, texts),
            "Manufacturer": _text(body, 7, texts),
            "Serial Number": _text(body, 8, texts),
            "Model Part Number": _text(body, 10, texts),
            "Max Power Capacity": f"{watts} W" if watts not in (0, 0x8000) else "",
            "Status": f"Present, {state}" if traits & 2 else "Not Present",
            "Plugged": "No" if traits & 4 else "Yes",
        },
    )
