"""Further stories about corrections that come late: thirds of yen after the month was closed, and one profile judged on two devices."""

from __future__ import annotations

from datetime import date

from techkit.central import budgets as office_budgets
from techkit.central import posting, review
from techkit.records.budget import CostCentre, newest_revisions
from techkit.records.charges import charges, shares
from techkit.records.identity import new_id
from techkit.records.parties import SkillAssessment, UserSoftware
from techkit.records.training import history_lines
from tests.scenarios.conftest import Office, text_of
from tests.scenarios.plain import Plain, plain


def spent(office: Office, visit_id: str) -> dict[tuple[str, str], int]:
    """What the budgets of a visit's customer have spent: (code, period) → coins, without those that spent nothing."""
    bundle = office.bundle(visit_id)
    codes = {c.id: c.code for c in bundle.cost_centres}
    held = newest_revisions(bundle.budgets)
    return {(codes[b.cost_centre_id], b.period): b.actual_minor for b in held if b.actual_minor}


def test_a_part_goes_back_after_october_was_closed(device, office: Office) -> None:
    """40 min at 7,000 yen: 45 min are 5,250; two cables at 333: 5,916 in thirds: 1,972 each, booked in October, then closed.

    In December one cable turns out to be unused: 5,250 + 333 = 5,583, thirds of 1,861. October stays as it was closed; in
    November 1,972 go back from each and 1,861 are booked: −111 each. The customer agrees on the telephone, in French.
    """
    ines = device("TK07", "Ines Okafor", "2026-10-20 09:00")
    story = Plain(ines).known(preferred_language="fr")
    story.rates("JPY", 7000)
    centres = [new_id() for _n in range(3)]
    ines.store.save(
        *(CostCentre(id=c, customer_id=story.customer, code=f"C{n}") for n, c in enumerate(centres))
    )
    ines.sync.enrol(office.invitation())
    for centre in centres:
        for month in ("2026-10", "2026-11"):
            office_budgets.approve(office.staff, centre, month, 10_000, currency="JPY")
    ines.sync.now()
    story.plan(paper_language="fr").arrive()
    for centre, share in zip(centres, ("33.33", "33.33", "33.34"), strict=True):
        story.visit.need.set_share(centre, share)
    ines.clock.go_to("2026-10-20 09:40")
    story.use("Câble", "333", quantity="2")
    story.sign()
    assert "5 916 ¥" in plain(text_of(story.pdf)).replace("JPY", "¥")
    visit_id = story.submit()
    ines.sync.now()
    review.approve(office.staff, visit_id, None)
    posting.post(office.staff, visit_id)
    october = {(f"C{n}", "2026-10"): 1972 for n in range(3)}
    assert spent(office, visit_id) == october
    posting.close_month(office.staff, "2026-10")
    posting.take_back(office.staff, visit_id, None, "One cable was not used.")
    assert spent(office, visit_id) == october | {(f"C{n}", "2026-11"): -1972 for n in range(3)}
    review.ask(office.staff, visit_id, "One cable or two?")
    ines.clock.go_to("2026-12-03 09:00")
    ines.sync.now()
    story.visit = ines.open(visit_id)
    story.visit.go("sign_off")
    story.visit.sign_off.void("One cable was not used.")
    story.visit.go("work")
    (cable,) = story.bundle.supplies
    story.visit.work.edit(cable.id)
    story.visit.work.fill("quantity", "1")
    story.visit.work.add_entry()
    assert charges(story.bundle).total_minor == 5583
    story.visit.go("sign_off")
    story.visit.sign_off.waive("remote", "Agreed on the telephone.")
    story.submit()
    for query in story.bundle.queries:
        ines.sync.answer(query.id, "One.")
    ines.sync.now()
    for query in office.bundle(visit_id).queries:
        review.settle(office.staff, visit_id, query.id)
    review.approve(office.staff, visit_id, None, note="Seen.")
    posting.post(office.staff, visit_id)
    assert spent(office, visit_id) == october | {(f"C{n}", "2026-11"): -111 for n in range(3)}
    entries = office.bundle(visit_id).cost_entries
    assert sum(e.amount_minor for e in entries) == 5583
    assert {e.period for e in entries} == {"2026-10", "2026-11"}
    assert [s.amount_minor for s in shares(office.bundle(visit_id))] == [1861] * 3


def test_one_person_is_judged_on_two_devices(device, office: Office) -> None:
    """Ines teaches Selin styles in the morning (2 → 3, watched), Pavel tables in the afternoon (2 → 4, an exercise); then both sync.

    Both judgements stay in the history of both devices; what holds is Pavel's, the later one, as one question to decide;
    at the office nothing of either visit is lost. Each visit is an hour at 60.00.
    """
    ines = device("TK07", "Ines Okafor", "2026-11-24 08:00")
    first = Plain(ines).known()
    first.rates()
    profile = UserSoftware(
        id=new_id(), contact_id=first.contact, product="PlainOffice", skill=2, features_wanted=("styles", "tables"),
        assessed_on=date(2026, 9, 1), assessed_how="self",
    )  # fmt: skip
    ines.store.save(profile)
    ines.sync.enrol(office.invitation())
    pavel = device("TK11", "Pavel Novotny", "2026-11-24 08:00")
    pavel.sync.enrol(office.invitation())
    office.share_customer(pavel, first.customer)
    pavel.sync.now()
    second = Plain(pavel, customer=first.customer, site=first.site, contact=first.contact)
    second.rates()
    ids = []
    for story, begin, end, topic, skill, how in (
        (first, "09:00", "10:00", "styles", 3, "observed"),
        (second, "14:00", "15:00", "tables", 4, "test"),
    ):
        story.device.clock.go_to(f"2026-11-24 {begin}")
        story.plan().arrive()
        work = story.visit.work
        work.choose_kind("training")
        for field, text in {"title": topic, "topics": topic, "product": "PlainOffice"}.items():
            work.fill(field, text)
        work.say_attended(story.contact, "present")
        work.judge(story.contact, "after", skill)
        work.judge_by(story.contact, how)
        work.add_entry()
        story.device.clock.go_to(f"2026-11-24 {end}")
        ids.append(story.sign().submit())
    for each in (ines, pavel, ines):
        each.clock.go_to("2026-11-24 16:00")
        each.sync.now()
    for each in (ines, pavel):
        now = each.store.get(UserSoftware, profile.id)
        assert (now.skill, now.assessed_how) == (4, "test")
        judged = each.store.find(SkillAssessment, contact_id=first.contact)
        history = [plain(line) for line in history_lines(judged, first.contact)]
        assert history == [
            "24 November 2026, PlainOffice: beginner → confident (a small exercise)",
            "24 November 2026, PlainOffice: beginner → comfortable (watching)",
        ]
        assert each.store.connection.all("SELECT * FROM _refused") == []
    assert [charges(office.bundle(i)).total_minor for i in ids] == [6000, 6000]
    assert {len(office.bundle(i).activities) for i in ids} == {1}
    # Each lesson moved its own wish; nobody is asked about a refusal that changed nothing.
    asked = {(c.entity, c.field) for c in ines.store.conflicts()}
    assert asked == {(c.entity, c.field) for c in pavel.store.conflicts()}
    fields = ("skill", "assessed_how", "features_used", "features_wanted")
    assert asked == {("user_software", field) for field in fields}
