"""The budget pages, and booking from a visit's page: figures in words, rows behind them, steps refused in a sentence."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from techkit.records.visit import Visit
from tests.central import samples
from tests.central.test_budgets import holding
from tests.central.test_posting import approve, approved, finn
from tests.central.test_review import row_of

__all__ = ["approved", "finn"]


@pytest.fixture
def money(finn: Any, browser_of: Callable[[Any], Client]) -> Client:
    """Give the browser of Finn of finance."""
    return browser_of(finn)


def words(page: Any, status: int = 200) -> str:
    """Return a page without its tags, spaces joined."""
    assert page.status_code == status, page.content.decode()
    plain = re.sub(r"<(style|script|svg).*?</\1>", " ", page.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", plain)).split())


def test_scenario_o2_7_booking_by_the_button_shows_the_same_figures(money: Client, approved: Visit) -> None:
    """Before and after booking the page says what each budget has left; the budget page says the same."""
    address = f"/visits/{approved.id}"
    before = words(money.get(address, secure=True))
    assert "The costs count in November 2026. Book €191.90" in before
    rev = row_of(approved).rev
    answer = money.post(f"{address}/book", {"rev": rev}, secure=True)
    assert (answer.status_code, answer["Location"].endswith("#money")) == (302, True)
    after = words(money.get(address, secure=True))
    for text in ("€374.86 left (favourable)", "€1,802.74 left (favourable)", "92.2 % used", "70.0 % used"):
        assert text in before
        assert text in after
    assert "Book €191.90" not in after
    assert "Take the booking back" in after
    overview = words(money.get("/budgets", secure=True))
    assert "LDG-FRONT Reception Larkspur Dental Group" in overview
    assert "€374.86 left (favourable)" in overview
    assert "1 nearly or wholly used up" in overview
    week = words(money.get("/overview?week=2026-11-02", secure=True))
    assert "LDG-FRONT Reception Larkspur Dental Group · " in week
    assert "Budget nearly used up €374.86 92.2 % used" in week
    assert "No budget of the year is nearly used up." in words(
        money.get("/overview?week=2025-11-03", secure=True)
    )
    account = words(money.get(f"/budgets/{holding_of(money, 'LDG-FRONT')}", secure=True))
    assert "Available €374.86" in account
    assert "TK07-2026-0002" in account
    assert "€4,310.00 of it was spent before techkit booked here." in account


def holding_of(client: Client, code: str) -> str:
    """Return the id in the link of a cost centre's budget."""
    page = client.get("/budgets", secure=True).content.decode()
    found = re.search(rf'href="/budgets/([0-9a-f-]{{36}})">{code}', page)
    assert found
    return found[1]


def test_pressing_twice_books_once(money: Client, approved: Visit) -> None:
    """The second press of an old page leads back to the visit; nothing is booked again."""
    rev = row_of(approved).rev
    for _n in range(2):
        assert money.post(f"/visits/{approved.id}/book", {"rev": rev}, secure=True).status_code == 302
    assert (
        words(money.get(f"/budgets/{holding_of(money, 'LDG-FRONT')}", secure=True)).count("TK07-2026-0002")
        == 4
    )


def test_taking_back_wants_a_reason_and_shows_both(money: Client, approved: Visit) -> None:
    """Without a reason nothing happens; with one the opposite rows stand beside the first ones."""
    address = f"/visits/{approved.id}"
    money.post(f"{address}/book", {"rev": row_of(approved).rev}, secure=True)
    step = {"rev": row_of(approved).rev, "step": "take_back", "reason": " "}
    assert "The reason is still empty." in words(money.post(f"{address}/book", step, secure=True), 422)
    step = {"rev": row_of(approved).rev, "step": "take_back", "reason": "Wrong cost centre."}
    assert money.post(f"{address}/book", step, secure=True).status_code == 302
    text = words(money.get(address, secure=True))
    assert "takes an entry back: Wrong cost centre." in text
    assert "taken back later; kept to be seen" in text
    assert "Reopened" in text


def test_reviewers_see_money_and_touch_none(
    maren: Any, browser_of: Callable[[Any], Client], approved: Visit
) -> None:
    """A reviewer reads the budgets; every step of finance answers 403."""
    client = browser_of(maren)
    page = client.get(f"/visits/{approved.id}", secure=True).content.decode()
    assert "/book" not in page
    assert "Approve a budget" not in words(client.get("/budgets", secure=True))
    front = holding(maren, "LDG-FRONT").id
    for address in (
        f"/visits/{approved.id}/book",
        f"/budgets/{front}/change",
        "/budgets/months",
        "/budgets/approve",
    ):
        assert (
            client.post(address, {"step": "revise", "amount": "1", "reason": "x"}, secure=True).status_code
            == 403
        )


def test_a_budget_is_revised_transferred_and_promised_from_its_page(money: Client, approved: Visit) -> None:
    """Each form leads to the revision that holds now, which tells what changed, by whom and why."""
    front, surgery = holding_of(money, "LDG-FRONT"), holding_of(money, "LDG-SURG")
    step = {"step": "revise", "amount": "5,200.00", "reason": "A second desk."}
    answer = money.post(f"/budgets/{front}/change", step, secure=True)
    assert answer.status_code == 302
    front = answer["Location"].removeprefix("/budgets/")
    text = words(money.get(f"/budgets/{front}", secure=True))
    assert "A second desk." in text
    assert "Against the €4,800.00 approved at first: €490.00 left (favourable)." in text
    step = {"step": "transfer", "amount": "100", "to": surgery, "reason": "Balance."}
    front = money.post(f"/budgets/{front}/change", step, secure=True)["Location"].removeprefix("/budgets/")
    assert "€100.00 to LDG-SURG" in words(money.get(f"/budgets/{front}", secure=True))
    step = {"step": "commit", "amount": "300", "text": "A label printer"}
    assert money.post(f"/budgets/{front}/change", step, secure=True).status_code == 302
    page = money.get(f"/budgets/{front}", secure=True).content.decode()
    assert "A label printer" in page
    promised = re.search(r'name="commitment" value="([^"]+)"', page)
    assert promised
    step = {"step": "release", "commitment": promised[1]}
    money.post(f"/budgets/{front}/change", step, secure=True)
    assert "Released" in words(money.get(f"/budgets/{front}", secure=True))


@pytest.mark.parametrize(
    ("step", "status", "sentence"),
    [
        ({"step": "revise", "amount": "lots", "reason": "x"}, 422, "“lots” is not a number here."),
        ({"step": "revise", "amount": "1e9", "reason": "x"}, 422, "is not a number here."),
        ({"step": "revise", "amount": "-5", "reason": "x"}, 422, "That amount cannot be."),
        ({"step": "revise", "amount": "5", "reason": ""}, 422, "The reason is still empty."),
        ({"step": "transfer", "amount": "9000", "to": "", "reason": "x"}, 404, "There is no such record."),
        ({"step": "commit", "amount": "5", "text": "  "}, 422, "What was promised is still empty."),
        ({"step": "release", "commitment": "x"}, 404, "There is no such record."),
        ({"step": "burn"}, 422, "That is no step techkit knows."),
    ],
)
def test_what_cannot_be_is_told_and_nothing_changes(
    money: Client, approved: Visit, step: dict[str, str], status: int, sentence: str
) -> None:
    """A refused step says what is wrong on the same page."""
    front = holding_of(money, "LDG-FRONT")
    assert sentence in words(money.post(f"/budgets/{front}/change", step, secure=True), status)
    assert holding_of(money, "LDG-FRONT") == front


def test_the_rows_of_a_budget_come_as_a_file(money: Client, van: Any, maren: Any) -> None:
    """CSV adds up to what was booked; text that looks like a formula is none; the export is traced."""
    from techkit.central.models import AuditEvent
    from techkit.records.schema import replace
    from techkit.records.visit import SupplyUse

    records = [
        replace(held, name="=HYPERLINK(1)") if isinstance(held, SupplyUse) and held.name == "Wipes" else held
        for held in samples.dental_practice()
    ]
    visit = approve(van, maren, records)
    money.post(f"/visits/{visit.id}/book", {"rev": row_of(visit).rev}, secure=True)
    answer = money.get(f"/budgets/{holding_of(money, 'LDG-FRONT')}/export", secure=True)
    assert answer["Content-Disposition"] == 'attachment; filename="techkit-costs-LDG-FRONT.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert round(sum(float(row["net"]) for row in rows), 2) == 115.14
    assert "'=HYPERLINK(1)" in {row["what"] for row in rows}
    assert AuditEvent.objects.filter(action="export").count() == 1


def test_a_new_budget_is_made_from_the_list(money: Client, approved: Visit) -> None:
    """A cost centre and its budget are made by the forms; a period that cannot be keeps what was typed."""
    made = {"customer": approved.customer_id, "code": "LDG-LAB", "name": "Laboratory"}
    assert money.post("/budgets/add-centre", made, secure=True).status_code == 302
    page = money.get("/budgets", secure=True).content.decode()
    assert "No budget yet" in page
    centre = re.search(r'<option value="([^"]+)">Larkspur Dental Group: LDG-LAB', page)
    assert centre
    asked = {"centre": centre[1], "period": "soon", "amount": "1,000", "currency": "EUR", "control": "stop"}
    refused = money.post("/budgets/approve", asked, secure=True)
    assert "That is no period." in words(refused, 422)
    assert 'value="soon"' in refused.content.decode()
    assert money.post("/budgets/approve", {**asked, "period": "2026"}, secure=True).status_code == 302
    assert "€1,000.00 left (favourable)" in words(money.get("/budgets?year=2026", secure=True))


def test_a_month_is_closed_and_opened_from_the_list(money: Client, approved: Visit) -> None:
    """A month that is over can be closed; one that runs is refused in a sentence."""
    assert money.post("/budgets/months", {"month": "2026-01"}, secure=True).status_code == 302
    assert "January 2026" in words(money.get("/budgets", secure=True))
    assert "This month is not over yet." in words(
        money.post("/budgets/months", {"month": "2999-01"}, secure=True), 409
    )
    step = {"month": "2026-01", "step": "reopen", "reason": "Late visit."}
    assert money.post("/budgets/months", step, secure=True).status_code == 302
    assert "No month is closed." in words(money.get("/budgets", secure=True))


def test_all_approved_visits_are_booked_together(
    money: Client, van: Any, maren: Any, approved: Visit
) -> None:
    """The view of what is not booked books all of it at once; what cannot be is left out with its reason."""
    from techkit.records.budget import Budget
    from techkit.records.schema import replace

    foreign = [
        replace(held, currency="CHF") if isinstance(held, Budget) else held
        for held in samples.dental_practice(number="TK07-2026-0003")
    ]
    approve(van, maren, foreign)
    assert "Book all of these" in words(money.get("/visits?view=to-book", secure=True))
    answer = words(money.post("/visits/book-all", {"view": "to-book"}, secure=True))
    assert "1 visit booked" in answer
    assert "The visit is reckoned in EUR, the budget of its cost centre in CHF." in answer
    assert "TK07-2026-0003" in words(money.get("/visits?view=to-book", secure=True))
    assert "TK07-2026-0002" not in words(money.get("/visits?view=to-book", secure=True))


def test_a_proposal_is_answered_on_the_page(money: Client, van: Any, approved: Visit) -> None:
    """It counts in the navigation, stands on both pages, is accepted by one press, and declined only with a word."""
    from techkit.records.identity import new_id
    from techkit.records.proposals import BudgetProposal, ProposalKind

    def proposed(**more: Any) -> BudgetProposal:
        return BudgetProposal(
            id=new_id(), customer_id=str(approved.customer_id), budget_id=front, amount_minor=25_000,
            seen_minor=470_000, reason="<b>A second</b> desk.", proposed_by="Ines Okafor", **more,
        )  # fmt: skip

    front = holding_of(money, "LDG-FRONT")
    one, other = proposed(), proposed(kind=ProposalKind.PROMISE)
    broken = proposed(kind=ProposalKind.TRANSFER, to_budget_id=front)
    van.send(one, other, broken)
    page = words(money.get("/budgets", secure=True))
    assert "Budgets 3 proposals wait" in page
    assert (
        "Approve €250.00 more for LDG-FRONT 2026 Larkspur Dental Group · Ines Okafor <b>A second</b> desk."
        in page
    )
    assert "When it was proposed €4,700.00 were approved, now it is €4,800.00." in page
    assert "Choose another budget of the same customer." in page
    assert "Approve €250.00 more" in words(money.get(f"/budgets/{front}", secure=True))
    address = f"/budgets/proposals/{one.id}"
    answer = money.post(address, {"step": "accept", "note": "Agreed."}, secure=True)
    assert answer.status_code == 302
    shown = words(money.get(answer["Location"], secure=True))
    assert "Approved €5,050.00" in shown
    assert "Accepted" in shown
    assert "Agreed." in shown
    for step, target, status, sentence in (
        ("accept", one, 409, "has answered this proposal already."),
        ("decline", other, 422, "The reason is still empty."),
        ("burn", other, 422, "That is no step techkit knows."),
        ("accept", broken, 422, "Choose another budget of the same customer."),
    ):
        refused = money.post(f"/budgets/proposals/{target.id}", {"step": step}, secure=True)
        assert sentence in words(refused, status)
    assert money.post(f"/budgets/proposals/{new_id()}", {"step": "accept"}, secure=True).status_code == 404
    declined = money.post(
        f"/budgets/proposals/{other.id}", {"step": "decline", "note": "Not this year."}, secure=True
    )
    assert declined.status_code == 302
    assert "Budgets 1 proposal waits" in words(money.get("/budgets", secure=True))
