"""Full-text search over what each record declares as searched.

Words are folded (case, accents, ligatures, ß) before they are kept and before they are looked for;
every typed word counts as a beginning, so that the list narrows with each key. What a person types is
never read as a query language: only its letters and digits are used.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence

from techkit.store.connection import Connection

#: Most words of one search that are looked for; more only narrow what is found already.
MAX_WORDS = 12

#: Most letters of one word that are looked for.
MAX_LETTERS = 60


def prepare(connection: Connection) -> None:
    """Make the index. The words stand in `_search_entry`; the index refers to them by place."""
    connection.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS _search USING fts5("
        "words, content='_search_entry', content_rowid='place', "
        "tokenize='unicode61 remove_diacritics 2', prefix='1 2 3')"
    )


def fold(text: str) -> str:
    """Return text without case and accents, e.g. "Müller-Straße" -> "muller-strasse"."""
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in split if not unicodedata.combining(letter))


def query(text: str) -> str:
    """Return the index's query for what a person typed; "" when nothing in it can be looked for."""
    folded = fold(text[: MAX_WORDS * MAX_LETTERS * 2])
    words = "".join(letter if letter.isalnum() else " " for letter in folded).split()
    return " ".join(f'"{word[:MAX_LETTERS]}"*' for word in words[:MAX_WORDS])


def put(connection: Connection, entity: str, record_id: str, text: str) -> None:
    """Keep the words of a record, inside the caller's transaction; "" takes it out.

    The index itself follows in `refresh`: its pages would make a save half as long again.
    """
    words = fold(text)
    found = connection.one("SELECT place, words FROM _search_entry WHERE record_id = ?", (record_id,))
    if found is not None:
        if found[1] != words:
            connection.execute("UPDATE _search_entry SET words = ? WHERE place = ?", (words, found[0]))
    elif words:
        connection.execute(
            "INSERT INTO _search_entry (record_id, entity, words, indexed) VALUES (?, ?, ?, '')",
            (record_id, entity, words),
        )


def put_new(connection: Connection, rows: Sequence[tuple[str, str, str]]) -> None:
    """Keep the words of many records, (kind, id, text) each, inside the caller's transaction."""
    connection.many(
        "INSERT INTO _search_entry (record_id, entity, words, indexed) VALUES (?, ?, ?, '') "
        "ON CONFLICT (record_id) DO UPDATE SET words = excluded.words",
        [(record_id, entity, fold(text)) for entity, record_id, text in rows],
    )


def refresh(connection: Connection) -> None:
    """Bring the index up to the words kept; quick when little changed since the last time."""
    if connection.one("SELECT 1 FROM _search_entry WHERE words IS NOT indexed LIMIT 1") is None:
        return
    with connection.transaction():
        rows = connection.all("SELECT place, words, indexed FROM _search_entry WHERE words IS NOT indexed")
        connection.many(
            "INSERT INTO _search (_search, rowid, words) VALUES ('delete', ?, ?)",
            [(place, old) for place, _words, old in rows if old],
        )
        connection.many(
            "INSERT INTO _search (rowid, words) VALUES (?, ?)",
            [(place, words) for place, words, _old in rows if words],
        )
        connection.execute("UPDATE _search_entry SET indexed = words WHERE words IS NOT indexed")
        connection.execute("DELETE FROM _search_entry WHERE words = ''")


def find(
    connection: Connection, text: str, kinds: Collection[str] | None, limit: int
) -> list[tuple[str, str]]:
    """Return (kind, id) of what fits, best first, then the newest; empty for a text without words.

    The index is brought up to date before, unless the store is read only.
    """
    wanted = query(text)
    if not wanted:
        return []
    if not connection.is_read_only:
        refresh(connection)
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
