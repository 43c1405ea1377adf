"""The rows people read, as states of records: read, written and taken away many at a time.

Kinds this techkit does not know have no table; their states live in `_unknown`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from techkit.records.operations import RecordState
from techkit.store import search as search_index
from techkit.store.connection import Connection
from techkit.store.tables import MORE_COLUMNS, Table, pack_state, unpack_state

#: So many rows go into a table with one statement.
_AT_ONCE = 50


class Views:
    """The view of one store; written inside the store's transactions."""

    def __init__(self, connection: Connection, tables: Mapping[str, Table]) -> None:
        self._connection = connection
        self.tables = tables

    # --- reading ------------------------------------------------------------------------------

    def states(self, by_kind: Mapping[str, list[str]]) -> dict[str, RecordState]:
        """Return what records say, by id; one that is not here is missing. by_kind: kind -> ids."""
        found: dict[str, RecordState] = {}
        for kind, keys in by_kind.items():
            table = self.tables.get(kind)
            if table is None:
                rows = self._connection.among(
                    "SELECT record_id, entity, state FROM _unknown WHERE record_id IN", keys
                )
                found.update({key: unpack_state(entity, key, packed) for key, entity, packed in rows})
            else:
                rows = self._connection.among(f"{table.select_sql} WHERE id IN", keys)
                found.update({raw[0]: table.state(raw) for raw in rows})
        return found

    def kinds_in(self, scope: str, *, is_shown: bool = False) -> dict[str, str]:
        """Return the kind of every record of a scope by its id. is_shown: without the removed ones."""
        found: dict[str, str] = {}
        shown = " AND _removed = 0" if is_shown else ""
        for kind in self.tables:
            rows = self._connection.all(f'SELECT id FROM "{kind}" WHERE _scope = ?{shown}', (scope,))  # noqa: S608 - declared names
            found.update((row[0], kind) for row in rows)
        return found

    def is_shown(self, record_id: str, kind: str) -> bool:
        """Return whether a record is in the view and not removed."""
        if kind not in self.tables:
            return False
        row = self._connection.one(f'SELECT 1 FROM "{kind}" WHERE id = ? AND _removed = 0', (record_id,))  # noqa: S608 - declared names
        return row is not None

    # --- writing ------------------------------------------------------------------------------

    def write(self, states: Iterable[RecordState]) -> None:
        """Write states, and mark what is to be indexed again."""
        rows: dict[str, list[list[Any]]] = {}
        unknown: list[tuple[str, str, bytes]] = []
        searched: dict[str, list[str]] = {}
        for state in states:
            table = self.tables.get(state.entity)
            if table is None:
                unknown.append((state.record_id, state.entity, pack_state(state)))
                continue
            rows.setdefault(state.entity, []).append(table.values_of_state(state))
            if table.searched:
                searched.setdefault(state.entity, []).append(state.record_id)
        for kind, values in rows.items():
            self._connection.many(self.tables[kind].upsert_sql, values)
        for kind, keys in searched.items():
            search_index.mark(self._connection, kind, keys)
        self._connection.many(
            "INSERT OR REPLACE INTO _unknown (record_id, entity, state) VALUES (?, ?, ?)", unknown
        )

    def insert(self, kind: str, names: tuple[str, ...], rows: list[Any]) -> list[str]:
        """Write rows of different records; return the ids of those that were there before and stay as they are.

        rows: the values of one row behind those of the other, as `Table.fresh_rows` gives them.
        """
        connection, table, width = self._connection, self.tables[kind], len(names) + MORE_COLUMNS
        last = connection.one(f'SELECT max(rowid) FROM "{kind}"')  # noqa: S608 - declared kinds
        count = len(rows) // width
        # Most of them many at a time: the database works longer without Python's lock, and a fifth less.
        end = count - count % _AT_ONCE
        made = sum(
            connection.many(table.insert_sql(names, _AT_ONCE), [rows[at : at + _AT_ONCE * width]])
            for at in range(0, end * width, _AT_ONCE * width)
        )
        rest = [rows[at : at + width] for at in range(end * width, len(rows), width)]
        made += connection.many(table.insert_sql(names), rest)
        if made == count:
            return []
        # New rows stand behind all that were there.
        sql = f'SELECT id FROM "{kind}" WHERE rowid <= {int((last and last[0]) or 0)} AND id IN'  # noqa: S608 - declared kinds
        return [row[0] for row in connection.among(sql, rows[::width])]

    def forget(self, kind: str, record_id: str) -> None:
        """Take a record out of the view, and its words out of the search."""
        search_index.drop(self._connection, kind, record_id)
        self._connection.execute(f'DELETE FROM "{kind}" WHERE id = ?', (record_id,))  # noqa: S608 - declared names
        search_index.rows_went(self._connection, kind)

    def forget_unknown(self, scope: str) -> None:
        """Take what newer programs wrote in a scope out of the view."""
        for record_id, entity, packed in self._connection.all(
            "SELECT record_id, entity, state FROM _unknown"
        ):
            if unpack_state(entity, record_id, packed).scope == scope:
                self._connection.execute("DELETE FROM _unknown WHERE record_id = ?", (record_id,))
