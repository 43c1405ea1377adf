"""The page of a customer or a computer by the keyboard alone: what is decided there can be taken back from where one is."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
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


def merged(qtbot: QtBot, page: DetailPage, name: str) -> list[str]:
    """Say that both are the same, take it back, and say so again; return where the keyboard was after each."""
    window = Shell()
    qtbot.addWidget(window, before_close_func=lambda _window: page.release())
    window.show_view(holder(row(Button("Today"), Grow(page))))
    window.resize(1024, 600)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    page.focus_first()
    places = []
    for press in (name, "Undo", name):
        for _step in range(40):
            held = QApplication.focusWidget()
            assert held is not None
            if held.accessibleName() == press:
                break
            QTest.keyClick(held, Qt.Key.Key_Tab)
        QTest.keyClick(held, Qt.Key.Key_Space)
        qtbot.waitUntil(turns.is_built)
        held = QApplication.focusWidget()
        places.append(held.accessibleName() if held is not None else "")
    window.hide()
    return places


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
    places = merged(qtbot, page, f"{customer.display_name} is the same")
    assert places[::2] == ["Undo", "Undo"]
    assert places[1] not in ("", "Today")
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
    places = merged(qtbot, page, "BAUM-01b is the same computer")
    assert places[::2] == ["Undo", "Undo"]
    assert places[1] not in ("", "Today")
    assert place.state.twins == ()
