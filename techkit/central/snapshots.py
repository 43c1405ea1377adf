"""What a scope says now, instead of how it came to say it: the beginning of a device that is given a customer.

A snapshot is walked in the order of the records' last places. A record that changes meanwhile moves to
a later place and comes again from there, so any number of requests, with any pause between them, ends
with the state at the head; nothing is kept here in between and a cut costs one piece. First it is looked how
many records fit, so that a thousand large ones are never in memory. One statement then reads a piece together
with the place up to which the records are folded, so both are of one moment; what came after it follows as
operations.
"""

from __future__ import annotations

import bisect
import itertools
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

#: One piece of a snapshot: records, and bytes of what they say (a third of it on the wire).
PIECE_RECORDS = 1000
PIECE_BYTES = 700_000

_NO_END = 2**62

_RECORDS = (
    " FROM op o JOIN record r ON r.entity_id = o.entity_id AND r.seq = o.seq"
    " WHERE o.org_id = %s AND o.scope_id = %s AND o.seq > %s AND o.seq <= %s ORDER BY o.seq LIMIT %s"
)
_PIECE = (
    "SELECT s.folded_seq, coalesce(h.digest, ''), w.seq, w.digest, w.entity, w.entity_id, w.state, w.clocks FROM sync_scope s"  # noqa: S608 - constants
    " LEFT JOIN op h ON h.org_id = s.org_id AND h.scope_id = s.scope_id AND h.seq = s.folded_seq"
    " LEFT JOIN (SELECT r.seq, o.digest, r.entity, r.entity_id, r.state, r.clocks" + _RECORDS + ") w ON 1 = 1"
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

    after: the place reached before, 0 to begin. most_bytes: of their values and clocks; one record alone may have more.
    """
    folding.fold(org_id, [scope])
    until = _fitting(org_id, scope, after, most_bytes)
    with connection.cursor() as cursor:
        cursor.execute(_PIECE, [org_id, scope, after, until or _NO_END, PIECE_RECORDS, org_id, scope])
        rows = cursor.fetchall()
    if not rows:
        return [], (0, "", True)
    found = [_whole(scope, *row[4:]) for row in rows if row[2] is not None]
    if until and not found:  # all of them moved to later places since it was looked what fits
        return piece(org_id, scope, after, most_bytes)
    if until or len(found) == PIECE_RECORDS:
        return found, (rows[-1][2], rows[-1][3], False)
    return found, (rows[0][0], rows[0][1], True)


def _fitting(org_id: int, scope: str, after: int, most_bytes: int) -> int:
    """Return the place of the last record that fits into a piece, at least the first; 0 where all do."""
    size = "length(r.state) + length(r.clocks)"
    if connection.vendor == "postgresql":
        size = "octet_length(r.state::text) + octet_length(r.clocks::text)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT r.seq, {size}{_RECORDS}", [org_id, scope, after, _NO_END, PIECE_RECORDS])
        rows = cursor.fetchall()
    ends = list(itertools.accumulate(row[1] for row in rows))
    count = max(1, bisect.bisect_right(ends, most_bytes))
    return rows[count - 1][0] if count < len(rows) else 0


_clocks_of = msgspec.json.Decoder(Clocks).decode
_json_from = msgspec.json.Decoder().decode


def _whole(scope: str, entity: str, entity_id: Any, state: Any, clocks: Any) -> Whole:
    """Return a row as it is sent: ids and JSON come as text on SQLite, as themselves from some drivers."""
    record_id = str(entity_id) if isinstance(entity_id, uuid.UUID) else unpack_id(bytes.fromhex(entity_id))
    values = _json_from(state) if isinstance(state, (str, bytes)) else state
    who = _clocks_of(clocks) if isinstance(clocks, (str, bytes)) else msgspec.convert(clocks, Clocks)
    return Whole(scope, entity, record_id, values, who)
