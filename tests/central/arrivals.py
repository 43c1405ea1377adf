"""Records on their way to the service: as a technician's device and as the office would write them.

Everything goes through the service's own front door (ingest), so that what pages show is what really arrives.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from techkit.central import accounts, ingest
from techkit.central.batch import Batch
from techkit.central.models import Device, Role
from techkit.central.models import Record as Row
from techkit.records.encoding import changed_fields, from_document
from techkit.records.identity import HybridClock, new_id
from techkit.records.operations import (
    OFFICE,
    REMOVAL,
    TENANT_SCOPE,
    Action,
    Change,
    Operation,
    customer_scope,
    pack,
)
from techkit.records.schema import Record, SyncClass, replace, spec_of
from techkit.records.visit import Visit, WorkState
from techkit.sync import merge
from techkit.sync.merge import Author


class Van:
    """A technician's device, enrolled; what it sends arrives in order."""

    def __init__(self, org: Any, name: str = "Ines Okafor", prefix: str = "TK07") -> None:
        first, _space, last = name.partition(" ")
        username = f"{first.lower()}-{prefix.lower()}"
        self.technician = accounts.make_staff(
            org, username, uuid.uuid4().hex, role=Role.TECHNICIAN, first_name=first, last_name=last
        )
        self.device = Device.objects.create(
            id=uuid.UUID(new_id()),
            org=org,
            technician=self.technician,
            name=f"Laptop of {first}",
            prefix=prefix,
            public_key=b"\0" * 32,
            enrolled_at=datetime.now(UTC),
            last_seen_at=datetime.now(UTC),
            waiting_count=0,
        )
        self.clock = HybridClock()
        self._scopes: dict[str, str] = {}
        self._last: dict[tuple[str, str], str] = {}

    def send(self, *records: Record) -> None:
        """Send new records; what only the office writes comes from the office; visits are submitted last."""
        ours, theirs, closing = [], [], []
        for held in records:
            if spec_of(held).sync in (SyncClass.REFERENCE, SyncClass.STAFF):
                theirs.append(held)
            elif isinstance(held, Visit):
                ours.append(replace(held, work_state=WorkState.DRAFT))
                closing.append(held)
            else:
                ours.append(held)
        roots = [held for held in ours if spec_of(held).owner == ""]
        self._receive(Author.DEVICE, str(self.device.pk), self._operations(roots, str(self.device.pk)))
        self._receive(Author.OFFICE, OFFICE, self._operations(theirs, OFFICE))
        rest = [held for held in ours if spec_of(held).owner != ""]
        self._receive(Author.DEVICE, str(self.device.pk), self._operations(rest, str(self.device.pk)))
        for held in closing:
            self.change(held.id, work_state=held.work_state.value)

    def change(self, record_id: str, *, _unseen: bool = False, **fields: Any) -> None:
        """Change fields of a record, knowing what the service has; _unseen: knowing no other's value."""
        row = Row.objects.get(entity_id=uuid.UUID(record_id))
        held = from_document(row.entity, record_id, row.state)
        op = Operation(
            op_id=new_id(),
            device=str(self.device.pk),
            hlc=self.clock.tick(),
            scope=row.scope_id,
            entity=spec_of(held).kind,
            record_id=record_id,
            actor=self.technician.shown_name,
            fields={
                name: Change(value=text, base="" if _unseen else _base(row, name))
                for name, text in fields.items()
            },
        )
        self._receive(Author.DEVICE, str(self.device.pk), [op])

    def remove(self, record_id: str, reason: str, *, _unseen: Callable[[], object] = lambda: None) -> None:
        """Remove a record; _unseen: what somebody else does before the removal arrives."""
        row = Row.objects.get(entity_id=uuid.UUID(record_id))
        state = merge.load(row.entity, record_id, row.scope_id, row.state, row.clocks)
        op = Operation(
            op_id=new_id(),
            device=str(self.device.pk),
            hlc=self.clock.tick(),
            scope=row.scope_id,
            entity=row.entity,
            record_id=record_id,
            action=Action.REMOVE,
            actor=self.technician.shown_name,
            fields={REMOVAL: merge.removal(state)},
            reason=reason,
        )
        _unseen()
        self._receive(Author.DEVICE, str(self.device.pk), [op])

    def _operations(self, records: Iterable[Record], device: str) -> list[Operation]:
        made = []
        for held in records:
            self._scopes[held.id] = self._scope(held)
            made.append(
                Operation(
                    op_id=new_id(),
                    device=device,
                    hlc=self.clock.tick(),
                    scope=self._scopes[held.id],
                    entity=spec_of(held).kind,
                    record_id=held.id,
                    actor=self.technician.shown_name,
                    fields={name: Change(value=text) for name, text in changed_fields(None, held).items()},
                )
            )
        return made

    def _scope(self, held: Record) -> str:
        owner = spec_of(held).owner
        if owner == "":
            return customer_scope(held.id)
        if owner == "tenant":
            return TENANT_SCOPE
        above = getattr(held, owner)
        return customer_scope(above) if owner == "customer_id" else self._scopes[above]

    def _receive(self, author: Author, device: str, operations: list[Operation]) -> None:
        if not operations:
            return
        batch = Batch(
            org_id=self.device.org_id,
            author=author,
            device=device,
            now_ms=time.time_ns() // 1_000_000,
        )
        with transaction.atomic():
            taken = ingest.receive(batch, [pack(op) for op in operations])
        assert not taken.refused, taken.refused


def _base(row: Row, name: str) -> str:
    """Return the operation whose value a field has now."""
    state = merge.load(row.entity, str(row.entity_id), row.scope_id, row.state, row.clocks)
    return merge.change(state, name, None).base
