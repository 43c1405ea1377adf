"""Further stories about “no”: to the check, a draft, a recommendation, the signature, a part of the work, the page's words."""

from __future__ import annotations

import pytest

from techkit import i18n
from techkit.central import review
from techkit.records.charges import charges
from techkit.records.findings import Verdict
from techkit.records.flags import flags
from techkit.records.schema import replace
from techkit.records.signing import Satisfaction
from techkit.records.success import FollowUp, Recommendation
from techkit.records.visit import Consent, Outcome, WorkState
from techkit.summary import document
from tests.scenarios.conftest import SIGNATURE, recordings, text_of
from tests.scenarios.plain import Plain, plain
from tests.scenarios.test_further_merges import place_of


@pytest.fixture
def ines(device):
    made = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    made.desk.recordings = recordings("o1_notebook")[""]
    return made


@pytest.fixture
def story(ines) -> Plain:
    told = Plain(ines).known(display_name="Odalys Brandt")
    told.rates(hourly=6000)
    return told.plan()


def checked(story: Plain) -> Plain:
    """Check the computer before, do the work, look again."""
    story.visit.held.computers.confirm("new")
    story.visit.next()
    story.visit.check.start()
    story.visit.check.give_consent()
    story.device.desk.moment = "after"
    story.visit.go("work")
    return story


def test_no_check_is_wanted(story, ines):
    """Who does not want the computer read is not asked again: no reading is kept, no flag raised, the page says nothing of it."""
    story.visit.held.computers.confirm("new")
    story.arrive().use("Cable", "7.20")
    ines.clock.go_to("2026-11-24 09:30")
    story.sign()
    bundle = story.bundle
    assert bundle.visit.consent is Consent.REFUSED
    assert bundle.runs == bundle.snapshots == ()
    assert "no_after_run" not in {f.rule for f in flags(bundle)}
    made = document.build(bundle)
    assert made.computers == ()
    assert made.data_note == ""
    assert story.visit.sign_off.state.phase == "signed"


def test_consent_taken_back_after_the_first_check(story, ines):
    """Agreed, looked at, then not wanted any more: nothing is read again, what was read is told, and the visit ends."""
    checked(story)
    story.visit.need.refuse_consent()
    count = len(story.bundle.runs)
    story.use("Cable", "7.20")
    story.visit.held.save(story.visit.held.visit)
    story.visit.go("sign_off")
    assert len(story.bundle.runs) == count
    assert not [r for r in story.bundle.runs if r.phase == "after"]


def test_a_draft_that_is_not_ours(story, ines):
    """What the technician did not do is put away: no entry, nothing on the page, and it does not come back by itself."""
    checked(story)
    story.visit.go("follow_ups")
    drafts = story.visit.after.drafting
    rows = drafts.rows()
    assert rows
    for row in rows:
        drafts.not_ours(row.key)
    assert not drafts.rows()
    story.visit.after.start()
    assert not drafts.rows()
    assert story.bundle.activities == ()
    ines.clock.go_to("2026-11-24 10:00")
    story.hand_over()
    done = story.visit.sign_off.page.made.document.done
    assert done == ()


@pytest.mark.parametrize(("word", "state"), [("yes", "accepted"), ("no", "declined"), ("later", "deferred")])
def test_a_recommendation_is_decided_by_the_customer(story, ines, word, state):
    """Yes, no or later: it is kept, stands on the page as advice with its evidence, and the check stays honest."""
    checked(story)
    story.visit.go("follow_ups")
    suggestion = next(s for s in story.visit.follow_ups.state.suggestions if "last_backup" in s.key)
    story.visit.follow_ups.add(suggestion.key)
    (advice,) = ines.store.find(Recommendation)
    story.visit.follow_ups.decide(advice.id, word)
    (advice,) = ines.store.find(Recommendation)
    assert advice.state == state
    assert advice.why
    ines.clock.go_to("2026-11-24 10:00")
    story.sign("partly")
    text = plain(text_of(story.pdf))
    assert advice.text in text
    if word == "no":
        label = next(a.decision_label for a in story.visit.follow_ups.state.advice)
        assert label.casefold() in text.casefold()
    run = story.bundle.whole_runs[-1]
    assert next(f for f in run.findings if f.check == "last_backup").verdict is Verdict.ACT


@pytest.mark.parametrize(
    ("reason", "words"),
    [("refused", "Did not want to sign"), ("absent", "Nobody there"), ("key_drop", "Computer dropped off")],
)
def test_the_signature_is_refused(story, ines, office, reason, words):
    """Without a signature the visit ends all the same: the reason is on the page and at the office, which may approve."""
    story.arrive()
    ines.clock.go_to("2026-11-24 09:30")
    story.hand_over()
    story.visit.sign_off.take_back()
    story.visit.sign_off.waive(reason, "He wants to read it at home first.")
    assert story.visit.sign_off.state.phase == "waived"
    assert words in plain(text_of(story.pdf))
    assert story.bundle.signatures == ()
    visit_id = story.submit()
    assert "signature_missing" not in {f.rule for f in flags(story.bundle)}
    ines.sync.enrol(office.invitation())
    assert office.row(visit_id).flag_count == 0
    result = review.approve_many(office.staff, [(visit_id, office.row(visit_id).rev)])
    assert result.approved == (visit_id,)


def test_no_signature_and_no_reason(story, ines):
    """Neither signed nor waived it cannot be submitted, however often somebody presses."""
    story.arrive()
    ines.clock.go_to("2026-11-24 09:30")
    story.hand_over()
    for _press in range(3):
        story.visit.sign_off.finish()
        story.visit.sign_off.agree()
    assert story.bundle.visit.work_state is WorkState.WORK_DONE
    assert story.bundle.signatures == ()


def test_a_waiver_and_then_they_sign_after_all(story, ines):
    """Waived, and then somebody comes and signs: the page is opened again as a revision, both stay to be seen."""
    story.arrive()
    ines.clock.go_to("2026-11-24 09:30")
    story.hand_over()
    story.visit.sign_off.take_back()
    story.visit.sign_off.waive("absent", "Nobody was there.")
    story.visit.sign_off.void("She came back.")
    story.visit.sign_off.hand_over()
    story.visit.sign_off.draw(SIGNATURE)
    story.visit.sign_off.agree()
    bundle = story.bundle
    assert (bundle.visit.revision, len(bundle.waivers)) == (2, 1)
    assert bundle.valid_signature().visit_revision == 2
    text = plain(text_of(story.pdf))
    assert "Nobody there" not in text
    assert "Signed by Selin Arslan" in text


def test_only_a_part_of_the_work_is_accepted(story, ines):
    """The customer does not want the second part: it is taken out before signing, its price with it; “partly” is promised on."""
    story.arrive().use("Cable", "7.20").use("New keyboard", "49.00")
    ines.clock.go_to("2026-11-24 10:00")
    story.hand_over("partly")
    assert charges(story.bundle).total_minor == 6000 + 720 + 4900
    story.visit.sign_off.take_back()
    keyboard = next(s for s in story.bundle.supplies if s.name == "New keyboard")
    story.visit.work.remove(keyboard.id)
    story.visit.follow_ups.refresh()
    offered = [s for s in story.visit.follow_ups.state.suggestions if s.key.startswith("outcome:")]
    assert len(offered) == 1
    story.visit.follow_ups.add(offered[0].key)
    story.sign("partly")
    assert charges(story.bundle).total_minor == 6720
    text = plain(text_of(story.pdf))
    assert "keyboard" not in text
    assert "Partly solved" in text
    assert story.bundle.visit.outcome is Outcome.PARTLY


def test_an_answer_of_not_really(story, ines, office):
    """“Not really” costs no signature: somebody calls soon, the office sees it first, the page tells nobody the answer."""
    story.arrive()
    ines.clock.go_to("2026-11-24 09:30")
    story.hand_over("not_resolved")
    story.visit.sign_off.answer("1")
    story.visit.sign_off.draw(SIGNATURE)
    story.visit.sign_off.agree()
    (rated,) = ines.store.find(Satisfaction)
    assert (rated.rating, rated.was_given_alone) == (1, True)
    (promise,) = ines.store.find(FollowUp)
    assert promise.reason == "low_rating"
    assert "Not really" not in text_of(story.pdf)
    visit_id = story.submit()
    ines.sync.enrol(office.invitation())
    row = office.row(visit_id)
    assert (row.rating, row.priority) == (1, 2)
    # The call promised at the signature is the one the customer's page asks for: made once, it answers the rating.
    page = place_of(ines, story.customer)
    (answer,) = page.state.ratings
    assert (answer.is_planned, answer.action) == (True, "Promise to call")
    ines.store.save(replace(promise, state="done", outcome_note="Came by and put it right."))
    page.refresh()
    (answer,) = page.state.ratings
    assert (answer.action, answer.tone) == ("", "ok")
    assert "somebody came back to it" in answer.line
    page.close()


def test_no_answer_is_an_answer_too(story, ines):
    """Who signs and answers nothing leaves no rating behind; nothing is made up, nobody is called for it."""
    story.arrive()
    ines.clock.go_to("2026-11-24 09:30")
    story.hand_over()
    story.visit.sign_off.draw(SIGNATURE)
    story.visit.sign_off.agree()
    assert story.bundle.valid_signature() is not None
    assert ines.store.find(Satisfaction) == []
    assert ines.store.find(FollowUp) == []


@pytest.mark.parametrize("tag", ["de", "fr"])
def test_a_page_in_another_language_is_another_page(story, ines, tag):
    """The customer wants the page in their own language after all: it is made anew and only that one is signed."""
    story.arrive()
    ines.clock.go_to("2026-11-24 09:30")
    story.sign()
    first = story.bundle.valid_signature()
    story.visit.sign_off.choose_language(tag)
    assert story.bundle.valid_signature() == first
    story.visit.act_on_notice()
    assert story.bundle.valid_signature() is None
    story.visit.sign_off.hand_over()
    story.visit.sign_off.draw(SIGNATURE)
    story.visit.sign_off.agree()
    signature = story.bundle.valid_signature()
    assert signature.content_hash != first.content_hash
    assert signature.language == tag
    with i18n.language(tag):
        from techkit.i18n import _

        assert signature.statement == _(document.STATEMENT)
        assert plain(_("Cost of this visit")) in plain(text_of(story.pdf))
