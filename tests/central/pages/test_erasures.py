"""The pages on which an administrator removes a customer for good."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.central import samples
from tests.central.test_review import visit_of


@pytest.fixture
def client(chief: Any, browser_of: Callable[[Any], Client]) -> Client:
    """Give the browser of an administrator."""
    return browser_of(chief)


def test_a_customer_is_removed_from_a_visit_by_typing_the_name(client: Client, van: Any) -> None:
    """The way leads from the visit: what goes and stays, the typed name, the list; the visit then says "Customer removed"."""
    records = samples.slow_computer()
    van.send(*records)
    visit = visit_of(records)
    address = f"/customers/{visit.customer_id}/erase"
    assert address in client.get(f"/visits/{visit.id}", secure=True).content.decode()
    page = client.get(address, secure=True).content.decode()
    assert "Remove for good: Odalys Brandt" in page
    assert "1 visit: what was asked" in page
    assert "1 visit is not booked yet" in page
    refused = client.post(address, {"name": "Odalys"}, secure=True)
    assert refused.status_code == 422
    assert "Nothing was removed." in refused.content.decode()
    done = client.post(address, {"name": "odalys brandt"}, secure=True)
    assert done["Location"] == "/customers/removed?done=1"
    listed = client.get(done["Location"], secure=True).content.decode()
    assert "C-4711" in listed
    assert "Odalys" not in listed
    shown = client.get(f"/visits/{visit.id}", secure=True).content.decode()
    assert "Customer removed" in shown
    assert not [word for word in ("Odalys", "Teodor", "XK-2231-9QF", "freezes") if word in shown]
    assert "/customers/removed" in shown
    lines = client.get("/visits?view=all", secure=True).content.decode()
    assert "Customer removed" in lines
    paper = client.get(f"/visits/{visit.id}/summary.pdf", secure=True)
    assert paper.status_code == 200
    assert client.get(address, secure=True).status_code == 409


def test_nobody_else_removes(
    client: Client, van: Any, maren: Any, browser_of: Callable[[Any], Client]
) -> None:
    """A reviewer is offered nothing and refused; the empty list says how one comes to it."""
    records = samples.slow_computer()
    van.send(*records)
    visit = visit_of(records)
    reviewer = browser_of(maren)
    address = f"/customers/{visit.customer_id}/erase"
    assert address not in reviewer.get(f"/visits/{visit.id}", secure=True).content.decode()
    for asked in (address, "/customers/removed", "/customers/removed/list"):
        assert reviewer.get(asked, secure=True).status_code == 403
    assert reviewer.post(address, {"name": "Odalys Brandt"}, secure=True).status_code == 403
    assert "Nobody was removed" in client.get("/customers/removed", secure=True).content.decode()
