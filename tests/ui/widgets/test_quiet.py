"""Chores of the window wait until nobody touches it, and are done one at a time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from techkit.ui.widgets.quiet import QuietTime


class Desk:
    """A window that was touched some time ago, and what is to be done."""

    def __init__(self) -> None:
        self.untouched = 10.0
        self.pages, self.upkeep = ["check", "work"], ["backup"]
        self.done: list[str] = []

    def untouched_s(self) -> float:
        return self.untouched

    def make_page(self) -> bool:
        return self._take(self.pages)

    def tend(self) -> bool:
        return self._take(self.upkeep)

    def _take(self, waiting: list[str]) -> bool:
        if waiting:
            self.done.append(waiting.pop(0))
            return True
        return False


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def quiet(qapp: QObject, desk: Desk) -> Iterator[QuietTime]:
    made = QuietTime(qapp, desk.untouched_s, (desk.make_page, desk.tend))
    made.start()
    yield made
    made.stop()
    made.deleteLater()


def test_chores_are_done_in_order(quiet: QuietTime, desk: Desk, qtbot: QtBot) -> None:
    """Pages come before upkeep; new ones are found again later."""
    qtbot.waitUntil(lambda: desk.done == ["check", "work", "backup"])
    desk.upkeep.append("backup again")
    qtbot.waitUntil(lambda: desk.done[-1] == "backup again")


def test_nothing_is_done_while_somebody_types(quiet: QuietTime, desk: Desk, qtbot: QtBot) -> None:
    """A touch less than a second ago keeps every chore waiting."""
    desk.untouched = 0.1
    qtbot.wait(300)
    before = list(desk.done)
    qtbot.wait(300)
    assert desk.done == before
    desk.untouched = 5.0
    qtbot.waitUntil(lambda: len(desk.done) == 3)


def test_after_the_end_nothing_is_done(quiet: QuietTime, desk: Desk, qtbot: QtBot) -> None:
    """A window that locked makes no page any more."""
    quiet.stop()
    qtbot.wait(150)
    assert desk.done == []
