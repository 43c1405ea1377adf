"""A long fetch: what follows a part is asked for before anybody looks at the part; what does not hold is left, nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from techkit.central import feed
from techkit.errors import SyncError
from techkit.records.identity import new_id
from techkit.records.parties import Contact
from techkit.store.answer import Answer
from techkit.store.database import Store
from techkit.sync import protocol, wire
from techkit.sync.client import Client
from techkit.sync.protocol import SyncReply
from techkit.sync.transport import Response, Transport
from tests.sync.customers import kept_customer, share

Devices = Callable[[str], tuple[Store, Client]]
#: A reply brings this many changes at most, and this many replies bring all there are.
PART, PARTS = 10, 7


@pytest.fixture
def fetching(enrolled: Devices, monkeypatch: pytest.MonkeyPatch) -> tuple[Store, Client]:
    """Give a device that has seventy changes of a colleague to fetch, ten with each reply."""
    monkeypatch.setattr(feed, "MAX_CHANGES", PART)
    store, client = enrolled("TK01")
    customer = kept_customer(store)
    count = PART * PARTS - 1
    store.save(*(Contact(id=new_id(), customer_id=customer.id, family_name=f"Nr. {n}") for n in range(count)))
    client.sync()
    other, colleague = enrolled("TK02")
    colleague.sync()
    share(customer, other)
    return other, colleague


def _change_replies(monkeypatch: pytest.MonkeyPatch, change: Callable[[SyncReply, int], None]) -> list[int]:
    """Have replies changed on the way; return a list that gets the number of each."""
    rounds: list[int] = []
    real = Transport.request

    def answer(self: Transport, method: str, path: str, headers: Any, body: bytes = b"") -> Response:
        found = real(self, method, path, headers, body)
        if path != protocol.SYNC_PATH or found.status != 200:
            return found
        rounds.append(len(rounds) + 1)
        reply = wire.decode(found.body, SyncReply, content_encoding=found.headers.get("content-encoding", ""))
        change(reply, rounds[-1])
        return Response(200, {"content-type": wire.MESSAGEPACK}, wire.encode(reply))

    monkeypatch.setattr(Transport, "request", answer)
    return rounds


def test_parts_are_asked_for_while_others_are_taken(
    fetching: tuple[Store, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seven parts are seven requests, each on its way before the one ahead of it is taken; one waits at most."""
    store, client = fetching
    rounds = _change_replies(monkeypatch, lambda _reply, _round: None)
    seen: list[int] = []
    pause = threading.Event()
    real = store.take

    def take(answer: Answer) -> None:
        if len(seen) < PARTS - 1:
            # The next reply comes while this part waits to be taken.
            for _wait in range(1000):
                if len(rounds) > len(seen) + 1:
                    break
                pause.wait(0.01)
        seen.append(len(rounds))
        real(answer)

    monkeypatch.setattr(store, "take", take)
    result = client.sync()
    assert (result.received_count, result.requests) == (PART * PARTS, PARTS)
    assert all(part < asked <= part + 2 for part, asked in enumerate(seen[:-1], 1)), seen
    assert len(store.find(Contact, limit=1000)) == PART * PARTS - 1


def test_a_part_that_does_not_fit_is_taken_again(
    fetching: tuple[Store, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong place in one reply leaves what was asked for behind it; all of it comes again, and the device stays known."""
    store, client = fetching

    def lie(reply: SyncReply, round_: int) -> None:
        if round_ == 3:
            reply.cursors = {scope: (seq, "00" * 8) for scope, (seq, _digest) in reply.cursors.items()}

    _change_replies(monkeypatch, lie)
    client.sync()
    assert len(store.find(Contact, limit=1000)) == PART * PARTS - 1
    assert client.sync().received_count == 0


def test_a_sync_that_ends_among_the_parts_goes_on_where_it_was(
    fetching: tuple[Store, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is no reply, with another part on its way, ends the sync; the next one brings the rest, under the same token."""
    store, client = fetching

    def lie(reply: SyncReply, round_: int) -> None:
        if round_ == 4:
            reply.now_ms = 1

    with monkeypatch.context() as patch:
        _change_replies(patch, lie)
        with pytest.raises(SyncError):
            client.sync()
    assert len(store.find(Contact, limit=1000)) == 3 * PART - 1
    assert client.sync().received_count == (PARTS - 3) * PART
    assert len(store.find(Contact, limit=1000)) == PART * PARTS - 1
