"""The code after the password: right ones once, wrong ones wait, the database alone opens nothing."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.test import Client

from techkit.central import accounts, second_factor
from techkit.central.models import AuditEvent, RecoveryCode, Role, User
from techkit.errors import CentralError, InputError
from tests.central.conftest import PASSWORD

#: RFC 6238, appendix B: the SHA-1 key and, cut to six digits, its codes at two moments.
RFC_KEY = base64.b32encode(b"12345678901234567890").decode()
RFC_CODES = {59: "287082", 1111111109: "081804"}


def code_of(key: str, at: float | None = None) -> str:
    """Return what an authenticator app shows."""
    moment = int(time.time() if at is None else at)
    return TOTP(base64.b32decode(key.replace(" ", "")), 6, SHA1(), 30).generate(moment).decode()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give the moment the service takes the present for, to be set."""
    held = [1_111_111_109.0]
    monkeypatch.setattr(second_factor.time, "time", lambda: held[0])
    return held


@pytest.mark.parametrize(("moment", "code"), RFC_CODES.items())
def test_codes_are_those_of_the_standard(maren: Any, clock: list[float], moment: int, code: str) -> None:
    """RFC 6238's own examples open the door at their own time."""
    clock[0] = float(moment)
    assert len(second_factor.switch_on(maren, RFC_KEY, code)) == 10
    assert User.objects.get(pk=maren.pk).has_second_factor


def test_a_code_is_good_once_and_for_a_minute_and_a_half(maren: Any, clock: list[float]) -> None:
    """The step before and after its own are taken, none twice, none later."""
    second_factor.switch_on(maren, RFC_KEY, code_of(RFC_KEY, clock[0]))
    assert not second_factor.is_right(maren, code_of(RFC_KEY, clock[0]))
    clock[0] += 300
    late = code_of(RFC_KEY, clock[0] - 60)
    assert not second_factor.is_right(maren, late)
    shown = code_of(RFC_KEY, clock[0] - 30)
    assert second_factor.is_right(maren, shown)
    assert not second_factor.is_right(maren, shown)
    assert second_factor.is_right(maren, code_of(RFC_KEY, clock[0] + 30))
    assert not second_factor.is_right(maren, code_of(RFC_KEY, clock[0]))  # an earlier step than the last one


def test_a_recovery_code_is_good_once(maren: Any, clock: list[float]) -> None:
    """However it is typed; its use is in the audit trail, and only hashes are kept."""
    codes = second_factor.switch_on(maren, RFC_KEY, code_of(RFC_KEY, clock[0]))
    assert len(set(codes)) == 10
    assert second_factor.is_right(maren, codes[3].lower().replace("-", " "))
    assert not second_factor.is_right(maren, codes[3])
    assert second_factor.left(maren) == 9
    assert AuditEvent.objects.filter(action="account.recovery_code").count() == 1
    assert not RecoveryCode.objects.filter(code_hash__in=codes).exists()


def test_the_database_alone_does_not_hold_the_key(maren: Any, clock: list[float], settings_key: Any) -> None:
    """What is kept is sealed with the service's secret; with another one only recovery codes open."""
    from django.conf import settings

    before = settings.SECRET_KEY
    codes = second_factor.switch_on(maren, RFC_KEY, code_of(RFC_KEY, clock[0]))
    kept = bytes(User.objects.get(pk=maren.pk).totp_sealed)
    assert RFC_KEY.encode() not in kept
    assert b"12345678901234567890" not in kept
    settings_key("another secret")
    clock[0] += 60
    assert not second_factor.is_right(maren, code_of(RFC_KEY, clock[0]))
    assert second_factor.is_right(maren, codes[0])
    settings_key(before)
    assert second_factor.is_right(maren, code_of(RFC_KEY, clock[0]))


@pytest.fixture
def settings_key(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Give a function that sets the service's secret."""
    from django.conf import settings

    return lambda text: monkeypatch.setattr(settings, "SECRET_KEY", text)


def test_nobody_switches_on_what_does_not_fit(maren: Any, clock: list[float]) -> None:
    """A first code that does not fit leaves everything as it was; so does a wrong one when switching off."""
    for wrong in ("", "000000", "abcdef", "12345", "²²²²²²", "0" * 4000):
        with pytest.raises(InputError):
            second_factor.switch_on(maren, RFC_KEY, wrong)
    assert not User.objects.get(pk=maren.pk).has_second_factor
    second_factor.switch_on(maren, RFC_KEY, code_of(RFC_KEY, clock[0]))
    with pytest.raises(InputError):
        second_factor.switch_off(maren, "000000")
    assert User.objects.get(pk=maren.pk).has_second_factor


def test_only_an_administrator_takes_it_away(maren: Any, org: Any, clock: list[float]) -> None:
    """Who lost phone and codes is let in again by an administrator, by nobody else; it is in the audit trail."""
    second_factor.switch_on(maren, RFC_KEY, code_of(RFC_KEY, clock[0]))
    finn = accounts.make_staff(org, "finn", PASSWORD, role=Role.FINANCE)
    with pytest.raises(CentralError):
        second_factor.take_away(finn, maren)
    boss = accounts.make_staff(org, "boss", PASSWORD, role=Role.ADMIN)
    second_factor.take_away(boss, maren)
    assert not User.objects.get(pk=maren.pk).has_second_factor
    assert not RecoveryCode.objects.exists()
    assert AuditEvent.objects.filter(action="account.second_factor", actor_name=boss.shown_name).count() == 1


# --- through the pages -----------------------------------------------------------------------------------


def switched_on(client: Client) -> tuple[str, list[str]]:
    """Set the second factor up through the pages; return its key and the recovery codes."""
    page = client.post("/account/second-factor", secure=True).content.decode()
    key = re.search(r'id="key">([A-Z2-7 ]+)<', page)
    assert key
    assert 'class="qr"' in page
    refused = client.post("/account/second-factor/on", {"code": "000000"}, secure=True)
    assert refused.status_code == 422
    assert "This code does not fit." in refused.content.decode()
    done = client.post("/account/second-factor/on", {"code": code_of(key[1])}, secure=True).content.decode()
    codes = re.findall(r'<li class="mono">([A-Z2-9-]+)</li>', done)
    assert len(codes) == 10
    assert codes[0] not in client.get("/account", secure=True).content.decode()
    return key[1], codes


def test_the_password_alone_opens_nothing_any_more(maren: Any, browser_of: Callable[[Any], Client]) -> None:
    """After the password no page opens until the code came; then the wanted one does."""
    key, codes = switched_on(browser_of(maren))
    client = Client(headers={"host": "localhost"})
    entry = {"username": "maren", "password": PASSWORD, "next": "/visits?view=all"}
    asked = client.post("/sign-in", entry, secure=True)
    assert asked["Location"] == "/sign-in/code"
    assert client.get("/visits", secure=True)["Location"].startswith("/sign-in?")
    wrong = client.post("/sign-in/code", {"code": "000000"}, secure=True)
    assert (wrong.status_code, "This code does not fit." in wrong.content.decode()) == (403, True)
    assert client.get("/visits", secure=True).status_code == 302
    used_already = client.post("/sign-in/code", {"code": code_of(key)}, secure=True)
    assert used_already.status_code == 403
    done = client.post("/sign-in/code", {"code": codes[0]}, secure=True)
    assert done["Location"] == "/visits?view=all"
    assert client.get("/visits", secure=True).status_code == 200


def test_the_code_page_alone_is_of_no_use(maren: Any) -> None:
    """Without a password before it, or too long after it, it leads back to the beginning."""
    client = Client(headers={"host": "localhost"})
    for answer in (
        client.get("/sign-in/code", secure=True),
        client.post("/sign-in/code", {"code": "1"}, secure=True),
    ):
        assert answer["Location"] == "/sign-in"


def test_wrong_codes_wait_like_wrong_passwords(maren: Any, browser_of: Callable[[Any], Client]) -> None:
    """After five wrong codes even a right one waits, and so does a fresh beginning."""
    _key, codes = switched_on(browser_of(maren))
    client = Client(headers={"host": "localhost"})
    client.post("/sign-in", {"username": "maren", "password": PASSWORD}, secure=True)
    for _n in range(5):
        client.post("/sign-in/code", {"code": "000000"}, secure=True)
    assert client.post("/sign-in/code", {"code": codes[0]}, secure=True).status_code == 429
    again = Client(headers={"host": "localhost"})
    assert again.post("/sign-in", {"username": "maren", "password": PASSWORD}, secure=True).status_code == 429


def test_it_is_switched_off_with_a_code(maren: Any, browser_of: Callable[[Any], Client]) -> None:
    """The person switches it off with a code; from then on the password stands alone again."""
    client = browser_of(maren)
    _key, codes = switched_on(client)
    assert client.post("/account/second-factor/off", {"code": "000000"}, secure=True).status_code == 422
    assert client.post("/account/second-factor/off", {"code": codes[1]}, secure=True).status_code == 302
    assert browser_of(maren).get("/visits", secure=True).status_code == 200


def test_nobody_guesses_it_off(maren: Any, browser_of: Callable[[Any], Client]) -> None:
    """In a browser left open, five wrong codes end the guessing, too: then even a right one waits."""
    client = browser_of(maren)
    _key, codes = switched_on(client)
    for _n in range(5):
        client.post("/account/second-factor/off", {"code": "000000"}, secure=True)
    client.post("/account/second-factor/off", {"code": codes[0]}, secure=True)
    maren.refresh_from_db()
    assert maren.has_second_factor
