"""Conflicts that wait for a decision, as the service told them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from techkit.records.merging import Side
from techkit.store.answer import OpenConflict
from techkit.store.connection import Connection
from techkit.store.tables import to_json


class Conflicts:
    """The conflicts of one store; written inside the store's transactions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self) -> list[OpenConflict]:
        """Return what waits for a decision, oldest first."""
        rows = self._connection.all("SELECT body, decided_by FROM _conflict ORDER BY found_at, id")
        return [_conflict(json.loads(body), decided_by) for body, decided_by in rows]

    def note_decision(self, record_id: str, field: str, op_id: str) -> None:
        """Keep that our operation settles a conflict."""
        self._connection.execute(
            "UPDATE _conflict SET decided_by = ? WHERE record_id = ? AND field = ?", (op_id, record_id, field)
        )

    def keep(self, opened: Iterable[OpenConflict], settled: Sequence[str]) -> None:
        """Keep conflicts that opened or changed, forget those somebody decided."""
        now = int(time.time())
        self._connection.many(
            "INSERT INTO _conflict (id, scope, entity, record_id, field, body, found_at, decided_by) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, '') ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            [(c.id, c.scope, c.entity, c.record_id, c.field, to_json(asdict(c)), now) for c in opened],
        )
        self._connection.many("DELETE FROM _conflict WHERE id = ?", [(key,) for key in settled])


def _conflict(held: dict[str, Any], decided_by: str) -> OpenConflict:
    base = held["base"]
    return OpenConflict(
        id=held["id"],
        scope=held["scope"],
        entity=held["entity"],
        record_id=held["record_id"],
        field=held["field"],
        kept=Side(**held["kept"]),
        others=tuple(Side(**side) for side in held["others"]),
        base=None if base is None else Side(**base),
        decided_by=decided_by,
    )
