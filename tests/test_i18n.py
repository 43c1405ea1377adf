"""Numbers and dates of the source language are written without Babel, exactly as Babel writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from babel.dates import format_date
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from techkit import i18n

NUMBERS = st.one_of(
    st.integers(-(10**18), 10**18),
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15),
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9),
)


@given(value=NUMBERS, digits=st.integers(0, 3))
def test_english_numbers_are_babels(value: int | float | Decimal, digits: int) -> None:
    """Group marks, rounding to even and the sign are the same."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    with i18n.language("en"):
        assert i18n.number(value, digits) == format_decimal(value, format=pattern, locale="en_GB")


@pytest.mark.parametrize("style", ["full", "long", "medium", "short"])
@given(day=st.dates(date(1970, 1, 1), date(2100, 12, 31)))
def test_english_dates_are_babels(style: str, day: date) -> None:
    """Every month has its own name, long and short."""
    with i18n.language("en"):
        assert i18n.day(day, style=style) == format_date(day, format=style, locale="en_GB")


def test_other_languages_and_places_keep_their_own_habits() -> None:
    """A German, a Swiss and an American number are not written the English way."""
    for tag, number in (("de", "1.234,5"), ("de-CH", "1’234.5"), ("en-US", "1,234.5")):
        with i18n.language(tag):
            assert i18n.number(1234.5, 1) == number
    with i18n.language("en-US"):
        assert i18n.day(date(2026, 11, 3)) == "November 3, 2026"


def test_french_counts_octets_and_headings_begin_with_a_capital() -> None:
    """A size is written in Go in French and in GB elsewhere; a day at the head of a page has its capital."""
    for tag, size in (
        ("fr", "59,3\u00a0Go"),
        ("fr-CA", "59,3\u00a0Go"),
        ("de", "59,3\u00a0GB"),
        ("en", "59.3\u00a0GB"),
    ):
        with i18n.language(tag):
            assert i18n.byte_text(59_300_000_000) == size
    with i18n.language("fr"):
        assert (i18n.unit_sign("MB/s"), i18n.unit_sign("Mbit/s")) == ("Mo/s", "Mbit/s")
        assert i18n.as_heading(i18n.day(date(2026, 11, 23), style="full")) == "Lundi 23 novembre 2026"


@pytest.mark.parametrize(
    ("tag", "written", "shown"),
    [
        ("en", "{n} % of {size} GB, {n} min; why?", "{n}~% of {size}~GB, {n}~min; why?"),
        ("de", "z. B. {n} h oder 5 %", "z.~B. {n}~h oder 5~%"),
        ("fr", "« {name} » s’ouvre : {n} s’affiche ; oui ?", "«~{name}~» s’ouvre~: {n} s’affiche~; oui~?"),
        ("en", "{count} Berlin {n} hours, {n} bytes", "{count} Berlin {n} hours, {n} bytes"),
    ],
)
def test_a_line_never_ends_between_a_figure_and_its_unit(tag: str, written: str, shown: str) -> None:
    """What belongs together is tied by a blank that does not break; words that only look like units are not."""
    assert i18n.tied(written, tag) == shown.replace("~", "\u00a0")
    assert i18n.tied(shown.replace("~", "\u00a0"), tag) == shown.replace("~", "\u00a0")


def test_each_language_keeps_its_own_clock() -> None:
    """What is held of one language's hours is not shown in another's."""
    at = datetime(2026, 1, 2, 15, 4, tzinfo=UTC)
    shown = {}
    for tag in ("en", "en-US", "de"):
        with i18n.language(tag):
            shown[tag] = " ".join(i18n.clock(at).split())
    assert shown == {"en": "15:04", "en-US": "3:04 PM", "de": "15:04"}
