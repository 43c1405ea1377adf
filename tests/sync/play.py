"""Play a great many histories: `python -m tests.sync.play 100000 --workers 2 --seed 1`.

Blocks of 50 with a seed each, on several cores, for as long as it takes; one line a minute. A block that breaks an
invariant is named with its seed and what broke, and the rest goes on; the exit code is 1 then. One block again, made
shorter where it fails: TECHKIT_SHRINK=1 python -m tests.sync.play 50 --workers 1 --seed 1234

With --db postgres the service keeps its tables in a PostgreSQL server of ours, a database for each core.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.services import make_database, running_postgres

#: Histories of one seed.
BLOCK = 50


def main() -> int:
    """Share the blocks out and say how it goes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("histories", type=int)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=1, help="of the first block; the others count on")
    parser.add_argument("--db", choices=("sqlite", "postgres"), default="sqlite", help="the service's tables")
    parser.add_argument("--part", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--server", default="", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    blocks = max(1, -(-asked.histories // BLOCK))
    if asked.part:
        return _play(range(asked.seed, asked.seed + blocks), asked.server)
    started = time.monotonic()
    with running_postgres() if asked.db == "postgres" else contextlib.nullcontext("") as address:
        codes = _share_out(blocks, max(1, min(asked.workers, blocks)), asked.seed, address)
    spent = time.monotonic() - started
    total = blocks * BLOCK
    sys.stdout.write(
        f"{total} histories on {asked.db} in {spent:.0f} s, {total / spent:.1f} a second, "
        f"{sum(codes)} of {len(codes)} parts failed\n"
    )
    return 1 if any(codes) else 0


def _share_out(blocks: int, workers: int, first: int, address: str) -> list[int]:
    """Play the blocks in so many processes; return what each ended with. address: of a PostgreSQL server, or ""."""
    running = []
    for number in range(workers):
        share = blocks // workers + (number < blocks % workers)
        command = [
            sys.executable,
            "-m",
            "tests.sync.play",
            str(share * BLOCK),
            "--seed",
            str(first),
            "--part",
        ]
        command += ["--server", address] if address else []
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        first += share
    codes = []
    for one in running:
        said, _nothing = one.communicate()
        sys.stdout.write(said)
        codes.append(one.returncode)
    return codes


def _play(seeds: range, address: str) -> int:
    """Play the blocks of these seeds in this process; return 1 when one broke an invariant.

    address: of the PostgreSQL server that gets a database for it; "" for SQLite.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "techkit.central.settings")
    import django

    django.setup()
    from techkit.central import server
    from techkit.store.database import Store
    from techkit.sync import transport
    from tests.sync import histories, test_histories
    from tests.sync.histories import KEY, Office, Wire

    logging.disable(logging.CRITICAL)
    transport.Transport = Wire  # type: ignore[misc] # the network of this process
    transport.fetch_certificate = histories.certificate  # type: ignore[assignment] # the same
    failed = 0
    with tempfile.TemporaryDirectory() as place:
        service, template = Path(place) / "service", Path(place) / "store"
        dsn = make_database(address, "") if address else ""
        server.prepare(service, dsn)
        server.release()
        template.mkdir()
        Store.create(template, KEY, prefix="T000", name="empty", technician="Somebody").close()
        test_histories.Machine.service, test_histories.Machine.template = Office.of(service, dsn), template
        told_at = time.monotonic()
        for number, seeded in enumerate(seeds, 1):
            try:
                test_histories.play(BLOCK, seeded=seeded)
            except Exception:
                failed += 1
                sys.stderr.write(f"seed {seeded} broke an invariant:\n{traceback.format_exc()[-4000:]}\n")
            if time.monotonic() - told_at > 60:
                told_at = time.monotonic()
                sys.stderr.write(
                    f"{number * BLOCK} of {len(seeds) * BLOCK} histories, {failed} blocks failed\n"
                )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
