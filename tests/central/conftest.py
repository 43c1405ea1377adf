"""The central service for tests: its tables on SQLite or PostgreSQL (tests/services.py), and the whole of it over HTTPS."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django
import pytest

from techkit.central import server

# The tables' module can be imported from here on; each test then points Django at its own database.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "techkit.central.settings")
django.setup()

PASSWORD = "correct horse battery staple"


@pytest.fixture
def central_db(prepared: tuple[Path, str]) -> Iterator[Path]:
    """Point Django at an empty service; give its folder."""
    folder, dsn = prepared
    server.point(folder, dsn)
    yield folder
    server.release()


@pytest.fixture
def service(prepared: tuple[Path, str]) -> Iterator[server.Service]:
    """Run the service over HTTPS in this process."""
    folder, dsn = prepared
    with server.running(folder, database_dsn=dsn) as held:
        yield held


@pytest.fixture
def org(central_db: Path) -> Any:
    """Give the organisation, in Berlin."""
    from techkit.central import accounts

    held = accounts.the_org()
    held.name, held.time_zone = "Nordlicht Computerhilfe", "Europe/Berlin"
    held.save()
    return held


@pytest.fixture
def maren(org: Any) -> Any:
    """Give the reviewer Maren Vogt."""
    from techkit.central import accounts

    return accounts.make_staff(org, "maren", PASSWORD, first_name="Maren", last_name="Vogt")


@pytest.fixture
def chief(org: Any) -> Any:
    """Give the administrator Rosa Falk."""
    from techkit.central import accounts
    from techkit.central.models import Role

    return accounts.make_staff(org, "chief", PASSWORD, role=Role.ADMIN, first_name="Rosa", last_name="Falk")


@pytest.fixture
def kit(org: Any) -> Any:
    """Give an enrolled device that has spoken once (tests/central/devices.py)."""
    from tests.central.devices import Kit

    made = Kit()
    made.enrol()
    made.sync()
    return made


@pytest.fixture
def browser_of(central_db: Path) -> Callable[[Any], Any]:
    """Give a function that returns Django's test client, signed in over HTTPS as somebody."""
    from django.test import Client

    def sign_in(user: Any) -> Client:
        client = Client(headers={"host": "localhost"})
        page = client.post("/sign-in", {"username": user.username, "password": PASSWORD}, secure=True)
        assert page.status_code == 302, page.content.decode()
        client.defaults["wsgi.url_scheme"] = "https"
        client.defaults["SERVER_PORT"] = "443"
        return client

    return sign_in


@pytest.fixture
def van(org: Any) -> Any:
    """Give a technician's enrolled device."""
    from tests.central.arrivals import Van

    return Van(org)
