"""Sign-off: the page is handed over, answered and signed, once and for what was shown, or nobody signs."""

from __future__ import annotations

from dataclasses import replace

from techkit import i18n
from techkit.records.identity import new_id
from techkit.records.signing import Satisfaction, SignOffWaiver
from techkit.records.success import FollowUp
from techkit.records.visit import Attachment, WorkState
from techkit.records.visit import Visit as VisitRecord
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import SIGNATURE, Device
from tests.ui.conftest import sign


def test_no_signature_without_strokes_name_or_page(checked: Visit):
    """One dot is no signature; nothing is ticked or chosen in advance."""
    checked.go("sign_off")
    checked.next()
    state = checked.sign_off.state
    assert (state.phase, state.may_agree, any(a.is_chosen for a in state.answers)) == (
        "customer",
        False,
        False,
    )
    checked.sign_off.draw(((1, 1),))
    assert not checked.sign_off.state.may_agree
    checked.sign_off.agree()
    assert checked.held.bundle.signatures == ()
    checked.sign_off.draw(SIGNATURE)
    assert checked.sign_off.state.may_agree


def test_the_page_before_handing_over_holds_the_hour_that_runs(device: Device, planned: str):
    """It says what the money beside it says; the same minute makes it once, a later one anew, and the end is no other."""
    device.store.set_setting("rates.hourly_minor", 6000)
    visit = device.open(planned)
    visit.need.confirm()
    device.clock.go_to("2026-11-23 11:00")
    visit.go("sign_off")
    made = visit.sign_off.page.made
    (cost,) = made.document.costs
    assert (cost.amount, made.document.total) == (visit.sign_off.state.money.rows[0].amount, "€60.00")
    assert visit.sign_off.state.money.total == made.document.total
    visit.sign_off.refresh()
    assert visit.sign_off.page.made is made
    device.clock.go_to("2026-11-23 11:30")
    visit.sign_off.refresh()
    assert visit.sign_off.page.made.document.total == "€90.00"
    visit.next()
    assert visit.sign_off.state.phase == "customer"
    assert visit.sign_off.page.made.document.total == "€90.00"


def test_customer_view_keeps_the_steps_shut(checked: Visit):
    """While the customer has the screen no other step opens."""
    checked.go("sign_off")
    checked.next()
    checked.go("work")
    assert checked.current == "sign_off"
    assert checked.state.is_customer_view
    checked.sign_off.take_back()
    checked.go("work")
    assert checked.current == "work"


def test_refusal_is_a_valid_end(device: Device, checked: Visit):
    """Without a signature the reason is kept and the visit can be submitted."""
    checked.go("follow_ups")
    checked.go("sign_off")
    checked.sign_off.waive("refused", "Wants to talk to her son first")
    assert device.store.find(SignOffWaiver)[0].note == "Wants to talk to her son first"
    state = checked.sign_off.state
    assert (state.signed_line, state.is_unsigned) == ("Without signature: Did not want to sign", True)
    checked.next()
    assert checked.sign_off.state.is_unsigned
    kept = device.store.get(VisitRecord, checked.held.visit_id)
    assert kept.work_state is WorkState.SUBMITTED


def test_every_gesture_twice(device: Device, checked: Visit):
    """A double click on signing, waiving or finishing makes one signature, one file, one submission."""
    checked.go("follow_ups")
    sign(checked)
    checked.sign_off.agree()
    checked.sign_off.waive("absent")
    assert checked.sign_off._is_finishing is False
    checked.next()
    checked.next()
    checked.sign_off.finish()
    kept = device.store.bundle(checked.held.visit_id)
    assert (len(kept.signatures), len(kept.waivers), len(kept.attachments)) == (1, 0, 1)
    assert kept.visit.work_state is WorkState.SUBMITTED


def test_low_answer_makes_somebody_call(device: Device, checked: Visit):
    """“Not really” makes a follow-up that is not on the paper."""
    checked.go("follow_ups")
    sign(checked, answer="1")
    (call,) = device.store.find(FollowUp, reason="low_rating")
    assert not call.is_on_paper


def test_without_after_run_the_page_waits(device: Device, checked: Visit):
    """A computer checked before and not after is asked about; a reason is enough."""
    checked.current = "check"
    checked.go("sign_off")
    checked.next()
    assert checked.sign_off.state.phase == "prepare"
    assert "not checked" in checked.sign_off.state.warning.title
    checked.after.skip("The customer needed the computer at once")
    checked.next()
    assert checked.sign_off.state.phase == "customer"


def test_page_in_another_language_than_the_window(device: Device, checked: Visit):
    """On a German page under an English window techkit's own words are German; a person's stay."""
    from techkit.ui.presenters.visit_page import page

    checked.work.choose_kind("maintenance")
    checked.work.fill("title", "Fan cleaned")
    checked.work.add_entry()
    checked.work.drafting.add()
    checked.go("follow_ups")
    checked.follow_ups.add_all()
    checked.go("sign_off")
    assert "59.3\u00a0GB of space freed" in {line.title for line in checked.sign_off.page.made.document.done}
    checked.sign_off.choose_language("de")
    document = checked.sign_off.page.made.document
    assert document.language == "de"
    assert next(c.value for c in checked.sign_off.state.languages if c.is_chosen) == "de"
    text = " ".join(checked.sign_off.state.page_lines)
    for english in (
        "of space freed",
        "Free disk space",
        "is all still well",
        "does the backup work",
        "There is no backup",
    ):
        assert english not in text, english
    assert "Fan cleaned" in text
    assert "59,3" in text
    with i18n.language("de"):
        again, _seal = page(device.store.bundle(checked.held.visit_id))
    assert again.content_hash == document.content_hash


def test_changing_the_look_of_a_signed_page(device: Device, checked: Visit):
    """Another language for a signed page voids the signature and begins revision 2."""
    checked.go("follow_ups")
    sign(checked)
    checked.sign_off.choose_language("de")
    assert checked.held.visit.paper_language == ""
    checked.sign_off.void()
    kept = device.store.get(VisitRecord, checked.held.visit_id)
    assert (kept.paper_language, kept.work_state, kept.revision) == ("de", WorkState.WORK_DONE, 2)
    assert device.store.bundle(kept.id).valid_signature() is None


def test_leaving_it_gives_the_typing_back_and_keeps_the_page(device: Device, checked: Visit):
    """A new entry over a signed page waits by its name; left, it stands in its form again, also after a crash."""
    sign(checked)
    work = checked.work
    work.choose_kind("troubleshooting")
    work.fill("title", "Noise of the fan")
    work.choose_minutes("15")
    work.add_entry()
    notice = checked.state.notice
    assert "the entry “Noise of the fan”" in notice.text
    assert (notice.action, notice.other_label, notice.other_action) == ("void", "Leave it", "keep")
    assert device.open(checked.held.visit_id).work.restore_typing()
    checked.act_on_notice("keep")
    assert checked.state.notice is None
    assert checked.held.bundle.valid_signature() is not None
    assert {f.name: f.text for f in work.state.form.fields}["title"] == "Noise of the fan"
    assert next(c.value for c in work.state.time_chips if c.is_chosen) == "15"
    work.add_entry()
    checked.act_on_notice()
    assert checked.held.bundle.valid_signature() is None
    assert [e.title for e in work.state.entries][-1] == "Noise of the fan"
    assert not device.open(checked.held.visit_id).work.restore_typing()


def test_two_changes_wait_side_by_side_and_undo_brings_them_back(device: Device, checked: Visit):
    """The second does not push the first out; left out, one undo lets both wait again, and both are made."""
    checked.work.drafting.add()
    sign(checked)
    checked.work.remove(checked.work.state.entries[0].id)
    checked.need.set_purpose("Slow and loud")
    words = checked.held.waiting
    assert len(words) == 2
    checked.act_on_notice("keep")
    assert checked.held.bundle.valid_signature() is not None
    assert checked.state.removed_line.startswith("Left as signed. Not done: ")
    count = len(checked.work.state.entries)
    checked.undo()
    assert checked.held.waiting == words
    assert checked.state.removed_line == ""
    checked.act_on_notice("void")
    kept = device.store.bundle(checked.held.visit_id)
    assert kept.visit.purpose == "Slow and loud"
    assert len(checked.work.state.entries) == count - 1


def test_submitted_is_closed_until_the_office_asks(device: Device, checked: Visit):
    """A submitted visit takes no change; with an open question it opens as a new revision."""
    from techkit.records.review import Query

    checked.go("follow_ups")
    sign(checked)
    checked.next()
    visit_id = checked.held.visit_id
    checked.need.set_purpose("Something else")
    assert checked.state.notice.action == "keep"
    checked.act_on_notice()
    assert device.store.get(VisitRecord, visit_id).purpose == "The computer is slow"
    device.store.save(Query(id=new_id(), visit_id=visit_id, question="Which photos?", asked_by="Maren"))
    again = device.open(visit_id)
    again.need.set_purpose("The computer is slow and loud")
    again.act_on_notice()
    kept = device.store.get(VisitRecord, visit_id)
    assert (kept.work_state, kept.revision) == (WorkState.WORK_DONE, 2)
    assert kept.purpose == "The computer is slow and loud"


def test_nobody_signs_without_a_reason_is_asked_for_it(device: Device, checked: Visit):
    """The list of reasons has none chosen in advance; pressed like that it says so, and the visit stays open."""
    checked.go("follow_ups")
    checked.go("sign_off")
    checked.sign_off.waive("")
    assert checked.sign_off.state.warning.title == "Please choose why nobody signs."
    assert checked.held.visit.work_state is WorkState.ON_SITE
    checked.sign_off.waive("absent")
    assert checked.sign_off.state.warning is None
    assert checked.held.visit.work_state is WorkState.SIGNOFF_WAIVED


def test_whether_they_would_call_again(device: Device, checked: Visit):
    """A second answer beside the first one; the same press again takes it back, and a no is somebody's promise to call."""
    checked.go("follow_ups")
    checked.go("sign_off")
    checked.next()
    checked.sign_off.answer("4")
    checked.sign_off.say_again("yes")
    checked.sign_off.say_again("yes")
    assert not any(c.is_chosen for c in checked.sign_off.state.again_answers)
    checked.sign_off.say_again("no")
    checked.sign_off.draw(SIGNATURE)
    checked.sign_off.agree()
    (given,) = device.store.find(Satisfaction)
    assert (given.rating, given.would_call_again) == (4, False)
    (call,) = device.store.find(FollowUp, reason="low_rating")
    assert "call us again" in call.reason_text


def test_a_photo_of_why_nobody_signs(device: Device, checked: Visit):
    """One of the visit's photos may be chosen; the record of the end names it."""
    assert checked.sign_off.state.waiver_photos == ()
    photo = Attachment(
        id=new_id(), visit_id=checked.held.visit_id, media_type="image/jpeg", caption="Closed door"
    )
    checked.held.save(photo)
    checked.go("follow_ups")
    checked.go("sign_off")
    assert [c.label for c in checked.sign_off.state.waiver_photos] == ["No photo of it", "Closed door"]
    checked.sign_off.waive("absent", "", photo.id)
    assert device.store.find(SignOffWaiver)[0].photo_id == photo.id


def test_a_page_that_says_the_same_is_not_drawn_again(device: Device, checked: Visit):
    """A remark for colleagues only leaves the very pictures of the page; what the customer reads makes new ones."""
    checked.go("sign_off")
    page = checked.sign_off.page
    before = page.made
    checked.held.save(replace(checked.held.visit, points=("Look at the till, too",)))
    after = page.made
    assert before is not None
    assert after is not None
    assert page.fits()
    assert after is not before
    assert after.pictures is before.pictures
    checked.held.save(replace(checked.held.visit, summary_for_customer="Thank you for the coffee"))
    assert page.made is not None
    assert page.made.pictures != before.pictures


def test_a_choice_is_told_once_with_its_page(checked: Visit):
    """Asking for the page and working the state out is one change: each costs the signature's step 5 ms and a drawing."""
    checked.go("sign_off")
    told: list[tuple[bool, str]] = []
    sign_off = checked.sign_off
    sign_off.changed.subscribe(
        lambda: told.append((sign_off.state.is_rendering, sign_off.page.made.document.language))
    )
    sign_off.choose_language("de")
    assert told == [(False, "de")]
