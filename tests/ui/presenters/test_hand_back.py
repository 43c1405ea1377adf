"""The way back from the customer: asked for where the organisation wants it, by passphrase or short PIN."""

from __future__ import annotations

import pytest

from techkit.credentials import pin as pin_room
from techkit.credentials.slots import Cost
from techkit.errors import CredentialError
from techkit.records.visit import Visit as VisitRecord
from techkit.records.visit import WorkState
from techkit.ui.presenters.hand_back import HandBack
from techkit.ui.presenters.lanes import InlineLanes
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device
from tests.ui.conftest import sign

CHEAP = Cost(memory_kib=8, passes=1, lanes=1)
RIGHT = "correct horse battery staple"


def guard(way: str, pin: str = "") -> HandBack:
    def check(passphrase: str) -> None:
        if passphrase != RIGHT:
            raise CredentialError("This is not the passphrase of this device.")

    kept = pin_room.derived(pin, cost=CHEAP) if len(pin.strip()) > 3 else pin
    return HandBack(InlineLanes(), {"sign_off.hand_back": way, "sign_off.pin": kept}.__getitem__, check)


def test_after_signing_the_customer_sees_this_page_and_nothing_else(device: Device, checked: Visit) -> None:
    """The screen stays the customer's until the passphrase was typed; a wrong one shows nothing."""
    held = checked.sign_off.guard = guard("passphrase")
    sign(checked)
    assert checked.sign_off.state.phase == "signed"
    assert checked.state.is_customer_view
    checked.go("work")
    checked.back()
    assert checked.current == "sign_off"
    checked.sign_off.take_back()
    assert held.state.is_asking
    held.give("something else")
    assert "not the passphrase" in held.state.error
    assert checked.state.is_customer_view
    held.give(RIGHT)
    assert not checked.state.is_customer_view
    assert not held.state.is_asking


def test_finishing_asks_first_and_then_finishes(device: Device, checked: Visit) -> None:
    """One question, not two: who it was is known, the visit is submitted."""
    held = checked.sign_off.guard = guard("passphrase")
    sign(checked)
    checked.sign_off.finish()
    assert device.store.get(VisitRecord, checked.held.visit_id).work_state is WorkState.SIGNED
    held.give(RIGHT)
    assert device.store.get(VisitRecord, checked.held.visit_id).work_state is WorkState.SUBMITTED


def test_taking_the_screen_back_unsigned_asks_as_well(checked: Visit) -> None:
    """Before the signature too, the rest belongs to the technician; leaving it leaves the customer's page."""
    held = checked.sign_off.guard = guard("pin", "2580")
    checked.go("sign_off")
    checked.next()
    checked.sign_off.take_back()
    assert held.state.by == "pin"
    held.cancel()
    assert checked.state.is_customer_view
    checked.sign_off.take_back()
    held.give("2580")
    assert not checked.state.is_customer_view


def test_three_wrong_pins_ask_for_the_passphrase(checked: Visit) -> None:
    """A PIN is not to be guessed; asking anew gives no further tries."""
    held = checked.sign_off.guard = guard("pin", "2580")
    checked.go("sign_off")
    checked.next()
    checked.sign_off.take_back()
    for wrong in ("0000", "1111"):
        held.give(wrong)
    held.cancel()
    checked.sign_off.take_back()
    held.give("2222")
    assert held.state.by == "passphrase"
    held.give("2580")
    assert checked.state.is_customer_view
    held.give(RIGHT)
    assert not checked.state.is_customer_view


@pytest.mark.parametrize("pin", ["", "12", " 1 "])
def test_a_pin_that_is_none_asks_for_the_passphrase(pin: str) -> None:
    """Chosen and never set, the passphrase stands in for it."""
    held = guard("pin", pin)
    held.ask(lambda: None)
    assert held.state.by == "passphrase"


def test_nothing_is_asked_where_nobody_wants_it(checked: Visit) -> None:
    """The routine visit stays without a typed character."""
    held = checked.sign_off.guard = guard("")
    sign(checked)
    assert not checked.state.is_customer_view
    assert not held.state.is_asking
