"""Customers the office removed for good: every trace of their words leaves this device.

The removal arrives as a record like any other (records/erasure.py). What is shown, what lies beneath it, what waits and
what is kept of others is emptied in the transaction that takes it; amounts, dates and ids stay, so that unsent work still
reaches the office. Files (`discard_files`), the search, the database's free pages and older backups (`sweep`) follow, and
again after a crash. What comes or is written afterwards is emptied on its way in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from techkit.records.erasure import emptied, emptied_state
from techkit.records.operations import Operation, RecordState, customer_scope, glance, pack, unpack
from techkit.store import backup
from techkit.store import search as search_index
from techkit.store.answer import Answer, Confirmed

if TYPE_CHECKING:
    from techkit.store.attachments import Attachments
    from techkit.store.connection import Connection
    from techkit.store.layers import Layers
    from techkit.store.received import Received
    from techkit.store.tables import Table
    from techkit.store.views import Views

#: Under these names of `Places` stand the removals that were carried out, and the hashes of files that are to go.
_DONE, _FILES, _UNSWEPT = "erased", "erased_files", "unswept"


class Erasing:
    """The removed customers of one store; written inside the store's transactions."""

    def __init__(
        self,
        connection: Connection,
        tables: Mapping[str, Table],
        views: Views,
        layers: Layers,
        journal: Received,
    ) -> None:
        self._connection = connection
        self._tables = tables
        self._views = views
        self._layers = layers
        self._journal = journal
        self._known: frozenset[str] | None = None

    # --- who is gone ----------------------------------------------------------------------------

    def scopes(self) -> frozenset[str]:
        """Return the scopes of removed customers."""
        if self._known is None:
            self._known = frozenset(map(customer_scope, {**self._done(), **self._told()}.values()))
        return self._known

    def _told(self) -> dict[str, str]:
        """Return the customer of every removal the office told of, by its id."""
        rows = self._connection.all("SELECT id, customer_id FROM erasure WHERE _removed = 0")
        return {key: customer for key, customer in rows if customer}

    def _done(self) -> dict[str, str]:
        """Return the same of every removal carried out here, though a restored service may not know of it any more."""
        held: dict[str, str] = json.loads(self._meta(_DONE) or "{}")
        return held

    def holds(self, kind: str, record_id: str) -> bool:
        """Return whether a record is of a customer who is gone: what it needs to be whole went with them."""
        if not self.scopes():
            return False
        row = self._connection.one(f'SELECT _scope FROM "{kind}" WHERE id = ?', (record_id,))  # noqa: S608 - declared kinds
        return row is not None and row[0] in self.scopes()

    # --- on the way in --------------------------------------------------------------------------

    def emptied(self, op: Operation) -> Operation:
        """Return an operation made here as it may be kept: without its words where the customer is gone."""
        if op.scope not in self.scopes():
            return op
        self._note_file(op)
        return emptied(op, is_late=True)

    def emptied_answer(self, answer: Answer) -> Answer:
        """Return an answer without words about customers who are gone; an old job pack may still have some."""
        self._known = None  # a scope taken again may have brought or lost a removal
        gone = self.scopes()
        if not gone:
            return answer
        changes = [_emptied_change(one) if one.scope in gone else one for one in answer.changes]
        for one in answer.records:
            if one.scope in gone:
                emptied_state(one.state)
        is_same = all(one is other for one, other in zip(changes, answer.changes, strict=True))
        return replace(
            answer,
            changes=changes,
            raw=answer.raw if is_same else b"",
            conflicts=[one for one in answer.conflicts if one.scope not in gone],
        )

    # --- what is kept ---------------------------------------------------------------------------

    def carry_out(self) -> set[str]:
        """Empty what is kept of customers whose removal is new here; return the kinds whose view changed."""
        told, done = self._told(), self._done()
        if told.keys() <= done.keys():
            return set()
        changed: set[str] = set()
        for customer_id in sorted({told[key] for key in told.keys() - done.keys()}):
            changed |= self._empty(customer_scope(customer_id))
        self._set(_DONE, json.dumps({**done, **told}))
        self._set(_UNSWEPT, "1")
        self._known = None
        return changed

    def _empty(self, scope: str) -> set[str]:
        self._empty_operations(scope)
        for table in ("_base", "_rebuild", "_unknown"):
            self._empty_states(table, scope)
        self._connection.execute("DELETE FROM _conflict WHERE scope = ?", (scope,))
        self._journal.change(lambda one: _emptied_change(one) if one.scope == scope else one)
        return self._empty_view(scope)

    def _empty_operations(self, scope: str) -> None:
        """Empty what this device wrote: waiting, refused and sent."""
        connection = self._connection
        sent = {row[0] for row in connection.all("SELECT place FROM _receipt WHERE scope = ?", (scope,))}
        others = connection.all(
            "SELECT place FROM _pending WHERE scope = ? UNION SELECT place FROM _refused", (scope,)
        )
        places = sorted(sent.union(row[0] for row in others))
        for place, body in connection.among("SELECT place, body FROM _operation WHERE place IN", places):
            op = unpack(body)
            if op.scope != scope:
                continue
            self._note_file(op)
            fresh = pack(emptied(op, is_late=place not in sent))
            connection.execute("UPDATE _operation SET body = ? WHERE place = ?", (fresh, place))
            connection.execute("UPDATE _pending SET size = ? WHERE place = ?", (len(fresh), place))

    def _empty_states(self, table: str, scope: str) -> None:
        from techkit.store.tables import pack_state, unpack_state  # it prepares the search, as this does

        rows = self._connection.all(f"SELECT record_id, entity, state FROM {table} WHERE entity <> ''")  # noqa: S608 - our own names
        for record_id, entity, packed in rows:
            state = unpack_state(entity, record_id, packed)
            if state.scope == scope:
                self._connection.execute(
                    f"UPDATE {table} SET state = ? WHERE record_id = ?",  # noqa: S608 - our own names
                    (pack_state(emptied_state(state)), record_id),
                )

    def _empty_view(self, scope: str) -> set[str]:
        by_kind: dict[str, list[str]] = {}
        for record_id, kind in self._views.kinds_in(scope).items():
            by_kind.setdefault(kind, []).append(record_id)
        for record_id in by_kind.get("attachment", ()):
            row = self._connection.one("SELECT sha256 FROM attachment WHERE id = ?", (record_id,))
            self._note_hash(str(row[0] or "") if row else "")
        states = self._views.states(by_kind)
        waiting = self._layers.places_of_ours(states)
        bases = self._layers.stored(waiting)
        written: list[RecordState] = []
        for record_id, state in states.items():
            if record_id in waiting:
                written.append(self._layers.over(bases.get(record_id), waiting[record_id]))
            else:
                written.append(emptied_state(state))
        self._views.write(written)
        return set(by_kind)

    # --- files ------------------------------------------------------------------------------------

    def _note_file(self, op: Operation) -> None:
        if op.entity == "attachment" and "sha256" in op.fields:
            self._note_hash(str(op.fields["sha256"].value or ""))

    def _note_hash(self, sha256: str) -> None:
        if sha256:
            self._set(_FILES, json.dumps(sorted({*self.files(), sha256})))
            self._set(_UNSWEPT, "1")

    def files(self) -> Iterable[str]:
        """Return the hashes of files that are to go, unless somebody else's record names them."""
        held: list[str] = json.loads(self._meta(_FILES) or "[]")
        return held

    def unnamed_files(self) -> list[str]:
        """Return those of them that no record here names."""
        named = {
            row[0]
            for row in self._connection.among(
                "SELECT sha256 FROM attachment WHERE sha256 IN", list(self.files())
            )
        }
        return [sha256 for sha256 in self.files() if sha256 not in named]

    # --- afterwards -------------------------------------------------------------------------------

    @property
    def is_unswept(self) -> bool:
        """Return whether free pages or backups may still hold what was emptied."""
        return self._meta(_UNSWEPT) == "1"

    def note_files_gone(self) -> None:
        """Keep that no file is left that was to go."""
        with self._connection.transaction():
            self._set(_FILES, "")

    def note_swept(self) -> None:
        """Keep that nothing is left."""
        with self._connection.transaction():
            self._set(_UNSWEPT, "")

    def _meta(self, key: str) -> str:
        row = self._connection.one("SELECT value FROM _meta WHERE key = ?", (f"sync.{key}",))
        return str(row[0]) if row else ""

    def _set(self, key: str, value: str) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO _meta (key, value) VALUES (?, ?)", (f"sync.{key}", value)
        )


def discard_files(erasing: Erasing, attachments: Attachments) -> None:
    """Remove the files of customers who are gone, sent or not. Raises: StoreError."""
    if not erasing.files():
        return
    for sha256 in erasing.unnamed_files():
        attachments.discard(sha256)
    erasing.note_files_gone()


def sweep(erasing: Erasing, connection: Connection, key: bytes) -> None:
    """Write the database anew without its free pages, and put one new backup in the place of all older ones.

    What was emptied would stand in them. A repeat does nothing. Raises: StoreFullError, StoreError; then it is tried
    again after the next sync.
    """
    if not erasing.is_unswept:
        return
    with connection.lock:
        with connection.transaction():
            search_index.begin_anew(connection)
        # The rows may get other numbers: nothing may be indexed by the old ones in between.
        connection.rewrite()
    backup.replace_all(connection, key)
    erasing.note_swept()


def _emptied_change(one: Confirmed) -> Confirmed:
    """Return an operation of others without its words; itself where it has none."""
    body = pack(emptied(unpack(one.body)))
    return one if body == one.body else one._replace(body=body, seen=glance(body))
