"""One visit's page: claim, evidence and money; questions; no approval while one is open."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from techkit import i18n
from techkit.central import review
from techkit.records.activities import (
    NeedsAnalysis,
    Option,
    PurchaseAssistance,
    QuotedItem,
    Troubleshooting,
)
from techkit.records.budget import Allocation, CostCentre
from techkit.records.identity import new_id
from techkit.records.schema import replace
from techkit.records.signing import Signature
from techkit.records.success import FollowUp
from techkit.records.visit import SupplyUse
from tests.central import samples
from tests.central.test_review import row_of, visit_of


@pytest.fixture
def client(maren: Any, browser_of: Callable[[Any], Client]) -> Client:
    """Give Maren's browser."""
    return browser_of(maren)


def text_of(client: Client, visit_id: str, query: str = "") -> str:
    """Return a visit's page without its tags, spaces joined."""
    page = client.get(f"/visits/{visit_id}{query}", secure=True)
    assert page.status_code == 200
    plain = re.sub(r"<(style|script|svg).*?</\1>", " ", page.content.decode(), flags=re.DOTALL)
    plain = re.sub(r"<[^>]+>", " ", plain)
    return " ".join(plain.replace("&#39;", "'").replace("&amp;", "&").split())


def sent_and_shown(van: Any, client: Client, records: list[Any]) -> str:
    """Let a visit's records arrive and return the text of its page."""
    van.send(*records)
    return text_of(client, visit_of(records).id)


def test_scenario_o1_8_the_promise_is_there_for_remote_staff(van: Any, client: Client) -> None:
    """The follow-up due 7 December stands on the page, for customer success, with its reason."""
    text = sent_and_shown(van, client, samples.slow_computer())
    assert "Call: did the backup run?" in text
    assert "7 December 2026" in text
    assert "Customer success" in text


def test_before_and_after_stand_side_by_side_in_words(van: Any, client: Client) -> None:
    """The table holds what changed and what is still open, with words beside the numbers."""
    text = sent_and_shown(van, client, samples.slow_computer())
    assert "2.1 GB (0.9 %) 61.4 GB (25.8 %)" in text
    assert "Better" in text
    assert "never never Still open" in text


def test_money_adds_up_to_the_cent(van: Any, client: Client) -> None:
    """Labour, travel and supplies give the total of the paper (O1-3)."""
    text = sent_and_shown(van, client, samples.slow_computer())
    for amount in ("€85.00", "€18.00", "€6.90", "€109.90"):
        assert amount in text


def test_what_was_taken_back_and_what_cost_francs_stand_there_once(van: Any, client: Client) -> None:
    """A part that was taken back lowers the sum, and an amount in another currency is told once, in no total."""
    records = samples.slow_computer()
    visit = visit_of(records)
    back = SupplyUse(
        id=new_id(), visit_id=visit.id, name="Long cable", unit_price_minor=640, is_returned=True
    )
    francs = SupplyUse(id=new_id(), visit_id=visit.id, name="Adapter", unit_price_minor=900, currency="CHF")
    van.send(*records, back, francs)
    text = text_of(client, visit.id)
    assert "Taken back: Long cable" in text
    assert i18n.money(-640, "EUR") in text
    assert text.count("in another currency") == 1
    assert i18n.money(10990 - 640, "EUR") in text


def test_budgets_show_what_is_left_after_the_visit(van: Any, client: Client) -> None:
    """Shares to the cent, and each cost centre's budget with its words (O2-5, O2-6)."""
    text = sent_and_shown(van, client, samples.dental_practice())
    for words in ("€115.14", "€76.76", "€374.86 left (favourable)", "92.2", "€1,802.74 left (favourable)"):
        assert words in text
    assert "2\xa0h 45\xa0min left after this visit" in text.replace("2 h 45 min", "2\xa0h 45\xa0min")


def test_budgets_count_other_visits_that_are_not_booked_yet(van: Any, maren: Any, client: Client) -> None:
    """As booked and with what waits stand apart: the second is what the technician saw before the signature."""
    records = samples.dental_practice()
    visit = visit_of(records)
    front, surgery = (held for held in records if isinstance(held, CostCentre))

    def other(number: str, price_minor: int, **more: Any) -> list[Any]:
        own = replace(visit, id=new_id(), number=number, **more)
        used = SupplyUse(id=new_id(), visit_id=own.id, name="Label printer", unit_price_minor=price_minor)
        share = Allocation(id=new_id(), visit_id=own.id, cost_centre_id=front.id, share_percent=Decimal(100))
        return [own, used, share]

    # Each with the card's 25.00 for travel.
    van.send(*records, *other("TK07-2026-0003", 40_000))
    text = text_of(client, visit.id)
    assert "€374.86 left (favourable)" in text
    assert "1 other visit is not booked yet and takes €425.00: then €50.14 over (unfavourable)." in text
    assert text.count("not booked yet and take") == 1, f"{surgery.code} bears only this visit"
    # Neither a visit declared void nor one of last year's budget, nor one that never began.
    mistake = other("TK07-2026-0004", 10_000)
    van.send(*mistake)
    review.void(maren, mistake[0].id, row_of(mistake[0]).rev, "Entered twice.")
    van.send(*other("TK07-2026-0005", 10_000, arrived_at=datetime(2025, 11, 24, 8, tzinfo=UTC)))
    van.send(*other("TK07-2026-0006", 10_000, arrived_at=None))
    assert "1 other visit is not booked yet and takes €425.00" in text_of(client, visit.id)
    van.send(*other("TK07-2026-0007", 5_000))
    text = text_of(client, visit.id)
    assert "2 other visits are not booked yet and take €500.00: then €125.14 over (unfavourable)." in text


def test_scenario_o2_9_every_confirmed_activity_is_proven_by_inventory(van: Any, client: Client) -> None:
    """Claim and evidence stand side by side, each confirmed activity marked as proven by the inventory."""
    text = sent_and_shown(van, client, samples.dental_practice())
    assert text.count("Proven by inventory") == 3
    assert "Claim not proven" not in text
    assert "DentaBook: 9.9 → 9.10" in text


def test_scenario_o2_10_a_claim_the_inventory_contradicts_is_marked(van: Any, client: Client) -> None:
    """The entry says not proven, the flag says what the inventory shows, approval asks for a reason."""
    text = sent_and_shown(van, client, samples.dental_practice(after_version="9.9"))
    assert "Claim not proven" in text
    assert text.count("Proven by inventory") == 2
    assert "Why approve it all the same?" in text
    assert "What matters here: “DentaBook 9.9 → 9.10” is not proven" in text


def test_a_question_stands_beneath_its_entry_and_hides_approve(van: Any, client: Client) -> None:
    """Asked on an entry's field it shows there, says when it reaches the technician, and Approve is gone."""
    records = samples.slow_computer()
    van.send(*records)
    visit = visit_of(records)
    entry = next(held for held in records if isinstance(held, Troubleshooting))
    assert "Approving releases the visit" in text_of(client, visit.id)
    asked = {
        "question": "Which four programs?",
        "about_kind": "troubleshooting",
        "about_id": entry.id,
        "about_field": "cause",
    }
    answer = client.post(f"/visits/{visit.id}/ask", asked, secure=True)
    assert answer.status_code == 302
    page = client.get(f"/visits/{visit.id}", secure=True).content.decode()
    article = re.search(rf'<article class="entry" id="e-{entry.id}">.*?</article>', page, re.DOTALL)
    assert article
    assert "Which four programs?" in article[0]
    assert "The technician sees this at the next sync." in article[0]
    assert f"/visits/{visit.id}/approve" not in page
    assert "A question is still open." in page


def test_the_technicians_answer_shows_beneath_the_question(van: Any, maren: Any, client: Client) -> None:
    """After the answer came the page shows it, and Approve is offered again."""
    from techkit.central import review

    records = samples.slow_computer()
    van.send(*records)
    visit = visit_of(records)
    query_id = review.ask(maren, visit.id, "Which four programs?")
    van.change(query_id, answer="Chat and three updaters.", state="answered", answered_by="Ines Okafor")
    text = text_of(client, visit.id)
    assert "Chat and three updaters." in text
    assert "Approving releases the visit" in text


def test_approving_goes_on_to_the_next_visit(van: Any, client: Client) -> None:
    """After Approve the next visit of the same list opens."""
    van.send(*samples.plain_visit("TK07-2026-0003", "First Firm", "Ada Berg", 3))
    records = samples.plain_visit("TK07-2026-0004", "Second Firm", "Bo Lind", 2)
    van.send(*records)
    first = row_of_first(client)
    answer = client.post(
        f"/visits/{first}/approve", {"rev": rev_of(client, first), "view": "needs-me"}, secure=True
    )
    assert answer.status_code == 302
    assert visit_of(records).id in answer["Location"]


def row_of_first(client: Client) -> str:
    """Return the id of the list's first visit."""
    page = client.get("/visits", secure=True).content.decode()
    found = re.search(r'name="visit" value="([0-9a-f-]{36})@', page)
    assert found
    return found[1]


def rev_of(client: Client, visit_id: str) -> str:
    """Return the revision the page would decide on."""
    page = client.get(f"/visits/{visit_id}", secure=True).content.decode()
    found = re.search(r'name="rev" value="(\d+)"', page)
    assert found
    return found[1]


def test_a_stale_page_is_told_and_shows_what_is_new(van: Any, maren: Any, client: Client) -> None:
    """Deciding from an old page answers 409 with the sentence, and the page as it is now."""
    from techkit.central import review

    records = samples.slow_computer()
    van.send(*records)
    visit = visit_of(records)
    old = rev_of(client, visit.id)
    review.comment(maren, visit.id, "I look at this one.")
    answer = client.post(f"/visits/{visit.id}/approve", {"rev": old}, secure=True)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "This visit has changed since you opened it." in page
    assert "I look at this one." in page
    assert row_of(visit).review_state == "received"


def test_a_promise_due_today_is_not_overdue() -> None:
    """Due today reads so; from tomorrow on it counts the days."""
    from techkit.central.pages.visit_promises import due_mark

    today = date(2026, 12, 7)

    def words(due: date) -> str:
        mark = due_mark(FollowUp(id="f", customer_id="c", text="Call", due_on=due), today)
        return mark.words if mark else ""

    assert words(date(2026, 12, 8)) == ""
    assert words(today) == "Due today"
    assert words(date(2026, 12, 5)) == "2 days overdue"


def test_hostile_text_of_a_technician_stays_text(van: Any, client: Client) -> None:
    """Markup, right-to-left marks and templates in a record are shown as written."""
    hostile = "<img src=x onerror=alert(1)>{{7*7}}\u202eevil</script>"
    records = samples.plain_visit("TK07-2026-0009", hostile, "Ada Berg", purpose=hostile)
    van.send(*records)
    page = client.get(f"/visits/{visit_of(records).id}", secure=True).content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;{{7*7}}" in page
    assert "49\u202e" not in page


def test_the_customers_paper_is_one_click_away(van: Any, client: Client) -> None:
    """The summary opens as PDF and holds the visit's number and the customer's name."""
    import io

    from pypdf import PdfReader

    records = samples.slow_computer()
    van.send(*records)
    answer = client.get(f"/visits/{visit_of(records).id}/summary.pdf", secure=True)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    assert "TK07-2026-0001" in text
    assert "Odalys" in text
    assert "Router password" not in text


def test_an_unknown_visit_is_told(client: Client) -> None:
    """An id that is nobody's answers 404 with a way back."""
    answer = client.get("/visits/01a1fff5-9221-737e-a7e7-e61c1b76cb53", secure=True)
    assert answer.status_code == 404
    assert "There is no such visit." in answer.content.decode()


def test_reading_a_visit_is_kept_in_the_audit_trail(van: Any, client: Client) -> None:
    """Who opened a customer's visit stands in the trail."""
    from techkit.central.models import AuditEvent

    records = samples.slow_computer()
    van.send(*records)
    client.get(f"/visits/{visit_of(records).id}", secure=True)
    row = AuditEvent.objects.get(action="visit.read")
    assert (row.actor_name, row.object_id) == ("Maren Vogt", visit_of(records).id)


def test_a_conflict_is_decided_in_two_clicks(org: Any, van: Any, maren: Any, client: Client) -> None:
    """Two devices wrote another phone number each: both versions stand on the page, one is chosen with a word."""
    from techkit.central import feed
    from techkit.central.models import Conflict
    from techkit.records.parties import Contact
    from tests.central.arrivals import Van

    records = samples.slow_computer()
    van.send(*records)
    visit = visit_of(records)
    person = next(held for held in records if isinstance(held, Contact))
    other = Van(org, "Pavel Novotny", "TK11")
    feed.grant(other.device, f"customer:{visit.customer_id}")
    van.change(person.id, role="owner", _unseen=True)
    other.change(person.id, role="grandmother", _unseen=True)
    assert Conflict.objects.filter(decided_by_op=None).count() == 1
    assert row_of(visit).conflict_count == 1
    page = client.get(f"/visits/{visit.id}", secure=True).content.decode()
    assert "Two versions of “Role”" in page
    assert "grandmother" in page
    conflict = re.search(r'name="conflict" value="([^"]+)"', page)
    version = re.search(r'value="([^"]+)"[^>]*>(?:(?!</button>).)*?> owner</span>', page, re.DOTALL)
    assert conflict
    assert version
    decision = {"conflict": conflict[1], "side": version[1], "note": "She told me so."}
    assert client.post(f"/visits/{visit.id}/conflict", decision, secure=True).status_code == 302
    text = text_of(client, visit.id)
    assert "Two versions" not in text
    assert row_of(visit).conflict_count == 0
    again = client.post(f"/visits/{visit.id}/conflict", decision, secure=True)
    assert again.status_code == 409


def test_a_choice_left_to_the_office_stands_beside_the_versions(
    org: Any, van: Any, maren: Any, client: Client
) -> None:
    """Who leaves the choice, when, and the technician's word, as text and nothing else."""
    from techkit.central import feed
    from techkit.central.models import Conflict
    from techkit.records.parties import Contact
    from techkit.records.review import LeftChoice
    from tests.central.arrivals import Van

    records = samples.slow_computer()
    van.send(*records)
    visit = visit_of(records)
    person = next(held for held in records if isinstance(held, Contact))
    other = Van(org, "Pavel Novotny", "TK11")
    feed.grant(other.device, f"customer:{visit.customer_id}")
    van.change(person.id, role="owner", _unseen=True)
    other.change(person.id, role="grandmother", _unseen=True)
    assert "leaves the choice to the office" not in text_of(client, visit.id)
    word = LeftChoice(
        id=new_id(),
        customer_id=visit.customer_id,
        about_kind="contact",
        about_id=person.id,
        conflicts=(str(Conflict.objects.get().pk),),
        note="Neither knows.<script>",
        left_by="Pavel Novotny",
        left_at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
    )
    other.send(word)
    page = client.get(f"/visits/{visit.id}", secure=True).content.decode()
    assert "Pavel Novotny leaves the choice to the office, " in page
    assert "Neither knows.&lt;script&gt;" in page


@pytest.mark.parametrize(("chosen", "is_gone"), [("removed", True), ("kept", False)])
def test_removed_here_and_edited_there_is_decided_both_ways(
    org: Any, van: Any, client: Client, chosen: str, is_gone: bool
) -> None:
    """Staff let the removal stand or keep the record with its edit; each button does what it says."""
    from techkit.central import feed
    from techkit.central.models import Record as Row
    from techkit.records.parties import Contact
    from tests.central.arrivals import Van

    records = samples.slow_computer()
    van.send(*records)
    visit = visit_of(records)
    person = next(held for held in records if isinstance(held, Contact))
    other = Van(org, "Pavel Novotny", "TK11")
    feed.grant(other.device, f"customer:{visit.customer_id}")
    van.remove(person.id, "moved away", _unseen=lambda: other.change(person.id, role="grandmother"))
    page = client.get(f"/visits/{visit.id}", secure=True).content.decode()
    conflict = re.search(r'name="conflict" value="([^"]+)"', page)
    version = re.search(
        rf'name="side" value="([^"]+)"[^>]*>(?:(?!</button>).)*?> {chosen}</span>', page, re.DOTALL
    )
    assert conflict
    assert version
    decision = {"conflict": conflict[1], "side": version[1]}
    assert client.post(f"/visits/{visit.id}/conflict", decision, secure=True).status_code == 302
    row = Row.objects.get(entity_id=person.id)
    assert (row.deleted, row.state["role"]) == (is_gone, "grandmother")


def test_the_page_tells_whether_the_record_is_what_was_signed(van: Any, client: Client) -> None:
    """A signature bound to the page made from the record is confirmed; one bound to another page is not."""
    records = samples.slow_computer()
    van.send(*records)
    assert "The record is what was signed" in text_of(client, visit_of(records).id)
    other = [
        replace(held, content_hash="0" * 64) if isinstance(held, Signature) else held
        for held in samples.slow_computer()
    ]
    van.send(*other)
    assert "The record was changed after signing" in text_of(client, visit_of(other).id)


def test_times_are_those_of_the_customers_place(van: Any, client: Client) -> None:
    """A visit recorded in another zone shows its own clock and says which."""
    text = sent_and_shown(van, client, samples.slow_computer(time_zone="", utc_offset_minutes=-300))
    assert "04:10–05:25 (UTC-05:00)" in text


def test_options_quotes_and_sources_stand_in_the_review(van: Any, client: Client) -> None:
    """What was compared, quoted and looked up is read by the reviewer, in the visit's currency."""
    records = samples.slow_computer()
    visit = visit_of(records)
    records += [
        NeedsAnalysis(
            id=new_id(),
            visit_id=visit.id,
            title="Scanning at two desks",
            goals=("Both scan",),
            options=(Option(title="One scanner", cost_minor=34000, fit=4), Option(title="Two scanners")),
            currency="CHF",
        ),
        PurchaseAssistance(
            id=new_id(),
            visit_id=visit.id,
            title="Notebooks",
            items=(
                QuotedItem(
                    product="Swift 14",
                    quantity=Decimal(2),
                    price_minor=89900,
                    vendor="Kabelhaus",
                    valid_until=date(2026, 11, 20),
                ),
            ),
            decision="accepted",
        ),
    ]
    van.send(*records)
    text = text_of(client, visit.id)
    assert "One scanner, about CHF 340.00, fits 4 of 5; Two scanners" in text
    assert "2 × Swift 14, €899.00 each, Kabelhaus, quote valid until 20 November 2026" in text
    assert "The quote for “Swift 14” was valid until 20 November 2026 only." in text
