"""Scopes taken again from their start, or as a snapshot: beside what is shown, until all of it is here.

`_rebuild` holds what has come so far, one row a record; the row without a kind stands for the scope itself and,
while its snapshot is under way, for the place reached in it.
"""

from __future__ import annotations

from collections.abc import Mapping

from techkit.records.merging import fold
from techkit.records.operations import Operation, glance, unpack_id
from techkit.store.answer import Answer
from techkit.store.connection import Connection
from techkit.store.layers import Layers
from techkit.store.places import Places
from techkit.store.tables import pack_state, unpack_state
from techkit.store.views import Views

_KEEP = "INSERT OR REPLACE INTO _rebuild (record_id, scope, entity, state) VALUES (?, ?, ?, ?)"


class Rebuilding:
    """What is being taken again in one store; written inside the store's transactions."""

    def __init__(self, connection: Connection, places: Places, views: Views, layers: Layers) -> None:
        self._connection = connection
        self._places = places
        self._views = views
        self._layers = layers

    def scopes(self) -> set[str]:
        """Return the scopes that are being taken again from their start, or as a snapshot."""
        return {row[0] for row in self._connection.all("SELECT DISTINCT scope FROM _rebuild")}

    def begin(self, scope: str) -> None:
        """Take a scope again from its start, beside what is shown, until it is complete."""
        self._connection.execute("DELETE FROM _rebuild WHERE scope = ?", (scope,))
        self._connection.execute("DELETE FROM _away WHERE scope = ?", (scope,))
        self._connection.execute(
            "INSERT INTO _rebuild (record_id, scope, entity, state) VALUES (?, ?, '', x'')",
            (f"begun {scope}", scope),
        )
        self._places.move(scope, 0, "")

    def fold(self, touched: Mapping[str, list[tuple[Operation, int]]]) -> None:
        """Fold operations of such scopes, by record, each with its order."""
        for key, found in touched.items():
            first = found[0][0]
            row = self._connection.one("SELECT entity, state FROM _rebuild WHERE record_id = ?", (key,))
            state = None if row is None else unpack_state(row[0], key, row[1])
            for op, order in found:
                state = fold(state, op, order)
            assert state is not None  # noqa: S101 - at least one operation touched it
            self._connection.execute(_KEEP, (key, first.scope, first.entity, pack_state(state)))

    def finish(self, scope: str) -> set[str]:
        """Swap in what was taken again: what nobody holds any more goes, waiting work stays; return the kinds."""
        rows = self._connection.all(
            "SELECT record_id, entity, state FROM _rebuild WHERE scope = ? AND entity <> ''", (scope,)
        )
        fresh = {key: unpack_state(entity, key, packed) for key, entity, packed in rows}
        changed: set[str] = set()
        old = self._views.kinds_in(scope)
        # What only waits here was not in the view while the scope was withdrawn.
        only_here = self._layers.waiting_in(scope) - old.keys() - fresh.keys()
        waiting = self._layers.places_of_ours([*old, *fresh, *only_here])
        written = []
        for key in {**old, **dict.fromkeys([*fresh, *only_here], "")}:
            left = waiting.get(key, set())
            if key not in fresh:
                self._layers.drop([key])
                if not left:
                    self._views.forget(old[key], key)
                    changed.add(old[key])
                    continue
            written.append(self._layers.over(fresh.get(key), left))
        self._views.write(written)
        self._connection.execute("DELETE FROM _rebuild WHERE scope = ?", (scope,))
        dropped = self._places.names("dropped")
        if scope in dropped:
            self._places.set_names("dropped", dropped - {scope})
        return changed | {state.entity for state in written}

    # --- snapshots ----------------------------------------------------------------------------

    def walks(self) -> dict[str, tuple[int, str]]:
        """Return the place and digest reached in each snapshot that is not whole yet, by scope."""
        rows = self._connection.all(
            "SELECT scope, state FROM _rebuild WHERE entity = '' AND length(state) > 0"
        )
        return {scope: (int.from_bytes(mark[1:9], "big"), mark[9:].hex()) for scope, mark in rows}

    def begin_walks(self, answer: Answer, held: set[str]) -> set[str]:
        """Return the scopes of this device whose snapshot is under way, those that begin now included."""
        known = self.walks()
        rebuilding = self.scopes()
        for scope in answer.walks:
            if scope in held and scope not in known:
                # What is shown while a scope is taken again stays until all of it is here.
                is_fresh = scope not in rebuilding
                if is_fresh:
                    self.begin(scope)
                self._mark_walk(scope, 0, "", is_fresh=is_fresh)
        return (known.keys() | answer.walks.keys()) & held

    def _mark_walk(self, scope: str, seq: int, digest: str, *, is_fresh: bool) -> None:
        mark = bytes([is_fresh]) + seq.to_bytes(8, "big") + bytes.fromhex(digest)
        self._connection.execute(
            "UPDATE _rebuild SET state = ? WHERE scope = ? AND entity = ''", (mark, scope)
        )

    def walk(self, answer: Answer, walking: set[str]) -> set[str]:
        """Keep the records of snapshots beside what is shown; show a scope once its snapshot is whole."""
        self._connection.many(
            _KEEP,
            [
                (one.state.record_id, one.scope, one.state.entity, pack_state(one.state))
                for one in answer.records
                if one.scope in walking
            ],
        )
        changed: set[str] = set()
        for scope, walk in answer.walks.items():
            if scope not in walking:
                continue
            (mark,) = self._connection.one(
                "SELECT state FROM _rebuild WHERE scope = ? AND entity = ''", (scope,)
            ) or (b"\0",)
            if not walk.is_whole:
                self._mark_walk(scope, walk.seq, walk.digest, is_fresh=bool(mark[0]))
                continue
            self._places.move(scope, walk.seq, walk.digest)
            self._connection.execute(
                "UPDATE _rebuild SET state = x'' WHERE scope = ? AND entity = ''", (scope,)
            )
            if mark[0]:
                changed |= self.finish(scope)
        return changed

    # --- beforehand ---------------------------------------------------------------------------

    def vanishing(self, answer: Answer) -> int:
        """Return how many records an answer would take out of the view without any removal saying so.

        That is what a scope taken again no longer has: nothing at an honest service, everything at one
        that claims an empty history.
        """
        whole = {scope for scope, walk in answer.walks.items() if walk.is_whole}
        begun = self.scopes() | set(answer.reset)
        ending = (begun | whole) if answer.is_last else whole
        count = 0
        for scope in ending - (self.walks().keys() - whole):
            kept: set[str] = set()
            if scope not in answer.reset:
                rows = self._connection.all("SELECT record_id FROM _rebuild WHERE scope = ?", (scope,))
                kept = {row[0] for row in rows}
            kept |= {one.state.record_id for one in answer.records if one.scope == scope}
            kept |= {
                unpack_id((c.seen or glance(c.body)).record_id) for c in answer.changes if c.scope == scope
            }
            gone = self._views.kinds_in(scope, is_shown=True).keys() - kept
            count += len(gone - self._layers.places_of_ours(gone).keys())
        return count
