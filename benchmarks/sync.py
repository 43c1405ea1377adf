"""Sync of 10,000 operations of 1 kB: push, pull, wire, a cut, nothing to do, a slow line; beside the physical floor.

Floor: one process reads the rows from SQLCipher, sends the same bytes (zstd) over loopback TLS in one request, and
another process puts them into its table in one transaction; for the pull the other way round. The service under
measurement and the floor's other end each run in a process of their own.
"""

from __future__ import annotations

import contextlib
import os
import queue
import random
import secrets
import socket
import sqlite3
import ssl
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import zstandard

from benchmarks.figures import Figure, milliseconds
from techkit.central import server
from techkit.errors import SyncError
from techkit.records.activities import Troubleshooting
from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.records.schema import Record, replace
from techkit.records.visit import SupplyUse, Visit
from techkit.store.connection import Connection
from techkit.store.database import Store
from techkit.sync.client import Client
from techkit.sync.transport import Transport, cut

#: Bars of the specification (SYNC-TESTS, issue 5).
PUSH_BAR, PULL_BAR = 2.2, 1.7
WIRE_BAR_KB = 0.40
NOOP_BAR_BYTES = 1000
CUT_BAR_KB = 256
SLOW_BAR = 1.3
OPERATIONS = 10_000

#: How often push and pull are measured, each beside its floor; the medians count.
_ROUNDS = 5

#: The slow line: half of 100 ms each way, one lost segment in a hundred.
_ONE_WAY_S = 0.05
_LOSS = 0.01
_SEGMENT_BYTES = 1460

_PER_VISIT = 40
_VISITS_PER_CUSTOMER = 5

#: Words enough that text shrinks as people's text does, and not as a test's.
_SYLLABLES = (
    "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu schlag netz druck rech bild strom".split()
)


def measure() -> Iterator[Figure]:
    """Measure push and pull, what goes over the wire, and a round with nothing to do.

    Push and pull and their floors are each the median of five, taken in turn, floor and ours, with new ends each time.
    The best of each made a ratio of the luckiest floor and the luckiest sync, which need not have met.
    """
    with tempfile.TemporaryDirectory() as name:
        rounds = []
        for number in range(_ROUNDS - 1):
            with service(Path(name) / f"service{number}") as running:
                rounds.append(_push_and_pull(Path(name) / f"round{number}", running)[0])
        yield from _measure(Path(name), rounds)


def _measure(folder: Path, rounds: list[Times]) -> Iterator[Figure]:
    with service(folder / "service") as running:
        times, pushed, pusher, client = _push_and_pull(folder / "round", running)
        middle = Times(*map(statistics.median, zip(*rounds, times, strict=True)))
        yield Figure("sync_push", middle.push, "ms", PUSH_BAR, floor=middle.floor_push)
        yield Figure("sync_wire per kB", pushed.sent_bytes / pushed.waiting_bytes, "kB", WIRE_BAR_KB)
        nothing = client.sync()
        assert nothing.requests == 1
        volume = nothing.sent_bytes + nothing.received_bytes
        yield Figure("sync_noop", float(volume), "bytes", NOOP_BAR_BYTES)
        yield Figure("sync_pull", middle.pull, "ms", PULL_BAR, floor=middle.floor_pull)
        yield from _cut(pusher, client, pushed.sent_bytes)
        client.close()
        pusher.close()
        yield from _slow(folder, running)


class Times(NamedTuple):
    """Milliseconds of one push and one pull of 10,000 operations, and of the bare ones beside them."""

    push: float
    floor_push: float
    pull: float
    floor_pull: float


class Pushed(NamedTuple):
    """What a push sent over the wire, of how many bytes that waited."""

    sent_bytes: int
    waiting_bytes: int


def _push_and_pull(folder: Path, running: Running) -> tuple[Times, Pushed, Store, Client]:
    """Push from one new device and pull to another; return the times, and the pusher, still open."""
    folder.mkdir()
    pusher, client = _device(folder / "pusher", "TK07", running.invite())
    client.sync()
    _fill(pusher)
    waiting = pusher.outbox.waits()
    floor_push, floor_pull = _floors(folder / "floor", running.folder, _bodies(pusher))
    result: list[Any] = []
    push = milliseconds(lambda: result.append(client.sync()))
    assert result[0].sent_count == OPERATIONS, result
    puller, other = _device(folder / "puller", "TK08", running.invite())
    running.grant(puller.device.id)
    pull = milliseconds(lambda: result.append(other.sync()))
    assert result[1].received_count == OPERATIONS, result[1]
    other.close()
    puller.close()
    pushed = Pushed(result[0].sent_bytes, waiting.byte_count)
    return Times(push, floor_push, pull, floor_pull), pushed, pusher, client


def _device(folder: Path, prefix: str, line: str) -> tuple[Store, Client]:
    store = _store(folder, prefix)
    client = Client(store)
    client.enrol(line)
    return store, client


def _cut(store: Store, client: Client, whole_bytes: int) -> Iterator[Figure]:
    """Push as many changes again with one answer lost on the way; what is sent twice is the figure."""
    for found in store.find(Troubleshooting, limit=4000):
        store.save(replace(found, note_internal=found.note_internal[::-1]))
    pieces: list[int] = []
    real = Transport._once

    def lossy(self: Transport, method: str, path: str, headers: Any, body: bytes) -> Any:
        answer = real(self, method, path, headers, body)
        pieces.append(len(body))
        if len(pieces) == 2:
            raise cut()
        return answer

    Transport._once = lossy  # type: ignore[method-assign] # the network's fault, put where it happens
    try:
        with contextlib.suppress(SyncError):
            client.sync()
        before_cut = list(pieces)
        client.sync()
    finally:
        Transport._once = real  # type: ignore[method-assign] # as it was
    # Everything was sent once but for what was on its way when the line broke.
    again = pieces[len(before_cut)]
    assert sum(pieces) < whole_bytes
    yield Figure("sync_cut", again / 1000, "kB", CUT_BAR_KB)


def _slow(folder: Path, running: Running) -> Iterator[Figure]:
    """Push 1,000 operations behind 100 ms and 1 % loss, beside the bare bytes over the same line."""
    store = _store(folder / "slow", "TK09")
    with _slow_line(int(running.url.rpartition(":")[2])) as port:
        client = Client(store)
        client.enrol(running.invite().replace(running.url, f"https://127.0.0.1:{port}"))
        client.sync()
        _fill(store, 1000)
        rows = _bodies(store)[-1000:]
        value = milliseconds(client.sync)
        client.close()
    store.close()
    floor_port = _free_port()
    command = [
        sys.executable,
        "-m",
        "benchmarks.sync",
        "floor",
        str(floor_port),
        str(running.folder),
        str(folder / "slow.db"),
    ]
    with _child(command, floor_port), _slow_line(floor_port) as port:
        bare = _bare(folder / "slow-bare.db", rows)
        floor = min(milliseconds(lambda: _floor_push(bare, port)) for _time in range(3))
        bare.close()
    yield Figure("sync_slow_link", value, "ms", SLOW_BAR, floor=floor)


# --- what is synced -----------------------------------------------------------------------------------------------


def _store(folder: Path, prefix: str) -> Store:
    folder.mkdir()
    return Store.create(folder, secrets.token_bytes(32), prefix=prefix, name=prefix, technician="Ines Okafor")


def _text(chance: random.Random, length: int) -> str:
    words: list[str] = []
    while sum(map(len, words)) + len(words) < length:
        words.append("".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))))
    return " ".join(words)


def _fill(store: Store, count: int = OPERATIONS) -> None:
    """Write so many records of about 1 kB: customers, their visits, what was done in them."""
    chance = random.Random(7)
    made: list[Record] = []
    while len(made) < count:
        customer = Customer(id=new_id(), display_name=_text(chance, 30), notes_for_visit=_text(chance, 800))
        made.append(customer)
        for _number in range(_VISITS_PER_CUSTOMER):
            visit = Visit(
                id=new_id(), number=store.next_number(), customer_id=customer.id, purpose=_text(chance, 800)
            )
            made.append(visit)
            for _entry in range(_PER_VISIT // 2):
                work = Troubleshooting(
                    id=new_id(), visit_id=visit.id, title=_text(chance, 60), note_internal=_text(chance, 750)
                )
                made += [
                    work,
                    SupplyUse(id=new_id(), visit_id=visit.id, name=_text(chance, 480), serial_in=new_id()),
                ]
    for start in range(0, count, 500):
        store.save(*made[start : min(start + 500, count)])


def _bodies(store: Store) -> list[bytes]:
    return [row[0] for row in store.connection.all("SELECT body FROM _operation ORDER BY place")][
        -OPERATIONS:
    ]


# --- the floor ------------------------------------------------------------------------------------------------------


def _floors(folder: Path, service: Path, rows: list[bytes]) -> tuple[float, float]:
    """Return ms for the bare push and the bare pull of the same bytes."""
    folder.mkdir()
    port = _free_port()
    command = [
        sys.executable,
        "-m",
        "benchmarks.sync",
        "floor",
        str(port),
        str(service),
        str(folder / "floor.db"),
    ]
    with _child(command, port):
        bare = _bare(folder / "bare.db", rows)
        push = milliseconds(lambda: _floor_push(bare, port))
        pull = milliseconds(lambda: _floor_pull(bare, port))
        bare.close()
    return push, pull


def _bare(path: Path, rows: list[bytes]) -> Connection:
    """Return a SQLCipher database that holds the rows and nothing else."""
    bare = Connection(path, secrets.token_bytes(32))
    bare.raw.execute("PRAGMA journal_mode = WAL")
    bare.raw.execute("PRAGMA synchronous = FULL")
    bare.raw.execute("CREATE TABLE sent (place INTEGER PRIMARY KEY, body BLOB) STRICT")
    bare.raw.execute("CREATE TABLE got (place INTEGER PRIMARY KEY, body BLOB) STRICT")
    bare.raw.execute("BEGIN")
    bare.raw.executemany("INSERT INTO sent VALUES (?, ?)", list(enumerate(rows)))
    bare.raw.execute("COMMIT")
    return bare


def _floor_push(bare: Connection, port: int) -> None:
    held = [row[1] for row in bare.raw.execute("SELECT place, body FROM sent ORDER BY place")]
    with _tls(port) as line:
        _send(line, b"P" + _packed(held))
        assert _receive(line) == b"ok"


def _floor_pull(bare: Connection, port: int) -> None:
    with _tls(port) as line:
        _send(line, b"G")
        held = _unpacked(_receive(line))
    bare.raw.execute("BEGIN IMMEDIATE")
    bare.raw.execute("DELETE FROM got")
    bare.raw.executemany("INSERT INTO got VALUES (?, ?)", list(enumerate(held)))
    bare.raw.execute("COMMIT")


def _packed(rows: list[bytes]) -> bytes:
    return zstandard.ZstdCompressor(level=3).compress(msgspec.msgpack.encode(rows))


def _unpacked(body: bytes) -> list[bytes]:
    return msgspec.msgpack.decode(zstandard.ZstdDecompressor().decompress(body), type=list[bytes])


def _send(line: ssl.SSLSocket, body: bytes) -> None:
    line.sendall(struct.pack(">Q", len(body)) + body)


def _receive(line: ssl.SSLSocket) -> bytes:
    length = struct.unpack(">Q", _exactly(line, 8))[0]
    return _exactly(line, length)


def _exactly(line: ssl.SSLSocket, count: int) -> bytes:
    held = bytearray()
    while len(held) < count:
        chunk = line.recv(count - len(held))
        if not chunk:
            raise EOFError
        held += chunk
    return bytes(held)


@contextlib.contextmanager
def _tls(port: int) -> Iterator[ssl.SSLSocket]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the floor measures bytes, not trust
    with socket.create_connection(("127.0.0.1", port)) as plain, context.wrap_socket(plain) as line:
        yield line


def floor_server(port: int, service: Path, database: Path) -> None:
    """Be the floor's other end until ended: put what comes into a table, give it back."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(service / "tls.crt", service / "tls.key")
    bare = sqlite3.connect(database, isolation_level=None)
    bare.execute("PRAGMA journal_mode = WAL")
    bare.execute("PRAGMA synchronous = FULL")
    bare.execute("CREATE TABLE got (place INTEGER PRIMARY KEY, body BLOB) STRICT")
    with socket.create_server(("127.0.0.1", port)) as listening:
        while True:
            plain, _address = listening.accept()
            with contextlib.suppress(EOFError, OSError), context.wrap_socket(plain, server_side=True) as line:
                asked = _receive(line)
                if asked[:1] == b"P":
                    bare.execute("BEGIN IMMEDIATE")
                    bare.execute("DELETE FROM got")
                    bare.executemany("INSERT INTO got VALUES (?, ?)", list(enumerate(_unpacked(asked[1:]))))
                    bare.execute("COMMIT")
                    _send(line, b"ok")
                else:
                    _send(
                        line, _packed([row[0] for row in bare.execute("SELECT body FROM got ORDER BY place")])
                    )


# --- a slow line --------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _slow_line(target: int) -> Iterator[int]:
    """Give a port that passes everything to another one, 50 ms later each way, and stalls as lost segments do.

    A lost segment is told by the next ones and sent again: one more round trip for what stands behind it.
    """
    listening = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def start(work: Callable[..., None], *args: Any) -> None:
        threads.append(threading.Thread(target=work, args=args, daemon=True))
        threads[-1].start()

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _address = listening.accept()
                far = socket.create_connection(("127.0.0.1", target))
                for end in (near, far):
                    # A network holds nothing back to fill a packet; only the two ends may.
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                start(_late, near, far)
                start(_late, far, near)

    start(accept)
    try:
        yield listening.getsockname()[1]
    finally:
        listening.close()


def _late(source: socket.socket, drain: socket.socket) -> None:
    """Pass bytes on, each 50 ms after it came; one segment in a hundred costs a round trip more."""
    chance = random.Random(1)
    waiting: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()

    def deliver() -> None:
        with contextlib.suppress(OSError):
            while True:
                due, data = waiting.get()
                time.sleep(max(0.0, due - time.monotonic()))
                if not data:
                    drain.shutdown(socket.SHUT_WR)
                    return
                drain.sendall(data)

    threading.Thread(target=deliver, daemon=True).start()
    stalled_until = 0.0
    with contextlib.suppress(OSError):
        while True:
            data = source.recv(65536)
            lost = sum(chance.random() < _LOSS for _segment in range(0, len(data), _SEGMENT_BYTES))
            stalled_until = max(stalled_until, time.monotonic()) + lost * 2 * _ONE_WAY_S
            waiting.put((stalled_until + _ONE_WAY_S, data))
            if not data:
                return


# --- the service ------------------------------------------------------------------------------------------------------


@dataclass
class Running:
    """A service in a process of its own. grant: gives a device every customer."""

    url: str
    folder: Path
    lines: list[str]

    def invite(self) -> str:
        """Return the line that lets one more device in."""
        return self.lines.pop()

    def grant(self, device_id: str) -> None:
        """Give a device every customer there is."""
        from techkit.central import feed
        from techkit.central.models import Device, SyncScope

        server.point(self.folder)
        device = Device.objects.get(pk=device_id)
        for scope in SyncScope.objects.filter(scope_id__startswith="customer:"):
            feed.grant(device, scope.scope_id)
        server.release()


@contextlib.contextmanager
def service(folder: Path) -> Iterator[Running]:
    """Run the service in a process of its own, ready to let three devices in."""
    first = server.prepare(folder)
    from techkit.central import accounts
    from techkit.central.invitations import invitation
    from techkit.central.models import User

    port = _free_port()
    url = f"https://127.0.0.1:{port}"
    server.point(folder)
    user = User.objects.get(username=first.username)
    lines = [invitation(url, accounts.new_enrol_code(user, user)[0]) for _n in range(3)]
    server.release()
    command = [sys.executable, "-m", "benchmarks.sync", "serve", str(port), str(folder)]
    with _child(command, port):
        yield Running(url, folder, lines)


@contextlib.contextmanager
def _child(command: list[str], port: int) -> Iterator[None]:
    running = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    try:
        for _attempt in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.05)
        yield
    finally:
        running.terminate()
        running.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    if sys.argv[1] == "floor":
        floor_server(int(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        server.serve(Path(sys.argv[3]), port=int(sys.argv[2]))
