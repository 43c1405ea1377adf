"""Long lists: the first rows of 10,000 visits, ready to show: the time one processor computes for them."""

from __future__ import annotations

import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.figures import Figure
from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.records.visit import Visit
from techkit.store.database import Store
from techkit.ui.presenters.lanes import InlineLanes
from techkit.ui.presenters.list_kinds import VISITS
from techkit.ui.presenters.lists import RecordList
from techkit.ui.presenters.sight import Sight
from techkit.ui.presenters.surroundings import Surroundings

ROWS, BAR_MS = 10_000, 50.0
BEGUN = datetime(2026, 1, 1, 9, tzinfo=UTC)


def measure() -> Iterator[Figure]:
    """Read the list as the page does, in the order that costs most, and with words typed."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.create(Path(folder), secrets.token_bytes(32), prefix="TK07")
        _fill(store)
        around = Surroundings(store=store, lanes=InlineLanes(), machine=lambda: None, is_own_computer=True)
        rows = RecordList(around, Sight(sees_all=True), VISITS, lambda _id: None)
        rows.show()
        by_day = statistics.median(_computing_ms(rows.refresh) for _round in range(9))
        rows.order("customer")
        by_name = statistics.median(_computing_ms(rows.refresh) for _round in range(9))
        rows.type("krumel printer")
        typed = statistics.median(_computing_ms(rows.refresh) for _round in range(9))
        rows.close()
        store.close()
    yield Figure("list_first_rows", max(by_day, by_name), "ms", BAR_MS)
    yield Figure("list_typed", typed, "ms", BAR_MS)


def _computing_ms(work: Callable[[], object]) -> float:
    begun = time.thread_time()
    work()
    return (time.thread_time() - begun) * 1000


def _fill(store: Store) -> None:
    customers = [Customer(id=new_id(), display_name=f"Bäckerei Krümel {n}") for n in range(500)]
    store.save(*customers)
    for first in range(0, ROWS, 2000):
        store.save(
            *(
                Visit(
                    id=new_id(),
                    customer_id=customers[n % 500].id,
                    number=f"TK07-2026-{n:05d}",
                    technician=f"Technician {n % 9}",
                    purpose="The printer in the reception prints half pages since the update",
                    arrived_at=BEGUN + timedelta(hours=n),
                )
                for n in range(first, first + 2000)
            )
        )
