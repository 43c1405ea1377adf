"""Files a person points at: read whole, and only where they are files.

A pipe somebody named like a package would be waited for, a device would never end, and a film would fill the memory:
none of them is begun. A link is followed; nothing is ever written here.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def read(path: Path, most_bytes: int) -> bytes:
    """Return the bytes of a file. Raises: OSError for what is no file, cannot be read or is larger than that."""
    try:
        # Not waiting for the other end of a pipe.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except ValueError as error:  # a name no system takes
        raise FileNotFoundError(errno.ENOENT, str(error)) from error
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "not a file")
        data = file.read(most_bytes + 1)  # it may have grown since anybody looked
    if len(data) > most_bytes:
        raise OSError(errno.EFBIG, "too large")
    return data
