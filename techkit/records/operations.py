"""Operations: the one form in which a change is kept, sent and merged.

Every user action writes, in one transaction, the row and one operation per record. An operation
names, for each field, the new value and the operation whose value its author saw (`base`), so that
both ends can tell a change made in knowledge of the other from a conflict. Operations are kept for
ever; state is the fold of them (sync/merge.py).
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

#: The version of the operation's form; a receiver keeps and passes on newer ones unread.
OPERATION_VERSION = 1

#: The most operations a decision may settle at once.
MAX_BASES = 64

#: What stands as the device of an operation that staff made.
OFFICE = "office"

#: The scope of what every device of an organisation may read: rates, catalogue, budgets, staff.
TENANT_SCOPE = "tenant"


class Action(StrEnum):
    """What an operation does to its record; a newer techkit may know more, kept as plain text."""

    PUT = "put"  # make the record, or change some of its fields
    REMOVE = "remove"  # tombstone with a reason; the content stays
    RESTORE = "restore"  # take a removal back


class Change(NamedTuple):
    """The new value of one field (as JSON carries it) and the operation whose value was seen.

    base is "" when the author saw no value (a new record or a field never set); a decision between
    several values names all of their operations, separated by a space.
    """

    value: Any
    base: str = ""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One change of one record by one person on one device.

    op_id: UUIDv7, unique for ever; the only key for recognising a repeat. device: id of the device,
    or "office" for staff. hlc: hybrid clock (records/identity.py). scope: "tenant",
    "customer:<id>" or "technician:<id>". entity: the record's kind. record_id: which one.
    actor: who did it, as a person reads it. reason: for removals.
    """

    op_id: str
    device: str
    hlc: int
    scope: str
    entity: str
    record_id: str
    action: Action = Action.PUT
    fields: Mapping[str, Change] = field(default_factory=dict)
    actor: str = ""
    reason: str = ""
    version: int = OPERATION_VERSION


def customer_scope(customer_id: str) -> str:
    """Return the scope that holds a customer and all that hangs below it."""
    return f"customer:{customer_id}"


def technician_scope(device_id: str) -> str:
    """Return the scope that holds one device's own settings."""
    return f"technician:{device_id}"


# --- what a fold of operations gives ---------------------------------------------------------------

#: The place of a value in time: (order, device, operation's id). order is the hybrid clock as the
#: service corrected it; before it has seen the operation, the operation's own.
Clock = tuple[int, str, str]


@dataclass(slots=True)
class RecordState:
    """What a record says after some of its operations; the fold of sync/merge.py.

    values: field -> value as JSON carries it, of any techkit version. clocks: field -> who wrote it
    last; the mark REMOVAL stands for the last removal or restoration. actors: operation -> who did
    it, for every operation in clocks. rivals: field -> {operation: (order, device, actor, value)},
    values written in ignorance of the one that holds. past: field -> operations that a later one
    named as its base, sorted. is_removed: a removal holds and nobody edited what it had not seen.
    seen: the operations the removal that holds had seen, None without one; reason: why it was.
    """

    entity: str
    record_id: str
    scope: str
    values: dict[str, Any] = field(default_factory=dict)
    clocks: dict[str, Clock] = field(default_factory=dict)
    actors: dict[str, str] = field(default_factory=dict)
    rivals: dict[str, dict[str, tuple[int, str, str, Any]]] = field(default_factory=dict)
    past: dict[str, list[str]] = field(default_factory=dict)
    is_removed: bool = False
    seen: tuple[str, ...] | None = None
    reason: str = ""


#: The name under which an operation carries a removal among its fields. Names that begin with a dot
#: are the protocol's own and never a record's field.
REMOVAL = ".removed"


# --- the packed form ---------------------------------------------------------------------------------


def pack_id(text: str) -> bytes | str:
    """Return an id as 16 bytes; what is no UUID ("office", "") stays text."""
    if len(text) == 36:
        packed = bytes.fromhex(text.replace("-", ""))
        if len(packed) == 16:
            return packed
    return text


def unpack_id(packed: object) -> str:
    """Return the text of a packed id. Raises: ValueError for anything else."""
    if isinstance(packed, bytes) and len(packed) == 16:
        digits = packed.hex()
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    if isinstance(packed, str) and len(packed) <= 64:
        return packed
    raise ValueError("an id is 16 bytes or a short text")


#: Where each of 32 digits stands in the text of an id.
_DIGIT_PLACES = tuple(at for at in range(36) if at not in (8, 13, 18, 23))


def unpack_ids(packed: Sequence[bytes]) -> list[str]:
    """Return the texts of many packed ids of 16 bytes each, a digit of all of them at a time.

    A fifth of the time of `unpack_id` for each. Raises: ValueError when one is none.
    """
    if set(map(type, packed)) - {bytes} or set(map(len, packed)) - {16}:
        raise ValueError("an id is 16 bytes")
    count = len(packed)
    digits = b"".join(packed).hex().encode()
    text = bytearray(b"-") * (36 * count)
    for number, place in enumerate(_DIGIT_PLACES):
        text[place::36] = digits[number::32]
    whole = text.decode()
    return [whole[at : at + 36] for at in range(0, 36 * count, 36)]


def _pack_bases(text: str) -> bytes | str:
    """Return the ids of a change's base one behind the other, 16 bytes each."""
    if " " not in text:
        return pack_id(text)
    packed = [pack_id(part) for part in text.split(" ")]
    return b"".join(p for p in packed if isinstance(p, bytes)) if all(packed) else text


def _unpack_bases(packed: object) -> str:
    if isinstance(packed, bytes) and len(packed) != 16:
        if len(packed) % 16 or len(packed) > 16 * MAX_BASES:
            raise ValueError("a base is up to 64 ids")
        return " ".join(unpack_id(packed[at : at + 16]) for at in range(0, len(packed), 16))
    return unpack_id(packed)


@functools.cache
def _packer() -> Callable[[Any], bytes]:
    import msgspec  # loaded late: not needed before the first paint

    return msgspec.msgpack.Encoder().encode


@functools.cache
def _form() -> Any:
    """Return the type of an operation's array, for reading it with every part's type checked on the way.

    A quarter of the time of checking them here: ten thousand operations come in one sync.
    """
    import msgspec

    # Ids are 16 bytes or a text, a union msgspec does not check; `_identity` and the like do.
    parts = [
        ("version", int),
        ("op_id", Any),
        ("device", Any),
        ("hlc", int),
        ("scope", str),
        ("entity", str),
        ("record_id", Any),
        ("action", str),
        ("fields", dict[str, tuple[Any, Any]]),
        ("actor", str),
        ("reason", str),
    ]
    return msgspec.defstruct("PackedOperation", parts, array_like=True, gc=False)


@functools.cache
def _unpacker() -> Callable[[bytes], Any]:
    import msgspec

    return msgspec.msgpack.Decoder(_form()).decode


@functools.cache
def _unpacker_of_many() -> Callable[[bytes], Any]:
    import msgspec

    return msgspec.msgpack.Decoder(list[_form()]).decode  # type: ignore[misc] # a type made above


def pack(op: Operation) -> bytes:
    """Return the operation as MessagePack: the bytes that outbox, wire and history keep.

    An array: version, op id, device, hlc, scope, entity, record id, action, {field: [value, base]},
    actor, reason. A newer version may only add to its end.
    """
    return _packer()(
        (
            op.version,
            pack_id(op.op_id),
            pack_id(op.device),
            op.hlc,
            op.scope,
            op.entity,
            pack_id(op.record_id),
            str(op.action),
            {name: (change.value, _pack_bases(change.base)) for name, change in op.fields.items()},
            op.actor,
            op.reason,
        )
    )


def packed_id(packed: bytes) -> bytes:
    """Return the 16 bytes of a packed operation's id without unpacking the rest.

    Raises: ValueError for bytes that are no operation.
    """
    # An array of 11, a small version, 16 bytes of binary: how `pack` begins.
    if packed[:1] == b"\x9b" and packed[2:4] == b"\xc4\x10" and len(packed) >= 20:
        return packed[4:20]
    held = pack_id(unpack(packed).op_id)
    if not isinstance(held, bytes):
        raise ValueError("an operation's id is a UUID")
    return held


def glance(packed: bytes) -> Any:
    """Return an operation's parts as they are packed: ids as 16 bytes, fields as (value, packed base).

    Half the time of `unpack`, for whoever looks at ten thousand of them. Raises: ValueError.
    """
    try:
        return _unpacker()(packed)
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(f"not an operation: {error}") from error


def glance_all(packed: Sequence[bytes], decode: Callable[[bytes], Any] | None = None) -> list[Any]:
    """Return `glance` of many operations, each exactly one packed array, in one go.

    decode: makes a list of another form of them. Raises: ValueError when any of them is none.
    """
    try:
        whole = b"".join([b"\xdd", len(packed).to_bytes(4, "big"), *packed])
        found: list[Any] = (decode or _unpacker_of_many())(whole)
        return found
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(f"not operations: {error}") from error


def unpack(packed: bytes) -> Operation:
    """Return the operation of its packed bytes; what a newer version added at the end is left.

    Raises: ValueError for bytes that are no operation, of whatever form.
    """
    try:
        given = _unpacker()(packed)
        op = object.__new__(Operation)
        # Past the frozen class's own way in, which takes longer than all the rest together.
        op.__dict__.update(
            op_id=_identity(given.op_id),
            device=_device(given.device),
            hlc=given.hlc,
            scope=given.scope,
            entity=given.entity,
            record_id=_identity(given.record_id),
            action=_ACTIONS.get(given.action, given.action),
            fields={
                name: _change((held, _unpack_bases(base) if base else ""))
                for name, (held, base) in given.fields.items()
            },
            actor=given.actor,
            reason=given.reason,
            version=given.version,
        )
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(f"not an operation: {error}") from error
    return op


#: Action by its text; what a newer techkit does stays text, so that it is kept and passed on.
_ACTIONS: dict[str, Any] = {str(action): action for action in Action}

#: Makes a Change of a pair.
_change: Callable[[tuple[Any, str]], Change] = functools.partial(tuple.__new__, Change)


def unpack_device(packed: object) -> str:
    """Return `unpack_id` of a device, remembered: few devices write many operations. Raises: ValueError."""
    return _device(packed) if isinstance(packed, (bytes, str)) else unpack_id(packed)


_device = functools.lru_cache(maxsize=256)(unpack_id)


def _identity(packed: object) -> str:
    """Return an id that must be one. Raises: ValueError."""
    if isinstance(packed, bytes) and len(packed) == 16:
        digits = packed.hex()
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    return str(uuid.UUID(unpack_id(packed)))
