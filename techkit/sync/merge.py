"""Which operations the service lets in; pure, the same at both ends.

How operations become what a record says stands in records/merging.py, because the device's store
folds its own edits with it too; its names are offered here as well.
"""

from __future__ import annotations

import functools
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Any

from techkit.records import visit as visits
from techkit.records.merging import (
    FieldConflict,
    Side,
    canonical,
    change,
    clocks_document,
    conflicts,
    decision,
    differ,
    edited_after_removal,
    fold,
    load,
    removal,
    restoration,
)
from techkit.records.operations import Action, Operation, RecordState, technician_scope
from techkit.records.schema import Editor, RecordSpec, SyncClass, spec_of
from techkit.sync.problems import Problem, ProblemCode, problem

__all__ = [
    "Author",
    "FieldConflict",
    "Side",
    "canonical",
    "change",
    "clocks_document",
    "closed_names",
    "conflicts",
    "decision",
    "edited_after_removal",
    "fold",
    "foreign_fields",
    "load",
    "refusal",
    "removal",
    "restoration",
]

# --- who may write what ---------------------------------------------------------------------------


class Author(StrEnum):
    """Which end an operation was made at."""

    DEVICE = "device"
    OFFICE = "office"


_DEVICE_EDITORS = frozenset({Editor.TECHNICIAN, Editor.CUSTOMER, Editor.PROGRAM})
_OFFICE_EDITORS = frozenset({Editor.STAFF, Editor.FINANCE, Editor.PROGRAM})

#: While one of these holds, a submitted visit may be worked on again: the office asked for it.
_REOPENED = ("queried", "reopened")


def refusal(
    spec: RecordSpec | None,
    state: RecordState | None,
    visit: RecordState | None,
    op: Operation,
    author: Author,
) -> Problem | None:
    """Return why the rules of the record's sync class do not let this operation in; None if they do.

    spec: None for a kind of a newer techkit, which is taken as it comes. visit: the visit the record
    belongs to, itself for a visit; None when it is not known yet. A refused operation is kept and
    shown at both ends; it never stops those behind it.
    """
    if (
        spec is not None
        and state is not None
        and spec.sync in (SyncClass.FACT, SyncClass.ADDITION)
        and op.action is Action.PUT
        and not _says_the_same(state, op)
    ):
        return problem(ProblemCode.FACT_CHANGED)
    return first_refusal(spec, visit, op.scope, op.device, author)


def first_refusal(
    spec: RecordSpec | None, visit: RecordState | None, scope: str, device: str, author: Author
) -> Problem | None:
    """Return why the rules do not let the first word about a record in, whatever it says; None if they do.

    scope, device: of the operation. The others as for `refusal`.
    """
    if spec is None:
        return None
    match spec.sync:
        case SyncClass.REFERENCE:
            if author is Author.DEVICE and scope != technician_scope(device):
                return problem(ProblemCode.OFFICE_ONLY)
        case SyncClass.STAFF:
            if author is Author.DEVICE:
                return problem(ProblemCode.OFFICE_ONLY)
        case SyncClass.TECHNICIAN:
            return _technician_refusal(visit, author)
        case SyncClass.DERIVED:
            return problem(ProblemCode.NEVER_SENT)
        case SyncClass.FACT | SyncClass.ADDITION | SyncClass.MERGED:
            pass
    return None


def _technician_refusal(visit: RecordState | None, author: Author) -> Problem | None:
    """Return why a technician-owned record may not change: its visit was submitted."""
    if author is Author.OFFICE or visit is None:
        return None
    says = visit.values
    if says.get("work_state") == visits.WorkState.SUBMITTED and says.get("review_state") not in _REOPENED:
        return problem(ProblemCode.VISIT_SUBMITTED)
    return None


def _says_the_same(state: RecordState, op: Operation) -> bool:
    return all(
        name in state.values and not differ(state.values[name], given.value)
        for name, given in op.fields.items()
        if name[:1] != "."
    )


def closed_names(spec: RecordSpec | None, author: Author) -> AbstractSet[str]:
    """Return the fields of a kind that this author has no right to fill."""
    return frozenset() if spec is None else _closed_fields(spec.cls, author).keys()  # type: ignore[arg-type] # mypy takes a class for its instances here


def foreign_fields(spec: RecordSpec | None, op: Operation, author: Author) -> tuple[str, ...]:
    """Return the fields of the operation that its author has no right to write, sorted.

    Fields this techkit does not know are the newer techkit's business.
    """
    if spec is None or op.action is not Action.PUT:
        return ()
    # Reference data a device made for itself before it was enrolled: all of it is its own.
    if author is Author.DEVICE and spec.sync is SyncClass.REFERENCE:
        return ()
    closed = _closed_fields(spec.cls, author)  # type: ignore[arg-type] # mypy takes a class for its instances here
    if op.fields.keys().isdisjoint(closed):
        return ()
    return tuple(
        sorted(
            name for name, given in op.fields.items() if name in closed and differ(given.value, closed[name])
        )
    )


@functools.cache
def _closed_fields(cls: type[Any], author: Author) -> dict[str, Any]:
    """Return the fields of a kind that this author has no right to write, with their empty values."""
    allowed = _DEVICE_EDITORS if author is Author.DEVICE else _OFFICE_EDITORS
    return {f.name: f.default for f in spec_of(cls).fields if not f.editors & allowed}
