"""A transaction that another one stood in the way of is tried again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, OperationalError

from techkit.central import enrol
from techkit.sync.problems import ProblemCode

#: How often a transaction is tried when another one was in its way (PostgreSQL 40001 and 40P01, a
#: locked SQLite file). Repeating is harmless: every operation is recognised by its id.
_TRIES = 6

T = TypeVar("T")


def retried(work: Callable[[], T]) -> T:
    """Return what the work gives, tried again while other transactions are in its way.

    Raises: DeviceRefusedError with BUSY after the last try.
    """
    for attempt in range(_TRIES):
        try:
            return work()
        except DatabaseError as error:
            if not _is_passing(error):
                raise
            # Jitter, so that two that met once do not meet again.
            time.sleep(random.uniform(0.01, 0.05) * 2**attempt)
    raise enrol.refuse(ProblemCode.BUSY, retry_after_s=5)


def _is_passing(error: DatabaseError) -> bool:
    """Return whether another transaction was in the way, so that trying again helps."""
    state = getattr(error.__cause__, "sqlstate", None)
    # 23505: the same operation came from two devices at once; the next try sees it as a repeat.
    if state in ("40001", "40P01", "23505"):
        return True
    return isinstance(error, OperationalError) and "locked" in str(error)
