"""Which scope a record travels in: its owner's, and with its owner to another one while only this device knows it."""

from __future__ import annotations

from collections.abc import Mapping

from techkit.errors import InputError
from techkit.i18n import _
from techkit.records.operations import TENANT_SCOPE, RecordState, customer_scope, technician_scope
from techkit.records.schema import Record, RecordSpec, SyncClass, spec_of
from techkit.store.connection import Connection
from techkit.store.outbox import UNPLACED, Outbox
from techkit.store.replica import Replica
from techkit.store.tables import specs


class Scopes:
    """The scopes of the records in a store."""

    def __init__(self, connection: Connection, outbox: Outbox, replica: Replica) -> None:
        self._connection, self._outbox, self._replica = connection, outbox, replica

    def of(self, record: Record, device_id: str, batch: Mapping[str, Record]) -> str:
        """Return the scope a record belongs to, by its owner; UNPLACED while that is not known.

        device_id: this device's own. batch: records saved together with it, by id.
        """
        spec = spec_of(record)
        if spec.sync is SyncClass.REFERENCE or spec.owner == "technician":
            return technician_scope(device_id)
        if spec.owner == "tenant":
            return TENANT_SCOPE
        if not spec.owner:
            return customer_scope(record.id)
        owner_id = getattr(record, spec.owner) or ""
        if not owner_id:
            return UNPLACED
        if spec.owner == "customer_id":
            # What comes of a visit goes with it: one that was sent stays in its scope, whoever its customer is by now.
            visit_id = getattr(record, "visit_id", None)
            beside = self._above("visit", visit_id, device_id, batch) if visit_id else UNPLACED
            return beside if beside != UNPLACED else customer_scope(owner_id)
        return self._above(spec.field(spec.owner).refers, owner_id, device_id, batch)

    def _above(self, kind: str, record_id: str, device_id: str, batch: Mapping[str, Record]) -> str:
        """Return the scope a record will be in once the batch is saved; UNPLACED for an unknown one."""
        row = self._connection.one(f'SELECT _scope FROM "{kind}" WHERE id = ?', (record_id,))  # noqa: S608 - declared kinds
        now = str(row[0]) if row else UNPLACED
        if record_id not in batch:
            return now
        asked = self.of(batch[record_id], device_id, batch)
        return asked if not row or asked == now or self._is_only_here(kind, record_id) else now

    def move(self, state: RecordState, scope: str) -> str:
        """Move a record, and all below it, to another scope while the service has not seen it.

        Returns the scope it is in afterwards: a record that was sent stays where it is.
        """
        if not scope or not self._is_only_here(state.entity, state.record_id):
            return state.scope
        self._rescope(state.entity, state.record_id, scope)
        state.scope = scope
        return scope

    def _is_only_here(self, kind: str, record_id: str) -> bool:
        """Return whether nothing of a record can have reached the service or come from it."""
        return self._replica.base(kind, record_id) is None and not self._outbox.was_offered(record_id)

    def _rescope(self, kind: str, record_id: str, scope: str) -> None:
        self._connection.execute(
            f'UPDATE "{kind}" SET _scope = ? WHERE id = ?',  # noqa: S608 - declared kinds
            (scope, record_id),
        )
        self._outbox.rescope(record_id, scope)
        for spec in specs():
            if not spec.owner.endswith("_id") or spec.field(spec.owner).refers != kind:
                continue
            if spec.owner == "customer_id":
                continue
            below = self._connection.all(
                f'SELECT id FROM "{spec.kind}" WHERE "{spec.owner}" = ? AND _scope <> ?',  # noqa: S608 - declared names
                (record_id, scope),
            )
            for (child_id,) in below:
                if self._is_only_here(spec.kind, child_id):
                    self._rescope(spec.kind, child_id, scope)


def refuse_theirs(spec: RecordSpec, state: RecordState | None, scope: str) -> None:
    """Refuse what the service would refuse anyway. Raises: InputError."""
    if spec.sync in (SyncClass.FACT, SyncClass.ADDITION) and state is not None:
        raise InputError(
            _("“{title}” is a fact and stays as it was written.", title=_(spec.title)),
            safe=_("Nothing was changed."),
            advice=_("Write a new entry that corrects it."),
        )
    is_theirs = spec.sync is SyncClass.REFERENCE and state is not None and state.scope != scope
    if spec.sync is SyncClass.STAFF or is_theirs:
        raise InputError(
            _("“{title}” is written at the office.", title=_(spec.title)), safe=_("Nothing was changed.")
        )
