"""Values of WMI objects: texts, numbers, truths, lists and instants, whatever they were written as.

Source of codes: Microsoft Learn, the page of each class; CIM and SMBIOS where named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from techkit.probes.sheet import Sheet

Row = Mapping[str, Any]
Read = Callable[[Sheet, Sequence[Row]], None]


def text(row: Row, key: str) -> str:
    """Return a text without blanks at its ends, "" when there is none."""
    value = row.get(key)
    return " ".join(value.split()) if isinstance(value, str) else ""


def number(row: Row, key: str) -> int | None:
    """Return a whole number, also from digits in a text, None when there is none."""
    value = row.get(key)
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,20}", value.strip()):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def truth(row: Row, key: str) -> bool | None:
    """Return a truth, None when there is none."""
    value = row.get(key)
    if isinstance(value, str):
        return {"true": True, "false": False, "1": True, "0": False}.get(value.strip().casefold())
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    return None


def listed(row: Row, key: str) -> list[str]:
    """Return a list of texts; one value alone counts as a list of one."""
    value = row.get(key)
    if value is None or value == "":
        return []
    return [str(item).strip() for item in (value if isinstance(value, list) else [value]) if item is not None]


def moment(value: object) -> datetime | None:
    """Return an instant (UTC) of a CIM date, "/Date(ms)/" or ISO text, None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        ticks = re.fullmatch(r"\\?/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\\?/", value.strip())
        if ticks:
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(ticks[1]))
        cim = re.fullmatch(r"(\d{14})\.(\d{6})([+-]\d{3})", value.strip())
        if cim:
            zone = timezone(timedelta(minutes=int(cim[3])))
            return datetime.strptime(cim[1], "%Y%m%d%H%M%S").replace(tzinfo=zone).astimezone(UTC)
        iso = datetime.fromisoformat(value.strip())
        return (iso if iso.tzinfo else iso.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def day(value: object) -> str:
    """Return the date of an instant as YYYY-MM-DD, "" for none."""
    if isinstance(value, str) and re.match(r"\d{8}\d{6}\.\d{6}", value):
        try:
            return date(int(value[:4]), int(value[4:6]), int(value[6:8])).isoformat()
        except ValueError:
            return ""
    found = moment(value)
    return found.date().isoformat() if found else ""


def names(rows: Iterable[Row], key: str = "Name") -> list[str]:
    """Return one text of each object, without empty ones."""
    return [found for row in rows if (found := text(row, key))]
