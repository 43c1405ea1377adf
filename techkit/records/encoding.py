"""The stored and the sent form of records: documents of JSON, and rows of a table.

What a newer techkit wrote (an unknown field, an unknown choice) is kept in `extra` and passed on untouched.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from techkit.records.entering import clean_text
from techkit.records.schema import FieldSpec, Record, RecordSpec, ValueType, spec_for, spec_of


def encode(held: Any) -> Any:
    """Return a field's value as JSON carries it: instants as UTC text, quantities as text."""
    if held is None or isinstance(held, (str, int)):
        return str(held) if isinstance(held, StrEnum) else held
    if isinstance(held, Decimal):
        return str(held)
    if isinstance(held, datetime):
        return instant_text(held)
    if isinstance(held, date):
        return held.isoformat()
    import msgspec  # loaded late: only structured fields need it

    return _plain(msgspec.to_builtins(held))


def _plain(held: Any) -> Any:
    """Return the value with lists for tuples, so that it equals itself after a round trip."""
    if isinstance(held, (tuple, list)):
        return [_plain(item) for item in held]
    if isinstance(held, dict):
        return {key: _plain(item) for key, item in held.items()}
    return held


#: No number of a record is larger: the largest amount has 10^13 minor units, the largest file fewer bytes. What is
#: reckoned from thousands of them still fits a column of 64 bits.
MOST_WHOLE = 10**15

#: A quantity has at most so many digits before its point and places behind it; a third of an hour has 28.
_DIGITS, MOST_PLACES = 15, 40


def decode(spec: FieldSpec, raw: Any) -> Any:
    """Return the field's value from its JSON form, text cleaned.

    Raises: ValueError for a value this techkit cannot hold (a newer choice, a wrong type).
    """
    base = spec.bare_annotation
    if raw is None:
        if base is spec.annotation:
            raise ValueError(f"{spec.name} may not be empty")
        return None
    if base is str:
        if not isinstance(raw, str):
            raise ValueError(f"{spec.name} is not text")
        return clean_text(raw, multiline=spec.multiline)
    if base in (Decimal, datetime):
        return _decimal(spec.name, raw) if base is Decimal else instant(spec.name, raw)
    if base in (int, bool):
        if base is int and isinstance(raw, bool):
            raise ValueError(f"{spec.name} is not a number")
        if base is bool and raw in (0, 1):
            return bool(raw)
        if not isinstance(raw, base):
            raise ValueError(f"{spec.name} has the wrong type")
        if base is int and abs(raw) > MOST_WHOLE:
            raise ValueError(f"{spec.name} is too large")
        return raw
    import msgspec

    try:
        return msgspec.convert(raw, base, strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(f"{spec.name}: {error}") from error


#: How an instant is written, at both ends and on the wire: with seconds and with its zone, to the nanosecond.
#: Source: RFC 3339, 5.6, and of its freedoms only these; BAD-INPUTS C43.
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)")


def instant(name: str, raw: Any) -> datetime:
    """Return an instant from its text, whatever is finer than a microsecond rounded.

    Raises: ValueError for everything else: a number, a day alone, no zone, a zone without its colon.
    """
    import msgspec

    if not isinstance(raw, str) or _INSTANT.fullmatch(raw) is None:
        raise ValueError(f"{name} is not an instant with its zone")
    try:
        found = msgspec.convert(raw, datetime)
    except msgspec.ValidationError as error:
        raise ValueError(f"{name}: {error}") from error
    if not 1 < found.year < 9999:  # its day at another place, or the day before, would be none
        raise ValueError(f"{name} lies at the end of the calendar")
    return found


def _decimal(name: str, raw: Any) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, (str, int)):
        raise ValueError(f"{name} is not a quantity")
    try:
        held = Decimal(raw)
    except ArithmeticError as error:
        raise ValueError(f"{name} is not a quantity") from error
    if not held.is_finite():
        raise ValueError(f"{name} is not a finite quantity")
    if held and not -MOST_PLACES <= int(held.as_tuple().exponent) <= held.adjusted() <= _DIGITS:
        raise ValueError(f"{name} is too large or too fine")
    return held


def to_document(held: Record) -> dict[str, Any]:
    """Return the record as JSON carries it: fields that differ from their default, and `extra`.

    The id is not part of it; an operation or row names it beside the document.
    """
    spec = spec_of(held)
    document = {key: val for key, val in held.extra.items() if key not in _names(spec)}
    for f in spec.fields:
        current = getattr(held, f.name)
        if current != f.default:
            document[f.name] = encode(current)
        elif f.name in held.extra:
            document[f.name] = held.extra[f.name]
    return document


def from_document(kind: str, record_id: str, document: Mapping[str, Any]) -> Record:
    """Return the record of a document; what this techkit cannot read stays in `extra`.

    Raises: KeyError for an unknown kind.
    """
    spec = spec_for(kind)
    known: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    names = _names(spec)
    for name, raw in document.items():
        if name not in names:
            extra[name] = raw
            continue
        try:
            known[name] = decode(names[name], raw)
        except ValueError:
            extra[name] = raw
    return spec.cls(id=record_id, extra=extra, **known)


def _names(spec: RecordSpec) -> dict[str, FieldSpec]:
    return {f.name: f for f in spec.fields}


def changed_fields(before: Record | None, after: Record) -> dict[str, Any]:
    """Return the fields whose value differs, name -> new value as JSON carries it.

    A new record gives every field that differs from its default.
    """
    new = to_document(after)
    if before is None:
        return new
    old = to_document(before)
    defaults = {f.name: encode(f.default) for f in spec_of(after).fields}
    names = sorted({*old, *new})
    return {
        name: new.get(name, defaults.get(name))
        for name in names
        if new.get(name, defaults.get(name)) != old.get(name, defaults.get(name))
    }


def instant_text(moment: datetime) -> str:
    """Return an aware instant as UTC text, e.g. "2026-11-23T09:10:00Z".

    Raises: ValueError for an instant without a zone.
    """
    if moment.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _column_type(spec: FieldSpec) -> str:
    return "INTEGER" if spec.bare_annotation in (int, bool) else "TEXT"


def columns(spec: RecordSpec) -> list[tuple[str, str]]:
    """Return the table's columns as (name, SQLite STRICT type), id first, in declared order."""
    return [
        ("id", "TEXT"),
        *((f.name, _column_type(f)) for f in spec.fields),
    ]


def from_row(spec: RecordSpec, row: Mapping[str, Any], extra: Mapping[str, Any]) -> Record:
    """Return the record of a table row; empty columns give the field's default."""
    held: dict[str, Any] = {}
    kept = dict(extra)
    for f in spec.fields:
        raw = row.get(f.name)
        if raw is None:
            continue
        if f.value_type in (ValueType.TEXTS, ValueType.DOCUMENT):
            raw = json.loads(raw)
        try:
            held[f.name] = decode(f, raw)
        except ValueError:
            kept[f.name] = raw
    return spec.cls(id=row["id"], extra=kept, **held)
