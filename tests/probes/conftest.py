"""A pool whose workers know the misbehaving probes."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from techkit.children.processes import descendants
from techkit.probes.pool import Pool

ROOMS = Path(__file__).with_name("rooms")


@pytest.fixture(scope="session")
def rooms() -> ModuleType:
    """Return the module of misbehaving probes, importable under the same name as in a worker."""
    sys.path.insert(0, str(ROOMS))
    try:
        return importlib.import_module("misbehaving")
    finally:
        sys.path.remove(str(ROOMS))


@pytest.fixture
def pool() -> Iterator[Pool]:
    """Return a pool of real workers; afterwards no process of theirs may be left."""
    before = descendants(os.getpid())
    pool = Pool(extra_environment=[("PYTHONPATH", str(ROOMS))])
    yield pool
    pool.close()
    assert descendants(os.getpid()) <= before
