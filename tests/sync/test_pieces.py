"""Pieces of the outbox are as large as what travels may be, however well their text shrinks."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from techkit.central.models import Op
from techkit.records.activities import Troubleshooting
from techkit.records.identity import new_id
from techkit.records.visit import Visit
from techkit.store.database import Store
from techkit.store.outbox import Waiting
from techkit.sync import protocol, wire
from techkit.sync.client import Client
from techkit.sync.pieces import MOST_SENT_BYTES, Pieces
from techkit.sync.protocol import SyncRequest
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
    assert max(sent) <= MOST_SENT_BYTES
    assert min(sent[:-1]) >= 0.85 * MOST_SENT_BYTES
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
    assert max(sent) <= MOST_SENT_BYTES
    assert sent[1] > 1.05 * sent[0]


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
