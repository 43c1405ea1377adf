"""Looking for no garbage while many objects are made that all stay in use."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def no_collection() -> Iterator[None]:
    """Look for no garbage meanwhile.

    A thousand operations make a hundred thousand small objects, none of them garbage yet: looking for some
    in between costs a tenth to a third of the time. Another thread may end it early; no harm done.
    """
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_collecting:
            gc.enable()
