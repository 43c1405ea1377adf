"""The program: its lock card, whose records a computer shows, help, and an end that leaves nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from techkit.errors import StoreError
from techkit.ui import theme
from techkit.ui.app import Program
from techkit.ui.widgets.help import Help
from techkit.ui.widgets.palette import Palette
from techkit.ui.widgets.visit import VisitView
from tests.scenarios.conftest import Desk
from tests.ui.hand import Hand
from tests.ui.test_routine_visit import LIMITS, PASSPHRASE, Morning, desk, folder, program, unlock

__all__ = ["desk", "folder", "program"]  # fixtures of the routine visit


def words(window: QWidget) -> str:
    return " | ".join(label.text() for label in window.findChildren(QLabel) if label.isVisible())


@pytest.fixture
def stick(folder: Path, desk: Desk, begin: Callable[..., Program]) -> Program:
    """The same store on a stick, plugged into a computer nobody has seen before."""
    return begin(folder, desk.machine, Morning(), is_portable=True)


def test_a_wrong_passphrase_is_said_on_the_card(program: Program, qtbot: QtBot) -> None:
    """What happened, what is safe, what to do; the field is empty and in focus again."""
    field = program.shell.focusWidget()
    QTest.keyClicks(field, "not this one")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "does not fit" in words(program.shell))
    assert "Nothing is deleted." in words(program.shell)
    assert program.session is None
    assert field.text() == ""
    qtbot.waitUntil(field.hasFocus)


def test_on_a_customers_computer_others_are_shown_after_the_passphrase_only(
    stick: Program, qtbot: QtBot
) -> None:
    """No row, no count, no search result of a customer until the passphrase was typed once more."""
    field = stick.shell.focusWidget()
    QTest.keyClicks(field, PASSPHRASE)
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: stick.session is not None and not stick.session.today.state.is_loading)
    session = stick.session
    assert session is not None
    assert "Larkspur" not in words(stick.shell)
    session.search.type("larkspur")
    qtbot.waitUntil(lambda: stick.lanes.is_idle)
    assert session.search.state.is_empty
    page = session.today_page
    box = next(w for w in page.findChildren(QWidget) if w.accessibleName() == "Passphrase")
    QTest.keyClicks(box, "wrong")
    Hand(qtbot, stick.shell).press("All customers")
    qtbot.waitUntil(lambda: "does not fit" in words(stick.shell))
    assert "Larkspur" not in words(stick.shell)
    QTest.keyClick(box, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(box, PASSPHRASE)
    Hand(qtbot, stick.shell).press("All customers")
    qtbot.waitUntil(lambda: bool(session.today.state.next_visits))


def test_help_shows_the_keys_and_goes_by_escape(program: Program, qtbot: QtBot) -> None:
    """F1 opens the card over every page; Esc closes it and nothing else."""
    unlock(program, qtbot)
    QTest.keyClick(program.shell, Qt.Key.Key_F1)
    card = program.shell.findChild(Help)
    assert card is not None
    assert card.isVisible()
    assert "Next step, confirm" in words(card)
    assert "0551 7000" in words(card)
    QTest.keyClick(program.shell.focusWidget(), Qt.Key.Key_Escape)
    assert not card.isVisible()
    assert program.session is not None


def test_the_palette_opens_finds_and_acts_by_keyboard(program: Program, qtbot: QtBot) -> None:
    """Ctrl+K, a word, Return: the customer's page is open; Alt+Left leads back."""
    unlock(program, qtbot)
    session = program.session
    assert session is not None
    QTest.keyClick(program.shell, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(program.shell.focusWidget(), "larkspur")
    qtbot.waitUntil(lambda: any(hits for title, hits in session.search.state.groups if title == "Records"))
    QTest.keyClick(program.shell.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: session.home.passing is not None and session.home.passing.title == "Larkspur Dental Group"
    )
    QTest.keyClick(program.shell.focusWidget(), Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert session.home.passing is None
    assert session.home.here == "today"


def test_while_the_customer_looks_no_key_leads_to_anybody_else(program: Program, qtbot: QtBot) -> None:
    """Handed over, Ctrl+K and Ctrl+, open nothing: the page to sign stays what is shown."""
    unlock(program, qtbot)
    session = program.session
    assert session is not None
    session.open_visit(session.today.state.next_visits[0].visit_id)
    visit = session.visit
    qtbot.waitUntil(lambda: bool(visit.state.next_label))
    visit.next()
    visit.go("sign_off")
    qtbot.waitUntil(lambda: bool(visit.sign_off.state.pages) and not visit.sign_off.state.is_rendering)
    visit.sign_off.hand_over()
    qtbot.waitUntil(lambda: visit.state.is_customer_view)
    shown = program.shell.view
    for key in (Qt.Key.Key_K, Qt.Key.Key_Comma):
        QTest.keyClick(program.shell, key, Qt.KeyboardModifier.ControlModifier)
    assert program.shell.view is shown
    assert not any(w.isVisible() for w in program.shell.findChildren(Palette))


def test_the_visit_leads_to_its_customers_page_and_back(program: Program, qtbot: QtBot) -> None:
    """One press in the visit's rail; Alt+Left comes back to the visit as it was."""
    unlock(program, qtbot)
    session = program.session
    assert session is not None
    session.open_visit(session.today.state.next_visits[0].visit_id)
    qtbot.waitUntil(lambda: bool(session.visit.state.next_label))
    program.shell.resize(1440, 900)
    view = program.shell.view
    Hand(qtbot, program.shell).press_name("This customer’s page")
    qtbot.waitUntil(
        lambda: session.home.passing is not None and session.home.passing.title == "Larkspur Dental Group"
    )
    QTest.keyClick(program.shell.focusWidget(), Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert program.shell.view is view


def test_text_size_and_look_change_at_once_and_are_kept(program: Program, qtbot: QtBot, folder: Path) -> None:
    """Ctrl + makes the text larger; the next start begins with it."""
    unlock(program, qtbot)
    QTest.keyClick(program.shell, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert theme.look().scale == pytest.approx(1.1)
    program.switch_look()
    assert theme.look().name == "dark"
    qtbot.waitUntil(lambda: program.lanes.is_idle)
    kept = (folder / "settings.json").read_text()
    assert '"text.scale_percent": 110' in kept
    assert '"theme": "dark"' in kept


def test_trouble_of_the_world_is_said_and_the_window_goes_on(program: Program, qtbot: QtBot) -> None:
    """A full disk nobody was asked about becomes a card with its sentences, not a crash."""
    unlock(program, qtbot)
    program.show_fault(
        StoreError("The disk is full.", safe="What you typed is kept.", advice="Make room and try again.")
    )
    shown = words(program.shell)
    assert "The disk is full." in shown
    assert "What you typed is kept. Make room and try again." in shown
    QTest.keyClick(program.shell.focusWidget(), Qt.Key.Key_Escape)
    assert "The disk is full." not in words(program.shell)


def test_zones_are_gone_through_by_f6(program: Program, qtbot: QtBot) -> None:
    """F6 moves from the sidebar to header and content and comes round."""
    unlock(program, qtbot)
    session = program.session
    assert session is not None
    seen = []
    for _number in range(4):
        QTest.keyClick(program.shell, Qt.Key.Key_F6)
        focus = program.shell.focusWidget()
        zone = next(z for z in session.home.zones() if z is focus or z.isAncestorOf(focus))
        seen.append(session.home.zones().index(zone))
    assert len(set(seen)) == 3
    assert seen[3] == seen[0]


def test_pages_are_made_ahead_and_backups_made_while_nobody_touches_it(
    program: Program, qtbot: QtBot, folder: Path
) -> None:
    """A second after the visit opened, going to any step builds nothing any more; a backup lies in its folder.

    The next step is ready, laid out in its room, before the one after it is begun.
    What is told over the page meanwhile stays above the footer when the window changes its size.
    """
    unlock(program, qtbot)
    session = program.session
    assert session is not None
    session.open_visit(session.today.state.next_visits[0].visit_id)
    view = program.shell.view
    steps = ("need", "check", "work", "follow_ups", "after", "sign_off")
    assert isinstance(view, VisitView)
    qtbot.waitUntil(lambda: view.is_made("work"))
    assert view.stack.widget(1).size() == view.stack.size()
    qtbot.waitUntil(lambda: all(view.is_made(step) for step in steps))
    qtbot.waitUntil(lambda: bool(list((folder / "backups").glob("techkit-*.db"))))
    view.news.tell("The check is done.", view.news.hide)
    program.shell.resize(1024, 600)
    qtbot.waitUntil(lambda: view.height() - 140 < view.news.geometry().bottom() < view.footer.y())


def test_no_page_is_made_ahead_while_work_runs(program: Program, qtbot: QtBot) -> None:
    """Beside a check or a sync the window builds nothing nobody asked for: it would stand still before one's eyes."""
    unlock(program, qtbot)
    session = program.session
    assert session is not None
    session.open_visit(session.today.state.next_visits[0].visit_id)
    view = program.shell.view
    assert isinstance(view, VisitView)
    ends = threading.Event()
    program.lanes.free(lambda _ticket: ends.wait(20))
    made = [
        step for step in ("need", "check", "work", "follow_ups", "after", "sign_off") if view.is_made(step)
    ]
    qtbot.wait(1200)
    assert [
        step for step in ("need", "check", "work", "follow_ups", "after", "sign_off") if view.is_made(step)
    ] == made
    ends.set()
    qtbot.waitUntil(lambda: view.is_made("work"))


def test_the_end_leaves_no_thread_and_no_open_store(
    qapp: QApplication, qtbot: QtBot, folder: Path, desk: Desk, tmp_path: Path
) -> None:
    """Closing the window ends lanes and workers and gives the store free for the next start."""
    before = set(threading.enumerate())
    for _start in range(2):
        made = Program(
            qapp,
            folder,
            machine=desk.machine,
            clock=Morning(),
            is_portable=False,
            papers=tmp_path,
            vault_limits=LIMITS,
        )
        made.start()
        unlock(made, qtbot)
        made.close()
        qapp.processEvents()
    assert {t for t in threading.enumerate() if t.name.startswith("techkit")} <= before
