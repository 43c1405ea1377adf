"""The window killed with -9 while somebody types: one unlock returns to the visit, at most 2 s are lost."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from techkit.ui.app import Program
from techkit.ui.controls import LineEdit, TextEdit
from techkit.ui.widgets.buttons import Button
from tests.ui.killed_window import CUSTOMER, FIELDS
from tests.ui.test_routine_visit import Morning, fill, recorded_desk, unlock_only

#: What a crash may cost of what was typed, in seconds.
MOST_LOST_S = 2.0

#: So many letters are to stand there again: a busy computer takes longer to type them.
ENOUGH = 20


def type_and_kill(folder: Path, where: str) -> tuple[int, int]:
    """Type in a window of its own and kill it in the middle; return (letters 2 s before, letters)."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.ui.killed_window", str(folder), where],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    try:
        told: list[tuple[float, int]] = []
        for line in child.stdout:
            if line.strip().isdigit():
                told.append((time.monotonic(), int(line)))
                if _two_seconds_old(told, told[-1][0]) >= ENOUGH:
                    break
    finally:
        child.kill()
        killed = time.monotonic()
        child.wait()
        child.stdout.close()
    return _two_seconds_old(told, killed), told[-1][1]


def _two_seconds_old(told: list[tuple[float, int]], now: float) -> int:
    return max((count for at, count in told if at <= now - MOST_LOST_S), default=0)


def letters(count: int) -> str:
    return "".join("abcdefghij"[n % 10] for n in range(count))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return fill(tmp_path / "data")


@pytest.fixture
def again(qtbot: QtBot, folder: Path, begin: Callable[..., Program]) -> Callable[[], Program]:
    """Start the program again over the same folder, and unlock it once."""

    def start() -> Program:
        program = begin(folder, recorded_desk().machine, Morning())
        program.shell.activateWindow()
        qtbot.waitUntil(program.shell.isActiveWindow)
        unlock_only(program, qtbot)
        return program

    return start


def field_text(program: Program, name: str) -> str | None:
    for kind in (LineEdit, TextEdit):
        for field in program.shell.findChildren(kind):
            assert isinstance(field, QWidget)
            if field.accessibleName() == name and field.isVisible():
                return field.text() if isinstance(field, (LineEdit, TextEdit)) else None
    return None


def buttons(page: QWidget, words: str) -> list[Button]:
    return [button for button in page.findChildren(Button) if button.text() == words]


#: Forms of a step keep what is typed the same way: one of them always, the others with --long.
LIKE_WORK = ("follow_up", "reason", CUSTOMER)


@pytest.mark.parametrize(
    "where", [pytest.param(where, marks=pytest.mark.long if where in LIKE_WORK else ()) for where in FIELDS]
)
def test_a_crash_costs_at_most_two_seconds_of_typing(
    where: str, folder: Path, again: Callable[[], Program], qtbot: QtBot
):
    """After kill -9 in the middle of a sentence the field shows it again, all but its last two seconds."""
    step, name = FIELDS[where]
    safe, typed = type_and_kill(folder, where)
    assert safe >= ENOUGH
    program = again()
    session = program.session
    assert session is not None
    if step == CUSTOMER:
        qtbot.waitUntil(lambda: bool(session.today.state.typed))
        qtbot.waitUntil(lambda: bool(buttons(session.today_page, "Go on there")))
        buttons(session.today_page, "Go on there")[0].click()
    elif step:
        # A visit that is under way comes back by itself; one that has not begun waits on Today.
        if where == "need":
            qtbot.waitUntil(lambda: bool(session.today.state.next_visits))
            session.open_visit(session.today.state.next_visits[0].visit_id)
        qtbot.waitUntil(lambda: session.visit is not None and bool(session.visit.state.steps))
        qtbot.waitUntil(lambda: session.visit.state.current == step)
    else:
        session.new_visit()
    qtbot.waitUntil(lambda: bool(field_text(program, name)))
    text = field_text(program, name) or ""
    if where == "need":
        text = text.replace("The new version of DentaBook, please.", "")
    assert safe <= len(text) <= typed
    assert text == letters(len(text))
