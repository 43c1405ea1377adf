"""A visit with all that belongs to it, from the service's tables.

What flags, charges, the review page and the paper are made of is the same bundle as on the device
(records/bundle.py); only where it is loaded from differs.
"""

from __future__ import annotations

import bisect
import dataclasses
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from techkit.central.models import Record as Row
from techkit.central.models import VisitRow
from techkit.records import catalogue
from techkit.records.bundle import VisitBundle, gather
from techkit.records.encoding import from_document
from techkit.records.schema import Record, is_known
from techkit.records.visit import LabourSegment, Visit

#: Modules whose import declares every kind of record.
DECLARED = catalogue.MODULES

#: What of the customer belongs to each of its visits.
_OF_CUSTOMER = ("site", "contact", "payer", "contract", "asset", "cost_centre", "budget")

#: How far apart two visits can be and still overlap, and how many of one technician are looked at.
_NEAR, _MOST_AROUND = timedelta(days=1), 50


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A bundle, and what a review needs beside it.

    rev: how many operations stand behind the visit and its records. changed_at: when the visit itself
    last changed here. other_labour: times of the same
    technician's other visits around this one, for overlaps. other_visits: the customer's within a day, one of which
    may be this one, entered twice.
    """

    bundle: VisitBundle
    rev: int
    changed_at: datetime
    other_labour: tuple[LabourSegment, ...] = ()
    other_visits: tuple[Visit, ...] = ()


def decoded(rows: Iterable[Row]) -> Iterator[Record]:
    """Return the records of rows; kinds of a newer techkit are passed over."""
    for row in rows:
        if is_known(row.entity):
            yield from_document(row.entity, str(row.entity_id), row.state)


def load(org_id: int, visit_id: str) -> Loaded | None:
    """Return the bundle of a visit, removed records left out; None when there is no such visit."""
    wanted = as_uuid(visit_id)
    return load_many(org_id, [wanted]).get(wanted) if wanted else None


def load_many(org_id: int, visit_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Loaded]:
    """Return the bundles of visits by id, with a fixed number of queries; unknown ones are missing."""
    heads = Row.objects.filter(org_id=org_id, entity="visit", entity_id__in=list(visit_ids))
    visits: dict[uuid.UUID, Visit] = {}
    revs: dict[uuid.UUID, int] = {}
    changed: dict[uuid.UUID, datetime] = {}
    for head in heads:
        visit = from_document("visit", str(head.entity_id), head.state)
        if isinstance(visit, Visit):
            visits[head.entity_id], revs[head.entity_id] = visit, head.rev
            changed[head.entity_id] = head.updated_at
    if not visits:
        return {}
    named = {held for visit in visits.values() if (held := as_uuid(visit.customer_id))}
    removed = removed_customers(org_id, named)
    own: dict[uuid.UUID, list[Record]] = {visit_id: [] for visit_id in visits}
    for row in Row.objects.filter(org_id=org_id, visit_id__in=list(visits), deleted=False):
        if row.visit_id in own:
            own[row.visit_id] += decoded([row])
            revs[row.visit_id] += row.rev
    merged = _merged_into(org_id, named)
    around: dict[uuid.UUID | None, list[Record]] = {}
    by_id: dict[uuid.UUID, list[Record]] = {key: [] for v in visits.values() for key in _named(v)}
    near_by = _around(visits.values(), by_id, [one for gone in merged.values() for one in gone])
    for row in Row.objects.filter(org_id=org_id, deleted=False).filter(near_by):
        above = row.entity_id if row.entity == "customer" else row.customer_id
        found = list(decoded([row]))
        around.setdefault(None if row.entity == "rate_card" else above, []).extend(found)
        if row.entity_id in by_id:
            by_id[row.entity_id] = found
    labour = _labour_around(org_id, visits, own)
    near = _visits_near(org_id, visits)
    return {
        visit_id: Loaded(
            bundle=dataclasses.replace(
                gather(
                    visit,
                    [
                        *own[visit_id],
                        *(
                            held
                            for key in (
                                as_uuid(visit.customer_id),
                                None,
                                *merged.get(as_uuid(visit.customer_id), ()),
                            )
                            for held in around.get(key, ())
                        ),
                        *(held for key in _named(visit) for held in by_id[key]),
                    ],
                ),
                is_customer_removed=as_uuid(visit.customer_id) in removed,
            ),
            rev=revs[visit_id],
            changed_at=changed[visit_id],
            other_labour=labour.get(visit_id, ()),
            other_visits=near.get(visit_id, ()),
        )
        for visit_id, visit in visits.items()
    }


def removed_customers(org_id: int, ids: Iterable[uuid.UUID]) -> frozenset[uuid.UUID]:
    """Return which of these customers were removed, here or on a device."""
    rows = Row.objects.filter(org_id=org_id, entity="customer", entity_id__in=list(ids), deleted=True)
    return frozenset(rows.values_list("entity_id", flat=True))


def visits_around(org_id: int, visits: Iterable[Visit]) -> dict[str, list[uuid.UUID]]:
    """Return, by visit id, the same technician's other visits within a day of it.

    Found among the rows, and among the visits themselves: those that arrive together have no row yet.
    """
    begun = {v.id: v.arrived_at for v in visits if v.arrived_at and v.technician}
    if not begun:
        return {}
    names = {v.id: v.technician for v in visits}
    rows = VisitRow.objects.filter(
        org_id=org_id,
        technician_name__in=sorted(set(names.values())),
        started_at__range=(min(begun.values()) - _NEAR, max(begun.values()) + _NEAR),
    ).values_list("id", "technician_name", "started_at")
    known: dict[uuid.UUID, tuple[str, datetime]] = {held: (name, at) for held, name, at in rows}
    known |= {uuid.UUID(visit_id): (names[visit_id], at) for visit_id, at in begun.items()}
    by_name: dict[str, list[tuple[datetime, uuid.UUID]]] = {}
    for held, (name, at) in known.items():
        by_name.setdefault(name, []).append((at, held))
    return {
        visit_id: [
            held
            for other, held in by_name.get(names[visit_id], ())
            if abs(other - at) <= _NEAR and str(held) != visit_id
        ][:_MOST_AROUND]
        for visit_id, at in begun.items()
    }


def _labour_around(
    org_id: int, visits: Mapping[uuid.UUID, Visit], own: Mapping[uuid.UUID, list[Record]]
) -> dict[uuid.UUID, tuple[LabourSegment, ...]]:
    """Return, by visit, the times of the same technician's other visits around it."""
    timed = [v for held, v in visits.items() if any(isinstance(r, LabourSegment) for r in own[held])]
    near = visits_around(org_id, timed)
    wanted = {held for ids in near.values() for held in ids}
    if not wanted:
        return {}
    rows = Row.objects.filter(org_id=org_id, visit_id__in=wanted, entity="labour_segment", deleted=False)
    segments: dict[uuid.UUID, list[LabourSegment]] = {}
    for held in decoded(rows):
        if isinstance(held, LabourSegment):
            segments.setdefault(uuid.UUID(held.visit_id), []).append(held)
    return {
        uuid.UUID(visit_id): tuple(held for other in ids for held in segments.get(other, ()))
        for visit_id, ids in near.items()
    }


def customers_visits_around(org_id: int, visits: Iterable[Visit]) -> set[uuid.UUID]:
    """Return the visits the same customers have within a day of these: one may be another's, entered twice."""
    return _rows_around(org_id, ((as_uuid(v.customer_id), v.arrived_at) for v in visits))


def rows_around(org_id: int, visit_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Return the same by the rows as they were made last: a visit may have gone to another customer or day since."""
    rows = VisitRow.objects.filter(org_id=org_id, id__in=list(visit_ids))
    return _rows_around(org_id, rows.values_list("customer_id", "started_at"))


def _rows_around(org_id: int, begun: Iterable[tuple[uuid.UUID | None, datetime | None]]) -> set[uuid.UUID]:
    """Return the visits of each customer within a day of a moment. begun: (customer, moment), unknown ones count not."""
    moments: dict[uuid.UUID, list[datetime]] = {}
    for customer, at in begun:
        if customer is not None and at is not None:
            moments.setdefault(customer, []).append(at)
    if not moments:
        return set()
    for times in moments.values():
        times.sort()
    rows = VisitRow.objects.filter(
        org_id=org_id,
        customer_id__in=list(moments),
        started_at__range=(
            min(times[0] for times in moments.values()) - _NEAR,
            max(times[-1] for times in moments.values()) + _NEAR,
        ),
    ).values_list("id", "customer_id", "started_at")
    found = set()
    for key, customer, at in rows:
        times = moments[customer] if customer is not None else []
        place = bisect.bisect_left(times, at - _NEAR)
        if place < len(times) and times[place] <= at + _NEAR:
            found.add(key)
    return found


def _visits_near(org_id: int, visits: Mapping[uuid.UUID, Visit]) -> dict[uuid.UUID, tuple[Visit, ...]]:
    """Return, by visit, the same customer's other visits within a day of it."""
    ids = customers_visits_around(org_id, visits.values()) - set(visits)
    rows = Row.objects.filter(org_id=org_id, entity="visit", entity_id__in=ids, deleted=False) if ids else ()
    by_customer: dict[str, list[Visit]] = {}
    for held in (*visits.values(), *decoded(rows)):
        if isinstance(held, Visit) and held.customer_id and held.arrived_at:
            by_customer.setdefault(held.customer_id, []).append(held)
    return {
        visit_id: tuple(
            other
            for other in by_customer.get(visit.customer_id, ())
            if other.id != visit.id
            and visit.arrived_at
            and other.arrived_at
            and abs(other.arrived_at - visit.arrived_at) <= _NEAR
        )[:_MOST_AROUND]
        for visit_id, visit in visits.items()
    }


def _named(visit: Visit) -> set[uuid.UUID]:
    """Return whom and what a visit names: it may belong to another customer since two were merged."""
    ids = (visit.contact_id, visit.site_id, visit.payer_id, *visit.asset_ids)
    return {held for held in map(as_uuid, ids) if held}


def _around(visits: Iterable[Visit], by_id: Iterable[uuid.UUID], merged: Iterable[uuid.UUID]) -> Q:
    """Return what to look for beside the visits' own records: their customers', what they name, the office's.

    merged: customers that were merged into those of the visits.
    """
    visits = list(visits)
    customers = {held for held in (as_uuid(visit.customer_id) for visit in visits) if held} | {*merged}
    cards = {held for held in (as_uuid(visit.rate_card_id) for visit in visits) if held}
    found = Q(entity="rate_card", entity_id__in=cards)
    found |= Q(entity__in=("contact", "site", "payer", "asset"), entity_id__in=list(by_id))
    if customers:
        found |= Q(entity="customer", entity_id__in=customers)
        found |= Q(customer_id__in=customers, entity__in=_OF_CUSTOMER)
    return found


def family(org_id: int, customer_id: uuid.UUID) -> list[uuid.UUID]:
    """Return a customer and whoever was merged into them or they into, however far; they are one and the same."""
    pairs = [
        (key, as_uuid(into))
        for key, into in Row.objects.filter(
            org_id=org_id, entity="customer", state__merged_into__isnull=False
        ).values_list("entity_id", "state__merged_into")
        if into
    ]
    found = {customer_id}
    while fresh := {one for pair in pairs if found & {*pair} for one in pair if one} - found:
        found |= fresh
    return sorted(found)


def family_of(org_id: int, customer_id: str) -> list[uuid.UUID]:
    """Return `family` of a customer named by a text; nobody for what is no id."""
    wanted = as_uuid(customer_id)
    return family(org_id, wanted) if wanted else []


def with_merged(org_id: int, customer_id: uuid.UUID) -> list[uuid.UUID]:
    """Return a customer and whoever was merged into them, however far; not whom they were merged into themselves."""
    return [customer_id, *_merged_into(org_id, [customer_id])[customer_id]]


def _merged_into(org_id: int, customers: Iterable[uuid.UUID]) -> dict[uuid.UUID | None, list[uuid.UUID]]:
    """Return for each customer whoever was merged into them, however far, in one query."""
    rows = Row.objects.filter(org_id=org_id, entity="customer", state__merged_into__isnull=False)
    pairs = [(key, as_uuid(into)) for key, into in rows.values_list("entity_id", "state__merged_into")]
    gone: dict[uuid.UUID | None, list[uuid.UUID]] = {}
    for customer in customers:
        found = [customer]
        while fresh := [key for key, into in pairs if into in found and key not in found]:
            found += fresh
        gone[customer] = found[1:]
    return gone


def same_computers(org_id: int, asset_id: str, family: Iterable[uuid.UUID]) -> frozenset[str]:
    """Return the ids of a computer's records: its own, those merged into it, the one it was merged into."""
    rows = Row.objects.filter(org_id=org_id, entity="asset", customer_id__in=list(family))
    merged = [{str(key), into} for key, into in rows.values_list("entity_id", "state__merged_into") if into]
    found = {asset_id}
    while fresh := {one for pair in merged if found & pair for one in pair} - found:
        found |= fresh
    return frozenset(found)


def as_uuid(text: str | None) -> uuid.UUID | None:
    """Return the id as the tables hold it; None for an empty or foreign one."""
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None
