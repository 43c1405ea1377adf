"""Files of visits: kept once by their SHA-256, encrypted in pieces of 1 MiB.

The key is derived from the database key, so the two open together. A piece is AES-256-GCM with a
random nonce in front; the file's hash, the piece's number and the number of pieces are authenticated,
so that pieces cannot be swapped or left out. A piece's file name is an HMAC of hash and number: the
folder tells nothing about what is in it.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import itertools
import os
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from techkit.errors import FileDamagedError, StoreError
from techkit.i18n import _
from techkit.store.connection import ASIDE, Connection, border

#: Size of a piece before encryption (SYNC.md, "Blobs").
PIECE_BYTES = 1024 * 1024

_NONCE_BYTES = 12

_SELECT = "SELECT sha256, byte_count, media_type, sent_bytes, present_at, is_here FROM _file"
#: Files to send; one whose record was taken out of its visit again stays here.
_UNSENT = (
    "present_at IS NULL AND is_here = 1 AND (sha256 NOT IN (SELECT sha256 FROM attachment) "
    "OR sha256 IN (SELECT sha256 FROM attachment WHERE NOT _removed))"
)

#: Files no more than begun to be sent, every record of which here was removed for good: never offered to the service, or
#: removed there too, and nobody has to decide about it.
_REMOVED = (
    "present_at IS NULL AND is_here = 1 AND sha256 IN (SELECT sha256 FROM attachment WHERE _removed) "
    "AND sha256 NOT IN (SELECT a.sha256 FROM attachment a WHERE NOT a._removed "
    "OR a.id IN (SELECT record_id FROM _conflict WHERE decided_by = '') "
    "OR (a.id IN (SELECT record_id FROM _pending) AND EXISTS (SELECT 1 FROM _operation o "
    "LEFT JOIN _pending p USING (place) WHERE o.record_id = a.id AND (p.place IS NULL OR p.is_offered = 1))))"
)

#: How long a file without a record is kept, in seconds.
_NAMELESS_S = 24 * 60 * 60

#: What a piece is called below the folder, whole or still being written; anything else there is not ours.
_PIECE_NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{38}(\.new)?")


@dataclass(frozen=True)
class StoredFile:
    """One file. present_at: when the service said that it holds the whole, None before."""

    sha256: str
    byte_count: int
    media_type: str
    sent_bytes: int
    present_at: int | None
    is_here: bool


class Attachments:
    """The files of one store. Raises: StoreFullError, StoreError."""

    def __init__(self, connection: Connection, folder: Path, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # loaded late

        self._connection = connection
        self._folder = folder
        self._cipher = AESGCM(_derive(key, b"techkit attachments content"))
        self._name_key = _derive(key, b"techkit attachments names")
        self._spared: set[str] = set()
        #: How often each file is being written just now, and the names of all pieces written since the start.
        self._under_way: Counter[str] = Counter()
        self._written: set[str] = set()
        self._is_cleared = False

    def put(self, data: bytes, media_type: str) -> str:
        """Keep bytes; return their SHA-256 in hex. Pieces are on disk before the row names them.

        After an error none of them stays; what a crash leaves, `clear_leftovers` finds.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        pieces = [data[at : at + PIECE_BYTES] for at in range(0, len(data), PIECE_BYTES)] or [b""]
        names = {self._name(sha256, number) for number in range(len(pieces))}
        with self._connection.lock:
            found = self.find(sha256)
            if found is not None and found.is_here:
                self._spared.add(sha256)  # its record is still to be written
                return sha256
            self._under_way[sha256] += 1
            self._written |= names
        try:
            with border(self._connection.folder):
                for number, piece in enumerate(pieces):
                    nonce = os.urandom(_NONCE_BYTES)
                    mark = _mark(sha256, number, len(pieces))
                    self._write(self._path(sha256, number), nonce + self._cipher.encrypt(nonce, piece, mark))
            with self._connection.transaction():
                if self._connection.one("SELECT 1 FROM attachment WHERE sha256 = ? LIMIT 1", (sha256,)):
                    self._spared.add(sha256)  # a record named it once; the new one is still to be written
                self._connection.execute(
                    "INSERT INTO _file (sha256, byte_count, media_type, made_at, sent_bytes, is_here) "
                    "VALUES (?, ?, ?, ?, 0, 1) ON CONFLICT (sha256) DO UPDATE SET is_here = 1",
                    (sha256, len(data), media_type, int(time.time())),
                )
        except BaseException:
            with contextlib.suppress(StoreError):  # cannot be removed either: the next start does it
                self._give_up(sha256, names)
            raise
        finally:
            with self._connection.lock:
                self._under_way[sha256] -= 1
        return sha256

    def _give_up(self, sha256: str, names: set[str]) -> None:
        """Remove the pieces of a file that could not be kept, unless somebody else keeps the same bytes."""
        with self._connection.lock:
            found = self.find(sha256)
            if self._under_way[sha256] == 1 and (found is None or not found.is_here):
                self._unlink_named(itertools.chain(names, (f"{name}.new" for name in names)))

    def adopt(self, sha256: str, byte_count: int, media_type: str) -> None:
        """Know a file again whose pieces are here, inside the caller's transaction; the service is asked for it."""
        count = max(1, -(-byte_count // PIECE_BYTES))
        if all(self._path(sha256, number).exists() for number in range(count)):
            self._connection.execute(
                "INSERT INTO _file (sha256, byte_count, media_type, made_at, sent_bytes, is_here) "
                "VALUES (?, ?, ?, ?, 0, 1) ON CONFLICT (sha256) DO NOTHING",
                (sha256, byte_count, media_type, int(time.time())),
            )

    def get(self, sha256: str) -> bytes:
        """Return a file's bytes. Raises: StoreError when they are not here or not intact."""
        data = b"".join(self.pieces(sha256))
        if hashlib.sha256(data).hexdigest() != sha256:
            raise _not_intact()
        return data

    def pieces(self, sha256: str, start: int = 0) -> Iterator[bytes]:
        """Yield a file's pieces from number `start`. Raises: StoreError."""
        from cryptography.exceptions import InvalidTag

        found = self.find(sha256)
        if found is None or not found.is_here:
            raise StoreError(
                _("This file is not on this device."),
                advice=_("Fetch it in its visit, if the office has it."),
            )
        count = max(1, -(-found.byte_count // PIECE_BYTES))
        for number in range(start, count):
            try:
                with border(self._connection.folder):
                    sealed = self._path(sha256, number).read_bytes()
            except StoreError as error:
                if self._folder.is_dir():
                    raise _not_intact() from error
                raise
            try:
                yield self._cipher.decrypt(
                    sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _mark(sha256, number, count)
                )
            except (InvalidTag, ValueError) as error:
                raise _not_intact() from error

    def find(self, sha256: str) -> StoredFile | None:
        """Return what is known of a file, None when nothing."""
        row = self._connection.one(f"{_SELECT} WHERE sha256 = ?", (sha256,))
        return _stored(row) if row else None

    def away(self, sha256s: Iterable[str]) -> frozenset[str]:
        """Return which of these files are not on this device."""
        found = ((sha256, self.find(sha256)) for sha256 in sha256s)
        return frozenset(sha256 for sha256, stored in found if stored is None or not stored.is_here)

    def unsent(self) -> list[StoredFile]:
        """Return the files the service does not hold whole, smallest first: signatures, then photos.

        A photo that was taken out of its visit again is not sent.
        """
        rows = self._connection.all(f"{_SELECT} WHERE {_UNSENT} ORDER BY byte_count, sha256")
        return [_stored(row) for row in rows]

    def is_unsent(self, sha256: str) -> bool:
        """Return whether a file is still to be sent: it may have been taken out of its visit meanwhile."""
        found = self._connection.one(f"SELECT 1 FROM _file WHERE sha256 = ? AND {_UNSENT}", (sha256,))  # noqa: S608 - our own words
        return found is not None

    def unsent_bytes(self) -> int:
        """Return how many bytes of files the service does not hold yet."""
        row = self._connection.one(f"SELECT sum(byte_count - sent_bytes) FROM _file WHERE {_UNSENT}")  # noqa: S608 - our own words
        return max(0, row[0] or 0) if row else 0

    def note_sent(self, sha256: str, sent_bytes: int) -> None:
        """Keep how far a file was sent."""
        with self._connection.transaction():
            self._connection.execute("UPDATE _file SET sent_bytes = ? WHERE sha256 = ?", (sent_bytes, sha256))

    def note_present(self, sha256: str) -> None:
        """Keep that the service holds the whole file, its hash checked."""
        with self._connection.transaction():
            self._connection.execute(
                "UPDATE _file SET present_at = ?, sent_bytes = byte_count WHERE sha256 = ?",
                (int(time.time()), sha256),
            )

    def free(self, sha256: str) -> bool:
        """Remove our copy of a file the service holds; return whether that was done."""
        found = self.find(sha256)
        if found is None or found.present_at is None or not found.is_here:
            return False
        with self._connection.transaction():
            self._connection.execute("UPDATE _file SET is_here = 0 WHERE sha256 = ?", (sha256,))
        self._unlink(found)
        return True

    def discard(self, sha256: str) -> None:
        """Remove a file and all that is known of it, sent or not; for a customer who was removed for good."""
        found = self.find(sha256)
        if found is None:
            return
        self._unlink(found)
        with self._connection.transaction():
            self._connection.execute("DELETE FROM _file WHERE sha256 = ?", (sha256,))

    def spare(self, sha256: str) -> None:
        """Keep a file though its record is removed, so that undo can bring it back; until `let_go`, or a restart."""
        self._spared.add(sha256)

    def let_go(self, sha256s: Iterable[str]) -> None:
        """Spare these files no longer."""
        self._spared.difference_update(sha256s)

    def discard_removed(self) -> int:
        """Remove files that were taken out of their visits before the service held them; return how many.

        Nobody else can have their bytes, and nobody is to. A file goes when every record here that names it was removed, and
        the service never heard of the record or knows of its removal; not while undo may bring it back (`spare`). Pieces
        go before the row that names them: what a crash left of them goes the next time.
        """
        if self._connection.one(f"SELECT 1 FROM _file WHERE {_REMOVED} LIMIT 1") is None:  # noqa: S608 - our own words
            return 0
        with self._connection.transaction():  # nobody brings a record back in between
            rows = self._connection.all(f"{_SELECT} WHERE {_REMOVED}")
            gone = []
            for stored in map(_stored, rows):
                if stored.sha256 not in self._spared:
                    with contextlib.suppress(StoreError):  # in use for a moment: the next time takes it
                        self._unlink(stored)
                        gone.append((stored.sha256,))
            self._connection.many("DELETE FROM _file WHERE sha256 = ?", gone)
        return len(gone)

    def _unlink(self, stored: StoredFile) -> None:
        count = max(1, -(-stored.byte_count // PIECE_BYTES))
        self._unlink_named(self._name(stored.sha256, number) for number in range(count))

    def _unlink_named(self, names: Iterable[str]) -> None:
        with border(self._connection.folder):
            for name in names:
                (self._folder / name).unlink(missing_ok=True)

    def clear_leftovers(self) -> int:
        """Remove pieces that nothing names, once after a start; return how many.

        A crash leaves them: while a file was being written, before its row; or while one was let go, after its row said so.
        No other process writes here (the folder is locked), and what this one has written is left alone. So is what a
        record here names though its row is missing (a restored backup); and nothing goes while a damaged store lies
        beside, whose rows may still be read. Raises: StoreError; then the next start goes on.
        """
        if self._is_cleared:
            return 0
        self._is_cleared = True
        with border(self._connection.folder):
            if any(self._connection.folder.glob(f"{ASIDE}*")):
                return 0
            there = {path.relative_to(self._folder).as_posix() for path in self._folder.glob("*/*")}
        left = {name for name in there if _PIECE_NAME.fullmatch(name)}
        for sha256, byte_count in self._connection.all(
            "SELECT sha256, byte_count FROM _file WHERE is_here = 1"
        ):
            left.difference_update(
                self._name(sha256, n) for n in range(max(1, -(-byte_count // PIECE_BYTES)))
            )
        if not left:
            return 0
        for (sha256,) in self._connection.all(
            "SELECT DISTINCT sha256 FROM attachment WHERE sha256 NOT IN (SELECT sha256 FROM _file)"
        ):
            names = (self._name(sha256, number) for number in itertools.count())
            left.difference_update(itertools.takewhile(there.__contains__, names))
        with self._connection.lock:  # whoever keeps a file says so under it first
            left -= self._written | {f"{name}.new" for name in self._written}
            self._unlink_named(left)
        return len(left)

    def free_nameless(self) -> int:
        """Remove our copies of files that no record here names any more and the service holds; return how many.

        That is what a customer taken from this device leaves behind, and a photo taken out of its visit, once the
        service knows that too: until then somebody may take it back. A file of today may still wait for its record
        to be written.
        """
        rows = self._connection.all(
            "SELECT sha256 FROM _file WHERE is_here = 1 AND present_at IS NOT NULL AND made_at < ? "
            "AND sha256 NOT IN (SELECT sha256 FROM attachment WHERE NOT _removed "
            "OR id IN (SELECT record_id FROM _pending))",
            (int(time.time()) - _NAMELESS_S,),
        )
        return sum(self.free(sha256) for (sha256,) in rows)

    def _path(self, sha256: str, number: int) -> Path:
        return self._folder / self._name(sha256, number)

    def _name(self, sha256: str, number: int) -> str:
        """Return a piece's name below the folder."""
        name = hmac.new(self._name_key, f"{sha256} {number}".encode(), hashlib.sha256).hexdigest()[:40]
        return f"{name[:2]}/{name[2:]}"

    def _write(self, path: Path, sealed: bytes) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        _flush_folder(path.parent)


def doubt(connection: Connection, sha256s: Iterable[str] | None = None) -> None:
    """Count files as not at the service, all that are here or these; inside the caller's transaction.

    For a service that was restored: it may have said "present" after its backup was made. The next sync asks it.
    """
    forget = "UPDATE _file SET present_at = NULL, sent_bytes = 0 WHERE is_here = 1"
    if sha256s is None:
        connection.execute(forget)
    else:
        connection.many(f"{forget} AND sha256 = ?", [(sha256,) for sha256 in sha256s])


def _flush_folder(folder: Path) -> None:
    """Make a rename survive a power cut; Windows does it with the file itself."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _mark(sha256: str, number: int, count: int) -> bytes:
    return f"{sha256} {number} {count}".encode()


def _derive(key: bytes, purpose: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key)


def _stored(row: tuple[object, ...]) -> StoredFile:
    sha256, byte_count, media_type, sent_bytes, present_at, is_here = row
    return StoredFile(
        sha256=str(sha256),
        byte_count=int(str(byte_count)),
        media_type=str(media_type),
        sent_bytes=int(str(sent_bytes)),
        present_at=None if present_at is None else int(str(present_at)),
        is_here=bool(is_here),
    )


def _not_intact() -> FileDamagedError:
    return FileDamagedError(
        _("This file is damaged on this device."),
        safe=_("Everything else can be read."),
        advice=_("Sync to fetch it from the office, or open the newest backup."),
    )
