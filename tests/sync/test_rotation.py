"""A device's key is replaced: by itself with time, or at once; a cut at any moment locks nobody out."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connections

from techkit.central.models import AuditEvent, Op
from techkit.central.models import Device as KnownDevice
from techkit.errors import SyncError
from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.store.database import Store
from techkit.sync import protocol, transport
from techkit.sync.answers import ForkedError
from techkit.sync.client import Client
from techkit.sync.transport import Transport
from tests.services import kept_copy

Devices = Callable[[str], tuple[Store, Client]]
KEY = bytes(range(32))
DAY_MS = 86_400_000


def _known(store: Store) -> KnownDevice:
    return KnownDevice.objects.get(pk=store.device.id)


def test_a_new_key_holds_from_the_next_request_on(enrolled: Devices) -> None:
    """The service knows the new key, the audit trail says so, and syncing goes on."""
    store, client = enrolled("TK01")
    before = bytes(_known(store).public_key)
    client.rotate_key()
    assert (_known(store).key_version, bytes(_known(store).public_key) != before) == (2, True)
    assert AuditEvent.objects.filter(action="device.rotate", object_id=store.device.id).count() == 1
    store.save(Customer(id=new_id(), display_name="Quarrystone"))
    assert client.sync().waiting_count == 0


def test_the_old_key_opens_nothing_any_more(enrolled: Devices, tmp_path: Path) -> None:
    """A copy made before the key was replaced is refused at once."""
    store, client = enrolled("TK01")
    client.sync()
    copy = tmp_path / "copy"
    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(store.folder, copy, ignore=shutil.ignore_patterns("*.lock", "*-shm"))
    client.rotate_key()
    stolen = Store.open(copy, KEY)
    thief = Client(stolen)
    with pytest.raises(SyncError, match="signature"):
        thief.sync()
    thief.close()
    stolen.close()


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_cut_while_changing_the_key_locks_nobody_out(
    enrolled: Devices, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """The request or its answer is lost, the program dies and starts again: the next sync finds the right key."""
    store, client = enrolled("TK01")
    client.sync()
    client.close()
    real = Transport.request

    def lost(self: Transport, method: str, path: str, headers: object, body: bytes = b"") -> object:
        if path != protocol.ROTATE_PATH:
            return real(self, method, path, headers, body)  # type: ignore[arg-type] # as it was called
        if when == "after":
            real(self, method, path, headers, body)  # type: ignore[arg-type] # as it was called
        raise transport.cut()

    monkeypatch.setattr(Transport, "request", lost)
    dying = Client(store)
    with pytest.raises(SyncError, match="cut"):
        dying.rotate_key()
    dying.close()
    monkeypatch.setattr(Transport, "request", real)
    again = Client(store)
    store.save(Customer(id=new_id(), display_name="Quarrystone"))
    assert again.sync().waiting_count == 0
    again.rotate_key()
    assert _known(store).key_version == (2 if when == "before" else 3)
    assert again.sync().waiting_count == 0
    again.close()


@pytest.mark.parametrize("is_first", [False, True], ids=["a sync first", "another new key first"])
def test_a_service_set_back_to_before_the_new_key_knows_the_old_one(
    enrolled: Devices, service_folder: Path, service_dsn: str, *, is_first: bool
) -> None:
    """The device finds out by itself, sends what it has and takes a new key later; nobody need let it in anew."""
    store, client = enrolled("TK01")
    client.sync()
    put_back = kept_copy(service_folder, service_dsn)
    client.rotate_key()
    store.save(Customer(id=new_id(), display_name="Quarrystone"))
    client.sync()
    connections.close_all()
    put_back()
    if is_first:
        client.rotate_key()
    assert client.sync().waiting_count == 0
    assert Op.objects.filter(entity="customer").count() == 1
    if not is_first:
        client.rotate_key()
    assert client.sync().waiting_count == 0
    assert _known(store).key_version == 2


def test_a_copy_from_before_the_new_key_is_let_in_as_a_device_of_its_own(
    enrolled: Devices, tmp_path: Path, invite: Callable[[], str]
) -> None:
    """Its key opens nothing any more; what it holds unsent arrives once the office lets it in."""
    store, client = enrolled("TK01")
    client.sync()
    copy = tmp_path / "copy"
    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(store.folder, copy, ignore=shutil.ignore_patterns("*.lock", "*-shm"))
    client.rotate_key()
    twin_store = Store.open(copy, KEY)
    twin_store.save(Customer(id=new_id(), display_name="Quarrystone"))
    twin = Client(twin_store)
    with pytest.raises(ForkedError):
        twin.sync()
    twin.become_new_device()
    twin.enrol(invite())
    assert twin.sync().waiting_count == 0
    twin.close()
    twin_store.close()


def test_an_old_key_is_replaced_by_itself(enrolled: Devices) -> None:
    """After the days of the settings the sync that follows brings a new key; before them it does not."""
    store, client = enrolled("TK01")
    client.sync()
    assert _known(store).key_version == 1
    old = time.time_ns() // 1_000_000 - 91 * DAY_MS
    store.replica.set_meta({"key_made_at_ms": str(old)})
    client.sync()
    client.sync()
    assert _known(store).key_version == 2
    assert store.replica.meta("next_key") == ""
