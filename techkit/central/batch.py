"""One batch of operations on its way into the history: who sends it, each operation, each record, what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from techkit.records.operations import Operation, RecordState
from techkit.sync.merge import Author
from techkit.sync.protocol import Ack, Problem, Refused


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Who sends the operations of one transaction, and how far his clock is off."""

    org_id: int
    author: Author
    device: str
    now_ms: int
    offset_ms: int = 0
    technician: str = ""
    #: Authors whose operations the sender may hand back; empty but after a restore.
    others: frozenset[str] = frozenset()


@dataclass(kw_only=True)
class Taken:
    """What became of a batch.

    altered: operations in the history that differ from what was sent. scopes: of all that have a
    receipt; created: those nobody knew before.
    """

    acks: list[Ack] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    notices: list[Refused] = field(default_factory=list)
    altered: set[str] = field(default_factory=set)
    scopes: set[str] = field(default_factory=set)
    created: set[str] = field(default_factory=set)


@dataclass(kw_only=True)
class Incoming:
    """One operation on its way in. problem: why it is kept aside. cut: fields left out of it."""

    op: Operation
    packed: bytes
    order: int = 0
    problem: Problem | None = None
    seq: int = 0
    digest: str = ""
    is_altered: bool = False
    cut: str = ""
    visit_id: str = ""


@dataclass(kw_only=True)
class Held:
    """A record as the table had it and as the fold leaves it.

    is_foreign: it belongs to another organisation. is_special: there is, or was before this batch,
    something to decide about it.
    """

    state: RecordState | None = None
    rev: int = 0
    seq: int = 0
    is_foreign: bool = False
    is_special: bool = False
    incoming: list[Incoming] = field(default_factory=list)
