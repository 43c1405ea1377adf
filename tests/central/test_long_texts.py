"""Long texts on pages: cut where they are read, whole where they are sent, one page for all of one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from markupsafe import Markup, escape

from benchmarks.pages import fill
from techkit.central import long_texts
from techkit.central.long_texts import LONGEST, MOST_TOGETHER, SHORT, Room, mark_of
from techkit.central.models import VisitRow
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Site
from techkit.records.schema import MAX_TEXT
from techkit.records.success import FollowUp, Recommendation
from tests.central import samples
from tests.central.test_review import visit_of

LONG = ("Ask at the door & ring twice. " * 4000)[:MAX_TEXT]


def stands(before: str, text: str, after: str = "") -> str:
    """Return a piece of a page with a text in it."""
    room = Room(address="/visits/1?")
    return room.settled(before + str(escape(room.shown(text))) + after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<input type="hidden" name="seen" value="', '">'),
        ("<textarea name=note>", "</textarea>"),
        ('<option value="', '">'),
        ('<a href="/visits?q=', '">'),
    ],
)
def test_what_is_sent_back_or_followed_is_whole(before: str, after: str) -> None:
    """A form that lost the end of a text would write it away."""
    assert stands(before, LONG, after) == before + str(escape(LONG)) + after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<span title="', '">'),
        ('<p aria-label="', '">'),
        ('<a href="/x"><span class="unseen">', "</span></a>"),
        ("<title>", "</title>"),
        ("<button>", "</button>"),
    ],
)
def test_where_no_link_can_stand_it_only_ends(before: str, after: str) -> None:
    """A link in a link or in an attribute is a broken page."""
    shown = stands(before, LONG, after)
    assert shown.endswith(f"…{after}")
    assert len(shown) < 2 * LONGEST


def test_elsewhere_a_link_leads_to_all_of_it() -> None:
    """The link says how much there is and begins as the text does, for those who hear links alone."""
    shown = stands("<a href='/x'>x</a><p>", LONG, "</p>")
    assert f'href="/visits/1?whole={mark_of(LONG)}"' in shown
    assert "Read all 100,000 characters" in shown
    assert len(shown) < 2 * LONGEST


def test_texts_share_a_page() -> None:
    """However many there are, long ones take so much and no more; short ones stand as they are."""
    room = Room(address="/?")
    page = "".join(str(room.shown(f"{n} {LONG}")) for n in range(400))
    assert len(re.sub("\x02.*?\x03", "", page)) < 1.3 * (MOST_TOGETHER + 400 * SHORT)
    assert room.shown("A short one & more") == "A short one & more"


def test_a_text_cannot_stand_for_a_cut() -> None:
    """What a record holds is never taken for the page's own sign of a cut."""
    shown = stands("<p>", f"\x02guess:0:0\x03{LONG}", "</p>")
    assert "[U+0002]guess:0:0[U+0003]" in shown
    assert isinstance(Room().shown(LONG), Markup)


@pytest.fixture
def client(maren: Any, browser_of: Callable[[Any], Client]) -> Client:
    """Give the browser of a reviewer."""
    return browser_of(maren)


def test_pages_of_long_texts_are_small_and_lead_to_the_whole(van: Any, client: Client) -> None:
    """A customer's and a visit's page with texts of 100,000 characters: 33 and 43 MB for 400 of them, all sent."""
    records = samples.plain_visit("TK11-2026-0310", "Mühle Sonnenau", "Edda Krug")
    visit = visit_of(records)
    mine: dict[str, Any] = {"customer_id": visit.customer_id}
    more = [
        record
        for n in range(1)
        for record in (
            FollowUp(id=new_id(), visit_id=visit.id, text=f"Promise {n} {LONG}"[:MAX_TEXT], **mine),
            Recommendation(
                id=new_id(), visit_id=visit.id, text="Advice", why=f"{n} {LONG}"[:MAX_TEXT], **mine
            ),
            Contact(
                id=new_id(), given_name=f"Person {n}", accessibility_needs=f"{n} {LONG}"[:MAX_TEXT], **mine
            ),
            Site(id=new_id(), name=f"Place {n}", access_notes=f"{n} {LONG}"[:MAX_TEXT], **mine),
        )
    ]
    van.send(*records, *more)
    for address in (f"/customers/{visit.customer_id}", f"/visits/{visit.id}", f"/visits/{visit.id}?view=all"):
        page = client.get(address, secure=True).content.decode()
        assert len(page.encode()) < 120_000
        onward = re.search(r'<a class="no-print" href="([^"]+)"', page)
        assert onward is not None
        whole = client.get(onward[1].replace("&amp;", "&"), secure=True)
        assert whole.status_code == 200
        assert str(escape(LONG[:90_000])) in whole.content.decode()
    gone = client.get(f"/visits/{visit.id}?whole={'0' * 16}", secure=True)
    assert gone.status_code == 404
    assert "Nothing was changed." in gone.content.decode()


def test_a_visit_of_too_many_lines_leaves_some_out_and_says_so(
    van: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left out is counted and one link away; a visit that fits says nothing of it."""
    records = samples.slow_computer()
    visit = visit_of(records)
    van.send(*records)
    page = client.get(f"/visits/{visit.id}", secure=True).content.decode()
    assert "not shown on this page" not in page
    monkeypatch.setattr(long_texts, "MOST_LINES", 12)
    few = client.get(f"/visits/{visit.id}?view=all", secure=True).content.decode()
    assert "lines are not shown on this page." in few
    assert few.count("<article") < page.count("<article") or few.count("finding") < page.count("finding")
    every = client.get(f"/visits/{visit.id}?view=all&every=1", secure=True).content.decode()
    assert f'href="/visits/{visit.id}?view=all&amp;every=1"' in few
    assert "not shown on this page" not in every
    assert every.count("<tr>") == page.count("<tr>")


def test_the_list_stays_small_with_the_longest_names(org: Any, client: Client) -> None:
    """The longest names a row may hold add no more than a fifth to a full list; each visit's page holds them whole."""
    fill(org.id, range(60))
    name = ("Mühle & Söhne " * 50)[:400]
    VisitRow.objects.update(customer_name=name, person_name=name, technician_name=name, asset_name=name)
    for query in ("", "view=all", "view=all&q=printer"):
        page = client.get(f"/visits?{query}", secure=True)
        assert page.status_code == 200
        assert len(page.content) <= 70_000


def test_a_page_outside_the_frame_is_shown_as_it_is(client: Client) -> None:
    """Who is not signed in can ask for no text; the page for signing in stays what it is."""
    client.logout()
    page = client.get(f"/sign-in?whole={'0' * 16}", secure=True)
    assert page.status_code == 200
    assert 'name="password"' in page.content.decode()
