"""What a scope says now, instead of how it came to say it: the beginning of a device that is given a customer.

A snapshot is walked in the order of the records' last places. A record that changes meanwhile moves to
a later place and comes again from there, so any number of requests, with any pause between them, ends
with the state at the head; nothing is kept here in between and a cut costs one piece. One statement
reads a piece together with the place up to which the records are folded, so both are of one moment; what
came after it follows as operations.
"""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
from django.db import connection

from techkit.central import folding
from techkit.records.operations import unpack_id
from techkit.sync.protocol import Clocks, Walk, Whole

#: A snapshot is worth it where a history has so many times as many operations as records. Below, the
#: operations themselves are as short, and a device that holds them can give them back to a service that
#: lost them.
WORTH = 1.5

#: One piece of a snapshot: records, and bytes of their values (a third of it on the wire).
PIECE_RECORDS = 1000
PIECE_BYTES = 700_000

_PIECE = (
    "SELECT s.folded_seq, coalesce(h.digest, ''), w.seq, w.digest, w.entity, w.entity_id, w.state, w.clocks FROM sync_scope s"
    " LEFT JOIN op h ON h.org_id = s.org_id AND h.scope_id = s.scope_id AND h.seq = s.folded_seq"
    " LEFT JOIN (SELECT r.seq, o.digest, r.entity, r.entity_id, r.state, r.clocks FROM op o"
    " JOIN record r ON r.entity_id = o.entity_id AND r.seq = o.seq"
    " WHERE o.org_id = %s AND o.scope_id = %s AND o.seq > %s ORDER BY o.seq LIMIT %s) w ON 1 = 1"
    " WHERE s.org_id = %s AND s.scope_id = %s ORDER BY w.seq"
)


def is_worth_it(operation_count: int, record_count: int) -> bool:
    """Return whether a scope's records are much fewer than the operations that made them."""
    return operation_count > 1 and operation_count >= WORTH * record_count


def record_count(org_id: int, scope: str) -> int:
    """Return how many records a scope's operations are about."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT entity_id) FROM op WHERE org_id = %s AND scope_id = %s", [org_id, scope]
        )
        (count,) = cursor.fetchone()
    return int(count)


def piece(org_id: int, scope: str, after: int, most_bytes: int = PIECE_BYTES) -> tuple[list[Whole], Walk]:
    """Return the next records of a scope's snapshot, and how far it is with them.

    after: the place reached before, 0 to begin. most_bytes: of their values; one record may have more.
    """
    folding.fold(org_id, [scope])
    with connection.cursor() as cursor:
        cursor.execute(_PIECE, [org_id, scope, after, PIECE_RECORDS, org_id, scope])
        rows = cursor.fetchall()
    if not rows:
        return [], (0, "", True)
    found: list[Whole] = []
    byte_count = 0
    for _next, _head, seq, digest, entity, entity_id, state, clocks in rows:
        if seq is None:
            break
        found.append(_whole(scope, entity, entity_id, state, clocks))
        byte_count += len(state) if isinstance(state, (str, bytes)) else 0
        is_cut = byte_count > most_bytes and len(found) < len(rows)
        if is_cut or len(found) == PIECE_RECORDS:
            return found, (seq, digest, False)
    return found, (rows[0][0], rows[0][1], True)


_clocks_of = msgspec.json.Decoder(Clocks).decode
_json_from = msgspec.json.Decoder().decode


def _whole(scope: str, entity: str, entity_id: Any, state: Any, clocks: Any) -> Whole:
    """Return a row as it is sent: ids and JSON come as text on SQLite, as themselves from some drivers."""
    record_id = str(entity_id) if isinstance(entity_id, uuid.UUID) else unpack_id(bytes.fromhex(entity_id))
    values = _json_from(state) if isinstance(state, (str, bytes)) else state
    who = _clocks_of(clocks) if isinstance(clocks, (str, bytes)) else msgspec.convert(clocks, Clocks)
    return Whole(scope, entity, record_id, values, who)
