"""Answers that are odd, hostile or do not fit: one sentence each, and nothing of them is believed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from techkit.errors import ForeignServiceError, SyncError
from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.records.schema import replace
from techkit.store.database import Store
from techkit.sync import protocol, wire
from techkit.sync.client import Client
from techkit.sync.transport import Response, Transport
from tests.sync.customers import kept_customer

Devices = Callable[[str], tuple[Store, Client]]


@contextmanager
def _listening(answer: Callable[[Any], bytes]) -> Iterator[tuple[int, list[bytes]]]:
    """Listen on a free port for one connection; give what was read from it."""
    import socket

    seen: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)

    def serve() -> None:
        with listener:
            plain, _address = listener.accept()
            with plain:
                plain.settimeout(10)
                seen.append(answer(plain))

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()[1], seen
    thread.join()


def _handshake(context: Any, plain: Any) -> bytes:
    """Take a TLS handshake and return what came after it."""
    try:
        with context.wrap_socket(plain, server_side=True) as secured:
            return bytes(secured.recv(100))
    except OSError:
        return b""


_PAGE = Response(200, {"content-type": "text/html"}, b"<html>Please sign in</html>")


@pytest.mark.parametrize(
    "answer",
    [
        _PAGE,
        Response(302, {"location": "https://evil.invalid/"}, b""),
        Response(200, {"content-type": wire.MESSAGEPACK}, b""),
        Response(200, {"content-type": wire.MESSAGEPACK}, b"\xff" * 100),
        Response(200, {"content-type": wire.MESSAGEPACK, "content-encoding": "zstd"}, b"(\xb5/\xfd"),
        Response(500, {"content-type": "text/plain"}, b"oops"),
        Response(429, {"retry-after": "315360000"}, b""),
        Response(503, {"retry-after": "soon"}, b""),
        Response(503, {"retry-after": "9" * 5000}, b""),
        Response(409, {"content-type": wire.PROBLEM_JSON}, b"{]"),
        Response(401, {"content-type": wire.PROBLEM_JSON}, b'{"code": 104, "status": 401}'),
        Response(413, {"content-type": wire.PROBLEM_JSON}, b'{"code": 101, "status": 413}'),
    ],
    ids=[
        "sign-in page",
        "redirect",
        "empty",
        "rubbish",
        "cut frame",
        "fault",
        "ten years",
        "soon",
        "no end of figures",
        "bad problem",
        "signature",
        "too large",
    ],
)
def test_odd_answer_is_a_sentence(
    enrolled: Devices, monkeypatch: pytest.MonkeyPatch, answer: Response
) -> None:
    """A sign-in page, a redirect, rubbish, a busy or broken service: a clear sentence each, the queue intact."""
    store, client = enrolled("TK01")
    kept_customer(store)
    monkeypatch.setattr(Transport, "request", lambda *_args: answer)
    with pytest.raises(SyncError) as caught:
        client.sync()
    assert caught.value.safe
    assert caught.value.advice
    assert store.outbox.waits().count == 1
    if "pause_s" in caught.value.context:
        assert 0 < int(str(caught.value.context["pause_s"])) <= 900


def test_places_that_do_not_fit_are_not_believed(enrolled: Devices, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reply whose places leave a gap or whose digest is not that of its operations moves no place."""
    store, client = enrolled("TK01")
    customer = kept_customer(store)
    client.sync()
    scope = f"customer:{customer.id}"
    before = store.replica.cursors()[scope]
    real = Transport.request

    def lie(self: Transport, method: str, path: str, headers: Any, body: bytes = b"") -> Response:
        found = real(self, method, path, headers, body)
        reply = wire.decode(
            found.body,
            protocol.SyncReply,
            content_type=found.content_type,
            content_encoding=found.headers.get("content-encoding", ""),
        )
        reply.cursors = {scope: (before[0] + 5, before[1])}
        changed = wire.encode(reply)
        return Response(200, {"content-type": wire.MESSAGEPACK}, changed)

    monkeypatch.setattr(Transport, "request", lie)
    with pytest.raises(SyncError):
        client.sync()
    monkeypatch.undo()
    client.sync()
    assert store.replica.cursors()[scope] == before
    assert store.get(Customer, customer.id) == customer


def test_receipts_by_place_count_for_what_was_sent_only(
    enrolled: Devices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reply that puts our changes at no place, or speaks of other customers, acknowledges nothing."""
    store, client = enrolled("TK01")
    customer = kept_customer(store)
    client.sync()
    scope = f"customer:{customer.id}"
    store.save(replace(customer, display_name="Bäckerei Krümel & Söhne"))
    real = Transport.request

    def lying(told: dict[str, int]) -> Callable[..., Response]:
        def lie(self: Transport, method: str, path: str, headers: Any, body: bytes = b"") -> Response:
            found = real(self, method, path, headers, body)
            reply = wire.decode(found.body, protocol.SyncReply, content_encoding="zstd")
            assert list(reply.places) == [scope]
            reply.places = told
            return Response(200, {"content-type": wire.MESSAGEPACK}, wire.encode(reply))

        return lie

    lies: list[dict[str, int]] = [{}, {f"customer:{new_id()}": 2}, {scope: 0}, {scope: -7}, {scope: 2**63}]
    for told in lies:
        with monkeypatch.context() as patch:
            patch.setattr(Transport, "request", lying(told))
            with pytest.raises(SyncError):
                client.sync()
        assert store.outbox.waits().count == 1
        # What the service has already is told one by one; the next lie needs a change it does not know.
        assert client.sync().sent_count == 1
        store.save(replace(store.get(Customer, customer.id), display_name=new_id()))
    assert client.sync().sent_count == 1


def test_other_certificate_is_never_trusted(enrolled: Devices, tmp_path: Path) -> None:
    """When something with another certificate answers at the address, nothing is sent to it."""
    import ssl

    from techkit.central.server import _make_certificate

    store, client = enrolled("TK01")
    kept_customer(store)
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    _make_certificate(foreign, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(foreign / "tls.crt", foreign / "tls.key")
    with _listening(lambda plain: _handshake(context, plain)) as (port, seen):
        store.replica.set_meta({"url": f"https://127.0.0.1:{port}"})
        with pytest.raises(ForeignServiceError):
            client.sync()
    assert seen == [b""]
    assert store.outbox.waits().count == 1
