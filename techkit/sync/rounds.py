"""The rounds of one sync: pieces of the outbox go, receipts and everybody's changes come and are taken.

A round carries the next piece and the places this device has reached; the reply carries receipts, changes and the
new places. Both are taken in one transaction of the store. What a reply claims is checked first (replies.py). Whatever
happens in between, a round that is repeated changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace

import msgspec

from techkit import version
from techkit.errors import CutError
from techkit.store.answer import Answer
from techkit.store.database import Store
from techkit.store.outbox import Waiting
from techkit.sync import answers, digests, journal, protocol, replies
from techkit.sync.answers import Arrived
from techkit.sync.line import PACKED, Line
from techkit.sync.pieces import Pieces
from techkit.sync.problems import ProblemCode
from techkit.sync.progress import Progress, Run
from techkit.sync.protocol import SyncReply, SyncRequest

#: How often a restored service may ask for more of what it lost; 10,000 operations each time.
_MOST_OFFERS = 100

#: So many rounds of one sync may bring nothing, or begin again; honest ones are three or four.
_MOST_IDLE = 20

#: Up to this many places are named one by one.
_FEW_PLACES = 4


class Rounds:
    """The rounds of one sync, told what is under way by its `Run`; used once."""

    def __init__(self, store: Store, line: Line, run: Run, pieces: Pieces) -> None:
        self._store = store
        self._line = line
        self._run = run
        self._pieces = pieces
        pieces.begin()
        self._sender = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sync")

    def exchange(self) -> None:
        """Exchange until nothing waits here and the service has nothing more.

        A second thread sends, so that the next piece is packed and the last answer taken while the
        service works. One request is under way at any time.
        """
        run = self._run
        with self._sender as sender:
            try:
                # The connection is made while the first piece is read and packed.
                run.opening = sender.submit(self._line.connection().open)
                while not run.stop.is_set():
                    try:
                        self._push_ahead()
                        if run.stop.is_set() or self._exchange():
                            return
                    except _SmallerError:
                        run.ahead, run.ahead_piece = None, []
            finally:
                sender.shutdown(wait=True, cancel_futures=True)

    def _push_ahead(self) -> None:
        """Send all pieces but the last; these requests fetch nothing and name no places.

        Their receipts tell the places of our own operations, as far as nobody else's lie between. The last
        piece goes, with these places, before the receipts ahead of it are taken: one wait less.
        """
        store = self._store
        under_way: tuple[Future[Arrived], list[Waiting]] | None = None
        after = 0
        last: list[Waiting] = []
        while self._run.ahead is None and not self._run.stop.is_set():
            piece = store.outbox.next_piece(after=after, byte_count=self._pieces.byte_count)
            if not piece or not store.outbox.is_waiting_after(piece[-1].place):
                last = piece
                break
            replies.keep_floor(store)
            sent, piece = self._send(self._request(piece, b"", {}, limit=0), piece)
            after = piece[-1].place
            if under_way is not None:
                self._take_receipts(*under_way, offer_after=after)
            under_way = (sent, piece)
        if under_way is not None:
            self._take_receipts(*under_way, then=lambda answer: self._send_last(last, answer))

    def _send_last(self, piece: list[Waiting], answer: Answer) -> None:
        """Send the last piece with the places an answer leads to, before that answer is taken."""
        store = self._store
        if not piece or self._run.stop.is_set() or self._line.meta("must_offer"):
            return
        places = {**dict.fromkeys(answer.granted, (0, "")), **store.replica.cursors(), **answer.cursors}
        replies.keep_floor(store)
        request = self._request(piece, b"", places, walks=store.replica.walks())
        self._run.ahead, self._run.ahead_piece = self._send(request, piece)

    def _take_receipts(
        self,
        sent: Future[Arrived],
        piece: list[Waiting],
        then: Callable[[Answer], None] | None = None,
        offer_after: int = 0,
    ) -> None:
        """Take the receipts for a piece that was sent ahead; what else is new comes with the last piece.

        then: called with what will be taken, before it is. offer_after: the place behind which the next piece begins.
        """
        wait([sent])
        self._take_receipts_of(self._received(sent, piece).reply, piece, then, offer_after)

    def _take_receipts_of(
        self,
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
            meta=replies.stamp(self._line, reply),
            is_last=False,
            now_s=max(0, reply.now_ms // 1000),
            offer_after=offer_after,
        )
        answered = len(answer.receipts) + len(refused)
        self._run.waiting = max(0, self._run.waiting - answered)
        if then is not None:
            then(answer)
        self._store.take(answer)
        if answered < len(piece):
            self.look_what_waits()
        else:
            self._run.waiting_bytes = max(
                0, self._run.waiting_bytes - sum(len(waiting.body) for waiting in piece)
            )
        self._count(len(receipts) - len(altered), 0, len(refused), reply)

    def _exchange(self) -> bool:
        """Do one whole round; return whether nothing is left to do."""
        store = self._store
        # A round that was sent ahead says nothing of what is held here.
        is_offering = self._run.ahead is None and bool(self._line.meta("must_offer"))
        piece, self._run.ahead_piece = self._run.ahead_piece, []
        if self._run.ahead is None:
            piece = store.outbox.next_piece(byte_count=self._pieces.byte_count)
            replies.keep_floor(store)
            request = self._whole_request(piece, journal.held(store) if is_offering else b"")
            self._run.ahead, piece = self._send(request, piece)
        sent, self._run.ahead = self._run.ahead, None
        wait([sent])
        return self._take_whole(sent, piece, is_offering=is_offering)

    def _take_whole(
        self,
        sent: Future[Arrived],
        piece: list[Waiting],
        *,
        is_offering: bool,
    ) -> bool:
        """Take the reply to a whole round; return whether nothing is left to do."""
        store = self._store
        arrived = self._received(sent, piece)
        reply, raw = arrived.reply, arrived.raw
        self._note_idle(reply)
        self._run.wants_cursors = reply.wants_cursors
        answer, is_done = replies.read(store, self._line, self._run, piece, reply, arrived.changes)
        must_offer = "must_offer" in answer.meta or bool(self._line.meta("must_offer"))
        is_plain = not (answer.reset or reply.want_ops or must_offer or reply.wants_cursors)
        # What was asked for behind a reply counts when all of the reply did.
        self._run.ahead = arrived.ahead if is_plain and answer.cursors == reply.cursors else None
        if self._run.ahead is None and arrived.ahead is not None:
            self._leave(arrived.ahead)
        if self._run.ahead is None and reply.more and is_plain:
            self._run.ahead = self._fetch_ahead(answer)
        if self._run.ahead is None and arrived.ahead is None and reply.token:
            self._run.token = reply.token
            answer = replace(answer, meta={**answer.meta, "token": reply.token})
        try:
            store.take(replace(answer, raw=raw if len(answer.changes) == len(reply.changes) else b""))
        except (ValueError, OverflowError) as error:
            raise answers.odd("not an operation") from error
        if is_offering:
            self._offer(reply)
        received = len(answer.changes) + len(answer.records)
        self.look_what_waits()
        self._count(len(answer.receipts), received, len(answer.refused), reply)
        if is_done and not reply.want_ops and not self._run.waiting and not self._line.meta("must_offer"):
            return True
        if piece and not answer.receipts and not answer.refused:
            raise answers.odd("no receipts")
        return False

    def _fetch_ahead(self, answer: Answer) -> Future[Arrived] | None:
        """Ask for what follows an answer before the answer is taken, when nothing waits to be sent.

        The token of the answer is not kept then: until the answer after it is here, the one before
        it is still good, so that dying in between does not make this device look like a copy.
        """
        store = self._store
        if store.outbox.waits().count or self._run.stop.is_set():
            return None
        known = {**dict.fromkeys(answer.granted, (0, "")), **store.replica.cursors(), **answer.cursors}
        places = {scope: place for scope, place in known.items() if scope not in answer.revoked}
        whole = {scope: (walk.seq, walk.digest) for scope, walk in answer.walks.items() if walk.is_whole}
        walks = {s: walk for s, walk in store.replica.walks().items() if s not in answer.revoked}
        walks |= {scope: (walk.seq, walk.digest) for scope, walk in answer.walks.items()}
        walks = {scope: walk for scope, walk in walks.items() if scope not in whole}
        replies.keep_floor(store)
        return self._send(self._request([], b"", {**places, **whole}, walks=walks))[0]

    def _ask_on(self, asked: SyncRequest, reply: SyncReply) -> Future[Arrived] | None:
        """Ask for what follows a reply that brings nothing but changes, on the sender's thread, before anybody looks at it.

        The service reads the next thousand changes while these are looked at, and while those before them are taken.
        One reply waits at most. Nothing is asked of the store here: it is at work. What the reply claims is looked at
        later; if it does not hold, nobody looks at what was asked for behind it.
        """
        is_wanted = (
            self._run.asks_on
            and self._run.came - self._run.looked_at <= 1
            and not self._run.waiting
            and not self._run.stop.is_set()
        )
        if not is_wanted or not replies.is_part(asked, reply):
            return None
        replies.keep_floor(self._store)
        places = {**dict.fromkeys(reply.granted, (0, "")), **asked.cursors, **reply.cursors}
        request = msgspec.structs.replace(asked, cursors=places, sent_at_ms=self._line.now_ms())
        return self._send(request)[0]

    def _leave(self, ahead: Future[Arrived]) -> None:
        """Wait for what was asked for ahead, and leave it: the service gives it again.

        The token these rounds carried is still good, not the one in the reply before them.
        """
        self._run.asks_on = False
        left: Future[Arrived] | None = ahead
        while left is not None:
            wait([left])
            self._run.looked_at += 1
            left = None if left.exception() is not None else left.result().ahead
        self._run.asks_on = True

    def _send(
        self, request: SyncRequest, piece: Sequence[Waiting] = ()
    ) -> tuple[Future[Arrived], list[Waiting]]:
        """Have a round sent, behind the one under way; return what it carries of the piece too."""
        body, sent = self._pieces.packed(request, list(piece))
        return self._sender.submit(self._post_round, request, body), sent

    def _post_round(self, asked: SyncRequest, body: bytes) -> Arrived:
        """Send a round, on the sender's thread, once the connection stands; read the reply there too.

        The database works without Python's lock meanwhile, for half of the time an answer takes to be taken.
        """
        if self._run.opening is not None:
            self._run.opening.result()
        found = answers.arrived(self._line.post(protocol.SYNC_PATH, body, PACKED), asked.sent_at_ms)
        self._run.came += 1
        return replace(found, ahead=self._ask_on(asked, found.reply))

    def _received(self, sent: Future[Arrived], piece: list[Waiting]) -> Arrived:
        """Wait for a reply and return it. Raises: _SmallerError, SyncError and its family."""
        try:
            arrived = sent.result()
            self._run.looked_at += 1
            self._run.sent_at_ms = arrived.sent_at_ms
            if piece:
                self._pieces.went()
            replies.check(arrived.reply)
            return arrived
        except CutError:
            if piece:
                self._pieces.was_cut()
            raise
        except answers.ProblemError as error:
            if error.problem.code == ProblemCode.TOO_LARGE and len(piece) > 1:
                self._pieces.halve(piece)
                raise _SmallerError from error
            raise answers.refused(error.problem) from error

    def _note_idle(self, reply: SyncReply) -> None:
        """Count the rounds of which nothing came but another one. Raises: SyncError for too many."""
        brought = reply.acks or reply.places or reply.refused or reply.changes or reply.records
        if reply.reset or not brought:
            self._run.idle += 1
        if self._run.idle > _MOST_IDLE:
            raise answers.odd("asks for the same again and again")

    def look_what_waits(self) -> None:
        """Count what waits to be sent."""
        waits = self._store.outbox.waits()
        self._run.waiting, self._run.waiting_bytes = waits.count, waits.byte_count

    def _count(self, sent: int, received: int, refused: int, reply: SyncReply) -> None:
        self._run.sent += sent
        self._run.received += received
        self._run.refused += refused
        self._run.notices += [" ".join(item.problem.shown()) for item in reply.notices]
        self._run.told(self.progress())

    def _offer(self, reply: SyncReply) -> None:
        """Put what a restored service misses among the waiting; done when it misses nothing more."""
        self._run.offers += bool(reply.want_ops)
        if self._run.offers > _MOST_OFFERS:
            raise answers.odd("asks for the same again and again")
        journal.give_back(self._store, reply)

    def _whole_request(self, piece: list[Waiting], held: bytes) -> SyncRequest:
        """Return a round that sends and fetches."""
        cursors = self._store.replica.cursors()
        # With nothing to send, one digest asks whether anything is new; fifty places would cost kilobytes.
        walks = self._store.replica.walks()
        is_asking = not (piece or held or self._run.wants_cursors or walks) and len(cursors) > _FEW_PLACES
        self._run.wants_cursors = False
        return self._request(piece, held, cursors, walks=walks, is_asking=is_asking)

    def _request(
        self,
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
            token=self._run.token,
            stamp=self._line.meta("stamp"),
            epoch=self._line.meta("epoch"),
            app_version=version.VERSION,
            last_acked_op="" if held or self._line.meta("must_offer") else store.outbox.last_answered(),
            cursors={} if is_asking else dict(cursors),
            places=digests.places_digest(dict(cursors)) if is_asking else "",
            ops=[msgspec.Raw(waiting.body) for waiting in piece],
            sent_at_ms=self._line.now_ms(),
            waiting_count=max(0, self._run.waiting - len(piece)),
            limit=limit,
            held=held,
            snapshots=None if walks is None else dict(walks),
            takes_places=True,
            anew=self._line.meta("anew"),
        )

    def progress(self) -> Progress:
        """Return how far the sync is."""
        traffic = self._line.connection().traffic
        files_left = self._store.attachments.unsent_bytes()
        self._run.changes_bytes = max(self._run.changes_bytes, self._run.waiting_bytes)
        self._run.files_bytes = max(self._run.files_bytes, files_left)
        changes = (self._run.changes_bytes - self._run.waiting_bytes, self._run.waiting_bytes)
        files_now = (self._run.files_bytes - files_left, files_left)
        return Progress(
            done_bytes=changes[0] + files_now[0],
            total_bytes=self._run.changes_bytes + self._run.files_bytes,
            left_s=self._run.pace.left_s(changes=changes, files=files_now),
            sent_count=self._run.sent,
            waiting_count=self._run.waiting,
            received_count=self._run.received,
            sent_bytes=traffic.sent_bytes,
            received_bytes=traffic.received_bytes,
            files_done=self._run.files_done,
            files_count=self._run.files_count,
        )


class _SmallerError(Exception):
    """The piece was too large; the next one is half of it."""
