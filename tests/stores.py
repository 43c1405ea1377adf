"""Empty stores: one is made in each process of the tests, with a key they all share, and the others are copies of it.

Making a store takes 35 ms of a processor, copying and opening one takes 5.
"""

from __future__ import annotations

import functools
import shutil
import tempfile
import weakref
from pathlib import Path

from techkit.records.identity import new_id
from techkit.store.database import Store

KEY = bytes(range(32))


class _Made:
    """The store that is copied; its folder goes with it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="techkit-empty-store-"))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        Store.create(self.folder, KEY).close()


@functools.cache
def _made() -> _Made:
    return _Made()


def empty_store(
    folder: Path, *, prefix: str, name: str = "", technician: str = "", key: bytes = KEY, **more: str
) -> Store:
    """Return an empty store in a folder, of a device of its own. more: further parts of the device.

    key: opens it; with another than KEY, as a vault's, it is made anew.
    """
    if key != KEY:
        return Store.create(folder, key, prefix=prefix, name=name, technician=technician, **more)
    shutil.copytree(_made().folder, folder, dirs_exist_ok=True)
    store = Store.open(folder, KEY)
    store.change_device(id=new_id(), prefix=prefix, name=name, technician=technician, **more)
    return store
