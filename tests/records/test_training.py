"""What a session changes: judgements that stay, profiles, wishes fulfilled; history in words."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date

from techkit.records.activities import Attendance, Training
from techkit.records.parties import Contact, SkillAssessment, UserSoftware
from techkit.records.training import history_lines, taught, training_needs

DAY = date(2026, 11, 25)
BJORN = Contact(id="b", customer_id="c", given_name="Bjorn", family_name="Halvorsen", skill=1)
PROFILE = UserSoftware(
    id="p",
    contact_id="b",
    product="PlainOffice",
    features_used=("letters",),
    features_wanted=("Styles",),
    skill=1,
)


def session(**row) -> Training:
    held = Attendance(**(dict(contact_id="b", name="Bjorn Halvorsen", skill_before=1, skill_after=3) | row))
    return Training(id="t", visit_id="v", product="PlainOffice", topics=("styles",), attendance=(held,))


def result(training: Training, **more):
    count = itertools.count()
    return taught(training, [BJORN], [PROFILE], day=DAY, new_id=lambda: f"n{next(count)}", **more)


def test_who_got_better_wishes_for_the_topic_no_more():
    """The topic moves from wanted to used, so that it is not suggested again next week."""
    *facts, profile = result(session())
    assert [(f.skill, f.assessed_how) for f in facts] == [(1, "before"), (3, "observed")]
    assert profile.skill == 3
    assert profile.features_used == ("letters", "Styles")
    assert profile.features_wanted == ()
    assert training_needs([BJORN], [profile]) == ()


def test_who_did_not_get_better_keeps_the_wish():
    """One-to-one training still has something to teach."""
    *_facts, profile = result(session(skill_after=1))
    assert profile.features_wanted == ("Styles",)


def test_who_was_absent_or_not_judged_keeps_the_profile():
    """Nothing is written about somebody nobody saw."""
    assert result(session(is_present=False)) == []
    assert result(session(skill_after=0)) == []


def test_a_session_saved_again_writes_no_second_judgement():
    """Judgements are facts: a changed title of the entry repeats none, a changed level adds its own."""
    first = session()
    again = result(replace(first, title="Other words"), earlier=first)
    assert not any(isinstance(held, SkillAssessment) for held in again)
    higher = result(session(skill_after=4), earlier=first)
    assert [h.skill for h in higher if isinstance(h, SkillAssessment)] == [1, 4]


def test_history_is_told_newest_first_before_and_after_in_one_line():
    """Day, program, from → to and how it was judged; judgements of others are left out."""
    facts = [
        SkillAssessment(id="1", contact_id="b", product="PlainOffice", skill=1, assessed_on=date(2026, 9, 1)),
        SkillAssessment(
            id="2", contact_id="b", product="PlainOffice", skill=1, assessed_on=DAY, assessed_how="before"
        ),
        SkillAssessment(
            id="3", contact_id="b", product="PlainOffice", skill=3, assessed_on=DAY, assessed_how="test"
        ),
        SkillAssessment(id="4", contact_id="x", product="PlainOffice", skill=5, assessed_on=DAY),
    ]
    assert history_lines(facts, "b") == (
        "25 November 2026, PlainOffice: new → comfortable (a small exercise)",
        "1 September 2026, PlainOffice: new (watching)",
    )
