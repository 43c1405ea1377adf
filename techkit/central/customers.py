"""What the office holds of one customer, with what is reckoned from it, in a fixed number of queries."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.db.models import Q

from techkit.central import bundles
from techkit.central.models import Record as Row
from techkit.central.models import User, VisitRow
from techkit.errors import CentralError
from techkit.i18n import _
from techkit.records.activities import Training
from techkit.records.assets import Asset, Contract, DiagnosticRun, Lifecycle
from techkit.records.bundle import whole
from techkit.records.findings import Finding, Verdict
from techkit.records.health import Health, Known, health
from techkit.records.parties import Contact, Customer, Payer, UserSoftware
from techkit.records.schema import Record
from techkit.records.signing import Satisfaction
from techkit.records.success import FollowUp
from techkit.records.visit import Case, Visit

R = TypeVar("R", bound=Record)

#: The newest visits whose answers and trainings count, and those whose checks are read for the end of support.
MOST_VISITS, MOST_CHECKED = 300, 12

#: The check that says how long a system is looked after.
_END_OF_LIFE = "os_end_of_life"

#: Kinds that hang below the customer itself. A visit's own records are found by the visit.
_OWN = (
    "contact", "payer", "site", "asset", "contract", "follow_up", "recommendation", "case",
)  # fmt: skip


#: What counts of its visits beside the visits themselves.
_OF_VISITS = ("satisfaction", "training")


@dataclass(frozen=True, kw_only=True)
class CustomerFile:
    """One customer with all that hangs below it, and below entries that were merged into it. ends: computer -> what its last check said of its system.

    others: entries that were merged into this one, by name. is_all: False where only the newest visits' answers count.
    """

    customer: Customer
    records: tuple[Record, ...]
    software: tuple[UserSoftware, ...]
    ratings: tuple[Satisfaction, ...]
    ends: Mapping[str, Finding]
    health: Health
    others: tuple[Customer, ...]
    is_all: bool

    def of(self, kind: type[R]) -> tuple[R, ...]:
        """Return the records of one kind, without those merged into another."""
        found = (held for held in self.records if isinstance(held, kind))
        return tuple(held for held in found if not getattr(held, "merged_into", None))

    @property
    def payer(self) -> Payer | None:
        """Return who pays, None where nobody is named."""
        return next((p for p in self.of(Payer) if p.id == self.customer.payer_id), None)


def customer_file(user: User, customer_id: str, today: date) -> CustomerFile:
    """Return a customer's file. Raises: CentralError 404 for one unknown or removed."""
    held = Row.objects.filter(org_id=user.org_id, deleted=False)
    wanted = bundles.as_uuid(customer_id)
    found = bundles.decoded(held.filter(entity="customer", entity_id=wanted)) if wanted else ()
    customer = next(iter(found), None)
    if wanted is None or not isinstance(customer, Customer):
        raise CentralError(
            _("There is no such customer here."), status=404, advice=_("Go back to the list of visits.")
        )
    same = bundles.with_merged(user.org_id, wanted)
    records = tuple(bundles.decoded(held.filter(customer_id__in=same, entity__in=_OWN)))
    newest = _newest_visits(user.org_id, same)
    cases = tuple(c for c in records if isinstance(c, Case))
    visits = bundles.decoded(
        held.filter(
            Q(entity_id__in=newest[:MOST_VISITS]) | _of_cases(user.org_id, wanted, cases), entity="visit"
        )
    )
    told = list(bundles.decoded(held.filter(visit_id__in=newest[:MOST_VISITS], entity__in=_OF_VISITS)))
    ratings = tuple(r for r in told if isinstance(r, Satisfaction))
    people = [c.id for c in records if isinstance(c, Contact)]
    software = (
        bundles.decoded(held.filter(entity="user_software", state__contact_id__in=people)) if people else ()
    )
    assets = tuple(a for a in records if isinstance(a, Asset) and not a.merged_into)
    ends = _ends_of_life(held.filter(visit_id__in=newest[:MOST_CHECKED], entity="diagnostic_run"), assets)
    known = Known(
        cases=cases,
        visits=tuple(v for v in visits if isinstance(v, Visit)),
        ratings=ratings,
        follow_ups=tuple(f for f in records if isinstance(f, FollowUp)),
        assets=assets,
        end_of_life=ends,
        trainings=tuple(t for t in told if isinstance(t, Training)),
        contracts=tuple(c for c in records if isinstance(c, Contract)),
    )
    merged = bundles.decoded(held.filter(entity="customer", entity_id__in=same[1:]))
    return CustomerFile(
        customer=customer,
        records=records,
        software=tuple(s for s in software if isinstance(s, UserSoftware)),
        ratings=ratings,
        ends=ends,
        health=health(known, today),
        others=tuple(c for c in merged if isinstance(c, Customer)),
        is_all=len(newest) <= MOST_VISITS,
    )


def _of_cases(org_id: int, customer: uuid.UUID, cases: Iterable[Case]) -> Q:
    """Return which visits say how the cases stand, however old, also those of who was merged into the customer."""
    ids = [case.id for case in cases]
    if not ids:
        return Q(pk__in=())
    return Q(customer_id__in=bundles.family(org_id, customer), state__case_id__in=ids)


def _newest_visits(org_id: int, customers: Iterable[uuid.UUID]) -> list[uuid.UUID]:
    rows = VisitRow.objects.filter(org_id=org_id, customer_id__in=list(customers)).order_by(
        "-started_at", "-id"
    )
    return list(rows.values_list("id", flat=True)[: MOST_VISITS + 1])


def _ends_of_life(rows: Iterable[Row], assets: Iterable[Asset]) -> dict[str, Finding]:
    """Return what the newest check of each computer in use said of its system."""
    in_use = {a.id for a in assets if a.lifecycle is Lifecycle.IN_USE}
    runs = [
        r
        for r in bundles.decoded(rows)
        if isinstance(r, DiagnosticRun) and r.asset_id in in_use and r.started_at
    ]
    runs.sort(key=lambda run: (run.started_at, run.id))
    found: dict[str, Finding] = {}
    for run in reversed(whole(runs)):
        for finding in run.findings:
            if finding.check == _END_OF_LIFE and finding.verdict is not Verdict.NOT_APPLICABLE:
                found.setdefault(run.asset_id, finding)
    return found
