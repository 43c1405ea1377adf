"""What waits to be sent, what arrived, and the office's questions, answered here."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, TypeVar

from techkit import i18n
from techkit.errors import InputError, StoreError, TechkitError, UnreachableError
from techkit.i18n import _, ngettext
from techkit.records.identity import hlc_time
from techkit.records.merging import Side
from techkit.records.review import Query
from techkit.records.schema import Record, clean_text, decode, format_value, is_known, spec_for, summary_line
from techkit.records.visit import Visit
from techkit.store.database import Store
from techkit.store.outbox import Refusal, Waits
from techkit.store.replica import OpenConflict
from techkit.sync.answers import ForkedError, ManyRemovalsError, PausedError
from techkit.sync.client import Client
from techkit.sync.progress import Progress as SyncProgress
from techkit.sync.progress import SyncResult, pause_s
from techkit.ui.presenters.choices import Notice
from techkit.ui.presenters.lanes import Observable, Ticket
from techkit.ui.presenters.surroundings import Surroundings

T = TypeVar("T")

#: So many of the last attempts are kept in words.
ATTEMPTS = 5


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """One thing in the queue. state: "sent", "sending", "waiting", "decision" or "retry"."""

    id: str
    icon: str
    title: str
    line: str
    state: str
    share: float
    word: str


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
class ConflictRow:
    """Two values of one field: ours and the office's, each with its person and time."""

    id: str
    title: str
    field: str
    ours: str
    ours_line: str
    theirs: str
    theirs_line: str


@dataclass(frozen=True, kw_only=True)
class SyncState:
    """All that the sync panel and the sidebar's foot show.

    status: "not_enrolled", "offline", "waiting", "sending", "refused", "partial" or "done".
    """

    status: str = "not_enrolled"
    count: int = 0
    title: str = ""
    line: str = ""
    share: float = 0.0
    bytes_line: str = ""
    queue: tuple[QueueRow, ...] = ()
    received: tuple[tuple[str, str, int], ...] = ()
    last_line: str = ""
    recent: tuple[tuple[str, str, str], ...] = ()
    notices: tuple[Notice, ...] = ()
    queries: tuple[QueryRow, ...] = ()
    conflicts: tuple[ConflictRow, ...] = ()
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
    by_kind: tuple[tuple[str, int], ...]
    refused: tuple[Refusal, ...]
    conflicts: tuple[tuple[OpenConflict, Record | None], ...]
    queries: tuple[tuple[Query, Visit | None, Record | None], ...]
    is_paused: bool


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
            self._progress = told[-1] if told else self._progress
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

    def decide(self, conflict_id: str, side: str) -> None:
        """Settle a conflict with "ours" or "theirs"; the decision travels too."""
        found = self._found
        held = next((c for c, _r in (found.conflicts if found else ()) if c.id == conflict_id), None)
        if held is None:
            return
        ours, theirs = _sides(held, found.device_id if found else "")
        value = (ours if side == "ours" else theirs).value
        store, who = self.around.store, self.around.technician
        self.around.lanes.store(
            lambda: store.decide(held.entity, held.record_id, held.field, value, actor=who),
            lambda _n: self.refresh(),
            self._cannot,
        )

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

    def import_package(self, path: Path) -> None:
        """Take in the office's answer to a package."""
        client = self.client

        def read(_ticket: Ticket) -> SyncResult:
            return client.take_answer(path.read_bytes())

        self.around.lanes.free(_as_store_trouble(read), self._done, self._failed)

    def agree_to_removals(self) -> None:
        """Sync again and let the office remove what it asked to remove; asked for after a refusal."""
        if isinstance(self._failure, ManyRemovalsError):
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
        asked = store.find(Query, state=["open", "answered"], order_by="asked_at", descending=True, limit=50)
        return _Found(
            is_enrolled=self.client.is_enrolled,
            organisation=self.client.organisation,
            device_id=store.device.id,
            interval_s=float(store.setting("sync.interval_s")),
            waits=store.outbox.waits(),
            by_kind=tuple(store.outbox.waiting_by_kind()),
            refused=tuple(store.outbox.refused()),
            conflicts=tuple((c, _held(store, c.entity, c.record_id)) for c in store.conflicts()),
            queries=tuple((q, store.get(Visit, q.visit_id), _about(store, q)) for q in asked),
            is_paused=bool(store.setting("sync.is_paused")),
        )

    def _take(self, found: _Found) -> None:
        self._found = found
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
        if found.refused or found.conflicts:
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
            bytes_line=_volume(found.waits.byte_count) if found.waits.count else "",
            queue=self._queue(found),
            received=self._received(),
            last_line=self._recent[0][1] if self._recent else "",
            recent=self._recent,
            notices=self._notices(found),
            queries=tuple(_query_row(q, v, r, zone) for q, v, r in found.queries),
            conflicts=tuple(_conflict_row(c, r, found.device_id, zone) for c, r in found.conflicts),
            is_paused=found.is_paused,
            error=error,
            sidebar_title=self._sidebar_title(status),
            sidebar_line=_sidebar_line(found),
        )

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
            return self._progress.sentence
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
        is_sending = self._progress is not None
        rows = [
            QueueRow(
                id=f"refused:{r.operation.op_id}",
                icon="warning",
                title=r.title,
                line=" ".join(p for p in (_kind_title(r.operation.entity), r.advice) if p),
                state="decision",
                share=0.0,
                word=_("Needs a decision"),
            )
            for r in found.refused
        ]
        for kind, count in found.by_kind:
            rows.append(
                QueueRow(
                    id=kind,
                    icon=spec_for(kind).icon if is_known(kind) else "note",
                    title=_kind_title(kind),
                    line=ngettext("{n} entry", "{n} entries", count),
                    state="sending" if is_sending else ("retry" if self._failure else "waiting"),
                    share=0.0,
                    word=_("Being sent") if is_sending else _("Waits"),
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
                Notice(
                    kind="watch",
                    title=self._failure.title,
                    text=f"{self._failure.safe} {self._failure.advice}".strip(),
                    action_label=_("Let them be removed"),
                    action="agree_to_removals",
                )
            )
        if isinstance(self._failure, ForkedError):
            notices.append(
                Notice(
                    kind="watch",
                    title=self._failure.title,
                    text=f"{self._failure.safe} {self._failure.advice}".strip(),
                    action_label=_("Make this a device of its own"),
                    action="become_new_device",
                )
            )
        waiting = sum(1 for q, _v, _r in found.queries if q.state == "open")
        if waiting:
            title = ngettext("{n} question from the office", "{n} questions from the office", waiting)
            notices.insert(
                0, Notice(kind="watch", title=title, text=_("Answer here; it travels with the next sync."))
            )
        if self._result is not None and abs(self._result.clock_offset_ms) > 120_000:
            minutes = round(self._result.clock_offset_ms / 60_000)
            notices.append(
                Notice(
                    kind="watch",
                    title=_("This computer’s clock differs by {n} minutes from the office’s.", n=minutes),
                )
            )
        return tuple(notices)


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
    return i18n.quantity(max(0.1, byte_count / 1000), "kB", 1)


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
        asked_line=_when(query.asked_by, query.asked_at, zone),
        answer=query.answer,
        is_answered=query.state != "open",
    )


def _when(who: str, moment: datetime | None, zone: tzinfo) -> str:
    if moment is None:
        return who
    local = moment.astimezone(zone)
    return _(
        "{who}, {day} {time}", who=who, day=i18n.day(local.date(), style="medium"), time=i18n.clock(local)
    ).strip(", ")


def _sides(conflict: OpenConflict, device_id: str) -> tuple[Side, Side]:
    """Return our value and the other one; where neither is ours, the kept one counts as theirs."""
    sides = [conflict.kept, *conflict.others]
    ours = next((s for s in sides if s.device == device_id), sides[-1])
    theirs = next((s for s in sides if s is not ours), ours)
    return ours, theirs


def _conflict_row(conflict: OpenConflict, record: Record | None, device_id: str, zone: tzinfo) -> ConflictRow:
    ours, theirs = _sides(conflict, device_id)
    label = conflict.field
    if is_known(conflict.entity):
        label = next(
            (_(f.label) for f in spec_for(conflict.entity).fields if f.name == conflict.field), label
        )
    return ConflictRow(
        id=conflict.id,
        title=summary_line(record) if record is not None else _kind_title(conflict.entity),
        field=label,
        ours=_side_text(conflict, ours.value),
        ours_line=_when(ours.actor, hlc_time(ours.order), zone),
        theirs=_side_text(conflict, theirs.value),
        theirs_line=_when(theirs.actor, hlc_time(theirs.order), zone),
    )


def _side_text(conflict: OpenConflict, value: Any) -> str:
    if is_known(conflict.entity):
        spec = next((f for f in spec_for(conflict.entity).fields if f.name == conflict.field), None)
        if spec is not None:
            try:
                return format_value(spec, decode(spec, value)) or "–"
            except (ValueError, InputError):
                return str(value)
    return "–" if value is None else str(value)
