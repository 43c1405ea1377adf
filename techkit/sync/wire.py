"""Messages as bytes: MessagePack or JSON by Content-Type, zstd by Content-Encoding, read within limits.

Reading is strict and limited while the body streams in: nobody's bytes are unpacked before their signature was
checked, and never more of them than the limits below. In JSON operations are objects.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, Protocol, TypeVar

import msgspec
import zstandard

from techkit.errors import SyncError
from techkit.i18n import _
from techkit.records.operations import Action, Change, Operation, pack, unpack
from techkit.sync.problems import Problem, ProblemCode, problem
from techkit.sync.protocol import SyncReply, SyncRequest

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

#: One operation, packed, and one record with all its values: whatever it says and however badly it shrinks, an answer that holds it and nothing else stays
#: within the limits above, and so do the requests and the files of devices.
MAX_OPERATION_BYTES = 4 * 1024 * 1024

#: A body this small is allowed whatever its ratio: a log of the same line over and over is no attack, and whoever it
#: goes to would never get past it.
_RATIO_FLOOR_BYTES = 2 * MAX_OPERATION_BYTES
#: A zstd frame may ask the reader for a window of at most this size.
_MAX_WINDOW_BYTES = 8 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
_ZSTD_LEVEL = 3


class TooLargeError(SyncError):
    """A body is larger than the limits; nothing of it was used."""

    code = "too_large"


class MalformedError(SyncError):
    """A body is no message of this protocol; nothing of it was used."""

    code = "malformed"


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
    if packed_bytes > MAX_OPERATION_BYTES:
        return problem(ProblemCode.FIELD_TOO_LARGE)
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


def record_bytes(values: Mapping[str, Any], rivals: Mapping[str, Any]) -> int:
    """Return how many bytes a record's values and those against them take in an answer."""
    return len(_to_messagepack(values)) + (len(_to_messagepack(rivals)) if rivals else 0)


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
