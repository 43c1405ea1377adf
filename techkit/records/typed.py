"""What is typed into a field and what it means, the same on a device and on the office's pages.

Typed text that cannot be read is refused in words; whoever asked keeps it as it stands.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from techkit import i18n
from techkit.errors import InputError
from techkit.i18n import _
from techkit.records.assets import unit_meant, unit_words
from techkit.records.budget import MAX_AMOUNT_MINOR
from techkit.records.encoding import MOST_PLACES, MOST_WHOLE, decode
from techkit.records.entering import clean_text, is_finer, is_plausible_mail, too_fine
from techkit.records.schema import FieldSpec, ValueType


def shown(spec: FieldSpec, held: Any, currency: str) -> str:
    """Return a value as its control shows it."""
    if held is None:
        return ""
    match spec.value_type:
        case ValueType.TRUTH:
            return "yes" if held else ""
        case ValueType.TEXTS:
            return "\n".join(held)
        case ValueType.MONEY:
            # A price of nothing is a price where none is another thing.
            is_said = bool(held) or spec.default is None
            return (
                i18n.number(Decimal(held).scaleb(-i18n.places(currency)), i18n.places(currency))
                if is_said
                else ""
            )
        case ValueType.QUANTITY:
            return i18n.exact(held)
        case ValueType.INTEGER:
            return i18n.number(held) if held else ""
        case ValueType.DATE:
            return str(held.isoformat())
    return unit_words(str(held)) if spec.form == "unit" else str(held)


def parse(spec: FieldSpec, text: str, currency: str) -> Any:  # noqa: C901, PLR0911 - one line a type
    """Return what a typed text means for a field. Raises: InputError saying how to write it right."""
    typed = clean_text(text, multiline=spec.multiline or spec.value_type is ValueType.TEXTS)
    match spec.value_type:
        case ValueType.TRUTH:
            return typed == "yes"
        case ValueType.TEXTS:
            return tuple(line for part in typed.split("\n") if (line := part.strip()))
        case ValueType.MONEY:
            if not typed:
                return spec.default
            amount = _number(spec, typed, currency)
            # Before it is rounded: of more digits than Decimal counts with there is no rounding.
            if abs(amount.scaleb(i18n.places(currency))) > MAX_AMOUNT_MINOR:
                raise InputError(_("That amount is larger than techkit can keep."), field=spec.name)
            if is_finer(amount, currency):
                raise too_fine(typed, currency, spec.name, safe=_("What you typed is kept."))
            return i18n.minor(amount, currency)
        case ValueType.QUANTITY:
            if not typed:
                return spec.default
            quantity = _number(spec, typed)
            if quantity < 0 or (quantity == 0 and spec.default != 0):
                raise InputError(
                    _("{label} must be more than 0.", label=_(spec.label)), field=spec.name,
                    advice=_("For example: {example}", example="1"),
                )  # fmt: skip
            return quantity
        case ValueType.INTEGER:
            return _whole(spec, typed) if typed else spec.default
        case ValueType.DATE:
            return _date(spec, typed)
        case ValueType.TEXT:
            return _text(spec, typed)
    if not typed and spec.default is None:
        return None
    try:
        return decode(spec, int(typed) if isinstance(spec.default, int) and typed.isdecimal() else typed)
    except ValueError as error:
        raise InputError(_("{label}: please choose one.", label=_(spec.label)), field=spec.name) from error


def _text(spec: FieldSpec, typed: str) -> str:
    if len(typed) > spec.max_length:
        raise InputError(
            _(
                "{label} is too long: {count} of at most {limit} characters.",
                label=_(spec.label),
                count=i18n.number(len(typed)),
                limit=i18n.number(spec.max_length),
            ),
            field=spec.name,
            advice=_("Shorten it, or attach the long text as a file."),
        )
    if spec.form == "mail" and typed and not is_plausible_mail(typed):
        raise InputError(
            _("{label}: this cannot be an e-mail address.", label=_(spec.label)),
            field=spec.name,
            safe=_("What you typed is kept."),
            advice=_("Write it like this: {example}", example="name@example.org"),
        )
    return unit_meant(typed) if spec.form == "unit" else typed


def _whole(spec: FieldSpec, typed: str) -> int:
    number = _number(spec, typed)
    if number != int(number):
        raise InputError(
            _("{label}: only whole numbers are kept here.", label=_(spec.label)),
            field=spec.name,
            safe=_("What you typed is kept."),
            advice=_("Round it."),
        )
    return int(number)


def _number(spec: FieldSpec, typed: str, currency: str = "") -> Decimal:
    try:
        found = i18n.parse_number(typed)
        if abs(found) > MOST_WHOLE or int(found.as_tuple().exponent) < -MOST_PLACES:
            raise InputError(_("That number is larger or finer than techkit can keep."), field=spec.name)
        return found
    except ValueError as error:
        raise InputError(
            _("“{typed}” is not a number here.", typed=typed[:40]),
            field=spec.name,
            safe=_("What you typed is kept."),
            advice=_("Write it like this: {example}", example=_example(spec, currency)),
        ) from error


def _example(spec: FieldSpec, currency: str) -> str:
    """Return a number this field takes, written as the language of the window writes numbers."""
    if spec.unit == "%":
        return i18n.number(Decimal("33.3"), 1)
    match spec.value_type:
        case ValueType.INTEGER:
            return i18n.number(15)
        case ValueType.MONEY:
            return i18n.number(Decimal("1234.5"), i18n.places(currency))
    return i18n.number(Decimal("2.5"), 1)


def _date(spec: FieldSpec, typed: str) -> date | None:
    if not typed:
        return None
    try:
        found = date.fromisoformat(typed)
    except ValueError as error:
        raise InputError(
            _("“{typed}” is not a day of the calendar.", typed=typed[:40]),
            field=spec.name,
            safe=_("What you typed is kept."),
            advice=_("Write it like this: {example}", example="2026-12-31"),
        ) from error
    if not 1970 <= found.year <= 2200:
        raise InputError(
            _("{label}: the year {year} cannot be meant.", label=_(spec.label), year=found.year),
            field=spec.name,
        )
    return found
