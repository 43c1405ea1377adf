"""A visit's labour clock in the store: found again after a crash, ended by another visit, written as time worked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo

from techkit.i18n import _
from techkit.records.agreements import hours_of
from techkit.records.assets import LabourKind
from techkit.records.bundle import VisitBundle
from techkit.records.identity import new_id
from techkit.records.schema import Record
from techkit.records.visit import LabourSegment, Visit, WorkState
from techkit.records.work_states import SEALED, Facts, step
from techkit.summary import document as summary
from techkit.ui.presenters.clock import RunningClock, ended_at, from_plain
from techkit.ui.presenters.surroundings import Surroundings

#: A clock is looked at each second; what was written so much later was written elsewhere.
_LOOKED = timedelta(minutes=1)


def pause_another(around: Surroundings, visit_id: str) -> None:
    """Pause a visit whose clock still runs when another one begins; in the store lane.

    Nobody works at two places at once: its time so far is written down, and it says so when it is opened again.
    """
    store, written = around.store, around.store.setting("visit.clock")
    if len(written) != 2 or written[0] == visit_id:
        return
    other, running = store.get(Visit, written[0]), kept(around, written[0])
    if other is None or running is None or other.work_state in SEALED:
        return  # signed elsewhere meanwhile: nothing is added to what the customer was shown
    labour = store.find(LabourSegment, visit_id=other.id)
    runs = other.work_state is WorkState.ON_SITE and not went_on_elsewhere(running, labour)
    ended = running.look(around.clock, around.process) if runs else running
    bundle = store.bundle(other.id)
    changed: list[Record] = [*segments(around, bundle, ended)] if ended.counted_s >= 1 else []
    if runs:
        changed.append(step(other, WorkState.PAUSED, Facts(), reason=_("Another visit began.")))
    store.save(*changed, actor=around.technician)


def went_on_elsewhere(kept: RunningClock, labour: Iterable[LabourSegment]) -> bool:
    """Return whether time was written down, on another device, that lies after the last look of a clock kept here."""
    return any(s.ended_at is not None and s.ended_at - kept.seen_at > _LOOKED for s in labour)


def segments(around: Surroundings, bundle: VisitBundle, ended: RunningClock) -> list[LabourSegment]:
    """Return the stretch that ended: the technician's, and one like it for each helper.

    It is cut where the contract's agreed hours begin or end, unless somebody said what holds for it.
    """
    zone = summary.zone_of(bundle) if bundle.visit.arrived_at else around.clock.zone()
    begun, done = ended.started_at, ended_at(ended)
    hours = None if ended.is_said else hours_of(bundle)
    parts = hours.parts(begun, done, zone) if hours else ((begun, done, ended.is_out_of_hours),)
    return [
        LabourSegment(
            id=new_id(),
            visit_id=bundle.visit.id,
            technician=name,
            kind=LabourKind(ended.kind),
            started_at=start,
            ended_at=stop,
            utc_offset_minutes=_offset_minutes(start, around.clock.zone()),
            elapsed_s=round((stop - start).total_seconds()),
            is_out_of_hours=is_outside,
        )
        for start, stop, is_outside in parts
        for name in (around.technician, *ended.helpers)
    ]


def _offset_minutes(moment: datetime, zone: tzinfo) -> int:
    offset = moment.astimezone(zone).utcoffset()
    return int(offset.total_seconds() // 60) if offset else 0


def kept(around: Surroundings, visit_id: str) -> RunningClock | None:
    """Return the clock of a visit that was running when it was written down last; in the store lane."""
    written = around.store.setting("visit.clock")
    if len(written) != 2 or written[0] != visit_id:
        return None
    try:
        return from_plain(json.loads(written[1]))
    except ValueError:
        return None
