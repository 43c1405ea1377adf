"""The operations of this device: waiting ones in the order they were made, then the journal.

`_operation` holds every operation this device made, as the bytes that go over the wire. `_pending`
names those the service has not answered for; an answer moves a place to `_receipt` (kept 90 days, 7
on a stick) or to `_refused` (kept and shown until somebody looked). Only ids named by the service are
ever taken from `_pending`: an operation written while a request is under way stays where it is.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from techkit.records.identity import hlc_time
from techkit.records.operations import Operation, pack, pack_id, unpack, unpack_id
from techkit.store.connection import Connection

#: How many operations and bytes one piece holds: a cut costs one piece (SYNC.md, "One round trip").
PIECE_OPERATIONS = 1000
PIECE_BYTES = 700_000  # of text about 200 kB on the wire; sync/pieces.py asks for what fits

#: The scope of operations whose owner is not known yet; they wait on the device.
UNPLACED = ""


class Waiting(NamedTuple):
    """One operation that waits. place: order of making on this device. key: its id, packed. body: packed. hlc: its clock."""

    place: int
    key: bytes
    scope: str
    body: bytes
    record_id: str
    hlc: int

    @property
    def op_id(self) -> str:
        """Return its id as text."""
        return unpack_id(self.key)


class Receipt(NamedTuple):
    """The service's word that it keeps an operation. key: its id, packed. order: its clock as the service corrected it."""

    key: bytes
    scope: str
    seq: int
    order: int


class Counted(NamedTuple):
    """Changes of one record; at_s: of the last one, in seconds since 1970."""

    entity: str
    record_id: str
    changes: int
    byte_count: int
    at_s: int


@dataclass(frozen=True)
class Refusal:
    """An operation the service did not take; it is kept here and shown."""

    operation: Operation
    code: str
    title: str
    field: str
    advice: str


@dataclass(frozen=True)
class Waits:
    """How much waits: operations, bytes before compression, and since when (None: nothing waits)."""

    count: int
    byte_count: int
    oldest_at: datetime | None


class Outbox:
    """What sync works on; rows are written inside the store's transactions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, op: Operation) -> None:
        """Keep a new operation, inside the caller's transaction."""
        body = pack(op)
        made = self._connection.one(
            "INSERT INTO _operation (op_id, entity, record_id, hlc, body) VALUES (?, ?, ?, ?, ?) "
            "RETURNING place",
            (pack_id(op.op_id), op.entity, op.record_id, op.hlc, body),
        )
        assert made is not None  # noqa: S101 - RETURNING gives one row
        self._connection.execute(
            "INSERT INTO _pending (place, record_id, scope, size, is_offered) VALUES (?, ?, ?, ?, 0)",
            (made[0], op.record_id, op.scope, len(body)),
        )

    def rescope(self, record_id: str, scope: str) -> None:
        """Give the unsent operations of a record their scope, inside the caller's transaction."""
        rows = self._connection.all(
            "SELECT o.place, o.body FROM _pending p JOIN _operation o USING (place) WHERE p.record_id = ?",
            (record_id,),
        )
        for place, body in rows:
            from dataclasses import replace

            moved = pack(replace(unpack(body), scope=scope))
            self._connection.execute("UPDATE _operation SET body = ? WHERE place = ?", (moved, place))
            self._connection.execute(
                "UPDATE _pending SET scope = ?, size = ? WHERE place = ?", (scope, len(moved), place)
            )

    def was_offered(self, record_id: str) -> bool:
        """Return whether any operation of this record may have reached the service."""
        row = self._connection.one(
            "SELECT 1 FROM _operation o LEFT JOIN _pending p USING (place) "
            "WHERE o.record_id = ? AND (p.place IS NULL OR p.is_offered = 1) LIMIT 1",
            (record_id,),
        )
        return row is not None

    def waits(self) -> Waits:
        """Return how much waits to be sent."""
        row = self._connection.one(
            "SELECT count(*), coalesce(sum(size), 0), min(place) FROM _pending WHERE scope <> ''"
        )
        count, byte_count, first = row or (0, 0, None)
        if first is None:
            return Waits(0, 0, None)
        made = self._connection.one("SELECT hlc FROM _operation WHERE place = ?", (first,))
        return Waits(count, byte_count, hlc_time(made[0]) if made else None)

    def waiting_by_kind(self) -> list[tuple[str, int]]:
        """Return (kind, number of records with waiting changes), most first."""
        rows = self._connection.all(
            "SELECT o.entity, count(DISTINCT o.record_id) AS n FROM _pending p "
            "JOIN _operation o USING (place) GROUP BY o.entity ORDER BY n DESC, o.entity"
        )
        return [(entity, count) for entity, count in rows]

    def waiting_by_record(self) -> list[Counted]:
        """Return what waits, by record, in the order of making."""
        rows = self._connection.all(
            "SELECT o.entity, p.record_id, count(*), sum(p.size), max(o.hlc) / 65536000 FROM _pending p "
            "JOIN _operation o USING (place) GROUP BY p.record_id ORDER BY min(place)"
        )
        return [Counted(*row) for row in rows]

    def confirmed_by_record(self, within: timedelta) -> list[Counted]:
        """Return what was confirmed within this time of the last receipt, by the receipts' times."""
        rows = self._connection.all(
            "SELECT o.entity, o.record_id, count(*), sum(length(o.body)), max(r.acked_at) FROM _receipt r "
            "JOIN _operation o USING (place) WHERE r.acked_at >= (SELECT max(acked_at) FROM _receipt) - ? "
            "GROUP BY o.record_id",
            (int(within.total_seconds()),),
        )
        return [Counted(*row) for row in rows]

    def next_piece(
        self, *, after: int = 0, operations: int = PIECE_OPERATIONS, byte_count: int = PIECE_BYTES
    ) -> list[Waiting]:
        """Return the next operations to send, in order of making; at least one where one waits.

        after: the place of the last one already taken. They count as offered from now on.
        """
        connection = self._connection
        piece: list[Waiting] = []
        total = 0
        with connection.transaction():
            found = connection.each(
                "SELECT o.place, o.op_id, p.scope, o.body, o.record_id, o.hlc, p.size, p.is_offered "
                "FROM _pending p JOIN _operation o USING (place) "
                "WHERE p.place > ? AND p.scope <> '' ORDER BY p.place LIMIT ?",
                (after, operations),
            )
            is_offered = True
            with contextlib.closing(found) as rows:
                for *row, size, offered in rows:
                    total += size
                    if piece and total > byte_count:
                        break
                    piece.append(Waiting._make(row))
                    is_offered = is_offered and bool(offered)
            if not is_offered:
                self.offer(after, piece[-1].place)
        return piece

    def offer(self, after: int, last: int) -> None:
        """Count as offered what waits behind one place up to another, inside the caller's transaction."""
        self._connection.execute(
            "UPDATE _pending SET is_offered = 1 WHERE place > ? AND place <= ? AND scope <> '' AND is_offered = 0",
            (after, last),
        )

    def count_as_offered(self, record_id: str) -> None:
        """Count a record's waiting operations as offered: they may have reached the service before."""
        self._connection.execute("UPDATE _pending SET is_offered = 1 WHERE record_id = ?", (record_id,))

    def waiting_between(self, first: int, last: int) -> set[int]:
        """Return the places from one to another that the service has not answered for."""
        rows = self._connection.all("SELECT place FROM _pending WHERE place BETWEEN ? AND ?", (first, last))
        return {place for (place,) in rows}

    def is_waiting_after(self, place: int) -> bool:
        """Return whether operations made after this place wait to be sent."""
        row = self._connection.one("SELECT 1 FROM _pending WHERE place > ? AND scope <> '' LIMIT 1", (place,))
        return row is not None

    def waiting_among(self, op_ids: Iterable[str]) -> list[Waiting]:
        """Return those of our waiting operations that are among `op_ids`."""
        found = []
        for op_id in op_ids:
            row = self._connection.one(
                "SELECT o.place, o.op_id, p.scope, o.body, o.record_id, o.hlc "
                "FROM _operation o JOIN _pending p USING (place) "
                "WHERE o.op_id = ?",
                (pack_id(op_id),),
            )
            if row is not None:
                found.append(Waiting._make(row))
        return found

    def acknowledge(self, receipts: Sequence[tuple[int, Receipt]], now_s: int = 0) -> None:
        """Move places from waiting to the journal, inside the caller's transaction.

        now_s: the service's clock, by which the journal ages; ours may be wrong by years. 0: ours.
        """
        if not receipts:
            return
        now = now_s or int(time.time())
        connection = self._connection
        connection.many(
            "INSERT OR REPLACE INTO _receipt (place, scope, seq, hlc, acked_at) VALUES (?, ?, ?, ?, ?)",
            [(place, r.scope, r.seq, r.order, now) for place, r in receipts],
        )
        places = [place for place, _r in receipts]
        span = (min(places), max(places))
        if connection.one("SELECT count(*) FROM _pending WHERE place BETWEEN ? AND ?", span) == (
            len(places),
        ):
            connection.execute("DELETE FROM _pending WHERE place BETWEEN ? AND ?", span)
        else:
            connection.many("DELETE FROM _pending WHERE place = ?", [(place,) for place in places])

    def is_alone(self, piece: Sequence[Waiting]) -> bool:
        """Return whether all of a piece still waits, and nothing else about its records waits or was refused."""
        connection = self._connection
        span = (piece[0].place, piece[-1].place)
        count = connection.one("SELECT count(*) FROM _pending WHERE place BETWEEN ? AND ?", span)
        if count != (len(piece),) or connection.one("SELECT 1 FROM _refused LIMIT 1") is not None:
            return False
        others = connection.one(
            "SELECT 1 FROM _pending WHERE place NOT BETWEEN ?1 AND ?2 AND record_id IN "
            "(SELECT record_id FROM _pending WHERE place BETWEEN ?1 AND ?2) LIMIT 1",
            span,
        )
        return others is None

    def refuse(self, place: int, code: str, title: str, field: str, advice: str) -> None:
        """Take a place out of the queue and keep it with the service's reason; it never blocks."""
        self._connection.execute(
            "INSERT OR REPLACE INTO _refused (place, code, title, field, advice, refused_at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (place, code, title, field, advice, int(time.time())),
        )
        self._connection.execute("DELETE FROM _pending WHERE place = ?", (place,))

    def refused(self) -> list[Refusal]:
        """Return what the service did not take, oldest first."""
        rows = self._connection.all(
            "SELECT o.body, r.code, r.title, r.field, r.advice FROM _refused r "
            "JOIN _operation o USING (place) ORDER BY r.place"
        )
        return [Refusal(unpack(body), *rest) for body, *rest in rows]

    def offer_again(self, op_ids: Iterable[str]) -> int:
        """Put journal entries (and refused ones) back among the waiting; return how many.

        For a service that was restored from a backup or has a device's refusal taken back.
        """
        count = 0
        connection = self._connection
        with connection.transaction():
            for op_id in op_ids:
                row = connection.one("SELECT place, body FROM _operation WHERE op_id = ?", (pack_id(op_id),))
                if row is None:
                    continue
                place, body = row
                op = unpack(body)
                connection.execute(
                    "INSERT OR IGNORE INTO _pending (place, record_id, scope, size, is_offered) "
                    "VALUES (?, ?, ?, ?, 1)",
                    (place, op.record_id, op.scope, len(body)),
                )
                connection.execute("DELETE FROM _receipt WHERE place = ?", (place,))
                connection.execute("DELETE FROM _refused WHERE place = ?", (place,))
                count += 1
        return count

    def ids(self) -> list[bytes]:
        """Return the ids of all operations kept here, packed, oldest first."""
        return [row[0] for row in self._connection.all("SELECT op_id FROM _operation ORDER BY place")]

    def history(self, record_id: str) -> list[Operation]:
        """Return what this device did to a record, oldest first; as long as the journal reaches."""
        rows = self._connection.all(
            "SELECT body FROM _operation WHERE record_id = ? ORDER BY place", (record_id,)
        )
        return [unpack(body) for (body,) in rows]

    def last_answered(self) -> str:
        """Return the id of the last operation the service answered for, taken or refused; "" when there is none."""
        row = self._connection.one(
            "SELECT op_id FROM _operation WHERE place = max("
            "coalesce((SELECT max(place) FROM _receipt), 0), coalesce((SELECT max(place) FROM _refused), 0))"
        )
        return unpack_id(row[0]) if row else ""

    def receipts_of(self, record_ids: Iterable[str]) -> tuple[int, int, datetime | None]:
        """Return (confirmed, waiting, time of the last receipt) over the operations of some records."""
        confirmed, waiting, last = 0, 0, 0
        for record_id in record_ids:
            row = self._connection.one(
                "SELECT count(r.place), count(p.place), coalesce(max(r.acked_at), 0) FROM _operation o "
                "LEFT JOIN _receipt r USING (place) LEFT JOIN _pending p USING (place) "
                "WHERE o.record_id = ?",
                (record_id,),
            )
            if row is not None:
                confirmed, waiting, last = confirmed + row[0], waiting + row[1], max(last, row[2])
        return confirmed, waiting, datetime.fromtimestamp(last, UTC) if last else None

    def forget_before(self, moment: datetime) -> int:
        """Drop journal entries acknowledged before this moment; return how many."""
        connection = self._connection
        with connection.transaction():
            rows = connection.all("SELECT place FROM _receipt WHERE acked_at < ?", (int(moment.timestamp()),))
            connection.many("DELETE FROM _operation WHERE place = ?", rows)
            connection.many("DELETE FROM _receipt WHERE place = ?", rows)
            connection.execute("DELETE FROM _received WHERE received_at < ?", (int(moment.timestamp()),))
        return len(rows)
