"""What was being typed when the program ended stands in its form again: times, and why nobody signs."""

from __future__ import annotations

from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device


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
