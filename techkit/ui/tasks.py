"""The window's two background lanes: `store`, serial and in order, and `free`, side by side.

Work runs in threads; what comes of it arrives on the UI thread through one queued signal, so a
presenter never needs a lock. Threads start with the first work and end with `close`.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from techkit.errors import TechkitError
from techkit.ui.presenters.lanes import REPORT_INTERVAL_S

if TYPE_CHECKING:
    from techkit.ui.presenters.lanes import Done, Failed, FreeWork, Progress, Ticket, Work

T = TypeVar("T")

#: Work of the free lane that may run at once: a check, the paper, a sync, a passphrase.
FREE_WORKERS = 4


#: How far the lanes' threads, and those that start from them, stand back behind the window's own.
NICENESS = 5

#: How long background work may keep Python's lock once the window wants it. Python's own 5 ms is counted for each
#: of the many short calls from the toolkit: with work in two lanes a page of 60 ms took 180. Ours, measured.
SWITCH_INTERVAL_S = 0.0005


class QtLanes:
    """The lanes of the window; made and closed on the UI thread.

    on_fault: called on the UI thread with an error nobody asked to be told about.
    """

    def __init__(self, on_fault: Callable[[Exception], None]) -> None:
        self._on_fault = on_fault
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        self._door = _Door()
        self._store = _Lane("store", 1, self._door)
        self._free = _Lane("free", FREE_WORKERS, self._door)

    def store(self, work: Work[T], done: Done[T] | None = None, failed: Failed | None = None) -> Ticket:
        """Run `work` after all store work handed in before it."""
        ticket = _Ticket(self._door, None)
        self._store.put(_Job(ticket, work, done, failed or self._on_fault, self._door))
        return ticket

    def free(
        self,
        work: FreeWork[T],
        done: Done[T] | None = None,
        failed: Failed | None = None,
        progress: Progress | None = None,
    ) -> Ticket:
        """Run `work(ticket)` beside other work."""
        ticket = _Ticket(self._door, progress)
        job = _Job(ticket, lambda: work(ticket), done, failed or self._on_fault, self._door)
        self._free.put(job)
        return ticket

    def man(self) -> None:
        """Start all threads, from any of them: the window would wait for each one that starts when work arrives."""
        self._store.man()
        self._free.man()

    def soon(self, call: Callable[[], None], delay_s: float = 0.0) -> Ticket:
        """Call on the UI thread, not before `delay_s` seconds from now; from any thread."""
        ticket = _Ticket(self._door, None)
        self._door.send(lambda: None if ticket.is_over else call(), delay_s)
        return ticket

    def end_session(self) -> None:
        """Tell nobody any more what comes of the work handed in so far, and make no call that waits.

        The work itself is done, and what goes wrong in it is still told: a change that could not be written must not
        pass in silence. Whoever asked is gone, and would go on with a store that is being closed.
        """
        self._door.session += 1

    @property
    def is_idle(self) -> bool:
        """Return whether no work waits or runs; what it gave back may still be on its way."""
        return self._store.is_idle and self._free.is_idle

    def close(self) -> None:
        """Ask all work to stop, finish what the store has in hand, and end the threads.

        Store work already handed in is done first: a change typed last is still written. Nothing
        is delivered any more.
        """
        self._free.close(cancel=True)
        self._store.close(cancel=False)
        self._door.shut()


class _Door(QObject):
    """Where results come back: calls made on the thread this object lives in."""

    _arrived = Signal(object, float)
    _let_go = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._is_open = True
        #: Counts the sessions of the window: a result of an earlier one arrives for nobody.
        self.session = 0
        self._timers: set[QTimer] = set()
        self._arrived.connect(self._make, Qt.ConnectionType.QueuedConnection)
        self._laid_down: dict[int, object] = {}
        self._numbers = itertools.count()
        self._let_go.connect(self._forget, Qt.ConnectionType.QueuedConnection)

    def send(self, call: Callable[[], None], delay_s: float = 0.0) -> None:
        """Have `call` made on the UI thread; from any thread."""
        if self._is_open:
            self._arrived.emit(call, delay_s)

    def lay_down(self, thing: object) -> int:
        """Keep what is done with, so that this is its last holder; from any thread. Returns what `let_go` asks for."""
        number = next(self._numbers)
        self._laid_down[number] = thing
        return number

    def let_go(self, number: int) -> None:
        """Have it let go on the UI thread, now that nobody else holds it; from any thread."""
        self._let_go.emit(number)

    def shut(self) -> None:
        """Make no call any more, also none that is on its way."""
        self._is_open = False
        self._laid_down.clear()
        for timer in tuple(self._timers):
            timer.stop()
            timer.deleteLater()
        self._timers.clear()

    @Slot(object)
    def _forget(self, number: int) -> None:
        self._laid_down.pop(number, None)

    @Slot(object, float)
    def _make(self, call: Callable[[], None], delay_s: float) -> None:
        if not self._is_open:
            return
        if delay_s <= 0:
            call()
            return
        timer = QTimer(self)
        timer.setSingleShot(True)

        def fire() -> None:
            self._timers.discard(timer)
            timer.deleteLater()
            call()

        timer.timeout.connect(fire)
        self._timers.add(timer)
        timer.start(round(delay_s * 1000))


class _Ticket:
    """The ticket of work in a lane; its progress is thinned out to ten reports a second."""

    def __init__(self, door: _Door, progress: Progress | None) -> None:
        self._door = door
        self._progress = progress
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._latest: tuple[float, str] | None = None
        self._told_at = 0.0
        self._session = door.session

    @property
    def is_over(self) -> bool:
        """True once nobody waits for what comes of it: it was cancelled, or its session has ended."""
        return self.is_cancelled or self._session != self._door.session

    @property
    def is_cancelled(self) -> bool:
        """True once `cancel` was called."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Ask the work to stop; nothing of it arrives any more."""
        self._cancelled.set()

    def report(self, share: float, sentence: str = "") -> None:
        """Tell how far the work is; the latest report wins."""
        if self._progress is None or self.is_cancelled:
            return
        with self._lock:
            is_on_its_way = self._latest is not None
            self._latest = (share, sentence)
            wait_s = max(0.0, self._told_at + REPORT_INTERVAL_S - time.monotonic())
        if not is_on_its_way:
            self._door.send(self._tell, wait_s)

    def _tell(self) -> None:
        with self._lock:
            latest, self._latest = self._latest, None
            self._told_at = time.monotonic()
        if latest is not None and self._progress is not None and not self.is_over:
            self._progress(*latest)


class _Job:
    """One piece of work with those who wait for it."""

    def __init__(
        self, ticket: _Ticket, work: Work[T], done: Done[T] | None, failed: Failed, door: _Door
    ) -> None:
        self.ticket = ticket
        self._failed = failed
        self._door = door
        # Not as a closure over this job, which would keep itself: it is to go with its last holder.
        self._work: Work[Any] = work
        self._done: Done[Any] | None = done

    def run(self) -> None:
        if self.ticket.is_cancelled:
            return
        try:
            self._deliver(self._work())
        except Exception as error:  # noqa: BLE001, RUF100 - the edge of a lane: told, never swallowed
            if not isinstance(error, TechkitError):
                import logging  # after the first paint: it costs as much as all lanes

                logging.getLogger(__name__).warning("background work ended with a fault", exc_info=error)
            self._tell_failed(error)

    def _deliver(self, result: object) -> None:
        done = self._done
        if done is not None:
            self._door.send(lambda: None if self.ticket.is_over else done(result))

    def _tell_failed(self, error: Exception) -> None:
        self._door.send(lambda: None if self.ticket.is_cancelled else self._failed(error))


def _stand_back() -> None:
    """Make this thread less urgent than the window's own, which is waiting for a person; never raises.

    Source: setpriority(2), "NOTES": on Linux the niceness belongs to the thread; elsewhere it is left alone.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            thread = threading.get_native_id()
            os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + NICENESS)


class _Lane:
    """Some threads and the queue they serve; threads start as work arrives."""

    def __init__(self, name: str, workers: int, door: _Door) -> None:
        self._name = name
        self._workers = workers
        self._door = door
        self._jobs: queue.SimpleQueue[_Numbered | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._open_jobs: dict[int, _Job] = {}
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._is_closed = False

    @property
    def is_idle(self) -> bool:
        with self._lock:
            return not self._open_jobs

    def put(self, job: _Job) -> None:
        with self._lock:
            if self._is_closed:
                job.ticket.cancel()
                return
            number = next(self._numbers)
            self._open_jobs[number] = job
            if len(self._threads) < min(self._workers, len(self._open_jobs)):
                self._add_thread()
        self._jobs.put(_Numbered(number, job))

    def man(self) -> None:
        with self._lock:
            while not self._is_closed and len(self._threads) < self._workers:
                self._add_thread()

    def _add_thread(self) -> None:
        thread = threading.Thread(target=self._serve, name=f"techkit-{self._name}-{len(self._threads)}")
        self._threads.append(thread)
        thread.start()

    def close(self, *, cancel: bool) -> None:
        with self._lock:
            self._is_closed = True
            if cancel:
                for job in self._open_jobs.values():
                    job.ticket.cancel()
            threads = list(self._threads)
        for _thread in threads:
            self._jobs.put(None)
        for thread in threads:
            thread.join()

    def _serve(self) -> None:
        _stand_back()
        while (entry := self._jobs.get()) is not None:
            try:
                entry.run()
            finally:
                with self._lock:
                    self._open_jobs.pop(entry.number, None)
                # Who waited for it may be a piece of the window: the last to hold that is the window's own thread.
                laid_down = self._door.lay_down(entry)
                entry = None
                self._door.let_go(laid_down)


class _Numbered:
    """A job with its number in its lane."""

    def __init__(self, number: int, job: _Job) -> None:
        self.number = number
        self.run = job.run
