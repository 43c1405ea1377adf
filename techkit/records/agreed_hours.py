"""The hours a contract agrees on, read from its words: which part of a stretch of time lies outside them. Pure.

Written as OpenStreetMap writes opening hours, in the part of it people use: days and spans, "Mo-Fr 08:00-17:00;
Sa 09:00-12:00", "24/7", "off". Several spans of a day stand in one rule. Public holidays are not known here: whoever
works on one says so by hand. Words that cannot be read agree on nothing.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
_DAY = "|".join(_DAYS)
_SPAN = rf"(?:{_DAY})(?:\s*-\s*(?:{_DAY}))?"
_RULE = re.compile(
    rf"^(?P<days>{_SPAN}(?:\s*,\s*(?:{_SPAN}|ph))*)?\s*:?\s*"
    r"(?P<spans>off|closed|\d{1,2}:\d{2}\s*-\s*\d{1,2}:\d{2}(?:\s*,\s*\d{1,2}:\d{2}\s*-\s*\d{1,2}:\d{2})*)$"
)

#: A part of a stretch shorter than this is no part: a clock is looked at once a second.
_LEAST = timedelta(minutes=1)

_WHOLE_DAY = 24 * 60


@dataclass(frozen=True, kw_only=True)
class AgreedHours:
    """Spans of a week in minutes of a day, by weekday, Monday first; one over midnight ends above 24 hours."""

    days: tuple[tuple[tuple[int, int], ...], ...]

    def is_outside(self, moment: datetime, zone: tzinfo) -> bool:
        """Return whether a moment lies outside the agreed hours at a place."""
        local = moment.astimezone(zone)
        return not any(begin <= local < end for begin, end in self._around(local.date(), zone))

    def _around(self, day: date, zone: tzinfo) -> Iterator[tuple[datetime, datetime]]:
        """Yield the spans that may hold a day: its own, and the one before that goes over midnight."""
        for held in (day - timedelta(days=1), day):
            for begin, end in self.days[held.weekday()]:
                yield _at(held, begin, zone), _at(held, end, zone)

    def parts(
        self, begin: datetime, end: datetime, zone: tzinfo
    ) -> tuple[tuple[datetime, datetime, bool], ...]:
        """Return a stretch cut where agreed hours begin or end: (from, until, whether it lies outside).

        What would be shorter than a minute stays with the part beside it.
        """
        first, last = begin.astimezone(zone).date(), end.astimezone(zone).date()
        edges: set[datetime] = set()
        for n in range((last - first).days + 1):
            for span in self._around(first + timedelta(days=n), zone):
                edges |= {at.astimezone(UTC) for at in span if begin + _LEAST <= at <= end - _LEAST}
        cuts = [begin, *sorted(edges), end]
        found: list[tuple[datetime, datetime, bool]] = []
        for start, stop in itertools.pairwise(cuts):
            is_out = self.is_outside(start + (stop - start) / 2, zone)
            if found and found[-1][2] is is_out:
                found[-1] = (found[-1][0], stop, is_out)
            else:
                found.append((start, stop, is_out))
        return tuple(found)


def _at(day: date, minutes: int, zone: tzinfo) -> datetime:
    on = day + timedelta(days=minutes // _WHOLE_DAY)
    return datetime.combine(on, time(minutes % _WHOLE_DAY // 60, minutes % 60), zone)


@functools.lru_cache(maxsize=64)
def agreed_hours(words: str) -> AgreedHours | None:
    """Return the hours a contract's words agree on; None for none, or words that cannot be read."""
    plain = " ".join(words.replace("–", "-").split()).casefold()
    if plain == "24/7":
        return AgreedHours(days=(((0, _WHOLE_DAY),),) * 7)
    days: list[tuple[tuple[int, int], ...]] = [()] * 7
    for rule in filter(None, (part.strip() for part in plain.split(";"))):
        if rule in ("ph off", "ph closed"):
            continue  # outside on holidays: said by hand
        found = _RULE.match(rule)
        spans = _spans(found["spans"]) if found else None
        if found is None or spans is None:
            return None
        for day in _days(found["days"] or "mo-su"):
            if days[day] and spans and not _meet(days[day], spans):
                return (
                    None  # "Mo-Fr 08:00-12:00; Mo-Fr 13:00-17:00": most mean both, OpenStreetMap the second
                )
            days[day] = spans
    return AgreedHours(days=tuple(days)) if any(days) else None


def _meet(one: tuple[tuple[int, int], ...], other: tuple[tuple[int, int], ...]) -> bool:
    return any(begin < until and start < end for begin, end in one for start, until in other)


def _days(words: str) -> Iterator[int]:
    for part in words.replace(" ", "").split(","):
        first, _dash, last = part.partition("-")
        if first not in _DAYS:
            continue  # public holidays
        begin = _DAYS.index(first)
        end = _DAYS.index(last) if last else begin
        for n in range((end - begin) % 7 + 1):
            yield (begin + n) % 7


def _spans(words: str) -> tuple[tuple[int, int], ...] | None:
    """Return spans in minutes of the day; None where a time is none."""
    if words in ("off", "closed"):
        return ()
    found = []
    for part in words.replace(" ", "").split(","):
        begin, end = (_minutes(text) for text in part.split("-"))
        if begin is None or end is None or begin >= _WHOLE_DAY:
            return None
        found.append((begin, end if end > begin else end + _WHOLE_DAY))
    return tuple(found)


def _minutes(text: str) -> int | None:
    hours, minutes = (int(part) for part in text.split(":"))
    return hours * 60 + minutes if hours * 60 + minutes <= _WHOLE_DAY and minutes < 60 else None
