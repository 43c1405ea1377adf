"""Job packs: a device without a network gets its customers from a stick."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from techkit.central import epochs, feed, jobs
from techkit.central.models import Device as KnownDevice
from techkit.central.models import User
from techkit.errors import SyncError
from techkit.records.identity import new_id
from techkit.records.parties import Customer, Site
from techkit.records.schema import replace
from techkit.store.database import Store
from techkit.sync.carrier import PackageError
from techkit.sync.client import Client

Devices = Callable[[str], tuple[Store, Client]]


def _customer(store: Store, client: Client, name: str = "Quarrystone") -> Customer:
    customer = Customer(id=new_id(), display_name=name)
    store.save(customer, Site(id=new_id(), customer_id=customer.id, name="Mill Lane 3"))
    client.sync()
    return customer


def _pack(store: Store, *customers: Customer) -> bytes:
    device = KnownDevice.objects.select_related("org").get(pk=store.device.id)
    return jobs.pack(User.objects.get(username="admin"), device, [one.id for one in customers])


def test_a_job_pack_brings_a_customer_without_a_network(enrolled: Devices) -> None:
    """The chosen customer is there with all below it; work on it goes out later, over the network, as ever."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    wanted, kept_away = _customer(store, client), _customer(store, client, "Harbourlight")
    result = colleague.take_file(_pack(other, wanted))
    assert result.received_count == 2
    assert [one.id for one in other.find(Customer)] == [wanted.id]
    site = other.find(Site)[0]
    other.save(replace(site, access_notes="Ring twice"))
    colleague.sync()
    client.sync()
    held = store.get(Site, site.id)
    assert held is not None
    assert held.access_notes == "Ring twice"
    assert other.get(Customer, kept_away.id) is None
    assert colleague.sync().received_count == 0


def test_a_pack_older_than_the_device_changes_nothing(enrolled: Devices) -> None:
    """Made before the last sync and taken after it, or twice: what is newer here stays, unsent work too."""
    store, client = enrolled("TK01")
    customer = _customer(store, client)
    old = _pack(store, customer)
    store.save(replace(customer, display_name="Quarrystone & Daughters"))
    client.sync()
    store.save(replace(customer, display_name="typed"))
    for _time in range(2):
        assert client.take_file(old).received_count == 0
    held = store.get(Customer, customer.id)
    assert held is not None
    assert held.display_name == "typed"
    assert store.outbox.waits().count == 1


def test_a_newer_pack_goes_beneath_unsent_work(enrolled: Devices) -> None:
    """A device that has the customer already takes the newer state; its own unsent word stays on top."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    customer = _customer(store, client)
    feed.grant(KnownDevice.objects.get(pk=other.device.id), f"customer:{customer.id}")
    colleague.sync()
    site = other.find(Site)[0]
    other.save(replace(site, access_notes="Ring twice"))
    store.save(replace(store.find(Site)[0], name="Mill Lane 5"))
    client.sync()
    colleague.take_file(_pack(other, customer))
    shown = other.find(Site)[0]
    assert (shown.name, shown.access_notes) == ("Mill Lane 5", "Ring twice")
    assert other.outbox.waits().count == 1


def test_a_pack_for_another_device_opens_nothing(enrolled: Devices) -> None:
    """The colleague's stick in the wrong laptop: one sentence, nothing taken."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    file = _pack(other, _customer(store, client))
    with pytest.raises(PackageError, match="meant for somebody else"):
        client.take_file(file)
    colleague.take_file(file)


@pytest.mark.parametrize("at", [0.0, 0.3, 0.6, 0.999])
def test_a_changed_pack_is_refused(enrolled: Devices, at: float) -> None:
    """One changed byte anywhere: nothing of it is used."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    file = bytearray(_pack(other, _customer(store, client)))
    file[int(len(file) * at)] ^= 1
    with pytest.raises(PackageError):
        colleague.take_file(bytes(file))
    assert other.find(Customer) == []


def test_a_pack_from_before_a_restore_is_refused(enrolled: Devices) -> None:
    """The office went back in time since: the places of the pack mean nothing any more."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    file = _pack(other, _customer(store, client))
    epochs.new_epoch(1, "restored")
    colleague.sync()
    with pytest.raises(PackageError, match="before the office restored"):
        colleague.take_file(file)


def test_a_pack_needs_an_enrolled_device(make_store: Callable[[str], Store], enrolled: Devices) -> None:
    """A device no office knows cannot open one, and the sentence says what to do."""
    store, client = enrolled("TK01")
    file = _pack(store, _customer(store, client))
    with pytest.raises(SyncError, match="not enrolled"):
        Client(make_store("TK09")).take_file(file)


def test_a_pack_made_for_the_key_before_still_opens(enrolled: Devices) -> None:
    """The device changed its key while the stick was on its way."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    customer = _customer(store, client)
    file = _pack(other, customer)
    colleague.rotate_key()
    assert colleague.take_file(file).received_count == 2
    assert colleague.take_file(_pack(other, customer)).received_count == 0
