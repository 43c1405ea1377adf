"""What comes in: the operations of devices and of staff, judged and put into the history.

One request is one transaction, with the same steps for everybody: read each operation at a glance,
know what is new, lock the heads of the scopes in the order of their names, judge by what the records
say, take the places, write. A bad operation is kept aside with its reason and never stops the others.
A repeated one gets the receipt it got before. What the records say after it is left to whoever looks
first (folding.py), but for scopes in which more was said than the first word about a record: conflicts
go back with the answer. The statements themselves stand in history.py.
"""

from __future__ import annotations

import functools
import operator
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

import msgspec

from techkit.central import emptying, feed, folding, history
from techkit.central.batch import Batch, Held, Incoming, Taken, read_all
from techkit.central.feed import Head
from techkit.i18n import _
from techkit.records import catalogue
from techkit.records.encoding import instant
from techkit.records.operations import (
    TENANT_SCOPE,
    Action,
    RecordState,
    glance,
    pack,
    pack_id,
    technician_scope,
    unpack,
    unpack_device,
    unpack_id,
)
from techkit.records.schema import RecordSpec, ValueType, is_known, spec_for
from techkit.sync import digests, merge, wire
from techkit.sync.merge import Author
from techkit.sync.problems import Problem, ProblemCode, problem
from techkit.sync.protocol import Ack, Refused

#: Modules whose import declares every kind of record.
DECLARED = catalogue.MODULES

#: Lengths the columns of models.py allow.
_MAX_ACTION, _MAX_REASON = 16, 10_000
_MAX_FIELDS, _MAX_NAME = 500, 80

#: An operation up to this long may have its names remembered, so that nobody fills the memory with them.
_SHORT_BYTES = 10_000

_PUT = str(Action.PUT)

#: A field that is not there.
_NOTHING = (None, "")

#: Stands as the record of an operation that is too damaged to name one.
_NOWHERE = "0" * 32


def receive(batch: Batch, packed: Sequence[bytes]) -> Taken:
    """Judge packed operations and put them into the history; inside a transaction.

    Raises: MalformedError when an operation has no readable id, so that no receipt could name it.
    """
    taken = Taken()
    if not packed:
        return taken
    incoming = _new_ones(batch, _read_all(batch, packed), taken)
    if taken.duplicates and batch.author is Author.DEVICE:
        feed.grant_as_twin(batch.device, taken.duplicates)
    good = [one for one in incoming if one.problem is None]
    scopes = _Scopes(batch, {one.scope for one in good})
    heads = feed.lock_heads(batch.org_id, scopes.open())
    # Behind the lock: who removes a customer holds it to the end.
    emptying.empty_incoming(batch.org_id, incoming)
    court = _Court(batch, good, scopes)
    accepted = court.accepted(good)
    scopes.grant_new()
    taken.created = scopes.new
    taken.first_places = _place(batch.org_id, accepted, heads)
    history.write_operations(batch, accepted)
    folding.fold(batch.org_id, sorted(court.busy))
    emptying.carry_out(batch.org_id, accepted)
    taken.fresh = accepted
    taken.scopes.update(one.scope for one in accepted)
    if len(accepted) < len(incoming):
        aside = [one for one in incoming if one.problem is not None]
        history.keep_aside(batch, aside)
        taken.refused += [Refused(one.op_id, one.problem) for one in aside if one.problem is not None]
    for one in [one for one in accepted if one.is_altered]:
        taken.altered.add(one.op_id)
        if one.cut:
            told = problem(ProblemCode.FIELDS_NOT_TAKEN, field=one.cut)
            taken.notices.append(Refused(one.op_id, told))
    return taken


# --- 1: reading, and what is new -------------------------------------------------------------------


#: Values that are good as they are: no text in them, or one whose NUL is looked for beside.
_PLAIN = frozenset({str, bool, type(None)})


def _read_all(batch: Batch, packed: Sequence[bytes]) -> list[Incoming]:
    """Return operations with what is wrong with each by itself.

    Nearly all are new records of the sender's with short texts: those are told at a glance, the others are read to the
    last byte.
    """
    try:
        found = read_all(packed)
    except ValueError:
        # One of them is damaged, or a newer techkit's: each is read by itself, and a damaged one is kept aside.
        return [_read(batch, body) for body in packed]
    own, device = pack_id(batch.device), batch.device
    is_office = batch.author is Author.OFFICE
    ahead, latest = batch.offset_ms << 16, _latest(batch)
    #: Names of fields by the few sets of texts and names that a piece has, None where they are no good.
    forms: dict[tuple[str, ...], tuple[str, ...] | None] = {}
    for at, (body, one) in enumerate(zip(packed, found, strict=True)):
        record, fields, hlc = one.record, one.fields, one.hlc
        form = (one.scope, one.entity, one.action, one.actor, one.reason, *fields)
        if form not in forms:
            forms[form] = form[5:] if _has_good_form(*form[:5], form[5:]) else None
        names = forms[form]
        is_plain = (
            names is not None
            and body[4:20] == one.key
            and one.device == own
            and record.__class__ is bytes
            and len(record) == 16
            and len(body) <= _SHORT_BYTES
            and 0 <= hlc < 2**63
            # No zero behind the ids: no text holds a NUL. (A number may: then it is looked at more closely.)
            and body.find(0, body.find(record, 38) + 16) < 0
        )
        if is_plain:
            for held, base in fields.values():
                if base or held.__class__ not in _PLAIN:
                    is_plain = False
                    break
        if not is_plain or names is None:
            found[at] = _read(batch, body)
            continue
        one.packed, one.record, one.device, one.names = body, record.hex(), device, names
        if is_office or (not ahead and hlc <= latest):
            one.order, one.is_as_sent = hlc, True
        else:
            one.order = min(max(0, hlc - ahead), latest)
            one.is_as_sent = one.order == hlc
    return found


def _read(batch: Batch, packed: bytes) -> Incoming:
    """Return one operation with what is wrong with it by itself."""
    try:
        seen = glance(packed)
        key, record = seen.op_id, seen.record_id
        is_plain = packed[4:20] == key and isinstance(record, bytes) and len(record) == 16
        if not is_plain or any(map(_base_of, seen.fields.values())):
            op = unpack(packed)  # ids written as text, and what the author saw: read to the last byte
            key, record = uuid.UUID(op.op_id).bytes, uuid.UUID(op.record_id).bytes
        order = _order(batch, seen.hlc)
        one = Incoming(
            seen.version, key, unpack_device(seen.device), seen.hlc, seen.scope, seen.entity, record.hex(),
            seen.action, seen.fields, seen.actor, seen.reason, packed, order, order == seen.hlc,
        )  # fmt: skip
    except (ValueError, TypeError):
        wrong = problem(ProblemCode.BAD_OPERATION)
        return Incoming(0, _key(packed), "", 0, "", "", _NOWHERE, "", {}, "", "", packed, problem=wrong)
    one.problem = _form_problem(one)
    if one.problem is None and one.device != batch.device and one.device not in batch.others:
        # Who sent it is known by the signature; what it says of itself does not count.
        one.made = replace(one.op, device=batch.device)
        one.packed, one.device, one.is_altered = pack(one.made), batch.device, True
    return one


#: The second of a field's two parts: what the author had seen.
_base_of = operator.itemgetter(1)


def _key(packed: bytes) -> bytes:
    """Return the id of an operation that says nothing else. Raises: MalformedError without one."""
    try:
        parts = msgspec.msgpack.decode(packed)
        return uuid.UUID(unpack_id(parts[1])).bytes
    except (msgspec.MsgspecError, ValueError, TypeError, IndexError, KeyError, RecursionError) as error:
        raise wire.MalformedError(_("The request could not be read."), what="an operation") from error


def _form_problem(one: Incoming) -> Problem | None:
    """Return what is wrong with lengths and names, so that every column holds what it is given."""
    size = len(one.packed)
    is_good = _has_good_form if size <= _SHORT_BYTES else _has_good_form.__wrapped__
    if (
        not is_good(one.scope, one.entity, one.action, one.actor, one.reason, tuple(one.fields))
        or not 0 <= one.hlc < 2**63
    ):
        return problem(ProblemCode.BAD_OPERATION)
    return wire.check_fields(size, one.fields)


@functools.lru_cache(maxsize=1000)
def _has_good_form(
    scope: str, entity: str, action: str, actor: str, reason: str, names: tuple[str, ...]
) -> bool:
    """Return whether the texts of an operation fit their columns; the same few come again and again."""
    return (
        _is_scope(scope)
        and 0 < len(entity) <= history.MAX_ENTITY
        and len(action) <= _MAX_ACTION
        and len(actor) <= history.MAX_ACTOR
        and len(reason) <= _MAX_REASON
        and "\x00" not in entity + action + actor + reason
        and len(names) <= _MAX_FIELDS
        and all(0 < len(name) <= _MAX_NAME and "\x00" not in name for name in names)
    )


def _is_scope(text: str) -> bool:
    kind, _colon, identity = text.partition(":")
    return text == TENANT_SCOPE or (
        kind in ("customer", "technician") and len(identity) == 36 and isinstance(pack_id(identity), bytes)
    )


def _order(batch: Batch, hlc: int) -> int:
    """Return the operation's clock with the device's offset taken off, never ahead of our own.

    A clock that is wrong by years puts nothing in the wrong order for long, and refuses nothing.
    """
    if batch.author is Author.OFFICE:
        return hlc
    return min(max(0, hlc - (batch.offset_ms << 16)), _latest(batch))


def _latest(batch: Batch) -> int:
    """Return the last moment of our own clock's now."""
    return (batch.now_ms << 16) | 0xFFFF


def _new_ones(batch: Batch, incoming: Sequence[Incoming], taken: Taken) -> Sequence[Incoming]:
    """Return the operations that were never seen; put receipts for the others into `taken`."""
    ids = [one.key.hex() for one in incoming]
    known = history.known_operations(ids)
    aside = history.kept_aside(ids)
    if not known and not aside and len(set(ids)) == len(ids):
        return incoming
    fresh: dict[str, Incoming] = {}
    for one in incoming:
        op_id = one.op_id
        if op_id in known:
            org_id, record_id, seq, order, kept = known[op_id]
            if org_id != batch.org_id or record_id != one.record_id:
                taken.refused.append(Refused(op_id, problem(ProblemCode.ID_TAKEN)))
                continue
            taken.known.append(Ack(op_id, seq, order))
            taken.duplicates.append(op_id)
            taken.scopes.add(one.scope)
            if one.is_altered or kept != one.packed:
                # The answer that told so may have been lost: what the history has is sent back.
                taken.altered.add(op_id)
        elif op_id in aside:
            code, field_name = aside[op_id]
            taken.refused.append(Refused(op_id, problem(ProblemCode(code), field=field_name)))
        elif op_id not in fresh:
            fresh[op_id] = one
        elif one.packed != fresh[op_id].packed:
            taken.refused.append(Refused(op_id, problem(ProblemCode.ID_TAKEN)))
    return list(fresh.values())


# --- 2: judging ----------------------------------------------------------------------------------------


class _Scopes:
    """Which scopes the sender may write; a customer nobody knows yet is his who creates it."""

    def __init__(self, batch: Batch, named: Iterable[str]) -> None:
        self._batch = batch
        self._named = frozenset(named)
        self._own = technician_scope(batch.device)
        self._granted: set[str] = set()
        self._known: set[str] = set()
        self.new: set[str] = set()
        if batch.author is Author.DEVICE:
            # Work for a customer that was taken back may still be handed over.
            self._granted = feed.ever_held(batch.device, self._named)
            self._known = feed.known_scopes(batch.org_id, self._named)

    def open(self) -> set[str]:
        """Return the scopes with a history that the sender may write into."""
        if self._batch.author is Author.OFFICE:
            return set(self._named)
        return (self._granted | {self._own}) & set(self._named)

    def refusal(self, scope: str) -> Problem | None:
        """Return why the sender may not write into the scope; None if he may."""
        if self._batch.author is Author.OFFICE or scope == self._own:
            return None
        if scope == TENANT_SCOPE:
            return problem(ProblemCode.OFFICE_ONLY)
        if scope in self._granted or scope in self.new:
            return None
        if scope.startswith("customer:") and scope not in self._known:
            self.new.add(scope)
            return None
        return problem(ProblemCode.FOREIGN_SCOPE)

    def grant_new(self) -> None:
        """Give the device the scopes it made."""
        feed.grant_made(self._batch.device, self.new)


class _Court:
    """Judges the operations of a batch one after the other, by what is known of their records and visits.

    busy: scopes in which more than the first word about a record was accepted.
    """

    def __init__(self, batch: Batch, good: Sequence[Incoming], scopes: _Scopes) -> None:
        self._batch = batch
        self._scopes = scopes
        visits_by_name: dict[str, str] = {}
        for one in good:
            # Dozens of records name the same visit one after the other.
            named = one.fields.get("visit_id", _NOTHING)[0]
            if named.__class__ is not str or one.entity == "visit":
                one.visit = _visit_of(one)
            else:
                one.visit = visits_by_name.get(named) or visits_by_name.setdefault(named, _visit_of(one))
        named = {one.record for one in good} | {one.visit for one in good} - {""}
        self._held = _states(batch.org_id, named)
        if self._held:
            visits = {_visit_of(one, held.state) for one in good if (held := self._held.get(one.record))}
            self._held |= _states(batch.org_id, visits - named - {""})
        self._first: dict[tuple[str, str, str, str, int], Problem | None] = {}
        self._closed: dict[str, AbstractSet[str]] = {}
        #: Kinds with names of fields that hold no moment and that the author may all write.
        self._harmless: set[tuple[str, tuple[str, ...]]] = set()
        self._alone: dict[str, Incoming] = {}
        #: First words that were let in: kind, scope, visit and names of fields. The next like them are let in as well,
        #: until more is said of a visit; and the visits they belong to.
        self._let_in: set[tuple[str, str, str, tuple[str, ...]]] = set()
        self._visits: set[str] = set()
        self.busy: set[str] = set()

    def accepted(self, good: Iterable[Incoming]) -> list[Incoming]:
        """Return which operations go into the history; the problems of the others say why they do not."""
        alone, held, let_in, visits = self._alone, self._held, self._let_in, self._visits
        found = []
        for one in good:
            name = one.record
            is_alike = (one.entity, one.scope, one.visit, one.names) in let_in
            if is_alike and one.action == _PUT and name not in alone and name not in held:
                alone[name] = one
                if name in visits:
                    let_in.clear()
                found.append(one)
            elif self.accepts(one):
                found.append(one)
        return found

    def accepts(self, one: Incoming) -> bool:
        """Return whether an operation goes into the history; else its problem says why not."""
        name = one.record
        is_first = one.action == _PUT and name not in self._alone and name not in self._held
        if is_first:
            # What stands against the first word about a record is the same for all of one kind in a visit.
            visit = (self._held.get(one.visit) or self._record(one.visit)) if one.visit else None
            said = 0 if visit is None else 1 + len(visit.incoming)
            key = (one.entity, one.scope, one.device, one.visit, said)
            if key not in self._first:
                self._first[key] = self._refusal(one, Held())
            one.problem = self._first[key]
        else:
            one.problem = self._refusal(one, self._record(name) or Held())
        if one.problem is not None or not self._has_good_fields(one):
            return False
        if is_first and one.entity != "visit":
            self._alone[name] = one
            if name in self._visits:
                self._let_in.clear()
            elif (one.entity, one.names) in self._harmless:
                self._let_in.add((one.entity, one.scope, one.visit, one.names))
                self._visits.add(one.visit)
            return True
        self._let_in.clear()
        if not is_first:
            self.busy.add(one.scope)
        if name not in self._held:
            self._held[name] = Held()
        self._held[name].incoming.append(one)
        return True

    def _has_good_fields(self, one: Incoming) -> bool:
        """Return whether moments can be read and fields are left; the same few sets of names come again and again."""
        kind = (one.entity, one.names)
        if kind in self._harmless:
            return True
        one.problem = _no_instant(one)
        if one.problem is not None or not self._cut(one):
            return False
        if (
            one.names
            and _instants(one.entity).isdisjoint(one.names)
            and self._closed[one.entity].isdisjoint(one.names)
        ):
            self._harmless.add(kind)
        return True

    def _record(self, name: str) -> Held | None:
        """Return what is known of a record, None before the first word about it."""
        alone = self._alone.pop(name, None)
        if alone is not None:
            self._held[name] = Held(incoming=[alone])
        return self._held.get(name)

    def _refusal(self, one: Incoming, record: Held) -> Problem | None:
        state = record.current
        if record.is_foreign or (
            state is not None and (state.entity != one.entity or state.scope != one.scope)
        ):
            return problem(ProblemCode.OTHER_RECORD)
        one.visit = _visit_of(one, state)
        visit = self._record(one.visit)
        above = visit.current if visit is not None else None
        if above is not None and (
            visit is None or visit.is_foreign or above.scope != one.scope or above.entity != "visit"
        ):
            return problem(ProblemCode.OTHER_RECORD, field="visit_id")
        spec = _spec(one.entity)
        author = self._batch.author
        if state is None:  # nothing it says counts here: it is not unpacked
            refused = merge.first_refusal(spec, above, one.scope, one.device, author)
        else:
            refused = merge.refusal(spec, state, above, one.op, author) or _size_problem(one, state)
        return refused or self._scopes.refusal(one.scope)

    def _cut(self, one: Incoming) -> bool:
        """Leave out fields the author may not write; return whether anything is left."""
        closed = self._closed.get(one.entity)
        if closed is None:
            closed = self._closed[one.entity] = merge.closed_names(_spec(one.entity), self._batch.author)
        if closed.isdisjoint(one.fields):
            return True
        spec, op = _spec(one.entity), one.op
        cut = merge.foreign_fields(spec, op, self._batch.author)
        if not cut:
            return True
        one.cut = " ".join(cut)
        kept = {name: change for name, change in op.fields.items() if name not in cut}
        if not kept:
            one.problem = problem(ProblemCode.OFFICE_ONLY, field=one.cut)
            return False
        one.made = replace(op, fields=kept)
        one.packed, one.is_altered = pack(one.made), True
        return True


def _size_problem(one: Incoming, state: RecordState) -> Problem | None:
    """Return what is wrong with an edit that makes a record longer than an answer carries; short ones go on for longer."""
    byte_count = len(one.packed)
    most = wire.MAX_OPERATION_BYTES * (1 if byte_count > _SHORT_BYTES else 2)
    if byte_count + wire.record_bytes(state.values, state.rivals) > most:
        return problem(ProblemCode.FIELD_TOO_LARGE)
    return None


def _spec(entity: str) -> RecordSpec | None:
    return spec_for(entity) if is_known(entity) else None


def _states(org_id: int, records: AbstractSet[str]) -> dict[str, Held]:
    """Return what these records say now, each by its 32 digits; one nobody has spoken of is missing."""
    found = history.states(org_id, sorted(records))
    return {record_id.replace("-", ""): held for record_id, held in found.items()}


def _no_instant(one: Incoming) -> Problem | None:
    """Return which moment cannot be read, so that a record with it is kept aside and not guessed at."""
    names = _instants(one.entity)
    if names.isdisjoint(one.fields):
        return None
    for name in names & one.fields.keys():
        held = one.fields[name][0]
        try:
            if held is not None:
                instant(name, held)
        except ValueError:
            return problem(ProblemCode.BAD_OPERATION, field=name)
    return None


@functools.lru_cache(maxsize=200)
def _instants(entity: str) -> frozenset[str]:
    spec = _spec(entity)
    return (
        frozenset(f.name for f in spec.fields if f.value_type is ValueType.INSTANT) if spec else frozenset()
    )


def _visit_of(one: Incoming, state: RecordState | None = None) -> str:
    """Return the visit the operation's record belongs to, as 32 digits; "" for none."""
    if one.entity == "visit":
        record: str = one.record
        return record
    named = state.values.get("visit_id") if state is not None else None
    if named is None and "visit_id" in one.fields:
        named = one.fields["visit_id"][0]
    return (history.hex_of(named) or "") if isinstance(named, str) else ""


# --- 3: places ----------------------------------------------------------------------------------------


def _place(org_id: int, accepted: Iterable[Incoming], heads: dict[str, Head]) -> dict[str, int]:
    """Give each operation its place in its scope, contiguous, scopes in the order of their names; return the first of each.

    Late in the transaction: from here to the commit nobody else gets a place in a scope that begins.
    """
    by_scope: dict[str, list[Incoming]] = defaultdict(list)
    for one in accepted:
        by_scope[one.scope].append(one)
    heads |= feed.begin_heads(org_id, by_scope.keys() - heads.keys())
    moved: dict[str, Head] = {}
    first = {scope: heads[scope][0] for scope in by_scope}
    for scope in sorted(by_scope):
        seq, digest_hex = heads[scope]
        placed = by_scope[scope]
        steps = [(one.key, one.order) for one in placed]
        found = digests.digests_from(bytes.fromhex(digest_hex), seq, steps)
        for one, digest in zip(placed, found, strict=True):
            one.seq, one.digest = seq, digest.hex()
            seq += 1
        moved[scope] = (seq, placed[-1].digest)
    feed.move_heads(org_id, moved)
    return first
