"""The first screen: make a vault, open it, or open it with the recovery code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class UnlockState:
    """What the lock card shows.

    mode: "first_start", "unlock", "recovery_code" (shown once), "recover" or "opened". pause_s:
    seconds until the next try is taken.
    """

    mode: str = "unlock"
    greeting: str = ""
    line: str = ""
    note: str = ""
    error: str = ""
    is_busy: bool = False
    recovery_code: str = ""
    pause_s: int = 0
