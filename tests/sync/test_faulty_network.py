"""Many pushes through a network that cuts, swallows and damages, over real HTTPS: each change arrives exactly once.

60 pushes in an ordinary run, 10,000 with --long.
"""

from __future__ import annotations

import contextlib
import http.client
import random
import ssl
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from techkit.central import accounts, folding
from techkit.central.models import Op, User
from techkit.central.server import Service
from techkit.errors import SyncError
from techkit.records.identity import new_id
from techkit.records.parties import Customer, Site
from techkit.store.database import Store
from techkit.sync.client import Client
from techkit.sync.invitation import Invitation
from tests.sync.customers import kept_customer
from tests.sync.proxy import FaultProxy


@pytest.fixture
def proxy(service: Service) -> Iterator[FaultProxy]:
    """Give a faulty network before the service."""
    made = FaultProxy(("127.0.0.1", urlsplit(service.url).port or 0))
    made.QUIET_S = 0.05  # type: ignore[misc] # answers come at once here
    yield made
    made.close()


def _break(proxy: FaultProxy, chance: random.Random) -> None:
    """Set one fault, or none, for what comes next."""
    proxy.heal()
    match chance.choice(["none", "swallow", "cut", "flip"]):
        case "swallow":
            proxy.swallow_after = 1500
        case "cut":
            proxy.cut_after = chance.choice([0, 1, 300, 517, 700, 1400, 1700, 2500, chance.randint(1, 5000)])
        case "flip":
            proxy.flip_at = chance.randint(0, 4000)


@pytest.mark.timeout(10_800)
def test_every_push_arrives_exactly_once(
    service: Service,
    proxy: FaultProxy,
    make_store: Callable[[str], Store],
    request: pytest.FixtureRequest,
) -> None:
    """Whatever breaks whenever: in the end the history holds each change once and the device has every receipt."""
    user = User.objects.get(username="admin")
    code = accounts.new_enrol_code(user, user)[0]
    store = make_store("TK01")
    client = Client(store)
    client.enrol(Invitation(url=proxy.url, code=code, fingerprint=service.fingerprint).text())
    customer = Customer(id=new_id(), display_name="Quarrystone")
    store.save(customer)
    client.sync()
    chance = random.Random(11)
    pushes, failed = 10_000 if request.config.getoption("--long") else 60, 0
    for number in range(pushes):
        store.save(*(Site(id=new_id(), customer_id=customer.id, name=f"{number}.{n}") for n in range(3)))
        _break(proxy, chance)
        try:
            client.sync()
        except SyncError:
            failed += 1
        if chance.random() < 0.3:
            client.close()
    proxy.heal()
    with contextlib.suppress(SyncError):
        client.sync()
    client.sync()
    client.close()
    assert failed > pushes // 10
    assert store.outbox.waits().count == 0
    sites = Op.objects.filter(entity="site")
    assert sites.count() == sites.values("entity_id").distinct().count() == 3 * pushes
    assert folding.differing_records(1) == []


def test_a_kept_connection_that_was_closed_behind_its_answer_is_opened_anew(
    enrolled: Callable[[str], tuple[Store, Client]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service ended it after an answer it did not wait for; the next request goes over a new one."""
    store, client = enrolled("TK01")
    kept_customer(store)
    real = http.client.HTTPSConnection.request
    ended: list[str] = []

    def request(self: http.client.HTTPSConnection, method: str, url: str, **rest: Any) -> None:
        if not ended:
            ended.append(url)
            raise ssl.SSLEOFError(8, "EOF occurred in violation of protocol")
        real(self, method, url, **rest)

    monkeypatch.setattr(http.client.HTTPSConnection, "request", request)
    client.sync()
    assert ended
    assert store.outbox.waits().count == 0
