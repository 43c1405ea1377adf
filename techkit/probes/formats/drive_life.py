"""What a drive's table and its list of self-tests say about how it is: wear of a SATA SSD, a failure not made good."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

#: Words of a self-test that found a fault, of every protocol: "Completed: read failure", "Failed in segment -->",
#: "Fatal or unknown error", "Completed: handling damage??", "Unknown error, incomplete".
#: Source: smartmontools 7.4, ataprint.cpp, nvmeprint.cpp and scsiprint.cpp, which also count them as errors.
FAULTS: Final = re.compile(r"fail|fatal|damage|unknown error", re.IGNORECASE)

#: What the table of a SATA SSD says of its rated writes: drivedb's name of the row -> how the maker's model names begin.
#: The names of 177 and 233 also stand for other things where smartctl does not know the drive.
#: Source: smartmontools 7.4, drivedb.h; Intel, Samsung and Micron count the normalised value down from 100.
_LIFE_LEFT: Final[Mapping[str, tuple[str, ...]]] = {
    "Percent_Lifetime_Remain": ("",),
    "Perc_Rated_Life_Used": ("",),
    "Percent_Life_Remaining": ("",),
    "Remaining_Lifetime_Perc": ("",),
    "SSD_Life_Left": ("",),
    "Media_Wearout_Indicator": ("intel", "ssdsc"),
    "Wear_Leveling_Count": ("samsung",),
}

#: Rows whose raw value is the share left where their normalised value stays at 100 (Phison, Silicon Motion) or is not
#: given (Indilinx).
_LIFE_LEFT_RAW: Final = ("Remaining_Lifetime_Perc", "SSD_Life_Left")


@dataclass
class Attribute:
    """One row of the ATA table. raw: as smartctl shows it. count: what is counted in it. when_failed: "now", "past" or ""."""

    id: int
    name: str
    value: int | None = None
    threshold: int | None = None
    raw: int | None = None
    count: int | None = None
    when_failed: str = ""
    is_prefailure: bool = False


#: What the numbers that are counted mean on drives of few makers. Source: smartmontools 7.4, drivedb.h (Indilinx and
#: others); "Bogus_Current_Pend_Sect" is what firmware of Crucial's MX500 counts as waiting and is not.
_OTHER_MEANING: Final = re.compile(
    r"Bogus|Not_In_Use|(?:Read|Write)_Sectors_Tot_Ct|Read_Failure_Blk_Ct|Total_Unc_Read_Failures"
)


#: More than this no drive counts and still answers: all ones is no count, a little less fell below zero, and
#: Kingston's SNS4151 says 0x64646464, a hundred in each byte. Ours: the most of 70,000 drives read is 65,535.
_MOST: Final = 2**24

#: Counters that Silicon Motion's firmware shows under two numbers: waiting as replaced, not read as replacements.
_TWICE: Final = {197: 5, 198: 196}


def counted(
    row: Attribute, model: str, rows: Iterable[Attribute] = (), *, is_ssd: bool = False
) -> int | None:
    """Return what a row counts under the usual meaning of its number, None where it counts something else.

    rows: the whole table. is_ssd: whether the drive is known to be one.
    """
    if row.count is None or row.count >= _MOST or _OTHER_MEANING.match(row.name):
        return None
    if row.id in _TWICE and (row.raw or 0) >= 2**32:
        return None
    # SandForce controllers keep a rate in 187: its value stays at 100 or rises above with it, where a count would lower it.
    if row.id == 187 and row.raw and ((row.value or 0) > 100 or (row.value == 100 and row.raw >= 2**16)):
        return None
    if is_ssd and row.count and any(r.id == _TWICE.get(row.id) and r.count == row.count for r in rows):
        return None
    # Micron's P300 says 100 as soon as one block was replaced, whatever waits.
    if row.id == 197 and row.count == 100 and model.startswith("P300-MTFD"):
        return None
    return row.count


def used_percent(
    rows: Iterable[Attribute], model: str, firmware: str, told: int | None, rpm: object
) -> int | None:
    """Return how much of its rated writes a SATA drive has used (percent), None where it does not tell.

    told: what its device statistics say. rpm: turns a minute, None or 0 for none. The maker's own row counts where
    the statistics say less: those of Crucial's M500 to MX200 stay near nothing until the drive is worn out.
    """
    if rpm:  # Toshiba's hard disks tell there how many of their hours are over.
        return None
    # SandForce controllers say 255 whatever their state.
    known = [
        used for used in (None if told == 255 else told, worn(rows, model, firmware)) if used is not None
    ]
    return max(known, default=None)


def worn(rows: Iterable[Attribute], model: str, firmware: str = "") -> int | None:
    """Return how much of its rated writes a SATA SSD says it has used (percent), None where its table does not tell."""
    # Kingston's A400: the raw value is what is left; the normalised one is that, 100, or what is used.
    is_a400 = model.startswith("KINGSTON SA400") and firmware.startswith("SBFK")
    for row in rows:
        if not model.casefold().startswith(_LIFE_LEFT.get(row.name, ())):
            continue
        left = row.value
        if row.name in _LIFE_LEFT_RAW and row.raw is not None:
            left_raw = 0 < row.raw <= 100 if is_a400 else left in (None, 100) and 1 < row.raw < 100
            left = row.raw if left_raw else left
        # 0 is also what stands in a row nobody fills in.
        if left is not None and left <= 100 and (left or row.when_failed == "now"):
            return 100 - left
    return None


def open_failure(tests: Iterable[tuple[str, str, int | None]]) -> int | None:
    """Return when a self-test failed that no later one has made good (hours switched on).

    tests: kind, result and hours, newest first. One that was ended early says nothing; a short one that passes says
    nothing of a long one that failed, as smartctl judges.
    """
    has_passed_short = False
    for kind, result, hours in tests:
        is_long = kind.casefold().startswith(("extended", "background long", "foreground long", "long"))
        if FAULTS.search(result):
            return None if has_passed_short and not is_long else hours
        if result.casefold().startswith("completed"):
            if is_long:
                return None
            has_passed_short = True
    return None


#: Pages and offsets of the device statistics that are read. Source: ATA ACS-4, 9.5: 1 general, 7 solid state.
SECTORS_WRITTEN: Final = (1, 0x18)
SECTORS_READ: Final = (1, 0x28)
ENDURANCE_USED: Final = (7, 0x08)

#: "0x07  0x008  1               3  ---  Percentage Used …" since smartctl 6.4, "  7  0x008  1    3~ Percentage …" before;
#: a value that is not valid is "-".
_STATISTIC: Final = re.compile(
    r"^(?:0x)? {0,2}([0-9a-f]{1,2})  0x([0-9a-f]{3})  \d {1,20}(\d{1,20})[*~]? +(?=\S)", re.MULTILINE
)

Statistics = Mapping[tuple[int, int], int]


def statistics_of(pages: Iterable[Mapping[str, object]]) -> Statistics:
    """Return the device statistics of smartctl's JSON by page and offset; what the drive marks invalid is left out."""
    found: dict[tuple[int, int], int] = {}
    for page in pages:
        number, table = page.get("number"), page.get("table")
        for row in table if isinstance(table, list) else []:
            if not isinstance(row, Mapping) or not isinstance(number, int):
                continue
            flags, offset, value = row.get("flags"), row.get("offset"), row.get("value")
            is_valid = not isinstance(flags, Mapping) or flags.get("valid") is not False
            if is_valid and type(offset) is int and type(value) is int:
                found.setdefault((number, offset), value)
    return found


def statistics_in(content: str) -> Statistics:
    """Return the device statistics of smartctl's text by page and offset."""
    at = content.find("Device Statistics (")
    rows = _STATISTIC.finditer(content[at:]) if at >= 0 else ()
    return {(int(row[1], 16), int(row[2], 16)): int(row[3]) for row in rows}
