"""What was being typed when the program ended stands in its form again: times, and why nobody signs."""

from __future__ import annotations

from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device
from tests.ui.conftest import sign


def test_a_time_that_was_being_typed(device: Device, checked: Visit) -> None:
    """The form is open again with its minutes; entered or left, nothing comes back."""
    checked.go("follow_ups")
    checked.times.add("wait")
    checked.times.type_ahead("minutes", "25")
    again = device.open(checked.state.visit_id)
    assert again.state.current == "work"
    form = again.times.state.form
    assert form is not None
    assert next(f.text for f in form.fields if f.name == "minutes") == "25"
    again.times.save()
    assert [s.elapsed_s for s in again.held.bundle.current_labour() if s.elapsed_s] == [1500]
    assert device.open(checked.state.visit_id).times.state.form is None


def test_a_time_that_was_being_typed_ends_when_it_was_typed(device: Device, checked: Visit) -> None:
    """Half an hour of waiting until 10:40 is no half hour until 11:30, when the program was started again."""
    device.clock.go_to("2026-11-23 10:40")
    checked.times.add("wait")
    checked.times.type_ahead("minutes", "30")
    device.clock.go_to("2026-11-23 11:30")
    again = device.open(checked.state.visit_id)
    again.times.save()
    (waited,) = [s for s in again.held.bundle.current_labour() if s.kind.value == "wait"]
    device.clock.go_to("2026-11-23 10:40")
    assert waited.ended_at == device.clock.now()


def test_a_correction_that_was_being_typed(device: Device, checked: Visit) -> None:
    """It is the same stretch that is being corrected."""
    checked.times.add("wait")
    checked.times.fill("minutes", "10")
    checked.times.save()
    (made,) = checked.held.bundle.current_labour()
    checked.times.edit(made.id)
    checked.times.type_ahead("until", "11:45")
    again = device.open(checked.state.visit_id)
    assert again.times.state.form is not None
    assert next(f.text for f in again.times.state.form.fields if f.name == "until") == "11:45"
    again.times.cancel()
    assert device.open(checked.state.visit_id).times.state.form is None


def test_a_note_for_colleagues(device: Device, checked: Visit) -> None:
    """Typed beside the result, it is the visit's note after a crash, and on no page of the customer."""
    checked.after.type_ahead("note", "The key lies with the neighbour")
    again = device.open(checked.state.visit_id)
    assert again.after.state.note == "The key lies with the neighbour"
    assert again.held.visit.internal_note == "The key lies with the neighbour"
    again.go("sign_off")
    assert not any("neighbour" in line for line in again.sign_off.state.page_lines)


def test_why_nobody_signs(device: Device, checked: Visit) -> None:
    """The words stand there again at the sign-off; once it was ended so they are forgotten."""
    checked.go("sign_off")
    checked.sign_off.type_waiver("Called away to a patient")
    checked.go("work")
    again = device.open(checked.state.visit_id)
    assert again.state.current == "sign_off"
    assert again.sign_off.state.waiver_note == "Called away to a patient"
    again.sign_off.waive("absent", again.sign_off.state.waiver_note)
    assert again.sign_off.state.waiver_note == ""


def test_nobody_there(device: Device, visit: Visit) -> None:
    """The form is open again with its words; left on purpose it is forgotten."""
    visit.ending.open("nobody")
    visit.ending.type_ahead("words", "Rang three times, no light")
    again = device.open(visit.state.visit_id)
    assert again.state.current == "need"
    form = again.ending.state.form
    assert form is not None
    assert next(f.text for f in form.fields if f.name == "words") == "Rang three times, no light"
    again.ending.cancel()
    assert device.open(visit.state.visit_id).ending.state.form is None


def test_kilometres(device: Device, checked: Visit) -> None:
    """They are taken over as far as they were typed, and undo takes them back."""
    checked.work.travel.type_km("38")
    again = device.open(checked.state.visit_id)
    assert again.state.current == "work"
    assert again.held.visit.travel_km == 38
    assert again.held.typing.typed_in("travel") == {}
    again.work.travel.type_km("far")
    again = device.open(checked.state.visit_id)
    assert again.held.visit.travel_km == 38
    assert again.held.typing.typed_in("travel"), "what cannot be read stays to be put right"


def test_the_name_of_a_helper(device: Device, checked: Visit) -> None:
    """It stands in its field; added it is forgotten."""
    checked.times.type_helper("Pavel Nov")
    again = device.open(checked.state.visit_id)
    assert again.state.current == "work"
    assert again.times.state.helper_typed == "Pavel Nov"
    again.times.add_helper("Pavel Novotny")
    again = device.open(checked.state.visit_id)
    assert again.times.state.helper_typed == ""
    assert again.held.visit.helpers == ("Pavel Novotny",)


def test_the_name_of_the_person_who_signs(device: Device, checked: Visit) -> None:
    """It is there when the page is handed over again; once signed it is forgotten."""
    checked.sign_off.type_signer("Joris Pe")
    again = device.open(checked.state.visit_id)
    assert again.state.current == "sign_off"
    assert again.sign_off.state.signer == "Joris Pe"
    again.sign_off.set_signer("Joris Peeters")
    again.go("work")  # leaving it checks once more
    again.go("after")
    sign(again)
    assert again.held.bundle.valid_signature().signer == "Joris Peeters"
    assert again.held.typing.typed_in("sign_off:signer") == {}


def test_what_is_wrong_with_a_device_tried_by_hand(device: Device, checked: Visit) -> None:
    """The test is open again with the note; judged it is forgotten."""
    checked.check.hands.open("microphone")
    checked.check.hands.type_note("Crackles at the left si")
    again = device.open(checked.state.visit_id)
    assert again.state.current == "check"
    state = again.check.hands.state
    assert (state.test, state.note) == ("microphone", "Crackles at the left si")
    again.check.hands.judge("faulty")
    assert again.held.typing.typed_in("hands:") == {}
    assert again.check.hands.state.note == ""
    again.check.hands.close()
    assert not device.open(checked.state.visit_id).check.hands.state.is_open
