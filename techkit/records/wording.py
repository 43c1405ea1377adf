"""Records in words: a field's value, a record in one line, and the rows of a review page or paper."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from techkit import i18n
from techkit.i18n import _
from techkit.records.schema import Audience, FieldSpec, Record, ValueType, spec_of


def rows(held: Record, audience: Audience, names: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """Return (label, text) of every filled field this audience may read, in declared order.

    names: id -> name for references; a reference without a name is left out.
    """
    shown = []
    for f in spec_of(held).fields:
        current = getattr(held, f.name)
        if current in (None, "", ()) or not f.readable_by(audience):
            continue
        text = format_value(f, current, names or {}, currency_of(held))
        if text:
            shown.append((_(f.label), text))
    return shown


def currency_of(held: Record) -> str:
    """Return the ISO 4217 code of the record's amounts; "EUR" for a record without any."""
    return str(getattr(held, "currency", "") or "EUR")


def format_value(  # noqa: PLR0911 - one line a type
    spec: FieldSpec, held: Any, names: Mapping[str, str] | None = None, currency: str = "EUR"
) -> str:
    """Return a field's value as a person reads it in the language in force."""
    if held is None:
        return ""
    match spec.value_type:
        case ValueType.CHOICE:
            return _(spec.choices.get(str(held), str(held)))
        case ValueType.REFERENCE:
            return (names or {}).get(held, "")
        case ValueType.TRUTH:
            return _("Yes") if held else _("No")
        case ValueType.MONEY:
            return i18n.money(held, currency)
        case ValueType.QUANTITY | ValueType.INTEGER:
            digits = max(0, -int(held.as_tuple().exponent)) if isinstance(held, Decimal) else 0
            return i18n.quantity(held, spec.unit, digits) if spec.unit else i18n.number(held, digits)
        case ValueType.DATE:
            return i18n.day(held)
        case ValueType.INSTANT:
            return f"{i18n.day(held.date())}, {i18n.clock(held)}"
        case ValueType.TEXTS:
            words = ((names or {}).get(one, "") for one in held) if spec.lists else held
            return ", ".join(word for word in words if word)
        case ValueType.DOCUMENT:
            return "; ".join(line for v in held if (line := _row_words(v, currency)))
    return str(held)


def _row_words(held: Any, currency: str) -> str:
    """Return one inner value in a line: a text itself, a value by its own words, "" for anything else."""
    if isinstance(held, str):
        return held
    words = getattr(held, "words", None)
    return str(words(currency)) if words is not None else ""


#: Blanks that may become one: all but the one that ties a figure to its unit.
_BLANKS = re.compile(r"[^\S\u00a0]+")


def summary_line(held: Record, names: Mapping[str, str] | None = None) -> str:
    """Return the record in one line, by its declared summary; its title when there is none."""
    spec = spec_of(held)
    if not spec.summary:
        return _(spec.title)
    texts = {f.name: format_value(f, getattr(held, f.name), names, currency_of(held)) for f in spec.fields}
    return _BLANKS.sub(" ", _(spec.summary).format(**texts)).strip(" ·–→")


def search_text(held: Record) -> str:
    """Return the words under which the record is found, one field a line."""
    found = []
    for f in spec_of(held).fields:
        current = getattr(held, f.name)
        if f.searched and current:
            found.append(format_value(f, current))
    return "\n".join(found)
