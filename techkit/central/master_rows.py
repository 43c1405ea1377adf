"""Lists inside a record as a form carries them: one text for the whole list, in it the typed texts of each row.

So a list is compared, refused and kept like any other field. The text is JSON and never leaves the service.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from techkit.errors import InputError
from techkit.i18n import _
from techkit.records.schema import FieldSpec, row_class, row_fields
from techkit.records.typed import shown

#: So many rows of a list are read from a form.
MOST_ROWS = 40


def text_of(field: FieldSpec, held: Sequence[Any], currency: str) -> str:
    """Return the text of a list's values."""
    return _text(
        [{f.name: shown(f, getattr(one, f.name), currency) for f in row_fields(field)} for one in held]
    )


def text_typed(field: FieldSpec, given: Mapping[str, str]) -> str:
    """Return the text of the rows a form brought back as "<field>.<place>.<name>", without empty and removed ones."""
    rows = []
    for place in range(MOST_ROWS):
        row = {f.name: given.get(f"{field.name}.{place}.{f.name}", "") for f in row_fields(field)}
        if f"{field.name}.{place}.gone" not in given and any(text.strip() for text in row.values()):
            rows.append(row)
    return _text(rows)


def rows_of(text: str) -> list[dict[str, str]]:
    """Return the typed texts of each row."""
    found: list[dict[str, str]] = json.loads(text) if text else []
    return found


def values_of(field: FieldSpec, text: str, read: Callable[[FieldSpec, str], Any]) -> tuple[Any, ...]:
    """Return the values of a list's text. read: gives what a text of a row's field means.

    Raises: InputError whose field is "<field>.<place>.<name>".
    """
    made = []
    for place, row in enumerate(rows_of(text)):
        values = {}
        for f in row_fields(field):
            try:
                values[f.name] = read(f, row.get(f.name, ""))
            except InputError as error:
                error.field = f"{field.name}.{place}.{f.name}"
                raise
        made.append(row_class(field)(**values))
    return tuple(made)


def refuse_twice(field: FieldSpec, held: Sequence[Any]) -> None:
    """Refuse two rows about the same thing: a list's first field tells its rows apart. Raises: InputError."""
    first = row_fields(field)[0].name
    seen = set()
    for place, one in enumerate(held):
        about = getattr(one, first)
        if about in seen:
            raise InputError(
                _("This stands in the list already."),
                field=f"{field.name}.{place}.{first}",
                safe=_("What you typed is kept."),
                advice=_("Keep one of the two lines."),
            )
        seen.add(about)


def _text(rows: list[dict[str, str]]) -> str:
    return json.dumps(rows, ensure_ascii=False, sort_keys=True)
