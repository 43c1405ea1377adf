"""What waits to be sent, what arrived, and the office's questions, answered here."""

from __future__ import annotations

from dataclasses import dataclass

from techkit.ui.presenters.choices import Notice


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """One thing in the queue. state: "sent", "sending", "waiting", "decision" or "retry"."""

    id: str
    icon: str
    title: str
    line: str
    state: str
    share: float
    word: str


@dataclass(frozen=True, kw_only=True)
class QueryRow:
    """One question from the office. is_answered: an answer is written, sent or waiting to be."""

    id: str
    visit_id: str
    visit: str
    about: str
    question: str
    asked_line: str
    answer: str
    is_answered: bool


@dataclass(frozen=True, kw_only=True)
class ConflictRow:
    """Two values of one field: ours and the office's, each with its person and time."""

    id: str
    title: str
    field: str
    ours: str
    ours_line: str
    theirs: str
    theirs_line: str


@dataclass(frozen=True, kw_only=True)
class SyncState:
    """All that the sync panel and the sidebar's foot show.

    status: "not_enrolled", "offline", "waiting", "sending", "refused", "partial" or "done".
    """

    status: str = "not_enrolled"
    count: int = 0
    title: str = ""
    line: str = ""
    share: float = 0.0
    bytes_line: str = ""
    queue: tuple[QueueRow, ...] = ()
    received: tuple[tuple[str, str, int], ...] = ()
    last_line: str = ""
    recent: tuple[tuple[str, str, str], ...] = ()
    notices: tuple[Notice, ...] = ()
    queries: tuple[QueryRow, ...] = ()
    conflicts: tuple[ConflictRow, ...] = ()
    is_paused: bool = False
    error: str = ""
    sidebar_title: str = ""
    sidebar_line: str = ""
