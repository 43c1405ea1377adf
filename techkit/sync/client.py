"""The device's half of sync: enrols, syncs in rounds (rounds.py), sends and fetches files, by file where there is no network.

One call at a time. Whatever happens in between, what is repeated changes nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from techkit.errors import StoreFullError
from techkit.garbage import no_collection
from techkit.records.identity import hlc_time
from techkit.store.database import Store
from techkit.sync import (
    answers,
    carrier,
    enrolment,
    files,
    journal,
    packages,
    replies,
    rotation,
    throughput,
)
from techkit.sync.line import Line
from techkit.sync.pieces import Pieces
from techkit.sync.progress import Run, SyncResult, Told
from techkit.sync.rounds import Rounds


class Client:
    """Syncs one store with its service. One call at a time; any thread but the window's.

    now_ms: this device's clock, for tests.
    """

    def __init__(self, store: Store, *, now_ms: Callable[[], int] | None = None) -> None:
        self._store = store
        self._serial = threading.Lock()
        self.line = Line(store, now_ms)
        self._pieces = Pieces()

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

    # --- a sync -----------------------------------------------------------------------------

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
            rounds = Rounds(self._store, self.line, run, self._pieces)
            rounds.look_what_waits()
            run.changes_bytes = run.waiting_bytes
            run.files_bytes = self._store.attachments.unsent_bytes()
            # Before as well: a scope taken away takes the records along that tell what was removed.
            self._store.attachments.discard_removed()
            line = self.line.begin()
            before = (line.traffic.requests, line.traffic.sent_bytes, line.traffic.received_bytes)
            try:
                with no_collection():
                    rounds.exchange()
                self._store.discard_erased()
                self._store.attachments.discard_removed()
                files.send(self._store, self.line, run, self._pieces, lambda: run.told(rounds.progress()))
                if rotation.is_due(self._store, self.line) and not run.stop.is_set():
                    rotation.rotate(self._store, self.line)
                left = self._forget_old()
                self._store.attachments.free_nameless()
                self._store.attachments.clear_leftovers()
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
