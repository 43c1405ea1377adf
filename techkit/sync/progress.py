"""How far a sync is, what it did, and how long to wait before the next."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from techkit.errors import SyncError
from techkit.i18n import _, ngettext, quantity
from techkit.store.outbox import Waiting
from techkit.sync.answers import LONGEST_PAUSE_S
from techkit.sync.transport import Response

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
    """How far a sync is: changes sent of those that waited, changes and bytes received."""

    sent_count: int = 0
    waiting_count: int = 0
    received_count: int = 0
    sent_bytes: int = 0
    received_bytes: int = 0
    files_done: int = 0
    files_count: int = 0

    @property
    def share(self) -> float:
        """Return how much is done, from 0 to 1."""
        total = self.sent_count + self.waiting_count + self.files_count
        return (self.sent_count + self.files_done) / total if total else 1.0

    @property
    def sentence(self) -> str:
        """Return the progress as one sentence."""
        volume = quantity((self.sent_bytes + self.received_bytes) / 1000, "kB")
        if self.files_count and not self.waiting_count:
            return _(
                "Sending file {done} of {count}, {volume} so far.",
                done=min(self.files_done + 1, self.files_count),
                count=self.files_count,
                volume=volume,
            )
        return _(
            "{sent} of {count} changes sent, {received} received, {volume} so far.",
            sent=self.sent_count,
            count=self.sent_count + self.waiting_count,
            received=self.received_count,
            volume=volume,
        )


@dataclass(frozen=True)
class SyncResult:
    """What a sync did. waiting_count: what still waits, 0 after a whole one.

    notices: sentences about fields the service left out of what it took.
    """

    sent_count: int = 0
    received_count: int = 0
    refused_count: int = 0
    conflict_count: int = 0
    waiting_count: int = 0
    files_sent: int = 0
    notices: tuple[str, ...] = ()
    requests: int = 0
    sent_bytes: int = 0
    received_bytes: int = 0
    clock_offset_ms: int = 0

    @property
    def sentence(self) -> str:
        """Return the result as one sentence."""
        sent = ngettext("{n} change sent", "{n} changes sent", self.sent_count)
        received = ngettext("{n} received", "{n} received", self.received_count)
        return _("{sent}, {received}.", sent=sent, received=received)


Told = Callable[[Progress], None]


@dataclass
class Run:
    """One sync under way.

    is_removal_agreed: somebody agreed to many removals. opening: the connection being made. ahead: a round
    sent before the answer ahead of it was taken; ahead_piece: what it carries.
    """

    told: Told
    stop: threading.Event
    is_removal_agreed: bool = False
    is_package: bool = False
    waiting: int = 0
    sent: int = 0
    received: int = 0
    refused: int = 0
    files_done: int = 0
    files_count: int = 0
    piece_bytes: int = 0
    sent_at_ms: int = 0
    token: str = ""
    opening: Future[None] | None = None
    ahead: Future[Response] | None = None
    ahead_piece: list[Waiting] = field(default_factory=list)
    offers: int = 0
    notices: list[str] = field(default_factory=list)
    resets: set[str] = field(default_factory=set)
    wants_cursors: bool = False
