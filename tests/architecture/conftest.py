"""What the tests of the house share."""

from __future__ import annotations

import importlib.machinery
import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

DEV = Path(__file__).resolve().parents[2] / "dev"


def load() -> ModuleType:
    """Return the file `dev` as a module of its own, without running a word."""
    loader = importlib.machinery.SourceFileLoader("techkit_dev", str(DEV))
    spec = importlib.util.spec_from_loader("techkit_dev", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture
def dev() -> ModuleType:
    """The file `dev`, to be changed as a test likes."""
    return load()


@pytest.fixture(scope="session")
def unchanged_dev() -> ModuleType:
    """The file `dev`, for tests that change nothing in it."""
    return load()
