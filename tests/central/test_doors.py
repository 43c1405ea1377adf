"""The doors: nothing opens without a session, sessions end, wrong passwords wait."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axes.utils import reset
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, get_resolver

from techkit.central import doors
from techkit.central.models import AuditEvent, Role
from tests.central.conftest import PASSWORD


def addresses() -> Iterator[str]:
    """Give every address of the service, its variables filled in."""
    for pattern in get_resolver().url_patterns:
        assert isinstance(pattern, URLPattern)
        text = "/" + str(pattern.pattern)
        text = re.sub(r"<uuid:\w+>", "01a1fff5-9221-737e-a7e7-e61c1b76cb53", text)
        text = text.replace("<str:sha256>", "0" * 64)
        yield text.replace("<str:ticket>", "made-up").replace("<str:way>", "down").replace("<int:count>", "1")


@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "head", "options"])
def test_no_page_opens_without_a_session(central_db: Any, method: str) -> None:
    """Walking every address without a session gives no success outside the public list."""
    client = Client(headers={"host": "localhost"})
    for address in addresses():
        if doors._is_below(address, (*doors.PUBLIC, *doors.SIGNED)):
            continue
        answer = getattr(client, method)(address, secure=True)
        assert answer.status_code in (302, 401), (method, address)
        if answer.status_code == 302:
            assert answer["Location"].startswith("/sign-in"), address


def test_the_devices_side_wants_a_signature(central_db: Any) -> None:
    """What devices may ask without a session refuses a request without a signature."""
    client = Client(headers={"host": "localhost"})
    for address in addresses():
        if doors._is_below(address, doors.SIGNED):
            answer = client.post(address, b"", content_type="application/json", secure=True)
            assert answer.status_code >= 400
            assert answer["Content-Type"] == "application/problem+json" or answer.status_code == 405, address


def test_the_sign_in_leads_back_to_where_one_wanted(maren: Any) -> None:
    """After the sign-in the page that was asked for opens; an address elsewhere never does."""
    client = Client(headers={"host": "localhost"})
    page = client.get("/visits?view=all", secure=True)
    assert page["Location"] == "/sign-in?next=%2Fvisits%3Fview%3Dall"
    entry = {"username": "maren", "password": "correct horse battery staple", "next": "/visits?view=all"}
    assert client.post("/sign-in", entry, secure=True)["Location"] == "/visits?view=all"
    for foreign in ("https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example"):
        other = Client(headers={"host": "localhost"})
        assert other.post("/sign-in", {**entry, "next": foreign}, secure=True)["Location"] == "/"


def test_a_step_after_the_session_ended_is_told_and_its_page_opens_again(maren: Any) -> None:
    """Pressed after being signed out, “Approve” says that nothing was done; the sign-in leads back to the visit."""
    client = Client(headers={"host": "localhost", "referer": "https://localhost/visits/4711?view=all"})
    answer = client.post("/visits/4711/approve", {"rev": "1"}, secure=True)
    assert answer["Location"] == "/sign-in?next=%2Fvisits%2F4711%3Fview%3Dall&unsent=1"
    assert "Your last step was not taken" in client.get(answer["Location"], secure=True).content.decode()
    assert "last step" not in client.get("/sign-in", secure=True).content.decode()


def test_wrong_passwords_are_answered_alike_and_then_wait(maren: Any) -> None:
    """A wrong name and a wrong password read the same; after five tries the account waits, from here only."""
    client = Client(headers={"host": "localhost"})
    wrong = client.post("/sign-in", {"username": "maren", "password": "no"}, secure=True)
    unknown = client.post("/sign-in", {"username": "nobody", "password": "no"}, secure=True)
    assert wrong.status_code == unknown.status_code == 403
    told = "Name and password do not fit together."
    assert told in wrong.content.decode()
    assert told in unknown.content.decode()
    for _try in range(5):
        answer = client.post("/sign-in", {"username": "maren", "password": "no"}, secure=True)
    assert answer.status_code == 429
    right = {"username": "maren", "password": "correct horse battery staple"}
    assert client.post("/sign-in", right, secure=True).status_code == 429
    elsewhere = Client(headers={"host": "localhost"}, REMOTE_ADDR="192.0.2.7")
    assert elsewhere.post("/sign-in", right, secure=True).status_code == 302
    assert AuditEvent.objects.filter(action="session.refuse", actor_name="maren").exists()


def test_a_session_ends_after_twelve_hours(
    maren: Any, browser_of: Callable[[Any], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However busy, a session ends twelve hours after the sign-in."""
    client = browser_of(maren)
    assert client.get("/visits", secure=True).status_code == 200
    now = time.time()
    monkeypatch.setattr(doors.time, "time", lambda: now + 12 * 3600 + 60)
    assert client.get("/visits", secure=True).status_code == 302


def test_a_one_time_password_opens_one_page_only(org: Any, browser_of: Callable[[Any], Client]) -> None:
    """Until the one-time password is replaced every page leads to choosing one; then the old one is gone."""
    from techkit.central import accounts

    user = accounts.make_staff(
        org, "first", "correct horse battery staple", role=Role.ADMIN, is_one_time=True
    )
    client = browser_of(user)
    assert client.get("/visits", secure=True)["Location"] == "/password"
    chosen = "seven quiet green rivers"
    refused = client.post("/password", {"password": chosen, "again": "other"}, secure=True)
    assert refused.status_code == 422
    assert client.post("/password", {"password": chosen, "again": chosen}, secure=True).status_code == 302
    assert client.get("/visits", secure=True).status_code == 200
    user.refresh_from_db()
    assert user.check_password(chosen)


def test_an_open_page_is_not_enough_to_take_an_account_over(
    maren: Any, browser_of: Callable[[Any], Client]
) -> None:
    """Who finds a signed-in browser needs the current password for a new one, and may guess five times."""
    client = browser_of(maren)
    chosen = "seven quiet green rivers"
    assert 'name="current"' in client.get("/password", secure=True).content.decode()
    new = {"password": chosen, "again": chosen}
    for guess in (new, {**new, "current": "guess"}):
        refused = client.post("/password", guess, secure=True)
        assert refused.status_code == 422
        assert "This is not your current password." in refused.content.decode()
    for _try in range(3):
        client.post("/password", {**new, "current": "guess"}, secure=True)
    client.post("/password", {**new, "current": PASSWORD}, secure=True)
    maren.refresh_from_db()
    assert maren.check_password(PASSWORD)
    reset(username="maren")
    client.post("/password", {**new, "current": PASSWORD}, secure=True)
    maren.refresh_from_db()
    assert maren.check_password(chosen)


@pytest.mark.parametrize(
    "address",
    [
        "/visits?from=0001-01-01",
        "/visits?to=9999-12-31",
        "/visits/export?to=9999-12-31",
        "/visits?after=1_0001-01-01T00:00:00%2B23:59_0123456789abcdef0123456789abcdef",
        "/visits?view=all&after=2026-11-02T08:00:00_0123456789abcdef0123456789abcdef",
        "/figures?month=0001-01",
        "/overview?week=9999-12-31",
        "/overview?week=0001-01-01",
    ],
)
def test_the_ends_of_the_calendar_are_no_fault(
    maren: Any, browser_of: Callable[[Any], Client], address: str
) -> None:
    """An address that names a day nobody can mean is answered as if it named none."""
    assert browser_of(maren).get(address, secure=True).status_code == 200


def test_a_revision_of_five_thousand_digits_is_another_one(
    maren: Any, browser_of: Callable[[Any], Client]
) -> None:
    """A form that names no revision a visit can have is told that there is none, and nothing breaks."""
    address = "/visits/01a1fff5-9221-737e-a7e7-e61c1b76cb53/approve"
    assert browser_of(maren).post(address, {"rev": "9" * 5000}, secure=True).status_code == 404


def test_nul_is_refused_before_it_reaches_a_database(maren: Any, browser_of: Callable[[Any], Client]) -> None:
    """NUL in an address or a form, signed in or not, is told in words; PostgreSQL could not even look it up."""
    client, stranger = browser_of(maren), Client(headers={"host": "localhost"})
    for answer in (
        client.get("/visits?view=all&q=%00", secure=True),
        client.post("/visits/save-view", {"name": "a\x00b"}, secure=True),
        stranger.post("/sign-in", {"username": "ma\x00ren", "password": "x"}, secure=True),
    ):
        assert answer.status_code == 400
        assert "Nothing was changed." in answer.content.decode()


def test_a_body_larger_than_any_form_is_not_read(maren: Any, browser_of: Callable[[Any], Client]) -> None:
    """Whoever is signed in cannot fill the service's disk with files nobody asked for; it is told in words."""
    client = browser_of(maren)
    for address in ("/products/import/give", "/visits/save-view", "/sign-in"):
        file = SimpleUploadedFile("prices.csv", bytes(9 * 1024 * 1024))
        answer = client.post(address, {"file": file}, secure=True)
        assert (answer.status_code, "more than the service takes" in answer.content.decode()) == (413, True)
        assert not hasattr(answer.wsgi_request, "_files"), "the body was read"


def test_a_form_without_its_token_changes_nothing(maren: Any) -> None:
    """A post without the form's token is refused with a page that says what to do."""
    client = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    answer = client.post("/sign-in", {"username": "maren", "password": "x"}, secure=True)
    assert answer.status_code == 403
    assert "Nothing was changed." in answer.content.decode()


def test_signing_out_ends_the_session(maren: Any, browser_of: Callable[[Any], Client]) -> None:
    """After signing out the pages are closed again."""
    client = browser_of(maren)
    client.post("/sign-out", secure=True)
    assert client.get("/visits", secure=True).status_code == 302


def test_a_role_without_the_right_is_told_so(org: Any, browser_of: Callable[[Any], Client]) -> None:
    """A technician's account opens no review page, and reads why."""
    from techkit.central import accounts

    ines = accounts.make_staff(org, "ines", "correct horse battery staple", role=Role.TECHNICIAN)
    answer = browser_of(ines).get("/visits", secure=True)
    assert answer.status_code == 403
    assert "Your account may not do this." in answer.content.decode()
