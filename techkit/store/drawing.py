"""Which visits draw on contracts and cost centres since a day; found in SQL, whatever the history holds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from techkit.store.connection import Connection


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """Visits of these customers, begun since a day, that no one of these review states settled.

    contracts, centres: ids; a visit counts that names one of them, itself or by a share or a supply. since: the earliest
    arrival as it is kept, "" for any.
    """

    customers: Collection[str]
    settled: Collection[str]
    contracts: Collection[str] = ()
    centres: Collection[str] = ()
    since: str = ""


def visit_ids(connection: Connection, wanted: Drawing) -> list[str]:
    """Return the ids of the visits, oldest first; none where neither contract nor cost centre is asked for."""
    if not wanted.customers or not (wanted.contracts or wanted.centres):
        return []
    where = [
        "v._removed = 0",
        f"v.customer_id IN ({_marks(wanted.customers)})",
        f"v.review_state NOT IN ({_marks(wanted.settled)})",
        "v.arrived_at IS NOT NULL",
    ]
    values = [*wanted.customers, *wanted.settled]
    if wanted.since:
        where.append("v.arrived_at >= ?")
        values.append(wanted.since)
    named = [f"v.contract_id IN ({_marks(wanted.contracts)})"] if wanted.contracts else []
    values += wanted.contracts
    if wanted.centres:
        for kind in ("allocation", "supply_use"):
            named.append(
                f"EXISTS (SELECT 1 FROM {kind} b WHERE b.visit_id = v.id AND b._removed = 0 "  # noqa: S608 - declared kinds
                f"AND b.cost_centre_id IN ({_marks(wanted.centres)}))"
            )
            values += wanted.centres
    sql = f"SELECT v.id FROM visit v WHERE {' AND '.join(where)} AND ({' OR '.join(named)}) ORDER BY v.id"  # noqa: S608 - marks only
    return [str(row[0]) for row in connection.all(sql, values)]


def _marks(values: Collection[str]) -> str:
    return ", ".join("?" * len(values))
