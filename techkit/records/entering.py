"""What a person enters: text cleaned as techkit keeps it, and records refused that cannot be kept."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any

from techkit import i18n
from techkit.errors import InputError
from techkit.i18n import _, ngettext
from techkit.records.budget import times
from techkit.records.schema import FieldSpec, Record, spec_of
from techkit.records.visible import has_ink
from techkit.records.wording import summary_line

#: What a one-line field folds to one blank. No-break spaces stay: they belong to "2.1 GB".
_BLANKS = re.compile(r"[ \t\n\r\f\v\u2028\u2029]+")


_SURROGATE = re.compile("[\ud800-\udfff]")


def clean_text(text: str, *, multiline: bool = False) -> str:
    """Return text as techkit keeps it: NFC, no NUL, no lone surrogates, one-line fields on one line.

    Cleaning what is clean changes nothing, so a record read back equals the record saved.

    Source: BAD-INPUTS A1–A4 and A8 of the specification, kept in docs/records.md.
    """
    if "\x00" in text:
        text = text.replace("\x00", "")
    if not text.isascii() and _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = unicodedata.normalize("NFC", text)
    if multiline:
        return text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return _BLANKS.sub(" ", text).strip()


#: One @ outside quotes, something on both sides, no blank. Generous on purpose: only a mail server knows which
#: addresses there are. Source: RFC 5321, 4.1.2; BAD-INPUTS B34.
_MAIL = re.compile(r'(?:"[^"@\\]+"|[^\s"@]+)@[^\s"@]+')


def is_plausible_mail(text: str) -> bool:
    """Return whether a text may be an e-mail address, with nothing in it that would change a mail's head."""
    return text.isprintable() and _MAIL.fullmatch(text) is not None


def amount_of(typed: str, currency: str, name: str) -> int:
    """Return a typed amount in minor units. name: its field.

    Raises: InputError saying how to write it, also for an amount finer than the currency has coins: 0.125 rounded
    to 0.13 is 4 % more, unseen, on each of a thousand sheets.
    """
    typed = typed[:40]
    places = i18n.places(currency)
    try:
        amount = i18n.parse_number(typed)
    except ValueError as error:
        raise InputError(
            _("“{typed}” is not a number here.", typed=typed),
            field=name,
            safe=_("Nothing was changed."),
            advice=_("Write it like this: {example}", example=i18n.number(Decimal("1234.5"), places)),
        ) from error
    if is_finer(amount, currency):
        raise too_fine(typed, currency, name, safe=_("Nothing was changed."))
    return i18n.minor(amount, currency)


def is_finer(amount: Decimal, currency: str) -> bool:
    """Return whether no coins of a currency make up an amount."""
    return int(amount.normalize().as_tuple().exponent) < -i18n.places(currency)


def too_fine(typed: str, currency: str, name: str, *, safe: str) -> InputError:
    """Return the refusal of an amount no coins make up; nothing is rounded unseen."""
    places = ngettext("{n} decimal place", "{n} decimal places", i18n.places(currency))
    if not i18n.places(currency):
        places = _("no decimal places")
    return InputError(
        _(
            "“{typed}” is finer than {currency} has coins: {places}.",
            typed=typed[:40],
            currency=currency,
            places=places,
        ),
        field=name,
        safe=safe,
        advice=_("Round it, or price a larger unit: 100 sheets instead of one."),
    )


def check(held: Record) -> None:
    """Refuse a record whose required fields are empty, whose texts are too long, or that costs more than can be kept.

    Raises: InputError naming the first field, the limit and the way out.
    """
    quantity, price = getattr(held, "quantity", None), getattr(held, "unit_price_minor", None)
    if isinstance(quantity, Decimal) and price:
        times(quantity, price)
    for f in spec_of(held).fields:
        current = getattr(held, f.name)
        if f.refers:
            _check_reference(held, f, current)
        elif f.required and _is_empty(current) and f.name not in held.extra:
            raise InputError(
                _("{label} is still empty.", label=_(f.label)),
                field=f.name,
                safe=_("Everything else you typed is kept."),
                advice=_("Please fill it in."),
            )
        if isinstance(current, str) and len(current) > f.max_length:
            raise InputError(
                _(
                    "{label} is too long: {count} of at most {limit} characters.",
                    label=_(f.label),
                    count=i18n.number(len(current)),
                    limit=i18n.number(f.max_length),
                ),
                field=f.name,
                safe=_("Nothing you typed is lost."),
                advice=_("Shorten it, or attach the long text as a file."),
            )


def _is_empty(current: Any) -> bool:
    return not has_ink(current) if isinstance(current, str) else current in (None, ())


def _check_reference(held: Record, spec: FieldSpec, current: Any) -> None:
    """Refuse a record that stands below itself, or below nothing where it needs something. Raises: InputError."""
    own = spec_of(held)
    if spec.required and not current and spec.name not in held.extra:
        raise InputError(
            _("{record}: {label} is missing.", record=summary_line(held), label=_(spec.label)),
            field=spec.name,
            safe=_("Nothing was changed."),
        )
    if current == held.id and spec.refers == own.kind:
        raise below_itself(held, spec)


def below_itself(held: Record, spec: FieldSpec) -> InputError:
    """Return the refusal of a record that would stand below itself, directly or by way of others."""
    return InputError(
        _("{record} cannot stand below itself ({label}).", record=summary_line(held), label=_(spec.label)),
        field=spec.name,
        safe=_("Nothing was changed."),
        advice=_("Choose another one."),
    )


#: What no file's name may hold, on any of the three systems, and names that are devices on Windows. Source: BAD-INPUTS A25.
_NO_FILE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]+')
_DEVICES = re.compile(r"^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)", re.IGNORECASE)

#: Short enough for every file system, in UTF-8 and with an ending.
_LONGEST_FILE = 80


def file_name(text: str, otherwise: str = "techkit") -> str:
    """Return a text as the name of a file, without an ending: never a path, a device, or one that begins with a sign."""
    words = " ".join(_NO_FILE.sub(" ", clean_text(text)).split())
    name = words.encode("utf-8")[:_LONGEST_FILE].decode("utf-8", "ignore").strip(". -~")
    if not name:
        return otherwise
    return f"{name}_" if _DEVICES.match(name) else name
