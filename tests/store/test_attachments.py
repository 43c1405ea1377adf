"""Files of a store: what was taken out of its visit before it was sent leaves the device, and what a crash left."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from techkit.errors import StoreError, StoreFullError
from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.records.visit import Attachment, Visit
from techkit.store.attachments import PIECE_BYTES, Attachments
from techkit.store.connection import ASIDE
from techkit.store.database import Store
from techkit.store.outbox import Receipt
from tests.stores import KEY


def photo_of(store: Store, data: bytes) -> Attachment:
    """Keep a visit with one photo."""
    customer = Customer(id=new_id(), display_name="Quarrystone Architects")
    visit = Visit(id=new_id(), customer_id=customer.id, number=store.next_number(2026))
    photo = Attachment(
        id=new_id(), visit_id=visit.id, sha256=store.attach(data, "image/jpeg"), byte_count=len(data),
        media_type="image/jpeg",
    )  # fmt: skip
    store.save(customer, visit, photo)
    return photo


def on_disk(store: Store) -> int:
    """Return how many pieces of files the store's folder holds."""
    return sum(path.is_file() for path in (store.folder / "attachments").rglob("*"))


def test_a_photo_taken_out_before_it_was_sent_leaves_the_device(store: Store) -> None:
    """Its pieces and what is known of it are gone; a photo that stays, stays."""
    kept, gone = photo_of(store, b"kept"), photo_of(store, b"gone" * PIECE_BYTES)
    assert on_disk(store) == 5
    store.remove(gone, "wrong person")
    assert store.attachments.discard_removed() == 1
    assert (on_disk(store), store.attachments.find(gone.sha256)) == (1, None)
    assert store.attachment(kept.sha256) == b"kept"
    assert store.attachments.discard_removed() == 0


def test_bytes_another_entry_names_stay_until_that_is_removed_too(store: Store) -> None:
    """The same photo in two visits is kept once, and goes with the second."""
    first, second = photo_of(store, b"twice"), photo_of(store, b"twice")
    store.remove(first, "twice")
    assert store.attachments.discard_removed() == 0
    assert store.attachment(second.sha256) == b"twice"
    store.remove(second, "wrong visit")
    store.attachments.let_go([second.sha256])
    assert store.attachments.discard_removed() == 1
    assert on_disk(store) == 0


def test_while_undo_may_bring_it_back_a_photo_stays(store: Store) -> None:
    """Nor does one go whose bytes were just added again, before their record was written."""
    photo = photo_of(store, b"undo")
    store.attachments.spare(photo.sha256)
    store.remove(photo, "Taken back on site.")
    assert store.attachments.discard_removed() == 0
    store.restore(photo)
    assert store.attachment(photo.sha256) == b"undo"
    store.attachments.let_go([photo.sha256])
    store.remove(photo, "Taken back on site.")
    store.attach(b"undo", "image/jpeg")
    assert store.attachments.discard_removed() == 0


def test_a_photo_that_left_and_is_added_again_waits_for_its_record(store: Store) -> None:
    """A sync that looks for what is to go finds its bytes before the new record is written, and leaves them."""
    gone = photo_of(store, b"again")
    store.remove(gone, "wrong visit")
    assert store.attachments.discard_removed() == 1
    sha256 = store.attach(b"again", "image/jpeg")
    assert store.attachments.discard_removed() == 0
    assert store.attachment(sha256) == b"again"


def test_a_removal_the_service_may_refuse_keeps_the_photo(store: Store) -> None:
    """The service may know the record already; until it knows of the removal too, the photo may have to be sent."""
    photo = photo_of(store, b"known")
    store.outbox.next_piece()
    store.remove(photo, "wrong person")
    assert store.attachments.discard_removed() == 0
    waiting = store.outbox.next_piece()
    with store.connection.transaction():
        store.outbox.acknowledge([(one.place, Receipt(one.key, one.scope, 1, one.hlc)) for one in waiting])
    assert store.attachments.discard_removed() == 1


def test_what_a_crash_left_of_a_photo_goes_the_next_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Died, or could not go on, between its pieces: the row still names it, and the next sweep takes the rest."""
    photo = photo_of(store, b"gone" * PIECE_BYTES)
    store.remove(photo, "wrong person")
    real, taken = Path.unlink, []

    def unlink(self: Path, missing_ok: bool = False) -> None:
        if len(taken) == 2:
            raise PermissionError(13, "in use", str(self))
        taken.append(self)
        real(self, missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)
    assert store.attachments.discard_removed() == 0
    assert (on_disk(store), store.attachments.unsent()) == (2, [])
    with pytest.raises(StoreError):
        store.attachment(photo.sha256)
    monkeypatch.undo()
    assert store.attachments.discard_removed() == 1
    assert (on_disk(store), store.attachments.find(photo.sha256)) == (0, None)


#: Keeps a file of three pieces and dies (-9) at the n-th flush: each piece is flushed, and so is its name.
_DIES = """
import os, signal, sys
from pathlib import Path
from techkit.store.database import Store

store, left, real = Store.open(Path(sys.argv[1]), bytes.fromhex(sys.argv[2])), int(sys.argv[3]), os.fsync

def flush(handle):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    real(handle)

os.fsync = flush
store.attach(bytes(2 * 1024 * 1024 + 1), "image/jpeg")
print("lived")
"""


def _die_while_attaching(folder: Path, flush: int) -> bool:
    """Return whether the process died before its file was kept."""
    command = [sys.executable, "-c", _DIES, str(folder), KEY.hex(), str(flush)]
    played = subprocess.run(command, capture_output=True, check=False, text=True)
    assert not played.stderr
    return played.returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform == "win32", reason="no process ends by SIGKILL there")
def test_killed_while_a_file_is_attached_its_pieces_go_at_the_next_start(
    store: Store, folder: Path, request: pytest.FixtureRequest
) -> None:
    """A piece not yet named, whole ones, all of them without their row: each goes, and what is named stays."""
    photo = photo_of(store, b"kept")
    (folder / "attachments" / "notes.txt").write_text("somebody else's")
    store.close()
    for flush in range(1, 7) if request.config.getoption("--long") else [3]:
        assert _die_while_attaching(folder, flush)
        again = Store.open(folder, KEY)
        assert on_disk(again) == 2 + (flush + 1) // 2
        assert again.attachments.clear_leftovers() == (flush + 1) // 2
        assert (on_disk(again), again.attachment(photo.sha256)) == (2, b"kept")
        again.close()


def _leave_piece(store: Store, sha256: str, number: int = 0) -> None:
    """Put a piece where a file's would be, as a crash leaves it."""
    path = store.attachments._path(sha256, number)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"sealed")


def test_what_a_crash_left_of_a_file_let_go_is_removed_too(store: Store, folder: Path) -> None:
    """The row says that the bytes are not here, as it does before they go."""
    photo = photo_of(store, b"freed")
    store.attachments.note_present(photo.sha256)
    assert store.attachments.free(photo.sha256)
    store.close()
    again = Store.open(folder, KEY)
    _leave_piece(again, photo.sha256)
    assert (again.attachments.clear_leftovers(), on_disk(again)) == (1, 0)
    again.close()


def test_pieces_that_may_still_be_wanted_stay(store: Store, folder: Path) -> None:
    """A record names them though their row is missing; or a damaged store lies beside, whose rows may still be read."""
    photo = photo_of(store, b"restored")
    with store.connection.transaction():
        store.connection.execute("DELETE FROM _file")
    store.close()
    again = Store.open(folder, KEY)
    assert (again.attachments.clear_leftovers(), on_disk(again)) == (0, 1)
    again.close()
    (folder / f"{ASIDE}20261123-101500").mkdir()
    once_more = Store.open(folder, KEY)
    _leave_piece(once_more, "f" * 64)
    assert (once_more.attachments.clear_leftovers(), on_disk(once_more)) == (0, 2)
    assert photo.sha256
    once_more.close()


def test_a_file_being_written_is_left_alone(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leftovers are cleared between any two pieces of it, and no piece of it is taken for one."""
    real, cleared = Attachments._write, []

    def write(self: Attachments, path: Path, sealed: bytes) -> None:
        real(self, path, sealed)
        _leave_piece(store, "f" * 64)
        self._is_cleared = False
        cleared.append(self.clear_leftovers())

    monkeypatch.setattr(Attachments, "_write", write)
    data = b"long" * PIECE_BYTES
    assert store.attachment(store.attach(data, "image/jpeg")) == data
    assert cleared == [1, 1, 1, 1]


def test_a_file_that_could_not_be_kept_leaves_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full at the third piece: the two before it do not fill it on."""
    real, pieces = Attachments._write, []

    def write(self: Attachments, path: Path, sealed: bytes) -> None:
        pieces.append(path)
        if len(pieces) == 3:
            path.parent.mkdir(exist_ok=True)
            path.with_suffix(".new").write_bytes(sealed[:1000])
            raise OSError(errno.ENOSPC, "No space left on device")
        real(self, path, sealed)

    monkeypatch.setattr(Attachments, "_write", write)
    with pytest.raises(StoreFullError):
        store.attach(b"long" * PIECE_BYTES, "image/jpeg")
    assert on_disk(store) == 0
    monkeypatch.undo()
    data = b"long" * PIECE_BYTES
    assert store.attachment(store.attach(data, "image/jpeg")) == data
