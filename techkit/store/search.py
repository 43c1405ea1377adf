"""Full-text search over what each record declares as searched.

The index follows the records a little later: a save only marks what is to be indexed again (its pages
would make a save half as long again), and the next search, or `Store.refresh_search` in the
background, does the rest.

Words are folded (case, accents, ligatures, ß) before they are kept and before they are looked for;
every typed word counts as a beginning, so that the list narrows with each key. What a person types is
never read as a query language: only its letters and digits are used.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from techkit.store.connection import Connection

if TYPE_CHECKING:
    from techkit.store.tables import Table

#: Most words of one search that are looked for; more only narrow what is found already.
MAX_WORDS = 12

#: Most letters of one word that are looked for.
MAX_LETTERS = 60


#: Marks that stand over or under a letter once it was taken apart (Unicode, combining diacriticals).
_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")


def prepare(connection: Connection) -> None:
    """Make the index. It keeps no text of its own; `_search_entry` says which place is which record."""
    connection.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS _search USING fts5("
        "words, content='', contentless_delete=1, "
        "tokenize='unicode61 remove_diacritics 2', prefix='1 2 3')"
    )


def fold(text: str) -> str:
    """Return text without case and accents, e.g. "Müller-Straße" -> "muller-strasse"."""
    if text.isascii():
        return text.lower()
    return _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold()))


def query(text: str) -> str:
    """Return the index's query for what a person typed; "" when nothing in it can be looked for."""
    folded = fold(text[: MAX_WORDS * MAX_LETTERS * 2])
    words = "".join(letter if letter.isalnum() else " " for letter in folded).split()
    return " ".join(f'"{word[:MAX_LETTERS]}"*' for word in words[:MAX_WORDS])


def mark(connection: Connection, rows: Sequence[tuple[str, str]]) -> None:
    """Mark records, (id, kind) each, to be indexed again, inside the caller's transaction."""
    connection.many(
        "INSERT INTO _search_entry (record_id, entity, is_stale) VALUES (?, ?, 1) "
        "ON CONFLICT (record_id) DO UPDATE SET is_stale = 1 WHERE is_stale = 0",
        rows,
    )


def drop(connection: Connection, record_id: str) -> None:
    """Take a record out, inside the caller's transaction."""
    found = connection.one("SELECT place FROM _search_entry WHERE record_id = ?", (record_id,))
    if found is not None:
        connection.execute("DELETE FROM _search WHERE rowid = ?", found)
        connection.execute("DELETE FROM _search_entry WHERE place = ?", found)


def refresh(connection: Connection, tables: Mapping[str, Table], limit: int = -1) -> bool:
    """Index what is marked, newest first; return whether some is left.

    limit: most records in one go, -1 for all. Quick when little changed since the last time.
    """
    if connection.one("SELECT 1 FROM _search_entry WHERE is_stale = 1 LIMIT 1") is None:
        return False
    with connection.transaction():
        rows = connection.all(
            "SELECT place, record_id, entity FROM _search_entry WHERE is_stale = 1 ORDER BY place DESC LIMIT ?",
            (limit,),
        )
        connection.many("DELETE FROM _search WHERE rowid = ?", [(place,) for place, _id, _kind in rows])
        fresh = []
        for place, record_id, entity in rows:
            table = tables.get(entity)
            raw = table and connection.one(f"{table.select_sql} WHERE id = ? AND _removed = 0", (record_id,))
            if table and raw and (words := fold(table.words(table.state(raw)))):
                fresh.append((place, words))
        connection.many("INSERT INTO _search (rowid, words) VALUES (?, ?)", fresh)
        connection.many("UPDATE _search_entry SET is_stale = 0 WHERE place = ?", [(row[0],) for row in rows])
    return len(rows) == limit


def find(
    connection: Connection, tables: Mapping[str, Table], text: str, kinds: Collection[str] | None, limit: int
) -> list[tuple[str, str]]:
    """Return (kind, id) of what fits, best first, then the newest; empty for a text without words.

    The index is brought up to date before, unless the store is read only.
    """
    wanted = query(text)
    if not wanted:
        return []
    if not connection.is_read_only:
        refresh(connection, tables)
    sql = (
        "SELECT e.entity, e.record_id FROM _search JOIN _search_entry e ON e.place = _search.rowid "
        "WHERE _search MATCH ?"
    )
    values: list[object] = [wanted]
    if kinds is not None:
        sql += f" AND e.entity IN ({', '.join('?' * len(kinds))})"
        values += list(kinds)
    rows = connection.all(f"{sql} ORDER BY _search.rank, e.record_id DESC LIMIT ?", [*values, limit])
    return [(entity, record_id) for entity, record_id in rows]
