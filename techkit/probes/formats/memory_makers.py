"""Who made a memory module, where firmware writes the registered number instead of the name; part numbers written as bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

#: Bank of the register (0 for the first) and number with its parity bit → maker, as far as a technician meets them.
#: Source: JEDEC JEP106; the same in memtest86+ (jedec_id.h) and in the labels of modules.
_MAKERS: Final[Mapping[tuple[int, int], str]] = {
    (0, 0x2C): "Micron", (0, 0xAD): "SK hynix", (0, 0xC1): "Infineon", (0, 0xCE): "Samsung",
    (1, 0x4F): "Transcend", (1, 0x7A): "Apacer", (1, 0x94): "SMART Modular", (1, 0x98): "Kingston", (1, 0xBA): "PNY",
    (2, 0x9E): "Corsair", (2, 0xFE): "Elpida",
    (3, 0x0B): "Nanya", (3, 0x25): "Kingmax",
    (4, 0x43): "Ramaxel", (4, 0xCB): "ADATA", (4, 0xCD): "G.Skill", (4, 0xEF): "Team Group",
    (5, 0x02): "Patriot", (5, 0x51): "Qimonda", (5, 0x9B): "Crucial",
    (6, 0xF1): "Innodisk",
}  # fmt: skip

#: Forms firmware writes the number in: "80CE", "0x80CE", "80CE000080CE", "CE00000000000000", "7F7FFE0000000000".
_NUMBER: Final = re.compile(r"(?:0[xX])?((?:[0-9a-fA-F]{2}){2,10})")


def maker_of(text: str) -> str:
    """Return the maker's name for a registered number; a text that is none, or one nobody knows, as it stands."""
    match = _NUMBER.fullmatch(text.strip())
    if not match:
        return text
    data = bytes.fromhex(match[1])
    # SPD of DDR2 and before: a byte 7F for each bank passed over, then the number, then zeros (JESD 21-C, 4.1.2).
    passed = len(data) - len(data.lstrip(b"\x7f"))
    if len(data) >= 8 and passed < len(data):
        return _MAKERS.get((passed, data[passed]), text)
    # SPD of DDR3 and later: how many banks are passed over, with a parity bit, then the number.
    return _MAKERS.get((data[0] & 0x7F, data[1]), text)


def part_of(text: str) -> str:
    """Return a part number as it stands on the part: "0x4D33…" as its signs, without what only fills the field.

    Dell's batteries write each sign apart: "0x47,0x59,…".
    """
    bare = re.sub(r",0[xX](?=[0-9a-fA-F]{2}\b)", "", text.strip())
    match = re.fullmatch(r"0[xX]((?:[0-9a-fA-F]{2}){4,30})", bare)
    if match:
        signs = bytes.fromhex(match[1]).rstrip(b"\0 \xff")
        text = signs.decode("ascii") if signs and all(32 <= sign < 127 for sign in signs) else text
    return re.sub(r"-{3,}$", "", text.strip()).strip()
