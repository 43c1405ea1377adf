"""The pages on which two entries become one: found, laid beside each other, made one, parted again."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from techkit.central import accounts, office
from techkit.central.models import Role
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer
from tests.central.conftest import PASSWORD
from tests.central.pages.test_budgets import words


@pytest.fixture
def client(maren: Any, browser_of: Callable[[Any], Client]) -> Client:
    """Give the browser of a reviewer."""
    return browser_of(maren)


@pytest.fixture
def two(van: Any) -> tuple[Customer, Customer]:
    """Give a baker who was entered twice, and somebody else."""
    one = Customer(id=new_id(), display_name="Bäckerei Korn GmbH", notes_for_visit="Ring twice")
    other = Customer(id=new_id(), display_name="Bäckerei Korn", number="K-17")
    van.send(one, other, Customer(id=new_id(), display_name="Mühle Sonnenau"))
    van.send(Contact(id=new_id(), customer_id=other.id, family_name="Korn"))
    return one, other


def sent(answer: Any) -> dict[str, str]:
    """Return what a browser sends of the comparison as it opens: hidden fields and the entry that is ticked."""
    page = answer.content.decode()
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    ticked = re.findall(r'<input type="radio" name="(keep)" value="([^"]+)" required checked', page)
    return {unescape(name): unescape(text) for name, text in (*fields, *ticked)}


def test_from_the_customers_page_to_one_entry(
    client: Client, maren: Any, two: tuple[Customer, Customer]
) -> None:
    """Proposed with its reason, compared, made one, told; the other entry's page leads on, and back apart."""
    one, other = two
    assert f"/merge/customer/{one.id}" in client.get(f"/customers/{one.id}").content.decode()
    own = client.get(f"/customers/{one.id}")
    assert "These look like the same" in words(own)
    assert f"/merge/customer/{one.id}?with={other.id}" in own.content.decode()
    listed = client.get(f"/merge/customer/{one.id}")
    assert "The name is the same: Bäckerei Korn." in words(listed)
    assert "Sonnenau" not in words(listed)
    beside = client.get(f"/merge/customer/{one.id}?with={other.id}")
    assert "Ring twice" in words(beside)
    assert "K-17" in words(beside)
    form = sent(beside)
    assert form["keep"] == one.id  # the older one, where neither has an agreement
    done = client.post(f"/merge/customer/{one.id}", form)
    assert (done.status_code, done["Location"]) == (302, f"/customers/{one.id}?kept={one.id}")
    assert "This entry was merged" in words(client.get(f"/customers/{other.id}"))
    again = client.post(f"/merge/customer/{one.id}", form)
    assert again.status_code == 409
    apart = client.get(f"/merge/customer/{other.id}")
    assert "These are two after all" in words(apart)
    assert client.post(f"/merge/customer/{other.id}/separate").status_code == 302
    state = office.state_of(maren.org_id, other.id)
    assert state is not None
    assert not state.values["merged_into"]


def test_anyone_else_is_found_by_name(client: Client, two: tuple[Customer, Customer]) -> None:
    """What does not look the same can still be it."""
    found = client.get(f"/merge/customer/{two[0].id}?q=sonnen")
    assert "Mühle Sonnenau" in words(found)
    assert "Nothing found." in words(client.get(f"/merge/customer/{two[0].id}?q=zzz"))


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/merge/visit/{one}", 404),
        ("/merge/contact/{one}", 404),
        ("/merge/customer/{one}?with={one}", 409),
        ("/merge/customer/{one}?with=nobody", 404),
        ("/merge/customer/{one}?with=01890a5d-ac96-774b-bcce-b302099a8057", 404),
    ],
)
def test_what_cannot_be_is_told(
    client: Client, two: tuple[Customer, Customer], address: str, status: int
) -> None:
    """Another kind, an unknown one, one and the same: a page that explains, nothing written."""
    answer = client.get(address.format(one=two[0].id))
    assert answer.status_code == status
    assert "Nothing was changed." in answer.content.decode()


def test_without_a_choice_nothing_happens(client: Client, two: tuple[Customer, Customer]) -> None:
    """A form without an entry that holds, or with a third one, is shown again."""
    one, other = two
    form = sent(client.get(f"/merge/customer/{one.id}?with={other.id}"))
    for keep in ("", new_id()):
        answer = client.post(f"/merge/customer/{one.id}", {**form, "keep": keep})
        assert answer.status_code == 422
        assert "choose which of the two holds" in answer.content.decode()


def test_an_auditor_reads_only(
    org: Any, two: tuple[Customer, Customer], browser_of: Callable[[Any], Client]
) -> None:
    """No right to edit master data, no way to merge."""
    reader = browser_of(accounts.make_staff(org, "aud", PASSWORD, role=Role.AUDITOR))
    assert reader.get(f"/merge/customer/{two[0].id}").status_code == 403
    assert reader.post(f"/merge/customer/{two[0].id}/separate").status_code == 403
    assert "/merge/" not in reader.get(f"/customers/{two[0].id}").content.decode()
