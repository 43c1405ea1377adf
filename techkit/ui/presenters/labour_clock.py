"""The labour clock of an open visit: started, stopped, split, kept through a crash, and what time it is for the visit.

What the clock is stands in clock.py, how it lies in the store in kept_clock.py.
"""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from techkit.records.agreements import hours_of
from techkit.records.bundle import VisitBundle
from techkit.records.schema import Record
from techkit.records.visit import LabourSegment, WorkState
from techkit.ui.presenters import kept_clock
from techkit.ui.presenters.clock import DRIFT_S, RunningClock, ended_at, start_clock

if TYPE_CHECKING:
    from techkit.ui.presenters.open_visit import OpenVisit

#: How often a running clock is written down, seconds; so much time is at stake in a crash.
CLOCK_WRITTEN_S = 20.0

#: A wall clock that is behind by more than this was wrong when it wrote, not now: a clock of 2099 set right.
_SET_BACK = timedelta(days=2)


class LabourClock:
    """The labour clock of one open visit.

    running: None while nothing is counted. uncounted_s: what a clock here had counted when the page was signed on another
    device, seconds.
    """

    def __init__(self, held: OpenVisit) -> None:
        self._held = held
        self.running: RunningClock | None = None
        self.uncounted_s = 0.0
        self._written_steady = 0.0
        #: A moment of the labour clock, and the steady clock at it.
        self._sure_at: tuple[datetime, float] | None = None

    def take(self, kept: RunningClock | None) -> None:
        """Go on with the clock that runs here; where the visit went on at another device, it ended at its last look.

        What it had counted is written down, unless the page was signed there: then it is only told.
        """
        clock = self.running or kept
        if clock is None:
            return
        is_at_work = self._held.visit.work_state is WorkState.ON_SITE
        if is_at_work and (
            self.running is not None or not kept_clock.went_on_elsewhere(clock, self._held.bundle.labour)
        ):
            self.running = clock.look(self._held.around.clock, self._held.around.process)
            return
        self.running = None
        self._keep()
        if self._held.is_sealed:
            self.uncounted_s = clock.counted_s
        elif clock.counted_s >= 1:
            self._held.save(*kept_clock.segments(self._held.around, self._held.bundle, clock))

    @property
    def by_now(self) -> VisitBundle:
        """Return the visit as it would stand if the work ended now: the time that runs is part of it."""
        if self.running is None:
            return self._held.bundle
        ended = self.running.look(self._held.around.clock, self._held.around.process)
        if ended.counted_s < 1:
            return self._held.bundle
        running = kept_clock.segments(self._held.around, self._held.bundle, ended)
        return dataclasses.replace(self._held.bundle, labour=(*self._held.bundle.labour, *running))

    def start(
        self,
        kind: str = "work",
        helpers: tuple[str, ...] = (),
        *,
        is_out_of_hours: bool = False,
        is_said: bool = False,
    ) -> None:
        """Start counting, for helpers along; a clock that runs already goes on.

        Without somebody's word (is_said) the hours the contract agrees on say whether it lies outside them.
        """
        if self.running is None:
            begun = start_clock(
                self._held.around.clock, self._held.around.process, kind, helpers,
                is_out_of_hours=is_out_of_hours, is_said=is_said,
            )  # fmt: skip
            self.running = self._by_agreed_hours(begun)
            around, visit_id = self._held.around, self._held.visit_id
            around.lanes.store(lambda: kept_clock.pause_another(around, visit_id), None, self._held.cannot)
            self._keep()

    def _by_agreed_hours(self, clock: RunningClock) -> RunningClock:
        hours = None if clock.is_said else hours_of(self._held.bundle)
        if hours is None:
            return clock
        return dataclasses.replace(clock, is_out_of_hours=hours.is_outside(ended_at(clock), self._held.zone))

    def stop(self, *also: Record) -> None:
        """Stop counting and write the time down as a fact, with what else changes then; under a second is nothing."""
        self._held.save(*also, *self._end())

    def _end(self) -> list[LabourSegment]:
        """Stop counting; return the stretch that ended, one like it for each helper."""
        if self.running is None:
            return []
        ended = self.running.look(self._held.around.clock, self._held.around.process)
        self._sure_at = (ended_at(ended), ended.seen_steady)
        self.running = None
        self._keep()
        return (
            kept_clock.segments(self._held.around, self._held.bundle, ended) if ended.counted_s >= 1 else []
        )

    def begin_stretch(
        self, helpers: tuple[str, ...], *, is_out_of_hours: bool, is_said: bool = False
    ) -> None:
        """Count on in another way: what was counted so far is written down as it was."""
        if self.running is not None:
            kind, ended = self.running.kind, self._end()
            self.start(kind, helpers, is_out_of_hours=is_out_of_hours, is_said=is_said)
            self._held.save(*ended)
            self._held.changed()

    def look(self) -> None:
        """Count the time since the last look; write it down now and then."""
        if self.running is not None:
            was_outside = self.running.is_out_of_hours
            self.running = self._by_agreed_hours(
                self.running.look(self._held.around.clock, self._held.around.process)
            )
            if self.running.is_out_of_hours is not was_outside:
                self._held.changed()
            if self.running.seen_steady - self._written_steady >= CLOCK_WRITTEN_S:
                self._keep()

    def now(self) -> datetime:
        """Return what time it is for this visit: the wall clock's, unless somebody set it meanwhile.

        The labour clock, and what passed since it stopped, know better than a wall clock that jumped; without
        them no moment lies before what was noted already.
        """
        now, steady = self._held.around.clock.now(), self._held.around.clock.steady()
        if self.running is not None:
            self._sure_at = (
                ended_at(self.running.look(self._held.around.clock, self._held.around.process)),
                steady,
            )
        if self._sure_at is not None:
            counted = self._sure_at[0] + timedelta(seconds=steady - self._sure_at[1])
            return now if abs((now - counted).total_seconds()) <= DRIFT_S else counted
        visit = self._held.visit
        noted = [visit.arrived_at, visit.left_at, *(s.ended_at for s in self._held.bundle.current_labour())]
        return max([now, *(moment for moment in noted if moment is not None and moment - now < _SET_BACK)])

    @property
    def worked_s(self) -> float:
        """Return the seconds of work so far, running clock included."""
        done = sum(
            s.elapsed_s or ((s.ended_at - s.started_at).total_seconds() if s.ended_at and s.started_at else 0)
            for s in self._held.bundle.current_labour()
            if s.kind.value == "work" and s.technician not in self._held.visit.helpers
        )
        return done + (self.running.counted_s if self.running else 0.0)

    def _keep(self) -> None:
        plain = self.running.as_plain() if self.running else None
        if self.running:
            self._written_steady = self.running.seen_steady
        kept = (self._held.visit_id, json.dumps(plain)) if plain else ()
        store = self._held.around.store
        self._held.around.lanes.store(lambda: store.set_setting("visit.clock", kept), None, self._held.cannot)
