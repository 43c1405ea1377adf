"""A service that was restored from a copy gets back what it lost."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connections

from techkit.central import accounts, epochs, packages, presence, server
from techkit.central.invitations import invitation
from techkit.central.models import Attachment as KnownFile
from techkit.central.models import Op, RefusedOp, User
from techkit.records.identity import new_id
from techkit.records.operations import Change, Operation
from techkit.records.parties import Customer
from techkit.records.schema import replace
from techkit.records.visit import Attachment, Visit
from techkit.store.database import Store
from techkit.sync.client import Client
from techkit.sync.delivery import delivery
from tests.services import kept_copy
from tests.sync.customers import shared_customer

Devices = Callable[[str], tuple[Store, Client]]


@dataclass(frozen=True)
class Pair:
    """Two devices that share a customer, and the service's backup of that moment."""

    store: Store
    client: Client
    other: Store
    colleague: Client
    customer: Customer
    restore: Callable[[], None]


@pytest.fixture
def pair(enrolled: Devices, service_folder: Path, service_dsn: str) -> Pair:
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    customer = shared_customer(store, client, other, colleague)
    put_back = kept_copy(service_folder, service_dsn)

    def restore() -> None:
        connections.close_all()
        put_back()

    return Pair(store, client, other, colleague, customer, restore)


def test_restored_service_gets_back_what_it_lost(pair: Pair) -> None:
    """A service set back to its backup asks the devices for what it lost; both ends say the same again."""
    visit = Visit(id=new_id(), customer_id=pair.customer.id, purpose="Nach der Sicherung")
    pair.store.save(visit)
    pair.client.sync()
    pair.colleague.sync()
    pair.other.save(replace(pair.customer, notes_for_visit="Auch danach"))
    pair.colleague.sync()
    pair.restore()
    assert Op.objects.filter(entity_id=visit.id).count() == 0
    for one in (pair.client, pair.colleague, pair.client, pair.colleague):
        one.sync()
    assert Op.objects.filter(entity_id=visit.id).count() == 1
    for held in (pair.store, pair.other):
        assert held.get(Visit, visit.id) == visit
        found = held.get(Customer, pair.customer.id)
        assert found is not None
        assert found.notes_for_visit == "Auch danach"
    scope = f"customer:{pair.customer.id}"
    assert pair.store.replica.cursors()[scope] == pair.other.replica.cursors()[scope]


def test_what_only_a_colleague_holds_comes_back(pair: Pair) -> None:
    """The service lost a visit and its author's device is gone: the colleague who had fetched it gives it back."""
    visit = Visit(id=new_id(), customer_id=pair.customer.id, purpose="Nur noch beim Kollegen")
    pair.store.save(visit)
    pair.client.sync()
    pair.colleague.sync()
    pair.restore()
    pair.colleague.sync()
    pair.colleague.sync()
    assert Op.objects.filter(entity_id=visit.id).count() == 1
    assert pair.other.get(Visit, visit.id) == visit
    assert pair.other.outbox.waits().count == 0


def test_a_restore_nobody_told_of_takes_no_device_for_a_copy(pair: Pair) -> None:
    """Nothing was lost but the memory of a few answers: every device goes on under its name, and hears that there was a restore."""
    before = accounts.the_org().sync_epoch
    for _time in range(3):
        pair.client.sync()
        pair.colleague.sync()
    pair.restore()
    for one in (pair.client, pair.colleague, pair.client, pair.colleague):
        one.sync()
    assert accounts.the_org().sync_epoch != before
    assert [store.replica.meta("must_offer") for store in (pair.store, pair.other)] == ["", ""]


def test_refused_work_that_only_a_package_brought_comes_back(pair: Pair) -> None:
    """Refused by the answer to a package, lost in a restore nobody told of: the office gets it back for its decision."""
    store, client = pair.store, pair.client
    deep: Any = 1
    for _level in range(40):
        deep = [deep]
    op = Operation(
        op_id=new_id(), device=store.device.id, hlc=store.clock.tick(),
        scope=f"customer:{pair.customer.id}", entity="hologram", record_id=new_id(),
        fields={"depth": Change(deep)}, actor="faulty",
    )  # fmt: skip
    with store.connection.transaction():
        store.outbox.add(op)
    assert client.take_answer(packages.answer(client.make_package())).refused_count == 1
    pair.restore()
    assert not RefusedOp.objects.exists()
    for _time in range(3):
        client.take_answer(packages.answer(client.make_package()))
    assert RefusedOp.objects.filter(op_id=op.op_id).count() == 1


@pytest.mark.parametrize("is_told", [True, False], ids=["with the command", "without a word"])
def test_a_device_that_only_carries_packages_gives_back_what_was_lost(pair: Pair, *, is_told: bool) -> None:
    """Without any network: the answer says that something was lost, the next package names what is held, the third brings it."""
    store, client = pair.store, pair.client
    visit = Visit(id=new_id(), customer_id=pair.customer.id, purpose="Carried on a stick")
    store.save(visit)
    assert client.take_answer(packages.answer(client.make_package())).waiting_count == 0
    pair.restore()
    if is_told:
        epochs.new_epoch(accounts.the_org().pk, "restored")
    assert Op.objects.filter(entity_id=visit.id).count() == 0
    early = packages.answer(client.make_package())
    client.take_answer(early)
    asked = client.take_answer(packages.answer(client.make_package()))
    assert asked.waiting_count == 1
    client.take_answer(early)  # once more: it says nothing of what is held, and ends nothing
    assert client.take_answer(packages.answer(client.make_package())).sent_count == 1
    assert client.take_answer(packages.answer(client.make_package())).waiting_count == 0
    assert Op.objects.filter(entity_id=visit.id).count() == 1
    assert store.get(Visit, visit.id) == visit
    assert store.replica.meta("must_offer") == ""
    assert store.replica.rebuilding() == set()
    pair.colleague.sync()
    assert pair.other.get(Visit, visit.id) == visit
    client.sync()
    assert store.get(Visit, visit.id) == visit
    scope = f"customer:{pair.customer.id}"
    assert store.replica.cursors()[scope] == pair.other.replica.cursors()[scope]


@pytest.mark.parametrize("has_record", [True, False], ids=["its record known", "its record lost too"])
def test_a_photo_that_came_after_the_backup_is_sent_again(
    enrolled: Devices, service_folder: Path, service_dsn: str, *, has_record: bool
) -> None:
    """“Present” was said before the restore: the device asks again, and the photo is at the service once more."""
    store, client = enrolled("TK01")
    customer = Customer(id=new_id(), display_name="Bakery")
    visit = Visit(id=new_id(), customer_id=customer.id)
    data = os.urandom(50_000)
    photo = Attachment(
        id=new_id(), visit_id=visit.id, sha256=hashlib.sha256(data).hexdigest(), byte_count=len(data),
        media_type="image/jpeg",
    )  # fmt: skip
    store.save(customer, visit, *([photo] if has_record else []))
    client.sync()
    put_back = kept_copy(service_folder, service_dsn)
    store.attach(data, "image/jpeg")
    store.save(photo)
    client.sync()
    assert delivery(store, visit.id).is_whole
    connections.close_all()
    put_back()
    shutil.rmtree(service_folder / "blobs")
    epochs.new_epoch(accounts.the_org().pk, "restored")
    client.sync()
    client.sync()
    assert KnownFile.objects.get(sha256=photo.sha256).is_complete
    assert delivery(store, visit.id).is_whole


@pytest.mark.parametrize("is_cut", [False, True], ids=["gone", "cut short"])
def test_a_service_that_comes_back_without_its_files_asks_the_devices_for_them(
    service_folder: Path, service_dsn: str, make_store: Callable[[str], Store], *, is_cut: bool
) -> None:
    """Its database says “present”, its folder is empty: the start finds it, and nobody need touch the visit."""
    store = make_store("TK01")
    customer = Customer(id=new_id(), display_name="Bakery")
    visit = Visit(id=new_id(), customer_id=customer.id)
    sha256 = store.attach(os.urandom(30_000), "image/jpeg")
    photo = Attachment(
        id=new_id(), visit_id=visit.id, sha256=sha256, byte_count=30_000, media_type="image/jpeg"
    )
    store.save(customer, visit, photo)
    client = Client(store)
    with server.running(service_folder, database_dsn=service_dsn) as held:
        user = User.objects.get(username="admin")
        client.enrol(invitation(held.url, accounts.new_enrol_code(user, user)[0]))
        client.sync()
        assert presence.lost(accounts.the_org().pk) == []
    client.close()
    (place,) = (one for one in (service_folder / "blobs").rglob("*") if one.is_file())
    if is_cut:
        place.write_bytes(place.read_bytes()[:-1])
    else:
        shutil.rmtree(service_folder / "blobs")
    port = urlsplit(held.url).port or 0
    with server.running(service_folder, port=port, database_dsn=service_dsn):
        assert not KnownFile.objects.get(sha256=sha256).is_complete
        client.sync()
        client.sync()
        assert KnownFile.objects.get(sha256=sha256).is_complete
        assert delivery(store, visit.id).is_whole
        assert place.stat().st_size == 30_000
        epoch = accounts.the_org().sync_epoch
        assert presence.ask_for_lost(accounts.the_org().pk) == 0
        assert accounts.the_org().sync_epoch == epoch
    client.close()
