"""From the lock card of an empty folder to the first sync, in the real window by keyboard: every press counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from techkit.ui.app import Program
from tests.scenarios.conftest import Office, office  # noqa: F401 - a fixture
from tests.ui.keyboard import Keyboard
from tests.ui.test_routine_visit import PASSPHRASE, desk, program  # noqa: F401 - fixtures of the same window

#: Source: the design, chapter 3: 9 interactions; the code and the passphrase are typed.
MOST = 9

CONTROL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Nothing is here yet."""
    made = tmp_path / "data"
    made.mkdir()
    return made


def test_a_device_begins_and_is_enrolled(
    program: Program,  # noqa: F811 - the fixture
    qtbot: QtBot,
    office: Office,  # noqa: F811 - the fixture
) -> None:
    """Name and passphrase, the recovery code kept, the office's line: at most 9 presses, and the office knows the device."""
    from techkit.central.models import Device

    hand = Keyboard(qtbot, program.shell)
    qtbot.waitUntil(lambda: _focus() == "Your name")
    hand.type_in_turn("Ines Okafor", PASSPHRASE)
    field = QApplication.focusWidget()
    QTest.keyClicks(field, PASSPHRASE)
    hand.keys("make the store", Qt.Key.Key_Return, NONE)
    qtbot.waitUntil(
        lambda: _focus() == "I wrote it down and keep it apart from this computer", timeout=60_000
    )
    hand.keys("kept", Qt.Key.Key_Space, NONE)
    hand.press("Continue")
    hand.wait(lambda: program.session is not None)
    session = program.session
    assert session is not None
    hand.wait(lambda: program.lanes.is_idle and session.home.isVisible())
    QApplication.clipboard().setText(office.invitation())
    hand.press_name("Sync")
    hand.wait(lambda: _focus() == "Enrolment code")
    hand.keys("paste", Qt.Key.Key_V, CONTROL)
    hand.keys("connect", Qt.Key.Key_Return, NONE)
    hand.wait(lambda: session.sync.state.status == "done" and not session.sync.state.count)
    hand.wait(lambda: _focus() == "Sync now")
    assert hand.count <= MOST, hand.done
    store = session.surroundings.store
    assert Device.objects.get(pk=store.device.id).prefix == store.device.prefix


def _focus() -> str:
    widget = QApplication.focusWidget()
    return widget.accessibleName() if widget is not None else ""
