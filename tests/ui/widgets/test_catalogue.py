"""The catalogue's card by keyboard: type, go down, take; Return takes the first."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from techkit.records.assets import Product
from techkit.ui.presenters.visit import Visit
from techkit.ui.widgets.work import WorkPage
from tests.scenarios.conftest import Device


@pytest.fixture
def page(device: Device, planned: str, qtbot: QtBot, look: Callable[..., None]) -> WorkPage:
    device.store.save(*(Product(id=f"p{n}", name=f"Cable {n} m", price_minor=80 * n) for n in (1, 2, 5)))
    visit: Visit = device.open(planned)
    visit.go("work")
    made = WorkPage(visit.work, visit.files, None)
    qtbot.addWidget(made, before_close_func=lambda page: page.release())
    made.resize(1000, 700)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    return made


def focused() -> str:
    widget = QApplication.focusWidget()
    return widget.accessibleName() if widget is not None else ""


def key(which: Qt.Key) -> None:
    QTest.keyClick(QApplication.focusWidget(), which)


def test_a_supply_is_taken_by_keyboard_alone(page: WorkPage, qtbot: QtBot) -> None:
    """The field has the focus at once; arrows go through what was found, and the number is typed next."""
    page._work.choose_kind("supply_use")
    qtbot.waitUntil(lambda: focused() == "Choose from the catalogue")
    QTest.keyClicks(QApplication.focusWidget(), "cab")
    key(Qt.Key.Key_Down)
    key(Qt.Key.Key_Down)
    assert focused().startswith("Cable 2 m. €1.60")
    key(Qt.Key.Key_Up)
    key(Qt.Key.Key_Up)
    assert focused() == "Choose from the catalogue"
    key(Qt.Key.Key_Down)
    key(Qt.Key.Key_Return)
    assert focused() == "How many"
    assert page._form.boxes["name"].control.text() == "Cable 1 m"  # type: ignore[attr-defined]  # a line of text
    page._catalogue.focus_first()
    QTest.keyClicks(QApplication.focusWidget(), "5 m")
    key(Qt.Key.Key_Return)
    assert page._form.boxes["name"].control.text() == "Cable 5 m"  # type: ignore[attr-defined]  # a line of text
