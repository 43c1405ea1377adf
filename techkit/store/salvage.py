"""What this device wrote after its newest good backup, read out of the damaged store and put into the restored one.

Operations are whole in themselves: each says which record it is about, what it changes and upon which others. Those that
the backup does not know wait again, whether they were sent before or not: the service takes an operation once, by its
id. Files lie beside the database; only what is known of them is taken over. Numbers go on behind the highest given.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from techkit.records.operations import Action, Operation, pack_id, unpack
from techkit.store import pages
from techkit.store.connection import Connection, border

if TYPE_CHECKING:
    from techkit.store.database import Store

#: Where no table says how many operations there were, so many places behind the backup's last are tried; ours.
_TRIED = 50_000

#: A row of `_operation` has so many columns, its body last.
_COLUMNS = 6

_NUMBER = re.compile(r"(\w+)-(\d{4})-(\d+)")


@dataclass
class Salvaged:
    """What was read. operations: in the order of making. files: (SHA-256, bytes, media type). counters: of numbers given."""

    operations: list[Operation] = field(default_factory=list)
    files: set[tuple[str, int, str]] = field(default_factory=set)
    counters: dict[str, int] = field(default_factory=dict)


def read(damaged: Path, key: bytes, whole: Path) -> Salvaged:
    """Read what a damaged file still gives and a backup of it lacks. whole: that backup. Raises: StoreError."""
    found = Salvaged()
    with border(damaged.parent):
        left = pages.read(damaged, key)
        held = pages.opened(left, None if 1 in left else pages.read(whole, key).get(1))
    if not left:
        return found
    known, first, last = _known(whole, key)
    ops: dict[int, Operation] = {}
    if held is not None:
        with closing(held):
            _ask(held, found, ops, first, last)
    if len(left) < pages.count_of(left):
        # Only behind what the backup knows: a page given back may hold what was forgotten on purpose.
        for place, parts in pages.rows(left):
            if place > last and place not in ops and len(parts) == _COLUMNS:
                _keep(ops, place, parts[-1])
    found.operations = [op for _place, op in sorted(ops.items()) if pack_id(op.op_id) not in known]
    for op in found.operations:
        _look_into(found, op)
    return found


def _ask(held: sqlite3.Connection, found: Salvaged, ops: dict[int, Operation], first: int, last: int) -> None:
    """Ask the tables, as far as the way to their rows is whole."""
    for place in range(first, _last_place(held, last) + 1):
        for (body,) in _rows(held, "SELECT body FROM _operation WHERE place = ?", (place,)):
            _keep(ops, place, body)
    for sha256, byte_count, media_type in _rows(held, "SELECT sha256, byte_count, media_type FROM _file"):
        _keep_file(found, sha256, byte_count, media_type)
    for name, counted in _rows(held, "SELECT key, value FROM _meta WHERE key LIKE 'number.%'"):
        if isinstance(counted, str) and counted.isdecimal():
            found.counters[str(name)] = int(counted)


def put_back(store: Store, found: Salvaged) -> None:
    """Put what was read into a restored store, inside the caller's transaction."""
    for op in found.operations:
        store.take_back(op)
    for file in found.files:
        store.attachments.adopt(*file)
    for name, counted in found.counters.items():
        store.connection.execute(
            "INSERT INTO _meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE "
            "SET value = max(CAST(value AS INTEGER), CAST(excluded.value AS INTEGER))",
            (name, str(counted)),
        )


def _known(whole: Path, key: bytes) -> tuple[set[bytes], int, int]:
    """Return the ids of a backup's operations, and the places of its oldest and newest."""
    with closing(Connection(whole, key, read_only=True)) as held:
        rows = held.all("SELECT place, op_id FROM _operation ORDER BY place")
    return {row[1] for row in rows}, rows[0][0] if rows else 1, rows[-1][0] if rows else 0


def _last_place(held: sqlite3.Connection, last: int) -> int:
    tables = ("_operation", "_pending", "_receipt", "_refused")
    told = [row[0] for name in tables for row in _rows(held, f"SELECT max(place) FROM {name}") if row[0]]  # noqa: S608 - our own names
    return max(told) if told else last + _TRIED


def _keep(ops: dict[int, Operation], place: int, body: bytes | None) -> None:
    if body:
        with contextlib.suppress(ValueError, LookupError):
            ops[place] = unpack(body)


def _rows(held: sqlite3.Connection, sql: str, values: tuple[int, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query up to the first page that is missing."""
    cursor = held.cursor()
    try:
        cursor.execute(sql, values)
        yield from cursor
    except (sqlite3.Error, OverflowError):
        return
    finally:
        cursor.close()


def _keep_file(found: Salvaged, sha256: object, byte_count: object, media_type: object) -> None:
    if (
        isinstance(sha256, str)
        and len(sha256) == 64
        and isinstance(byte_count, int)
        and byte_count >= 0
        and isinstance(media_type, str)
    ):
        found.files.add((sha256, byte_count, media_type))


def _look_into(found: Salvaged, op: Operation) -> None:
    """Take from an operation what the tables may have lost: the file it names, the number it gives."""
    said = {name: change.value for name, change in op.fields.items()}
    if op.entity == "attachment" and op.action is Action.PUT:
        _keep_file(found, said.get("sha256"), said.get("byte_count"), said.get("media_type"))
    given = _NUMBER.fullmatch(str(said.get("number", "")))
    if given:
        prefix, year, counted = given.groups()
        name = f"number.{prefix}.{year}"
        found.counters[name] = max(found.counters.get(name, 0), int(counted))
