"""The one door to HTTP against an end that is slow on purpose, over real TLS."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from techkit.errors import UnreachableError
from techkit.sync import transport
from techkit.sync.transport import Transport

Drip = Callable[[bytes], Transport]


@pytest.fixture
def drips(empty_service: Path) -> Iterator[Drip]:
    """Give a line to a service that begins its answer and goes on with a byte at a time for four seconds."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(empty_service / "tls.crt", empty_service / "tls.key")
    certificate = ssl.PEM_cert_to_DER_cert((empty_service / "tls.crt").read_text())
    listener = socket.create_server(("127.0.0.1", 0))
    made: list[Transport] = []
    threads: list[threading.Thread] = []
    is_over = threading.Event()

    def answer(begun: bytes) -> None:
        with (
            contextlib.suppress(OSError),
            context.wrap_socket(listener.accept()[0], server_side=True) as held,
        ):
            held.recv(65536)
            held.sendall(begun)
            for _turn in range(80):
                held.sendall(b"x")
                if is_over.wait(0.05):
                    return

    def begin(begun: bytes) -> Transport:
        threads.append(threading.Thread(target=answer, args=(begun,), name="dripping service"))
        threads[-1].start()
        made.append(Transport(f"https://127.0.0.1:{listener.getsockname()[1]}", certificate))
        return made[-1]

    yield begin
    is_over.set()
    for line in made:
        line.close()
    for thread in threads:
        thread.join()
    listener.close()


@pytest.mark.parametrize(
    "begun", [b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Long: "]
)
def test_an_answer_that_drips_for_ever_ends_in_time(
    drips: Drip, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    """Each byte comes soon enough, but all of them together do not: head or body, the request ends with a sentence."""
    monkeypatch.setattr(transport, "REQUEST_S", 0.5)
    line, began = drips(begun), time.monotonic()
    with pytest.raises(UnreachableError):
        line.request("GET", "/", {})
    assert time.monotonic() - began < 3
