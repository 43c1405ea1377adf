"""Promises and advice: suggested with reasons, own ones, overdue ones first, the customer's word."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest

from techkit.records.assets import Asset
from techkit.records.budget import CostCentre
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer
from techkit.records.success import FollowUp, Recommendation
from techkit.records.visit import Visit as VisitRecord
from techkit.records.visit import WorkState
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import SIGNATURE, Device


@pytest.fixture
def visit(device: Device) -> Visit:
    customer, contact, asset, visit_id = (new_id() for _n in range(4))
    device.store.save(
        Customer(id=customer, display_name="Larkspur", has_diagnostics_consent=True),
        Contact(
            id=contact, customer_id=customer, family_name="Arslan", skill=2, features_wanted=("mail merge",)
        ),
        Asset(id=asset, customer_id=customer, name="RC-01"),
        CostCentre(id=new_id(), customer_id=customer, code="FRONT"),
        CostCentre(id=new_id(), customer_id=customer, code="SURG"),
        FollowUp(id=new_id(), customer_id=customer, text="Bring the cable", due_on=date(2026, 11, 2)),
        FollowUp(id=new_id(), customer_id=customer, text="Call in spring", due_on=date(2027, 3, 1)),
        VisitRecord(
            id=visit_id,
            number="TK07-2026-0001",
            customer_id=customer,
            contact_id=contact,
            asset_ids=(asset,),
            purpose="Slow",
            complaint="slow",
            work_state=WorkState.SCHEDULED,
        ),
    )
    made = device.open(visit_id)
    made.next()
    made.check.start()
    made.go("follow_ups")
    return made


def test_overdue_promises_stand_first(device: Device, visit: Visit):
    """Promises of earlier visits that are late stand first; settling one takes it off the list."""
    state = visit.follow_ups.state
    assert [(r.title, r.tone) for r in state.overdue] == [("Bring the cable", "late")]
    assert "Call in spring" in [r.title for r in state.planned]
    visit.follow_ups.settle(state.overdue[0].id, "done", "Brought today")
    assert visit.follow_ups.state.overdue == ()
    kept = device.store.get(FollowUp, state.overdue[0].id)
    assert (kept.state, kept.outcome_note) == ("done", "Brought today")


def test_suggestions_have_reasons_and_are_offered_once(device: Device, visit: Visit):
    """Each suggestion says why; once added, also as a whole, it is not offered again."""
    offered = visit.follow_ups.state.suggestions
    assert all(s.reason.startswith("Because: ") and s.reason.endswith(".") for s in offered)
    assert any("mail merge" in s.title for s in offered)
    visit.follow_ups.add(offered[0].key)
    assert offered[0].key not in {s.key for s in visit.follow_ups.state.suggestions}
    visit.follow_ups.add_all()
    assert visit.follow_ups.state.suggestions == ()
    planned = visit.follow_ups.state.planned
    assert planned
    assert not [row.line for row in planned if "Because" in row.line], "a promise kept tells the reason alone"
    again = device.open(visit.held.visit_id)
    assert again.follow_ups.state.suggestions == ()


def test_own_promise_needs_only_its_words(device: Device, visit: Visit):
    """A promise of one's own is due in a week and done by the technician unless said otherwise."""
    visit.follow_ups.add_own()
    assert visit.follow_ups.state.form.error_field == "text"
    visit.follow_ups.fill("text", "Send a quote for a second screen")
    fields = {f.name: f.text for f in visit.follow_ups.state.form.fields}
    assert fields["due_on"] == "2026-11-30", "the day it gets is shown before it is added"
    visit.follow_ups.add_own()
    visit.follow_ups.fill("text", "Order a disk")
    visit.follow_ups.fill("due_on", visit.follow_ups.state.due_choices[0].value)
    visit.follow_ups.add_own()
    kept = {f.text: f for f in device.store.bundle(visit.held.visit_id).follow_ups}
    quote = kept["Send a quote for a second screen"]
    assert (quote.due_on, quote.owner) == (date(2026, 11, 30), "Ines Okafor")
    assert kept["Order a disk"].due_on == date(2026, 11, 23)


def test_costly_promise_waits_for_its_approver(device: Device, visit: Visit):
    """What costs money is planned until its approver agreed; the customer's word is kept."""
    promise = FollowUp(
        id=new_id(),
        customer_id=visit.held.visit.customer_id,
        visit_id=visit.held.visit_id,
        text="Replace the disk",
        cost_minor=18_000,
        approver="Selin Arslan",
    )
    device.store.save(promise)
    visit.reload()
    row = next(r for r in visit.follow_ups.state.planned if r.id == promise.id)
    assert "if Selin Arslan agrees" in row.cost_line
    visit.follow_ups.decide(promise.id, "yes")
    row = next(r for r in visit.follow_ups.state.planned if r.id == promise.id)
    assert row.cost_line.endswith("agreed")
    assert device.store.get(FollowUp, promise.id).decision == "yes"


def test_advice_takes_an_answer(device: Device, visit: Visit):
    """The customer's answer to a piece of advice is kept."""
    advice = Recommendation(
        id=new_id(),
        customer_id=visit.held.visit.customer_id,
        visit_id=visit.held.visit_id,
        text="Buy a new battery",
        why="It holds 71 % of its first capacity.",
    )
    device.store.save(advice)
    visit.reload()
    (row,) = visit.follow_ups.state.advice
    visit.follow_ups.decide(row.id, "declined")
    assert visit.follow_ups.state.advice[0].decision == "declined"
    assert device.store.find(Recommendation)[0].state == "declined"


def test_off_the_paper_and_out(device: Device, visit: Visit):
    """A promise can be kept off the customer's page, taken out and brought back."""
    visit.follow_ups.add(visit.follow_ups.state.suggestions[0].key)
    (promise,) = device.store.bundle(visit.held.visit_id).follow_ups
    visit.follow_ups.set_on_paper(promise.id, False)
    assert not device.store.get(FollowUp, promise.id).is_on_paper
    visit.follow_ups.remove(promise.id)
    assert device.store.get(FollowUp, promise.id) is None
    visit.undo()
    assert device.store.get(FollowUp, promise.id).due_on == promise.due_on


def test_shares_of_cost_centres(device: Device, visit: Visit):
    """Shares are typed in percent; what does not add up is said, what is no number is refused."""
    need = visit.need
    front, surgery = (row.cost_centre_id for row in need.state.shares)
    need.set_share(front, "60 %")
    assert need.state.shares_line == "Together 60\u00a0%; it should be 100\u00a0%."
    need.set_share(surgery, "forty")
    assert need.state.shares[1].error
    need.set_share(surgery, "40")
    assert need.state.shares_line == ""
    assert [row.percent for row in need.state.shares] == ["60", "40"]
    need.set_share(surgery, "")
    need.set_share(front, "100")
    held = device.store.bundle(visit.held.visit_id).allocations
    assert [a.share_percent for a in held] == [100]


def test_day_is_the_places_day(device: Device, visit: Visit):
    """Late in the evening a promise “in 1 week” counts from the day at the place, not from UTC's."""
    device.clock.go_to("2026-11-24 00:30")
    visit.follow_ups.fill("text", "Call")
    visit.follow_ups.add_own()
    kept = [f for f in device.store.bundle(visit.held.visit_id).follow_ups if f.text == "Call"]
    assert kept[0].due_on == date(2026, 12, 1)
    assert dataclasses.asdict(kept[0])["reason"] == "promise"


def signed(device: Device, visit: Visit) -> str:
    """Sign and submit the visit; return its id."""
    visit.after.choose_outcome("resolved")
    visit.go("sign_off")
    visit.sign_off.hand_over()
    visit.sign_off.draw(SIGNATURE)
    visit.sign_off.agree()
    assert device.store.bundle(visit.held.visit_id).valid_signature() is not None
    return visit.held.visit_id


def test_settling_what_another_visit_promised_asks_nothing_of_the_signature(device: Device, visit: Visit):
    """The cable of last time was brought, last time's advice is answered: neither stands on today's signed page."""
    customer = visit.held.visit.customer_id
    advice = Recommendation(
        id=new_id(), customer_id=customer, text="Buy a battery", why="Old", urgency="soon"
    )
    device.store.save(advice)
    visit.reload()
    visit_id = signed(device, visit)
    (late,) = visit.follow_ups.state.overdue
    visit.follow_ups.settle(late.id, "done", "Brought today")
    visit.follow_ups.decide(advice.id, "accepted")
    assert visit.held.waiting == ()
    assert device.store.get(FollowUp, late.id).state == "done"
    assert device.store.get(Recommendation, advice.id).state == "accepted"
    assert device.store.bundle(visit_id).valid_signature() is not None


def test_how_todays_promise_ended_leaves_the_signed_page_as_it_is(device: Device, visit: Visit):
    """Kept the same afternoon: the page says what was promised, so that nothing is asked; taking it off the page is."""
    visit.follow_ups.add(visit.follow_ups.state.suggestions[0].key)
    visit_id = signed(device, visit)
    (promise,) = device.store.bundle(visit_id).follow_ups
    visit.follow_ups.settle(promise.id, "done", "Shown on the telephone")
    assert visit.held.waiting == ()
    assert device.store.get(FollowUp, promise.id).outcome_note == "Shown on the telephone"
    visit.follow_ups.set_on_paper(promise.id, False)
    assert len(visit.held.waiting) == 1
    assert device.store.get(FollowUp, promise.id).is_on_paper


def test_a_text_too_long_for_a_promise_becomes_a_file(device: Device, visit: Visit) -> None:
    """The whole of it is kept as a file of the visit, its beginning stays in the field with the file's name."""
    visit.need.confirm()
    long = "word " * 30_000
    visit.follow_ups.fill("text", long)
    assert visit.follow_ups.state.form.may_keep_whole
    visit.follow_ups.keep_whole_text()
    form = visit.follow_ups.state.form
    assert (form.error, form.may_keep_whole) == ("", False)
    (kept,) = visit.held.bundle.attachments
    assert device.store.attachment(kept.sha256).decode() == long
    text = next(f.text for f in (*form.fields, *form.more) if f.name == "text")
    assert text.endswith(f"(whole text: {kept.name})")
