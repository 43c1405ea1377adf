"""The list's rows: what they say, that they follow every change, and what they cost."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from techkit.central import bundles, projection
from techkit.central.models import ChangedRecord, VisitRow
from techkit.records.budget import MAX_AMOUNT_MINOR, Allocation
from techkit.records.identity import new_id
from techkit.records.schema import Record, replace
from techkit.records.signing import Satisfaction
from techkit.records.visit import Expense, LabourSegment, SupplyUse, Visit, WorkState
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
    van.send(replace(correction, supersedes=segment.id))
    for records in (first, second):
        assert "overlapping_labour" not in row_of(visit_of(records)).flag_rules.split()


def test_a_visit_entered_twice_is_flagged_at_both(van: Any, org: Any) -> None:
    """Two technicians wrote the same visit down: both are flagged, whichever came last."""
    need = dict(purpose="The till prints nothing")
    first = samples.plain_visit("TK07-2026-0104", "Larkspur", "Ada Berg", 1, **need)
    customer = visit_of(first).customer_id
    second = samples.plain_visit(
        "TK09-2026-0044", "Larkspur", "Ada Berg", 1, technician="Ines Okafor", customer_id=customer, **need
    )
    van.send(*first)
    assert row_of(visit_of(first)).flag_count == 0
    van.send(*second)
    for records in (first, second):
        assert "duplicate_visit" in row_of(visit_of(records)).flag_rules.split()
    loaded = bundles.load(org.id, visit_of(first).id)
    assert loaded is not None
    (told,) = [f for f in projection.flags_of(loaded) if f.rule == "duplicate_visit"]
    assert "TK09-2026-0044" in told.sentence


@pytest.mark.parametrize("mend", ["customer", "day"])
def test_what_was_mended_at_one_visit_is_said_of_the_other_no_more(van: Any, org: Any, mend: str) -> None:
    """The visit under way belonged to another customer, or another day: the one it looked like is flagged no more."""
    need = dict(purpose="The till prints nothing")
    sent = samples.plain_visit("TK07-2026-0104", "Larkspur", "Ada Berg", 1, **need)
    under_way = samples.plain_visit(
        "TK09-2026-0044", "Larkspur", "Ada Berg", 1, technician="Ines Okafor", signs=False,
        customer_id=visit_of(sent).customer_id, work_state=WorkState.ON_SITE, **need,
    )  # fmt: skip
    other = samples.plain_visit("TK07-2026-0105", "Mill", "Bo Lind", 20)
    van.send(*sent, *under_way, *other)
    assert "duplicate_visit" in row_of(visit_of(sent)).flag_rules.split()
    arrived_at = visit_of(under_way).arrived_at
    assert arrived_at
    changes = {
        "customer": {"customer_id": visit_of(other).customer_id},
        "day": {"arrived_at": (arrived_at - timedelta(days=9)).isoformat()},
    }
    van.change(visit_of(under_way).id, **changes[mend])
    assert "duplicate_visit" not in row_of(visit_of(sent)).flag_rules.split()


def test_only_what_is_near_in_time_is_read_with_visits_of_years(van: Any, org: Any) -> None:
    """Two visits of a customer weeks apart, read together, bring those beside them and none of all between."""
    records = [samples.plain_visit(f"TK07-2026-03{n:02}", "Mill", "Bo Lind", n) for n in (0, 1, 10, 20)]
    customer = visit_of(records[0]).customer_id
    visits = [visit_of(found) for found in records]
    moved = [replace(visit, customer_id=customer) for visit in visits]
    for found, visit, held in zip(records, visits, moved, strict=True):
        van.send(*(held if one.id == visit.id else one for one in found))
    projection.catch_up(org.id)
    near = bundles.customers_visits_around(org.id, [moved[0], moved[3]])
    assert near == {uuid.UUID(moved[n].id) for n in (0, 1, 3)}


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


#: What no techkit writes and a device may send all the same: fields of the visit, and what stands below it.
IMPOSSIBLE: dict[str, tuple[dict[str, Any], Callable[[Visit], list[Record]]]] = {
    "revision": ({"revision": -1}, lambda _v: []),
    "later": ({"revision": 2**62}, lambda _v: []),
    "offset": ({"utc_offset_minutes": -(2**62), "time_zone": ""}, lambda _v: []),
    "two days": ({"utc_offset_minutes": 2880, "time_zone": ""}, lambda _v: []),
    "zone": ({"time_zone": "z" * 5000}, lambda _v: []),
    "names": ({"technician": "t" * 5000}, lambda _v: []),
    "rating": ({}, lambda v: [Satisfaction(id=new_id(), visit_id=v.id, rating=-5)]),
    "stars": ({}, lambda v: [Satisfaction(id=new_id(), visit_id=v.id, rating=2**40)]),
    "quantity": (
        {},
        lambda v: [SupplyUse(id=new_id(), visit_id=v.id, quantity=Decimal("1E+999999"), unit_price_minor=100)],
    ),
    "price": (
        {},
        lambda v: [SupplyUse(id=new_id(), visit_id=v.id, quantity=Decimal("1E+9"), unit_price_minor=10**13)],
    ),
    "fine": (
        {},
        lambda v: [SupplyUse(id=new_id(), visit_id=v.id, quantity=Decimal("1E-999999"), unit_price_minor=100)],
    ),
    "expenses": (
        {},
        lambda v: [Expense(id=new_id(), visit_id=v.id, amount_minor=2**63 - 1) for _turn in range(2)],
    ),
    "labour": ({}, lambda v: [LabourSegment(id=new_id(), visit_id=v.id, elapsed_s=-(2**62))]),
    "ages": ({}, lambda v: [LabourSegment(id=new_id(), visit_id=v.id, elapsed_s=10**15)]),
    "share": (
        {},
        lambda v: [Allocation(id=new_id(), visit_id=v.id, cost_centre_id=new_id(), share_percent=Decimal(n))
                   for n in ("1E+999999", "1E-999999")],
    ),
}  # fmt: skip


def test_a_visit_with_impossible_values_keeps_no_other_from_its_row(
    van: Any, maren: Any, browser_of: Callable[[Any], Client]
) -> None:
    """One broken device does not take the list of visits from everybody; each of its visits stands there and opens."""
    sent = {}
    for place, (name, (fields, below)) in enumerate(IMPOSSIBLE.items()):
        records = samples.plain_visit(f"TK07-2026-{place:04}", name, "Ada Berg", place, **fields)
        sent[name] = visit_of(records)
        van.send(*records, *below(sent[name]))
    client = browser_of(maren)
    page = client.get("/visits?view=all", secure=True)
    assert page.status_code == 200
    rows = {row.customer_name: row for row in VisitRow.objects.all()}
    assert rows.keys() == sent.keys()
    for name, visit in sent.items():
        opened = client.get(f"/visits/{visit.id}", secure=True)
        assert opened.status_code == 200, name
        assert len(opened.content) < 100_000, name
    assert rows["price"].net_minor == MAX_AMOUNT_MINOR + rows["names"].net_minor
