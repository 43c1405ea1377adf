"""Files written where a person asked for them: a page, an export, a package. Whole or not at all.

The bytes are on the disk under another name before they take the place of what stood there: a disk that fills up, a
stick pulled out and a program that is killed leave the earlier file as it was.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

from techkit.errors import InputError
from techkit.i18n import _


def write(path: Path, data: bytes, *, safe: str, is_new: bool = False) -> None:
    """Write a file. safe: what is not lost where that cannot be done. is_new: what stands there is never replaced.

    Raises: InputError.
    """
    try:
        _put(path, data, is_new=is_new)
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


def _put(path: Path, data: bytes, *, is_new: bool) -> None:
    """Put bytes in place of what is at a path. Raises: OSError."""
    if path.exists() and not path.is_file() and not is_new:
        path.write_bytes(data)  # a pipe or a device: nothing to keep there
        return
    # Of a name nobody gives a file, and made anew: in a folder others write to, too, no link of theirs is followed.
    fresh = path.parent / f".techkit-{hashlib.sha256(path.name.encode(errors='replace')).hexdigest()[:16]}"
    with contextlib.ExitStack() as undo:
        if is_new:
            path.open("xb").close()  # from here on the name is ours
            undo.callback(_remove, path)
        fresh.unlink(missing_ok=True)  # what a program that was killed left, or a link of somebody else
        with os.fdopen(_made(fresh), "wb") as file:
            undo.callback(_remove, fresh)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        undo.pop_all()


def _made(path: Path) -> int:
    """Return a handle of a file that was not there. Raises: PermissionError where somebody made one meanwhile, OSError."""
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    except FileExistsError as error:
        raise PermissionError(*error.args) from error


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
