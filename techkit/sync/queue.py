"""What waits, arrived or was refused, by visit, entry and file: each with its state, in the order it goes.

Changes below a visit count as the visit's. A file stands by itself, because it goes by itself. Only what
the service named in a receipt counts as confirmed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from techkit.errors import StoreError
from techkit.records.identity import hlc_time
from techkit.records.schema import Record, is_known, spec_for, spec_of
from techkit.records.visit import Attachment, Visit
from techkit.records.wording import format_value, summary_line
from techkit.store.database import Store
from techkit.store.outbox import Refusal
from techkit.sync.delivery import delivery

#: What was confirmed so recently is still listed; so many of them at most.
RECENT = timedelta(hours=12)
_RECENT_SHOWN = 8

#: So many entries are looked up by name; beyond them the list says how many more there are.
NAMED = 100

_CHUNK = 400


class State(StrEnum):
    """How far one thing is. What waits is being sent while a sync is under way."""

    WAITING = "waiting"
    SENDING = "sending"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing of the queue.

    id: of the record, of the file's record, or of the refused operation. kind: of record; record: it, None
    where it is not here. changes: how many wait or, for what is confirmed, arrived. at: when it was written last,
    or confirmed. title, advice: of a refusal, why and what to do. confirmed: in words what of a visit arrived.
    """

    id: str
    kind: str
    state: State
    record: Record | None = None
    visit: Visit | None = None
    changes: int = 0
    byte_count: int = 0
    share: float = 0.0
    at: datetime | None = None
    title: str = ""
    advice: str = ""
    confirmed: str = ""

    @property
    def record_words(self) -> str:
        """Return the record's own words, a visit's with its number; "" where it is not here."""
        record = self.record
        if isinstance(record, Visit):
            purpose = record.purpose.splitlines()[0] if record.purpose else ""
            return f"{record.number} {purpose}".strip()
        if record is None:
            return ""
        if isinstance(record, Attachment):
            return record.caption or record.name or self._purpose(record)
        return str(getattr(record, "title", "")) or summary_line(record)

    def _purpose(self, held: Attachment) -> str:
        """Return what a file without a caption or a name is for, with the number of its visit."""
        purpose = format_value(spec_of(held).field("purpose"), held.purpose)
        return f"{purpose} {self.visit.number}".strip() if self.visit is not None else purpose


@dataclass(frozen=True, kw_only=True)
class Queue:
    """All items in order: refused ones, what waits, files, what was confirmed lately. more: how many are not named."""

    items: tuple[Item, ...] = ()
    more: int = 0


@dataclass
class _Group:
    """Changes of one visit or one record that wait."""

    kind: str
    record_id: str
    changes: int = 0
    byte_count: int = 0
    at_s: int = 0


def look_up(store: Store, *, is_sending: bool = False) -> Queue:
    """Return the queue as it is now."""
    refused = [_refused(store, one) for one in store.outbox.refused()]
    groups = _waiting(store)
    waiting = [_named(store, group, is_sending=is_sending) for group in groups[:NAMED]]
    files = _files(store, is_sending=is_sending and not groups)
    busy = {item.id for item in waiting} | {item.visit.id for item in files if item.visit is not None}
    return Queue(
        items=(*refused, *waiting, *files[:NAMED], *_confirmed(store, busy)),
        more=max(0, len(groups) - NAMED) + max(0, len(files) - NAMED),
    )


def _refused(store: Store, one: Refusal) -> Item:
    op = one.operation
    record = store.get_even_removed(spec_for(op.entity).cls, op.record_id) if is_known(op.entity) else None
    return Item(
        id=op.op_id,
        kind=op.entity,
        state=State.REFUSED,
        record=record,
        visit=_visit_of(store, record),
        changes=1,
        at=hlc_time(op.hlc),
        title=one.title,
        advice=one.advice,
    )


def _waiting(store: Store) -> list[_Group]:
    """Return what waits, by visit or record, in the order it goes."""
    rows = store.outbox.waiting_by_record()
    visit_of = _visits_of(store, ((row.entity, row.record_id) for row in rows))
    groups: dict[str, _Group] = {}
    for row in rows:
        visit_id = visit_of.get(row.record_id, "")
        kind = "visit" if visit_id else row.entity
        group = groups.setdefault(visit_id or row.record_id, _Group(kind, visit_id or row.record_id))
        group.changes += row.changes
        group.byte_count += row.byte_count
        group.at_s = max(group.at_s, row.at_s)
    return list(groups.values())


def _visits_of(store: Store, records: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the visit each record belongs to, itself for a visit; those of none are missing."""
    found: dict[str, str] = {}
    by_kind: dict[str, list[str]] = {}
    for kind, record_id in records:
        if kind == "visit":
            found[record_id] = record_id
        elif kind in store.tables and store.tables[kind].spec.owner == "visit_id":
            by_kind.setdefault(kind, []).append(record_id)
    for kind, ids in by_kind.items():
        for start in range(0, len(ids), _CHUNK):
            part = ids[start : start + _CHUNK]
            for held in store.find(spec_for(kind).cls, with_removed=True, id=part):
                found[held.id] = str(getattr(held, "visit_id", "") or "")
    return {record_id: visit_id for record_id, visit_id in found.items() if visit_id}


def _named(store: Store, group: _Group, *, is_sending: bool) -> Item:
    record = (
        store.get_even_removed(spec_for(group.kind).cls, group.record_id) if is_known(group.kind) else None
    )
    return Item(
        id=group.record_id,
        kind=group.kind,
        state=State.SENDING if is_sending else State.WAITING,
        record=record,
        visit=record if isinstance(record, Visit) else None,
        changes=group.changes,
        byte_count=group.byte_count,
        at=datetime.fromtimestamp(group.at_s, UTC),
    )


def _files(store: Store, *, is_sending: bool) -> list[Item]:
    """Return the files the service does not hold whole, in the order they go."""
    files = store.attachments.unsent()
    named = {held.sha256: held for held in store.find(Attachment, sha256=[one.sha256 for one in files])}
    items = []
    for place, stored in enumerate(files):
        record = named.get(stored.sha256)
        share = stored.sent_bytes / stored.byte_count if stored.byte_count else 0.0
        items.append(
            Item(
                id=record.id if record is not None else stored.sha256,
                kind="attachment",
                state=State.SENDING if is_sending and place == 0 else State.WAITING,
                record=record,
                visit=_visit_of(store, record),
                byte_count=stored.byte_count,
                share=share,
            )
        )
    return items


def _confirmed(store: Store, busy: set[str]) -> list[Item]:
    """Return what was confirmed lately and of which nothing waits: visits, then the rest, the last one first."""
    newest = store.outbox.confirmed_by_record(RECENT)
    visit_of = _visits_of(store, ((row.entity, row.record_id) for row in newest))
    groups: dict[str, _Group] = {}
    for row in newest:
        visit_id = visit_of.get(row.record_id, "")
        key = visit_id or row.record_id
        group = groups.setdefault(key, _Group("visit" if visit_id else row.entity, key))
        group.changes += row.changes
        group.at_s = max(group.at_s, row.at_s)
    items = []
    for group in sorted(groups.values(), key=lambda one: (one.kind != "visit", -one.at_s)):
        if group.record_id in busy or not is_known(group.kind):
            continue
        record = store.get_even_removed(spec_for(group.kind).cls, group.record_id)
        if record is None:
            continue
        items.append(
            Item(
                id=group.record_id,
                kind=group.kind,
                state=State.CONFIRMED,
                record=record,
                visit=record if isinstance(record, Visit) else None,
                changes=group.changes,
                share=1.0,
                at=datetime.fromtimestamp(group.at_s, UTC),
                confirmed=_delivered(store, record),
            )
        )
        if len(items) == _RECENT_SHOWN:
            break
    return items


def _delivered(store: Store, record: Record) -> str:
    if not isinstance(record, Visit):
        return ""
    try:
        return delivery(store, record.id).sentence
    except StoreError:
        return ""  # it was removed


def _visit_of(store: Store, record: Record | None) -> Visit | None:
    if isinstance(record, Visit):
        return record
    return store.get(Visit, str(getattr(record, "visit_id", "") or ""))
