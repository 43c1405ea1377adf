"""People: an administrator lets colleagues in and out; nobody else does."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from techkit.central.models import User


@pytest.fixture
def client(chief: Any, browser_of: Callable[[Any], Client]) -> Client:
    """Give the browser of an administrator."""
    return browser_of(chief)


def test_a_colleague_is_let_in_with_a_password_shown_once(client: Client) -> None:
    """The new account signs in with the shown password, must replace it, and it is shown once only."""
    entry = {"first": "Maren", "last": "Vogt", "username": "maren", "role": "reviewer"}
    page = client.post("/people/add", entry, secure=True).content.decode()
    shown = re.search(r'id="made-password">([^<]+)<', page)
    assert shown
    assert shown[1] not in client.get("/people", secure=True).content.decode()
    other = Client(headers={"host": "localhost"})
    answer = other.post("/sign-in", {"username": "maren", "password": shown[1]}, secure=True)
    assert answer.status_code == 302
    assert other.get("/visits", secure=True)["Location"] == "/password"


def test_a_taken_name_keeps_what_was_typed(client: Client) -> None:
    """A name that is taken is told in the form, with the rest still there."""
    entry = {"first": "Rosa", "last": "Zweite", "username": "Chief", "role": "lead"}
    answer = client.post("/people/add", entry, secure=True)
    assert answer.status_code == 422
    assert "There is already an account named Chief." in answer.content.decode()
    assert 'value="Zweite"' in answer.content.decode()


def test_a_closed_account_is_out_at_once(
    client: Client, maren: Any, browser_of: Callable[[Any], Client]
) -> None:
    """Closing ends the person's session and refuses the next sign-in."""
    open_one = browser_of(maren)
    assert open_one.get("/visits", secure=True).status_code == 200
    client.post(f"/people/{maren.staff_id}/close", secure=True)
    assert open_one.get("/visits", secure=True).status_code == 302
    again = Client(headers={"host": "localhost"})
    entry = {"username": "maren", "password": "correct horse battery staple"}
    assert again.post("/sign-in", entry, secure=True).status_code == 403


def test_a_new_password_ends_the_old_one_and_its_sessions(
    client: Client, maren: Any, browser_of: Callable[[Any], Client]
) -> None:
    """After a reset the old password and the open session are gone."""
    open_one = browser_of(maren)
    client.post(f"/people/{maren.staff_id}/reset", secure=True)
    assert open_one.get("/visits", secure=True).status_code == 302
    maren.refresh_from_db()
    assert not maren.check_password("correct horse battery staple")
    assert maren.must_change_password


def test_nobody_closes_the_own_account(client: Client) -> None:
    """The last administrator cannot lock everybody out."""
    chief = User.objects.get(username="chief")
    assert client.post(f"/people/{chief.staff_id}/close", secure=True).status_code == 409
    chief.refresh_from_db()
    assert chief.is_active


def test_only_administrators_manage_people(maren: Any, browser_of: Callable[[Any], Client]) -> None:
    """A reviewer is refused by page and by post."""
    client = browser_of(maren)
    assert client.get("/people", secure=True).status_code == 403
    entry = {"first": "A", "last": "B", "username": "ab", "role": "admin"}
    assert client.post("/people/add", entry, secure=True).status_code == 403
    assert not User.objects.filter(username="ab").exists()
