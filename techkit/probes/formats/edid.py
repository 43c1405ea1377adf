"""What a monitor says about itself, 128 bytes or more, or the same as hexadecimal text.

Source: VESA Enhanced EDID Standard 1.4 (block 0), section and byte beside each step.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from techkit.probes.sheet import Sheet

#: Every block 0 begins so (3.3, bytes 0 to 7).
HEADER: Final = b"\x00\xff\xff\xff\xff\xff\xff\x00"

#: Bytes of a text that are looked through for an EDID.
_TEXT_BYTES: Final = 200_000

#: Names of makers by their registered letters, as far as a technician meets them.
#: Source: UEFI Forum, PNP and ACPI registry.
MAKERS: Final = {
    "AAC": "AcerView", "ACI": "Asus", "ACR": "Acer", "AOC": "AOC", "APP": "Apple", "AUO": "AU Optronics",
    "AUS": "Asus", "BNQ": "BenQ", "BOE": "BOE", "CMN": "Chimei Innolux", "CMO": "Chi Mei", "CPQ": "Compaq",
    "CPT": "Chunghwa", "DEL": "Dell", "DWE": "Daewoo", "EIZ": "Eizo", "ELO": "Elo", "ENC": "Eizo",
    "FUS": "Fujitsu Siemens", "GSM": "LG", "GWY": "Gateway", "HIT": "Hitachi", "HPN": "HP", "HSD": "HannStar",
    "HWP": "HP", "HWV": "Huawei", "IBM": "IBM", "INL": "InnoLux", "IVM": "Iiyama", "LEN": "Lenovo",
    "LGD": "LG Display", "LPL": "LG Philips", "MEI": "Panasonic", "MEL": "Mitsubishi", "MSI": "MSI",
    "NEC": "NEC", "NOK": "Nokia", "PHL": "Philips", "PRT": "Princeton", "SAM": "Samsung", "SDC": "Samsung Display",
    "SEC": "Seiko Epson", "SHP": "Sharp", "SNY": "Sony", "SPT": "Sceptre", "TOS": "Toshiba", "TSB": "Toshiba",
    "VSC": "ViewSonic", "XMI": "Xiaomi", "ZCM": "Zenith",
}  # fmt: skip


#: The model of a notebook's panel among the free texts of its maker, the name to order another by: "B150PG01",
#: "LTN154U2-L05", "NV156FHM-N42", "B121EW03 V2". Source: EDIDs of the makers' panels.
_PANEL: Final = re.compile(r"[A-Z]{1,4}\d{2,3}[A-Z0-9]{2,8}(?:[- ][A-Z0-9]{1,6})?")


def parse(data: bytes, connector: str = "", *, source: str = "EDID") -> Sheet:
    """Return the readings of one monitor; an empty sheet for what is no EDID.

    Damaged checksums are common (adapters, old screens) and do not matter for naming it. Text is read
    as tools print it: edid-decode, xxd and hexdump, xrandr --props.
    """
    sheet = Sheet(source)
    if data[:8] != HEADER:
        data = _from_text(data)
    if len(data) < 128 or data[:8] != HEADER:
        return sheet

    def add(field: str, value: object) -> None:
        sheet.add(f"display.monitor.{field}", value, subject=connector)

    # 3.4, bytes 8 and 9: three letters of 5 bits, big endian.
    packed = int.from_bytes(data[8:10], "big")
    letters = "".join(chr(64 + ((packed >> shift) & 31)) for shift in (10, 5, 0))
    maker = MAKERS.get(letters, letters if re.fullmatch("[A-Z]{3}", letters) else "")
    add("maker", maker)
    product = int.from_bytes(data[10:12], "little")
    add("product", f"{letters}{product:04X}" if maker else "")
    number = int.from_bytes(data[12:16], "little")
    # 3.4.4, bytes 16 and 17: week (255: model year), years since 1990.
    if data[17] > 3:
        add("year", 1990 + data[17])
    if 1 <= data[16] <= 54:
        add("week", data[16])
    add("is_digital", bool(data[20] & 0x80))  # 3.6.1
    texts = _descriptors(data)
    serial = texts.get(0xFF, "")
    add("serial", serial or (str(number) if number not in (0, 0x01010101, 0xFFFFFFFF) else ""))
    # Panels inside a computer have no name of their own.
    known = texts.get(0xFE) or f"{product:04X}"
    add("name", texts.get(0xFC, "") or (f"{maker} {known}" if maker else ""))
    _timing(data, add)
    return sheet


def _from_text(data: bytes) -> bytes:
    """Return the first EDID written out in a text, b"" for none."""
    digits = bytearray()
    for row in data[:_TEXT_BYTES].decode("latin-1").splitlines():
        # xxd and hexdump write the place before a row and the letters after it.
        bare, letters, _rest = row.strip().casefold().partition("|")
        place = re.match(r"([0-9a-f]{4,8})(:?) +(?=([0-9a-f]+))", bare)
        # Groups of four bytes are as long as a place can be.
        if place and (place[2] or len(place[1]) != len(place[3])):
            bare = bare[place.end() :]
        bare = bare.replace("0x", "").replace(",", " ").strip()
        bare = re.sub(" +", " ", bare) if letters else bare.partition("  ")[0]
        words = bare.split(" ")
        if len(bare) >= 8 and all(len(w) % 2 == 0 and re.fullmatch("[0-9a-f]+", w) for w in words):
            digits += "".join(words).encode()
            continue
        if not bare:
            continue  # between blocks
        if len(digits) >= 256:
            break
        digits.clear()
    start = digits.find(HEADER.hex().encode())
    text = digits[start : len(digits) - (len(digits) - start) % 2] if start >= 0 else b""
    found = bytes.fromhex(text.decode())
    # Byte 126 counts the blocks that follow (3.5); what stands behind them is another monitor's.
    return found[: 128 * (1 + found[126])] if len(found) > 126 else found


def _descriptors(data: bytes) -> dict[int, str]:
    """Return the texts of the descriptors by their tag (3.10.3): name 0xFC, serial 0xFF, model of a panel 0xFE.

    Those of the first block; what is missing there may stand in an extension (CTA-861-G, 7.4: tag 2, byte 2 says where).
    """
    found = _texts_at(data, (54, 72, 90, 108))
    for start in range(128, min(len(data), 8 * 128) - 127, 128):
        first = data[start + 2]
        if data[start] == 2 and 4 <= first <= 109:
            for tag, text in _texts_at(data, range(start + first, start + 110, 18)).items():
                found.setdefault(tag, text)
    return found


def _texts_at(data: bytes, places: Iterable[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for at in places:
        block = data[at : at + 18]
        if len(block) == 18 and block[:3] == b"\0\0\0" and block[3] in (0xFC, 0xFE, 0xFF):
            raw = block[5:].split(b"\n")[0].replace(b"\0", b"")
            text = raw.decode("ascii", "ignore")
            # A name of more than 13 signs goes on in the next descriptor of its kind.
            if block[3] == 0xFE and not _PANEL.fullmatch(text.strip()):
                continue
            before = found.get(block[3], "") if block[3] == 0xFC else ""
            is_same = re.sub(r"[\W_]", "", before).casefold() == re.sub(r"[\W_]", "", text).casefold()
            found[block[3]] = before if before and is_same else before + text
    return {tag: text.strip() for tag, text in found.items()}


def _timing(data: bytes, add: Callable[[str, object], None]) -> None:
    # 3.10.2, the preferred timing is the first one.
    block = next((b for b in (data[at : at + 18] for at in (54, 72, 90, 108)) if any(b[:2])), b"")
    width = height = width_mm = height_mm = 0
    if block:
        width = block[2] | (block[4] & 0xF0) << 4
        height = block[5] | (block[7] & 0xF0) << 4
        if block[17] & 0x80:  # interlaced: the lines of one of two fields
            height *= 2
        if width >= 160 and height >= 120:  # less is a place-holder, 1 × 1 for instance
            add("mode", f"{width} × {height}")
        width_mm = block[12] | (block[14] & 0xF0) << 4
        height_mm = block[13] | (block[14] & 0x0F) << 8
    # 3.6.2, the size of the screen in centimetres; 16 and 9 are a shape, not a size.
    wide, high = data[21] * 10, data[22] * 10
    if (data[21], data[22]) in ((16, 9), (9, 16), (4, 3)) or not (wide and high):
        wide = high = 0
    # That of the timing is finer, but on many televisions made up (the shape, the pixels, another set's).
    fits = abs(width_mm - wide) < 15 and abs(height_mm - high) < 15
    if width_mm > 30 and height_mm > 30 and (fits or (not wide and (width_mm, height_mm) != (width, height))):
        add("width_mm", width_mm)
        add("height_mm", height_mm)
    elif wide:
        add("width_mm", wide)
        add("height_mm", high)
