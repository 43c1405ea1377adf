"""Pages speak the reader's language, with its numbers and dates; what the service keeps does not change by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from techkit import i18n
from techkit.central import projection
from techkit.central.models import VisitRow
from tests.central import samples
from tests.central.test_review import row_of, visit_of


@pytest.mark.parametrize(
    ("wishes", "language"),
    [
        ("de-CH,de;q=0.9,en;q=0.5", "de-CH"),
        ("fr", "fr"),
        ("it,de;q=0.2,fr;q=0.7", "fr"),
        ("EN-us", "en-US"),
        ("de-LI", "de"),
        ("ja,ko;q=0.5", ""),
        ("de;q=0,en;q=0.1", "en"),
        ("", ""),
        ("*", ""),
        (";;;,q=,de;q=x,,", ""),
        ("x" * 100_000, ""),
    ],
)
def test_the_best_wish_is_taken(wishes: str, language: str) -> None:
    """Wishes are weighed as browsers mean them; nonsense is none."""
    assert i18n.negotiated(wishes) == language


def page(client: Client, address: str, wishes: str = "") -> str:
    """Return a page as a browser with these wishes gets it, its spaces made plain."""
    answer = client.get(address, secure=True, headers={"accept-language": wishes} if wishes else None)
    assert answer.status_code == 200
    return answer.content.decode().replace("\xa0", " ").replace("\u202f", " ")


def test_each_reader_has_the_own_language(van: Any, maren: Any, browser_of: Callable[[Any], Client]) -> None:
    """The same page in three languages: words, money, dates, the state of the budget."""
    records = samples.dental_practice()
    van.send(*records)
    client = browser_of(maren)
    address = f"/visits/{visit_of(records).id}"
    german, french, english = (page(client, address, wish) for wish in ("de", "fr-FR,fr", "en-GB"))
    assert '<html lang="de">' in german
    assert "374,86 € übrig (günstig)" in german
    assert "24. November 2026" in german
    assert "374,86 €" in french
    assert "24 novembre 2026" in french
    assert "€374.86 left (favourable)" in english
    assert i18n.current() == i18n.default()


def test_the_accounts_own_language_comes_first(maren: Any, browser_of: Callable[[Any], Client]) -> None:
    """Who chose a language reads it whatever the browser asks; "as the browser asks" gives it back."""
    client = browser_of(maren)
    client.post("/account/language", {"language": "fr"}, secure=True)
    assert '<html lang="fr">' in page(client, "/visits", "de")
    client.post("/account/language", {"language": "klingon"}, secure=True)
    assert '<html lang="de">' in page(client, "/visits", "de")


def test_the_sign_in_speaks_it_too(org: Any) -> None:
    """Before anybody is known the browser's wish counts."""
    assert "Anmelden" in page(Client(headers={"host": "localhost"}), "/sign-in", "de-AT,de;q=0.8")


def test_who_looks_first_leaves_no_trace(van: Any, maren: Any, browser_of: Callable[[Any], Client]) -> None:
    """A row made for a German reader tells its flags to an English one in English, and the other way round."""
    records = samples.dental_practice(after_version="9.9")
    van.send(*records)
    client = browser_of(maren)
    german = page(client, "/visits", "de")
    english = page(client, "/visits", "en")
    assert "ist nicht belegt" in german
    assert "is not proven: the inventory after the work shows" in english
    row = row_of(visit_of(records))
    kept = (row.search_text, row.flags, row.flag_rules)
    with i18n.language("fr"):
        projection.rebuild(maren.org_id)
    row = VisitRow.objects.get(pk=row.pk)
    assert (row.search_text, row.flags, row.flag_rules) == kept


def test_amounts_are_read_as_the_reader_writes_them(
    van: Any, org: Any, browser_of: Callable[[Any], Client]
) -> None:
    """1.234,50 is what a German types, and 1,234.50 an English reader."""
    from techkit.central import accounts, ledger
    from techkit.central.models import Role
    from tests.central.conftest import PASSWORD

    finn = accounts.make_staff(org, "finn", PASSWORD, role=Role.FINANCE)
    van.send(*samples.dental_practice())
    client = browser_of(finn)
    for wish, typed in (("de", "1.234,50"), ("en", "1,234.50"), ("fr", "1 234,50")):
        account = next(a for a in ledger.accounts_of(finn) if a.budget and a.centre.code == "LDG-FRONT")
        assert account.budget
        step = {"step": "revise", "amount": typed, "reason": "x"}
        address = f"/budgets/{account.budget.id}/change"
        answer = client.post(address, step, secure=True, headers={"accept-language": wish})
        assert answer.status_code == 302
        account = next(a for a in ledger.accounts_of(finn) if a.budget and a.centre.code == "LDG-FRONT")
        assert account.budget
        assert account.budget.approved_minor == 123_450
