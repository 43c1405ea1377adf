"""What is typed into a form: numbers, money and days by the language's own writing, nothing thrown away."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techkit import i18n
from techkit.errors import InputError
from techkit.records import catalogue
from techkit.records.schema import Editor, form_fields, spec_for
from techkit.records.typed import parse, shown
from techkit.records.visit import SupplyUse
from techkit.ui.presenters.entry_form import ASKED, EntryForm

PRICE = spec_for("supply_use").field("unit_price_minor")
QUANTITY = spec_for("supply_use").field("quantity")
DAY = spec_for("follow_up").field("due_on")


@pytest.mark.parametrize(
    ("language", "text", "currency", "minor"),
    [
        ("en", "6.90", "EUR", 690),
        ("en", "1,234.56", "EUR", 123_456),
        ("de", "1.234,56", "EUR", 123_456),
        ("de", "6,90", "EUR", 690),
        ("en", "500", "JPY", 500),
        ("en", "1.234", "KWD", 1234),
        ("en", "", "EUR", None),
    ],
)
def test_money_is_read_by_language_and_currency(language, text, currency, minor):
    """An amount is read as the language writes it, in the currency's own smallest unit."""
    with i18n.language(language):
        assert parse(PRICE, text, currency) == minor


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "1.234,56"),
        ("de", "1,234.56"),
        ("en", "12abc"),
        ("en", "1_0"),
        ("en", "٣"),
        ("en", "1e5"),
        ("en", "½"),
    ],
)
def test_what_is_no_number_is_refused_with_an_example(language, text):
    """Another language's writing, letters and odd digits are refused, never guessed."""
    with i18n.language(language), pytest.raises(InputError) as caught:
        parse(PRICE, text, "EUR")
    assert text in caught.value.title
    assert caught.value.advice


@pytest.mark.parametrize(
    "text", ["2026-02-29", "2026-04-31", "0000-00-00", "10000-01-01", "0001-01-01", "01/02/26", "tomorrow"]
)
def test_days_that_are_none(text):
    """A day that is not in the calendar, or cannot be meant, is refused."""
    with pytest.raises(InputError):
        parse(DAY, text, "EUR")


def test_a_day_and_no_day():
    """A day is read as ISO text; empty is no day."""
    assert parse(DAY, "2026-12-07", "EUR") == date(2026, 12, 7)
    assert parse(DAY, " ", "EUR") is None


@given(st.decimals(min_value="0.01", max_value="99999", places=2), st.sampled_from(["en", "de", "fr"]))
def test_what_is_shown_is_read_back(amount, language):
    """What a form shows of an amount or a quantity is read back as the same, in every language."""
    minor = int(amount * 100)
    with i18n.language(language):
        assert parse(PRICE, shown(PRICE, minor, "EUR"), "EUR") == minor
        assert parse(QUANTITY, shown(QUANTITY, amount, "EUR"), "EUR") == amount


@pytest.mark.parametrize("digits", [14, 27, 28, 200])
def test_an_amount_of_many_digits_is_refused_plainly(digits):
    """However many digits are typed, the sentence says that the amount is too large."""
    with pytest.raises(InputError, match=r"larger (or finer )?than techkit can keep"):
        parse(PRICE, "1" + "0" * digits, "EUR")


@given(st.text(max_size=200))
def test_any_text_is_kept_or_refused_plainly(text):
    """Whatever is typed into any field of any form, it stands in the form as typed and nothing breaks."""
    for kind in ("supply_use", "follow_up", "training"):
        form = EntryForm(kind)
        for field in form_fields(form.spec, Editor.TECHNICIAN):
            form.fill(field.name, text)
        state = form.state(add_label="Add", today=date(2026, 10, 6))
        assert all(f.text == text for f in (*state.fields, *state.more))


def test_every_form_asks_for_what_exists():
    """The fields a form asks at once are declared, and every required one is among them."""
    catalogue.every()
    for kind, names in ASKED.items():
        spec = spec_for(kind)
        offered = {f.name for f in form_fields(spec, Editor.TECHNICIAN)}
        assert set(names) <= offered, kind
        assert {f.name for f in spec.fields if f.required and f.name in offered} <= set(names), kind


def test_form_of_an_entry_shows_what_it_holds():
    """Changing an entry begins with what it holds."""
    form = EntryForm(
        "supply_use", record=SupplyUse(id="s", name="Wipes", quantity=Decimal("2.50"), unit_price_minor=420)
    )
    texts = {f.name: f.text for f in form.state(add_label="Save", today=date(2026, 10, 6)).fields}
    assert texts == {"name": "Wipes", "quantity": "2.5", "unit_price_minor": "4.20"}
