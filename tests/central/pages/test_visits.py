"""The visit list: what needs me, flags first, filters in the address."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from markupsafe import escape

from benchmarks.pages import fill
from techkit.central.models import VisitRow
from tests.central import samples


@pytest.fixture
def client(van: Any, maren: Any, browser_of: Callable[[Any], Client]) -> Client:
    """Give Maren's browser over four visits: clean, flagged, low rating, waived."""
    van.send(*samples.slow_computer())
    van.send(*samples.dental_practice(after_version="9.9"))
    van.send(*samples.plain_visit("TK07-2026-0003", "Quarrystone Architects", "Jonas Weir", 9, rating=2))
    van.send(*samples.plain_visit("TK07-2026-0004", "Weingut Abendrot", "Lena Frey", 12, signs="waived"))
    return browser_of(maren)


def names(client: Client, address: str) -> list[str]:
    """Return the customers of a list page, in order."""
    page = client.get(address, secure=True)
    assert page.status_code == 200
    return re.findall(r'<a class="strong" href="[^"]+">([^<]+)</a>', page.content.decode())


def test_the_list_opens_on_what_needs_me_flags_first(client: Client) -> None:
    """The first page holds what waits: a blocking flag first, then a low rating, then the oldest arrival."""
    assert names(client, "/visits") == [
        "Larkspur Dental Group",
        "Quarrystone Architects",
        "Odalys Brandt",
        "Weingut Abendrot",
    ]


def test_a_flag_is_told_in_words(client: Client) -> None:
    """The flag column says what is wrong in words, with the sentence behind it."""
    page = client.get("/visits", secure=True).content.decode()
    assert "Claim not proven" in page
    assert "the inventory after the work shows" in page
    assert "no flag" in page


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/visits?view=clean", ["Odalys Brandt", "Weingut Abendrot", "Quarrystone Architects"]),
        ("/visits?view=low-rating", ["Quarrystone Architects"]),
        ("/visits?view=all&q=larkspur", ["Larkspur Dental Group"]),
        ("/visits?view=all&q=XK-2231", ["Odalys Brandt"]),
        ("/visits?view=all&q=odalys+laptop", ["Odalys Brandt"]),
        ("/visits?view=all&q=nobody", []),
        ("/visits?view=all&kind=upgrade", ["Larkspur Dental Group"]),
        ("/visits?view=all&flag=claim_not_proven&technician=Ines+Okafor", ["Larkspur Dental Group"]),
        ("/visits?view=all&flag=claim_not_proven&kind=training", []),
        ("/visits?view=all&from=2026-11-24&to=2026-11-24", ["Larkspur Dental Group"]),
        ("/visits?view=all&state=approved", []),
        ("/visits?view=nonsense&from=never&customer=%27%20OR%201=1", []),
    ],
)
def test_filters_combine_and_stand_in_the_address(client: Client, address: str, expected: list[str]) -> None:
    """Each filter narrows the list, several together; words that make no sense find nothing or are left out."""
    assert sorted(names(client, address)) == sorted(expected)


def test_a_shared_address_keeps_its_filters_in_every_link(client: Client) -> None:
    """The links of a filtered list carry the filter on, so that going on to a visit and back loses nothing."""
    page = client.get("/visits?view=all&technician=Ines+Okafor&q=brandt", secure=True).content.decode()
    link = re.search(r'href="(/visits/[0-9a-f-]{36}\?[^"]+)"', page)
    assert link
    assert "technician=Ines+Okafor" in link[1]
    assert "q=brandt" in link[1]


def test_a_view_is_saved_under_a_name(client: Client) -> None:
    """A saved view stands among the tabs and leads to the same address."""
    client.post("/visits/save-view", {"view": "all", "kind": "upgrade", "name": "Upgrades"}, secure=True)
    page = client.get("/visits", secure=True).content.decode()
    assert 'href="/visits?view=all&amp;kind=upgrade"' in page
    assert "Upgrades" in page


def test_a_saved_view_is_renamed_opened_first_and_deleted(
    client: Client, van: Any, org: Any, browser_of: Any
) -> None:
    """The list opens on it until it is said otherwise; nobody else can touch it."""
    from techkit.central import accounts
    from techkit.central.models import SavedFilter

    client.post("/visits/save-view", {"view": "all", "kind": "upgrade", "name": " Upgrades "}, secure=True)
    held = SavedFilter.objects.get()
    address, here = f"/visits/views/{held.pk}", {"view": "all", "kind": "upgrade"}
    assert client.post(address, {**here, "step": "first"}, secure=True).status_code == 302
    assert client.get("/visits", secure=True)["Location"] == "/visits?view=all&kind=upgrade"
    page = client.get("/visits?view=all&kind=upgrade", secure=True).content.decode()
    assert "Do not open on it" in page
    client.post(address, {**here, "step": "rename", "name": "Dentists"}, secure=True)
    assert "Dentists" in client.get("/visits?view=all", secure=True).content.decode()
    client.post("/visits/save-view", {"view": "all", "name": "Whole"}, secure=True)
    for step, name, status in (("rename", "Whole", 422), ("rename", "  ", 422), ("burn", "", 422)):
        assert client.post(address, {"step": step, "name": name}, secure=True).status_code == status
    other = browser_of(accounts.make_staff(org, "rita", "correct horse battery staple"))
    assert other.post(address, {"step": "delete"}, secure=True).status_code == 404
    assert other.get("/visits", secure=True).status_code == 200
    client.post(address, {**here, "step": "delete"}, secure=True)
    assert client.get("/visits", secure=True).status_code == 200
    assert [v.name for v in SavedFilter.objects.all()] == ["Whole"]


def test_columns_are_put_away_and_kept_with_a_view(client: Client) -> None:
    """The address names what is put away; filters, forms and a kept view carry it, and it is shown again."""
    page = client.get("/visits?view=all&hide=technician.work.customer.%3Cb%3E", secure=True).content.decode()
    heads = re.findall(r'<th scope="col">([^<]+)</th>', page)
    assert heads == ["Customer and person", "Flags", "Visit", "Findings", "Review"]
    assert "<td>Ines Okafor</td>" not in page
    assert 'href="?view=all&amp;hide=technician"' in page, "the work is shown again"
    assert 'href="?view=all&amp;hide=when.technician.work"' in page, "the visit's time goes, too"
    assert page.count('name="hide" value="technician.work"') >= 3, "days, bulk and saving keep it"
    assert "%3Cb%3E" not in page
    form = {"name": "Narrow", "view": "all", "hide": "technician.work"}
    client.post("/visits/save-view", form, secure=True)
    shown = client.get("/visits?view=all", secure=True).content.decode()
    assert 'href="/visits?view=all&amp;hide=technician.work"' in shown
    assert "<td>Ines Okafor</td>" in shown


def test_visits_of_a_cost_centre_and_of_who_pays(client: Client, van: Any) -> None:
    """A share of the cost is enough; who pays is named by the visit; the export has the same rows."""
    from techkit.central.models import Record as Row

    centre = Row.objects.get(entity="cost_centre", state__code="LDG-FRONT").entity_id
    assert names(client, f"/visits?view=all&centre={centre}") == ["Larkspur Dental Group"]
    payer = Row.objects.get(entity="payer").entity_id
    assert names(client, f"/visits?view=all&payer={payer}") == ["Odalys Brandt"]
    assert names(client, f"/visits?view=all&payer={payer}&centre={centre}") == []
    assert names(client, "/visits?view=all&centre=nobody") == []
    page = client.get(f"/visits?view=all&centre={centre}", secure=True).content.decode()
    assert "Cost centre: LDG-FRONT" in page
    rows = client.get(f"/visits/export?view=all&centre={centre}&what=visits&format=csv", secure=True)
    assert "Larkspur" in rows.content.decode()
    assert "Odalys" not in rows.content.decode()


def test_scenario_o2_10_the_page_says_what_bulk_approval_left_out(client: Client) -> None:
    """Approving everything selected leaves the unproven claim out and says why; undo takes the rest back."""
    page = client.get("/visits", secure=True).content.decode()
    chosen = re.findall(r'name="visit" value="([^"]+)"', page)
    assert len(chosen) == 4
    answer = client.post("/visits/approve", {"visit": chosen}, secure=True).content.decode()
    assert "3 visits approved" in answer
    assert "Left out, and why" in answer
    assert "is not proven: the inventory after the work shows" in answer
    token = re.search(r'name="token" value="([^"]+)"', answer)
    assert token
    assert names(client, "/visits") == ["Larkspur Dental Group"]
    client.post("/visits/undo", {"token": token[1]}, secure=True)
    assert len(names(client, "/visits")) == 4


def test_approve_all_without_flags_takes_only_those(client: Client) -> None:
    """The button of the view without flags approves exactly its visits."""
    answer = client.post("/visits/approve", {"all": "clean", "view": "clean"}, secure=True).content.decode()
    assert "3 visits approved" in answer
    assert names(client, "/visits") == ["Larkspur Dental Group"]


def test_hostile_words_in_the_address_stay_words(client: Client) -> None:
    """Markup in a search is shown as text."""
    page = client.get("/visits?view=all&q=%3Cscript%3Ealert(1)%3C/script%3E", secure=True).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_pages_are_small(client: Client) -> None:
    """The list with its visits stays under 60 kB without pictures (DESIGN 11)."""
    assert len(client.get("/visits?view=all", secure=True).content) < 60_000


@pytest.mark.parametrize("word", ["Süd & <Nord> ", "株式会社北光情報", "&<>\"'", "👩\u200d🔧"])
def test_pages_with_the_longest_of_names_are_small_too(
    org: Any, maren: Any, browser_of: Callable[[Any], Client], word: str
) -> None:
    """A full page of names of 400 characters stays under 60 kB, whatever they weigh; each begins as it was written."""
    fill(org.id, range(60))
    name = (word * 400)[:400]
    VisitRow.objects.update(customer_name=name, person_name=name, asset_name=name, technician_name=name[:200])
    page = browser_of(maren).get("/visits?view=all", secure=True)
    assert len(page.content) <= 60_000
    assert page.content.decode().count(str(escape(name[:8]))) >= 75


def test_more_visits_cost_no_more_queries_and_no_larger_page(
    org: Any, maren: Any, browser_of: Callable[[Any], Client]
) -> None:
    """Queue, all visits, a filter and a search ask as many queries of 1,200 visits as of 120, and show one page of them.

    What they cost in time is measured: `./dev bench pages`.
    """
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = browser_of(maren)
    fill(org.id, range(120))
    client.get("/visits", secure=True)  # the first look after signing in asks more
    asked: dict[str, list[int]] = {}
    for added in (range(0), range(120, 1200)):
        fill(org.id, added)
        for query in ("", "view=all", "view=all&technician=Technician+3", "view=all&q=printer+77"):
            with CaptureQueriesContext(connection) as queries:
                page = client.get(f"/visits?{query}", secure=True)
            assert page.status_code == 200
            assert len(page.content) <= 60_000  # the design, chapter 11: a full page of a large office
            asked.setdefault(query, []).append(len(queries))
    assert {query: counts for query, counts in asked.items() if counts[0] != counts[1]} == {}
