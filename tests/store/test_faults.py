"""The store under faults: killed in the middle of a save, a full disk, a stick pulled out. Nothing acknowledged is lost."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from techkit.errors import StoreError, StoreFullError
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer
from techkit.records.schema import replace
from techkit.records.visit import Visit
from techkit.store import attachments as attachments_module
from techkit.store.database import Store

KEY = bytes(range(32))

#: Saves records for ever and says the id of each one after `save` returned.
_WRITER = """
import sys
from pathlib import Path
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer
from techkit.store.database import Store

store = Store.open(Path(sys.argv[1]), bytes(range(32)), portable=sys.argv[2] == "portable")
customer = store.find(Customer)[0]
print("open", flush=True)
while True:
    contact = Contact(id=new_id(), customer_id=customer.id, family_name="Zeile " * 40)
    store.save(contact)
    print(contact.id, store.next_number(2026), flush=True)
"""


@pytest.mark.parametrize("place", ["installed", "portable"])
def test_kill_during_save_loses_nothing_acknowledged(folder: Path, place: str) -> None:
    """A process killed at a random moment while saving: whatever it had said is there, with its operation."""
    store = Store.create(folder, KEY, prefix="TK07", portable=place == "portable")
    store.save(Customer(id=new_id(), display_name="Bäckerei"))
    store.close()
    chance = random.Random(7)
    said: list[str] = []
    for _kill in range(5):
        process = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(folder), place], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        if not said:  # at least one word is heard, however busy the machine is
            said.append(process.stdout.readline().split()[0])
        time.sleep(chance.uniform(0.02, 0.25))
        process.kill()
        lines = process.stdout.read().splitlines(keepends=True)
        process.wait()
        process.stdout.close()
        said += [line.split()[0] for line in lines if line.endswith("\n")]
    again = Store.open(folder, KEY, portable=place == "portable")
    assert said
    assert again.connection.all("PRAGMA integrity_check") == [("ok",)]
    assert again.connection.all("PRAGMA cipher_integrity_check") == []
    for record_id in said:
        assert len(again.outbox.history(record_id)) == 1
    rows = again.connection.one("SELECT count(*) FROM contact")
    assert rows == again.connection.one("SELECT count(*) FROM _operation WHERE entity = 'contact'")
    assert rows == again.connection.one(
        "SELECT count(*) FROM _pending p JOIN _operation USING (place) WHERE entity = 'contact'"
    )
    again.close()


_FILLER = """
import resource, signal, sys
from pathlib import Path
from techkit.errors import StoreError
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer
from techkit.store.database import Store

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = Store.open(Path(sys.argv[1]), bytes(range(32)))
customer = store.find(Customer)[0]
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
for number in range(100_000):
    contact = Contact(id=new_id(), customer_id=customer.id, family_name="Zeile " * 80)
    try:
        store.save(contact)
    except StoreError as error:
        # What was saved is still read, and the file is healthy.
        assert store.count(Contact) == number, number
        assert store.get(Contact, contact.id) is None
        print(number, error.title, flush=True)
        break
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
store.save(contact)
print(store.count(Contact), flush=True)
store.close()
"""


def test_refused_write_is_told_and_loses_nothing(folder: Path) -> None:
    """A disk that takes no more: a sentence, everything saved is there, and with room again it goes on.

    The limit is RLIMIT_FSIZE: the system refuses the write itself, as a full disk or a quota does.
    """
    store = Store.create(folder, KEY, prefix="TK07")
    store.save(Customer(id=new_id(), display_name="Bäckerei"))
    store.close()
    limit = (folder / "techkit.db").stat().st_size + 200_000
    found = subprocess.run(
        [sys.executable, "-c", _FILLER, str(folder), str(limit)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.splitlines()
    count, _space, title = found[0].partition(" ")
    assert int(count) > 0
    assert title.startswith("Not saved: the disk")
    assert int(found[1]) == int(count) + 1
    again = Store.open(folder, KEY)
    assert again.connection.all("PRAGMA integrity_check") == [("ok",)]
    again.close()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root mounts a small disk")
def test_small_disk_fills_up(tmp_path: Path) -> None:
    """On a real small disk (tmpfs of 3 MiB): every save is acknowledged or told, also for files; room again, it goes on."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], stderr=subprocess.DEVNULL, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        store = Store.create(disk, KEY, prefix="TK07")
        customer = Customer(id=new_id(), display_name="Bäckerei")
        store.save(customer)
        kept: list[str] = []
        with pytest.raises(StoreFullError):
            _fill(store, customer, kept)
        with pytest.raises(StoreFullError):
            store.attach(os.urandom(2_000_000), "image/jpeg")
        assert store.count(Visit) == len(kept) > 10
        subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
        store.save(replace(customer, display_name="Geht wieder"))
        store.close()
        again = Store.open(disk, KEY)
        assert again.count(Visit) == len(kept)
        assert again.connection.all("PRAGMA integrity_check") == [("ok",)]
        again.close()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)


def _fill(store: Store, customer: Customer, kept: list[str]) -> None:
    """Save visits until the store refuses; note each one it acknowledged."""
    for _n in range(10_000):
        visit = Visit(id=new_id(), customer_id=customer.id, purpose="Zeile " * 400)
        store.save(visit)
        kept.append(visit.id)


#: Saves records; each one again until it is acknowledged, as a person does with what still stands on the screen.
_STUBBORN = """
import sys
from pathlib import Path
from techkit.errors import StoreError
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer
from techkit.store.database import Store

store = Store.open(Path(sys.argv[1]), bytes(range(32)), portable=sys.argv[2] == "portable")
customer = store.find(Customer)[0]
kept = 0


def tell(error):
    print("told", type(error).__name__, error.title, error.safe, error.advice, sep="|", flush=True)


for _number in range(40):
    contact = Contact(id=new_id(), customer_id=customer.id, family_name="Zeile " * 40)
    for _try in range(20):
        try:
            store.save(contact)
        except StoreError as error:
            tell(error)
            try:
                assert store.count(Contact) >= kept
            except StoreError as error:  # a device that is gone cannot be read either
                tell(error)
            continue
        kept += 1
        print("kept", contact.id, sep="|", flush=True)
        break
try:
    store.close()
except StoreError as error:
    tell(error)
"""

#: What SQLite does to its files while it saves; the first calls belong to opening.
_WRITES = "pwrite64,fsync,fdatasync,ftruncate,unlink"


def _save_on_a_bad_disk(folder: Path, place: str, fault: str, when: str) -> tuple[list[str], list[list[str]]]:
    """Save in a process of which the system refuses some calls; return what it kept and what it told.

    strace refuses them: it needs neither rights, a compiler nor a kernel module, and the database sees a real answer of
    the system. A device that is gone answers every call so.
    """
    names = ("techkit.db", "techkit.db-wal", "techkit.db-journal")
    paths = [part for name in names for part in ("-P", str(folder / name))]
    inject = f"inject={_WRITES}:error={fault}:when={when}"
    command = ["strace", "-f", "-qqq", "-o", "/dev/null", *paths, "-e", f"trace={_WRITES}", "-e", inject]
    found = subprocess.run(
        [*command, sys.executable, "-c", _STUBBORN, str(folder), place],
        capture_output=True,
        text=True,
        check=False,
    )
    if "ptrace" in found.stderr.lower():
        pytest.skip("this machine does not let a process be traced")
    assert found.returncode == 0, found.stderr
    lines = [line.split("|") for line in found.stdout.splitlines()]
    return [line[1] for line in lines if line[0] == "kept"], [line[1:] for line in lines if line[0] == "told"]


def _check_kept(folder: Path, place: str, kept: list[str]) -> None:
    again = Store.open(folder, KEY, portable=place == "portable")
    assert again.connection.all("PRAGMA integrity_check") == [("ok",)]
    assert again.connection.all("PRAGMA cipher_integrity_check") == []
    assert set(kept) <= {held.id for held in again.find(Contact)}
    operations = again.connection.all("SELECT record_id FROM _operation WHERE entity = 'contact'")
    assert sorted(row[0] for row in operations) == sorted(held.id for held in again.find(Contact))
    again.close()


#: The first refused call and how many there are from one to the next: a save takes about 8, on a stick about 30.
_NOW_AND_THEN = {"installed": "9+31", "portable": "9+71"}

#: One of each place in an ordinary run, every fault with --long.
_ALWAYS = {("installed", "EIO"), ("portable", "EROFS")}


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize(
    ("place", "fault"),
    [
        pytest.param(place, fault, marks=() if (place, fault) in _ALWAYS else pytest.mark.long)
        for place in ("installed", "portable")
        for fault in ("EIO", "ENOSPC", "EROFS", "ENODEV")
    ],
)
def test_a_disk_that_refuses_now_and_then_loses_nothing(folder: Path, place: str, fault: str) -> None:
    """Refused now and then, whichever call it is: the save is told or kept, and kept for good."""
    store = Store.create(folder, KEY, prefix="TK07", portable=place == "portable")
    store.save(Customer(id=new_id(), display_name="Bäckerei"))
    store.close()
    kept, told = _save_on_a_bad_disk(folder, place, fault, _NOW_AND_THEN[place])
    assert len(kept) == 40
    assert len(told) >= 5
    assert all(title and safe and advice for _kind, title, safe, advice in told)
    assert {kind for kind, *_words in told} <= {"StoreError", "StoreFullError"}, told
    _check_kept(folder, place, kept)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize(
    ("place", "fault"),
    [
        pytest.param("portable", "EIO"),
        pytest.param("portable", "EROFS", marks=pytest.mark.long),
        pytest.param("installed", "EIO", marks=pytest.mark.long),
    ],
)
def test_a_stick_pulled_in_the_middle_of_a_save_keeps_what_was_said(
    folder: Path, place: str, fault: str, request: pytest.FixtureRequest
) -> None:
    """From one call on the device refuses everything: each save is told; plugged in again, what was kept is there."""
    store = Store.create(folder, KEY, prefix="TK07", portable=place == "portable")
    store.save(Customer(id=new_id(), display_name="Bäckerei"))
    store.close()
    everything: list[str] = []
    for first in range(40, 100, 3) if request.config.getoption("--long") else (83,):
        kept, told = _save_on_a_bad_disk(folder, place, fault, f"{first}+")
        everything += kept
        assert len(told) >= 20
        assert all(title and safe and advice for _kind, title, safe, advice in told)
        _check_kept(folder, place, everything)


def test_stick_pulled_out_is_told(folder: Path) -> None:
    """A folder that vanishes while the store is open: saving is refused with a sentence, not a crash."""
    store = Store.create(folder, KEY, prefix="TK07", portable=True)
    customer = Customer(id=new_id(), display_name="Bäckerei")
    store.save(customer)
    shutil.move(folder, folder.with_name("away"))
    with pytest.raises(StoreError) as caught:
        store.save(replace(customer, display_name="Weg"))
    assert "does not answer" in caught.value.title
    assert "still on the screen" in caught.value.safe
    store.close()


# --- files ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "size", [0, 1, attachments_module.PIECE_BYTES - 1, attachments_module.PIECE_BYTES, 2_200_000]
)
def test_file_comes_back(store: Store, size: int) -> None:
    """Bytes of every length around a piece's edge come back the same, and the same bytes are kept once."""
    data = os.urandom(size)
    sha256 = store.attach(data, "image/jpeg")
    assert store.attachment(sha256) == data
    assert store.attach(data, "image/jpeg") == sha256
    assert [held.byte_count for held in store.attachments.unsent()] == [size]


@pytest.mark.parametrize("damage", ["flip", "cut", "swap", "gone"])
def test_damaged_file_is_told(folder: Path, store: Store, damage: str) -> None:
    """A flipped bit, a cut, swapped or missing piece is noticed; other bytes are never given."""
    sha256 = store.attach(os.urandom(2_200_000), "image/jpeg")
    pieces = [file for file in (folder / "attachments").rglob("*") if file.is_file()]
    assert len(pieces) == 3
    first, second = pieces[0], pieces[1]
    if damage == "flip":
        held = bytearray(first.read_bytes())
        held[100] ^= 1
        first.write_bytes(held)
    elif damage == "cut":
        first.write_bytes(first.read_bytes()[:10])
    elif damage == "swap":
        one, two = first.read_bytes(), second.read_bytes()
        first.write_bytes(two)
        second.write_bytes(one)
    else:
        first.unlink()
    with pytest.raises(StoreError) as caught:
        store.attachment(sha256)
    assert caught.value.title


def test_unknown_file_is_told(store: Store) -> None:
    """A file that is not here says so and how to get it."""
    with pytest.raises(StoreError, match="not on this device"):
        store.attachment("0" * 64)
