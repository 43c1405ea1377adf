"""One batch of operations on its way into the history: who sends it, each operation, each record, what became of them."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from techkit.records.merging import fold
from techkit.records.operations import Operation, RecordState, glance_all, unpack, unpack_id
from techkit.sync.merge import Author
from techkit.sync.problems import Problem
from techkit.sync.protocol import Ack, Refused


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Who sends the operations of one transaction, and how far his clock is off."""

    org_id: int
    author: Author
    device: str
    now_ms: int
    offset_ms: int = 0
    #: Authors whose operations the sender may hand back; empty but after a restore.
    others: frozenset[str] = frozenset()


@dataclass(kw_only=True)
class Taken:
    """What became of a batch.

    known: receipts for what was there already; fresh: what was accepted now, in the order sent. altered: operations in
    the history that differ from what was sent. scopes: of all that have a receipt; created: those nobody knew before.
    first_places: of what was accepted now, by scope; the others follow it.
    """

    known: list[Ack] = field(default_factory=list)
    fresh: list[Incoming] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    notices: list[Refused] = field(default_factory=list)
    altered: set[str] = field(default_factory=set)
    scopes: set[str] = field(default_factory=set)
    created: set[str] = field(default_factory=set)
    first_places: dict[str, int] = field(default_factory=dict)

    @property
    def acks(self) -> list[Ack]:
        """Return a receipt for everything that is in the history for good."""
        return [*self.known, *(Ack(one.op_id, one.seq, one.order) for one in self.fresh)]

    @property
    def is_as_sent(self) -> bool:
        """Return whether all of it was accepted now, nothing of it in another form or order than it came."""
        return not (self.known or self.refused or self.altered) and all(map(_is_as_sent, self.fresh))

    def digits(self) -> set[str]:
        """Return the ids of all that has a receipt, as 32 digits each."""
        found = {one.key.hex() for one in self.fresh}
        return found | {ack.op_id.replace("-", "") for ack in self.known}


#: Whether an operation was taken in the form and at the time it came with.
_is_as_sent = operator.attrgetter("is_as_sent")


class Incoming(msgspec.Struct, array_like=True, gc=False):
    """One operation on its way in, at a glance; `op` is the whole of it, made when somebody needs it.

    A thousand come at once: the first eleven parts stand as in the packed form (records/operations.py: pack), so that
    `read_all` makes them of a piece in one go. There device and record are as packed; ingest.py makes text of them.

    key: its id as 16 bytes. hlc: the clock it came with. record: the record's id as 32 digits. fields: name -> (value,
    packed base). order: its clock as we correct it. is_as_sent: both are the same. problem: why it is kept aside. cut:
    fields left out of it. visit: the id of the visit its record belongs to, as 32 digits, "" for none. names: of the
    fields, where they were looked at together.
    """

    version: int
    key: Any
    device: Any
    hlc: int
    scope: str
    entity: str
    record: Any
    action: str
    fields: dict[str, tuple[Any, Any]]
    actor: str
    reason: str
    packed: bytes = b""
    order: int = 0
    is_as_sent: bool = False
    problem: Problem | None = None
    seq: int = 0
    digest: str = ""
    is_altered: bool = False
    cut: str = ""
    visit: str = ""
    made: Operation | None = None
    names: tuple[str, ...] = ()

    @property
    def op_id(self) -> str:
        """Return its id as text."""
        return unpack_id(self.key)

    @property
    def record_id(self) -> str:
        """Return the record's id as text."""
        return unpack_id(bytes.fromhex(self.record))

    @property
    def op(self) -> Operation:
        """Return the operation unpacked."""
        if self.made is None:
            self.made = unpack(self.packed)
        return self.made


#: How the packed form of an operation of eleven parts begins; one of a newer techkit may have more.
_ELEVEN = b"\x9b"

_decode = msgspec.msgpack.Decoder(list[Incoming]).decode


def read_all(packed: Sequence[bytes]) -> list[Incoming]:
    """Return operations at a glance, with the parts they came with and no others.

    Raises: ValueError when one of them is none, or has more parts than are known here.
    """
    if {body[:1] for body in packed} - {_ELEVEN}:
        raise ValueError("not operations of eleven parts")
    found: list[Incoming] = glance_all(packed, _decode)
    return found


@dataclass(kw_only=True)
class Held:
    """A record as far as it is folded, and the operations to fold next, each with its order.

    is_foreign: it belongs to another organisation. is_special: there is, or was before the latest
    operations, something to decide about it. seq: the place of the last operation folded in.
    """

    state: RecordState | None = None
    rev: int = 0
    seq: int = 0
    is_foreign: bool = False
    is_special: bool = False
    changed_at: datetime | None = None
    incoming: list[Incoming] = field(default_factory=list)
    folded: list[Operation] = field(default_factory=list)

    @property
    def current(self) -> RecordState | None:
        """Return the state with all accepted operations of this batch, None when there is nothing yet."""
        for one in self.incoming[len(self.folded) :]:
            self.take(one.op, one.order)
        return self.state

    def take(self, op: Operation, order: int) -> None:
        """Fold in one operation."""
        state = self.state = fold(self.state, op, order)
        self.is_special = self.is_special or bool(state.rivals) or state.seen is not None
        self.folded.append(op)
