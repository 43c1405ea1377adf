"""Pieces of the outbox are as large as what travels may be, however well their text shrinks."""

from __future__ import annotations

import base64
import random
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.db import transaction

from techkit.central import feed, ingest, snapshots
from techkit.central.batch import Batch
from techkit.central.models import Device, Op, SyncScope
from techkit.errors import UnreachableError
from techkit.records.activities import Troubleshooting
from techkit.records.identity import new_id
from techkit.records.operations import Change, Operation, pack
from techkit.records.visit import Visit
from techkit.store.database import Store
from techkit.store.outbox import Waiting
from techkit.sync import protocol, transport, wire
from techkit.sync.client import Client
from techkit.sync.merge import Author
from techkit.sync.pieces import Pieces
from techkit.sync.problems import ProblemCode
from techkit.sync.protocol import TRAVELLING_BYTES, SyncRequest
from techkit.sync.transport import Response, Transport
from tests.sync.customers import kept_customer

Devices = Callable[[str], tuple[Store, Client]]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the sizes of the bodies that go over the wire, as they go."""
    sizes: list[int] = []
    real = Transport.request

    def noted(self: Transport, method: str, path: str, headers: Any, body: bytes = b"") -> Response:
        if path == protocol.SYNC_PATH:
            sizes.append(len(body))
        return real(self, method, path, headers, body)

    monkeypatch.setattr(Transport, "request", noted)
    return sizes


def entries(store: Store, texts: list[str]) -> list[Troubleshooting]:
    """Keep a visit with an entry of each text."""
    visit = Visit(id=new_id(), customer_id=kept_customer(store).id, number=store.next_number(2026))
    made = [
        Troubleshooting(id=new_id(), visit_id=visit.id, title="Roller", note_internal=text) for text in texts
    ]
    store.save(visit, *made)
    return made


def random_text(chance: random.Random, length: int) -> str:
    return base64.b85encode(chance.randbytes(length * 4 // 5)).decode()


def test_text_that_does_not_shrink_goes_in_pieces_of_a_quarter_megabyte(
    enrolled: Devices, sent: list[int]
) -> None:
    """A cut costs what the specification allows, whatever the text is; the pieces are not much smaller than that."""
    store, client = enrolled("TK01")
    chance = random.Random(5)
    made = entries(store, [random_text(chance, 20_000) for _n in range(70)])
    assert client.sync().waiting_count == 0
    assert max(sent) <= TRAVELLING_BYTES
    assert min(sent[:-1]) >= 0.85 * TRAVELLING_BYTES
    assert Op.objects.filter(entity="troubleshooting").count() == len(made)


def test_text_that_shrinks_fills_its_pieces_once_it_is_known_how_well(
    enrolled: Devices, sent: list[int]
) -> None:
    """The first piece is a guess; those behind it hold more of the outbox, and no more than may travel."""
    store, client = enrolled("TK01")
    chance = random.Random(6)
    words = [random_text(chance, 20) for _n in range(400)]
    entries(store, [" ".join(chance.choices(words, k=600)) for _n in range(200)])
    assert client.sync().waiting_count == 0
    assert max(sent) <= TRAVELLING_BYTES
    assert sent[1] > 1.05 * sent[0]


def test_pieces_shrink_on_a_line_that_cuts_what_is_long(
    enrolled: Devices, sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of 256 kB ever gets through it: each sync tries half as much, and the device keeps what went."""
    store, client = enrolled("TK01")
    chance = random.Random(8)
    made = entries(store, [random_text(chance, 20_000) for _n in range(30)])
    whole = Transport.request
    is_bad = True

    def cutting(self: Transport, method: str, path: str, headers: Any, body: bytes = b"") -> Response:
        if is_bad and path == protocol.SYNC_PATH and len(body) > 70_000:
            raise transport.cut()
        return whole(self, method, path, headers, body)

    monkeypatch.setattr(Transport, "request", cutting)
    cuts = 0
    while store.outbox.waits().count and cuts < 20:
        try:
            client.sync()
        except UnreachableError:
            cuts += 1
    assert store.outbox.waits().count == 0
    assert Op.objects.filter(entity="troubleshooting").count() == len(made)
    assert max(sent) <= 70_000
    # On a better line they grow again.
    is_bad = False
    sent.clear()
    entries(store, [random_text(chance, 20_000) for _n in range(120)])
    assert client.sync().waiting_count == 0
    assert max(sent) >= 0.85 * TRAVELLING_BYTES


def test_one_change_larger_than_a_piece_goes_alone() -> None:
    """It can be made no shorter; what stands behind it goes with the next, and the office is told how much waits."""
    chance = random.Random(7)
    piece = [
        Waiting(n, b"", "", msgspec.msgpack.encode(chance.randbytes(length)), "", 0)
        for n, length in enumerate((9, 400_000, 9, 400_000, 9))
    ]
    pieces, carried, left = Pieces(), [], piece
    while left:
        body, sent = pieces.packed(_request(left), left)
        asked = wire.decode(body, SyncRequest, content_encoding="zstd")
        assert [bytes(op) for op in asked.ops] == [one.body for one in sent]
        assert asked.waiting_count == len(left) - len(sent)
        carried.append([one.place for one in sent])
        left = left[len(sent) :]
    assert carried == [[0], [1], [2], [3], [4]]


def _request(piece: list[Waiting]) -> SyncRequest:
    return SyncRequest(
        protocol=protocol.PROTOCOL, device=new_id(), token="", stamp="", epoch="", app_version="",
        last_acked_op="", cursors={}, ops=[msgspec.Raw(one.body) for one in piece], waiting_count=0,
    )  # fmt: skip


# --- what comes back -------------------------------------------------------------------------------------------


def given(store: Store) -> None:
    """Give a device every customer there is."""
    device = Device.objects.get(pk=store.device.id)
    for scope in SyncScope.objects.filter(scope_id__startswith="customer:"):
        feed.grant(device, scope.scope_id)


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the sizes of the answers to rounds, as they come."""
    sizes: list[int] = []
    real = Transport.request

    def noted(self: Transport, method: str, path: str, headers: Any, body: bytes = b"") -> Response:
        found = real(self, method, path, headers, body)
        if path == protocol.SYNC_PATH:
            sizes.append(len(found.body))
        return found

    monkeypatch.setattr(Transport, "request", noted)
    return sizes


def test_text_that_shrinks_to_nothing_reaches_a_colleague(enrolled: Devices) -> None:
    """A log of the same line over and over: it is no bomb, neither on its way in nor on its way out."""
    (store, client), (other, receiver) = enrolled("TK01"), enrolled("TK02")
    made = entries(store, [f"{n % 10}" * 99_000 for n in range(20)])
    client.sync()
    assert store.outbox.waits().count == 0
    given(other)
    receiver.sync()
    assert {held.note_internal for held in other.find(Troubleshooting)} == {m.note_internal for m in made}


@pytest.mark.parametrize("worth", [1e9, 0.0], ids=["operations", "a snapshot"])
def test_large_changes_that_do_not_shrink_reach_a_colleague(
    enrolled: Devices, received: list[int], monkeypatch: pytest.MonkeyPatch, worth: float
) -> None:
    """Whatever the text is, an answer brings no more than a cut may cost: there are more of them, and nothing comes twice."""
    monkeypatch.setattr(snapshots, "WORTH", worth)
    chance = random.Random(3)
    (store, client), (other, receiver) = enrolled("TK01"), enrolled("TK02")
    made = entries(store, [random_text(chance, 30_000) for _n in range(50)])
    client.sync()
    given(other)
    received.clear()
    receiver.sync()
    assert {held.note_internal for held in other.find(Troubleshooting)} == {m.note_internal for m in made}
    assert max(received) <= TRAVELLING_BYTES
    assert sum(received) < 1.1 * 50 * 30_000


def test_answers_are_made_once_when_it_is_known_how_well_their_text_shrinks(
    enrolled: Devices, received: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one is a guess; those behind it are nearly as large as a cut may cost, at the first go."""
    monkeypatch.setattr(snapshots, "WORTH", 1e9)
    chance = random.Random(9)
    (store, client), (other, receiver) = enrolled("TK01"), enrolled("TK02")
    entries(store, [random_text(chance, 5_000) for _n in range(300)])
    client.sync()
    given(other)
    made: list[int] = []
    real = feed.fill

    def counted(*args: Any, **more: Any) -> None:
        made.append(1)
        real(*args, **more)

    monkeypatch.setattr(feed, "fill", counted)
    received.clear()
    receiver.sync()
    assert max(received) <= TRAVELLING_BYTES
    full = sorted(received)[-4:]
    assert min(full) >= 0.9 * TRAVELLING_BYTES
    assert len(made) <= len(received) + 1


def test_an_operation_of_many_large_fields_stops_nobody(enrolled: Devices) -> None:
    """What no answer could carry is kept aside with its reason; what one can is carried, alone if need be."""
    chance = random.Random(4)
    store, client = enrolled("TK01")
    kept_customer(store)
    client.sync()
    (scope,) = SyncScope.objects.filter(scope_id__startswith="customer:")

    def large(count: int) -> bytes:
        fields = {
            f"text_{n}": Change(base64.b64encode(chance.randbytes(700_000)).decode()) for n in range(count)
        }
        return pack(
            Operation(
                op_id=new_id(), device="office", hlc=1 << 16, scope=scope.scope_id, entity="a_later_kind",
                record_id=new_id(), fields=fields,
            )
        )  # fmt: skip

    with transaction.atomic():
        batch = Batch(org_id=1, author=Author.OFFICE, device="office", now_ms=time.time_ns() // 1_000_000)
        taken = ingest.receive(batch, [large(5), large(3), large(3)])
    assert [item.problem.code for item in taken.refused] == [ProblemCode.FIELD_TOO_LARGE]
    assert client.sync().received_count == 2
