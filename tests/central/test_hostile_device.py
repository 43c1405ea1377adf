"""Strangers at the service's door: slow ones, long ones, too many; devices that are served do not notice them."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from techkit.central import server

#: As many as PROMISES S9 names.
STRANGERS = 200


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Service]:
    """Run a service over HTTPS in this process."""
    folder = tmp_path_factory.mktemp("service") / "data"
    server.prepare(folder)
    server.release()
    with server.running(folder) as held:
        yield held


def connect(service: server.Service) -> ssl.SSLSocket:
    """Open a TLS connection as a stranger does."""
    parts = urlsplit(service.url)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    plain = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10)
    return context.wrap_socket(plain)


def ask(service: server.Service) -> None:
    """Ask for the service's health over a connection of its own, and be answered within the connection's ten seconds."""
    with connect(service) as good:
        good.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b""
        while chunk := good.recv(65536):
            answer += chunk
    assert answer.startswith(b"HTTP/1.1 200"), answer[:200]


HALF_HEADERS = b"POST /api/v1/sync HTTP/1.1\r\nHost: localhost\r\n"
HALF_BODY = (
    b"POST /api/v1/sync HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/msgpack\r\n"
    b"Content-Length: 1000000\r\n\r\n\x81"
)


@pytest.mark.parametrize("begins", [HALF_HEADERS, HALF_BODY], ids=["headers", "body"])
def test_slow_strangers_keep_nobody_waiting(service: server.Service, begins: bytes) -> None:
    """Two hundred connections that drip a byte now and then: an honest request finds its way between them."""
    ended = threading.Event()
    with contextlib.ExitStack() as stack:
        strangers = [stack.enter_context(connect(service)) for _n in range(STRANGERS)]
        for one in strangers:
            one.sendall(begins)

        def drip() -> None:
            while not ended.wait(0.5):
                for one in strangers:
                    with contextlib.suppress(OSError):
                        one.sendall(b"a")

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            for _n in range(20):
                ask(service)
        finally:
            ended.set()
            dripping.join()


def test_a_stranger_who_sends_much_is_not_read(service: server.Service) -> None:
    """Nine megabytes from nobody known: refused by its announced length, before any of it is taken."""
    with connect(service) as stranger:
        stranger.sendall(
            b"POST /api/v1/enrol HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/msgpack\r\n"
            b"Content-Length: 9000000\r\n\r\n"
        )
        assert stranger.recv(4096).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    "header",
    [b"X-Long: " + b"a" * 2_000_000, b"\r\n".join(b"X-%d: 1" % n for n in range(5000)), b"X-Odd\x00: \xff"],
    ids=["long", "many", "odd"],
)
def test_huge_and_odd_headers_harm_nobody(service: server.Service, header: bytes) -> None:
    """Refused or ignored, and the next request is answered."""
    with connect(service) as stranger, contextlib.suppress(OSError):
        stranger.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n" + header + b"\r\n\r\n")
        assert not stranger.recv(4096).startswith(b"HTTP/1.1 5")
    ask(service)


def test_a_flood_of_strangers_leaves_room(service: server.Service) -> None:
    """Ten threads that ask as fast as they can with made-up signatures: others are still answered."""
    ended = threading.Event()

    def flood() -> None:
        while not ended.is_set():
            with contextlib.suppress(OSError), connect(service) as stranger:
                stranger.sendall(HALF_BODY.replace(b"1000000", b"1"))
                stranger.recv(4096)

    threads = [threading.Thread(target=flood) for _n in range(10)]
    for one in threads:
        one.start()
    try:
        for _n in range(10):
            ask(service)
    finally:
        ended.set()
        for one in threads:
            one.join()
