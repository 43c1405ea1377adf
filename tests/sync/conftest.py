"""Both ends for sync tests: the real service over HTTPS on the loopback address, real stores in temporary folders.

Tables are made once a run; each test gets a copy of the empty service's folder and, with --db=postgres, of its database.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import django
import pytest

from techkit.central import server
from techkit.store.database import Store
from techkit.sync.client import Client
from tests.stores import empty_store

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "techkit.central.settings")
django.setup()


@pytest.fixture
def service_folder(prepared: tuple[Path, str]) -> Path:
    """Give a folder with an empty service in it."""
    return prepared[0]


@pytest.fixture
def service_dsn(prepared: tuple[Path, str]) -> str:
    """Give the address of that service's database; "" for SQLite in its folder."""
    return prepared[1]


@pytest.fixture
def service(service_folder: Path, service_dsn: str) -> Iterator[server.Service]:
    """Run the service over HTTPS in this process."""
    with server.running(service_folder, database_dsn=service_dsn) as held:
        yield held


@pytest.fixture
def invite(service: server.Service) -> Callable[[], str]:
    """Give a function that makes the line with which one device enrols."""

    def make() -> str:
        from techkit.central import accounts
        from techkit.central.invitations import invitation
        from techkit.central.models import User

        user = User.objects.get(username="admin")
        return invitation(service.url, accounts.new_enrol_code(user, user)[0])

    return make


@pytest.fixture
def make_store(tmp_path: Path) -> Iterator[Callable[[str], Store]]:
    """Give a function that makes an empty store with this prefix; all are closed afterwards."""
    made: list[Store] = []

    def make(prefix: str) -> Store:
        folder = tmp_path / prefix
        folder.mkdir()
        made.append(empty_store(folder, prefix=prefix, name=prefix, technician=f"Technician {prefix}"))
        return made[-1]

    yield make
    for store in made:
        store.close()


@pytest.fixture
def enrolled(
    make_store: Callable[[str], Store], invite: Callable[[], str]
) -> Iterator[Callable[[str], tuple[Store, Client]]]:
    """Give a function that makes an enrolled device."""
    clients: list[Client] = []

    def make(prefix: str) -> tuple[Store, Client]:
        store = make_store(prefix)
        client = Client(store)
        client.enrol(invite())
        clients.append(client)
        return store, client

    yield make
    for client in clients:
        client.close()
