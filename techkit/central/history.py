"""The history and the records of it, as two databases keep them: a handful of statements for a thousand rows.

No ORM per row. Reading locks records in the order of their ids; writing puts operations and records where
their places were taken. Two looks at the whole stand here too: what still waits for its visit, and whether the
records are the fold of their history.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import connection

from techkit.central import feed
from techkit.central.batch import Batch, Held, Incoming
from techkit.central.models import Record as Row
from techkit.central.models import RefusedOp
from techkit.errors import CentralError
from techkit.records.operations import RecordState, pack_id, unpack, unpack_id
from techkit.sync import merge

#: Lengths the columns of models.py allow.
MAX_SCOPE, MAX_ENTITY, MAX_ACTOR = 80, 40, 400

# --- reading ---


def known_operations(op_ids: Sequence[str]) -> dict[str, tuple[int, str, int, int, bytes]]:
    """Return organisation, record, place, order and bytes of the operations in the history."""
    rows = _select("SELECT op_id, org_id, entity_id, seq, hlc, packed FROM op WHERE op_id", op_ids)
    return {_text_of(row[0]): (row[1], _text_of(row[2]), row[3], row[4], bytes(row[5])) for row in rows}


def load(org_id: int, record_ids: Sequence[str], held: dict[str, Held], *, is_locking: bool) -> None:
    """Fill in what the table has of these records; locked until the transaction ends when asked."""
    if not record_ids:
        return
    lock = " ORDER BY entity_id FOR UPDATE" if is_locking and connection.vendor == "postgresql" else ""
    columns = "entity_id, org_id, entity, scope_id, state, clocks, rev, seq"
    for row in _select(f"SELECT {columns} FROM record WHERE entity_id", record_ids, lock):  # noqa: S608 - constant columns
        one = held[_text_of(row[0])]
        clocks = _json_of(row[5])
        one.state = merge.load(row[2], _text_of(row[0]), row[3], _json_of(row[4]), clocks)
        one.rev, one.seq, one.is_foreign = row[6], row[7], row[1] != org_id
        one.is_special = "rivals" in clocks or "removed" in clocks


def kept_aside(op_ids: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Return problem and field of the operations that were refused before."""
    rows = _select("SELECT op_id, code, field FROM refused_op WHERE op_id", op_ids)
    return {_text_of(row[0]): (row[1], row[2]) for row in rows}


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
    rows = [
        (
            one.op.op_id.replace("-", ""), batch.org_id, one.op.scope, one.seq, one.op.device, one.op.actor,
            one.op.entity, one.op.record_id.replace("-", ""), str(one.op.action), one.order, one.packed,
            one.digest, now,
        )
        for one in accepted
    ]  # fmt: skip
    names = ", ".join(_OP_COLUMNS)
    if connection.vendor == "postgresql":
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY op ({names}) FROM STDIN (FORMAT BINARY)") as copy,
        ):
            copy.set_types(_OP_TYPES)
            for row in rows:
                copy.write_row((uuid.UUID(row[0]), *row[1:7], uuid.UUID(str(row[7])), *row[8:]))
        return
    marks = ", ".join(["%s"] * len(_OP_COLUMNS))
    text = _sqlite_time(now)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO op ({names}) VALUES ({marks})",  # noqa: S608 - constant columns
            [(*row[:-1], text) for row in rows],
        )


def write_records(org_id: int, touched: Mapping[str, Held]) -> None:
    """Write what the records say now, new or known."""
    if not touched:
        return
    now = datetime.now(UTC)
    rows = [_record_row(org_id, record_id, one, now) for record_id, one in sorted(touched.items())]
    names = ", ".join(_RECORD_COLUMNS)
    kept = ("entity_id", "org_id", "entity", "scope_id")
    renewed = ", ".join(f"{name} = excluded.{name}" for name in _RECORD_COLUMNS if name not in kept)
    upsert = f"ON CONFLICT (entity_id) DO UPDATE SET {renewed}"
    if connection.vendor == "postgresql":
        casts = ", ".join(f"%s::{kind}[]" for kind in _RECORD_TYPES)
        picked = names.replace("state, clocks", "state::jsonb, clocks::jsonb")
        statement = (
            f"INSERT INTO record ({names}) SELECT {picked} FROM unnest({casts}) AS t({names}) {upsert}"  # noqa: S608 - constant columns
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)])
        return
    marks, text = ", ".join(["%s"] * len(_RECORD_COLUMNS)), _sqlite_time(now)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO record ({names}) VALUES ({marks}) {upsert}",  # noqa: S608 - constant columns
            [(*row[:-1], text) for row in rows],
        )


def _record_row(org_id: int, record_id: str, one: Held, now: datetime) -> tuple[Any, ...]:
    state = one.state
    if state is None:
        raise CentralError("A record without a state cannot be written.")
    own_visit = _hex_of(str(state.values.get("visit_id")))
    customer = _hex_of(str(state.values.get("customer_id"))) or _hex_of(state.scope.removeprefix("customer:"))
    return (
        record_id.replace("-", ""),
        org_id,
        state.entity,
        state.scope,
        own_visit,
        customer,
        _json_text(state.values),
        _json_text(merge.clocks_document(state)),
        one.rev + len(one.incoming),
        max((clock[0] for clock in state.clocks.values()), default=0),
        max(one.seq, *(new.seq for new in one.incoming)),
        state.is_removed,
        now,
    )


def keep_aside(batch: Batch, refused: Iterable[Incoming]) -> None:
    """Keep what could not be taken, with its reason: it is shown, and nothing of it is lost."""
    now = datetime.now(UTC)
    RefusedOp.objects.bulk_create(
        [
            RefusedOp(
                op_id=one.op.op_id,
                org_id=batch.org_id,
                device=batch.device,
                actor=one.op.actor[:MAX_ACTOR].replace("\x00", ""),
                scope_id=one.op.scope[:MAX_SCOPE].replace("\x00", ""),
                entity=one.op.entity[:MAX_ENTITY].replace("\x00", ""),
                entity_id=one.op.record_id,
                code=one.problem.code if one.problem else 0,
                field=(one.problem.field if one.problem else "")[:200].replace("\x00", ""),
                packed=one.packed,
                received_at=now,
            )
            for one in refused
        ]
    )


# --- what waits for its parent ---


def parentless(org_id: int) -> list[tuple[str, str, str]]:
    """Return (kind, id, visit id) of records whose visit has not arrived yet, by kind and id.

    They are held with everything they say; no page of a visit can show them. Once the visit comes they
    are part of it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.entity, r.entity_id, r.visit_id FROM record r"
            " LEFT JOIN record v ON v.entity_id = r.visit_id AND v.org_id = r.org_id"
            " WHERE r.org_id = %s AND r.visit_id IS NOT NULL AND v.entity_id IS NULL"
            " ORDER BY r.entity, r.entity_id",
            [org_id],
        )
        return [(kind, _text_of(one), _text_of(visit)) for kind, one, visit in cursor.fetchall()]


# --- rebuild check ----------------------------------------------------------------------------------------


def differing_records(org_id: int) -> list[str]:
    """Return the ids of records that are not the fold of their history; empty when all is well."""
    states: dict[str, RecordState] = {}
    for packed, order in feed.whole_history(org_id):
        op = unpack(packed)
        states[op.record_id] = merge.fold(states.get(op.record_id), op, order)
    wrong = []
    for row in Row.objects.filter(org_id=org_id).iterator(500):
        record_id = str(row.entity_id)
        held = merge.load(row.entity, record_id, row.scope_id, row.state, row.clocks)
        folded = states.pop(record_id, None)
        if folded is None or merge.canonical(folded) != merge.canonical(held):
            wrong.append(record_id)
    return sorted([*wrong, *states])


# --- the two databases --------------------------------------------------------------------------------------

_json_text_of = msgspec.json.Encoder().encode
_json_from = msgspec.json.Decoder().decode


def _json_text(held: Any) -> str:
    return _json_text_of(held).decode("utf-8")


def _json_of(held: Any) -> Any:
    """Return a JSON column's value: text on both databases, unless a driver was quicker."""
    return _json_from(held) if isinstance(held, (str, bytes)) else held


def _text_of(held: Any) -> str:
    """Return an id column's value as text: PostgreSQL gives a UUID, SQLite its 32 digits."""
    return str(held) if isinstance(held, uuid.UUID) else unpack_id(bytes.fromhex(held))


@functools.lru_cache(maxsize=10_000)
def _hex_of(held: str) -> str | None:
    """Return an id as 32 digits; None for what is no id."""
    packed = pack_id(held)
    return packed.hex() if isinstance(packed, bytes) else None


def _sqlite_time(moment: datetime) -> str:
    """Return an instant as Django keeps it in SQLite."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _select(statement: str, ids: Sequence[str], tail: str = "") -> list[tuple[Any, ...]]:
    """Return the rows whose id column (the statement's last word) is one of these."""
    plain = [one.replace("-", "") for one in ids]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"{statement} = ANY(%s::uuid[]){tail}", [plain])
        else:
            statement += " IN (SELECT value FROM json_each(%s))"
            cursor.execute(statement + tail, [_json_text(plain)])
        return list(cursor.fetchall())
