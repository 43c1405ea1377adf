"""Undo through the whole visit: every deed comes back alone, what stays says so, nothing moves under the customer's hand."""

from __future__ import annotations

from techkit.records.findings import Complaint
from techkit.records.visit import Outcome, WorkState
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device
from tests.ui.conftest import sign


def test_a_visit_that_began_does_not_end_by_undo(device: Device, visit: Visit) -> None:
    """What was chosen before the arrival is taken back; the arrival, said first, and its clock stay."""
    visit.need.choose_complaint("slow")
    visit.next()
    arrived = visit.held.visit.arrived_at
    visit.undo()
    assert visit.state.undo_told.line == "“The arrival” stays: what was measured or signed is not taken back."
    visit.undo()
    assert visit.state.undo_told.line == "Taken back: what it is about"
    assert visit.held.visit.complaint is Complaint.OTHER
    assert (visit.held.visit.work_state, visit.held.visit.arrived_at) == (WorkState.ON_SITE, arrived)
    assert visit.held.labour.running is not None
    visit.redo()
    assert visit.state.undo_told.line == "Done again: what it is about"
    assert visit.held.visit.complaint is Complaint.SLOW
    assert visit.held.visit.arrived_at == arrived
    kept = device.store.bundle(visit.state.visit_id).visit
    assert (kept.work_state, kept.complaint) == (WorkState.ON_SITE, Complaint.SLOW)


def test_nothing_to_take_back_is_said_each_time(visit: Visit) -> None:
    """Two presses are two answers."""
    visit.undo()
    first = visit.state.undo_told
    assert (first.line, first.act) == ("There is nothing to take back.", "")
    visit.undo()
    assert visit.state.undo_told.number == first.number + 1
    visit.redo()
    assert visit.state.undo_told.line == "There is nothing to do again."


def test_a_result_is_taken_back_alone_after_the_page_was_handed_over(checked: Visit) -> None:
    """The work that ended with handing over stays ended; while the customer looks nothing is taken back at all."""
    checked.go("after")
    checked.after.choose_outcome("partly")
    checked.go("sign_off")
    checked.next()
    assert checked.state.is_customer_view
    checked.undo()
    assert checked.held.visit.outcome is Outcome.PARTLY
    checked.redo()
    assert not checked.state.undo_told.line
    checked.sign_off.take_back()
    left = checked.held.visit.left_at
    checked.undo()
    assert checked.held.visit.outcome is not Outcome.PARTLY
    assert (checked.held.visit.work_state, checked.held.visit.left_at) == (WorkState.WORK_DONE, left)
    assert checked.state.notice is None


def test_times_are_taken_back_by_a_correction(device: Device, checked: Visit) -> None:
    """A stretch that was added counts nothing any more, one that was corrected counts as before, and both again."""
    times = checked.times

    def minutes() -> list[int]:
        return [s.elapsed_s // 60 for s in checked.held.bundle.current_labour()]

    times.add("wait")
    times.fill("minutes", "10")
    times.save()
    assert minutes() == [10]
    (added,) = checked.held.bundle.current_labour()
    times.toggle_outside(added.id)
    checked.undo()
    assert checked.state.undo_told.line == "Taken back: the time"
    assert [s.is_out_of_hours for s in checked.held.bundle.current_labour()] == [False]
    checked.undo()
    assert minutes() == [0]
    checked.redo()
    checked.redo()
    assert minutes() == [10]
    kept = device.store.bundle(checked.state.visit_id)
    assert [(s.elapsed_s, s.is_out_of_hours) for s in kept.current_labour()] == [(600, True)]


def test_a_helper_who_was_a_slip_counts_no_time(checked: Visit) -> None:
    """Taken back, the clock counts for nobody but who is on the visit."""
    checked.times.add_helper("Pavel Novotny")
    assert checked.held.labour.running is not None
    assert checked.held.labour.running.helpers == ("Pavel Novotny",)
    checked.undo()
    assert checked.held.visit.helpers == ()
    assert checked.held.labour.running.helpers == ()


def test_behind_a_signature_nothing_is_taken_back(checked: Visit) -> None:
    """What was done before the page was signed is left as it was signed."""
    checked.go("after")
    checked.after.choose_outcome("partly")
    assert checked.state.undo_label == "Undo: the result"
    sign(checked)
    assert not checked.state.undo_label
    checked.undo()
    assert checked.state.undo_told.line == "There is nothing to take back."
    assert checked.held.visit.outcome is Outcome.PARTLY
