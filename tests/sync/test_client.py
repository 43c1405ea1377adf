"""The device's half of sync against the real service: what is sent arrives, what is cut is whole, nothing is lost."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from techkit.central import feed
from techkit.central.models import Device as KnownDevice
from techkit.central.models import Op
from techkit.errors import ForeignServiceError, InputError, RefusedError, SyncError, UnreachableError
from techkit.records.identity import new_id
from techkit.records.operations import Action
from techkit.records.parties import Contact, Customer, Site
from techkit.records.schema import replace
from techkit.records.visit import Attachment, Visit
from techkit.store.database import Store
from techkit.sync import protocol, transport
from techkit.sync.answers import ForkedError, ManyRemovalsError, RevokedError
from techkit.sync.client import Client
from techkit.sync.progress import Progress, pause_s
from techkit.sync.transport import Response, Transport

KEY = bytes(range(32))
Devices = Callable[[str], tuple[Store, Client]]


def _customer(store: Store, name: str = "Bäckerei Krümel") -> Customer:
    made = Customer(id=new_id(), display_name=name)
    store.save(made)
    return made


def _share(customer: Customer, *stores: Store) -> None:
    for store in stores:
        feed.grant(KnownDevice.objects.get(pk=store.device.id), f"customer:{customer.id}")


def test_what_one_device_saves_another_reads(enrolled: Devices) -> None:
    """Work done before enrolment reaches the service, and from there a colleague's device, the same."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    customer = _customer(store)
    visit = Visit(id=new_id(), customer_id=customer.id, number=store.next_number(), purpose="Druckt nicht")
    store.save(visit)
    result = client.sync()
    assert (result.sent_count, result.waiting_count, result.requests) == (2, 0, 1)
    _share(customer, other)
    assert colleague.sync().received_count == 2
    assert (other.get(Customer, customer.id), other.get(Visit, visit.id)) == (customer, visit)
    assert [held.id for held in other.search("krumel")] == [customer.id]


def test_enrolment_tells_who_and_where(make_store: Callable[[str], Store], invite: Callable[[], str]) -> None:
    """After enrolment the device knows its organisation and its technician, and keeps its prefix."""
    store = make_store("TK01")
    client = Client(store)
    assert not client.is_enrolled
    client.enrol(invite())
    assert client.is_enrolled
    assert (store.device.prefix, bool(store.device.technician_id)) == ("TK01", True)
    assert client.organisation
    assert set(store.replica.cursors()) == {"tenant", f"technician:{store.device.id}"}
    client.close()


def test_sync_before_enrolment_is_told(make_store: Callable[[str], Store]) -> None:
    """Without a service the sentence says what is safe and what to do."""
    store = make_store("TK01")
    with pytest.raises(SyncError, match="not enrolled") as caught:
        Client(store).sync()
    assert "saved on this device" in caught.value.safe


@pytest.mark.parametrize(
    "line", ["", "hello", "http://x:1 A#" + "a" * 64, "https://x:1 CODE", "https://x:1 C#12"]
)
def test_line_that_is_no_invitation(make_store: Callable[[str], Store], line: str) -> None:
    """A line without address, code or fingerprint is refused before anything is sent."""
    with pytest.raises(InputError):
        Client(make_store("TK01")).enrol(line)


def test_foreign_service_gets_nothing(make_store: Callable[[str], Store], invite: Callable[[], str]) -> None:
    """A service with another fingerprint than the invitation's is told nothing, not even the code."""
    address, _hash, _fingerprint = invite().partition("#")
    with pytest.raises(ForeignServiceError) as caught:
        Client(make_store("TK01")).enrol(f"{address}#{'0' * 64}")
    assert "Nothing was sent" in caught.value.safe


def test_used_code_is_refused(
    enrolled: Devices, make_store: Callable[[str], Store], invite: Callable[[], str]
) -> None:
    """A code lets one device in; the second one reads why not."""
    line = invite()
    Client(make_store("TK01")).enrol(line)
    with pytest.raises(RefusedError, match="code"):
        Client(make_store("TK02")).enrol(line)


def test_nothing_to_do_is_one_small_request(enrolled: Devices) -> None:
    """A sync with nothing new is one request of less than 1 kB."""
    store, client = enrolled("TK01")
    _customer(store)
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
    _customer(store)
    store.replica.set_meta({"url": "https://127.0.0.1:9"})
    with pytest.raises(UnreachableError) as caught:
        client.sync()
    assert "waits to be sent" in caught.value.safe
    assert store.outbox.waits().count == 1
    client.close()


def test_other_certificate_is_never_trusted(enrolled: Devices, tmp_path: Path) -> None:
    """When something with another certificate answers at the address, nothing is sent to it."""
    import ssl

    from techkit.central.server import _make_certificate

    store, client = enrolled("TK01")
    _customer(store)
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    _make_certificate(foreign, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(foreign / "tls.crt", foreign / "tls.key")
    with _listening(lambda plain: _handshake(context, plain)) as (port, seen):
        store.replica.set_meta({"url": f"https://127.0.0.1:{port}"})
        with pytest.raises(ForeignServiceError):
            client.sync()
    assert seen == [b""]
    assert store.outbox.waits().count == 1


# --- merge ---------------------------------------------------------------------------------------------


def test_different_fields_join(enrolled: Devices) -> None:
    """Two devices change different fields of one record: both changes hold everywhere, without a conflict."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    customer = _customer(store)
    client.sync()
    _share(customer, other)
    colleague.sync()
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
    customer = _customer(store)
    client.sync()
    store.save(replace(customer, tax_id="DE1", notes_for_visit="Hund"))
    result = client.sync()
    assert (result.refused_count, len(result.notices)) == (0, 1)
    assert store.get(Customer, customer.id) == replace(customer, notes_for_visit="Hund")


def test_same_field_becomes_a_decision(enrolled: Devices) -> None:
    """The same field edited twice shows both values, authors and times on both devices until one decides."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    customer = _customer(store, "Müller")
    client.sync()
    _share(customer, other)
    colleague.sync()
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
    customer = _customer(store)
    client.sync()
    _share(customer, other)
    colleague.sync()
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
    customer = _customer(store)
    site = Site(id=new_id(), customer_id=customer.id, name="Laden")
    store.save(site)
    client.sync()
    _share(customer, other)
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
    customer = _customer(store)
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
    customer = _customer(store)
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
    customer = _customer(store)
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
    customer = _customer(store)
    store.save(*(Contact(id=new_id(), customer_id=customer.id, family_name=f"Nr. {n}") for n in range(1499)))

    real = Client._send_last

    def send_and_arrive(self: Client, run: Any, *rest: Any) -> None:
        real(self, run, *rest)
        run.ahead.result()

    def die(_answer: Any) -> None:
        raise _PowerCutError

    with monkeypatch.context() as patch:
        patch.setattr(Client, "_send_last", send_and_arrive)
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
    customer = _customer(store)
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


# --- devices -------------------------------------------------------------------------------------------


def test_copied_store_is_recognised_and_loses_nothing(
    enrolled: Devices, tmp_path: Path, invite: Callable[[], str]
) -> None:
    """A copied stick is found out, enrols anew with its own prefix, and its work arrives once."""
    store, client = enrolled("TK01")
    customer = _customer(store)
    client.sync()
    client.sync()
    copy_folder = tmp_path / "copy"
    shutil.copytree(store.folder, copy_folder)
    store.save(replace(customer, display_name="Am Original"))
    for _n in range(3):
        client.sync()
    copy = Store.open(copy_folder, KEY)
    visit = Visit(id=new_id(), customer_id=customer.id, number=copy.next_number(), purpose="Auf der Kopie")
    copy.save(visit)
    twin = Client(copy)
    with pytest.raises(ForkedError) as caught:
        twin.sync()
    assert "saved on this device" in caught.value.safe
    twin.become_new_device()
    twin.enrol(invite())
    result = twin.sync()
    assert (result.sent_count, result.waiting_count) == (1, 0)
    assert copy.device.id != store.device.id
    assert copy.device.prefix != "TK01"
    client.sync()
    assert store.get(Visit, visit.id) == visit
    held = copy.get(Customer, customer.id)
    assert held is not None
    assert held.display_name == "Am Original"
    twin.close()
    copy.close()


def test_restored_device_loses_nothing(enrolled: Devices, tmp_path: Path, invite: Callable[[], str]) -> None:
    """A device set back to an old backup enrols anew and fetches what it had sent since."""
    store, client = enrolled("TK01")
    customer = _customer(store)
    client.sync()
    backup = tmp_path / "backup"
    shutil.copytree(store.folder, backup)
    visit = Visit(id=new_id(), customer_id=customer.id, purpose="Nach der Sicherung")
    store.save(visit)
    for _n in range(3):
        client.sync()
    store.close()
    restored = Store.open(backup, KEY)
    again = Client(restored)
    with pytest.raises(ForkedError):
        again.sync()
    again.become_new_device()
    again.enrol(invite())
    again.sync()
    assert restored.get(Visit, visit.id) == visit
    again.close()
    restored.close()


def test_withdrawn_device_is_told(enrolled: Devices) -> None:
    """A device the office withdrew reads why nothing goes; its work stays."""
    store, client = enrolled("TK01")
    _customer(store)
    KnownDevice.objects.filter(pk=store.device.id).update(revoked_at=datetime.now(UTC))
    with pytest.raises(RevokedError):
        client.sync()
    assert store.outbox.waits().count == 1


def test_withdrawn_customer_leaves_the_device(enrolled: Devices) -> None:
    """A customer taken from a device is gone there with all below; unsent work still arrives."""
    store, client = enrolled("TK01")
    customer = _customer(store)
    store.save(Visit(id=new_id(), customer_id=customer.id))
    client.sync()
    scope = f"customer:{customer.id}"
    late = Visit(id=new_id(), customer_id=customer.id, purpose="Noch nicht gesendet")
    store.save(late)
    feed.revoke(KnownDevice.objects.get(pk=store.device.id), scope)
    client.sync()
    assert store.find(Customer) == store.find(Visit) == []
    assert store.search("krumel") == []
    assert scope not in store.replica.cursors()
    assert store.outbox.waits().count == 0
    assert Op.objects.filter(entity_id=late.id).count() == 1


def test_a_withdrawn_customer_leaves_nothing_in_the_journal(enrolled: Devices) -> None:
    """What colleagues said of the customer and its photos go too; what they said of others stays for a restored service."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    gone, kept = _customer(store), Customer(id=new_id(), display_name="Harbourlight")
    photo = os.urandom(1000)
    visit = Visit(id=new_id(), customer_id=gone.id)
    sha256 = store.attach(photo, "image/jpeg")
    store.save(
        kept,
        visit,
        Attachment(id=new_id(), visit_id=visit.id, sha256=sha256, byte_count=1000, media_type="image/jpeg"),
    )
    client.sync()
    _share(gone, other)
    _share(kept, other)
    colleague.sync()
    colleague.fetch_file(sha256, "image/jpeg")
    assert {one.scope for one in other.replica.received()} == {f"customer:{c.id}" for c in (gone, kept)}
    feed.revoke(KnownDevice.objects.get(pk=other.device.id), f"customer:{gone.id}")
    with other.connection.transaction():
        other.connection.execute("UPDATE _file SET made_at = made_at - 90000")
    colleague.sync()
    assert {one.scope for one in other.replica.received()} == {f"customer:{kept.id}"}
    found = other.attachments.find(sha256)
    assert found is not None
    assert not found.is_here
    assert store.attachment(sha256) == photo


def test_refused_in_the_middle_of_a_sync_nothing_more_is_taken(enrolled: Devices) -> None:
    """The office refuses a device while it sends its pieces: the very next request is turned away."""
    store, client = enrolled("TK01")
    customer = _customer(store)
    store.save(*(Site(id=new_id(), customer_id=customer.id, name=str(n)) for n in range(2500)))

    def refuse(_progress: Progress) -> None:
        KnownDevice.objects.filter(pk=store.device.id, revoked_at=None).update(revoked_at=datetime.now(UTC))

    with pytest.raises(RevokedError):
        client.sync(refuse)
    taken = Op.objects.filter(device=store.device.id).count()
    # The piece that was under way when it happened may still have arrived.
    assert 1000 <= taken <= 2000
    assert store.outbox.waits().count >= 2501 - taken


@pytest.mark.parametrize("days", [90, 7])
def test_the_journal_is_kept_as_long_as_the_settings_say(enrolled: Devices, days: int) -> None:
    """Own and foreign operations that were acknowledged stay 90 days, 7 on a stick, and go with the sync after it."""
    store, client = enrolled("TK01")
    store.set_setting("sync.journal_days", days)
    _customer(store)
    client.sync()
    for age_days, is_kept in ((days - 1, True), (days + 1, False)):
        then = int(time.time()) - age_days * 86_400
        with store.connection.transaction():
            store.connection.execute("UPDATE _receipt SET acked_at = ?", (then,))
        client.sync()
        assert bool(store.outbox.ids()) is is_kept
    assert len(store.find(Customer)) == 1


def test_a_clock_set_right_empties_no_journal(enrolled: Devices) -> None:
    """Acknowledged while the clock was 36 years behind, set right since: the journal is as young as it is."""
    store, client = enrolled("TK01")
    real = client.line.now_ms
    client.line.now_ms = lambda: real() - 36 * 31_556_952_000
    _customer(store)
    client.sync()
    client.line.now_ms = real
    client.sync()
    client.sync()
    assert len(store.outbox.ids()) == 1


def test_a_stick_keeps_its_journal_for_seven_days(tmp_path: Path) -> None:
    """A store made for a stick begins with 7 days, an installed one with 90; either can be set."""
    for name, is_portable, days in (("stick", True, 7), ("laptop", False, 90)):
        folder = tmp_path / name
        folder.mkdir()
        held = Store.create(folder, bytes(range(32)), portable=is_portable)
        assert held.setting("sync.journal_days") == days
        held.close()


def test_many_removals_are_asked_about(enrolled: Devices) -> None:
    """A service that takes away more than 20 entries at once is asked back about; then it is done."""
    store, client = enrolled("TK01")
    customer = _customer(store)
    store.save(*(Contact(id=new_id(), customer_id=customer.id, family_name=f"Nr. {n}") for n in range(30)))
    client.sync()
    feed.revoke(KnownDevice.objects.get(pk=store.device.id), f"customer:{customer.id}")
    with pytest.raises(ManyRemovalsError, match="31"):
        client.sync()
    assert store.count(Contact) == 30
    client.sync(is_removal_agreed=True)
    assert store.count(Contact) == 0


@pytest.mark.parametrize("years", [-50, -10, 10, 50])
def test_wrong_clock_is_harmless(enrolled: Devices, years: int) -> None:
    """A clock wrong by decades: everything arrives, the order holds, the difference is told."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    off_ms = years * 365 * 24 * 3600 * 1000
    import time

    store.clock._now_ms = lambda: max(0, time.time_ns() // 1_000_000 + off_ms)
    wrong = Client(store, now_ms=lambda: max(0, time.time_ns() // 1_000_000 + off_ms))
    customer = _customer(store, "Zuerst")
    result = wrong.sync()
    assert result.waiting_count == 0
    assert abs(result.clock_offset_ms) > 1_000_000_000
    _share(customer, other)
    colleague.sync()
    other.save(replace(customer, display_name="Danach"))
    colleague.sync()
    wrong.sync()
    held = store.get(Customer, customer.id)
    assert held is not None
    assert held.display_name == "Danach"
    store.save(replace(held, display_name="Zuletzt"))
    wrong.sync()
    colleague.sync()
    last = other.get(Customer, customer.id)
    assert last is not None
    assert last.display_name == "Zuletzt"
    assert store.conflicts() == []
    wrong.close()
    client.close()


# --- a service that lost something -----------------------------------------------------------------------


def _copy_database(source: Path, target: Path) -> None:
    """Copy the service's database, as a backup or back from one."""
    import sqlite3

    with (
        contextlib.closing(sqlite3.connect(source)) as one,
        contextlib.closing(sqlite3.connect(target)) as other,
    ):
        one.backup(other)


def test_restored_service_gets_back_what_it_lost(enrolled: Devices, service_folder: Path) -> None:
    """A service set back to its backup asks the devices for what it lost; both ends say the same again."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    customer = _customer(store)
    client.sync()
    _share(customer, other)
    colleague.sync()
    database, saved = service_folder / "central.sqlite3", service_folder.parent / "backup.db"
    _copy_database(database, saved)
    visit = Visit(id=new_id(), customer_id=customer.id, purpose="Nach der Sicherung")
    store.save(visit)
    client.sync()
    colleague.sync()
    other.save(replace(customer, notes_for_visit="Auch danach"))
    colleague.sync()
    from django.db import connections

    connections.close_all()
    _copy_database(saved, database)
    assert Op.objects.filter(entity_id=visit.id).count() == 0
    for one in (client, colleague, client, colleague):
        one.sync()
    assert Op.objects.filter(entity_id=visit.id).count() == 1
    for held in (store, other):
        assert held.get(Visit, visit.id) == visit
        found = held.get(Customer, customer.id)
        assert found is not None
        assert found.notes_for_visit == "Auch danach"
    assert (
        store.replica.cursors()[f"customer:{customer.id}"]
        == other.replica.cursors()[f"customer:{customer.id}"]
    )


def test_what_only_a_colleague_holds_comes_back(enrolled: Devices, service_folder: Path) -> None:
    """The service lost a visit and its author's device is gone: the colleague who had fetched it gives it back."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    customer = _customer(store)
    client.sync()
    _share(customer, other)
    colleague.sync()
    database, saved = service_folder / "central.sqlite3", service_folder.parent / "backup.db"
    _copy_database(database, saved)
    visit = Visit(id=new_id(), customer_id=customer.id, purpose="Nur noch beim Kollegen")
    store.save(visit)
    client.sync()
    colleague.sync()
    from django.db import connections

    connections.close_all()
    _copy_database(saved, database)
    colleague.sync()
    colleague.sync()
    assert Op.objects.filter(entity_id=visit.id).count() == 1
    assert other.get(Visit, visit.id) == visit
    assert other.outbox.waits().count == 0


# --- files ---------------------------------------------------------------------------------------------


def test_file_goes_in_pieces_and_is_freed_only_when_present(enrolled: Devices) -> None:
    """A photo of 2.5 MiB arrives whole; before the service says so, our copy cannot be freed."""
    store, client = enrolled("TK01")
    customer = _customer(store)
    visit = Visit(id=new_id(), customer_id=customer.id)
    data = os.urandom(2_500_000)
    sha256 = store.attach(data, "image/jpeg")
    store.save(
        visit,
        Attachment(
            id=new_id(), visit_id=visit.id, sha256=sha256, byte_count=len(data), media_type="image/jpeg"
        ),
    )
    assert not store.attachments.free(sha256)
    assert client.sync().files_sent == 1
    assert store.attachments.unsent() == []
    assert store.attachments.free(sha256)
    with pytest.raises(Exception, match="not on this device"):
        store.attachment(sha256)
    client.fetch_file(sha256, "image/jpeg")
    assert store.attachment(sha256) == data


def test_file_goes_on_where_it_was_cut(enrolled: Devices, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file cut after its first piece goes on there; not a byte of that piece is sent again."""
    store, client = enrolled("TK01")
    customer = _customer(store)
    visit = Visit(id=new_id(), customer_id=customer.id)
    data = os.urandom(2_500_000)
    sha256 = store.attach(data, "image/jpeg")
    store.save(
        visit,
        Attachment(
            id=new_id(), visit_id=visit.id, sha256=sha256, byte_count=len(data), media_type="image/jpeg"
        ),
    )
    real = Transport.request
    sent: list[int] = []

    def cut(self: Transport, method: str, path: str, headers: Any, body: bytes = b"") -> Response:
        if method == "PUT":
            if len(sent) == 1:
                sent.append(0)
                raise transport.cut()
            sent.append(len(body))
        return real(self, method, path, headers, body)

    monkeypatch.setattr(Transport, "request", cut)
    with pytest.raises(UnreachableError):
        client.sync()
    assert client.sync().files_sent == 1
    assert sum(sent) == len(data)


# --- hostile answers -----------------------------------------------------------------------------------


@contextmanager
def _listening(answer: Callable[[Any], bytes]) -> Iterator[tuple[int, list[bytes]]]:
    """Listen on a free port for one connection; give what was read from it."""
    import socket

    seen: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)

    def serve() -> None:
        with listener:
            plain, _address = listener.accept()
            with plain:
                plain.settimeout(10)
                seen.append(answer(plain))

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()[1], seen
    thread.join()


def _handshake(context: Any, plain: Any) -> bytes:
    """Take a TLS handshake and return what came after it."""
    try:
        with context.wrap_socket(plain, server_side=True) as secured:
            return bytes(secured.recv(100))
    except OSError:
        return b""


_PAGE = Response(200, {"content-type": "text/html"}, b"<html>Please sign in</html>")


@pytest.mark.parametrize(
    "answer",
    [
        _PAGE,
        Response(302, {"location": "https://evil.invalid/"}, b""),
        Response(200, {"content-type": protocol.MESSAGEPACK}, b""),
        Response(200, {"content-type": protocol.MESSAGEPACK}, b"\xff" * 100),
        Response(200, {"content-type": protocol.MESSAGEPACK, "content-encoding": "zstd"}, b"(\xb5/\xfd"),
        Response(500, {"content-type": "text/plain"}, b"oops"),
        Response(429, {"retry-after": "315360000"}, b""),
        Response(503, {"retry-after": "soon"}, b""),
        Response(409, {"content-type": protocol.PROBLEM_JSON}, b"{]"),
        Response(401, {"content-type": protocol.PROBLEM_JSON}, b'{"code": 104, "status": 401}'),
        Response(413, {"content-type": protocol.PROBLEM_JSON}, b'{"code": 101, "status": 413}'),
    ],
    ids=[
        "sign-in page",
        "redirect",
        "empty",
        "rubbish",
        "cut frame",
        "fault",
        "ten years",
        "soon",
        "bad problem",
        "signature",
        "too large",
    ],
)
def test_odd_answer_is_a_sentence(
    enrolled: Devices, monkeypatch: pytest.MonkeyPatch, answer: Response
) -> None:
    """A sign-in page, a redirect, rubbish, a busy or broken service: a clear sentence each, the queue intact."""
    store, client = enrolled("TK01")
    _customer(store)
    monkeypatch.setattr(Transport, "request", lambda *_args: answer)
    with pytest.raises(SyncError) as caught:
        client.sync()
    assert caught.value.safe
    assert caught.value.advice
    assert store.outbox.waits().count == 1
    if "pause_s" in caught.value.context:
        assert 0 < int(str(caught.value.context["pause_s"])) <= 900


def test_places_that_do_not_fit_are_not_believed(enrolled: Devices, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reply whose places leave a gap or whose digest is not that of its operations moves no place."""
    store, client = enrolled("TK01")
    customer = _customer(store)
    client.sync()
    scope = f"customer:{customer.id}"
    before = store.replica.cursors()[scope]
    real = Transport.request

    def lie(self: Transport, method: str, path: str, headers: Any, body: bytes = b"") -> Response:
        found = real(self, method, path, headers, body)
        reply = protocol.decode(
            found.body,
            protocol.SyncReply,
            content_type=found.content_type,
            content_encoding=found.headers.get("content-encoding", ""),
        )
        reply.cursors = {scope: (before[0] + 5, before[1])}
        changed = protocol.encode(reply)
        return Response(200, {"content-type": protocol.MESSAGEPACK}, changed)

    monkeypatch.setattr(Transport, "request", lie)
    with pytest.raises(SyncError):
        client.sync()
    monkeypatch.undo()
    client.sync()
    assert store.replica.cursors()[scope] == before
    assert store.get(Customer, customer.id) == customer


def test_receipts_by_place_count_for_what_was_sent_only(
    enrolled: Devices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reply that puts our changes at no place, or speaks of other customers, acknowledges nothing."""
    store, client = enrolled("TK01")
    customer = _customer(store)
    client.sync()
    scope = f"customer:{customer.id}"
    store.save(replace(customer, display_name="Bäckerei Krümel & Söhne"))
    real = Transport.request

    def lying(told: dict[str, int]) -> Callable[..., Response]:
        def lie(self: Transport, method: str, path: str, headers: Any, body: bytes = b"") -> Response:
            found = real(self, method, path, headers, body)
            reply = protocol.decode(found.body, protocol.SyncReply, content_encoding="zstd")
            assert list(reply.places) == [scope]
            reply.places = told
            return Response(200, {"content-type": protocol.MESSAGEPACK}, protocol.encode(reply))

        return lie

    lies: list[dict[str, int]] = [{}, {f"customer:{new_id()}": 2}, {scope: 0}, {scope: -7}, {scope: 2**63}]
    for told in lies:
        with monkeypatch.context() as patch:
            patch.setattr(Transport, "request", lying(told))
            with pytest.raises(SyncError):
                client.sync()
        assert store.outbox.waits().count == 1
        # What the service has already is told one by one; the next lie needs a change it does not know.
        assert client.sync().sent_count == 1
        store.save(replace(store.get(Customer, customer.id), display_name=new_id()))
    assert client.sync().sent_count == 1


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
