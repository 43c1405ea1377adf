"""Moments as pages tell them: near times in words, others by date and clock, in the right zone."""

from __future__ import annotations

from datetime import datetime, timezone, tzinfo
from zoneinfo import ZoneInfo

from techkit import i18n
from techkit.i18n import _, ngettext
from techkit.records.bundle import VisitBundle
from techkit.records.visit import offset


def ago(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Return when something was, near times in words: a clock time today, days, then a date."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    days = (today - local.date()).days
    if days == 0:
        return _("today {time}", time=i18n.clock(local))
    if days == 1:
        return _("yesterday {time}", time=i18n.clock(local))
    if 1 < days <= 14:
        return ngettext("1 day ago", "{n} days ago", days)
    return i18n.day(local.date(), style="medium")


def moment(at: datetime, zone: tzinfo) -> str:
    """Return day and clock time."""
    local = at.astimezone(zone)
    return f"{i18n.day(local.date(), style='medium')}, {i18n.clock(local)}"


def zone_of(bundle: VisitBundle, office: ZoneInfo) -> tzinfo:
    """Return the zone the visit was recorded in, by name or by its offset; the office's without either."""
    visit = bundle.visit
    try:
        if visit.time_zone:
            return ZoneInfo(visit.time_zone)
    except (KeyError, ValueError, OSError):  # OSError: a name no file system takes
        pass
    if visit.utc_offset_minutes:
        return timezone(offset(visit.utc_offset_minutes))
    return office
