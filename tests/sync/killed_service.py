"""A service that dies: `python -m tests.sync.killed_service FOLDER PORT STEP [DSN]` kills itself (-9) at its n-th statement.

Statements are counted once the first operation of a device is on its way in; 0 never dies.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from techkit.central import server


def main(folder: Path, port: int, last: int, dsn: str = "") -> None:
    """Serve, counting statements and commits of what comes in."""
    server.prepare(folder, dsn)
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.utils import CursorWrapper

    from techkit.central import rounds

    count = 0
    is_counting = False

    def step() -> None:
        nonlocal count
        count += is_counting
        if last and count == last:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(owner: type, name: str) -> None:
        real = getattr(owner, name)

        def counted(*args: Any, **more: Any) -> Any:
            step()
            found = real(*args, **more)
            step()
            return found

        setattr(owner, name, counted)

    real_take = rounds._take

    def take(device_id: Any, asked: Any, *args: Any) -> Any:
        nonlocal is_counting
        is_counting = bool(asked.ops)
        try:
            return real_take(device_id, asked, *args)
        finally:
            is_counting = False

    rounds._take = take
    for name in ("execute", "executemany"):
        around(CursorWrapper, name)
    around(BaseDatabaseWrapper, "_commit")
    server.serve(folder, port=port, database_dsn=dsn)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
