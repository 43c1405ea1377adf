"""A customer that is assigned comes as what it says now: whole, in pieces that go on where they were cut."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from techkit.central import feed, folding, snapshots
from techkit.central.models import Device as KnownDevice
from techkit.central.models import Record as Row
from techkit.errors import SyncError
from techkit.records.identity import new_id
from techkit.records.merging import canonical, load
from techkit.records.parties import Contact, Customer, Site
from techkit.records.schema import replace
from techkit.store.database import Store
from techkit.sync import protocol, transport, wire
from techkit.sync.answers import ManyRemovalsError
from techkit.sync.client import Client
from techkit.sync.protocol import SyncReply, SyncRequest
from techkit.sync.transport import Response, Transport

Devices = Callable[[str], tuple[Store, Client]]


def _worked_on(store: Store, client: Client, sites: int = 5, edits: int = 4) -> Customer:
    """Make a customer with sites that were changed again and again, one of them removed; send it."""
    customer = Customer(id=new_id(), display_name="Quarrystone")
    store.save(customer)
    for number in range(sites):
        site = Site(id=new_id(), customer_id=customer.id, name=f"Site {number}")
        store.save(site)
        for edit in range(edits):
            site = replace(site, name=f"Site {number}, take {edit}", access_notes=f"Code {edit}")
            store.save(site)
    store.remove(site, "closed down")
    client.sync()
    return customer


def _grant(customer: Customer, store: Store) -> None:
    feed.grant(KnownDevice.objects.get(pk=store.device.id), f"customer:{customer.id}")


def _half_way(
    enrolled: Devices, monkeypatch: pytest.MonkeyPatch
) -> tuple[Store, Client, Store, Client, Customer]:
    """Return a device that wrote about a customer, and a colleague's that is in the middle of taking the snapshot."""
    monkeypatch.setattr(snapshots, "PIECE_RECORDS", 2)
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    customer = _worked_on(store, client, sites=7)
    _grant(customer, other)
    stop = threading.Event()
    colleague.sync(lambda _progress: stop.set(), stop=stop)
    return store, client, other, colleague, customer


def _said(store: Store) -> dict[str, Any]:
    found = {}
    for table in store.tables.values():
        for raw in store.connection.all(table.select_sql):
            state = table.state(raw)
            if state.scope.startswith("customer:"):
                found[state.record_id] = canonical(state)
    return found


def _service_said() -> dict[str, Any]:
    rows = Row.objects.filter(scope_id__startswith="customer:")
    return {
        str(row.entity_id): canonical(
            load(row.entity, str(row.entity_id), row.scope_id, row.state, row.clocks)
        )
        for row in rows
    }


class _Watched(Transport):
    """A line that keeps what goes over it; `lost`: numbers of requests whose reply is lost."""

    asked: list[SyncRequest] = []
    told: list[SyncReply] = []
    lost: set[int] = set()

    def request(self, method: str, path: str, headers: Any, body: bytes = b"") -> Response:
        found = super().request(method, path, headers, body)
        if path == protocol.SYNC_PATH and found.status == 200:
            _Watched.asked.append(wire.decode(body, SyncRequest, content_encoding="zstd"))
            if len(_Watched.asked) in _Watched.lost:
                raise transport.cut()
            _Watched.told.append(wire.decode(found.body, SyncReply, content_encoding="zstd"))
        return found


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> type[_Watched]:
    """Let lines be watched from here on."""
    _Watched.asked, _Watched.told, _Watched.lost = [], [], set()
    monkeypatch.setattr(transport, "Transport", _Watched)
    return _Watched


def test_a_granted_customer_comes_as_it_is_now(enrolled: Devices, watched: type[_Watched]) -> None:
    """Seven records instead of thirty changes; both ends say the same, removal and authors included."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    customer = _worked_on(store, client)
    _grant(customer, other)
    result = colleague.sync()
    assert result.received_count == 6
    assert [len(told.changes) for told in watched.told[-1:]] == [0]
    assert _said(other) == _service_said() == _said(store)
    assert len(other.find(Site)) == 4
    assert other.replica.cursors() == {
        **other.replica.cursors(),
        f"customer:{customer.id}": store.replica.cursors()[f"customer:{customer.id}"],
    }
    assert colleague.sync().received_count == 0


def test_what_was_never_changed_comes_as_its_history(enrolled: Devices, watched: type[_Watched]) -> None:
    """Where operations are as few as records they are sent themselves, so that they can be given back."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    customer = Customer(id=new_id(), display_name="Quarrystone")
    store.save(customer, *(Site(id=new_id(), customer_id=customer.id, name=str(n)) for n in range(5)))
    client.sync()
    _grant(customer, other)
    colleague.sync()
    assert sum(len(told.changes) for told in watched.told) == 6
    assert not any(told.records for told in watched.told)


def test_a_snapshot_goes_on_where_it_was_cut(
    enrolled: Devices, watched: type[_Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut after its second piece, it asks for the third; until it is whole nothing half is shown."""
    monkeypatch.setattr(snapshots, "PIECE_RECORDS", 2)
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    customer = _worked_on(store, client, sites=7)
    _grant(customer, other)
    watched.lost = {len(watched.asked) + 3}
    with pytest.raises(SyncError):
        colleague.sync()
    assert other.find(Customer) == other.find(Site) == []
    (place, _digest) = other.replica.walks()[f"customer:{customer.id}"]
    assert place > 0
    before = len(watched.asked)
    colleague.sync()
    assert watched.asked[before].snapshots[f"customer:{customer.id}"][0] == place
    assert _said(other) == _service_said()


def test_a_snapshot_stopped_in_the_middle_survives_a_restart(
    enrolled: Devices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pause in the middle and a program started again: the rest comes, nothing twice."""
    _store, _client, other, colleague, _customer = _half_way(enrolled, monkeypatch)
    assert other.replica.walks()
    colleague.close()
    again = Client(other)
    result = again.sync()
    again.close()
    assert result.received_count < 9
    assert _said(other) == _service_said()
    assert other.replica.walks() == {}


def test_records_that_change_meanwhile_come_again(enrolled: Devices, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two pieces an early record changes and a new one is made: in the end both are there, as they are."""
    store, client, other, colleague, customer = _half_way(enrolled, monkeypatch)
    first = store.find(Site, order_by="id")[0]
    store.save(replace(first, name="moved"), Site(id=new_id(), customer_id=customer.id, name="new"))
    store.save(replace(customer, display_name="Quarrystone & Daughters"))
    client.sync()
    colleague.sync()
    assert _said(other) == _service_said()


def test_open_conflicts_come_with_a_snapshot(enrolled: Devices) -> None:
    """A device that joins late shows what is still to be decided, with both values."""
    store, client = enrolled("TK01")
    second, colleague = enrolled("TK02")
    third, newcomer = enrolled("TK03")
    customer = _worked_on(store, client)
    contact = Contact(
        id=new_id(), customer_id=customer.id, given_name="Jonas", family_name="Weir", role="base"
    )
    store.save(contact)
    client.sync()
    _grant(customer, second)
    colleague.sync()
    second.save(replace(contact, role="Owner"))
    store.save(replace(contact, role="Partner"))
    for one in (colleague, client):
        one.sync()
    _grant(customer, third)
    newcomer.sync()
    (conflict,) = third.conflicts()
    assert {conflict.kept.value, conflict.others[0].value} == {"Owner", "Partner"}


def test_taken_back_and_given_again_keeps_unsent_work_on_top(enrolled: Devices) -> None:
    """Work sealed while the customer was away arrives, and shows again on what the snapshot brought."""
    store, client = enrolled("TK01")
    customer = _worked_on(store, client)
    site = store.find(Site, order_by="id")[0]
    store.save(replace(site, name="typed before"))
    device = KnownDevice.objects.get(pk=store.device.id)
    scope = f"customer:{customer.id}"
    feed.revoke(device, scope)
    with store.connection.transaction():
        store.replica._drop(scope)
    assert store.find(Site) == []
    assert store.outbox.waits().count == 1
    feed.grant(device, scope)
    client.sync()
    assert store.find(Site, order_by="id")[0].name == "typed before"
    assert _said(store) == _service_said()
    assert folding.differing_records(1) == []


def _hostile(monkeypatch: pytest.MonkeyPatch, change: Callable[[SyncReply], None]) -> None:
    class Hostile(Transport):
        def request(self, method: str, path: str, headers: Any, body: bytes = b"") -> Response:
            found = super().request(method, path, headers, body)
            if path != protocol.SYNC_PATH or found.status != 200:
                return found
            reply = wire.decode(found.body, SyncReply, content_encoding="zstd")
            change(reply)
            return Response(found.status, found.headers, wire.compress(wire.encode(reply)))

    monkeypatch.setattr(transport, "Transport", Hostile)


def test_a_service_that_claims_an_empty_history_is_asked_back_about(
    enrolled: Devices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taking a customer again from a start with nothing in it would remove all: somebody has to agree first."""
    store, client = enrolled("TK01")
    customer = Customer(id=new_id(), display_name="Quarrystone")
    store.save(customer, *(Site(id=new_id(), customer_id=customer.id, name=str(n)) for n in range(30)))
    client.sync()
    client.close()
    scope = f"customer:{customer.id}"

    def forget(reply: SyncReply) -> None:
        reply.changes, reply.cursors, reply.more = [], {}, False
        reply.reset, reply.snapshots = [scope], {scope: (0, "", True)}

    _hostile(monkeypatch, forget)
    hostile = Client(store)
    for _time in range(2):
        with pytest.raises(ManyRemovalsError):
            hostile.sync()
        assert len(store.find(Site)) == 30
    hostile.close()


@pytest.mark.parametrize("trick", ["stands still", "goes back", "foreign record", "unasked"])
def test_a_snapshot_that_does_not_go_on_is_refused(
    enrolled: Devices, monkeypatch: pytest.MonkeyPatch, trick: str
) -> None:
    """A walk without end, or records of scopes nobody walks, are an odd answer; nothing of it is used."""
    _store, _client, other, colleague, customer = _half_way(enrolled, monkeypatch)
    colleague.close()
    scope = f"customer:{customer.id}"
    place, digest = other.replica.walks()[scope]

    def change(reply: SyncReply) -> None:
        match trick:
            case "stands still":
                reply.snapshots[scope] = (place, digest, False)
            case "goes back":
                reply.snapshots[scope] = (place - 1, digest, True)
            case "foreign record":
                reply.snapshots = {}
            case "unasked":
                reply.records = []

    _hostile(monkeypatch, change)
    hostile = Client(other)
    with pytest.raises(SyncError, match="does not understand"):
        hostile.sync()
    hostile.close()
    assert other.find(Site) == []
