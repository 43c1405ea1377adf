"""Long lists out of the store: visits, customers, computers and follow-ups, filtered, ordered, a page at a time.

A page costs the same wherever it lies in the list. The ids of a page are found first, what is shown of each
afterwards, so that nothing is computed for rows nobody sees. Texts are cut where they are read: a name of two
megabytes never leaves the store for a list.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from techkit.store import search
from techkit.store.connection import Connection

#: Letters of a text that a list shows at most.
MOST_LETTERS: Final = 200

#: Values offered for a filter at most.
MOST_VALUES: Final = 300

#: One row of a list: the name of each column and what it holds.
Listed = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which rows of a list, in which order.

    name: a key of LISTS. text: every word typed begins a word of the row. equals: column -> the values
    allowed. since, until: bounds of the list's day as it is kept (instants as UTC text, dates as ISO text), the
    second one excluded. order_by: a column; the newest id first among equals.
    """

    name: str
    text: str = ""
    equals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    since: str = ""
    until: str = ""
    order_by: str = ""
    descending: bool = False


@dataclass(frozen=True, kw_only=True)
class _List:
    """How one list is read. columns: name -> SQL; r is the list's own table. words: (kind, SQL of its row)."""

    kind: str
    joins: str
    where: str
    columns: Mapping[str, str]
    order_by: str
    day: str
    words: tuple[tuple[str, str], ...]


def _cut(expression: str) -> str:
    return f"substr({expression}, 1, {MOST_LETTERS})"


def _stands(kind: str) -> str:
    """Return the condition that a record stands for itself; of two that point at each other the older one does."""
    other = f"(SELECT m.merged_into FROM {kind} m WHERE m.id = r.merged_into)"  # noqa: S608 - declared kinds
    return f"r._removed = 0 AND (r.merged_into IS NULL OR (r.id < r.merged_into AND {other} = r.id))"


_CUSTOMER = (
    "LEFT JOIN customer c ON c.id = r.customer_id LEFT JOIN customer k ON k.id = c.merged_into "
    "LEFT JOIN customer o ON o.id = coalesce(k.id, c.id)"
)
#: A customer that was removed is not named any more, whatever visits are left.
_CUSTOMER_NAME = f"CASE WHEN o._removed THEN '' ELSE {_cut('o.display_name')} END"

#: Name of a list -> how it is read.
LISTS: Final[Mapping[str, _List]] = {
    "visits": _List(
        kind="visit",
        joins=f"{_CUSTOMER} LEFT JOIN contact p ON p.id = r.contact_id AND p._removed = 0",
        where="r._removed = 0",
        columns={
            "number": "r.number",
            "day": "coalesce(r.arrived_at, r.planned_start_at)",
            "utc_offset_minutes": "r.utc_offset_minutes",
            "has_arrived": "r.arrived_at IS NOT NULL",
            "customer": _CUSTOMER_NAME,
            "is_customer_removed": "coalesce(o._removed, 0)",
            "customer_id": "coalesce(c.merged_into, r.customer_id)",
            "person": _cut("trim(p.given_name || ' ' || p.family_name)"),
            "technician": _cut("r.technician"),
            "work_state": "r.work_state",
            "review_state": "r.review_state",
            "outcome": "coalesce(r.outcome, '')",
            "purpose": _cut("r.purpose"),
        },
        order_by="day",
        day="day",
        words=(
            ("visit", "r.rowid"),
            ("customer", "c.rowid"),
            ("customer", "k.rowid"),
            ("contact", "p.rowid"),
        ),
    ),
    "customers": _List(
        kind="customer",
        joins="",
        where=_stands("customer"),
        columns={
            "name": _cut("r.display_name"),
            "customer_id": "r.id",
            "number": "r.number",
            "kind": "r.kind",
            "engagement": "r.engagement",
            "status": "r.status",
            "town": _cut(
                "(SELECT s.town FROM site s WHERE s.customer_id = r.id AND s._removed = 0 AND s.town <> '' "
                "ORDER BY s.id LIMIT 1)"
            ),
            "seen": "(SELECT max(v.arrived_at) FROM visit v WHERE v.customer_id = r.id AND v._removed = 0)",
            "computers": (
                "(SELECT count(*) FROM asset a WHERE a.customer_id = r.id AND a._removed = 0 "
                "AND a.merged_into IS NULL AND a.lifecycle <> 'retired')"
            ),
            "promises": (
                "(SELECT count(*) FROM follow_up f WHERE f.customer_id = r.id AND f._removed = 0 "
                "AND f.state = 'open')"
            ),
        },
        order_by="name",
        day="seen",
        words=(("customer", "r.rowid"),),
    ),
    "computers": _List(
        kind="asset",
        joins=(
            f"{_CUSTOMER} LEFT JOIN site s ON s.id = r.site_id LEFT JOIN contact p ON p.id = r.owner_contact"
        ),
        where=_stands("asset"),
        columns={
            "name": _cut("r.name"),
            "tag": _cut("r.tag"),
            "kind": "r.kind",
            "maker": _cut("r.maker"),
            "model": _cut("r.model"),
            "customer": _CUSTOMER_NAME,
            "is_customer_removed": "coalesce(o._removed, 0)",
            "customer_id": "coalesce(c.merged_into, r.customer_id)",
            "place": _cut("s.name"),
            "where": _cut("r.location_in_site"),
            "user": _cut("trim(p.given_name || ' ' || p.family_name)"),
            "os_name": _cut("r.os_name"),
            "os_version": _cut("r.os_version"),
            "lifecycle": "r.lifecycle",
            "seen": "(SELECT max(i.taken_at) FROM inventory_snapshot i WHERE i.asset_id = r.id)",
        },
        order_by="name",
        day="seen",
        words=(
            ("asset", "r.rowid"),
            ("customer", "c.rowid"),
            ("customer", "k.rowid"),
            ("contact", "p.rowid"),
        ),
    ),
    "follow_ups": _List(
        kind="follow_up",
        joins=_CUSTOMER,
        where="r._removed = 0",
        columns={
            "text": _cut("r.text"),
            "due_on": "coalesce(r.due_on, '9999')",
            "owner": _cut("r.owner"),
            "department": "r.department",
            "reason": "r.reason",
            "reason_text": _cut("r.reason_text"),
            "state": "r.state",
            "decision": "r.decision",
            "cost_minor": "r.cost_minor",
            "is_customers_own": "r.is_customers_own",
            "customer": _CUSTOMER_NAME,
            "is_customer_removed": "coalesce(o._removed, 0)",
            "customer_id": "coalesce(c.merged_into, r.customer_id)",
            "visit_id": "coalesce(r.visit_id, '')",
        },
        order_by="due_on",
        day="due_on",
        words=(("follow_up", "r.rowid"), ("customer", "c.rowid"), ("customer", "k.rowid")),
    ),
}

#: Columns ordered as words are, without case and accents, and numbers in them by their value.
_AS_WORDS: Final = frozenset(
    {"name", "customer", "person", "technician", "town", "user", "place", "model", "owner"}
)

#: So many texts put in order before are held for the next time: all customers of a large office, about 1 MB.
_MOST_ORDERED: Final = 4096


def rows(connection: Connection, wanted: Wanted, first: int, count: int) -> list[Listed]:
    """Return rows `first` to `first + count` of a list, each with its id. Raises: KeyError for what is not declared."""
    shape = LISTS[wanted.name]
    where, values = _where(shape, wanted)
    name = wanted.order_by or shape.order_by
    order, before, joins = shape.columns[name], "", shape.joins
    if name in _AS_WORDS:
        # Each letter typed orders the same names again; what is held goes with the connection.
        connection.add_function("techkit_order", functools.lru_cache(_MOST_ORDERED)(_ordered))
        order = f"techkit_order({order})"
    if name == "customer":
        # A customer's name is folded once, not once for each of its rows.
        before = (
            "WITH folded AS MATERIALIZED "
            "(SELECT id AS customer_id, techkit_order(substr(display_name, 1, 80)) AS words FROM customer) "
        )
        joins += " LEFT JOIN folded ON folded.customer_id = o.id AND NOT o._removed"
        order = "coalesce(folded.words, char(65535))"  # rows without a customer come last
    direction = "DESC" if wanted.descending else "ASC"
    ids = connection.all(
        f'{before}SELECT r.id FROM "{shape.kind}" r {joins} WHERE {where} '  # noqa: S608 - declared names, values bound
        f"ORDER BY {order} {direction}, r.id DESC LIMIT ? OFFSET ?",
        [*values, count, first],
    )
    wanted_ids = [row[0] for row in ids]
    shown = ", ".join(["r.id", *shape.columns.values()])
    found = connection.all(
        f'SELECT {shown} FROM "{shape.kind}" r {shape.joins} '  # noqa: S608 - declared names, values bound
        f"WHERE r.id IN ({', '.join('?' * len(wanted_ids))})",
        wanted_ids,
    )
    by_id = {row[0]: dict(zip(("id", *shape.columns), row, strict=True)) for row in found}
    return [by_id[key] for key in wanted_ids if key in by_id]


def count(connection: Connection, wanted: Wanted) -> int:
    """Return how many rows a list has."""
    shape = LISTS[wanted.name]
    where, values = _where(shape, wanted)
    is_bare = where == shape.where
    row = connection.one(
        f'SELECT count(*) FROM "{shape.kind}" r {"" if is_bare else shape.joins} WHERE {where}',  # noqa: S608 - declared
        values,
    )
    return int(row[0]) if row else 0


def values(connection: Connection, wanted: Wanted, column: str) -> list[str]:
    """Return the values a column has in a list, in the order of words; at most MOST_VALUES."""
    shape = LISTS[wanted.name]
    where, bound = _where(shape, wanted)
    expression = shape.columns[column]
    found = connection.all(
        f'SELECT DISTINCT {expression} AS held FROM "{shape.kind}" r {shape.joins} '  # noqa: S608 - declared
        f"WHERE {where} AND held IS NOT NULL AND held <> '' LIMIT {MOST_VALUES}",
        bound,
    )
    return sorted((str(row[0]) for row in found), key=search.ordered)


def _ordered(text: str | None) -> str:
    return search.ordered(text[:80]) if text else "\uffff"


def _where(shape: _List, wanted: Wanted) -> tuple[str, list[Any]]:
    parts: list[str] = [shape.where]
    bound: list[Any] = []
    for name, allowed in wanted.equals.items():
        parts.append(f"{shape.columns[name]} IN ({', '.join('?' * len(allowed))})")
        bound += allowed
    day = shape.columns[shape.day]
    for edge, mark in ((wanted.since, ">="), (wanted.until, "<")):
        if edge:
            parts.append(f"{day} {mark} ?")
            bound.append(edge)
    for term in search.terms(wanted.text):
        # The word begins a word of the row itself or of what is named in it.
        parts.append(
            f"({' OR '.join(f'{place} IN ({search.ROWS_WITH_TERM})' for _kind, place in shape.words)})"
        )
        bound += [held for kind, _place in shape.words for held in (term, kind)]
    return " AND ".join(parts), bound
