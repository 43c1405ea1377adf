"""What a presenter needs from its surroundings: two lanes for work, and a change notice.

A presenter never waits. It hands a function to one of two lanes and names what happens then:

- `store`: serial and in order; everything that reads or writes the local store.
- `free`: side by side; checks, the paper, the network, hashing a passphrase.

`done`, `failed` and `progress` are called on the UI thread, in the order the work ended. The
window's lanes are techkit.ui.tasks; the demo and the tests use InlineLanes, which does the work
at once, so that a presenter can be driven from the first line to the last without a window.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar

#: Reports reach the UI thread at most this often. Source: the design, chapter 11 (10 Hz).
REPORT_INTERVAL_S = 0.1

T = TypeVar("T")

#: Work of the store lane: takes nothing, gives back what `done` receives.
Work = Callable[[], T]
#: Called with what the work gave back.
Done = Callable[[T], None]
#: Called with the error when the work did not end; without it the error reaches the crash page.
Failed = Callable[[Exception], None]
#: Called with a share from 0 to 1 and a ready sentence, at most ten times a second.
Progress = Callable[[float, str], None]
#: Work of the free lane: reports through its Ticket and may be asked to stop.
FreeWork = Callable[["Ticket"], T]


class Ticket(Protocol):
    """A handle on work under way, for the one who asked for it and for the work itself."""

    @property
    def is_cancelled(self) -> bool:
        """True once `cancel` was called; long work looks here between its steps."""
        ...

    def cancel(self) -> None:
        """Ask the work to stop. Neither `done` nor `failed` is called any more."""
        ...

    def report(self, share: float, sentence: str = "") -> None:
        """Tell how far the work is: share from 0 to 1, and a sentence for a person."""
        ...


class Lanes(Protocol):
    """Do work away from the UI thread and bring the result back to it."""

    def store(self, work: Work[T], done: Done[T] | None = None, failed: Failed | None = None) -> Ticket:
        """Run `work` after all store work handed in before it."""
        ...

    def free(
        self,
        work: FreeWork[T],
        done: Done[T] | None = None,
        failed: Failed | None = None,
        progress: Progress | None = None,
    ) -> Ticket:
        """Run `work(ticket)` beside other work, in no particular order."""
        ...

    def soon(self, call: Callable[[], None], delay_s: float = 0.0) -> Ticket:
        """Call on the UI thread, not before `delay_s` seconds from now.

        May be called from any thread: this is how a runner's events reach a presenter.
        """
        ...


class Thinned:
    """Passes on that there is news, ten times a second at most: where the window is late, nothing comes in heaps.

    Both `come` and `told` are called on the UI thread. steady: seconds of a clock that cannot be set.
    """

    def __init__(self, lanes: Lanes, steady: Callable[[], float], told: Callable[[], None]) -> None:
        self._lanes = lanes
        self._steady = steady
        self._told = told
        self._is_coming = False
        self._next_at = float("-inf")

    def come(self) -> None:
        """Say that there is news; `told` follows, at once where the last time is long ago."""
        if not self._is_coming:
            self._is_coming = True
            self._lanes.soon(self._tell, max(0.0, self._next_at - self._steady()))

    def _tell(self) -> None:
        self._is_coming = False
        self._next_at = self._steady() + REPORT_INTERVAL_S
        self._told()


class Observable:
    """A change notice: who subscribed is called after each change, on the UI thread.

    A presenter owns one as its `changed` and calls it once its new `state` is in place.
    A subscriber that ends itself while being called is not called again. What follows from several
    subscribers is done once, after all of them: `once_told`.
    """

    def __init__(self) -> None:
        self._subscribers: list[Callable[[], None]] = []
        self._together = 0
        self._once_told: list[Callable[[], None]] = []

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back after each change; the function given back ends it (twice is harmless)."""
        self._subscribers.append(callback)

        def unsubscribe() -> None:
            with contextlib.suppress(ValueError):
                self._subscribers.remove(callback)

        return unsubscribe

    def __call__(self) -> None:
        """Tell everybody that the state has changed."""
        with self.together():
            for callback in tuple(self._subscribers):
                if callback in self._subscribers:
                    callback()

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Hold several changes together: what is asked for by `once_told` within them is done after the last."""
        self._together += 1
        try:
            yield
        finally:
            self._together -= 1
            while not self._together and self._once_told:
                self._once_told.pop(0)()

    def once_told(self, call: Callable[[], None]) -> None:
        """Call once everybody is told, once however often it is asked for; at once where nobody is being told."""
        if not self._together:
            call()
        elif call not in self._once_told:
            self._once_told.append(call)


class InlineTicket:
    """The ticket of work that is done at once."""

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress
        self._is_cancelled = False

    @property
    def is_cancelled(self) -> bool:
        """True once `cancel` was called."""
        return self._is_cancelled

    def cancel(self) -> None:
        """Ask the work to stop."""
        self._is_cancelled = True

    def report(self, share: float, sentence: str = "") -> None:
        """Pass the progress on at once."""
        if self._progress is not None and not self._is_cancelled:
            self._progress(share, sentence)


class _Outcome(Generic[T]):
    """Deliver one result to done or failed."""

    def __init__(self, done: Done[T] | None, failed: Failed | None) -> None:
        self._done = done
        self._failed = failed

    def settle(self, ticket: InlineTicket, work: Work[T]) -> None:
        try:
            result = work()
        except Exception as error:  # the edge of a lane: whoever asked decides what is shown
            if ticket.is_cancelled:
                return
            if self._failed is None:
                raise
            self._failed(error)
            return
        if self._done is not None and not ticket.is_cancelled:
            self._done(result)


class InlineLanes:
    """Lanes without threads: work is done when it is handed in, and so is its result.

    For the demo, the command line and the tests. `soon` with a delay is kept until `pass_time`.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[InlineTicket, Callable[[], None]]] = []

    def store(self, work: Work[T], done: Done[T] | None = None, failed: Failed | None = None) -> Ticket:
        """Run the work now."""
        ticket = InlineTicket()
        _Outcome(done, failed).settle(ticket, work)
        return ticket

    def free(
        self,
        work: FreeWork[T],
        done: Done[T] | None = None,
        failed: Failed | None = None,
        progress: Progress | None = None,
    ) -> Ticket:
        """Run the work now; progress arrives while it runs."""
        ticket = InlineTicket(progress)
        _Outcome(done, failed).settle(ticket, lambda: work(ticket))
        return ticket

    def soon(self, call: Callable[[], None], delay_s: float = 0.0) -> Ticket:
        """Call now, or keep the call for `pass_time` when it has a delay."""
        ticket = InlineTicket()
        if delay_s <= 0:
            call()
        else:
            self._waiting.append((ticket, call))
        return ticket

    def pass_time(self) -> None:
        """Make the delayed calls, in the order they were asked for, except cancelled ones."""
        waiting, self._waiting = self._waiting, []
        for ticket, call in waiting:
            if not ticket.is_cancelled:
                call()
