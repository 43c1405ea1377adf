"""The case of a visit: opened where something is left unsolved, gone on from at the next visit, taken back."""

from __future__ import annotations

import pytest

from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.records.visit import Case, Outcome, WorkState
from techkit.records.visit import Visit as VisitRecord
from techkit.ui.presenters import twins
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device
from tests.ui.conftest import sign


def end(visit: Visit, outcome: str = "partly") -> VisitRecord:
    visit.after.choose_outcome(outcome)
    visit.after.skip("The customer needed the computer at once")
    sign(visit)
    return visit.held.visit


def next_visit(device: Device, customer_id: str, **more: object) -> Visit:
    made = VisitRecord(
        id=new_id(), number=device.store.next_number(2026), customer_id=customer_id, work_state=WorkState.SCHEDULED, **more
    )  # fmt: skip
    device.store.save(made)
    return device.open(made.id)


def cases(device: Device) -> list[Case]:
    return device.store.find(Case)


def test_an_unsolved_visit_opens_its_case_when_it_is_handed_over(device: Device, checked: Visit):
    """It is said before; the case carries the visit's number and need, and the visit names it."""
    checked.after.choose_outcome("not_resolved")
    told = checked.cases.state.end
    assert (told.title, told.action) == ("The computer is slow", "without")
    assert "a case is opened" in told.sentence
    assert cases(device) == []
    visit = end(checked, "not_resolved")
    (case,) = cases(device)
    assert (case.id, case.number, case.title) == (visit.case_id, visit.number, "The computer is slow")
    assert device.store.get(VisitRecord, visit.id).case_id == case.id


def test_the_signature_stands_whatever_becomes_of_the_case(device: Device, checked: Visit):
    """The page says nothing of cases: no and yes after all change nothing that was signed; once sent, nothing is offered."""
    visit = end(checked)
    checked.cases.do("without")
    assert (checked.held.visit.case_id, checked.held.waiting, checked.state.notice) == (None, (), None)
    checked.cases.do("with")
    assert checked.held.visit.case_id == visit.case_id
    assert checked.held.bundle.valid_signature() is not None
    checked.sign_off.finish()
    assert checked.held.visit.work_state is WorkState.SUBMITTED
    assert checked.cases.state.end.action == ""
    checked.cases.do("without")
    checked.cases.choose(visit.case_id)
    assert device.store.get(VisitRecord, visit.id).case_id == visit.case_id


@pytest.mark.parametrize("outcome", ["resolved", "advice_only"])
def test_a_visit_that_leaves_nothing_open_opens_none(device: Device, checked: Visit, outcome: str):
    """Nothing is said of cases, and none is made."""
    visit = end(checked, outcome)
    assert (cases(device), visit.case_id, checked.cases.state.end) == ([], None, None)


def test_no_case_is_one_gesture_and_can_be_taken_back(device: Device, checked: Visit):
    """The offer turns round; undo does too."""
    checked.after.choose_outcome("partly")
    checked.cases.do("without")
    assert checked.cases.state.end.action == "with"
    checked.undo()
    assert checked.cases.state.end.action == "without"
    checked.cases.do("without")
    visit = end(checked)
    assert (cases(device), visit.case_id) == ([], None)


def come_back(visit: Visit) -> None:
    """Hand the page over as solved in part, which opens a case, and take it back from the customer."""
    visit.after.choose_outcome("partly")
    visit.after.skip("The computer stays with us")
    visit.go("sign_off")
    visit.next()
    visit.sign_off.take_back()


def test_no_case_after_the_page_came_back(device: Device, checked: Visit):
    """A case that is there already is called off: no other visit is offered it; undo, or the offer, opens it again."""
    come_back(checked)
    case_id = checked.held.visit.case_id
    checked.cases.do("without")
    assert checked.held.visit.case_id is None
    assert next_visit(device, checked.held.visit.customer_id).cases.state.rows == ()
    checked.undo()
    assert checked.held.visit.case_id == case_id
    checked.cases.do("without")
    checked.cases.do("with")
    assert ([c.id for c in cases(device)], checked.held.visit.case_id) == ([case_id], case_id)
    assert checked.held.visit.work_state is WorkState.WORK_DONE


def test_solved_after_all_before_the_signature(device: Device, checked: Visit):
    """The case the visit opened is called off when the page is handed over as solved."""
    come_back(checked)
    assert len(cases(device)) == 1
    checked.after.choose_outcome("resolved")
    checked.next()
    assert checked.held.visit.case_id is None
    assert next_visit(device, checked.held.visit.customer_id).cases.state.rows == ()


def test_nobody_signs_and_the_case_is_opened_too(device: Device, checked: Visit):
    """A visit that ends without a signature leaves its case as any other."""
    checked.after.choose_outcome("partly")
    checked.after.skip("The computer stays with us")
    checked.go("sign_off")
    checked.sign_off.waive("absent")
    assert [c.id for c in cases(device)] == [checked.held.visit.case_id]
    assert checked.held.visit.work_state is WorkState.SIGNOFF_WAIVED


def test_the_next_visit_goes_on_from_it(device: Device, checked: Visit):
    """One gesture takes case, words and kind of trouble over; the same again, or undo, takes them back."""
    first = end(checked)
    then = next_visit(device, first.customer_id)
    (row,) = then.cases.state.rows
    assert (row.title, row.is_chosen) == ("The computer is slow", False)
    assert row.line == "TK07-2026-0001 · 23 Nov 2026 · 1 visit so far"
    then.cases.choose(row.id)
    kept = device.store.get(VisitRecord, then.held.visit_id)
    assert (kept.case_id, kept.purpose, kept.complaint) == (first.case_id, "The computer is slow", "slow")
    assert then.cases.state.rows[0].is_chosen
    then.undo()
    assert (then.held.visit.case_id, then.held.visit.purpose) == (None, "")
    then.redo()
    then.cases.choose(row.id)
    assert (then.held.visit.case_id, then.held.visit.purpose, then.held.visit.complaint) == (
        None,
        "",
        "other",
    )


def test_the_customers_own_words_stay(device: Device, checked: Visit):
    """A need that was typed is not written over by the case's."""
    first = end(checked)
    then = next_visit(device, first.customer_id, purpose="Still slow, and loud now")
    then.cases.choose(first.case_id)
    assert (then.held.visit.case_id, then.held.visit.purpose) == (first.case_id, "Still slow, and loud now")


def test_a_visit_of_a_case_makes_no_second_one_and_ends_it(device: Device, checked: Visit):
    """Unsolved again: the case stays; solved: it is offered to nobody any more."""
    first = end(checked)
    second = next_visit(device, first.customer_id)
    second.cases.choose(first.case_id)
    second.next()
    assert end(second, "not_resolved").case_id == first.case_id
    assert "stays open" in second.cases.state.end.sentence
    third = next_visit(device, first.customer_id)
    assert third.cases.state.rows[0].line.endswith("2 visits so far")
    third.cases.choose(first.case_id)
    third.next()
    end(third, "resolved")
    assert len(cases(device)) == 1
    assert next_visit(device, first.customer_id).cases.state.rows == ()


def test_another_case_instead_of_the_own_one(device: Device, checked: Visit):
    """A visit that opened a case and then goes on from an older one leaves no case behind that nobody visits."""
    old = Case(
        id=new_id(), number="TK07-2026-0000", title="Loud fan", customer_id=checked.held.visit.customer_id
    )
    device.store.save(old)
    checked.held.load()
    come_back(checked)
    assert len(cases(device)) == 2
    checked.cases.choose(old.id)
    then = next_visit(device, checked.held.visit.customer_id)
    assert [r.id for r in then.cases.state.rows] == [old.id]


def test_merged_removed_and_long_named_customers(device: Device, checked: Visit):
    """A case follows its customer into another one; without a customer no case is opened, and a novel is one line."""
    visit = checked.held.visit
    checked.need.set_purpose("x" * 5_000)
    first = end(checked)
    keep = Customer(id=new_id(), display_name="Baumann and Sons " * 10)
    device.store.save(keep)
    twins.merge(device.store, device.store.get(Customer, visit.customer_id), keep.id, "Ines Okafor")
    then = next_visit(device, visit.customer_id)
    assert [len(r.title) for r in then.cases.state.rows] == [120]
    then.cases.choose(first.case_id)
    assert len(then.held.visit.purpose) == 5_000
    gone = device.store.get(Customer, visit.customer_id)
    other = next_visit(device, visit.customer_id, outcome=Outcome.PARTLY)
    device.store.remove(gone, "Asked to be removed")
    other.held.load()
    assert other.cases.state.end is None
