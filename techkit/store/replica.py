"""What the service confirmed, and the view over it: base and waiting operations, kept in step.

The rows of the derived tables are the view. For a record without waiting operations the view is what
the service confirmed, and nothing else is kept. Before the first waiting operation changes it, the
confirmed state is put into `_base`; when answers arrive, the base is folded on and the waiting
operations are applied again on top, in the same transaction that keeps the new place.

Operations received from others are kept as they came (`_received`) as long as the journal, so that a
service restored from a backup can get them back from any device that holds them.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from techkit.records.merging import Side, fold
from techkit.records.operations import (
    Action,
    Operation,
    RecordState,
    glance,
    pack_id,
    packed_id,
    unpack,
    unpack_id,
)
from techkit.store import search as search_index
from techkit.store.connection import Connection
from techkit.store.outbox import PIECE_OPERATIONS, Outbox, Receipt, Waiting
from techkit.store.tables import Table, _codec, pack_state, to_json, unpack_state

_PUT = str(Action.PUT)

#: How many ids one question to the database names.
_CHUNK = 900


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
    offer_after: what waits behind this place goes next and counts as offered: no commit of its own for that.
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


class _Own(NamedTuple):
    """What is known of one of our waiting operations without unpacking it."""

    place: int
    record_id: str
    scope: str
    hlc: int


class Replica:
    """The confirmed layer of one store. Written only by `apply` and, before an edit, `keep_base`."""

    def __init__(self, connection: Connection, tables: Mapping[str, Table], outbox: Outbox) -> None:
        self._connection = connection
        self._tables = tables
        self._outbox = outbox

    # --- before an edit -----------------------------------------------------------------------

    def keep_base(self, state: RecordState) -> None:
        """Keep what the service confirmed of a record that is about to be edited, once."""
        if self._is_beneath(state.record_id):
            return
        self._connection.execute(
            "INSERT OR REPLACE INTO _base (record_id, entity, state) VALUES (?, ?, ?)",
            (state.record_id, state.entity, pack_state(state)),
        )

    def _is_beneath(self, record_id: str) -> bool:
        """Return whether the view of a record already differs from what the service confirmed."""
        row = self._connection.one(
            "SELECT 1 FROM _pending WHERE record_id = ?1 UNION ALL SELECT 1 FROM _refused r "
            "JOIN _operation o USING (place) WHERE o.record_id = ?1 LIMIT 1",
            (record_id,),
        )
        return row is not None

    def base(self, kind: str, record_id: str) -> RecordState | None:
        """Return what the service confirmed of a record, None when nothing."""
        if self._is_beneath(record_id):
            return self._stored_base([record_id]).get(record_id)
        return self._views({kind: [record_id]}).get(record_id)

    # --- places -------------------------------------------------------------------------------

    def cursors(self) -> dict[str, tuple[int, str]]:
        """Return scope -> (place, digest in hex) of every scope this device may hold."""
        rows = self._connection.all("SELECT scope, seq, digest FROM _cursor ORDER BY scope")
        return {scope: (seq, digest.hex()) for scope, seq, digest in rows}

    def meta(self, key: str) -> str:
        """Return a value kept for sync (token, epoch), "" when there is none."""
        row = self._connection.one("SELECT value FROM _meta WHERE key = ?", (f"sync.{key}",))
        return str(row[0]) if row else ""

    def set_meta(self, values: Mapping[str, str]) -> None:
        """Keep values for sync."""
        with self._connection.transaction():
            self._write_meta(values)

    def _write_meta(self, values: Mapping[str, str]) -> None:
        for key, held in values.items():
            self._connection.execute(
                "INSERT OR REPLACE INTO _meta (key, value) VALUES (?, ?)", (f"sync.{key}", held)
            )

    # --- an answer ----------------------------------------------------------------------------

    def apply(self, answer: Answer) -> tuple[set[str], int]:
        """Take one reply in one transaction; return (kinds whose view changed, highest clock seen).

        Raises: StoreFullError, StoreError; then nothing was taken.
        """
        with self._connection.transaction():
            for scope in answer.granted:
                self._connection.execute(
                    "INSERT OR IGNORE INTO _cursor (scope, seq, digest) VALUES (?, 0, ?)", (scope, b"")
                )
            changed: set[str] = set()
            for scope in answer.revoked:
                changed |= self._drop(scope)
            for scope in answer.reset:
                self._begin_rebuild(scope)
            held = set(self.cursors())
            walking = self._begin_walks(answer, held)
            spoken_of: set[str] = set()
            changed |= self._fold(answer, held, walking, spoken_of)
            changed |= self._walk(answer, walking)
            for scope, (seq, digest) in answer.cursors.items():
                if scope in held and scope not in walking:
                    self._connection.execute(
                        "UPDATE _cursor SET seq = ?, digest = ? WHERE scope = ?",
                        (seq, bytes.fromhex(digest), scope),
                    )
            self._keep_conflicts(answer, held)
            if answer.offer_after:
                self._outbox.offer(answer.offer_after, answer.offer_after + PIECE_OPERATIONS)
            if answer.is_last:
                for scope in self.rebuilding() - self.walks().keys():
                    changed |= self._finish_rebuild(scope)
            for scope in spoken_of:
                self._begin_rebuild(scope)
            self._write_meta(answer.meta)
            seen: list[Confirmed | Receipt] = [*answer.changes, *answer.receipts]
            highest = max(max((one.order for one in seen), default=0), _latest(answer.records))
            highest = min(highest, answer.ceiling) if answer.ceiling else highest
            if highest:
                self._connection.execute(
                    "INSERT INTO _meta (key, value) VALUES ('hlc', ?) ON CONFLICT (key) DO UPDATE "
                    "SET value = max(CAST(value AS INTEGER), CAST(excluded.value AS INTEGER))",
                    (str(highest),),
                )
        return changed, highest

    # --- conflicts ----------------------------------------------------------------------------

    def conflicts(self) -> list[OpenConflict]:
        """Return what waits for a decision, oldest first."""
        rows = self._connection.all("SELECT body, decided_by FROM _conflict ORDER BY found_at, id")
        return [_conflict(json.loads(body), decided_by) for body, decided_by in rows]

    def note_decision(self, record_id: str, field: str, op_id: str) -> None:
        """Keep that our operation settles a conflict, inside the caller's transaction."""
        self._connection.execute(
            "UPDATE _conflict SET decided_by = ? WHERE record_id = ? AND field = ?", (op_id, record_id, field)
        )

    def _keep_conflicts(self, answer: Answer, held: set[str]) -> None:
        now = int(time.time())
        self._connection.many(
            "INSERT INTO _conflict (id, scope, entity, record_id, field, body, found_at, decided_by) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, '') ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            [
                (c.id, c.scope, c.entity, c.record_id, c.field, to_json(asdict(c)), now)
                for c in answer.conflicts
                if c.scope in held
            ],
        )
        self._connection.many("DELETE FROM _conflict WHERE id = ?", [(key,) for key in answer.settled])

    def _is_taken_whole(self, answer: Answer, held: set[str], walking: set[str]) -> bool:
        """Acknowledge a piece that was taken as it is, when nothing else is to be done; return whether that was all.

        A long outbox goes like this. The view is what the service has now, and stays.
        """
        sent, receipts = answer.sent, answer.receipts
        if not sent or answer.changes or answer.refused or len(receipts) != len(sent):
            return False
        if [(w.key, w.hlc) for w in sent] != [(r.key, r.order) for r in receipts]:
            return False
        scopes = {w.scope for w in sent}
        unsettled = walking | self.rebuilding() | set(self.meta("dropped").split())
        if scopes - held or scopes & unsettled:
            return False
        if not self._outbox.is_alone(sent):
            return False
        if self._connection.one("SELECT 1 FROM _base LIMIT 1") is not None:
            self._connection.many("DELETE FROM _base WHERE record_id = ?", [(w.record_id,) for w in sent])
        places = (waiting.place for waiting in sent)
        self._outbox.acknowledge(list(zip(places, receipts, strict=True)), answer.now_s)
        return True

    def _fold(self, answer: Answer, held: set[str], walking: set[str], spoken_of: set[str]) -> set[str]:
        """Fold what was answered and what arrived; return the kinds whose view changed.

        spoken_of: takes the scopes in which something is about a visit that left this device.
        """
        if self._is_taken_whole(answer, held, walking):
            return set()
        mine = self._own(answer)
        taken = [change.looked_at() for change in answer.changes if change.scope in held]
        taken, about_away = self._leave_out_away(taken)
        spoken_of |= about_away
        # What the service took in another form came back whole; that form counts, not ours.
        altered = {packed_id(one.body) for one in answer.changes} if answer.receipts else set()
        rebuilding = self.rebuilding()
        changed, arrived = self._insert_fresh(taken, rebuilding)
        # Of a scope that was withdrawn and came back nothing is in the view but what is folded again.
        dropped = set(self.meta("dropped").split())
        receipts = [(mine[r.key].place, r) for r in answer.receipts if r.key in mine]
        acked: dict[str, set[int]] = {}
        corrected: set[str] = set(arrived)
        folded: list[tuple[_Own, int]] = []
        for receipt in answer.receipts:
            own = mine.get(receipt.key)
            if own is None:
                continue
            acked.setdefault(own.record_id, set()).add(own.place)
            # A scope withdrawn meanwhile stays in the journal, not in the view; a snapshot under way
            # brings every record that has a receipt now, with it.
            if own.scope in held and own.scope not in walking and receipt.key not in altered:
                folded.append((own, receipt.order))
                if receipt.order != own.hlc or own.scope in rebuilding or own.scope in dropped:
                    corrected.add(own.record_id)
        waiting = self._waiting_places({*arrived, *acked})
        for refused in answer.refused:
            own = mine.get(pack_id(refused.op_id))
            if own is not None:
                place = own.place
                self._outbox.refuse(place, refused.code, refused.title, refused.field, refused.advice)
        self._outbox.acknowledge(receipts, answer.now_s)
        # All of ours arrived as it was and nothing else came: the view is what the service has now.
        settled = {key for key, places in acked.items() if key not in corrected and waiting[key] == places}
        if self._connection.one("SELECT 1 FROM _base LIMIT 1") is not None:
            self._connection.many("DELETE FROM _base WHERE record_id = ?", [(key,) for key in settled])
        touched = {key: [(unpack(one.body), one.order) for one in found] for key, found in arrived.items()}
        rest = [(own, order) for own, order in folded if own.record_id not in settled]
        bodies = self._bodies([own.place for own, _order in rest])
        for own, order in rest:
            touched.setdefault(own.record_id, []).append((unpack(bodies[own.place]), order))
        self._keep_received(answer, held)
        return changed | self._refold(touched, waiting, acked, self._stored_base(touched))

    def _leave_out_away(self, taken: list[Confirmed]) -> tuple[list[Confirmed], set[str]]:
        """Return what is not about visits that left this device, and the scopes of what is.

        Half a record is worse than none: those scopes are taken again as the service has them.
        """
        if not taken or self._connection.one("SELECT 1 FROM _away LIMIT 1") is None:
            return taken, set()
        named = {(unpack_id(one.seen.record_id), _visit_named(one.seen)) for one in taken}
        wanted = {name for pair in named for name in pair} - {""}
        away = {
            row[0] for row in self._in_chunks("SELECT record_id FROM _away WHERE record_id IN ", list(wanted))
        }
        gone = {record_id for record_id, visit_id in named if record_id in away or visit_id in away}
        kept = [one for one in taken if unpack_id(one.seen.record_id) not in gone]
        return kept, {one.seen.scope for one in taken if unpack_id(one.seen.record_id) in gone}

    def _insert_fresh(
        self, taken: list[Confirmed], rebuilding: set[str]
    ) -> tuple[set[str], dict[str, list[Confirmed]]]:
        """Write the records this device has never seen; return their kinds, and what is left to fold, by record.

        Of a first sync that is nearly everything: one look, one row, no fold.
        """
        ours = self._records_of_ours()
        keys = [one.seen.record_id for one in taken]
        often = (
            {key for key, count in Counter(keys).items() if count > 1} if len(set(keys)) < len(keys) else ()
        )
        left: dict[str, list[Confirmed]] = {}
        made: dict[tuple[str, tuple[str, ...]], tuple[list[list[Any]], list[Confirmed]]] = {}
        tables = self._tables
        for key, one in zip(keys, taken, strict=True):
            op = one.seen
            record_id = unpack_id(key)
            # An id that came as text may be that of another one's bytes: it is folded.
            is_first = key not in often and key.__class__ is bytes and op.action == _PUT
            if is_first and op.entity in tables and record_id not in ours and op.scope not in rebuilding:
                row = tables[op.entity].fresh(record_id, op, one.order)
                if row is not None:
                    names, values = row
                    batch = made.get((op.entity, names))
                    if batch is None:
                        batch = made[op.entity, names] = ([], [])
                    batch[0].append(values)
                    batch[1].append(one)
                    continue
            left.setdefault(record_id, []).append(one)
        for (kind, names), (rows, whose) in made.items():
            for place in self._insert_new(kind, names, rows):
                left.setdefault(rows[place][0], []).append(whose[place])
        return {kind for kind, _names in made}, left

    def _insert_new(self, kind: str, names: tuple[str, ...], rows: list[list[Any]]) -> list[int]:
        """Write rows of different records; return which of them were there before and stay as they are."""
        connection = self._connection
        last = connection.one(f'SELECT max(rowid) FROM "{kind}"')  # noqa: S608 - declared kinds
        if connection.many(self._tables[kind].insert_sql(names), rows) == len(rows):
            return []
        # New rows stand behind all that were there.
        sql = f'SELECT id FROM "{kind}" WHERE rowid <= {int((last and last[0]) or 0)} AND id IN '  # noqa: S608 - declared kinds
        known = {row[0] for row in self._in_chunks(sql, [row[0] for row in rows])}
        return [place for place, row in enumerate(rows) if row[0] in known]

    def _records_of_ours(self) -> set[str]:
        """Return the records with anything of ours that the service does not hold."""
        rows = self._connection.all(
            "SELECT record_id FROM _pending UNION "
            "SELECT o.record_id FROM _refused r JOIN _operation o USING (place)"
        )
        return {row[0] for row in rows}

    def _refold(
        self,
        touched: Mapping[str, list[tuple[Operation, int]]],
        waiting: Mapping[str, set[int]],
        acked: Mapping[str, set[int]],
        bases: Mapping[str, RecordState],
    ) -> set[str]:
        by_kind: dict[str, list[str]] = {}
        rebuilding = self.rebuilding() if touched else set()
        rebuilt: dict[str, list[tuple[Operation, int]]] = {}
        for key, found in touched.items():
            if found[0][0].scope in rebuilding:
                rebuilt[key] = found
            elif key not in waiting:
                by_kind.setdefault(found[0][0].entity, []).append(key)
        self._fold_rebuilt(rebuilt)
        views = self._views(by_kind)
        written: list[RecordState] = []
        for key, found in touched.items():
            if key in rebuilt:
                continue
            state = bases.get(key) if key in waiting else views.get(key)
            for op, order in found:
                state = fold(state, op, order)
            assert state is not None  # noqa: S101 - at least one operation touched it
            if key in waiting:
                state = self._over(state, waiting[key] - acked.get(key, set()))
            written.append(state)
        self._write(written)
        return {state.entity for state in written}

    def _over(self, base: RecordState | None, left: set[int]) -> RecordState:
        """Return the view: the confirmed state with the operations still waiting on top."""
        state = base
        if base is not None:
            if left:
                self._connection.execute(
                    "INSERT OR REPLACE INTO _base (record_id, entity, state) VALUES (?, ?, ?)",
                    (base.record_id, base.entity, pack_state(base)),
                )
            else:
                self._connection.execute("DELETE FROM _base WHERE record_id = ?", (base.record_id,))
        bodies = self._bodies(left)
        for place in sorted(left):
            op = unpack(bodies[place])
            state = fold(state, op, op.hlc)
        assert state is not None  # noqa: S101 - a base or a waiting operation
        return state

    # --- reading in bulk ----------------------------------------------------------------------

    def _own(self, answer: Answer) -> dict[bytes | str, _Own]:
        """Return our waiting operations the answer speaks of, by packed id."""
        if answer.sent:
            places = [waiting.place for waiting in answer.sent]
            left = self._outbox.waiting_between(min(places), max(places))
            return {w.key: _Own(w.place, w.record_id, w.scope, w.hlc) for w in answer.sent if w.place in left}
        wanted = [r.key for r in answer.receipts] + [pack_id(r.op_id) for r in answer.refused]
        rows = self._in_chunks(
            "SELECT o.op_id, o.place, o.record_id, p.scope, o.hlc FROM _operation o "
            "JOIN _pending p USING (place) WHERE o.op_id IN ",
            wanted,
        )
        return {row[0]: _Own(*row[1:]) for row in rows}

    def _bodies(self, places: Iterable[int]) -> dict[int, bytes]:
        return dict(self._in_chunks("SELECT place, body FROM _operation WHERE place IN ", list(places)))

    def _waiting_places(self, record_ids: Iterable[str]) -> dict[str, set[int]]:
        """Return record -> places of ours the service does not hold: waiting and refused ones."""
        found: dict[str, set[int]] = {}
        if self._connection.one("SELECT 1 FROM _pending UNION ALL SELECT 1 FROM _refused LIMIT 1") is None:
            return found
        keys = list(record_ids)
        for record_id, place in self._in_chunks(
            "SELECT record_id, place FROM _pending WHERE record_id IN ", keys
        ):
            found.setdefault(record_id, set()).add(place)
        if self._connection.one("SELECT 1 FROM _refused LIMIT 1") is not None:
            for record_id, place in self._in_chunks(
                "SELECT o.record_id, o.place FROM _refused r JOIN _operation o USING (place) "
                "WHERE o.record_id IN ",
                keys,
            ):
                found.setdefault(record_id, set()).add(place)
        return found

    def _stored_base(self, record_ids: Iterable[str]) -> dict[str, RecordState]:
        rows = self._in_chunks(
            "SELECT record_id, entity, state FROM _base WHERE record_id IN ", list(record_ids)
        )
        return {key: unpack_state(entity, key, packed) for key, entity, packed in rows}

    def _views(self, by_kind: Mapping[str, list[str]]) -> dict[str, RecordState]:
        found: dict[str, RecordState] = {}
        for kind, keys in by_kind.items():
            table = self._tables.get(kind)
            if table is None:
                rows = self._in_chunks(
                    "SELECT record_id, entity, state FROM _unknown WHERE record_id IN ", keys
                )
                found.update({key: unpack_state(entity, key, packed) for key, entity, packed in rows})
            else:
                rows = self._in_chunks(f"{table.select_sql} WHERE id IN ", keys)
                found.update({raw[0]: table.state(raw) for raw in rows})
        return found

    def _in_chunks(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        for start in range(0, len(values), _CHUNK):
            part = values[start : start + _CHUNK]
            rows += self._connection.all(f"{sql}({', '.join('?' * len(part))})", part)
        return rows

    # --- writing in bulk ----------------------------------------------------------------------

    def _write(self, states: Iterable[RecordState]) -> None:
        """Write views with their search words, inside the caller's transaction."""
        rows: dict[str, list[list[Any]]] = {}
        unknown: list[tuple[str, str, bytes]] = []
        searched: dict[str, list[str]] = {}
        for state in states:
            table = self._tables.get(state.entity)
            if table is None:
                unknown.append((state.record_id, state.entity, pack_state(state)))
                continue
            rows.setdefault(state.entity, []).append(table.values_of_state(state))
            if table.searched:
                searched.setdefault(state.entity, []).append(state.record_id)
        for kind, values in rows.items():
            self._connection.many(self._tables[kind].upsert_sql, values)
        for kind, keys in searched.items():
            search_index.mark(self._connection, kind, keys)
        self._connection.many(
            "INSERT OR REPLACE INTO _unknown (record_id, entity, state) VALUES (?, ?, ?)", unknown
        )

    def _keep_received(self, answer: Answer, held: set[str]) -> None:
        """Keep what came from others: the reply as it came where all of it is taken, else what is."""
        if not any(change.scope in held for change in answer.changes):
            return
        body = answer.raw
        if not body or not all(change.scope in held for change in answer.changes):
            body = _packed_received([change[:4] for change in answer.changes if change.scope in held])
        self._connection.execute(
            "INSERT INTO _received (received_at, body) VALUES (?, ?)",
            (answer.now_s or int(time.time()), body),
        )

    def received(self) -> Iterable[Confirmed]:
        """Yield what came from others and is still kept, in the order of arrival."""
        places = self._connection.all("SELECT place FROM _received ORDER BY place")
        for (place,) in places:
            row = self._connection.one("SELECT body FROM _received WHERE place = ?", (place,))
            if row is not None:
                yield from _unpacked(row[0])

    def count_in(self, scope: str) -> int:
        """Return how many records of a scope are shown here."""
        count = 0
        for kind in self._tables:
            row = self._connection.one(f'SELECT count(*) FROM "{kind}" WHERE _scope = ?', (scope,))  # noqa: S608 - declared names
            count += row[0] if row else 0
        return count

    def offer_again(self, op_ids: Iterable[str]) -> None:
        """Put operations a restored service lost among the waiting ones, whoever made them."""
        wanted = {pack_id(op_id) for op_id in op_ids}
        bodies = dict(self._in_chunks("SELECT op_id, body FROM _operation WHERE op_id IN ", list(wanted)))
        others = [held.body for held in self.received()] if wanted - bodies.keys() else []
        with self._connection.transaction():
            for body in bodies.values():
                self._keep_confirmed(unpack(body))
            self._outbox.offer_again(unpack(body).op_id for body in bodies.values())
            for body in others:
                op = unpack(body)
                packed_id = pack_id(op.op_id)
                if packed_id in wanted and packed_id not in bodies:
                    bodies[packed_id] = body
                    self._keep_confirmed(op)
                    self._outbox.add(op)

    def _keep_confirmed(self, op: Operation) -> None:
        view = self._views({op.entity: [op.record_id]}).get(op.record_id)
        if view is not None:
            self.keep_base(view)

    # --- scopes withdrawn ---------------------------------------------------------------------

    def _drop(self, scope: str) -> set[str]:
        """Take a withdrawn scope out of the view; own operations stay, sealed, until acknowledged."""
        changed: set[str] = set()
        for kind in self._tables:
            rows = self._connection.all(f'SELECT id FROM "{kind}" WHERE _scope = ?', (scope,))  # noqa: S608 - declared names
            for (record_id,) in rows:
                self.forget(kind, record_id)
                changed.add(kind)
        for record_id, entity, packed in self._connection.all(
            "SELECT record_id, entity, state FROM _unknown"
        ):
            if unpack_state(entity, record_id, packed).scope == scope:
                self._connection.execute("DELETE FROM _unknown WHERE record_id = ?", (record_id,))
        for name in ("_rebuild", "_conflict", "_cursor", "_away"):
            self._connection.execute(f"DELETE FROM {name} WHERE scope = ?", (scope,))  # noqa: S608 - our own names
        for key in ("dropped", "unforgotten"):
            self._write_meta({key: " ".join(sorted({*self.meta(key).split(), scope}))})
        return changed

    def forget_dropped(self) -> None:
        """Drop what others said in withdrawn scopes from the journal; it is not this device's to keep.

        Not while a service that was restored may still ask for it.
        """
        names = self.meta("unforgotten").split()
        if not names:
            return
        with self._connection.transaction():
            held = self.cursors()
            for scope in names:
                if scope not in held:
                    self._forget_received(scope)
            self._write_meta({"unforgotten": ""})

    def forget_received(self, record_ids: set[str]) -> None:
        """Drop what others said of these records from the journal, inside the caller's transaction."""
        self._drop_received(lambda one: unpack_id(glance(one.body).record_id) in record_ids)

    def _forget_received(self, scope: str) -> None:
        self._drop_received(lambda one: one.scope == scope)

    def _drop_received(self, is_dropped: Callable[[Confirmed], bool]) -> None:
        for (place,) in self._connection.all("SELECT place FROM _received ORDER BY place"):
            row = self._connection.one("SELECT body FROM _received WHERE place = ?", (place,))
            held = list(_unpacked(row[0])) if row is not None else []
            kept = [one[:4] for one in held if not is_dropped(one)]
            if not kept:
                self._connection.execute("DELETE FROM _received WHERE place = ?", (place,))
            elif len(kept) < len(held):
                self._connection.execute(
                    "UPDATE _received SET body = ? WHERE place = ?", (_packed_received(kept), place)
                )

    def forget(self, kind: str, record_id: str) -> None:
        """Take a record out of the view and from under it, inside the caller's transaction."""
        search_index.drop(self._connection, kind, record_id)
        self._connection.execute(f'DELETE FROM "{kind}" WHERE id = ?', (record_id,))  # noqa: S608 - declared names
        self._connection.execute("DELETE FROM _base WHERE record_id = ?", (record_id,))
        search_index.rows_went(self._connection, kind)

    # --- scopes taken as a snapshot --------------------------------------------------------------

    def walks(self) -> dict[str, tuple[int, str]]:
        """Return the place and digest reached in each snapshot that is not whole yet, by scope."""
        rows = self._connection.all(
            "SELECT scope, state FROM _rebuild WHERE entity = '' AND length(state) > 0"
        )
        return {scope: (int.from_bytes(mark[1:9], "big"), mark[9:].hex()) for scope, mark in rows}

    def _begin_walks(self, answer: Answer, held: set[str]) -> set[str]:
        """Return the scopes of this device whose snapshot is under way, those that begin now included."""
        known = self.walks()
        rebuilding = self.rebuilding()
        for scope in answer.walks:
            if scope in held and scope not in known:
                # What is shown while a scope is taken again stays until all of it is here.
                is_fresh = scope not in rebuilding
                if is_fresh:
                    self._begin_rebuild(scope)
                self._mark_walk(scope, 0, "", is_fresh=is_fresh)
        return (known.keys() | answer.walks.keys()) & held

    def _mark_walk(self, scope: str, seq: int, digest: str, *, is_fresh: bool) -> None:
        mark = bytes([is_fresh]) + seq.to_bytes(8, "big") + bytes.fromhex(digest)
        self._connection.execute(
            "UPDATE _rebuild SET state = ? WHERE scope = ? AND entity = ''", (mark, scope)
        )

    def _walk(self, answer: Answer, walking: set[str]) -> set[str]:
        """Keep the records of snapshots beside what is shown; show a scope once its snapshot is whole."""
        self._connection.many(
            "INSERT OR REPLACE INTO _rebuild (record_id, scope, entity, state) VALUES (?, ?, ?, ?)",
            [
                (one.state.record_id, one.scope, one.state.entity, pack_state(one.state))
                for one in answer.records
                if one.scope in walking
            ],
        )
        changed: set[str] = set()
        for scope, walk in answer.walks.items():
            if scope not in walking:
                continue
            (mark,) = self._connection.one(
                "SELECT state FROM _rebuild WHERE scope = ? AND entity = ''", (scope,)
            ) or (b"\0",)
            if not walk.is_whole:
                self._mark_walk(scope, walk.seq, walk.digest, is_fresh=bool(mark[0]))
                continue
            self._connection.execute(
                "UPDATE _cursor SET seq = ?, digest = ? WHERE scope = ?",
                (walk.seq, bytes.fromhex(walk.digest), scope),
            )
            self._connection.execute(
                "UPDATE _rebuild SET state = x'' WHERE scope = ? AND entity = ''", (scope,)
            )
            if mark[0]:
                changed |= self._finish_rebuild(scope)
        return changed

    def vanishing(self, answer: Answer) -> int:
        """Return how many records an answer would take out of the view without any removal saying so.

        That is what a scope taken again no longer has: nothing at an honest service, everything at one
        that claims an empty history.
        """
        whole = {scope for scope, walk in answer.walks.items() if walk.is_whole}
        begun = self.rebuilding() | set(answer.reset)
        ending = (begun | whole) if answer.is_last else whole
        count = 0
        for scope in ending - (self.walks().keys() - whole):
            kept: set[str] = set()
            if scope not in answer.reset:
                rows = self._connection.all("SELECT record_id FROM _rebuild WHERE scope = ?", (scope,))
                kept = {row[0] for row in rows}
            kept |= {one.state.record_id for one in answer.records if one.scope == scope}
            kept |= {
                unpack_id((c.seen or glance(c.body)).record_id) for c in answer.changes if c.scope == scope
            }
            shown = self._shown_in(scope)
            count += len(shown - kept - self._waiting_places(shown - kept).keys())
        return count

    def _shown_in(self, scope: str) -> set[str]:
        shown: set[str] = set()
        for kind in self._tables:
            statement = f'SELECT id FROM "{kind}" WHERE _scope = ? AND _removed = 0'  # noqa: S608 - declared names
            shown.update(row[0] for row in self._connection.all(statement, (scope,)))
        return shown

    def is_shown(self, record_id: str, kind: str) -> bool:
        """Return whether a record is in the view and not removed."""
        if kind not in self._tables:
            return False
        row = self._connection.one(f'SELECT 1 FROM "{kind}" WHERE id = ? AND _removed = 0', (record_id,))  # noqa: S608 - declared names
        return row is not None

    # --- scopes taken again from their start ----------------------------------------------------

    def rebuilding(self) -> set[str]:
        """Return the scopes that are being taken again from their start, or as a snapshot."""
        return {row[0] for row in self._connection.all("SELECT DISTINCT scope FROM _rebuild")}

    def take_again(self, scope: str) -> None:
        """Have a scope taken again from its start with the next sync, inside the caller's transaction."""
        self._begin_rebuild(scope)

    def _begin_rebuild(self, scope: str) -> None:
        """Take a scope again from its start, beside what is shown, until it is complete."""
        self._connection.execute("DELETE FROM _rebuild WHERE scope = ?", (scope,))
        self._connection.execute("DELETE FROM _away WHERE scope = ?", (scope,))
        self._connection.execute(
            "INSERT INTO _rebuild (record_id, scope, entity, state) VALUES (?, ?, '', x'')",
            (f"begun {scope}", scope),
        )
        self._connection.execute("UPDATE _cursor SET seq = 0, digest = x'' WHERE scope = ?", (scope,))

    def _fold_rebuilt(self, touched: Mapping[str, list[tuple[Operation, int]]]) -> None:
        for key, found in touched.items():
            first = found[0][0]
            row = self._connection.one("SELECT entity, state FROM _rebuild WHERE record_id = ?", (key,))
            state = None if row is None else unpack_state(row[0], key, row[1])
            for op, order in found:
                state = fold(state, op, order)
            assert state is not None  # noqa: S101 - at least one operation touched it
            self._connection.execute(
                "INSERT OR REPLACE INTO _rebuild (record_id, scope, entity, state) VALUES (?, ?, ?, ?)",
                (key, first.scope, first.entity, pack_state(state)),
            )

    def _finish_rebuild(self, scope: str) -> set[str]:
        """Swap in what was taken again: what nobody holds any more goes, waiting work stays."""
        rows = self._connection.all(
            "SELECT record_id, entity, state FROM _rebuild WHERE scope = ? AND entity <> ''", (scope,)
        )
        fresh = {key: unpack_state(entity, key, packed) for key, entity, packed in rows}
        changed: set[str] = set()
        old: dict[str, str] = {}
        for kind in self._tables:
            for (key,) in self._connection.all(f'SELECT id FROM "{kind}" WHERE _scope = ?', (scope,)):  # noqa: S608 - declared names
                old[key] = kind
        waiting = self._waiting_places([*old, *fresh])
        written = []
        for key in {**old, **dict.fromkeys(fresh, "")}:
            left = waiting.get(key, set())
            if key not in fresh:
                self._connection.execute("DELETE FROM _base WHERE record_id = ?", (key,))
                if not left:
                    self.forget(old[key], key)
                    changed.add(old[key])
                    continue
            written.append(self._over(fresh.get(key), left))
        self._write(written)
        self._connection.execute("DELETE FROM _rebuild WHERE scope = ?", (scope,))
        dropped = self.meta("dropped").split()
        if scope in dropped:
            self._write_meta({"dropped": " ".join(one for one in dropped if one != scope)})
        return changed | {state.entity for state in written}


def _visit_named(op: Any) -> str:
    """Return the visit a record says it belongs to, "" for none; op: as operations.glance gives it."""
    given = op.fields.get("visit_id")
    held = given[0] if given else ""
    return held if isinstance(held, str) else ""


def _latest(records: Iterable[Recorded]) -> int:
    """Return the highest clock in parts of snapshots."""
    return max((clock[0] for one in records for clock in one.state.clocks.values()), default=0)


def _conflict(held: dict[str, Any], decided_by: str) -> OpenConflict:
    base = held["base"]
    return OpenConflict(
        id=held["id"],
        scope=held["scope"],
        entity=held["entity"],
        record_id=held["record_id"],
        field=held["field"],
        kept=Side(**held["kept"]),
        others=tuple(Side(**side) for side in held["others"]),
        base=None if base is None else Side(**base),
        decided_by=decided_by,
    )


def _packed_received(kept: Sequence[tuple[Any, ...]]) -> bytes:
    """Return operations of others as `_received` keeps them."""
    import zstandard  # loaded late: only sync needs it

    return zstandard.ZstdCompressor(level=1).compress(_codec()[0](kept))


def _unpacked(kept: bytes) -> Iterable[Confirmed]:
    """Yield the operations of what `_keep_received` kept: a reply's map, or a list of our own."""
    import msgspec
    import zstandard

    plain = zstandard.ZstdDecompressor().decompressobj().decompress(kept)
    form = list[tuple[str, int, int, msgspec.Raw]]
    if 0x80 <= plain[0] <= 0x8F or plain[0] in (0xDE, 0xDF):
        reply = msgspec.defstruct("KeptReply", [("changes", form, msgspec.field(default_factory=list))])
        for scope, seq, order, body in msgspec.msgpack.decode(plain, type=reply).changes:  # type: ignore[attr-defined] # made above
            yield Confirmed(scope, seq, order, bytes(body))
        return
    for scope, seq, order, body in _codec()[1](plain):
        yield Confirmed(scope, seq, order, body)
