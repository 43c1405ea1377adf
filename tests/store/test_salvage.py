"""What a damaged store still gives is put into the backup that takes its place."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from techkit.errors import StoreDamagedError, StoreError
from techkit.records.identity import new_id
from techkit.records.parties import Customer, Site
from techkit.records.schema import replace
from techkit.records.visit import Attachment, Visit
from techkit.store import backup, salvage
from techkit.store.database import Store
from tests.store.conftest import KEY

PAGE = 4096

Damage = Callable[[bytearray], None]


def _first_page_flipped(held: bytearray) -> None:
    held[100] ^= 1


def _first_page_lost(held: bytearray) -> None:
    held[:PAGE] = bytes(PAGE)


def _every_third_page(held: bytearray) -> None:
    for page in range(3, len(held) // PAGE, 3):
        held[page * PAGE + 50] ^= 1


def _damage(folder: Path, damage: Damage) -> bytes:
    place = folder / "techkit.db"
    held = bytearray(place.read_bytes())
    damage(held)
    place.write_bytes(held)
    return bytes(held)


@pytest.fixture
def later(folder: Path, store: Store, customer: Customer) -> tuple[Visit, str]:
    """Back up, then write on: a visit with a number, a photo, an edit, sixty sites."""
    backup.make(store.connection, KEY)
    visit = Visit(id=new_id(), customer_id=customer.id, number=store.next_number(2026), purpose="Nachmittag")
    sha256 = store.attach(os.urandom(1_200_000), "image/jpeg")
    photo = Attachment(
        id=new_id(), visit_id=visit.id, sha256=sha256, byte_count=1_200_000, media_type="image/jpeg"
    )
    store.save(visit, photo, replace(customer, display_name="Bäckerei Krümel"))
    for number in range(60):
        store.save(
            Site(id=new_id(), customer_id=customer.id, name=f"Filiale {number}", access_notes="x" * 3000)
        )
    return visit, sha256


@pytest.mark.parametrize("damage", [_first_page_flipped, _first_page_lost], ids=["flipped", "lost"])
def test_work_after_the_last_backup_comes_out_of_the_damaged_file(
    folder: Path, store: Store, customer: Customer, later: tuple[Visit, str], damage: Damage
) -> None:
    """Everything written since is shown again and waits to be sent, its photo with it; the file stays as it was."""
    visit, sha256 = later
    before = [op.op_id for op in store.outbox.history(customer.id)]
    store.close()
    damaged = _damage(folder, damage)
    with pytest.raises(StoreDamagedError):
        Store.open(folder, KEY)
    again = Store.recover(folder, KEY)
    assert again.get(Visit, visit.id) == visit
    assert again.get(Customer, customer.id) == replace(customer, display_name="Bäckerei Krümel")
    assert again.count(Site) == 60
    assert [op.op_id for op in again.outbox.history(customer.id)] == before
    assert again.outbox.waits().count == 64
    assert again.attachment(sha256)
    assert [one.sha256 for one in again.attachments.unsent()] == [sha256]
    assert again.next_number(2026) == "TK07-2026-0002"
    again.close()
    (aside,) = folder.glob("damaged-*")
    assert (aside / "techkit.db").read_bytes() == damaged


def test_what_only_the_log_holds_comes_back(folder: Path, store: Store, later: tuple[Visit, str]) -> None:
    """The newest changes of a laptop that lost its power stand in the log beside the file."""
    visit, _sha256 = later
    held = {name: (folder / name).read_bytes() for name in ("techkit.db", "techkit.db-wal")}
    store.close()
    for name, data in held.items():
        (folder / name).write_bytes(data)
    assert len(held["techkit.db-wal"]) > 60 * PAGE
    _damage(folder, _first_page_lost)
    (folder / "techkit.db-wal").write_bytes(held["techkit.db-wal"][: len(held["techkit.db-wal"]) // 2])
    again = Store.recover(folder, KEY)
    assert again.get(Visit, visit.id) == visit
    assert 0 < again.count(Site) < 60
    again.close()


def test_rows_are_found_where_the_way_to_them_is_lost(
    folder: Path, store: Store, later: tuple[Visit, str]
) -> None:
    """With every third page gone no table can be walked; what the other pages hold comes back all the same."""
    store.close()
    _damage(folder, _every_third_page)
    again = Store.recover(folder, KEY)
    assert 20 < again.count(Site) < 60
    assert {op.entity for site in again.find(Site) for op in again.outbox.history(site.id)} == {"site"}
    assert again.connection.all("PRAGMA quick_check") == [("ok",)]
    again.close()


def test_what_was_forgotten_on_purpose_is_not_found_again(
    folder: Path, store: Store, customer: Customer
) -> None:
    """Pages given back keep their bytes for a while; what the backup knew already is not looked for there."""
    store.save(
        *(
            Site(id=new_id(), customer_id=customer.id, name=f"S{n}", access_notes="x" * 3000)
            for n in range(40)
        )
    )
    backup.make(store.connection, KEY)
    with store.connection.transaction():
        store.connection.execute("DELETE FROM _operation WHERE entity = 'site'")
        store.connection.execute("DELETE FROM _pending WHERE place > 1")
    (made,) = (folder / "backups").glob("*.db")
    store.close()
    _damage(folder, _every_third_page)
    assert salvage.read(folder / "techkit.db", KEY, made).operations == []


def test_an_edit_of_what_came_after_the_backup_waits_until_that_comes_again(
    folder: Path, store: Store, customer: Customer
) -> None:
    """Half a record is not shown: the edit is kept, and sent."""
    site = Site(id=new_id(), customer_id=customer.id, name="Filiale")
    backup.make(store.connection, KEY)
    store.save(site)
    store.save(replace(site, name="Filiale Nord"))
    with (
        store.connection.transaction()
    ):  # as if the office had written it: its first words are not in our journal
        store.connection.execute(
            "DELETE FROM _operation WHERE place = (SELECT min(place) FROM _operation WHERE entity = 'site')"
        )
    store.close()
    _damage(folder, _first_page_lost)
    again = Store.recover(folder, KEY)
    assert again.get(Site, site.id) is None
    assert [counted.record_id for counted in again.outbox.waiting_by_record()][-1] == site.id
    again.close()


def test_another_key_and_another_file_give_nothing(
    folder: Path, store: Store, later: tuple[Visit, str]
) -> None:
    """Bytes that are no store, and a store of somebody else: nothing is read, nothing is put in."""
    (made,) = (folder / "backups").glob("*.db")
    store.close()
    (folder / "techkit.db").write_bytes(os.urandom(40 * PAGE))
    assert salvage.read(folder / "techkit.db", KEY, made) == salvage.Salvaged()
    again = Store.recover(folder, KEY)
    assert (again.count(Site), again.outbox.waits().count) == (0, 1)
    again.close()


def test_a_page_that_does_not_read_has_the_store_looked_through_at_the_next_start(
    folder: Path, store: Store, customer: Customer, later: tuple[Visit, str]
) -> None:
    """A store that opens although a page of it is damaged: its backup fails, and the next start says so."""
    store.close()
    place = folder / "techkit.db"
    again = Store.open(folder, KEY)
    root = again.connection.one("SELECT rootpage FROM sqlite_master WHERE name = 'site'")
    assert root is not None
    again.close()
    held = bytearray(place.read_bytes())
    held[(root[0] - 1) * PAGE + 9] ^= 1
    place.write_bytes(held)
    opened = Store.open(folder, KEY)
    for path in backup.every(folder):
        path.replace(path.with_name("techkit-20250101-000000.db"))
    with pytest.raises(StoreError):
        opened.back_up_if_due()
    opened.close()
    with pytest.raises(StoreDamagedError):
        Store.open(folder, KEY)
    mended = Store.recover(folder, KEY)
    assert mended.count(Site) == 60
    mended.close()
    Store.open(folder, KEY).close()
