"""The page of the catalogue: products found, added, changed and put out of use; what cannot be is told at its field."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from techkit.central import accounts, audit, price_lists, products
from techkit.central.models import AuditEvent, Role
from techkit.central.pages import products as pages
from techkit.records.assets import Product, ProductKind
from tests.central.conftest import PASSWORD
from tests.central.pages.test_budgets import words
from tests.central.test_posting import finn

__all__ = ["finn"]

CABLE = {
    "name": " Patch cable  Cat 6", "number": "NK-0600", "kind": "supply", "unit": "m", "price": "0.80",
    "currency": "EUR", "vendor": "Drahtwerk",
}  # fmt: skip
DISK = {**CABLE, "name": "SSD 500 GB", "number": "ST-0500", "kind": "part", "unit": "piece", "price": "64"}


@pytest.fixture
def money(finn: Any, browser_of: Callable[[Any], Client]) -> Client:
    """Give the browser of Finn of finance."""
    return browser_of(finn)


def made(client: Client, form: dict[str, str]) -> str:
    """Add a product by the form; return its id."""
    answer = client.post("/products/add", form, secure=True)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"]).removeprefix("/products?kept=")


def test_a_product_is_added_found_and_changed(money: Client, finn: Any) -> None:
    """The page says what was kept, the filter finds by every word, the form holds what it says now."""
    assert "No product yet" in words(money.get("/products", secure=True))
    cable, _disk = made(money, CABLE), made(money, DISK)
    page = words(money.get(f"/products?kept={cable}", secure=True))
    assert "“Patch cable Cat 6” is kept." in page
    assert "€0.80 per m" in page
    found = words(money.get("/products?text=drahtwerk+nk-06", secure=True))
    assert ("Patch cable" in found, "SSD 500" in found, "1 product" in found) == (True, False, True)
    assert "No product is called so" in words(money.get("/products?text=%25", secure=True))
    form = money.get(f"/products/{cable}", secure=True).content.decode()
    assert all(f'value="{text}"' in form for text in ("Patch cable Cat 6", "NK-0600", "0.80", "Drahtwerk"))
    _held, rev = products.held(finn, cable)
    step = {**CABLE, "step": "keep", "rev": str(rev), "price": "1,234.50"}
    assert money.post(f"/products/{cable}/change", step, secure=True).status_code == 302
    assert products.held(finn, cable)[0].price_minor == 123_450
    late = words(money.post(f"/products/{cable}/change", {**step, "price": "2"}, secure=True), 409)
    assert "Somebody changed this product since you opened it." in late
    assert products.held(finn, cable)[0].price_minor == 123_450
    told = AuditEvent.objects.filter(action__startswith="product.").values_list("action", flat=True)
    assert sorted(told) == ["product.add", "product.add", "product.change"]
    assert audit.verify(finn.org_id) is None


def test_out_of_use_and_in_use_again(money: Client, finn: Any) -> None:
    """It stays in the list, marked, and its number stays its own; pressing twice does it once."""
    disk = made(money, DISK)
    for _n in range(2):
        assert money.post(f"/products/{disk}/change", {"step": "end"}, secure=True).status_code == 302
    assert products.is_over(finn, products.held(finn, disk)[0])
    assert "SSD 500 GB Part Out of use" in words(money.get("/products?use=over", secure=True))
    assert "No product is called so" in words(money.get("/products?use=used", secure=True))
    refused = words(money.post("/products/add", {**CABLE, "number": "st-0500"}, secure=True), 422)
    assert "The number ST-0500 belongs to “SSD 500 GB” already." in refused
    money.post(f"/products/{disk}/change", {"step": "begin"}, secure=True)
    assert products.held(finn, disk)[0].ends_on is None
    assert AuditEvent.objects.filter(action__in=("product.end", "product.begin")).count() == 2


def test_a_price_list_is_looked_at_before_it_is_kept(money: Client, finn: Any) -> None:
    """The page says what each line would do; kept, the list says how many; the product tells its prices."""
    cable = made(money, CABLE)
    text = "Name;Article number;Price\nPatch cable Cat 6;NK-0600;0.95\n<b>SSD</b>;ST-1;64\nMouse;M-1;cheap\n"
    looked = money.post("/products/import/give", {"step": "look", "text": text}, secure=True)
    page = words(looked)
    for said in (
        "1 line is left out", "“cheap” is not a number here.", "Price: €0.80 → €0.95", "1 product is added",
    ):  # fmt: skip
        assert said in page
    assert "<b>SSD" not in looked.content.decode()
    assert [p.price_minor for p in products.listed(finn)] == [80]
    digest = re.search('name="digest" value="([0-9a-f]{64})"', looked.content.decode())
    assert digest
    keep = {"step": "keep", "text": text, "digest": digest[1]}
    answer = money.post("/products/import/give", keep, secure=True)
    assert "1 product was added. 1 product was changed." in words(money.get(answer["Location"], secure=True))
    told = words(money.get(f"/products/{cable}", secure=True))
    assert told.index("€0.95") < told.rindex("€0.80")
    twice = money.post("/products/import/give", keep, secure=True)
    assert "changed since you looked at it" in words(twice, 409)
    file = SimpleUploadedFile("prices.csv", text.encode("utf-16"))
    assert "2 lines change nothing." in words(
        money.post("/products/import/give", {"step": "look", "file": file}, secure=True)
    )
    broken = SimpleUploadedFile("prices.xlsx", b"PK\x03\x04\x00\x00")
    page = words(money.post("/products/import/give", {"file": broken}, secure=True), 422)
    assert "Save the table as CSV in your spreadsheet program" in page


def test_a_long_catalogue_is_turned_page_by_page(
    money: Client, finn: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The filter stays while turning; a page there is none of is the last one."""
    monkeypatch.setattr(pages, "ROWS_SHOWN", 2)
    text = "Name,Price\n" + "".join(f"Toner {n},1\n" for n in range(1, 6))
    price_lists.keep(finn, text, price_lists.plan(finn, text).digest)
    first = money.get("/products?text=toner", secure=True)
    assert "1–2 of 5 products" in words(first)
    assert 'href="/products?text=toner&amp;page=2"' in first.content.decode()
    for page in ("3", "999999"):
        last = words(money.get(f"/products?text=toner&page={page}", secure=True))
        assert ("Toner 5" in last, "Toner 4" in last, "Next page" in last) == (True, False, False)
    for odd in ("0", "-1", "x", "²"):
        assert "1–2 of 5" in words(money.get(f"/products?page={odd}", secure=True))


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"price": "lots"}, "price", "“lots” is not a number here."),
        ({"price": "-1"}, "price", "That price cannot be."),
        ({"price": "9" * 30}, "price", "That price cannot be."),
        ({"price": ""}, "price", "is not a number here."),
        ({"name": "  "}, "name", "Name is still empty."),
        ({"number": "n" * 101}, "number", "Article number is too long"),
        ({"number": "st-0500"}, "number", "belongs to “SSD 500 GB” already."),
        ({"kind": "dragon"}, "kind", "Please choose one."),
        ({"currency": "XXX"}, "currency", "Please choose one."),
    ],
)
def test_what_cannot_be_is_told_at_its_field(
    money: Client, finn: Any, wrong: dict[str, str], field: str, sentence: str
) -> None:
    """The sentence stands at the field, what was typed stays, and the catalogue is as it was."""
    made(money, DISK)
    answer = money.post("/products/add", {**CABLE, **wrong}, secure=True)
    assert sentence in words(answer, 422)
    page = answer.content.decode()
    assert f'name="{field}"' in page.partition('aria-invalid="true"')[0].splitlines()[-1]
    assert page.count('aria-invalid="true"') == 1
    assert 'value="Drahtwerk"' in page
    assert [p.name for p in products.listed(finn)] == ["SSD 500 GB"]


def test_only_who_may_change_money_comes_in(
    money: Client, finn: Any, maren: Any, browser_of: Callable[[Any], Client]
) -> None:
    """A reviewer sees no way there and every address answers 403; without the page's token nothing is taken."""
    disk = made(money, DISK)
    reviewer = browser_of(maren)
    assert 'href="/products"' not in reviewer.get("/budgets", secure=True).content.decode()
    assert 'href="/products"' in money.get("/budgets", secure=True).content.decode()
    for address in ("/products", "/products/import", f"/products/{disk}"):
        assert reviewer.get(address, secure=True).status_code == 403
    for address in ("/products/add", "/products/import/give", f"/products/{disk}/change"):
        assert reviewer.post(address, {**CABLE, "step": "end"}, secure=True).status_code == 403
    strict = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
    strict.cookies = money.cookies
    assert strict.post("/products/add", CABLE, secure=True).status_code == 403
    assert [p.ends_on for p in products.listed(finn)] == [None]


def test_the_form_speaks_the_reader_s_language(org: Any, browser_of: Callable[[Any], Client]) -> None:
    """A German types a comma and “Stück”; what is kept is what every device understands."""
    lead = accounts.make_staff(org, "lea", PASSWORD, role=Role.LEAD, first_name="Lea", last_name="Sommer")
    client = browser_of(lead)
    client.post("/account/language", {"language": "de"}, secure=True)
    made(client, {**DISK, "unit": "Stück", "price": "1.064,50"})
    assert products.listed(lead) == [
        Product(
            id=products.listed(lead)[0].id, name="SSD 500 GB", number="ST-0500", kind=ProductKind.PART,
            unit="piece", price_minor=106_450, vendor="Drahtwerk",
        )
    ]  # fmt: skip
    assert " Stück" in words(client.get("/products", secure=True))
