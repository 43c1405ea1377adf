"""Which computer a visit is about: proposed, never taken for granted, and never a dead end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.records.visit import Consent, WorkState
from techkit.records.visit import Visit as VisitRecord
from techkit.ui.presenters.visit import Visit
from techkit.ui.widgets.buttons import Button
from techkit.ui.widgets.cards import ProposalRow
from techkit.ui.widgets.check import CheckPage


@pytest.fixture
def visit(world: Callable[..., Any]) -> Callable[..., Visit]:
    """Return a maker of a visit that is about no computer: visit(is_own=...)."""

    def make(*, is_own: bool) -> Visit:
        around = world(is_own=is_own)
        customer = Customer(id=new_id(), display_name="Quarrystone Architects")
        record = VisitRecord(
            id=new_id(), customer_id=customer.id, number=around.store.next_number(2026),
            work_state=WorkState.ON_SITE, consent=Consent.GIVEN,
        )  # fmt: skip
        around.store.save(customer, record)
        return Visit(around, record.id, on_left=list)

    return make


def test_a_check_without_a_computer_asks_which_and_then_begins(
    visit: Callable[..., Visit], qtbot: QtBot, look: Callable[..., None]
) -> None:
    """On one's own laptop nothing is taken in by itself; pressed, it is checked as any other."""
    made = visit(is_own=True)
    page = CheckPage(made.check, None)
    qtbot.addWidget(page, before_close_func=lambda shown: shown.release())
    qtbot.addWidget(page.drawer)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    assert [p.title for p in made.check.state.proposals] == ["This computer, though it is your own"]
    assert shown(page, Button, "Start the check") == []
    (row,) = page.findChildren(ProposalRow)
    page.focus_first()
    assert page.focusWidget() is row
    row.pressed.emit()
    assert made.check.state.proposals == ()
    (start,) = shown(page, Button, "Start the check")
    assert page.focusWidget() is start
    start.click()
    assert made.check.state.phase == "results"
    assert made.held.bundle.runs[0].asset_id == made.held.visit.asset_ids[0]


def test_from_a_stick_the_customers_computers_are_proposed(visit: Callable[..., Visit]) -> None:
    """A computer nothing is known of is the last of them."""
    assert [p.id for p in visit(is_own=False).check.state.proposals] == ["new"]


def shown(page: QWidget, kind: type[Button], words: str) -> list[Button]:
    return [
        piece for piece in page.findChildren(kind) if piece.isVisible() and words in piece.accessibleName()
    ]
