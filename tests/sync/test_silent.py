"""A device that was silent for half a year begins anew, and sends first what it had not sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from techkit.central import feed
from techkit.central.models import AuditEvent, Op
from techkit.central.models import Device as KnownDevice
from techkit.errors import StoreFullError, SyncError
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer
from techkit.records.schema import replace
from techkit.store.database import Store
from techkit.sync.client import Client

Devices = Callable[[str], tuple[Store, Client]]


def away_for(store: Store, days: int) -> None:
    """Let the service have heard nothing of a device for so long."""
    then = datetime.now(UTC) - timedelta(days=days)
    KnownDevice.objects.filter(pk=store.device.id).update(last_seen_at=then)


@pytest.fixture
def pair(enrolled: Devices) -> tuple[tuple[Store, Client], tuple[Store, Client]]:
    """Give two devices that hold the same customer and thirty people."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    customer = Customer(id=new_id(), display_name="Quarrystone Architects")
    store.save(
        customer, *(Contact(id=new_id(), customer_id=customer.id, family_name=str(n)) for n in range(30))
    )
    client.sync()
    feed.grant(KnownDevice.objects.get(pk=other.device.id), f"customer:{customer.id}")
    colleague.sync()
    return (store, client), (other, colleague)


def people(store: Store) -> list[tuple[str, str, str]]:
    """Return what a store says of the people, in an order of its own."""
    return sorted((held.id, held.family_name, held.role) for held in store.find(Contact))


def test_nothing_unsent_is_lost(pair: Any) -> None:
    """Its own unsent changes and everybody else's are all there; once told, it goes on as ever."""
    (store, client), (other, colleague) = pair
    first, second = store.find(Contact, order_by="family_name")[:2]
    other.save(replace(first, role="owner"))
    colleague.sync()
    store.save(
        replace(second, role="architect"),
        Contact(id=new_id(), customer_id=first.customer_id, family_name="new"),
    )
    away_for(store, 181)
    result = client.sync()
    assert (result.sent_count, result.waiting_count, result.refused_count) == (2, 0, 0)
    assert any("fetched anew" in notice for notice in result.notices)
    colleague.sync()
    assert people(store) == people(other)
    assert {("architect"), ("owner")} <= {role for _id, _name, role in people(store)}
    assert AuditEvent.objects.filter(action="device.begins_anew").count() == 1
    again = client.sync()
    assert (again.requests, again.notices) == (1, ())
    assert again.sent_bytes + again.received_bytes < 1000


def test_a_few_months_are_no_silence(pair: Any) -> None:
    """After 179 days it goes on where it was."""
    (store, client), _colleague = pair
    away_for(store, 179)
    result = client.sync()
    assert (result.received_count, result.notices) == (0, ())


def test_cut_off_while_it_begins_anew_it_begins_anew_again(
    pair: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer that tells it cannot be kept: the next sync tells it once more, and nothing is shown half."""
    (store, client), (other, _colleague) = pair
    away_for(store, 400)
    before = people(store)
    with monkeypatch.context() as patched:
        patched.setattr(store.replica, "apply", _full)
        with pytest.raises(StoreFullError):
            client.sync()
    assert people(store) == before
    result = client.sync()
    assert any("fetched anew" in notice for notice in result.notices)
    assert people(store) == before == people(other)
    assert client.sync().notices == ()


def _full(_answer: object) -> None:
    from techkit.store.connection import full_disk

    raise full_disk()


def test_it_needs_nothing_of_the_old_history(pair: Any) -> None:
    """A history older than its records may be somewhere else by then: the device begins with what holds now."""
    (store, client), (other, colleague) = pair
    for number in range(5):
        for held in other.find(Contact):
            other.save(replace(held, role=f"role {number}"))
        colleague.sync()
    away_for(store, 200)
    old = Op.objects.filter(seq__lt=60, entity="contact")
    assert old.count() > 20
    old.update(packed=b"not kept here any more")
    client.sync()
    assert people(store) == people(other)


def test_a_device_withdrawn_meanwhile_is_told_so(pair: Any) -> None:
    """Silence is no way around being refused."""
    (store, client), _colleague = pair
    away_for(store, 200)
    KnownDevice.objects.filter(pk=store.device.id).update(revoked_at=datetime.now(UTC))
    with pytest.raises(SyncError, match="withdrawn"):
        client.sync()
