"""A clock that is off, in words: the same on the device and at the office."""

from __future__ import annotations

from techkit.i18n import _, ngettext

#: A clock that is off by less is not worth a word, in milliseconds.
WORTH_A_WORD_MS = 2 * 60 * 1000

_HOUR_MS = 60 * 60 * 1000
_DAY_MS = 24 * _HOUR_MS
#: 365.2425 days, a year of the Gregorian calendar.
_YEAR_MS = 31_556_952_000


def skew(offset_ms: int) -> str:
    """Return how far a device's clock is ahead of the service's or behind it; "" for a right one.

    In the largest unit of which there are two, e.g. "3 days ahead", "36 years behind".
    """
    if abs(offset_ms) < WORTH_A_WORD_MS:
        return ""
    amount = _amount(abs(offset_ms))
    return _("{amount} ahead", amount=amount) if offset_ms > 0 else _("{amount} behind", amount=amount)


def _amount(span_ms: int) -> str:
    if span_ms >= 2 * _YEAR_MS:
        return ngettext("{n} year", "{n} years", round(span_ms / _YEAR_MS))
    if span_ms >= 2 * _DAY_MS:
        return ngettext("{n} day", "{n} days", round(span_ms / _DAY_MS))
    if span_ms >= 2 * _HOUR_MS:
        return ngettext("{n} hour", "{n} hours", round(span_ms / _HOUR_MS))
    return ngettext("{n} minute", "{n} minutes", round(span_ms / 60_000))
