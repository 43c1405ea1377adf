"""A case: which visit opens one, and whether it is open, by the latest word of a visit or the office."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest

from techkit.records import cases
from techkit.records.activities import Troubleshooting
from techkit.records.bundle import VisitBundle
from techkit.records.findings import Complaint
from techkit.records.identity import derived_id, new_id
from techkit.records.parties import Contact
from techkit.records.schema import replace
from techkit.records.visit import Case, CaseState, Outcome, ReviewState, Visit, WorkState

CASE = Case(id="case-1", number="TK07-2026-0101", customer_id="c")


def visit(day: int, outcome: Outcome | None, state: WorkState = WorkState.SUBMITTED, **more: object) -> Visit:
    at = datetime(2026, 11, day, 9, tzinfo=UTC)
    held = Visit(
        id=f"v{day:02d}", case_id="case-1", customer_id="c", arrived_at=at, left_at=at, outcome=outcome
    )
    return replace(held, work_state=state, **more)


@pytest.mark.parametrize(
    ("outcome", "more", "expected"),
    [
        (Outcome.PARTLY, {}, True),
        (Outcome.NOT_RESOLVED, {}, True),
        (Outcome.RESOLVED, {}, False),
        (Outcome.ADVICE_ONLY, {}, False),
        (Outcome.NO_ACCESS, {}, False),
        (None, {}, False),
        (Outcome.PARTLY, {"case_id": "another"}, False),
        (Outcome.PARTLY, {"is_without_case": True}, False),
        (Outcome.PARTLY, {"customer_id": ""}, False),
    ],
)
def test_what_is_left_unsolved_opens_a_case(outcome, more, expected):
    """Partly or not solved does, unless the visit has one, somebody said no, or nobody was visited."""
    held = replace(visit(1, outcome), case_id=None)
    assert cases.needs_case(replace(held, **more)) is expected


def test_an_opened_case_says_what_the_visit_knew():
    """Number, first line of the need, who said it, and the computer whose trouble is left."""
    held = replace(
        visit(3, Outcome.PARTLY), id=new_id(), number="TK07-2026-0118", case_id=None, asset_ids=("a", "b"),
        purpose="Printer does not print\nsince the update", complaint=Complaint.NO_PRINTING, site_id="s",
    )  # fmt: skip
    bundle = VisitBundle(
        visit=held,
        contact=Contact(id="p", given_name="Ilse", family_name="Baumann"),
        activities=(
            Troubleshooting(id="1", visit_id=held.id, asset_id="a", is_fixed=True),
            Troubleshooting(id="2", visit_id=held.id, asset_id="b"),
        ),
    )
    made = cases.opened(bundle)
    assert (made.number, made.title) == ("TK07-2026-0118", "Printer does not print")
    assert (made.asset_id, made.site_id, made.customer_id) == ("b", "s", "c")
    assert (made.reported_at, made.reported_by) == (held.arrived_at, "Ilse Baumann")
    assert made.symptom_code is Complaint.NO_PRINTING
    assert made.state is CaseState.OPEN
    assert cases.is_opened_by(made, held)
    assert not cases.is_opened_by(made, visit(4, Outcome.PARTLY))


def test_two_devices_open_the_same_case():
    """The id follows from the visit's, is a UUIDv7 of its moment, and is another one for another visit."""
    one, other = new_id(), new_id()
    made = uuid.UUID(derived_id(one, "case"))
    assert made == uuid.UUID(derived_id(one, "case"))
    assert len({one, str(made), derived_id(other, "case"), derived_id(one, "else")}) == 4
    assert (made.version, made.variant, made.int >> 80) == (7, uuid.RFC_4122, uuid.UUID(one).int >> 80)
    assert uuid.UUID(derived_id("no id at all", "case")).version == 7


def test_a_long_need_is_cut_and_an_empty_one_is_named_after_its_trouble():
    """A title is one line; without one the kind of trouble stands there, else the number."""
    long = cases.title_of(replace(visit(1, None), purpose="\n\n" + "slow " * 60))
    assert (len(long), long[-1]) == (cases.TITLE_LENGTH, "…")
    assert cases.CaseFile(case=replace(CASE, symptom_code=Complaint.NO_SOUND)).title == "No sound"
    assert cases.CaseFile(case=CASE).title == "TK07-2026-0101"
    for told in ("title", "category", "number"):
        novel = cases.CaseFile(case=replace(CASE, **{"number": "", told: "\n" + "x" * 100_000}))
        assert (len(novel.title), novel.title[-1]) == (cases.TITLE_LENGTH, "…"), told


@pytest.mark.parametrize(
    ("visits", "is_open"),
    [
        ((), True),
        ((visit(1, Outcome.PARTLY),), True),
        ((visit(1, Outcome.PARTLY), visit(5, Outcome.RESOLVED)), False),
        ((visit(5, Outcome.RESOLVED), visit(1, Outcome.PARTLY)), False),
        ((visit(1, Outcome.RESOLVED), visit(5, Outcome.NOT_RESOLVED)), True),
        ((visit(1, Outcome.RESOLVED), visit(5, Outcome.NO_ACCESS, WorkState.NO_ACCESS)), False),
        ((visit(1, Outcome.PARTLY), visit(5, Outcome.RESOLVED, WorkState.ON_SITE)), True),
        ((visit(1, Outcome.PARTLY), visit(5, Outcome.RESOLVED, review_state=ReviewState.VOID)), True),
        ((visit(1, Outcome.PARTLY, review_state=ReviewState.VOID),), False),
        ((visit(1, Outcome.PARTLY), visit(5, Outcome.RESOLVED, case_id="case-2")), True),
    ],
)
def test_the_last_visit_with_work_says_how_a_case_stands(visits, is_open):
    """In any order; closed doors, unfinished and void visits and those of another case say nothing."""
    assert cases.is_open(CASE, visits) is is_open


@pytest.mark.parametrize(
    ("state", "decided", "outcome", "is_open"),
    [
        (CaseState.CLOSED, 12, Outcome.PARTLY, False),
        (CaseState.CLOSED, 8, Outcome.PARTLY, True),
        (CaseState.OPEN, 12, Outcome.RESOLVED, True),
        (CaseState.OPEN, 8, Outcome.RESOLVED, False),
        (CaseState.WAITING_PART, 12, Outcome.PARTLY, True),
        (CaseState.WAITING_PART, 8, Outcome.RESOLVED, False),
        (CaseState.RESOLVED, None, Outcome.PARTLY, False),
    ],
)
def test_the_latest_word_counts(state, decided, outcome, is_open):
    """The office's after the last visit of the 10th, else the visit's; an ended state without a moment holds."""
    at = datetime(2026, 11, decided, 9, tzinfo=UTC) if decided else None
    held = replace(CASE, state=state, decided_at=at)
    assert cases.is_open(held, [visit(10, outcome)]) is is_open


def test_a_visit_that_nobody_arrived_at_outranks_nobody():
    """One that says it is done and was only planned, for years from now, does not keep a case open for ever."""
    decided = replace(CASE, state=CaseState.CLOSED, decided_at=datetime(2026, 11, 12, tzinfo=UTC))
    ahead = datetime(2089, 1, 1, tzinfo=UTC)
    odd = replace(visit(10, Outcome.PARTLY), arrived_at=None, left_at=None, planned_start_at=ahead)
    assert not cases.is_open(decided, [odd])
    assert cases.is_open(replace(decided, decided_at=None, state=CaseState.OPEN), [odd])


def test_a_case_that_no_visit_names_was_called_off():
    """Unless nobody opened it in a visit: the office reported it and nobody went there yet."""
    assert cases.is_open(CASE, [])
    assert not cases.is_open(
        replace(CASE, opened_in="v01"), [replace(visit(1, Outcome.PARTLY), case_id=None)]
    )
    assert cases.is_open(replace(CASE, opened_in="v01"), [visit(3, Outcome.PARTLY)])


def test_files_stand_in_the_order_they_were_worked_on():
    """The case of the newest visit first; its first need is its words."""
    other = replace(CASE, id="case-2", title="Slow")
    held = cases.files(
        [other, CASE],
        [
            visit(9, None, purpose="again"),
            visit(2, None, purpose="No sound"),
            visit(5, None, case_id="case-2"),
        ],
    )
    assert [f.case.id for f in held] == ["case-1", "case-2"]
    assert held[0].words == "No sound"
    assert held[0].last_visit.id == "v09"
    assert held[1].words == "Slow"
