"""A group training with somebody who comes late and somebody who leaves early: people, money by who sat there, paper, history."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from techkit.records.activities import Training
from techkit.records.assets import Rate, RateCard
from techkit.records.budget import Budget, CostCentre
from techkit.records.charges import charges, shares
from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.parties import Contact, SkillAssessment, UserSoftware
from techkit.records.schema import replace
from techkit.records.training import gain_of
from tests.scenarios.conftest import text_of
from tests.scenarios.plain import Plain, plain

PRODUCT = "PlainOffice 2026"

#: Name, skill before. Front desk: Ada, Ben, Cleo; surgery: Dora, Eli.
PEOPLE = (("Ada", 2), ("Ben", 1), ("Cleo", 3), ("Dora", 2), ("Eli", 2))


@pytest.fixture
def trained(device) -> tuple[Plain, dict[str, str], dict[str, str]]:
    """Room and five people, 13:30 to 15:00; Ben comes 30 min late, Cleo leaves after an hour, Eli is absent.

    Present 4 of 5, two of them in part. Minutes: Ada 90, Ben 60, Cleo 60, Dora 90: 300 = 5 attendee hours.
    Skill: Ada 2 to 3 (an exercise), Ben 1 to 2 (own words), Dora 2 to 2 (watched), Cleo not judged any more:
    mean 1.67 to 2.33, 2 of 3 improved.
    """
    pavel = device("TK11", "Pavel Novotny", "2026-11-25 13:25")
    story = Plain(pavel).known(display_name="Harbourlight College", engagement="internal")
    people = {name: new_id() for name, _skill in PEOPLE}
    centres = {code: new_id() for code in ("FRONT", "SURG")}
    pavel.store.save(
        RateCard(
            id=new_id(), name="Internal", is_default=True,
            rates=(Rate(labour="work", hourly_minor=4400, increment_minutes=15),),
        ),
        *(CostCentre(id=i, customer_id=story.customer, code=code) for code, i in centres.items()),
        *(
            Budget(id=new_id(), customer_id=story.customer, cost_centre_id=i, period="2026", approved_minor=10_000)
            for i in centres.values()
        ),
        *(Contact(id=people[n], customer_id=story.customer, given_name=n, family_name="Sample") for n, _s in PEOPLE),
        *(
            UserSoftware(
                id=new_id(), contact_id=people[n], product=PRODUCT, skill=s, features_wanted=("styles",),
                assessed_on=date(2026, 9, 1), assessed_how="self",
            )
            for n, s in PEOPLE
        ),
    )  # fmt: skip
    story.plan(is_travel_charged=False)
    pavel.clock.go_to("2026-11-25 13:30")
    story.arrive()
    work = story.visit.work
    work.choose_kind("training")
    work.fill("title", "Styles")
    work.fill("topics", "styles")
    for name, came in (
        ("Ada", "present"),
        ("Ben", "late"),
        ("Cleo", "early"),
        ("Dora", "present"),
        ("Eli", "absent"),
    ):
        work.say_attended(people[name], came)
    work.was_there(people["Ben"], 60)
    work.was_there(people["Cleo"], 60)
    for name, after, how in (("Ada", 3, "test"), ("Ben", 2, "self"), ("Dora", 2, "observed")):
        work.judge(people[name], "after", after)
        work.judge_by(people[name], how)
    work.choose_minutes("90")
    work.add_entry()
    pavel.clock.go_to("2026-11-25 15:00")
    return story, people, centres


def session(story: Plain) -> Training:
    (held,) = story.bundle.activities
    assert isinstance(held, Training)
    return held


def test_who_was_there_for_how_long(trained):
    """4 of 5, two in part, 5 attendee hours, mean 1.7 to 2.3 over the three who were judged."""
    story, _people, _centres = trained
    gain = gain_of(session(story))
    assert (gain.invited, gain.present, gain.in_part, gain.improved) == (5, 4, 2, 2)
    assert gain.attendee_minutes == 90 + 60 + 60 + 90
    assert (gain.mean_before, gain.mean_after) == (Decimal("1.7"), Decimal("2.3"))
    # Cleo was not there any more to be judged; nobody is asked about it.
    assert "attendance_without_skill" not in {f.rule for f in flags(story.bundle)}


def test_what_the_office_reads_of_each(trained):
    """Each person in words: how judged, late or early, how long."""
    story, _people, _centres = trained
    told = {a.name.split()[0]: a.words().replace("\u00a0", " ") for a in session(story).attendance}
    assert told["Ada"] == "Ada Sample: beginner → comfortable (a small exercise)"
    assert told["Ben"] == "Ben Sample: new → beginner (own words), came late, 1 h there"
    assert told["Cleo"] == "Cleo Sample: took part, left early, 1 h there"
    assert told["Eli"] == "Eli Sample: could not take part"


def test_a_catch_up_for_who_missed_something(trained):
    """Ben, Cleo and Eli get a catch-up offered with its own reason, Dora a one-to-one; nothing is made by itself."""
    story, people, _centres = trained
    offered = {s.title: s.reason for s in story.visit.follow_ups.state.suggestions}
    assert offered["Catch-up training for Ben Sample"] == "Because: Ben Sample came late."
    assert offered["Catch-up training for Cleo Sample"] == "Because: Cleo Sample left early."
    assert offered["Catch-up training for Eli Sample"] == "Because: Eli Sample could not take part."
    assert "One-to-one training for Dora Sample" in offered
    assert not any("Ada" in title for title in offered)
    assert story.bundle.follow_ups == ()
    late = next(s for s in story.visit.follow_ups.state.suggestions if "Ben" in s.title)
    story.visit.follow_ups.add(late.key)
    (made,) = story.bundle.follow_ups
    assert (made.contact_id, made.due_on) == (people["Ben"], date(2026, 12, 9))


def test_history_per_person(trained):
    """Before and after stay with the day and how it was judged; who left early or was absent keeps their profile."""
    story, people, _centres = trained
    store = story.device.store

    def held(name: str) -> list[tuple[int, str]]:
        found = store.find(SkillAssessment, contact_id=people[name])
        return sorted((h.skill, h.assessed_how) for h in found)

    assert held("Ada") == [(2, "before"), (3, "test")]
    assert held("Ben") == [(1, "before"), (2, "self")]
    assert held("Cleo") == []
    assert held("Eli") == []
    profiles = {n: store.find(UserSoftware, contact_id=people[n])[0] for n in people}
    assert [profiles[n].skill for n in ("Ada", "Ben", "Cleo", "Dora", "Eli")] == [3, 2, 3, 2, 2]
    assert profiles["Ada"].features_wanted == ()
    assert profiles["Cleo"].features_wanted == ("styles",)


def test_the_cost_by_who_sat_there(trained):
    """1.5 h at 44.00 are 66.00; front desk 210 of 300 minutes, 70 %: 46.20, surgery 90, 30 %: 19.80, to the cent."""
    story, _people, centres = trained
    story.visit.need.set_share(centres["FRONT"], "70")
    story.visit.need.set_share(centres["SURG"], "30")
    story.hand_over()
    assert charges(story.bundle).total_minor == 6600
    assert {s.centre.code: s.amount_minor for s in shares(story.bundle)} == {"FRONT": 4620, "SURG": 1980}
    rows = [r.sentence for r in story.visit.sign_off.state.money.budgets]
    assert ["53.80" in rows[0], "80.20" in rows[1]] == [True, True]


def test_the_groups_paper(trained):
    """It says 4 of 5, two for part of it, the group's mean; nobody's name or level but the visit's own person."""
    story, _people, centres = trained
    story.visit.need.set_share(centres["FRONT"], "100")
    story.sign()
    text = " ".join(text_of(story.pdf).split())
    assert "4 of 5 took part. 2 of them were there for part of it." in text
    assert "from 1.7 to 2.3" in text
    for name, _skill in PEOPLE:
        assert f"{name} Sample" not in text


def test_a_page_of_ones_own_is_in_ones_own_language(trained):
    """Pavel works in English, Ben reads French, Dora German: each page is all in one language, what comes next too."""
    story, people, _centres = trained
    store = story.device.store
    store.save(
        replace(store.get(Contact, people["Ben"]), preferred_language="fr"),
        replace(store.get(Contact, people["Dora"]), preferred_language="de"),
    )
    story.visit.reload()
    story.visit.follow_ups.add_all()
    pages = {
        n: story.visit.work.attendance.own_page(session(story), people[n]) for n in ("Ada", "Ben", "Dora")
    }
    last = {name: plain(page.text[-1]) for name, page in pages.items()}
    assert {name: page.language for name, page in pages.items()} == {"Ada": "en", "Ben": "fr", "Dora": "de"}
    assert last["Ada"].startswith("Your level before: beginner. Your level now: comfortable.")
    assert last["Ben"] == "Ensuite : Formation de rattrapage pour Ben Sample"
    assert last["Dora"] == "Als Nächstes: Einzelschulung für Dora Sample"


def test_the_office_counts_the_minutes_of_each(trained, office):
    """1.5 hours of sessions and 5 attendee hours arrive in the month's figures."""
    from techkit.central import figures

    story, _people, centres = trained
    story.visit.need.set_share(centres["FRONT"], "100")
    visit_id = story.sign().submit()
    story.device.sync.enrol(office.invitation())
    assert office.row(visit_id) is not None
    found = figures.figures(office.staff, date(2026, 11, 1), date(2026, 11, 30), date(2026, 11, 26))
    assert (found.session_minutes, found.attendee_minutes) == (90, 300)


def test_late_becomes_there_all_the_time(trained):
    """A slip is put right: there all the time takes the minutes and the catch-up back."""
    story, people, _centres = trained
    work = story.visit.work
    work.edit(session(story).id)
    work.say_attended(people["Ben"], "present")
    work.add_entry()
    (row,) = [a for a in session(story).attendance if a.contact_id == people["Ben"]]
    assert (row.missed, row.minutes_there, row.needs_catch_up) == ("", 0, False)
    assert gain_of(session(story)).attendee_minutes == 330
    assert not any("Ben" in s.title for s in story.visit.follow_ups.state.suggestions)
