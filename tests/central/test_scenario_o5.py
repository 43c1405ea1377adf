"""O5: the reviewer's Monday, over twelve visits of November; the parts a device answers are in tests/scenarios."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from techkit.central import feed, projection, reports, review
from techkit.central.models import AuditEvent, VisitRow
from techkit.records.visit import Outcome
from tests.central.arrivals import Van
from tests.central.november import INES, November, november

#: The Monday of the story, in the morning at the office.
MONDAY = datetime(2026, 11, 30, 8, tzinfo=UTC)


@pytest.fixture
def twelve(org: Any, monkeypatch: pytest.MonkeyPatch) -> November:
    """Give the twelve visits, received, on 30 November."""
    monkeypatch.setattr(reports, "now", lambda: MONDAY)
    made = november()
    ines, pavel = Van(org), Van(org, "Pavel Novotny", "TK11")
    ines.send(*made.shared, *made.office, *made.of("TK07"))
    feed.grant(pavel.device, f"customer:{made.customer}")
    pavel.send(*made.of("TK11"))
    projection.catch_up(org.id)
    return made


@pytest.fixture
def client(twelve: November, maren: Any, browser_of: Callable[[Any], Client]) -> Client:
    """Give Maren's browser."""
    return browser_of(maren)


def numbers(page: Any) -> list[str]:
    """Return the numbers of the visits a list shows, in order."""
    assert page.status_code == 200
    return re.findall(r"(TK\d\d-2026-\d{4}) ·", page.content.decode())


def words(page: Any) -> str:
    """Return a page without its tags, spaces joined."""
    plain = re.sub(r"<(style|script|svg).*?</\1>", " ", page.content.decode(), flags=re.DOTALL)
    plain = html.unescape(re.sub(r"<[^>]+>", " ", plain))
    return " ".join(plain.split())


def rules(twelve: November) -> dict[int, list[str]]:
    """Return the rules that raised a flag, by the number of the visit; visits without one are left out."""
    by_id = {str(row.id): row.flag_rules.split() for row in VisitRow.objects.all()}
    return {n: by_id[held] for n, held in twelve.ids.items() if by_id[held]}


def test_scenario_o5_1_flags_exactly_where_something_is_wrong(twelve: November) -> None:
    """Two overlap, one lacks its signature, one its receipt; no other visit has any flag, not even a notice."""
    assert rules(twelve) == {
        2: ["overlapping_labour"],
        3: ["overlapping_labour"],
        6: ["signature_missing"],
        10: ["expense_without_receipt"],
    }
    assert VisitRow.objects.filter(needs_review=True).count() == 12


def test_scenario_o5_2_approving_all_without_flags_takes_eight(client: Client, twelve: November) -> None:
    """One action approves the eight others, leaves a row of audit each, and is taken back within its time."""
    answer = client.post("/visits/approve", {"all": "clean", "view": "clean"}, secure=True)
    assert "8 visits approved" in words(answer)
    assert AuditEvent.objects.filter(action="visit.approve").count() == 8
    projection.catch_up(twelve_org(client))
    waiting = {row.number for row in VisitRow.objects.filter(needs_review=True)}
    assert waiting == {"TK07-2026-0102", "TK07-2026-0103", "TK11-2026-0079", "TK11-2026-0080"}
    token = re.search(r'name="token" value="([^"]+)"', answer.content.decode())
    assert token
    assert 'data-gone-after="10"' in answer.content.decode()
    client.post("/visits/undo", {"token": token[1]}, secure=True)
    projection.catch_up(twelve_org(client))
    assert VisitRow.objects.filter(needs_review=True).count() == 12


def twelve_org(client: Client) -> int:
    """Return the organisation of the only service there is."""
    from techkit.central import accounts

    return accounts.the_org().id


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("technician=Ines+Okafor", [1, 2, 3, 7, 8, 9, 12]),
        ("technician=Ines+Okafor&flag=overlapping_labour", [2, 3]),
        ("technician=Ines+Okafor&flag=overlapping_labour&kind=troubleshooting", [3]),
        ("flag=overlapping_labour&outcome=resolved&from=2026-11-01&to=2026-11-30&state=received", [2, 3]),
        ("from=2026-11-10&to=2026-11-13&technician=Pavel+Novotny", [4, 5]),
        ("outcome=no_access", [12]),
        ("state=approved", []),
        ("from=2026-12-01&to=2026-12-31", []),
        ("q=rentledger&outcome=resolved", [2, 10]),
    ],
)
def test_scenario_o5_6_filters_combine_and_the_file_has_the_same_rows(
    client: Client, twelve: November, query: str, expected: list[int]
) -> None:
    """Technician, customer, month, flag, outcome and state narrow together; CSV and JSON hold just these rows."""
    import json

    address = f"view=all&customer={twelve.customer}&{query}"
    shown = numbers(client.get(f"/visits?{address}", secure=True))
    assert sorted(shown) == sorted(number_of(twelve, n) for n in expected)
    page = client.get(f"/visits/export?{address}", secure=True)
    rows = list(csv.DictReader(io.StringIO(page.content.decode("utf-8-sig"))))
    assert [row["number"] for row in rows] == shown
    lines = client.get(f"/visits/export?{address}&format=jsonl", secure=True).content.decode().splitlines()
    assert [json.loads(line)["number"] for line in lines] == shown


def number_of(twelve: November, n: int) -> str:
    """Return the printed number of one of the twelve."""
    return str(VisitRow.objects.get(id=twelve.ids[n]).number)


def test_scenario_o5_6_the_address_of_the_page_is_the_address_of_the_file(
    client: Client, twelve: November
) -> None:
    """The page's own link leads to the file of its filters; each export is kept in the audit trail."""
    address = (
        f"/visits?view=all&technician=Ines+Okafor&customer={twelve.customer}&from=2026-11-01&to=2026-11-30"
    )
    page = client.get(address, secure=True)
    link = re.search(r'href="(/visits/export\?[^"]*what=visits[^"]*format=csv)"', page.content.decode())
    assert link
    file = client.get(html.unescape(link[1]), secure=True)
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert [row["number"] for row in rows] == numbers(page)
    event = AuditEvent.objects.get(action="export")
    assert event.detail["lines"] == 7
    assert "technician=Ines+Okafor" in event.detail["filter"]


@pytest.mark.parametrize("what", ["activities", "charges"])
def test_scenario_o5_6_activities_and_charges_of_the_same_filter(
    client: Client, twelve: November, what: str
) -> None:
    """Their files hold the visits of the filter and no other."""
    page = client.get(f"/visits/export?view=all&kind=troubleshooting&what={what}", secure=True)
    rows = list(csv.DictReader(io.StringIO(page.content.decode("utf-8-sig"))))
    expected = {number_of(twelve, n) for n in (1, 3, 4, 6, 7, 8)}
    assert {row["number"] for row in rows} == expected


def test_scenario_o5_6_a_customer_named_like_a_formula_is_text(van: Any, maren: Any, browser_of: Any) -> None:
    """Whatever begins with = + - @ stands behind an apostrophe; numbers stay numbers."""
    from tests.central import samples

    for n, name in enumerate(("=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(1)", "\tx", "plain")):
        van.send(*samples.plain_visit(f"TK07-2026-10{n:02}", name, "Ada Berg"))
    content = browser_of(maren).get("/visits/export?view=all", secure=True).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    found = {row["customer"] for row in rows}
    assert {"'=cmd|' /C calc'!A0", "'+1", "'-1+1", "'@SUM(1)", "plain"} <= found
    assert all(float(row["net"]) > 0 for row in rows)


def test_scenario_o5_7_figures_of_the_month(client: Client) -> None:
    """Five cases resolved, three fixed at once, all three provisional; 45.0 hours in the mean, 20.0 in the median."""
    text = words(client.get("/figures?month=2026-11", secure=True))
    assert "Fault cases resolved 5" in text
    assert "First-time fix 60.0 % 3 of 5 · 3 provisional until 12 Dec 2026" in text
    assert "Time to resolve, mean 45.0 h" in text
    assert "Time to resolve, median 20.0 h" in text


def test_the_week_says_what_was_fixed_the_first_time(client: Client) -> None:
    """Of the cases resolved from 2 to 8 November no 1 and no 6 were, no 3 came back."""
    assert "Fixed the first time 2 of 3" in words(client.get("/overview?week=2026-11-02", secure=True))


def test_scenario_o5_7_each_case_says_why_it_counts(client: Client) -> None:
    """No 3 came back as no 4, no 7 and 8 are two attempts at one case, the others are provisional by date."""
    text = words(client.get("/figures?month=2026-11", secure=True))
    assert re.search(r"TK07-2026-0101 .{30,45} 6.0 h 1 Yes, provisional until 2 Dec 2026", text)
    assert re.search(r"TK07-2026-0103 .{30,45} 26.0 h 1 No: came back, TK11-2026-0077", text)
    assert re.search(r"TK11-2026-0079 .{30,45} 20.0 h 1 Yes, provisional until 6 Dec 2026", text)
    assert re.search(r"TK11-2026-0077 .{30,45} 5.0 h 1 Yes, provisional until 12 Dec 2026", text)
    assert re.search(r"TK07-2026-0104 , TK07-2026-0105 .{30,45} 168.0 h 2 No: 2 attempts", text)


def test_scenario_o5_7_after_the_window_it_is_certain(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On 13 December nothing is provisional any more, the share is the same."""
    monkeypatch.setattr(reports, "now", lambda: datetime(2026, 12, 13, 8, tzinfo=UTC))
    text = words(client.get("/figures?month=2026-11", secure=True))
    assert "First-time fix 60.0 % 3 of 5" in text
    assert "provisional" not in text


def test_scenario_o5_7_void_visits_count_nowhere(client: Client, maren: Any, twelve: November) -> None:
    """A visit entered twice and declared void is in no figure."""
    review.void(maren, twelve.ids[4], None, "Entered twice")
    text = words(client.get("/figures?month=2026-11", secure=True))
    assert "Fault cases resolved 4" in text
    assert "First-time fix 75.0 % 3 of 4" in text
    assert re.search(r"\bVisits 11\b", text)


def test_scenario_o5_8_counts_and_the_rows_behind_them(client: Client) -> None:
    """Twelve visits, one without access, two training hours, eight attendee hours; each opens its rows."""
    page = client.get("/figures?month=2026-11", secure=True)
    text = words(page)
    assert "Visits 12 submitted" in text
    assert "No access 1 1 of 12" in text
    assert "Training hours 2 h" in text.replace("\xa0", " ")
    assert "Attendee hours 8 h" in text.replace("\xa0", " ")
    links = dict(
        re.findall(
            r'<a class="card" href="([^"]+)"><span[^>]*><svg.*?</svg> ([^<]+)</span>', page.content.decode()
        )
    )
    by_label = {label: html.unescape(address) for address, label in links.items() if "#" not in address}
    assert len(numbers(client.get(by_label["Visits"], secure=True))) == 12
    assert len(numbers(client.get(by_label["No access"], secure=True))) == 1
    for anchor in re.findall(r'<a class="card" href="#([a-z]+)"', page.content.decode()):
        assert f'id="{anchor}"' in page.content.decode()
    assert text.count("TK11-2026-0078") == 1  # the row behind the training hours


def test_scenario_o3_8_training_hours_of_the_month_rise(client: Client, org: Any, twelve: November) -> None:
    """A session of 1.5 hours with five people adds 1.5 to the sessions' and 7.5 to the attendees' hours."""
    from techkit.records.activities import Attendance, Training
    from techkit.records.identity import new_id
    from techkit.records.schema import replace
    from tests.central import samples

    before = words(client.get("/figures?month=2026-11", secure=True))
    records = samples.plain_visit(
        "TK11-2026-0090", "Harbourlight Community College", "Amara Dube", days_ago=-2
    )
    there = [
        (name, name != "Ewa Nowak") for name in ("Amara", "Bjorn", "Chiara", "Deniz", "Ewa Nowak", "Farid")
    ]
    records = [
        replace(
            held,
            minutes=90,
            attendance=tuple(
                Attendance(contact_id=new_id(), name=name, is_present=is_there, skill_before=2, skill_after=3)
                for name, is_there in there
            ),
        )
        if isinstance(held, Training)
        else held
        for held in records
    ]
    Van(org, "Pavel Novotny", "TK12").send(*records)
    after = words(client.get("/figures?month=2026-11", secure=True))
    hours = [
        re.search(r"Training hours ([\d.]+)\s*h .*?Attendee hours ([\d.]+)\s*h", text)
        for text in (before, after)
    ]
    assert [(held[1], held[2]) for held in hours if held] == [("2", "8"), ("3.5", "15.5")]


def test_scenario_o5_10_no_address_takes_a_reviewers_words_for_the_technicians(
    client: Client, twelve: November
) -> None:
    """Whatever a reviewer posts to any address of a visit, the entries and notes stay as they were written."""
    from techkit.central import accounts, bundles

    org_id = accounts.the_org().id
    before = bundles.load(org_id, twelve.ids[1])
    assert before
    forged = {
        "title": "Other words", "summary_for_customer": "Other words", "note_customer": "Other words",
        "outcome": Outcome.NOT_RESOLVED.value, "rev": before.rev, "question": "Why?", "body": "Hm.",
        "technician": INES, "minutes": "1",
    }  # fmt: skip
    for step in ("approve", "ask", "settle", "comment", "decide", "conflict", "book", ""):
        for method in (client.post, client.put, client.patch, client.delete):
            method(
                f"/visits/{twelve.ids[1]}/{step}".rstrip("/"),
                forged,
                secure=True,
                content_type="application/json",
            )
        client.post(f"/visits/{twelve.ids[1]}/{step}".rstrip("/"), forged, secure=True)
    after = bundles.load(org_id, twelve.ids[1])
    assert after
    assert after.bundle.activities == before.bundle.activities
    assert after.bundle.labour == before.bundle.labour
    from techkit.records.schema import replace

    assert replace(after.bundle.visit, review_state=before.bundle.visit.review_state) == before.bundle.visit
