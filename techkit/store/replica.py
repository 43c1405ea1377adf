"""What the service confirmed, and the view over it: base and waiting operations, kept in step.

The rows of the derived tables are the view. For a record without waiting operations the view is what
the service confirmed, and nothing else is kept. Before the first waiting operation changes it, the
confirmed state is put into `_base`; when answers arrive, the base is folded on and the waiting
operations are applied again on top, in the same transaction that keeps the new place.

Operations received from others are kept as they came (`_received`) as long as the journal, so that a
service restored from a backup can get them back from any device that holds them.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from techkit.records.merging import fold
from techkit.records.operations import Action, Operation, RecordState, pack_id, packed_id, unpack, unpack_id
from techkit.store.answer import Answer, Confirmed, Recorded
from techkit.store.attachments import doubt
from techkit.store.conflicts import Conflicts
from techkit.store.connection import Connection
from techkit.store.erasing import Erasing
from techkit.store.layers import Layers
from techkit.store.outbox import PIECE_OPERATIONS, Outbox, Receipt
from techkit.store.places import Places
from techkit.store.rebuilding import Rebuilding
from techkit.store.received import Received
from techkit.store.tables import Table
from techkit.store.views import Views

_PUT = str(Action.PUT)

_order_of, _scope_of = operator.attrgetter("order"), operator.attrgetter("scope")


class _Own(NamedTuple):
    """What is known of one of our waiting operations without unpacking it."""

    place: int
    record_id: str
    scope: str
    hlc: int


class Replica:
    """The confirmed layer of one store. Written only by `apply` and, before an edit, `keep_base`.

    Each of its subjects stands in a module of its own; what others ask for is named here.
    """

    def __init__(self, connection: Connection, tables: Mapping[str, Table], outbox: Outbox) -> None:
        self._connection = connection
        self._outbox = outbox
        self._places = Places(connection)
        self._conflicts = Conflicts(connection)
        self._journal = Received(connection)
        self._views = Views(connection, tables)
        self._layers = Layers(connection, self._views)
        self._rebuilding = Rebuilding(connection, self._places, self._views, self._layers)
        #: Customers who were removed for good.
        self.erasing = Erasing(connection, tables, self._views, self._layers, self._journal)
        self.cursors = self._places.cursors
        self.meta = self._places.meta
        self.set_meta = self._places.set_meta
        self.conflicts = self._conflicts.open
        self.note_decision = self._conflicts.note_decision
        self.received = self._journal.each
        self.forget_received = self._journal.drop_records
        self.keep_base = self._layers.keep
        self.base = self._layers.confirmed
        self.is_shown = self._views.is_shown
        self.rebuilding = self._rebuilding.scopes
        self.take_again = self._rebuilding.begin
        self.walks = self._rebuilding.walks
        self.vanishing = self._rebuilding.vanishing

    # --- an answer ----------------------------------------------------------------------------

    def apply(self, answer: Answer) -> tuple[set[str], int]:
        """Take one reply in one transaction; return (kinds whose view changed, highest clock seen).

        Raises: StoreFullError, StoreError; then nothing was taken.
        """
        with self._connection.transaction():
            answer = self.erasing.emptied_answer(answer)
            self._places.grant(answer.granted)
            changed: set[str] = set()
            for scope in answer.revoked:
                changed |= self._drop(scope)
            for scope in answer.reset:
                self._rebuilding.begin(scope)
            held = set(self.cursors())
            walking = self._rebuilding.begin_walks(answer, held)
            spoken_of: set[str] = set()
            changed |= self._fold(answer, held, walking, spoken_of)
            changed |= self._rebuilding.walk(answer, walking)
            for scope, (seq, digest) in answer.cursors.items():
                if scope in held and scope not in walking:
                    self._places.move(scope, seq, digest)
            self._conflicts.keep((c for c in answer.conflicts if c.scope in held), answer.settled)
            if answer.offer_after:
                self._outbox.offer(answer.offer_after, answer.offer_after + PIECE_OPERATIONS)
            if answer.is_last:
                for scope in self.rebuilding() - self.walks().keys():
                    changed |= self._rebuilding.finish(scope)
            for scope in spoken_of:
                self._rebuilding.begin(scope)
            changed |= self.erasing.carry_out()
            self._places.set_meta(answer.meta)
            doubt(self._connection, None if "must_offer" in answer.meta else answer.missing_files)
            seen: list[Confirmed | Receipt] = [*answer.changes, *answer.receipts]
            highest = max(max(map(_order_of, seen), default=0), _latest(answer.records))
            highest = min(highest, answer.ceiling) if answer.ceiling else highest
            if highest:
                self._connection.execute(
                    "INSERT INTO _meta (key, value) VALUES ('hlc', ?) ON CONFLICT (key) DO UPDATE "
                    "SET value = max(CAST(value AS INTEGER), CAST(excluded.value AS INTEGER))",
                    (str(highest),),
                )
        return changed, highest

    def _is_taken_whole(self, answer: Answer, held: set[str], walking: set[str]) -> bool:
        """Acknowledge a piece that was taken as it is, when nothing else is to be done; return whether that was all.

        A long outbox goes like this. The view is what the service has now, and stays.
        """
        sent, receipts = answer.sent, answer.receipts
        if not sent or answer.changes or answer.refused or len(receipts) != len(sent):
            return False
        if [(w.key, w.hlc) for w in sent] != [(r.key, r.order) for r in receipts]:
            return False
        scopes = {w.scope for w in sent}
        unsettled = walking | self.rebuilding() | self._places.names("dropped")
        if scopes - held or scopes & unsettled:
            return False
        if not self._outbox.is_alone(sent):
            return False
        self._layers.drop(w.record_id for w in sent)
        places = (waiting.place for waiting in sent)
        self._outbox.acknowledge(list(zip(places, receipts, strict=True)), answer.now_s)
        return True

    def _fold(self, answer: Answer, held: set[str], walking: set[str], spoken_of: set[str]) -> set[str]:
        """Fold what was answered and what arrived; return the kinds whose view changed.

        spoken_of: takes the scopes in which something is about a visit that left this device.
        """
        if self._is_taken_whole(answer, held, walking):
            return set()
        mine = self._own(answer)
        is_ours = held.issuperset(map(_scope_of, answer.changes))
        ours = answer.changes if is_ours else [one for one in answer.changes if one.scope in held]
        taken = [one if one.seen is not None else one.looked_at() for one in ours]
        taken, about_away = self._leave_out_away(taken)
        spoken_of |= about_away
        # What the service took in another form came back whole; that form counts, not ours.
        altered = {packed_id(one.body) for one in answer.changes} if answer.receipts else set()
        rebuilding = self.rebuilding()
        changed, arrived = self._insert_fresh(taken, rebuilding)
        # Of a scope that was withdrawn and came back nothing is in the view but what is folded again.
        dropped = self._places.names("dropped")
        receipts = [(mine[r.key].place, r) for r in answer.receipts if r.key in mine]
        acked: dict[str, set[int]] = {}
        corrected: set[str] = set(arrived)
        folded: list[tuple[_Own, int]] = []
        for receipt in answer.receipts:
            own = mine.get(receipt.key)
            if own is None:
                continue
            acked.setdefault(own.record_id, set()).add(own.place)
            # A scope withdrawn meanwhile stays in the journal, not in the view; a snapshot under way
            # brings every record that has a receipt now, with it.
            if own.scope in held and own.scope not in walking and receipt.key not in altered:
                folded.append((own, receipt.order))
                if receipt.order != own.hlc or own.scope in rebuilding or own.scope in dropped:
                    corrected.add(own.record_id)
        waiting = self._layers.places_of_ours({*arrived, *acked})
        for refused in answer.refused:
            own = mine.get(pack_id(refused.op_id))
            if own is not None:
                place = own.place
                self._outbox.refuse(place, refused.code, refused.title, refused.field, refused.advice)
        self._outbox.acknowledge(receipts, answer.now_s)
        # All of ours arrived as it was and nothing else came: the view is what the service has now.
        settled = {key for key, places in acked.items() if key not in corrected and waiting[key] == places}
        self._layers.drop(settled)
        touched = {key: [(unpack(one.body), one.order) for one in found] for key, found in arrived.items()}
        rest = [(own, order) for own, order in folded if own.record_id not in settled]
        bodies = self._layers.bodies([own.place for own, _order in rest])
        for own, order in rest:
            touched.setdefault(own.record_id, []).append((unpack(bodies[own.place]), order))
        self._journal.keep(answer, held)
        return changed | self._refold(touched, waiting, acked, self._layers.stored(touched))

    def _leave_out_away(self, taken: list[Confirmed]) -> tuple[list[Confirmed], set[str]]:
        """Return what is not about visits that left this device, and the scopes of what is.

        Half a record is worse than none: those scopes are taken again as the service has them.
        """
        if not taken or self._connection.one("SELECT 1 FROM _away LIMIT 1") is None:
            return taken, set()
        named = {(unpack_id(one.seen.record_id), _visit_named(one.seen)) for one in taken}
        wanted = {name for pair in named for name in pair} - {""}
        away = {
            row[0]
            for row in self._connection.among("SELECT record_id FROM _away WHERE record_id IN", list(wanted))
        }
        gone = {record_id for record_id, visit_id in named if record_id in away or visit_id in away}
        kept = [one for one in taken if unpack_id(one.seen.record_id) not in gone]
        return kept, {one.seen.scope for one in taken if unpack_id(one.seen.record_id) in gone}

    def _insert_fresh(
        self, taken: list[Confirmed], rebuilding: set[str]
    ) -> tuple[set[str], dict[str, list[Confirmed]]]:
        """Write the records this device has never seen; return their kinds, and what is left to fold, by record.

        Of a first sync that is nearly everything: one look, one row, no fold. What is alike is looked at together.
        """
        keys = [one.seen.record_id for one in taken]
        others = {pack_id(record_id) for record_id in self._layers.records_of_ours()}
        if len(set(keys)) < len(keys):
            others.update(key for key, count in Counter(keys).items() if count > 1)
        left: dict[str, list[Confirmed]] = {}
        alike: dict[tuple[str, tuple[str, ...]], list[Confirmed]] = {}
        tables = self._views.tables
        for key, one in zip(keys, taken, strict=True):
            op = one.seen
            # An id that came as text may be that of another one's bytes: it is folded.
            is_first = key.__class__ is bytes and key not in others and op.action == _PUT
            if is_first and op.entity in tables and op.scope not in rebuilding:
                alike.setdefault((op.entity, tuple(op.fields)), []).append(one)
            else:
                left.setdefault(unpack_id(key), []).append(one)
        made: dict[tuple[str, tuple[str, ...]], list[Any]] = {}
        for (kind, names), whose in alike.items():
            rows = tables[kind].fresh_rows(names, [one.seen for one in whose], [one.order for one in whose])
            if rows is not None:
                made.setdefault((kind, names), []).extend(rows)
                continue
            for one in whose:
                record_id = unpack_id(one.seen.record_id)
                row = tables[kind].fresh(record_id, one.seen, one.order)
                if row is None:
                    left.setdefault(record_id, []).append(one)
                else:
                    made.setdefault((kind, row[0]), []).extend(row[1])
        there = (self._views.insert(kind, names, rows) for (kind, names), rows in made.items())
        known = {pack_id(record_id): record_id for found in there for record_id in found}
        for key, one in zip(keys, taken, strict=True) if known else ():
            if key in known:
                left.setdefault(known[key], []).append(one)
        return {kind for kind, _names in made}, left

    def _refold(
        self,
        touched: Mapping[str, list[tuple[Operation, int]]],
        waiting: Mapping[str, set[int]],
        acked: Mapping[str, set[int]],
        bases: Mapping[str, RecordState],
    ) -> set[str]:
        by_kind: dict[str, list[str]] = {}
        rebuilding = self.rebuilding() if touched else set()
        rebuilt: dict[str, list[tuple[Operation, int]]] = {}
        for key, found in touched.items():
            if found[0][0].scope in rebuilding:
                rebuilt[key] = found
            elif key not in waiting:
                by_kind.setdefault(found[0][0].entity, []).append(key)
        self._rebuilding.fold(rebuilt)
        views = self._views.states(by_kind)
        written: list[RecordState] = []
        for key, found in touched.items():
            if key in rebuilt:
                continue
            state = bases.get(key) if key in waiting else views.get(key)
            for op, order in found:
                state = fold(state, op, order)
            assert state is not None  # noqa: S101 - at least one operation touched it
            if key in waiting:
                state = self._layers.over(state, waiting[key] - acked.get(key, set()))
            written.append(state)
        self._views.write(written)
        return {state.entity for state in written}

    def _own(self, answer: Answer) -> dict[bytes | str, _Own]:
        """Return our waiting operations the answer speaks of, by packed id."""
        if answer.sent:
            places = [waiting.place for waiting in answer.sent]
            left = self._outbox.waiting_between(min(places), max(places))
            return {w.key: _Own(w.place, w.record_id, w.scope, w.hlc) for w in answer.sent if w.place in left}
        wanted = [r.key for r in answer.receipts] + [pack_id(r.op_id) for r in answer.refused]
        rows = self._connection.among(
            "SELECT o.op_id, o.place, o.record_id, p.scope, o.hlc FROM _operation o "
            "JOIN _pending p USING (place) WHERE o.op_id IN",
            wanted,
        )
        return {row[0]: _Own(*row[1:]) for row in rows}

    def count_in(self, scope: str) -> int:
        """Return how many records of a scope are here."""
        return len(self._views.kinds_in(scope))

    def offer_again(self, op_ids: Iterable[str]) -> None:
        """Put operations a restored service lost among the waiting ones, whoever made them."""
        wanted = {pack_id(op_id) for op_id in op_ids}
        bodies = dict(
            self._connection.among("SELECT op_id, body FROM _operation WHERE op_id IN", list(wanted))
        )
        others = [held.body for held in self.received()] if wanted - bodies.keys() else []
        with self._connection.transaction():
            for body in bodies.values():
                self._keep_confirmed(unpack(body))
            self._outbox.offer_again(unpack(body).op_id for body in bodies.values())
            for body in others:
                op = unpack(body)
                packed_id = pack_id(op.op_id)
                if packed_id in wanted and packed_id not in bodies:
                    bodies[packed_id] = body
                    self._keep_confirmed(op)
                    self._outbox.add(op)
            self._show_again([Confirmed("", 0, 0, body).looked_at() for body in bodies.values()])

    def _show_again(self, offered: list[Confirmed]) -> None:
        """Show records of which the service has nothing any more, and which went with a withdrawn scope."""
        held = self._places.cursors()
        offered, _scopes = self._leave_out_away([one for one in offered if one.seen.scope in held])
        by_kind: dict[str, list[str]] = {}
        for one in offered:
            by_kind.setdefault(one.seen.entity, []).append(unpack_id(one.seen.record_id))
        shown = self._views.states(by_kind)
        hidden = {key for keys in by_kind.values() for key in keys if key not in shown}
        places = self._layers.places_of_ours(hidden)
        self._views.write([self._layers.over(None, places[key]) for key in hidden if key in places])

    def _keep_confirmed(self, op: Operation) -> None:
        view = self._views.states({op.entity: [op.record_id]}).get(op.record_id)
        if view is not None:
            self._layers.keep(view)

    # --- what goes ----------------------------------------------------------------------------

    def _drop(self, scope: str) -> set[str]:
        """Take a withdrawn scope out of the view; own operations stay, sealed, until acknowledged."""
        there = self._views.kinds_in(scope)
        for record_id, kind in there.items():
            self.forget(kind, record_id)
        self._views.forget_unknown(scope)
        for name in ("_rebuild", "_conflict", "_cursor", "_away"):
            self._connection.execute(f"DELETE FROM {name} WHERE scope = ?", (scope,))  # noqa: S608 - our own names
        for key in ("dropped", "unforgotten"):
            self._places.set_names(key, self._places.names(key) | {scope})
        return set(there.values())

    def forget_dropped(self) -> None:
        """Drop what others said in withdrawn scopes from the journal; it is not this device's to keep.

        Not while a service that was restored may still ask for it.
        """
        names = self._places.names("unforgotten")
        if not names:
            return
        with self._connection.transaction():
            for scope in names - self._places.cursors().keys():
                self._journal.drop_scope(scope)
            self._places.set_names("unforgotten", ())

    def forget(self, kind: str, record_id: str) -> None:
        """Take a record out of the view and from under it, inside the caller's transaction."""
        self._views.forget(kind, record_id)
        self._layers.drop([record_id])


def _visit_named(op: Any) -> str:
    """Return the visit a record says it belongs to, "" for none; op: as operations.glance gives it."""
    given = op.fields.get("visit_id")
    held = given[0] if given else ""
    return held if isinstance(held, str) else ""


def _latest(records: Iterable[Recorded]) -> int:
    """Return the highest clock in parts of snapshots."""
    return max((clock[0] for one in records for clock in one.state.clocks.values()), default=0)
