"""The office's list of visits: what one processor computes for a page of 10,000 visits, beside the page with none."""

from __future__ import annotations

import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.figures import Figure
from techkit.central import server

#: A page of a large office, computed. Source: docs/decisions/0022-rows-made-when-a-page-looks.md.
VISITS, BAR_MS = 10_000, 200.0

ASKED = {
    "queue": "",
    "all": "view=all",
    "filtered": "view=all&technician=Technician+3",
    "searched": "view=all&q=printer+77",
}


def measure() -> Iterator[Figure]:
    """Read each page as a browser does that has signed in; the best of five."""
    with tempfile.TemporaryDirectory() as folder:
        first = server.prepare(Path(folder))
        from django.test import Client

        from techkit.central.models import User

        user = User.objects.get(username=first.username)
        user.must_change_password = False
        user.save()
        client = Client(headers={"host": "localhost"})
        client.post("/sign-in", {"username": first.username, "password": first.password}, secure=True)
        client.defaults["wsgi.url_scheme"] = "https"
        client.defaults["SERVER_PORT"] = "443"

        def read(query: str) -> Callable[[], None]:
            def page() -> None:
                assert client.get(f"/visits?{query}", secure=True).status_code == 200

            return page

        empty = _computing_ms(read(""))
        fill(user.org_id, range(VISITS))
        costs = {name: _computing_ms(read(query)) for name, query in ASKED.items()}
        server.release()
    for name, cost in costs.items():
        yield Figure(f"page_{name}", cost, "ms", BAR_MS, floor=empty, is_absolute=True)


def _computing_ms(work: Callable[[], object]) -> float:
    tries = []
    for _round in range(5):
        begun = time.process_time()
        work()
        tries.append((time.process_time() - begun) * 1000)
    return min(tries)


def fill(org_id: int, numbers: Iterable[int]) -> None:
    """Make the rows of visits with these numbers, of 400 customers and 20 technicians; every tenth waits for review."""
    from techkit.central.models import VisitRow

    base = datetime(2026, 11, 20, 9, tzinfo=UTC)
    VisitRow.objects.bulk_create(
        (
            VisitRow(
                id=uuid.uuid4(),
                org_id=org_id,
                number=f"TK{n % 20:02}-2026-{n:05}",
                customer_id=uuid.UUID(int=n * 7 % 400 + 1),
                customer_name=f"Customer {n * 7 % 400}",
                person_name="Dr. Wilhelmina Abendrot-Lindenau",
                asset_name="LDG-RECEPTION-01",
                technician_name=f"Technician {n % 20}",
                work_state="submitted",
                review_state="received" if n % 10 == 0 else "approved",
                outcome="resolved",
                kinds=" troubleshooting install training ",
                started_at=base - timedelta(minutes=17 * n),
                received_at=base - timedelta(minutes=17 * n - 5),
                minutes=95,
                findings={"act": 2, "watch": 3},
                flags=[
                    {
                        "rule": "claim_not_proven",
                        "severity": "blocking",
                        "sentence": "The entry is not proven by the inventory.",
                    }
                ],
                flag_count=1,
                search_text=f"customer {n * 7 % 400} slow printer {n}",
                needs_review=n % 10 == 0,
                priority=5,
            )
            for n in numbers
        ),
        batch_size=500,
    )
