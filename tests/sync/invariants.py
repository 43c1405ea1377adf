"""What holds at the end of every history, looked at from outside with a model of its own (I1 … I13 of the specification)."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from techkit.central import attachments, feed, folding
from techkit.central.models import Attachment as KnownFile
from techkit.central.models import Conflict, Device, DeviceScope, ErasedCustomer, Op, RefusedOp
from techkit.central.models import Record as Row
from techkit.records.erasure import emptied
from techkit.records.merging import canonical, load
from techkit.records.operations import REMOVAL, Action, unpack, unpack_id
from techkit.records.parties import Customer
from techkit.records.visit import Attachment
from techkit.store.database import Store
from techkit.store.tables import unpack_state
from tests.sync import budgeting

if TYPE_CHECKING:
    from tests.sync.histories import Holder, World


def check(world: World, held: set[str]) -> None:
    """Look at all of them; everybody has synced until nothing moves. held: operations anybody held before."""
    _no_loss(world, held)
    _exactly_once(world)
    _convergence(world)
    _conflicts(world)
    _scopes(world)
    _files(world)
    _erased(world)
    budgeting.check(world)


def _no_loss(world: World, held: set[str]) -> None:
    """I1: what anybody still held is in the history, or kept aside with its reason."""
    known = {str(one) for one in Op.objects.values_list("op_id", flat=True)}
    aside = {str(one) for one in RefusedOp.objects.values_list("op_id", flat=True)}
    assert held <= known | aside, f"lost: {held - known - aside}"
    for holder in world.devices:
        assert holder.store.outbox.waits().count == 0


def _exactly_once(world: World) -> None:
    """I2, I8: each operation once, places contiguous, each record folded as often as it has operations."""
    places: dict[str, list[int]] = defaultdict(list)
    folded: dict[str, int] = defaultdict(int)
    for scope, seq, record_id in Op.objects.values_list("scope_id", "seq", "entity_id"):
        places[scope].append(seq)
        folded[str(record_id)] += 1
    for scope, found in places.items():
        assert sorted(found) == list(range(1, len(found) + 1)), scope
    assert {str(row.entity_id): row.rev for row in Row.objects.all()} == dict(folded)


def _convergence(world: World) -> None:
    """I3: the service's records are the fold of its history, and every device says the same."""
    assert folding.differing_records(1) == []
    service = {
        (row.entity, str(row.entity_id)): canonical(
            load(row.entity, str(row.entity_id), row.scope_id, row.state, row.clocks)
        )
        for row in Row.objects.filter(scope_id__startswith="customer:")
    }
    for holder in world.devices:
        scopes = feed.scopes_of(Device.objects.get(pk=holder.store.device.id))
        expected = {key: said for key, said in service.items() if said[2] in scopes}
        aside = {op.record_id for op in (r.operation for r in holder.store.outbox.refused())}
        found = _said_by(holder)
        away = holder.away()
        for key in expected.keys() | found.keys():
            if key[1] in away:
                assert key not in found, (holder.name, key)
            elif key[1] not in aside:
                assert found.get(key) == expected.get(key), (holder.name, key)


def _conflicts(world: World) -> None:
    """I4, I5, I10 by a model of its own: heads of each field, from the bare history."""
    written: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
    named: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in Op.objects.all():
        op = unpack(bytes(row.packed))
        for name, change in op.fields.items():
            if name != REMOVAL and op.action is Action.PUT:
                written[op.record_id, name][op.op_id] = change.value
                named[op.record_id, name].update(change.base.split())
    rows = {str(row.entity_id): row for row in Row.objects.all()}
    expected = set()
    for key, values in written.items():
        heads = {op_id: value for op_id, value in values.items() if op_id not in named[key]}
        if len({repr(value) for value in heads.values()}) > 1:
            expected.add(key)
        assert rows[key[0]].state[key[1]] in heads.values(), key
    found = {
        (str(row.entity_id), row.field)
        for row in Conflict.objects.filter(decided_by_op=None).exclude(field=REMOVAL)
    }
    assert found == expected
    for holder in world.devices:
        scopes = {f"customer:{c.id}" for c in holder.store.find(Customer)}
        mine = {key for key in expected if rows[key[0]].scope_id in scopes}
        shown = {
            (c.record_id, c.field)
            for c in holder.store.conflicts()
            if c.field != REMOVAL and not c.decided_by
        }
        assert shown == mine, (holder.name, shown, mine)
    removed = {unpack(bytes(row.packed)).record_id for row in Op.objects.filter(action="remove")}
    assert {key for key, row in rows.items() if row.deleted} <= removed


def _scopes(world: World) -> None:
    """I9, I13: nobody holds a customer he is not assigned; no two devices share an id."""
    ids = [holder.store.device.id for holder in world.devices]
    assert len(ids) == len(set(ids))
    for holder in world.devices:
        granted = set(
            DeviceScope.objects.filter(device_id=holder.store.device.id, revoked_at=None).values_list(
                "scope_id", flat=True
            )
        )
        aside = {r.operation.record_id for r in holder.store.outbox.refused()}
        for (_kind, record_id), said in _said_by(holder).items():
            assert said[2] in granted or record_id in aside, (holder.name, said[2])


def _erased(world: World) -> None:
    """Of a customer who was removed for good no word is left in the history, nor with anybody."""
    gone = {f"customer:{one}" for one in ErasedCustomer.objects.values_list("customer_id", flat=True)}
    kept = [unpack(bytes(row.packed)) for row in Op.objects.filter(scope_id__in=gone)]
    for holder in world.devices:
        bodies = holder.store.connection.all("SELECT body FROM _operation")
        kept += [op for (body,) in bodies if (op := unpack(body)).scope in gone]
        kept += [op for one in holder.store.replica.received() if (op := unpack(one.body)).scope in gone]
    for op in kept:
        assert emptied(op) == op


def _files(world: World) -> None:
    """I11: what is called present is there, whole, under the hash of its bytes; nothing that is here waits."""
    for holder in world.devices:
        store = holder.store
        assert store.attachments.unsent() == []
        for photo in store.find(Attachment):
            stored = store.attachments.find(photo.sha256)
            if stored is None or not stored.is_here:
                continue
            known = KnownFile.objects.get(sha256=photo.sha256)
            assert known.is_complete, (holder.name, photo.sha256)
            assert stored.present_at is not None, (holder.name, photo.sha256)
            assert hashlib.sha256(store.attachment(photo.sha256)).hexdigest() == photo.sha256
    for known in KnownFile.objects.filter(is_complete=True):
        assert hashlib.sha256(b"".join(attachments.read(known))).hexdigest() == known.sha256


def freed(store: Store, sha256s: set[str]) -> None:
    """I11: bytes leave a device only while the office has them whole, or for a customer removed for good.

    Or when they were taken out of every visit of this device.
    """
    photos = store.find(Attachment, with_removed=True)
    sha256s = sha256s - ({one.sha256 for one in photos} - {one.sha256 for one in store.find(Attachment)})
    if sha256s and not ErasedCustomer.objects.exists():
        kept = KnownFile.objects.filter(sha256__in=sha256s, is_complete=True)
        assert set(kept.values_list("sha256", flat=True)) == sha256s


def held_by(holder: Holder) -> Iterator[str]:
    """Yield the ids of all operations a device holds, own and received."""
    for packed in holder.store.outbox.ids():
        yield unpack_id(packed)
    for confirmed in holder.store.replica.received():
        yield unpack(confirmed.body).op_id


def _said_by(holder: Holder) -> dict[tuple[str, str], Any]:
    """Return what a device shows of customers' records, kinds of newer programs included."""
    found = {}
    connection = holder.store.connection
    for kind, table in holder.store.tables.items():
        for raw in connection.all(table.select_sql):
            state = table.state(raw)
            if state.scope.startswith("customer:"):
                found[kind, state.record_id] = canonical(state)
    for record_id, entity, packed in connection.all("SELECT record_id, entity, state FROM _unknown"):
        state = unpack_state(entity, record_id, packed)
        if state.scope.startswith("customer:"):
            found[entity, record_id] = canonical(state)
    return found
