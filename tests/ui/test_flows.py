"""The flows and their price in interactions and typed characters, in the real window, by keyboard alone (the design, chapter 3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from techkit.records.assets import Asset, Phase
from techkit.records.budget import Allocation, CostCentre
from techkit.records.findings import Reading
from techkit.records.identity import new_id
from techkit.records.parties import Contact
from techkit.records.schema import replace
from techkit.records.visit import Case, Visit, WorkState
from techkit.ui.app import Program, Session
from techkit.ui.controls import LineEdit
from tests.scenarios.conftest import Desk, Device, HandClock, Office, office  # noqa: F401 - office is a fixture
from tests.ui.keyboard import Keyboard
from tests.ui.test_routine_visit import (  # noqa: F401 - fixtures of the same window
    PASSPHRASE,
    folder,
    program,
    recorded_desk,
    routine_visit,
    unlock,
    unlock_only,
)

CONTROL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier

#: What the recorded computer calls itself.
OWN = (
    Reading(id="os.computer_name", value="LDG-RC-01"),
    Reading(id="os.name", value="Windows 11 Pro"),
    Reading(id="system.maker", value="Northwind"),
    Reading(id="system.serial", value="NW7KX93M3Q"),
)


@pytest.fixture
def desk() -> Desk:
    """The practice's computer, with the name and number it is known by."""
    made = recorded_desk()
    made.recordings = {moment: [*OWN, *readings] for moment, readings in made.recordings.items()}
    return made


@pytest.fixture
def session(program: Program, qtbot: QtBot) -> Session:  # noqa: F811 - the fixture
    unlock(program, qtbot)
    assert program.session is not None
    return program.session


@pytest.fixture
def hand(session: Session, program: Program, qtbot: QtBot) -> Keyboard:  # noqa: F811 - the fixture
    return Keyboard(qtbot, program.shell)


def write(text: str) -> None:
    """Type where the focus is; typing is no interaction."""
    field = QApplication.focusWidget()
    assert field is not None
    QTest.keyClicks(field, text)


def _name_of_focus() -> str:
    field = QApplication.focusWidget()
    return field.accessibleName() if field is not None else ""


def begun(session: Session, hand: Keyboard) -> Any:
    """The planned visit, on site, at Work; the way there belongs to the routine visit."""
    (planned,) = session.surroundings.store.find(Visit)
    session.open_visit(planned.id)
    hand.wait(lambda: session.visit is not None and bool(session.visit.state.steps))
    session.visit.need.confirm()
    session.visit.go("work")
    return session.visit


def test_one_more_entry_of_ones_own(session: Session, hand: Keyboard) -> None:
    """At most 6 and the text: kind, time, add; the form takes the focus by itself."""
    visit = begun(session, hand)
    hand.press("Troubleshooting")
    hand.wait(lambda: visit.work.state.form is not None)
    hand.wait(lambda: _name_of_focus() == "What was it about?")
    write("Slow start: four programs switched off")
    hand.press("15")
    hand.press("Add entry")
    hand.wait(lambda: len(visit.work.state.entries) == 1)
    assert hand.count <= 6, hand.done
    (entry,) = visit.work.state.entries
    assert entry.title == "Slow start: four programs switched off"
    assert entry.time_text.replace("\u00a0", " ") == "15 min"
    _take_back_and_again(visit, hand)


def _take_back_and_again(visit: Any, hand: Keyboard) -> None:
    """By key from an empty field, where nothing was typed, and again by what is said about it."""
    hand.press("Troubleshooting")
    hand.wait(lambda: _name_of_focus() == "What was it about?")
    hand.keys("undo", Qt.Key.Key_Z, CONTROL)
    hand.wait(lambda: not visit.work.state.entries)
    hand.press("Do again")
    hand.wait(lambda: len(visit.work.state.entries) == 1)
    hand.press_name("What was it about?")
    write("Typed")
    hand.keys("undo the typing only", Qt.Key.Key_Z, CONTROL)
    assert len(visit.work.state.entries) == 1
    hand.press_name("Undo: ")
    hand.wait(lambda: not visit.work.state.entries)
    visit.work.fill("note_customer", "word " * 30_000)
    hand.press("Keep the whole text as a file")
    hand.wait(lambda: not visit.work.state.form.may_keep_whole)
    assert _name_of_focus() == "Add entry", "the button went, the keyboard stays at the form"


def test_unlocking_is_one_interaction(program: Program, qtbot: QtBot, session: Session) -> None:  # noqa: F811 - the fixture
    """The passphrase has the focus; Return opens: the one that was chosen in the settings, not the one before.

    The keyboard is then at the visit that comes now.
    """
    hand = Keyboard(qtbot, program.shell)
    _change_passphrase(session, hand, "four other words entirely")
    program.lock()
    qtbot.waitUntil(lambda: program.lanes.is_idle)
    write(PASSPHRASE)
    hand.keys("unlock", Qt.Key.Key_Return, NONE)
    hand.wait(lambda: program.unlock is not None and bool(program.unlock.state.error))
    assert program.session is None
    hand = Keyboard(qtbot, program.shell)
    write("four other words entirely")
    hand.keys("unlock", Qt.Key.Key_Return, NONE)
    hand.wait(lambda: program.session is not None)
    hand.wait(lambda: _name_of_focus().endswith("Open the visit"))
    assert hand.count == 1


def _change_passphrase(session: Session, hand: Keyboard, new: str) -> None:
    """Change it by keyboard; Esc leaves and forgets what was typed, and the focus comes back to the button."""
    change = session.keys.passphrase
    session.show_place("settings")
    hand.press("Change the passphrase")
    hand.wait(lambda: _name_of_focus() == "Passphrase so far")
    write(PASSPHRASE)
    hand.keys("leave", Qt.Key.Key_Escape, NONE)
    assert not change.state.is_asking
    hand.wait(lambda: _name_of_focus() == "Change the passphrase")
    hand.keys("again", Qt.Key.Key_Space, NONE)
    field = QApplication.focusWidget()
    assert isinstance(field, LineEdit)
    assert field.text() == ""
    for text in (PASSPHRASE, new):
        write(text)
        hand.keys("next", Qt.Key.Key_Tab, NONE)
    write(new)
    hand.keys("change", Qt.Key.Key_Return, NONE)
    hand.wait(lambda: bool(change.state.notice))
    hand.wait(lambda: _name_of_focus() == "Change the passphrase")


def test_an_earlier_visit_by_a_part_of_the_serial_number(session: Session, hand: Keyboard) -> None:
    """Ctrl+K, "#" and three characters, Return: the computer with its visits stands there."""
    store = session.surroundings.store
    (asset,) = store.find(Asset)
    store.save(replace(asset, serial="NW7KX93M3Q"))
    (planned,) = store.find(Visit)
    store.save(
        replace(
            planned, id=new_id(), number="TK07-2026-0099", work_state=WorkState.SUBMITTED, purpose="New disk",
            arrived_at=planned.planned_start_at, planned_start_at=None, planned_end_at=None,
        )
    )  # fmt: skip
    hand.keys("palette", Qt.Key.Key_K, CONTROL)
    write("#7KX")
    hand.wait(lambda: any(hit.kind == "asset" for _t, hits in session.search.state.groups for hit in hits))
    hand.keys("open", Qt.Key.Key_Return, NONE)
    hand.wait(lambda: session.places.computer is not None and not session.places.computer.state.is_loading)
    assert hand.count == 2, hand.done
    computer = session.places.computer
    assert computer is not None
    assert any("TK07-2026-0099" in f"{row.title} {row.line}" for row in computer.state.visits)


def test_a_quick_check_kept_as_a_visit(session: Session, hand: Keyboard, desk: Desk) -> None:
    """1 + 1: Ctrl+D, then one press; the check is the visit's first one, nothing is typed."""
    store = session.surroundings.store
    hand.wait(lambda: session.today.state.computer.facts)
    (asset,) = store.find(Asset)
    store.save(replace(asset, identifiers=session.today.computer.identifiers))
    session.today.refresh()
    hand.wait(lambda: session.today.customer_id == asset.customer_id)
    before = {visit.id for visit in store.find(Visit)}
    hand.keys("quick check", Qt.Key.Key_D, CONTROL)
    hand.wait(lambda: bool(session.today.state.computer.keep_label))
    hand.press("Keep it as a visit")
    hand.wait(lambda: session.visit is not None and bool(session.visit.state.steps))
    assert hand.count == 2, hand.done
    assert session.visit.state.visit_id not in before
    bundle = session.visit.held.bundle
    (run,) = bundle.runs
    assert (run.phase, run.asset_id, run.plan) == (Phase.BEFORE, asset.id, "quick")
    assert bundle.snapshot(asset.id, Phase.BEFORE) is not None


def test_an_earlier_summary_is_printed_again(
    session: Session,
    hand: Keyboard,
    desk: Desk,
    tmp_path: Path,
) -> None:
    """A routine visit by keyboard alone, then at most 5 and the number: found by the palette, printed as it was signed."""
    visit_id = routine_visit(session, hand, desk)
    assert hand.count <= 15, hand.done  # the routine visit by keyboard costs what it costs by pointer
    held = session.surroundings.store.get(Visit, visit_id)
    assert held is not None
    paper = tmp_path / f"{held.number}.pdf"
    signed = paper.read_bytes()
    paper.unlink()
    session._drop_visit()
    hand.count, hand.done = 0, []
    hand.keys("palette", Qt.Key.Key_K, CONTROL)
    write(f"#{held.number}")
    hand.wait(lambda: any(hit.id == visit_id for _t, hits in session.search.state.groups for hit in hits))
    hand.keys("open", Qt.Key.Key_Return, NONE)
    hand.wait(lambda: session.visit is not None and bool(session.visit.state.steps))
    if session.visit.state.current != "sign_off":
        hand.keys("to the page", Qt.Key.Key_6, CONTROL)
    hand.wait(lambda: session.visit.state.current == "sign_off")
    hand.keys("print", Qt.Key.Key_P, CONTROL)
    hand.press("Keep as a file")
    hand.wait(paper.exists)
    assert hand.count <= 5, hand.done
    assert paper.read_bytes()[:4] == signed[:4] == b"%PDF"


def test_before_and_after_stand_on_the_summary(session: Session, hand: Keyboard, desk: Desk) -> None:
    """At most 2: to the check after the work, and on to the page, which carries the comparison by itself."""
    visit = begun(session, hand)
    visit.check.start()
    hand.wait(lambda: visit.check.state.phase == "results")
    desk.moment = "after"
    hand.keys("after", Qt.Key.Key_5, CONTROL)
    hand.wait(lambda: visit.after.state.phase == "results")
    hand.keys("the page", Qt.Key.Key_6, CONTROL)
    hand.wait(lambda: bool(visit.sign_off.state.pages) and not visit.sign_off.state.is_rendering)
    assert hand.count <= 2, hand.done
    assert any("→" in line or "Before" in line for line in visit.sign_off.state.page_lines)


def test_a_conflict_is_decided_and_a_package_goes_and_comes(
    session: Session,
    hand: Keyboard,
    office: Office,  # noqa: F811 - the fixture
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A field in two versions: choose and use it, 2. Without a network: the page, the package and its file, 3 each way."""
    from techkit.central import packages

    store = session.surroundings.store
    session.sync.enrol(office.invitation())
    hand.wait(lambda: session.sync.state.status == "done" and not session.sync.state.count)
    (contact,) = store.find(Contact)
    pavel = Device(
        tmp_path / "p", prefix="TK11", technician="Pavel Novotny", clock=HandClock("2026-11-24 10:00")
    )
    try:
        pavel.sync.enrol(office.invitation())
        office.share_customer(pavel, contact.customer_id)
        pavel.sync.now()
        pavel.store.save(replace(contact, role="Team lead"))
        pavel.sync.now()
    finally:
        pavel.sync.close()
        pavel.store.close()
    store.save(replace(contact, role="Manager"))
    session.sync.now()
    hand.wait(lambda: len(session.sync.state.disputes) == 1)
    session.show_place("sync")
    session.sync.decisions.look_at()
    hand.press_name("A word to the office")
    QTest.keyClicks(QApplication.focusWidget(), "Ask Mr We")
    session.show_place("today")
    (draft,) = session.surroundings.typing.waiting
    session.go_on_typing(draft)
    assert session.sync.state.deciding
    assert session.sync.state.disputes[0].word == "Ask Mr We", "kept by the field, and one press goes on"
    hand.count, hand.done = 0, []
    hand.press("Keep mine")
    hand.confirm("use it")
    hand.wait(lambda: not session.sync.state.disputes)
    assert hand.count == 2, hand.done
    session.show_place("settings")
    assert _name_of_focus().startswith("Settings"), "the ring stands at the place that is shown"
    assert store.find(Contact)[0].role == "Manager"
    session.sync.now()
    hand.wait(lambda: session.sync.state.status == "done" and not session.sync.state.count)

    session.sync.pause()
    store.save(replace(store.find(Contact)[0], skill=4))
    session.show_place("today")
    package, answer = tmp_path / "out.package", tmp_path / "back.answer"
    chosen: list[Path] = []

    def choose(path: Path) -> tuple[str, str]:
        chosen.append(path)  # the system's own window: one more interaction
        return str(path), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: choose(package))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: choose(answer))
    hand.count, hand.done = 0, []
    hand.press_name("Sync")
    hand.press("Write a package file")
    hand.wait(package.exists)
    assert hand.count + len(chosen) == 3, hand.done
    hand.wait(lambda: session.surroundings.lanes.is_idle)
    answer.write_bytes(packages.answer(package.read_bytes()))
    hand.press("Use a file")
    hand.wait(lambda: not session.sync.state.count)
    assert hand.count + len(chosen) == 5, hand.done


def test_a_device_is_enrolled(
    session: Session,
    hand: Keyboard,
    office: Office,  # noqa: F811 - the fixture
) -> None:
    """The page, the line the office gave, Return, and the first sync follows: 4 of the 9, nothing typed."""
    (visit,) = session.surroundings.store.find(Visit)
    QApplication.clipboard().setText(office.invitation())
    hand.press_name("Sync")
    hand.press_name("Enrolment code")
    hand.keys("paste", Qt.Key.Key_V, CONTROL)
    hand.keys("connect", Qt.Key.Key_Return, NONE)
    hand.wait(lambda: session.sync.state.status == "done" and not session.sync.state.count)
    assert hand.count <= 4, hand.done
    assert office.bundle(visit.id).visit.number == visit.number


@pytest.mark.parametrize("program", [True], indirect=True)
def test_a_computer_not_seen_before_joins_the_running_visit(program: Program, qtbot: QtBot) -> None:  # noqa: F811 - the fixture
    """At most 2 more, from a stick: back to the computers, and the proposal; the check after it is this computer's."""
    unlock_only(program, qtbot)  # Today keeps the other customers' visits to itself here
    session, hand = program.session, Keyboard(qtbot, program.shell)
    assert session is not None
    store = session.surroundings.store
    visit = begun(session, hand)
    (known,) = store.find(Asset)
    hand.wait(lambda: session.today.computer.identifiers and visit.need.state.proposals)
    hand.keys("to the computers", Qt.Key.Key_1, CONTROL)
    hand.wait(lambda: visit.state.current == "need")
    hand.press_name("A computer not seen before")
    hand.wait(lambda: len(visit.held.visit.asset_ids) == 2)
    assert hand.count <= 2, hand.done
    added = visit.held.asset_in_hand
    assert visit.held.visit.asset_ids == (known.id, added)
    visit.go("check")
    visit.check.start()
    hand.wait(lambda: visit.check.state.phase == "results")
    assert [run.asset_id for run in visit.held.bundle.runs] == [added]


def test_the_costs_are_shared_out_to_cost_centres(session: Session, hand: Keyboard) -> None:
    """Typed where the need is confirmed, one Tab between them; what is no number stays with its reason."""
    store = session.surroundings.store
    (planned,) = store.find(Visit)
    front, surgery = (
        CostCentre(id=new_id(), customer_id=planned.customer_id, code=code, name=name)
        for code, name in (("LDG-FRONT", "Front desk"), ("LDG-SURG", "Surgery"))
    )
    store.save(front, surgery)
    session.open_visit(planned.id)
    hand.wait(lambda: session.visit is not None and len(session.visit.need.state.shares) == 2)
    need = session.visit.need
    hand.press_name("Share of LDG-FRONT")
    hand.type_in_turn("60", "forty")
    hand.wait(lambda: need.state.shares[1].error)
    assert need.state.shares_line == "Together 60\u00a0%; it should be 100\u00a0%."
    hand.press_name("Share of LDG-SURG")
    field = QApplication.focusWidget()
    assert isinstance(field, LineEdit)
    assert field.text() == "forty"
    field.selectAll()
    hand.type_in_turn("40")
    hand.wait(lambda: not need.state.errors and not need.state.shares_line)
    hand.wait(lambda: session.surroundings.lanes.is_idle)
    kept = {a.cost_centre_id: a.share_percent for a in store.find(Allocation)}
    assert kept == {front.id: 60, surgery.id: 40}


def test_a_case_is_declined_opened_and_gone_on_from(session: Session, hand: Keyboard) -> None:
    """One press each: no case, a case after all; the next visit goes on from it with one press, the words with it."""
    visit = begun(session, hand)
    visit.after.choose_outcome("partly")
    visit.go("sign_off")
    hand.press("No case")
    hand.wait(lambda: visit.held.visit.is_without_case)
    hand.press("Open a case")
    hand.wait(lambda: not visit.held.visit.is_without_case)
    assert hand.count == 2, hand.done
    hand.wait(lambda: visit.sign_off.state.pages and not visit.sign_off.state.is_rendering)
    hand.sign_off(visit)
    first = visit.held.visit
    visit.leave()
    following = replace(
        first, id=new_id(), number="", purpose="", case_id=None, work_state=WorkState.SCHEDULED
    )
    following = replace(following, arrived_at=None, left_at=None, outcome=None)
    session.surroundings.store.save(following)
    session.open_visit(following.id)
    hand.wait(lambda: session.visit is not None and bool(session.visit.cases.state.rows))
    hand.press_name("The new version of DentaBook")
    hand.wait(lambda: session.visit.held.visit.case_id == first.case_id is not None)
    hand.wait(lambda: _name_of_focus().endswith("The visit goes on from it"))
    assert session.visit.held.visit.purpose == first.purpose
    hand.wait(lambda: session.surroundings.lanes.is_idle)
    kept = session.surroundings.store.get(Case, first.case_id)
    assert (kept.number, kept.title) == (first.number, first.purpose)
