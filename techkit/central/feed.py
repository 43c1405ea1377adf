"""What goes out: each scope's history from the place a device has reached, in order and complete.

A scope's places are contiguous: they are taken under a lock that lasts to the commit, so whoever
sees place n sees all before it. A digest over ids and places shows a history that is not the one
the device knows (a restored backup). Which scopes a device holds is decided here too.
"""

from __future__ import annotations

import bisect
import itertools
import uuid
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.db import connection, transaction

from techkit.central import audit, history, snapshots
from techkit.central.models import Attachment, Conflict, Device, DeviceScope, Op, User
from techkit.records.operations import (
    REMOVAL,
    Action,
    Operation,
    customer_scope,
    pack_id,
    technician_scope,
    unpack,
    unpack_id,
)
from techkit.sync import digests, wire
from techkit.sync.protocol import PIECE_OPERATIONS, ConflictSide, Place, Placed, SyncReply, SyncRequest
from techkit.sync.protocol import Conflict as ToldConflict

#: The most changes of one reply, whatever the device asks for.
MAX_CHANGES = 10_000

#: A reply stops before this many bytes of operations, unless its first has more; the device asks for the rest at once.
#: They shrink to a third as a rule, and no more than `TRAVELLING_BYTES` travel (rounds.py).
MAX_REPLY_BYTES = 740_000

#: The most missing operations asked for in one reply.
_MAX_WANTED = 10_000

#: The most missing files named in one reply.
_MAX_BLOBS = 500

#: A device that was silent for longer begins anew, with snapshots: it need not find the history it knows.
SILENT_AFTER = timedelta(days=180)

Head = tuple[int, str]
#: Place, order, id, kind, record, bytes and digest of operations, in the order of their places.
Rows = list[tuple[Any, ...]]


# --- heads --------------------------------------------------------------------------------------------


def lock_heads(org_id: int, scopes: Iterable[str]) -> dict[str, Head]:
    """Return (next place, digest) of those scopes that have a history, locked until the transaction ends.

    Always in the order of their names, so that two transactions never wait for each other.
    """
    return _heads(org_id, sorted(scopes), is_locking=True)


def begin_heads(org_id: int, scopes: Iterable[str]) -> dict[str, Head]:
    """Return scope -> head of scopes that have no history yet, locked until the transaction ends."""
    ordered = sorted(scopes)
    if not ordered:
        return {}
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO sync_scope (org_id, scope_id, next_seq, digest, folded_seq)"
            " VALUES (%s, %s, 1, '', 0) ON CONFLICT (org_id, scope_id) DO NOTHING",
            [(org_id, scope) for scope in ordered],
        )
    return _heads(org_id, ordered, is_locking=True)


def move_heads(org_id: int, heads: Mapping[str, Head]) -> None:
    """Write the heads of scopes that grew; they are locked by this transaction."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE sync_scope SET next_seq = %s, digest = %s WHERE org_id = %s AND scope_id = %s",
            [(next_seq, digest, org_id, scope) for scope, (next_seq, digest) in heads.items()],
        )


def known_scopes(org_id: int, scopes: Iterable[str]) -> set[str]:
    """Return which of these scopes have a history."""
    return set(_heads(org_id, sorted(scopes)))


def _heads(org_id: int, scopes: Sequence[str], *, is_locking: bool = False) -> dict[str, Head]:
    if not scopes:
        return {}
    is_locked = is_locking and connection.vendor == "postgresql"
    lock = " ORDER BY scope_id FOR UPDATE" if is_locked else ""
    with connection.cursor() as cursor:
        cursor.execute(_heads_statement() + lock, [org_id, _list(scopes)])
        return {scope: (next_seq, digest) for scope, next_seq, digest in cursor.fetchall()}


def _heads_statement() -> str:
    chosen = "= ANY(%s)" if connection.vendor == "postgresql" else "IN (SELECT value FROM json_each(%s))"
    return f"SELECT scope_id, next_seq, digest FROM sync_scope WHERE org_id = %s AND scope_id {chosen}"  # noqa: S608 - one of two constants


def _list(texts: Sequence[str]) -> Any:
    """Return a list as the database takes it in one parameter."""
    if connection.vendor == "postgresql":
        return list(texts)
    return msgspec.json.encode(list(texts)).decode("utf-8")


# --- scopes of devices ----------------------------------------------------------------------------------


def scopes_of(device: Device) -> list[str]:
    """Return the scopes the device holds, by name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT scope_id FROM device_scope WHERE device_id = %s AND revoked_at IS NULL", [device.pk.hex]
        )
        return sorted(row[0] for row in cursor.fetchall())


def ever_held(device_id: str, scopes: Iterable[str]) -> set[str]:
    """Return which of these scopes the device holds or held until they were taken back."""
    chosen = "= ANY(%s)" if connection.vendor == "postgresql" else "IN (SELECT value FROM json_each(%s))"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT scope_id FROM device_scope WHERE device_id = %s AND scope_id {chosen}",  # noqa: S608 - one of two constants
            [device_id.replace("-", ""), _list(sorted(scopes))],
        )
        return {row[0] for row in cursor.fetchall()}


def grant_made(device_id: str, scopes: Iterable[str]) -> None:
    """Give a device the scopes it made itself, which nobody knew before."""
    rows = [(device_id.replace("-", ""), scope) for scope in sorted(scopes)]
    if not rows:
        return
    now = connection.ops.adapt_datetimefield_value(datetime.now(UTC))
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO device_scope (device_id, scope_id, granted_at) VALUES (%s, %s, %s)",
            [(*row, now) for row in rows],
        )


def _lineage(device_id: str) -> list[str]:
    """Return the device and what it was before each time it was let in anew, latest first."""
    known: list[str] = [device_id]
    while True:
        former = Device.objects.filter(pk=known[-1]).values_list("former_id", flat=True).first()
        if former is None or str(former) in known:
            return known
        known.append(str(former))


def grant_as_twin(device_id: str, op_ids: Iterable[str]) -> None:
    """Give a device the customers it made before it was copied, though its twin handed them over first.

    op_ids: what it brought that was in the history already. Only what another device of the same person made and
    holds, and what was never taken back from this one, nor from what it was before it was let in anew.
    """
    technician = Device.objects.filter(pk=device_id).values("technician_id")
    persons = Device.objects.filter(technician_id__in=technician).exclude(pk=device_id)
    wanted = list(op_ids)
    found: set[str] = set()
    makers = [str(pk) for pk in persons.values_list("pk", flat=True)]
    for start in range(0, len(wanted) if makers else 0, PIECE_OPERATIONS):
        made = Op.objects.filter(op_id__in=wanted[start : start + PIECE_OPERATIONS], device__in=makers)
        found.update(made.filter(scope_id__startswith=customer_scope("")).values_list("scope_id", flat=True))
    if found:
        held = DeviceScope.objects.filter(device__in=persons, revoked_at=None, scope_id__in=found)
        shared = set(held.values_list("scope_id", flat=True))
        for known_as in _lineage(device_id):
            shared -= ever_held(known_as, shared)
        grant_made(device_id, shared)


def grant(device: Device, scope_id: str, user: User | None = None) -> None:
    """Give a device a scope, e.g. a customer it is sent to; its next sync brings the history."""
    with transaction.atomic():
        DeviceScope.objects.update_or_create(
            device=device,
            scope_id=scope_id,
            defaults={"granted_at": datetime.now(UTC), "revoked_at": None},
        )
        _audit_scope(device, scope_id, "device.grant", user)


def revoke(device: Device, scope_id: str, user: User | None = None) -> None:
    """Take a scope back; the device deletes what it holds of it and may still hand over its work."""
    with transaction.atomic():
        DeviceScope.objects.filter(device=device, scope_id=scope_id).update(revoked_at=datetime.now(UTC))
        _audit_scope(device, scope_id, "device.revoke_scope", user)


def _audit_scope(device: Device, scope_id: str, action: str, user: User | None) -> None:
    audit.append(
        device.org_id,
        action=action,
        actor_kind="staff" if user else "program",
        actor_id=str(user.staff_id) if user else "",
        actor_name=user.shown_name if user else "",
        object_kind="device",
        object_id=str(device.pk),
        detail={"scope": scope_id},
    )


# --- after a restore --------------------------------------------------------------------------------


def _is_doubtful(device: Device, asked: SyncRequest) -> bool:
    """Return whether a device names an answered operation nobody here knows, though nothing proves a restore.

    It offers what it holds then, as with a place that does not fit; the others hear nothing of it.
    """
    is_now = asked.epoch == str(device.org.sync_epoch) and not asked.held
    return is_now and bool(asked.last_acked_op) and not _is_known(asked.last_acked_op)


def _is_known(op_id: str) -> bool:
    packed = pack_id(op_id)
    return not isinstance(packed, bytes) or bool(_known([packed]))


# --- the reply ------------------------------------------------------------------------------------------


def fill(
    reply: SyncReply,
    device: Device,
    asked: SyncRequest,
    *,
    own: Callable[[], set[str]],
    altered: set[str],
    written: set[str],
    created: set[str],
    most_bytes: int = MAX_REPLY_BYTES,
) -> None:
    """Put into the reply what the device has not seen, from the places it named.

    own: gives the operations of this request that have receipts, as 32 digits; a piece of a long outbox needs none. altered: those the service took in another form; they are sent back whole,
    the others are left out because their receipts give their places. written: scopes of all
    operations of this request that have receipts. created: those of them that it made. most_bytes: of operations,
    before compression.
    """
    held = scopes_of(device)
    begins_anew = _begins_anew(device, asked)
    if asked.places and not asked.cursors:
        is_as_here = _is_at_heads(device.org_id, held, asked.places) and not _is_doubtful(device, asked)
        reply.wants_cursors = reply.more = begins_anew or not is_as_here
        return
    if asked.limit <= 0 and not asked.held and not asked.cursors:
        # A piece of a long outbox: receipts are all it wants.
        reply.granted = sorted(written & set(held))
        reply.revoked = sorted(written - set(held))
        return
    mentioned = set(asked.cursors)
    reply.granted = [scope for scope in held if scope not in mentioned]
    reply.revoked = sorted((mentioned | written) - set(held))
    scopes = [scope for scope in held if not asked.want_scopes or scope in asked.want_scopes]
    sent = own() - {op_id.replace("-", "") for op_id in altered}
    room = _Room(changes=min(max(asked.limit, 0), MAX_CHANGES), bytes_left=most_bytes)
    touched = _Touched()
    heads = _heads(device.org_id, scopes)
    doubted = technician_scope(str(device.pk)) if _is_doubtful(device, asked) else ""
    reply.anew = device.anew if begins_anew else ""
    for scope in scopes:
        next_seq, head_digest = heads.get(scope, (1, ""))
        walked = (asked.snapshots or {}).get(scope, (0, ""))
        seq, digest = walked if walked[0] else asked.cursors.get(scope, (0, ""))
        is_there = seq == next_seq - 1 and digest == head_digest and not walked[0]
        is_doubted = scope == doubted
        if is_there and not (begins_anew and seq) and not is_doubted:
            continue
        if is_doubted or (seq and (begins_anew or not _is_ours(device.org_id, scope, seq, digest))):
            reply.reset.append(scope)
            seq, digest, walked = 0, "", (0, "")
        if not walked[0] and room.is_full and not sent:
            reply.more = True
            continue
        is_beginning = not walked[0] and _is_beginning(scope, seq, asked, created)
        rows = _whole_scope(device.org_id, scope, next_seq - 1, room) if is_beginning and not sent else None
        if walked[0] or (is_beginning and _takes_snapshot(device, scope, next_seq - 1, asked, rows)):
            _walk(reply, device.org_id, scope, walked[0], room, touched)
            # What came behind the place of a whole snapshot follows as operations.
            reply.more = reply.more or reply.snapshots[scope][0] < next_seq - 1
            continue
        place = _pull(reply, device.org_id, scope, (seq, digest), sent, room, touched, ready=rows)
        if place != (seq, digest) or scope in reply.reset:
            reply.cursors[scope] = place
        reply.more = reply.more or place[0] < next_seq - 1
    if asked.limit <= 0:
        reply.more = False
    if asked.held:
        reply.want_ops = _missing(asked.held)
    reply.conflicts = conflicts_of(device.org_id, touched.scopes, touched.records)
    reply.missing_blobs = _missing_blobs(device.org_id, touched)


def _begins_anew(device: Device, asked: SyncRequest) -> bool:
    """Return whether a device that was silent for long has yet to be told so; a file is no place to begin anew."""
    return bool(device.anew) and asked.anew != device.anew and asked.snapshots is not None


def _is_at_heads(org_id: int, held: Sequence[str], places: str) -> bool:
    """Return whether a digest of places is that of the heads of these scopes."""
    heads = _heads(org_id, held)
    ours = {scope: (next_seq - 1, digest) for scope, (next_seq, digest) in heads.items()}
    return places == digests.places_digest(ours)


def _is_beginning(scope: str, seq: int, asked: SyncRequest, created: set[str]) -> bool:
    """Return whether the device begins a scope that others made, and may be given a snapshot of it."""
    return seq == 0 and asked.snapshots is not None and asked.limit > 0 and scope not in created


def _takes_snapshot(device: Device, scope: str, head: int, asked: SyncRequest, rows: Rows | None) -> bool:
    """Return whether a device that begins a scope is given what it says now instead of its history.

    rows: the whole history, where it is at hand.
    """
    if head and _begins_anew(device, asked):
        return True
    if head < 2:
        return False
    if rows is None:
        return snapshots.is_worth_it(head, snapshots.record_count(device.org_id, scope))
    return snapshots.is_worth_it(head, len({row[4] for row in rows}))


def _whole_scope(org_id: int, scope: str, head: int, room: _Room) -> Rows | None:
    """Return the history of a scope that is short enough to go with this reply; None for another one."""
    most = min(PIECE_OPERATIONS, room.changes + 1)
    rows = _rows(org_id, scope, 0, most) if head < most else []
    return rows if rows and rows[-1][0] >= head else None


def _walk(reply: SyncReply, org_id: int, scope: str, after: int, room: _Room, touched: _Touched) -> None:
    """Add the next piece of a scope's snapshot."""
    if room.is_full:
        reply.more = True
        return
    most_bytes = min(snapshots.PIECE_BYTES, room.bytes_left)
    records, walk = snapshots.piece(org_id, scope, after, most_bytes)
    reply.records += records
    reply.snapshots[scope] = walk
    reply.more = reply.more or not walk[2]
    room.changes -= len(records)
    room.bytes_left -= most_bytes if len(records) > 1 else 0
    for one in records:
        touched.add(scope, one.entity, uuid.UUID(one.record_id))


def _is_ours(org_id: int, scope: str, seq: int, digest: str) -> bool:
    """Return whether our history up to this place is the one the device knows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT digest FROM op WHERE org_id = %s AND scope_id = %s AND seq = %s", [org_id, scope, seq]
        )
        row = cursor.fetchone()
    return row is not None and row[0] == digest


@dataclass
class _Touched:
    """What the operations of this round were about: scopes, records, and files among them.

    Ids stand here as the database gives them: almost all of them are never looked at again.
    """

    scopes: set[str] = field(default_factory=set)
    records: set[Any] = field(default_factory=set)
    files: set[Any] = field(default_factory=set)

    def add(self, scope: str, entity: str, record_id: Any) -> None:
        """Note one operation."""
        self.scopes.add(scope)
        self.records.add(record_id)
        if entity == "attachment":
            self.files.add(record_id)

    def add_all(self, scope: str, rows: Rows) -> None:
        """Note the operations of these rows of a scope's history."""
        self.scopes.add(scope)
        self.records.update([row[4] for row in rows])
        self.files.update([row[4] for row in rows if row[3] == "attachment"])


@dataclass
class _Room:
    """How much of a reply is still free."""

    changes: int
    bytes_left: int

    @property
    def is_full(self) -> bool:
        """Return whether nothing more fits in."""
        return self.changes <= 0 or self.bytes_left <= 0

    def fitting(self, sizes: Sequence[int], *, is_first: bool) -> int:
        """Return how many of the next changes go into the reply, and take their room.

        is_first: whether the reply has none yet; then the first of them goes, however large.
        """
        if not sizes:
            return 0
        ends = list(itertools.accumulate(sizes))
        count = bisect.bisect_right(ends, self.bytes_left)
        count = min(max(count, 1 if is_first else 0), self.changes, len(ends))
        self.changes -= count
        self.bytes_left = self.bytes_left - ends[-1] if count == len(ends) else 0
        return count


def _pull(
    reply: SyncReply,
    org_id: int,
    scope: str,
    place: Place,
    own: set[str],
    room: _Room,
    touched: _Touched,
    *,
    ready: Rows | None = None,
) -> Place:
    """Add a scope's operations from a place on; return the place reached. ready: all of them, where they are at hand."""
    seq, digest = place
    while True:
        if room.is_full and not own:
            return seq, digest
        limit = min(PIECE_OPERATIONS, len(own) + 1 + max(room.changes, 0))
        # Operations of this request do not travel and fill no reply.
        most = wire.MAX_EXPANDED_BYTES if own else room.bytes_left
        rows = ready if ready is not None else _rows(org_id, scope, seq, limit, most)
        ready = None
        if not own:
            # Nearly always: none is left out but those the reply has no room for.
            fitting = rows[: room.fitting([len(row[5]) for row in rows], is_first=not reply.changes)]
            reply.changes += [Placed(scope, row[0], row[1], msgspec.Raw(bytes(row[5]))) for row in fitting]
            touched.add_all(scope, fitting)
            seq, digest = (fitting[-1][0], fitting[-1][6]) if fitting else (seq, digest)
            if len(fitting) < len(rows) or len(rows) < limit:
                return seq, digest
            continue
        for row_seq, order, op_id, entity, record_id, packed, row_digest in rows:
            if not own or _digits(op_id) not in own:
                if room.is_full or (reply.changes and len(packed) > room.bytes_left):
                    room.bytes_left = 0
                    return seq, digest
                reply.changes.append(Placed(scope, row_seq, order, msgspec.Raw(bytes(packed))))
                room.changes -= 1
                room.bytes_left -= len(packed)
            touched.add(scope, entity, record_id)
            seq, digest = row_seq, row_digest
        if len(rows) < limit:
            return seq, digest


_ROW = ("seq", "hlc", "op_id", "entity", "entity_id", "packed", "digest")


def _rows(org_id: int, scope: str, after: int, limit: int, most_bytes: int = MAX_REPLY_BYTES) -> Rows:
    """Return operations behind a place: so many, or enough to fill so many bytes."""
    return history.rows_after(_ROW, org_id, scope, after, limit, most_bytes)


def _digits(held: Any) -> str:
    """Return an id column's value as 32 digits."""
    return held.hex if isinstance(held, uuid.UUID) else str(held)


def _id(held: Any) -> str:
    return str(held) if isinstance(held, uuid.UUID) else unpack_id(bytes.fromhex(held))


def _missing(held: bytes) -> list[str]:
    """Return which of the ids a device holds are not in the history: it sends those again."""
    ids = [held[at : at + 16] for at in range(0, len(held) - 15, 16)][: 64 * _MAX_WANTED]
    known: set[str] = set()
    for start in range(0, len(ids), _MAX_WANTED):
        known |= _known(ids[start : start + _MAX_WANTED])
    return [unpack_id(one) for one in ids if one.hex() not in known][:_MAX_WANTED]


def _known(ids: Sequence[bytes]) -> set[str]:
    texts = [one.hex() for one in ids]
    found: set[str] = set()
    chosen = (
        "= ANY(%s::uuid[])" if connection.vendor == "postgresql" else "IN (SELECT value FROM json_each(%s))"
    )
    with connection.cursor() as cursor:
        for table in ("op", "refused_op"):
            if len(found) == len(texts):
                break
            cursor.execute(f"SELECT op_id FROM {table} WHERE op_id {chosen}", [_list(texts)])  # noqa: S608 - constants
            found.update(_id(row[0]).replace("-", "") for row in cursor.fetchall())
    return found


# --- conflicts --------------------------------------------------------------------------------------------


def conflicts_of(org_id: int, scopes: Iterable[str], record_ids: Container[Any]) -> list[ToldConflict]:
    """Return the conflicts of these records in these scopes, open or decided, with all their values.

    record_ids: as the database gives them, or as text.
    """
    with connection.cursor() as cursor:
        # Nearly always there is none, and making the query set takes longer than all the rest of an idle round.
        cursor.execute("SELECT 1 FROM conflict WHERE org_id = %s LIMIT 1", [org_id])
        if cursor.fetchone() is None:
            return []
    rows = [
        row
        for row in Conflict.objects.filter(org_id=org_id, scope_id__in=sorted(scopes))
        if row.entity_id in record_ids or row.entity_id.hex in record_ids or str(row.entity_id) in record_ids
    ]
    if not rows:
        return []
    wanted = {one for row in rows for one in (row.op_a, row.op_b, row.base_op, row.decided_by_op) if one}
    ops = _operations(org_id, [str(one) for one in wanted])
    return [_told(row, ops) for row in rows]


def _told(row: Conflict, ops: Mapping[str, tuple[Operation, int]]) -> ToldConflict:
    decider = ops.get(str(row.decided_by_op))
    return ToldConflict(
        id=str(row.pk),
        scope=row.scope_id,
        entity=row.entity,
        record_id=str(row.entity_id),
        field=row.field,
        base=_side(ops, row.base_op, row.field) if row.base_op else None,
        kept=_side(ops, row.op_a, row.field),
        others=[_side(ops, row.op_b, row.field)],
        decided_by=str(row.decided_by_op) if row.decided_by_op else "",
        decided_by_actor=decider[0].actor if decider else "",
    )


def _side(ops: Mapping[str, tuple[Operation, int]], op_id: uuid.UUID | None, name: str) -> ConflictSide:
    found = ops.get(str(op_id))
    if found is None:
        return ConflictSide(op_id=str(op_id))
    op, order = found
    held = op.fields[name].value if name in op.fields else None
    if name == REMOVAL and op.action is Action.REMOVE:
        held = {"seen": held, "reason": op.reason}
    elif name == REMOVAL and op.action is Action.PUT:
        # An edit the removal had not seen: its value is what it wrote.
        held = {edited: change.value for edited, change in op.fields.items()}
    return ConflictSide(op_id=op.op_id, value=held, actor=op.actor, device=op.device, order=order)


def _operations(org_id: int, op_ids: Sequence[str]) -> dict[str, tuple[Operation, int]]:
    """Return operations of the history with their order, by id."""
    chosen = (
        "= ANY(%s::uuid[])" if connection.vendor == "postgresql" else "IN (SELECT value FROM json_each(%s))"
    )
    plain = [one.replace("-", "") for one in op_ids]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT packed, hlc FROM op WHERE org_id = %s AND op_id {chosen}",  # noqa: S608 - constants
            [org_id, _list(plain)],
        )
        found = [(unpack(bytes(packed)), order) for packed, order in cursor.fetchall()]
    return {op.op_id: (op, order) for op, order in found}


# --- files ------------------------------------------------------------------------------------------------


def _missing_blobs(org_id: int, touched: _Touched) -> list[str]:
    """Return the files that records named in this round and that are not here yet."""
    if not touched.files:
        return []
    states = [held.state for held in history.states(org_id, sorted(map(_id, touched.files))).values()]
    named = {str(s.values.get("sha256", "")) for s in states if s is not None and not s.is_removed} - {""}
    present = Attachment.objects.filter(org_id=org_id, sha256__in=named, is_complete=True)
    return sorted(named - set(present.values_list("sha256", flat=True)))[:_MAX_BLOBS]
