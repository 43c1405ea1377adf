"""Records chosen by the values of their fields, as SQL with bound values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from techkit.records.encoding import encode
from techkit.store.tables import Table, to_json


def select(
    table: Table,
    equals: Mapping[str, Any],
    *,
    order_by: str,
    descending: bool,
    limit: int | None,
    offset: int,
    with_removed: bool,
) -> tuple[str, list[Any]]:
    """Return the statement that selects records, with its values; see `Store.find`. Raises: KeyError."""
    where, values = ["1" if with_removed else "_removed = 0"], list[Any]()
    for name, wanted in equals.items():
        if name != "id":
            table.spec.field(name)
        if isinstance(wanted, (tuple, list, set, frozenset)):
            where.append(f'"{name}" IN ({", ".join("?" * len(wanted))})')
            values += [bound(item) for item in wanted]
        else:
            where.append(f'"{name}" IS ?')
            values.append(bound(wanted))
    if order_by != "id":
        table.spec.field(order_by)
    direction = " DESC" if descending else ""
    order = f'"{order_by}"{direction}' + ("" if order_by == "id" else f", id{direction}")
    sql = f"{table.select_sql} WHERE {' AND '.join(where)} ORDER BY {order}"
    if limit is not None or offset:
        sql += " LIMIT ? OFFSET ?"
        values += [-1 if limit is None else limit, offset]
    return sql, values


def bound(value: Any) -> Any:
    """Return a value as a column holds it."""
    held = encode(value)
    if isinstance(held, bool):
        return int(held)
    return to_json(held) if isinstance(held, (list, dict)) else held
