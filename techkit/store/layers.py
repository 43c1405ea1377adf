"""Two layers: what the service confirmed of a record, and our waiting operations on top of it.

For a record without waiting operations the view is what the service confirmed, and nothing else is kept.
Before the first waiting operation changes it, the confirmed state is put into `_base`.
"""

from __future__ import annotations

from collections.abc import Iterable

from techkit.records.merging import fold
from techkit.records.operations import RecordState, unpack
from techkit.store.connection import Connection
from techkit.store.tables import pack_state, unpack_state
from techkit.store.views import Views

_KEEP = "INSERT OR REPLACE INTO _base (record_id, entity, state) VALUES (?, ?, ?)"


class Layers:
    """The confirmed layer under the view of one store; written inside the store's transactions."""

    def __init__(self, connection: Connection, views: Views) -> None:
        self._connection = connection
        self._views = views

    # --- what the service confirmed -----------------------------------------------------------

    def keep(self, state: RecordState) -> None:
        """Keep what the service confirmed of a record that is about to be edited, once."""
        if not self._is_beneath(state.record_id):
            self._connection.execute(_KEEP, (state.record_id, state.entity, pack_state(state)))

    def confirmed(self, kind: str, record_id: str) -> RecordState | None:
        """Return what the service confirmed of a record, None when nothing."""
        if self._is_beneath(record_id):
            return self.stored([record_id]).get(record_id)
        return self._views.states({kind: [record_id]}).get(record_id)

    def stored(self, record_ids: Iterable[str]) -> dict[str, RecordState]:
        """Return what lies beneath the view where the two differ, by record."""
        rows = self._connection.among(
            "SELECT record_id, entity, state FROM _base WHERE record_id IN", list(record_ids)
        )
        return {key: unpack_state(entity, key, packed) for key, entity, packed in rows}

    def drop(self, record_ids: Iterable[str]) -> None:
        """Keep nothing beneath these records any more: the view is what the service has, or went."""
        if self._connection.one("SELECT 1 FROM _base LIMIT 1") is not None:
            self._connection.many("DELETE FROM _base WHERE record_id = ?", [(key,) for key in record_ids])

    def _is_beneath(self, record_id: str) -> bool:
        """Return whether the view of a record already differs from what the service confirmed."""
        row = self._connection.one(
            "SELECT 1 FROM _pending WHERE record_id = ?1 UNION ALL SELECT 1 FROM _refused r "
            "JOIN _operation o USING (place) WHERE o.record_id = ?1 LIMIT 1",
            (record_id,),
        )
        return row is not None

    # --- what waits on top --------------------------------------------------------------------

    def records_of_ours(self) -> set[str]:
        """Return the records with anything of ours that the service does not hold."""
        rows = self._connection.all(
            "SELECT record_id FROM _pending UNION "
            "SELECT o.record_id FROM _refused r JOIN _operation o USING (place)"
        )
        return {row[0] for row in rows}

    def waiting_in(self, scope: str) -> set[str]:
        """Return the records of a scope with waiting operations."""
        rows = self._connection.all("SELECT record_id FROM _pending WHERE scope = ?", (scope,))
        return {row[0] for row in rows}

    def places_of_ours(self, record_ids: Iterable[str]) -> dict[str, set[int]]:
        """Return record -> places of ours the service does not hold: waiting and refused ones."""
        connection = self._connection
        found: dict[str, set[int]] = {}
        if connection.one("SELECT 1 FROM _pending UNION ALL SELECT 1 FROM _refused LIMIT 1") is None:
            return found
        keys = list(record_ids)
        rows = connection.among("SELECT record_id, place FROM _pending WHERE record_id IN", keys)
        if connection.one("SELECT 1 FROM _refused LIMIT 1") is not None:
            rows += connection.among(
                "SELECT o.record_id, o.place FROM _refused r JOIN _operation o USING (place) "
                "WHERE o.record_id IN",
                keys,
            )
        for record_id, place in rows:
            found.setdefault(record_id, set()).add(place)
        return found

    def bodies(self, places: Iterable[int]) -> dict[int, bytes]:
        """Return place -> our operation there, packed; places nothing stands at are left out."""
        return dict(self._connection.among("SELECT place, body FROM _operation WHERE place IN", list(places)))

    def over(self, base: RecordState | None, left: set[int]) -> RecordState:
        """Return the view: the confirmed state with the operations still waiting on top; keep what lies beneath."""
        state = base
        if base is not None:
            if left:
                self._connection.execute(_KEEP, (base.record_id, base.entity, pack_state(base)))
            else:
                self.drop([base.record_id])
        bodies = self.bodies(left)
        for place in sorted(left):
            op = unpack(bodies[place])
            state = fold(state, op, op.hlc)
        assert state is not None  # noqa: S101 - a base or a waiting operation
        return state
