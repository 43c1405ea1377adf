"""Upkeep: the search index and the backups are looked after by themselves, and trouble is said once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from techkit.errors import StoreFullError, TechkitError
from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.records.visit import Attachment
from techkit.store import backup
from techkit.store.database import Store
from techkit.ui.presenters import upkeep
from techkit.ui.presenters.surroundings import Surroundings
from techkit.ui.presenters.upkeep import Upkeep
from tests.ui.presenters.conftest import StillClock


class Told:
    def __init__(self) -> None:
        self.errors: list[TechkitError] = []

    def __call__(self, error: TechkitError) -> None:
        self.errors.append(error)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def tended(world: Callable[..., Surroundings], told: Told) -> Iterator[Upkeep]:
    made = Upkeep(world(), told)
    yield made
    made.close()


def tend_all(tended: Upkeep) -> int:
    """Return how many pieces of work there were in one quiet quarter of an hour."""
    count = 0
    while tended.tend():
        count += 1
        assert count < 100
    return count


def is_behind(store: Store) -> bool:
    return store.refresh_search(1)


def test_the_search_index_is_brought_up_to_date(
    tended: Upkeep, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was saved is put into the index in small pieces, so that no search has to do it."""
    monkeypatch.setattr(upkeep, "AT_ONCE", 10)
    tend_all(tended)
    store.save(*(Customer(id=new_id(), display_name=f"Customer {n}") for n in range(35)))
    assert tend_all(tended) >= 4
    assert not is_behind(store)


def test_a_photo_taken_out_before_a_crash_goes_after_the_start(tended: Upkeep, store: Store) -> None:
    """Nobody can bring it back any more: the first quiet moment removes it."""
    photo = Attachment(id=new_id(), sha256=store.attach(b"wrong person", "image/jpeg"), byte_count=12)
    store.save(photo)
    store.remove(photo, "Taken back on site.")
    tend_all(tended)
    assert store.attachments.find(photo.sha256) is None


def test_what_a_crash_left_of_a_file_goes_after_the_start(tended: Upkeep, store: Store) -> None:
    """A piece no row names, of a file that was being attached."""
    piece = store.folder / "attachments" / "0f" / ("e" * 38)
    piece.parent.mkdir(parents=True)
    piece.write_bytes(b"sealed")
    tend_all(tended)
    assert not piece.exists()


def test_a_backup_is_made_and_again_only_after_changes_and_time(
    tended: Upkeep, store: Store, clock: StillClock
) -> None:
    """The first quiet moment makes one; afterwards it is looked each minute, and nothing is made without need."""
    store.save(Customer(id=new_id(), display_name="Odalys Brandt"))
    tend_all(tended)
    assert len(backup.every(store.folder)) == 1
    clock.pass_s(120)
    assert tend_all(tended) == 1
    assert len(backup.every(store.folder)) == 1


def test_a_backup_that_fails_is_said_once_and_tried_again(
    tended: Upkeep, store: Store, clock: StillClock, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence with what happened, what is safe and what to do; not every ten minutes anew."""
    store.save(Customer(id=new_id(), display_name="Odalys Brandt"))
    (store.folder / backup.FOLDER_NAME).write_text("a file where the folder should be")
    tend_all(tended)
    for _time in range(3):
        clock.pass_s(700)
        assert tend_all(tended) == 1
    assert len(told.errors) == 1
    error = told.errors[0]
    assert error.title.startswith("The backup of your visits could not be made: ")
    assert error.safe == "The visits themselves are saved, and so are earlier backups."
    assert error.advice
    (store.folder / backup.FOLDER_NAME).unlink()
    clock.pass_s(700)
    tend_all(tended)
    assert len(backup.every(store.folder)) == 1
    monkeypatch.setattr(backup, "make", _full)
    monkeypatch.setattr(backup, "is_due", lambda *_arguments: True)
    store.save(Customer(id=new_id(), display_name="Another"))
    clock.pass_s(700)
    tend_all(tended)
    assert len(told.errors) == 2
    assert "no room" in told.errors[1].sentences()


def _full(*_arguments: object) -> None:
    raise StoreFullError("The disk has no room.", safe="", advice="Make some room.")


def test_nothing_is_begun_after_the_end(tended: Upkeep, store: Store) -> None:
    """Once it is closed, quiet moments do nothing, whatever changes."""
    tend_all(tended)
    tended.close()
    store.save(Customer(id=new_id(), display_name="Late"))
    assert not tended.tend()


def test_the_store_is_closed_after_a_backup_that_is_being_made(
    world: Callable[..., Surroundings], store: Store, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Locking in the middle of a backup neither breaks the backup nor leaves the store open."""
    store.save(Customer(id=new_id(), display_name="Odalys Brandt"))
    began, go_on, order = threading.Event(), threading.Event(), []

    def slow() -> None:
        began.set()
        assert go_on.wait(10)
        order.append("backup")

    surroundings = world()
    made = Upkeep(surroundings, told)
    while made.tend():
        pass
    made._looks_again_at = 0.0
    monkeypatch.setattr(store, "back_up_if_due", slow)
    working = threading.Thread(target=made.tend)
    working.start()
    assert began.wait(10)
    made.close()

    def close() -> None:
        made.close_store()
        order.append("closed")

    closing = threading.Thread(target=close)
    closing.start()
    go_on.set()
    working.join(10)
    closing.join(10)
    assert order == ["backup", "closed"]
