"""Sync by file: a package reaches the service on a stick, the answer comes back; changed, foreign and old files do nothing."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connections

from techkit.central import accounts, feed, packages
from techkit.central.enrol import DeviceRefusedError
from techkit.central.invitations import invitation
from techkit.central.models import Device as KnownDevice
from techkit.central.models import Op, User
from techkit.errors import SyncError
from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.records.schema import replace
from techkit.records.visit import Visit
from techkit.store.database import Store
from techkit.sync import carrier
from techkit.sync import packages as package_room
from techkit.sync.answers import ForkedError
from techkit.sync.carrier import PackageError
from techkit.sync.client import Client
from tests.services import kept_copy

Devices = Callable[[str], tuple[Store, Client]]


def _work(store: Store) -> tuple[Customer, Visit]:
    customer = Customer(id=new_id(), display_name="Bäckerei Krümel")
    visit = Visit(id=new_id(), customer_id=customer.id, purpose="Druckt nicht")
    store.save(customer, visit)
    return customer, visit


def test_package_brings_work_and_takes_changes_back(enrolled: Devices) -> None:
    """Without a network: work goes out in a file, receipts and a colleague's change come back in another."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    customer, visit = _work(store)
    first = client.take_answer(packages.answer(client.make_package()))
    assert (first.sent_count, first.waiting_count) == (2, 0)
    feed.grant(KnownDevice.objects.get(pk=other.device.id), f"customer:{customer.id}")
    colleague.sync()
    other.save(replace(customer, notes_for_visit="Hund"))
    colleague.sync()
    second = client.take_answer(packages.answer(client.make_package()))
    assert second.received_count == 1
    held = store.get(Customer, customer.id)
    assert held is not None
    assert held.notes_for_visit == "Hund"
    assert other.get(Visit, visit.id) == visit


def test_package_and_network_mix(enrolled: Devices) -> None:
    """A package answered late, twice, or after a sync over the network does no harm, and looks like no copy."""
    store, client = enrolled("TK01")
    customer, visit = _work(store)
    package = client.make_package()
    store.save(replace(visit, purpose="Druckt wieder"))
    assert client.sync().sent_count == 3
    answers = [packages.answer(package), packages.answer(package)]
    assert client.sync().waiting_count == 0
    for answer in answers:
        result = client.take_answer(answer)
        assert result.sent_count == 0
    assert client.sync().waiting_count == 0
    assert Op.objects.filter(entity_id=visit.id).count() == 2
    assert store.get(Visit, visit.id) == replace(visit, purpose="Druckt wieder")
    assert store.get(Customer, customer.id) == customer


@pytest.mark.parametrize("age_days", [89, 91])
def test_an_answer_that_confirms_ages_the_journal(enrolled: Devices, age_days: int) -> None:
    """Without any network: what was confirmed 90 days ago goes with an answer, by the service's clock, and not before."""
    store, client = enrolled("TK01")
    real = client.line.now_ms
    client.line.now_ms = lambda: real() + 36 * 31_556_952_000  # our own clock says nothing here
    customer, _visit = _work(store)
    client.take_answer(packages.answer(client.make_package()))
    then = int(time.time()) - age_days * 86_400
    with store.connection.transaction():
        store.connection.execute("UPDATE _receipt SET acked_at = ?", (then,))
    store.save(replace(customer, notes_for_visit="Dog in the yard"))
    package = client.make_package()
    assert len(store.outbox.ids()) == 3
    store.replica.set_meta({"must_offer": "1"})
    client.take_answer(packages.answer(package))
    assert len(store.outbox.ids()) == 3, "a restored service has not asked for all of it yet"
    store.replica.set_meta({"must_offer": ""})
    client.take_answer(packages.answer(client.make_package()))
    assert len(store.outbox.ids()) == (1 if age_days > 90 else 3)
    assert (store.count(Customer), store.count(Visit)) == (1, 1)


def test_the_newest_of_many_packages_is_answered_after_a_clock_was_set_back(
    enrolled: Devices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids go by the clock: with 25 packages behind it and the clock back in 1970 the answer to the newest one still opens."""
    store, client = enrolled("TK01")
    _work(store)
    first = client.make_package()
    for _number in range(24):
        client.make_package()
    monkeypatch.setattr(package_room, "new_id", lambda: f"00000000-0000-7000-8000-{secrets.token_hex(6)}")
    assert client.take_answer(packages.answer(client.make_package())).sent_count == 2
    with pytest.raises(PackageError):
        client.take_answer(packages.answer(first))


def test_an_answer_that_came_late_brings_nothing_twice(enrolled: Devices) -> None:
    """A colleague's change came over the network before the answer that carries it too: it is taken once."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    customer, _visit = _work(store)
    client.sync()
    feed.grant(KnownDevice.objects.get(pk=other.device.id), f"customer:{customer.id}")
    colleague.sync()
    package = client.make_package()
    other.save(replace(customer, notes_for_visit="Dog in the yard"))
    colleague.sync()
    answer = packages.answer(package)
    assert client.sync().received_count == 1
    others = list(store.replica.received())
    assert client.take_answer(answer).received_count == 0
    assert list(store.replica.received()) == others


@pytest.mark.parametrize("at", [0, 20, 60, 200, -40, -1])
def test_changed_package_is_refused(enrolled: Devices, at: int) -> None:
    """One changed byte anywhere in a package: nothing of it is used."""
    store, client = enrolled("TK01")
    _work(store)
    file = bytearray(client.make_package())
    file[at] ^= 1
    with pytest.raises((PackageError, DeviceRefusedError)):
        packages.answer(bytes(file))
    assert Op.objects.count() == 0


@pytest.mark.parametrize("times", [1, 2])
def test_a_package_signed_with_a_newer_key_than_a_restored_service_knows(
    enrolled: Devices, service_folder: Path, service_dsn: str, times: int
) -> None:
    """The one before counts as well; two keys further the office reads what to do, and a code brings all of it in."""
    store, client = enrolled("TK01")
    client.sync()
    put_back = kept_copy(service_folder, service_dsn)
    for _turn in range(times):
        client.rotate_key()
    customer, visit = _work(store)
    client.sync()
    connections.close_all()
    put_back()
    late = Visit(id=new_id(), customer_id=customer.id, purpose="Am Tag danach")
    store.save(late)
    if times == 1:
        for _turn in range(3):
            client.take_answer(packages.answer(client.make_package()))
    else:
        with pytest.raises(PackageError, match="does not know") as caught:
            packages.answer(client.make_package())
        assert "with a code" in caught.value.advice
        with pytest.raises(ForkedError):
            client.sync()
        user = User.objects.get(username="admin")
        client.become_new_device()
        client.enrol(invitation(client.address, accounts.new_enrol_code(user, user)[0]))
        client.sync()
    assert store.outbox.waits().count == 0
    assert {str(one) for one in Op.objects.values_list("entity_id", flat=True)} == {
        customer.id,
        visit.id,
        late.id,
    }


def test_a_package_made_while_a_new_key_was_on_its_way_is_taken(
    enrolled: Devices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service took the new key and its answer got lost: the file is signed with both."""
    store, client = enrolled("TK01")
    client.sync()
    with monkeypatch.context() as lost:
        lost.setattr(client.line, "take_next_key", lambda: None)
        client.rotate_key()
    _work(store)
    assert client.take_answer(packages.answer(client.make_package())).waiting_count == 0
    assert Op.objects.count() == 2


@pytest.mark.parametrize("at", [0, 20, 60, -1])
def test_changed_answer_is_refused(enrolled: Devices, at: int) -> None:
    """One changed byte anywhere in an answer: nothing of it is used, and the work still waits."""
    store, client = enrolled("TK01")
    _work(store)
    file = bytearray(packages.answer(client.make_package()))
    file[at] ^= 1
    with pytest.raises(PackageError):
        client.take_answer(bytes(file))
    assert store.outbox.waits().count == 2


def test_answer_for_another_device_is_refused(enrolled: Devices) -> None:
    """An answer to a colleague's package opens nothing here."""
    _store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    _work(other)
    answer = packages.answer(colleague.make_package())
    with pytest.raises(PackageError):
        client.take_answer(answer)


def test_package_needs_an_enrolled_device(make_store: Callable[[str], Store]) -> None:
    """Before enrolment there is no service to seal a package for, and the sentence says so."""
    with pytest.raises(SyncError, match="not enrolled"):
        Client(make_store("TK01")).make_package()


@pytest.mark.parametrize(
    "file", [b"", b"techkit package 1\n", b"GIF89a", b"techkit package 1\n" + b"\x91" * 5000]
)
def test_other_file_is_no_package(file: bytes) -> None:
    """A file that is no package is told as such."""
    with pytest.raises(PackageError):
        carrier.sender(file)


def test_package_is_for_one_service_only() -> None:
    """Another service's key opens nothing, and a package signed by another device is not believed."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    service_key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "office")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(service_key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(service_key, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )
    device_key = Ed25519PrivateKey.generate()
    content = carrier.Content(package_id=new_id(), answer_key=secrets.token_bytes(32), body=b"geheim")
    file = carrier.pack(content, device=new_id(), key=device_key, certificate=certificate)
    assert b"geheim" not in file
    public = device_key.public_key().public_bytes_raw()
    assert carrier.unpack(file, public_key=public, service_key=service_key) == content
    with pytest.raises(PackageError):
        carrier.unpack(file, public_key=public, service_key=ec.generate_private_key(ec.SECP256R1()))
    stranger = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    with pytest.raises(PackageError):
        carrier.unpack(file, public_key=stranger, service_key=service_key)
