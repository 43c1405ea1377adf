"""Rolling backups of the store, and the way back from a damaged one.

A backup is a copy of the encrypted database under the same key, made through SQLite's backup interface
while work goes on, checked by opening it before it gets its name. A damaged store is never overwritten:
it is set aside with the date, and the newest good backup takes its place, with what can still be read of the
damaged one (salvage.py). Operations that were acknowledged since come back with the next sync.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from techkit.errors import StoreError
from techkit.i18n import _
from techkit.store.connection import ASIDE, FILE_NAME, Connection, border, damaged

#: The folder beside the store, and how its files are called (UTC).
FOLDER_NAME = "backups"
_SUSPECT = "techkit.suspect"
_NAME = "techkit-%Y%m%d-%H%M%S.db"

#: What is kept (PROMISES L8): the last few, then one for each of so many days, weeks and months.
NEWEST, DAILY, WEEKLY, MONTHLY = 3, 12, 10, 9

#: All backups together take at most this much; the oldest go first, the newest three stay.
MOST_BYTES = 2 * 1024**3

#: So many pages are copied before others may use the database again: a save waits at most some 10 ms.
_PAGES_AT_ONCE = 250

#: How long the database is left to others between two pieces; long enough for a thread that waits to wake up. Ours.
_PAUSE_S = 0.001


def make(connection: Connection, key: bytes, moment: datetime | None = None) -> Path:
    """Make a backup, check it, drop what is not to be kept; return its file.

    Raises: StoreFullError, StoreError; then there is no new backup and nothing else changed.
    """
    folder = connection.folder / FOLDER_NAME
    name = (moment or datetime.now(UTC)).strftime(_NAME)
    with border(connection.folder, is_writing=True):
        folder.mkdir(mode=0o700, exist_ok=True)
        fresh = folder / f"{name}.new"
        fresh.unlink(missing_ok=True)
        try:
            _copy(connection, fresh, key)
            check(fresh, key)
            fresh.replace(folder / name)
            _flush(folder)
        finally:
            for leftover in folder.glob(f"{name}.new*"):
                leftover.unlink(missing_ok=True)
        for path in _too_many(every(connection.folder)):
            path.unlink(missing_ok=True)
    return folder / name


def replace_all(connection: Connection, key: bytes) -> None:
    """Put one new backup in the place of all there are, and of stores set aside as damaged; nothing where there are none.

    For a customer who was removed for good: they would bring them back. Raises: StoreFullError, StoreError; then the
    old ones stay.
    """
    folder = connection.folder
    old, aside = every(folder), sorted(folder.glob(f"{ASIDE}*"))
    if not old and not aside:
        return
    fresh = make(connection, key)
    with border(folder, is_writing=True):
        for path in old:
            if path != fresh:
                path.unlink(missing_ok=True)
        for path in aside:
            shutil.rmtree(path)
        _flush(folder)


def _copy(connection: Connection, target: Path, key: bytes) -> None:
    copy = Connection(target, key, portable=True)  # a rollback journal: one file and nothing beside it

    def let_others(_status: int, _left: int, _whole: int) -> None:
        # Whoever writes meanwhile writes through the same connection, so that SQLite takes it into the copy too.
        connection.lock.release()
        time.sleep(_PAUSE_S)
        connection.lock.acquire()

    try:
        with connection.lock:
            connection.raw.backup(copy.raw, pages=_PAGES_AT_ONCE, progress=let_others)
        copy.raw.execute("PRAGMA journal_mode = DELETE")
    finally:
        copy.close()
    _flush(target)


def check(path: Path, key: bytes) -> None:
    """Look whether a file is a whole store under this key. Raises: StoreDamagedError, StoreError."""
    held = Connection(path, key, read_only=True)
    try:
        is_whole = (
            held.all("PRAGMA cipher_integrity_check") == []
            and held.all("PRAGMA quick_check") == [("ok",)]
            and held.one("SELECT 1 FROM _meta WHERE key = 'schema'") is not None
        )
    finally:
        held.close()
    if not is_whole:
        raise damaged()


def suspect(folder: Path) -> None:
    """Have the store looked through before it is opened the next time: a page of it did not read."""
    with border(folder, is_writing=True):
        (folder / _SUSPECT).touch()


def look_through(folder: Path, key: bytes) -> None:
    """Look through a store that is suspected to be damaged. Raises: StoreDamagedError, StoreError."""
    if (folder / _SUSPECT).exists():
        check(folder / FILE_NAME, key)
        with border(folder, is_writing=True):
            (folder / _SUSPECT).unlink()


def every(folder: Path, now: datetime | None = None) -> list[Path]:
    """Return the backups of a store's folder, newest first.

    What was made while the clock was ahead comes last: it holds less than what was made since, and stops no new one.
    """
    today = f"{now or datetime.now(UTC):{_NAME}}"
    found = (folder / FOLDER_NAME).glob("techkit-*.db")
    return sorted(found, key=lambda path: (path.name <= today, path.name), reverse=True)


def made_at(path: Path) -> datetime | None:
    """Return when a backup was made, None for another file."""
    try:
        return datetime.strptime(path.name, _NAME).replace(tzinfo=UTC)
    except ValueError:
        return None


def newest_good(folder: Path, key: bytes) -> Path | None:
    """Return the newest backup that opens and is whole, None when there is none."""
    for path in every(folder):
        try:
            check(path, key)
        except StoreError:
            continue
        return path
    return None


def restore(folder: Path, key: bytes, backup: Path, complete: Callable[[Path], object] | None = None) -> Path:
    """Put a backup in the store's place; return where the damaged store was set aside.

    The store must be closed. Everything beside the database (files, keys, backups) stays. After it the
    service recognises this device as set back; it is enrolled anew and fetches what it had sent.
    complete: called with the copy that will be the store, while the damaged one is still in its place.
    Raises: StoreError when the backup is not good; then nothing changed.
    """
    check(backup, key)
    aside = folder / f"{ASIDE}{datetime.now(UTC):%Y%m%d-%H%M%S}"
    with border(folder, is_writing=True):
        fresh = folder / f"{FILE_NAME}.new"
        shutil.copyfile(backup, fresh)
        if complete is not None:
            complete(fresh)
        aside.mkdir(mode=0o700, exist_ok=True)
        # The database first: interrupted here there is none, and that is known for a loss. Without its log it would
        # open, and be older than anybody knows.
        for name in (FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm", f"{FILE_NAME}-journal"):
            if (folder / name).exists():
                (folder / name).replace(aside / name)
        put_in_place(fresh, folder / FILE_NAME)
        (folder / _SUSPECT).unlink(missing_ok=True)
    return aside


def put_in_place(fresh: Path, place: Path) -> None:
    """Give a whole file its name, so that after a power cut there is all of it or none. Raises: StoreError."""
    with border(place.parent, is_writing=True):
        _flush(fresh)
        fresh.replace(place)
        _flush(place.parent)


def _flush(path: Path) -> None:
    """Bring a file or a folder's names down to the disk; Windows does it with the file itself."""
    if os.name == "posix":
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def kept(moments: Sequence[datetime]) -> set[datetime]:
    """Return which of these backups stay: the last few, and the newest of each day, week and month."""
    newest = sorted(moments, reverse=True)
    stay = set(newest[:NEWEST])
    for count, part in ((DAILY, "%Y-%m-%d"), (WEEKLY, "%G-%V"), (MONTHLY, "%Y-%m")):
        first: dict[str, datetime] = {}
        for moment in newest:
            first.setdefault(moment.strftime(part), moment)
        stay.update(list(first.values())[:count])
    return stay


def _too_many(paths: Sequence[Path]) -> list[Path]:
    """Return the backups that go: those not to be kept, and the oldest above the size allowed."""
    moments = {moment: path for path in paths if (moment := made_at(path)) is not None}
    stay = kept(list(moments))
    gone = [path for moment, path in moments.items() if moment not in stay]
    total = 0
    for index, moment in enumerate(sorted(stay, reverse=True)):
        total += moments[moment].stat().st_size
        if total > MOST_BYTES and index >= NEWEST:
            gone.append(moments[moment])
    return gone


def is_due(folder: Path, interval_min: int, now: datetime | None = None) -> bool:
    """Return whether the newest backup is older than the interval, or there is none."""
    now = now or datetime.now(UTC)
    moment = next((made for path in every(folder, now) if (made := made_at(path)) is not None), None)
    return moment is None or moment > now or now - moment >= timedelta(minutes=interval_min)


def missing() -> StoreError:
    """Return the error for a damaged store without a good backup."""
    return StoreError(
        _("There is no good backup of these visits on this device."),
        safe=_("The damaged file is left as it is; what was sent is at the office."),
        advice=_("Take the file to the office, or start anew and sync."),
    )
