"""Pictures of the review pages, taken by Chromium from the real service with invented visits."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

#: Name of the picture, address, theme, width and height. {slow} and {flagged} are visits.
PICTURES = (
    ("11-web-visit-list", "/visits", "light", 1440, 900),
    ("11-web-visit-list-dark", "/visits", "dark", 1440, 900),
    ("11-web-visit-list-phone", "/visits", "light", 412, 892),
    ("12-web-visit-detail", "/visits/{slow}", "light", 1440, 1240),
    ("12-web-visit-detail-dark", "/visits/{slow}", "dark", 1440, 900),
    ("12-web-visit-detail-phone", "/visits/{slow}", "light", 412, 892),
    ("12-web-visit-detail-not-proven", "/visits/{flagged}", "light", 1440, 1240),
    ("21-web-customer", "/customers/{dental}", "light", 1440, 1400),
    ("21-web-customer-dark", "/customers/{dental}", "dark", 1440, 1400),
    ("21-web-customer-german", "/customers/{dental}", "light", 1024, 1400),
    ("21-web-customer-phone", "/customers/{dental}", "light", 390, 2400),
    ("26-web-entered-twice", "/merge/customer/{dental}", "light", 1440, 700),
    ("26-web-beside", "/merge/customer/{dental}?with={twin}", "light", 1440, 1000),
    ("26-web-beside-dark-german", "/merge/customer/{dental}?with={twin}", "dark", 1024, 1100),
    ("26-web-beside-phone", "/merge/customer/{dental}?with={twin}", "light", 390, 1800),
    ("22-web-edit-customer", "/edit/customer/{dental}", "light", 1440, 1300),
    ("22-web-edit-person-dark", "/edit/contact/{person}", "dark", 1440, 1500),
    ("22-web-edit-person-german", "/edit/contact/{person}", "light", 1024, 1700),
    ("22-web-edit-person-phone", "/edit/contact/{person}", "light", 390, 2800),
    ("22-web-edit-contract", "/edit/contract/{contract}", "light", 1440, 1500),
    ("22-web-edit-contract-german", "/edit/contract/{contract}", "dark", 1024, 1900),
    ("22-web-edit-computer", "/edit/asset/{computer}", "light", 1440, 900),
    ("22-web-rate-cards", "/rate-cards", "light", 1440, 700),
    ("22-web-add-rate-card-german", "/add/rate_card", "light", 1024, 1100),
    ("13-web-overview", "/overview", "light", 1440, 940),
    ("13-web-overview-dark", "/overview", "dark", 1440, 940),
    ("14-web-devices", "/devices", "light", 1440, 700),
    ("14-web-device", "/devices/{device}", "light", 1440, 900),
    ("14-web-device-dark", "/devices/{device}", "dark", 1440, 900),
    ("14-web-device-phone", "/devices/{device}", "light", 412, 892),
    ("23-web-computer", "/computers/{computer}", "light", 1440, 1500),
    ("23-web-computer-dark", "/computers/{computer}", "dark", 1440, 1500),
    ("23-web-computer-german", "/computers/{computer}", "light", 1024, 1700),
    ("23-web-computer-phone", "/computers/{computer}", "light", 390, 2400),
    ("24-web-customers", "/customers", "light", 1440, 800),
    ("24-web-customers-german", "/customers", "dark", 1024, 800),
    ("25-web-technician", "/technicians/{technician}", "light", 1440, 1000),
    ("25-web-technician-dark-german", "/technicians/{technician}", "dark", 1024, 1100),
    ("25-web-technician-phone", "/technicians/{technician}", "light", 390, 1800),
)
#: The same, of pages that need a month's visits and a booking. {booked}, {budget} are ids.
MONTH_PICTURES = (
    ("15-web-visit-booked", "/visits/{booked}", "light", 1440, 1240),
    ("15-web-visit-to-book-german", "/visits/{to_book}", "light", 1440, 1240),
    ("15-web-visit-case", "/visits/{case}?view=all", "light", 1440, 1240),
    ("15-web-visit-case-dark-german", "/visits/{case}?view=all", "dark", 1440, 1240),
    ("16-web-overview-month", "/overview", "light", 1440, 940),
    ("16-web-budgets", "/budgets", "light", 1440, 900),
    ("16-web-budgets-phone", "/budgets", "light", 412, 892),
    ("17-web-budget", "/budgets/{budget}", "light", 1440, 1100),
    ("17-web-budget-dark", "/budgets/{budget}", "dark", 1440, 1100),
    ("20-web-products", "/products", "light", 1440, 900),
    ("20-web-products-phone", "/products", "light", 412, 892),
    ("20-web-price-list", "/products/import", "light", 1440, 800),
    ("20-web-product-dark", "/products/{product}", "dark", 1440, 700),
    ("18-web-figures", "/figures?month=2026-11", "light", 1440, 1000),
    ("18-web-figures-phone", "/figures?month=2026-11", "light", 412, 892),
    ("19-web-account", "/account", "light", 1440, 900),
    ("18-web-figures-dark", "/figures?month=2026-11", "dark", 1440, 1000),
)
PASSWORD = "correct horse battery staple"  # noqa: S105 - of an invented account in a folder that is thrown away


def take(out: Path) -> Iterator[Path]:
    """Start the service, send it visits, photograph its pages."""
    from playwright.sync_api import sync_playwright

    from techkit.central import server

    # Playwright's blocking interface keeps an event loop in this thread.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    folder = out / "pages"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, server.running(Path(place) / "service") as service:
        named = fill()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            yield _sign_in_picture(browser, service.url, folder)
            for pictures in (PICTURES, MONTH_PICTURES):
                if pictures is MONTH_PICTURES:
                    named |= fill_month()
                for name, address, theme, width, height in pictures:
                    target = folder / f"{name}.png"
                    yield _picture(
                        browser, service.url, target, address.format(**named), theme, width, height
                    )
            browser.close()


def fill() -> dict[str, str]:
    """Send the visits of a few weeks; return the ids that addresses name."""
    from techkit.central import accounts, projection, review
    from techkit.central.models import Device, Role, User, VisitRow
    from techkit.records.activities import Troubleshooting
    from techkit.records.assets import Asset, Contract
    from techkit.records.parties import Contact
    from techkit.records.visit import Visit
    from tests.central import samples
    from tests.central.arrivals import Van

    org = accounts.the_org()
    org.name, org.time_zone = "Nordlicht Computerhilfe", "Europe/Berlin"
    org.save()
    maren = accounts.make_staff(org, "maren", PASSWORD, role=Role.ADMIN, first_name="Maren", last_name="Vogt")
    ines, pavel = Van(org), Van(org, "Pavel Novotny", "TK11")
    small: tuple[tuple[Any, str, str, str, int, dict[str, Any]], ...] = (
        (pavel, "TK11-2026-0077", "Harbourlight Community College", "Amara Dube", 2, {}),
        (pavel, "TK11-2026-0078", "Quarrystone Architects", "Jonas Weir", 4, {"kind": "troubleshooting", "rating": 2}),
        (pavel, "TK11-2026-0079", "Weingut Abendrot & Töchter", "Lena Frey", 5, {"kind": "needs_analysis", "signs": False}),
        (ines, "TK07-2026-0097", "Stadtbücherei Mühlental", "Ole Winter", 6, {"kind": "information_lookup"}),
        (ines, "TK07-2026-0098", "Familie Nkemelu", "Ada Nkemelu", 7, {"kind": "troubleshooting", "rating": 5}),
        (ines, "TK07-2026-0099", "Zahntechnik Labor Müller-Lindenau", "Rosa Lindenau", 8, {}),
    )  # fmt: skip
    for van, number, name, person, days, more in small:
        technician = van.technician.shown_name
        van.send(*samples.plain_visit(number, name, person, days, technician=technician, **more))
    slow, flagged = samples.slow_computer(), samples.dental_practice(after_version="9.9")
    ines.send(*slow)
    ines.send(*flagged)
    projection.catch_up(org.id)
    clean = VisitRow.objects.get(number="TK07-2026-0099")
    review.approve(maren, str(clean.id), clean.rev)
    answered = VisitRow.objects.get(number="TK07-2026-0098")
    query = review.ask(maren, str(answered.id), "Did the printer print after the restart?")
    ines.change(query, answer="Yes, three pages.", state="answered", answered_by="Ines Okafor")
    asked = VisitRow.objects.get(number="TK07-2026-0097")
    review.ask(maren, str(asked.id), "Which folder do the scans go to?")
    ids = {
        name: next(held.id for held in records if isinstance(held, Visit))
        for name, records in (("slow", slow), ("flagged", flagged))
    }
    ids["dental"] = next(held.customer_id for held in flagged if isinstance(held, Visit))
    ids["twin"] = _twin(ines, flagged)
    for name, kind in (("person", Contact), ("contract", Contract), ("computer", Asset)):
        ids[name] = next(held.id for held in flagged if isinstance(held, kind))
    entry = next(held for held in slow if isinstance(held, Troubleshooting))
    query = review.ask(
        maren, ids["slow"], "Which start entries? Please list them for the next colleague.",
        about_kind="troubleshooting", about_id=entry.id, about_field="resolution",
    )  # fmt: skip
    ines.change(
        query, answer="Chat, two updaters and a toolbar.", state="answered", answered_by="Ines Okafor"
    )
    User.objects.filter(pk=pavel.technician.pk).update(last_name="Novotny")
    Device.objects.filter(pk=pavel.device.pk).update(
        clock_offset_ms=3 * 86_400_000, waiting_count=4, app_version="1.0"
    )
    return {
        **ids,
        "device": str(pavel.device.pk),
        "technician": str(ines.technician.staff_id),
        "computer": _with_a_past(ines, slow),
    }


def _twin(van: Any, records: list[Any]) -> str:
    """Send a second entry of the flagged visit's customer, as a colleague typed it, with a person; return its id."""
    from techkit.records.identity import new_id
    from techkit.records.parties import Contact, Customer

    held = next(one for one in records if isinstance(one, Customer))
    made = Customer(
        id=new_id(), display_name=f"{held.display_name} GmbH", notes_for_visit="Use the back door."
    )
    van.send(made, Contact(id=new_id(), customer_id=made.id, given_name="Mia", family_name="Lund"))
    return made.id


def _with_a_past(van: Any, records: list[Any]) -> str:
    """Send two earlier visits to the slow computer, at which its disk was less worn and less full; return its id."""
    from techkit.records.assets import Asset, DiagnosticRun, Phase
    from techkit.records.findings import Area, Reading, Verdict
    from techkit.records.identity import new_id
    from techkit.records.visit import Outcome, Visit, WorkState
    from tests.central import samples

    asset = next(held for held in records if isinstance(held, Asset))
    # What the disk had used up of its life, what it had replaced, and what was free of 237.9 GB.
    for number, days, worn, replaced, free in (
        ("TK07-2025-0188", 541, 21, 0, 118),
        ("TK07-2026-0031", 260, 34, 8, 71),
        ("TK07-2026-0064", 74, 43, 24, 22),
    ):
        at = samples.ARRIVAL - timedelta(days=days)
        visit = Visit(
            id=new_id(), number=number, customer_id=asset.customer_id, asset_ids=(asset.id,), arrived_at=at,
            left_at=at + timedelta(minutes=40), technician="Ines Okafor", outcome=Outcome.RESOLVED,
            work_state=WorkState.SUBMITTED, purpose="Yearly check", time_zone=samples.ZONE, utc_offset_minutes=60,
        )  # fmt: skip
        verdict = Verdict.WATCH if free < 40 else Verdict.OK
        found = samples.finding(
            "disk_space", "Free disk space", Area.STORAGE, verdict, f"{free} GB", subject="C:",
            sentence=f"{free} GB of 237.9 GB are free.",
        )  # fmt: skip
        values = (
            ("storage.smart.used_percent", worn, "percent", "disk0"),
            ("storage.smart.reallocated", replaced, "count", "disk0"),
            ("storage.volume.free_bytes", free * 10**9, "bytes", "C:"),
            ("storage.volume.total_bytes", 237_900_000_000, "bytes", "C:"),
        )
        run = DiagnosticRun(
            id=new_id(), visit_id=visit.id, asset_id=asset.id, phase=Phase.BEFORE, started_at=at, ended_at=at,
            findings=(found,),
            readings=tuple(Reading(id=n, value=v, unit=u, subject=s) for n, v, u, s in values),
        )  # fmt: skip
        van.send(visit, run)
    return asset.id


def fill_month() -> dict[str, str]:
    """Send the visits of a whole month and book one; return the ids that addresses name."""
    from techkit.central import accounts, budgets, cases, feed, ledger, posting, products, projection, review
    from techkit.central.models import User
    from techkit.records.assets import Product, ProductKind
    from techkit.records.identity import new_id
    from techkit.records.proposals import BudgetProposal, ProposalKind
    from tests.central import samples
    from tests.central.arrivals import Van
    from tests.central.november import november
    from tests.central.test_review import visit_of

    org = accounts.the_org()
    maren = User.objects.get(username="maren")
    ines, pavel = Van(org, prefix="TK08"), Van(org, "Pavel Novotny", "TK12")
    twelve = november()
    ines.send(*twelve.shared, *twelve.office, *twelve.of("TK07"))
    feed.grant(pavel.device, f"customer:{twelve.customer}")
    pavel.send(*twelve.of("TK11"))
    records = samples.dental_practice(number="TK07-2026-0090")
    waiting = samples.dental_practice(number="TK07-2026-0091")
    for van, one in ((ines, records), (Van(org, "Lena Brook", "TK13"), waiting)):
        van.send(*one)
    booked = visit_of(records)
    projection.catch_up(org.id)
    review.approve(maren, booked.id, None, "The customer told both times.")
    review.approve(maren, visit_of(waiting).id, None, "The customer told both times.")
    posting.post(maren, booked.id)
    posting.close_month(maren, "2026-10")
    projection.catch_up(org.id)
    account = next(
        a
        for a in ledger.accounts_of(maren, str(booked.customer_id))
        if a.budget and a.centre.code == "LDG-FRONT"
    )
    other = next(
        a
        for a in ledger.accounts_of(maren, str(booked.customer_id))
        if a.budget and a.centre.code == "LDG-SURG"
    )
    assert account.budget
    assert other.budget
    _less, target = budgets.transfer(
        maren, other.budget.id, account.budget.id, 50_000, "The desk is paid from here."
    )
    holding = budgets.revise(maren, target, 560_000, "A label printer was not foreseen.")
    budgets.commit(maren, holding, "Label printer for the reception", 28_900)
    customer = str(booked.customer_id)
    asked = [
        BudgetProposal(
            id=new_id(), customer_id=customer, budget_id=holding, amount_minor=45_000, seen_minor=510_000,
            reason="Two label printers break down every month; Ms Arslan would rather buy new ones.",
            proposed_by="Ines Okafor", proposed_at=datetime(2026, 11, 24, 14, 40, tzinfo=UTC),
        ),
        BudgetProposal(
            id=new_id(), customer_id=customer, budget_id=holding, amount_minor=990_000, seen_minor=560_000,
            kind=ProposalKind.PROMISE, reason="A server for the surgery, as offered on 20 November.",
            proposed_by="Ines Okafor", proposed_at=datetime(2026, 11, 24, 15, 5, tzinfo=UTC),
        ),
    ]  # fmt: skip
    ines.send(*asked)
    cable = Product(
        id=new_id(), name="Patch cable Cat 6", number="NK-0600", unit="m", price_minor=80, vendor="Drahtwerk"
    )
    disk = Product(id=new_id(), name="SSD 500 GB", number="ST-0500", kind=ProductKind.PART, price_minor=6400)
    wipes = Product(id=new_id(), name="Screen wipes", price_minor=420, vendor="Klarblick")
    for made in (cable, disk, wipes):
        products.add(maren, made)
    products.put_out_of_use(maren, wipes.id)
    case = twelve.ids[8]
    cases.reopen(maren, case, "The customer wrote: it froze again this morning.")
    return {
        "booked": booked.id,
        "case": case,
        "budget": holding,
        "product": cable.id,
        "to_book": visit_of(waiting).id,
    }


def fill_removed() -> dict[str, str]:
    """Remove a customer for good; return the id of another who could be."""
    from techkit.central import erasures
    from techkit.central.models import User, VisitRow

    maren = User.objects.get(username="maren")
    held = {row.customer_name: str(row.customer_id) for row in VisitRow.objects.all()}
    erasures.erase(maren, held["Quarrystone Architects"], "Quarrystone Architects")
    return {"customer": held["Stadtbücherei Mühlental"]}


def give_password(page: Any, name: str = "maren", password: str = PASSWORD) -> None:
    """Go in at the door that a page shows."""
    page.fill("#username", name)
    page.fill("#password", password)
    page.click("button.main")
    page.wait_for_selector("h1")


def _sign_in_picture(browser: Any, url: str, folder: Path) -> Path:
    """Photograph the sign-in."""
    page = browser.new_page(ignore_https_errors=True, locale="en-GB", viewport={"width": 1440, "height": 700})
    page.goto(url + "/")
    target = folder / "10-web-sign-in.png"
    page.screenshot(path=target)
    page.close()
    return target


def _picture(browser: Any, url: str, target: Path, address: str, theme: str, width: int, height: int) -> Path:
    """Photograph one page in a window of its own."""
    context = browser.new_context(
        ignore_https_errors=True,
        locale="de-DE" if target.stem.endswith("german") else "en-GB",
        color_scheme=theme,
        viewport={"width": width, "height": height},
    )
    page = context.new_page()
    page.goto(url + address)
    give_password(page)
    page.evaluate("document.fonts.ready")
    page.screenshot(path=target)
    context.close()
    return target
