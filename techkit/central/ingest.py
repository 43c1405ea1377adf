"""What comes in: the operations of devices and of staff, merged into what each record says.

One request is one transaction, with the same steps for everybody, so that two never wait for each
other in a circle: know what is new, read the records (locked in the order of their ids), judge and
fold in Python with the function the desktop uses, take the places of each scope late, write. A bad
operation is kept aside with its reason and never stops the others. A repeated one gets the receipt
it got before. No ORM per row: a handful of statements for a thousand operations.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import random
import secrets
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from django.db import DatabaseError, OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse

from techkit.central import audit, enrol, feed, projection
from techkit.central.models import Conflict, Device, DeviceScope, Org, RefusedOp, User
from techkit.central.models import Record as Row
from techkit.errors import CentralError
from techkit.i18n import _
from techkit.records import catalogue
from techkit.records.identity import new_id
from techkit.records.operations import (
    OFFICE,
    REMOVAL,
    TENANT_SCOPE,
    Action,
    Change,
    Operation,
    RecordState,
    customer_scope,
    pack,
    pack_id,
    technician_scope,
    unpack,
    unpack_id,
)
from techkit.records.schema import (
    Record,
    RecordSpec,
    changed_fields,
    from_document,
    is_known,
    spec_for,
    spec_of,
)
from techkit.sync import merge, protocol
from techkit.sync.merge import Author
from techkit.sync.protocol import Ack, Problem, ProblemCode, Refused, SyncReply, SyncRequest, problem

#: Modules whose import declares every kind of record.
DECLARED = catalogue.MODULES

#: A clock that is off by less says nothing: the way through the network takes as long.
_CLOCK_TOLERANCE_MS = 2000
#: Measurements further apart mean that the clock was set; nearer ones, that one message was slower.
_CLOCK_JUMP_MS = 10_000

#: How often a transaction is tried when another one was in its way (PostgreSQL 40001 and 40P01, a
#: locked SQLite file). Repeating is harmless: every operation is recognised by its id.
_TRIES = 6

#: Lengths the columns of models.py allow.
_MAX_SCOPE, _MAX_ENTITY, _MAX_ACTION, _MAX_ACTOR, _MAX_REASON = 80, 40, 16, 400, 10_000
_MAX_FIELDS, _MAX_NAME = 500, 80

T = TypeVar("T")


# --- the request -----------------------------------------------------------------------------------


@enrol.for_devices
def sync(request: HttpRequest) -> HttpResponse:
    """Answer one round of a device: POST /api/v1/sync."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    came_at_ms = enrol.now_ms()  # before the body is read: a slow upload is no slow clock
    body = protocol.read_limited(request)
    device, signed = enrol.authenticate(request, body)
    asked = enrol.read(request, body, SyncRequest)
    return enrol.answer(request, exchange(device, asked, signed, came_at_ms))


def exchange(
    device: Device, asked: SyncRequest, signed: protocol.Signed | None = None, came_at_ms: int = 0
) -> SyncReply:
    """Take a device's operations and return receipts, everybody's changes and the new places.

    All that came in is committed before this returns. signed: None inside this process (tests, a
    package file whose seal was checked). came_at_ms: when it arrived, now by default.
    Raises: DeviceRefusedError.
    """
    if asked.protocol != protocol.PROTOCOL:
        raise enrol.refuse(ProblemCode.OLD_PROTOCOL)
    if asked.device != str(device.pk):
        raise enrol.refuse(ProblemCode.BAD_SIGNATURE, field="device")
    came_at_ms = came_at_ms or enrol.now_ms()
    with _no_collection():
        token, taken, org = retried(lambda: _take(device.pk, asked, signed, came_at_ms))
    reply = SyncReply(
        epoch=str(org.sync_epoch),
        token=token,
        now_ms=came_at_ms,
        acks=taken.acks,
        duplicates=taken.duplicates,
        refused=taken.refused,
        notices=taken.notices,
    )
    feed.fill(reply, device, asked, altered=taken.altered, written=taken.scopes, created=taken.created)
    return reply


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Look for no garbage meanwhile: a batch makes many objects that are all still in use.

    Measured: a fifth of the time of 10,000 operations. Another thread may end it early; no harm done.
    """
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_collecting:
            gc.enable()


def _take(
    device_id: uuid.UUID, asked: SyncRequest, signed: protocol.Signed | None, came_at_ms: int
) -> tuple[str, Taken, Org]:
    """Do the writing half of a round in one transaction."""
    with transaction.atomic():
        device = Device.objects.select_for_update().select_related("org", "technician").get(pk=device_id)
        if device.revoked_at is not None:
            raise enrol.refuse(ProblemCode.REVOKED)
        if signed is not None:
            enrol.use_nonce(device, signed)
        is_recovering = feed.recover(device, asked)
        # A package file is believed by its seal; a token used out of turn would look like a copy.
        is_package = signed is None and not asked.token
        token = "" if is_package else _rotate_token(device, asked.token, is_believed=is_recovering)
        device.clock_offset_ms = _offset(device, asked.sent_at_ms, came_at_ms)
        taken = receive(_batch(device, came_at_ms), [bytes(raw) for raw in asked.ops])
        if asked.ops:
            _audit_push(device, taken)
        device.last_seen_at = datetime.now(UTC)
        device.app_version = asked.app_version[:40].replace("\x00", "") or device.app_version
        device.waiting_count = min(max(asked.waiting_count, 0), 2**31 - 1)
        device.save(
            update_fields=[
                "token_hash", "previous_token_hash", "clock_offset_ms", "last_seen_at", "app_version",
                "waiting_count",
            ]
        )  # fmt: skip
        return token, taken, device.org


def _batch(device: Device, came_at_ms: int) -> Batch:
    return Batch(
        org_id=device.org_id,
        author=Author.DEVICE,
        device=str(device.pk),
        offset_ms=device.clock_offset_ms,
        now_ms=came_at_ms,
        technician=device.technician.shown_name,
        others=_others(device) if feed.is_recovering(device.org) else frozenset(),
    )


def hand_over(device: Device, asked: SyncRequest) -> SyncReply:
    """Take what a withdrawn device had not sent, from a package file that the office looked at.

    It gets receipts and nothing else, and is told to drop what it holds.
    """
    came_at_ms = enrol.now_ms()

    def work() -> Taken:
        with transaction.atomic():
            held = Device.objects.select_for_update().select_related("org", "technician").get(pk=device.pk)
            taken = receive(_batch(held, came_at_ms), [bytes(raw) for raw in asked.ops])
            _audit_push(held, taken)
            return taken

    taken = retried(work)
    return SyncReply(
        epoch=str(device.org.sync_epoch),
        token="",
        now_ms=came_at_ms,
        acks=taken.acks,
        duplicates=taken.duplicates,
        refused=taken.refused,
        notices=taken.notices,
        revoked=sorted(asked.cursors),
    )


def _offset(device: Device, sent_at_ms: int, came_at_ms: int) -> int:
    """Return how far the device's clock is ahead of ours, in ms; 0 when it is right.

    Each message is on its way for a while, so a measurement is never more than the truth: of two
    near each other the larger is the better one.
    """
    if not sent_at_ms:
        return device.clock_offset_ms
    measured = sent_at_ms - came_at_ms
    known = device.clock_offset_ms
    if known and abs(measured - known) < _CLOCK_JUMP_MS:
        measured = max(measured, known)
    return measured if abs(measured) >= _CLOCK_TOLERANCE_MS else 0


def _others(device: Device) -> frozenset[str]:
    """Return whose operations a device may hand back after the service lost some: anybody's."""
    ids = Device.objects.filter(org_id=device.org_id).values_list("pk", flat=True)
    return frozenset({OFFICE, *(str(one) for one in ids)})


def _rotate_token(device: Device, shown: str, *, is_believed: bool) -> str:
    """Return the token for the next request; refuse one that a copy has moved past.

    The token before the last is still good: the answer that carried the newer one may be lost.
    is_believed: the service itself went back in time, so that its tokens prove nothing.
    """
    given = enrol.token_hash(shown)
    if given == device.token_hash or is_believed:
        device.previous_token_hash = given
    elif not device.previous_token_hash or given != device.previous_token_hash:
        raise enrol.refuse(ProblemCode.FORKED)
    token = secrets.token_urlsafe(32)
    device.token_hash = enrol.token_hash(token)
    return token


def _audit_push(device: Device, taken: Taken) -> None:
    audit.append(
        device.org_id,
        action="sync.push",
        actor_kind="device",
        actor_id=str(device.pk),
        actor_name=device.name,
        object_kind="device",
        object_id=str(device.pk),
        detail={
            "accepted": len(taken.acks) - len(taken.duplicates),
            "repeated": len(taken.duplicates),
            "refused": len(taken.refused),
            "cut": len(taken.notices),
        },
    )


def retried(work: Callable[[], T]) -> T:
    """Return what the work gives, tried again while other transactions are in its way.

    Raises: DeviceRefusedError with BUSY after the last try.
    """
    for attempt in range(_TRIES):
        try:
            return work()
        except DatabaseError as error:
            if not _is_passing(error):
                raise
            # Jitter, so that two that met once do not meet again.
            time.sleep(random.uniform(0.01, 0.05) * 2**attempt)
    raise enrol.refuse(ProblemCode.BUSY, retry_after_s=5)


def _is_passing(error: DatabaseError) -> bool:
    """Return whether another transaction was in the way, so that trying again helps."""
    state = getattr(error.__cause__, "sqlstate", None)
    # 23505: the same operation came from two devices at once; the next try sees it as a repeat.
    if state in ("40001", "40P01", "23505"):
        return True
    return isinstance(error, OperationalError) and "locked" in str(error)


def stop() -> None:
    """Give back what ingest holds between requests: nothing; each request ends its own work."""


# --- one batch ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Who sends the operations of one transaction, and how far his clock is off."""

    org_id: int
    author: Author
    device: str
    now_ms: int
    offset_ms: int = 0
    technician: str = ""
    #: Authors whose operations the sender may hand back; empty but after a restore.
    others: frozenset[str] = frozenset()


@dataclass(kw_only=True)
class Taken:
    """What became of a batch.

    altered: operations in the history that differ from what was sent. scopes: of all that have a
    receipt; created: those nobody knew before.
    """

    acks: list[Ack] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    notices: list[Refused] = field(default_factory=list)
    altered: set[str] = field(default_factory=set)
    scopes: set[str] = field(default_factory=set)
    created: set[str] = field(default_factory=set)


@dataclass(kw_only=True)
class _Incoming:
    """One operation on its way in. problem: why it is kept aside. cut: fields left out of it."""

    op: Operation
    packed: bytes
    order: int = 0
    problem: Problem | None = None
    seq: int = 0
    digest: str = ""
    is_altered: bool = False
    cut: str = ""
    visit_id: str = ""


@dataclass(kw_only=True)
class _Held:
    """A record as the table had it and as the fold leaves it.

    is_foreign: it belongs to another organisation. is_special: there is, or was before this batch,
    something to decide about it.
    """

    state: RecordState | None = None
    rev: int = 0
    seq: int = 0
    is_foreign: bool = False
    is_special: bool = False
    incoming: list[_Incoming] = field(default_factory=list)


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
    _write_operations(batch, accepted)
    touched = {record_id: one for record_id, one in held.items() if one.incoming}
    _write_records(batch.org_id, touched)
    _keep_aside(batch, [one for one in incoming if one.problem is not None])
    _mirror_conflicts(batch.org_id, {k: v for k, v in touched.items() if v.is_special})
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


def _noted(touched: Mapping[str, _Held]) -> list[tuple[str, str]]:
    """Return (kind, id) of what the list's rows depend on: a visit once, however much of it changed."""
    noted: dict[tuple[str, str], None] = {}
    for record_id, one in touched.items():
        if one.state is not None:
            visit_id = one.incoming[0].visit_id
            noted[("visit", visit_id) if visit_id else (one.state.entity, record_id)] = None
    return list(noted)


# --- 1: reading, and what is new -------------------------------------------------------------------


def _read(batch: Batch, packed: bytes) -> _Incoming:
    """Return an operation with what is wrong with it by itself."""
    try:
        op = unpack(packed)
    except ValueError:
        return _Incoming(op=_nameless(packed), packed=packed, problem=problem(ProblemCode.BAD_OPERATION))
    one = _Incoming(op=op, packed=packed, problem=_form_problem(op, len(packed)))
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
        and 0 < len(op.entity) <= _MAX_ENTITY
        and len(op.action) <= _MAX_ACTION
        and len(op.actor) <= _MAX_ACTOR
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


def _new_ones(batch: Batch, incoming: Sequence[_Incoming], taken: Taken) -> list[_Incoming]:
    """Return the operations that were never seen; put receipts for the others into `taken`."""
    ids = [one.op.op_id for one in incoming]
    known = _known_operations(ids)
    aside = {
        _text_of(row[0]): (row[1], row[2])
        for row in _select("SELECT op_id, code, field FROM refused_op WHERE op_id", ids)
    }
    fresh: dict[str, _Incoming] = {}
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


def _known_operations(op_ids: Sequence[str]) -> dict[str, tuple[int, str, int, int, bytes]]:
    """Return organisation, record, place, order and bytes of the operations in the history."""
    rows = _select("SELECT op_id, org_id, entity_id, seq, hlc, packed FROM op WHERE op_id", op_ids)
    return {_text_of(row[0]): (row[1], _text_of(row[2]), row[3], row[4], bytes(row[5])) for row in rows}


# --- 2: the records they are about -------------------------------------------------------------------


def _read_records(org_id: int, incoming: Iterable[_Incoming]) -> dict[str, _Held]:
    """Return the records of these operations, locked in the order of their ids, and their visits."""
    incoming = [one for one in incoming if one.problem is None]
    wanted = {one.op.record_id for one in incoming}
    held = {record_id: _Held() for record_id in wanted}
    _load(org_id, sorted(wanted), held, is_locking=True)
    visits = {_visit_of(one.op, held[one.op.record_id].state) for one in incoming} - wanted - {""}
    held.update((record_id, _Held()) for record_id in visits)
    _load(org_id, sorted(visits), held, is_locking=False)
    return held


def _load(org_id: int, record_ids: Sequence[str], held: dict[str, _Held], *, is_locking: bool) -> None:
    if not record_ids:
        return
    lock = " ORDER BY entity_id FOR UPDATE" if is_locking and connection.vendor == "postgresql" else ""
    columns = "entity_id, org_id, entity, scope_id, state, clocks, rev, seq"
    for row in _select(f"SELECT {columns} FROM record WHERE entity_id", record_ids, lock):  # noqa: S608 - constant columns
        one = held[_text_of(row[0])]
        clocks = _json_of(row[5])
        one.state = merge.load(row[2], _text_of(row[0]), row[3], _json_of(row[4]), clocks)
        one.rev, one.seq, one.is_foreign = row[6], row[7], row[1] != org_id
        one.is_special = "rivals" in clocks or "removed" in clocks


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


def _accept(batch: Batch, one: _Incoming, held: dict[str, _Held], scopes: _Scopes) -> bool:
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


def _rule_problem(batch: Batch, one: _Incoming, record: _Held, held: Mapping[str, _Held]) -> Problem | None:
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


def _place(org_id: int, accepted: Iterable[_Incoming]) -> None:
    """Give each operation its place in its scope, contiguous, scopes in the order of their names.

    Late in the transaction: from here to the commit nobody else gets a place in these scopes.
    """
    by_scope: dict[str, list[_Incoming]] = defaultdict(list)
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


# --- 5: writing ----------------------------------------------------------------------------------------

_OP_COLUMNS = (
    "op_id", "org_id", "scope_id", "seq", "device", "actor", "entity", "entity_id", "action", "hlc",
    "packed", "digest", "received_at",
)  # fmt: skip
_OP_TYPES = (
    "uuid", "int8", "varchar", "int8", "varchar", "varchar", "varchar", "uuid", "varchar", "int8", "bytea",
    "varchar", "timestamptz",
)  # fmt: skip

_RECORD_COLUMNS = (
    "entity_id", "org_id", "entity", "scope_id", "visit_id", "customer_id", "state", "clocks", "rev", "hlc",
    "seq", "deleted", "updated_at",
)  # fmt: skip
_RECORD_TYPES = (
    "uuid", "int8", "text", "text", "uuid", "uuid", "text", "text", "int4", "int8", "int8", "bool",
    "timestamptz",
)  # fmt: skip


def _write_operations(batch: Batch, accepted: Sequence[_Incoming]) -> None:
    if not accepted:
        return
    now = datetime.now(UTC)
    rows = [
        (
            one.op.op_id.replace("-", ""), batch.org_id, one.op.scope, one.seq, one.op.device, one.op.actor,
            one.op.entity, one.op.record_id.replace("-", ""), str(one.op.action), one.order, one.packed,
            one.digest, now,
        )
        for one in accepted
    ]  # fmt: skip
    names = ", ".join(_OP_COLUMNS)
    if connection.vendor == "postgresql":
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY op ({names}) FROM STDIN (FORMAT BINARY)") as copy,
        ):
            copy.set_types(_OP_TYPES)
            for row in rows:
                copy.write_row((uuid.UUID(row[0]), *row[1:7], uuid.UUID(str(row[7])), *row[8:]))
        return
    marks = ", ".join(["%s"] * len(_OP_COLUMNS))
    text = _sqlite_time(now)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO op ({names}) VALUES ({marks})",  # noqa: S608 - constant columns
            [(*row[:-1], text) for row in rows],
        )


def _write_records(org_id: int, touched: Mapping[str, _Held]) -> None:
    if not touched:
        return
    now = datetime.now(UTC)
    rows = [_record_row(org_id, record_id, one, now) for record_id, one in sorted(touched.items())]
    names = ", ".join(_RECORD_COLUMNS)
    kept = ("entity_id", "org_id", "entity", "scope_id")
    renewed = ", ".join(f"{name} = excluded.{name}" for name in _RECORD_COLUMNS if name not in kept)
    upsert = f"ON CONFLICT (entity_id) DO UPDATE SET {renewed}"
    if connection.vendor == "postgresql":
        casts = ", ".join(f"%s::{kind}[]" for kind in _RECORD_TYPES)
        picked = names.replace("state, clocks", "state::jsonb, clocks::jsonb")
        statement = (
            f"INSERT INTO record ({names}) SELECT {picked} FROM unnest({casts}) AS t({names}) {upsert}"  # noqa: S608 - constant columns
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)])
        return
    marks, text = ", ".join(["%s"] * len(_RECORD_COLUMNS)), _sqlite_time(now)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO record ({names}) VALUES ({marks}) {upsert}",  # noqa: S608 - constant columns
            [(*row[:-1], text) for row in rows],
        )


def _record_row(org_id: int, record_id: str, one: _Held, now: datetime) -> tuple[Any, ...]:
    state = one.state
    if state is None:
        raise CentralError("A record without a state cannot be written.")
    own_visit = _hex_of(str(state.values.get("visit_id")))
    customer = _hex_of(str(state.values.get("customer_id"))) or _hex_of(state.scope.removeprefix("customer:"))
    return (
        record_id.replace("-", ""),
        org_id,
        state.entity,
        state.scope,
        own_visit,
        customer,
        _json_text(state.values),
        _json_text(merge.clocks_document(state)),
        one.rev + len(one.incoming),
        max((clock[0] for clock in state.clocks.values()), default=0),
        max(one.seq, *(new.seq for new in one.incoming)),
        state.is_removed,
        now,
    )


def _keep_aside(batch: Batch, refused: Iterable[_Incoming]) -> None:
    """Keep what could not be taken, with its reason: it is shown, and nothing of it is lost."""
    now = datetime.now(UTC)
    RefusedOp.objects.bulk_create(
        [
            RefusedOp(
                op_id=one.op.op_id,
                org_id=batch.org_id,
                device=batch.device,
                actor=one.op.actor[:_MAX_ACTOR].replace("\x00", ""),
                scope_id=one.op.scope[:_MAX_SCOPE].replace("\x00", ""),
                entity=one.op.entity[:_MAX_ENTITY].replace("\x00", ""),
                entity_id=one.op.record_id,
                code=one.problem.code if one.problem else 0,
                field=(one.problem.field if one.problem else "")[:200].replace("\x00", ""),
                packed=one.packed,
                received_at=now,
            )
            for one in refused
        ]
    )


# --- 6: conflicts ----------------------------------------------------------------------------------------


def _mirror_conflicts(org_id: int, special: Mapping[str, _Held]) -> None:
    """Let the table of conflicts say what follows from the records: open ones, and who decided."""
    if not special:
        return
    rows: dict[tuple[str, str], list[Conflict]] = defaultdict(list)
    for row in Conflict.objects.filter(
        org_id=org_id, entity_id__in=list(special), decided_by_op=None
    ).order_by("found_at", "id"):
        rows[str(row.entity_id), row.field].append(row)
    for record_id, one in special.items():
        if one.state is None:
            continue
        wanted: dict[str, list[tuple[str, str]]] = {}
        for found in merge.conflicts(one.state):
            wanted[found.field] = [(found.kept.op_id, side.op_id) for side in found.others]
        for name in {*wanted, *(name for rid, name in rows if rid == record_id)}:
            _mirror_field(org_id, one, name, rows[record_id, name], wanted.get(name, []))


def _mirror_field(
    org_id: int, held: _Held, name: str, rows: list[Conflict], pairs: list[tuple[str, str]]
) -> None:
    """Bring the rows of one field to what is open now: keep, change, close, add."""
    state = held.state
    if state is None:
        return
    by_other = {other: kept for kept, other in pairs}
    left = []
    for row in rows:
        kept = by_other.pop(str(row.op_b), None)
        if kept is None:
            left.append(row)
        elif kept != str(row.op_a):
            _repoint(row, kept, str(row.op_b))
    now = datetime.now(UTC)
    for row in left:
        if by_other:
            # One side went on with what it had: the same conflict with a newer value.
            other, kept = by_other.popitem()
            _repoint(row, kept, other)
        else:
            row.decided_by_op, row.decided_at = uuid.UUID(_decider(held, name, row)), now
            row.save(update_fields=["decided_by_op", "decided_at"])
    for other, kept in by_other.items():
        Conflict.objects.create(
            org_id=org_id,
            scope_id=state.scope,
            entity=state.entity,
            entity_id=state.record_id,
            field=name,
            base_op=_base_of(held, name, (kept, other)),
            op_a=kept,
            op_b=other,
            found_at=now,
        )


def _repoint(row: Conflict, kept: str, other: str) -> None:
    row.op_a, row.op_b = uuid.UUID(kept), uuid.UUID(other)
    row.save(update_fields=["op_a", "op_b"])


def _decider(held: _Held, name: str, row: Conflict) -> str:
    """Return the operation of this batch that named one of the conflict's sides as seen."""
    sides = {str(row.op_a), str(row.op_b)}
    for one in reversed(held.incoming):
        given = one.op.fields.get(name)
        seen = given.value if given and name == REMOVAL and isinstance(given.value, list) else []
        if given is not None and sides & {*given.base.split(), *(s for s in seen if isinstance(s, str))}:
            return one.op.op_id
    return held.incoming[-1].op.op_id


def _base_of(held: _Held, name: str, sides: tuple[str, str]) -> uuid.UUID | None:
    """Return the operation both sides of a conflict started from, as far as this batch tells."""
    for one in held.incoming:
        given = one.op.fields.get(name)
        if one.op.op_id in sides and given is not None and given.base:
            return uuid.UUID(given.base.split()[0])
    return None


# --- staff ----------------------------------------------------------------------------------------------


def record_as_staff(user: User, record: Record) -> None:
    """Write a whole new record, or the changed fields of an existing one, as an operation of staff.

    Raises: CentralError with status 404 when what it belongs to is unknown, 409 when the merge
    refuses.
    """
    spec = spec_of(record)
    row = Row.objects.filter(org_id=user.org_id, entity_id=record.id).first()
    before = from_document(spec.kind, record.id, row.state) if row is not None else None
    changes = changed_fields(before, record)
    if row is not None and not changes:
        return
    scope = row.scope_id if row is not None else _scope_of(user.org_id, spec, record)
    _as_staff(user, spec.kind, record.id, scope, changes)


def change_as_staff(user: User, kind: str, record_id: str, fields: Mapping[str, Any]) -> None:
    """Change fields (name -> value as JSON carries it) of an existing record as staff.

    Raises: CentralError with status 404 for an unknown record, 409 when the merge refuses.
    """
    row = Row.objects.filter(org_id=user.org_id, entity_id=record_id, entity=kind).first()
    if row is None:
        raise _unknown_record()
    _as_staff(user, kind, record_id, row.scope_id, fields)


def decide_conflict(user: User, conflict_id: uuid.UUID, value: Any, note: str = "") -> None:
    """Settle a conflict as staff: the value holds everywhere and everybody is told.

    For a removed record that was edited (field REMOVAL): True leaves it removed, False brings it
    back. note: the optional word to the technicians. Raises: CentralError with status 404 when
    there is no such conflict, 409 when somebody was quicker.
    """
    row = Conflict.objects.filter(org_id=user.org_id, pk=conflict_id).first()
    if row is None:
        raise CentralError(_("There is no such conflict."), status=404)
    if row.decided_by_op is not None:
        raise CentralError(
            _("Somebody has decided this already."),
            status=409,
            safe=_("Nothing was changed."),
            advice=_("Load the page again to see what holds now."),
        )
    decide = "remove" if value else "restore"
    _as_staff(
        user,
        row.entity,
        str(row.entity_id),
        row.scope_id,
        {row.field: decide if row.field == REMOVAL else value},
        is_decision=True,
        reason=note,
    )


def _as_staff(
    user: User,
    kind: str,
    record_id: str,
    scope: str,
    fields: Mapping[str, Any],
    *,
    is_decision: bool = False,
    reason: str = "",
) -> None:
    """Make one operation of device "office" and merge it like any other."""

    def work() -> None:
        with transaction.atomic():
            held = {record_id: _Held()}
            _load(user.org_id, [record_id], held, is_locking=True)
            state = held[record_id].state
            action, changes = _staff_changes(state, fields, is_decision=is_decision)
            latest = max((clock[0] for clock in state.clocks.values()), default=0) if state else 0
            op = Operation(
                op_id=new_id(),
                device=OFFICE,
                # Later than everything staff can have seen, also when a device's clock ran ahead.
                hlc=max(enrol.now_ms() << 16, latest + 1),
                scope=scope,
                entity=kind,
                record_id=record_id,
                action=action,
                fields=changes,
                actor=user.shown_name,
                reason=reason,
            )
            batch = Batch(org_id=user.org_id, author=Author.OFFICE, device=OFFICE, now_ms=enrol.now_ms())
            taken = receive(batch, [pack(op)])
            if taken.refused:
                # Nothing is kept aside for staff: they see the refusal at once.
                told = taken.refused[0].problem
                raise CentralError(told.shown()[0], status=409, advice=told.shown()[1])

    retried(work)


def _staff_changes(
    state: RecordState | None, fields: Mapping[str, Any], *, is_decision: bool
) -> tuple[Action, dict[str, Change]]:
    """Return what the operation does and its changes, each with what staff had before their eyes."""
    if not is_decision or state is None:
        return Action.PUT, {name: merge.change(state, name, held) for name, held in fields.items()}
    if fields.get(REMOVAL) == "remove":
        return Action.REMOVE, {REMOVAL: merge.removal(state)}
    if REMOVAL in fields:
        return Action.RESTORE, {REMOVAL: merge.restoration(state)}
    return Action.PUT, {name: merge.decision(state, name, held) for name, held in fields.items()}


def _scope_of(org_id: int, spec: RecordSpec, record: Record) -> str:
    """Return the scope a new record belongs to. Raises: CentralError with status 404."""
    if spec.owner == "":
        return customer_scope(record.id)
    if spec.owner == "tenant":
        return TENANT_SCOPE
    owner = str(getattr(record, spec.owner, "") or "")
    if spec.owner == "customer_id":
        return customer_scope(owner)
    row = Row.objects.filter(org_id=org_id, entity_id=owner).first() if owner else None
    if row is None:
        raise _unknown_record()
    return str(row.scope_id)


def _unknown_record() -> CentralError:
    return CentralError(_("There is no such record."), status=404, safe=_("Nothing was changed."))


# --- what waits for its parent ---


def parentless(org_id: int) -> list[tuple[str, str, str]]:
    """Return (kind, id, visit id) of records whose visit has not arrived yet, by kind and id.

    They are held with everything they say; no page of a visit can show them. Once the visit comes they
    are part of it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.entity, r.entity_id, r.visit_id FROM record r"
            " LEFT JOIN record v ON v.entity_id = r.visit_id AND v.org_id = r.org_id"
            " WHERE r.org_id = %s AND r.visit_id IS NOT NULL AND v.entity_id IS NULL"
            " ORDER BY r.entity, r.entity_id",
            [org_id],
        )
        return [(kind, _text_of(one), _text_of(visit)) for kind, one, visit in cursor.fetchall()]


# --- rebuild check ----------------------------------------------------------------------------------------


def differing_records(org_id: int) -> list[str]:
    """Return the ids of records that are not the fold of their history; empty when all is well."""
    states: dict[str, RecordState] = {}
    for packed, order in feed.whole_history(org_id):
        op = unpack(packed)
        states[op.record_id] = merge.fold(states.get(op.record_id), op, order)
    wrong = []
    for row in Row.objects.filter(org_id=org_id).iterator(500):
        record_id = str(row.entity_id)
        held = merge.load(row.entity, record_id, row.scope_id, row.state, row.clocks)
        folded = states.pop(record_id, None)
        if folded is None or merge.canonical(folded) != merge.canonical(held):
            wrong.append(record_id)
    return sorted([*wrong, *states])


# --- the two databases --------------------------------------------------------------------------------------

_json_text_of = msgspec.json.Encoder().encode
_json_from = msgspec.json.Decoder().decode


def _json_text(held: Any) -> str:
    return _json_text_of(held).decode("utf-8")


def _json_of(held: Any) -> Any:
    """Return a JSON column's value: text on both databases, unless a driver was quicker."""
    return _json_from(held) if isinstance(held, (str, bytes)) else held


def _text_of(held: Any) -> str:
    """Return an id column's value as text: PostgreSQL gives a UUID, SQLite its 32 digits."""
    return str(held) if isinstance(held, uuid.UUID) else unpack_id(bytes.fromhex(held))


@functools.lru_cache(maxsize=10_000)
def _hex_of(held: str) -> str | None:
    """Return an id as 32 digits; None for what is no id."""
    packed = pack_id(held)
    return packed.hex() if isinstance(packed, bytes) else None


def _sqlite_time(moment: datetime) -> str:
    """Return an instant as Django keeps it in SQLite."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _select(statement: str, ids: Sequence[str], tail: str = "") -> list[tuple[Any, ...]]:
    """Return the rows whose id column (the statement's last word) is one of these."""
    plain = [one.replace("-", "") for one in ids]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"{statement} = ANY(%s::uuid[]){tail}", [plain])
        else:
            statement += " IN (SELECT value FROM json_each(%s))"
            cursor.execute(statement + tail, [_json_text(plain)])
        return list(cursor.fetchall())
