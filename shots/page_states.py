"""Pictures of the review pages as few see them: other looks of the system, a magnified page, a phone, paper, refusals.

Each look is a browser's own wish (colours, contrast, motion); each refusal is the service's real answer.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from shots import pages
from shots.pages import PASSWORD, give_password

#: Pages looked at in every look. {slow} and {flagged} are visits.
PAGES = {
    "list": "/visits?view=all&technician=Ines+Okafor",
    "visit": "/visits/{flagged}",
    "customer": "/customers/{dental}",
    "overview": "/overview",
}

_SCREEN = {"width": 1440, "height": 900}
#: Name of a look: what the browser asks for.
LOOKS: dict[str, dict[str, Any]] = {
    "zoom-200": {"viewport": {"width": 720, "height": 450}, "device_scale_factor": 2},
    "more-contrast": {"viewport": _SCREEN, "contrast": "more"},
    "forced-colors": {"viewport": _SCREEN, "forced_colors": "active", "color_scheme": "dark"},
    "less-motion": {"viewport": _SCREEN, "reduced_motion": "reduce", "color_scheme": "dark"},
    "phone-french": {"viewport": {"width": 390, "height": 844}, "locale": "fr-FR", "device_scale_factor": 2},
    "paper-german": {"viewport": {"width": 794, "height": 1123}, "locale": "de-DE"},
}


def take(out: Path) -> Iterator[Path]:
    """Start the service, send it visits, photograph its pages in each look and its refusals."""
    from playwright.sync_api import sync_playwright

    from techkit.central import server

    # Playwright's blocking interface keeps an event loop in this thread.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    folder = out / "pages"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, server.running(Path(place) / "service") as service:
        named = pages.fill()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            for name, wishes in LOOKS.items():
                yield from _look(browser, service.url, folder, name, wishes, named)
            for name, act in REFUSALS.items():
                yield _answer(browser, service.url, folder / f"31-web-{name}.png", act, named)
            browser.close()


def _look(
    browser: Any, url: str, folder: Path, name: str, wishes: dict[str, Any], named: dict[str, str]
) -> Iterator[Path]:
    page = _opened(browser, url, **wishes)
    give_password(page)
    if name.startswith("paper"):
        page.emulate_media(media="print")
    for what, address in PAGES.items():
        page.goto(address.format(**named))
        page.evaluate("document.fonts.ready")
        target = folder / f"30-web-{what}-{name}.png"
        page.screenshot(path=target, full_page=name.startswith("paper"))
        yield target
    if name.startswith("phone"):
        page.goto(PAGES["list"])
        page.click("details.fold > summary")
        target = folder / f"30-web-list-filters-{name}.png"
        page.screenshot(path=target)
        yield target
    page.context.close()


def _opened(browser: Any, url: str, **wishes: Any) -> Any:
    context = browser.new_context(
        **{"base_url": url, "ignore_https_errors": True, "locale": "en-GB", "viewport": _SCREEN, **wishes}
    )
    page = context.new_page()
    page.goto("/")
    return page


def _answer(
    browser: Any, url: str, target: Path, act: Callable[[Any, dict[str, str]], None], named: dict[str, str]
) -> Path:
    page = _opened(browser, url)
    act(page, named)
    page.wait_for_selector("h1")
    page.evaluate("document.fonts.ready")
    page.screenshot(path=target)
    page.context.close()
    return target


def _wrong_password(page: Any, _named: dict[str, str]) -> None:
    give_password(page, password="not this one")  # noqa: S106 - of nobody


def _wrong_code(page: Any, _named: dict[str, str]) -> None:
    from techkit.central import accounts, second_factor
    from tests.central.test_second_factor import code_of

    lena = accounts.make_staff(accounts.the_org(), "lena", PASSWORD, first_name="Lena", last_name="Brook")
    key = second_factor.new_key()
    second_factor.switch_on(lena, key, code_of(key, time.time()))
    give_password(page, "lena")
    page.fill("#code", "000000")
    page.click("button.main")


def _nowhere(page: Any, _named: dict[str, str]) -> None:
    give_password(page)
    page.goto("/visits/nowhere")


def _no_right(page: Any, _named: dict[str, str]) -> None:
    from techkit.central import accounts
    from techkit.central.models import Role

    accounts.make_staff(accounts.the_org(), "finn", PASSWORD, role=Role.FINANCE, first_name="Finn")
    give_password(page, "finn")
    page.goto("/people")


def _at_fault(page: Any, _named: dict[str, str]) -> None:
    from django.test import RequestFactory

    from techkit.central.pages import trouble

    told = trouble.at_fault(RequestFactory().get("/visits"))
    page.route(
        "**/broken", lambda route: route.fulfill(status=500, body=told.content, content_type="text/html")
    )
    page.goto("/broken")


def _foreign_form(page: Any, _named: dict[str, str]) -> None:
    page.evaluate("document.querySelector('[name=csrfmiddlewaretoken]').value = ''")
    give_password(page)


def _ended(page: Any, named: dict[str, str]) -> None:
    give_password(page)
    page.goto(f"/visits/{named['slow']}")
    page.context.clear_cookies()
    page.click("#approve button")


def _changed_meanwhile(page: Any, named: dict[str, str]) -> None:
    give_password(page)
    page.goto(f"/visits/{named['slow']}")
    page.evaluate("document.querySelector('#approve [name=rev]').value = '1'")
    page.click("#approve button")


def _edited_meanwhile(page: Any, named: dict[str, str]) -> None:
    from techkit.central import office
    from techkit.central.models import User

    give_password(page)
    page.goto(f"/edit/contact/{named['person']}")
    page.fill("#role", "Practice manager")
    page.fill("#email", "nobody at home")
    maren = User.objects.get(username="maren")
    office.change_as_staff(maren, "contact", named["person"], {"role": "Receptionist"})
    page.click("button.main")


def _nothing_fits(page: Any, _named: dict[str, str]) -> None:
    give_password(page)
    page.goto("/visits?view=all&q=nobody+at+all&technician=Ines+Okafor")


def _invited_anew(page: Any, named: dict[str, str]) -> None:
    give_password(page)
    page.goto(f"/devices/{named['device']}")
    page.click("details.more summary")
    page.click("details.more button.full")
    page.goto(f"/devices/{named['device']}")
    page.click("button.main.full")


def _several_approved(page: Any, _named: dict[str, str]) -> None:
    give_password(page)
    page.goto("/visits")
    page.check("#all")
    page.click(".bar .btn.main")


#: What goes wrong, or is answered in one go: name of the picture and how it comes about; the last one changes visits.
REFUSALS: dict[str, Callable[[Any, dict[str, str]], None]] = {
    "wrong-password": _wrong_password,
    "wrong-code": _wrong_code,
    "no-such-page": _nowhere,
    "no-right": _no_right,
    "at-fault": _at_fault,
    "foreign-form": _foreign_form,
    "session-ended": _ended,
    "changed-meanwhile": _changed_meanwhile,
    "edited-meanwhile": _edited_meanwhile,
    "nothing-fits": _nothing_fits,
    "invited-anew": _invited_anew,
    "several-approved": _several_approved,
}
