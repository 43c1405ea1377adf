"""Further stories about people: somebody entered twice learns something, and their profile, wishes and history become one."""

from __future__ import annotations

from datetime import date

import pytest

from techkit.records.identity import new_id
from techkit.records.parties import Contact, Frequency, SkillAssessment, UserSoftware
from techkit.records.schema import replace
from techkit.records.training import history_lines, training_needs
from techkit.ui.presenters import twins
from tests.scenarios.conftest import text_of
from tests.scenarios.plain import Plain, plain, priced
from tests.scenarios.test_further_merges import place_of

PRODUCT = "PlainOffice 2026"


def judged(
    contact: str, skill: int, day: date, used: str, *wanted: str
) -> tuple[UserSoftware, SkillAssessment]:
    """Return a profile and the judgement it rests on."""
    how = {
        "product": PRODUCT,
        "contact_id": contact,
        "skill": skill,
        "assessed_on": day,
        "assessed_how": "self",
    }
    profile = UserSoftware(
        id=new_id(), frequency=Frequency.WEEKLY, features_used=(used,), features_wanted=wanted, **how
    )
    return profile, SkillAssessment(id=new_id(), **how)


@pytest.fixture
def ada(device) -> tuple[Plain, str, str]:
    """Ada, entered twice: in September a beginner who writes letters and wants styles, in June new, with tables.

    The second entry wants styles and mail merge. Today the second one is taught styles, and judged comfortable.
    """
    story = priced(device)
    kept, gone = new_id(), new_id()
    story.device.store.save(
        Contact(id=kept, customer_id=story.customer, given_name="Ada", family_name="Sample"),
        Contact(id=gone, customer_id=story.customer, given_name="Ada", family_name="Sampel"),
        *judged(kept, 2, date(2026, 9, 1), "letters", "styles"),
        *judged(gone, 1, date(2026, 6, 1), "tables", "styles", "mail merge"),
    )
    story.plan().arrive()
    work = story.visit.work
    work.choose_kind("training")
    for field, text in {"title": "Styles", "topics": "styles", "product": PRODUCT}.items():
        work.fill(field, text)
    work.say_attended(gone, "present")
    work.judge(gone, "after", 3)
    work.add_entry()
    return story, kept, gone


def profiles(story: Plain, contact: str) -> list[tuple[int, set[str], tuple[str, ...]]]:
    found = story.device.store.find(UserSoftware, contact_id=contact)
    return [(p.skill, {*p.features_used}, p.features_wanted) for p in found]


def test_somebody_entered_twice_has_one_profile(ada) -> None:
    """Comfortable since today, with letters, tables and styles; only mail merge is still wished for; taken back, both are as before."""
    story, kept, gone = ada
    store = story.device.store
    before = {one: profiles(story, one) for one in (kept, gone)}
    assert before[gone] == [(3, {"tables", "styles"}, ("mail merge",))]
    changed = twins.merge(store, store.get(Contact, kept), gone, "")
    assert profiles(story, kept) == [(3, {"letters", "tables", "styles"}, ("mail merge",))]
    story.visit.reload()
    needs = training_needs(story.bundle.people, story.visit.held.known.software)
    assert [(n.topic, n.contact_id, n.skill) for n in needs] == [("mail merge", kept, 3)]
    twins.undo(store, changed, None, "")
    assert {one: profiles(story, one) for one in (kept, gone)} == before


def test_what_was_judged_of_either_entry_is_one_history(ada) -> None:
    """June, September and today stand on the page of the one that stays, and in the visit's list of people."""
    story, kept, gone = ada
    store = story.device.store
    twins.merge(store, store.get(Contact, kept), gone, "")
    story.visit.reload()
    history = [plain(line) for line in history_lines(story.visit.held.known.judged, kept)]
    assert history == [
        f"24 November 2026, {PRODUCT}: new → comfortable (watching)",
        f"1 September 2026, {PRODUCT}: beginner (own words)",
        f"1 June 2026, {PRODUCT}: new (own words)",
    ]
    place = place_of(story.device, story.customer)
    (person,) = [p for p in place.state.people if p.id == kept]
    assert plain(dict(person.profile)["Skills judged"]) == "; ".join(history)
    assert len(person.programs) == 1
    place.close()


def test_a_session_knows_them_by_the_entry_that_stands(ada) -> None:
    """Judged once more after the merge, Ada is one person who took part, from new to confident, also on the page."""
    story, kept, gone = ada
    store = story.device.store
    twins.merge(store, store.get(Contact, kept), gone, "")
    story.visit.reload()
    work = story.visit.work
    (session,) = story.bundle.activities
    work.edit(session.id)
    work.say_attended(kept, "present")
    work.judge(kept, "after", 4)
    work.add_entry()
    (session,) = story.bundle.activities
    assert [(a.contact_id, a.skill_before, a.skill_after) for a in session.attendance] == [(kept, 1, 4)]
    assert profiles(story, kept) == [(4, {"letters", "tables", "styles"}, ("mail merge",))]


@pytest.mark.parametrize("is_hers", [True, False], ids=["her own page", "her manager's page"])
def test_a_level_is_told_to_nobody_else(ada, is_hers) -> None:
    """Ada alone was trained: “Your level” stands on the page that is made out to her, and not on her manager's."""
    story, _kept, gone = ada
    if is_hers:
        visit = story.bundle.visit
        story.device.store.save(replace(visit, contact_id=gone))
        story.visit.reload()
    story.sign()
    text = plain(text_of(story.pdf))
    assert "styles" in text
    assert ("Your level before and after New → Comfortable" in text) is is_hers
    assert is_hers or "Comfortable" not in text


def test_one_persons_gain_is_no_groups_mean(ada) -> None:
    """Two were there, only Ada was judged: the page says that two took part, and no mean that is hers alone."""
    story, _kept, _gone = ada
    work = story.visit.work
    (session,) = story.bundle.activities
    work.edit(session.id)
    work.say_attended(story.contact, "present")
    work.add_entry()
    story.sign()
    text = plain(text_of(story.pdf))
    assert "2 of 2 took part." in text
    assert "mean skill" not in text
