"""Flows of the work nobody has a pointer for: by Tab, arrows, Space and typing alone, in the smallest window."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from shots import how_to
from shots.desk import PASSPHRASE, Morning, desk
from techkit.diagnostics.runner import RecordedMachine
from techkit.records.activities import InformationLookup, NeedsAnalysis, PurchaseAssistance
from techkit.ui.app import Program
from techkit.ui.controls import Select
from techkit.ui.session import Session
from tests.ui.keyboard import Keyboard


class Typist(Keyboard):
    """Fills in forms: goes to a field by its name, types, or chooses by arrows."""

    def field(self, name: str) -> QWidget:
        piece = self._wait_for(lambda: self._named(name), name)
        self.reach(piece, name)
        return piece

    def write(self, name: str, text: str) -> None:
        QTest.keyClicks(self.field(name), text)

    def choose(self, name: str, words: str) -> None:
        piece = self.field(name)
        assert isinstance(piece, Select)
        wanted = piece.findText(words, Qt.MatchFlag.MatchStartsWith)
        assert wanted >= 0, [piece.itemText(n) for n in range(piece.count())]
        for _step in range(piece.count()):
            if piece.currentIndex() == wanted:
                break
            QTest.keyClick(piece, Qt.Key.Key_Down if piece.currentIndex() < wanted else Qt.Key.Key_Up)
        assert piece.currentIndex() == wanted


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, begin: Callable[..., Program]) -> Session:
    """The program, unlocked, over the college's store, in a small window; the visit on site is open at Work."""
    visit_id = how_to.fill(tmp_path / "data")
    machine = RecordedMachine(desk().recordings["before"])
    program = begin(tmp_path / "data", lambda: machine, Morning())
    qtbot.waitUntil(lambda: program.unlock is not None)
    assert program.unlock is not None
    program.unlock.open(PASSPHRASE)
    qtbot.waitUntil(lambda: program.session is not None and bool(program.session.today.state.computer.facts))
    held = program.session
    assert held is not None
    program.shell.resize(1024, 600)
    held.open_visit(visit_id)
    qtbot.waitUntil(lambda: held.visit is not None and bool(held.visit.state.steps))
    held.visit.go("work")
    return held


@pytest.fixture
def hand(qtbot: QtBot, session: Session) -> Typist:
    return Typist(qtbot, session._program.shell)


@pytest.mark.long
def test_needs_purchase_and_information_are_written_without_a_pointer(session: Session, hand: Typist) -> None:
    """Every field, row, chip and hint of the three forms is reached by Tab; the keyboard is never caught or lost."""
    visit = session.visit
    assert visit is not None
    hand.press("Needs analysis")
    hand.write("What was it about?", "Scanning at two desks")
    hand.write("Goals", "Both scan without walking")
    hand.write("Option", "One scanner in the network")
    hand.choose("How well it fits", "4, well")
    hand.press_name("Another option")
    assert focused() == "Option"
    hand.press_name("Take out: Options 2")
    assert focused() == "Another option"
    hand.write("We recommend", "One scanner in the network")
    hand.choose("Decided by", "Chiara Ricci")
    hand.press("15")
    hand.press("Add entry")
    hand.press("Purchase help")
    hand.write("What was it about?", "Notebooks")
    hand.choose("Decision", "Accepted")
    hand.write("Expected on", "7.12.26")
    hand.write("Product", "Notebook Swift 14")
    hand.write("Price each", "899")
    hand.press("20")
    hand.press("Add entry")
    hand.press("Information")
    hand.write("Question", "Is a backup in the cloud enough?")
    hand.field("Answer")  # leaving the question brings the cards that may answer it
    hand.press("Use as the answer")
    hand.press("30")
    hand.press("Add entry")
    hand.wait(lambda: len(visit.held.bundle.activities) == 4)
    made = {type(a): a for a in visit.held.bundle.activities}
    analysis, purchase, found = (
        made[kind] for kind in (NeedsAnalysis, PurchaseAssistance, InformationLookup)
    )
    assert isinstance(analysis, NeedsAnalysis)
    assert (analysis.recommended, [o.fit for o in analysis.options]) == ("One scanner in the network", [4])
    assert isinstance(purchase, PurchaseAssistance)
    assert (purchase.expected_on, purchase.items[0].price_minor) == (date(2026, 12, 7), 89_900)
    assert isinstance(found, InformationLookup)
    assert found.answer.startswith("A backup is a second copy")


def focused() -> str:
    held = QApplication.focusWidget()
    return held.accessibleName() if held is not None else ""
