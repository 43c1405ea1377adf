"""The history and the records of it, as two databases keep them: a handful of statements for a thousand rows.

No ORM per row. What a record says is its row, and on top of it the operations that are not folded in yet
(folding.py); whoever asks here for a few records by their ids gets both.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import connection

from techkit.central.batch import Batch, Held, Incoming
from techkit.central.models import RefusedOp
from techkit.errors import CentralError
from techkit.records.operations import Operation, pack_id, unpack, unpack_id
from techkit.sync import merge

#: Lengths the columns of models.py allow.
MAX_SCOPE, MAX_ENTITY, MAX_ACTOR = 80, 40, 400

#: How many operations one statement reads of the whole history, and of how many bytes.
_AT_ONCE = 1000
_BYTES_AT_ONCE = 16 * 1024 * 1024

#: So many rows are taken from the database at a time, so that a few large ones are not all in memory.
_FEW = 16

# --- reading ---


def known_operations(op_ids: Sequence[str]) -> dict[str, tuple[int, str, int, int, bytes]]:
    """Return organisation, record, place, order and bytes of the operations in the history."""
    rows = _select("SELECT op_id, org_id, entity_id, seq, hlc, packed FROM op WHERE op_id", op_ids)
    return {text_of(row[0]): (row[1], text_of(row[2]), row[3], row[4], bytes(row[5])) for row in rows}


def rows_of(org_id: int, record_ids: Sequence[str]) -> dict[str, Held]:
    """Return record id -> what its row says, of those records that have one."""
    if not record_ids:
        return {}
    found: dict[str, Held] = {}
    columns = "entity_id, org_id, entity, scope_id, state, clocks, rev, seq"
    for row in _select(f"SELECT {columns} FROM record WHERE entity_id", record_ids):  # noqa: S608 - constant columns
        record_id, clocks = text_of(row[0]), _json_of(row[5])
        found[record_id] = Held(
            state=merge.load(row[2], record_id, row[3], _json_of(row[4]), clocks),
            rev=row[6],
            seq=row[7],
            is_foreign=row[1] != org_id,
            is_special="rivals" in clocks or "removed" in clocks,
        )
    return found


def states(org_id: int, record_ids: Sequence[str]) -> dict[str, Held]:
    """Return what the records say now, each by its id; one nobody has spoken of is missing."""
    if not record_ids:
        return {}
    # Nearly all that comes is about records nobody has spoken of: one look for each, not three.
    spoken_of = _select("SELECT entity_id FROM op WHERE entity_id", record_ids)
    record_ids = sorted({text_of(row[0]) for row in spoken_of})
    if not record_ids:
        return {}
    found = rows_of(org_id, record_ids)
    rows = _select(
        "SELECT o.entity_id, o.org_id, o.seq, o.hlc, o.packed FROM op o"
        " LEFT JOIN record r ON r.entity_id = o.entity_id"
        " WHERE (r.seq IS NULL OR o.seq > r.seq) AND o.entity_id",
        record_ids,
        " ORDER BY o.seq",
    )
    for record_id, owner, seq, order, packed in rows:
        one = found.setdefault(text_of(record_id), Held(is_foreign=owner != org_id))
        one.take(unpack(bytes(packed)), order)
        one.rev, one.seq = one.rev + 1, seq
    for one in found.values():
        one.folded = []
    return found


def whole(org_id: int) -> Iterator[tuple[bytes, int]]:
    """Yield every operation, packed, with its order; scope by scope in the order of places."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT scope_id FROM sync_scope WHERE org_id = %s", [org_id])
        scopes = sorted(row[0] for row in cursor.fetchall())
    for scope in scopes:
        after = 0
        while rows := operations_after(org_id, scope, after, _AT_ONCE):
            for seq, order, packed, _received_at in rows:
                after = seq
                yield bytes(packed), order


def operations_after(org_id: int, scope: str, after: int, limit: int) -> list[tuple[int, int, bytes, Any]]:
    """Return (place, order, packed, time of arrival) of a scope's operations behind a place; some, when they are large."""
    return rows_after(("seq", "hlc", "packed", "received_at"), org_id, scope, after, limit, _BYTES_AT_ONCE)


def rows_after(
    columns: tuple[str, ...], org_id: int, scope: str, after: int, limit: int, most_bytes: int
) -> list[tuple[Any, ...]]:
    """Return columns of a scope's operations behind a place, `packed` among them, up to the one that fills so many bytes."""
    where = "org_id = %s AND scope_id = %s AND seq > %s"
    asked: list[Any] = [org_id, scope, after]
    bound = ""
    if connection.vendor == "postgresql":  # which hands over all it found at once
        sized = "seq, sum(octet_length(packed)) OVER (ORDER BY seq) - octet_length(packed) AS filled"
        bound = (
            f" AND seq <= (SELECT max(seq) FROM (SELECT {sized} FROM op WHERE {where} ORDER BY seq LIMIT %s) s"  # noqa: S608 - constants
            " WHERE filled <= %s)"
        )
        asked += [org_id, scope, after, limit, most_bytes]
    statement = f"SELECT {', '.join(columns)} FROM op WHERE {where}{bound} ORDER BY seq LIMIT %s"  # noqa: S608 - constants
    size_at = columns.index("packed")
    found: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        cursor.execute(statement, [*asked, limit])
        byte_count = 0
        while byte_count <= most_bytes and (some := cursor.fetchmany(_FEW)):
            found += some
            byte_count += sum([len(row[size_at]) for row in some])
    return found


def operations_of(org_id: int, record_id: str) -> list[tuple[int, Operation]]:
    """Return (order, operation) of everything said about one record, in the order it holds."""
    if not hex_of(record_id):
        return []
    rows = _select("SELECT org_id, hlc, packed FROM op WHERE entity_id", [record_id], " ORDER BY hlc")
    return [(order, unpack(bytes(packed))) for owner, order, packed in rows if owner == org_id]


def visit_of(entity: str, record_id: str, named: object) -> str:
    """Return the id of the visit a record belongs to, "" for none. named: what it says in `visit_id`."""
    if entity == "visit":
        return record_id
    return named if isinstance(named, str) and hex_of(named) else ""


def kept_aside(op_ids: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Return problem and field of the operations that were refused before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM refused_op LIMIT 1")
        if cursor.fetchone() is None:
            return {}
    rows = _select("SELECT op_id, code, field FROM refused_op WHERE op_id", op_ids)
    return {text_of(row[0]): (row[1], row[2]) for row in rows}


# --- writing ---

_OP_COLUMNS = (
    "op_id", "org_id", "scope_id", "seq", "device", "actor", "entity", "entity_id", "action", "hlc",
    "packed", "digest", "received_at",
)  # fmt: skip
_OP_TYPES = (
    "uuid", "int8", "varchar", "int8", "varchar", "varchar", "varchar", "uuid", "varchar", "int8", "bytea",
    "varchar", "timestamptz",
)  # fmt: skip

_RECORD_COLUMNS = (
    "entity_id", "org_id", "entity", "scope_id", "visit_id", "customer_id", "state", "clocks", "rev", "hlc",
    "seq", "deleted", "updated_at",
)  # fmt: skip
_RECORD_TYPES = (
    "uuid", "int8", "text", "text", "uuid", "uuid", "text", "text", "int4", "int8", "int8", "bool",
    "timestamptz",
)  # fmt: skip


def write_operations(batch: Batch, accepted: Sequence[Incoming]) -> None:
    """Put operations into the history, at the places they were given."""
    if not accepted:
        return
    now = datetime.now(UTC)
    moment: Any = now if connection.vendor == "postgresql" else _sqlite_time(now)
    # Of bytes SQLite's driver asks each time whether anybody adapts them, of a byte array it does not.
    kept: type[bytes | bytearray] = bytes if connection.vendor == "postgresql" else bytearray
    org_id = batch.org_id
    rows: list[tuple[Any, ...]] = [
        (
            one.key.hex(), org_id, one.scope, one.seq, one.device, one.actor, one.entity, one.record,
            one.action, one.order, kept(one.packed), one.digest, moment,
        )
        for one in accepted
    ]  # fmt: skip
    names = ", ".join(_OP_COLUMNS)
    if connection.vendor == "postgresql":
        # Django passes COPY on as it is: without its errors nobody would see that another transaction was in the way.
        with (
            connection.wrap_database_errors,
            connection.cursor() as cursor,
            cursor.copy(f"COPY op ({names}) FROM STDIN (FORMAT BINARY)") as copy,
        ):
            copy.set_types(_OP_TYPES)
            for row in rows:
                copy.write_row((uuid.UUID(row[0]), *row[1:7], uuid.UUID(row[7]), *row[8:]))
        return
    marks = ", ".join(["%s"] * len(_OP_COLUMNS))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO op ({names}) VALUES ({marks})", rows)  # noqa: S608 - constant columns


def write_records(org_id: int, touched: Mapping[str, Held]) -> None:
    """Write what the records say now, new or known."""
    if not touched:
        return
    rows = [_record_row(org_id, record_id, one) for record_id, one in sorted(touched.items())]
    names = ", ".join(_RECORD_COLUMNS)
    kept = ("entity_id", "org_id", "entity", "scope_id")
    renewed = ", ".join(f"{name} = excluded.{name}" for name in _RECORD_COLUMNS if name not in kept)
    # Its owner and scope are for ever: whoever forged an id changes nothing of another's record.
    upsert = (
        f"ON CONFLICT (entity_id) DO UPDATE SET {renewed}"
        " WHERE record.org_id = excluded.org_id AND record.scope_id = excluded.scope_id"
    )
    if connection.vendor == "postgresql":
        casts = ", ".join(f"%s::{kind}[]" for kind in _RECORD_TYPES)
        picked = names.replace("state, clocks", "state::jsonb, clocks::jsonb")
        statement = (
            f"INSERT INTO record ({names}) SELECT {picked} FROM unnest({casts}) AS t({names}) {upsert}"  # noqa: S608 - constant columns
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)])
        return
    marks = ", ".join(["%s"] * len(_RECORD_COLUMNS))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO record ({names}) VALUES ({marks}) {upsert}",  # noqa: S608 - constant columns
            [(*row[:-1], _sqlite_time(row[-1])) for row in rows],
        )


def _record_row(org_id: int, record_id: str, one: Held) -> tuple[Any, ...]:
    state = one.state
    if state is None or one.changed_at is None:
        raise CentralError("A record without a state cannot be written.")
    own_visit = hex_of(str(state.values.get("visit_id")))
    customer = hex_of(str(state.values.get("customer_id"))) or hex_of(state.scope.removeprefix("customer:"))
    return (
        record_id.replace("-", ""),
        org_id,
        state.entity,
        state.scope,
        own_visit,
        customer,
        _json_text(state.values),
        _json_text(merge.clocks_document(state)),
        one.rev,
        max((clock[0] for clock in state.clocks.values()), default=0),
        one.seq,
        state.is_removed,
        one.changed_at,
    )


def keep_aside(batch: Batch, refused: Iterable[Incoming]) -> None:
    """Keep what could not be taken, with its reason: it is shown, and nothing of it is lost."""
    refused = list(refused)
    if not refused:
        return
    now = datetime.now(UTC)
    RefusedOp.objects.bulk_create(
        [
            RefusedOp(
                op_id=one.op_id,
                org_id=batch.org_id,
                device=batch.device,
                actor=one.actor[:MAX_ACTOR].replace("\x00", ""),
                scope_id=one.scope[:MAX_SCOPE].replace("\x00", ""),
                entity=one.entity[:MAX_ENTITY].replace("\x00", ""),
                entity_id=one.record_id,
                code=one.problem.code if one.problem else 0,
                field=(one.problem.field if one.problem else "")[:200].replace("\x00", ""),
                packed=one.packed,
                received_at=now,
            )
            for one in refused
        ]
    )


# --- the two databases --------------------------------------------------------------------------------------

_json_text_of = msgspec.json.Encoder().encode
_json_from = msgspec.json.Decoder().decode


def _json_text(held: Any) -> str:
    return _json_text_of(held).decode("utf-8")


def _json_of(held: Any) -> Any:
    """Return a JSON column's value: text on both databases, unless a driver was quicker."""
    return _json_from(held) if isinstance(held, (str, bytes)) else held


def text_of(held: Any) -> str:
    """Return an id column's value as text: PostgreSQL gives a UUID, SQLite its 32 digits."""
    return str(held) if isinstance(held, uuid.UUID) else unpack_id(bytes.fromhex(held))


@functools.lru_cache(maxsize=10_000)
def hex_of(held: str) -> str | None:
    """Return an id as 32 digits; None for what is no id."""
    packed = pack_id(held)
    return packed.hex() if isinstance(packed, bytes) else None


def _sqlite_time(moment: datetime) -> str:
    """Return an instant as Django keeps it in SQLite."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _select(statement: str, ids: Sequence[str], tail: str = "") -> list[tuple[Any, ...]]:
    """Return the rows whose id column (the statement's last word) is one of these."""
    plain = list(ids) if "-" not in "".join(ids) else [one.replace("-", "") for one in ids]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"{statement} = ANY(%s::uuid[]){tail}", [plain])
        else:
            statement += " IN (SELECT value FROM json_each(%s))"
            cursor.execute(statement + tail, [_json_text(plain)])
        return list(cursor.fetchall())
