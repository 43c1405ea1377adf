"""A device killed (kill -9) at a write or flush of its store during a sync: nothing lost, nothing doubled.

strace ends the process at the n-th such call. The short form takes some of them, the long form every one.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from techkit.central.models import Op
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer
from techkit.store.database import Store
from techkit.sync.client import Client

KEY = bytes(range(32))
OPERATIONS = 20

_SYNC = """
import sys
from pathlib import Path
from techkit.store.database import Store
from techkit.sync.client import Client

store = Store.open(Path(sys.argv[1]), bytes(range(32)))
print(Client(store).sync().sent_count, flush=True)
store.close()
"""

#: What SQLite does to its files; the n-th of these is where the process ends.
_CALLS = "pwrite64,write,fsync,fdatasync,ftruncate,unlink"

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


def _killed_at(folder: Path, number: int) -> bool:
    """Sync in a process that is killed at the n-th call; return whether it came that far."""
    paths = [part for name in ("techkit.db", "techkit.db-wal") for part in ("-P", str(folder / name))]
    inject = f"inject={_CALLS}:signal=KILL:when={number}"
    command = ["strace", "-f", "-qqq", "-o", "/dev/null", *paths, "-e", f"trace={_CALLS}", "-e", inject]
    found = subprocess.run(
        [*command, sys.executable, "-c", _SYNC, str(folder)],
        capture_output=True,
        check=False,
    )
    if b"ptrace" in found.stderr or b"PTRACE" in found.stderr:
        pytest.skip("this machine does not let a process be traced")
    return found.returncode != 0


def _check(store: Store, customer: Customer, made: list[Contact]) -> None:
    assert store.connection.all("PRAGMA integrity_check") == [("ok",)]
    assert store.outbox.waits().count == 0
    assert {held.id for held in store.find(Contact)} >= {held.id for held in made}
    ids = [str(one) for one in Op.objects.filter(entity="contact").values_list("entity_id", flat=True)]
    assert len(ids) == len(set(ids)) == store.count(Contact)
    scope = f"customer:{customer.id}"
    assert store.replica.cursors()[scope][0] == Op.objects.filter(scope_id=scope).count()


def _numbers(request: pytest.FixtureRequest) -> range:
    return range(1, 400) if request.config.getoption("--long") else range(1, 60, 9)


def test_kill_at_a_write_of_the_sync(
    enrolled: Callable[[str], tuple[Store, Client]], request: pytest.FixtureRequest
) -> None:
    """Killed at a write or flush while 20 operations are synced, the next sync brings the rest, each once."""
    store, client = enrolled("TK01")
    folder = store.folder
    customer = Customer(id=new_id(), display_name="Bäckerei")
    store.save(customer)
    client.sync()
    client.close()
    kills = 0
    for number in _numbers(request):
        made = [
            Contact(id=new_id(), customer_id=customer.id, family_name=f"Nr. {n}") for n in range(OPERATIONS)
        ]
        store.save(*made)
        store.close()
        was_killed = _killed_at(folder, number)
        store = Store.open(folder, KEY)
        kills += was_killed
        with_client = Client(store)
        with_client.sync()
        _check(store, customer, made)
        with_client.close()
        if not was_killed:
            break
    store.close()
    assert kills >= 3
