"""What counts as a value of a reading, and the sheet a probe collects its readings on.

A probe adds readings by their declared id (declarations.py); unit and privacy come from there, and what is no value is
left out: None, "", "Unknown", what makers and firmware leave in, a text where a number belongs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from typing import Final

from techkit.probes.declarations import DECLARED
from techkit.records.findings import Reading, Value

#: Longest text kept of one value; device names of 4 kB are hostile, not informative.
TEXT_LIMIT: Final = 400

#: Most items kept of one list (programs of a large desktop: about 5,000).
LIST_LIMIT: Final = 20_000

#: What firmware and tools write when they have nothing to say, case folded. Never a value.
#: Source: captures of dmidecode, smartctl and WMI of many makers (tests/captures/README.md).
PLACEHOLDERS: Final = frozenset(
    {
        "", "-", "--", "---", "n/a", "na", "none", "null", "(null)", "nil", "unknown", "unknow",
        "<unknown>", "not specified", "<not specified>", "not available", "<not available>",
        "not provided", "not defined", "not present", "not applicable", "not settable", "no dimm",
        "empty", "default", "default string", "no enclosure", "<bad index>", "<out of spec>",
        "to be filled by o.e.m.", "to be filled by o.e.m", "to be filled by oem",
        "o.e.m.", "oem", "o.e.m", "undefined", "unspecified", "no module installed",
        "system manufacturer", "system product name", "system version", "system serial number",
        "system name", "system_manufacturer", "system_product_name", "base board product name", "base board manufacturer",
        "base board serial number", "chassis manufacturer", "chassis serial number",
        "chassis version", "chassis asset tag", "asset-1234567890", "no asset tag",
        "no asset information", "bios manufacturer", "serial number", "serialnumber", "part number", "partnumber", "modelnumber",
        "manufacturer", "partnum", "sernum", "type1productconfigid", "type1family", "type2 - board serial number",
        "invalid", "test", "product name", "oem default string inject", "tbd by odm", "tbd by oem", "xxxxxxxxxxxx", "inspired by intel", "sku", "family", "[empty]",
        "chassis manufacture", "oem chassis manufacturer", "default_string", "$(default_string)", "_", "x.x",
        "abcd", "cpu version", "battery name", "another battery name", "battery manufacturer",
        "batt sbds chemistry", "sbds device chemistry", "123456789", "0123456789", "1234567890", "0123456789abcdef",
        "123456789012345678", "012345678901234567890123456789012345",
        # What the reference firmware says of a battery that is not there.
        "-virtual battery 0-", "crb battery 0", "sr real battery", "intel sr 1",
    }
)  # fmt: skip

#: What makers number: "Manufacturer00", "PartNum3", "SerNum1", "AssetTagNum0".
_NUMBERED_PLACEHOLDER: Final = re.compile(
    r"(?:array\d{1,2}_)?(?:manufacturer|(?:module)?part ?num(?:ber)?|ser(?:ial)? ?num(?:ber)?|asset ?tag(?: ?num(?:ber)?)?)"
    r" ?\d{1,3}"
)

#: What says that somebody else should have written something, in many words: "To Be Filled By O.E.M. by More String",
#: "Type2 - Board Vendor Name1", "OEM_Define5"; and a maker known by a number only: "Unknown - [0x9B85]".
_UNFILLED_PLACEHOLDER: Final = re.compile(
    r".{0,40}\bto be (?:filled|defined) by o\.?e\.?m\b.{0,40}|type\d{1,2} - .{1,40}|oem_define\d{1,2}"
    r"|unknown (?:- \[0x[0-9a-f]{2,8}\]|\([0-9a-f]{1,8}\)|id:0x[0-9a-f]{2,8})"
)

#: Readings people name as they like ("default", "12345678"); only an empty name and dashes are none.
NAMED_BY_PEOPLE: Final = frozenset({"network.wifi.ssid"})


class Sheet:
    """Collects readings of one source; what is not a value is left out."""

    def __init__(self, source: str = "") -> None:
        self.source = source
        self._items: dict[tuple[str, str], Reading] = {}

    def add(self, reading_id: str, value: object, *, subject: str = "", source: str = "") -> bool:
        """Add a declared reading; return whether it was a value.

        Raises: KeyError for an id that is not declared (a fault of the probe).
        """
        declared = DECLARED[reading_id]
        if reading_id in NAMED_BY_PEOPLE and isinstance(value, str) and tidy(value).strip("-"):
            kept: Value = tidy(value)
        else:
            kept = clean(value, declared.kind)
        if isinstance(kept, str) and reading_id.endswith(".serial") and not kept.strip("0"):
            return False
        if kept is None:
            return False
        name = tidy(subject)
        self._items[reading_id, name] = Reading(
            id=reading_id,
            value=kept,
            unit=declared.unit,
            subject=name,
            source=source or self.source,
            privacy=declared.privacy,
        )
        return True

    def extend(self, readings: Sheet) -> None:
        """Take over another collection; equal ids and subjects are replaced."""
        self._items.update(readings._items)

    def __iter__(self) -> Iterator[Reading]:
        return iter(self._items.values())

    def __len__(self) -> int:
        return len(self._items)

    def all(self) -> list[Reading]:
        """Return the readings in the order they were added."""
        return list(self._items.values())

    def value(self, reading_id: str, subject: str = "") -> Value:
        """Return the value of one reading, None when it is not there."""
        found = self._items.get((reading_id, subject))
        return found.value if found else None


#: Signs that tell how a line is drawn and stand between its digits: Windows puts them into dates and amounts of right-to-left
#: languages. Source: Unicode Standard Annex 9.
DIRECTION_MARKS: Final = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")


def tidy(value: str) -> str:
    """Return a text fit for a record: no control or direction marks, one line, cut at TEXT_LIMIT.

    Source: Unicode Standard Annex 9 (bidirectional controls), C0 and C1 control codes.
    """
    plain = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", value)
    plain = DIRECTION_MARKS.sub("", plain).replace("\ufeff", "")
    plain = re.sub(r"[\ud800-\udfff]", "\ufffd", plain)
    return re.sub(r" {2,}", " ", plain).strip()[:TEXT_LIMIT]


def apart(names: Iterable[str]) -> list[str]:
    """Return names as subjects, each of its own: of two things called "Data" the second is "Data (2)".

    Otherwise the readings of the second would take the place of the first one's.
    """
    found: list[str] = []
    for name in names:
        plain, number = tidy(name)[: TEXT_LIMIT - 8], 1
        while (subject := plain if number == 1 else f"{plain} ({number})") in found:
            number += 1
        found.append(subject)
    return found


def is_placeholder(value: str) -> bool:
    """Return whether a text says that there is no value ("To Be Filled By O.E.M.", "0000")."""
    bare = value.strip().casefold()
    if bare in PLACEHOLDERS or _NUMBERED_PLACEHOLDER.fullmatch(bare):
        return True
    if _UNFILLED_PLACEHOLDER.fullmatch(bare) or not any(map(str.isalnum, bare)):
        return True
    # "0x00000000", "FF:FF:FF:FF:FF:FF", and one byte over and over.
    digits = re.sub("[ :-]", "", bare.removeprefix("0x"))
    return bool(re.fullmatch(r"(.)\1{3,}|([0-9a-f]{2})\2{5,}", digits))


def clean(value: object, kind: str) -> Value:
    """Return a value of the declared kind, or None when it is none."""
    if value is None:
        return None
    if kind == "text":
        plain = tidy(value) if isinstance(value, str) else ""
        return None if is_placeholder(plain) else plain
    if kind == "truth":
        return value if isinstance(value, bool) else None
    if kind in ("int", "float"):
        return _clean_number(value, kind)
    if kind == "list" and isinstance(value, list):
        return [tidy(str(item)) for item in value[:LIST_LIMIT] if tidy(str(item))]
    if kind == "table" and isinstance(value, list):
        return [
            {str(k): tidy(v) if isinstance(v, str) else v for k, v in item.items()}
            for item in value[:LIST_LIMIT]
            if isinstance(item, dict)
        ]
    if kind == "map" and isinstance(value, dict):
        return {str(k): tidy(v) if isinstance(v, str) else v for k, v in value.items()}
    return None


def _clean_number(value: object, kind: str) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if abs(value) >= 2**63:  # a counter that wrapped or was never set, and no column would hold it
        return None
    return round(value) if kind == "int" else round(float(value), 4)
