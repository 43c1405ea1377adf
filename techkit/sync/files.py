"""Files on their way: announced by their hash, sent and fetched in pieces, each from where it got to."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator

from techkit.errors import CutError, FileDamagedError, RefusedError, StoreError
from techkit.i18n import _
from techkit.store.attachments import PIECE_BYTES
from techkit.store.database import Store
from techkit.sync import answers, protocol, wire
from techkit.sync.line import BYTES, PLAIN, Line
from techkit.sync.pieces import Pieces
from techkit.sync.problems import ProblemCode
from techkit.sync.progress import Run
from techkit.sync.protocol import Announcement, AnnounceReply, AnnounceRequest, FileState
from techkit.sync.replies import keep_floor

#: No file is fetched beyond this, however long a hostile service goes on. Source: the service's own limit.
MOST_BYTES = 2**30

_HASH = re.compile("[0-9a-f]{64}")

#: How many files one announcement names (SYNC.md, "Blobs").
_FILES_AT_ONCE = 500


def send(store: Store, line: Line, run: Run, sizes: Pieces, told: Callable[[], None]) -> None:
    """Send the files the service does not hold yet, smallest first, each from where it got to."""
    files = store.attachments.unsent()[:_FILES_AT_ONCE]
    if not files or run.stop.is_set():
        return
    run.files_count = len(files)
    asked = AnnounceRequest(
        protocol=protocol.PROTOCOL,
        files=[
            Announcement(sha256=f.sha256, byte_count=f.byte_count, media_type=f.media_type) for f in files
        ],
    )
    reply = answers.message(
        line.post_told(protocol.ATTACHMENTS_PATH, wire.encode(asked), PLAIN), AnnounceReply
    )
    states = {state.sha256: state for state in reply.files}
    for stored in files:
        if run.stop.is_set():
            return
        if not store.attachments.is_unsent(stored.sha256):
            continue  # taken out of its visit since
        state = states.get(stored.sha256)
        try:
            is_there = state is not None and (
                state.is_present or _send_file(store, line, run, sizes, told, stored.sha256, state)
            )
        except StoreError as error:
            if not store.attachments.is_unsent(stored.sha256):
                continue
            if not isinstance(error, FileDamagedError):
                raise
            # One that does not read never stops the others; its visit stays and says how many files are there.
            run.notices.append(
                _(
                    "A photo or file cannot be read on this device and was not sent; everything else was. "
                    "Add it to its visit again, or take this device to the office."
                )
            )
            continue
        if is_there:
            store.attachments.note_present(stored.sha256)
            run.files_done += 1
            told()


def _send_file(
    store: Store, line: Line, run: Run, sizes: Pieces, told: Callable[[], None], sha256: str, state: FileState
) -> bool:
    """Send one file's missing bytes; return whether the service holds the whole, hash checked."""
    stored = store.attachments.find(sha256)
    if stored is None:
        return False
    for offset, chunk in _chunks(store, sha256, state.received_bytes, sizes):
        path = f"{protocol.ATTACHMENTS_PATH}/{sha256}?offset={offset}"
        try:
            found = line.post_told(path, chunk, BYTES, method="PUT")
        except CutError:
            sizes.was_cut()
            raise
        sizes.went()
        state = answers.message(found, FileState)
        store.attachments.note_sent(sha256, state.received_bytes)
        told()
        if state.is_present or run.stop.is_set() or not store.attachments.is_unsent(sha256):
            break
    if not state.is_present and stored.byte_count == 0:
        path = f"{protocol.ATTACHMENTS_PATH}/{sha256}?offset=0"
        state = answers.message(line.post_told(path, b"", BYTES, method="PUT"), FileState)
    return state.is_present


def _chunks(store: Store, sha256: str, start: int, sizes: Pieces) -> Iterator[tuple[int, bytes]]:
    """Yield (offset, bytes) of a file from a byte on: the pieces it is kept in, or what gets through of them at once."""
    offset = start - start % PIECE_BYTES
    for piece in store.attachments.pieces(sha256, start // PIECE_BYTES):
        at = max(0, start - offset)
        while at < len(piece):
            chunk = piece[at : at + sizes.file_byte_count]
            yield offset + at, chunk
            at += len(chunk)
        offset += len(piece)


def fetch(store: Store, line: Line, sha256: str, media_type: str) -> None:
    """Fetch a file the service holds and keep it here. Raises: SyncError, StoreError."""
    if not _HASH.fullmatch(sha256):  # whoever wrote the record named no file, but perhaps another address
        raise _not_there()
    path = f"{protocol.ATTACHMENTS_PATH}/{sha256}"
    data = bytearray()
    while True:
        more = {"Range": f"bytes={len(data)}-{len(data) + wire.MAX_COMPRESSED_BYTES // 2 - 1}"}
        try:
            found = line.post(path, b"", more, method="GET")
        except answers.ProblemError as error:
            if error.problem.code == ProblemCode.UNKNOWN_FILE:
                raise _not_there() from error
            raise answers.refused(error.problem) from error
        data += found.body
        if len(data) > MOST_BYTES:
            raise answers.odd("a file without end")
        keep_floor(store, len(data))
        if found.status != 206 or len(found.body) < wire.MAX_COMPRESSED_BYTES // 2:
            break
    if hashlib.sha256(data).hexdigest() != sha256:
        raise answers.odd("wrong bytes")
    store.attach(bytes(data), media_type)
    store.attachments.note_present(sha256)


def _not_there() -> RefusedError:
    return RefusedError(
        _("The office does not have this file yet."),
        safe=_("Nothing was changed."),
        advice=_("Fetch it again after the device that has it was synced."),
    )
