"""End of life of operating systems, office suites and browsers, from the data shipped with techkit.

The data are a dated snapshot of endoflife.date (resources/data/endoflife.json, made by
.ci/endoflife.py); their age is part of every answer, because a date may have moved since.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from techkit import resources

#: macOS: Apple publishes no dates; the three newest releases get updates and a new one comes every
#: autumn. Source: endoflife.date/macos, release dates 2019 to 2025 (all in September to November).
MACOS_NEW_RELEASE_MONTH: Final = 9


@dataclass(frozen=True)
class Life:
    """The life of one release.

    ends_on: end of the support everybody gets, None when no date is set. is_over: said to be over
    (or not) without a date. extended_until: end of an extended phase, None for none. extended:
    "automatic" or "enrolment". title: product and release as a person says it.
    """

    title: str
    ends_on: date | None
    is_over: bool = False
    extended_until: date | None = None
    extended: str = ""
    place: int = 0


@functools.lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(resources.text("data", "endoflife.json"))
    return loaded


def taken_on() -> date:
    """Return the day the data are from."""
    return date.fromisoformat(_data()["taken_on"])


def source() -> str:
    """Return where the data are from, with their date."""
    return f"{_data()['source']}, {_data()['taken_on']}"


def life(product: str, cycle: str) -> Life | None:
    """Return the life of a release, None when the data do not know it."""
    entry = _data()["products"].get(product)
    if not entry:
        return None
    for place, release in enumerate(entry["releases"]):
        if release["cycle"] == cycle:
            return _life(entry, release, place)
    return None


def newest(product: str) -> str:
    """Return the newest release the data know, "" for an unknown product."""
    entry = _data()["products"].get(product)
    return str(entry["releases"][0]["cycle"]) if entry else ""


def _life(entry: dict[str, Any], release: dict[str, Any], place: int) -> Life:
    title = f"{entry['title']} {release['cycle']}"
    if release.get("codename"):
        title += f" ({release['codename']})"
    return Life(
        title=title,
        ends_on=_date(release["eol"]),
        is_over=release["eol"] is True,
        extended_until=_date(release.get("extended_until")),
        extended=entry["extended"] if release.get("extended_until") else "",
        place=place,
    )


def _date(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
