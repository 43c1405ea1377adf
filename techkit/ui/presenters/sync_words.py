"""The sync panel in words: what waits row by row, what arrived, what needs a decision, and one line for the sidebar."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import tzinfo

from techkit import i18n
from techkit.errors import TechkitError, UnreachableError
from techkit.i18n import _, ngettext
from techkit.records.review import Query
from techkit.records.schema import Record, is_known, spec_for
from techkit.records.visit import Visit
from techkit.records.wording import summary_line
from techkit.store.away import Gone, Leaving
from techkit.sync.answers import ForkedError, ManyRemovalsError, PausedError, RevokedError
from techkit.sync.progress import SyncResult
from techkit.sync.queue import Item, State
from techkit.sync.skew import skew
from techkit.ui.presenters.choices import Notice, trouble
from techkit.ui.presenters.decisions import Decisions
from techkit.ui.presenters.disputes import Dispute, told
from techkit.ui.presenters.sync_facts import Course, Facts

#: So many kinds of what was received have a row of their own.
_KINDS_SHOWN = 4

#: After so long without the office a device begins anew, in days (techkit/central/feed.py).
SILENT_DAYS = 180


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """One thing in the queue. state: "sent", "sending", "waiting" or "decision".

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
    answer: str = field(compare=False)  # while it is typed the question stays the same row
    is_answered: bool


@dataclass(frozen=True, kw_only=True)
class SyncState:
    """All that the sync panel and the sidebar's foot show.

    disputes: records changed in two places. deciding: the one whose versions are looked at, "" for none.
    status: "not_enrolled", "offline", "waiting", "sending", "refused", "partial" or "done".
    code_title, code_line: why a code is asked for, "" where none is.
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
    code_title: str = ""
    code_line: str = ""
    error: str = ""
    sidebar_title: str = ""
    sidebar_line: str = ""


def before_the_first_look() -> SyncState:
    """Return what the panel shows until the store was asked once."""
    return SyncState(title=_("Looking what waits"), sidebar_title=_("Looking what waits"))


def state(found: Facts, course: Course, decisions: Decisions, zone: tzinfo) -> SyncState:
    """Return all that the panel shows, in words."""
    status = _status(found, course)
    error = course.enrol_failure.sentences() if course.enrol_failure else ""
    code_title, code_line = _code_words(status, course)
    return SyncState(
        status=status,
        count=found.waits.count,
        title=_title(status, found, course),
        line=_line(status, found, course, zone),
        share=course.progress.share if course.progress else (1.0 if status == "done" else 0.0),
        bytes_line=_bytes_line(found, course),
        queue=_queue(found, course, zone),
        queue_more=found.queue.more,
        leaving=tuple(_leaving_row(one, found, zone) for one in found.leaving),
        leaving_line=_leaving_line(found, zone),
        gone=tuple(_leaving_row(one, found, zone) for one in found.gone),
        received=_received(course.result),
        last_line=_last_line(course),
        recent=course.recent,
        notices=_notices(found, course),
        queries=tuple(_query_row(q, v, r, zone) for q, v, r in found.queries),
        disputes=decisions.shown(zone),
        deciding=decisions.looked_at,
        is_paused=found.is_paused,
        code_title=code_title,
        code_line=code_line,
        error=error,
        sidebar_title=_sidebar_title(status),
        sidebar_line=_sidebar_line(found),
    )


def _status(found: Facts, course: Course) -> str:
    if course.progress is not None:
        return "sending"
    if not found.is_enrolled:
        return "not_enrolled"
    if course.failure is not None:
        return "offline" if isinstance(course.failure, UnreachableError) else "refused"
    if found.refused_count or any(one.left is None for one in found.disputes):
        return "partial"
    if found.waits.count:
        return "waiting"
    return "done" if course.result is not None else "waiting"


def _title(status: str, found: Facts, course: Course) -> str:
    match status:
        case "not_enrolled":
            return _("This device is not connected to an office yet")
        case "sending":
            return _("Sending and fetching")
        case "offline":
            return _("The office cannot be reached now")
        case "refused":
            return course.failure.title if course.failure else ""
        case "partial":
            return _("Sent; some things need a decision")
        case "waiting":
            return ngettext("{n} change waits", "{n} changes wait", found.waits.count)
    return _("Everything is sent")


def _line(status: str, found: Facts, course: Course, zone: tzinfo) -> str:
    if status == "sending" and course.progress is not None:
        return " · ".join(part for part in (course.progress.step, course.progress.left) if part)
    if status == "refused" and course.failure is not None:
        again = _("techkit tries again by itself.") if _comes_back(found, course) else course.failure.advice
        return f"{course.failure.safe} {again}".strip()
    if status == "not_enrolled":
        return _("Everything works without it. Paste the line from the office when you have it.")
    if found.is_paused:
        return _("Paused: nothing is sent until you go on.")
    again = _("techkit tries again by itself.") if _comes_back(found, course) else ""
    if found.waits.oldest_at is not None:
        since = found.waits.oldest_at.astimezone(zone)
        day = i18n.day(since.date(), style="medium")
        waits = _("Waiting since {day}, encrypted on this device.", day=day)
        return f"{waits} {again}".strip()
    if again:
        return again
    return _("The office confirmed every change.") if status == "done" else _("Nothing waits.")


def _code_words(status: str, course: Course) -> tuple[str, str]:
    """Return why a code from the office is asked for, in two sentences; "" twice where none is."""
    if status == "not_enrolled":
        return (
            _("Connect this device to your organisation"),
            _("Everything works without it. Visits are sent once the office knows this device."),
        )
    if isinstance(course.failure, RevokedError):
        return (
            _("Come back with a new code"),
            _(
                "The office can let this device in anew. With its new code what waits here is sent, "
                "and your customers are fetched again."
            ),
        )
    return "", ""


def _comes_back(found: Facts, course: Course) -> bool:
    """Return whether the window begins again without being asked: after a while, or once a network is there."""
    return not found.is_paused and isinstance(course.failure, (UnreachableError, PausedError))


def _bytes_line(found: Facts, course: Course) -> str:
    if course.progress is not None and course.progress.volume:
        return course.progress.volume
    waiting = (found.waits.byte_count if found.waits.count else 0) + found.files_bytes
    return volume(waiting) if waiting else ""


def _sidebar_title(status: str) -> str:
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


def _queue(found: Facts, course: Course, zone: tzinfo) -> tuple[QueueRow, ...]:
    """Return the rows of the queue; what waits is being sent while a sync is under way."""
    is_sending = course.progress is not None
    rows = []
    for item in found.queue.items:
        state, word = _state_words(item, is_sending=is_sending)
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


def _last_line(course: Course) -> str:
    """Return when the last complete sync was, and that it brought nothing where it did not."""
    when = next((at for kind, _words, at in course.recent if kind == "ok"), "")
    if not when:
        return ""
    is_empty = course.result is not None and not course.result.received_count
    return _("Nothing new. Last sync: {when}", when=when) if is_empty else _("Last sync: {when}", when=when)


def _received(result: SyncResult | None) -> tuple[tuple[str, str, int], ...]:
    """Return what the last sync brought, by kind, most first: icon, words, how many."""
    known = [(kind, count) for kind, count in (result.received_kinds if result else ()) if is_known(kind)]
    rows = [(spec_for(kind).icon, _(spec_for(kind).plural), count) for kind, count in known[:_KINDS_SHOWN]]
    others = (
        sum(count for _kind, count in result.received_kinds) - sum(row[2] for row in rows) if result else 0
    )
    if others:
        rows.append(("cloud-arrow-down", _("Other entries"), others))
    return tuple(rows)


def _notices(found: Facts, course: Course) -> tuple[Notice, ...]:
    """Return what needs somebody's eye: questions first, then what was changed twice, then what the sync told."""
    told = course.result.notices if course.result else ()
    wanted = (
        _questions(found),
        _changed_twice(found),
        *(Notice(kind="info", title=text) for text in told),
        _agreement(course.failure),
        _silence(found.silent_days),
        _wrong_clock(found.clock_offset_ms),
    )
    return tuple(notice for notice in wanted if notice is not None)


def _questions(found: Facts) -> Notice | None:
    waiting = sum(1 for query, _visit, _record in found.queries if query.state == "open")
    if not waiting:
        return None
    return Notice(
        kind="watch",
        title=ngettext("{n} question from the office", "{n} questions from the office", waiting),
        text=_("Answer here; it travels with the next sync."),
    )


def _changed_twice(found: Facts) -> Notice | None:
    undecided = sum(1 for one in found.disputes if one.left is None)
    if not undecided:
        return None
    return Notice(
        kind="watch",
        title=ngettext(
            "{n} entry was changed in two places", "{n} entries were changed in two places", undecided
        ),
        text=_("Both versions are kept until somebody chooses."),
        action_label=_("Look at both"),
        action="look_at",
    )


def _agreement(failure: TechkitError | None) -> Notice | None:
    """Return the question a refusal asks, with the button that agrees."""
    if isinstance(failure, ManyRemovalsError):
        return trouble(failure, action_label=_("Let them be removed"), action="agree_to_removals")
    if isinstance(failure, ForkedError):
        return trouble(failure, action_label=_("Make this a device of its own"), action="become_new_device")
    return None


def _silence(days: int) -> Notice | None:
    if days <= SILENT_DAYS:
        return None
    return Notice(
        kind="watch",
        title=ngettext("{n} day without the office", "{n} days without the office", days),
        text=_(
            "With the next sync this device sends what waits and then fetches everything anew. "
            "Nothing unsent is lost."
        ),
    )


def _wrong_clock(offset_ms: int) -> Notice | None:
    off = skew(offset_ms)
    if not off:
        return None
    return Notice(
        kind="watch",
        title=_("The clock of this computer is wrong: {amount}.", amount=off),
        text=_(
            "Nothing is lost by it: the office allows for the difference. "
            "Times on paper are this computer’s; please have the clock set."
        ),
    )


def _kind_title(kind: str) -> str:
    return _(spec_for(kind).title) if is_known(kind) else kind


def volume(byte_count: int) -> str:
    """Return a number of bytes in kB or MB, one digit after the point."""
    if byte_count >= 1_000_000:
        return i18n.quantity(byte_count / 1_000_000, "MB", 1)
    return i18n.quantity(max(0.1, byte_count / 1000), "kB", 1)


def _state_words(item: Item, *, is_sending: bool) -> tuple[str, str]:
    """Return an item's state as the panel draws it, and its word."""
    match item.state:
        case State.REFUSED:
            return "decision", _("Needs a decision")
        case State.CONFIRMED:
            return "sent", _("Confirmed")
        case State.SENDING if is_sending:
            return "sending", i18n.percent(item.share, 0) if item.share else _("Being sent")
    # Also where the office was not reached: being offline is normal, the heading says it once.
    return "waiting", _("Waits")


def _item_title(item: Item) -> str:
    """Return what an item is, e.g. "Visit: TK07-2026-0001 Printer jams"."""
    words = item.record_words
    return _("{kind}: {words}", kind=_kind_title(item.kind), words=words) if words else _kind_title(item.kind)


def _item_line(item: Item, zone: tzinfo) -> str:
    """Return how much, when, and of a refusal why; what is a sentence comes last: no dot follows a full stop."""
    parts = []
    if item.kind == "attachment" and item.visit is not None:
        parts.append(item.visit.number)
    if item.changes and not item.confirmed and item.state is not State.REFUSED:
        parts.append(ngettext("{n} change", "{n} changes", item.changes))
    if item.byte_count:
        parts.append(volume(item.byte_count))
    if item.at is not None:
        local = item.at.astimezone(zone)
        parts.append(f"{i18n.day(local.date(), style='medium')} {i18n.clock(local)}")
    return " · ".join(part for part in (*parts, item.confirmed, item.title) if part)


def _leaving_row(one: Leaving | Gone, found: Facts, zone: tzinfo) -> LeavingRow:
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


def _leaving_line(found: Facts, zone: tzinfo) -> str:
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


def _sidebar_line(found: Facts) -> str:
    if not found.waits.count:
        return _("Nothing waits")
    return ngettext("{n} change waits here, encrypted", "{n} changes wait here, encrypted", found.waits.count)


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
