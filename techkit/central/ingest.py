"""What comes in: the operations of devices and of staff, merged into what each record says.

One request is one transaction, with the same steps for everybody, so that two never wait for each
other in a circle: know what is new, read the records (locked in the order of their ids), judge and
fold in Python with the function the desktop uses, take the places of each scope late, write. A bad
operation is kept aside with its reason and never stops the others. A repeated one gets the receipt
it got before. The statements themselves stand in history.py.
"""

from __future__ import annotations

import functools
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import msgspec

from techkit.central import conflicts, feed, history, projection
from techkit.central.batch import Batch, Held, Incoming, Taken
from techkit.central.models import DeviceScope
from techkit.i18n import _
from techkit.records import catalogue
from techkit.records.operations import (
    TENANT_SCOPE,
    Operation,
    RecordState,
    pack,
    pack_id,
    technician_scope,
    unpack,
    unpack_id,
)
from techkit.records.schema import is_known, spec_for
from techkit.sync import merge, protocol
from techkit.sync.merge import Author
from techkit.sync.protocol import Ack, Problem, ProblemCode, Refused, problem

#: Modules whose import declares every kind of record.
DECLARED = catalogue.MODULES

#: Lengths the columns of models.py allow.
_MAX_ACTION, _MAX_REASON = 16, 10_000
_MAX_FIELDS, _MAX_NAME = 500, 80


def receive(batch: Batch, packed: Sequence[bytes]) -> Taken:
    """Merge packed operations into the history and the records; inside a transaction.

    Raises: MalformedError when an operation has no readable id, so that no receipt could name it.
    """
    taken = Taken()
    if not packed:
        return taken
    incoming = _new_ones(batch, [_read(batch, one) for one in packed], taken)
    held = _read_records(batch.org_id, incoming)
    scopes = _Scopes(batch, {one.op.scope for one in incoming if one.problem is None})
    accepted = [one for one in incoming if _accept(batch, one, held, scopes)]
    scopes.grant_new()
    taken.created = scopes.new
    _place(batch.org_id, accepted)
    history.write_operations(batch, accepted)
    touched = {record_id: one for record_id, one in held.items() if one.incoming}
    history.write_records(batch.org_id, touched)
    history.keep_aside(batch, [one for one in incoming if one.problem is not None])
    conflicts.mirror(batch.org_id, {k: v for k, v in touched.items() if v.is_special})
    projection.refresh(batch.org_id, _noted(touched))
    for one in incoming:
        if one.problem is not None:
            taken.refused.append(Refused(one.op.op_id, one.problem))
            continue
        taken.acks.append(Ack(one.op.op_id, one.seq, one.order))
        taken.scopes.add(one.op.scope)
        if one.is_altered:
            taken.altered.add(one.op.op_id)
        if one.cut:
            told = problem(ProblemCode.FIELDS_NOT_TAKEN, field=one.cut)
            taken.notices.append(Refused(one.op.op_id, told))
    return taken


def _noted(touched: Mapping[str, Held]) -> list[tuple[str, str]]:
    """Return (kind, id) of what the list's rows depend on: a visit once, however much of it changed."""
    noted: dict[tuple[str, str], None] = {}
    for record_id, one in touched.items():
        if one.state is not None:
            visit_id = one.incoming[0].visit_id
            noted[("visit", visit_id) if visit_id else (one.state.entity, record_id)] = None
    return list(noted)


# --- 1: reading, and what is new -------------------------------------------------------------------


def _read(batch: Batch, packed: bytes) -> Incoming:
    """Return an operation with what is wrong with it by itself."""
    try:
        op = unpack(packed)
    except ValueError:
        return Incoming(op=_nameless(packed), packed=packed, problem=problem(ProblemCode.BAD_OPERATION))
    one = Incoming(op=op, packed=packed, problem=_form_problem(op, len(packed)))
    if one.problem is None and op.device != batch.device and op.device not in batch.others:
        # Who sent it is known by the signature; what it says of itself does not count.
        one.op = replace(op, device=batch.device)
        one.packed, one.is_altered = pack(one.op), True
    one.order = _order(batch, op.hlc)
    return one


def _nameless(packed: bytes) -> Operation:
    """Return an operation that says nothing but its id. Raises: MalformedError without one."""
    try:
        parts = msgspec.msgpack.decode(packed)
        op_id = str(uuid.UUID(unpack_id(parts[1])))
    except (msgspec.MsgspecError, ValueError, TypeError, IndexError, KeyError, RecursionError) as error:
        raise protocol.MalformedError(_("The request could not be read."), what="an operation") from error
    nowhere = "00000000-0000-0000-0000-000000000000"
    return Operation(op_id=op_id, device="", hlc=0, scope="", entity="", record_id=nowhere)


def _form_problem(op: Operation, packed_bytes: int) -> Problem | None:
    """Return what is wrong with lengths and names, so that every column holds what it is given."""
    names = "".join(op.fields)
    is_good = (
        _is_scope(op.scope)
        and 0 < len(op.entity) <= history.MAX_ENTITY
        and len(op.action) <= _MAX_ACTION
        and len(op.actor) <= history.MAX_ACTOR
        and len(op.reason) <= _MAX_REASON
        and "\x00" not in names + op.entity + op.action + op.actor + op.reason
        and len(op.fields) <= _MAX_FIELDS
        and (len(names) <= _MAX_NAME or max(map(len, op.fields)) <= _MAX_NAME)
        and "" not in op.fields
        and 0 <= op.hlc < 2**63
    )
    if not is_good:
        return problem(ProblemCode.BAD_OPERATION)
    return protocol.check_operation(packed_bytes, op)


@functools.lru_cache(maxsize=10_000)
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
    corrected = max(0, hlc - (batch.offset_ms << 16))
    return min(corrected, (batch.now_ms << 16) | 0xFFFF)


def _new_ones(batch: Batch, incoming: Sequence[Incoming], taken: Taken) -> list[Incoming]:
    """Return the operations that were never seen; put receipts for the others into `taken`."""
    ids = [one.op.op_id for one in incoming]
    known = history.known_operations(ids)
    aside = history.kept_aside(ids)
    fresh: dict[str, Incoming] = {}
    for one in incoming:
        op_id = one.op.op_id
        if op_id in known:
            org_id, record_id, seq, order, kept = known[op_id]
            if org_id != batch.org_id or record_id != one.op.record_id:
                taken.refused.append(Refused(op_id, problem(ProblemCode.ID_TAKEN)))
                continue
            taken.acks.append(Ack(op_id, seq, order))
            taken.duplicates.append(op_id)
            taken.scopes.add(one.op.scope)
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


# --- 2: the records they are about -------------------------------------------------------------------


def _read_records(org_id: int, incoming: Iterable[Incoming]) -> dict[str, Held]:
    """Return the records of these operations, locked in the order of their ids, and their visits."""
    incoming = [one for one in incoming if one.problem is None]
    wanted = {one.op.record_id for one in incoming}
    held = {record_id: Held() for record_id in wanted}
    history.load(org_id, sorted(wanted), held, is_locking=True)
    visits = {_visit_of(one.op, held[one.op.record_id].state) for one in incoming} - wanted - {""}
    held.update((record_id, Held()) for record_id in visits)
    history.load(org_id, sorted(visits), held, is_locking=False)
    return held


def _visit_of(op: Operation, state: RecordState | None) -> str:
    """Return the id of the visit the operation's record belongs to; "" for none."""
    if op.entity == "visit":
        return op.record_id
    named = state.values.get("visit_id") if state is not None else None
    if named is None and "visit_id" in op.fields:
        named = op.fields["visit_id"].value
    return named if isinstance(named, str) and isinstance(pack_id(named), bytes) else ""


# --- 3: judging and folding ---------------------------------------------------------------------------


class _Scopes:
    """Which scopes the sender may write; a customer nobody knows yet is his who creates it."""

    def __init__(self, batch: Batch, named: Iterable[str]) -> None:
        self._batch = batch
        self._own = technician_scope(batch.device)
        self._granted: set[str] = set()
        self._known: set[str] = set()
        self.new: set[str] = set()
        if batch.author is Author.DEVICE:
            # Work for a customer that was taken back may still be handed over.
            grants = DeviceScope.objects.filter(device_id=batch.device, scope_id__in=list(named))
            self._granted = set(grants.values_list("scope_id", flat=True))
            self._known = feed.known_scopes(batch.org_id, named)

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
        now = datetime.now(UTC)
        DeviceScope.objects.bulk_create(
            [
                DeviceScope(device_id=self._batch.device, scope_id=scope, granted_at=now)
                for scope in sorted(self.new)
            ]
        )


def _accept(batch: Batch, one: Incoming, held: dict[str, Held], scopes: _Scopes) -> bool:
    """Fold an operation into its record, or note why it is kept aside."""
    if one.problem is not None:
        return False
    op = one.op
    record = held[op.record_id]
    one.problem = _rule_problem(batch, one, record, held) or scopes.refusal(op.scope)
    if one.problem is not None:
        return False
    spec = spec_for(op.entity) if is_known(op.entity) else None
    cut = merge.foreign_fields(spec, op, batch.author)
    if cut:
        kept = {name: change for name, change in op.fields.items() if name not in cut}
        one.cut = " ".join(cut)
        if not kept:
            one.problem = problem(ProblemCode.OFFICE_ONLY, field=one.cut)
            return False
        op = one.op = replace(op, fields=kept)
        one.packed, one.is_altered = pack(op), True
    record.state = merge.fold(record.state, op, one.order)
    record.is_special = record.is_special or bool(record.state.rivals) or record.state.seen is not None
    record.incoming.append(one)
    return True


def _rule_problem(batch: Batch, one: Incoming, record: Held, held: Mapping[str, Held]) -> Problem | None:
    op, state = one.op, record.state
    if record.is_foreign or (state is not None and (state.entity != op.entity or state.scope != op.scope)):
        return problem(ProblemCode.OTHER_RECORD)
    visit_id = one.visit_id = _visit_of(op, state)
    visit = held.get(visit_id)
    if visit is not None and visit.state is not None:
        if visit.is_foreign or visit.state.scope != op.scope:
            return problem(ProblemCode.OTHER_RECORD, field="visit_id")
        if visit.state.entity != "visit":
            return problem(ProblemCode.OTHER_RECORD, field="visit_id")
    spec = spec_for(op.entity) if is_known(op.entity) else None
    return merge.refusal(spec, state, visit.state if visit else None, op, batch.author)


# --- 4: places ----------------------------------------------------------------------------------------


def _place(org_id: int, accepted: Iterable[Incoming]) -> None:
    """Give each operation its place in its scope, contiguous, scopes in the order of their names.

    Late in the transaction: from here to the commit nobody else gets a place in these scopes.
    """
    by_scope: dict[str, list[Incoming]] = defaultdict(list)
    for one in accepted:
        by_scope[one.op.scope].append(one)
    heads = feed.lock_heads(org_id, sorted(by_scope))
    for scope in sorted(by_scope):
        seq, digest_hex = heads[scope]
        digest = bytes.fromhex(digest_hex)
        for one in by_scope[scope]:
            op_id = pack_id(one.op.op_id)
            digest = protocol.extend_digest(digest, seq, op_id if isinstance(op_id, bytes) else b"")
            one.seq, one.digest = seq, digest.hex()
            seq += 1
        heads[scope] = (seq, digest.hex())
    feed.move_heads(org_id, heads)
