"""O3: a group training for an internal customer, on Letter paper."""

from __future__ import annotations

import dataclasses
import io
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from pypdf import PdfReader

from techkit.records.activities import Training
from techkit.records.bundle import VisitBundle
from techkit.records.charges import charges, shares
from techkit.records.identity import new_id
from techkit.records.parties import (
    SKILLS,
    Frequency,
    SkillAssessment,
    UserSoftware,
)
from techkit.records.success import FollowUp
from techkit.records.training import gain_of
from techkit.records.visit import Visit as VisitRecord
from techkit.records.visit import WorkState
from techkit.summary import document
from techkit.summary import pdf as paper
from techkit.ui.presenters.visit import Visit
from tests.scenarios.college import PEOPLE, PRODUCT, college
from tests.scenarios.conftest import SIGNATURE, Device, text_of

#: Skill after and feedback of who came.
AFTER = {"Amara Dube": 3, "Bjorn Halvorsen": 3, "Chiara Ricci": 4, "Deniz Aydin": 2, "Farid Rahmani": 4}
FEEDBACK = dict(zip(AFTER, (5, 4, 5, 3, 4), strict=True))


@dataclass
class Story:
    device: Device
    visit: Visit
    people: dict[str, str]

    @property
    def bundle(self) -> VisitBundle:
        return self.device.store.bundle(self.visit.held.visit_id)

    @property
    def training(self) -> Training:
        (held,) = self.bundle.activities
        assert isinstance(held, Training)
        return held


@pytest.fixture
def begin(device: Callable[..., Device]) -> Callable[[], Story]:
    """Room 2.14, 13:30: the people and their profiles are known, the visit is on site."""

    def begun() -> Story:
        pavel = device("TK11", "Pavel Novotny", "2026-11-25 13:25")
        held, visit_id = college(), new_id()
        pavel.store.save(
            *held.records,
            VisitRecord(
                id=visit_id,
                number=pavel.store.next_number(2026),
                customer_id=held.customer,
                site_id=held.site,
                contact_id=held.people["Amara Dube"],
                purpose="Training: styles and mail merge",
                is_travel_charged=False,
                work_state=WorkState.SCHEDULED,
            ),
        )
        visit = pavel.open(visit_id)
        pavel.clock.go_to("2026-11-25 13:30")
        visit.next()
        visit.times.add("preparation")
        visit.times.fill("minutes", "30")
        visit.times.save()
        visit.go("work")
        return Story(pavel, visit, held.people)

    return begun


@pytest.fixture
def trained(begin: Callable[[], Story]) -> Story:
    """The session is recorded: both topics, Ewa absent, skills and feedback noted."""
    story = begin()
    work = story.visit.work
    for suggestion in work.state.suggestions:
        work.add_suggestion(suggestion.id)
    work.say_attended(story.people["Farid Rahmani"], "present")
    work.say_attended(story.people["Ewa Nowak"], "absent")
    for name, skill in AFTER.items():
        work.judge(story.people[name], "after", skill)
        work.judge(story.people[name], "feedback", FEEDBACK[name])
    work.fill("title", "Styles and mail merge")
    work.fill("materials", "Handout HO-07\nExercise file")
    work.choose_minutes("90")
    work.add_entry()
    return story


@pytest.fixture
def signed(trained: Story) -> Story:
    for offered in trained.visit.follow_ups.state.suggestions:
        if offered.key.startswith(("catch_up:", "one_to_one:")):
            trained.visit.follow_ups.add(offered.key)
    trained.device.clock.go_to("2026-11-25 15:00")
    visit = trained.visit
    visit.go("sign_off")
    visit.next()
    visit.sign_off.answer("5")
    visit.sign_off.draw(SIGNATURE)
    visit.sign_off.agree()
    return trained


def test_scenario_o3_1_needs_are_suggested_with_reasons(begin):
    """Each topic goes to those who use it often, want it and are at most comfortable; each says why."""
    story = begin()
    suggested = {s.id: s for s in story.visit.work.state.suggestions}
    assert set(suggested) == {"styles", "mail merge"}

    def names(topic: str) -> set[str]:
        return set(suggested[topic].title.removeprefix(f"{topic}: ").split(", "))

    assert names("styles") == {"Bjorn Halvorsen", "Amara Dube", "Deniz Aydin"}
    assert names("mail merge") == {"Amara Dube", "Chiara Ricci", "Ewa Nowak"}
    assert not any("Farid" in s.title + s.reason for s in suggested.values())
    for name in names("styles"):
        assert f"{name}: " in suggested["styles"].reason
    assert "weekly" in suggested["styles"].reason
    assert "beginner" in suggested["styles"].reason


@pytest.mark.parametrize(
    ("name", "change", "topic"),
    [
        ("Chiara Ricci", {"skill": 4}, "mail merge"),
        ("Ewa Nowak", {"frequency": Frequency.MONTHLY}, "mail merge"),
        ("Bjorn Halvorsen", {"frequency": Frequency.RARELY}, "styles"),
        ("Deniz Aydin", {"features_wanted": ()}, "styles"),
    ],
)
def test_scenario_o3_1_each_part_of_the_rule_counts(begin, name, change, topic):
    """Who is confident, uses it less than weekly, or does not want it is not suggested."""
    story = begin()
    store = story.device.store
    profile = store.find(UserSoftware, contact_id=story.people[name])[0]
    store.save(dataclasses.replace(profile, **change))
    story.visit.reload()
    suggested = {s.id: s.title for s in story.visit.work.state.suggestions}
    assert name not in suggested[topic]
    others = [
        full
        for given, family, _often, _used, wanted, skill in PEOPLE
        if topic in wanted and skill <= 3 and (full := f"{given} {family}") != name
    ]
    assert all(other in suggested[topic] for other in others)


def test_scenario_o3_2_attendance_and_gain(trained):
    """5 of 6 took part, the mean went from 2.4 to 3.2, 3 improved, 7.5 attendee hours."""
    gain = gain_of(trained.training)
    assert (gain.present, gain.invited, gain.improved) == (5, 6, 3)
    assert (gain.mean_before, gain.mean_after) == (Decimal("2.4"), Decimal("3.2"))
    assert gain.attendee_minutes == 450
    assert trained.training.method == "group"
    assert {a.name: a.feedback for a in trained.training.attendance if a.is_present} == FEEDBACK


def test_scenario_o3_3_absent_and_unchanged_are_drafted_not_forced(trained):
    """Ewa's skill stays; her catch-up and Deniz's one-to-one are offered, and made only when added."""
    store, people = trained.device.store, trained.people
    ewa = store.find(UserSoftware, contact_id=people["Ewa Nowak"])[0]
    assert ewa.skill == 2
    assert store.find(SkillAssessment, contact_id=people["Ewa Nowak"]) == []
    offered = {s.key: s for s in trained.visit.follow_ups.state.suggestions}
    catch_up = [s for s in offered.values() if s.key.startswith("catch_up:")]
    one_to_one = [s for s in offered.values() if s.key.startswith("one_to_one:")]
    assert [s.title for s in catch_up] == ["Catch-up training for Ewa Nowak"]
    assert [s.title for s in one_to_one] == ["One-to-one training for Deniz Aydin"]
    assert store.find(FollowUp) == []
    trained.visit.follow_ups.add(catch_up[0].key)
    assert [f.contact_id for f in store.find(FollowUp)] == [people["Ewa Nowak"]]


def test_scenario_o3_4_cost_and_budget(signed):
    """1.5 h and 0.5 h at 44.00 are 88.00, booked on the one cost centre: 702.00 left, 70.8 % used."""
    bundle = signed.bundle
    assert charges(bundle).total_minor == 8800
    (share,) = shares(bundle)
    assert share.after.actual_minor == 169_800
    assert share.after.variance_minor == 70_200
    assert share.after.used_percent == Decimal("70.8")
    (row,) = signed.visit.sign_off.state.money.budgets
    assert row.standing == "within"
    assert "702.00" in row.sentence


def test_scenario_o3_5_group_page_tells_no_ones_level(signed):
    """The group's page names topics and the group's gain; a person's own page only their own levels."""
    text = text_of(signed.visit.sign_off.state.pdf)
    for words in ("styles", "mail merge", "5 of 6", "2.4", "3.2"):
        assert words in text, words
    assert len(signed.bundle.follow_ups) == 2
    others = [name for name in AFTER if name != "Amara Dube"]
    assert not any(name.split()[1] in text for name in [*others, "Ewa Nowak"])
    assert not any(f"{SKILLS[n]} →" in text for n in range(1, 6))
    own = document.build(signed.bundle, for_contact=signed.people["Bjorn Halvorsen"])
    pairs = [pair for detail in own.details for pair in detail.pairs]
    assert ("Your level before and after", "New → Comfortable") in pairs
    assert not any("Confident" in text for _label, text in pairs)


def test_scenario_o3_6_letter_and_a4(signed):
    """The page is Letter; the same content takes no third page on A4."""
    reader = PdfReader(io.BytesIO(signed.visit.sign_off.state.pdf))
    box = reader.pages[0].mediabox
    assert (round(box.width), round(box.height)) == (612, 792)
    assert len(reader.pages) <= 2
    for words in _boxes(signed.visit.sign_off.state.pdf):
        left, top, right, bottom = words
        assert 0 < left < right < 612, words
        assert 0 < top < bottom < 792, words
    on_a4 = paper.render(document.build(signed.bundle, paper="A4"))
    again = PdfReader(io.BytesIO(on_a4))
    assert round(again.pages[0].mediabox.height) == 842
    assert len(again.pages) <= 2
    assert "Harbourlight" in text_of(on_a4)


def _boxes(pdf: bytes) -> list[tuple[float, ...]]:
    """Return where each word of a file stands: left, top, right, bottom in points."""
    drawn = subprocess.run(
        ["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True, timeout=60
    ).stdout.decode("utf-8")
    found = re.findall(r'<word xMin="([^"]+)" yMin="([^"]+)" xMax="([^"]+)" yMax="([^"]+)"', drawn)
    assert len(found) > 50
    return [tuple(float(part) for part in box) for box in found]


def test_scenario_o3_7_profiles_keep_history(trained):
    """Skill 1 before and 3 after both stay, with day and how it was judged; the profile says 3."""
    store, bjorn = trained.device.store, trained.people["Bjorn Halvorsen"]
    history = store.find(SkillAssessment, contact_id=bjorn)
    assert [(h.skill, h.assessed_on) for h in history] == [(1, date(2026, 11, 25)), (3, date(2026, 11, 25))]
    assert history[1].assessed_how == "observed"
    assert history[0].product == PRODUCT
    profile = store.find(UserSoftware, contact_id=bjorn)[0]
    assert (profile.skill, profile.assessed_on, profile.assessed_how) == (3, date(2026, 11, 25), "observed")
