"""Both ends in one test: the window's fixtures beside those of the service and the browser."""

from __future__ import annotations

from tests.browser.conftest import browser, office, open_page, postgres_server, prepared, service, template
from tests.ui.conftest import look
from tests.ui.test_routine_visit import desk, folder, program

# Fixtures, used by name.
__all__ = [
    "browser",
    "desk",
    "folder",
    "look",
    "office",
    "open_page",
    "postgres_server",
    "prepared",
    "program",
    "service",
    "template",
]
