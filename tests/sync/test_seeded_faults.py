"""Eighteen faults sync could have, planted one by one: a short history finds each, and passes without it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError

from techkit.central import conflicts, epochs, feed, history, ingest
from techkit.central.models import Op
from techkit.errors import SyncError
from techkit.records import merging
from techkit.records.operations import unpack
from techkit.store.database import Store
from techkit.store.outbox import Outbox
from techkit.store.rebuilding import Rebuilding
from techkit.store.replica import Replica
from techkit.sync import files, merge, transport
from techkit.sync.client import Client
from tests.sync import histories
from tests.sync.histories import KEY, Office, Wire, World

Plant = Callable[[pytest.MonkeyPatch], None]
Script = Callable[[World], None]

#: Every planted fault: its name, how it is planted, the history that shows it.
FAULTS: dict[str, tuple[Plant, Script]] = {}


def fault(plant: Plant) -> Callable[[Script], Script]:
    """Pair a planted fault with the history below it, which gives it its name."""

    def keep(script: Script) -> Script:
        FAULTS[script.__name__] = (plant, script)
        return script

    return keep


@pytest.fixture
def world(
    monkeypatch: pytest.MonkeyPatch, prepared: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Give a world with two devices that share a customer."""
    monkeypatch.setattr(transport, "Transport", Wire)
    monkeypatch.setattr(transport, "fetch_certificate", histories.certificate)
    template = tmp_path_factory.mktemp("empty-store")
    Store.create(template, KEY, prefix="T000", name="empty", technician="Somebody").close()
    with histories.world(Office.of(*prepared), template, 2) as made:
        yield made
    shutil.rmtree(template, ignore_errors=True)


# --- the faults and the histories that show them ----------------------------------------------------------------------


@fault(lambda patch: patch.setattr(history, "known_operations", lambda _ids: {}))
def no_dedupe(world: World) -> None:
    world.edit(0, "skill", 3)
    world.sync(0, ["reply_lost"])
    world.sync(0, [])


def _plant_counter(patch: pytest.MonkeyPatch) -> None:
    real = ingest._new_ones

    def by_counter(batch: Any, incoming: Any, taken: Any) -> Any:
        fresh = real(batch, incoming, taken)
        seen = set(Op.objects.filter(device=batch.device).values_list("hlc", flat=True))
        kept = []
        for one in fresh:
            if one.order in seen:
                taken.known.append(ingest.Ack(one.op.op_id, 1, one.order))
            else:
                kept.append(one)
        return kept

    patch.setattr(ingest, "_new_ones", by_counter)


@fault(_plant_counter)
def dedupe_by_counter(world: World) -> None:
    holder = world.pick(0)
    holder.store.clock._now_ms = holder.client.line.now_ms = lambda: 0
    holder.store.clock.last = 0
    world.back_up(0)
    world.edit(0, "skill", 3)
    _sync_frozen(world)
    world.restore(0)
    holder.store.clock._now_ms = lambda: 0
    holder.store.clock.last = 0
    world.edit(0, "role", 1)
    _sync_frozen(world)


def _sync_frozen(world: World) -> None:
    """Sync with a clock that stands still, and that nobody corrects."""
    world.sync(0, [])


def _plant_echo(patch: pytest.MonkeyPatch) -> None:
    real = feed.fill

    def without_own(reply: Any, device: Any, *args: Any, **more: Any) -> None:
        real(reply, device, *args, **more)
        own = str(device.pk)
        reply.changes = [c for c in reply.changes if unpack(bytes(c.op)).device != own]

    patch.setattr(feed, "fill", without_own)


@fault(_plant_echo)
def echo_filter_by_device(world: World) -> None:
    world.back_up(0)
    world.add_site(0)
    world.sync(0, [])
    world.restore(0)
    world.sync(0, [])


def _plant_one_cursor(patch: pytest.MonkeyPatch) -> None:
    real = feed.fill

    def highest(reply: Any, *args: Any, **more: Any) -> None:
        real(reply, *args, **more)
        top = max((seq for seq, _digest in reply.cursors.values()), default=0)
        reply.cursors = {scope: (top, digest) for scope, (_seq, digest) in reply.cursors.items()}

    patch.setattr(feed, "fill", highest)


@fault(_plant_one_cursor)
def cursor_max_across_scopes(world: World) -> None:
    world.add_customer(0)
    world.edit(0, "skill", 3)
    before = world.pick(0).client.line.connection().traffic.requests
    world.sync(0, [])
    # The device finds the digest wrong and takes the scope again: one piece costs more than one request.
    used = world.pick(0).client.line.connection().traffic.requests - before
    assert used == 1, used


@fault(lambda patch: patch.setattr(conflicts, "mirror", lambda _org, _special: None))
def no_conflict_record(world: World) -> None:
    world.edit(0, "role", 1)
    world.edit(1, "role", 2)
    world.sync(0, [])
    world.sync(1, [])


def _plant_drop(patch: pytest.MonkeyPatch) -> None:
    real = Client.become_new_device

    def emptied(self: Client) -> None:
        real(self)
        with self._store.connection.transaction():
            # With what they say: a new device offers all it holds, waiting or not.
            self._store.connection.execute(
                "DELETE FROM _operation WHERE place IN (SELECT place FROM _pending)"
            )
            self._store.connection.execute("DELETE FROM _pending")

    patch.setattr(Client, "become_new_device", emptied)


@fault(_plant_drop)
def drop_outbox_on_reenrol(world: World) -> None:
    world.clone(0)
    for _time in range(3):
        world.sync(0, [])
    world.add_site(2)
    world.sync(2, [])


def _plant_no_epoch(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(epochs, "recover", lambda device, _shown: device.token_hash == epochs._FORGOTTEN)
    patch.setattr(feed, "_missing", lambda _held: [])


@fault(_plant_no_epoch)
def no_epoch(world: World) -> None:
    world.sync(0, [])
    world.back_up_service()
    world.add_site(0)
    world.sync(0, [])
    world.restore_service(has_command=False)
    world.sync(0, [])


def _plant_no_scope_check(patch: pytest.MonkeyPatch) -> None:
    real = feed.fill

    def silent(reply: Any, *args: Any, **more: Any) -> None:
        real(reply, *args, **more)
        reply.revoked = []

    patch.setattr(feed, "fill", silent)


@fault(_plant_no_scope_check)
def apply_without_scope_check(world: World) -> None:
    world.edit(1, "skill", 4)
    world.revoke(1)
    world.sync(1, [])


def _plant_revoke(patch: pytest.MonkeyPatch) -> None:
    real = Replica.apply

    def forgetful(self: Replica, answer: Any) -> Any:
        for scope in answer.revoked:
            with self._connection.transaction():
                self._connection.execute("DELETE FROM _pending WHERE scope = ?", (scope,))
        return real(self, answer)

    patch.setattr(Replica, "apply", forgetful)


@fault(_plant_revoke)
def revoke_drops_outbox(world: World) -> None:
    world.revoke(1)
    Wire.meanwhile = [lambda: world.edit(1, "skill", 4)]
    world.sync(1, [])


def _plant_partial(patch: pytest.MonkeyPatch) -> None:
    real = history.write_records

    def half(org_id: int, touched: Any) -> None:
        real(org_id, dict(list(touched.items())[: max(1, len(touched) // 2)]))

    patch.setattr(history, "write_records", half)


@fault(_plant_partial)
def partial_batch(world: World) -> None:
    for _n in range(4):
        world.add_site(0)
    world.sync(0, [])


def _plant_no_journal(patch: pytest.MonkeyPatch) -> None:
    real = Outbox.acknowledge

    def burnt(self: Outbox, receipts: Any, now_s: int = 0) -> None:
        real(self, receipts, now_s)
        self._connection.many("DELETE FROM _operation WHERE place = ?", [(place,) for place, _r in receipts])

    patch.setattr(Outbox, "acknowledge", burnt)


@fault(_plant_no_journal)
def no_journal_after_ack(world: World) -> None:
    world.sync(0, [])
    world.back_up_service()
    world.add_site(0)
    world.sync(0, [])
    world.restore_service(has_command=True)
    world.sync(0, [])


def _plant_ack_all(patch: pytest.MonkeyPatch) -> None:
    real = Outbox.acknowledge

    def everything(self: Outbox, receipts: Any, now_s: int = 0) -> None:
        real(self, receipts, now_s)
        self._connection.execute("DELETE FROM _pending")

    patch.setattr(Outbox, "acknowledge", everything)


@fault(_plant_ack_all)
def ack_all_outbox(world: World) -> None:
    world.edit(0, "skill", 3)
    Wire.meanwhile = [lambda: world.add_site(0)]
    world.sync(0, [])


def _plant_wallclock(patch: pytest.MonkeyPatch) -> None:
    def latest(state: Any, name: str, held: Any, _base: str, clock: Any, actor: str) -> None:
        top = state.clocks.get(name)
        if top is None or clock > top:
            merging._put(state, name, held, clock, actor)

    patch.setattr(merging, "_join", latest)


@fault(_plant_wallclock)
def wallclock_lww(world: World) -> None:
    world.edit(0, "role", 1)
    world.sync(0, [])
    world.edit(1, "role", 2)
    world.sync(1, [])


def _plant_early_cursor(patch: pytest.MonkeyPatch) -> None:
    real = Replica.apply
    died: list[int] = []

    def cursor_first(self: Replica, answer: Any) -> Any:
        if answer.changes and not died:
            died.append(1)
            real(self, _without_changes(answer))
            raise histories._PowerCutError
        return real(self, answer)

    patch.setattr(Replica, "apply", cursor_first)


def _without_changes(answer: Any) -> Any:
    """Return the reply with its places and without its changes."""
    import dataclasses

    return dataclasses.replace(answer, changes=[], receipts=[])


@fault(_plant_early_cursor)
def cursor_before_apply(world: World) -> None:
    world.add_site(0)
    world.sync(0, [])
    try:
        world.sync(1, [])
    except histories._PowerCutError:
        world._reopen(world.pick(1), world.pick(1).store.folder)


def _plant_gap(patch: pytest.MonkeyPatch) -> None:
    real = feed._rows

    def late(*args: Any) -> Any:
        rows = real(*args)
        # The row of a transaction that took its number early and commits late is not there yet.
        return rows[:-2] + rows[-1:] if len(rows) > 2 else rows

    patch.setattr(feed, "_rows", late)


@fault(_plant_gap)
def cursor_gap(world: World) -> None:
    for _n in range(3):
        world.add_site(0)
    world.sync(0, [])
    world.sync(1, [])


def _plant_phantom(patch: pytest.MonkeyPatch) -> None:
    real = Rebuilding.finish

    def kept(self: Rebuilding, scope: str) -> Any:
        tables = self._views.tables
        before = {
            kind: self._connection.all(f"{table.select_sql} WHERE _scope = ?", (scope,))
            for kind, table in tables.items()
        }
        states = [tables[kind].state(raw) for kind, rows in before.items() for raw in rows]
        found = real(self, scope)
        self._views.write(states)
        return found

    patch.setattr(Rebuilding, "finish", kept)


@fault(_plant_phantom)
def keep_phantom_base(world: World) -> None:
    world.sync(0, [])
    world.sync(1, [])
    world.back_up_service()
    world.edit(0, "role", 1)
    world.sync(0, [])
    world.sync(1, [])
    # What nobody holds any more: the author's device is set back and the reader's journal is gone.
    holder = world.pick(0)
    for one in (holder, world.pick(1)):
        with one.store.connection.transaction():
            one.store.connection.execute("DELETE FROM _received")
    with holder.store.connection.transaction():
        holder.store.connection.execute(
            "DELETE FROM _operation WHERE place IN (SELECT max(place) FROM _operation)"
        )
        holder.store.connection.execute(
            "DELETE FROM _receipt WHERE place NOT IN (SELECT place FROM _operation)"
        )
    holder.made.clear()
    world.restore_service(has_command=True)


def _plant_freed_early(patch: pytest.MonkeyPatch) -> None:
    real = files.send

    def late(store: Store, *rest: Any) -> None:
        with store.connection.transaction():
            store.connection.execute("UPDATE _file SET present_at = 1")
        store.attachments.free_nameless()
        real(store, *rest)

    patch.setattr(files, "send", late)


@fault(_plant_freed_early)
def free_before_it_is_present(world: World) -> None:
    world.add_photo(0, 3)
    world.age_files(0)
    world.revoke(0)
    world.sync(0, [])


@fault(lambda patch: patch.setattr(merge, "refusal", lambda *_args, **_more: None))
def budgets_taken_from_devices(world: World) -> None:
    world.staff_budget(0, 0)
    world.sync(0, [])
    world.edit_budget(0, 3)
    world.sync(0, [])


# --- the check -----------------------------------------------------------------------------------------------------------


def test_there_are_eighteen() -> None:
    """Every fault of the specification's list is planted, and two about files and budgets."""
    assert len(FAULTS) == 16 + 2


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_the_history_passes_without_the_fault(name: str, world: World) -> None:
    """The history that shows a fault is an ordinary one: without the fault everybody ends with the same."""
    FAULTS[name][1](world)
    world.heal_and_check()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name,
            # The database itself refuses the second row, and the service says so in its log.
            marks=[pytest.mark.expects_log("Internal Server Error")] if name == "no_dedupe" else [],
        )
        for name in sorted(FAULTS)
    ],
)
def test_the_planted_fault_is_caught(name: str, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the fault planted, the invariants do not hold, and the history says so."""
    plant, script = FAULTS[name]
    with monkeypatch.context() as patch:
        plant(patch)
        with pytest.raises((AssertionError, SyncError, IntegrityError)):
            _play(script, world)


def _play(script: Script, world: World) -> None:
    script(world)
    world.heal_and_check()
