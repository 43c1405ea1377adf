"""What an answer of the service is: the message in it, or the error it stands for, in words for people."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import msgspec

from techkit.errors import RefusedError, SyncError
from techkit.i18n import _
from techkit.records.operations import glance_all
from techkit.store.answer import Confirmed
from techkit.sync import wire
from techkit.sync.problems import Problem, ProblemCode
from techkit.sync.protocol import SyncReply
from techkit.sync.transport import Response

#: No service's clock is before or after these, in milliseconds (2020 and 2200).
_EARLIEST_MS, _LATEST_MS = 1_577_836_800_000, 7_258_118_400_000

#: Longest pause the service may ask for, in seconds; it may claim ten years (bad input 84).
LONGEST_PAUSE_S = 15 * 60


class ForkedError(RefusedError):
    """The service does not take this device for one it knows; it has to be enrolled anew and loses nothing.

    There is a copy of it, its key was replaced since it was copied or restored, or the service was set back to before it came.
    """

    code = "forked"


class RevokedError(RefusedError):
    """The office has withdrawn this device."""

    code = "revoked"


class PausedError(SyncError):
    """The service asks to come back later, or sync is paused here. `pause_s` in the context."""

    code = "paused"


class ManyRemovalsError(SyncError):
    """The service wants to remove many entries at once; somebody has to agree first."""

    code = "many_removals"


class ProblemError(Exception):
    """The service answered with a numbered problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.title)
        self.problem = problem


@dataclass(frozen=True)
class Arrived:
    """The service's reply to one round. raw: as the store keeps it. changes: its operations, each at a glance.

    sent_at_ms: when the round was sent, by our clock. ahead: the round that was sent behind it, before anybody had
    looked at what it says.
    """

    reply: SyncReply
    raw: bytes
    changes: Sequence[Confirmed]
    sent_at_ms: int
    ahead: Future[Arrived] | None = None


def arrived(found: Response, sent_at_ms: int) -> Arrived:
    """Return the reply of a good answer, its operations looked at. Raises: SyncError for anything else."""
    reply = message(found, SyncReply)
    try:
        return Arrived(reply, raw_reply(found), changes_of(reply), sent_at_ms)
    except ValueError as error:
        raise odd("not an operation") from error


def changes_of(reply: SyncReply) -> list[Confirmed]:
    """Return the operations of a reply, each at a glance. Raises: ValueError."""
    bodies = [bytes(placed.op) for placed in reply.changes]
    return [
        _confirmed((placed.scope, placed.seq, placed.order, body, seen))
        for placed, body, seen in zip(reply.changes, bodies, glance_all(bodies), strict=True)
    ]


#: Makes one of its parts, past the named tuple's own way in: ten thousand come in one sync.
_confirmed: Callable[[tuple[Any, ...]], Confirmed] = functools.partial(tuple.__new__, Confirmed)


def message(found: Response, kind: type[wire.M]) -> wire.M:
    """Return the message of a good answer. Raises: SyncError for anything else."""
    if found.status != 200:
        error = trouble(found)
        raise refused(error.problem) if isinstance(error, ProblemError) else error
    try:
        return wire.decode(
            found.body,
            kind,
            content_type=found.content_type,
            content_encoding=found.headers.get("content-encoding", "").strip().lower(),
        )
    except SyncError as error:
        raise odd("not a message") from error


def trouble(found: Response) -> SyncError | ProblemError:
    """Return what an answer that is no success means."""
    if found.content_type == wire.PROBLEM_JSON and len(found.body) <= 64 * 1024:
        try:
            return ProblemError(msgspec.json.decode(found.body, type=Problem))
        except msgspec.MsgspecError:
            return odd("problem")
    if found.status in (429, 502, 503, 504):
        return _later(found.headers.get("retry-after", ""))
    return odd(f"status {found.status}")


def _later(asked: str) -> PausedError:
    """Return the error for a service that is busy; its wish for a pause is capped."""
    pause_s = min(int(asked[:9]), LONGEST_PAUSE_S) if asked.isascii() and asked.isdecimal() else 60
    return PausedError(
        _("The central service is busy."),
        safe=_("Everything is saved on this device and waits to be sent."),
        advice=_("Try again in a minute."),
        pause_s=pause_s,
    )


def refused(told: Problem) -> SyncError:
    """Return the error a numbered problem stands for."""
    title, advice = told.shown()
    safe = _("Everything is saved on this device and waits to be sent.")
    facts = {"code": told.code, "status": told.status}
    if told.code in (ProblemCode.FORKED, ProblemCode.UNKNOWN_DEVICE, ProblemCode.BAD_SIGNATURE):
        return ForkedError(title, safe=safe, advice=advice, **facts)
    if told.code == ProblemCode.REVOKED:
        return RevokedError(title, safe=safe, advice=advice, **facts)
    if told.code in (ProblemCode.BUSY, ProblemCode.TOO_MANY_TRIES):
        pause_s = min(told.retry_after_s or 60, LONGEST_PAUSE_S)
        return PausedError(title, safe=safe, advice=advice, pause_s=pause_s, **facts)
    return RefusedError(title, safe=safe, advice=advice, **facts)


def not_enrolled() -> SyncError:
    """Return the error for a device no service knows."""
    return SyncError(
        _("This device is not enrolled yet."),
        safe=_("Everything is saved on this device."),
        advice=_("Ask the office for a code, then enrol."),
    )


def is_clock(now_ms: int) -> bool:
    """Return whether a service's clock may say so, in milliseconds since 1970: from 2020 to 2200.

    Ours would follow one beyond that to where nothing can be saved any more.
    """
    return _EARLIEST_MS <= now_ms <= _LATEST_MS


def odd(what: str) -> SyncError:
    """Return the error for an answer that makes no sense; nothing of it was used."""
    return SyncError(
        _("The central service gave an answer that techkit does not understand."),
        safe=_("Nothing of it was used; everything is saved on this device."),
        advice=_("Update techkit; if it stays, tell the office."),
        what=what,
    )


def raw_reply(found: Response) -> bytes:
    """Return a reply as the store keeps it, b"" when it came in another form."""
    is_packed = found.content_type == wire.MESSAGEPACK
    return found.body if is_packed and found.headers.get("content-encoding") == "zstd" else b""
