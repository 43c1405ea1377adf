"""A visit begun on one device and gone on with on another: whose clock runs, and what it counted elsewhere.

A labour clock is kept on the device that started it, never sent. Where that device is not at hand any more, the visit
says so here instead of counting nothing unsaid; where it comes back, it adds nothing to a page that was signed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from techkit import i18n
from techkit.i18n import _
from techkit.records.assets import LabourKind
from techkit.records.identity import new_id
from techkit.records.visit import LabourSegment, WorkState
from techkit.ui.presenters.choices import Notice
from techkit.ui.presenters.open_visit import OpenVisit
from techkit.ui.presenters.times import MOST_MINUTES

#: Less than this is not worth a question.
_LEAST = timedelta(minutes=1)


def is_clock_missing(held: OpenVisit) -> bool:
    """Return whether somebody is at work by the record and no clock counts it on this device."""
    return held.is_loaded and held.visit.work_state is WorkState.ON_SITE and held.labour.running is None


def notice(held: OpenVisit) -> Notice | None:
    """Return what is said where no clock runs here, or where a clock counted what cannot be added any more."""
    if held.labour.uncounted_s >= _LEAST.total_seconds():
        return Notice(
            kind="info",
            title=_("This visit was ended on another device."),
            text=_(
                "The clock here had counted {time} by then. It is not added to what the customer was shown.",
                time=i18n.minutes(round(held.labour.uncounted_s / 60)),
            ),
            action_label=_("Put away"),
            action="put_away",
        )
    if not is_clock_missing(held):
        return None
    since = _uncounted_since(held)
    if since is None:
        return Notice(
            kind="watch",
            title=_("No clock runs for this visit on this device."),
            text=_("It was begun on another device. What was counted there comes with its next sync."),
            action_label=_("Go on with the clock"),
            action="clock_on",
        )
    length = i18n.minutes(_minutes(since, held.labour.now()))
    return Notice(
        kind="watch",
        title=_("No clock runs for this visit on this device."),
        text=_(
            "It was begun on another device. Since {time} nothing is counted here.",
            time=i18n.clock(since, held.zone),
        ),
        action_label=_("Add {time} and go on", time=length),
        action="clock_add",
        other_label=_("Go on with the clock"),
        other_action="clock_on",
    )


def go_on(held: OpenVisit, *, adds: bool) -> None:
    """Start a clock here; adds: with the work since the last time that is known of, as a stretch of its own."""
    if not is_clock_missing(held):
        return
    since, now = _uncounted_since(held), held.labour.now()
    if adds and since is not None:
        held.save(
            LabourSegment(
                id=new_id(),
                visit_id=held.visit_id,
                technician=held.visit.technician or held.around.technician,
                kind=LabourKind.WORK,
                started_at=since,
                ended_at=now,
                utc_offset_minutes=held.visit.utc_offset_minutes,
                elapsed_s=round((now - since).total_seconds()),
            )
        )
    held.labour.start(helpers=held.visit.helpers)
    held.changed()


def _uncounted_since(held: OpenVisit) -> datetime | None:
    """Return since when nothing is known of; None for under a minute, and for longer than one stretch may be."""
    visit, now = held.visit, held.labour.now()
    ends = [s.ended_at for s in held.bundle.current_labour() if s.ended_at is not None]
    since = max(ends, default=visit.arrived_at)
    if since is None or not _LEAST <= now - since <= timedelta(minutes=MOST_MINUTES):
        return None
    return since


def _minutes(since: datetime, now: datetime) -> int:
    return round((now - since).total_seconds() / 60)
