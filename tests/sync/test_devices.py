"""Devices that were copied, restored or withdrawn, with wrong clocks and many removals; the journal they keep."""

from __future__ import annotations

import dataclasses
import os
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from techkit.central import feed, office, packages
from techkit.central.accounts import new_enrol_code, refuse_device
from techkit.central.models import Device as KnownDevice
from techkit.central.models import Op, RefusedOp, Role, User
from techkit.errors import RefusedError, UnreachableError
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer, Site
from techkit.records.schema import replace
from techkit.records.visit import Attachment, Visit
from techkit.store.database import Store
from techkit.sync.answers import ForkedError, ManyRemovalsError, RevokedError
from techkit.sync.carrier import PackageError
from techkit.sync.client import Client
from techkit.sync.invitation import Invitation
from techkit.sync.progress import Progress
from techkit.sync.transport import Transport
from tests.sync.customers import kept_customer, share

KEY = bytes(range(32))
Devices = Callable[[str], tuple[Store, Client]]


def test_copied_store_is_recognised_and_loses_nothing(
    enrolled: Devices, tmp_path: Path, invite: Callable[[], str]
) -> None:
    """A copied stick is found out, enrols anew with its own prefix, and its work arrives once."""
    store, client = enrolled("TK01")
    customer = kept_customer(store)
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


def _handed_over_by_the_twin(
    enrolled: Devices, invite: Callable[[], str], copied: Path
) -> tuple[Store, Client, Customer]:
    """Give the copy of a withdrawn device whose twin became one of its own and handed over a customer both had made."""
    store, client = enrolled("TK01")
    client.sync()
    customer = kept_customer(store)
    shutil.copytree(store.folder, copied)
    refuse_device(User.objects.get(username="admin"), KnownDevice.objects.get(pk=store.device.id))
    client.become_new_device()
    client.enrol(invite())
    assert client.sync().sent_count == 1
    copy = Store.open(copied, KEY)
    return copy, Client(copy), customer


def test_a_copy_keeps_the_customer_it_made_though_its_twin_handed_it_over(
    enrolled: Devices, tmp_path: Path, invite: Callable[[], str]
) -> None:
    """Handed over by both, from a stick or over the network: the same person's devices both hold it."""
    copy, twin, customer = _handed_over_by_the_twin(enrolled, invite, tmp_path / "copy")
    scope = f"customer:{customer.id}"
    shutil.copytree(copy.folder, tmp_path / "online")
    twin.take_answer(packages.answer(twin.make_package()))
    online = Store.open(tmp_path / "online", KEY)
    for store, client in ((copy, twin), (online, Client(online))):
        client.become_new_device()
        client.enrol(invite())
        client.sync(is_removal_agreed=True)
        assert store.find(Customer) == [customer]
        assert scope in feed.scopes_of(KnownDevice.objects.get(pk=store.device.id))
        assert store.outbox.waits().count == 0
        client.close()
        store.close()
    assert Op.objects.filter(entity_id=customer.id).count() == 1


def test_a_customer_taken_back_stays_away_from_what_the_device_becomes(
    enrolled: Devices, tmp_path: Path, invite: Callable[[], str]
) -> None:
    """Its twin still holds it and the device brings its making once more: what the office took back it took for good."""
    copy, twin, customer = _handed_over_by_the_twin(enrolled, invite, tmp_path / "copy")
    scope = f"customer:{customer.id}"
    twin.become_new_device()
    twin.enrol(invite())
    shutil.copytree(copy.folder, tmp_path / "before")
    twin.sync()
    known = KnownDevice.objects.get(pk=copy.device.id)
    assert scope in feed.scopes_of(known)
    feed.revoke(known, scope)
    twin.close()
    copy.close()
    restored = Store.open(tmp_path / "before", KEY)
    again = Client(restored)
    again.become_new_device()
    again.enrol(invite())
    again.sync(is_removal_agreed=True)
    assert scope not in feed.scopes_of(KnownDevice.objects.get(pk=restored.device.id))
    assert restored.find(Customer) == []
    again.close()
    restored.close()


def test_a_device_made_new_twice_before_it_was_let_in_keeps_its_customers(
    enrolled: Devices, invite: Callable[[], str]
) -> None:
    """Asked for twice, or after an answer that got lost: it comes from the one the office knew."""
    store, client = enrolled("TK01")
    customer = kept_customer(store)
    client.sync()
    client.become_new_device()
    client.become_new_device()
    client.enrol(invite())
    client.sync()
    assert store.find(Customer) == [customer]
    assert f"customer:{customer.id}" in feed.scopes_of(KnownDevice.objects.get(pk=store.device.id))


def test_a_copy_let_in_for_somebody_else_shows_nothing_its_twin_handed_over(
    enrolled: Devices, tmp_path: Path, invite: Callable[[], str]
) -> None:
    """What the office does not assign to that person goes from the device; what it had not sent is kept, sealed."""
    copy, twin, customer = _handed_over_by_the_twin(enrolled, invite, tmp_path / "copy")
    carried = packages.answer(twin.make_package())
    late = Contact(id=new_id(), customer_id=customer.id, family_name="Weber")
    copy.save(late)
    twin.take_answer(carried)
    assert copy.find(Customer) == copy.find(Contact) == []
    assert copy.outbox.waits().count == 1
    staff = User.objects.get(username="admin")
    other = User.objects.create(org=staff.org, username="ida", role=Role.TECHNICIAN)
    invited = Invitation.parse(invite())
    twin.become_new_device()
    twin.enrol(dataclasses.replace(invited, code=new_enrol_code(staff, other)[0]).text())
    twin.sync()
    assert copy.find(Customer) == copy.find(Contact) == []
    assert f"customer:{customer.id}" not in feed.scopes_of(KnownDevice.objects.get(pk=copy.device.id))
    assert [str(one.entity_id) for one in RefusedOp.objects.all()] == [late.id]
    twin.close()
    copy.close()


def test_restored_device_loses_nothing(enrolled: Devices, tmp_path: Path, invite: Callable[[], str]) -> None:
    """A device set back to an old backup enrols anew and fetches what it had sent since."""
    store, client = enrolled("TK01")
    customer = kept_customer(store)
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


def test_a_device_that_went_on_from_a_backup_with_what_its_damaged_store_gave_loses_nothing(
    enrolled: Devices, invite: Callable[[], str]
) -> None:
    """Sent before or not, changed at the office meanwhile or not: after the restore each change is there once."""
    store, client = enrolled("TK01")
    customer = kept_customer(store)
    client.sync()
    assert store.back_up_if_due() is not None
    sent = Visit(id=new_id(), customer_id=customer.id, number=store.next_number(), purpose="Gesendet")
    store.save(sent)
    client.sync()
    staff = User.objects.get(username="admin")
    office.change_as_staff(staff, "customer", customer.id, {"notes_for_visit": "Ring twice."})
    client.sync()
    held_now = store.get(Customer, customer.id)
    assert held_now is not None
    unsent = Visit(id=new_id(), customer_id=customer.id, number=store.next_number(), purpose="Noch hier")
    store.save(unsent, replace(held_now, display_name="Zuletzt hier"))
    client.close()
    store.close()
    held = bytearray((store.folder / "techkit.db").read_bytes())
    held[:4096] = bytes(4096)
    (store.folder / "techkit.db").write_bytes(held)
    again = Store.recover(store.folder, KEY)
    assert {one.id for one in again.find(Visit)} == {sent.id, unsent.id}
    restored = Client(again)
    with pytest.raises(ForkedError):
        restored.sync()
    restored.become_new_device()
    restored.enrol(invite())
    assert restored.sync().waiting_count == 0
    assert {one.id for one in again.find(Visit)} == {sent.id, unsent.id}
    found = again.get(Customer, customer.id)
    assert found is not None
    assert found.notes_for_visit == "Ring twice."
    assert (found.display_name, again.conflicts(), again.outbox.refused()) == ("Zuletzt hier", [], [])
    assert Op.objects.filter(entity="visit").count() == 2
    restored.close()
    again.close()


def test_withdrawn_device_is_told(enrolled: Devices) -> None:
    """A device the office withdrew reads why nothing goes; its work stays."""
    store, client = enrolled("TK01")
    kept_customer(store)
    KnownDevice.objects.filter(pk=store.device.id).update(revoked_at=datetime.now(UTC))
    with pytest.raises(RevokedError):
        client.sync()
    assert store.outbox.waits().count == 1


def test_a_withdrawn_device_comes_back_with_a_code_and_brings_what_it_had_not_sent(
    enrolled: Devices, invite: Callable[[], str]
) -> None:
    """A wrong code changes nothing, so that a package still goes; with a good one its customers and its work are there."""
    store, client = enrolled("TK01")
    customer = kept_customer(store)
    client.sync()
    first = store.device
    refuse_device(User.objects.get(username="admin"), KnownDevice.objects.get(pk=first.id))
    late = Contact(id=new_id(), customer_id=customer.id, family_name="Weber")
    store.save(late)
    with pytest.raises(RevokedError, match="withdrawn") as caught:
        client.sync()
    assert "new code" in caught.value.advice
    used = Invitation.parse(invite())
    with pytest.raises(RefusedError):
        client.enrol(dataclasses.replace(used, code="WRONG-CODE").text())
    assert (store.device, client.is_enrolled) == (first, True)
    packages.answer(client.make_package())
    assert Op.objects.filter(entity_id=late.id).count() == 1
    later = Contact(id=new_id(), customer_id=customer.id, family_name="Weir")
    store.save(later)
    client.enrol(used.text())
    assert client.sync().waiting_count == 0
    assert (store.find(Customer), store.find(Contact, order_by="id")) == ([customer], [late, later])
    assert store.device.id != first.id
    assert Op.objects.count() == 3


def test_a_withdrawn_device_whose_code_was_taken_and_answer_got_lost_tries_the_same_again(
    enrolled: Devices, invite: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service let it in and nobody heard of it: the same code once more, and its customers and work are there."""
    store, client = enrolled("TK01")
    customer = kept_customer(store)
    client.sync()
    refuse_device(User.objects.get(username="admin"), KnownDevice.objects.get(pk=store.device.id))
    late = Contact(id=new_id(), customer_id=customer.id, family_name="Weber")
    store.save(late)
    line, real = invite(), Transport.request

    def lost(self: Transport, method: str, path: str, headers: Any, body: bytes = b"") -> Any:
        real(self, method, path, headers, body)
        raise UnreachableError("The answer got lost.", safe="Nothing is lost.", advice="Try again.")

    with monkeypatch.context() as broken:
        broken.setattr(Transport, "request", lost)
        with pytest.raises(UnreachableError):
            client.enrol(line)
    client.enrol(line)
    assert client.sync().waiting_count == 0
    assert (store.find(Customer), store.find(Contact)) == ([customer], [late])


def test_an_answer_to_the_withdrawn_device_takes_nothing_from_the_one_that_came_back(
    enrolled: Devices, invite: Callable[[], str]
) -> None:
    """It told the withdrawn one to drop its customers; the stick with it arrives once the device is in again."""
    store, client = enrolled("TK01")
    customer = kept_customer(store)
    client.sync()
    refuse_device(User.objects.get(username="admin"), KnownDevice.objects.get(pk=store.device.id))
    store.save(Contact(id=new_id(), customer_id=customer.id, family_name="Weber"))
    carried = packages.answer(client.make_package())
    used = Invitation.parse(invite())
    with pytest.raises(RefusedError):
        client.enrol(dataclasses.replace(used, code="WRONG-CODE").text())
    kept = client.line.meta("packages")
    client.enrol(used.text())
    client.sync()
    with pytest.raises(PackageError):
        client.take_answer(carried)
    assert len(kept) > len("{}")
    assert store.find(Customer) == [customer]
    assert store.outbox.waits().count == 0


def test_withdrawn_customer_leaves_the_device(enrolled: Devices) -> None:
    """A customer taken from a device is gone there with all below; unsent work still arrives."""
    store, client = enrolled("TK01")
    customer = kept_customer(store)
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


def test_work_that_waits_for_a_withdrawn_customer_is_shown_when_it_comes_back(enrolled: Devices) -> None:
    """Saved before the device heard of it and refused meanwhile: assigned again, the contact is there, beside the rest."""
    store, client = enrolled("TK01")
    customer = kept_customer(store)
    client.sync()
    device, scope = KnownDevice.objects.get(pk=store.device.id), f"customer:{customer.id}"
    unsent = Contact(id=new_id(), customer_id=customer.id, family_name="Weber")
    store.save(unsent)
    with store.connection.transaction():
        store.replica._drop(scope)
    assert store.find(Contact) == []
    assert store.outbox.waits().count == 1
    feed.revoke(device, scope)
    feed.grant(device, scope)
    store.replica._places.grant([scope])
    store.replica.take_again(scope)
    with store.connection.transaction():
        store.replica._rebuilding.finish(scope)
    assert store.find(Contact) == [unsent]
    client.sync()
    assert (store.find(Contact), store.count(Customer)) == ([unsent], 1)
    assert Op.objects.filter(entity_id=unsent.id).count() == 1


def test_a_file_of_today_waits_for_its_record(enrolled: Devices) -> None:
    """Confirmed and named by nothing yet, a photo stays for a day; after that our copy goes."""
    store, client = enrolled("TK01")
    sha256 = store.attach(b"a photo", "image/jpeg")
    client.sync()
    assert store.attachment(sha256) == b"a photo"
    with store.connection.transaction():
        store.connection.execute("UPDATE _file SET made_at = made_at - 90000")
    client.sync()
    found = store.attachments.find(sha256)
    assert found is not None
    assert not found.is_here


def test_a_withdrawn_customer_leaves_nothing_in_the_journal(enrolled: Devices) -> None:
    """What colleagues said of the customer and its photos go too; what they said of others stays for a restored service."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    gone, kept = kept_customer(store), Customer(id=new_id(), display_name="Harbourlight")
    photo = os.urandom(1000)
    visit = Visit(id=new_id(), customer_id=gone.id)
    sha256 = store.attach(photo, "image/jpeg")
    store.save(
        kept,
        visit,
        Attachment(id=new_id(), visit_id=visit.id, sha256=sha256, byte_count=1000, media_type="image/jpeg"),
    )
    client.sync()
    share(gone, other)
    share(kept, other)
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
    customer = kept_customer(store)
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
    customer = kept_customer(store)
    client.sync()
    staff = User.objects.get(username="admin")
    office.change_as_staff(staff, "customer", customer.id, {"notes_for_visit": "Ring twice."})
    client.sync()
    for age_days, is_kept in ((days - 1, True), (days + 1, False)):
        then = int(time.time()) - age_days * 86_400
        with store.connection.transaction():
            store.connection.execute("UPDATE _receipt SET acked_at = ?", (then,))
            store.connection.execute("UPDATE _received SET received_at = ?", (then,))
        if not is_kept:
            # A restored service has not asked for all of it yet.
            store.replica.set_meta({"must_offer": "1"})
            assert client._forget_old() == 0
            assert store.outbox.ids()
            store.replica.set_meta({"must_offer": ""})
        client.sync()
        assert bool(store.outbox.ids()) is is_kept
        assert bool(list(store.replica.received())) is is_kept
    assert [held.notes_for_visit for held in store.find(Customer)] == ["Ring twice."]
    assert Op.objects.filter(entity_id=customer.id).count() == 2


def test_a_clock_set_right_empties_no_journal(enrolled: Devices) -> None:
    """Acknowledged while the clock was 36 years behind, set right since: the journal is as young as it is."""
    store, client = enrolled("TK01")
    real = client.line.now_ms
    client.line.now_ms = lambda: real() - 36 * 31_556_952_000
    kept_customer(store)
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
    customer = kept_customer(store)
    store.save(*(Contact(id=new_id(), customer_id=customer.id, family_name=f"Nr. {n}") for n in range(30)))
    client.sync()
    feed.revoke(KnownDevice.objects.get(pk=store.device.id), f"customer:{customer.id}")
    with pytest.raises(ManyRemovalsError, match="31"):
        client.sync()
    assert store.count(Contact) == 30
    client.sync(is_removal_agreed=True)
    assert store.count(Contact) == 0


def _removed_by_a_colleague(enrolled: Devices, count: int) -> tuple[Store, Client, Callable[[int], None]]:
    """Give a device with so many contacts that a colleague holds too, and what removes some of them."""
    (store, client), (other, colleague) = enrolled("TK01"), enrolled("TK02")
    customer = kept_customer(store)
    made = [Contact(id=new_id(), customer_id=customer.id, family_name=f"Nr. {n}") for n in range(count)]
    store.save(*made)
    client.sync()
    share(customer, other)
    colleague.sync()

    def remove(some: int) -> None:
        for _n in range(some):
            other.remove(made.pop(), "gone")
        colleague.sync()

    return store, client, remove


def test_many_removals_in_small_answers_are_asked_about(
    enrolled: Devices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few each answer tells of: not more than 20 together; a colleague who begins the scope is not asked."""
    store, client, remove = _removed_by_a_colleague(enrolled, 50)
    remove(45)
    monkeypatch.setattr(feed, "MAX_CHANGES", 15)
    with pytest.raises(ManyRemovalsError, match=r"15 entries from this device within a day.*15 more"):
        client.sync()
    assert store.count(Contact) == 35
    newcomer, beginner = enrolled("TK03")
    share(store.find(Customer)[0], newcomer)
    beginner.sync()
    assert newcomer.count(Contact) == 5
    client.sync(is_removal_agreed=True)
    assert store.count(Contact) == 5


def test_many_removals_by_one_sync_after_another_are_asked_about(
    enrolled: Devices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve and twelve in a day are twenty-four; a day later, or agreed with, counting begins anew."""
    store, client, remove = _removed_by_a_colleague(enrolled, 60)
    remove(12)
    client.sync()
    remove(12)
    with pytest.raises(ManyRemovalsError, match="12"):
        client.sync()
    client.sync(is_removal_agreed=True)
    remove(12)
    client.sync()
    later = client.line.now_ms() + 25 * 60 * 60 * 1000
    monkeypatch.setattr(client.line, "now_ms", lambda: later)
    remove(12)
    client.sync()
    assert store.count(Contact) == 12


@pytest.mark.parametrize("years", [-50, -10, 10, 50])
def test_wrong_clock_is_harmless(enrolled: Devices, years: int) -> None:
    """A clock wrong by decades: everything arrives, the order holds, the difference is told."""
    store, client = enrolled("TK01")
    other, colleague = enrolled("TK02")
    off_ms = years * 365 * 24 * 3600 * 1000
    import time

    store.clock._now_ms = lambda: max(0, time.time_ns() // 1_000_000 + off_ms)
    wrong = Client(store, now_ms=lambda: max(0, time.time_ns() // 1_000_000 + off_ms))
    customer = kept_customer(store, "Zuerst")
    result = wrong.sync()
    assert result.waiting_count == 0
    assert abs(result.clock_offset_ms) > 1_000_000_000
    share(customer, other)
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
