"""The list's rows: what they say, that they follow every change, and what they cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from techkit.central import projection
from techkit.central.models import ChangedRecord, VisitRow
from techkit.records.visit import LabourSegment, WorkState
from tests.central import samples
from tests.central.test_review import row_of, visit_of


def test_a_row_says_what_the_visit_says(van: Any, org: Any) -> None:
    """Number, people, computer, kinds of work, minutes and money stand in the row."""
    records = samples.slow_computer()
    van.send(*records)
    row = row_of(visit_of(records))
    assert (row.number, row.customer_name, row.asset_name) == (
        "TK07-2026-0001",
        "Odalys Brandt",
        "Brandt-Laptop",
    )
    assert row.kinds.split() == ["troubleshooting", "information_lookup", "supply_use"]
    assert (row.minutes, row.net_minor, row.currency) == (75, 10990, "EUR")
    assert row.findings == {"ok": 3, "watch": 1, "act": 1}
    assert (row.rating, row.flag_count, row.needs_review) == (5, 0, True)


def test_a_renamed_customer_reaches_all_his_visits(van: Any, org: Any) -> None:
    """A change of the customer changes the rows of his visits, and they are found by the new name."""
    records = samples.slow_computer()
    van.send(*records)
    visit = visit_of(records)
    row_of(visit)
    van.change(visit.customer_id, display_name="Odalys Brandt-Świątek")
    row = row_of(visit)
    assert row.customer_name == "Odalys Brandt-Świątek"
    assert "swiatek" in row.search_text


def test_a_visit_on_its_way_is_no_work_for_staff(van: Any, org: Any) -> None:
    """A visit that is not submitted waits for nobody and raises no flag."""
    records = samples.plain_visit(
        "TK07-2026-0005", "Firm", "Ada Berg", signs=False, work_state=WorkState.ON_SITE
    )
    van.send(*records)
    row = row_of(visit_of(records))
    assert (row.needs_review, row.flag_count) == (False, 0)


def test_scenario_o5_1_overlapping_labour_flags_both_visits(van: Any, org: Any) -> None:
    """Two visits of one technician at the same time are flagged both, whichever came last."""
    first = samples.plain_visit("TK07-2026-0102", "First", "Ada Berg", 1, technician="Ines Okafor")
    second = samples.plain_visit("TK07-2026-0103", "Second", "Bo Lind", 1, technician="Ines Okafor")
    van.send(*first)
    assert row_of(visit_of(first)).flag_count == 0
    van.send(*second)
    for records in (first, second):
        assert "overlapping_labour" in row_of(visit_of(records)).flag_rules.split()
    segment = next(held for held in second if isinstance(held, LabourSegment))
    assert segment.started_at
    correction = samples.labour(
        visit_of(second).id, segment.started_at + timedelta(hours=3), 50, "Ines Okafor"
    )
    from techkit.records.schema import replace

    van.send(replace(correction, supersedes=segment.id))
    for records in (first, second):
        assert "overlapping_labour" not in row_of(visit_of(records)).flag_rules.split()


def test_rows_can_be_made_again_from_the_records(van: Any, org: Any) -> None:
    """Thrown away and rebuilt, the rows say the same."""
    for number in range(3):
        van.send(*samples.plain_visit(f"TK07-2026-020{number}", f"Firm {number}", "Ada Berg", number))
    projection.catch_up(org.id)
    before = list(VisitRow.objects.order_by("id").values())
    VisitRow.objects.all().delete()
    assert projection.rebuild(org.id) == 3
    assert list(VisitRow.objects.order_by("id").values()) == before


def test_many_visits_cost_a_fixed_number_of_queries(van: Any, org: Any) -> None:
    """Twelve visits at once take no more queries than two; nothing to do takes two small ones."""

    def queries(count: int, first: int) -> int:
        for place in range(count):
            number = f"TK07-2026-{first + place}"
            van.send(*samples.plain_visit(number, f"Firm {number}", "Ada Berg", place))
        with CaptureQueriesContext(connection) as counted:
            projection.catch_up(org.id)
        return len(counted)

    queries(2, 3000)  # so that both have neighbours in time
    few, many = queries(2, 4000), queries(12, 5000)
    assert many <= few
    assert not ChangedRecord.objects.exists()
    with CaptureQueriesContext(connection) as counted:
        projection.catch_up(org.id)
    assert len(counted) == 2
