"""The messages between a device and the central service; shared by both ends.

One request does a whole round: POST /api/v1/sync carries the device's operations and its place in
each scope, the reply carries receipts, everybody's changes and the new places. Bodies are
MessagePack or JSON by Content-Type, zstd by Content-Encoding. Operations travel as the packed bytes
that outbox and history keep (records/operations.py); in JSON they are objects.

Every request of a device but enrolment is signed with its Ed25519 key. Reading is strict and
limited while the body streams in: nobody's bytes are unpacked before their signature was checked,
and never more of them than the limits below.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import json
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Protocol, TypeVar

import msgspec
import zstandard

from techkit.errors import SyncError
from techkit.i18n import N_, _
from techkit.records.operations import Action, Change, Operation, pack, unpack

#: The version of these messages. A service answers all versions from 1 up to its own.
PROTOCOL = 1

SYNC_PATH = "/api/v1/sync"
ENROL_PATH = "/api/v1/enrol"
ATTACHMENTS_PATH = "/api/v1/attachments"
ROTATE_PATH = "/api/v1/device/rotate"

MESSAGEPACK = "application/msgpack"
JSON = "application/json"
PROBLEM_JSON = "application/problem+json"

#: Limits of one body, held while it streams in. Source: PROMISES S6 of the specification.
MAX_COMPRESSED_BYTES = 8 * 1024 * 1024
MAX_EXPANDED_BYTES = 64 * 1024 * 1024
MAX_RATIO = 100
MAX_OPERATIONS = 10_000
MAX_DEPTH = 32
MAX_FIELD_BYTES = 1024 * 1024

#: A body this small is allowed whatever its ratio: a page of zeroes is no attack.
_RATIO_FLOOR_BYTES = 1024 * 1024
#: A zstd frame may ask the reader for a window of at most this size.
_MAX_WINDOW_BYTES = 8 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
_ZSTD_LEVEL = 3

#: What a device sends in one piece: a cut connection costs this much (SYNC.md).
PIECE_OPERATIONS = 1000
PIECE_BYTES = 256 * 1024

#: How far a signature's time may lie from the service's clock; within it a nonce is remembered.
SIGNATURE_WINDOW_MS = 5 * 60 * 1000

DIGEST_BYTES = 8


class TooLargeError(SyncError):
    """A body is larger than the limits; nothing of it was used."""

    code = "too_large"


class MalformedError(SyncError):
    """A body is no message of this protocol; nothing of it was used."""

    code = "malformed"


# --- numbered problems ----------------------------------------------------------------------------


class ProblemCode(IntEnum):
    """What is wrong, by number: 1xx with a request, 2xx with one operation, 3xx with a file."""

    MALFORMED = 100
    TOO_LARGE = 101
    UNKNOWN_DEVICE = 102
    REVOKED = 103
    BAD_SIGNATURE = 104
    CLOCK = 105
    REPLAYED = 106
    FORKED = 107
    OLD_PROTOCOL = 108
    BAD_CODE = 109
    BUSY = 110
    FAULT = 111
    PREFIX_TAKEN = 112
    TOO_MANY_TRIES = 113
    BAD_OPERATION = 200
    FOREIGN_SCOPE = 201
    OTHER_RECORD = 202
    OFFICE_ONLY = 203
    FACT_CHANGED = 204
    VISIT_SUBMITTED = 205
    NEVER_SENT = 206
    FIELDS_NOT_TAKEN = 207
    ID_TAKEN = 208
    FIELD_TOO_LARGE = 209
    UNKNOWN_FILE = 300
    WRONG_OFFSET = 301
    WRONG_HASH = 302
    FILE_TOO_LARGE = 303


#: code -> (HTTP status, what happened, what to do now)
_PROBLEMS: dict[ProblemCode, tuple[int, str, str]] = {
    ProblemCode.MALFORMED: (400, N_("The request could not be read."), N_("Try again; update techkit if it happens again.")),
    ProblemCode.TOO_LARGE: (413, N_("The request is too large."), N_("Send smaller pieces.")),
    ProblemCode.UNKNOWN_DEVICE: (401, N_("The service does not know this device."), N_("Ask the office for a code and enrol it.")),
    ProblemCode.REVOKED: (403, N_("The office has withdrawn this device."), N_("Ask the office; it can take unsent work from a package file.")),
    ProblemCode.BAD_SIGNATURE: (401, N_("The signature of the request does not fit."), N_("Ask the office for a code and enrol the device again.")),
    ProblemCode.CLOCK: (401, N_("The device's clock and the service's are too far apart."), N_("techkit allows for the difference and tries again.")),
    ProblemCode.REPLAYED: (401, N_("This very request was sent before."), N_("Try again.")),
    ProblemCode.FORKED: (409, N_("There is a copy of this device, or it was restored from a backup."), N_("Enrol this one anew; everything unsent is kept and sent then.")),
    ProblemCode.OLD_PROTOCOL: (426, N_("This techkit is too old or too new for the service."), N_("Update techkit.")),
    ProblemCode.BAD_CODE: (403, N_("The code is wrong, was used before or has expired."), N_("Ask the office for a new code.")),
    ProblemCode.BUSY: (503, N_("The service is busy."), N_("techkit tries again by itself.")),
    ProblemCode.FAULT: (500, N_("The service made a mistake."), N_("techkit tries again by itself; tell the office if it goes on.")),
    ProblemCode.PREFIX_TAKEN: (409, N_("Another device numbers its visits with the same letters."), N_("Ask the office.")),
    ProblemCode.TOO_MANY_TRIES: (429, N_("Too many wrong codes."), N_("Wait a quarter of an hour and try again.")),
    ProblemCode.BAD_OPERATION: (422, N_("The change is damaged."), N_("Tell the office.")),
    ProblemCode.FOREIGN_SCOPE: (403, N_("The customer is not assigned to this device."), N_("Ask the office to assign the customer.")),
    ProblemCode.OTHER_RECORD: (409, N_("The record belongs to another customer or is of another kind."), N_("Tell the office.")),
    ProblemCode.OFFICE_ONLY: (403, N_("Only the office changes this."), N_("Ask the office.")),
    ProblemCode.FACT_CHANGED: (409, N_("What was written once cannot be changed."), N_("Record a correction instead.")),
    ProblemCode.VISIT_SUBMITTED: (409, N_("The visit was submitted and is closed for changes."), N_("The office can open it again with a question.")),
    ProblemCode.NEVER_SENT: (422, N_("This is worked out at each end and never sent."), N_("Update techkit.")),
    ProblemCode.FIELDS_NOT_TAKEN: (200, N_("Some fields belong to the office and were left out."), N_("Ask the office to change them.")),
    ProblemCode.ID_TAKEN: (409, N_("Another change has the same number."), N_("Tell the office.")),
    ProblemCode.FIELD_TOO_LARGE: (413, N_("A field is too long."), N_("Shorten it, or attach it as a file.")),
    ProblemCode.UNKNOWN_FILE: (404, N_("The service does not expect this file."), N_("techkit announces it again.")),
    ProblemCode.WRONG_OFFSET: (409, N_("The file goes on at another place."), N_("techkit goes on from there.")),
    ProblemCode.WRONG_HASH: (422, N_("The file arrived damaged."), N_("techkit sends it again.")),
    ProblemCode.FILE_TOO_LARGE: (413, N_("The file is too large for the service."), N_("Ask the office.")),
}  # fmt: skip


#: So much of somebody else's words is shown.
_MAX_WORDS = 400


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A numbered problem as the wire carries it; the words are the receiver's own, by `shown`.

    field: names what it is about. now_ms and offset: facts that let the sender go on.
    """

    code: int
    title: str = ""
    field: str = ""
    advice: str = ""
    status: int = 0
    now_ms: int = 0
    offset: int = -1
    retry_after_s: int = 0

    def shown(self) -> tuple[str, str]:
        """Return title and advice in the language in force; the sender's words for a new code."""
        try:
            _status, title, advice = _PROBLEMS[ProblemCode(self.code)]
        except ValueError:
            return self.title[:_MAX_WORDS], self.advice[:_MAX_WORDS]
        return _(title), _(advice)


def problem(code: ProblemCode, *, field: str = "", **facts: int) -> Problem:
    """Return the numbered problem with its English words and HTTP status."""
    status, title, advice = _PROBLEMS[code]
    return Problem(code=code, title=title, advice=advice, field=field, status=status, **facts)


# --- messages -------------------------------------------------------------------------------------

#: A place in a scope: how many operations of its history are known, and their digest in hex.
Place = tuple[int, str]


#: How far a scope's snapshot is: the place reached, the history's digest there, whether it is whole.
Walk = tuple[int, str, bool]


class SyncRequest(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a device tells and asks in one round.

    schema: version of its records. epoch: of the service when it last answered, "" before.
    last_acked_op: the last of its own operations a receipt named. cursors: what it holds, by scope;
    a scope it should have and does not name begins at its start. places: instead of the cursors,
    their digest (`places_digest`), for the many rounds in which nothing is new. ops: packed operations, in the
    order they were made. want_scopes: the only scopes to pull, all when empty. sent_at_ms: its wall
    clock, right or wrong. waiting_count: changes still unsent after this piece. limit: the most
    changes to send back; 0 sends only. held: after an epoch change, the ids it holds, 16 bytes each.
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


class Ack(msgspec.Struct, array_like=True, frozen=True):
    """A receipt: the operation is in the history for good, at this place and in this order."""

    op_id: str
    seq: int
    order: int


class Refused(msgspec.Struct, array_like=True, frozen=True):
    """A receipt: the operation was kept aside at the service and has no effect."""

    op_id: str
    problem: Problem


class Placed(msgspec.Struct, array_like=True, frozen=True):
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

    token: for the next request. acks: receipts, for what was there already too (duplicates lists
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


class EnrolRequest(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A device asks to be let in by a one-time code.

    device: the id it chose, which its operations carry already. prefix: begins the numbers it has
    printed. public_key: Ed25519, 32 bytes. former: after a fork, the id it had before. sealing_key:
    X25519, 32 bytes, for job packs (sync/carrier.py).
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


# --- bodies ---------------------------------------------------------------------------------------

M = TypeVar("M")

_to_messagepack = msgspec.msgpack.Encoder().encode
_to_json = msgspec.json.Encoder().encode


def encode(message: msgspec.Struct, content_type: str = MESSAGEPACK) -> bytes:
    """Return the body of a message, not compressed. JSON has operations as objects."""
    if content_type == JSON:
        return json_body(message)
    return _to_messagepack(message)


def json_body(message: msgspec.Struct) -> bytes:
    """Return a message as JSON for people and scripts."""
    plain = msgspec.to_builtins(_without_raw(message))
    if isinstance(message, SyncRequest) and message.ops:
        plain["ops"] = [operation_document(unpack(bytes(op))) for op in message.ops]
    if isinstance(message, SyncReply) and message.changes:
        plain["changes"] = [
            [c.scope, c.seq, c.order, operation_document(unpack(bytes(c.op)))] for c in message.changes
        ]
    return _to_json(plain)


def _without_raw(message: msgspec.Struct) -> msgspec.Struct:
    if isinstance(message, SyncRequest):
        return msgspec.structs.replace(message, ops=[])
    if isinstance(message, SyncReply):
        return msgspec.structs.replace(message, changes=[])
    return message


def operation_document(op: Operation) -> dict[str, Any]:
    """Return an operation as a JSON object: {field: [value, base]} under "fields"."""
    return {
        "version": op.version,
        "op_id": op.op_id,
        "device": op.device,
        "hlc": op.hlc,
        "scope": op.scope,
        "entity": op.entity,
        "record_id": op.record_id,
        "action": str(op.action),
        "fields": {name: [given.value, given.base] for name, given in op.fields.items()},
        "actor": op.actor,
        "reason": op.reason,
    }


def operation_of(document: Any) -> Operation:
    """Return the operation of its JSON object. Raises: ValueError."""
    try:
        held = dict(document)
        fields = {
            str(name): Change(value=given[0], base=str(given[1]))
            for name, given in held.pop("fields").items()
        }
        held["action"] = Action(held.get("action", "put"))
        return Operation(fields=fields, **held)
    except (TypeError, KeyError, ValueError, AttributeError, IndexError) as error:
        raise ValueError(f"not an operation: {error}") from error


class Readable(Protocol):
    """What a body is read from: a file, a socket, Django's request."""

    def read(self, size: int, /) -> bytes:
        """Return up to so many bytes; b"" at the end."""


def compress(body: bytes) -> bytes:
    """Return the body as zstd, level 3 (docs/decisions: 0.38 kB a 1 kB operation)."""
    return zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(body)


def read_limited(stream: Readable, limit: int = MAX_COMPRESSED_BYTES) -> bytes:
    """Return a body as it came, reading no more than the limit. Raises: TooLargeError."""
    kept = io.BytesIO()
    while chunk := stream.read(_CHUNK_BYTES):
        if kept.tell() + len(chunk) > limit:
            raise _too_large()
        kept.write(chunk)
    return kept.getvalue()


def expand(body: bytes, content_encoding: str) -> bytes:
    """Return the body unpacked, never more of it than the limits, whatever it claims.

    Raises: TooLargeError, MalformedError.
    """
    if len(body) > MAX_COMPRESSED_BYTES:
        raise _too_large()
    if content_encoding in ("", "identity"):
        return body
    if content_encoding != "zstd":
        raise _malformed("content encoding")
    limit = min(MAX_EXPANDED_BYTES, max(_RATIO_FLOOR_BYTES, MAX_RATIO * len(body)))
    kept = io.BytesIO()
    try:
        if 0 < zstandard.frame_content_size(body) <= limit:
            # It says how long it is, and gets room for no more than that.
            return zstandard.ZstdDecompressor().decompress(body, allow_extra_data=False)
        for chunk in _expanded(body):
            if kept.tell() + len(chunk) > limit:
                raise _too_large()
            kept.write(chunk)
    except zstandard.ZstdError as error:
        raise _malformed("zstd") from error
    return kept.getvalue()


def _expanded(body: bytes) -> Iterator[bytes]:
    """Yield the one zstd frame of a body in chunks; refuse what is cut or goes on behind it."""
    reader = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW_BYTES).decompressobj(
        write_size=_CHUNK_BYTES
    )
    for at in range(0, len(body), 4096):
        if reader.eof:
            raise _malformed("bytes behind the frame")
        yield reader.decompress(body[at : at + 4096])
    if not reader.eof or reader.unused_data:
        raise _malformed("cut or followed by other bytes")


def decode(body: bytes, kind: type[M], *, content_type: str = MESSAGEPACK, content_encoding: str = "") -> M:
    """Return the message of a body. Strict: wrong types, missing parts, doubled keys are refused.

    Raises: TooLargeError, MalformedError; nothing of the body was used then.
    """
    plain = expand(body, content_encoding)
    base_type = content_type.partition(";")[0].strip().lower()
    if base_type not in (MESSAGEPACK, JSON):
        raise _malformed("content type")
    try:
        message = _from_json(plain, kind) if base_type == JSON else _from_messagepack(plain, kind)
    except (msgspec.MsgspecError, RecursionError, ValueError, OverflowError) as error:
        raise _malformed(str(error)[:200]) from error
    if isinstance(message, SyncRequest) and len(message.ops) > MAX_OPERATIONS:
        raise _too_large()
    return message


def _from_messagepack(plain: bytes, kind: type[M]) -> M:
    return msgspec.msgpack.decode(plain, type=kind)


def _from_json(plain: bytes, kind: type[M]) -> M:
    # msgspec is strict about UTF-8, surrogates and what follows; json tells of doubled keys.
    msgspec.json.decode(plain)
    held = json.loads(plain, object_pairs_hook=_once, parse_constant=_no_constant)
    if any(depth > MAX_DEPTH for thing, depth in _inside(held) if isinstance(thing, (list, dict))):
        raise ValueError("nested too deeply")
    ops = None
    if kind is SyncRequest and isinstance(held, dict):
        ops = held.pop("ops", [])
        if not isinstance(ops, list):
            raise ValueError("ops is no list")
    message = msgspec.convert(held, type=kind, strict=True, builtin_types=())
    if ops and isinstance(message, SyncRequest):
        message.ops = [msgspec.Raw(pack(operation_of(op))) for op in ops]
    return message


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) != len(pairs):
        raise ValueError("a key stands there twice")
    return held


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")


def check_fields(packed_bytes: int, fields: Mapping[str, tuple[Any, Any]]) -> Problem | None:
    """Return what is wrong inside the fields of one operation: depth, length, what is no JSON.

    packed_bytes: its packed length; a short operation has no long field. fields: name -> (value, base).
    """
    is_long = packed_bytes > MAX_FIELD_BYTES
    for name, (held, _base) in fields.items():
        if isinstance(held, str) and not is_long:
            if "\x00" in held:
                return problem(ProblemCode.BAD_OPERATION, field=name)
        elif isinstance(held, (list, dict)):
            if not _is_nested_json(held):
                return problem(ProblemCode.BAD_OPERATION, field=name)
            if is_long and len(_to_messagepack(held)) > MAX_FIELD_BYTES:
                return problem(ProblemCode.FIELD_TOO_LARGE, field=name)
        elif is_long and isinstance(held, (str, bytes)) and len(held) > MAX_FIELD_BYTES // 4:
            encoded = held.encode("utf-8") if isinstance(held, str) else held
            if len(encoded) > MAX_FIELD_BYTES:
                return problem(ProblemCode.FIELD_TOO_LARGE, field=name)
        elif isinstance(held, (bytes, msgspec.msgpack.Ext)) or not _is_json(held):
            return problem(ProblemCode.BAD_OPERATION, field=name)
    return None


def _is_json(held: Any) -> bool:
    """Return whether a value stands in JSON and in the databases of both ends."""
    if isinstance(held, str):
        return "\x00" not in held
    if isinstance(held, int):
        return -(2**63) <= held < 2**63
    if isinstance(held, float):
        return held - held == 0  # neither infinite nor no number
    return held is None


def _is_nested_json(held: Any) -> bool:
    """Return whether lists and objects hold only JSON, names of members included, no deeper than the limit."""
    return all(
        depth <= MAX_DEPTH if isinstance(thing, (list, dict)) else _is_json(thing)
        for thing, depth in _inside(held)
    )


def _inside(held: Any) -> Iterator[tuple[Any, int]]:
    """Give each list, object, name and value inside with its depth; whoever asks stops at the limit."""
    waiting = [(held, 1)]
    while waiting:
        thing, depth = waiting.pop()
        yield thing, depth
        if isinstance(thing, dict):
            waiting.extend((name, depth) for name in thing)
            waiting.extend((value, depth + 1) for value in thing.values())
        elif isinstance(thing, list):
            waiting.extend((value, depth + 1) for value in thing)


def _too_large() -> TooLargeError:
    return TooLargeError(_("The request is too large."), safe=_("Nothing of it was used."))


def _malformed(what: str) -> MalformedError:
    return MalformedError(_("The request could not be read."), safe=_("Nothing of it was used."), what=what)


# --- places ---------------------------------------------------------------------------------------


_blake2b = hashlib.blake2b
#: A place and an order, 8 bytes each, the larger end first.
_two_numbers = struct.Struct(">QQ").pack


def extend_digest(digest: bytes, seq: int, op_id: bytes, order: int) -> bytes:
    """Return the digest (8 bytes) of a scope's history with one more operation at its end.

    Over ids, places and orders only, so that it stays valid when a person's data is erased. An operation
    that a restored service got back may have another order than before, at the same place. b"" begins.
    """
    return digests_from(digest, seq, [(op_id, order)])[0]


def digests_from(digest: bytes, seq: int, steps: Iterable[tuple[bytes, int]]) -> list[bytes]:
    """Return the digest after each of these operations (id, order), which stand one after the other from `seq` on.

    Raises: ValueError for an order that is no clock.
    """
    found = []
    try:
        for place, (op_id, order) in enumerate(steps, seq):
            digest = _blake2b(digest + _two_numbers(place, order) + op_id, digest_size=DIGEST_BYTES).digest()
            found.append(digest)
    except struct.error as error:
        raise ValueError(f"not a clock: {error}") from error
    return found


def places_digest(cursors: Mapping[str, Place]) -> str:
    """Return one digest (16 hex digits) of all places; scopes without a history do not count."""
    held = sorted((scope, seq, digest) for scope, (seq, digest) in cursors.items() if seq)
    return hashlib.blake2b(_to_messagepack(held), digest_size=DIGEST_BYTES).hexdigest()


# --- signatures -----------------------------------------------------------------------------------

DEVICE_HEADER = "X-Techkit-Device"
TIME_HEADER = "X-Techkit-Time"
NONCE_HEADER = "X-Techkit-Nonce"
SIGNATURE_HEADER = "X-Techkit-Signature"


def signed_text(method: str, path: str, device: str, time_ms: int, nonce: str, body_sha256: str) -> bytes:
    """Return what a device signs: everything that makes the request this one and no other.

    path: with its query. time_ms: the service's clock as the device reckons it. nonce: 16 random
    bytes as hex. body_sha256: hex over the body as it goes over the wire.
    """
    parts = ("techkit-request-1", method.upper(), path, device, str(time_ms), nonce, body_sha256)
    return "\n".join(parts).encode("utf-8")


def signature_headers(device: str, time_ms: int, nonce: str, signature: bytes) -> dict[str, str]:
    """Return the headers that carry a signature."""
    return {
        DEVICE_HEADER: device,
        TIME_HEADER: str(time_ms),
        NONCE_HEADER: nonce,
        SIGNATURE_HEADER: base64.b64encode(signature).decode("ascii"),
    }


@dataclass(frozen=True, kw_only=True)
class Signed:
    """The signature of a request as its headers carry it."""

    device: str
    time_ms: int
    nonce: str
    signature: bytes


def read_signature(headers: Mapping[str, str]) -> Signed | None:
    """Return the signature of a request's headers; None when a part is missing or malformed."""
    try:
        device, nonce = headers[DEVICE_HEADER], headers[NONCE_HEADER]
        time_text = headers[TIME_HEADER]
        signature = base64.b64decode(headers[SIGNATURE_HEADER], validate=True)
        bytes.fromhex(nonce)
        time_ms = int(time_text) if len(time_text) <= 16 else -1
    except (KeyError, ValueError, binascii.Error):
        return None
    if len(signature) != 64 or len(nonce) != 32 or len(device) != 36 or time_ms < 0:
        return None
    return Signed(device=device, time_ms=time_ms, nonce=nonce, signature=signature)


# --- the invitation -------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """What the office hands to a technician to let one device in.

    code: one-time. url: where the service answers. fingerprint: SHA-256 of its certificate in hex,
    whole or at least the first 20 digits (80 bits); the device trusts no other certificate.
    """

    url: str
    code: str
    fingerprint: str

    def text(self) -> str:
        """Return it as one line to paste or scan, e.g. "https://office:8443 ABCD-EFGH#1f3a…"."""
        return f"{self.url} {self.code}#{self.fingerprint}"

    @staticmethod
    def parse(text: str) -> Invitation:
        """Return the invitation of its line. Raises: ValueError saying which part is missing."""
        url, _space, rest = text.strip().partition(" ")
        code, _hash, fingerprint = rest.strip().partition("#")
        fingerprint = fingerprint.strip().lower().replace(":", "")
        if not url.startswith("https://"):
            raise ValueError("the address must begin with https://")
        if not code:
            raise ValueError("the code is missing")
        digits = set("0123456789abcdef")
        if not 20 <= len(fingerprint) <= 64 or not set(fingerprint) <= digits:
            raise ValueError("the fingerprint behind # is missing or too short")
        return Invitation(url=url.rstrip("/"), code=code.strip(), fingerprint=fingerprint)
