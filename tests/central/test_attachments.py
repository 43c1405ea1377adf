"""Files: broken off anywhere, damaged, sent twice or by two at once, they end whole or not at all."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from techkit.central import attachments
from techkit.central.enrol import DeviceRefusedError
from techkit.central.models import Attachment, Device
from techkit.records.identity import new_id
from techkit.records.operations import Action, Operation
from techkit.sync import protocol, wire
from techkit.sync.problems import ProblemCode
from techkit.sync.protocol import Announcement, AnnounceReply, AnnounceRequest, FileState
from tests.central.devices import Kit, told

pytestmark = pytest.mark.usefixtures("org")


def announce(kit: Kit, *files: bytes, **change: Any) -> list[FileState]:
    asked = AnnounceRequest(
        protocol=1,
        files=[
            Announcement(
                sha256=change.get("sha256", hashlib.sha256(data).hexdigest()),
                byte_count=change.get("byte_count", len(data)),
            )
            for data in files
        ],
    )
    response = kit.post(protocol.ATTACHMENTS_PATH, wire.encode(asked))
    assert response.status_code == 200, response.content
    return wire.decode(response.content, AnnounceReply).files


def put(kit: Kit, sha256: str, offset: int, piece: bytes) -> Any:
    return kit.post(f"{protocol.ATTACHMENTS_PATH}/{sha256}?offset={offset}", piece, method="PUT")


def get(kit: Kit, sha256: str, method: str = "GET", **headers: str) -> Any:
    return kit.post(f"{protocol.ATTACHMENTS_PATH}/{sha256}", b"", method=method, headers=headers)


def named(kit: Kit, sha256: str, **fields: Any) -> None:
    """Write the record that names a file, so that its customer's devices may read it."""
    identity, scope, made = kit.customer()
    visit = new_id()
    kit.sync(
        made,
        kit.put("visit", visit, scope, customer_id=identity),
        kit.put("attachment", new_id(), scope, visit_id=visit, sha256=sha256, **fields),
    )


def test_a_file_in_pieces_is_present_only_when_whole(kit: Kit) -> None:
    """Piece by piece the service says how far it is; after the last one the bytes come back equal."""
    data = os.urandom(300_000)
    (state,) = announce(kit, data)
    assert (state.received_bytes, state.is_present) == (0, False)
    for offset in range(0, len(data), 100_000):
        assert get(kit, state.sha256).status_code == 404
        response = put(kit, state.sha256, offset, data[offset : offset + 100_000])
        assert response.status_code == 200, response.content
        state = wire.decode(response.content, FileState)
        assert state.received_bytes == min(offset + 100_000, len(data))
    assert state.is_present
    named(kit, state.sha256)
    assert b"".join(get(kit, state.sha256).streaming_content) == data
    head = get(kit, state.sha256, "HEAD")
    assert head.headers["X-Techkit-Present"] == "1"


def test_a_broken_file_goes_on_where_it_stopped(kit: Kit) -> None:
    """After a cut the announcement and a wrong offset both tell where to go on."""
    data = os.urandom(1000)
    (state,) = announce(kit, data)
    put(kit, state.sha256, 0, data[:600])
    wrong = put(kit, state.sha256, 0, data[:600])
    assert (told(wrong).code, told(wrong).offset) == (ProblemCode.WRONG_OFFSET, 600)
    assert announce(kit, data)[0].received_bytes == 600
    assert wire.decode(put(kit, state.sha256, 600, data[600:]).content, FileState).is_present
    assert wire.decode(put(kit, state.sha256, 0, data).content, FileState).is_present


def test_damaged_bytes_are_never_present(kit: Kit) -> None:
    """A file whose hash does not fit is thrown away whole, and the right one then goes in."""
    data = os.urandom(1000)
    (state,) = announce(kit, data)
    put(kit, state.sha256, 0, data[:500])
    response = put(kit, state.sha256, 500, bytes(500))
    assert (response.status_code, told(response).code) == (422, ProblemCode.WRONG_HASH)
    assert announce(kit, data)[0].received_bytes == 0
    assert wire.decode(put(kit, state.sha256, 0, data).content, FileState).is_present


def test_the_same_file_from_two_devices_is_one(kit: Kit) -> None:
    """Who announces a file that is there already need not send it."""
    data = os.urandom(1000)
    (state,) = announce(kit, data, data)[:1]
    put(kit, state.sha256, 0, data)
    other = Kit("Pavel Reuter", "TK11")
    other.enrol()
    assert announce(other, data)[0].is_present
    assert Attachment.objects.count() == 1


def test_only_devices_of_the_customer_read_a_file(kit: Kit) -> None:
    """Knowing a hash opens nothing: some record in one of the device's scopes must name it."""
    data = os.urandom(1000)
    (state,) = announce(kit, data)
    put(kit, state.sha256, 0, data)
    named(kit, state.sha256)
    other = Kit("Pavel Reuter", "TK11")
    other.enrol()
    assert get(kit, state.sha256).status_code == 200
    assert told(get(other, state.sha256)).code == ProblemCode.UNKNOWN_FILE


def test_a_long_file_is_fetched_from_the_middle_on(kit: Kit) -> None:
    """A download that broke off goes on with a range."""
    data = os.urandom(1000)
    (state,) = announce(kit, data)
    put(kit, state.sha256, 0, data)
    named(kit, state.sha256)
    rest = get(kit, state.sha256, Range="bytes=700-")
    assert (rest.status_code, rest.headers["Content-Range"]) == (206, "bytes 700-999/1000")
    assert b"".join(rest.streaming_content) == data[700:]
    part = get(kit, state.sha256, Range="bytes=100-199")
    assert (part.headers["Content-Length"], part.headers["Content-Range"]) == ("100", "bytes 100-199/1000")
    assert b"".join(part.streaming_content) == data[100:200]


def test_a_service_that_went_down_before_the_check_makes_up_for_it(kit: Kit) -> None:
    """All bytes were there when the service ended: the next announcement finds the file present."""
    data = os.urandom(1000)
    (state,) = announce(kit, data)
    put(kit, state.sha256, 0, data[:999])
    row = Attachment.objects.get()
    (Path(settings.TECHKIT_FOLDER or "") / "blobs" / attachments._piece_key(row, 999)).write_bytes(data[999:])
    Attachment.objects.update(received_bytes=1000)
    assert announce(kit, data)[0].is_present


def test_an_empty_file_is_a_file(kit: Kit) -> None:
    """Zero bytes have a hash too."""
    (state,) = announce(kit, b"")
    assert wire.decode(put(kit, state.sha256, 0, b"").content, FileState).is_present


@pytest.mark.parametrize("sha256", ["", "..", "../../etc/passwd", "A" * 64, "0" * 63])
def test_names_that_are_no_hash_are_refused(kit: Kit, sha256: str) -> None:
    """Only 64 lower-case hexadecimal digits name a file: no paths, no tricks."""
    asked = AnnounceRequest(protocol=1, files=[Announcement(sha256=sha256, byte_count=1)])
    assert kit.post(protocol.ATTACHMENTS_PATH, wire.encode(asked)).status_code == 400


def test_more_than_announced_is_refused(kit: Kit) -> None:
    """A file cannot grow past its announced size, nor be announced beyond every measure."""
    data = os.urandom(100)
    (state,) = announce(kit, data)
    assert told(put(kit, state.sha256, 0, data + b"x")).code == ProblemCode.FILE_TOO_LARGE
    huge = AnnounceRequest(protocol=1, files=[Announcement(sha256="0" * 64, byte_count=2**50)])
    assert kit.post(protocol.ATTACHMENTS_PATH, wire.encode(huge)).status_code == 413
    assert told(put(kit, "1" * 64, 0, b"x")).code == ProblemCode.UNKNOWN_FILE
    assert put(kit, state.sha256, -1, b"x").status_code == 400


@pytest.mark.parametrize("wrong", [2, 5000])
def test_a_wrong_size_keeps_nobody_elses_file_out(kit: Kit, wrong: int) -> None:
    """A device that announced another size, and sent a byte under it, does not block who has the file."""
    data = os.urandom(100)
    (state,) = announce(kit, data, byte_count=wrong)
    put(kit, state.sha256, 0, b"x")
    (state,) = announce(kit, data)
    assert (state.received_bytes, state.byte_count) == (0, 100)
    assert wire.decode(put(kit, state.sha256, 0, data).content, FileState).is_present


def test_a_wrong_size_sets_nothing_back_where_the_record_tells_the_right_one(kit: Kit) -> None:
    """What was sent of a file stays, though another device says that it is longer."""
    data = os.urandom(100)
    sha256 = hashlib.sha256(data).hexdigest()
    named(kit, sha256, byte_count=100)
    announce(kit, data)
    put(kit, sha256, 0, data[:60])
    (state,) = announce(kit, data, byte_count=5000)
    assert (state.received_bytes, state.byte_count) == (60, 100)
    assert wire.decode(put(kit, sha256, 60, data[60:]).content, FileState).is_present


def test_revoked_devices_send_no_files(kit: Kit) -> None:
    """A withdrawn device is refused here as everywhere."""
    (state,) = announce(kit, b"x")
    Device.objects.update(revoked_at="2026-01-01T00:00:00Z")
    assert told(put(kit, state.sha256, 0, b"x")).code == ProblemCode.REVOKED


def test_records_without_their_file_name_it_as_missing(kit: Kit) -> None:
    """The reply to a push names the files that its records need and that are not here."""
    data = os.urandom(10)
    sha256 = hashlib.sha256(data).hexdigest()
    identity, scope, made = kit.customer()
    visit = new_id()
    reply = kit.sync(
        made,
        kit.put("visit", visit, scope, customer_id=identity),
        kit.put("attachment", new_id(), scope, visit_id=visit, sha256=sha256),
    )
    assert reply.missing_blobs == [sha256]


def test_the_slower_of_two_who_send_moves_no_place(kit: Kit) -> None:
    """Two send the same piece at once, one of them a shorter one: the place stays where the first one brought it."""
    data = os.urandom(1000)
    announce(kit, data)
    row = Attachment.objects.get()
    attachments._count(row.pk, 0, 600)
    with pytest.raises(DeviceRefusedError) as caught:
        attachments._count(row.pk, 0, 400)
    assert caught.value.problem.offset == 600
    row.refresh_from_db()
    assert row.received_bytes == 600


# --- what nobody goes on with ------------------------------------------------------------------------------


def on_disk() -> int:
    """Return how many pieces and files lie in the object store."""
    return sum(path.is_file() for path in (Path(settings.TECHKIT_FOLDER or "") / "blobs").rglob("*"))


def begun(kit: Kit) -> tuple[bytes, str, Operation]:
    """Send half of a file some record names; return its bytes, its hash and the record's removal."""
    data = os.urandom(1000)
    identity, scope, made = kit.customer()
    visit, record = new_id(), new_id()
    sha256 = hashlib.sha256(data).hexdigest()
    kit.sync(
        made,
        kit.put("visit", visit, scope, customer_id=identity),
        kit.put("attachment", record, scope, visit_id=visit, sha256=sha256),
    )
    announce(kit, data)
    put(kit, sha256, 0, data[:500])
    return data, sha256, kit.put("attachment", record, scope, action=Action.REMOVE)


def later(days: int) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def test_a_photo_taken_out_half_sent_leaves_the_service(kit: Kit) -> None:
    """A day after the last word of it its bytes are gone, and what is known of it."""
    _data, _sha256, removal = begun(kit)
    kit.sync(removal)
    assert (attachments.clear_unfinished(1, later(0)), on_disk()) == (0, 1)
    assert (attachments.clear_unfinished(1, later(2)), on_disk()) == (1, 0)
    assert not Attachment.objects.exists()


def test_what_a_device_still_sends_stays(kit: Kit) -> None:
    """It was announced today, or a piece came, though its record was removed; and with its record it stays for years."""
    data, sha256, removal = begun(kit)
    assert attachments.clear_unfinished(1, later(1000)) == 0
    kit.sync(removal)
    long_ago = datetime.now(UTC) - timedelta(days=9)
    Attachment.objects.update(announced_at=long_ago)
    assert attachments.clear_unfinished(1) == 0  # a piece came just now
    for path in (Path(settings.TECHKIT_FOLDER or "") / "blobs" / "incoming").rglob("0*"):
        os.utime(path, (0, 0))
    assert announce(kit, data)[0].received_bytes == 500
    assert attachments.clear_unfinished(1) == 0  # announced just now
    assert wire.decode(put(kit, sha256, 500, data[500:]).content, FileState).is_present


def test_a_file_that_was_cleared_begins_anew(kit: Kit) -> None:
    """Whoever sends it after all is told that nobody expects it, announces it, and it comes whole."""
    data, sha256, removal = begun(kit)
    kit.sync(removal)
    row = Attachment.objects.get()
    attachments.clear_unfinished(1, later(2))
    assert told(put(kit, sha256, 500, data[500:])).code == ProblemCode.UNKNOWN_FILE
    with pytest.raises(DeviceRefusedError):
        attachments.take_piece(row.pk, 500, data[500:])
    assert announce(kit, data)[0].received_bytes == 0
    assert wire.decode(put(kit, sha256, 0, data).content, FileState).is_present


def test_pieces_a_crash_left_go_and_whole_files_stay(kit: Kit) -> None:
    """Behind a file that is whole, or whose row is gone, nobody looks for pieces any more."""
    data = os.urandom(1000)
    (state,) = announce(kit, data)
    put(kit, state.sha256, 0, data)
    incoming = Path(settings.TECHKIT_FOLDER or "") / "blobs" / "incoming"
    for name in (Attachment.objects.get().pk.hex, "0" * 32):
        (incoming / name).mkdir(parents=True, exist_ok=True)
        (incoming / name / f"{0:015d}").write_bytes(b"left")
    attachments.clear_unfinished(1)
    assert on_disk() == 3
    attachments.clear_unfinished(1, later(2))
    assert on_disk() == 1
    assert announce(kit, data)[0].is_present


def test_a_device_that_announces_lets_the_service_look(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once an hour at most; nobody has to start a clean-up."""
    _data, _sha256, removal = begun(kit)
    kit.sync(removal)
    monkeypatch.setattr(attachments, "_SILENT", timedelta(0))
    announce(kit, b"another")
    assert Attachment.objects.count() == 2
    monkeypatch.setattr(attachments, "_looked_at", {})
    announce(kit, b"another")
    announce(kit, b"yet another")
    assert {row.size_bytes for row in Attachment.objects.all()} == {11}
