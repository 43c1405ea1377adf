"""Sync by file: what waits as a sealed package for the service, and the service's answer to it."""

from __future__ import annotations

import base64
import json
import secrets
import threading
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from techkit import version
from techkit.i18n import _
from techkit.records.identity import new_id
from techkit.store.database import Store
from techkit.store.outbox import PIECE_OPERATIONS, Waiting
from techkit.sync import answers, carrier, journal, protocol, replies, wire
from techkit.sync.line import Line
from techkit.sync.progress import Run, SyncResult
from techkit.sync.protocol import SyncReply, SyncRequest
from techkit.sync.replies import keep_floor

#: How many packages may be on their way; an answer to an older one is not opened any more.
_PACKAGES_KEPT = 20


def make(store: Store, line: Line) -> bytes:
    """Return what waits as a sealed file for the service, to be carried there; nothing is lost if it is not.

    Up to 10,000 operations; the rest goes with the next package. A service that was restored is told all that is
    held here, and asks in its answer for what it lost. Raises: SyncError before enrolment.
    """
    if not line.is_enrolled:
        raise answers.not_enrolled()
    piece: list[Waiting] = []
    while len(piece) < wire.MAX_OPERATIONS - PIECE_OPERATIONS:
        more = store.outbox.next_piece(after=piece[-1].place if piece else 0)
        if not more:
            break
        piece += more
    is_offering = bool(line.meta("must_offer"))
    request = SyncRequest(
        protocol=protocol.PROTOCOL,
        device=store.device.id,
        token="",
        stamp=line.meta("stamp"),
        epoch=line.meta("epoch"),
        app_version=version.VERSION,
        last_acked_op="" if is_offering else store.outbox.last_answered(),
        cursors=store.replica.cursors(),
        ops=[msgspec.Raw(waiting.body) for waiting in piece],
        waiting_count=max(0, store.outbox.waits().count - len(piece)),
        limit=wire.MAX_OPERATIONS,
        held=journal.held(store) if is_offering else b"",
    )
    content = carrier.Content(
        package_id=new_id(),
        answer_key=secrets.token_bytes(32),
        body=wire.compress(wire.encode(request)),
    )
    file = carrier.pack(
        content,
        device=store.device.id,
        key=line.key(),
        certificate=base64.b64decode(line.meta("certificate")),
        others=line.other_keys(),
    )
    kept = json.loads(line.meta("packages") or "{}")
    kept[content.package_id] = base64.b64encode(content.answer_key).decode()
    # In the order they were made: ids go by the clock, and that may have been set back.
    newest = dict(list(kept.items())[-_PACKAGES_KEPT:])
    offering = {"offering_package": content.package_id} if is_offering else {}
    store.replica.set_meta({"packages": json.dumps(newest), **offering})
    return file


def take_answer(store: Store, line: Line, file: bytes, *, is_removal_agreed: bool = False) -> SyncResult:
    """Take the service's answer to one of our packages, as a reply would be taken; a repeat is harmless.

    What is older than the journal keeps goes then, by the service's clock when it answered.
    Raises: PackageError for another file, ManyRemovalsError, StoreFullError.
    """
    if not line.is_enrolled:
        raise answers.not_enrolled()
    keep_floor(store)
    content = _opened(line, file)
    reply = replies.check(wire.decode(content.body, SyncReply, content_encoding="zstd"))
    run = Run(lambda _progress: None, threading.Event(), is_removal_agreed, is_package=True)
    named = [ack.op_id for ack in reply.acks] + [item.op_id for item in reply.refused]
    answer, _is_done = replies.read(store, line, run, store.outbox.waiting_among(named), reply)
    store.take(answer)
    if line.meta("must_offer") and content.package_id == line.meta("offering_package"):
        journal.give_back(store, reply)
    journal.forget_old(store, datetime.fromtimestamp(reply.now_ms / 1000, UTC))
    store.discard_erased()
    store.attachments.discard_removed()
    store.sweep()
    return SyncResult(
        sent_count=len(answer.receipts),
        received_count=len(answer.changes),
        refused_count=len(answer.refused),
        conflict_count=len(store.conflicts()),
        waiting_count=store.outbox.waits().count,
        notices=tuple(dict.fromkeys(" ".join(item.problem.shown()) for item in reply.notices)),
        received_kinds=run.kinds(),
    )


def take_jobs(store: Store, line: Line, file: bytes, *, is_removal_agreed: bool = False) -> SyncResult:
    """Take the customers of a job pack, as they were when it was made; what is newer here stays.

    Raises: PackageError for a file for another device or from before a restore, ManyRemovalsError,
    StoreFullError.
    """
    if not line.is_enrolled:
        raise answers.not_enrolled()
    keep_floor(store)
    content = _opened_jobs(line, file)
    reply = replies.check(wire.decode(content.body, SyncReply, content_encoding="zstd"))
    if content.device != store.device.id or reply.epoch != line.meta("epoch"):
        raise carrier.PackageError(
            _("This job pack was made for another device, or before the office restored its service."),
            safe=_("Nothing of it was used."),
            advice=_("Ask the office for a new one."),
        )
    reply = _newer_part(store, reply)
    run = Run(lambda _progress: None, threading.Event(), is_removal_agreed, is_package=True)
    answer, _is_done = replies.read(store, line, run, [], reply)
    # Each snapshot is whole by itself; what is being taken again over the network goes on there.
    kept = {name: held for name, held in answer.meta.items() if name == "removals"}
    store.take(replace(answer, is_last=False, meta=kept))
    store.discard_erased()
    store.attachments.discard_removed()
    store.sweep()
    return SyncResult(
        received_count=len(answer.records),
        conflict_count=len(store.conflicts()),
        waiting_count=store.outbox.waits().count,
        received_kinds=run.kinds(),
    )


def _newer_part(store: Store, reply: SyncReply) -> SyncReply:
    """Return a job pack without the customers this device knows as well or better."""
    known = {**store.replica.cursors(), **store.replica.walks()}
    kept = {scope for scope, walk in reply.snapshots.items() if walk[0] > known.get(scope, (0, ""))[0]}
    return msgspec.structs.replace(
        reply,
        snapshots={scope: walk for scope, walk in reply.snapshots.items() if scope in kept},
        records=[one for one in reply.records if one.scope in kept],
        conflicts=[one for one in reply.conflicts if one.scope in kept],
    )


def _opened_jobs(line: Line, file: bytes) -> carrier.JobsContent:
    """Return the content of a job pack, made for our key or for the one before it. Raises: PackageError."""
    server_key = base64.b64decode(line.meta("server_key"))
    try:
        return carrier.unpack_jobs(file, key=carrier.sealing_key(line.key()), server_key=server_key)
    except carrier.PackageError:
        if not line.meta("last_key"):
            raise
    former = Ed25519PrivateKey.from_private_bytes(base64.b64decode(line.meta("last_key")))
    return carrier.unpack_jobs(file, key=carrier.sealing_key(former), server_key=server_key)


def _opened(line: Line, file: bytes) -> carrier.AnswerContent:
    """Return the content of an answer to one of our packages. Raises: PackageError."""
    server_key = base64.b64decode(line.meta("server_key"))
    trouble: carrier.PackageError | None = None
    for package_id, key in reversed(json.loads(line.meta("packages") or "{}").items()):
        try:
            content = carrier.unpack_answer(file, answer_key=base64.b64decode(key), server_key=server_key)
        except carrier.PackageError as error:
            trouble = error
            continue
        if content.package_id == package_id:
            return content
    raise trouble or carrier.no_package()
