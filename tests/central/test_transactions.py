"""What two transactions at once do to each other: the one in the way is tried again, and given up at last."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from django.db import DatabaseError, OperationalError, connection, connections, transaction

from techkit.central import transactions
from techkit.central.enrol import DeviceRefusedError
from techkit.central.models import Org
from techkit.sync.problems import ProblemCode


class _Passing(Exception):
    """What the driver says: SQLSTATE of a serialization failure."""

    sqlstate = "40001"


def _in_the_way() -> DatabaseError:
    try:
        raise OperationalError("could not serialize access") from _Passing()
    except OperationalError as error:
        return error


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for nobody."""
    monkeypatch.setattr(transactions.time, "sleep", lambda _s: None)


@pytest.mark.usefixtures("at_once")
def test_what_stood_in_the_way_is_tried_again() -> None:
    """A transaction that failed for another one (40001) is done again, from its beginning."""
    tries: list[int] = []

    def work() -> str:
        tries.append(1)
        if len(tries) < 4:
            raise _in_the_way()
        return "done"

    assert transactions.retried(work) == "done"
    assert len(tries) == 4


@pytest.mark.usefixtures("at_once")
def test_a_service_that_cannot_says_busy() -> None:
    """After the last try the device is told to come back; nothing of it was lost."""
    tries: list[int] = []

    def work() -> None:
        tries.append(1)
        raise _in_the_way()

    with pytest.raises(DeviceRefusedError) as caught:
        transactions.retried(work)
    assert (caught.value.problem.code, len(tries)) == (ProblemCode.BUSY, transactions._TRIES)
    assert caught.value.problem.retry_after_s > 0


def test_another_fault_is_told_at_once() -> None:
    """What trying again cannot mend is raised as it is."""
    with pytest.raises(DatabaseError, match="no such table"):
        transactions.retried(lambda: (_ for _ in ()).throw(DatabaseError("no such table")))


def test_two_that_exclude_each_other_both_end_well(central_db: Path, org: Org) -> None:
    """Two serializable transactions that read what the other writes: PostgreSQL refuses one, and both count."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time: nothing can be refused for another transaction there")
    meeting = threading.Barrier(2, timeout=20)
    met: list[str] = []
    tries: list[str] = []

    def work(name: str) -> None:
        tries.append(name)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
            cursor.execute("SELECT count(*) FROM sync_scope WHERE org_id = %s", [org.pk])
            if name not in met:
                met.append(name)
                meeting.wait()
            cursor.execute(
                "INSERT INTO sync_scope (org_id, scope_id, next_seq, digest, folded_seq) VALUES (%s, %s, 1, '', 0)",
                [org.pk, name],
            )

    def run(name: str) -> None:
        try:
            transactions.retried(lambda: work(name))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sync_scope WHERE scope_id IN ('one', 'two')")
        assert cursor.fetchone() == (2,)
    assert len(tries) == 3
