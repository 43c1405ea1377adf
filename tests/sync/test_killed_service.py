"""The service killed (-9) at its statements while a device pushes: nothing lost, nothing doubled."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from techkit.central import accounts, folding, server
from techkit.central.models import Op, User
from techkit.errors import SyncError
from techkit.records.identity import new_id
from techkit.records.parties import Customer, Site
from techkit.store.database import Store
from techkit.sync.client import Client
from techkit.sync.invitation import Invitation


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _serving(folder: Path, port: int, step: int, dsn: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.sync.killed_service", str(folder), str(port), str(step), dsn]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        for _attempt in range(400):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.05)
        yield running
    finally:
        running.terminate()
        running.wait(20)


@pytest.mark.timeout(10_800)
def test_killed_at_its_statements_the_service_loses_nothing(
    service_folder: Path,
    service_dsn: str,
    make_store: Callable[[str], Store],
    request: pytest.FixtureRequest,
) -> None:
    """At every n-th statement and commit of a 20-change push: the device sends again, and each is there once."""
    port = _free_port()
    first = server.prepare(service_folder, service_dsn)
    user = User.objects.get(username=first.username)
    code = accounts.new_enrol_code(user, user)[0]
    line = Invitation(url=f"https://127.0.0.1:{port}", code=code, fingerprint=first.fingerprint).text()
    server.release()
    store = make_store("TK01")
    customer = Customer(id=new_id(), display_name="Quarrystone")
    client = Client(store)
    with _serving(service_folder, port, 0, service_dsn):
        client.enrol(line)
        store.save(customer)
        client.sync()
    step, stride, rounds, deaths = 1, 1 if request.config.getoption("--long") else 11, 0, 0
    while True:
        store.save(*(Site(id=new_id(), customer_id=customer.id, name=f"{rounds}.{n}") for n in range(20)))
        rounds += 1
        with _serving(service_folder, port, step, service_dsn) as running:
            is_dead = False
            try:
                client.sync()
            except SyncError:
                is_dead = running.wait(10) == -9
        if not is_dead:
            break
        deaths += 1
        step += stride
    client.close()
    assert deaths > (30 if stride == 1 else 2)
    assert store.outbox.waits().count == 0
    server.point(service_folder, service_dsn)
    sites = Op.objects.filter(entity="site")
    assert sites.count() == sites.values("entity_id").distinct().count() == 20 * rounds
    assert folding.differing_records(1) == []
    server.release()
