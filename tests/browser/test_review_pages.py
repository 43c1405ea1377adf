"""The review pages in a real browser: accessible, by keyboard alone, without scripts, on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import as_role, come, sign_in
from tests.central import samples
from tests.central.test_review import row_of, visit_of

#: WCAG 2.2 A and AA and axe's best practices.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

#: All that another look can change.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def findings(page: Any) -> list[str]:
    """Return what axe finds, in the light look and then of the dark one's colours: rule, and its first element."""
    found = Axe().run(page, options=RULES).response["violations"]
    page.emulate_media(color_scheme="dark")
    found += Axe().run(page, options=COLOURS).response["violations"]
    page.emulate_media(color_scheme="light")
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:160]}" for rule in found]


def test_every_page_passes_the_accessibility_check(office: Any, open_page: Callable[..., Any]) -> None:
    """Sign-in, list, visit with flags and questions, bulk result and overview have no finding at all."""
    from techkit.central import accounts, review
    from techkit.central.models import Role, User

    records = samples.slow_computer()
    flagged = samples.dental_practice(after_version="9.9")
    office.send(*records)
    office.send(*flagged)
    maren = User.objects.get(username="maren")
    User.objects.filter(pk=maren.pk).update(role=Role.ADMIN)
    review.ask(maren, visit_of(records).id, "Which four programs?")
    accounts.new_enrol_code(maren, office.technician)
    page = open_page("/sign-in", color_scheme="light")
    assert findings(page) == []
    sign_in(page)
    addresses = [
        "/visits",
        "/visits?view=all&q=nothing",
        "/overview",
        "/devices",
        "/people",
        "/products",
        "/products?text=nothing",
        "/products/import",
        "/password",
        "/account",
    ]
    addresses += [f"/visits/{visit_of(held).id}" for held in (records, flagged)]
    addresses += [f"/devices/{office.device.pk}", f"/devices/{office.device.pk}?customer=nobody"]
    for address in addresses:
        page.goto(address)
        for summary in page.locator("details.more > summary, details.ask > summary").all():
            summary.click()
        assert findings(page) == [], address


def test_a_visit_is_approved_by_keyboard_alone(office: Any, open_page: Callable[..., Any]) -> None:
    """J moves, A approves the row in hand; the page says what was approved; nothing needs a pointer."""
    records = samples.slow_computer()
    office.send(*records)
    page = open_page("/visits")
    page.wait_for_selector("#username:focus")  # autofocus comes a moment after the page
    page.keyboard.type("maren")
    page.keyboard.press("Tab")
    page.keyboard.type("correct horse battery staple")
    page.keyboard.press("Enter")
    come(page, "table.list")
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.wait_for_selector("text=Approved: TK07-2026-0001")
    assert row_of(visit_of(records)).review_state == "approved"


def test_a_question_is_asked_by_keyboard_alone(office: Any, open_page: Callable[..., Any]) -> None:
    """Q on a row opens the visit with the question's field in hand."""
    records = samples.slow_computer()
    office.send(*records)
    page = sign_in(open_page("/visits"))
    come(page, "table.list")
    page.keyboard.press("j")
    page.keyboard.press("q")
    page.wait_for_selector("textarea:focus")
    page.keyboard.type("Which four programs?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=The technician sees this at the next sync.")
    assert row_of(visit_of(records)).open_query_count == 1
    assert page.locator("form#approve").count() == 0


def test_everything_works_without_scripts(office: Any, open_page: Callable[..., Any]) -> None:
    """Reading, filtering, asking and approving need no script."""
    records = samples.slow_computer()
    office.send(*records)
    page = sign_in(open_page("/visits", java_script_enabled=False))
    page.click("summary:has-text('Kind of work')")
    page.click("a:has-text('Troubleshooting')")
    page.click("a.strong:has-text('Odalys Brandt')")
    page.click("form#approve button")
    page.goto("/visits?view=all")
    assert "Approved" in page.inner_text("table.list")


def test_a_device_is_let_in_and_given_a_customer_without_scripts(
    office: Any, open_page: Callable[..., Any]
) -> None:
    """Making a code, assigning a customer, taking it back: by keyboard, no script, no finding on the way."""
    from techkit.central import assignments
    from techkit.central.models import Role, User
    from tests.central.arrivals import Van

    office.send(*samples.slow_computer())
    other = Van(office.technician.org, "Pavel Reuter", "TK11")
    User.objects.filter(username="maren").update(role=Role.ADMIN)
    page = sign_in(open_page("/devices", java_script_enabled=False))
    page.focus("button:has-text('Make a code')")
    page.keyboard.press("Enter")
    page.wait_for_selector("svg.qr")
    assert page.locator("#fingerprint").inner_text().count(" ") == 15
    page.click("a:has-text('TK11')")
    page.fill("#customer", "brandt")
    page.keyboard.press("Enter")
    page.wait_for_selector("legend:has-text('Found')")
    page.focus("input[type=checkbox]")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=1 customer assigned")
    assert [one.name for one in assignments.assigned(other.device)] == ["Odalys Brandt"]
    page.focus("button:has-text('Take back')")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=No customer yet")


#: The parts of a page that hide some of themselves to the right, by class.
_SCROLLS_SIDEWAYS = """[...document.querySelectorAll("*")].filter((one) => one.clientWidth
    && ["auto", "scroll"].includes(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth + 1
).map((one) => one.className || one.tagName)"""


@pytest.mark.parametrize("width", [320, 412])
def test_nothing_is_cut_off_on_a_phone(office: Any, open_page: Callable[..., Any], width: int) -> None:
    """Neither a page nor a part of it scrolls sideways at 320 px; the decision stands at the bottom of a visit."""
    from techkit.central.models import Role, User

    records = samples.dental_practice()
    office.send(*records)
    page = sign_in(open_page("/visits", viewport={"width": width, "height": 800}))
    User.objects.filter(username="maren").update(role=Role.ADMIN)
    places = ("/visits", "/overview", f"/visits/{visit_of(records).id}")
    for address in (*places, "/figures", "/budgets", "/people", "/devices", f"/devices/{office.device.pk}"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert page.evaluate(_SCROLLS_SIDEWAYS) == [], address
    page.click(".places > summary")
    assert page.locator(".places[open] + nav a[aria-current=page]").inner_text() == "Devices"
    page.click(".places[open] + nav a[href='/visits']")
    page.wait_for_url("**/visits")
    page.goto(f"/visits/{visit_of(records).id}")
    for table in page.locator("table.pairs").all():
        assert table.evaluate("t => t.parentElement.scrollWidth <= t.parentElement.clientWidth")
    bar = page.locator(".phone-bar")
    assert bar.is_visible()
    box = bar.bounding_box()
    assert round(box["y"] + box["height"]) == 800
    bar.locator("button:has-text('Approve')").click()
    page.wait_for_url("**/visits?**")
    assert row_of(visit_of(records)).review_state == "approved"


@pytest.mark.parametrize("locale", ["de-DE", "fr-FR"])
def test_the_places_stand_whole_beside_the_search(
    office: Any, open_page: Callable[..., Any], locale: str
) -> None:
    """At a desk's widths, in the languages with the longest names, nothing is cut and nothing of the head lies over it."""
    records = samples.slow_computer()
    office.send(*records)
    as_role("admin")
    page = sign_in(open_page("/overview", locale=locale))
    page.wait_for_selector(".top nav a[href='/people']")
    for width in (1920, 1540, 1440, 1401, 1400, 1100, 910):
        page.set_viewport_size({"width": width, "height": 800})
        boxes = [page.locator(f".top {one}").bounding_box() for one in ("nav a:last-child", ".search", ".me")]
        for before, after in ((boxes[0], boxes[1]), (boxes[1], boxes[2])):
            is_above = before["y"] >= after["y"] + after["height"]
            assert is_above or before["x"] + before["width"] <= after["x"], width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1100, "height": 800})
    page.goto(f"/visits/{visit_of(records).id}")
    assert page.locator("table.compare").count() > 0
    assert page.evaluate(_SCROLLS_SIDEWAYS) == []


def test_the_overview_s_bars_have_their_colours(office: Any, open_page: Callable[..., Any]) -> None:
    """Each group is drawn in a colour of its own, in its legend, too; an unknown style would be black."""
    page = sign_in(open_page("/overview", color_scheme="light"))
    page.goto("/overview")
    legend = page.eval_on_selector_all(".states rect", "all => all.map(one => getComputedStyle(one).fill)")
    assert len(set(legend)) == 4
    assert "rgb(0, 0, 0)" not in legend


def test_hostile_text_runs_nothing(office: Any, open_page: Callable[..., Any]) -> None:
    """A customer named like a script is shown, runs nothing, and breaks no policy."""
    hostile = '"><script>window.hurt=1</script><img src=x onerror=window.hurt=1>'
    records = samples.plain_visit("TK07-2026-0009", hostile, "Ada Berg", purpose=hostile)
    office.send(*records)
    page = sign_in(open_page("/visits"))
    assert hostile in page.inner_text("table.list")
    page.goto(f"/visits/{visit_of(records).id}")
    assert page.evaluate("window.hurt") is None
    assert hostile in page.inner_text("h1")


def test_the_first_account_chooses_its_own_password(service: Any, open_page: Callable[..., Any]) -> None:
    """With a one-time password the first page is choosing one's own; then the empty list invites."""
    from techkit.central import accounts
    from techkit.central.models import Role

    accounts.make_staff(accounts.the_org(), "first", "one time pass word", role=Role.ADMIN, is_one_time=True)
    page = sign_in(open_page("/visits"), "first", "one time pass word")
    page.fill("#password", "seven quiet green rivers")
    page.fill("#again", "seven quiet green rivers")
    page.click("button.main")
    page.wait_for_selector("text=Nothing waits for you")


def test_a_device_is_let_in_with_a_code_shown_once(office: Any, open_page: Callable[..., Any]) -> None:
    """An administrator makes a code: the line holds address, code and fingerprint, and is gone after."""
    from techkit.central.models import Role, User

    User.objects.filter(username="maren").update(role=Role.ADMIN)
    page = sign_in(open_page("/devices"))
    page.select_option("#technician", label="Ines Okafor")
    page.click("text=Make a code")
    code = page.inner_text("#code")
    line = page.input_value("#line")
    assert code in line
    assert line.startswith("https://127.0.0.1:")
    page.goto("/devices")
    assert code not in page.content()
