"""A real store in a temporary folder, and a customer to begin with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.store.database import Store
from tests.stores import KEY, empty_store

__all__ = ["KEY"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an empty folder for a store."""
    made = tmp_path / "store"
    made.mkdir()
    return made


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    """Return an open store of Mara's device TK07."""
    held = empty_store(folder, prefix="TK07", name="Mara's laptop", technician="Mara Beispiel")
    yield held
    held.close()


@pytest.fixture
def customer(store: Store) -> Customer:
    """Return a saved customer."""
    made = Customer(id=new_id(), display_name="Bäckerei Krümel & Söhne")
    store.save(made)
    return made
