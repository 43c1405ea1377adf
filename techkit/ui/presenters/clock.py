"""What time it is, and how long work took, also across sleep, restarts and clocks that are set.

`now` may be wrong or jump; `steady` never runs backwards and goes on while the computer sleeps.
Lengths of time come from `steady` wherever both readings come from one start of the computer.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Protocol

from techkit.records.encoding import instant_text

#: How far wall clock and steady clock may drift apart before one of them must have jumped, seconds.
#: Source: quartz clocks drift by less than 200 ppm, i.e. 6 s in 8 h; 60 s leaves room for slow disks.
DRIFT_S = 60.0


class Clock(Protocol):
    """The clocks of a computer."""

    def now(self) -> datetime:
        """Return the wall clock's instant, aware (UTC)."""
        ...

    def steady(self) -> float:
        """Return seconds of a clock that cannot be set, counting sleep; its zero is arbitrary."""
        ...

    def zone(self) -> tzinfo:
        """Return the time zone of the place."""
        ...


class SystemClock:
    """The clocks of this computer."""

    def now(self) -> datetime:
        """Return the wall clock's instant."""
        return datetime.now(UTC)

    def steady(self) -> float:
        """Return seconds since the computer was started, sleep included where the system tells."""
        boot = getattr(time, "CLOCK_BOOTTIME", None)  # Linux; Windows and macOS count sleep themselves
        return time.clock_gettime(boot) if boot is not None else time.monotonic()

    def zone(self) -> tzinfo:
        """Return the computer's own zone."""
        local = datetime.now().astimezone().tzinfo
        return local if local is not None else UTC


@dataclass(frozen=True, kw_only=True)
class RunningClock:
    """A labour clock that runs: kept in the store at each look, so that a crash loses seconds only.

    counted_s: seconds counted up to the last look. seen_at, seen_steady: both clocks at that look.
    process: names the run of the program that looked, in which `steady` is beyond doubt.
    helpers: whose time is counted along; is_out_of_hours: outside the agreed hours, is_said: by somebody's word.
    """

    kind: str
    started_at: datetime
    counted_s: float
    seen_at: datetime
    seen_steady: float
    process: str
    helpers: tuple[str, ...] = ()
    is_out_of_hours: bool = False
    is_said: bool = False

    def look(self, clock: Clock, process: str) -> RunningClock:
        """Return the clock with the time since the last look counted in; never less than before."""
        now, steady = clock.now(), clock.steady()
        return replace(
            self,
            counted_s=self.counted_s + self._passed(now, steady, process),
            seen_at=now,
            seen_steady=steady,
            process=process,
        )

    def _passed(self, now: datetime, steady: float, process: str) -> float:
        by_steady = steady - self.seen_steady
        by_wall = (now - self.seen_at).total_seconds()
        if process == self.process:
            return max(0.0, by_steady)
        if by_steady < 0:  # started again since the last look, or another computer
            return max(0.0, by_wall)
        if abs(by_wall - by_steady) <= DRIFT_S or by_wall < by_steady:
            return by_steady
        # The wall clock says longer: a restart if more has passed than since the start, else it was set.
        return by_wall if by_wall > steady else by_steady

    def as_plain(self) -> dict[str, Any]:
        """Return the clock as the store's settings keep it."""
        return {
            "kind": self.kind,
            "started_at": instant_text(self.started_at),
            "counted_s": self.counted_s,
            "seen_at": instant_text(self.seen_at),
            "seen_steady": self.seen_steady,
            "process": self.process,
            "helpers": list(self.helpers),
            "is_out_of_hours": self.is_out_of_hours,
            "is_said": self.is_said,
        }


def start_clock(
    clock: Clock,
    process: str,
    kind: str = "work",
    helpers: tuple[str, ...] = (),
    *,
    is_out_of_hours: bool = False,
    is_said: bool = False,
) -> RunningClock:
    """Return a labour clock that starts now."""
    now = clock.now()
    return RunningClock(
        kind=kind,
        started_at=now,
        counted_s=0.0,
        seen_at=now,
        seen_steady=clock.steady(),
        process=process,
        helpers=helpers,
        is_out_of_hours=is_out_of_hours,
        is_said=is_said,
    )


def from_plain(kept: Any) -> RunningClock | None:
    """Return the clock the settings kept; None for nothing or what is no clock."""
    if not isinstance(kept, dict):
        return None
    try:
        return RunningClock(
            kind=str(kept["kind"]),
            started_at=datetime.fromisoformat(kept["started_at"]),
            counted_s=float(kept["counted_s"]),
            seen_at=datetime.fromisoformat(kept["seen_at"]),
            seen_steady=float(kept["seen_steady"]),
            process=str(kept["process"]),
            helpers=tuple(str(name) for name in kept.get("helpers", ())),
            is_out_of_hours=bool(kept.get("is_out_of_hours", False)),
            is_said=bool(kept.get("is_said", kept.get("is_out_of_hours", False))),
        )
    except (KeyError, TypeError, ValueError):
        return None


def ended_at(running: RunningClock) -> datetime:
    """Return when the counted time ends, from its start: never before it, whatever the clock says."""
    return running.started_at + timedelta(seconds=round(running.counted_s))
