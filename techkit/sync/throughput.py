"""How much the line to the central service carries, down and up: measured on request, boxed in time and bytes.

Pieces of noise are moved over the one signed connection, each larger than the one before until one takes about a second.
The pieces that were too small to say anything are left out of the figure, and so is the wait each one has before its
first byte. The line is as fast as its slowest part: this computer, its network, the provider, the office.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from techkit.errors import SyncError, UnreachableError
from techkit.i18n import _
from techkit.sync import answers, protocol
from techkit.sync.line import BYTES, PLAIN, Line
from techkit.sync.protocol import ThroughputGrant

#: How long each direction is measured at most, in seconds. Ours: a line has found its pace after two or three.
SECONDS_EACH_WAY = 8.0

#: What the user is told before: a service of ours allows no more. The grant may allow less, never more than this.
MOST_BYTES_EACH_WAY = 48 * 1024 * 1024

#: The first piece; even a line with 64 kbit/s carries it in two seconds.
FIRST_PIECE_BYTES = 16 * 1024

#: A piece that took less says more of the wait than of the line.
TELLING_S = 0.2

#: How long to wait for the next bytes before the line counts as cut; sync itself is more patient.
READ_S = 10.0


@dataclass(frozen=True, kw_only=True)
class Rate:
    """One direction. byte_count: all that was moved. None for a rate where too little was moved to tell."""

    bytes_per_s: float | None
    byte_count: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What was measured, and against whom. delay_ms: the shortest wait for an answer. was_stopped: somebody ended it."""

    down: Rate
    up: Rate
    delay_ms: float
    against: str
    was_stopped: bool = False

    def facts(self) -> dict[str, str | int | float | None]:
        """Return what becomes a reading, by the last part of its id (active.throughput.…)."""
        return {
            "down_bytes_per_s": self.down.bytes_per_s and round(self.down.bytes_per_s),
            "up_bytes_per_s": self.up.bytes_per_s and round(self.up.bytes_per_s),
            "down_bytes": self.down.byte_count,
            "up_bytes": self.up.byte_count,
            "seconds": round(self.down.seconds + self.up.seconds, 2),
            "delay_ms": self.delay_ms,
            "against": self.against,
        }


#: Called after each piece, on the measuring thread: the share done from 0 to 1, "down" or "up", bytes per second so far.
Told = Callable[[float, str, float], None]


def measure(line: Line, told: Told, stop: threading.Event) -> Measured:
    """Measure down, then up. Raises: SyncError and its family, in words for people."""
    if not line.is_enrolled:
        raise SyncError(
            _("The line is measured against your office’s service, and this device is enrolled with none."),
            safe=_("Nothing was sent."),
            advice=_("Ask the office for a code, then enrol; loss and delay are measured without it."),
        )
    try:
        return _measured(line, told, stop)
    except UnreachableError as error:
        raise UnreachableError(
            _("The line could not be measured: the central service does not answer."),
            safe=_("Nothing here was changed."),
            advice=_("Look whether this computer reaches the internet at all, then measure again."),
        ) from error


def _measured(line: Line, told: Told, stop: threading.Event) -> Measured:
    connection = line.begin()
    connection.close()
    before, connection.read_s = connection.read_s, READ_S
    try:
        connection.open()
        grant = _granted(line)
        try:
            delay_s = _delay(line, grant)
            down = _direction(line, grant, "down", delay_s, told, stop)
            up = _direction(line, grant, "up", delay_s, told, stop)
        finally:
            with contextlib.suppress(SyncError):
                line.post_told(f"{protocol.THROUGHPUT_PATH}/{grant.ticket}", b"", PLAIN, "DELETE")
    finally:
        connection.close()
        connection.read_s = before
        line.connection().close()  # another one, where the client was closed meanwhile
    return Measured(
        down=down,
        up=up,
        delay_ms=round(1000 * delay_s, 2),
        against=urlsplit(line.meta("url")).hostname or "",
        was_stopped=stop.is_set(),
    )


def _granted(line: Line) -> ThroughputGrant:
    found = answers.message(line.post_told(protocol.THROUGHPUT_PATH, b"", PLAIN), ThroughputGrant)
    is_sound = 0 < found.piece_bytes <= MOST_BYTES_EACH_WAY and found.lasts_s > 0 and found.ticket.isascii()
    if not is_sound or not all(sign.isalnum() or sign in "-_" for sign in found.ticket):
        raise answers.odd("not a grant")
    return found


def _move(line: Line, grant: ThroughputGrant, way: str, count: int) -> float:
    """Move one piece; return how long it took in seconds."""
    path = f"{protocol.THROUGHPUT_PATH}/{grant.ticket}/{way}/{count}"
    body = os.urandom(count) if way == "up" else b""
    began = time.monotonic()
    found = line.post_told(path, body, BYTES)
    seconds = time.monotonic() - began
    if way == "down" and len(found.body) != count:
        raise answers.odd("another size")
    return seconds


def _delay(line: Line, grant: ThroughputGrant) -> float:
    """Return the shortest of three waits for one byte: the way there and back, and the service's own work."""
    return min(_move(line, grant, "down", 1) for _turn in range(3))


def _direction(
    line: Line, grant: ThroughputGrant, way: str, delay_s: float, told: Told, stop: threading.Event
) -> Rate:
    limit = min(grant.bytes_each_way, MOST_BYTES_EACH_WAY) - 16  # a few were spent on the delay
    began = time.monotonic()
    lasts_s = min(SECONDS_EACH_WAY, grant.lasts_s / 3)
    pieces: list[tuple[int, float]] = []
    size, moved = FIRST_PIECE_BYTES, 0
    while not stop.is_set():
        left_s = lasts_s - (time.monotonic() - began)
        size = min(size, grant.piece_bytes, limit - moved)
        if left_s <= 0 or size <= 0:
            break
        taken = _move(line, grant, way, size)
        moved += size
        pieces.append((size, max(taken - delay_s, taken / 2)))
        pace = size / max(pieces[-1][1], 1e-6)
        share = max(moved / limit, 1 - left_s / lasts_s)
        told((share if way == "down" else 1 + share) / 2, way, pace)
        # Twice as much, but no more than the line carries in a second: so that a stop is heard soon.
        size = max(FIRST_PIECE_BYTES, min(2 * size, round(pace)))
    return Rate(
        bytes_per_s=paced(pieces, grant.piece_bytes, was_stopped=stop.is_set()),
        byte_count=moved,
        seconds=time.monotonic() - began,
    )


def paced(pieces: list[tuple[int, float]], largest: int, *, was_stopped: bool = False) -> float | None:
    """Return the pace over the pieces that say something: long enough, or as large as one may be.

    A line so fast that none is long enough is told by the larger half, but where somebody stopped before there was
    one. None for no such piece.
    """
    telling = [piece for piece in pieces if piece[1] >= TELLING_S or piece[0] >= largest]
    if not was_stopped:
        telling = telling or sorted(pieces)[len(pieces) // 2 :]
    seconds = sum(piece[1] for piece in telling)
    return sum(piece[0] for piece in telling) / seconds if seconds > 0 else None
