"""A real Chromium over the real service; tests here skip, saying so, where there is no Chromium."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.central.conftest import PASSWORD, service

# Playwright's blocking interface keeps an event loop in this thread; Django's tables are used between its turns.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

# A fixture, used by name.
__all__ = ["service"]


def chromium() -> str:
    """Return Chromium's path; skip where there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Give one Chromium for the run."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Chromium refuses its sandbox to root, as whom containers run.
        held = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield held
        held.close()


@pytest.fixture
def open_page(browser: Any, service: Any) -> Iterator[Callable[..., Any]]:
    """Give a function that opens a page of the service in a window of its own.

    What the page complains about (script errors, refused by the policy) fails the test.
    """
    contexts: list[Any] = []
    complaints: list[str] = []

    def opened(path: str = "/visits", **options: Any) -> Any:
        wanted = {
            "ignore_https_errors": True,
            "locale": "en-GB",
            "viewport": {"width": 1440, "height": 900},
            **options,
        }
        contexts.append(browser.new_context(base_url=service.url, **wanted))
        page = contexts[-1].new_page()
        page.set_default_timeout(40_000)
        page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
        page.on("console", lambda line: complaints.append(line.text) if _is_complaint(line) else None)
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        with contextlib.suppress(Exception):
            context.close()
    assert not complaints


def _is_complaint(line: Any) -> bool:
    """Return whether a console line is a fault of the page; a refused answer (4xx) is not."""
    return line.type == "error" and "the server responded with a status of 4" not in line.text


@pytest.fixture
def office(service: Any) -> Any:
    """Give the service's organisation with Maren in it, and a van that sends."""
    from techkit.central import accounts
    from tests.central.arrivals import Van

    org = accounts.the_org()
    org.time_zone = "Europe/Berlin"
    org.save()
    accounts.make_staff(org, "maren", PASSWORD, first_name="Maren", last_name="Vogt")
    return Van(org)


def sign_in(page: Any, username: str = "maren", password: str = PASSWORD) -> Any:
    """Sign in on the page that asks for it; return the page that opens."""
    page.fill("#username", username)
    page.fill("#password", password)
    page.click("button.main")
    return page


def come(page: Any, selector: str) -> None:
    """Wait until a page shows something and listens to keys: its script runs after its last line has arrived."""
    page.wait_for_selector(selector)
    page.wait_for_load_state()


def as_role(role: str) -> Any:
    """Give Maren another role; return her account."""
    from techkit.central.models import User

    User.objects.filter(username="maren").update(role=role)
    return User.objects.get(username="maren")
