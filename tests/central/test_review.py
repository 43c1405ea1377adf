"""What staff decide: approvals, questions, bulk with undo, and what they may never touch."""

from __future__ import annotations

from typing import Any

import pytest

from techkit.central import audit, bundles, projection, review
from techkit.central.models import AuditEvent, Op, Org, VisitRow
from techkit.central.models import Record as Row
from techkit.errors import CentralError, InputError
from techkit.records.operations import unpack
from techkit.records.review import Query
from techkit.records.schema import Record, spec_of
from techkit.records.visit import Visit
from tests.central import samples


def visit_of(records: list[Record]) -> Visit:
    """Return the visit among its records."""
    return next(held for held in records if isinstance(held, Visit))


def row_of(visit: Visit) -> VisitRow:
    """Return the list's row of a visit, as a page would find it."""
    for org_id in Org.objects.values_list("id", flat=True):
        projection.catch_up(org_id)
    return VisitRow.objects.get(id=visit.id)


@pytest.fixture
def clean(van: Any) -> Visit:
    """Give a visit without any flag that has arrived."""
    records = samples.slow_computer()
    van.send(*records)
    return visit_of(records)


def test_a_clean_visit_is_approved_with_its_revision(maren: Any, clean: Visit) -> None:
    """Approving writes a decision and the new state as operations of the office, and an audit row."""
    review.approve(maren, clean.id, row_of(clean).rev)
    row = row_of(clean)
    assert (row.review_state, row.reviewed_by_name, row.needs_review) == ("approved", "Maren Vogt", False)
    kinds = [op.entity for op in Op.objects.filter(device="office", actor="Maren Vogt").order_by("op_id")]
    assert sorted(kinds) == ["decision", "visit"]
    assert AuditEvent.objects.filter(action="visit.approve", object_id=clean.id).count() == 1
    assert audit.verify(maren.org_id) is None


def test_a_stale_decision_is_refused(van: Any, maren: Any, clean: Visit) -> None:
    """Whoever decides on what has changed since is told so, and nothing is decided."""
    seen = row_of(clean).rev
    review.ask(maren, clean.id, "Which disk?")
    with pytest.raises(CentralError) as refused:
        review.approve(maren, clean.id, seen)
    assert refused.value.status == 409
    assert row_of(clean).review_state == "queried"


def test_an_open_question_stands_before_approval(maren: Any, clean: Visit) -> None:
    """While a question is open the visit cannot be approved; settled, it can."""
    query_id = review.ask(maren, clean.id, "Which four programs?", about_kind="visit", about_id=clean.id)
    with pytest.raises(CentralError, match="question is still open"):
        review.approve(maren, clean.id, row_of(clean).rev)
    review.settle(maren, clean.id, query_id)
    review.approve(maren, clean.id, row_of(clean).rev)
    assert row_of(clean).review_state == "approved"


def test_a_question_reaches_the_feed_and_its_answer_comes_back(van: Any, maren: Any, clean: Visit) -> None:
    """A question is an operation in the customer's scope; the technician's answer makes the visit wait again."""
    query_id = review.ask(maren, clean.id, "Which four programs?", about_field="cause")
    op = Op.objects.get(entity="query", entity_id=query_id)
    assert op.scope_id == f"customer:{clean.customer_id}"
    assert unpack(bytes(op.packed)).fields["question"].value == "Which four programs?"
    assert not row_of(clean).needs_review
    van.change(query_id, answer="Chat, two updaters, a toolbar.", state="answered", answered_by="Ines Okafor")
    row = row_of(clean)
    assert (row.review_state, row.needs_review, row.priority) == ("answered", True, 1)
    loaded = bundles.load(maren.org_id, clean.id)
    assert loaded
    assert loaded.bundle.queries[0].answer == "Chat, two updaters, a toolbar."


def test_a_blocking_flag_wants_a_written_reason(van: Any, maren: Any) -> None:
    """A flagged visit is approved only with a reason, which is kept with the decision."""
    records = samples.plain_visit("TK07-2026-0079", "Weingut Abendrot", "Lena Frey", signs=False)
    van.send(*records)
    visit = visit_of(records)
    assert row_of(visit).blocking_count == 1
    with pytest.raises(InputError) as refused:
        review.approve(maren, visit.id, row_of(visit).rev)
    assert refused.value.field == "note"
    review.approve(maren, visit.id, row_of(visit).rev, "Signed on paper, seen.")
    decision = Row.objects.get(entity="decision", visit_id=visit.id)
    assert decision.state["note"] == "Signed on paper, seen."


def test_scenario_o2_10_bulk_approval_leaves_a_claim_that_is_not_proven_out(
    van: Any, maren: Any, clean: Visit
) -> None:
    """When the inventory after the work still says 9.9, the flag stands and bulk approval leaves the visit out."""
    records = samples.dental_practice(after_version="9.9")
    van.send(*records)
    flagged = visit_of(records)
    row = row_of(flagged)
    assert "claim_not_proven" in row.flag_rules.split()
    assert row.priority == 0
    result = review.approve_many(maren, [(clean.id, row_of(clean).rev), (flagged.id, row.rev)])
    assert result.approved == (clean.id,)
    assert [held for held, _reason in result.left_out] == [flagged.id]
    assert "9.9" in result.left_out[0][1]
    assert row_of(flagged).review_state == "received"


def test_scenario_o2_10_a_proven_claim_raises_no_such_flag(van: Any) -> None:
    """The same visit with 9.10 in the inventory after the work has no such flag."""
    records = samples.dental_practice()
    van.send(*records)
    assert "claim_not_proven" not in row_of(visit_of(records)).flag_rules.split()


def test_scenario_o5_2_bulk_approval_is_one_action_with_undo(van: Any, maren: Any) -> None:
    """Several clean visits are approved at once, one audit row each, and taken back within the time."""
    visits = []
    for number in range(3):
        records = samples.plain_visit(
            f"TK07-2026-01{number:02}", f"Firm {number}", "Ada Berg", days_ago=number
        )
        van.send(*records)
        visits.append(visit_of(records))
    result = review.approve_many(maren, [(visit.id, row_of(visit).rev) for visit in visits])
    assert len(result.approved) == 3
    assert AuditEvent.objects.filter(action="visit.approve").count() == 3
    assert review.undo_many(maren, result.undo) == 3
    assert {row_of(visit).review_state for visit in visits} == {"received"}
    assert all(row_of(visit).needs_review for visit in visits)
    assert Row.objects.filter(entity="decision").count() == 6


def test_scenario_o5_2_undo_ends_after_its_time(
    van: Any, maren: Any, clean: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Later than the shown seconds the approval stays and the page says how to reopen."""
    result = review.approve_many(maren, [(clean.id, row_of(clean).rev)])
    assert review.UNDO_S == 10
    monkeypatch.setattr(review, "UNDO_S", -10)
    with pytest.raises(CentralError) as refused:
        review.undo_many(maren, result.undo)
    assert refused.value.status == 410
    assert row_of(clean).review_state == "approved"


def test_void_and_reopen_want_a_reason(maren: Any, clean: Visit) -> None:
    """A visit is void or reopened only with a reason; it stays readable either way."""
    with pytest.raises(InputError):
        review.void(maren, clean.id, row_of(clean).rev, "  ")
    review.void(maren, clean.id, row_of(clean).rev, "Entered twice")
    assert row_of(clean).review_state == "void"
    review.reopen(maren, clean.id, row_of(clean).rev, "It was not")
    assert (row_of(clean).review_state, row_of(clean).needs_review) == ("reopened", True)


def test_scenario_o5_10_staff_cannot_change_what_the_technician_wrote(maren: Any, clean: Visit) -> None:
    """Whatever staff send about a technician's own text is refused by the merge itself."""
    from techkit.central import office
    from techkit.records.schema import replace

    loaded = bundles.load(maren.org_id, clean.id)
    assert loaded
    entry = loaded.bundle.activities[0]
    with pytest.raises(CentralError) as refused:
        office.record_as_staff(maren, replace(entry, note_customer="Something else"))
    assert refused.value.status in (403, 409)
    with pytest.raises(CentralError):
        office.record_as_staff(maren, replace(loaded.bundle.visit, summary_for_customer="Better words"))
    again = bundles.load(maren.org_id, clean.id)
    assert again
    assert again.bundle.activities[0] == entry
    assert again.bundle.visit == loaded.bundle.visit


def test_an_empty_question_is_refused(maren: Any, clean: Visit) -> None:
    """A question without words is refused, and the visit stays as it was."""
    with pytest.raises(InputError):
        review.ask(maren, clean.id, "   ")
    assert row_of(clean).open_query_count == 0
    assert spec_of(Query).kind == "query"


def test_other_organisations_are_out_of_reach(maren: Any, clean: Visit, org: Any) -> None:
    """A member of another organisation finds no such visit, by any step."""
    from techkit.central import accounts
    from techkit.central.models import Org

    other = Org.objects.create(name="Elsewhere")
    stranger = accounts.make_staff(other, "stranger", "correct horse battery staple")
    for act in (
        lambda: review.approve(stranger, clean.id, row_of(clean).rev),
        lambda: review.ask(stranger, clean.id, "Who?"),
        lambda: review.comment(stranger, clean.id, "Hello"),
    ):
        with pytest.raises(CentralError) as refused:
            act()
        assert refused.value.status == 404
