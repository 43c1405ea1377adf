"""Where garbage is looked for while the window is open."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from techkit.ui import sweeping
from techkit.ui.sweeping import Sweeping


class _Ring:
    """Something only a look for garbage lets go; says on which thread that was."""

    def __init__(self, let_go: list[int]) -> None:
        self._let_go = let_go
        self.itself = self

    def __del__(self) -> None:
        self._let_go.append(threading.get_ident())


@pytest.fixture
def sweeper(qapp: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sweeping]:
    monkeypatch.setattr(sweeping, "LOOK_MS", 10)
    was_enabled = gc.isenabled()
    gc.enable()
    room = QObject()
    made = Sweeping(room)
    made.begin()
    yield made
    made.end()
    if not was_enabled:
        gc.disable()


def test_garbage_of_background_work_is_let_go_on_the_ui_thread(qtbot: QtBot, sweeper: Sweeping) -> None:
    """A thread that makes thousands of objects sets off no look for garbage; the window's own thread looks."""
    let_go: list[int] = []
    worker = threading.Thread(target=lambda: [_Ring(let_go) for _n in range(3000)] and None)
    worker.start()
    worker.join()
    qtbot.waitUntil(lambda: len(let_go) == 3000)
    assert set(let_go) == {threading.get_ident()}


def test_very_much_is_left_to_a_quiet_moment(sweeper: Sweeping) -> None:
    """More young objects than can be looked through unseen are left, and make a full round due."""
    gc.collect()
    assert not sweeping.is_due()
    kept = [[number] for number in range(sweeping.MOST + 5000)]
    sweeper.look()
    assert gc.get_count()[0] > sweeping.MOST
    assert sweeping.is_due()
    assert len(kept) == sweeping.MOST + 5000


def test_afterwards_python_looks_for_itself_again(sweeper: Sweeping) -> None:
    """Once the window is closed, garbage is looked for as it was before."""
    assert not gc.isenabled()
    sweeper.end()
    assert gc.isenabled()
