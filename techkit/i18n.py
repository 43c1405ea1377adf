"""Translated text, numbers, dates and money.

English is the source language and needs no catalogue. A sentence is marked where it stands:
`_("Saved {time}", time=...)` translates now, `N_("Saved")` only marks a declared label that is
translated when shown. Catalogues are gettext files in resources/translations/<language>.po,
compiled to .mo by `./dev translations`.

The language is one per thread of control: `language("de")` holds inside a with block (the paper
in the customer's language), `set_language` sets the program's own.
"""

from __future__ import annotations

import contextvars
import functools
import gettext as gettext_module
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, tzinfo
from decimal import ROUND_HALF_UP, Decimal

from techkit import resources

#: The languages the window, the paper and the messages are offered in.
LANGUAGES = ("en", "de", "fr")

#: What is paid with where techkit is used first; any other currency follows.
FIRST_CURRENCIES = ("EUR", "CHF", "GBP", "USD")

#: The space that may not break, between a number and its unit.
NO_BREAK_SPACE = "\u00a0"

_default = "en"
_current: contextvars.ContextVar[str | None] = contextvars.ContextVar("language", default=None)


#: Languages with the habits of a place: its numbers, dates and clock. Source: CLDR, through Babel.
VARIANTS = (
    "en-GB",
    "en-US",
    "en-CA",
    "en-AU",
    "en-IE",
    "de-DE",
    "de-AT",
    "de-CH",
    "fr-FR",
    "fr-BE",
    "fr-CA",
    "fr-CH",
)


#: What is written without Babel, which takes a tenth of a quick check to load: the source language's own numbers and
#: dates. A test holds them to Babel's.
_PLAIN = ("en", "en-GB")
_MONTHS = {
    "long": (
        "January February March April May June July August September October November December".split(" ")
    ),
    "medium": "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec".split(" "),
}


def default() -> str:
    """Return the program's own language."""
    return _default


def negotiated(wanted: str) -> str:
    """Return the best language for a list of wishes as browsers send it; "" when none is spoken here.

    wanted: "de-CH,de;q=0.9,en;q=0.5". Source: RFC 9110, section 12.5.4.
    """
    wishes = []
    for place, part in enumerate(wanted[:500].split(",")):
        tag, _sign, weight = part.strip().partition(";q=")
        try:
            rank = float(weight or 1)
        except ValueError:
            continue
        if tag and 0 < rank <= 1:
            wishes.append((-rank, place, tag))
    for _rank, _place, tag in sorted(wishes):
        base, _sign, region = tag.partition("-")
        known = f"{base.lower()}-{region.upper()}" if region else base.lower()
        if known in VARIANTS:
            return known
        if base.lower() in LANGUAGES:
            return base.lower()
    return ""


def current() -> str:
    """Return the language in force: a BCP 47 tag such as "en" or "de"."""
    return _current.get() or _default


def set_language(tag: str) -> None:
    """Set the program's own language for all threads; unknown languages fall back to English."""
    global _default  # noqa: PLW0603 - the program's language is one value for the process
    _default = tag


def spoken(tag: str) -> str:
    """Return the language techkit speaks where one is asked for: a record may name any, or hold no language at all."""
    base = tag.partition("-")[0]
    return tag if tag in VARIANTS else base if base in LANGUAGES else "en"


@contextmanager
def language(tag: str) -> Iterator[None]:
    """Use another language inside the with block, e.g. for the customer's paper; English for one nobody speaks here."""
    token = _current.set(spoken(tag) if tag else "")
    try:
        yield
    finally:
        _current.reset(token)


@functools.lru_cache(maxsize=8)
def _catalogue(tag: str) -> gettext_module.NullTranslations:
    base = tag.partition("-")[0]
    compiled = resources.root() / "translations" / f"{base}.mo"
    if base == "en" or not compiled.exists():
        return gettext_module.NullTranslations()
    with compiled.open("rb") as file:
        return gettext_module.GNUTranslations(file)


def N_(message: str) -> str:
    """Mark a text for translation and return it unchanged."""
    return message


#: What each of LANGUAGES is called, and what it calls itself, so that it is found by who reads it.
LANGUAGE_NAMES = {"en": N_("English"), "de": N_("German"), "fr": N_("French")}
OWN_NAMES = {"en": "English", "de": "Deutsch", "fr": "Français"}


#: Where a line may not end, in a text as it is written down: between a figure and its unit, inside an abbreviation,
#: and in French before a sign of two parts and inside guillemets.
_TIED = re.compile(
    r"(?<=[\d}]) (?=(?:%|°C|€|[kMGT]?B|[kMGT]?o|[kMG]bit/s|[kMG]B/s|min|ms|h|s)(?![\w'’]))"
    r"|(?<=\bz\.) (?=B\.)|(?<=\bu\.) (?=a\.)|(?<=\bd\.) (?=h\.)"
)
_TIED_IN_FRENCH = re.compile(r" (?=[;:!?»])|(?<=«) ")


def tied(text: str, tag: str) -> str:
    """Return a text whose lines end only where a reader would end them: "25.8 %", "z. B.", "« oui »" stay whole."""
    text = _TIED.sub(NO_BREAK_SPACE, text)
    return _TIED_IN_FRENCH.sub(NO_BREAK_SPACE, text) if tag.startswith("fr") else text


@functools.lru_cache(maxsize=16_384)
def _translated(tag: str, message: str) -> str:
    return tied(_catalogue(tag).gettext(message), tag)


def _(message: str, **values: object) -> str:
    """Return the text in the language in force, its {names} filled in."""
    text = _translated(current(), message) if message else ""
    return text.format(**values) if values else text


def ngettext(singular: str, plural: str, n: int, **values: object) -> str:
    """Return the form that fits n, with {n} and the other {names} filled in."""
    tag = current()
    text = tied(_catalogue(tag).ngettext(singular, plural, n), tag)
    return text.format(n=n, **values)


def number(value: float | Decimal, digits: int = 0) -> str:
    """Return a number with its group marks, rounded to `digits` places."""
    if current() in _PLAIN:
        exact_value = value if isinstance(value, Decimal) else Decimal(str(value))
        if exact_value.is_finite():
            return format(exact_value, f",.{digits}f")
    from babel.numbers import format_decimal  # loaded late: not needed before the first paint

    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(value, format=pattern, locale=_locale())


def parse_number(text: str) -> Decimal:
    """Return what a number typed in the language in force means. Raises: ValueError."""
    from babel.numbers import NumberFormatError, get_group_symbol, parse_decimal

    group = get_group_symbol(_locale())
    # A language that groups by a thin space is typed with an ordinary one.
    typed = group.join(text.split()) if group.isspace() else text.strip()
    if not typed.replace(group, "").isascii() or "_" in typed or "e" in typed.casefold():
        raise ValueError(text)
    try:
        found = Decimal(parse_decimal(typed, locale=_locale(), strict=True))
    except (NumberFormatError, ArithmeticError) as error:
        raise ValueError(text) from error
    if not found.is_finite():
        raise ValueError(text)
    return found


@functools.cache
def currencies() -> tuple[str, ...]:
    """Return every currency that is paid with somewhere, by its ISO 4217 code: those of our customers first."""
    from babel.core import get_global
    from babel.numbers import get_territory_currencies

    paid = {code for place in get_global("territory_currencies") for code in get_territory_currencies(place)}
    return (*FIRST_CURRENCIES, *sorted(paid.difference(FIRST_CURRENCIES)))


def places(currency: str) -> int:
    """Return how many decimal places a currency's amounts have: EUR 2, JPY 0, BHD 3."""
    from babel.numbers import get_currency_precision  # loaded late: not before the first paint

    return get_currency_precision(currency)


def minor(value: Decimal, currency: str) -> int:
    """Return an amount of a currency in its minor units, e.g. (12.5, "EUR") -> 1250."""
    return int(value.scaleb(places(currency)).to_integral_value(ROUND_HALF_UP))


def exact(value: Decimal) -> str:
    """Return a number with just the places it has: 60.00 -> "60", 33.33 -> "33.33"."""
    return number(value, max(0, -int(value.normalize().as_tuple().exponent)))


def amount(amount_minor: int, currency: str) -> str:
    """Return an amount of minor units as it is typed, without its currency, e.g. "109.90"."""
    digits = places(currency)
    return number(Decimal(amount_minor).scaleb(-digits), digits)


#: Between a letter and the digit behind it.
_CODE_AT_NUMBER = re.compile(r"(?<=[A-Z]{3})(?=\d)")


def money(amount_minor: int, currency: str) -> str:
    """Return an amount of minor units (cents) with its currency, e.g. "€109.90"."""
    from babel.numbers import format_currency, get_currency_precision

    exponent = get_currency_precision(currency)
    told = format_currency(Decimal(amount_minor).scaleb(-exponent), currency, locale=_locale())
    # A currency without a sign is written by its code, which stands apart: "KWD 9.509". Source: CLDR,
    # alphaNextToNumber, which Babel 2.18 does not follow.
    return _CODE_AT_NUMBER.sub(NO_BREAK_SPACE, told)


def percent(share: float | Decimal, digits: int = 1) -> str:
    """Return a share of 1 as percent, e.g. 0.258 -> "25.8 %" with a space that does not break."""
    return f"{number(Decimal(str(share)) * 100, digits)}{NO_BREAK_SPACE}%"


#: Units that are words of a language: French counts octets. Source: CLDR, units "digital", through Babel.
_OWN_UNITS = {"fr": {"B": "o", "kB": "ko", "MB": "Mo", "GB": "Go", "TB": "To", "MB/s": "Mo/s"}}


def quantity(value: float | Decimal, unit: str, digits: int = 0) -> str:
    """Return a number and its unit, e.g. (59.3, "GB", 1) -> "59.3 GB"."""
    return f"{number(value, digits)}{NO_BREAK_SPACE}{unit_sign(unit)}"


def unit_sign(unit: str) -> str:
    """Return a unit as the language in force writes it, e.g. "Mo/s" in French for "MB/s"."""
    return _OWN_UNITS.get(current().partition("-")[0], {}).get(unit, unit)


def byte_text(count: float) -> str:
    """Return bytes as GB or MB, decimal as disks are sold (1 GB = 10**9 bytes)."""
    if count >= 1e9:
        return quantity(count / 1e9, "GB", 1)
    return quantity(count / 1e6, "MB", 1)


def minutes(count: int) -> str:
    """Return a duration as hours and minutes, e.g. 75 -> "1 h 15 min"."""
    hours, rest = divmod(count, 60)
    parts = [quantity(hours, "h")] if hours else []
    if rest or not hours:
        parts.append(quantity(rest, "min"))
    return " ".join(parts)


def day(value: date, *, style: str = "long") -> str:
    """Return a date; style is Babel's "full", "long", "medium" or "short"."""
    if current() in _PLAIN and style in _MONTHS:
        return f"{value.day} {_MONTHS[style][value.month - 1]} {value.year}"
    from babel.dates import format_date

    return format_date(value, format=style, locale=_locale())


def month(value: date) -> str:
    """Return the month of a day, e.g. "November 2026"."""
    from babel.dates import format_skeleton

    return str(format_skeleton("yMMMM", value, locale=_locale()))


def as_heading(text: str) -> str:
    """Return a text with a capital at its beginning: French days and months have none inside a sentence."""
    return text[:1].upper() + text[1:]


def clock(value: datetime, zone: tzinfo | None = None) -> str:
    """Return hours and minutes in a zone, by the language's own clock (24 h where usual)."""
    local = value.astimezone(zone) if zone else value
    return _clock(local.hour, local.minute, _locale())


@functools.lru_cache(maxsize=24 * 60)
def _clock(hour: int, minute: int, locale: str) -> str:
    # Held, as each row of a long list has one and Babel takes its time for it.
    from babel.dates import format_time

    return format_time(time(hour, minute), format="h:mm a" if locale == "en_US" else "HH:mm", locale=locale)


def _locale() -> str:
    tag = current().replace("-", "_")
    return "en_GB" if tag == "en" else tag
