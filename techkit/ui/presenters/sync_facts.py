"""What the sync panel is made of: what the store holds that waits or arrived, and how the exchange goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from techkit.errors import TechkitError
from techkit.records.parties import Customer
from techkit.records.review import Query
from techkit.records.schema import Record, is_known, spec_for
from techkit.records.visit import Visit
from techkit.store.away import Gone, Leaving
from techkit.store.database import Store
from techkit.store.outbox import Waits
from techkit.sync import queue
from techkit.sync.client import Client
from techkit.sync.progress import Progress, SyncResult
from techkit.sync.queue import Queue, State
from techkit.ui.presenters import disputes


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What one look into the store and at the line to the office gives."""

    is_enrolled: bool
    device_id: str
    interval_s: float
    waits: Waits
    files_bytes: int
    queue: Queue
    refused_count: int
    leaving: tuple[Leaving, ...]
    gone: tuple[Gone, ...]
    customers: Mapping[str, str]
    disputes: tuple[disputes.Found, ...]
    queries: tuple[tuple[Query, Visit | None, Record | None], ...]
    is_paused: bool
    clock_offset_ms: int
    silent_days: int


@dataclass(frozen=True, kw_only=True)
class Course:
    """How the exchange with the office goes in this session.

    progress: of the sync under way, None between two. result: of the last one that ended well. failure: why the last
    attempt did not. enrol_failure: why the office did not let this device in. recent: (kind, words, time of day) of
    the last attempts, the latest first.
    """

    progress: Progress | None = None
    result: SyncResult | None = None
    failure: TechkitError | None = None
    enrol_failure: TechkitError | None = None
    recent: tuple[tuple[str, str, str], ...] = ()


def look_up(store: Store, client: Client, *, is_sending: bool) -> Facts:
    """Look up all that the panel shows; in the store lane. is_sending: a sync is under way."""
    found_queue = queue.look_up(store, is_sending=is_sending)
    leaving, gone = tuple(store.away.leaving()), tuple(store.away.gone())
    asked = store.find(Query, state=["open", "answered"], order_by="asked_at", descending=True, limit=50)
    return Facts(
        is_enrolled=client.is_enrolled,
        device_id=store.device.id,
        interval_s=float(store.setting("sync.interval_s")),
        waits=store.outbox.waits(),
        files_bytes=store.attachments.unsent_bytes(),
        queue=found_queue,
        refused_count=sum(item.state is State.REFUSED for item in found_queue.items),
        leaving=leaving,
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
        clock_offset_ms=client.clock_offset_ms,
        silent_days=client.silent_days,
    )


def _about(store: Store, query: Query) -> Record | None:
    is_held = query.about_id and is_known(query.about_kind)
    return store.get(spec_for(query.about_kind).cls, query.about_id) if is_held else None
