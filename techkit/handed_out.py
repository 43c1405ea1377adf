"""Files written where a person asked for them: a page, an export, a package. Whole or not at all.

The bytes are on the disk under another name before they take the place of what stood there: a disk that fills up, a
stick pulled out and a program that is killed leave the earlier file as it was.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from techkit.errors import InputError
from techkit.i18n import _


def write(path: Path, data: bytes, *, safe: str, is_new: bool = False) -> None:
    """Write a file. safe: what is not lost where that cannot be done. is_new: what stands there is never replaced.

    Raises: InputError.
    """
    try:
        if is_new and path.exists():
            raise FileExistsError
        _put(path, data)
    except FileExistsError as error:
        raise InputError(
            _("There is a file of that name already."),
            safe=_("It is unchanged."),
            advice=_("Choose another name."),
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a name no system takes
        raise InputError(
            _("The file could not be written."),
            safe=safe,
            advice=_("Look whether there is room and whether the place is write-protected."),
        ) from error


def _put(path: Path, data: bytes) -> None:
    """Put bytes in place of what is at a path. Raises: OSError."""
    if path.exists() and not path.is_file():
        path.write_bytes(data)  # a pipe or a device: nothing to keep there
        return
    fresh = path.with_name(f"{path.name}.new")
    try:
        with fresh.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise
