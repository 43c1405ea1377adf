"""How far a sync is, what it did, and how long to wait before the next."""

from __future__ import annotations

import math
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from techkit.errors import SyncError
from techkit.i18n import _, ngettext, number, quantity
from techkit.store.outbox import Waiting
from techkit.sync.answers import LONGEST_PAUSE_S, Arrived

#: A change takes so much of the network as a file of its size.
_PACKED = 0.38
#: How long a pace is remembered, and how long it takes to know one, in seconds.
_SMOOTH_S = 8.0
_LEAST_S = 1.0
#: Below, nobody wants to count seconds.
_FEW_S = 8.0

#: The first pause after a failure and the longest, in seconds; it doubles with each failure in a row.
_FIRST_PAUSE_S = 15.0


def pause_s(failures: int, error: SyncError, chance: Callable[[], float] = random.random) -> float:
    """Return how long to wait before trying again after so many failures in a row, in seconds.

    From 15 s up to 15 min, a quarter more or less by chance, so that a hundred devices do not come back
    at the same moment; never sooner than the service asked for.
    """
    pause = min(_FIRST_PAUSE_S * 2.0 ** min(max(failures, 1) - 1, 10), float(LONGEST_PAUSE_S))
    asked = error.context.get("pause_s", 0)
    least = float(asked) if isinstance(asked, (int, float)) else 0.0
    return max(pause * (0.75 + chance() / 2), least)


@dataclass(frozen=True)
class Progress:
    """How far a sync is: changes sent of those that waited, changes and bytes received.

    done_bytes of total_bytes: of changes and files to be sent, before compression. sent_bytes and
    received_bytes: what went through the network. left_s: how long it still takes, None where that cannot
    be told yet.
    """

    sent_count: int = 0
    waiting_count: int = 0
    received_count: int = 0
    sent_bytes: int = 0
    received_bytes: int = 0
    files_done: int = 0
    files_count: int = 0
    done_bytes: int = 0
    total_bytes: int = 0
    left_s: float | None = None

    @property
    def share(self) -> float:
        """Return how much is done, from 0 to 1."""
        if self.total_bytes:
            return min(1.0, self.done_bytes / self.total_bytes)
        total = self.sent_count + self.waiting_count + self.files_count
        return (self.sent_count + self.files_done) / total if total else 0.0

    @property
    def volume(self) -> str:
        """Return how much of how much is sent, e.g. "1.8 of 3.1 MB"; "" where nothing is to be sent."""
        if not self.total_bytes:
            return ""
        unit, size = ("MB", 1_000_000) if self.total_bytes >= 1_000_000 else ("kB", 1000)
        total = quantity(max(0.1, self.total_bytes / size), unit, 1)
        return _("{done} of {total}", done=number(self.done_bytes / size, 1), total=total)

    @property
    def left(self) -> str:
        """Return how long it still takes, e.g. "about 20 s left"; "" where that cannot be told yet."""
        if self.left_s is None:
            return ""
        if self.left_s < _FEW_S:
            return _("a few seconds left")
        if self.left_s < 55:
            return _("about {n} s left", n=5 * round(self.left_s / 5))
        minutes = max(1, round(self.left_s / 60))
        if minutes < 60:
            return _("about {n} min left", n=minutes)
        return ngettext("about {n} hour left", "about {n} hours left", round(minutes / 60))

    @property
    def step(self) -> str:
        """Return what is done of what, e.g. "4 of 7 changes sent, 2 received"."""
        if self.files_count and not self.waiting_count:
            place = min(self.files_done + 1, self.files_count)
            return _("Sending file {done} of {count}", done=place, count=self.files_count)
        return _(
            "{sent} of {count} changes sent, {received} received",
            sent=self.sent_count,
            count=self.sent_count + self.waiting_count,
            received=self.received_count,
        )

    @property
    def sentence(self) -> str:
        """Return the whole progress in one line."""
        return " · ".join(part for part in (self.step, self.volume, self.left) if part)


class Pace:
    """How fast a sync is, smoothed, and how long the rest takes at that pace.

    Changes count less than files, because they are packed: so many bytes of one take as long as so many
    of the other. now_s: a clock that only goes forward.
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._began_s = self._told_s = now_s()
        self._done = 0.0
        self._rate: float | None = None

    def left_s(self, *, changes: tuple[int, int], files: tuple[int, int]) -> float | None:
        """Return how long it still takes, None while nobody can know. Each: (bytes done, bytes left)."""
        now = self._now_s()
        done = changes[0] * _PACKED + files[0]
        left = changes[1] * _PACKED + files[1]
        span = now - self._told_s
        if done > self._done and span > 0:
            rate = (done - self._done) / span
            # What happened in the last ten seconds or so counts; a single slow piece does not.
            weight = 1.0 if self._rate is None else 1 - math.exp(-span / _SMOOTH_S)
            self._rate = rate if self._rate is None else self._rate + weight * (rate - self._rate)
            self._done, self._told_s = done, now
        if self._rate is None or now - self._began_s < _LEAST_S or not left:
            return None
        # While nothing gets through, the pace is what it is by now and not what it was.
        slowed = self._rate if span < _SMOOTH_S else min(self._rate, self._rate * _SMOOTH_S / span)
        return left / slowed


@dataclass(frozen=True)
class SyncResult:
    """What a sync did. waiting_count: what still waits, 0 after a whole one.

    notices: sentences about fields the service left out of what it took. left_count: visits that left this
    stick, because the office has them. received_kinds: how many records others wrote, by kind, most first.
    """

    sent_count: int = 0
    received_count: int = 0
    refused_count: int = 0
    conflict_count: int = 0
    waiting_count: int = 0
    files_sent: int = 0
    left_count: int = 0
    notices: tuple[str, ...] = ()
    requests: int = 0
    sent_bytes: int = 0
    received_bytes: int = 0
    clock_offset_ms: int = 0
    received_kinds: tuple[tuple[str, int], ...] = ()

    @property
    def sentence(self) -> str:
        """Return the result as one sentence."""
        told = (
            ngettext("{n} change sent", "{n} changes sent", self.sent_count) if self.sent_count else "",
            ngettext("{n} file sent", "{n} files sent", self.files_sent) if self.files_sent else "",
            ngettext("{n} received", "{n} received", self.received_count) if self.received_count else "",
            ngettext("{n} not taken", "{n} not taken", self.refused_count) if self.refused_count else "",
        )
        parts = [part for part in told if part]
        return _("{parts}.", parts=", ".join(parts)) if parts else _("Nothing new on either side.")


Told = Callable[[Progress], None]


@dataclass
class Run:
    """One sync under way.

    is_removal_agreed: somebody agreed to many removals. opening: the connection being made. ahead: a round
    sent before the answer ahead of it was taken; ahead_piece: what it carries. came and looked_at: how many replies there
    were, on the sender's thread and on ours; asks_on: the sender may ask for what follows one by itself. changes_bytes, files_bytes: the
    most that waited so far. arrived: packed ids of the records others wrote, by kind. begun: the scopes of which something was here before this sync, None until it is known. waiting and waiting_bytes: what waits now, less what a piece's receipts took off.
    """

    told: Told
    stop: threading.Event
    is_removal_agreed: bool = False
    is_package: bool = False
    pace: Pace = field(default_factory=Pace)
    changes_bytes: int = 0
    files_bytes: int = 0
    waiting: int = 0
    waiting_bytes: int = 0
    sent: int = 0
    received: int = 0
    refused: int = 0
    files_done: int = 0
    files_count: int = 0
    sent_at_ms: int = 0
    token: str = ""
    opening: Future[None] | None = None
    ahead: Future[Arrived] | None = None
    ahead_piece: list[Waiting] = field(default_factory=list)
    came: int = 0
    looked_at: int = 0
    asks_on: bool = True
    offers: int = 0
    idle: int = 0
    notices: list[str] = field(default_factory=list)
    resets: set[str] = field(default_factory=set)
    begun: set[str] | None = None
    wants_cursors: bool = False
    arrived: dict[str, set[Any]] = field(default_factory=lambda: defaultdict(set))

    def kinds(self) -> tuple[tuple[str, int], ...]:
        """Return how many records others wrote, by kind, most first."""
        counted = [(kind, len(ids)) for kind, ids in self.arrived.items()]
        return tuple(sorted(counted, key=lambda pair: (-pair[1], pair[0])))
