"""What else the store knows that a visit's screens need, read once when the visit is opened."""

from __future__ import annotations

from dataclasses import dataclass, field

from techkit.i18n import _
from techkit.records.assets import Asset, Contract, DiagnosticRun, Product, Rate, RateCard
from techkit.records.bundle import VisitBundle, whole
from techkit.records.cases import CaseFile, files
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer, Payer, SkillAssessment, UserSoftware
from techkit.records.review import Query
from techkit.records.success import FollowUp, Recommendation
from techkit.records.visit import Case, LabourSegment, Visit
from techkit.store.database import Store
from techkit.ui.presenters import visit_typing
from techkit.ui.presenters.surroundings import Surroundings
from techkit.ui.presenters.twins import family, judged
from techkit.ui.presenters.unbooked import Unbooked, unbooked

#: So many earlier visits of a customer are looked at for history.
EARLIER_VISITS = 10


@dataclass(frozen=True, kw_only=True)
class Known:
    """What else the store knows that a visit's screens need; read once when the visit is opened.

    earlier_visits: newest first. own_rates: what the technician set, for as long as the office has sent no
    rates. cases: the customer's, with their visits. promises: the customer's open follow-ups of other visits. advice:
    that of other visits which is not done. unbooked: what those took and the office has not booked yet.
    plan: the check to start with. step: where the visit was left when the program ended, "" at its end.
    typed: (place, field, text) typed and not entered when the program
    ended. earlier_runs: asset id → runs of earlier visits, oldest first. other_labour: of other visits.
    """

    payers: tuple[Payer, ...] = ()
    contracts: tuple[Contract, ...] = ()
    rate_cards: tuple[RateCard, ...] = ()
    products: tuple[Product, ...] = ()
    software: tuple[UserSoftware, ...] = ()
    judged: tuple[SkillAssessment, ...] = ()
    assets: tuple[Asset, ...] = ()
    earlier_visits: tuple[Visit, ...] = ()
    promises: tuple[FollowUp, ...] = ()
    advice: tuple[Recommendation, ...] = ()
    cases: tuple[CaseFile, ...] = ()
    unbooked: Unbooked = field(default_factory=Unbooked)
    queries: tuple[Query, ...] = ()
    earlier_runs: dict[str, tuple[DiagnosticRun, ...]] = field(default_factory=dict)
    other_labour: tuple[LabourSegment, ...] = ()
    not_our_work: frozenset[str] = frozenset()
    set_aside: frozenset[str] = frozenset()
    own_rates: RateCard | None = None
    plan: str = "standard"
    step: str = ""
    typed: tuple[tuple[str, str, str], ...] = ()
    device_id: str = ""


def look_up(around: Surroundings, bundle: VisitBundle) -> Known:
    """Return what the store knows beside a visit; in the store lane."""
    store, visit = around.store, bundle.visit
    customer_id = visit.customer_id
    customers = family(store, Customer, customer_id)
    earlier = [
        v
        for v in store.find(
            Visit,
            customer_id=customers,
            order_by="arrived_at",
            descending=True,
            limit=EARLIER_VISITS + 1,
        )
        if v.id != visit.id
    ]
    runs: dict[str, tuple[DiagnosticRun, ...]] = {}
    for asset_id in visit.asset_ids:
        held = store.find(DiagnosticRun, asset_id=family(store, Asset, asset_id), order_by="started_at")
        runs[asset_id] = whole(r for r in held if r.visit_id != visit.id)
    contacts = store.find(Contact, customer_id=customer_id)
    promises = store.find(FollowUp, customer_id=customer_id, state="open", order_by="due_on")
    mine = f"{visit.id}|"
    set_aside = frozenset(
        k.removeprefix(mine) for k in store.setting("drafts.set_aside") if k.startswith(mine)
    )
    return Known(
        payers=_payers(store, bundle.customer),
        contracts=tuple(store.find(Contract, customer_id=customers)),
        rate_cards=tuple(store.find(RateCard)),
        products=tuple(store.find(Product, order_by="name")),
        software=tuple(store.find(UserSoftware, contact_id=[c.id for c in contacts])) if contacts else (),
        judged=judged(store, contacts),
        assets=tuple(store.find(Asset, customer_id=customer_id)),
        earlier_visits=tuple(earlier[:EARLIER_VISITS]),
        promises=tuple(p for p in promises if p.visit_id != visit.id),
        advice=tuple(
            r for r in store.find(Recommendation, customer_id=customer_id) if r.visit_id != visit.id and r.state != "done"
        ),
        cases=_cases(store, customers, visit),
        unbooked=unbooked(store, visit, around.today),
        earlier_runs=runs,
        other_labour=tuple(
            s for s in store.find(LabourSegment, technician=around.technician, order_by="id", descending=True, limit=200)
            if s.visit_id != visit.id
        ),
        not_our_work=frozenset(store.setting("drafts.not_our_work")),
        set_aside=set_aside,
        own_rates=_own_rates(around),
        plan=str(store.setting("diagnostics.plan")),
        step=_kept_step(store.setting("visit.step"), visit.id),
        typed=visit_typing.kept(store, visit.id),
        device_id=store.device.id,
    )  # fmt: skip


def _cases(store: Store, customer_ids: tuple[str, ...], visit: Visit) -> tuple[CaseFile, ...]:
    """Return the cases of a visit's customer, of all that were merged into it too, and the visit's own case."""
    found = {c.id: c for c in store.find(Case, customer_id=customer_ids)} if visit.customer_id else {}
    own = store.get(Case, visit.case_id)
    if own is not None:
        found[own.id] = own
    return files(found.values(), store.find(Visit, case_id=tuple(found)) if found else ())


def _kept_step(kept: tuple[str, ...], visit_id: str) -> str:
    return kept[1] if len(kept) == 2 and kept[0] == visit_id else ""


def _own_rates(around: Surroundings) -> RateCard | None:
    """Return the rates of the settings as a card, not written yet; None where no rate was set."""
    setting = around.store.setting
    if not setting("rates.hourly_minor") and not setting("rates.travel_flat_minor"):
        return None
    rate = Rate(
        labour="work",
        hourly_minor=setting("rates.hourly_minor"),
        minimum_minutes=setting("rates.minimum_min"),
        increment_minutes=setting("rates.increment_min"),
    )
    return RateCard(
        id=new_id(),
        name=_("Own rates of {name}", name=around.technician),
        currency=setting("currency"),
        rates=(rate,),
        travel_flat_minor=setting("rates.travel_flat_minor"),
    )


def _payers(store: Store, customer: Customer | None) -> tuple[Payer, ...]:
    """Return who may pay for a customer: their payers, and the one they name, whoever's that is."""
    if customer is None:
        return ()
    held = store.find(Payer, customer_id=customer.id)
    named = store.get(Payer, customer.payer_id) if customer.payer_id else None
    return (*held, *((named,) if named is not None and named.id not in {p.id for p in held} else ()))
