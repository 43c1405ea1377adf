"""Ids, human numbers and clocks of records; values made from what the caller hands in.

- A record's id is a UUIDv7 as text: unique without asking anybody, ordered by the time it was made.
- A human number (`TK07-2026-0118`) is final the moment it is made, because it goes on paper: the
  device's prefix makes it unique without a network.
- A hybrid logical clock (HLC) orders operations: milliseconds in the upper 48 bits, a counter in
  the lower 16. It never runs backwards and never falls behind what it has seen from others
  (Kulkarni and others, "Logical Physical Clocks", 2014).
"""

from __future__ import annotations

import hashlib
import secrets
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

#: Letters and digits of a device's own prefix before enrolment: no 0/O, 1/I/L to misread.
_PREFIX_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

_COUNTER_BITS = 16


def new_id() -> str:
    """Return a fresh UUIDv7 as text (36 characters, lower case)."""
    from uuid_utils import uuid7  # loaded late: not needed before the first paint

    return str(uuid7())


def derived_id(record_id: str, word: str) -> str:
    """Return the id of what follows from another record, e.g. the "case" of a visit: the same wherever it is made.

    It is a UUIDv7 of the same moment. An id that is no UUID, as only somebody hostile sends it, gives one all the same.
    """
    try:
        held = uuid.UUID(record_id).int
    except ValueError:
        held = int.from_bytes(hashlib.sha256(record_id.encode()).digest()[:16])
    rest = int.from_bytes(hashlib.sha256(f"{word} of {record_id}".encode()).digest()[:8])
    random = (0x7 << 76) | ((held >> 64 & 0xFFF) << 64) | (0b10 << 62) | (rest >> 2)
    return str(uuid.UUID(int=(held >> 80 << 80) | random))


def new_prefix() -> str:
    """Return a random four-character device prefix, kept for ever once a number was printed."""
    return "".join(secrets.choice(_PREFIX_ALPHABET) for _index in range(4))


def human_number(prefix: str, year: int, counter: int) -> str:
    """Return the number printed on paper, e.g. ("TK07", 2026, 118) -> "TK07-2026-0118"."""
    return f"{prefix}-{year:04d}-{counter:04d}"


#: The last millisecond of the year 9998: no calendar goes on for long after it.
_LAST_MS = 253_370_764_799_999


def hlc_time(hlc: int) -> datetime:
    """Return the instant a hybrid clock value stands for (UTC, to the millisecond).

    A value that is no time, as only somebody hostile sends it, gives the nearest one there is.
    """
    milliseconds = min(max(hlc >> _COUNTER_BITS, 0), _LAST_MS)
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)


class HybridClock:
    """Gives each operation of one device its place in time.

    now_ms: the wall clock in milliseconds since 1970; it may be wrong or jump.
    last: the highest value given or seen so far; kept by the store between runs.
    """

    def __init__(self, last: int = 0, now_ms: Callable[[], int] | None = None) -> None:
        self.last = last
        self._now_ms = now_ms or (lambda: time.time_ns() // 1_000_000)

    def tick(self) -> int:
        """Return a value later than every value given or seen before."""
        physical = max(0, self._now_ms()) << _COUNTER_BITS
        self.last = physical if physical > self.last else self.last + 1
        return self.last

    def observe(self, hlc: int) -> None:
        """Take note of a value from elsewhere, so that what follows is later than it."""
        self.last = max(self.last, hlc)
