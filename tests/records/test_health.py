"""How a customer does: seven parts, each explained by its rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from techkit.records.activities import Attendance, Training
from techkit.records.assets import Asset, Contract, Lifecycle
from techkit.records.findings import Area, Complaint, Finding, Verdict
from techkit.records.health import Health, HealthPart, Known, health, rating_key
from techkit.records.signing import Satisfaction
from techkit.records.success import FollowUp
from techkit.records.visit import Case, CaseState, Visit, WorkState

TODAY = date(2026, 11, 24)


def part(told: Health, key: str) -> HealthPart:
    return next(p for p in told.parts if p.key == key)


def visit(name: str, day: int, complaint: Complaint = Complaint.OTHER, **more) -> Visit:
    at = datetime(2026, 11, 1, 9, tzinfo=UTC) + timedelta(days=day - 1)
    return Visit(
        id=name, number=f"TK-{name}", arrived_at=at, asset_ids=("a",), complaint=complaint,
        work_state=more.get("state", WorkState.SUBMITTED),
    )  # fmt: skip


def rating(name: str, points: int, **more) -> Satisfaction:
    return Satisfaction(
        id=name, visit_id="v", rating=points, asked_at=datetime(2026, 11, 1, tzinfo=UTC), **more
    )


def test_nothing_known_is_said_and_counts_for_nothing():
    """Parts without records have no points; promises and cases are known to be none."""
    told = health(Known(), TODAY)
    unknown = {p.key for p in told.parts if p.points is None}
    assert unknown == {"rating", "repeats", "ends", "contract", "training"}
    assert told.points == 100
    assert sum(p.weight for p in told.parts) == 100


def test_a_fault_that_comes_back_within_30_days_on_the_same_computer():
    """The same complaint after 12 days is a return; another complaint, 31 days and no access are not."""
    visits = (
        visit("1", 1, Complaint.NO_INTERNET),
        visit("2", 13, Complaint.NO_INTERNET),
        visit("3", 14, Complaint.SLOW),
        visit("4", 14, Complaint.NO_INTERNET, state=WorkState.NO_ACCESS),
    )
    found = part(health(Known(visits=visits), TODAY), "repeats")
    assert found.points == 50
    (row,) = found.rows
    assert (row.kind, row.id) == ("visit", "2")
    assert row.line == "12 days after visit TK-1"
    far = (visit("1", -18, Complaint.SLOW), visit("2", 13, Complaint.SLOW))
    assert part(health(Known(visits=far), TODAY), "repeats").rows == ()


def test_a_low_answer_weighs_until_somebody_came_back_to_it():
    """Answered by a follow-up that is done, it counts as it stands; before that the part is bad."""
    low = rating("low", 2, given_by="Selin Arslan", comment="We had to wait.")
    ratings = (rating("1", 5), rating("2", 5), rating("3", 5), low)
    waiting = part(health(Known(ratings=ratings), TODAY), "rating")
    assert (waiting.points, waiting.tone) == (40, "bad")
    assert "1 low answer waits for a word." in waiting.sentence
    assert waiting.rows[0].text == "2 of 5 by Selin Arslan"
    promised = FollowUp(id="f", text="Call", created_from=rating_key(low))
    assert part(health(Known(ratings=ratings, follow_ups=(promised,)), TODAY), "rating").points == 40
    done = FollowUp(id="f", text="Call", created_from=rating_key(low), state="done")
    assert part(health(Known(ratings=ratings, follow_ups=(done,)), TODAY), "rating").points == 81


def test_overdue_promises_are_ours_and_late():
    """Due today is not overdue; what the customer does is not ours; done is done."""
    held = (
        FollowUp(id="1", text="late", due_on=date(2026, 11, 20)),
        FollowUp(id="2", text="today", due_on=TODAY),
        FollowUp(id="3", text="theirs", due_on=date(2026, 11, 1), is_customers_own=True),
        FollowUp(id="4", text="done", due_on=date(2026, 11, 1), state="done"),
    )
    found = part(health(Known(follow_ups=held), TODAY), "overdue")
    assert [(r.text, r.line) for r in found.rows] == [("late", "4 days late")]
    assert found.points == 70


def test_computers_without_support_by_their_last_check():
    """One of two in use is over; a retired one does not count."""
    assets = tuple(
        Asset(id=i, name=i, lifecycle=Lifecycle.RETIRED if i == "c" else Lifecycle.IN_USE) for i in "abc"
    )
    ends = {
        i: Finding(
            check="os_end_of_life", title="", area=Area.OPERATING_SYSTEM, verdict=v, sentence=f"{i} says"
        )
        for i, v in (("a", Verdict.ACT), ("b", Verdict.OK), ("c", Verdict.ACT))
    }
    found = part(health(Known(assets=assets, end_of_life=ends), TODAY), "ends")
    assert (found.points, [(r.kind, r.id, r.line) for r in found.rows]) == (50, [("asset", "a", "a says")])


def test_a_contract_near_its_end_and_one_that_ended():
    """37 days: to be kept an eye on; ended: bad; the newest one counts."""
    old = Contract(id="1", number="CTR-1", ends_on=date(2025, 12, 31))
    near = Contract(id="2", number="CTR-2", ends_on=date(2026, 12, 31))
    found = part(health(Known(contracts=(old, near)), TODAY), "contract")
    assert (found.points, found.sentence, found.rows[0].text) == (
        60,
        "The contract ends in 37 days.",
        "Contract CTR-2",
    )
    assert part(health(Known(contracts=(old,)), TODAY), "contract").points == 0


def test_cases_and_learning_open_their_rows():
    """An open case is named with its age; a training with what it brought."""
    cases = (
        Case(
            id="1",
            number="CASE-7",
            reported_at=datetime(2026, 11, 20, tzinfo=UTC),
            state=CaseState.WAITING_PART,
        ),
        Case(id="2", state=CaseState.CLOSED),
    )
    training = Training(
        id="t", visit_id="v", title="Mail merge",
        attendance=(
            Attendance(contact_id="1", skill_before=2, skill_after=3),
            Attendance(contact_id="2", skill_before=2, skill_after=2),
        ),
    )  # fmt: skip
    told = health(Known(cases=cases, trainings=(training,)), TODAY)
    assert [(r.text, r.line) for r in part(told, "cases").rows] == [("CASE-7", "open for 4 days")]
    assert part(told, "training").points == 50
    assert part(told, "training").rows[0].id == "v"


def test_the_whole_is_the_weighted_mean_of_what_is_known_and_the_weakest_stands_first():
    """Rating 50 (20), repeats unknown, cases 100 (15), promises 70 (15): 71, rating is the weakest."""
    told = health(
        Known(
            ratings=(rating("1", 3),),
            follow_ups=(FollowUp(id="1", text="late", due_on=date(2026, 11, 20)),),
        ),
        TODAY,
    )
    assert told.points == round((50 * 20 + 100 * 15 + 70 * 15) / 50)
    assert told.word == "Keep an eye on it"
    assert told.weakest.key == "rating"


def test_a_case_opens_the_visit_it_was_worked_on_last():
    """A case has no page of its own: its newest visit does; one nobody visited yet stands there to be read."""
    cases = (Case(id="1", number="CASE-7"), Case(id="2", number="CASE-8"))
    visits = (Visit(id="v1", case_id="1"), Visit(id="v2", case_id="1"), Visit(id="v3"))
    rows = part(health(Known(cases=cases, visits=visits), TODAY), "cases").rows
    assert [(row.kind, row.id) for row in rows] == [("visit", "v2"), ("case", "2")]


def test_a_case_of_today_is_no_days_old():
    """Nobody reads "open for 0 days"; the number stands beside a title, never twice."""
    case = Case(id="1", number="CASE-7", title="No sound", reported_at=datetime(2026, 11, 23, 9, tzinfo=UTC))
    (row,) = part(health(Known(cases=(case,)), case.reported_at.date()), "cases").rows
    assert (row.text, row.line) == ("No sound", "CASE-7 · opened today")
