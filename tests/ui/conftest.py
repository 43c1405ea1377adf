"""The window's look in tests: light, at 100 %, unless a test asks for another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication

from techkit.ui import theme


@pytest.fixture
def look(qapp: QApplication) -> Iterator[Callable[..., None]]:
    """Put a look in force: look(name="dark", scale=1.5); light at 100 % afterwards."""

    def put(name: str = "light", scale: float = 1.0) -> None:
        theme.apply(qapp, theme.Look(name=name, scale=scale))

    put()
    yield put
    put()
