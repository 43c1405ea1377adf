"""A visit with all that belongs to it, from the service's tables.

What flags, charges, the review page and the paper are made of is the same bundle as on the device
(records/bundle.py); only where it is loaded from differs.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from techkit.central.models import Record as Row
from techkit.central.models import VisitRow
from techkit.records import catalogue
from techkit.records.bundle import VisitBundle, gather
from techkit.records.schema import Record, from_document, is_known
from techkit.records.visit import LabourSegment, Visit

#: Modules whose import declares every kind of record.
DECLARED = catalogue.MODULES

#: What of the customer belongs to each of its visits.
_OF_CUSTOMER = ("site", "contact", "payer", "contract", "asset", "cost_centre", "budget")

#: How far apart two visits can be and still overlap, and how many of one technician are looked at.
_NEAR, _MOST_AROUND = timedelta(days=1), 50

#: What belongs to the whole organisation.
_OF_TENANT = ("rate_card",)


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A bundle, and what a review needs beside it.

    rev: how many operations stand behind the visit and its records. other_labour: times of the same
    technician's other visits around this one, for overlaps.
    """

    bundle: VisitBundle
    rev: int
    other_labour: tuple[LabourSegment, ...] = ()


def decoded(rows: Iterable[Row]) -> Iterator[Record]:
    """Return the records of rows; kinds of a newer techkit are passed over."""
    for row in rows:
        if is_known(row.entity):
            yield from_document(row.entity, str(row.entity_id), row.state)


def load(org_id: int, visit_id: str) -> Loaded | None:
    """Return the bundle of a visit, removed records left out; None when there is no such visit."""
    try:
        wanted = uuid.UUID(visit_id)
    except ValueError:
        return None
    head = Row.objects.filter(org_id=org_id, entity="visit", entity_id=wanted).first()
    if head is None:
        return None
    visit = from_document("visit", visit_id, head.state)
    if not isinstance(visit, Visit):
        return None
    own = list(Row.objects.filter(org_id=org_id, visit_id=wanted, deleted=False))
    around = Row.objects.filter(org_id=org_id, deleted=False).filter(_around(visit))
    rev = head.rev + sum(row.rev for row in own)
    bundle = gather(visit, decoded([*own, *around]))
    return Loaded(bundle=bundle, rev=rev, other_labour=_other_labour(org_id, bundle))


def visits_around(org_id: int, visit: Visit) -> list[uuid.UUID]:
    """Return the ids of the same technician's other visits within a day of this one."""
    begun = visit.arrived_at
    if begun is None or not visit.technician:
        return []
    rows = VisitRow.objects.filter(
        org_id=org_id, technician_name=visit.technician, started_at__range=(begun - _NEAR, begun + _NEAR)
    )
    return list(rows.exclude(id=uuid.UUID(visit.id)).values_list("id", flat=True)[:_MOST_AROUND])


def _other_labour(org_id: int, bundle: VisitBundle) -> tuple[LabourSegment, ...]:
    near = visits_around(org_id, bundle.visit)
    if not near:
        return ()
    rows = Row.objects.filter(org_id=org_id, visit_id__in=near, entity="labour_segment", deleted=False)
    return tuple(held for held in decoded(rows) if isinstance(held, LabourSegment))


def _around(visit: Visit) -> Q:
    """Return what to look for beside the visit's own records: its customer's and the office's."""
    found = Q(entity__in=_OF_TENANT)
    customer_id = as_uuid(visit.customer_id)
    if customer_id is not None:
        found |= Q(entity="customer", entity_id=customer_id)
        found |= Q(customer_id=customer_id, entity__in=_OF_CUSTOMER)
    return found


def as_uuid(text: str | None) -> uuid.UUID | None:
    """Return the id as the tables hold it; None for an empty or foreign one."""
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None
