"""The messages between a device and the central service; shared by both ends.

One request does a whole round: POST /api/v1/sync carries the device's operations and its place in
each scope, the reply carries receipts, everybody's changes and the new places. Operations travel as the
packed bytes that outbox and history keep (records/operations.py). How messages become bytes stands in
wire.py, what is signed in signatures.py, the numbered problems in problems.py.
"""

from __future__ import annotations

from typing import Any

import msgspec

from techkit.sync.problems import Problem

#: The version of these messages. A service answers all versions from 1 up to its own.
PROTOCOL = 1

SYNC_PATH = "/api/v1/sync"
ENROL_PATH = "/api/v1/enrol"
ATTACHMENTS_PATH = "/api/v1/attachments"
ROTATE_PATH = "/api/v1/device/rotate"
THROUGHPUT_PATH = "/api/v1/throughput"

#: What a service answers in one piece where the device names no number (SYNC.md).
PIECE_OPERATIONS = 1000

#: Most bytes of operations in one piece or one reply before compression, however well they shrink, unless one operation
#: alone has more: one transaction at each end, and what a cut costs at most.
PIECE_BYTES = 1_000_000

#: What one piece or reply takes on the wire at most, unless one operation or record alone takes more: what a cut costs.
#: Source: SYNC.md, "One round trip".
TRAVELLING_BYTES = 256_000

#: A place in a scope: how many operations of its history are known, and their digest in hex.
Place = tuple[int, str]


#: How far a scope's snapshot is: the place reached, the history's digest there, whether it is whole.
Walk = tuple[int, str, bool]


class SyncRequest(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a device tells and asks in one round.

    schema: version of its records. epoch: of the service when it last answered, "" before.
    last_acked_op: the last of its own operations that was answered, taken or refused. cursors: what it holds, by scope;
    a scope it should have and does not name begins at its start. places: instead of the cursors,
    their digest (`places_digest`), for the many rounds in which nothing is new. ops: packed operations, in the
    order they were made. want_scopes: the only scopes to pull, all when empty. sent_at_ms: its wall
    clock, right or wrong. waiting_count: changes still unsent after this piece. limit: the most
    changes to send back; 0 sends only. held: after an epoch change, the ids it holds, 16 bytes each.
    stamp: of the last answer it took, as it came.
    snapshots: the place reached in each snapshot under way, by scope; None from a device that takes
    none and wants the whole history instead. takes_places: it understands `places` in the reply. anew: the
    mark under which it began anew last.
    """

    protocol: int
    device: str
    token: str
    epoch: str = ""
    schema: str = ""
    app_version: str = ""
    last_acked_op: str = ""
    cursors: dict[str, Place] = {}
    places: str = ""
    ops: list[msgspec.Raw] = []
    want_scopes: list[str] = []
    sent_at_ms: int = 0
    waiting_count: int = 0
    limit: int = PIECE_OPERATIONS
    held: bytes = b""
    snapshots: dict[str, Place] | None = None
    takes_places: bool = False
    anew: str = ""
    stamp: str = ""


class Ack(msgspec.Struct, array_like=True, frozen=True):
    """A receipt: the operation is in the history for good, at this place and in this order."""

    op_id: str
    seq: int
    order: int


class Refused(msgspec.Struct, array_like=True, frozen=True):
    """A receipt: the operation was kept aside at the service and has no effect."""

    op_id: str
    problem: Problem


class Placed(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """An operation of a scope's history, packed."""

    scope: str
    seq: int
    order: int
    op: msgspec.Raw


class Removed(msgspec.Struct, frozen=True):
    """The removal of a record: what it had seen, why, and whether it holds."""

    seen: list[str]
    reason: str
    holds: bool


class Clocks(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who wrote what in a record, as records/merging.py (`clocks_document`) has it."""

    by: dict[str, tuple[int, str, str, list[str]]]
    rivals: dict[str, dict[str, tuple[int, str, str, Any]]] = {}
    past: dict[str, list[str]] = {}
    removed: Removed | None = None


class Whole(msgspec.Struct, array_like=True, frozen=True):
    """What one record says after all its operations: a part of a scope's snapshot."""

    scope: str
    entity: str
    record_id: str
    values: dict[str, Any]
    clocks: Clocks


class ConflictSide(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One value of a conflict: by whom, when (by their clock as corrected), on which device."""

    op_id: str
    value: Any = None
    actor: str = ""
    device: str = ""
    order: int = 0


class Conflict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A conflict that opened, changed or was decided by operations up to the new places.

    base: the value both authors started from, None where there was none. kept: the value that holds
    meanwhile. decided_by: the operation that settled it, "" while it is open.
    """

    id: str
    scope: str
    entity: str
    record_id: str
    field: str
    base: ConflictSide | None = None
    kept: ConflictSide
    others: list[ConflictSide]
    decided_by: str = ""
    decided_by_actor: str = ""


class SyncReply(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The service's answer to one round; committed there before a byte of it is sent.

    token: for the next request. stamp: to be shown with it, later ones being greater as texts. acks: receipts, for what was there already too (duplicates lists
    those). places: instead of them, when all that was sent is new and was taken as it is: the place of each scope's first
    operation; the others follow it in the order sent, each with its own clock as its order. changes: by scope and place; operations of this request are left out unless the service
    took less than was sent. cursors: the place after changes and acks, by scope; nothing between
    the request's place and this one is missing. granted and revoked: scopes. reset: scopes to be
    taken again from their start, because the places no longer fit. want_ops: operations the service
    lost in a restore and asks for, wherever they came from. missing_blobs: files it still waits for.
    notices: fields left out of an accepted operation. more: ask again at once; wants_cursors: and
    name the cursors, their digest did not fit. records: parts of snapshots. snapshots: how far each
    is, by scope. anew: the device was silent for so long that it begins anew, under this mark.
    """

    protocol: int = PROTOCOL
    epoch: str
    token: str
    now_ms: int
    acks: list[Ack] = []
    duplicates: list[str] = []
    refused: list[Refused] = []
    notices: list[Refused] = []
    places: dict[str, int] = {}
    changes: list[Placed] = []
    cursors: dict[str, Place] = {}
    granted: list[str] = []
    revoked: list[str] = []
    reset: list[str] = []
    conflicts: list[Conflict] = []
    missing_blobs: list[str] = []
    want_ops: list[str] = []
    more: bool = False
    wants_cursors: bool = False
    records: list[Whole] = []
    snapshots: dict[str, Walk] = {}
    anew: str = ""
    stamp: str = ""


class EnrolRequest(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A device asks to be let in by a one-time code.

    device: the id it chose, which its operations carry already. prefix: begins the numbers it has
    printed. public_key: Ed25519, 32 bytes. former: after a fork, the id it had before; stamp: of the last answer it
    took under that. sealing_key: X25519, 32 bytes, for job packs (sync/carrier.py).
    """

    protocol: int
    code: str
    device: str
    name: str
    prefix: str
    public_key: bytes
    technician: str = ""
    app_version: str = ""
    former: str = ""
    sealing_key: bytes = b""
    stamp: str = ""


class EnrolReply(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The device is in. server_key: Ed25519, 32 bytes, signs what the service seals for it."""

    protocol: int = PROTOCOL
    device: str
    prefix: str
    technician_id: str
    technician: str
    org: str
    epoch: str
    token: str
    now_ms: int
    server_key: bytes
    scopes: list[str] = []


class RotateRequest(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A device gives itself a new key and a new sealing key; the request is signed with the old one."""

    protocol: int
    public_key: bytes
    sealing_key: bytes = b""


class Announcement(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A file the device will send: SHA-256 in hex, size in bytes, media type."""

    sha256: str
    byte_count: int
    media_type: str = "application/octet-stream"


class AnnounceRequest(msgspec.Struct, kw_only=True):
    """Up to 500 files at once."""

    protocol: int
    files: list[Announcement]


class FileState(msgspec.Struct, kw_only=True, omit_defaults=True):
    """How much of a file the service holds; is_present only after its hash was checked."""

    sha256: str
    received_bytes: int = 0
    byte_count: int = 0
    is_present: bool = False


class AnnounceReply(msgspec.Struct, kw_only=True):
    """What the service holds of each announced file, in the order asked."""

    files: list[FileState]


class ThroughputGrant(msgspec.Struct, frozen=True):
    """Leave to measure the line once: how long it holds, and what may be moved each way and in one piece."""

    ticket: str
    lasts_s: float
    bytes_each_way: int
    piece_bytes: int
