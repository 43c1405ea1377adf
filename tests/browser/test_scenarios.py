"""Stories of the office in a real browser: money booked by a key (O2-7), Monday's queue without a pointer (O5-9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.browser.conftest import as_role, come, sign_in
from tests.browser.test_review_pages import findings
from tests.central import samples
from tests.central.test_review import row_of, visit_of


def test_scenario_o2_7_booked_by_a_key_with_the_figures_the_customer_saw(
    office: Any, open_page: Callable[..., Any]
) -> None:
    """A approves, B books: the visit's page and the budget's say 374.86 and 1,802.74 left, both favourable."""
    records = samples.dental_practice()
    office.send(*records)
    visit = visit_of(records)
    as_role("lead")
    page = sign_in(open_page(f"/visits/{visit.id}?view=all"))
    come(page, "#approve")
    page.keyboard.press("a")
    page.wait_for_url("**/visits?**")
    page.goto(f"/visits/{visit.id}?view=all")
    come(page, "#book")
    page.keyboard.press("b")
    page.wait_for_selector("text=Take the booking back")
    assert row_of(visit).review_state == "posted"
    money = page.inner_text("#money")
    assert "€374.86 left (favourable)" in money
    assert "€1,802.74 left (favourable)" in money
    page.click("#money >> text=LDG-FRONT")
    page.wait_for_selector("h1:has-text('LDG-FRONT Reception')")
    assert "€4,425.14" in page.inner_text(".kpis")
    assert page.locator("table.compare tbody tr").count() == 4
    assert findings(page) == []
    page.goto("/budgets")
    assert "€1,802.74 left (favourable)" in page.inner_text("table.accounts")
    page.goto(f"/visits/{visit.id}?view=all")
    page.click("text=Take the booking back")
    page.fill("#back-reason", "Wrong cost centre.")
    page.click("#money button:has-text('Take the booking back')")
    page.wait_for_selector("text=Reopened")
    page.goto("/budgets")
    assert "€490.00 left (favourable)" in page.inner_text("table.accounts")


def test_scenario_o5_9_mondays_queue_by_keyboard_alone(office: Any, open_page: Callable[..., Any]) -> None:
    """Twelve visits: keys move, approve with undo, ask, leave a remark and open the help; no pointer is used."""
    from techkit.central import feed, projection
    from techkit.central.models import VisitRow
    from tests.central.arrivals import Van
    from tests.central.november import november

    twelve = november()
    office.send(*twelve.shared, *twelve.office, *twelve.of("TK07"))
    pavel = Van(office.technician.org, "Pavel Novotny", "TK11")
    feed.grant(pavel.device, f"customer:{twelve.customer}")
    pavel.send(*twelve.of("TK11"))
    projection.catch_up(office.technician.org_id)

    def waiting() -> int:
        projection.catch_up(office.technician.org_id)
        return VisitRow.objects.filter(needs_review=True).count()

    page = open_page("/visits?view=clean")
    page.wait_for_selector("#username:focus")
    page.keyboard.type("maren")
    page.keyboard.press("Tab")
    page.keyboard.type("correct horse battery staple")
    page.keyboard.press("Enter")
    come(page, "table.list")
    page.keyboard.press("j")
    for left in (11, 10, 9):
        page.keyboard.press("a")
        page.wait_for_selector(f"tbody tr:nth-child({left - 4})")
        page.wait_for_selector(f"tbody:not(:has(tr:nth-child({left - 3})))")
        come(page, "tr.here a.strong:focus")
        assert waiting() == left
    page.keyboard.press("u")
    come(page, "tbody tr:nth-child(6)")
    assert waiting() == 10
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open]")
    assert findings(page) == []
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog:not([open])", state="attached")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    come(page, "#approve")
    first = page.url
    page.keyboard.press("j")
    page.wait_for_url(lambda url: url != first)
    come(page, "#approve")
    page.keyboard.press("k")
    page.wait_for_url(first)
    come(page, "#approve")
    page.keyboard.press("c")
    page.wait_for_selector("#comment:focus")
    page.keyboard.type("Seen on Monday.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    come(page, "text=Maren Vogt noted: Seen on Monday.")
    page.keyboard.press("q")
    page.wait_for_selector("textarea:focus")
    page.keyboard.type("Which room?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=The technician sees this at the next sync.")
    assert waiting() == 9


def test_scenario_o5_9_money_and_figures_pass_the_accessibility_check(
    office: Any, open_page: Callable[..., Any]
) -> None:
    """Budgets, one budget, a booked visit and the figures have no finding, light and dark, every part open."""
    from techkit.central import ledger, posting, review

    maren = as_role("admin")
    records = samples.dental_practice()
    office.send(*records)
    visit = visit_of(records)
    row_of(visit)
    review.approve(maren, visit.id, None)
    posting.post(maren, visit.id)
    posting.close_month(maren, "2026-01")
    budget = next(a.budget.id for a in ledger.accounts_of(maren) if a.budget)
    page = sign_in(open_page("/budgets", color_scheme="light"))
    page.wait_for_selector("h1")
    for address in ("/budgets", f"/budgets/{budget}", "/figures?month=2026-11", f"/visits/{visit.id}"):
        page.goto(address)
        for summary in page.locator("details.more > summary").all():
            summary.click()
        assert findings(page) == [], address


def test_money_and_figures_fit_a_phone(office: Any, open_page: Callable[..., Any]) -> None:
    """At 320 px no page of money or figures scrolls sideways."""
    from techkit.central import ledger

    maren = as_role("admin")
    office.send(*samples.dental_practice())
    budget = next(a.budget.id for a in ledger.accounts_of(maren) if a.budget)
    page = sign_in(open_page("/budgets", viewport={"width": 320, "height": 800}))
    page.wait_for_selector("h1")
    for address in ("/budgets", f"/budgets/{budget}", "/figures?month=2026-11"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
