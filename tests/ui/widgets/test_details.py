"""The page of a customer or a computer by the keyboard alone: what is decided there can be taken back from where one is."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from techkit.records.assets import Asset
from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.records.schema import replace
from techkit.ui.presenters.computer import Computer
from techkit.ui.presenters.customer import CustomerPlace
from techkit.ui.presenters.sight import Sight
from techkit.ui.presenters.visit import Visit
from techkit.ui.widgets import turns
from techkit.ui.widgets.boxes import Grow, holder, row
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.computer import ComputerPage
from techkit.ui.widgets.customer import CustomerPage
from techkit.ui.widgets.details import DetailPage
from techkit.ui.widgets.shell import Shell

SERIAL = "system_serial:nw7kx93m3q"


def nowhere(*_ids: str) -> None:
    """Lead nowhere: another page is not what is looked at here."""


def merge(qtbot: QtBot, page: DetailPage, name: str) -> None:
    """Say that both are the same, take it back, and say so again; the keyboard is never far from the way back."""
    window = Shell()
    qtbot.addWidget(window, before_close_func=lambda _window: page.release())
    window.show_view(holder(row(Button("Today"), Grow(page))))
    window.resize(1024, 600)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    page.focus_first()

    def focused() -> str:
        held = QApplication.focusWidget()
        return held.accessibleName() if held is not None else ""

    def press(words: str) -> None:
        pieces = window.findChildren
        qtbot.waitUntil(lambda: any(b.accessibleName() == words and b.isVisible() for b in pieces(QWidget)))
        qtbot.waitUntil(turns.is_built)
        for _step in range(80):
            if focused() == words:
                break
            QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert focused() == words
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)

    press(name)
    qtbot.waitUntil(lambda: focused() == "Undo")
    press("Undo")
    qtbot.waitUntil(lambda: focused() not in ("", "Undo", "Today"))
    press(name)
    qtbot.waitUntil(lambda: focused() == "Undo")
    window.hide()


def test_merging_customers_leaves_the_keyboard_at_the_way_back(
    qtbot: QtBot, look: Callable[..., None], visit: Visit
) -> None:
    """The row that was pressed is gone: the keyboard was in the sidebar then, pages away from taking it back."""
    held = visit.held
    customer = held.around.store.get(Customer, held.visit.customer_id)
    held.around.store.save(Customer(id=new_id(), display_name=customer.display_name))
    place = CustomerPlace(
        held.around, Sight(sees_all=True), customer.id, on_visit=nowhere, on_computer=nowhere,
        on_customer=nowhere, on_list=nowhere, on_new=nowhere,
    )  # fmt: skip
    page = CustomerPage(place, None, lambda: None, lambda: None)
    merge(qtbot, page, f"{customer.display_name} is the same")
    assert place.state.twins == ()


def test_merging_computers_leaves_the_keyboard_at_the_way_back(
    qtbot: QtBot, look: Callable[..., None], visit: Visit
) -> None:
    """As with customers: what was just said is taken back where one is."""
    held = visit.held
    store, (asset_id,) = held.around.store, held.visit.asset_ids
    store.save(
        replace(store.get(Asset, asset_id), identifiers=(SERIAL,)),
        Asset(id=new_id(), customer_id=held.visit.customer_id, name="BAUM-01b", identifiers=(SERIAL,)),
    )
    place = Computer(
        held.around,
        Sight(sees_all=True),
        asset_id,
        on_visit=nowhere,
        on_customer=nowhere,
        on_computer=nowhere,
    )
    page = ComputerPage(place, None, lambda: None)
    merge(qtbot, page, "BAUM-01b is the same computer")
    assert place.state.twins == ()
