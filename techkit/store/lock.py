"""The single-instance lock of a store's folder: a locked file, freed by the system when we die."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from techkit.store import connection

#: The lock file in the store's folder; its content (the process id) is for a person only.
FILE_NAME = "techkit.lock"


class FolderLock:
    """Hold a folder for this process. Raises: StoreBusyError when another process holds it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        with connection.border(folder):
            self._handle: int | None = os.open(self._path, os.O_RDWR | os.O_CREAT | _NO_INHERIT, 0o600)
            try:
                _lock(self._handle)
            except OSError as error:
                self.release()
                raise connection.busy() from error
            os.ftruncate(self._handle, 0)
            os.write(self._handle, str(os.getpid()).encode())

    def release(self) -> None:
        """Free the folder; a second call does nothing. The file stays: removing it would be a race."""
        if self._handle is not None:
            with contextlib.suppress(OSError):
                os.close(self._handle)
            self._handle = None


if sys.platform == "win32":
    import msvcrt

    _NO_INHERIT = os.O_NOINHERIT

    #: One byte far behind the process id is locked, so that the id stays readable.
    _LOCKED_AT = 1024

    def _lock(handle: int) -> None:
        os.lseek(handle, _LOCKED_AT, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        os.lseek(handle, 0, os.SEEK_SET)
else:
    import fcntl

    _NO_INHERIT = os.O_CLOEXEC

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
