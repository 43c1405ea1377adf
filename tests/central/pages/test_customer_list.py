"""The list of customers: by name, searched without accents, in pages; and the visits of entries that are one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from techkit.central import customer_list
from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.records.visit import Case
from tests.central import samples
from tests.central.pages.test_customers import text_of
from tests.central.test_review import visit_of


@pytest.fixture
def client(maren: Any, browser_of: Callable[[Any], Client]) -> Client:
    """Give the browser of a reviewer."""
    return browser_of(maren)


def test_a_customer_is_found_by_a_word_of_the_name_or_the_number(client: Client, van: Any) -> None:
    """Accents and capitals do not matter; the line leads to the page and says how many visits there were."""
    records = samples.plain_visit("TK07-2026-0500", "Mühle Sonnenau", "Edda Krug")
    visit = visit_of(records)
    other = Customer(id=new_id(), display_name="Zahnlabor <b>Ost</b>", number="C-77")
    van.send(*records, other)
    page = text_of(client, "/customers")
    assert 'aria-current="page"' in page.split('href="/customers"')[1][:60]
    assert page.index("Mühle Sonnenau") < page.index("Zahnlabor &lt;b&gt;")
    assert f'href="/visits?view=all&amp;customer={visit.customer_id}"' in page
    found = text_of(client, "/customers?name=muhle")
    assert f'href="/customers/{visit.customer_id}"' in found
    assert str(other.id) not in found
    assert str(other.id) in text_of(client, "/customers?name=c-77")
    assert "No customer is called that." in text_of(client, "/customers?name=nobody")
    assert text_of(client, "/customers?page=%C2%B2")


def test_many_customers_come_in_pages_and_ask_no_more(
    client: Client, van: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each stands on one page, and a full page costs no more queries than one customer."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    monkeypatch.setattr(customer_list, "PAGE_SIZE", 4)
    assert "No customer has arrived so far." in text_of(client, "/customers")
    van.send(Customer(id=new_id(), display_name="Customer 0"))
    text_of(client, "/customers")
    with CaptureQueriesContext(connection) as few:
        text_of(client, "/customers")
    van.send(*(Customer(id=new_id(), display_name=f"Customer {n}") for n in range(1, 7)))
    text_of(client, "/customers")
    with CaptureQueriesContext(connection) as many:
        first = text_of(client, "/customers")
    assert len(many) == len(few)
    assert 'href="/customers?page=2"' in first
    second = text_of(client, "/customers?page=2")
    shown = [[n for n in range(7) if f"Customer {n}" in page] for page in (first, second)]
    assert shown == [[0, 1, 2, 3], [4, 5, 6]]
    assert "Further customers" not in second


def test_what_was_merged_into_a_customer_stands_on_their_page(client: Client, van: Any) -> None:
    """Visits of an entry merged into another, also through a third, are the other's; the list has only that one."""
    old, between = (
        samples.plain_visit(f"TK07-2026-051{n}", name, "Edda Krug")
        for n, name in enumerate(("Sonnenau Mill", "Mühle Sonenau"))
    )
    kept = Customer(id=new_id(), display_name="Mühle Sonnenau")
    van.send(*old, *between, kept)
    van.change(visit_of(old).customer_id, merged_into=visit_of(between).customer_id)
    van.change(visit_of(between).customer_id, merged_into=kept.id)
    for address in (f"/customers/{kept.id}", f"/visits?view=all&customer={kept.id}"):
        page = text_of(client, address)
        assert "TK07-2026-0510" in page
        assert "TK07-2026-0511" in page
    assert "TK07-2026-0511" not in text_of(client, f"/customers/{visit_of(old).customer_id}")
    listed = text_of(client, "/customers")
    assert kept.id in listed
    assert visit_of(old).customer_id not in listed
    assert "Merged with another entry" in text_of(client, "/customers?name=sonnenau+mill")


def test_an_open_case_opens_where_it_stands(client: Client, van: Any) -> None:
    """The row behind the part of open cases leads to the case on its newest visit's page."""
    records = samples.plain_visit("TK07-2026-0520", "Mühle Sonnenau", "Edda Krug", outcome="not_resolved")
    visit = visit_of(records)
    case = Case(id=new_id(), customer_id=visit.customer_id, title="Freezes", number="F-1")
    van.send(*(replace(r, case_id=case.id) if r is visit else r for r in records), case)
    page = text_of(client, f"/customers/{visit.customer_id}")
    assert f'href="/visits/{visit.id}?view=all#case"' in page
    assert 'id="case"' in text_of(client, f"/visits/{visit.id}?view=all")
