"""The device's half of sync: one serial loop of send, receive, apply in one transaction, keep the place.

A round carries the next piece of the outbox and the places this device has reached; the reply carries
receipts, everybody's changes and the new places. Both are taken in one transaction of the store. What
a reply claims is checked first: the places must follow ours without a gap and their digest must be that
of the operations received. Whatever happens in between, a round that is repeated changes nothing.
"""

from __future__ import annotations

import base64
import json
import random
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from techkit import version
from techkit.errors import InputError, RefusedError, SyncError
from techkit.i18n import _, ngettext, quantity
from techkit.records.identity import hlc_at, hlc_time, new_id
from techkit.records.merging import Side
from techkit.records.operations import Action, pack_id, packed_id, unpack
from techkit.store.connection import full_disk
from techkit.store.database import Store
from techkit.store.outbox import PIECE_BYTES, PIECE_OPERATIONS, Receipt, Waiting
from techkit.store.replica import Answer, Confirmed, OpenConflict, Refused
from techkit.sync import carrier, protocol, transport
from techkit.sync.protocol import (
    Announcement,
    AnnounceReply,
    AnnounceRequest,
    Conflict,
    ConflictSide,
    EnrolReply,
    EnrolRequest,
    FileState,
    Invitation,
    Problem,
    ProblemCode,
    SyncReply,
    SyncRequest,
    extend_digest,
)
from techkit.sync.transport import Response, Signer, Transport

#: How far ahead of the service's clock a change may lie and still move ours, in milliseconds.
_AHEAD_MS = 24 * 60 * 60 * 1000

#: A service that removes more than this at once is asked back about (PROMISES S7).
MOST_REMOVALS = 20

#: Free space below which nothing is taken in, in bytes (PROMISES S7).
FLOOR_BYTES = 64 * 1024 * 1024

#: Longest pause the service may ask for, in seconds; it may claim ten years (bad input 84).
LONGEST_PAUSE_S = 15 * 60

#: How often a restored service may ask for more of what it lost; 10,000 operations each time.
_MOST_OFFERS = 100

#: Up to this many places are named one by one.
_FEW_PLACES = 4

#: How many packages may be on their way; an answer to an older one is not opened any more.
_PACKAGES_KEPT = 20

#: How many files one announcement names (SYNC.md, "Blobs").
_FILES_AT_ONCE = 500


class ForkedError(RefusedError):
    """The service knows a copy of this device; it has to be enrolled anew and loses nothing."""

    code = "forked"


class RevokedError(RefusedError):
    """The office has withdrawn this device."""

    code = "revoked"


class PausedError(SyncError):
    """The service asks to come back later, or sync is paused here. `pause_s` in the context."""

    code = "paused"


class ManyRemovalsError(SyncError):
    """The service wants to remove many entries at once; somebody has to agree first."""

    code = "many_removals"


#: The first pause after a failure and the longest, in seconds; it doubles with each failure in a row.
_FIRST_PAUSE_S = 15.0


def pause_s(failures: int, error: SyncError, chance: Callable[[], float] = random.random) -> float:
    """Return how long to wait before trying again after so many failures in a row, in seconds.

    From 15 s up to 15 min, a quarter more or less by chance, so that a hundred devices do not come back
    at the same moment; never sooner than the service asked for.
    """
    pause = min(_FIRST_PAUSE_S * 2.0 ** min(max(failures, 1) - 1, 10), float(LONGEST_PAUSE_S))
    asked = error.context.get("pause_s", 0)
    least = float(asked) if isinstance(asked, (int, float)) else 0.0
    return max(pause * (0.75 + chance() / 2), least)


@dataclass(frozen=True)
class Progress:
    """How far a sync is: changes sent of those that waited, changes and bytes received."""

    sent_count: int = 0
    waiting_count: int = 0
    received_count: int = 0
    sent_bytes: int = 0
    received_bytes: int = 0
    files_done: int = 0
    files_count: int = 0

    @property
    def share(self) -> float:
        """Return how much is done, from 0 to 1."""
        total = self.sent_count + self.waiting_count + self.files_count
        return (self.sent_count + self.files_done) / total if total else 1.0

    @property
    def sentence(self) -> str:
        """Return the progress as one sentence."""
        volume = quantity((self.sent_bytes + self.received_bytes) / 1000, "kB")
        if self.files_count and not self.waiting_count:
            return _(
                "Sending file {done} of {count}, {volume} so far.",
                done=min(self.files_done + 1, self.files_count),
                count=self.files_count,
                volume=volume,
            )
        return _(
            "{sent} of {count} changes sent, {received} received, {volume} so far.",
            sent=self.sent_count,
            count=self.sent_count + self.waiting_count,
            received=self.received_count,
            volume=volume,
        )


@dataclass(frozen=True)
class SyncResult:
    """What a sync did. waiting_count: what still waits, 0 after a whole one.

    notices: sentences about fields the service left out of what it took.
    """

    sent_count: int = 0
    received_count: int = 0
    refused_count: int = 0
    conflict_count: int = 0
    waiting_count: int = 0
    files_sent: int = 0
    notices: tuple[str, ...] = ()
    requests: int = 0
    sent_bytes: int = 0
    received_bytes: int = 0
    clock_offset_ms: int = 0

    @property
    def sentence(self) -> str:
        """Return the result as one sentence."""
        sent = ngettext("{n} change sent", "{n} changes sent", self.sent_count)
        received = ngettext("{n} received", "{n} received", self.received_count)
        return _("{sent}, {received}.", sent=sent, received=received)


Told = Callable[[Progress], None]


@dataclass
class _Run:
    """One sync under way. is_removal_agreed: somebody agreed to many removals."""

    told: Told
    stop: threading.Event
    is_removal_agreed: bool = False
    is_package: bool = False
    sent: int = 0
    received: int = 0
    refused: int = 0
    files_done: int = 0
    files_count: int = 0
    piece_bytes: int = 0
    sent_at_ms: int = 0
    token: str = ""
    ahead: Future[Response] | None = None
    offers: int = 0
    notices: list[str] = field(default_factory=list)
    resets: set[str] = field(default_factory=set)
    wants_cursors: bool = False


class Client:
    """Syncs one store with its service. One call at a time; any thread but the window's.

    now_ms: this device's clock, for tests.
    """

    def __init__(self, store: Store, *, now_ms: Callable[[], int] | None = None) -> None:
        self._store = store
        self._now_ms = now_ms or (lambda: time.time_ns() // 1_000_000)
        self._serial = threading.Lock()
        self._transport: Transport | None = None
        self._signer: Signer | None = None

    # --- enrolment ----------------------------------------------------------------------------

    @property
    def is_enrolled(self) -> bool:
        """Return whether a service knows this device."""
        return bool(self._meta("token"))

    @property
    def address(self) -> str:
        """Return the service's address, "" before enrolment."""
        return self._meta("url")

    @property
    def organisation(self) -> str:
        """Return the name of the organisation this device belongs to, "" before enrolment."""
        return self._meta("org")

    def enrol(self, invitation: str) -> None:
        """Let this device in at a service, by the line the office gave.

        Everything made before is sent with the next sync. A device that was found to be a copy gets
        a new identity here and keeps its work. Raises: InputError for a line that is none,
        ForeignServiceError when the service is not the one the line names, RefusedError for a wrong
        or used code, UnreachableError.
        """
        try:
            invited = Invitation.parse(invitation)
        except ValueError as error:
            raise InputError(
                _("This is no invitation of a central service."),
                field="code",
                safe=_("Nothing was sent."),
                advice=_("Paste the whole line from the office: address, code and fingerprint."),
            ) from error
        with self._serial:
            certificate = transport.fetch_certificate(invited.url)
            if not transport.fingerprint(certificate).startswith(invited.fingerprint):
                raise transport.foreign(invited.url)
            self._enrol(invited, certificate)

    def _enrol(self, invited: Invitation, certificate: bytes) -> None:
        store = self._store
        key = self._key_for(invited.code)
        former = self._meta("former")
        device = store.device
        asked = EnrolRequest(
            protocol=protocol.PROTOCOL,
            code=invited.code,
            device=device.id,
            name=device.name or device.prefix,
            prefix=device.prefix,
            public_key=key.public_key().public_bytes_raw(),
            technician=device.technician,
            app_version=version.VERSION,
            former=former,
        )
        line = Transport(invited.url, certificate, proxy=store.setting("sync.proxy"))
        try:
            found = line.request("POST", protocol.ENROL_PATH, _PLAIN, protocol.encode(asked))
        finally:
            line.close()
        reply = _message(found, EnrolReply)
        now = self._now_ms()
        with store.connection.transaction():
            store.take(
                Answer(
                    granted=reply.scopes,
                    is_last=False,
                    meta={
                        "url": invited.url,
                        "certificate": base64.b64encode(certificate).decode(),
                        "server_key": base64.b64encode(reply.server_key).decode(),
                        "org": reply.org,
                        "token": reply.token,
                        "epoch": reply.epoch,
                        "clock_offset_ms": str(now - reply.now_ms),
                        "former": "",
                    },
                )
            )
            store.change_device(
                prefix=reply.prefix,
                technician=reply.technician or device.technician,
                technician_id=reply.technician_id,
                provider=device.provider or reply.org,
            )
        self._forget_transport()

    def _key_for(self, code: str) -> Ed25519PrivateKey:
        """Return the key this device enrols with: the same one when the same code is tried again."""
        if self._meta("enrol_code") == code and self._meta("private_key"):
            return self._key()
        key = Ed25519PrivateKey.generate()
        self._store.replica.set_meta(
            {"enrol_code": code, "private_key": base64.b64encode(key.private_bytes_raw()).decode()}
        )
        return key

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(self._meta("private_key")))

    def become_new_device(self) -> None:
        """Give this store an identity of its own, after the service found it to be a copy.

        Waiting operations keep their ids; numbers made from now on begin with another prefix. The
        next step is `enrol` with a fresh code.
        """
        from techkit.records.identity import new_prefix

        store = self._store
        with self._serial, store.connection.transaction():
            former = store.device.id
            store.replica.set_meta({"former": former, "token": "", "private_key": "", "enrol_code": ""})
            store.change_device(id=new_id(), prefix=new_prefix())
        self._forget_transport()

    # --- the loop -----------------------------------------------------------------------------

    def sync(
        self,
        told: Told | None = None,
        *,
        stop: threading.Event | None = None,
        is_removal_agreed: bool = False,
    ) -> SyncResult:
        """Send everything that waits and fetch everything new; return what was done.

        told: called after each round, on this thread. stop: set it to end after the round under way.
        Raises: SyncError and its family, StoreFullError; what was done before stays done.
        """
        if not self.is_enrolled:
            raise _not_enrolled()
        with self._serial:
            run = _Run(told or (lambda _progress: None), stop or threading.Event(), is_removal_agreed)
            run.token = self._meta("token")
            self._signer = None
            line = self._line()
            before = (line.traffic.requests, line.traffic.sent_bytes, line.traffic.received_bytes)
            try:
                self._rounds(run)
                self._send_files(run)
                self._forget_old()
            finally:
                line.close()
            traffic = line.traffic
            return SyncResult(
                sent_count=run.sent,
                received_count=run.received,
                refused_count=run.refused,
                conflict_count=len(self._store.conflicts()),
                waiting_count=self._store.outbox.waits().count,
                files_sent=run.files_done,
                notices=tuple(dict.fromkeys(run.notices)),
                requests=traffic.requests - before[0],
                sent_bytes=traffic.sent_bytes - before[1],
                received_bytes=traffic.received_bytes - before[2],
                clock_offset_ms=self._offset(),
            )

    def close(self) -> None:
        """Close the connection."""
        self._forget_transport()

    def _rounds(self, run: _Run) -> None:
        """Exchange until nothing waits here and the service has nothing more.

        A second thread sends, so that the next piece is packed and the last answer taken while the
        service works. One request is under way at any time.
        """
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="sync") as sender:
            try:
                while not run.stop.is_set():
                    try:
                        self._push_ahead(run, sender)
                        if run.stop.is_set() or self._exchange(run, sender):
                            return
                    except _SmallerError:
                        run.ahead = None
            finally:
                sender.shutdown(wait=True, cancel_futures=True)

    def _push_ahead(self, run: _Run, sender: ThreadPoolExecutor) -> None:
        """Send all pieces but the last; these requests fetch nothing and name no places.

        Their receipts tell the places of our own operations, as far as nobody else's lie between.
        """
        store = self._store
        under_way: tuple[Future[Response], list[Waiting]] | None = None
        after = 0
        while run.ahead is None and not run.stop.is_set():
            piece = store.outbox.next_piece(after=after, byte_count=run.piece_bytes or PIECE_BYTES)
            if not piece or not store.outbox.is_waiting_after(piece[-1].place):
                break
            after = piece[-1].place
            self._keep_floor()
            body = self._packed_request(run, piece, b"", {}, limit=0)
            sent = sender.submit(self._post, protocol.SYNC_PATH, body, _PACKED)
            if under_way is not None:
                self._take_receipts(run, *under_way)
            under_way = (sent, piece)
        if under_way is not None:
            self._take_receipts(run, *under_way)

    def _take_receipts(self, run: _Run, sent: Future[Response], piece: list[Waiting]) -> None:
        """Take the receipts for a piece that was sent ahead; what else is new comes with the last piece."""
        reply = self._received(run, sent, piece)
        receipts, refused = _receipts(piece, reply)
        if not receipts and not refused:
            raise _odd("no receipts")
        places = {**dict.fromkeys(reply.granted, (0, "")), **self._store.replica.cursors()}
        found: dict[str, dict[int, bytes]] = {}
        for receipt in receipts:
            found.setdefault(receipt.scope, {})[receipt.seq] = _packed(receipt.op_id)
        altered = {notice.op_id for notice in reply.notices}
        self._store.take(
            Answer(
                # What the service altered is acknowledged when it comes back whole, with its place.
                receipts=[receipt for receipt in receipts if receipt.op_id not in altered],
                refused=refused,
                granted=reply.granted,
                cursors={
                    s: _reached(places[s], got) for s, got in found.items() if s in places and not altered
                },
                is_last=False,
            )
        )
        self._count(run, len(receipts) - len(altered), 0, len(refused), reply)

    def _exchange(self, run: _Run, sender: ThreadPoolExecutor) -> bool:
        """Do one whole round; return whether nothing is left to do."""
        store = self._store
        is_offering = bool(self._meta("must_offer"))
        piece: list[Waiting] = []
        if run.ahead is None:
            piece = store.outbox.next_piece(byte_count=run.piece_bytes or PIECE_BYTES)
            self._keep_floor()
            body = self._whole_request(run, piece, self._held() if is_offering else b"")
            run.ahead = sender.submit(self._post, protocol.SYNC_PATH, body, _PACKED)
        sent, run.ahead = run.ahead, None
        reply = self._received(run, sent, piece)
        raw = _raw(sent.result())
        run.wants_cursors = reply.wants_cursors
        try:
            answer, is_done = self._answer(run, piece, reply)
        except ValueError as error:
            raise _odd("not an operation") from error
        is_plain = not (answer.reset or reply.want_ops or is_offering or reply.wants_cursors)
        run.ahead = self._fetch_ahead(run, answer, sender) if reply.more and is_plain else None
        if run.ahead is None and reply.token:
            run.token = reply.token
            answer = replace(answer, meta={**answer.meta, "token": reply.token})
        try:
            store.take(replace(answer, raw=raw if len(answer.changes) == len(reply.changes) else b""))
        except ValueError as error:
            raise _odd("not an operation") from error
        if is_offering:
            self._offer(run, reply)
        self._count(run, len(answer.receipts), len(answer.changes), len(answer.refused), reply)
        if is_done and not reply.want_ops and not store.outbox.waits().count:
            return True
        if piece and not answer.receipts and not answer.refused:
            raise _odd("no receipts")
        return False

    def _fetch_ahead(self, run: _Run, answer: Answer, sender: ThreadPoolExecutor) -> Future[Response] | None:
        """Ask for what follows an answer before the answer is taken, when nothing waits to be sent.

        The token of the answer is not kept then: until the answer after it is here, the one before
        it is still good, so that dying in between does not make this device look like a copy.
        """
        store = self._store
        if store.outbox.waits().count or run.stop.is_set():
            return None
        known = {**dict.fromkeys(answer.granted, (0, "")), **store.replica.cursors(), **answer.cursors}
        places = {scope: place for scope, place in known.items() if scope not in answer.revoked}
        self._keep_floor()
        body = self._packed_request(run, [], b"", places)
        return sender.submit(self._post, protocol.SYNC_PATH, body, _PACKED)

    def _received(self, run: _Run, sent: Future[Response], piece: list[Waiting]) -> SyncReply:
        """Wait for a reply and return it. Raises: _SmallerError, SyncError and its family."""
        try:
            return _message(sent.result(), SyncReply)
        except _ProblemError as error:
            if error.problem.code == ProblemCode.TOO_LARGE and len(piece) > 1:
                run.piece_bytes = max(1, sum(len(w.body) for w in piece) // 2)
                raise _SmallerError from error
            raise _refused(error.problem) from error

    def _count(self, run: _Run, sent: int, received: int, refused: int, reply: SyncReply) -> None:
        run.sent += sent
        run.received += received
        run.refused += refused
        run.notices += [" ".join(item.problem.shown()) for item in reply.notices]
        run.told(self._progress(run))

    def _offer(self, run: _Run, reply: SyncReply) -> None:
        """Put what a restored service misses among the waiting; done when it misses nothing more."""
        if not reply.want_ops:
            self._store.replica.set_meta({"must_offer": ""})
            return
        run.offers += 1
        if run.offers > _MOST_OFFERS:
            raise _odd("asks for the same again and again")
        self._store.replica.offer_again(reply.want_ops)

    def _whole_request(self, run: _Run, piece: list[Waiting], held: bytes) -> bytes:
        """Return the body of a round that sends and fetches."""
        cursors = self._store.replica.cursors()
        # With nothing to send, one digest asks whether anything is new; fifty places would cost kilobytes.
        is_asking = not (piece or held or run.wants_cursors) and len(cursors) > _FEW_PLACES
        run.wants_cursors = False
        return self._packed_request(run, piece, held, cursors, is_asking=is_asking)

    def _packed_request(
        self,
        run: _Run,
        piece: list[Waiting],
        held: bytes,
        cursors: Mapping[str, tuple[int, str]],
        *,
        limit: int = protocol.PIECE_OPERATIONS,
        is_asking: bool = False,
    ) -> bytes:
        """Return a request's body. is_asking: a digest of the places stands for them."""
        store = self._store
        run.sent_at_ms = self._now_ms()
        request = SyncRequest(
            protocol=protocol.PROTOCOL,
            device=store.device.id,
            token=run.token,
            epoch=self._meta("epoch"),
            app_version=version.VERSION,
            last_acked_op="" if held or self._meta("must_offer") else store.outbox.last_acknowledged(),
            cursors={} if is_asking else dict(cursors),
            places=protocol.places_digest(dict(cursors)) if is_asking else "",
            ops=[msgspec.Raw(waiting.body) for waiting in piece],
            sent_at_ms=run.sent_at_ms,
            waiting_count=max(0, store.outbox.waits().count - len(piece)),
            limit=limit,
            held=held,
        )
        return protocol.compress(protocol.encode(request))

    def _answer(self, run: _Run, piece: list[Waiting], reply: SyncReply) -> tuple[Answer, bool]:
        """Return what the store takes from a reply, and whether the service has nothing more.

        Raises: SyncError when the reply does not fit what was asked.
        """
        receipts, refused = _receipts(piece, reply)
        changes = [Confirmed(c.scope, c.seq, c.order, bytes(c.op)) for c in reply.changes]
        resets = list(reply.reset)
        cursors, broken = self._checked_cursors(reply, receipts, changes)
        if run.is_package:
            # An answer from a file may be older than what is here: what does not fit is left for later.
            run.resets |= broken
            changes = [c for c in changes if c.scope in cursors]
            broken = set()
        if broken - set(resets) - run.resets:
            # Places that do not fit are taken again from their start, once; twice is a fault.
            run.resets |= broken
            resets += sorted(broken)
        elif broken - set(resets):
            raise _odd("places do not fit")
        changes = [c for c in changes if c.scope not in broken or c.scope in reply.reset]
        self._agree_to_removals(run, reply, changes)
        # A restored service has lost something: it is told the ids of all that is held here.
        must_offer = bool(reply.reset) or reply.epoch != (self._meta("epoch") or reply.epoch)
        is_done = not reply.more and not must_offer and not (broken - set(reply.reset))
        offset = run.sent_at_ms - reply.now_ms
        answer = Answer(
            receipts=receipts,
            refused=refused,
            changes=changes,
            cursors=cursors,
            granted=[*reply.granted, *self._new_scopes(reply)],
            revoked=reply.revoked,
            reset=resets,
            conflicts=[_open_conflict(c) for c in reply.conflicts if not c.decided_by],
            settled=[c.id for c in reply.conflicts if c.decided_by],
            meta={
                "epoch": reply.epoch,
                **({"clock_offset_ms": str(offset)} if run.sent_at_ms else {}),
                "last_at_ms": str(self._now_ms()),
                **({"must_offer": "1"} if must_offer else {}),
            },
            ceiling=(reply.now_ms + _AHEAD_MS) << 16,
            is_last=is_done and not reply.want_ops,
        )
        return answer, is_done

    def _new_scopes(self, reply: SyncReply) -> list[str]:
        """Return scopes the service granted by giving them a place, because this device made them."""
        known = self._store.replica.cursors()
        return [s for s in reply.cursors if s not in known and s not in reply.revoked]

    def _checked_cursors(
        self, reply: SyncReply, receipts: list[Receipt], changes: list[Confirmed]
    ) -> tuple[dict[str, tuple[int, str]], set[str]]:
        """Return the new places that follow ours without a gap, and the scopes where they do not."""
        ours = self._store.replica.cursors()
        found: dict[str, dict[int, bytes]] = {}
        for receipt in receipts:
            found.setdefault(receipt.scope, {})[receipt.seq] = _packed(receipt.op_id)
        for change in changes:
            found.setdefault(change.scope, {})[change.seq] = packed_id(change.body)
        good: dict[str, tuple[int, str]] = {}
        broken: set[str] = set()
        for scope, (seq, digest) in reply.cursors.items():
            place, known = (0, "") if scope in reply.reset else ours.get(scope, (0, ""))
            reached = bytes.fromhex(known)
            got = found.get(scope, {})
            while place < seq and place + 1 in got:
                place += 1
                reached = extend_digest(reached, place, got[place])
            if place == seq and reached.hex() == digest:
                good[scope] = (seq, digest)
            else:
                broken.add(scope)
        return good, broken

    def _agree_to_removals(self, run: _Run, reply: SyncReply, changes: list[Confirmed]) -> None:
        """Stop before a service takes many entries away at once. Raises: ManyRemovalsError."""
        if run.is_removal_agreed:
            return
        count = sum(
            1 for change in changes if _REMOVE in change.body and unpack(change.body).action is Action.REMOVE
        )
        count += sum(self._store.replica.count_in(scope) for scope in reply.revoked)
        if count > MOST_REMOVALS:
            raise ManyRemovalsError(
                _("The office wants to remove {count} entries from this device.", count=count),
                safe=_("Nothing was removed; unsent work stays in any case."),
                advice=_("Agree to it in the sync panel, or ask the office."),
                count=count,
            )

    def _progress(self, run: _Run) -> Progress:
        traffic = self._line().traffic
        return Progress(
            sent_count=run.sent,
            waiting_count=self._store.outbox.waits().count,
            received_count=run.received,
            sent_bytes=traffic.sent_bytes,
            received_bytes=traffic.received_bytes,
            files_done=run.files_done,
            files_count=run.files_count,
        )

    def _keep_floor(self) -> None:
        """Take nothing in while the disk is nearly full. Raises: StoreFullError."""
        if shutil.disk_usage(self._store.folder).free < FLOOR_BYTES:
            raise full_disk()

    # --- by file ------------------------------------------------------------------------------

    def make_package(self) -> bytes:
        """Return what waits as a sealed file for the service, to be carried there; nothing is lost if it is not.

        Up to 10,000 operations; the rest goes with the next package. Raises: SyncError before enrolment.
        """
        store = self._store
        if not self.is_enrolled:
            raise _not_enrolled()
        with self._serial:
            piece: list[Waiting] = []
            while len(piece) < protocol.MAX_OPERATIONS - PIECE_OPERATIONS:
                more = store.outbox.next_piece(after=piece[-1].place if piece else 0)
                if not more:
                    break
                piece += more
            request = SyncRequest(
                protocol=protocol.PROTOCOL,
                device=store.device.id,
                token="",
                epoch=self._meta("epoch"),
                app_version=version.VERSION,
                cursors=store.replica.cursors(),
                ops=[msgspec.Raw(waiting.body) for waiting in piece],
                waiting_count=max(0, store.outbox.waits().count - len(piece)),
                limit=protocol.MAX_OPERATIONS,
            )
            content = carrier.Content(
                package_id=new_id(),
                answer_key=secrets.token_bytes(32),
                body=protocol.compress(protocol.encode(request)),
            )
            file = carrier.pack(
                content,
                device=store.device.id,
                key=self._key(),
                certificate=base64.b64decode(self._meta("certificate")),
            )
            kept = json.loads(self._meta("packages") or "{}")
            kept[content.package_id] = base64.b64encode(content.answer_key).decode()
            newest = dict(sorted(kept.items())[-_PACKAGES_KEPT:])
            store.replica.set_meta({"packages": json.dumps(newest)})
        return file

    def take_answer(self, file: bytes, *, is_removal_agreed: bool = False) -> SyncResult:
        """Take the service's answer to one of our packages, as a reply would be taken; a repeat is harmless.

        Raises: PackageError for another file, ManyRemovalsError, StoreFullError.
        """
        if not self.is_enrolled:
            raise _not_enrolled()
        with self._serial:
            self._keep_floor()
            content = self._opened(file)
            reply = protocol.decode(content.body, SyncReply, content_encoding="zstd")
            run = _Run(lambda _progress: None, threading.Event(), is_removal_agreed, is_package=True)
            named = [ack.op_id for ack in reply.acks] + [item.op_id for item in reply.refused]
            answer, _is_done = self._answer(run, self._store.outbox.waiting_among(named), reply)
            self._store.take(answer)
            return SyncResult(
                sent_count=len(answer.receipts),
                received_count=len(answer.changes),
                refused_count=len(answer.refused),
                conflict_count=len(self._store.conflicts()),
                waiting_count=self._store.outbox.waits().count,
                notices=tuple(dict.fromkeys(" ".join(item.problem.shown()) for item in reply.notices)),
            )

    def _opened(self, file: bytes) -> carrier.AnswerContent:
        """Return the content of an answer to one of our packages. Raises: PackageError."""
        server_key = base64.b64decode(self._meta("server_key"))
        trouble: carrier.PackageError | None = None
        for package_id, key in reversed(json.loads(self._meta("packages") or "{}").items()):
            try:
                content = carrier.unpack_answer(file, answer_key=base64.b64decode(key), server_key=server_key)
            except carrier.PackageError as error:
                trouble = error
                continue
            if content.package_id == package_id:
                return content
        raise trouble or carrier.no_package()

    # --- a restored service -------------------------------------------------------------------

    def _held(self) -> bytes:
        """Return the ids of all operations this device still holds, 16 bytes each."""
        own = self._store.outbox.ids()
        others = (packed_id(held.body) for held in self._store.replica.received())
        return b"".join(dict.fromkeys([*own, *others]))

    # --- files --------------------------------------------------------------------------------

    def _send_files(self, run: _Run) -> None:
        """Send the files the service does not hold yet, smallest first, each from where it got to."""
        files = self._store.attachments.unsent()[:_FILES_AT_ONCE]
        if not files or run.stop.is_set():
            return
        run.files_count = len(files)
        asked = AnnounceRequest(
            protocol=protocol.PROTOCOL,
            files=[
                Announcement(sha256=f.sha256, byte_count=f.byte_count, media_type=f.media_type) for f in files
            ],
        )
        reply = _message(
            self._post_told(protocol.ATTACHMENTS_PATH, protocol.encode(asked), _PLAIN), AnnounceReply
        )
        states = {state.sha256: state for state in reply.files}
        for stored in files:
            if run.stop.is_set():
                return
            state = states.get(stored.sha256)
            if state is not None and (state.is_present or self._send_file(run, stored.sha256, state)):
                self._store.attachments.note_present(stored.sha256)
                run.files_done += 1
                run.told(self._progress(run))

    def _send_file(self, run: _Run, sha256: str, state: FileState) -> bool:
        """Send one file's missing bytes; return whether the service holds the whole, hash checked."""
        stored = self._store.attachments.find(sha256)
        if stored is None:
            return False
        for offset, chunk in self._chunks(sha256, state.received_bytes):
            path = f"{protocol.ATTACHMENTS_PATH}/{sha256}?offset={offset}"
            found = self._post_told(path, chunk, _BYTES, method="PUT")
            state = _message(found, FileState)
            self._store.attachments.note_sent(sha256, state.received_bytes)
            run.told(self._progress(run))
            if state.is_present or run.stop.is_set():
                break
        if not state.is_present and stored.byte_count == 0:
            path = f"{protocol.ATTACHMENTS_PATH}/{sha256}?offset=0"
            state = _message(self._post_told(path, b"", _BYTES, method="PUT"), FileState)
        return state.is_present

    def _chunks(self, sha256: str, start: int) -> Iterator[tuple[int, bytes]]:
        """Yield (offset, bytes) of a file from a byte on, in the pieces it is kept in."""
        from techkit.store.attachments import PIECE_BYTES

        offset = start - start % PIECE_BYTES
        for piece in self._store.attachments.pieces(sha256, start // PIECE_BYTES):
            skipped = max(0, start - offset)
            if piece[skipped:]:
                yield offset + skipped, piece[skipped:]
            offset += len(piece)

    def fetch_file(self, sha256: str, media_type: str) -> None:
        """Fetch a file the service holds and keep it here. Raises: SyncError, StoreError."""
        import hashlib

        with self._serial:
            path = f"{protocol.ATTACHMENTS_PATH}/{sha256}"
            data = bytearray()
            while True:
                more = {"Range": f"bytes={len(data)}-{len(data) + protocol.MAX_COMPRESSED_BYTES // 2 - 1}"}
                found = self._post_told(path, b"", more, method="GET")
                data += found.body
                if found.status != 206 or len(found.body) < protocol.MAX_COMPRESSED_BYTES // 2:
                    break
        if hashlib.sha256(data).hexdigest() != sha256:
            raise _odd("wrong bytes")
        self._store.attach(bytes(data), media_type)
        self._store.attachments.note_present(sha256)

    # --- requests -----------------------------------------------------------------------------

    def _post_told(
        self, path: str, body: bytes, headers: Mapping[str, str], method: str = "POST"
    ) -> Response:
        try:
            return self._post(path, body, headers, method)
        except _ProblemError as error:
            raise _refused(error.problem) from error

    def _post(self, path: str, body: bytes, headers: Mapping[str, str], method: str = "POST") -> Response:
        """Send a signed request; a wrong clock is allowed for and tried once more.

        Raises: _ProblemError, SyncError and its family.
        """
        try:
            return self._signed(path, body, headers, method)
        except _ProblemError as error:
            told = error.problem
            if told.code not in (ProblemCode.CLOCK, ProblemCode.REPLAYED) or not told.now_ms:
                raise
            self._store.replica.set_meta({"clock_offset_ms": str(self._now_ms() - told.now_ms)})
            self._signer = None
        return self._signed(path, body, headers, method)

    def _signed(self, path: str, body: bytes, headers: Mapping[str, str], method: str) -> Response:
        if self._signer is None:
            self._signer = Signer(self._store.device.id, self._key(), self._signing_offset())
        signed = self._signer.headers(method, path, body)
        found = self._line().request(method, path, {**headers, **signed}, body)
        if found.status in (200, 201, 204, 206):
            return found
        raise _trouble(found)

    def _line(self) -> Transport:
        if self._transport is None:
            self._transport = Transport(
                self._meta("url"),
                base64.b64decode(self._meta("certificate")),
                proxy=self._store.setting("sync.proxy"),
            )
        return self._transport

    def _forget_transport(self) -> None:
        self._signer = None
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def _meta(self, key: str) -> str:
        return self._store.replica.meta(key)

    def _offset(self) -> int:
        return int(self._meta("clock_offset_ms") or 0)

    def _signing_offset(self) -> int:
        """Return the offset against the real clock, which is what a signature's time is made from."""
        return self._offset() - (self._now_ms() - time.time_ns() // 1_000_000)

    def _forget_old(self) -> None:
        """Drop acknowledged operations older than the journal's time."""
        now = hlc_time(hlc_at(hlc_time(self._now_ms() << 16)))
        days = self._store.setting("sync.journal_days")
        from datetime import timedelta

        self._store.outbox.forget_before(now - timedelta(days=days))


#: Stands in every packed removal; most other operations need not be unpacked to know they are none.
_REMOVE = Action.REMOVE.value.encode()

_PLAIN = {"Content-Type": protocol.MESSAGEPACK}
_PACKED = {"Content-Type": protocol.MESSAGEPACK, "Content-Encoding": "zstd"}
_BYTES = {"Content-Type": "application/octet-stream"}


class _SmallerError(Exception):
    """The piece was too large; the next one is half of it."""


class _ProblemError(Exception):
    """The service answered with a numbered problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.title)
        self.problem = problem


def _packed(op_id: str) -> bytes:
    held = pack_id(op_id)
    return held if isinstance(held, bytes) else b""


def _message(found: Response, kind: type[protocol.M]) -> protocol.M:
    """Return the message of a good answer. Raises: SyncError for anything else."""
    if found.status != 200:
        error = _trouble(found)
        raise _refused(error.problem) if isinstance(error, _ProblemError) else error
    try:
        return protocol.decode(
            found.body,
            kind,
            content_type=found.content_type,
            content_encoding=found.headers.get("content-encoding", "").strip().lower(),
        )
    except SyncError as error:
        raise _odd("not a message") from error


def _trouble(found: Response) -> SyncError | _ProblemError:
    """Return what an answer that is no success means."""
    if found.content_type == protocol.PROBLEM_JSON and len(found.body) <= 64 * 1024:
        try:
            return _ProblemError(msgspec.json.decode(found.body, type=Problem))
        except msgspec.MsgspecError:
            return _odd("problem")
    if found.status in (429, 502, 503, 504):
        return _later(found.headers.get("retry-after", ""))
    return _odd(f"status {found.status}")


def _later(asked: str) -> PausedError:
    """Return the error for a service that is busy; its wish for a pause is capped."""
    pause_s = min(int(asked), LONGEST_PAUSE_S) if asked.isascii() and asked.isdigit() else 60
    return PausedError(
        _("The central service is busy."),
        safe=_("Everything is saved on this device and waits to be sent."),
        advice=_("techkit tries again by itself."),
        pause_s=pause_s,
    )


def _refused(told: Problem) -> SyncError:
    title, advice = told.shown()
    safe = _("Everything is saved on this device and waits to be sent.")
    facts = {"code": told.code, "status": told.status}
    if told.code == ProblemCode.FORKED:
        return ForkedError(title, safe=safe, advice=advice, **facts)
    if told.code == ProblemCode.REVOKED:
        return RevokedError(title, safe=safe, advice=advice, **facts)
    if told.code in (ProblemCode.BUSY, ProblemCode.TOO_MANY_TRIES):
        pause_s = min(told.retry_after_s or 60, LONGEST_PAUSE_S)
        return PausedError(title, safe=safe, advice=advice, pause_s=pause_s, **facts)
    return RefusedError(title, safe=safe, advice=advice, **facts)


def _not_enrolled() -> SyncError:
    return SyncError(
        _("This device is not enrolled yet."),
        safe=_("Everything is saved on this device."),
        advice=_("Ask the office for a code, then enrol."),
    )


def _odd(what: str) -> SyncError:
    """Return the error for an answer that makes no sense; nothing of it was used."""
    return SyncError(
        _("The central service gave an answer that techkit does not understand."),
        safe=_("Nothing of it was used; everything is saved on this device."),
        advice=_("Update techkit; if it stays, tell the office."),
        what=what,
    )


def _receipts(piece: list[Waiting], reply: SyncReply) -> tuple[list[Receipt], list[Refused]]:
    """Return what a reply says of the operations of a piece; what it says of others is not believed."""
    sent = {waiting.op_id: waiting.scope for waiting in piece}
    receipts = [
        Receipt(ack.op_id, sent[ack.op_id], ack.seq, ack.order) for ack in reply.acks if ack.op_id in sent
    ]
    refused = [
        Refused(item.op_id, str(item.problem.code), *_words(item.problem))
        for item in reply.refused
        if item.op_id in sent
    ]
    return receipts, refused


def _raw(found: Response) -> bytes:
    """Return a reply as the store keeps it, b"" when it came in another form."""
    is_packed = found.content_type == protocol.MESSAGEPACK
    return found.body if is_packed and found.headers.get("content-encoding") == "zstd" else b""


def _reached(place: tuple[int, str], got: Mapping[int, bytes]) -> tuple[int, str]:
    """Return the place and digest reached from a place on, as far as there is no gap."""
    seq, digest = place[0], bytes.fromhex(place[1])
    while seq + 1 in got:
        seq += 1
        digest = extend_digest(digest, seq, got[seq])
    return seq, digest.hex()


def _words(told: Problem) -> tuple[str, str, str]:
    title, advice = told.shown()
    return title, told.field, advice


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
