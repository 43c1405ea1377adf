"""What the office writes itself: operations of staff, merged like those of any device."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from techkit.central import emptying, enrol, feed, history
from techkit.central.batch import Batch
from techkit.central.ingest import receive
from techkit.central.models import Conflict, User
from techkit.central.transactions import retried
from techkit.errors import CentralError, InputError
from techkit.i18n import _
from techkit.records.encoding import changed_fields, from_document
from techkit.records.entering import check, clean_text
from techkit.records.erasure import emptied
from techkit.records.identity import new_id
from techkit.records.operations import (
    OFFICE,
    REMOVAL,
    TENANT_SCOPE,
    Action,
    Change,
    Operation,
    RecordState,
    customer_scope,
    pack,
)
from techkit.records.schema import Record, RecordSpec, spec_of
from techkit.sync import merge
from techkit.sync.merge import Author


def record_as_staff(user: User, record: Record) -> None:
    """Write a whole new record, or the changed fields of an existing one, as an operation of staff.

    Raises: InputError when a required field is empty or a text too long, CentralError with status 404 when
    what it belongs to is unknown, 409 when the merge refuses.
    """
    check(record)
    spec = spec_of(record)
    state = state_of(user.org_id, record.id)
    before = from_document(spec.kind, record.id, state.values) if state is not None else None
    changes = changed_fields(before, record)
    if state is not None and not changes:
        return
    scope = state.scope if state is not None else _scope_of(user.org_id, spec, record)
    _as_staff(user, spec.kind, record.id, scope, changes)


def change_as_staff(user: User, kind: str, record_id: str, fields: Mapping[str, Any]) -> None:
    """Change fields (name -> value as JSON carries it) of an existing record as staff.

    Raises: CentralError with status 404 for an unknown record, 409 when the merge refuses.
    """
    state = state_of(user.org_id, record_id)
    if state is None or state.entity != kind:
        raise unknown_record()
    _as_staff(user, kind, record_id, state.scope, fields)


def decide_as_staff(user: User, kind: str, record_id: str, fields: Mapping[str, Any]) -> None:
    """Settle the conflicts of fields (name -> the value that holds, as JSON carries it) of an existing record as staff.

    Raises: CentralError with status 404 for an unknown record, 409 when the merge refuses.
    """
    state = state_of(user.org_id, record_id)
    if state is None or state.entity != kind:
        raise unknown_record()
    _as_staff(user, kind, record_id, state.scope, fields, is_decision=True)


def decide_conflict(user: User, conflict_id: uuid.UUID, value: Any, note: str = "") -> None:
    """Settle a conflict as staff: the value holds everywhere and everybody is told.

    For a removed record that was edited (field REMOVAL): True leaves it removed, False brings it
    back. note: the optional word to the technicians. Raises: CentralError with status 404 when
    there is no such conflict, 409 when somebody was quicker.
    """
    row = Conflict.objects.filter(org_id=user.org_id, pk=conflict_id).first()
    if row is None:
        raise CentralError(_("There is no such conflict."), status=404)
    if row.decided_by_op is not None:
        raise CentralError(
            _("Somebody has decided this already."),
            status=409,
            safe=_("Nothing was changed."),
            advice=_("Load the page again to see what holds now."),
        )
    decide = "remove" if value else "restore"
    _as_staff(
        user,
        row.entity,
        str(row.entity_id),
        row.scope_id,
        {row.field: decide if row.field == REMOVAL else value},
        is_decision=True,
        reason=note,
    )


def _as_staff(
    user: User,
    kind: str,
    record_id: str,
    scope: str,
    fields: Mapping[str, Any],
    *,
    is_decision: bool = False,
    reason: str = "",
) -> None:
    """Make one operation of device "office" and merge it like any other."""

    def work() -> None:
        with transaction.atomic():
            feed.lock_heads(user.org_id, [scope])
            state = state_of(user.org_id, record_id)
            action, changes = _staff_changes(state, fields, is_decision=is_decision)
            latest = max((clock[0] for clock in state.clocks.values()), default=0) if state else 0
            op = Operation(
                op_id=new_id(),
                device=OFFICE,
                # Later than everything staff can have seen, also when a device's clock ran ahead.
                hlc=max(enrol.now_ms() << 16, latest + 1),
                scope=scope,
                entity=kind,
                record_id=record_id,
                action=action,
                fields=changes,
                actor=user.shown_name,
                reason=reason,
            )
            if scope in emptying.erased_scopes(user.org_id) and emptied(op, is_late=True) != op:
                raise _no_words()
            batch = Batch(org_id=user.org_id, author=Author.OFFICE, device=OFFICE, now_ms=enrol.now_ms())
            taken = receive(batch, [pack(op)])
            if taken.refused:
                # Nothing is kept aside for staff: they see the refusal at once.
                told = taken.refused[0].problem
                raise CentralError(told.shown()[0], status=409, advice=told.shown()[1])

    retried(work)


def _staff_changes(
    state: RecordState | None, fields: Mapping[str, Any], *, is_decision: bool
) -> tuple[Action, dict[str, Change]]:
    """Return what the operation does and its changes, each with what staff had before their eyes."""
    if not is_decision or state is None:
        return Action.PUT, {name: merge.change(state, name, held) for name, held in fields.items()}
    if fields.get(REMOVAL) == "remove":
        return Action.REMOVE, {REMOVAL: merge.removal(state)}
    if REMOVAL in fields:
        return Action.RESTORE, {REMOVAL: merge.restoration(state)}
    return Action.PUT, {name: merge.decision(state, name, held) for name, held in fields.items()}


def _no_words() -> CentralError:
    """Return the error for words about a customer who was removed for good: they would not be kept."""
    return CentralError(
        _("This customer was removed for good; no words are kept about them any more."),
        status=409,
        safe=_("Nothing was changed."),
        advice=_("Amounts, dates and decisions without a note can still be written."),
    )


def _scope_of(org_id: int, spec: RecordSpec, record: Record) -> str:
    """Return the scope a new record belongs to. Raises: CentralError with status 404."""
    if spec.owner == "":
        return customer_scope(record.id)
    if spec.owner == "tenant":
        return TENANT_SCOPE
    owner = str(getattr(record, spec.owner, "") or "")
    state = state_of(org_id, owner) if owner else None
    if state is None:
        raise unknown_record()
    return state.scope


def state_of(org_id: int, record_id: str) -> RecordState | None:
    """Return what a record of the organisation says now, None when nobody has spoken of it."""
    held = history.states(org_id, [record_id]).get(record_id)
    return None if held is None or held.is_foreign else held.state


def unknown_record() -> CentralError:
    """Return the error for a record nobody has spoken of here."""
    return CentralError(_("There is no such record."), status=404, safe=_("Nothing was changed."))


def reason(text: str, *, safe: str) -> str:
    """Return why somebody did something, as typed and cleaned. safe: what is said of the matter where none stands.

    Raises: InputError without one.
    """
    words = clean_text(text, multiline=True)
    if not words:
        raise InputError(
            _("The reason is still empty."), field="reason", safe=safe, advice=_("Please write one sentence.")
        )
    return words
