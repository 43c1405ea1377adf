"""The case on a visit's page: its visits with links, closed and opened again with a reason, and what figures make of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from techkit.central import accounts, audit, figures
from techkit.central.models import AuditEvent, Role
from techkit.records.identity import new_id
from techkit.records.schema import Record, replace
from techkit.records.visit import Case, Outcome, Visit
from tests.central import samples
from tests.central.pages.test_visit import text_of
from tests.central.test_review import row_of, visit_of


@pytest.fixture
def client(maren: Any, browser_of: Callable[[Any], Client]) -> Client:
    """Give Maren's browser."""
    return browser_of(maren)


@pytest.fixture
def two(van: Any) -> tuple[Case, Visit, Visit]:
    """A case with two visits that have arrived: the first left it open, the second solved it."""
    first = samples.plain_visit("TK07-2026-0001", "Larkspur Dental", "Ada Quill", 9, kind="troubleshooting")
    opened_in = replace(visit_of(first), outcome=Outcome.PARTLY)
    customer_id = opened_in.customer_id
    case = Case(
        id=new_id(), number="TK07-2026-0001", title="<b>No printing</b>", customer_id=customer_id,
        opened_in=opened_in.id, reported_at=opened_in.arrived_at,
    )  # fmt: skip
    opened_in = replace(opened_in, case_id=case.id)
    second = samples.plain_visit("TK07-2026-0002", "Larkspur Dental", "Ada Quill", 4, kind="troubleshooting")
    solving = replace(visit_of(second), customer_id=customer_id, contact_id=None, case_id=case.id)
    van.send(*_with(first, opened_in), case)
    van.send(*_with([held for held in second if not hasattr(held, "display_name")], solving))
    return case, opened_in, solving


def _with(records: list[Record], visit: Visit) -> list[Record]:
    return [visit if held.id == visit.id else held for held in records]


def decide(client: Client, visit: Visit, step: str, reason: str) -> int:
    """Send the case's form and return the status."""
    answer = client.post(
        f"/visits/{visit.id}/case", {"step": step, "case_reason": reason}, secure=True, headers={"origin": "https://localhost"}
    )  # fmt: skip
    return int(answer.status_code)


def test_a_case_stands_on_each_of_its_visits(client: Client, two: tuple[Case, Visit, Visit]) -> None:
    """Title as text, how it stands, and the other visit as a link."""
    case, first, second = two
    page = client.get(f"/visits/{second.id}?view=all", secure=True).content.decode()
    part = page[page.index('id="case"') : page.index('id="money"')]
    assert "&lt;b&gt;No printing&lt;/b&gt;" in part
    assert re.findall(r'href="/visits/([^?"]+)\?[^"]*view=all', part) == [first.id]
    text = text_of(client, first.id)
    assert (
        "TK07-2026-0001 14 Nov 2026 · Partly solved · this visit TK07-2026-0002 19 Nov 2026 · Solved" in text
    )
    assert "Close the case" not in text, f"{case.number} is solved"
    assert "Open the case again" in text


def test_opened_again_and_closed_with_a_reason(
    client: Client, maren: Any, two: tuple[Case, Visit, Visit]
) -> None:
    """The reason stands on the page and in the audit trail; without one, or twice, nothing changes."""
    _case, first, second = two
    row_of(second)
    period = (maren, date(2026, 11, 1), date(2026, 11, 30), date(2026, 12, 31))
    (fix,) = figures.figures(*period).fixes
    assert (len(fix.case.attempts), fix.is_first_time) == (2, False)
    assert decide(client, second, "reopen", "  ") == 422
    assert decide(client, second, "close", "Over") == 409
    assert decide(client, second, "sell", "Over") == 422
    assert decide(client, second, "reopen", "It jams again.") == 302
    assert decide(client, second, "reopen", "It jams again.") == 409
    text = text_of(client, first.id)
    assert re.search(r"Opened again by Maren Vogt, .{5,40}\. It jams again\.", text)
    assert figures.figures(*period).fixes == ()
    assert decide(client, first, "close", "The printer was sold.") == 302
    assert "Closed by Maren Vogt" in text_of(client, second.id)
    events = AuditEvent.objects.filter(action__endswith="_case").order_by("place")
    assert [(e.action, e.object_id, e.detail["reason"]) for e in events] == [
        ("visit.reopen_case", second.id, "It jams again."),
        ("visit.close_case", first.id, "The printer was sold."),
    ]
    assert audit.verify(maren.org_id) is None


def test_who_only_reads_decides_nothing(
    org: Any, browser_of: Callable[[Any], Client], two: tuple[Case, Visit, Visit]
) -> None:
    """Another role sees the case and no form; a visit without a case has nothing to decide."""
    reader = accounts.make_staff(org, "nils", "correct horse battery staple", role=Role.SUCCESS)
    browser = browser_of(reader)
    text = text_of(browser, two[1].id)
    assert "No printing" in text
    assert "Open the case again" not in text
    assert decide(browser, two[1], "reopen", "Why not") == 403


def test_a_visit_without_a_case_shows_none(client: Client, van: Any) -> None:
    """No card, and no way to decide on what is not there; one whose case has not arrived yet is the same."""
    records = samples.slow_computer(case_id=new_id())
    van.send(*records)
    visit = visit_of(records)
    assert 'id="case"' not in client.get(f"/visits/{visit.id}", secure=True).content.decode()
    assert decide(client, visit, "close", "Over") == 404


def test_visits_of_a_merged_customer_are_of_the_case_too(
    client: Client, van: Any, two: tuple[Case, Visit, Visit]
) -> None:
    """The case went over to the customer that stays; the visits stay where they were signed, and stand with it."""
    case, first, _second = two
    other = samples.plain_visit("TK07-2026-0003", "Larkspur", "Ada Quill", 2)
    kept = visit_of(other)
    van.send(
        *_with(
            other, replace(kept, case_id=case.id, left_at=(kept.left_at or samples.ARRIVAL) + timedelta(1))
        )
    )
    van.change(first.customer_id, merged_into=kept.customer_id)
    van.change(case.id, customer_id=kept.customer_id)
    text = text_of(client, first.id)
    for number in ("TK07-2026-0001", "TK07-2026-0002", "TK07-2026-0003"):
        assert number in text
