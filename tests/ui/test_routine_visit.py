"""The routine visit in the real window: 15 interactions at most, no typed character, all of it real.

The store is encrypted, the checks judge, the paper is made and read back; only the readings of the
computer are recorded ones.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from techkit.credentials import keys
from techkit.credentials.slots import Cost, Limits
from techkit.records.activities import Activity
from techkit.records.assets import Asset, Phase, Rate, RateCard
from techkit.records.findings import Complaint
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer, Site
from techkit.records.visit import Visit, WorkState
from techkit.store.database import Store
from techkit.ui.app import Program
from techkit.ui.session import Session
from tests.scenarios.conftest import Desk, recordings
from tests.ui.hand import Hand

PASSPHRASE = "correct horse battery staple"
CHEAP, LIMITS = Cost(memory_kib=64, passes=1, lanes=1), Limits(floor_kib=64)


class Morning:
    """Clocks of a Tuesday morning that go on by themselves, so that work takes time."""

    def __init__(self) -> None:
        self._start = datetime.now(UTC)

    def now(self) -> datetime:
        return datetime(2026, 11, 24, 8, 0, tzinfo=UTC) + (datetime.now(UTC) - self._start)

    def steady(self) -> float:
        return 1000.0 + (datetime.now(UTC) - self._start).total_seconds()

    def zone(self) -> tzinfo:
        return timezone(timedelta(hours=1))


def recorded_desk() -> Desk:
    """A computer of the practice: what it reads before and after the work."""
    return Desk(recordings=recordings("o2_computers")["LDG-RC-01"])


@pytest.fixture
def desk() -> Desk:
    return recorded_desk()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return fill(tmp_path / "data")


def fill(made: Path) -> Path:
    """Make a device with one visit assigned for today: known customer, person and computer."""
    made.mkdir()
    key, _code = keys.create_vault(made, PASSPHRASE, cost=CHEAP, limits=LIMITS)
    store = Store.create(
        made, key, prefix="TK07", technician="Ines Okafor", provider="Homefix", provider_reach="0551 7000"
    )
    customer, site, contact, asset = (new_id() for _number in range(4))
    store.save(
        Customer(
            id=customer,
            display_name="Larkspur Dental Group",
            has_diagnostics_consent=True,
            consent_at=datetime(2026, 1, 2, 9, tzinfo=UTC),
        ),
        Site(id=site, customer_id=customer, name="Practice", street="Mill Lane 3", town="Göttingen"),
        Contact(id=contact, customer_id=customer, given_name="Selin", family_name="Arslan", skill=3),
        Asset(id=asset, customer_id=customer, site_id=site, name="LDG-RC-01", tag="LDG-RC-01"),
        RateCard(
            id=new_id(),
            name="Usual",
            is_default=True,
            rates=(Rate(labour="work", hourly_minor=6800, increment_minutes=15),),
        ),
        Visit(
            id=new_id(),
            number=store.next_number(2026),
            customer_id=customer,
            site_id=site,
            contact_id=contact,
            asset_ids=(asset,),
            purpose="The new version of DentaBook, please.",
            complaint=Complaint.SLOW,
            work_state=WorkState.SCHEDULED,
            planned_start_at=datetime(2026, 11, 24, 8, 0, tzinfo=UTC),
            planned_end_at=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
        ),
    )
    store.close()
    return made


@pytest.fixture
def program(
    qtbot: QtBot, folder: Path, desk: Desk, request: pytest.FixtureRequest, begin: Callable[..., Program]
) -> Program:
    """The window over the folder; given True, from a stick at a computer that is not the technician's own."""
    made = begin(folder, desk.machine, Morning(), is_portable=getattr(request, "param", False))
    # On a screen without a window manager nobody else gives the window the keyboard.
    made.shell.activateWindow()
    qtbot.waitUntil(made.shell.isActiveWindow)
    return made


def unlock_only(program: Program, qtbot: QtBot) -> None:
    """Type the passphrase and wait until the store is open."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    field = program.shell.focusWidget()
    assert field is not None
    QTest.keyClicks(field, PASSPHRASE)
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: program.session is not None)


def unlock(program: Program, qtbot: QtBot) -> None:
    """Type the passphrase, the one thing that is typed, and wait for Today."""
    unlock_only(program, qtbot)
    qtbot.waitUntil(lambda: program.session is not None and bool(program.session.today.state.next_visits))


def routine_visit(session: Session, hand: Hand, desk: Desk) -> str:
    """Do the routine visit by hand, from Today to the submitted visit; return its id."""
    hand.press_name("09:00 Larkspur Dental Group")
    hand.wait(lambda: session.visit is not None and session.visit.state.next_label == "Confirm and start")
    visit = session.visit
    hand.confirm("the need is right")
    hand.wait(lambda: visit.state.current == "check")
    hand.press("Start the check")
    hand.confirm("go on while it runs")
    hand.wait(lambda: visit.state.current == "work")
    hand.wait(lambda: visit.check.state.phase == "results")
    hand.wait(lambda: not visit.work.state.is_looking)
    desk.moment = "after"  # the technician has worked meanwhile
    visit.work.look_again()  # as the page does by itself when it is looked at again
    hand.wait(lambda: len(visit.work.state.drafts) >= 3)
    hand.press(visit.work.state.add_label)
    hand.wait(lambda: len(visit.work.state.entries) >= 2)
    hand.confirm("the work is written down")
    hand.wait(lambda: visit.state.current == "follow_ups")
    hand.press("Add")
    hand.wait(lambda: len(visit.follow_ups.state.planned) == 1)
    hand.wait(lambda: visit.after.state.phase == "results")
    hand.confirm("on to the page")
    if visit.state.current == "after":
        hand.confirm("seen what is better")
    hand.wait(lambda: visit.state.current == "sign_off" and bool(visit.sign_off.state.pages))
    hand.wait(lambda: not visit.sign_off.state.is_rendering)
    hand.sign_off(visit)
    hand.press("Print")
    hand.press("Keep as a file")
    hand.wait(lambda: visit.sign_off.state.is_printed)
    hand.press(visit.sign_off.state.finish_label or "Finish the visit")
    hand.wait(lambda: session.home.isVisible() and session.today.state.running is None)
    return str(visit.state.visit_id)


def test_a_routine_visit_takes_at_most_15_interactions_and_no_typing(
    program: Program, qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    """From Today to the submitted, signed and printed visit; what it made is in store and paper."""
    unlock(program, qtbot)
    session, hand = program.session, Hand(qtbot, program.shell)
    assert session is not None

    visit_id = routine_visit(session, hand, desk)

    assert hand.count <= 15, hand.done
    qtbot.waitUntil(lambda: program.lanes.is_idle)
    store = session.surroundings.store
    made = store.bundle(visit_id)
    assert made.visit.work_state is WorkState.SUBMITTED
    assert {run.phase for run in made.runs} >= {Phase.BEFORE, Phase.AFTER}
    assert len(made.activities) >= 2
    assert all(isinstance(activity, Activity) and activity.evidence for activity in made.activities)
    assert len(made.follow_ups) == 1
    assert [answer.rating for answer in made.satisfaction] == [5]
    signature = made.valid_signature()
    assert signature is not None
    assert signature.strokes
    paper = (tmp_path / f"{made.visit.number}.pdf").read_bytes()
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages)
    for words in ("Larkspur Dental Group", "DentaBook", made.visit.number, "Selin Arslan"):
        assert words in text.replace("\u00a0", " ")


def test_every_control_of_every_page_has_a_name(program: Program, qtbot: QtBot) -> None:
    """A screen reader never meets a nameless control, in any step of the visit."""
    from PySide6.QtCore import Qt

    unlock(program, qtbot)
    session = program.session
    assert session is not None
    session.open_visit(session.today.state.next_visits[0].visit_id)
    qtbot.waitUntil(lambda: bool(session.visit.state.steps))
    nameless: set[str] = set()
    for key in ("need", "check", "work", "follow_ups", "after", "sign_off"):
        session.visit.go(key)
        qtbot.waitUntil(lambda k=key: session.visit.state.current == k)
        for piece in program.shell.findChildren(QWidget):
            takes_focus = bool(piece.focusPolicy() & Qt.FocusPolicy.TabFocus)
            if piece.isVisible() and takes_focus and not piece.accessibleName():
                nameless.add(f"{key}: {type(piece).__name__} {piece.objectName()}")
    assert nameless == set()


def test_locking_hides_everything_and_unlocking_returns_to_the_same_step(
    program: Program, qtbot: QtBot
) -> None:
    """Ctrl+L closes the store; the passphrase leads back to the visit and its step."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    unlock(program, qtbot)
    session = program.session
    assert session is not None
    visit_id = session.today.state.next_visits[0].visit_id
    session.open_visit(visit_id)
    qtbot.waitUntil(lambda: bool(session.visit.state.steps))
    session.visit.go("follow_ups")
    QTest.keyClick(program.shell, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert program.session is None
    shown = " ".join(label.text() for label in program.shell.findChildren(QLabel) if label.isVisible())
    assert "Larkspur" not in shown
    qtbot.waitUntil(lambda: program.lanes.is_idle)
    field = program.shell.focusWidget()
    QTest.keyClicks(field, PASSPHRASE)
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: (
            program.session is not None
            and program.session.visit is not None
            and program.session.visit.state.current == "follow_ups"
        )
    )
    assert program.session is not None
    assert program.session.visit.state.visit_id == visit_id
