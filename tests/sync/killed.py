"""A sync that dies: `python -m tests.sync.killed FOLDER STEP` opens the store, syncs, and kills itself (-9) at a step.

A step is a statement the store sends to its database, a transaction's end, or a request's beginning or end. Prints the
number of steps when it lives to the end.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from techkit.store.connection import Connection
from techkit.store.database import Store
from techkit.sync.client import Client
from techkit.sync.transport import Transport

KEY = bytes(range(32))


class Steps:
    """Counts, and ends this process without a word when the count is reached."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.count = 0

    def step(self) -> None:
        """Count one; die when it was the last."""
        self.count += 1
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner: type, name: str) -> None:
        """Let every call of a method be a step before and one after it."""
        real: Callable[..., Any] = getattr(owner, name)

        def counted(*args: Any, **more: Any) -> Any:
            self.step()
            found = real(*args, **more)
            self.step()
            return found

        setattr(owner, name, counted)


def main(folder: Path, last: int) -> None:
    """Open the store and sync it, counting."""
    store = Store.open(folder, KEY)
    steps = Steps(last)
    for name in ("execute", "many"):
        steps.around(Connection, name)
    steps.around(Transport, "request")
    client = Client(store)
    client.sync()
    client.close()
    sys.stdout.write(f"{steps.count}\n")
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
