"""The pages of an encrypted store whose file is damaged, as far as they can still be read, in memory.

SQLCipher refuses a whole file when its first page is gone, and a whole query when one page is. Here every page is
decrypted for itself: one whose mark of authenticity fits is taken, any other stays empty; where the first page is lost,
the one of a backup tells where the tables begin. The result never touches a disk (docs/decisions/0105).
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path

#: How SQLCipher 4 lays a page out: what is encrypted, then 16 random bytes, then the mark.
PAGE_BYTES = 4096
_SALT_BYTES, _IV_BYTES, _MARK_BYTES = 16, 16, 64
_RESERVED = _IV_BYTES + _MARK_BYTES

_MAGIC = b"SQLite format 3\0"

#: A log's own header, and that of each page in it (sqlite.org/fileformat2.html, "The Write-Ahead Log").
_LOG_HEADER, _FRAME_HEADER = 32, 24

#: The first byte of a page that holds rows, and how many bytes numbers take by their kind.
_TABLE_LEAF = 0x0D
_NUMBERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 7: 8}

#: A larger file is not taken into memory; ours.
MOST_BYTES = 2 * 1024**3


def read(path: Path, key: bytes) -> dict[int, bytes]:
    """Return the pages of a file with what its log says on top, by number from 1; those that are whole. Raises: OSError."""
    if not path.exists() or not PAGE_BYTES <= path.stat().st_size <= MOST_BYTES:
        return {}
    return _pages(path, key)


def opened(pages: dict[int, bytes], first: bytes | None) -> sqlite3.Connection | None:
    """Return a database of these pages, None where nothing can be made of them.

    first: what stands for page 1 where that is lost. Every statement may end in sqlite3.Error where a page is missing.
    """
    first = pages.get(1) or first
    if first is None or not pages:
        return None
    count = max(pages)
    image = bytearray(count * PAGE_BYTES)
    for number, page in {**pages, 1: first}.items():
        image[(number - 1) * PAGE_BYTES : number * PAGE_BYTES] = page
    image[:_SALT_BYTES] = _MAGIC
    image[18:20] = b"\1\1"  # no log of its own
    image[28:32] = struct.pack(">I", count)
    image[92:96] = image[24:28]  # so that the count above holds
    held = sqlite3.connect(":memory:", isolation_level=None)
    try:
        held.deserialize(bytes(image))
        # Or a file shorter than its header says is refused as a whole.
        held.execute("PRAGMA writable_schema = ON")
        held.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        held.close()
        return None
    return held


def _pages(path: Path, key: bytes) -> dict[int, bytes]:
    with path.open("rb") as file:
        salt = file.read(_SALT_BYTES)
    reader = _Reader(key, salt)
    found = {number: page for number, raw in _in_file(path) if (page := reader.page(number, raw)) is not None}
    if not found:
        # The salt is lost with the beginning of the file: what is read is held against its own form instead.
        reader = _Reader(key, None)
        found = {number: page for number, raw in _in_file(path) if (page := reader.page(number, raw))}
    log = path.with_name(f"{path.name}-wal")
    if log.exists():
        for number, raw in _in_log(log):
            page = reader.page(number, raw)
            if page is not None:
                found[number] = page
    return found


class _Reader:
    """Decrypts single pages. salt: the file's; None takes pages without asking whether they are whole."""

    def __init__(self, key: bytes, salt: bytes | None) -> None:
        self._key = key
        self._mark_key = salt and hashlib.pbkdf2_hmac("sha512", key, bytes(b ^ 0x3A for b in salt), 2, 32)

    def page(self, number: int, raw: bytes) -> bytes | None:
        """Return the plain bytes of a page, None when it is not whole."""
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # loaded late

        begins = _SALT_BYTES if number == 1 else 0
        sealed, iv, mark = raw[begins:-_RESERVED], raw[-_RESERVED:-_MARK_BYTES], raw[-_MARK_BYTES:]
        if self._mark_key:
            due = hmac.digest(self._mark_key, sealed + iv + struct.pack("<I", number), "sha512")
            if not hmac.compare_digest(due, mark):
                return None
        elif number == 1:
            return None
        opened = Cipher(algorithms.AES(self._key), modes.CBC(iv)).decryptor()
        return bytes(begins) + opened.update(sealed) + opened.finalize() + bytes(_RESERVED)


def _in_file(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        number = 0
        while len(raw := file.read(PAGE_BYTES)) == PAGE_BYTES:
            number += 1
            yield number, raw


def _in_log(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the pages of all transactions that a log holds to their end, in order."""
    with path.open("rb") as file:
        header = file.read(_LOG_HEADER)
        pending: list[tuple[int, bytes]] = []
        while len(frame := file.read(_FRAME_HEADER)) == _FRAME_HEADER:
            raw = file.read(PAGE_BYTES)
            number, pages_after = struct.unpack(">II", frame[:8])
            if len(raw) < PAGE_BYTES or frame[8:16] != header[16:24] or not number:
                return
            pending.append((number, raw))
            if pages_after:
                yield from pending
                pending = []


def count_of(pages: dict[int, bytes]) -> int:
    """Return how many pages there were, as far as it can be told: more than there are where some are lost."""
    told = int.from_bytes(pages[1][28:32], "big") if 1 in pages else 0
    return max(told, max(pages) + (1 not in pages))


# --- rows whose way from the first page is lost --------------------------------------------------------


def rows(pages: dict[int, bytes]) -> Iterator[tuple[int, list[bytes | None]]]:
    """Yield (row id, texts and blobs by column, None for others) of every leaf of every table, without asking whose.

    Rows of pages given back stand among them. (sqlite.org/fileformat2.html, "B-tree Pages")
    """
    for number, page in pages.items():
        begins = 100 if number == 1 else 0
        if page[begins] != _TABLE_LEAF:
            continue
        (count,) = struct.unpack_from(">H", page, begins + 3)
        for at in struct.unpack_from(f">{min(count, 1000)}H", page, begins + 8):
            with contextlib.suppress(IndexError, KeyError, struct.error):
                yield _row(pages, page, at)


def _row(pages: dict[int, bytes], page: bytes, at: int) -> tuple[int, list[bytes | None]]:
    size, at = _varint(page, at)
    row_id, at = _varint(page, at)
    usable = PAGE_BYTES - _RESERVED
    here = size
    if size > usable - 35:
        least = (usable - 12) * 32 // 255 - 23
        here = least + (size - least) % (usable - 4)
        here = here if here <= usable - 35 else least
    payload = page[at : at + here]
    (following,) = struct.unpack_from(">I", page, at + here) if here < size else (0,)
    while following and len(payload) < size:
        further = pages[following]
        (following,) = struct.unpack_from(">I", further)
        payload += further[4 : min(usable, 4 + size - len(payload))]
    if len(payload) < size:
        raise IndexError("its end is lost")
    head, place = _varint(payload, 0)
    value_at = head
    found: list[bytes | None] = []
    while place < head:
        kind, place = _varint(payload, place)
        length = (kind - 12) // 2 if kind >= 12 else _NUMBERS.get(kind, 0)
        found.append(payload[value_at : value_at + length] if kind >= 12 else None)
        value_at += length
    return row_id, found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    held = 0
    for _n in range(8):
        byte = data[at]
        held, at = held << 7 | byte & 0x7F, at + 1
        if byte < 0x80:
            return held, at
    return held << 8 | data[at], at + 1
