"""Clocks that cannot be set: the one that stands still while the computer sleeps, and how long it slept."""

from __future__ import annotations

import os
import sys
import time

if sys.platform == "win32":
    from techkit.children.windows import unbiased_s

#: How long one turn of a waiting loop may take; a fifth of the 0.5 s that a limit may be overrun.
TURN_S = 0.05


def awake_s() -> float:
    """Return seconds of a clock that cannot be set and stands still while the computer sleeps.

    Every limit is reckoned by it: what was late only because the lid was closed is not late.
    Source: CLOCK_MONOTONIC, clock_gettime(2); mach_absolute_time (macOS); QueryUnbiasedInterruptTime (Windows, never run).
    """
    if sys.platform == "win32":
        return unbiased_s()
    return time.monotonic()  # on Linux and macOS it does not count sleep


def slept_s() -> float:
    """Return the seconds the computer has slept since some moment; only differences mean something.

    Source: CLOCK_BOOTTIME, clock_gettime(2); on macOS CLOCK_MONOTONIC counts sleep, on Windows GetTickCount64 (never run).
    """
    if sys.platform == "win32":
        return time.monotonic() - unbiased_s()
    counting = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
    return time.clock_gettime(counting) - time.monotonic() if counting is not None else 0.0


def children_spent_s() -> float:
    """Return the processor time of all child processes that ended, in seconds; nothing is known of them on Windows."""
    ended = os.times()
    return ended.children_user + ended.children_system
