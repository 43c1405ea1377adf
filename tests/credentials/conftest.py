"""A vault to open, and no wrong tries left over from another test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from techkit.credentials import keys
from tests.credentials.vaults import CHEAP, PASSPHRASE, TEST_LIMITS


@pytest.fixture(autouse=True)
def _no_tries() -> Iterator[None]:
    keys._tries.clear()
    yield
    keys._tries.clear()


@pytest.fixture
def vault(tmp_path: Path) -> tuple[Path, bytes, str]:
    """Return a folder with a cheap vault, its key and its recovery code."""
    key, code = keys.create_vault(tmp_path, PASSPHRASE, cost=CHEAP, limits=TEST_LIMITS)
    return tmp_path, key, code
