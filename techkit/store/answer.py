"""One reply of the service as the store takes it: what the sync hands over, and what is told of it.

Values only; `Replica.apply` takes an `Answer` whole, or nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from techkit.records.merging import Side
from techkit.records.operations import RecordState, glance
from techkit.store.outbox import Receipt, Waiting


class Confirmed(NamedTuple):
    """An operation of a scope's history as the service sent it.

    body: packed, kept as it came. seen: it at a glance, where somebody has looked.
    """

    scope: str
    seq: int
    order: int
    body: bytes
    seen: Any = None

    def looked_at(self) -> Confirmed:
        """Return it with a glance at it. Raises: ValueError for what is no operation."""
        return self if self.seen is not None else self._replace(seen=glance(self.body))


class Recorded(NamedTuple):
    """What a record says after all its operations: a part of a scope's snapshot."""

    scope: str
    state: RecordState


class Walk(NamedTuple):
    """How far a scope's snapshot is: the place reached, the digest there in hex, whether it is whole."""

    seq: int
    digest: str
    is_whole: bool


@dataclass(frozen=True)
class Refused:
    """The service's reason for not taking one of our operations."""

    op_id: str
    code: str
    title: str
    field: str = ""
    advice: str = ""


@dataclass(frozen=True)
class OpenConflict:
    """Values of one field written in ignorance of each other, until somebody decides.

    kept: the one that holds meanwhile; base: the value both started from, None where there was none.
    decided_by: our own decision that still waits to be sent, "" before.
    """

    id: str
    scope: str
    entity: str
    record_id: str
    field: str
    kept: Side
    others: tuple[Side, ...]
    base: Side | None = None
    decided_by: str = ""


@dataclass(frozen=True)
class Answer:
    """One reply of the service, as the store takes it: everything in it, or nothing.

    sent: the piece it answers, where there was one; receipts speak of nothing else then.
    cursors: scope -> (place, digest) after receipts and changes. conflicts: opened or changed; settled:
    ids of those somebody decided. raw: the reply as it came (zstd over MessagePack with its `changes`),
    kept as the journal of others' operations instead of packing them again. ceiling: the highest clock that is
    believed, 0 for any; a hostile or broken service cannot push our clock beyond it. records: parts of
    snapshots; walks: how far each snapshot is, by scope. now_s: the service's clock, 0 when it was not told.
    missing_files: hashes the service waits for the bytes of. offer_after: what waits behind this place goes next and counts as offered: no commit of its own for that.
    """

    sent: Sequence[Waiting] = ()
    receipts: Sequence[Receipt] = ()
    refused: Sequence[Refused] = ()
    changes: Sequence[Confirmed] = ()
    cursors: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    granted: Sequence[str] = ()
    revoked: Sequence[str] = ()
    reset: Sequence[str] = ()
    conflicts: Sequence[OpenConflict] = ()
    settled: Sequence[str] = ()
    raw: bytes = b""
    meta: Mapping[str, str] = field(default_factory=dict)
    ceiling: int = 0
    is_last: bool = True
    records: Sequence[Recorded] = ()
    walks: Mapping[str, Walk] = field(default_factory=dict)
    now_s: int = 0
    offer_after: int = 0
    missing_files: Sequence[str] = ()
