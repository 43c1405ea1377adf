"""A visit's labour clock in the store: found again after a crash, ended by another visit, written as time worked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta

from techkit.i18n import _
from techkit.records.identity import new_id
from techkit.records.schema import Record
from techkit.records.visit import LabourKind, LabourSegment, Visit, WorkState
from techkit.records.work_states import SEALED, Facts, step
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
    changed: list[Record] = [*segments(around, other.id, ended)] if ended.counted_s >= 1 else []
    if runs:
        changed.append(step(other, WorkState.PAUSED, Facts(), reason=_("Another visit began.")))
    store.save(*changed, actor=around.technician)


def went_on_elsewhere(kept: RunningClock, labour: Iterable[LabourSegment]) -> bool:
    """Return whether time was written down, on another device, that lies after the last look of a clock kept here."""
    return any(s.ended_at is not None and s.ended_at - kept.seen_at > _LOOKED for s in labour)


def segments(around: Surroundings, visit_id: str, ended: RunningClock) -> list[LabourSegment]:
    """Return the stretch that ended: the technician's, and one like it for each helper."""
    offset = ended.started_at.astimezone(around.clock.zone()).utcoffset()
    return [
        LabourSegment(
            id=new_id(),
            visit_id=visit_id,
            technician=name,
            kind=LabourKind(ended.kind),
            started_at=ended.started_at,
            ended_at=ended_at(ended),
            utc_offset_minutes=int(offset.total_seconds() // 60) if offset else 0,
            elapsed_s=round(ended.counted_s),
            is_out_of_hours=ended.is_out_of_hours,
        )
        for name in (around.technician, *ended.helpers)
    ]


def kept(around: Surroundings, visit_id: str) -> RunningClock | None:
    """Return the clock of a visit that was running when it was written down last; in the store lane."""
    written = around.store.setting("visit.clock")
    if len(written) != 2 or written[0] != visit_id:
        return None
    try:
        return from_plain(json.loads(written[1]))
    except ValueError:
        return None
