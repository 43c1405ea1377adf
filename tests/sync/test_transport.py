"""The one door to HTTP against an end that is slow on purpose, over real TLS."""

from __future__ import annotations

import contextlib
import gc
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from techkit.errors import UnreachableError
from techkit.sync import transport
from techkit.sync.transport import Transport, fetch_certificate

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


@pytest.fixture
def dies_first(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give the address of an end that takes a connection and dies before the first byte of TLS."""
    listener = socket.create_server(("127.0.0.1", 0))
    is_connected = threading.Event()

    def die() -> None:
        with listener.accept()[0] as taken:
            is_connected.wait(10)
            # A reset instead of an end, as a killed service leaves it behind.
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    thread = threading.Thread(target=die, name="dying service")
    thread.start()
    connect = socket.create_connection

    def connected(*args: Any, **more: Any) -> socket.socket:
        made = connect(*args, **more)
        is_connected.set()
        watched = select.poll()
        watched.register(made, select.POLLERR | select.POLLHUP)
        assert watched.poll(10_000), "the reset did not arrive"
        return made

    monkeypatch.setattr(socket, "create_connection", connected)
    yield f"https://127.0.0.1:{listener.getsockname()[1]}"
    thread.join()
    listener.close()


@pytest.mark.skipif(not hasattr(select, "poll"), reason="this system cannot wait for a reset alone")
@pytest.mark.parametrize("way", ["a request", "the first look at a certificate"])
def test_an_end_that_dies_before_the_handshake_leaves_no_socket_behind(
    dies_first: str, empty_service: Path, way: str
) -> None:
    """One sentence, and nothing to be closed later: a forgotten socket fails this test with its warning."""
    certificate = ssl.PEM_cert_to_DER_cert((empty_service / "tls.crt").read_text())
    line = Transport(dies_first, certificate)
    with pytest.raises(UnreachableError):
        line.open() if way == "a request" else fetch_certificate(dies_first)
    gc.collect()
