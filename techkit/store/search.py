"""Full-text search over what each record declares as searched.

The index follows the records a little later: a save at most marks what is to be indexed again (its pages
would make a save half as long again), and the next search, or `Store.refresh_search` in the
background, does the rest.

Words are folded (case, accents, ligatures, ß) before they are kept and before they are looked for;
every typed word counts as a beginning, so that the list narrows with each key. What a person types is
never read as a query language: only its letters and digits are used.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from techkit.store.connection import Connection

if TYPE_CHECKING:
    from techkit.records.schema import Record
    from techkit.store.tables import Table

#: Most words of one search that are looked for; more only narrow what is found already.
MAX_WORDS = 12

#: Most letters of one word that are looked for.
MAX_LETTERS = 60


#: Marks that stand over or under a letter once it was taken apart (Unicode, combining diacriticals).
_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")


#: A place in the index is the number of a kind in the upper bits and the row of its table in the lower.
_ROW_BITS = 40

#: Rows of one kind's table that a term of `terms` fits; takes the term and the kind.
ROWS_WITH_TERM = (
    f"SELECT rowid & {(1 << _ROW_BITS) - 1} FROM _search WHERE _search MATCH ? "  # noqa: S608 - our own names
    f"AND rowid >> {_ROW_BITS} = (SELECT number FROM _search_kind WHERE kind = ?)"
)


def prepare(connection: Connection, kinds: Iterable[str]) -> None:
    """Make the index and number the kinds that are searched. The index keeps no text of its own.

    `indexed_to` is the last row of a kind's table that was indexed; rows behind it are new.
    `_search_stale` names the places of rows that changed since.
    """
    connection.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS _search USING fts5("
        "words, content='', contentless_delete=1, "
        "tokenize='unicode61 remove_diacritics 2', prefix='1 2 3')"
    )
    if connection.one("SELECT value FROM _meta WHERE key = 'search.folding'") != (FOLDING,):
        # Words were folded in another way, or never: all are read anew.
        connection.execute("INSERT INTO _search (_search) VALUES ('delete-all')")
        connection.execute("UPDATE _search_kind SET indexed_to = 0")
        connection.execute(
            "INSERT OR REPLACE INTO _meta (key, value) VALUES ('search.folding', ?)", (FOLDING,)
        )
    known = {row[0] for row in connection.all("SELECT kind FROM _search_kind")}
    connection.many(
        "INSERT INTO _search_kind (kind, indexed_to) VALUES (?, 0)",
        [(kind,) for kind in sorted(set(kinds) - known)],
    )


#: How words are folded; another way gets another name, so that an index made before is made anew.
FOLDING = "3 words apart"

#: Small letters of Cyrillic and Greek that look like Latin ones → those. Source: the Unicode Consortium's
#: confusables.txt (UTS 39), single letters only. Invisible characters count as nothing.
_LOOK_ALIKES = str.maketrans(
    "аеорсухіјѕһԁԛԝѵкмтвнαονρτυχικ", "aeopcyxijshdqwvkmtbhaovptuxik", "\u200b\u200c\u200d\u2060\ufeff\u00ad"
)


def begin_anew(connection: Connection) -> None:
    """Forget all words; what is there is indexed again like new, inside the caller's transaction."""
    connection.execute("INSERT INTO _search (_search) VALUES ('delete-all')")
    connection.execute("UPDATE _search_kind SET indexed_to = 0")
    connection.execute("DELETE FROM _search_stale")


def fold(text: str) -> str:
    """Return text without case, accents and foreign look-alikes, e.g. "Müller-Straße" -> "muller-strasse"."""
    if text.isascii():
        return text.lower()
    folded = _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    # The dotless i of Turkish is an i to everybody who looks for it.
    return folded.replace("\u0131", "i").translate(_LOOK_ALIKES)


_NUMBER = re.compile("[0-9]+")

#: Signs from 0 to the letters, one for each length a number is told apart by; all stand before the letters.
_FIRST_SIGN, _LENGTHS = ord("0"), ord("a") - ord("0") - 1


def _by_value(number: re.Match[str]) -> str:
    digits = number[0].lstrip("0")
    return chr(_FIRST_SIGN + min(len(digits), _LENGTHS)) + digits


def ordered(text: str) -> str:
    """Return what a text is put in order by: folded, and numbers in it by their value, so that 2 stands before 10."""
    return _NUMBER.sub(_by_value, fold(text))


#: What stands between words. SQLite's tokenizer is of Unicode 6.1 and takes newer signs for letters: an isolate before
#: a name hid the name. So words are taken apart here, in the same way for what is kept and for what is looked for.
_BETWEEN = re.compile(r"[\W_]+")


def apart(folded: str) -> str:
    """Return a folded text with one blank between its words and nothing else."""
    return _BETWEEN.sub(" ", folded)


def query(text: str) -> str:
    """Return the index's query for what a person typed; "" when nothing in it can be looked for."""
    return " ".join(terms(text))


#: A word of folded text, and what stands between it and the next.
_WORD = re.compile(r"([^\W_]+)([\W_]*)")


def terms(text: str) -> list[str]:
    """Return the index's query for each word typed that asks for more than the others; empty without words.

    Every word counts as a beginning, but one with a digit that is joined to the next by a sign, as the parts of a
    visit's number are: it is typed to its end. Reading all words that begin so took 20 ms, in 100,000 visits.
    """
    folded = fold(text[: MAX_WORDS * MAX_LETTERS * 2])
    typed = dict.fromkeys(
        (found[1][:MAX_LETTERS], _is_whole(found)) for found in list(_WORD.finditer(folded))[:MAX_WORDS]
    )
    # "n n network" asks for no more than "network": what begins another word fits wherever that one does.
    fewer = [
        (word, is_whole)
        for word, is_whole in typed
        if is_whole
        or not any(other.startswith(word) for other, ends in typed if (other, ends) != (word, False))
    ]
    return [f'"{word}"' if is_whole else f'"{word}"*' for word, is_whole in fewer]


def _is_whole(found: re.Match[str]) -> bool:
    word, between = found[1], found[2]
    is_joined = found.end() < len(found.string) and not any(sign.isspace() for sign in between)
    return is_joined and len(word) <= MAX_LETTERS and any(sign.isdecimal() for sign in word)


def mark(connection: Connection, kind: str, record_ids: Sequence[str]) -> None:
    """Mark records that changed to be indexed again, inside the caller's transaction; new ones need none."""
    connection.many(
        "INSERT OR IGNORE INTO _search_stale (place) "  # noqa: S608 - declared kinds
        f'SELECT (k.number << {_ROW_BITS}) | t.rowid FROM _search_kind k, "{kind}" t '
        f"WHERE k.kind = '{kind}' AND t.id = ? AND t.rowid <= k.indexed_to",
        [(record_id,) for record_id in record_ids],
    )


def drop(connection: Connection, kind: str, record_id: str) -> None:
    """Take a record out before its row goes, inside the caller's transaction."""
    found = connection.one(
        f'SELECT (k.number << {_ROW_BITS}) | t.rowid FROM _search_kind k, "{kind}" t '  # noqa: S608 - declared kinds
        f"WHERE k.kind = '{kind}' AND t.id = ?",
        (record_id,),
    )
    if found is not None:
        connection.execute("DELETE FROM _search WHERE rowid = ?", found)
        connection.execute("DELETE FROM _search_stale WHERE place = ?", found)


def rows_went(connection: Connection, kind: str) -> None:
    """Begin again where rows went at the end of a table: SQLite gives their numbers to new ones."""
    connection.execute(
        f'UPDATE _search_kind SET indexed_to = min(indexed_to, (SELECT coalesce(max(rowid), 0) FROM "{kind}")) '  # noqa: S608 - declared names
        "WHERE kind = ?",
        (kind,),
    )


#: So many places are looked up in one question.
_CHUNK = 500


def refresh(connection: Connection, tables: Mapping[str, Table], limit: int = -1) -> bool:
    """Index what is new and what changed; return whether some is left.

    limit: most records in one go, -1 for all. Quick when nothing changed since the last time.
    """
    kinds = connection.all("SELECT number, kind, indexed_to FROM _search_kind ORDER BY number")
    waiting: list[tuple[int, Table, int]] = []
    reached: list[tuple[int, int]] = []
    for number, kind, indexed_to in kinds:
        rows = connection.all(
            f'SELECT rowid FROM "{kind}" WHERE rowid > ? ORDER BY rowid LIMIT ?',  # noqa: S608 - declared kinds
            (indexed_to, limit),
        )
        waiting += [(number << _ROW_BITS | row, tables[kind], row) for (row,) in rows]
        reached += [(rows[-1][0], number)] if rows else []
    by_number = {number: tables[kind] for number, kind, _to in kinds}
    for (place,) in connection.all("SELECT place FROM _search_stale LIMIT ?", (limit,)):
        row = place & ((1 << _ROW_BITS) - 1)
        waiting.append((place, by_number[place >> _ROW_BITS], row))
    if not waiting:
        return False
    with connection.transaction():
        connection.many("DELETE FROM _search WHERE rowid = ?", [(place,) for place, _table, _row in waiting])
        fresh = []
        for place, table, row in waiting:
            raw = connection.one(f"{table.select_sql} WHERE rowid = ? AND _removed = 0", (row,))
            if raw and (words := apart(fold(table.words(table.state(raw))))):
                fresh.append((place, words))
        connection.many("INSERT INTO _search (rowid, words) VALUES (?, ?)", fresh)
        connection.many("UPDATE _search_kind SET indexed_to = ? WHERE number = ?", reached)
        connection.many("DELETE FROM _search_stale WHERE place = ?", [(place,) for place, _t, _r in waiting])
    return len(waiting) >= limit > 0


def find(
    connection: Connection,
    tables: Mapping[str, Table],
    text: str,
    kinds: Collection[str] | None,
    limit: int,
    scope: str = "",
) -> list[Record]:
    """Return the records that fit, best first, then the newest; empty for a text without words.

    Where very many fit, the newest RANKED of them are put in order. scope: only what belongs to it, however much of
    others fits better; "" for all. The index is brought up to date before, unless the store is read only.
    """
    wanted = query(text)
    if not wanted:
        return []
    if not connection.is_read_only:
        refresh(connection, tables)
    numbers = {
        number: tables[kind]
        for number, kind in connection.all("SELECT number, kind FROM _search_kind")
        if kinds is None or kind in kinds
    }
    among = ""
    if kinds is not None:
        among = f" AND (rowid >> {_ROW_BITS}) IN ({', '.join(str(int(number)) for number in numbers)})"
    rows = _best(connection, wanted, among, -1 if scope else limit, -1 if scope else RANKED)
    rows = (_of_scope(connection, numbers, rows, scope) if scope else rows)[:limit]
    found = []
    for (place,) in rows:
        table = numbers[place >> _ROW_BITS]
        raw = connection.one(
            f"{table.select_sql} WHERE rowid = ? AND _removed = 0", (place & ((1 << _ROW_BITS) - 1),)
        )
        if raw is not None:
            found.append(table.record(raw))
    return found


#: So many that fit are put in order by how well they do. Ours: ordering all 30,000 visits with a word took 30 ms for a
#: list of 30, and with more than these a person types on (docs/decisions/0158-search-among-many.md).
RANKED = 5000


def _best(connection: Connection, wanted: str, kinds: str, limit: int, ranked: int) -> list[tuple[int]]:
    """Return the places that fit best, in order, of the newest that fit: so many at first, then of the kinds not reached.

    kinds: the part of the question that says which are looked in. ranked, limit: -1 for all.
    """
    sql = (
        "SELECT fit, rowid, count(*) OVER (), min(rowid) OVER () FROM (SELECT rowid, rank AS fit FROM _search "  # noqa: S608 - our own names
        f"WHERE _search MATCH ? AND rowid < ?{kinds} ORDER BY rowid DESC LIMIT ?) "
        "ORDER BY fit, rowid DESC LIMIT ?"
    )
    found: list[tuple[float, int]] = []
    below, count = 1 << 62, ranked
    while count == ranked:
        rows = connection.all(sql, (wanted, below, ranked, limit))
        found += [(fit, place) for fit, place, _count, _lowest in rows]
        count, lowest = rows[0][2:] if rows else (0, 0)
        below = (lowest >> _ROW_BITS) << _ROW_BITS
    found.sort(key=lambda held: (held[0], -held[1]))
    return [(place,) for _fit, place in found]


def _of_scope(
    connection: Connection, tables: Mapping[int, Table], rows: list[tuple[int]], scope: str
) -> list[tuple[int]]:
    """Return the places whose record belongs to a scope, in their order."""
    by_number: dict[int, list[int]] = {}
    for (place,) in rows:
        by_number.setdefault(place >> _ROW_BITS, []).append(place & ((1 << _ROW_BITS) - 1))
    ours: set[int] = set()
    for number, ids in by_number.items():
        for start in range(0, len(ids), _CHUNK):
            part = ids[start : start + _CHUNK]
            marks = ", ".join("?" * len(part))
            sql = f'SELECT rowid FROM "{tables[number].name}" WHERE rowid IN ({marks}) AND _scope = ?'  # noqa: S608 - declared names
            ours |= {number << _ROW_BITS | row for (row,) in connection.all(sql, (*part, scope))}
    return [(place,) for (place,) in rows if place in ours]
