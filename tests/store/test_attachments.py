"""Files of a store: what was taken out of its visit before it was sent leaves the device."""

from __future__ import annotations

from pathlib import Path

import pytest

from techkit.errors import StoreError
from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.records.visit import Attachment, Visit
from techkit.store.attachments import PIECE_BYTES
from techkit.store.database import Store
from techkit.store.outbox import Receipt


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
