"""Pictures of every review page, whole: light, dark and more contrast, in each language, on a desk, a small window, a phone."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shots import pages

#: Every page, by the name its pictures begin with.
PAGES = {
    "visits": "/visits",
    "visits-all": "/visits?view=all",
    "visits-nothing": "/visits?view=all&q=nobody+at+all",
    "visit": "/visits/{slow}",
    "visit-not-proven": "/visits/{flagged}",
    "visit-booked": "/visits/{booked}",
    "visit-to-book": "/visits/{to_book}",
    "customer": "/customers/{dental}",
    "edit-customer": "/edit/customer/{dental}",
    "edit-person": "/edit/contact/{person}",
    "edit-contract": "/edit/contract/{contract}",
    "rate-card": "/add/rate_card",
    "overview": "/overview",
    "figures": "/figures?month=2026-11",
    "budgets": "/budgets",
    "budget": "/budgets/{budget}",
    "products": "/products",
    "product": "/products/{product}",
    "price-list": "/products/import",
    "people": "/people",
    "devices": "/devices",
    "device": "/devices/{device}",
    "customers": "/customers",
    "computer": "/computers/{computer}",
    "technician": "/technicians/{technician}",
    "account": "/account",
    "erase": "/customers/{customer}/erase",
    "removed": "/customers/removed",
}
LANGUAGES = {"en": "en-GB", "de": "de-DE", "fr": "fr-FR"}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "more-contrast": {"color_scheme": "light", "contrast": "more"},
}
#: Width and height in px; the small window is what a browser at 200 % has of a desk.
SIZES = {"1440": (1440, 900), "768": (768, 600), "390": (390, 844)}


def take(out: Path) -> Iterator[Path]:
    """Start the service, send it a month, photograph each page in each view from top to end."""
    from playwright.sync_api import sync_playwright

    from techkit.central import server

    # Playwright's blocking interface keeps an event loop in this thread.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    folder = out / "pages-matrix"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, server.running(Path(place) / "service") as service:
        named = pages.fill()
        named |= pages.fill_month()
        named |= pages.fill_removed()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            for language, locale in LANGUAGES.items():
                for look, wishes in LOOKS.items():
                    context = browser.new_context(
                        base_url=service.url, ignore_https_errors=True, locale=locale, **wishes
                    )
                    page = context.new_page()
                    page.goto("/")
                    pages.give_password(page)
                    yield from _views(page, folder, f"{language}-{look}", named)
                    context.close()
            browser.close()


def _views(page: Any, folder: Path, view: str, named: dict[str, str]) -> Iterator[Path]:
    """Photograph every page in each size."""
    for name, address in PAGES.items():
        page.goto(address.format(**named))
        page.evaluate("document.fonts.ready")
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            target = folder / f"{name}-{view}-{size}.png"
            page.screenshot(path=target, full_page=True)
            yield target
