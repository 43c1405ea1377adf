"""A service that was restored from a copy gets back what it lost."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from techkit.central.models import Op
from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.records.schema import replace
from techkit.records.visit import Visit
from techkit.store.database import Store
from techkit.sync.client import Client
from tests.sync.customers import kept_customer, share

Devices = Callable[[str], tuple[Store, Client]]


def _copy_database(source: Path, target: Path) -> None:
    """Copy the service's database, as a backup or back from one."""
    import sqlite3

    with (
        contextlib.closing(sqlite3.connect(source)) as one,
        contextlib.closing(sqlite3.connect(target)) as other,
    ):
        one.backup(other)


def test_restored_service_gets_back_what_it_lost(enrolled: Devices, service_folder: Path) -> None:
    """A service set back to its backup asks the devices for what it lost; both ends say the same again."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    customer = kept_customer(store)
    client.sync()
    share(customer, other)
    colleague.sync()
    database, saved = service_folder / "central.sqlite3", service_folder.parent / "backup.db"
    _copy_database(database, saved)
    visit = Visit(id=new_id(), customer_id=customer.id, purpose="Nach der Sicherung")
    store.save(visit)
    client.sync()
    colleague.sync()
    other.save(replace(customer, notes_for_visit="Auch danach"))
    colleague.sync()
    from django.db import connections

    connections.close_all()
    _copy_database(saved, database)
    assert Op.objects.filter(entity_id=visit.id).count() == 0
    for one in (client, colleague, client, colleague):
        one.sync()
    assert Op.objects.filter(entity_id=visit.id).count() == 1
    for held in (store, other):
        assert held.get(Visit, visit.id) == visit
        found = held.get(Customer, customer.id)
        assert found is not None
        assert found.notes_for_visit == "Auch danach"
    assert (
        store.replica.cursors()[f"customer:{customer.id}"]
        == other.replica.cursors()[f"customer:{customer.id}"]
    )


def test_what_only_a_colleague_holds_comes_back(enrolled: Devices, service_folder: Path) -> None:
    """The service lost a visit and its author's device is gone: the colleague who had fetched it gives it back."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    customer = kept_customer(store)
    client.sync()
    share(customer, other)
    colleague.sync()
    database, saved = service_folder / "central.sqlite3", service_folder.parent / "backup.db"
    _copy_database(database, saved)
    visit = Visit(id=new_id(), customer_id=customer.id, purpose="Nur noch beim Kollegen")
    store.save(visit)
    client.sync()
    colleague.sync()
    from django.db import connections

    connections.close_all()
    _copy_database(saved, database)
    colleague.sync()
    colleague.sync()
    assert Op.objects.filter(entity_id=visit.id).count() == 1
    assert other.get(Visit, visit.id) == visit
    assert other.outbox.waits().count == 0
