"""Backups: made while work goes on, checked, thinned out; a damaged store comes back from the newest good one."""

from __future__ import annotations

import os
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from techkit.errors import StoreDamagedError, StoreError
from techkit.records.parties import Customer
from techkit.records.schema import replace
from techkit.store import backup
from techkit.store.database import Store

KEY = bytes(range(32))
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_backup_is_a_whole_store(store: Store, customer: Customer, tmp_path: Path) -> None:
    """A backup opens under the same key and holds what was saved; nothing of it is in clear."""
    made = backup.make(store.connection, KEY, NOON)
    assert made.name == "techkit-20261121-120000.db"
    assert backup.made_at(made) == NOON
    assert "Krümel".encode() not in made.read_bytes()
    other = tmp_path / "other"
    other.mkdir()
    (other / "techkit.db").write_bytes(made.read_bytes())
    held = Store.open(other, KEY)
    assert held.get(Customer, customer.id) == customer
    held.close()
    assert [path.name for path in made.parent.iterdir()] == [made.name]


def test_work_goes_on_while_a_backup_is_made(
    store: Store, customer: Customer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A save waits for one piece of the copy only, and the backup is whole all the same."""
    store.save(*(replace(customer, id=f"{n:032x}", display_name="x" * 200) for n in range(600)))
    monkeypatch.setattr(backup, "_PAGES_AT_ONCE", 2)
    found: list[Path] = []
    making = threading.Thread(target=lambda: found.append(backup.make(store.connection, KEY, NOON)))
    making.start()
    saved_meanwhile = 0
    while making.is_alive():
        store.save(replace(customer, display_name=f"Name {saved_meanwhile}"))
        saved_meanwhile += making.is_alive()
    assert saved_meanwhile > 1
    other = tmp_path / "other"
    other.mkdir()
    (other / "techkit.db").write_bytes(found[0].read_bytes())
    held = Store.open(other, KEY)
    assert len(held.find(Customer)) == 601
    held.close()


def test_backup_is_made_when_due(store: Store, customer: Customer) -> None:
    """With changes and an old backup one is made; without changes, or soon after, none."""
    assert store.back_up_if_due() is not None
    assert store.back_up_if_due() is None
    store.save(replace(customer, display_name="Neu"))
    assert store.back_up_if_due() is None
    for path in backup.every(store.folder):
        old = (datetime.now(UTC) - timedelta(hours=1)).strftime("techkit-%Y%m%d-%H%M%S.db")
        path.rename(path.with_name(old))
    assert store.back_up_if_due() is not None


def test_a_backup_of_a_clock_that_was_ahead_stops_none_and_is_not_the_newest(
    store: Store, customer: Customer
) -> None:
    """Made while the computer said 2106: a backup is due all the same, and the way back takes the later one."""
    early = backup.make(store.connection, KEY, datetime(2106, 2, 8, 6, 28, tzinfo=UTC))
    assert backup.is_due(store.folder, 30, NOON)
    store.save(replace(customer, display_name="Since then"))
    later = backup.make(store.connection, KEY, NOON)
    assert backup.every(store.folder, NOON) == [later, early]
    assert not backup.is_due(store.folder, 30, NOON + timedelta(minutes=29))
    assert backup.is_due(store.folder, 30, NOON + timedelta(minutes=31))
    assert backup.newest_good(store.folder, KEY) == later


def test_backups_are_thinned_out() -> None:
    """A year of backups every half hour comes down to days, weeks and months, the newest always among them."""
    moments = [NOON - timedelta(minutes=30 * n) for n in range(365 * 48)]
    stay = sorted(backup.kept(moments), reverse=True)
    assert stay[:3] == moments[:3]
    assert len({moment.date() for moment in stay if NOON - moment < timedelta(days=11)}) == 12
    assert 20 < len(stay) <= 3 + 12 + 10 + 9
    assert NOON - stay[-1] > timedelta(days=200)


def test_damaged_store_comes_back(folder: Path, store: Store, customer: Customer) -> None:
    """A store with a flipped bit is set aside, never overwritten; the newest good backup takes its place."""
    backup.make(store.connection, KEY, NOON - timedelta(days=1))
    newest = backup.make(store.connection, KEY, NOON)
    store.close()
    damaged = bytearray((folder / "techkit.db").read_bytes())
    damaged[100] ^= 1
    (folder / "techkit.db").write_bytes(damaged)
    spoilt = bytearray(newest.read_bytes())
    spoilt[5000] ^= 1
    newest.write_bytes(spoilt)
    with pytest.raises(StoreDamagedError):
        Store.open(folder, KEY)
    again = Store.recover(folder, KEY)
    assert again.get(Customer, customer.id) == customer
    again.close()
    (aside,) = folder.glob("damaged-*")
    assert (aside / "techkit.db").read_bytes() == bytes(damaged)


def test_a_file_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a power cut leaves depends on the order alone: the bytes, then the name, then the folder that holds it."""
    fresh, place = tmp_path / "fresh", tmp_path / "place"
    fresh.write_bytes(b"whole")
    done: list[str] = []
    real_fsync = os.fsync

    def fsync(handle: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file"
        done.append(f"{kind}, {'named' if place.exists() else 'not named'}")
        real_fsync(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    backup.put_in_place(fresh, place)
    assert done == ["file, not named", "folder, named"]
    assert place.read_bytes() == b"whole"


def test_without_a_good_backup_nothing_is_touched(folder: Path, store: Store) -> None:
    """Without a good backup the damaged file stays where it is, and the sentence says what is left."""
    store.close()
    (folder / "techkit.db").write_bytes(b"x" * 9000)
    with pytest.raises(StoreError, match="no good backup"):
        Store.recover(folder, KEY)
    assert (folder / "techkit.db").read_bytes() == b"x" * 9000
