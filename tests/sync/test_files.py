"""Files on their way to the service: in pieces, cut and gone on with, freed only once they are there."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from techkit.central import accounts, attachments
from techkit.central.models import Attachment as KnownFile
from techkit.errors import RefusedError, StoreFullError, UnreachableError
from techkit.records.identity import new_id
from techkit.records.schema import replace
from techkit.records.visit import Attachment, Visit
from techkit.store.database import Store
from techkit.sync import replies, transport
from techkit.sync.client import Client
from techkit.sync.delivery import delivery
from techkit.sync.transport import Response, Transport
from tests.sync.customers import kept_customer

Devices = Callable[[str], tuple[Store, Client]]


def _photo(store: Store) -> tuple[bytes, str]:
    """Keep a visit with a photo of 2.5 MiB; return its bytes and their hash."""
    visit = Visit(id=new_id(), customer_id=kept_customer(store).id)
    data = os.urandom(2_500_000)
    sha256 = store.attach(data, "image/jpeg")
    store.save(
        visit,
        Attachment(
            id=new_id(), visit_id=visit.id, sha256=sha256, byte_count=len(data), media_type="image/jpeg"
        ),
    )
    return data, sha256


def test_file_goes_in_pieces_and_is_freed_only_when_present(enrolled: Devices) -> None:
    """A photo of 2.5 MiB arrives whole; before the service says so, our copy cannot be freed."""
    store, client = enrolled("TK01")
    data, sha256 = _photo(store)
    assert not store.attachments.free(sha256)
    assert client.sync().files_sent == 1
    assert store.attachments.unsent() == []
    assert store.attachments.free(sha256)
    with pytest.raises(Exception, match="not on this device"):
        store.attachment(sha256)
    client.fetch_file(sha256, "image/jpeg")
    assert store.attachment(sha256) == data
    assert client.line.connection()._connection is None, "a connection stays open"


def test_a_record_that_names_no_file_asks_for_none(enrolled: Devices) -> None:
    """What another device wrote in the place of a hash is no address to ask the office for."""
    _store, client = enrolled("TK01")
    before = client.line.connection().traffic.requests
    for written in ("", "é", "../device/rotate", "a b", "A" * 64, "0" * 64 + "\n"):
        with pytest.raises(RefusedError, match="does not have this file"):
            client.fetch_file(written, "image/jpeg")
    assert client.line.connection().traffic.requests == before


def test_a_file_that_would_fill_the_disk_is_not_fetched(
    enrolled: Devices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Room for two of its megabytes above the floor, and not for the rest: none of it is kept."""
    store, client = enrolled("TK01")
    _data, sha256 = _photo(store)
    client.sync()
    store.attachments.free(sha256)
    free = replies.FLOOR_BYTES + 2_000_000
    monkeypatch.setattr(replies.shutil, "disk_usage", lambda _folder: SimpleNamespace(free=free))
    with pytest.raises(StoreFullError):
        client.fetch_file(sha256, "image/jpeg")
    assert store.attachments.away([sha256]) == {sha256}


def test_file_goes_on_where_it_was_cut(enrolled: Devices, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file cut after its first piece goes on there; not a byte of that piece is sent again."""
    store, client = enrolled("TK01")
    data, _sha256 = _photo(store)
    real = Transport.request
    sent: list[int] = []

    def cut(self: Transport, method: str, path: str, headers: Any, body: bytes = b"") -> Response:
        if method == "PUT":
            if len(sent) == 1:
                sent.append(0)
                raise transport.cut()
            sent.append(len(body))
        return real(self, method, path, headers, body)

    monkeypatch.setattr(Transport, "request", cut)
    with pytest.raises(UnreachableError):
        client.sync()
    assert client.sync().files_sent == 1
    assert sum(sent) == len(data)


def test_a_file_goes_in_smaller_pieces_on_a_line_that_cuts_long_ones(
    enrolled: Devices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No piece of a megabyte ever gets through: the file arrives whole, in pieces that do."""
    store, client = enrolled("TK01")
    data, sha256 = _photo(store)
    real = Transport.request
    sent: list[int] = []

    def cut(self: Transport, method: str, path: str, headers: Any, body: bytes = b"") -> Response:
        if len(body) > 90_000:
            raise transport.cut()
        if method == "PUT":
            sent.append(len(body))
        return real(self, method, path, headers, body)

    monkeypatch.setattr(Transport, "request", cut)
    for _again in range(40):
        try:
            if client.sync().files_sent:
                break
        except UnreachableError:
            continue
    assert sum(sent) == len(data)
    assert KnownFile.objects.get(sha256=sha256).is_complete
    assert store.attachments.unsent() == []


@pytest.mark.parametrize("damage", ["flipped", "gone"])
def test_a_photo_that_does_not_read_never_stops_the_others(enrolled: Devices, damage: str) -> None:
    """The smaller one is damaged: it is told, the larger one arrives, and the visit does not count as sent."""
    store, client = enrolled("TK01")
    _data, sha256 = _photo(store)
    small = store.attach(b"a small photo", "image/jpeg")
    (visit,) = store.find(Visit)
    store.save(
        Attachment(id=new_id(), visit_id=visit.id, sha256=small, byte_count=13, media_type="image/jpeg")
    )
    place = store.attachments._path(small, 0)
    if damage == "gone":
        place.unlink()
    else:
        place.write_bytes(bytes(len(place.read_bytes())))
    result = client.sync()
    assert result.files_sent == 1
    assert [held.sha256 for held in store.attachments.unsent()] == [small]
    assert any(told.startswith("A photo or file cannot be read on this device") for told in result.notices)
    assert not delivery(store, visit.id).is_whole
    assert store.attachments.find(sha256).present_at


def test_a_file_goes_on_from_any_byte(enrolled: Devices, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service holds an odd number of bytes, as another techkit's pieces would leave: exactly the rest is sent."""
    store, client = enrolled("TK01")
    data, sha256 = _photo(store)
    odd = 1_048_576 + 1001
    row = KnownFile.objects.create(
        org_id=accounts.the_org().pk, sha256=sha256, size_bytes=len(data), media_type="image/jpeg",
        announced_at=datetime.now(UTC),
    )  # fmt: skip
    attachments.take_piece(row.pk, 0, data[:odd])
    real = Transport.request
    sent: list[bytes] = []

    def noted(self: Transport, method: str, path: str, headers: Any, body: bytes = b"") -> Response:
        sent.extend([body] if method == "PUT" else [])
        return real(self, method, path, headers, body)

    monkeypatch.setattr(Transport, "request", noted)
    assert client.sync().files_sent == 1
    assert b"".join(sent) == data[odd:]


def test_a_file_the_service_lost_is_sent_when_it_says_so(enrolled: Devices) -> None:
    """Its bytes are gone there without any restore: the next word about its record brings them again."""
    store, client = enrolled("TK01")
    _data, sha256 = _photo(store)
    client.sync()
    KnownFile.objects.filter(sha256=sha256).update(is_complete=False, received_bytes=0)
    (photo,) = store.find(Attachment)
    store.save(replace(photo, caption="The label"))
    assert client.sync().files_sent == 1
    assert KnownFile.objects.get(sha256=sha256).is_complete


def test_a_photo_taken_out_of_its_visit_leaves_the_device_once_the_office_has_it(enrolled: Devices) -> None:
    """Freed are only bytes the office holds whole, whose removal it knows, and that no other record here names.

    What was never sent goes at once.
    """
    store, client = enrolled("TK01")
    visit = Visit(id=new_id(), customer_id=kept_customer(store).id)
    photos = [
        Attachment(
            id=new_id(), visit_id=visit.id, sha256=store.attach(data, "image/jpeg"), byte_count=len(data),
            media_type="image/jpeg", name=name,
        )
        for name, data in (("blurred", b"1" * 40), ("twice", b"2" * 41), ("again", b"2" * 41))
    ]  # fmt: skip
    store.save(visit, *photos)
    client.sync()
    unsent = Attachment(
        id=new_id(), visit_id=visit.id, sha256=store.attach(b"3" * 42, "image/jpeg"), byte_count=42
    )
    store.save(unsent)
    for removed in (photos[0], photos[1], unsent):
        store.remove(removed, "blurred")
    with store.connection.transaction():
        store.connection.execute("UPDATE _file SET made_at = made_at - ?", (2 * 86_400,))
    assert store.attachments.free_nameless() == 0, "the office does not know of the removal yet"
    client.sync()
    assert store.attachments.away(one.sha256 for one in (*photos, unsent)) == {
        photos[0].sha256,
        unsent.sha256,
    }
    assert not KnownFile.objects.filter(sha256=unsent.sha256).exists()
    assert KnownFile.objects.get(sha256=photos[0].sha256).is_complete
    client.fetch_file(photos[0].sha256, "image/jpeg")
    assert store.attachment(photos[0].sha256) == b"1" * 40


def test_a_photo_taken_out_while_files_are_sent_is_not_sent_on(
    enrolled: Devices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a further piece of it goes, nobody is told of a damaged file, and its bytes go with the next sync."""
    store, client = enrolled("TK01")
    _data, sha256 = _photo(store)
    real = Transport.request
    sent: list[int] = []

    def taken_out(self: Transport, method: str, path: str, headers: Any, body: bytes = b"") -> Response:
        answer = real(self, method, path, headers, body)
        if method == "PUT":
            sent.append(len(body))
            store.remove(store.find(Attachment)[0], "wrong person")
        return answer

    monkeypatch.setattr(Transport, "request", taken_out)
    result = client.sync()
    assert (len(sent), result.files_sent, result.notices) == (1, 0, ())
    assert store.attachments.find(sha256) is not None, "the office does not know of the removal yet"
    client.sync()
    assert store.attachments.find(sha256) is None
