"""What Today is made of, read from the store: the running visit, planned ones, promises, this computer, what waits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from techkit.records.assets import Asset
from techkit.records.bundle import VisitBundle
from techkit.records.parties import Contact, Customer, Site
from techkit.records.review import Query
from techkit.records.schema import Record
from techkit.records.success import FollowUp
from techkit.records.visit import Visit, WorkState
from techkit.ui.presenters import this_computer
from techkit.ui.presenters.surroundings import Surroundings
from techkit.ui.presenters.this_computer import ThisComputer

#: Visits shown under "Next".
MOST_VISITS = 20

#: Promises due within so many days are shown, and all that are overdue.
PROMISES_DAYS = 14

R = TypeVar("R", bound=Record)

#: Stands in for the day of a visit that has none.
_EVER = datetime.max.replace(tzinfo=UTC)

_RUNNING = (
    WorkState.ON_SITE,
    WorkState.PAUSED,
    WorkState.TRAVELLING,
    WorkState.WORK_DONE,
    WorkState.SIGNED,
    WorkState.SIGNOFF_WAIVED,
)
_PLANNED = (WorkState.SCHEDULED, WorkState.DRAFT)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the store gave for one refresh.

    asset_id: the computer techkit runs on, "" when it was never met; customer_id: whose it is. waiting: (kind of
    record, how many) of what waits to be sent, of known kinds only; oldest_at: since when.
    """

    running: VisitBundle | None
    planned: tuple[Visit, ...]
    promised: tuple[FollowUp, ...]
    customers: dict[str, Customer]
    sites: dict[str, Site]
    contacts: dict[str, Contact]
    assets: tuple[Asset, ...]
    asset_id: str
    customer_id: str
    asset_visits: int
    open_questions: int
    waiting_count: int
    waiting: tuple[tuple[str, int], ...]
    oldest_at: datetime | None


def read(world: Surroundings, this: ThisComputer, *, sees_all: bool) -> Plan:
    """Return what Today shows now. sees_all: customers beside the one this computer belongs to. Raises: StoreError."""
    store = world.store
    assets = tuple(store.find(Asset))
    asset_id = _recognised(this, assets)
    customer_id = next((a.customer_id for a in assets if a.id == asset_id), "")

    def may_see(record: Visit | FollowUp) -> bool:
        return sees_all or (bool(customer_id) and record.customer_id == customer_id)

    running = [
        visit
        for visit in store.find(Visit, work_state=_RUNNING, order_by="arrived_at", descending=True)
        if may_see(visit) or not customer_id
    ]
    planned = sorted(
        (visit for visit in store.find(Visit, work_state=_PLANNED) if may_see(visit)),
        key=lambda visit: (visit.planned_start_at is None, visit.planned_start_at or _EVER, visit.id),
    )
    until = world.today + timedelta(days=PROMISES_DAYS)
    promised = [
        promise
        for promise in store.find(FollowUp, state="open", order_by="due_on")
        if promise.due_on is not None
        and promise.due_on <= until
        and not promise.is_customers_own
        and may_see(promise)
    ]
    kept = store.setting("visit.running")
    running.sort(key=lambda visit: visit.id != kept)
    bundle = store.bundle(running[0].id) if running else None
    visits = [*planned[:MOST_VISITS], *(running[1:])]
    waits = store.outbox.waits()
    return Plan(
        running=bundle,
        planned=tuple(visits),
        promised=tuple(promised),
        customers=_by_id(
            store.find(
                Customer, id=_ids([*(v.customer_id for v in visits), *(p.customer_id for p in promised)])
            )
        ),
        sites=_by_id(store.find(Site, id=_ids(v.site_id for v in visits))),
        contacts=_by_id(store.find(Contact, id=_ids(v.contact_id for v in visits))),
        assets=assets if sees_all else tuple(a for a in assets if a.customer_id == customer_id),
        asset_id=asset_id,
        customer_id=customer_id,
        asset_visits=sum(asset_id in visit.asset_ids for visit in store.find(Visit, customer_id=customer_id))
        if asset_id
        else 0,
        open_questions=sum(query.state == "open" for query in store.find(Query)),
        waiting_count=waits.count,
        waiting=tuple(store.outbox.waiting_by_kind()),
        oldest_at=waits.oldest_at,
    )


def _recognised(this: ThisComputer, assets: tuple[Asset, ...]) -> str:
    certain = [
        match.id for match in this_computer.matches(this, assets) if match.certainty.value == "certain"
    ]
    return certain[0] if certain else ""


def _ids(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def _by_id(records: Iterable[R]) -> dict[str, R]:
    return {record.id: record for record in records}
