"""The device's half of sync: one serial loop of send, receive, apply in one transaction, keep the place.

A round carries the next piece of the outbox and the places this device has reached; the reply carries
receipts, everybody's changes and the new places. Both are taken in one transaction of the store. What
a reply claims is checked first (replies.py). Whatever happens in between, a round that is repeated
changes nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import datetime

import msgspec

from techkit import version
from techkit.errors import StoreFullError
from techkit.garbage import no_collection
from techkit.records.identity import hlc_time
from techkit.store.answer import Answer
from techkit.store.database import Store
from techkit.store.outbox import PIECE_BYTES, Waiting
from techkit.sync import (
    answers,
    carrier,
    digests,
    enrolment,
    files,
    journal,
    packages,
    protocol,
    replies,
    rotation,
    throughput,
    wire,
)
from techkit.sync.answers import Arrived
from techkit.sync.line import PACKED, Line
from techkit.sync.problems import ProblemCode
from techkit.sync.progress import Progress, Run, SyncResult, Told
from techkit.sync.protocol import SyncReply, SyncRequest

#: How often a restored service may ask for more of what it lost; 10,000 operations each time.
_MOST_OFFERS = 100

#: So many rounds of one sync may bring nothing, or begin again; honest ones are three or four.
_MOST_IDLE = 20

#: Up to this many places are named one by one.
_FEW_PLACES = 4


class Client:
    """Syncs one store with its service. One call at a time; any thread but the window's.

    now_ms: this device's clock, for tests.
    """

    def __init__(self, store: Store, *, now_ms: Callable[[], int] | None = None) -> None:
        self._store = store
        self._serial = threading.Lock()
        self.line = Line(store, now_ms)

    # --- enrolment ----------------------------------------------------------------------------

    @property
    def is_enrolled(self) -> bool:
        """Return whether a service knows this device."""
        return self.line.is_enrolled

    @property
    def address(self) -> str:
        """Return the service's address, "" before enrolment."""
        return self.line.meta("url")

    @property
    def silent_days(self) -> int:
        """Return for how many days this device has not met the service, 0 before it ever did."""
        last_ms = int(self.line.meta("last_at_ms") or 0)
        return max(0, (self.line.now_ms() - last_ms) // 86_400_000) if last_ms else 0

    @property
    def clock_offset_ms(self) -> int:
        """Return how far this device's clock was ahead of the service's at the last contact."""
        return self.line.offset_ms()

    def enrol(self, invitation: str) -> None:
        """Let this device in at a service, by the line the office gave.

        Everything made before is sent with the next sync. A device that was found to be a copy, or that this
        service withdrew, gets a new identity here and keeps its work. Raises: InputError for a line that is none,
        ForeignServiceError when the service is not the one the line names, RefusedError for a wrong
        or used code, UnreachableError.
        """
        with self._serial:
            enrolment.enrol(self._store, self.line, invitation)

    def become_new_device(self) -> None:
        """Give this store an identity of its own, after the service found it to be a copy.

        Waiting operations keep their ids; numbers made from now on begin with another prefix. The
        next step is `enrol` with a fresh code.
        """
        with self._serial:
            enrolment.become_new_device(self._store, self.line)

    def rotate_key(self) -> None:
        """Give this device a new key now. Raises: SyncError and its family."""
        if not self.is_enrolled:
            raise answers.not_enrolled()
        with self._serial:
            self.line.begin()
            try:
                rotation.rotate(self._store, self.line)
            finally:
                self.line.forget()

    def measure_line(self, told: throughput.Told, stop: threading.Event) -> throughput.Measured:
        """Measure how much the line to the service carries; a sync under way ends first.

        stop: set it to end after the piece under way. Raises: SyncError and its family.
        """
        with self._serial:
            return throughput.measure(self.line, told, stop)

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
            raise answers.not_enrolled()
        with self._serial:
            run = Run(told or (lambda _progress: None), stop or threading.Event(), is_removal_agreed)
            run.token = self.line.meta("token")
            self._look_what_waits(run)
            run.changes_bytes = run.waiting_bytes
            run.files_bytes = self._store.attachments.unsent_bytes()
            # Before as well: a scope taken away takes the records along that tell what was removed.
            self._store.attachments.discard_removed()
            line = self.line.begin()
            before = (line.traffic.requests, line.traffic.sent_bytes, line.traffic.received_bytes)
            try:
                with no_collection():
                    self._rounds(run)
                self._store.discard_erased()
                self._store.attachments.discard_removed()
                files.send(self._store, self.line, run, lambda: run.told(self._progress(run)))
                if rotation.is_due(self._store, self.line) and not run.stop.is_set():
                    rotation.rotate(self._store, self.line)
                left = self._forget_old()
                self._store.attachments.free_nameless()
                self._store.sweep()
            except StoreFullError as error:
                raise replies.no_room() from error
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
                left_count=left,
                notices=tuple(dict.fromkeys(run.notices)),
                requests=traffic.requests - before[0],
                sent_bytes=traffic.sent_bytes - before[1],
                received_bytes=traffic.received_bytes - before[2],
                clock_offset_ms=self.line.offset_ms(),
                received_kinds=run.kinds(),
            )

    def close(self) -> None:
        """Close the connection."""
        self.line.forget()

    def _rounds(self, run: Run) -> None:
        """Exchange until nothing waits here and the service has nothing more.

        A second thread sends, so that the next piece is packed and the last answer taken while the
        service works. One request is under way at any time.
        """
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="sync") as sender:
            try:
                # The connection is made while the first piece is read and packed.
                run.opening = sender.submit(self.line.connection().open)
                while not run.stop.is_set():
                    try:
                        self._push_ahead(run, sender)
                        if run.stop.is_set() or self._exchange(run, sender):
                            return
                    except _SmallerError:
                        run.ahead, run.ahead_piece = None, []
            finally:
                sender.shutdown(wait=True, cancel_futures=True)

    def _push_ahead(self, run: Run, sender: ThreadPoolExecutor) -> None:
        """Send all pieces but the last; these requests fetch nothing and name no places.

        Their receipts tell the places of our own operations, as far as nobody else's lie between. The last
        piece goes, with these places, before the receipts ahead of it are taken: one wait less.
        """
        store = self._store
        under_way: tuple[Future[Arrived], list[Waiting]] | None = None
        after = 0
        last: list[Waiting] = []
        while run.ahead is None and not run.stop.is_set():
            piece = store.outbox.next_piece(after=after, byte_count=run.piece_bytes or PIECE_BYTES)
            if not piece or not store.outbox.is_waiting_after(piece[-1].place):
                last = piece
                break
            after = piece[-1].place
            replies.keep_floor(store)
            request = self._request(run, piece, b"", {}, limit=0)
            sent = self._send(run, sender, request)
            if under_way is not None:
                self._take_receipts(run, *under_way, offer_after=after)
            under_way = (sent, piece)
        if under_way is not None:
            self._take_receipts(
                run, *under_way, then=lambda answer: self._send_last(run, sender, last, answer)
            )

    def _send_last(self, run: Run, sender: ThreadPoolExecutor, piece: list[Waiting], answer: Answer) -> None:
        """Send the last piece with the places an answer leads to, before that answer is taken."""
        store = self._store
        if not piece or run.stop.is_set() or self.line.meta("must_offer"):
            return
        places = {**dict.fromkeys(answer.granted, (0, "")), **store.replica.cursors(), **answer.cursors}
        replies.keep_floor(store)
        request = self._request(run, piece, b"", places, walks=store.replica.walks())
        run.ahead, run.ahead_piece = self._send(run, sender, request), piece

    def _take_receipts(
        self,
        run: Run,
        sent: Future[Arrived],
        piece: list[Waiting],
        then: Callable[[Answer], None] | None = None,
        offer_after: int = 0,
    ) -> None:
        """Take the receipts for a piece that was sent ahead; what else is new comes with the last piece.

        then: called with what will be taken, before it is. offer_after: the place behind which the next piece begins.
        """
        wait([sent])
        self._take_receipts_of(run, self._received(run, sent, piece).reply, piece, then, offer_after)

    def _take_receipts_of(
        self,
        run: Run,
        reply: SyncReply,
        piece: list[Waiting],
        then: Callable[[Answer], None] | None,
        offer_after: int,
    ) -> None:
        receipts, refused = replies.receipts_in(piece, reply)
        if not receipts and not refused:
            raise answers.odd("no receipts")
        places = {**dict.fromkeys(reply.granted, (0, "")), **self._store.replica.cursors()}
        found: dict[str, dict[int, replies.Step]] = {}
        for receipt in receipts:
            found.setdefault(receipt.scope, {})[receipt.seq] = replies.step(receipt)
        altered = {replies.key_of(notice.op_id) for notice in reply.notices}
        answer = Answer(
            sent=piece,
            # What the service altered is acknowledged when it comes back whole, with its place.
            receipts=[receipt for receipt in receipts if receipt.key not in altered],
            refused=refused,
            granted=reply.granted,
            cursors={
                s: replies.reached_from(places[s], got)
                for s, got in found.items()
                if s in places and not altered
            },
            meta=replies.stamp(self.line, reply),
            is_last=False,
            now_s=max(0, reply.now_ms // 1000),
            offer_after=offer_after,
        )
        answered = len(answer.receipts) + len(refused)
        run.waiting = max(0, run.waiting - answered)
        if then is not None:
            then(answer)
        self._store.take(answer)
        if answered < len(piece):
            self._look_what_waits(run)
        else:
            run.waiting_bytes = max(0, run.waiting_bytes - sum(len(waiting.body) for waiting in piece))
        self._count(run, len(receipts) - len(altered), 0, len(refused), reply)

    def _exchange(self, run: Run, sender: ThreadPoolExecutor) -> bool:
        """Do one whole round; return whether nothing is left to do."""
        store = self._store
        # A round that was sent ahead says nothing of what is held here.
        is_offering = run.ahead is None and bool(self.line.meta("must_offer"))
        piece, run.ahead_piece = run.ahead_piece, []
        if run.ahead is None:
            piece = store.outbox.next_piece(byte_count=run.piece_bytes or PIECE_BYTES)
            replies.keep_floor(store)
            request = self._whole_request(run, piece, journal.held(store) if is_offering else b"")
            run.ahead = self._send(run, sender, request)
        sent, run.ahead = run.ahead, None
        wait([sent])
        return self._take_whole(run, sent, piece, sender, is_offering=is_offering)

    def _take_whole(
        self,
        run: Run,
        sent: Future[Arrived],
        piece: list[Waiting],
        sender: ThreadPoolExecutor,
        *,
        is_offering: bool,
    ) -> bool:
        """Take the reply to a whole round; return whether nothing is left to do."""
        store = self._store
        arrived = self._received(run, sent, piece)
        reply, raw = arrived.reply, arrived.raw
        self._note_idle(run, reply)
        run.wants_cursors = reply.wants_cursors
        try:
            answer, is_done = replies.read(store, self.line, run, piece, reply, arrived.changes)
        except (ValueError, OverflowError) as error:
            raise answers.odd("not an operation") from error
        must_offer = "must_offer" in answer.meta or bool(self.line.meta("must_offer"))
        is_plain = not (answer.reset or reply.want_ops or must_offer or reply.wants_cursors)
        # What was asked for behind a reply counts when all of the reply did.
        run.ahead = arrived.ahead if is_plain and answer.cursors == reply.cursors else None
        if run.ahead is None and arrived.ahead is not None:
            self._leave(run, arrived.ahead)
        if run.ahead is None and reply.more and is_plain:
            run.ahead = self._fetch_ahead(run, answer, sender)
        if run.ahead is None and arrived.ahead is None and reply.token:
            run.token = reply.token
            answer = replace(answer, meta={**answer.meta, "token": reply.token})
        try:
            store.take(replace(answer, raw=raw if len(answer.changes) == len(reply.changes) else b""))
        except (ValueError, OverflowError) as error:
            raise answers.odd("not an operation") from error
        if is_offering:
            self._offer(run, reply)
        received = len(answer.changes) + len(answer.records)
        self._look_what_waits(run)
        self._count(run, len(answer.receipts), received, len(answer.refused), reply)
        if is_done and not reply.want_ops and not run.waiting and not self.line.meta("must_offer"):
            return True
        if piece and not answer.receipts and not answer.refused:
            raise answers.odd("no receipts")
        return False

    def _fetch_ahead(self, run: Run, answer: Answer, sender: ThreadPoolExecutor) -> Future[Arrived] | None:
        """Ask for what follows an answer before the answer is taken, when nothing waits to be sent.

        The token of the answer is not kept then: until the answer after it is here, the one before
        it is still good, so that dying in between does not make this device look like a copy.
        """
        store = self._store
        if store.outbox.waits().count or run.stop.is_set():
            return None
        known = {**dict.fromkeys(answer.granted, (0, "")), **store.replica.cursors(), **answer.cursors}
        places = {scope: place for scope, place in known.items() if scope not in answer.revoked}
        whole = {scope: (walk.seq, walk.digest) for scope, walk in answer.walks.items() if walk.is_whole}
        walks = {s: walk for s, walk in store.replica.walks().items() if s not in answer.revoked}
        walks |= {scope: (walk.seq, walk.digest) for scope, walk in answer.walks.items()}
        walks = {scope: walk for scope, walk in walks.items() if scope not in whole}
        replies.keep_floor(store)
        return self._send(run, sender, self._request(run, [], b"", {**places, **whole}, walks=walks))

    def _ask_on(
        self, run: Run, sender: ThreadPoolExecutor, asked: SyncRequest, reply: SyncReply
    ) -> Future[Arrived] | None:
        """Ask for what follows a reply that brings nothing but changes, on the sender's thread, before anybody looks at it.

        The service reads the next thousand changes while these are looked at, and while those before them are taken.
        One reply waits at most. Nothing is asked of the store here: it is at work. What the reply claims is looked at
        later; if it does not hold, nobody looks at what was asked for behind it.
        """
        is_wanted = (
            run.asks_on and run.came - run.looked_at <= 1 and not run.waiting and not run.stop.is_set()
        )
        if not is_wanted or not replies.is_part(asked, reply):
            return None
        replies.keep_floor(self._store)
        places = {**dict.fromkeys(reply.granted, (0, "")), **asked.cursors, **reply.cursors}
        request = msgspec.structs.replace(asked, cursors=places, sent_at_ms=self.line.now_ms())
        return self._send(run, sender, request)

    def _leave(self, run: Run, ahead: Future[Arrived]) -> None:
        """Wait for what was asked for ahead, and leave it: the service gives it again.

        The token these rounds carried is still good, not the one in the reply before them.
        """
        run.asks_on = False
        left: Future[Arrived] | None = ahead
        while left is not None:
            wait([left])
            run.looked_at += 1
            left = None if left.exception() is not None else left.result().ahead
        run.asks_on = True

    def _send(self, run: Run, sender: ThreadPoolExecutor, request: SyncRequest) -> Future[Arrived]:
        """Have a round sent, behind the one under way."""
        body = wire.compress(wire.encode(request))
        return sender.submit(self._post_round, run, sender, request, body)

    def _post_round(self, run: Run, sender: ThreadPoolExecutor, asked: SyncRequest, body: bytes) -> Arrived:
        """Send a round, on the sender's thread, once the connection stands; read the reply there too.

        The database works without Python's lock meanwhile, for half of the time an answer takes to be taken.
        """
        if run.opening is not None:
            run.opening.result()
        found = answers.arrived(self.line.post(protocol.SYNC_PATH, body, PACKED), asked.sent_at_ms)
        run.came += 1
        return replace(found, ahead=self._ask_on(run, sender, asked, found.reply))

    def _received(self, run: Run, sent: Future[Arrived], piece: list[Waiting]) -> Arrived:
        """Wait for a reply and return it. Raises: _SmallerError, SyncError and its family."""
        try:
            arrived = sent.result()
            run.looked_at += 1
            run.sent_at_ms = arrived.sent_at_ms
            replies.check(arrived.reply)
            return arrived
        except answers.ProblemError as error:
            if error.problem.code == ProblemCode.TOO_LARGE and len(piece) > 1:
                run.piece_bytes = max(1, sum(len(w.body) for w in piece) // 2)
                raise _SmallerError from error
            raise answers.refused(error.problem) from error

    def _note_idle(self, run: Run, reply: SyncReply) -> None:
        """Count the rounds of which nothing came but another one. Raises: SyncError for too many."""
        brought = reply.acks or reply.places or reply.refused or reply.changes or reply.records
        if reply.reset or not brought:
            run.idle += 1
        if run.idle > _MOST_IDLE:
            raise answers.odd("asks for the same again and again")

    def _look_what_waits(self, run: Run) -> None:
        waits = self._store.outbox.waits()
        run.waiting, run.waiting_bytes = waits.count, waits.byte_count

    def _count(self, run: Run, sent: int, received: int, refused: int, reply: SyncReply) -> None:
        run.sent += sent
        run.received += received
        run.refused += refused
        run.notices += [" ".join(item.problem.shown()) for item in reply.notices]
        run.told(self._progress(run))

    def _offer(self, run: Run, reply: SyncReply) -> None:
        """Put what a restored service misses among the waiting; done when it misses nothing more."""
        run.offers += bool(reply.want_ops)
        if run.offers > _MOST_OFFERS:
            raise answers.odd("asks for the same again and again")
        journal.give_back(self._store, reply)

    def _whole_request(self, run: Run, piece: list[Waiting], held: bytes) -> SyncRequest:
        """Return a round that sends and fetches."""
        cursors = self._store.replica.cursors()
        # With nothing to send, one digest asks whether anything is new; fifty places would cost kilobytes.
        walks = self._store.replica.walks()
        is_asking = not (piece or held or run.wants_cursors or walks) and len(cursors) > _FEW_PLACES
        run.wants_cursors = False
        return self._request(run, piece, held, cursors, walks=walks, is_asking=is_asking)

    def _request(
        self,
        run: Run,
        piece: list[Waiting],
        held: bytes,
        cursors: Mapping[str, tuple[int, str]],
        *,
        walks: Mapping[str, tuple[int, str]] | None = None,
        limit: int = protocol.PIECE_OPERATIONS,
        is_asking: bool = False,
    ) -> SyncRequest:
        """Return a request. is_asking: a digest of the places stands for them.

        walks: the places reached in snapshots under way; None to be sent no snapshot.
        """
        store = self._store
        return SyncRequest(
            protocol=protocol.PROTOCOL,
            device=store.device.id,
            token=run.token,
            stamp=self.line.meta("stamp"),
            epoch=self.line.meta("epoch"),
            app_version=version.VERSION,
            last_acked_op="" if held or self.line.meta("must_offer") else store.outbox.last_answered(),
            cursors={} if is_asking else dict(cursors),
            places=digests.places_digest(dict(cursors)) if is_asking else "",
            ops=[msgspec.Raw(waiting.body) for waiting in piece],
            sent_at_ms=self.line.now_ms(),
            waiting_count=max(0, run.waiting - len(piece)),
            limit=limit,
            held=held,
            snapshots=None if walks is None else dict(walks),
            takes_places=True,
            anew=self.line.meta("anew"),
        )

    def _progress(self, run: Run) -> Progress:
        traffic = self.line.connection().traffic
        files_left = self._store.attachments.unsent_bytes()
        run.changes_bytes = max(run.changes_bytes, run.waiting_bytes)
        run.files_bytes = max(run.files_bytes, files_left)
        changes = (run.changes_bytes - run.waiting_bytes, run.waiting_bytes)
        files_now = (run.files_bytes - files_left, files_left)
        return Progress(
            done_bytes=changes[0] + files_now[0],
            total_bytes=run.changes_bytes + run.files_bytes,
            left_s=run.pace.left_s(changes=changes, files=files_now),
            sent_count=run.sent,
            waiting_count=run.waiting,
            received_count=run.received,
            sent_bytes=traffic.sent_bytes,
            received_bytes=traffic.received_bytes,
            files_done=run.files_done,
            files_count=run.files_count,
        )

    # --- by file ------------------------------------------------------------------------------

    def make_package(self) -> bytes:
        """Return what waits as a sealed file for the service, to be carried there; nothing is lost if it is not.

        Up to 10,000 operations; the rest goes with the next package. Raises: SyncError before enrolment.
        """
        with self._serial:
            return packages.make(self._store, self.line)

    def take_answer(self, file: bytes, *, is_removal_agreed: bool = False) -> SyncResult:
        """Take the service's answer to one of our packages, as a reply would be taken; a repeat is harmless.

        Raises: PackageError for another file, ManyRemovalsError, StoreFullError.
        """
        with self._serial:
            return packages.take_answer(self._store, self.line, file, is_removal_agreed=is_removal_agreed)

    def take_file(self, file: bytes, *, is_removal_agreed: bool = False) -> SyncResult:
        """Take what the office gave on a stick: an answer to a package, or a job pack; a repeat is harmless.

        Raises: PackageError for another file, ManyRemovalsError, StoreFullError.
        """
        with self._serial:
            if file.startswith(carrier.JOBS_MARK):
                return packages.take_jobs(self._store, self.line, file, is_removal_agreed=is_removal_agreed)
            return packages.take_answer(self._store, self.line, file, is_removal_agreed=is_removal_agreed)

    # --- files --------------------------------------------------------------------------------

    def fetch_file(self, sha256: str, media_type: str) -> None:
        """Fetch a file the service holds and keep it here. Raises: SyncError, StoreError."""
        with self._serial:
            connection = self.line.begin()
            try:
                files.fetch(self._store, self.line, sha256, media_type)
            finally:
                connection.close()

    def fetch_visit(self, visit_id: str) -> None:
        """Have a visit that left this device come back with the next sync. Raises: StoreError."""
        with self._serial:
            self._store.away.ask_back(visit_id, self._now())

    def _forget_old(self) -> int:
        """Drop what is older than the settings say, by the service's clock; return how many visits left.

        Nothing goes while a restored service may still ask for it; no visit leaves while a scope is taken again.
        """
        now = self._now()
        if not journal.forget_old(self._store, now) or self._store.replica.rebuilding():
            return 0
        return self._store.away.put_away(now)

    def _now(self) -> datetime:
        """Return the service's time, as far as it is known."""
        return hlc_time((self.line.now_ms() - self.line.offset_ms()) << 16)


class _SmallerError(Exception):
    """The piece was too large; the next one is half of it."""
