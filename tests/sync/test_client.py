"""The device's half of sync against the real service: what is sent arrives, what is cut is whole, nothing is lost."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from techkit.central.models import Device as KnownDevice
from techkit.central.models import Op
from techkit.errors import SyncError, UnreachableError
from techkit.records.identity import new_id
from techkit.records.operations import Action
from techkit.records.parties import Contact, Customer, Site
from techkit.records.schema import replace
from techkit.records.visit import Visit
from techkit.store.database import Store
from techkit.sync import transport
from techkit.sync.client import Client
from techkit.sync.progress import Progress, pause_s
from techkit.sync.rounds import Rounds
from techkit.sync.transport import Response, Transport
from tests.sync.customers import kept_customer, share, shared_customer

KEY = bytes(range(32))
Devices = Callable[[str], tuple[Store, Client]]


def test_what_one_device_saves_another_reads(enrolled: Devices) -> None:
    """Work done before enrolment reaches the service, and from there a colleague's device, the same."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    customer = kept_customer(store)
    visit = Visit(id=new_id(), customer_id=customer.id, number=store.next_number(), purpose="Druckt nicht")
    store.save(visit)
    result = client.sync()
    assert (result.sent_count, result.waiting_count, result.requests) == (2, 0, 1)
    share(customer, other)
    assert colleague.sync().received_count == 2
    assert (other.get(Customer, customer.id), other.get(Visit, visit.id)) == (customer, visit)
    assert [held.id for held in other.search("krumel")] == [customer.id]


def test_nothing_to_do_is_one_small_request(enrolled: Devices) -> None:
    """A sync with nothing new is one request of less than 1 kB."""
    store, client = enrolled("TK01")
    kept_customer(store)
    client.sync()
    result = client.sync()
    assert result.requests == 1
    assert result.sent_bytes + result.received_bytes < 1000


def test_unreachable_service_loses_nothing(
    make_store: Callable[[str], Store], invite: Callable[[], str]
) -> None:
    """While nobody answers, everything waits, and the sentence says so."""
    store = make_store("TK01")
    client = Client(store)
    client.enrol(invite())
    kept_customer(store)
    store.replica.set_meta({"url": "https://127.0.0.1:9"})
    with pytest.raises(UnreachableError) as caught:
        client.sync()
    assert "waits to be sent" in caught.value.safe
    assert store.outbox.waits().count == 1
    client.close()


# --- merge ---------------------------------------------------------------------------------------------


def test_different_fields_join(enrolled: Devices) -> None:
    """Two devices change different fields of one record: both changes hold everywhere, without a conflict."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    customer = shared_customer(store, client, other, colleague)
    store.save(replace(customer, preferred_language="de"))
    other.save(replace(customer, notes_for_visit="Hund"))
    for one in (client, colleague, client):
        one.sync()
    expected = replace(customer, preferred_language="de", notes_for_visit="Hund")
    assert other.get(Customer, customer.id) == store.get(Customer, customer.id) == expected
    assert store.conflicts() == other.conflicts() == []


def test_field_of_the_office_is_left_out_and_told(enrolled: Devices) -> None:
    """A field only the office may write is left out of what the service takes; the device says so and agrees."""
    store, client = enrolled("TK01")
    customer = kept_customer(store)
    client.sync()
    store.save(replace(customer, tax_id="DE1", notes_for_visit="Hund"))
    result = client.sync()
    assert (result.refused_count, len(result.notices)) == (0, 1)
    assert store.get(Customer, customer.id) == replace(customer, notes_for_visit="Hund")


def test_same_field_becomes_a_decision(enrolled: Devices) -> None:
    """The same field edited twice shows both values, authors and times on both devices until one decides."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    customer = shared_customer(store, client, other, colleague, "Müller")
    store.save(replace(customer, display_name="Meyer"))
    other.save(replace(customer, display_name="Maier"))
    client.sync()
    assert colleague.sync().conflict_count == 1
    client.sync()
    (found,) = store.conflicts()
    assert {found.kept.value, *(side.value for side in found.others)} == {"Meyer", "Maier"}
    assert found.base is not None
    assert found.base.value == "Müller"
    store.decide(found.entity, found.record_id, found.field, "Meier")
    assert store.conflicts() == []
    client.sync()
    assert colleague.sync().conflict_count == 0
    held = other.get(Customer, customer.id)
    assert held is not None
    assert held.display_name == "Meier"


def test_pending_edit_stays_on_top_of_what_arrives(enrolled: Devices) -> None:
    """What is typed and not yet sent is not overwritten by a sync that brings other fields."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    customer = shared_customer(store, client, other, colleague)
    other.save(replace(customer, notes_for_visit="Hund"))
    colleague.sync()

    # An edit is written while the sync is under way: after the piece was taken, before the reply is applied.
    def edit(_progress: Progress) -> None:
        return None

    taken = store.take

    def take(answer: Any) -> None:
        store.take = taken  # type: ignore[method-assign] # once
        store.save(replace(customer, display_name="Während"))
        taken(answer)

    store.take = take  # type: ignore[method-assign] # in between
    client.sync(edit)
    held = store.get(Customer, customer.id)
    assert held is not None
    assert (held.display_name, held.notes_for_visit) == ("Während", "Hund")
    client.sync()
    assert store.outbox.waits().count == 0
    colleague.sync()
    assert other.get(Customer, customer.id) == store.get(Customer, customer.id)


def test_removal_travels_and_comes_back(enrolled: Devices) -> None:
    """A removal reaches the other device; taken back, the record is there again."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    customer = kept_customer(store)
    site = Site(id=new_id(), customer_id=customer.id, name="Laden")
    store.save(site)
    client.sync()
    share(customer, other)
    colleague.sync()
    store.remove(site, "geschlossen")
    client.sync()
    colleague.sync()
    assert other.get(Site, site.id) is None
    store.restore(site)
    client.sync()
    colleague.sync()
    assert other.get(Site, site.id) == site


# --- cuts, repeats, crashes ----------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["before", "after"])
def test_lost_request_or_reply_is_harmless(
    enrolled: Devices, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """A connection cut before the request or before the reply: the next sync brings everything, once."""
    store, client = enrolled("TK01")
    customer = kept_customer(store)
    real = Transport.request

    def cut(self: Transport, method: str, path: str, headers: Any, body: bytes = b"") -> Response:
        if when == "after":
            real(self, method, path, headers, body)
        raise transport.cut()

    monkeypatch.setattr(Transport, "request", cut)
    for _try in range(3):
        with pytest.raises(UnreachableError):
            client.sync()
        # The token of a lost reply is still good, and so is the one before it.
        store.save(replace(customer, display_name=f"Versuch {_try}"))
    monkeypatch.undo()
    client.sync()
    assert store.outbox.waits().count == 0
    assert Op.objects.filter(entity="customer").count() == 4
    assert client.sync().sent_count == 0


def test_crash_before_the_reply_is_kept(enrolled: Devices, tmp_path: Path) -> None:
    """A device that dies with the reply in its hands starts again as if nothing had come."""
    store, client = enrolled("TK01")
    customer = kept_customer(store)
    before = tmp_path / "before"
    shutil.copytree(store.folder, before)
    client.sync()
    client.close()
    store.close()
    again = Store.open(before, KEY)
    client = Client(again)
    result = client.sync()
    assert (result.sent_count, result.waiting_count) == (1, 0)
    assert Op.objects.filter(entity_id=customer.id).count() == 1
    client.close()
    again.close()


def test_many_operations_go_in_pieces(enrolled: Devices) -> None:
    """2,500 operations go in pieces of at most 1,000, each told; a stop leaves the rest waiting."""
    store, client = enrolled("TK01")
    customer = kept_customer(store)
    store.save(*(Contact(id=new_id(), customer_id=customer.id, family_name=f"Nr. {n}") for n in range(2499)))
    stop = threading.Event()
    told: list[Progress] = []

    def tell(progress: Progress) -> None:
        told.append(progress)
        stop.set()

    client.sync(tell, stop=stop)
    # The second piece was on its way already.
    assert [progress.sent_count for progress in told] == [1000, 2000]
    assert store.outbox.waits().count == 500
    assert client.sync(told.append).sent_count == 500
    assert [progress.waiting_count for progress in told] == [1500, 500, 0]


def test_dying_with_the_last_piece_on_its_way_loses_and_doubles_nothing(
    enrolled: Devices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last piece goes before the receipts ahead of it are taken; a device that dies between starts again."""
    store, client = enrolled("TK01")
    customer = kept_customer(store)
    store.save(*(Contact(id=new_id(), customer_id=customer.id, family_name=f"Nr. {n}") for n in range(1499)))

    real = Rounds._send_last

    def send_and_arrive(self: Rounds, *rest: Any) -> None:
        real(self, *rest)
        assert self._run.ahead is not None
        self._run.ahead.result()

    def die(_answer: Any) -> None:
        raise _PowerCutError

    with monkeypatch.context() as patch:
        patch.setattr(Rounds, "_send_last", send_and_arrive)
        patch.setattr(store, "take", die)
        with pytest.raises(_PowerCutError):
            client.sync()
    # The service has both pieces; the device knows of neither.
    assert (Op.objects.count(), store.outbox.waits().count) == (1500, 1500)
    result = client.sync()
    assert (result.sent_count, result.received_count, result.waiting_count) == (1500, 0, 0)
    assert Op.objects.count() == 1500
    assert KnownDevice.objects.get(pk=store.device.id).waiting_count == 0


class _PowerCutError(Exception):
    """The device dies here."""


def test_refused_operation_blocks_nothing(enrolled: Devices) -> None:
    """One operation the service does not take is kept with its reason; the others arrive."""
    store, client = enrolled("TK01")
    customer = kept_customer(store)
    site = Site(id=new_id(), customer_id=customer.id, name="Laden")
    store.save(site)
    # A field longer than the service takes, made by a techkit that did not check it.
    with store.connection.transaction():
        poisonous = store._operation("site", site.id, f"customer:{customer.id}", "Mara", Action.PUT)
        from dataclasses import replace as other

        from techkit.records.operations import Change

        store.outbox.add(other(poisonous, fields={"x" * 100: Change(value=1)}))
    store.save(replace(site, town="Kiel"))
    result = client.sync()
    assert (result.sent_count, result.refused_count, result.waiting_count) == (3, 1, 0)
    (refused,) = store.outbox.refused()
    assert refused.operation.op_id == poisonous.op_id
    assert refused.title
    assert client.sync().refused_count == 0
    # Offered again, for a service that was restored: it waits, and is refused no longer until it is answered.
    store.replica.offer_again([poisonous.op_id])
    assert (store.outbox.refused(), store.outbox.waits().count) == ([], 1)
    assert client.sync().refused_count == 1


# --- pauses --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failures", "least", "most"), [(1, 11, 19), (2, 22, 38), (5, 180, 300), (50, 675, 1125)]
)
def test_pause_grows_with_failures(failures: int, least: float, most: float) -> None:
    """Trying again by itself: 15 s, doubling up to a quarter of an hour, a quarter more or less by chance."""
    pauses = [
        pause_s(failures, transport.cut(), chance) for chance in (lambda: 0.0, lambda: 0.5, lambda: 0.999)
    ]
    assert least <= pauses[0] < pauses[1] < pauses[2] <= most


def test_pause_is_never_shorter_than_asked() -> None:
    """A busy service that asks for ten minutes is left alone for ten minutes."""
    assert pause_s(1, SyncError("busy", pause_s=600)) == 600
