"""All that is held of one customer, read in one go in the store lane."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from techkit.records.activities import Training
from techkit.records.assets import (
    Asset,
    Contract,
    DiagnosticRun,
    Lifecycle,
    RateCard,
)
from techkit.records.budget import Budget, CostCentre
from techkit.records.bundle import whole
from techkit.records.cases import CaseFile, files
from techkit.records.findings import Finding, Verdict
from techkit.records.health import Health, Known, health
from techkit.records.merged_assets import standing
from techkit.records.parties import (
    Contact,
    Customer,
    Payer,
    Site,
    SkillAssessment,
    UserSoftware,
)
from techkit.records.same import Twin, same_contacts, same_customers, words
from techkit.records.signing import Satisfaction
from techkit.records.success import FollowUp, Recommendation, TouchPoint
from techkit.records.visit import Case, Visit
from techkit.store.database import Store
from techkit.ui.presenters import twins
from techkit.ui.presenters.budgets import BudgetLine, budget_lines, told
from techkit.ui.presenters.record_page import when_key
from techkit.ui.presenters.sight import Sight

#: Rows of a section at most; the lists show all.
MOST_VISITS, MOST_COMPUTERS, MOST_ROWS = 8, 12, 30

#: What ends within so many days is seen early.
AHEAD_DAYS = 60

#: Runs read of a computer for what it is like now: the newest, with what was added to it later.
_NEWEST_RUNS = 4


@dataclass(frozen=True, kw_only=True)
class CustomerRecords:
    """A customer with everything that names it; visits newest first.

    merged: of each computer that was merged, by its id, the one that stands.
    """

    customer: Customer
    payer: Payer | None
    sites: tuple[Site, ...]
    people: tuple[Contact, ...]
    software: tuple[UserSoftware, ...]
    judged: tuple[SkillAssessment, ...]
    assets: tuple[Asset, ...]
    merged: dict[str, str]
    visits: tuple[Visit, ...]
    cases: tuple[CaseFile, ...]
    follow_ups: tuple[FollowUp, ...]
    advice: tuple[Recommendation, ...]
    ratings: tuple[Satisfaction, ...]
    touches: tuple[TouchPoint, ...]
    contracts: tuple[Contract, ...]
    rate_cards: dict[str, RateCard]
    budgets: tuple[BudgetLine, ...]
    health: Health
    ends: dict[str, Finding]
    twins: tuple[Twin, ...]
    people_twins: dict[str, tuple[Twin, ...]]

    @property
    def promised(self) -> frozenset[str | None]:
        """The keys of what is promised already, unless it was dropped."""
        return frozenset(f.created_from for f in self.follow_ups if f.state != "dropped")


def read(
    store: Store, sight: Sight, customer_id: str, today: date, technician: str = ""
) -> CustomerRecords | None:
    """Return what is held of a customer and of all that were merged into it; None where it may not be seen here."""
    customer = twins.kept(store, Customer, customer_id)
    if customer is None or not sight.may_see(customer.id):
        return None
    ids = twins.family(store, Customer, customer.id)

    def own(cls: type[Any]) -> tuple[Any, ...]:
        return tuple(store.find(cls, customer_id=ids))

    visits = own(Visit)
    visit_ids = tuple(v.id for v in visits)
    entered = own(Asset)
    assets = tuple(a for a in entered if not a.merged_into)
    people = tuple(c for c in own(Contact) if not c.merged_into)
    software = tuple(store.find(UserSoftware, contact_id=tuple(c.id for c in people))) if people else ()
    follow_ups, contracts = own(FollowUp), own(Contract)
    ratings = tuple(store.find(Satisfaction, visit_id=visit_ids)) if visit_ids else ()
    trainings = tuple(store.find(Training, visit_id=visit_ids)) if visit_ids else ()
    ends = _ends_of_life(store, assets)
    cases = own(Case)
    known = Known(
        cases=cases,
        visits=visits,
        ratings=ratings,
        follow_ups=follow_ups,
        assets=assets,
        end_of_life=ends,
        trainings=trainings,
        contracts=contracts,
    )
    return CustomerRecords(
        customer=customer,
        payer=store.get(Payer, customer.payer_id),
        sites=tuple(s for s in own(Site) if not s.merged_into),
        people=people,
        software=software,
        judged=twins.judged(store, own(Contact)),
        assets=assets,
        merged=standing(entered),
        visits=tuple(sorted(visits, key=when_key, reverse=True)),
        cases=tuple(file for file in files(cases, visits) if file.is_open),
        follow_ups=follow_ups,
        advice=own(Recommendation),
        ratings=ratings,
        touches=own(TouchPoint),
        contracts=contracts,
        rate_cards={c.id: c for c in store.find(RateCard)},
        budgets=budget_lines(
            own(Budget), {c.id: c for c in own(CostCentre)}, {}, today, told(store, technician, ids)
        ),
        health=health(known, today),
        ends=ends,
        twins=_twins(store, sight, customer),
        people_twins={c.id: same_contacts(c, people) for c in people},
    )


def _ends_of_life(store: Store, assets: tuple[Asset, ...]) -> dict[str, Finding]:
    """Return what the last check of each computer in use said of its system."""
    found = {}
    for asset in assets:
        if asset.lifecycle is not Lifecycle.IN_USE:
            continue
        ids = twins.family(store, Asset, asset.id)
        runs = store.find(
            DiagnosticRun, asset_id=ids, order_by="started_at", descending=True, limit=_NEWEST_RUNS
        )
        for finding in next((run.findings for run in whole(runs)), ()):
            if finding.check == "os_end_of_life" and finding.verdict is not Verdict.NOT_APPLICABLE:
                found[asset.id] = finding
    return found


def _twins(store: Store, sight: Sight, customer: Customer) -> tuple[Twin, ...]:
    """Return customers that may be this one; looked for by the words of the name, never among all."""
    if not sight.sees_all:
        return ()
    longest = sorted(words(customer.display_name), key=len)[-2:]
    near = {c.id: c for word in longest for c in store.search(word, [Customer], limit=40)}
    for contact in store.find(Contact, customer_id=customer.id):
        for text in (contact.email, *contact.phones[:2]):
            for held in store.search(text, [Contact], limit=10) if text.strip() else ():
                owner = store.get(Customer, getattr(held, "customer_id", ""))
                if owner is not None:
                    near[owner.id] = owner
    others = [
        c for c in near.values() if isinstance(c, Customer) and c.id != customer.id and not c.merged_into
    ]
    if not others:
        return ()
    both = (customer.id, *(c.id for c in others))
    return same_customers(
        customer, others, store.find(Contact, customer_id=both), store.find(Site, customer_id=both)
    )
