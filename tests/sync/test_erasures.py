"""A customer the office removed for good is gone from the devices too, with their next contact and for good."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2

from techkit.central import accounts, erasures, feed, folding, packages
from techkit.central.models import Device as KnownDevice
from techkit.central.models import Record as Row
from techkit.central.models import User
from techkit.records.activities import Troubleshooting
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer
from techkit.records.schema import replace
from techkit.records.visit import Attachment, Expense, Visit, WorkState
from techkit.store.database import Store
from techkit.sync.answers import ManyRemovalsError
from techkit.sync.client import Client
from tests.stores import KEY
from tests.sync.customers import share

Devices = Callable[[str], tuple[Store, Client]]

#: Stands in every word about the customer below.
WORD = "zyqxkanari"


class Known:
    """A customer with a visit, a person, an entry, an expense and a photo, as one device wrote them."""

    def __init__(self, store: Store, client: Client) -> None:
        self.store, self.client = store, client
        self.customer = Customer(id=new_id(), display_name=f"{WORD} Brandt", notes_for_visit=f"{WORD} Hund")
        self.visit = Visit(
            id=new_id(), number="TK01-2026-0001", customer_id=self.customer.id, purpose=f"{WORD} slow"
        )
        person = Contact(id=new_id(), customer_id=self.customer.id, family_name=f"{WORD} Odalys")
        entry = Troubleshooting(id=new_id(), visit_id=self.visit.id, title=f"{WORD} freezes", minutes=35)
        store.save(self.customer, person, self.visit, entry)
        self.photo = store.attach(f"{WORD} in a photo".encode(), "image/jpeg")
        store.save(Attachment(id=new_id(), visit_id=self.visit.id, sha256=self.photo, name=f"{WORD}.jpg"))
        client.sync()

    def spend(self, store: Store | None = None) -> Expense:
        """Note an expense on a device, unsent."""
        made = Expense(
            id=new_id(),
            visit_id=self.visit.id,
            kind="parking",
            amount_minor=450,
            note=f"{WORD} at the door",
        )
        (store or self.store).save(made)
        return made

    def erase(self) -> None:
        """Remove the customer at the office."""
        erasures.erase(User.objects.get(username="admin"), self.customer.id, f"{WORD} Brandt")


@pytest.fixture
def known(enrolled: Devices) -> Known:
    return Known(*enrolled("TK01"))


def _traces(store: Store) -> list[str]:
    """Return the tables and backups of a store in which the word still stands, everything opened with its key."""
    store.connection.raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    found = []
    for path in [
        store.connection.path,
        *sorted(store.folder.rglob("techkit-*.db")),
        *store.folder.glob("damaged-*/*.db"),
    ]:
        found += [f"{path.name}: {what}" for what in _traces_in(path)]
    return found


def _traces_in(path: Path) -> Iterator[str]:
    """Yield the tables of an encrypted database in which the word stands, packed or not."""
    copy = dbapi2.connect(f"{path.as_uri()}?mode=ro", uri=True)
    copy.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")
    for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        rows = copy.execute(f'SELECT * FROM "{name}"').fetchall() if name != "_search" else []
        if any(WORD.encode() in _bytes(held) for row in rows for held in row):
            yield name
    copy.close()


def _bytes(held: Any) -> bytes:
    if isinstance(held, bytes) and held[:4] == b"\x28\xb5\x2f\xfd":
        import zstandard

        held = zstandard.ZstdDecompressor().decompressobj().decompress(held)
    return (held if isinstance(held, bytes) else str(held).encode()).lower()


def test_no_word_is_left_on_any_device(known: Known, enrolled: Devices) -> None:
    """Rows, journals of both kinds, what waited, search, photo, backups and a store set aside: 0 traces after one sync."""
    store, client = known.store, known.client
    other, colleague = enrolled("TK02")
    share(known.customer, other)
    colleague.sync()
    late = known.spend()
    assert store.back_up_if_due() is not None
    aside = store.folder / "damaged-20261123-091000"
    aside.mkdir()
    shutil.copy(next(store.folder.glob("backups/*.db")), aside / "techkit.db")
    assert store.search(WORD)
    assert len(_traces(store)) > 12
    known.erase()
    for held, syncing in ((store, client), (other, colleague)):
        syncing.sync()
        assert _traces(held) == []
        assert held.search(WORD) == []
        assert held.attachments.find(known.photo) is None or held is other
        assert held.bundle(known.visit.id).is_customer_removed
        assert held.get(Customer, known.customer.id) is None
        assert held.outbox.waits().count == 0
    assert not aside.exists()
    assert len(list(store.folder.glob("backups/*.db"))) == 1
    assert not [path for path in (store.folder / "attachments").rglob("*") if path.is_file()]
    # What was not sent yet arrived for its money, and all three say the same.
    colleague.sync()
    for held in (store, other):
        spent = held.get(Expense, late.id)
        assert spent is not None
        assert (spent.amount_minor, spent.kind, spent.note) == (450, "parking", "")
    assert Row.objects.get(entity_id=late.id).state["amount_minor"] == 450
    assert folding.differing_records(accounts.the_org().id) == []
    _say_the_same(store, other)


def _say_the_same(*stores: Store) -> None:
    for row in Row.objects.exclude(entity="erasure"):
        for store in stores:
            base = store.replica.base(row.entity, str(row.entity_id))
            assert base is None or base.values == row.state, row.entity


def test_the_free_pages_of_the_file_hold_nothing(known: Known) -> None:
    """Decrypted page by page, the file has the word before the removal and not after it, nor in its log."""
    assert _pages_with_word(known.store) > 0
    known.erase()
    known.client.sync()
    assert _pages_with_word(known.store) == 0
    log = known.store.connection.path.with_name("techkit.db-wal")
    assert not log.exists() or log.stat().st_size == 0


def _pages_with_word(store: Store) -> int:
    """Return how many pages hold the word, free ones too, decrypted as SQLCipher 4 encrypts them.

    AES-256 in CBC mode under the raw key; each page of 4 KiB ends in its start value (16 bytes) and its HMAC (64), the
    first begins with 16 bytes of salt. Source: SQLCipher's design page.
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    store.connection.raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    data = store.connection.path.read_bytes()
    count = 0
    for at in range(0, len(data), 4096):
        page = data[at : at + 4096]
        begin, end = (16 if at == 0 else 0), 4096 - 80
        cipher = Cipher(algorithms.AES(KEY), modes.CBC(page[end : end + 16])).decryptor()
        count += WORD.encode() in (cipher.update(page[begin:end]) + cipher.finalize()).lower()
    return count


def test_what_is_written_afterwards_keeps_no_words(known: Known) -> None:
    """A visit still open on the screen: times and amounts are kept and sent, words and photos are not."""
    store, client = known.store, known.client
    known.erase()
    client.sync()
    visit = store.get(Visit, known.visit.id)
    assert visit is not None
    store.save(replace(visit, internal_note=f"{WORD} again", work_state=WorkState.ON_SITE))
    late = known.spend()
    photo = store.attach(f"{WORD} once more".encode(), "image/jpeg")
    store.save(Attachment(id=new_id(), visit_id=visit.id, sha256=photo, caption=WORD))
    customer = store.get_even_removed(Customer, known.customer.id)
    assert customer is not None
    store.save(replace(customer, display_name=f"{WORD} is back"))
    assert store.get(Customer, known.customer.id) is None
    result = client.sync()
    assert (result.refused_count, result.files_sent, result.waiting_count) == (0, 0, 0)
    assert _traces(store) == []
    assert store.attachments.find(photo) is None
    spent = store.get(Expense, late.id)
    assert spent is not None
    assert spent.amount_minor == 450
    assert Row.objects.get(entity_id=visit.id).state["work_state"] == "on_site"
    assert Row.objects.get(entity_id=known.customer.id).deleted


def test_killed_in_between_the_rest_is_done_with_the_next_sync(
    known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken, but neither files nor free pages nor backups dealt with: the next sync does it."""
    store, client = known.store, known.client
    assert store.back_up_if_due() is not None
    known.erase()
    with monkeypatch.context() as patched:
        patched.setattr(Store, "discard_erased", lambda _store: None)
        patched.setattr(Store, "sweep", lambda _store: None)
        client.sync()
    assert store.attachments.find(known.photo) is not None
    assert _traces(store)
    client.sync()
    assert store.attachments.find(known.photo) is None
    assert _traces(store) == []


def test_a_restored_device_is_emptied_again(known: Known, invite: Callable[[], str], tmp_path: Path) -> None:
    """Somebody puts an older copy of the store back: it is let in anew, and its first contact empties it."""
    store, client = known.store, known.client
    known.spend()
    client.close()
    store.connection.raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    old = tmp_path / "old"
    shutil.copytree(store.folder, old, ignore=shutil.ignore_patterns("*.lock", "lock"))
    known.erase()
    client.sync()
    back = Store.open(old, KEY)
    try:
        assert _traces(back)
        returned = Client(back)
        returned.become_new_device()
        returned.enrol(invite())
        feed.grant(KnownDevice.objects.get(pk=back.device.id), f"customer:{known.customer.id}")
        returned.sync(is_removal_agreed=True)
        returned.sync()
        returned.close()
        assert _traces(back) == []
        assert back.get(Customer, known.customer.id) is None
        assert folding.differing_records(accounts.the_org().id) == []
    finally:
        back.close()


def test_by_package_files_alone(known: Known) -> None:
    """A device without a network hears of it with the answer to its package; what it carried is taken without words."""
    store, client = known.store, known.client
    late = known.spend()
    package = client.make_package()
    known.erase()
    client.take_answer(packages.answer(package))
    client.take_answer(packages.answer(client.make_package()))
    assert _traces(store) == []
    assert store.outbox.waits().count == 0
    assert Row.objects.get(entity_id=late.id).state["note"] == ""
    assert store.bundle(known.visit.id).is_customer_removed


def test_an_old_job_pack_brings_no_words(known: Known, enrolled: Devices) -> None:
    """A pack made before the removal, opened after it: ids and amounts come, words do not."""
    from techkit.central import jobs

    other, colleague = enrolled("TK02")
    colleague.sync()
    device = KnownDevice.objects.get(pk=other.device.id)
    pack = jobs.pack(User.objects.get(username="admin"), device, [known.customer.id])
    feed.revoke(device, f"customer:{known.customer.id}")
    known.erase()
    colleague.sync()
    colleague.take_file(pack)
    assert other.get(Visit, known.visit.id) is not None
    assert _traces(other) == []


def test_many_entries_are_asked_about_first(known: Known) -> None:
    """A service that empties more than twenty entries at once has to be agreed with; nothing changes before."""
    store, client = known.store, known.client
    people = [
        Contact(id=new_id(), customer_id=known.customer.id, family_name=f"{WORD} {n}") for n in range(25)
    ]
    store.save(*people)
    client.sync()
    known.erase()
    with pytest.raises(ManyRemovalsError, match="removed a customer for good"):
        client.sync()
    held = store.get(Contact, people[0].id)
    assert held is not None
    assert held.family_name == f"{WORD} 0"
    client.sync(is_removal_agreed=True)
    assert _traces(store) == []


def test_nothing_is_looked_through_without_a_removal(known: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sync without removals rewrites no file."""
    monkeypatch.setattr(type(known.store.connection), "rewrite", lambda _connection: pytest.fail("rewritten"))
    known.client.sync()
