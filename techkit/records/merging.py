"""What a record says after its operations, and how an edit names what it saw; pure, the same at both ends.

Each field is a small graph: an operation that names another as its base stands above it, whatever
the clocks say. The operations nobody stands above are the field's heads. One head is the ordinary
case. Several heads with different values are a conflict: the latest by (order, device, operation)
holds meanwhile, the others are kept as its rivals until an operation names them all as its base.

Because a head is only ever taken away by naming it, and what was named stays in `past`, the fold of
a set of operations is the same in every order of arrival, and a repeated operation changes nothing
(tests/sync/test_merge.py). Removal is such a field too. A removal names the operations it saw; an
edit it did not see keeps the record visible until somebody decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from techkit.records.operations import REMOVAL, Action, Change, Clock, Operation, RecordState

# --- the fold -------------------------------------------------------------------------------------


def fold(state: RecordState | None, op: Operation, order: int) -> RecordState:
    """Return the state with one more operation of its record; changes and returns `state`.

    order: the operation's hybrid clock as the service corrected it, or its own before that. What a
    newer techkit does to a record (an unknown action) is left for that techkit to show.
    """
    clock: Clock = (order, op.device, op.op_id)
    if state is None:
        state = RecordState(entity=op.entity, record_id=op.record_id, scope=op.scope)
        if op.action is Action.PUT and _begin(state, op, clock):
            return state
    if op.action is Action.PUT:
        for name, change in op.fields.items():
            if name[:1] != ".":
                _join(state, name, change.value, change.base, clock, op.actor)
    elif op.action is Action.REMOVE or op.action is Action.RESTORE:
        given = op.fields.get(REMOVAL, Change(value=[]))
        is_removal = op.action is Action.REMOVE
        mark = {"seen": _texts(given.value), "reason": op.reason} if is_removal else None
        _join(state, REMOVAL, mark, given.base, clock, op.actor)
    _settle(state)
    return state


def _begin(state: RecordState, op: Operation, clock: Clock) -> bool:
    """Fill the state of a new record, nine times in ten; False when there is more to it."""
    values = state.values
    for name, (held, base) in op.fields.items():
        if base or name[:1] == ".":
            values.clear()
            return False
        values[name] = held
    if values:
        state.clocks = dict.fromkeys(values, clock)
        state.actors[op.op_id] = op.actor
    return True


def _join(state: RecordState, name: str, held: Any, base: str, clock: Clock, actor: str) -> None:
    """Add one operation's value to a field's heads."""
    op_id = clock[2]
    top = state.clocks.get(name)
    past = state.past.get(name)
    rivals = state.rivals.get(name)
    if rivals is None and top is not None and base == top[2] and (past is None or op_id not in past):
        # The author saw the one value there was.
        if op_id != base:
            _put(state, name, held, clock, actor)
            _add_past(state, name, (base,))
        return
    bases = tuple(part for part in base.split(" ") if part)
    heads = _heads(state, name)
    for seen in bases:
        heads.pop(seen, None)
    if bases:
        _add_past(state, name, bases)
        past = state.past[name]
    if past is None or op_id not in past:
        heads[op_id] = (clock[0], clock[1], actor, held)
    _set_heads(state, name, heads)


def _heads(state: RecordState, name: str) -> dict[str, tuple[int, str, str, Any]]:
    """Return all heads of a field: operation -> (order, device, actor, value)."""
    heads = dict(state.rivals.get(name, {}))
    top = state.clocks.get(name)
    if top is not None:
        heads[top[2]] = (top[0], top[1], state.actors.get(top[2], ""), _value(state, name))
    return heads


def _set_heads(state: RecordState, name: str, heads: dict[str, tuple[int, str, str, Any]]) -> None:
    """Let the latest head hold and keep the others as its rivals."""
    state.rivals.pop(name, None)
    if not heads:
        # Only operations that name each other as base (a forgery) leave a field without a head.
        state.clocks.pop(name, None)
        _set_value(state, name, None)
        state.values.pop(name, None)
        return
    latest = max(heads, key=lambda op_id: (heads[op_id][0], heads[op_id][1], op_id))
    order, device, actor, held = heads.pop(latest)
    _put(state, name, held, (order, device, latest), actor)
    if heads:
        state.rivals[name] = dict(sorted(heads.items()))


def _put(state: RecordState, name: str, held: Any, clock: Clock, actor: str) -> None:
    state.clocks[name] = clock
    state.actors[clock[2]] = actor
    _set_value(state, name, held)


def _value(state: RecordState, name: str) -> Any:
    if name != REMOVAL:
        return state.values.get(name)
    return None if state.seen is None else {"seen": list(state.seen), "reason": state.reason}


def _set_value(state: RecordState, name: str, held: Any) -> None:
    if name != REMOVAL:
        state.values[name] = held
    else:
        state.seen = None if held is None else tuple(held["seen"])
        state.reason = "" if held is None else held["reason"]


def _add_past(state: RecordState, name: str, op_ids: Iterable[str]) -> None:
    state.past[name] = sorted({*state.past.get(name, ()), *op_ids})


def _settle(state: RecordState) -> None:
    """Bring what follows from the heads up to date."""
    writers = {clock[2] for clock in state.clocks.values()}
    if len(state.actors) != len(writers):
        state.actors = {op_id: state.actors[op_id] for op_id in sorted(writers)}
    state.is_removed = state.seen is not None and not edited_after_removal(state)


def _texts(held: Any) -> list[str]:
    """Return the texts of a list from the wire, sorted; what is no text is left out."""
    return sorted({item for item in held if isinstance(item, str)}) if isinstance(held, list) else []


# --- the kept form --------------------------------------------------------------------------------


def clocks_document(state: RecordState) -> dict[str, Any]:
    """Return all of a state but its values as one JSON document, short for an ordinary record.

    "by": {operation: [order, device, actor, [fields it wrote]]}; the rest only where there is some.
    """
    by: dict[str, list[Any]] = {}
    for name, (order, device, op_id) in state.clocks.items():
        if op_id in by:
            by[op_id][3].append(name)
        else:
            by[op_id] = [order, device, state.actors.get(op_id, ""), [name]]
    document: dict[str, Any] = {"by": by}
    if state.rivals:
        document["rivals"] = {
            name: {op_id: list(head) for op_id, head in heads.items()} for name, heads in state.rivals.items()
        }
    if state.past:
        document["past"] = state.past
    if state.seen is not None:
        document["removed"] = {"seen": list(state.seen), "reason": state.reason, "holds": state.is_removed}
    return document


def load(
    entity: str, record_id: str, scope: str, values: dict[str, Any], document: Mapping[str, Any]
) -> RecordState:
    """Return the state of its values and of what `clocks_document` gave."""
    state = RecordState(entity=entity, record_id=record_id, scope=scope, values=values)
    for op_id, (order, device, actor, names) in document.get("by", {}).items():
        clock = (order, device, op_id)
        state.actors[op_id] = actor
        for name in names:
            state.clocks[name] = clock
    for name, heads in document.get("rivals", {}).items():
        state.rivals[name] = {op_id: (h[0], h[1], h[2], h[3]) for op_id, h in heads.items()}
    state.past = dict(document.get("past", {}))
    removed = document.get("removed")
    if removed is not None:
        state.seen = tuple(removed["seen"])
        state.reason = removed["reason"]
        state.is_removed = removed["holds"]
    return state


def canonical(state: RecordState) -> tuple[Any, ...]:
    """Return the state in a form that is equal exactly when two states say the same."""
    return (
        state.entity,
        state.record_id,
        state.scope,
        sorted(state.values.items()),
        sorted(state.clocks.items()),
        sorted(state.actors.items()),
        sorted((name, sorted(heads.items())) for name, heads in state.rivals.items()),
        sorted((name, list(ids)) for name, ids in state.past.items()),
        state.is_removed,
        state.seen,
        state.reason,
    )


# --- conflicts ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the values between which somebody has to decide."""

    op_id: str
    order: int
    device: str
    actor: str
    value: Any


@dataclass(frozen=True, kw_only=True)
class FieldConflict:
    """A field with values written in ignorance of each other.

    kept: the one that holds meanwhile. others: at least one, earliest first. field is REMOVAL when
    a record was removed and edited, or removed and restored, by people who did not know of each
    other.
    """

    field: str
    kept: Side
    others: tuple[Side, ...]


def conflicts(state: RecordState) -> tuple[FieldConflict, ...]:
    """Return what is to decide on a record, by field name; empty for an ordinary one."""
    found = []
    for name in sorted(state.rivals):
        clock = state.clocks[name]
        held = _value(state, name)
        others = sorted(
            (
                Side(op_id=op_id, order=order, device=device, actor=actor, value=theirs)
                for op_id, (order, device, actor, theirs) in state.rivals[name].items()
                if differ(_meaning(name, held), _meaning(name, theirs))
            ),
            key=lambda side: (side.order, side.device, side.op_id),
        )
        if others:
            kept = _side(state, clock, held)
            found.append(FieldConflict(field=name, kept=kept, others=tuple(others)))
    unseen = edited_after_removal(state)
    if unseen and not any(conflict.field == REMOVAL for conflict in found):
        edits = tuple(_edit_side(state, op_id) for op_id in unseen)
        kept = _side(state, state.clocks[REMOVAL], _value(state, REMOVAL))
        found.append(FieldConflict(field=REMOVAL, kept=kept, others=edits))
    return tuple(found)


def _meaning(name: str, held: Any) -> Any:
    """Return what of a value makes a difference: two removals agree, whatever they had seen."""
    return held is not None if name == REMOVAL else held


def is_removal(held: Any) -> bool:
    """Return whether a version of the mark REMOVAL is a removal; else it is an edit, or a restoration."""
    return isinstance(held, dict) and held.keys() == {"seen", "reason"}


def differ(one: Any, other: Any) -> bool:
    """Return whether two values as JSON carries them are different; 1 and true are."""
    return bool(one != other) or isinstance(one, bool) is not isinstance(other, bool)


def _side(state: RecordState, clock: Clock, held: Any) -> Side:
    return Side(
        op_id=clock[2], order=clock[0], device=clock[1], actor=state.actors.get(clock[2], ""), value=held
    )


def _edit_side(state: RecordState, op_id: str) -> Side:
    """Return an edit that a removal had not seen: its value is what it wrote, by field."""
    written: dict[str, Any] = {}
    who = ("", 0, "")
    for name, clock in state.clocks.items():
        if clock[2] == op_id and name != REMOVAL:
            written[name] = state.values.get(name)
            who = (clock[1], clock[0], state.actors.get(op_id, ""))
    for name, heads in state.rivals.items():
        if op_id in heads and name != REMOVAL:
            order, device, actor, held = heads[op_id]
            written[name] = held
            who = (device, order, actor)
    return Side(op_id=op_id, device=who[0], order=who[1], actor=who[2], value=written)


def edited_after_removal(state: RecordState) -> tuple[str, ...]:
    """Return the operations the removal that holds had not seen, sorted; empty without a removal."""
    if state.seen is None:
        return ()
    heads = {clock[2] for name, clock in state.clocks.items() if name != REMOVAL}
    heads.update(op_id for name, rivals in state.rivals.items() if name != REMOVAL for op_id in rivals)
    return tuple(sorted(heads.difference(state.seen)))


# --- writing --------------------------------------------------------------------------------------


def change(state: RecordState | None, name: str, held: Any) -> Change:
    """Return an edit of one field by somebody who sees the value that holds.

    It stands above every head with that value; a rival it did not show stays to be decided.
    """
    if state is None or name not in state.clocks:
        return Change(value=held)
    seen = _value(state, name)
    same = [
        op_id
        for op_id, head in state.rivals.get(name, {}).items()
        if not differ(_meaning(name, seen), _meaning(name, head[3]))
    ]
    return Change(value=held, base=" ".join(sorted({state.clocks[name][2], *same})))


def decision(state: RecordState, name: str, held: Any) -> Change:
    """Return the edit of one field that settles its conflict: it stands above every head."""
    return Change(value=held, base=" ".join(sorted(_heads(state, name))))


def removal(state: RecordState) -> Change:
    """Return what a REMOVE operation carries: everything its author saw."""
    heads = {clock[2] for name, clock in state.clocks.items() if name != REMOVAL}
    heads.update(op_id for name, rivals in state.rivals.items() if name != REMOVAL for op_id in rivals)
    return Change(value=sorted(heads), base=" ".join(sorted(_heads(state, REMOVAL))))


def restoration(state: RecordState) -> Change:
    """Return what a RESTORE operation carries: the removals it takes back."""
    return Change(value=None, base=" ".join(sorted(_heads(state, REMOVAL))))
