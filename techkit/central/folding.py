"""Records follow from the history: whoever looks at them first brings them up to date.

A push puts operations into the history and no more, where nothing but new records came. Each scope
knows up to which place its records are folded; the rest is folded before anything is read (`Record.objects`
sees to it), in the order of places, with the function the desktop uses. Only this module writes records: what they
say depends on the history alone, never on who came first (docs/decisions/0025).
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Collection, Iterable
from datetime import UTC
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from techkit.central import conflicts, history
from techkit.central.batch import Held
from techkit.central.models import Record as Row
from techkit.central.models import SyncScope
from techkit.central.transactions import retried
from techkit.records.erasure import emptied_state
from techkit.records.operations import Operation, RecordState, pack_id, unpack
from techkit.sync import merge

#: Operations folded in one transaction, so that a device that syncs meanwhile hardly waits.
_AT_ONCE = 2000

#: A record that differs is looked at so often: it may have changed between two queries.
_LOOKS = 3

#: Scopes whose history goes on behind what their records say.
_BEHIND = Q(folded_seq__lt=F("next_seq") - 1)


def catch_up() -> int:
    """Fold whatever is not folded yet; return how many operations. Nothing to do costs one small query."""
    folded = 0
    while SyncScope.objects.filter(_BEHIND).exists():
        folded += retried(lambda: _fold_heads(SyncScope.objects.all(), _AT_ONCE))
    return folded


def fold(org_id: int, scopes: Collection[str]) -> int:
    """Fold all that is not folded yet in these scopes, in one transaction; return how many operations."""
    if not scopes:
        return 0
    return _fold_heads(SyncScope.objects.filter(org_id=org_id, scope_id__in=scopes), sys.maxsize)


def _fold_heads(heads: QuerySet[SyncScope], most: int) -> int:
    """Fold up to so many operations; the heads are locked in the order of their scopes' names."""
    count = 0
    with transaction.atomic():
        behind = heads.select_for_update().filter(_BEHIND).order_by("org_id", "scope_id")
        for head in behind[:_AT_ONCE]:
            while count < most and head.folded_seq < head.next_seq - 1:
                limit = min(most - count, _AT_ONCE)
                rows = history.operations_after(head.org_id, head.scope_id, head.folded_seq, limit)
                _fold(head.org_id, rows)
                head.folded_seq = rows[-1][0] if rows else head.next_seq - 1
                count += len(rows)
            head.save(update_fields=["folded_seq"])
            if count >= most:
                break
    return count


def _fold(org_id: int, rows: Iterable[tuple[int, int, bytes, Any]]) -> None:
    """Fold operations of one scope, in the order of their places, into their records."""
    found = [(unpack(bytes(packed)), seq, order, at) for seq, order, packed, at in rows]
    touched = history.rows_of(org_id, sorted({op.record_id for op, *_rest in found}))
    noted = {(record_id, _visit_of(record_id, one)) for record_id, one in touched.items()}
    for op, seq, order, at in found:
        one = touched.setdefault(op.record_id, Held())
        if _is_others(one, op):
            continue
        one.take(op, order)
        one.rev, one.seq = one.rev + 1, seq
        one.changed_at = at if at.tzinfo else at.replace(tzinfo=UTC)
    changed = {record_id: one for record_id, one in touched.items() if one.folded}
    history.write_records(org_id, changed)
    conflicts.mirror(org_id, {k: v for k, v in changed.items() if v.is_special})
    noted.update((record_id, _visit_of(record_id, one)) for record_id, one in changed.items())
    _note(org_id, [(changed[k], k, visit_id) for k, visit_id in sorted(noted) if k in changed])


def empty(org_id: int, scope: str) -> None:
    """Take the words out of a scope's records, as they went out of its history; inside the caller's transaction."""
    moments = dict(Row.objects.filter(org_id=org_id, scope_id=scope).values_list("entity_id", "updated_at"))
    ids = sorted(str(key) for key in moments)
    for start in range(0, len(ids), _AT_ONCE):
        found = history.rows_of(org_id, ids[start : start + _AT_ONCE])
        for record_id, one in found.items():
            if one.state is not None:
                emptied_state(one.state)
            one.changed_at = moments[uuid.UUID(record_id)]
        history.write_records(org_id, found)
        conflicts.settle(
            org_id, {key: one.state for key, one in found.items() if one.is_special and one.state}
        )
        _note(org_id, [(one, record_id, _visit_of(record_id, one)) for record_id, one in found.items()])


def _is_others(one: Held, op: Operation) -> bool:
    """Return whether the record is another's: two at once gave the same id to different things."""
    state = one.state
    return one.is_foreign or (state is not None and (state.scope != op.scope or state.entity != op.entity))


def _visit_of(record_id: str, one: Held) -> str:
    state = one.state
    return "" if state is None else history.visit_of(state.entity, record_id, state.values.get("visit_id"))


def _note(org_id: int, changed: Iterable[tuple[Held, str, str]]) -> None:
    """Note what the visit list's rows depend on (decision 0022): a visit once, however much of it changed."""
    noted: dict[tuple[str, str], None] = {}
    for one, record_id, visit_id in changed:
        packed = pack_id(visit_id or record_id)
        if isinstance(packed, bytes) and one.state is not None:
            noted["visit" if visit_id else one.state.entity, packed.hex()] = None
    if noted:
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO changed_record (org_id, entity, entity_id) VALUES (%s, %s, %s)",
                [(org_id, kind[: history.MAX_ENTITY], hex_id) for kind, hex_id in noted],
            )


# --- looks at the whole ---


def parentless(org_id: int) -> list[tuple[str, str, str]]:
    """Return (kind, id, visit id) of records whose visit has not arrived yet, by kind and id.

    They are held with everything they say; no page of a visit can show them. Once the visit comes they
    are part of it.
    """
    catch_up()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.entity, r.entity_id, r.visit_id FROM record r"
            " LEFT JOIN record v ON v.entity_id = r.visit_id AND v.org_id = r.org_id"
            " WHERE r.org_id = %s AND r.visit_id IS NOT NULL AND v.entity_id IS NULL"
            " ORDER BY r.entity, r.entity_id",
            [org_id],
        )
        return [
            (kind, history.text_of(one), history.text_of(visit)) for kind, one, visit in cursor.fetchall()
        ]


def differing_records(org_id: int) -> list[str]:
    """Return the ids of records that are not the fold of their history; empty when all is well.

    Devices may send meanwhile: what differs is looked at again by itself.
    """
    states: dict[str, RecordState] = {}
    for packed, order in history.whole(org_id):
        op = unpack(packed)
        states[op.record_id] = merge.fold(states.get(op.record_id), op, order)
    wrong = []
    for row in Row.objects.filter(org_id=org_id).iterator(500):
        record_id = str(row.entity_id)
        held = merge.load(row.entity, record_id, row.scope_id, row.state, row.clocks)
        folded = states.pop(record_id, None)
        if folded is None or merge.canonical(folded) != merge.canonical(held):
            wrong.append(record_id)
    return sorted(record_id for record_id in (*wrong, *states) if _differs(org_id, record_id))


def _differs(org_id: int, record_id: str) -> bool:
    """Return whether a record is not the fold of its history, however often one looks."""
    for _turn in range(_LOOKS):
        row = Row.objects.filter(org_id=org_id, entity_id=record_id).first()
        folded: RecordState | None = None
        for order, op in history.operations_of(org_id, record_id):
            folded = merge.fold(folded, op, order)
        if row is not None and folded is not None:
            held = merge.load(row.entity, record_id, row.scope_id, row.state, row.clocks)
            if merge.canonical(folded) == merge.canonical(held):
                return False
    return True
