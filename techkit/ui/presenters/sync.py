"""What waits to be sent, what arrived, and the office's questions, answered here."""

from __future__ import annotations

import dataclasses
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import TypeVar

from techkit import i18n
from techkit.errors import StoreError, TechkitError, UnreachableError
from techkit.i18n import _, ngettext
from techkit.records.parties import Customer
from techkit.records.review import Query
from techkit.records.schema import Record, clean_text, is_known, spec_for, summary_line
from techkit.records.visit import Visit
from techkit.store.away import Gone, Leaving
from techkit.store.database import Store
from techkit.store.outbox import Waits
from techkit.sync import queue
from techkit.sync.answers import ForkedError, ManyRemovalsError, PausedError
from techkit.sync.client import Client
from techkit.sync.progress import Progress as SyncProgress
from techkit.sync.progress import SyncResult, pause_s
from techkit.sync.queue import Item, Queue, State
from techkit.sync.skew import skew
from techkit.ui.presenters import disputes
from techkit.ui.presenters.choices import Notice, trouble
from techkit.ui.presenters.disputes import Dispute, told
from techkit.ui.presenters.lanes import Observable, Ticket
from techkit.ui.presenters.surroundings import Surroundings

T = TypeVar("T")

#: How long after a network appeared sync begins, in seconds, from and to.
APPEARED_S = (1.0, 8.0)

#: While a sync is under way the queue is looked at again so often, in seconds.
_LOOK_EVERY_S = 1.0

#: After so long without the office a device begins anew, in days (techkit/central/feed.py).
SILENT_DAYS = 180

#: So many of the last attempts are kept in words.
ATTEMPTS = 5


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """One thing in the queue. state: "sent", "sending", "waiting", "decision" or "retry".

    advice: what to do about it, "" where nothing is to be done.
    """

    id: str
    icon: str
    title: str
    line: str
    state: str
    share: float
    word: str
    advice: str = ""


@dataclass(frozen=True, kw_only=True)
class LeavingRow:
    """A visit that leaves this stick or left it. word: when, "" for one that left and can be fetched."""

    id: str
    title: str
    line: str
    word: str = ""


@dataclass(frozen=True, kw_only=True)
class QueryRow:
    """One question from the office. is_answered: an answer is written, sent or waiting to be."""

    id: str
    visit_id: str
    visit: str
    about: str
    question: str
    asked_line: str
    answer: str
    is_answered: bool


@dataclass(frozen=True, kw_only=True)
class SyncState:
    """All that the sync panel and the sidebar's foot show.

    disputes: records changed in two places. deciding: the one whose versions are looked at, "" for none.
    status: "not_enrolled", "offline", "waiting", "sending", "refused", "partial" or "done".
    """

    status: str = "not_enrolled"
    count: int = 0
    title: str = ""
    line: str = ""
    share: float = 0.0
    bytes_line: str = ""
    queue: tuple[QueueRow, ...] = ()
    queue_more: int = 0
    leaving: tuple[LeavingRow, ...] = ()
    leaving_line: str = ""
    gone: tuple[LeavingRow, ...] = ()
    received: tuple[tuple[str, str, int], ...] = ()
    last_line: str = ""
    recent: tuple[tuple[str, str, str], ...] = ()
    notices: tuple[Notice, ...] = ()
    queries: tuple[QueryRow, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    deciding: str = ""
    is_paused: bool = False
    error: str = ""
    sidebar_title: str = ""
    sidebar_line: str = ""


@dataclass(frozen=True, kw_only=True)
class _Found:
    """What one look into the store gives."""

    is_enrolled: bool
    organisation: str
    device_id: str
    interval_s: float
    waits: Waits
    queue: Queue
    refused_count: int
    leaving: tuple[Leaving, ...]
    leaving_days: int
    gone: tuple[Gone, ...]
    customers: Mapping[str, str]
    disputes: tuple[disputes.Found, ...]
    queries: tuple[tuple[Query, Visit | None, Record | None], ...]
    is_paused: bool
    clock_offset_ms: int
    silent_days: int


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
        self.client = client or Client(around.store)
        self._on_changed = on_changed
        self._found: _Found | None = None
        self._under_way: Ticket | None = None
        self._stop = threading.Event()
        self._progress: SyncProgress | None = None
        self._result: SyncResult | None = None
        self._failure: TechkitError | None = None
        self._enrol_failure: TechkitError | None = None
        self._recent: tuple[tuple[str, str, str], ...] = ()
        self._deciding = disputes.Deciding()
        self._looked_at = ""
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
        if self._found is not None and not self._found.is_enrolled and self._result is None:
            self.refresh()
            return
        self._sync()

    def _sync(self, *, is_removal_agreed: bool = False) -> None:
        self._file_asked_about = None
        self._failure, self._progress, self._stop = None, SyncProgress(), threading.Event()
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
            self._progress = told[-1] if told else self._progress
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

    def _started(self, found: _Found) -> None:
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
        self._enrol_failure = None
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
            self._enrol_failure = error
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

        def write() -> None:
            query = store.get(Query, query_id)
            if query is not None:
                store.save(
                    dataclasses.replace(
                        query, answer=words, answered_by=who, answered_at=now, state="answered"
                    ),
                    actor=who,
                )

        self.around.lanes.store(write, lambda _n: self.refresh(), self._cannot)

    # --- what was changed in two places ---------------------------------------------------------------

    def look_at(self, record_id: str = "") -> None:
        """Open a record that was changed in two places; the next one that nobody left to the office without an id."""
        waiting = [one.record_id for one in (self._found.disputes if self._found else ())]
        if not record_id:
            record_id = next((one for one in waiting if one not in self._left()), "")
            record_id = record_id or next(iter(waiting), "")
        self._looked_at = record_id if record_id in waiting else ""
        self._show()

    def decide_later(self) -> None:
        """Close it again; what was chosen stays chosen until it is settled."""
        self._looked_at = ""
        self._show()

    def choose(self, conflict_id: str, version_id: str) -> None:
        """Choose one field's version by its id, or `disputes.JOINED`; nothing is written yet."""
        self._deciding.choose(conflict_id, version_id)
        self._show()

    def write_joined(self, conflict_id: str, text: str) -> None:
        """Change the text that joins both versions of a field, and choose it."""
        self._deciding.write(conflict_id, text)
        self._show()

    def choose_all(self, *, ours: bool) -> None:
        """Choose this device's version of every field, or the other one; a record stays rather than goes."""
        for one in self._dispute_looked_at().fields if self._looked_at else ():
            wanted = [version for version in one.versions if version.is_ours is ours]
            self._deciding.choose(one.id, (wanted or list(one.versions))[-1].id)
        self._show()

    def settle(self) -> None:
        """Write what was chosen for the record looked at; the decisions travel with the next sync."""
        found = self._found_looked_at()
        if found is None or self._found is None:
            return
        made = self._deciding.decisions(found, self._found.device_id)
        self._deciding.forget(found)
        store, who = self.around.store, self.around.technician
        self._looked_at = ""

        def write() -> None:
            for field, value in made:
                store.decide(found.kind, found.record_id, field, value, actor=who)

        self.around.lanes.store(write, lambda _n: self._settled(), self._cannot)

    def leave_to_office(self, note: str = "") -> None:
        """Leave the record looked at to the office, with a word; it stands beside both versions on its page."""
        found = self._found_looked_at()
        if found is None:
            return
        store, who, now = self.around.store, self.around.technician, self.around.clock.now()
        self._looked_at = ""
        self.around.lanes.store(
            lambda: disputes.leave(store, found, note, who, now), lambda _n: self.refresh(), self._cannot
        )

    def _left(self) -> frozenset[str]:
        """Return the records left to the office."""
        found = self._found.disputes if self._found else ()
        return frozenset(one.record_id for one in found if one.left is not None)

    def _settled(self) -> None:
        self._on_changed()
        self.refresh()

    def _found_looked_at(self) -> disputes.Found | None:
        waiting = self._found.disputes if self._found else ()
        return next((one for one in waiting if one.record_id == self._looked_at), None)

    def _dispute_looked_at(self) -> Dispute:
        return next(one for one in self.state.disputes if one.id == self._looked_at)

    # --- by file, and what needs somebody's word ----------------------------------------------------

    def export_package(self, path: Path) -> None:
        """Write everything that waits into a file for the office, for where there is no network."""
        client = self.client

        def write(_ticket: Ticket) -> int:
            data = client.make_package()
            fresh = path.with_name(f"{path.name}.new")
            fresh.write_bytes(data)
            fresh.replace(path)
            return len(data)

        def done(size: int) -> None:
            self._remember("ok", _("Package written, {size}; take it to the office.", size=_volume(size)))
            self.refresh()

        self.around.lanes.free(_as_store_trouble(write), done, self._failed)

    def import_package(self, path: Path, *, is_removal_agreed: bool = False) -> None:
        """Take in what the office gave on a stick: the answer to a package, or a job pack."""
        client = self.client
        self._failure, self._file_asked_about = None, path

        def read(_ticket: Ticket) -> SyncResult:
            return client.take_file(path.read_bytes(), is_removal_agreed=is_removal_agreed)

        def done(result: SyncResult) -> None:
            self._file_asked_about = None
            self._done(result)

        self.around.lanes.free(_as_store_trouble(read), done, self._failed)

    def agree_to_removals(self) -> None:
        """Let the office remove what it asked to remove, by sync or by the file; asked for after a refusal."""
        if not isinstance(self._failure, ManyRemovalsError):
            return
        if self._file_asked_about is not None:
            self.import_package(self._file_asked_about, is_removal_agreed=True)
        else:
            self._sync(is_removal_agreed=True)

    def become_new_device(self) -> None:
        """Give this techkit an identity of its own after the office found it to be a copy; then enrol."""
        if isinstance(self._failure, ForkedError):
            client = self.client
            self._failure = None
            self.around.lanes.free(
                lambda _ticket: client.become_new_device(), lambda _n: self.refresh(), self._failed
            )

    # --- what follows ---------------------------------------------------------------------------------

    def _done(self, result: SyncResult) -> None:
        self._under_way, self._progress, self._result = None, None, result
        self._failures = 0
        kind = "bad" if result.refused_count else "ok"
        self._remember(kind, result.sentence)
        if result.received_count:
            self._on_changed()
        self.refresh()

    def _failed(self, error: Exception) -> None:
        self._under_way, self._progress = None, None
        if not isinstance(error, TechkitError):
            raise error
        self._failure = error
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
        self._recent = ((kind, text, when), *self._recent)[:ATTEMPTS]

    def _cannot(self, error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error
        self._failure = error
        self._show()

    def _look_up(self) -> _Found:
        store = self.around.store
        found_queue = queue.look_up(store, is_sending=self._progress is not None)
        leaving, gone = tuple(store.away.leaving()), tuple(store.away.gone())
        asked = store.find(Query, state=["open", "answered"], order_by="asked_at", descending=True, limit=50)
        return _Found(
            is_enrolled=self.client.is_enrolled,
            organisation=self.client.organisation,
            device_id=store.device.id,
            interval_s=float(store.setting("sync.interval_s")),
            waits=store.outbox.waits(),
            queue=found_queue,
            refused_count=sum(item.state is State.REFUSED for item in found_queue.items),
            leaving=leaving,
            leaving_days=int(store.setting("sync.visit_days")),
            gone=gone,
            customers={
                held.id: held.display_name
                for held in store.find(
                    Customer, id=[*{o.customer_id for o in leaving}, *{o.customer_id for o in gone}]
                )
            },
            disputes=disputes.look_up(store),
            queries=tuple((q, store.get(Visit, q.visit_id), _about(store, q)) for q in asked),
            is_paused=bool(store.setting("sync.is_paused")),
            clock_offset_ms=self.client.clock_offset_ms,
            silent_days=self.client.silent_days,
        )

    def _take(self, found: _Found) -> None:
        self._found = found
        self._looked_at_s = time.monotonic()
        if self._found_looked_at() is None:
            self._looked_at = ""
        self._show()

    # --- what is shown --------------------------------------------------------------------------------

    def _show(self) -> None:
        self.state = self._state()
        self.changed()

    def _status(self, found: _Found) -> str:
        if self._progress is not None:
            return "sending"
        if not found.is_enrolled:
            return "not_enrolled"
        if self._failure is not None:
            return "offline" if isinstance(self._failure, UnreachableError) else "refused"
        if found.refused_count or any(one.left is None for one in found.disputes):
            return "partial"
        if found.waits.count:
            return "waiting"
        return "done" if self._result is not None else "waiting"

    def _state(self) -> SyncState:
        found = self._found
        if found is None:
            return SyncState(title=_("Looking what waits"), sidebar_title=_("Looking what waits"))
        status = self._status(found)
        zone = self.around.clock.zone()
        error = self._enrol_failure.sentences() if self._enrol_failure else ""
        return SyncState(
            status=status,
            count=found.waits.count,
            title=self._title(status, found),
            line=self._line(status, found, zone),
            share=self._progress.share if self._progress else (1.0 if status == "done" else 0.0),
            bytes_line=self._bytes_line(found),
            queue=self._queue(found),
            queue_more=found.queue.more,
            leaving=tuple(_leaving_row(one, found, zone) for one in found.leaving),
            leaving_line=_leaving_line(found, zone),
            gone=tuple(_leaving_row(one, found, zone) for one in found.gone),
            received=self._received(),
            last_line=self._recent[0][1] if self._recent else "",
            recent=self._recent,
            notices=self._notices(found),
            queries=tuple(_query_row(q, v, r, zone) for q, v, r in found.queries),
            disputes=tuple(self._deciding.dispute(one, found.device_id, zone) for one in found.disputes),
            deciding=self._looked_at,
            is_paused=found.is_paused,
            error=error,
            sidebar_title=self._sidebar_title(status),
            sidebar_line=_sidebar_line(found),
        )

    def fetch_visit(self, visit_id: str) -> None:
        """Have a visit that left this stick come back: with a sync at once, or with the next one."""
        client = self.client
        self.around.lanes.store(lambda: client.fetch_visit(visit_id), lambda _n: self.now(), self._cannot)

    def _title(self, status: str, found: _Found) -> str:
        match status:
            case "not_enrolled":
                return _("This device is not connected to an office yet")
            case "sending":
                return _("Sending and fetching")
            case "offline":
                return _("The office cannot be reached now")
            case "refused":
                return self._failure.title if self._failure else ""
            case "partial":
                return _("Sent; some things need a decision")
            case "waiting":
                return ngettext("{n} change waits", "{n} changes wait", found.waits.count)
        return _("Everything is sent")

    def _line(self, status: str, found: _Found, zone: tzinfo) -> str:
        if status == "sending" and self._progress is not None:
            return " · ".join(part for part in (self._progress.step, self._progress.left) if part)
        if status == "refused" and self._failure is not None:
            return f"{self._failure.safe} {self._failure.advice}".strip()
        if status == "not_enrolled":
            return _("Everything works without it. Paste the line from the office when you have it.")
        if found.is_paused:
            return _("Paused: nothing is sent until you go on.")
        if found.waits.oldest_at is not None:
            since = found.waits.oldest_at.astimezone(zone)
            return _(
                "Waiting since {day}, encrypted on this device.", day=i18n.day(since.date(), style="medium")
            )
        return _("The office confirmed every change.") if status == "done" else _("Nothing waits.")

    def _bytes_line(self, found: _Found) -> str:
        if self._progress is not None and self._progress.volume:
            return self._progress.volume
        return _volume(found.waits.byte_count) if found.waits.count else ""

    def _sidebar_title(self, status: str) -> str:
        match status:
            case "offline" | "not_enrolled":
                return _("Office not reached") if status == "offline" else _("On this device only")
            case "sending":
                return _("Sending")
            case "refused" | "partial":
                return _("Needs a decision")
            case "waiting":
                return _("Waiting to be sent")
        return _("All sent")

    def _queue(self, found: _Found) -> tuple[QueueRow, ...]:
        """Return the rows of the queue; what waits is being sent while a sync is under way."""
        is_sending, has_failed = self._progress is not None, self._failure is not None
        zone = self.around.clock.zone()
        rows = []
        for item in found.queue.items:
            state, word = _state_words(item, is_sending=is_sending, has_failed=has_failed)
            rows.append(
                QueueRow(
                    id=f"{item.state}:{item.id}",
                    icon=spec_for(item.kind).icon if is_known(item.kind) else "note",
                    title=_item_title(item),
                    line=_item_line(item, zone),
                    state=state,
                    share=item.share,
                    word=word,
                    advice=item.advice,
                )
            )
        return tuple(rows)

    def _received(self) -> tuple[tuple[str, str, int], ...]:
        result = self._result
        if result is None:
            return ()
        rows = (
            ("cloud-arrow-up", _("Changes sent"), result.sent_count),
            ("cloud-arrow-down", _("Changes received"), result.received_count),
            ("paperclip", _("Files sent"), result.files_sent),
        )
        return tuple(row for row in rows if row[2])

    def _notices(self, found: _Found) -> tuple[Notice, ...]:
        notices = [Notice(kind="info", title=text) for text in (self._result.notices if self._result else ())]
        if isinstance(self._failure, ManyRemovalsError):
            notices.append(
                trouble(
                    self._failure,
                    action_label=_("Let them be removed"),
                    action="agree_to_removals",
                )
            )
        if isinstance(self._failure, ForkedError):
            notices.append(
                trouble(
                    self._failure,
                    action_label=_("Make this a device of its own"),
                    action="become_new_device",
                )
            )
        undecided = [one for one in found.disputes if one.left is None]
        if undecided:
            notices.insert(0, _changed_twice(len(undecided)))
        waiting = sum(1 for q, _v, _r in found.queries if q.state == "open")
        if waiting:
            title = ngettext("{n} question from the office", "{n} questions from the office", waiting)
            notices.insert(
                0, Notice(kind="watch", title=title, text=_("Answer here; it travels with the next sync."))
            )
        if found.silent_days > SILENT_DAYS:
            notices.append(
                Notice(
                    kind="watch",
                    title=ngettext(
                        "{n} day without the office", "{n} days without the office", found.silent_days
                    ),
                    text=_(
                        "With the next sync this device sends what waits and then fetches everything anew. "
                        "Nothing unsent is lost."
                    ),
                )
            )
        off = skew(found.clock_offset_ms)
        if off:
            notices.append(
                Notice(
                    kind="watch",
                    title=_("The clock of this computer is wrong: {amount}.", amount=off),
                    text=_(
                        "Nothing is lost by it: the office allows for the difference. "
                        "Times on paper are this computer’s; please have the clock set."
                    ),
                )
            )
        return tuple(notices)


def _changed_twice(count: int) -> Notice:
    return Notice(
        kind="watch",
        title=ngettext(
            "{n} entry was changed in two places", "{n} entries were changed in two places", count
        ),
        text=_("Both versions are kept until somebody chooses."),
        action_label=_("Look at both"),
        action="look_at",
    )


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


def _kind_title(kind: str) -> str:
    return _(spec_for(kind).title) if is_known(kind) else kind


def _volume(byte_count: int) -> str:
    if byte_count >= 1_000_000:
        return i18n.quantity(byte_count / 1_000_000, "MB", 1)
    return i18n.quantity(max(0.1, byte_count / 1000), "kB", 1)


def _state_words(item: Item, *, is_sending: bool, has_failed: bool) -> tuple[str, str]:
    """Return an item's state as the panel draws it, and its word."""
    match item.state:
        case State.REFUSED:
            return "decision", _("Needs a decision")
        case State.CONFIRMED:
            return "sent", _("Confirmed")
        case State.SENDING if is_sending:
            return "sending", i18n.percent(item.share, 0) if item.share else _("Being sent")
    return ("retry" if has_failed else "waiting"), _("Waits")


def _item_title(item: Item) -> str:
    """Return what an item is, e.g. "Visit: TK07-2026-0001 Printer jams"."""
    words = item.record_words
    return _("{kind}: {words}", kind=_kind_title(item.kind), words=words) if words else _kind_title(item.kind)


def _item_line(item: Item, zone: tzinfo) -> str:
    """Return when, how much, and of a refusal why."""
    parts = [item.title]
    if item.kind == "attachment" and item.visit is not None:
        parts.append(item.visit.number)
    if item.confirmed:
        parts.append(item.confirmed)
    elif item.changes and item.state is not State.REFUSED:
        parts.append(ngettext("{n} change", "{n} changes", item.changes))
    if item.byte_count:
        parts.append(_volume(item.byte_count))
    if item.at is not None:
        local = item.at.astimezone(zone)
        parts.append(f"{i18n.day(local.date(), style='short')} {i18n.clock(local)}")
    return " · ".join(part for part in parts if part)


def _leaving_row(one: Leaving | Gone, found: _Found, zone: tzinfo) -> LeavingRow:
    parts = (
        found.customers.get(one.customer_id, ""),
        i18n.day(one.day, style="medium") if one.day is not None else "",
    )
    word = ""
    if isinstance(one, Leaving):
        word = _("leaves {day}", day=i18n.day(one.at.astimezone(zone).date(), style="medium"))
    return LeavingRow(
        id=one.visit_id,
        title=one.number or _("Visit"),
        line=" · ".join(part for part in parts if part),
        word=word,
    )


def _leaving_line(found: _Found, zone: tzinfo) -> str:
    """Return beforehand, in plain words, what leaves this stick and when."""
    if not found.leaving:
        return ""
    first = i18n.day(found.leaving[0].at.astimezone(zone).date(), style="medium")
    return ngettext(
        "{n} visit is confirmed and leaves this stick, on {first}. The office keeps it; you can fetch it again.",
        "{n} visits are confirmed and leave this stick, the first on {first}. The office keeps them; "
        "you can fetch them again.",
        len(found.leaving),
        first=first,
    )


def _sidebar_line(found: _Found) -> str:
    if not found.waits.count:
        return _("Nothing waits")
    return ngettext("{n} change waits here, encrypted", "{n} changes wait here, encrypted", found.waits.count)


def _held(store: Store, kind: str, record_id: str) -> Record | None:
    return store.get(spec_for(kind).cls, record_id) if is_known(kind) else None


def _about(store: Store, query: Query) -> Record | None:
    return _held(store, query.about_kind, query.about_id) if query.about_id else None


def _query_row(query: Query, visit: Visit | None, about: Record | None, zone: tzinfo) -> QueryRow:
    words = ""
    if about is not None:
        words = str(getattr(about, "title", "")) or summary_line(about)
        if query.about_field and is_known(query.about_kind):
            label = next(
                (f.label for f in spec_for(query.about_kind).fields if f.name == query.about_field), ""
            )
            words = f"{words} · {_(label)}" if label else words
    return QueryRow(
        id=query.id,
        visit_id=query.visit_id,
        visit=f"{visit.number} {visit.purpose.splitlines()[0] if visit.purpose else ''}".strip()
        if visit
        else "",
        about=words,
        question=query.question,
        asked_line=told(query.asked_by, query.asked_at, zone),
        answer=query.answer,
        is_answered=query.state != "open",
    )
