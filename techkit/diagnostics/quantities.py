"""Amounts as the sentences of the checks write them."""

from __future__ import annotations

from techkit import i18n
from techkit.i18n import _, ngettext


def size(count: float) -> str:
    """Return bytes of a disk, decimal as disks are sold: 2_100_000_000 -> "2.1 GB"."""
    if count >= 999.95e9:
        return i18n.quantity(count / 1e12, "TB", 1)
    return i18n.byte_text(count)


def memory(count: float) -> str:
    """Return bytes of memory, binary as memory is sold: 8 * 2**30 -> "8 GB"."""
    gigabytes = count / 2**30
    if gigabytes < 1:
        return i18n.quantity(count / 2**20, "MB")
    return i18n.quantity(gigabytes, "GB", 0 if abs(gigabytes - round(gigabytes)) < 0.05 else 1)


def share(percent: float, digits: int = 1) -> str:
    """Return a percentage: 25.8 -> "25.8 %"."""
    return i18n.percent(percent / 100, digits)


def degrees(celsius: float) -> str:
    """Return a temperature: 45.0 -> "45 °C"."""
    return i18n.quantity(celsius, "°C")


def days(count: float) -> str:
    """Return a number of days in words, at least "1 day" once something has begun."""
    whole = max(0, round(count))
    return ngettext("{n} day", "{n} days", whole)


def age(days_count: float) -> str:
    """Return an age as people tell it: days below two months, months below two years, else whole years."""
    if days_count < 61:
        return days(days_count)
    months = int(days_count / 30.44 + 1e-9)
    if months < 24:
        return ngettext("{n} month", "{n} months", months)
    return ngettext("{n} year", "{n} years", int(days_count / 365.25 + 0.01))


def ago(days_count: float) -> str:
    """Return how long ago something was: "today", "yesterday", "12 days ago"."""
    whole = max(0, round(days_count))
    if whole == 0:
        return _("today")
    return _("yesterday") if whole == 1 else ngettext("{n} day ago", "{n} days ago", whole)


def duration(seconds: float) -> str:
    """Return a span of time: minutes below two hours, hours below two days, else days."""
    if seconds < 7200:
        return ngettext("{n} minute", "{n} minutes", max(1, round(seconds / 60)))
    if seconds < 172800:
        return ngettext("{n} hour", "{n} hours", round(seconds / 3600))
    return days(seconds / 86400)


def listed(names: list[str], most: int = 4) -> str:
    """Return names as a list a person reads, the first few of many."""
    shown = ", ".join(names[:most])
    rest = len(names) - most
    return shown if rest <= 0 else ngettext("{names} and {n} more", "{names} and {n} more", rest, names=shown)
