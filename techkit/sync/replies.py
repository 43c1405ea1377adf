"""A reply of the service, believed as far as it fits what was asked.

Its places must follow ours without a gap, with the digest of the operations received; receipts count for what
was sent and for nothing else; what removes many entries is asked about first.
"""

from __future__ import annotations

import dataclasses
import itertools
import operator
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from techkit.errors import StoreFullError
from techkit.i18n import _
from techkit.records.merging import Side, load
from techkit.records.operations import (
    Action,
    RecordState,
    customer_scope,
    glance,
    pack_id,
    packed_id,
    unpack_id,
)
from techkit.records.schema import is_known, spec_for
from techkit.records.wording import summary_line
from techkit.store.answer import Answer, Confirmed, OpenConflict, Recorded, Refused, Walk
from techkit.store.database import Store
from techkit.store.outbox import Receipt, Waiting
from techkit.sync import answers, digests
from techkit.sync.digests import digests_from
from techkit.sync.line import Line
from techkit.sync.problems import Problem
from techkit.sync.progress import Run
from techkit.sync.protocol import Conflict, ConflictSide, Place, SyncReply, SyncRequest, Whole

#: What one operation adds to its scope's digest: its id as 16 bytes, its order.
Step = tuple[bytes, int]

#: How far ahead of the service's clock a change may lie and still move ours, in milliseconds.
_AHEAD_MS = 24 * 60 * 60 * 1000

#: Free space below which nothing is taken in, in bytes (PROMISES S7).
FLOOR_BYTES = 64 * 1024 * 1024

#: A service that removes more than this within a day is asked back about, in however many answers and syncs (PROMISES S7).
MOST_REMOVALS = 20
_DAY_MS = 24 * 60 * 60 * 1000

#: What is looked at in each of ten thousand operations.
_scope_of = operator.attrgetter("scope")

#: Numbers beyond this are no places and no clocks.
_MOST = 2**62

#: A stamp is about fifty characters.
_MAX_STAMP = 200

#: So much of a field's name is kept of a refusal.
_MAX_NAME = 200


def _decided(store: Store, reply: SyncReply) -> list[str]:
    """Return a sentence for each conflict open here that somebody has decided elsewhere, with who did."""
    by = {conflict.id: conflict for conflict in reply.conflicts if conflict.decided_by}
    if not by:
        return []
    found = []
    for held in store.conflicts():
        if held.id not in by or not is_known(held.entity):
            continue
        spec = spec_for(held.entity)
        record = store.get(spec.cls, held.record_id)
        labels = [_(one.label) for one in spec.fields if one.name == held.field]
        found.append(
            _(
                "{who} decided what holds: “{field}” of {record}.",
                who=by[held.id].decided_by_actor[:_MAX_NAME] or _("The office"),
                field=labels[0] if labels else _("Removed, but edited"),
                record=summary_line(record) if record is not None else _(spec.title),
            )
        )
    return found


def check(reply: SyncReply) -> SyncReply:
    """Return a reply whose clock and places can be. Raises: SyncError."""
    if not answers.is_clock(reply.now_ms):
        raise answers.odd("a clock no service has")
    if len(reply.stamp) > _MAX_STAMP:
        raise answers.odd("a stamp that is too long")
    places = [*reply.cursors.values(), *((walk[0], walk[1]) for walk in reply.snapshots.values())]
    for seq, digest in places:
        if not 0 <= seq <= _MOST or not _is_hex(digest):
            raise answers.odd("a place that cannot be")
    return reply


def stamp(line: Line, reply: SyncReply) -> dict[str, str]:
    """Return the stamp to be kept with what is taken of a reply; an answer from a file may be older than ours."""
    return {"stamp": max(reply.stamp, line.meta("stamp"))}


def _is_hex(text: str) -> bool:
    try:
        return len(bytes.fromhex(text)) <= digests.DIGEST_BYTES
    except ValueError:
        return False


def read(
    store: Store,
    line: Line,
    run: Run,
    piece: list[Waiting],
    reply: SyncReply,
    looked_at: Sequence[Confirmed] | None = None,
) -> tuple[Answer, bool]:
    """Return what the store takes from a reply, and whether the service has nothing more.

    looked_at: its operations, where somebody has looked at them already. Raises: SyncError when the reply does not fit
    what was asked, and for what is no operation.
    """
    try:
        return _read(store, line, run, piece, reply, looked_at)
    except (ValueError, OverflowError, TypeError) as error:  # a map where an id belongs
        raise answers.odd("not an operation") from error


def _read(
    store: Store,
    line: Line,
    run: Run,
    piece: list[Waiting],
    reply: SyncReply,
    looked_at: Sequence[Confirmed] | None,
) -> tuple[Answer, bool]:
    receipts, refused = receipts_in(piece, reply)
    changes = list(answers.changes_of(reply) if looked_at is None else looked_at)
    ours = store.replica.cursors()
    known = {*ours, *reply.granted}
    resets = [scope for scope in reply.reset if scope in known]
    cursors, broken = _checked_cursors(ours, reply, receipts, changes)
    if run.is_package:
        # An answer from a file may be older than what is here: what does not fit is left for later, what came over
        # the network meanwhile is not taken twice.
        run.resets |= broken
        before = {**ours, **dict.fromkeys(reply.reset, (0, ""))}
        changes = [c for c in changes if c.scope in cursors and c.seq > before.get(c.scope, (0, ""))[0]]
        broken = set()
    if broken - set(resets) - run.resets:
        # Places that do not fit are taken again from their start, once; twice is a fault.
        run.resets |= broken
        resets += sorted(broken)
    elif broken - set(resets):
        raise answers.odd("places do not fit")
    if broken:
        changes = [c for c in changes if c.scope not in broken or c.scope in reply.reset]
    if reply.anew:
        run.notices.append(
            _(
                "This device had not met the office for more than 180 days: everything was fetched anew. "
                "What was not sent before is kept and sent."
            )
        )
    run.notices += _decided(store, reply)
    walks, records = _snapshots(store, run, reply)
    if walks:
        changes = [c for c in changes if c.scope not in walks]
    # A restored service has lost something: it is told the ids of all that is held here.
    must_offer = bool(reply.reset) or reply.epoch != (line.meta("epoch") or reply.epoch)
    is_whole = all(walk.is_whole for walk in walks.values())
    is_done = not reply.more and is_whole and not must_offer and not (broken - set(reply.reset))
    offset = run.sent_at_ms - reply.now_ms
    answer = Answer(
        sent=piece,
        receipts=receipts,
        refused=refused,
        changes=changes,
        cursors=cursors,
        granted=[*reply.granted, *_new_scopes(ours, reply)],
        revoked=reply.revoked,
        reset=resets,
        conflicts=[_open_conflict(c) for c in reply.conflicts if not c.decided_by],
        settled=[c.id for c in reply.conflicts if c.decided_by],
        meta={
            "epoch": reply.epoch,
            **stamp(line, reply),
            **({"clock_offset_ms": str(offset)} if run.sent_at_ms else {}),
            "last_at_ms": str(line.now_ms()),
            **({"must_offer": "1"} if must_offer else {}),
            **({"anew": reply.anew} if reply.anew else {}),
        },
        ceiling=(reply.now_ms + _AHEAD_MS) << 16,
        is_last=is_done and not reply.want_ops and _is_whole(store, run, cursors),
        records=records,
        walks=walks,
        now_s=max(0, reply.now_ms // 1000),
        missing_files=reply.missing_blobs,
    )
    looked = [glance(change.body) if change.seen is None else change.seen for change in answer.changes]
    going = _agree_to_removals(store, line, run, answer, looked, ours)
    going += _agree_to_erasures(store, line, run, answer, [op for op in looked if op.entity == "erasure"])
    if going:
        removed, since_ms = _removed_today(line)
        counted = "" if run.is_removal_agreed else f"{removed + going} {since_ms}"
        answer = dataclasses.replace(answer, meta={**answer.meta, "removals": counted})
    for op in looked:
        run.arrived[op.entity].add(op.record_id)
    for one in answer.records:
        run.arrived[one.state.entity].add(pack_id(one.state.record_id))
    return answer, is_done


def _is_whole(store: Store, run: Run, cursors: Mapping[str, Place]) -> bool:
    """Return whether an answer ends what is being taken again; one from a file may know nothing of it."""
    return not run.is_package or store.replica.rebuilding() <= cursors.keys()


def is_part(asked: SyncRequest, reply: SyncReply) -> bool:
    """Return whether a reply brings a part of the history, goes on, and says nothing else about sending or holding."""
    says_more = (
        reply.acks or reply.places or reply.refused or reply.revoked or reply.reset or reply.want_ops
        or reply.records or reply.snapshots or reply.wants_cursors or reply.anew
    )  # fmt: skip
    is_plain = asked.cursors and not (asked.ops or asked.held or asked.snapshots)
    return bool(reply.more and reply.changes and is_plain and not says_more and reply.epoch == asked.epoch)


def no_room() -> StoreFullError:
    """Return the error for a disk or stick without room, met while a sync is under way."""
    return StoreFullError(
        _("The disk of this device is full: nothing more is fetched."),
        safe=_("Everything is kept on this device, and what was not sent yet still waits."),
        advice=_("Free some space, then sync again."),
    )


def keep_floor(store: Store, byte_count: int = 0) -> None:
    """Take nothing in that leaves the disk nearly full; byte_count: how long it is, if known. Raises: StoreFullError."""
    if shutil.disk_usage(store.folder).free - byte_count < FLOOR_BYTES:
        raise no_room()


def _new_scopes(ours: Mapping[str, Place], reply: SyncReply) -> list[str]:
    """Return scopes the service granted by giving them a place, because this device made them."""
    return [s for s in reply.cursors if s not in ours and s not in reply.revoked]


def _checked_cursors(
    ours: Mapping[str, Place], reply: SyncReply, receipts: list[Receipt], changes: list[Confirmed]
) -> tuple[dict[str, tuple[int, str]], set[str]]:
    """Return the new places that follow ours without a gap, and the scopes where they do not."""
    found: dict[str, tuple[list[int], list[Step]]] = {}
    for receipt in receipts:
        seqs, steps = found.setdefault(receipt.scope, ([], []))
        seqs.append(receipt.seq)
        steps.append(step(receipt))
    for scope, group in itertools.groupby(changes, _scope_of):
        told = list(group)
        seqs, steps = found.setdefault(scope, ([], []))
        seqs += [one.seq for one in told]
        steps += [
            (seen.op_id if seen and seen.op_id.__class__ is bytes else packed_id(body), order)
            for _scope, _seq, order, body, seen in told
        ]
    good: dict[str, tuple[int, str]] = {}
    broken: set[str] = set()
    for scope, (seq, digest) in reply.cursors.items():
        place = (0, "") if scope in reply.reset else ours.get(scope, (0, ""))
        seqs, steps = found.get(scope, ([], []))
        if seqs and seqs == list(range(place[0] + 1, place[0] + 1 + len(seqs))) and seqs[-1] == seq:
            # Mostly: one behind the other, and no more.
            reached = seq, digests_from(bytes.fromhex(place[1]), seqs[0], steps)[-1].hex()
        else:
            reached = reached_from(place, dict(zip(seqs, steps, strict=True)), seq)
        if reached == (seq, digest):
            good[scope] = (seq, digest)
        else:
            broken.add(scope)
    return good, broken


def _snapshots(store: Store, run: Run, reply: SyncReply) -> tuple[dict[str, Walk], list[Recorded]]:
    """Return how far each snapshot is and its next records. Raises: SyncError for what was not asked."""
    asked: dict[str, Place] = {} if run.is_package else store.replica.walks()
    walks = {scope: Walk(*walk) for scope, walk in reply.snapshots.items()}
    got = {one.scope for one in reply.records}
    for scope, walk in walks.items():
        before = 0 if scope in reply.reset else asked.get(scope, (0, ""))[0]
        if walk.seq < before or (not walk.is_whole and (walk.seq == before or scope not in got)):
            raise answers.odd("a snapshot that does not go on")
    if got - walks.keys():
        raise answers.odd("records nobody asked for")
    return walks, [Recorded(one.scope, _state(one)) for one in reply.records]


def _state(one: Whole) -> RecordState:
    """Return what a record of a snapshot says."""
    return load(one.entity, one.record_id, one.scope, one.values, msgspec.to_builtins(one.clocks))


def _removed_today(line: Line) -> tuple[int, int]:
    """Return how many entries the service took away without being asked back about, and since when, by our clock in ms."""
    count, _blank, since = line.meta("removals").partition(" ")
    now_ms = line.now_ms()
    is_today = since and 0 <= now_ms - int(since) < _DAY_MS
    return (int(count), int(since)) if is_today else (0, now_ms)


def _agree_to_removals(
    store: Store, line: Line, run: Run, answer: Answer, looked: Sequence[Any], ours: Mapping[str, Place]
) -> int:
    """Return how many entries an answer takes away; stop before they are many. Raises: ManyRemovalsError.

    looked: its operations at a glance. ours: the places it was asked from. What is removed in a scope that this sync
    began came with it, and is not counted.
    """
    if run.begun is None:
        run.begun = {scope for scope, place in ours.items() if place[0]}
    if run.is_removal_agreed:
        return 1
    replica = store.replica
    told = {
        (op.record_id, op.entity)
        for change, op in zip(answer.changes, looked, strict=True)
        if op.action == Action.REMOVE.value and change.scope in run.begun
    }
    count = sum(replica.is_shown(unpack_id(key), entity) for key, entity in told)
    count += sum(replica.count_in(scope) for scope in answer.revoked)
    count += sum(
        one.state.is_removed and replica.is_shown(one.state.record_id, one.state.entity)
        for one in answer.records
    )
    count += replica.vanishing(answer)
    removed, _since_ms = _removed_today(line)
    if count and removed + count > MOST_REMOVALS:
        is_first = not removed
        raise answers.ManyRemovalsError(
            _("The office wants to remove {count} entries from this device.", count=count)
            if is_first
            else _(
                "The office removed {before} entries from this device within a day and wants to remove {count} more.",
                before=removed,
                count=count,
            ),
            safe=_("Nothing was removed; unsent work stays in any case.")
            if is_first
            else _("These are still here; unsent work stays in any case."),
            advice=_("Agree to it in the sync panel, or ask the office."),
            count=count,
        )
    return count


def _agree_to_erasures(store: Store, line: Line, run: Run, answer: Answer, told: Sequence[Any]) -> int:
    """Return how many entries an answer empties; stop before they are many; told: removals of customers.

    Raises: ManyRemovalsError.
    """
    if run.is_removal_agreed:
        return 0
    named = [op.fields["customer_id"][0] for op in told if "customer_id" in op.fields]
    named += [one.state.values.get("customer_id") for one in answer.records if one.state.entity == "erasure"]
    gone = store.replica.erasing.scopes()
    scopes = {customer_scope(name) for name in named if isinstance(name, str)} - gone
    count = sum(store.replica.count_in(scope) for scope in scopes)
    if count and _removed_today(line)[0] + count > MOST_REMOVALS:
        raise answers.ManyRemovalsError(
            _(
                "The office removed a customer for good: {count} entries on this device are to be emptied.",
                count=count,
            ),
            safe=_("Nothing was changed; amounts and times of unsent work stay in any case."),
            advice=_("Agree to it in the sync panel, or ask the office."),
            count=count,
        )
    return count


def receipts_in(piece: list[Waiting], reply: SyncReply) -> tuple[list[Receipt], list[Refused]]:
    """Return what a reply says of the operations of a piece; what it says of others is not believed."""
    sent = {waiting.key: waiting.scope for waiting in piece} if reply.acks or reply.refused else {}
    refused = [
        Refused(item.op_id, str(item.problem.code), *_words(item.problem))
        for item in reply.refused
        if key_of(item.op_id) in sent
    ]
    receipts = [
        Receipt(key, sent[key], ack.seq, ack.order)
        for ack in reply.acks
        if (key := key_of(ack.op_id)) in sent and 0 < ack.seq < _MOST and 0 <= ack.order < _MOST
    ]
    if reply.places and not receipts and not refused:
        receipts = _following(piece, reply.places)
    return receipts, refused


def _following(piece: list[Waiting], places: Mapping[str, int]) -> list[Receipt]:
    """Return the receipts of operations that stand in their scopes in the order sent, each with its own clock."""
    following = dict(places)
    receipts = []
    for _place, key, scope, _body, _record_id, hlc in piece:
        seq = following.get(scope)
        if seq is not None and 0 < seq < _MOST:
            following[scope] = seq + 1
            receipts.append(Receipt(key, scope, seq, hlc))
    return receipts


def key_of(op_id: str) -> bytes:
    """Return an id as our operations have it; b"" for what is none."""
    try:
        held = pack_id(op_id)
    except ValueError:
        return b""
    return held if isinstance(held, bytes) else b""


def reached_from(place: Place, got: Mapping[int, Step], last: int = sys.maxsize) -> Place:
    """Return the place and digest reached from a place on, as far as there is no gap, up to the last one asked for."""
    first = place[0] + 1
    there = itertools.takewhile(got.__contains__, range(first, min(last, place[0] + len(got)) + 1))
    steps = list(map(got.__getitem__, there))
    if not steps:
        return place
    return place[0] + len(steps), digests_from(bytes.fromhex(place[1]), first, steps)[-1].hex()


def _words(told: Problem) -> tuple[str, str, str]:
    title, advice = told.shown()
    return title, told.field[:_MAX_NAME], advice


def _side(side: ConflictSide) -> Side:
    return Side(op_id=side.op_id, order=side.order, device=side.device, actor=side.actor, value=side.value)


def _open_conflict(found: Conflict) -> OpenConflict:
    return OpenConflict(
        id=found.id,
        scope=found.scope,
        entity=found.entity,
        record_id=found.record_id,
        field=found.field,
        kept=_side(found.kept),
        others=tuple(_side(side) for side in found.others),
        base=None if found.base is None else _side(found.base),
    )


def step(receipt: Receipt) -> Step:
    """Return what a receipt adds to its scope's digest."""
    return receipt.key, receipt.order
