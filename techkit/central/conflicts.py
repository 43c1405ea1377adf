"""The table of conflicts says what follows from the records: open ones, and who decided."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime

from techkit.central.batch import Held
from techkit.central.models import Conflict
from techkit.records.operations import REMOVAL, RecordState
from techkit.sync import merge


def mirror(org_id: int, special: Mapping[str, Held]) -> None:
    """Let the table of conflicts say what follows from the records: open ones, and who decided."""
    if not special:
        return
    rows: dict[tuple[str, str], list[Conflict]] = defaultdict(list)
    for row in Conflict.objects.filter(
        org_id=org_id, entity_id__in=list(special), decided_by_op=None
    ).order_by("found_at", "id"):
        rows[str(row.entity_id), row.field].append(row)
    for record_id, one in special.items():
        if one.state is None:
            continue
        wanted: dict[str, list[tuple[str, str]]] = {}
        for found in merge.conflicts(one.state):
            wanted[found.field] = [(found.kept.op_id, side.op_id) for side in found.others]
        for name in {*wanted, *(name for rid, name in rows if rid == record_id)}:
            _mirror_field(org_id, one, name, rows[record_id, name], wanted.get(name, []))


def settle(org_id: int, states: Mapping[str, RecordState]) -> None:
    """Close what was open about these records where nothing differs any more, because their words are gone."""
    for row in Conflict.objects.filter(org_id=org_id, entity_id__in=list(states), decided_by_op=None):
        left = {
            (found.field, side.op_id)
            for found in merge.conflicts(states[str(row.entity_id)])
            for side in found.others
        }
        if (row.field, str(row.op_b)) not in left:
            row.decided_by_op, row.decided_at = row.op_a, datetime.now(UTC)
            row.save(update_fields=["decided_by_op", "decided_at"])


def _mirror_field(
    org_id: int, held: Held, name: str, rows: list[Conflict], pairs: list[tuple[str, str]]
) -> None:
    """Bring the rows of one field to what is open now: keep, change, close, add."""
    state = held.state
    if state is None:
        return
    by_other = {other: kept for kept, other in pairs}
    left = []
    for row in rows:
        kept = by_other.pop(str(row.op_b), None)
        if kept is None:
            left.append(row)
        elif kept != str(row.op_a):
            _repoint(row, kept, str(row.op_b))
    now = datetime.now(UTC)
    for row in left:
        if by_other:
            # One side went on with what it had: the same conflict with a newer value.
            other, kept = by_other.popitem()
            _repoint(row, kept, other)
        else:
            row.decided_by_op, row.decided_at = uuid.UUID(_decider(held, name, row)), now
            row.save(update_fields=["decided_by_op", "decided_at"])
    for other, kept in by_other.items():
        Conflict.objects.create(
            org_id=org_id,
            scope_id=state.scope,
            entity=state.entity,
            entity_id=state.record_id,
            field=name,
            base_op=_base_of(held, name, (kept, other)),
            op_a=kept,
            op_b=other,
            found_at=now,
        )


def _repoint(row: Conflict, kept: str, other: str) -> None:
    row.op_a, row.op_b = uuid.UUID(kept), uuid.UUID(other)
    row.save(update_fields=["op_a", "op_b"])


def _decider(held: Held, name: str, row: Conflict) -> str:
    """Return the operation that named one of the conflict's sides as seen."""
    sides = {str(row.op_a), str(row.op_b)}
    for op in reversed(held.folded):
        given = op.fields.get(name)
        seen = given.value if given and name == REMOVAL and isinstance(given.value, list) else []
        if given is not None and sides & {*given.base.split(), *(s for s in seen if isinstance(s, str))}:
            return op.op_id
    return held.folded[-1].op_id


def _base_of(held: Held, name: str, sides: tuple[str, str]) -> uuid.UUID | None:
    """Return the operation both sides of a conflict started from, as far as this batch tells."""
    for op in held.folded:
        given = op.fields.get(name)
        if op.op_id in sides and given is not None and given.base:
            return uuid.UUID(given.base.split()[0])
    return None
