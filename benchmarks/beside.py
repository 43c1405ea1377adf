"""Anki's sync beside ours: `python -m benchmarks.beside`, 10,000 records of 1 kB over the loopback address.

Anki stands in an environment of its own (`pip install anki`, its server is in there): TECHKIT_ANKI_PYTHON names its
Python. Without it this says so and measures nothing. It is no bar: Anki sends notes in clear over HTTP to one user's own
database, without conflicts, scopes, signatures or encryption at either end.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import sync
from techkit.store.database import Store
from techkit.sync.client import Client

#: Printed for each of both: seconds, and bytes on the wire in both directions.
_LINE = "{name:<8} {what:<8} {seconds:>7.2f} s  sent {sent:>10,}  received {received:>10,}"

#: What Anki's own Python plays: its server, a proxy that counts bytes, two collections.
_ANKI = r"""
import os, socket, subprocess, sys, threading, time
from anki.collection import Collection

folder, texts = sys.argv[1], open(sys.argv[2], encoding="utf-8").read().split("\n")
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
base = {"SYNC_USER1": "ines:secret", "SYNC_BASE": folder + "/server", "SYNC_HOST": "127.0.0.1", "SYNC_PORT": str(port)}
server = subprocess.Popen([sys.executable, "-m", "anki.syncserver"], env={**os.environ, **base}, stdout=subprocess.DEVNULL)
counted = {"sent": 0, "received": 0}

def pump(source, drain, name):
    try:
        while data := source.recv(65536):
            counted[name] += len(data)
            drain.sendall(data)
        drain.shutdown(socket.SHUT_WR)
    except OSError:
        pass

def accept():
    while True:
        near, _address = listening.accept()
        far = socket.create_connection(("127.0.0.1", port))
        threading.Thread(target=pump, args=(near, far, "sent"), daemon=True).start()
        threading.Thread(target=pump, args=(far, near, "received"), daemon=True).start()

def measured(what, collection):
    before, began = dict(counted), time.perf_counter()
    done = collection.sync_collection(login, False)
    spent = time.perf_counter() - began
    assert done.required == 0, done
    time.sleep(0.2)
    print(what, spent, counted["sent"] - before["sent"], counted["received"] - before["received"], flush=True)

def whole(collection, is_up):
    collection.sync_collection(login, False)
    collection.close_for_full_sync()
    collection.full_upload_or_download(auth=login, server_usn=None, upload=is_up)
    collection.reopen(after_full_sync=True)

def add(front, back):
    note = one.new_note(one.models.by_name("Basic"))
    note["Front"], note["Back"] = front, back
    one.add_note(note, 1)

try:
    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=accept, daemon=True).start()
    for _attempt in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.05)
    one, other = Collection(folder + "/one.anki2"), Collection(folder + "/other.anki2")
    address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
    login = one.sync_login("ines", "secret", address)
    login.endpoint = address
    add("first", "")
    whole(one, True)
    whole(other, False)
    for text in texts:
        add(text[:60], text[60:])
    measured("push", one)
    measured("pull", other)
    measured("nothing", other)
    assert other.note_count() == len(texts) + 1
    one.close()
    other.close()
finally:
    server.terminate()
    server.wait()
"""


def main() -> int:
    """Measure both, one after the other; return the exit code."""
    python = os.environ.get("TECHKIT_ANKI_PYTHON", "")
    if (
        not python
        or subprocess.run([python, "-c", "import anki"], check=False, capture_output=True).returncode
    ):
        print("Nothing was measured: TECHKIT_ANKI_PYTHON names no Python that has Anki (pip install anki).")
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = folder / "texts"
        _ours(folder / "ours", texts)
        _anki(python, folder, texts)
    return 0


def _ours(folder: Path, texts: Path) -> None:
    folder.mkdir()
    with sync.service(folder / "service") as running:
        store, client = sync._device(folder / "one", "TK07", running.invite())
        client.sync()
        sync._fill(store)
        # What people wrote, as Anki gets it: the same bytes of text, without our ids and names of fields.
        texts.write_text("\n".join(body[100:].decode("utf-8", "ignore") for body in _lines(store)), "utf-8")
        _measured("push", client)
        puller, other = sync._device(folder / "other", "TK08", running.invite())
        running.grant(puller.device.id)
        _measured("pull", other)
        _measured("nothing", other)
        for one in (client, other, store, puller):
            one.close()


def _lines(store: Store) -> list[bytes]:
    return [b" ".join(body.split()) for body in sync._bodies(store)]


def _measured(what: str, client: Client) -> None:
    began = time.perf_counter()
    done = client.sync()
    seconds = time.perf_counter() - began
    print(
        _LINE.format(
            name="techkit", what=what, seconds=seconds, sent=done.sent_bytes, received=done.received_bytes
        ),
        flush=True,
    )


def _anki(python: str, folder: Path, texts: Path) -> None:
    place = folder / "anki"
    place.mkdir()
    done = subprocess.run(
        [python, "-c", _ANKI, str(place), str(texts)], check=True, capture_output=True, text=True, timeout=600
    )
    for line in done.stdout.splitlines():
        what, seconds, sent, received = line.split()
        print(
            _LINE.format(
                name="Anki", what=what, seconds=float(seconds), sent=int(sent), received=int(received)
            )
        )


if __name__ == "__main__":
    sys.exit(main())
