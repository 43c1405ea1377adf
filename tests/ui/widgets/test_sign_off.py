"""Before signing, by the keyboard alone in the smallest window: what the office will see is in sight, the way on is reached."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from techkit.records.budget import Allocation, Budget, CostCentre
from techkit.records.identity import new_id
from techkit.records.visit import SupplyUse
from techkit.ui.presenters.visit import Visit
from techkit.ui.widgets import turns
from techkit.ui.widgets.labels import Label
from techkit.ui.widgets.shell import Shell
from techkit.ui.widgets.sign_off import SignOffPage
from techkit.ui.widgets.visit import VisitView


def test_a_budget_that_is_overdrawn_is_seen_on_the_way_to_the_signature(
    qtbot: QtBot, look: Callable[..., None], checked: Visit
) -> None:
    """At 150 % the sentence stands in sight when the step is entered, and Tab alone leads on to the hand-over."""
    look("light", 1.5)
    held, centre = checked.held, new_id()
    held.around.store.save(
        CostCentre(id=centre, customer_id=held.visit.customer_id, code="OFF", name="Office"),
        Budget(
            id=new_id(),
            customer_id=held.visit.customer_id,
            cost_centre_id=centre,
            period="2026",
            approved_minor=1000,
        ),
        Allocation(id=new_id(), visit_id=held.visit_id, cost_centre_id=centre, share_percent=Decimal(100)),
        SupplyUse(id=new_id(), visit_id=held.visit_id, name="Disk", unit_price_minor=9000),
    )
    checked.reload()
    checked.work.drafting.add()
    view = VisitView(
        checked,
        {"sign_off": lambda: SignOffPage(checked.sign_off, None)},
        open_sync=lambda: None,
        leave=lambda: None,
        about=lambda: None,
    )
    shell = Shell()
    qtbot.addWidget(shell, before_close_func=lambda _shell: view.close_pages())
    shell.show_view(view)
    shell.resize(1024, 600)
    view.set_width(1024 * 2 // 3)
    shell.show()
    shell.activateWindow()
    qtbot.waitUntil(shell.isActiveWindow)
    checked.go("sign_off")
    qtbot.waitUntil(turns.is_built)
    said = next(piece for piece in view.page.findChildren(Label) if "would be overdrawn" in piece.text())
    qtbot.waitUntil(lambda: said.visibleRegion().boundingRect().height() >= said.height())
    names: list[str] = []
    while "Hand over to the customer" not in names:
        focus = QApplication.focusWidget()
        assert focus is not None
        assert len(names) < 20, names
        names.append(focus.accessibleName())
        QTest.keyClick(focus, Qt.Key.Key_Tab)
