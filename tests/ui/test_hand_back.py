"""The customer gives the screen back, in the real window: nothing but their page until the passphrase."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from techkit.records.visit import WorkState
from techkit.ui.app import Program
from techkit.ui.presenters.hand_back import HandBack
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Desk
from tests.ui.hand import Hand
from tests.ui.test_routine_visit import PASSPHRASE, desk, folder, program, unlock  # noqa: F401 - fixtures of the same window


def _is_done(hand_back: HandBack) -> Callable[[], bool]:
    return lambda: not hand_back.state.is_checking


def _sign_with_a_look_elsewhere(program: Program, hand: Hand, visit: Visit) -> None:  # noqa: F811 - the fixture's name
    """Another window comes to the front while the customer reads, and goes: nothing shows, nothing is lost; then they sign."""
    page, shell = visit.sign_off, program.shell
    hand.press("Hand over to the customer")
    hand.wait(lambda: page.state.phase == "customer" and not page.state.is_rendering)
    hand.press("Partly")
    hand.press("Type name")
    hand.press_name("Name of the person signing")
    QTest.keyClicks(QApplication.focusWidget(), " junior")
    field, before = QApplication.focusWidget(), _shown(shell)
    assert isinstance(field, QLineEdit)
    signer = field.text()
    assert "junior" in signer
    other = QWidget()
    try:
        other.show()
        other.activateWindow()
        hand.wait(lambda: not shell.isActiveWindow())
        assert _shown(shell) == before
        shell.activateWindow()
        hand.wait(shell.isActiveWindow)
    finally:
        other.close()
        other.deleteLater()
    assert QApplication.focusWidget() is field
    for key in (Qt.Key.Key_K, Qt.Key.Key_N, Qt.Key.Key_Comma, Qt.Key.Key_1):
        QTest.keyClick(field, key, Qt.KeyboardModifier.ControlModifier)
    QApplication.processEvents()
    assert _shown(shell) == before
    assert page.state.signer == signer
    assert [one.is_chosen for one in page.state.answers] == [False, True, False]
    hand.press("Draw")
    hand.wait(lambda: page.state.signature_place is not None)
    hand.sign()
    hand.wait(lambda: page.state.may_agree)
    hand.press(page.state.agree_label)
    hand.wait(lambda: page.state.phase == "signed" and page.state.pdf is not None)


def _shown(shell: QWidget) -> list[str]:
    return [label.text() for label in shell.findChildren(QLabel) if label.isVisible() and label.text()]


def test_after_signing_only_the_passphrase_leads_on(program: Program, qtbot: QtBot, desk: Desk) -> None:  # noqa: F811 - the fixtures
    """Sidebar, palette and settings stay away; a wrong passphrase leads nowhere, the right one to the finish."""
    unlock(program, qtbot)
    session, hand = program.session, Hand(qtbot, program.shell)
    assert session is not None
    hand.wait(lambda: session.settings.is_read)
    session.settings.change("sign_off.hand_back", "passphrase")
    session.open_visit(session.today.state.next_visits[0].visit_id)
    hand.wait(lambda: session.visit is not None and bool(session.visit.state.steps))
    visit = session.visit
    visit.need.confirm()
    visit.check.start()
    hand.wait(lambda: visit.check.state.phase == "results")
    desk.moment = "after"
    visit.go("work")
    visit.go("after")
    hand.wait(lambda: visit.after.state.phase == "results")
    visit.go("sign_off")
    hand.wait(lambda: bool(visit.sign_off.state.pages) and not visit.sign_off.state.is_rendering)
    _sign_with_a_look_elsewhere(program, hand, visit)
    control = Qt.KeyboardModifier.ControlModifier
    for key in (Qt.Key.Key_K, Qt.Key.Key_N, Qt.Key.Key_Comma, Qt.Key.Key_1):
        QTest.keyClick(program.shell.focusWidget() or program.shell, key, control)
    assert visit.state.current == "sign_off"
    assert session.is_visit_shown
    shown = [label.text() for label in program.shell.findChildren(QLabel) if label.isVisible()]
    assert "Today" not in shown
    assert hand._button("Change something") is None
    hand.press("Back to the technician")
    hand.wait(lambda: session.hand_back.state.is_asking)
    for text in ("not this one", PASSPHRASE):
        field = QApplication.focusWidget()
        assert field is not None
        assert field.accessibleName() == "Passphrase"
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)
        hand.wait(_is_done(session.hand_back))
    hand.press(visit.sign_off.state.finish_label)
    hand.wait(session.home.isVisible)
    qtbot.waitUntil(lambda: program.lanes.is_idle)
    assert session.surroundings.store.bundle(visit.state.visit_id).visit.work_state is WorkState.SUBMITTED
