"""A network that fails on purpose: passes bytes between a device and the service, and breaks where it is told.

It sees what a network sees: encrypted bytes. Faults are set between or during connections.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable


class FaultProxy:
    """Listens on a free port and passes everything to `target`, but for the faults asked for.

    swallow_after: once the device sent so many bytes on a connection, the service's answer is taken away and the
    connection ends (the service has done its work by then). cut_after: the connection ends as soon as the device
    has sent so many bytes since the fault was set. flip_at: one bit of the device's byte at this place is turned.
    """

    #: How long an answer is awaited before it is taken for swallowed.
    QUIET_S = 0.3

    def __init__(self, target: tuple[str, int]) -> None:
        self.target = target
        self.swallow_after: int | None = None
        self.cut_after: int | None = None
        self.flip_at: int | None = None
        self.sent = 0
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._is_open = True
        self._start(self._accept)

    @property
    def url(self) -> str:
        """Return the address devices use."""
        return f"https://127.0.0.1:{self._listener.getsockname()[1]}"

    def heal(self) -> None:
        """Take all faults away."""
        self.swallow_after = self.cut_after = self.flip_at = None
        self.sent = 0

    def close(self) -> None:
        """Stop, and wait for what is under way."""
        self._is_open = False
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _start(self, work: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=work, args=args, name="fault proxy")
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while self._is_open:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._start(self._pass, client)

    def _pass(self, client: socket.socket) -> None:
        # Either end may be gone when something is passed on to it: that connection is over.
        with contextlib.suppress(ConnectionError), client, socket.create_connection(self.target) as service:
            sent, quiet_since = 0, 0.0
            while self._is_open:
                ready, _w, _x = select.select([client, service], [], [], 0.05)
                if client in ready:
                    data = self._damaged(_read(client))
                    if not data:
                        return
                    if self.cut_after is not None and self.sent + len(data) >= self.cut_after:
                        service.sendall(data[: max(0, self.cut_after - self.sent)])
                        self.sent = self.cut_after
                        return
                    sent += len(data)
                    self.sent += len(data)
                    service.sendall(data)
                is_swallowing = self.swallow_after is not None and sent >= self.swallow_after
                if service in ready:
                    data = _read(service)
                    if not data:
                        return
                    if not is_swallowing:
                        client.sendall(data)
                    quiet_since = time.monotonic()
                elif is_swallowing and quiet_since and time.monotonic() - quiet_since > self.QUIET_S:
                    return

    def _damaged(self, data: bytes) -> bytes:
        at = self.flip_at
        if at is None or not self.sent <= at < self.sent + len(data):
            return data
        held = bytearray(data)
        held[at - self.sent] ^= 1
        return bytes(held)


def _read(end: socket.socket) -> bytes:
    try:
        return end.recv(65536)
    except OSError:
        return b""
