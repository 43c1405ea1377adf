"""The store: saving a record beside a bare SQLCipher transaction; searching in 10,000 and in 100,000 visits."""

from __future__ import annotations

import functools
import json
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.figures import Figure, medians, milliseconds
from techkit.records.encoding import to_document
from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.records.schema import replace
from techkit.records.visit import Visit
from techkit.store.connection import Connection
from techkit.store.database import Store

#: Bars of the specification: save ≤ 3 × a bare transaction, search ≤ 50 ms in 10,000 visits.
SAVE_BAR = 3.0
SEARCH_BAR_MS = 50.0
VISITS, MANY_VISITS = 10_000, 100_000

_WORDS = (
    "Drucker druckt nicht mehr Rechner langsam Mail Anhang fehlt Kennwort vergessen Bildschirm flackert Tastatur "
    "Sicherung einrichten Netzwerk bricht ab Müller Straße Café Aktualisierung hängt Programm startet nicht"
).split()

#: What a person types: one letter, a word's beginning, two words, words with accents, something nobody wrote.
_SEARCHES = ("d", "druck", "rechner lang", "mull strass", "zzz", "TK07-2026-99", "n n n")


def measure() -> Iterator[Figure]:
    """Measure saving and searching."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _save(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        yield Figure("search", max(_search(Path(folder), VISITS, milliseconds)), "ms", SEARCH_BAR_MS)
    with tempfile.TemporaryDirectory() as folder:
        many = max(_search(Path(folder), MANY_VISITS, computing))
        yield Figure("search_100k_computing", many, "ms", SEARCH_BAR_MS)


def computing(work: Callable[[], object]) -> float:
    """Return what `work` computes once in this thread, in ms: what other programs take does not count."""
    begun = time.thread_time()
    work()
    return (time.thread_time() - begun) * 1000


def _save(folder: Path) -> Iterator[Figure]:
    """Save one changed field of a visit, as autosave does, beside one row in one transaction."""
    store = Store.create(folder, secrets.token_bytes(32), technician="Mara")
    customer = Customer(id=new_id(), display_name="Bäckerei Krümel")
    visits = [
        Visit(id=new_id(), customer_id=customer.id, number=store.next_number(), purpose="Druckt nicht")
        for _ in range(60)
    ]
    store.save(customer, *visits)
    bare = Connection(folder / "bare.db", secrets.token_bytes(32))
    bare.raw.execute("CREATE TABLE visit (id TEXT PRIMARY KEY, document TEXT) STRICT")
    document = json.dumps(to_document(visits[0]))
    count = 0

    def save() -> None:
        nonlocal count
        count += 1
        store.save(replace(visits[count % 60], purpose=f"Druckt nicht mehr, Versuch {count}"))

    def floor() -> None:
        bare.raw.execute("BEGIN IMMEDIATE")
        bare.raw.execute("INSERT INTO visit VALUES (?, ?)", (new_id(), document))
        bare.raw.execute("COMMIT")

    for _ in range(20):
        save()
        floor()
    value, beside = medians(save, floor, rounds=101)
    yield Figure("save", value, "ms", SAVE_BAR, floor=beside)
    store.close()
    bare.close()


def _search(folder: Path, count: int, measured: Callable[[Callable[[], object]], float]) -> Iterator[float]:
    """Yield the ms of each search a person types, over so many visits whose index was brought up to date."""
    store = Store.create(folder, secrets.token_bytes(32), prefix="TK07")
    customer = Customer(id=new_id(), display_name="Bäckerei Krümel")
    store.save(customer)
    for start in range(0, count, 1000):
        store.save(
            *(
                Visit(
                    id=new_id(),
                    customer_id=customer.id,
                    number=f"TK07-2026-{number:04d}",
                    purpose=" ".join(_WORDS[(number * k) % len(_WORDS)] for k in (1, 3, 7, 11, 13)),
                )
                for number in range(start, start + 1000)
            )
        )

    while store.refresh_search(5000):
        pass
    for text in _SEARCHES:
        yield statistics.median(measured(functools.partial(store.search, text, limit=50)) for _ in range(7))
    store.close()
