"""A customer's page: what stands on it, where its lines lead, what it says where there is nothing."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from techkit.central import customers, reports
from techkit.records.assets import Asset, Contract, DiagnosticRun, Lifecycle
from techkit.records.findings import Area, Verdict
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer, Site, UserSoftware
from techkit.records.schema import replace
from techkit.records.signing import Satisfaction
from techkit.records.success import FollowUp, Recommendation
from techkit.records.visit import Case, Outcome
from tests.central import samples
from tests.central.test_review import row_of, visit_of


@pytest.fixture
def client(maren: Any, browser_of: Callable[[Any], Client]) -> Client:
    """Give the browser of a reviewer."""
    return browser_of(maren)


def text_of(client: Client, address: str) -> str:
    """Return a page's text."""
    answer = client.get(address, secure=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def office_day(user: Any) -> date:
    """Return the day at the office, which after its midnight is another than in UTC."""
    return reports.now().astimezone(reports.office_zone(user)).date()


def test_everything_about_a_customer_stands_on_one_page(client: Client, van: Any) -> None:
    """Visits with their charge, people with profiles, places, computers, budgets and contract are there and lead on."""
    records = samples.dental_practice()
    visit = visit_of(records)
    contract = next(r for r in records if isinstance(r, Contract))
    van.send(*records)
    page = text_of(client, f"/customers/{visit.customer_id}")
    for kind in (Contact, Site, Customer):
        held = next(r for r in records if isinstance(r, kind))
        assert (getattr(held, "name", "") or getattr(held, "display_name", "")) in page
    assert f'href="/visits/{visit.id}' in page
    assert contract.number in page
    assert "€" in page
    assert f'id="r-{visit.asset_ids[0]}"' in page
    assert "Budget" in page
    assert f'href="/customers/{visit.customer_id}"' in text_of(client, f"/visits/{visit.id}")
    assert f'href="/customers/{visit.customer_id}"' in text_of(
        client, f"/visits?view=all&customer={visit.customer_id}"
    )


def test_what_is_promised_advised_and_answered_opens_where_it_came_from(
    client: Client, van: Any, maren: Any
) -> None:
    """A late promise, open advice, a low answer and a program in use are said; the health part opens the promise's own line."""
    records = samples.plain_visit("TK11-2026-0301", "Mühle Sonnenau", "Edda Krug", rating=2)
    visit = visit_of(records)
    person = next(r for r in records if isinstance(r, Contact))
    late = FollowUp(
        id=new_id(), customer_id=visit.customer_id, visit_id=visit.id, text="Send the manual",
        due_on=office_day(maren) - timedelta(days=4),
    )  # fmt: skip
    advice = Recommendation(
        id=new_id(),
        customer_id=visit.customer_id,
        visit_id=visit.id,
        text="A second backup",
        why="There is one",
    )
    program = UserSoftware(id=new_id(), contact_id=person.id, product="Kontora", skill=2)
    van.send(*records, late, advice, program)
    page = text_of(client, f"/customers/{visit.customer_id}")
    assert "4 days overdue" in page
    assert f'href="#r-{late.id}"' in page
    assert f'id="r-{late.id}"' in page
    assert "A second backup" in page
    assert "It is slow again" in page
    assert "nobody has come back to it yet" in page
    assert "Kontora · Beginner" in page
    answer = FollowUp(
        id=new_id(), customer_id=visit.customer_id, visit_id=visit.id, text="Call: what did we not solve?",
        state="done", outcome_note="Called, a new cable was sent", created_from=f"rating:{visit.id}",
    )  # fmt: skip
    van.send(answer)
    page = text_of(client, f"/customers/{visit.customer_id}")
    assert "somebody came back to it: Called, a new cable was sent" in page
    assert "nobody has come back" not in page


def test_hours_left_are_told_of_a_pool(client: Client, van: Any) -> None:
    """A pool says what is left of its hours, an exhausted one by how much it was exceeded."""
    records = samples.plain_visit("TK11-2026-0302", "Mühle Sonnenau", "Edda Krug")
    held = [
        Contract(
            id=new_id(), customer_id=visit_of(records).customer_id, number=number, hours_included=Decimal(10),
            hours_used=used,
        )
        for number, used in (("V-1", Decimal("7.5")), ("V-2", Decimal(12)))
    ]  # fmt: skip
    van.send(*records, *held)
    page = text_of(client, f"/customers/{visit_of(records).customer_id}").replace("\xa0", " ")
    assert "2.50 h left" in page
    assert "2 h more than agreed" in page


def test_a_customer_with_nothing_says_so(client: Client, van: Any) -> None:
    """Each part of an empty page says that there is nothing, and nothing is counted as well or ill."""
    alone = Customer(id=new_id(), display_name="Nobody was there yet " * 9)
    van.send(alone)
    page = text_of(client, f"/customers/{alone.id}")
    for said in (
        "No visit so far.",
        "Nothing was promised.",
        "No contract.",
        "No person is known.",
        "No cost centre.",
    ):
        assert said in page


def test_long_lists_come_in_pages_and_ask_no_more(client: Client, van: Any, org: Any, maren: Any) -> None:
    """The visits of a customer come ten at a time, each once, and thirty cost no more queries than ten."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    records = samples.plain_visit("TK11-2026-0300", "Mühle Sonnenau", "Edda Krug")
    first = visit_of(records)
    van.send(*records)
    address = f"/customers/{first.customer_id}"
    text_of(client, address)
    with CaptureQueriesContext(connection) as few:
        text_of(client, address)
    more = [
        r
        for n in range(12)
        for r in samples.plain_visit(
            f"TK11-2026-04{n:02}", "x", "Edda Krug", days_ago=n, customer_id=first.customer_id
        )
        if not isinstance(r, Customer | Contact)
    ]
    van.send(*more)
    text_of(client, address)
    with CaptureQueriesContext(connection) as many:
        page = text_of(client, address)
    assert len(many) == len(few)
    assert len(page) < 60_000
    numbers = [n for n in range(12) if f"TK11-2026-04{n:02}" in page]
    assert len(numbers) < 12
    onward = page.split(f'href="/customers/{first.customer_id}?after=')[1].split('"')[0]
    later = text_of(client, f"{address}?after={onward}")
    assert not [n for n in numbers if f"TK11-2026-04{n:02}" in later]
    assert "Newest visits" in later


def test_unknown_customers_and_other_roles_are_refused(
    client: Client, org: Any, browser_of: Callable[[Any], Client]
) -> None:
    """An unknown customer is said to be unknown; a technician's account sees no customer's page."""
    from techkit.central import accounts
    from techkit.central.models import Role
    from tests.central.conftest import PASSWORD

    address = f"/customers/{uuid.uuid4()}"
    answer = client.get(address, secure=True)
    assert answer.status_code == 404
    assert "There is no such customer here." in answer.content.decode()
    tech = accounts.make_staff(org, "tech", PASSWORD, role=Role.TECHNICIAN)
    assert browser_of(tech).get(address, secure=True).status_code == 403


def test_what_the_last_check_said_of_a_system_is_found(van: Any, maren: Any) -> None:
    """The newest run of a computer in use counts, of the newest visits only; what does not apply is nothing."""
    records = samples.plain_visit("TK11-2026-0303", "Mühle Sonnenau", "Edda Krug")
    visit = visit_of(records)
    desk = Asset(id=new_id(), customer_id=visit.customer_id, name="Desk", lifecycle=Lifecycle.IN_USE)
    runs = [
        DiagnosticRun(
            id=new_id(), visit_id=visit.id, asset_id=desk.id, started_at=samples.ARRIVAL + timedelta(hours=n),
            findings=(samples.finding("os_end_of_life", "End of support", Area.SECURITY, verdict, sentence, sentence=sentence),),
        )
        for n, (verdict, sentence) in enumerate(
            ((Verdict.ACT, "It is over."), (Verdict.OK, "It is looked after."), (Verdict.NOT_APPLICABLE, "None."))
        )
    ]  # fmt: skip
    van.send(*records, desk, *runs)
    row_of(visit)
    held = customers.customer_file(maren, visit.customer_id, office_day(maren))
    assert {key: said.sentence for key, said in held.ends.items()} == {desk.id: "It is looked after."}


def test_an_open_case_is_open_however_many_visits_came_after(
    van: Any, maren: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its visits are older than those that are read, or with the entry that was merged into this one: it waits all the same."""
    monkeypatch.setattr(customers, "MOST_VISITS", 1)
    first = samples.plain_visit("TK11-2026-0304", "Mühle Sonnenau", "Edda Krug", 9)
    visit = visit_of(first)
    case = Case(
        id=new_id(),
        number=visit.number,
        title="No printing",
        customer_id=visit.customer_id,
        opened_in=visit.id,
    )
    unsolved = replace(visit, case_id=case.id, outcome=Outcome.PARTLY)
    later = samples.plain_visit("TK11-2026-0305", "Mühle Sonnenau", "Edda Krug", 4)
    customer = visit_of(later).customer_id
    van.send(*(unsolved if held.id == visit.id else held for held in first), case, *later)

    def waiting(of: str) -> list[str]:
        held = customers.customer_file(maren, of, office_day(maren))
        return [row.text for part in held.health.parts if part.key == "cases" for row in part.rows]

    newer = samples.plain_visit("TK11-2026-0306", "x", "Edda Krug", 2, customer_id=visit.customer_id)
    van.send(*(held for held in newer if not isinstance(held, Customer | Contact)))
    row_of(visit)
    assert waiting(visit.customer_id) == ["No printing"]
    van.change(visit.customer_id, merged_into=customer)
    van.change(case.id, customer_id=customer)
    row_of(visit)
    assert waiting(customer) == ["No printing"]


def test_an_answer_stands_with_the_day_at_the_office(client: Client, van: Any, org: Any) -> None:
    """Given half an hour before midnight of world time it is the next day's in Berlin."""
    records = samples.plain_visit("TK11-2026-0307", "Mühle Sonnenau", "Edda Krug", rating=2)
    late = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)
    van.send(*(replace(held, asked_at=late) if isinstance(held, Satisfaction) else held for held in records))
    page = text_of(client, f"/customers/{visit_of(records).customer_id}")
    assert "19 Nov 2026" in page
    assert "18 Nov 2026" not in page
