"""Files by their SHA-256: announced, sent in pieces that may break off anywhere, checked, given out.

The bytes lie in an object store (a folder by default): pieces under incoming/, whole files under
their hash. A piece counts from its first byte only when it is wholly here, and a file is present
only after the hash over all its bytes was found right. Who sends the same file twice, or two who
send it at once, end with one file.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import re
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from techkit.central import enrol, feed
from techkit.central.models import Attachment, Device
from techkit.central.models import Record as Row
from techkit.central.transactions import retried
from techkit.sync import wire
from techkit.sync.problems import ProblemCode
from techkit.sync.protocol import Announcement, AnnounceReply, AnnounceRequest, FileState

#: The most bytes of one file, and of one piece of it.
MAX_FILE_BYTES = 1024 * 1024 * 1024
MAX_PIECE_BYTES = 8 * 1024 * 1024

#: The most files announced in one request (SYNC.md).
MAX_ANNOUNCED = 500

#: A file is no longer being sent when nothing was heard of it for so long; ours: a device announces at each sync.
_SILENT = timedelta(days=1)

#: How often it is looked for such files, in seconds, and since when not, by organisation.
_LOOK_EVERY_S = 60 * 60
_looked_at: dict[int, float] = {}

T = TypeVar("T")

_CHUNK_BYTES = 1024 * 1024
_HASH = re.compile(r"[0-9a-f]{64}")
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,50}/[a-z0-9.+-]{1,49}")


@functools.lru_cache(maxsize=4)
def _store_of(folder: str) -> Any:
    from obstore.store import LocalStore

    return LocalStore(folder, mkdir=True)


def store() -> Any:
    """Return the object store of this service: the folder blobs/ in its own."""
    return _store_of(str(settings.TECHKIT_FOLDER / "blobs" if settings.TECHKIT_FOLDER else "blobs"))


def _apart(work: Callable[[], T]) -> T:
    """Return what the work gives, done in a plain thread.

    obstore 0.11 cannot wait inside a thread of granian's, which has an asynchronous runtime already.
    """
    found: list[T] = []
    wrong: list[BaseException] = []

    def run() -> None:
        try:
            found.append(work())
        except BaseException as error:
            wrong.append(error)

    thread = threading.Thread(target=run, name="techkit-files")
    thread.start()
    thread.join()
    if wrong:
        raise wrong[0]
    return found[0]


def _key(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


def _piece_key(row: Attachment, offset: int) -> str:
    return f"incoming/{row.pk.hex}/{offset:015d}"


# --- announcing ----------------------------------------------------------------------------------------


@enrol.for_devices
def announce(request: HttpRequest) -> HttpResponse:
    """Say what is held of each file: POST /api/v1/attachments."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    body = wire.read_limited(request)
    device, _signed = enrol.authenticate(request, body)
    asked = enrol.read(request, body, AnnounceRequest)
    if len(asked.files) > MAX_ANNOUNCED:
        raise enrol.refuse(ProblemCode.TOO_LARGE)
    for one in asked.files:
        _check(one)
    states = retried(lambda: _announce(device, asked.files))
    if time.monotonic() - _looked_at.get(device.org_id, -_LOOK_EVERY_S) >= _LOOK_EVERY_S:
        _looked_at[device.org_id] = time.monotonic()
        clear_unfinished(device.org_id)
    return enrol.answer(request, AnnounceReply(files=states))


def _check(one: Announcement) -> None:
    if not _HASH.fullmatch(one.sha256) or one.byte_count < 0:
        raise enrol.refuse(ProblemCode.MALFORMED, field="files")
    if one.byte_count > MAX_FILE_BYTES:
        raise enrol.refuse(ProblemCode.FILE_TOO_LARGE, field=one.sha256)


def _announce(device: Device, files: list[Announcement]) -> list[FileState]:
    with transaction.atomic():
        now = datetime.now(UTC)
        Attachment.objects.bulk_create(
            [
                Attachment(
                    org_id=device.org_id,
                    sha256=one.sha256,
                    size_bytes=one.byte_count,
                    media_type=one.media_type
                    if _MEDIA_TYPE.fullmatch(one.media_type)
                    else "application/octet-stream",
                    announced_at=now,
                )
                for one in {one.sha256: one for one in files}.values()
            ],
            ignore_conflicts=True,
        )
        rows = {
            row.sha256: row
            for row in Attachment.objects.filter(
                org_id=device.org_id, sha256__in=[one.sha256 for one in files]
            )
        }
        _take_anew(device, [row for row in rows.values() if row.erased_at is not None])
        waiting = [row.pk for row in rows.values() if not row.is_complete]
        Attachment.objects.filter(pk__in=waiting).update(announced_at=now)
        for one in files:
            row = rows[one.sha256]
            if row.is_complete or row.size_bytes == one.byte_count:
                continue
            if not _is_told(row, row.size_bytes) or _is_told(row, one.byte_count):
                # One of the two sizes is wrong, whatever was sent under it: who has the file begins anew.
                row.size_bytes, row.received_bytes = one.byte_count, 0
                row.save(update_fields=["size_bytes", "received_bytes"])
    for row in rows.values():
        if row.received_bytes == row.size_bytes > 0 and not row.is_complete:
            # The service went down between the last piece and the check of the whole.
            with contextlib.suppress(enrol.DeviceRefusedError):
                _complete(row)
            row.refresh_from_db()
    return [_state(rows[one.sha256]) for one in files]


def _take_anew(device: Device, rows: list[Attachment]) -> None:
    """Take files again that went with a customer where somebody else's record names the very same bytes."""
    for row in rows:
        if _names(device.org_id, row.sha256).exists() and not row.storage_key:
            row.erased_at = None
            row.save(update_fields=["erased_at"])


def _names(org_id: int, *sha256s: str) -> QuerySet[Row]:
    """Return the records that name one of these files and are not removed."""
    return Row.objects.filter(
        org_id=org_id, entity="attachment", deleted=False, state__sha256__in=list(sha256s)
    )


def _is_told(row: Attachment, byte_count: int) -> bool:
    """Return whether a record that names the file says that it is of this size."""
    return _names(row.org_id, row.sha256).filter(state__byte_count=byte_count).exists()


def sweep(org_id: int) -> None:
    """Remove the bytes of files whose customer was removed, whole or in pieces; a repeat is harmless."""
    for row in Attachment.objects.filter(org_id=org_id, erased_at__isnull=False):
        _apart(functools.partial(_remove, row))
        if row.storage_key:
            row.storage_key = ""
            row.save(update_fields=["storage_key"])


def clear_unfinished(org_id: int, now: datetime | None = None) -> int:
    """Remove what was sent in part and nobody goes on with; return how many files.

    Of a day's silence, and no record that is not removed names the file: a photo that was taken out while it was on its
    way. So nothing goes that a device still sends, nor what one sends on that was away for a year; and where one does
    send a file that went, it begins anew. Pieces go too that a crash left behind a file that is whole or gone.
    """
    silent_since = (now or datetime.now(UTC)) - _SILENT
    pieces = _apart(_incoming)
    active = {name for name, (_keys, newest) in pieces.items() if newest >= silent_since}
    silent = Attachment.objects.filter(
        org_id=org_id, is_complete=False, erased_at=None, announced_at__lt=silent_since
    )
    begun = [row for row in silent.order_by("pk") if row.pk.hex not in active]
    count = 0
    for start in range(0, len(begun), MAX_ANNOUNCED):
        some = begun[start : start + MAX_ANNOUNCED]
        named = _names(org_id, *(row.sha256 for row in some)).values_list("state__sha256", flat=True)
        wanted = set(named)
        for row in some:
            if row.sha256 not in wanted:
                # Unless somebody goes on with it in this very moment.
                count += silent.filter(pk=row.pk, received_bytes=row.received_bytes).delete()[0]
    held = {pk.hex for pk in Attachment.objects.filter(is_complete=False).values_list("pk", flat=True)}
    left = [key for name, (keys, _newest) in pieces.items() if name not in held | active for key in keys]
    if left:
        _apart(lambda: _delete(left))
    return count


def _delete(keys: list[str]) -> None:
    with contextlib.suppress(FileNotFoundError):  # another process of the service was quicker
        store().delete(keys)


def _incoming() -> dict[str, tuple[list[str], datetime]]:
    """Return the pieces under way by their file, and when the newest of each came."""
    keys: dict[str, list[str]] = defaultdict(list)
    newest: dict[str, datetime] = {}
    for page in store().list("incoming"):
        for meta in page:
            name = str(meta["path"]).split("/")[1]
            keys[name].append(str(meta["path"]))
            newest[name] = max(newest.get(name, meta["last_modified"]), meta["last_modified"])
    return {name: (found, newest[name]) for name, found in keys.items()}


def _remove(row: Attachment) -> None:
    keys = [str(meta["path"]) for page in store().list(f"incoming/{row.pk.hex}") for meta in page]
    whole = [str(meta["path"]) for page in store().list(row.sha256[:2]) for meta in page]
    keys += [key for key in whole if key == _key(row.sha256)]
    if keys:
        store().delete(keys)


def _state(row: Attachment) -> FileState:
    return FileState(
        sha256=row.sha256,
        received_bytes=row.received_bytes,
        byte_count=row.size_bytes,
        # Of a customer who was removed: nothing more is taken, and the device may stop sending.
        is_present=row.is_complete or row.erased_at is not None,
    )


# --- sending and fetching ----------------------------------------------------------------------------------


@enrol.for_devices
def blob(request: HttpRequest, sha256: str) -> HttpResponseBase:
    """Take a piece (PUT ?offset=N), say what is held (HEAD) or give the bytes (GET) of one file."""
    if request.method == "PUT":
        body = wire.read_limited(request, MAX_PIECE_BYTES)
    elif request.method in ("GET", "HEAD"):
        body = b""
    else:
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD, PUT"})
    device, _signed = enrol.authenticate(request, body)
    row = Attachment.objects.filter(org_id=device.org_id, sha256=sha256).first()
    if request.method == "PUT":
        if row is None:
            raise enrol.refuse(ProblemCode.UNKNOWN_FILE)
        return enrol.answer(request, take_piece(row.pk, _offset(request), body))
    if row is None or not _may_read(device, sha256):
        raise enrol.refuse(ProblemCode.UNKNOWN_FILE)
    if request.method == "HEAD":
        return HttpResponse(headers=_head(row))
    if not row.is_complete:
        raise enrol.refuse(ProblemCode.UNKNOWN_FILE)
    return _give(request, row)


def _offset(request: HttpRequest) -> int:
    text = request.GET.get("offset", "")
    if not text.isascii() or not text.isdecimal() or len(text) > 15:
        raise enrol.refuse(ProblemCode.MALFORMED, field="offset")
    return int(text)


def take_piece(row_id: uuid.UUID, offset: int, piece: bytes) -> FileState:
    """Keep one piece; with the last one, check the whole and put the file in its place.

    Raises: DeviceRefusedError with WRONG_OFFSET (and where to go on), WRONG_HASH (begin again) or
    FILE_TOO_LARGE.
    """
    row = _known(row_id)
    if row.is_complete or row.erased_at is not None:
        return _state(row)
    if offset != row.received_bytes:
        raise enrol.refuse(ProblemCode.WRONG_OFFSET, offset=row.received_bytes)
    if offset + len(piece) > row.size_bytes:
        raise enrol.refuse(ProblemCode.FILE_TOO_LARGE, field=row.sha256)
    if piece:
        _apart(lambda: store().put(_piece_key(row, offset), piece))
    retried(lambda: _count(row_id, offset, offset + len(piece)))
    row.refresh_from_db()
    if row.received_bytes == row.size_bytes and not row.is_complete:
        _complete(row)
    return _state(row)


def _known(row_id: uuid.UUID) -> Attachment:
    row = Attachment.objects.filter(pk=row_id).first()
    if row is None:  # cleared in this moment: it is announced anew
        raise enrol.refuse(ProblemCode.UNKNOWN_FILE)
    return row


def _count(row_id: uuid.UUID, before: int, after: int) -> None:
    """Move the place up, unless somebody else sent the same piece meanwhile."""
    with transaction.atomic():
        changed = Attachment.objects.filter(pk=row_id, received_bytes=before, is_complete=False).update(
            received_bytes=after
        )
        held = _known(row_id)
    if not changed and not held.is_complete and held.received_bytes != after:
        raise enrol.refuse(ProblemCode.WRONG_OFFSET, offset=held.received_bytes)


def _complete(row: Attachment) -> None:
    """Check the hash over all pieces and put the file in its place; begin again when it is wrong."""
    if not _apart(lambda: _assemble(row)):
        Attachment.objects.filter(pk=row.pk, is_complete=False).update(received_bytes=0)
        raise enrol.refuse(ProblemCode.WRONG_HASH, offset=0)
    Attachment.objects.filter(pk=row.pk).update(
        is_complete=True, storage_key=_key(row.sha256), completed_at=datetime.now(UTC)
    )
    row.refresh_from_db()


def _assemble(row: Attachment) -> bool:
    """Put the pieces together under the file's name when their hash is right; drop them anyway."""
    keys = sorted(str(meta["path"]) for page in store().list(f"incoming/{row.pk.hex}") for meta in page)
    chain = _chain(keys, row.size_bytes)
    digest, size = hashlib.sha256(), 0
    for chunk in _chunks(chain):
        digest.update(chunk)
        size += len(chunk)
    is_right = size == row.size_bytes and digest.hexdigest() == row.sha256
    if is_right:
        _join(chain, _key(row.sha256))
    store().delete([one for one in keys if not (is_right and chain == [one])])
    return is_right


def _join(chain: list[str], key: str) -> None:
    """Write the pieces one behind the other; the file appears under its name when it is closed."""
    import obstore

    if len(chain) == 1:
        store().rename(chain[0], key)
        return
    with obstore.open_writer(store(), key) as writer:
        for chunk in _chunks(chain):
            writer.write(chunk)


def _chain(keys: list[str], size: int) -> list[str]:
    """Return the pieces that lie one behind the other from 0 on; leftovers of others are passed over."""
    by_offset = {int(key.rpartition("/")[2]): key for key in keys}
    chain, at = [], 0
    while at < size and at in by_offset:
        chain.append(by_offset[at])
        at += int(store().head(by_offset[at])["size"])
    return chain


def _chunks(keys: list[str]) -> Iterator[bytes]:
    for key in keys:
        for chunk in store().get(key).stream(min_chunk_size=_CHUNK_BYTES):
            yield bytes(chunk)


def _may_read(device: Device, sha256: str) -> bool:
    """Return whether the device holds a scope in which a record names the file."""
    named = Row.objects.filter(
        org_id=device.org_id,
        entity="attachment",
        scope_id__in=feed.scopes_of(device),
        state__sha256=sha256,
    )
    return bool(named.exists())


def _head(row: Attachment) -> dict[str, str]:
    return {
        "X-Techkit-Received": str(row.received_bytes),
        "X-Techkit-Size": str(row.size_bytes),
        "X-Techkit-Present": "1" if row.is_complete else "0",
    }


def _give(request: HttpRequest, row: Attachment) -> StreamingHttpResponse:
    """Give the bytes, of a Range header what it names."""
    match = re.fullmatch(r"bytes=(\d{1,15})-(\d{0,15})", request.headers.get("Range", ""))
    start = min(int(match[1]), row.size_bytes) if match else 0
    end = min(int(match[2]) + 1, row.size_bytes) if match and match[2] else row.size_bytes
    response = StreamingHttpResponse(
        read(row, start, end), status=206 if match else 200, content_type="application/octet-stream"
    )
    response.headers["Content-Length"] = str(max(0, end - start))
    if match:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{row.size_bytes}"
    return response


def _range(row: Attachment, start: int, length: int) -> bytes:
    return bytes(store().get_range(row.storage_key, start=start, length=length))


def read(row: Attachment, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """Yield the bytes of a file that is present, from one place to another, about 1 MiB at a time."""
    at, end = start, row.size_bytes if end is None else end
    while at < end:
        length = min(_CHUNK_BYTES, end - at)
        chunk = _apart(functools.partial(_range, row, at, length))
        yield chunk
        at += len(chunk)
