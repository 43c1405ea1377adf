"""Customers for the tests of sync: kept on a device, and given to others by the office."""

from __future__ import annotations

from techkit.central import feed
from techkit.central.models import Device as KnownDevice
from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.store.database import Store
from techkit.sync.client import Client


def kept_customer(store: Store, name: str = "Bäckerei Krümel") -> Customer:
    """Keep a customer on a device and return it."""
    made = Customer(id=new_id(), display_name=name)
    store.save(made)
    return made


def share(customer: Customer, *stores: Store) -> None:
    """Give a customer to other devices, as the office does."""
    for store in stores:
        feed.grant(KnownDevice.objects.get(pk=store.device.id), f"customer:{customer.id}")


def shared_customer(
    store: Store, client: Client, other: Store, colleague: Client, name: str = "Bäckerei Krümel"
) -> Customer:
    """Keep a customer on one device, give it to another, and return it once both have it."""
    made = kept_customer(store, name)
    client.sync()
    share(made, other)
    colleague.sync()
    return made
