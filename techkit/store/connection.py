"""The encrypted database file: open with its key, transactions, and the border for its errors.

SQLCipher through sqlcipher3; its exceptions are no sqlite3.Error, so they are translated here, once,
by `border`, and nowhere else. One connection, one lock: every call is serial, so there is one writer.

Installed: write-ahead log and synchronous FULL, so that an acknowledged save survives a power cut.
Portable (a stick): rollback journal and synchronous EXTRA, because a write-ahead log cannot be opened
from write-protected media and FULL loses the directory entry of the journal there
(docs/decisions/0010-store-files.md holds the measurement).
"""

from __future__ import annotations

import errno
import shutil
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from techkit.errors import StoreBusyError, StoreDamagedError, StoreError, StoreFullError
from techkit.i18n import _

if TYPE_CHECKING:
    from sqlite_utils import Database

#: How many values one question to the database names.
_CHUNK = 900

#: The database file in the store's folder.
FILE_NAME = "techkit.db"

#: How the folders begin in which damaged stores are set aside (backup.restore).
ASIDE = "damaged-"

#: Length of the raw database key in bytes (AES-256).
KEY_BYTES = 32

#: Page cache in KiB, negative as SQLite wants it: point reads as fast as plain SQLite (measured).
CACHE_KIB = -64 * 1024

#: Below this many free bytes an "I/O error" is read as "disk full": the same cause gives different
#: codes per journal mode.
FULL_BELOW_BYTES = 256 * 1024

#: How long SQLite itself waits for a lock of another process (a backup, a virus scanner), in ms.
BUSY_TIMEOUT_MS = 3000

_FULL = {"SQLITE_FULL"}
_DAMAGED = {"SQLITE_NOTADB", "SQLITE_CORRUPT"}
_BUSY = {"SQLITE_BUSY", "SQLITE_LOCKED"}


def full_disk() -> StoreFullError:
    """Return the error for a disk or stick without room."""
    return StoreFullError(
        _("Not saved: the disk is full."),
        safe=_("Everything saved before is safe, and what you typed is still on the screen."),
        advice=_("Free some space or choose another place, then save again."),
    )


def damaged() -> StoreDamagedError:
    """Return the error for a file that does not read as a store."""
    return StoreDamagedError(
        _("The stored visits cannot be read: the file is damaged or is not a techkit file."),
        safe=_("The file is left as it is; nothing is overwritten."),
        advice=_("Open the newest good backup, or take the file to the office."),
    )


def lost() -> StoreDamagedError:
    """Return the error for a store whose file is not there, but its backups are."""
    return StoreDamagedError(
        _("The file with the stored visits is not in its folder any more."),
        safe=_("Its backups are there."),
        advice=_("Open the newest good backup, or take the folder to the office."),
    )


def read_only() -> StoreError:
    """Return the error for a disk or stick that refuses writing."""
    return StoreError(
        _("Not saved: the disk or stick is write-protected."),
        safe=_("Everything saved before is safe and can be read."),
        advice=_("Remove the write protection, then save again."),
    )


def gone() -> StoreError:
    """Return the error for a folder that is not there any more."""
    return StoreError(
        _("The disk or stick with the visits does not answer."),
        safe=_("Everything saved before is safe on it, and what you typed is still on the screen."),
        advice=_("Plug it in again and save once more."),
    )


def busy() -> StoreBusyError:
    """Return the error for a store another program holds."""
    return StoreBusyError(
        _("Another techkit has these visits open."),
        safe=_("Nothing was changed."),
        advice=_("Close the other window, then try again."),
    )


def translate(error: BaseException, folder: Path, *, is_writing: bool = False) -> StoreError:
    """Return what an error of the database or the disk means, in a person's words.

    is_writing: something was being saved; sqlcipher3 tells no more than "I/O error" of a write that
    the system refused for another reason than a full disk (a quota, a loose cable).
    """
    name = str(getattr(error, "sqlite_errorname", ""))
    number = error.errno if isinstance(error, OSError) else None
    if not folder.exists():
        return gone()
    if any(name.startswith(known) for known in _DAMAGED):
        return damaged()
    if any(name.startswith(known) for known in _BUSY):
        return busy()
    if number in (errno.EROFS, errno.EACCES, errno.EPERM) or name.startswith("SQLITE_READONLY"):
        return read_only()
    try:
        is_full = shutil.disk_usage(folder).free < FULL_BELOW_BYTES
    except OSError:
        return gone()
    if name in _FULL or number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or is_full:
        return full_disk()
    if is_writing and name.startswith("SQLITE_IOERR"):
        return StoreError(
            _("Not saved: the disk or stick does not take what is written."),
            safe=_("Everything saved before is safe, and what you typed is still on the screen."),
            advice=_("Look whether it is full, over its quota or loose, then save again."),
            code=name,
        )
    return StoreError(
        _("The stored visits could not be read or written."),
        safe=_("Everything saved before is safe."),
        advice=_("Try again; if it stays, close techkit and open the newest backup."),
        code=name or str(number or ""),
        error=str(error),
    )


@contextmanager
def border(folder: Path, *, is_writing: bool = False) -> Iterator[None]:
    """Translate every error of the database and the disk inside the block into a StoreError."""
    driver = _driver()
    try:
        yield
    except driver.ProgrammingError:
        raise  # a fault of techkit: a closed connection, a wrong statement
    except (driver.Error, OSError) as error:
        raise translate(error, folder, is_writing=is_writing) from error


def _driver() -> Any:
    """Return sqlcipher3's DB-API module, made known to sqlite-utils before that is imported.

    sqlite-utils prefers a module named pysqlite3; otherwise it would catch errors of another family.
    """
    from sqlcipher3 import dbapi2  # loaded late: not needed before the first paint

    sys.modules.setdefault("pysqlite3", dbapi2)
    sys.modules.setdefault("pysqlite3.dbapi2", dbapi2)
    return dbapi2


class Connection:
    """One keyed connection, shared by all threads under one lock.

    path: the database file. key: 32 raw bytes. portable: the file lives on a stick.
    Raises: StoreDamagedError (also for a wrong key), StoreError.
    """

    def __init__(self, path: Path, key: bytes, *, portable: bool = False, read_only: bool = False) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"the key has {KEY_BYTES} bytes")
        self.path = path
        self.folder = path.parent
        self.lock = threading.RLock()
        self.is_read_only = read_only
        self._depth = 0
        self._functions: set[str] = set()
        driver = _driver()
        with border(self.folder):
            uri = f"{path.resolve().as_uri()}?mode={'ro' if read_only else 'rwc'}"
            self.raw = driver.connect(
                uri, uri=True, isolation_level=None, check_same_thread=False, cached_statements=512
            )
            try:
                self._set_up(key, portable=portable, read_only=read_only)
            except BaseException:
                self.raw.close()
                raise

    def _set_up(self, key: bytes, *, portable: bool, read_only: bool) -> None:
        pragma = self.raw.execute
        pragma(f"PRAGMA key = \"x'{key.hex()}'\"")
        pragma("PRAGMA cipher_log_level = NONE")  # it writes to standard error otherwise
        pragma("PRAGMA cipher_log = off")
        pragma("PRAGMA temp_store = MEMORY")  # or clear text reaches /var/tmp
        pragma(f"PRAGMA cache_size = {CACHE_KIB}")
        pragma(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        is_made = pragma("SELECT 1 FROM sqlite_master WHERE name = '_meta'").fetchone()  # or the key is wrong
        pragma("PRAGMA trusted_schema = OFF")
        pragma("PRAGMA recursive_triggers = ON")
        if read_only:
            return
        if is_made and not portable:
            # Made for a stick and opened by a techkit of the computer: it stays on the stick.
            made_for = pragma("SELECT value FROM _meta WHERE key = 'portable'").fetchone()
            portable = made_for is not None and made_for[0] == "1"
        pragma(f"PRAGMA journal_mode = {'DELETE' if portable else 'WAL'}")
        pragma(f"PRAGMA synchronous = {'EXTRA' if portable else 'FULL'}")
        # In pages, 32 MB: a first sync of ten thousand changes does not wait for the log to be folded in.
        pragma("PRAGMA wal_autocheckpoint = 8000")

    def utils(self) -> Database:
        """Return sqlite-utils' view of this connection; for making and changing tables."""
        from sqlite_utils import Database  # loaded late: 97 ms, and only a changed declaration needs it

        return Database(self.raw, recursive_triggers=False, strict=True)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the lock and one transaction; all of it is on disk when the block ends, or none.

        A transaction inside a transaction joins the outer one.
        Raises: StoreFullError, StoreError and its family.
        """
        with self.lock, border(self.folder, is_writing=True):
            if self._depth:
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1
                return
            self.raw.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield
                self.raw.execute("COMMIT")
            except BaseException:
                if self.raw.in_transaction:
                    self.raw.execute("ROLLBACK")
                raise
            finally:
                self._depth = 0

    def execute(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Run one statement inside a transaction of the caller; values are bound, never pasted."""
        self.raw.execute(sql, values)

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> int:
        """Run one statement for every row; return how many rows it made or changed."""
        return int(self.raw.executemany(sql, rows).rowcount) if rows else 0

    def all(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return every row of a query."""
        with self.lock, border(self.folder):
            found: list[tuple[Any, ...]] = self.raw.execute(sql, values).fetchall()
            return found

    def among(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return every row of a query that ends in "IN", for these values, however many."""
        rows: list[tuple[Any, ...]] = []
        for start in range(0, len(values), _CHUNK):
            part = values[start : start + _CHUNK]
            rows += self.all(f"{sql} ({', '.join('?' * len(part))})", part)
        return rows

    def each(self, sql: str, values: Sequence[Any] = ()) -> Generator[tuple[Any, ...]]:
        """Yield the rows of a query, inside a transaction of the caller; who ends early leaves the rest unread."""
        cursor = self.raw.execute(sql, values)
        try:
            yield from cursor
        finally:
            cursor.close()

    def one(self, sql: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """Return the first row of a query, None when there is none."""
        with self.lock, border(self.folder):
            found: tuple[Any, ...] | None = self.raw.execute(sql, values).fetchone()
            return found

    def add_function(self, name: str, call: Callable[[Any], Any]) -> None:
        """Let statements use a pure function of one value by this name; done once, a repeat does nothing.

        Not while a statement runs: SQLite refuses to touch a function that may be in use.
        """
        with self.lock, border(self.folder):
            if name not in self._functions:
                self.raw.create_function(name, 1, call, deterministic=True)
                self._functions.add(name)

    def rewrite(self) -> None:
        """Write the whole file anew, so that nothing that was deleted stands in it any more, nor in its log.

        Rows without a key of their own get other numbers. Raises: StoreFullError, StoreError.
        """
        with self.lock, border(self.folder, is_writing=True):
            self.raw.execute("VACUUM")
            self.raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close the file; a second call does nothing. The write-ahead log is folded in."""
        with self.lock, border(self.folder):
            self.raw.close()
