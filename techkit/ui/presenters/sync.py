"""What waits to be sent, what arrived, and the office's questions, answered here."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from techkit import handed_in, handed_out, i18n
from techkit.errors import StoreError, TechkitError, UnreachableError
from techkit.i18n import _
from techkit.records.entering import clean_text
from techkit.records.review import Query
from techkit.sync import carrier
from techkit.sync.answers import ForkedError, ManyRemovalsError, PausedError
from techkit.sync.client import Client
from techkit.sync.progress import Progress as SyncProgress
from techkit.sync.progress import SyncResult, pause_s
from techkit.ui.presenters import sync_facts, sync_words
from techkit.ui.presenters.decisions import Decisions
from techkit.ui.presenters.kept_typing import Draft
from techkit.ui.presenters.lanes import Observable, Ticket
from techkit.ui.presenters.surroundings import Surroundings
from techkit.ui.presenters.sync_facts import Course, Facts
from techkit.ui.presenters.sync_words import QueryRow, SyncState

T = TypeVar("T")

#: How long after a network appeared sync begins, in seconds, from and to.
APPEARED_S = (1.0, 8.0)

#: While a sync is under way the queue is looked at again so often, in seconds.
_LOOK_EVERY_S = 1.0


#: So many of the last attempts are kept in words.
ATTEMPTS = 5

#: How the typing beside a question of the office is called where it is kept.
_PAGE = "sync"


class Sync:
    """Sending and fetching; it never blocks a screen and never moves the focus.

    client: made from the store when none is given. on_changed: called after records arrived.
    """

    def __init__(
        self,
        around: Surroundings,
        client: Client | None = None,
        on_changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.around = around
        self.changed = Observable()
        self.state = SyncState()
        self.client = client or around.client
        self._on_changed = on_changed
        self.decisions = Decisions(
            around, show=self._show, settled=self._settled, left=self.refresh, cannot=self._cannot
        )
        self._found: Facts | None = None
        self._under_way: Ticket | None = None
        self._stop = threading.Event()
        self._course = Course()
        self._looked_at_s = 0.0
        self._file_asked_about: Path | None = None
        self._timer: Ticket | None = None
        self._failures = 0

    # --- what the technician does ---------------------------------------------------------------------

    def refresh(self) -> None:
        """Count again what waits."""
        self.around.lanes.store(self._look_up, self._take, self._cannot)

    def now(self) -> None:
        """Send everything that waits and fetch everything new."""
        if self._under_way is not None:
            return
        if self._found is not None and not self._found.is_enrolled and self._course.result is None:
            self.refresh()
            return
        self._sync()

    def _sync(self, *, is_removal_agreed: bool = False) -> None:
        self._file_asked_about = None
        self._course = replace(self._course, failure=None, progress=SyncProgress())
        self._stop = threading.Event()
        client, stop = self.client, self._stop
        told: list[SyncProgress] = []
        ended: list[bool] = []

        def work(ticket: Ticket) -> SyncResult:
            def tell(progress: SyncProgress) -> None:
                told.append(progress)
                ticket.report(progress.share, progress.sentence)

            return client.sync(tell, stop=stop, is_removal_agreed=is_removal_agreed)

        def show(_share: float, _sentence: str) -> None:
            if ended:
                return  # a word about a step that came after the end
            if told:
                self._course = replace(self._course, progress=told[-1])
            if time.monotonic() - self._looked_at_s > _LOOK_EVERY_S:
                self.refresh()
            self._show()

        def done(result: SyncResult) -> None:
            ended.append(True)
            self._done(result)

        def failed(error: Exception) -> None:
            ended.append(True)
            self._failed(error)

        ticket = self.around.lanes.free(work, done, failed, show)
        if not ended:
            self._under_way = ticket
            self._show()

    def start_by_itself(self) -> None:
        """Sync now and then again after each interval of the settings, unless paused."""
        self.around.lanes.store(self._look_up, self._started, self._cannot)

    def _started(self, found: Facts) -> None:
        self._take(found)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.around.lanes.soon(self.start_by_itself, found.interval_s)
        if found.is_enrolled and not found.is_paused:
            self.now()

    def network_appeared(self) -> None:
        """Sync soon, a few seconds later by chance: a hundred devices may have got the same network back."""
        if self._timer is None or self._under_way is not None:
            return
        self._timer.cancel()
        self._failures = 0
        self._timer = self.around.lanes.soon(self.start_by_itself, random.uniform(*APPEARED_S))

    def close(self) -> None:
        """End what runs and waits."""
        self._stop.set()
        if self._timer is not None:
            self._timer.cancel()
        self.client.close()

    def pause(self) -> None:
        """Send and fetch nothing until it is resumed."""
        self._stop.set()
        self._set_paused(True)

    def resume(self) -> None:
        """Send and fetch again."""
        self._set_paused(False)
        self.now()

    def _set_paused(self, is_paused: bool) -> None:
        store = self.around.store
        self.around.lanes.store(lambda: store.set_setting("sync.is_paused", is_paused), None, self._cannot)
        self.refresh()

    def enrol(self, code: str) -> None:
        """Let this device in at the office's service, by the line the office gave; then sync."""
        if self._under_way is not None:
            return
        self._course = replace(self._course, enrol_failure=None)
        client, line = self.client, code.strip()
        ended: list[bool] = []

        def done(_nothing: None) -> None:
            ended.append(True)
            self._under_way, self._found = None, None
            self.now()

        def failed(error: Exception) -> None:
            ended.append(True)
            self._under_way = None
            if not isinstance(error, TechkitError):
                raise error
            self._course = replace(self._course, enrol_failure=error)
            self.refresh()

        ticket = self.around.lanes.free(lambda _ticket: client.enrol(line), done, failed)
        if not ended:
            self._under_way = ticket
            self._show()

    def answer(self, query_id: str, text: str) -> None:
        """Answer a question from the office; the answer travels with the next sync."""
        store, now, who = self.around.store, self.around.clock.now(), self.around.technician
        words = clean_text(text, multiline=True)
        if not words:
            return

        def done() -> None:
            self.around.typing.drop_in(_PAGE, query_id)
            self.refresh()

        def write() -> None:
            query = store.get(Query, query_id)
            if query is not None:
                store.save(
                    replace(query, answer=words, answered_by=who, answered_at=now, state="answered"),
                    actor=who,
                )

        self.around.lanes.store(write, lambda _n: done(), self._cannot)

    def type_answer(self, query_id: str, text: str) -> None:
        """Keep an answer as it is being typed, so that a crash loses none of it."""
        asked = self._found.queries if self._found is not None else ()
        visit = next((visit for query, visit, _about in asked if query.id == query_id), None)
        draft = Draft(
            page=_PAGE,
            page_id=query_id,
            way=("answer",),
            kind="query",
            whose=visit.number if visit is not None else "",
            customer_id=visit.customer_id if visit is not None else "",
            typed={"answer": text},
        )
        if text:
            self.around.typing.put(draft, self._cannot)
        else:
            self.around.typing.drop(draft.key)
        self._show()

    def look_at(self) -> None:
        """Open the next record that was changed in two places; the notice about them asks for it."""
        self.decisions.look_at()

    def _settled(self) -> None:
        self._on_changed()
        self.refresh()

    # --- by file, and what needs somebody's word ----------------------------------------------------

    def export_package(self, path: Path) -> None:
        """Write everything that waits into a file for the office, for where there is no network."""
        client = self.client

        def write(_ticket: Ticket) -> int:
            data = client.make_package()
            handed_out.write(path, data, safe=_("Everything is kept on this device."))
            return len(data)

        def done(size: int) -> None:
            self._remember(
                "ok", _("Package written, {size}; take it to the office.", size=sync_words.volume(size))
            )
            self.refresh()

        self.around.lanes.free(write, done, self._failed)

    def import_package(self, path: Path, *, is_removal_agreed: bool = False) -> None:
        """Take in what the office gave on a stick: the answer to a package, or a job pack."""
        client = self.client
        self._course = replace(self._course, failure=None)
        self._file_asked_about = path

        def read(_ticket: Ticket) -> SyncResult:
            return client.take_file(
                handed_in.read(path, carrier.MAX_FILE_BYTES), is_removal_agreed=is_removal_agreed
            )

        def done(result: SyncResult) -> None:
            self._file_asked_about = None
            self._done(result)

        self.around.lanes.free(_as_store_trouble(read), done, self._failed)

    def agree_to_removals(self) -> None:
        """Let the office remove what it asked to remove, by sync or by the file; asked for after a refusal."""
        if not isinstance(self._course.failure, ManyRemovalsError):
            return
        if self._file_asked_about is not None:
            self.import_package(self._file_asked_about, is_removal_agreed=True)
        else:
            self._sync(is_removal_agreed=True)

    def become_new_device(self) -> None:
        """Give this techkit an identity of its own after the office found it to be a copy; then enrol."""
        if isinstance(self._course.failure, ForkedError):
            client = self.client
            self._course = replace(self._course, failure=None)
            self.around.lanes.free(
                lambda _ticket: client.become_new_device(), lambda _n: self.refresh(), self._failed
            )

    # --- what follows ---------------------------------------------------------------------------------

    def _done(self, result: SyncResult) -> None:
        self._under_way = None
        self._course = replace(self._course, progress=None, result=result)
        self._failures = 0
        kind = "bad" if result.refused_count else "ok"
        self._remember(kind, result.sentence)
        if result.received_count:
            self._on_changed()
        self.refresh()

    def _failed(self, error: Exception) -> None:
        self._under_way = None
        self._course = replace(self._course, progress=None)
        if not isinstance(error, TechkitError):
            raise error
        self._course = replace(self._course, failure=error)
        self._remember("off" if isinstance(error, UnreachableError) else "bad", error.title)
        self._try_again(error)
        self.refresh()

    def _try_again(self, error: TechkitError) -> None:
        """Come back sooner than the interval when the service was only out of reach or busy."""
        self._failures += 1
        if self._timer is not None and isinstance(error, (UnreachableError, PausedError)):
            self._timer.cancel()
            self._timer = self.around.lanes.soon(self.start_by_itself, pause_s(self._failures, error))

    def _remember(self, kind: str, text: str) -> None:
        clock = self.around.clock
        when = i18n.clock(clock.now(), clock.zone())
        recent = ((kind, text, when), *self._course.recent)[:ATTEMPTS]
        self._course = replace(self._course, recent=recent)

    def _cannot(self, error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error
        self._course = replace(self._course, failure=error)
        self._show()

    def _look_up(self) -> Facts:
        is_sending = self._course.progress is not None
        return sync_facts.look_up(self.around.store, self.client, is_sending=is_sending)

    def _take(self, found: Facts) -> None:
        self._found = found
        self._looked_at_s = time.monotonic()
        self.decisions.take(found.disputes, found.device_id)
        self._show()

    # --- what is shown --------------------------------------------------------------------------------

    def _show(self) -> None:
        if self._found is None:
            self.state = sync_words.before_the_first_look()
        else:
            zone = self.around.clock.zone()
            state = sync_words.state(self._found, self._course, self.decisions, zone)
            self.state = replace(state, queries=tuple(map(self._with_typing, state.queries)))
        self.changed()

    def _with_typing(self, row: QueryRow) -> QueryRow:
        typed = self.around.typing.typed_in(_PAGE, row.id)
        return row if row.is_answered or not typed else replace(row, answer=typed.get("answer", ""))

    def fetch_visit(self, visit_id: str) -> None:
        """Have a visit that left this stick come back: with a sync at once, or with the next one."""
        client = self.client
        self.around.lanes.store(lambda: client.fetch_visit(visit_id), lambda _n: self.now(), self._cannot)


def _as_store_trouble(work: Callable[[Ticket], T]) -> Callable[[Ticket], T]:
    """Return the work with trouble of the file system told as what it is."""

    def tried(ticket: Ticket) -> T:
        try:
            return work(ticket)
        except OSError as error:
            raise StoreError(
                _("The package file could not be read or written."),
                safe=_("Everything is kept on this device."),
                advice=_("Choose another place, or look whether there is room."),
                cause=str(error),
            ) from error

    return tried
