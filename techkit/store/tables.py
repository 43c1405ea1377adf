"""One STRICT table per kind of record, derived from its declaration; records and states as rows.

Beside the declared columns each table has hidden ones: `_extra` (JSON of what this techkit cannot
read: fields, choices and types of a newer one), `_clocks` (who wrote each field last, packed),
`_scope`, `_removed` and `_reason`. A declaration that gained a field adds a column when the store is
opened; what an older techkit parked in `_extra` moves into it. A column this techkit does not declare
is read into `extra` and passed on. Records of unknown kinds live in `_unknown` as JSON.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import itertools
import json
import struct
from collections.abc import Iterable, Sequence
from typing import Any

from techkit.errors import StoreNewerError
from techkit.i18n import _
from techkit.records import catalogue
from techkit.records.encoding import columns, encode, from_document, from_row
from techkit.records.merging import clocks_document, load
from techkit.records.operations import RecordState, unpack_device, unpack_id, unpack_ids
from techkit.records.schema import FieldSpec, Record, RecordSpec, ValueType
from techkit.store.connection import Connection

#: The form of the tables that are not derived. A store with a higher one is refused untouched.
STORE_VERSION = 1

_HIDDEN = ("_extra", "_clocks", "_scope", "_removed", "_reason")
#: What stands in a new row besides the columns that `Table.insert_sql` is asked for and those at their defaults.
MORE_COLUMNS = 3

_JSON_TYPES = (ValueType.TEXTS, ValueType.DOCUMENT)
_MAX_INTEGER = 2**63


def specs() -> tuple[RecordSpec, ...]:
    """Return the declared kinds that have a table; all of them."""
    return catalogue.every()


def to_json(held: Any) -> str:
    """Return compact JSON text."""
    return json.dumps(held, ensure_ascii=False, separators=(",", ":"))


@functools.cache
def _codec() -> tuple[Any, Any]:
    import msgspec  # loaded late: not needed before the first paint

    return msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder().decode


def pack_state(state: RecordState) -> bytes:
    """Return a whole state as bytes, for the base layer."""
    held: bytes = _codec()[0]((state.scope, state.values, clocks_document(state)))
    return held


def unpack_state(entity: str, record_id: str, packed: bytes) -> RecordState:
    """Return the state of its bytes."""
    scope, values, clocks = _codec()[1](packed)
    return load(entity, record_id, scope, values, clocks)


def clock_of(clocks: bytes) -> int:
    """Return the highest clock of a row's packed `_clocks`."""
    held = _codec()[1](clocks)
    return max((who[0] for who in held["by"].values()), default=0)


class Table:
    """The table of one declared kind. foreign: columns a newer techkit added, in table order."""

    def __init__(self, spec: RecordSpec, foreign: Sequence[str] = ()) -> None:
        self.spec = spec
        self.name = spec.kind
        self.foreign = tuple(foreign)
        self.fields = {f.name: f for f in spec.fields}
        self.searched = tuple(f for f in spec.fields if f.searched)
        self.declared = tuple(name for name, _type in columns(spec))
        self._integers = {name for name, sql_type in columns(spec) if sql_type == "INTEGER"}
        self._defaults = {f.name: self._column_value(f, encode(f.default)) for f in spec.fields}
        self._texts = {
            f.name for f in spec.fields if f.value_type not in _JSON_TYPES and f.name not in self._integers
        }
        self._inserts: dict[tuple[tuple[str, ...], int], str] = {}
        quoted = [f'"{name}"' for name in (*self.declared, *_HIDDEN)]
        sets = ", ".join(f"{q} = excluded.{q}" for q in quoted[1:])
        marks = ", ".join("?" * len(quoted))
        self.upsert_sql = (
            f'INSERT INTO "{self.name}" ({", ".join(quoted)}) VALUES ({marks}) '  # noqa: S608 - declared names
            f"ON CONFLICT (id) DO UPDATE SET {sets}"
        )
        shown = ", ".join([*quoted, *(f'"{name}"' for name in self.foreign)])
        self.select_sql = f'SELECT {shown} FROM "{self.name}"'  # noqa: S608 - declared names

    # --- rows to values -------------------------------------------------------------------------

    def record(self, raw: Sequence[Any]) -> Record:
        """Return the record of a row of `select_sql`."""
        extra = self._extra(raw)
        held = from_row(self.spec, dict(zip(self.declared, raw, strict=False)), extra)
        if extra and not self.fields.keys().isdisjoint(extra):
            # A newer value this techkit has learnt to read since.
            document = {
                name: _json_value(self.fields[name], raw[place])
                for place, name in enumerate(self.fields, start=1)
                if raw[place] is not None
            }
            held = from_document(self.name, held.id, {**document, **extra})
        return held

    def _extra(self, raw: Sequence[Any]) -> dict[str, Any]:
        count = len(self.declared)
        extra: dict[str, Any] = json.loads(raw[count]) if raw[count] else {}
        if self.foreign:
            for name, held in zip(self.foreign, raw[count + len(_HIDDEN) :], strict=True):
                if held is not None:
                    extra.setdefault(name, held)
        return extra

    def state(self, raw: Sequence[Any]) -> RecordState:
        """Return the state of a row of `select_sql`: every value that has a clock."""
        extra = self._extra(raw)
        count = len(self.declared)
        clocks = _codec()[1](raw[count + 1])
        places = {name: place for place, name in enumerate(self.declared)}
        values: dict[str, Any] = {}
        for _order, _device, _actor, names in clocks["by"].values():
            for name in names:
                if name in extra:
                    values[name] = extra[name]
                elif name in self.fields:
                    values[name] = _json_value(self.fields[name], raw[places[name]])
        return load(self.name, raw[0], raw[count + 2], values, clocks)

    # --- values to rows -------------------------------------------------------------------------

    def values_of_state(self, state: RecordState) -> list[Any]:
        """Return what `upsert_sql` takes for a state; values that fit no column go to `_extra`."""
        plain = dict(self._defaults)
        extra: dict[str, Any] = {}
        for name, held in state.values.items():
            field = self.fields.get(name)
            if field is None:
                extra[name] = held
                continue
            try:
                plain[name] = self._column_value(field, held)
            except ValueError:
                extra[name] = held
        return [
            state.record_id,
            *plain.values(),
            to_json(extra) if extra else None,
            _codec()[0](clocks_document(state)),
            state.scope,
            int(state.is_removed),
            state.reason,
        ]

    def fresh_rows(
        self, names: tuple[str, ...], ops: Sequence[Any], orders: Sequence[int]
    ) -> list[Any] | None:
        """Return what `insert_sql` takes for the first operations of many records, one row behind the other.

        ops: as operations.glance gives them, all with these fields. Each row is the one `values_of_state` gives for the
        fold of its operation alone. Nine of ten operations that arrive are of this kind, so all of one kind are looked
        at together, a column at a time: a third of the time of `fresh` for each. None when one of them is not so plain.
        """
        if not names or not self.fields.keys() >= set(names):
            return None
        pairs = list(itertools.chain.from_iterable([op.fields.values() for op in ops]))
        if any(base for _held, base in pairs):
            return None
        held = [value for value, _base in pairs]
        try:
            columns_ = [self._column(name, held[at :: len(names)]) for at, name in enumerate(names)]
            ids = unpack_ids([op.record_id for op in ops])
            clocks = _first_clocks(names, ops, orders)
        except (ValueError, TypeError, struct.error):
            return None
        width = len(names) + MORE_COLUMNS
        rows: list[Any] = [None] * (width * len(ops))
        for at, column in enumerate((ids, *columns_)):
            rows[at::width] = column
        rows[width - 2 :: width] = clocks
        rows[width - 1 :: width] = [op.scope for op in ops]
        return rows

    def _column(self, name: str, held: Sequence[Any]) -> Sequence[Any]:
        """Return many values of one field as their column takes them. Raises: ValueError when one does not fit."""
        if name in self._texts:
            with contextlib.suppress(TypeError):
                if "\x00" not in "".join(held):
                    return held
        field = self.fields[name]
        return [self._column_value(field, one) for one in held]

    def fresh(self, record_id: str, op: Any, order: int) -> tuple[tuple[str, ...], list[Any]] | None:
        """Return the columns a record's first operation fills, and what `insert_sql` takes for them.

        op: as operations.glance gives it. None for one that names what its author saw: it is not the first.
        """
        names: list[str] = []
        values: list[Any] = [record_id]
        extra: dict[str, Any] = {}
        for name, (held, base) in op.fields.items():
            if base or name[:1] == ".":
                return None
            try:
                column = self._column_value(self.fields[name], held)
            except (KeyError, ValueError):
                extra[name] = held
            else:
                names.append(name)
                values.append(column)
        who = (order, unpack_device(op.device), op.actor, list(op.fields))
        by = {unpack_id(op.op_id): who} if op.fields else {}
        if extra:
            names.append("_extra")
            values.append(to_json(extra))
        values += (bytearray(_codec()[0]({"by": by})), op.scope)
        return tuple(names), values

    def insert_sql(self, names: tuple[str, ...], count: int = 1) -> str:
        """Return the statement that makes so many rows of these columns, all others at their defaults.

        It takes `MORE_COLUMNS` more than are named: the id before them, clocks and scope behind them.
        """
        if (names, count) not in self._inserts:
            others = {n: v for n, v in self._defaults.items() if n not in names and v is not None}
            columns_ = ["id", *names, "_clocks", "_scope", *others, "_removed", "_reason"]
            marks = (
                ["?"] * (len(names) + MORE_COLUMNS)
                + [_literal(held) for held in others.values()]
                + ["0", "''"]
            )
            self._inserts[names, count] = (
                f'INSERT INTO "{self.name}" ('  # noqa: S608 - declared names and defaults
                + ", ".join(f'"{name}"' for name in columns_)
                + ") VALUES "
                + ", ".join([f"({', '.join(marks)})"] * count)
                + " ON CONFLICT DO NOTHING"
            )
        return self._inserts[names, count]

    def update_of(self, state: RecordState, names: Iterable[str]) -> tuple[str, list[Any]]:
        """Return the statement, and its values, that writes some fields of a row that is there.

        Only these columns are named: SQLite rewrites the index of every column a statement names.
        """
        values = dict(zip((*self.declared, *_HIDDEN), self.values_of_state(state), strict=True))
        written = [*(name for name in self.fields if name in set(names)), *_HIDDEN]
        sets = ", ".join(f'"{name}" = ?' for name in written)
        sql = f'UPDATE "{self.name}" SET {sets} WHERE id = ?'  # noqa: S608 - declared names
        return sql, [*(values[name] for name in written), state.record_id]

    def words(self, state: RecordState) -> str:
        """Return the words under which a state's record is found, as wording.search_text gives them."""
        found = []
        for field in self.searched:
            held = state.values.get(field.name)
            if isinstance(held, list):
                found += [item for item in held if isinstance(item, str)]
            elif held not in (None, "") and field.choices:
                found.append(field.choices.get(str(held), str(held)))
            elif isinstance(held, str) and held:
                found.append(held)
        return "\n".join(found)

    def _column_value(self, field: FieldSpec, held: Any) -> Any:
        """Return a JSON value as its column takes it. Raises: ValueError when it does not fit."""
        if held is None:
            return None
        if field.value_type in _JSON_TYPES:
            return to_json(held)
        if field.name in self._integers:
            if isinstance(held, int) and -_MAX_INTEGER <= held < _MAX_INTEGER:
                return int(held)
        elif isinstance(held, str) and "\x00" not in held:
            return held
        raise ValueError(field.name)


def _first_clocks(names: tuple[str, ...], ops: Sequence[Any], orders: Sequence[int]) -> list[bytearray]:
    """Return the packed `_clocks` of records after their first operations. Raises: ValueError for an id that is none.

    An author's differ in the operation's id and its order only: these are put into what was packed once, a byte of all
    of them at a time. A byte array is given to the database as it is; of bytes it asks first, for 3 µs, whether
    anybody wants them adapted.
    """
    if not orders or min(orders) < _SAMPLE_ORDER:
        raise ValueError("an order that packs shorter")
    found = [bytearray()] * len(ops)
    for who, mine in _by_author(ops).items():
        head, middle, tail = _around(unpack_device(who[0]), who[1], names)
        sample = bytearray(b"".join((head, bytes(36), middle, bytes(8), tail)))
        width, count = len(sample), len(mine)
        packed = sample * count
        texts = "".join(unpack_ids([ops[at].op_id for at in mine])).encode()
        for place in range(36):
            packed[len(head) + place :: width] = texts[place::36]
        numbers = struct.pack(f">{count}Q", *[orders[at] for at in mine])
        order_at = len(head) + 36 + len(middle)
        for place in range(8):
            packed[order_at + place :: width] = numbers[place::8]
        for number, at in enumerate(mine):
            found[at] = packed[width * number : width * (number + 1)]
    return found


def _by_author(ops: Sequence[Any]) -> dict[tuple[Any, str], Sequence[int]]:
    """Return which of these operations each device and person wrote, by their numbers; mostly one wrote all of them."""
    devices, actors = [op.device for op in ops], [op.actor for op in ops]
    if devices.count(devices[0]) == actors.count(actors[0]) == len(ops):
        return {(devices[0], actors[0]): range(len(ops))}
    found: dict[tuple[Any, str], list[int]] = {}
    for at, who in enumerate(zip(devices, actors, strict=True)):
        found.setdefault(who, []).append(at)
    return dict(found)


#: Stands in for an operation's id and for an order: all orders from it on are packed as a byte and their 8 bytes.
_SAMPLE_ID, _SAMPLE_ORDER = "0" * 36, 2**32


@functools.lru_cache(maxsize=1000)
def _around(device: str, actor: str, names: tuple[str, ...]) -> tuple[bytes, bytes, bytes]:
    """Return what stands before, between and behind the operation's id and its order in packed `_clocks`."""
    sample = _codec()[0]({"by": {_SAMPLE_ID: (_SAMPLE_ORDER, device, actor, names)}})
    head, _id, rest = sample.partition(_SAMPLE_ID.encode())
    middle, _order, tail = rest.partition(_SAMPLE_ORDER.to_bytes(8, "big"))
    return head, middle, tail


def _literal(held: Any) -> str:
    """Return a declared default as SQL text."""
    return str(held) if isinstance(held, int) else "'" + str(held).replace("'", "''") + "'"


def _json_value(field: FieldSpec, held: Any) -> Any:
    """Return a column's value as JSON carries it."""
    if held is None:
        return None
    if field.value_type in _JSON_TYPES:
        return json.loads(held)
    if field.value_type is ValueType.TRUTH:
        return bool(held)
    return held


# --- making and changing the tables -----------------------------------------------------------------

_OWN_TABLES: dict[str, tuple[dict[str, Any], Any]] = {
    "_meta": ({"key": str, "value": str}, "key"),
    "_setting": ({"key": str, "value": str}, "key"),
    "_device": (
        {
            "id": str,
            "prefix": str,
            "name": str,
            "technician": str,
            "technician_id": str,
            "provider": str,
            "provider_reach": str,
        },
        "id",
    ),
    "_operation": (
        {
            "place": int,
            "op_id": bytes,
            "entity": str,
            "record_id": str,
            "hlc": int,
            "body": bytes,
        },
        "place",
    ),
    "_pending": (
        {"place": int, "record_id": str, "scope": str, "size": int, "is_offered": int},
        "place",
    ),
    "_receipt": (
        {"place": int, "scope": str, "seq": int, "hlc": int, "acked_at": int},
        "place",
    ),
    "_refused": (
        {"place": int, "code": str, "title": str, "field": str, "advice": str, "refused_at": int},
        "place",
    ),
    "_received": ({"place": int, "received_at": int, "body": bytes}, "place"),
    "_base": ({"record_id": str, "entity": str, "state": bytes}, "record_id"),
    "_rebuild": ({"record_id": str, "scope": str, "entity": str, "state": bytes}, "record_id"),
    "_unknown": ({"record_id": str, "entity": str, "state": bytes}, "record_id"),
    "_cursor": ({"scope": str, "seq": int, "digest": bytes}, "scope"),
    "_conflict": (
        {
            "id": str,
            "scope": str,
            "entity": str,
            "record_id": str,
            "field": str,
            "body": str,
            "found_at": int,
            "decided_by": str,
        },
        "id",
    ),
    "_file": (
        {
            "sha256": str,
            "byte_count": int,
            "media_type": str,
            "made_at": int,
            "present_at": int,
            "sent_bytes": int,
            "is_here": int,
        },
        "sha256",
    ),
    "_away": (
        {"record_id": str, "visit_id": str, "scope": str, "number": str, "day": str, "customer_id": str},
        "record_id",
    ),
    "_search_kind": ({"number": int, "kind": str, "indexed_to": int}, "number"),
    "_search_stale": ({"place": int}, "place"),
}

_OWN_INDEXES = (
    'CREATE UNIQUE INDEX IF NOT EXISTS "_operation_id" ON "_operation" (op_id)',
    'CREATE INDEX IF NOT EXISTS "_operation_record" ON "_operation" (record_id, place)',
    'CREATE INDEX IF NOT EXISTS "_pending_record" ON "_pending" (record_id)',
    'CREATE INDEX IF NOT EXISTS "_receipt_age" ON "_receipt" (acked_at)',
)


def fingerprint(kinds: Iterable[RecordSpec]) -> str:
    """Return a hash of all derived columns, indexes and own tables; equal means nothing is to be done."""
    shape = [[s.kind, columns(s), [f.name for f in s.fields if f.indexed]] for s in kinds]
    return hashlib.sha256(to_json([STORE_VERSION, sorted(_OWN_TABLES), shape]).encode()).hexdigest()


def prepare(connection: Connection, kinds: Sequence[RecordSpec]) -> dict[str, Table]:
    """Make or change the derived tables to fit the declarations; return a Table per kind.

    Nothing is touched when the declarations are those of the last opening.
    Raises: StoreNewerError for a store whose version or kinds this techkit does not know.
    """
    is_new = connection.one("SELECT 1 FROM sqlite_master WHERE name = '_meta'") is None
    held = {} if is_new else _read_schema(connection)
    known = {spec.kind for spec in kinds}
    if held.get("version", STORE_VERSION) > STORE_VERSION or set(held.get("kinds", ())) - known:
        raise StoreNewerError(
            _("These visits were written by a newer techkit."),
            safe=_("Nothing was changed."),
            advice=_("Update techkit on this device, then open them again."),
        )
    wanted = fingerprint(kinds)
    if held.get("fingerprint") != wanted:
        with connection.transaction():
            held = _change(connection, kinds, wanted, is_new=is_new)
    foreign = held["foreign"]
    return {spec.kind: _table(spec, tuple(foreign.get(spec.kind, ()))) for spec in kinds}


#: Tables of the declared kinds, the same for every store of this process.
_tables: dict[tuple[str, tuple[str, ...]], Table] = {}


def _table(spec: RecordSpec, foreign: tuple[str, ...]) -> Table:
    held = _tables.get((spec.kind, foreign))
    if held is None or held.spec is not spec:
        held = _tables[spec.kind, foreign] = Table(spec, foreign)
    return held


def _read_schema(connection: Connection) -> dict[str, Any]:
    row = connection.one("SELECT value FROM _meta WHERE key = 'schema'")
    held: dict[str, Any] = json.loads(row[0]) if row else {}
    return held


def _change(
    connection: Connection, kinds: Sequence[RecordSpec], wanted: str, *, is_new: bool
) -> dict[str, Any]:
    # sqlite-utils plans the statements; they run inside the caller's transaction.
    for name, (own, pk) in _OWN_TABLES.items():
        if connection.one("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)) is None:
            connection.execute(_create_sql(connection, name, own, pk))
    for statement in _OWN_INDEXES:
        connection.execute(statement)
    from techkit.store import search  # it needs nothing of this module; its table is made here too

    foreign = {spec.kind: _fit(connection, spec, is_new=is_new) for spec in kinds}
    search.prepare(connection, [s.kind for s in kinds if any(f.searched for f in s.fields)])
    if not is_new:
        for spec in kinds:
            _promote(connection, _table(spec, tuple(foreign[spec.kind])))
    held = {
        "version": STORE_VERSION,
        "fingerprint": wanted,
        "kinds": sorted(spec.kind for spec in kinds),
        "foreign": {kind: names for kind, names in foreign.items() if names},
    }
    connection.execute("INSERT OR REPLACE INTO _meta (key, value) VALUES ('schema', ?)", (to_json(held),))
    return held


#: What sqlite-utils planned, by the table's name, columns and key: a store is made of nearly a hundred such statements.
_planned: dict[tuple[object, ...], str] = {}


def _create_sql(connection: Connection, name: str, own: dict[str, Any], pk: str) -> str:
    asked = (name, *own.items(), pk)
    if asked not in _planned:
        _planned[asked] = str(connection.utils().create_table_sql(name, own, pk=pk, strict=True))
    return _planned[asked]


def _fit(connection: Connection, spec: RecordSpec, *, is_new: bool) -> list[str]:
    """Make the table or add its missing columns and indexes; return the columns it does not declare."""
    python_type = {"TEXT": str, "INTEGER": int}
    declared = {name: python_type[sql_type] for name, sql_type in columns(spec)}
    hidden = {"_extra": str, "_clocks": bytes, "_scope": str, "_removed": int, "_reason": str}
    there = [] if is_new else [row[1] for row in connection.all(f'PRAGMA table_info("{spec.kind}")')]
    if not there:
        connection.execute(_create_sql(connection, spec.kind, {**declared, **hidden}, "id"))
    for name, sql_type in columns(spec):
        if there and name not in there:
            connection.execute(f'ALTER TABLE "{spec.kind}" ADD COLUMN "{name}" {sql_type}')
    wanted = [f.name for f in spec.fields if f.indexed]
    for name in wanted:
        connection.execute(f'CREATE INDEX IF NOT EXISTS "{spec.kind}.{name}" ON "{spec.kind}" ("{name}")')
    connection.execute(
        f'CREATE INDEX IF NOT EXISTS "{spec.kind}._extra" ON "{spec.kind}" (id) WHERE _extra IS NOT NULL'
    )
    return [name for name in there if name not in declared and name not in hidden]


def _promote(connection: Connection, table: Table) -> None:
    """Move values an older techkit parked in `_extra` into the columns that exist now."""
    parked = connection.all(f"{table.select_sql} WHERE _extra IS NOT NULL")
    waiting = connection.all("SELECT record_id, state FROM _unknown WHERE entity = ?", (table.name,))
    rows = [table.values_of_state(table.state(raw)) for raw in parked]
    rows += [table.values_of_state(unpack_state(table.name, key, packed)) for key, packed in waiting]
    connection.many(table.upsert_sql, rows)
    connection.execute("DELETE FROM _unknown WHERE entity = ?", (table.name,))
