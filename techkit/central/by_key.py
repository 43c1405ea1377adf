"""One row by its key, as its model, with a statement that is made once.

For what every request of a device asks. A query set is made, compiled and thrown away each time: that takes ten times
as long as the database takes to answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections, models

M = TypeVar("M", bound=models.Model)


class _Statement(NamedTuple):
    """What is asked, and what makes a column's value of what the driver gives: (place, function, column)."""

    text: str
    names: list[str]
    converters: list[tuple[int, Callable[[Any, Any, Any], Any], Any]]


class ByKey(Generic[M]):
    """Rows of one model by their keys. is_locking: the row stays locked until the transaction ends."""

    def __init__(self, model: type[M], *, is_locking: bool = False) -> None:
        self._model = model
        self._is_locking = is_locking
        self._made: WeakKeyDictionary[Any, _Statement] = WeakKeyDictionary()

    def get(self, key: Any) -> M | None:
        """Return the row with this key, None when there is none."""
        connection = connections[DEFAULT_DB_ALIAS]
        made = self._made.get(connection)
        if made is None:
            made = self._made[connection] = self._make(connection)
        with connection.cursor() as cursor:
            cursor.execute(made.text, [self._model._meta.pk.get_db_prep_value(key, connection)])
            row = cursor.fetchone()
        if row is None:
            return None
        values = list(row)
        for place, convert, column in made.converters:
            values[place] = convert(values[place], column, connection)
        return self._model.from_db(connection.alias, made.names, values)

    def _make(self, connection: Any) -> _Statement:
        meta, quote = self._model._meta, connection.ops.quote_name
        fields = meta.concrete_fields
        lock = " FOR UPDATE" if self._is_locking and connection.features.has_select_for_update else ""
        columns = [field.get_col(meta.db_table) for field in fields]
        return _Statement(
            f"SELECT {', '.join(quote(field.column) for field in fields)} FROM {quote(meta.db_table)}"  # noqa: S608 - declared names
            f" WHERE {quote(meta.pk.column)} = %s{lock}",
            [field.attname for field in fields],
            [
                (place, convert, column)
                for place, column in enumerate(columns)
                for convert in (
                    *connection.ops.get_db_converters(column),
                    *column.get_db_converters(connection),
                )
            ],
        )
