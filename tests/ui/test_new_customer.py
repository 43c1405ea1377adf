"""From plugging in to the paper at a new customer's unknown computer, every press counted, in the real window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from techkit.credentials import keys
from techkit.records.assets import Phase
from techkit.records.findings import Reading
from techkit.records.visit import WorkState
from techkit.store.database import Store
from techkit.ui.app import Program
from tests.scenarios.conftest import Desk, recordings
from tests.ui.hand import Hand
from tests.ui.keyboard import Keyboard
from tests.ui.test_routine_visit import CHEAP, LIMITS, PASSPHRASE, Morning

#: Source: the issue, "How it is judged".
MOST_TO_PAPER = 22
MOST_FURTHER_DESK = 8


def named(name: str, serial: str) -> dict[str, list[Reading]]:
    """The recorded notebook as another computer: its own name and serial number."""
    own = [
        Reading(id="os.computer_name", value=name),
        Reading(id="os.name", value="Windows 11 Pro"),
        Reading(id="system.maker", value="Northwind"),
        Reading(id="system.model", value="Swift 14"),
        Reading(id="system.serial", value=serial),
        Reading(id="system.uuid", value=f"4c4c4544-0042-3010-8051-{serial.casefold():0>12}"),
    ]
    held = recordings("o1_notebook")[""]
    return {moment: [*own, *readings] for moment, readings in held.items()}


class Plugged:
    """techkit on its stick, plugged into one computer after the other; every press is counted."""

    def __init__(self, app: QApplication, qtbot: QtBot, folder: Path) -> None:
        self.app, self.qtbot, self.folder = app, qtbot, folder
        self.desk = Desk()
        self.program: Program | None = None
        self.clock = Morning()
        self.hand_of: type[Hand] = Hand

    def plug_in(self, name: str, serial: str) -> tuple[Any, Hand]:
        """Start on another computer and unlock: one press, after the passphrase is typed."""
        self.pull_out()
        self.desk.recordings, self.desk.moment = named(name, serial), "before"
        program = self.program = Program(
            self.app,
            self.folder,
            machine=self.desk.machine,
            clock=self.clock,
            is_portable=True,
            papers=self.folder.parent,
            vault_limits=LIMITS,
        )
        program.start()
        program.shell.resize(1280, 720)
        program.shell.activateWindow()
        self.qtbot.waitUntil(program.shell.isActiveWindow)
        hand = self.hand_of(self.qtbot, program.shell)
        field = program.shell.focusWidget()
        assert field is not None
        QTest.keyClicks(field, PASSPHRASE)
        hand.keys("unlock", Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier)
        hand.wait(lambda: program.session is not None and program.session.today.state.computer.facts)
        return program.session, hand

    def pull_out(self) -> None:
        if self.program is not None:
            program, self.program = self.program, None
            program.close()
            self.app.processEvents()


@pytest.fixture
def stick(qapp: QApplication, qtbot: QtBot, tmp_path: Path, look: Callable[..., None]) -> Iterator[Plugged]:
    folder = tmp_path / "stick" / "data"
    folder.mkdir(parents=True)
    key, _code = keys.create_vault(folder, PASSPHRASE, cost=CHEAP, limits=LIMITS)
    store = Store.create(folder, key, prefix="TK07", technician="Ines Okafor", provider="Homefix")
    store.set_setting("rates.hourly_minor", 6800)
    store.close()
    made = Plugged(qapp, qtbot, folder)
    yield made
    made.pull_out()


def begin(session: Any, hand: Hand) -> None:
    """A new customer: the four fields that must be typed, one Tab between them counted as typing."""
    hand.press("Start a visit on this computer")
    hand.wait(lambda: session.home.passing is not None or session.home.isVisible())
    hand.type_in_turn("Odalys Brandt", "Computer is very slow", "Lindengasse 8", "37073 Rosdorf")
    hand.confirm("start the visit")
    hand.wait(lambda: session.visit is not None and session.visit.state.next_label)


def work_on(session: Any, hand: Hand, stick: Plugged) -> None:
    """Check the computer in hand, work on it, and take what it shows."""
    visit = session.visit
    hand.press("Start the check")
    hand.wait(lambda: visit.check.state.phase == "results")
    hand.confirm("to the work")
    hand.wait(lambda: visit.state.current == "work")
    hand.wait(lambda: not visit.work.state.is_looking)
    stick.desk.moment = "after"  # the technician has worked meanwhile
    visit.work.look_again()
    hand.wait(lambda: len(visit.work.state.drafts) >= 2 and not visit.work.state.is_looking)
    before = len(visit.work.state.entries)
    hand.press(visit.work.state.add_label)
    hand.wait(lambda: len(visit.work.state.entries) > before)


def sign(session: Any, hand: Hand) -> None:
    visit = session.visit
    hand.wait(lambda: visit.state.current == "sign_off" and bool(visit.sign_off.state.pages))
    hand.wait(lambda: not visit.sign_off.state.is_rendering)
    hand.sign_off(visit)
    hand.press("Print")
    hand.press("Keep as a file")
    hand.wait(lambda: visit.sign_off.state.is_printed)


def test_plug_in_to_paper_for_a_new_customer(stick: Plugged):
    """An unknown computer of a customer nobody knows: at most 22 presses from the lock card to the paper."""
    session, hand = stick.plug_in("BRANDT-LAPTOP", "NW7KX93M3Q")
    begin(session, hand)
    hand.press("Customer agrees")
    hand.confirm("the need is right")
    hand.wait(lambda: session.visit.state.current == "check")
    work_on(session, hand, stick)
    hand.confirm("the work is written down")
    hand.wait(lambda: session.visit.state.current == "follow_ups")
    hand.press("Add")
    hand.wait(lambda: session.visit.after.state.phase == "results")
    hand.confirm("on to the page")
    if session.visit.state.current == "after":
        hand.confirm("seen what is better")
    sign(session, hand)

    assert hand.count <= MOST_TO_PAPER, hand.done
    held = session.visit.held
    assert held.bundle.customer.display_name == "Odalys Brandt"
    assert held.bundle.assets[0].serial == "NW7KX93M3Q"
    assert held.visit.work_state is WorkState.SIGNED
    assert (stick.folder.parent / f"{held.visit.number}.pdf").read_bytes().startswith(b"%PDF")


def test_an_empty_day_leads_to_the_customers(stick: Plugged):
    """A day without a visit offers both first steps: beginning one, and finding the customer."""
    session, hand = stick.plug_in("BRANDT-LAPTOP", "NW7KX93M3Q")
    hand.press("Find a customer")
    hand.wait(lambda: session.home.here == "customers")
    assert hand.count <= 2, hand.done


def test_each_further_desk(stick: Plugged):
    """The stick in the next computer of the same visit: at most 8 presses, by keyboard alone, until its work is written down."""
    stick.hand_of = Keyboard
    session, hand = stick.plug_in("RECEPTION-1", "NW0000000001")
    begin(session, hand)
    hand.press("Customer agrees")
    hand.confirm("the need is right")
    hand.wait(lambda: session.visit.state.current == "check")
    work_on(session, hand, stick)
    visit_id = session.visit.state.visit_id
    for number in (2, 3):
        session, hand = stick.plug_in(f"RECEPTION-{number}", f"NW000000000{number}")
        hand.wait(lambda s=session: s.visit is not None and s.visit.state.visit_id == visit_id)
        hand.wait(lambda s=session: bool(s.visit.need.state.proposals) and bool(s.visit.state.steps))
        visit = session.visit
        if visit.state.current != "need":
            hand.keys("to the computers", Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
        new = next(p for p in visit.need.state.proposals if p.id == "new")
        hand.press_name(new.title)
        hand.wait(lambda v=visit, n=number: len(v.held.visit.asset_ids) == n)
        hand.keys("to the check", Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
        hand.wait(lambda v=visit: v.state.current == "check")
        work_on(session, hand, stick)
        assert hand.count <= MOST_FURTHER_DESK, hand.done
    bundle = session.visit.held.bundle
    assert [a.serial for a in bundle.assets] == [f"NW000000000{n}" for n in (1, 2, 3)]
    runs = {run.asset_id for run in bundle.runs if run.phase is Phase.BEFORE}
    assert runs == {a.id for a in bundle.assets}
    assert {a.asset_id for a in bundle.activities} == {a.id for a in bundle.assets}
