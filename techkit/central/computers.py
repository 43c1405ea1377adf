"""What the office holds of one computer over its visits, in a fixed number of queries."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Q

from techkit.central import bundles
from techkit.central.models import Record as Row
from techkit.central.models import User, VisitRow
from techkit.errors import CentralError
from techkit.i18n import _
from techkit.records.asset_history import AssetEvent, VerdictChange, history, verdict_changes
from techkit.records.assets import Asset, DiagnosticRun, InventorySnapshot
from techkit.records.bundle import VisitBundle, whole
from techkit.records.parties import Contact, Customer, Site
from techkit.records.schema import Record
from techkit.records.success import FollowUp, Recommendation
from techkit.records.trends import Trend, trends
from techkit.records.visit import Visit

R = TypeVar("R", bound=Record)

#: The customer's newest visits among which the computer's are looked for, and the computer's whose readings count.
MOST_VISITS, MOST_READ = 1000, 60

#: Visits on one page of a computer's.
PAGE_SIZE = 8


@dataclass(frozen=True, kw_only=True)
class ComputerVisit:
    """One visit to a computer: all that belongs to it, and what became otherwise at it, verdicts as they came."""

    bundle: VisitBundle
    verdicts: tuple[VerdictChange, ...]
    changes: tuple[AssetEvent, ...]


@dataclass(frozen=True, kw_only=True)
class ComputerFile:
    """One computer with what is known of it. ids: its own and those of records merged into it.

    visits: one page, newest first; next_visit: begins the page after it, "" on the last one. visit_count: at most
    MOST_VISITS. last_run: the newest whole check. is_all: False where readings of the newest visits only were read.
    """

    asset: Asset
    ids: frozenset[str]
    customer: Customer | None
    site: Site | None
    user: Contact | None
    visits: tuple[ComputerVisit, ...]
    next_visit: str
    visit_count: int
    last_run: DiagnosticRun | None
    trends: tuple[Trend, ...]
    follow_ups: tuple[FollowUp, ...]
    advice: tuple[Recommendation, ...]
    is_all: bool


def computer_file(user: User, asset_id: str, begin: str = "") -> ComputerFile:
    """Return a computer's file; begin: the visit the page begins with. Raises: CentralError 404 for one unknown or removed."""
    held = Row.objects.filter(org_id=user.org_id, deleted=False)
    wanted = bundles.as_uuid(asset_id)
    rows = list(held.filter(entity="asset", entity_id=wanted)) if wanted else []
    asset = next(bundles.decoded(rows), None)
    if wanted is None or not isinstance(asset, Asset):
        raise CentralError(
            _("There is no such computer here."), status=404, advice=_("Go back to the list of visits.")
        )
    owner = bundles.as_uuid(asset.customer_id)
    family = bundles.family(user.org_id, owner) if owner else []
    ids = bundles.same_computers(user.org_id, str(wanted), family)
    visits = _visits(user.org_id, family, ids)
    by_id = {visit.id: visit for visit in visits}
    first = next((n for n, visit in enumerate(visits) if visit.id == begin), 0)
    shown = visits[first : first + PAGE_SIZE]
    read = list(dict.fromkeys(v.id for v in (*visits[:MOST_READ], *shown)))
    looked = tuple(
        bundles.decoded(
            held.filter(
                visit_id__in=[uuid.UUID(key) for key in read],
                entity__in=("diagnostic_run", "inventory_snapshot"),
            )
        )
    )
    runs = sorted((r for r in _of(looked, DiagnosticRun) if r.asset_id in ids and r.started_at), key=_begun)
    snapshots = [s for s in _of(looked, InventorySnapshot) if s.asset_id in ids]
    checked = whole(runs)
    around = tuple(bundles.decoded(held.filter(_around(asset, family))))
    return ComputerFile(
        asset=asset,
        ids=ids,
        customer=next((c for c in _of(around, Customer) if c.id == asset.customer_id), None),
        site=next((s for s in _of(around, Site) if s.id == asset.site_id), None),
        user=next((c for c in _of(around, Contact) if c.id == asset.owner_contact), None),
        visits=_pages(user.org_id, shown, verdict_changes(runs), history(snapshots, by_id)),
        next_visit=visits[first + PAGE_SIZE].id if len(visits) > first + PAGE_SIZE else "",
        visit_count=len(visits),
        last_run=checked[-1] if checked else None,
        trends=trends(checked, by_id),
        follow_ups=tuple(f for f in _of(around, FollowUp) if f.asset_id in ids or _alone(f, by_id)),
        advice=tuple(r for r in _of(around, Recommendation) if r.asset_id in ids),
        is_all=len(visits) <= MOST_READ,
    )


def _visits(org_id: int, family: Iterable[uuid.UUID], ids: frozenset[str]) -> list[Visit]:
    """Return the computer's visits, newest first."""
    newest = VisitRow.objects.filter(org_id=org_id, customer_id__in=family).order_by("-started_at", "-id")
    order = list(newest.values_list("id", flat=True)[:MOST_VISITS])
    rows = Row.objects.filter(org_id=org_id, entity="visit", entity_id__in=order, deleted=False)
    place = {str(key): n for n, key in enumerate(order)}
    found = [v for v in bundles.decoded(rows) if isinstance(v, Visit) and ids & set(v.asset_ids)]
    return sorted(found, key=lambda visit: place[visit.id])


def _around(asset: Asset, family: Iterable[uuid.UUID]) -> Q:
    """Return what to look for beside the visits: whose it is, where it stands, what was promised and advised."""
    named = [
        held for held in map(bundles.as_uuid, (asset.customer_id, asset.site_id, asset.owner_contact)) if held
    ]
    return Q(entity__in=("customer", "site", "contact"), entity_id__in=named) | Q(
        entity__in=("follow_up", "recommendation"), customer_id__in=list(family)
    )


def _alone(held: FollowUp, visits: Mapping[str, Visit]) -> bool:
    """Return whether a promise that names no computer was made at a visit to this one alone."""
    visit = visits.get(held.visit_id or "")
    return held.asset_id is None and visit is not None and len(visit.asset_ids) == 1


def _pages(
    org_id: int,
    shown: Iterable[Visit],
    verdicts: Iterable[VerdictChange],
    changes: Iterable[AssetEvent],
) -> tuple[ComputerVisit, ...]:
    shown = list(shown)
    loaded = bundles.load_many(org_id, [uuid.UUID(visit.id) for visit in shown])
    verdicts, changes = list(verdicts), list(changes)
    return tuple(
        ComputerVisit(
            bundle=loaded[uuid.UUID(visit.id)].bundle,
            verdicts=tuple(v for v in reversed(verdicts) if v.visit_id == visit.id),
            changes=tuple(e for e in changes if e.visit_id == visit.id),
        )
        for visit in shown
        if uuid.UUID(visit.id) in loaded
    )


def _of(records: Iterable[Record], kind: type[R]) -> tuple[R, ...]:
    return tuple(held for held in records if isinstance(held, kind))


def _begun(run: DiagnosticRun) -> tuple[float, str]:
    return run.started_at.timestamp() if run.started_at else 0.0, run.id
