"""A dozen cost centres in the Need step: a short card, the others found by typing, all by keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from techkit.records.budget import CostCentre
from techkit.records.visit import Visit as VisitRecord
from techkit.ui.controls import LineEdit
from techkit.ui.presenters.visit import Visit
from techkit.ui.widgets.need import NeedPage
from techkit.ui.widgets.shell import Shell
from tests.scenarios.conftest import Device

NAMES = (
    "Reception", "Surgery 1", "Surgery 2", "Surgery 3", "Laboratory", "X-ray", "Hygiene", "Orthodontics",
    "Accounts", "Stores", "Training", "Garden and house",
)  # fmt: skip


@pytest.fixture
def page(device: Device, planned: str, qtbot: QtBot, look: Callable[..., None]) -> NeedPage:
    customer_id = device.store.get(VisitRecord, planned).customer_id
    device.store.save(
        *(
            CostCentre(id=f"c{n:02}", customer_id=customer_id, code=f"LDG-{n:02}", name=name)
            for n, name in enumerate(NAMES, 1)
        )
    )
    visit: Visit = device.open(planned)
    made, shell = NeedPage(visit.need, None), Shell()
    qtbot.addWidget(shell, before_close_func=lambda _shell: made.release())
    shell.show_view(made)
    shell.resize(1024, 700)
    shell.show()
    qtbot.waitExposed(shell)
    shell.activateWindow()
    qtbot.waitUntil(shell.isActiveWindow)
    return made


def key(which: Qt.Key) -> None:
    QTest.keyClick(QApplication.focusWidget(), which)


def write(text: str) -> None:
    QTest.keyClicks(QApplication.focusWidget(), text)


def focused() -> str:
    widget = QApplication.focusWidget()
    return widget.accessibleName() if widget is not None else ""


def test_of_a_dozen_those_that_bear_something_are_listed(page: NeedPage, qtbot: QtBot) -> None:
    """Nothing listed at first; typed, found, taken with Return, its share typed, the next one by the arrows."""
    need = page._need
    assert [row.label for row in need.state.shares] == []
    assert need.state.other_centres.line == "12 other cost centres"
    low = page._shares.sizeHint().height()
    page._shares._others.focus_first()
    qtbot.waitUntil(lambda: focused() == "Another cost centre")
    write("x-r")
    assert [c.label for c in need.state.other_centres.found] == ["LDG-06 X-ray"]
    key(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: focused() == "Share of LDG-06 X-ray in percent")
    write("60")
    key(Qt.Key.Key_Tab)
    assert focused() == "Another cost centre"
    assert need.state.shares_line == "Together 60\u00a0%; it should be 100\u00a0%."
    write("surg")
    assert len(need.state.other_centres.found) == 3
    key(Qt.Key.Key_Down)
    key(Qt.Key.Key_Down)
    assert focused() == "LDG-03 Surgery 2"
    key(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: focused() == "Share of LDG-03 Surgery 2 in percent")
    write("40")
    key(Qt.Key.Key_Tab)
    assert [(row.label, row.percent) for row in need.state.shares] == [
        ("LDG-03 Surgery 2", "40"), ("LDG-06 X-ray", "60"),
    ]  # fmt: skip
    assert need.state.shares_line == ""
    assert need.state.other_centres.line == "10 other cost centres"
    qtbot.waitUntil(lambda: page._shares.sizeHint().height() < low + 130)


def test_what_is_not_found_and_what_is_wrong(page: NeedPage) -> None:
    """Nothing called so is said; a share that is none stays listed with its reason, and blocks going on."""
    need = page._need
    need.cost_shares.find("zzz")
    assert need.state.other_centres.line == "No cost centre is called so."
    need.cost_shares.take("c12")
    need.set_share("c12", "half")
    (row,) = need.state.shares
    assert "33.3" in row.error
    assert need.state.errors[0][0] == "share.c12"
    assert not need.state.may_confirm
    page._focus_field("share.c12")
    field = QApplication.focusWidget()
    assert isinstance(field, LineEdit)
    assert field.accessibleName() == "Share of LDG-12 Garden and house in percent"


def test_tab_goes_as_the_page_is_read(page: NeedPage, qtbot: QtBot) -> None:
    """What was built later has its place in the order too: down the page, each stop once, and back the same way."""
    need = page._need
    for centre in ("c11", "c02"):
        need.cost_shares.take(centre)
    page.focus_first()
    qtbot.waitUntil(lambda: focused() == "The need in the customer’s words")
    seen: list[QWidget] = []
    for _press in range(60):
        widget = QApplication.focusWidget()
        if widget in seen:
            break
        seen.append(widget)
        key(Qt.Key.Key_Tab)
        qtbot.wait(1)  # the page lays itself out between two keys
    column = page.body.parentWidget()
    tops = [w.mapTo(column, w.rect().topLeft()).y() for w in seen if column.isAncestorOf(w)]
    names = [widget.accessibleName() for widget in seen]
    place = names.index("Share of LDG-02 Surgery 1 in percent")
    assert names[place : place + 3] == [
        "Share of LDG-02 Surgery 1 in percent", "Share of LDG-11 Training in percent", "Another cost centre",
    ]  # fmt: skip
    assert tops == sorted(tops)
    back = []
    for _press in seen:
        key(Qt.Key.Key_Backtab)
        back.append(QApplication.focusWidget())
    assert back == [*reversed(seen[1:]), seen[0]]
