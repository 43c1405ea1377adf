"""A visit with all that belongs to it; what flags, charges, the paper and the review page are made of.

A bundle is loaded from the device's store or from the central service; functions of a bundle give
the same answer at both ends.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from techkit.i18n import _
from techkit.records.activities import (
    Activity,
    DataCare,
    InformationLookup,
    Install,
    Maintenance,
    NeedsAnalysis,
    PurchaseAssistance,
    Training,
    Troubleshooting,
    Upgrade,
)
from techkit.records.assets import (
    Asset,
    Contract,
    DiagnosticRun,
    FindingNote,
    InventorySnapshot,
    Phase,
    RateCard,
)
from techkit.records.budget import Allocation, Budget, CostCentre, CostEntry
from techkit.records.findings import in_order
from techkit.records.merged_assets import as_kept, stand_ins
from techkit.records.parties import Contact, Customer, Payer, Site
from techkit.records.review import Comment, Decision, Query
from techkit.records.schema import Record, spec_of
from techkit.records.signing import Satisfaction, Signature, SignatureVoided, SignOffWaiver
from techkit.records.success import FollowUp, Recommendation
from techkit.records.visit import Attachment, Expense, LabourSegment, SupplyUse, Visit

#: The kinds of record that are activities, in the order of the tiles.
ACTIVITY_CLASSES: tuple[type[Activity], ...] = (
    Install,
    Upgrade,
    Training,
    Troubleshooting,
    NeedsAnalysis,
    PurchaseAssistance,
    InformationLookup,
    Maintenance,
    DataCare,
)

#: Records that hang directly below a visit by visit_id, besides the activities.
BELOW_VISIT: tuple[type[Record], ...] = (
    SupplyUse,
    LabourSegment,
    Expense,
    Attachment,
    Signature,
    SignatureVoided,
    SignOffWaiver,
    Satisfaction,
    InventorySnapshot,
    DiagnosticRun,
    FindingNote,
    Allocation,
    CostEntry,
    Query,
    Comment,
    Decision,
    FollowUp,
    Recommendation,
)


@dataclass(frozen=True, kw_only=True)
class VisitBundle:
    """A visit and its records, each group ordered by id, which is the order of making.

    customer, site, contact, payer, contract and rate_card are those the visit names, None where it
    names none or they are not on this device. people, cost_centres and budgets are the customer's.
    is_customer_removed: the customer was known here and is no more; what was done and what it cost stays.
    stand_ins: (id of a customer, computer or place that was merged, id of the visit's that it was merged into).
    """

    visit: Visit
    customer: Customer | None = None
    site: Site | None = None
    contact: Contact | None = None
    payer: Payer | None = None
    contract: Contract | None = None
    rate_card: RateCard | None = None
    assets: tuple[Asset, ...] = ()
    people: tuple[Contact, ...] = ()
    activities: tuple[Activity, ...] = ()
    supplies: tuple[SupplyUse, ...] = ()
    labour: tuple[LabourSegment, ...] = ()
    expenses: tuple[Expense, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    signatures: tuple[Signature, ...] = ()
    voided: tuple[SignatureVoided, ...] = ()
    waivers: tuple[SignOffWaiver, ...] = ()
    satisfaction: tuple[Satisfaction, ...] = ()
    snapshots: tuple[InventorySnapshot, ...] = ()
    runs: tuple[DiagnosticRun, ...] = ()
    notes: tuple[FindingNote, ...] = ()
    allocations: tuple[Allocation, ...] = ()
    cost_entries: tuple[CostEntry, ...] = ()
    queries: tuple[Query, ...] = ()
    comments: tuple[Comment, ...] = ()
    decisions: tuple[Decision, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    cost_centres: tuple[CostCentre, ...] = ()
    budgets: tuple[Budget, ...] = ()
    is_customer_removed: bool = False
    stand_ins: tuple[tuple[str, str], ...] = ()

    @property
    def customer_name(self) -> str:
        """Return who was visited, as lists and pages say it; "" while nobody is named."""
        if self.is_customer_removed:
            return _("Customer removed")
        return self.customer.display_name if self.customer else ""

    def asset(self, asset_id: str | None) -> Asset | None:
        """Return one of the visit's computers by id."""
        return next((a for a in self.assets if a.id == asset_id), None)

    def runs_of(self, asset_id: str, phase: Phase) -> tuple[DiagnosticRun, ...]:
        """Return a computer's runs of one phase, oldest first."""
        return tuple(r for r in self.whole_runs if r.asset_id == asset_id and r.phase is phase)

    @functools.cached_property
    def whole_runs(self) -> tuple[DiagnosticRun, ...]:
        """Return the runs, each with what was learnt later laid over it, oldest first."""
        return whole(self.runs)

    def part_runs(self, asset_id: str) -> tuple[DiagnosticRun, ...]:
        """Return the runs that looked at one part of a computer only, oldest first."""
        return tuple(r for r in self.runs if r.is_part and r.asset_id == asset_id)

    def run(self, asset_id: str, phase: Phase) -> DiagnosticRun | None:
        """Return the run that counts: the first one before the work, the last one after it."""
        found = self.runs_of(asset_id, phase)
        return (found[0] if phase is Phase.BEFORE else found[-1]) if found else None

    def last_run(self, asset_id: str) -> DiagnosticRun | None:
        """Return the run that tells how a computer is now: the one after the work, else the one before it."""
        return self.run(asset_id, Phase.AFTER) or self.run(asset_id, Phase.BEFORE)

    def snapshot(self, asset_id: str, phase: Phase) -> InventorySnapshot | None:
        """Return the inventory that counts: the first one before the work, the last one after."""
        found = [s for s in self.snapshots if s.asset_id == asset_id and s.phase is phase]
        return (found[0] if phase is Phase.BEFORE else found[-1]) if found else None

    def valid_signature(self) -> Signature | None:
        """Return the customer's signature of the current revision that no later change voided."""
        gone = {v.signature_id for v in self.voided}
        for signature in reversed(self.signatures):
            if signature.visit_revision == self.visit.revision and signature.id not in gone:
                return signature
        return None

    def valid_waiver(self) -> SignOffWaiver | None:
        """Return why nobody signed the current revision, None where nothing says so."""
        return next((w for w in reversed(self.waivers) if w.visit_revision == self.visit.revision), None)

    def current_labour(self) -> tuple[LabourSegment, ...]:
        """Return the labour that no later correction supersedes."""
        old = {s.supersedes for s in self.labour if s.supersedes}
        return tuple(s for s in self.labour if s.id not in old)


_SLOT_OF_CLASS: dict[type[Record], str] = {
    Asset: "assets",
    Contact: "people",
    SupplyUse: "supplies",
    LabourSegment: "labour",
    Expense: "expenses",
    Attachment: "attachments",
    Signature: "signatures",
    SignatureVoided: "voided",
    SignOffWaiver: "waivers",
    Satisfaction: "satisfaction",
    InventorySnapshot: "snapshots",
    DiagnosticRun: "runs",
    FindingNote: "notes",
    Allocation: "allocations",
    CostEntry: "cost_entries",
    Query: "queries",
    Comment: "comments",
    Decision: "decisions",
    FollowUp: "follow_ups",
    Recommendation: "recommendations",
    CostCentre: "cost_centres",
    Budget: "budgets",
    **dict.fromkeys(ACTIVITY_CLASSES, "activities"),
}


def whole(runs: Iterable[DiagnosticRun]) -> tuple[DiagnosticRun, ...]:
    """Return runs with their supplements laid over them, in the order given; supplements are no runs of their own.

    What a supplement says about a check replaces all that was said about it; its readings replace those of the same
    id, and one without a value takes the reading of that id and subject out. One whose run is not there stands alone.
    Runs that looked at one part of a computer only are left out: they tell nothing of the rest.
    """
    held = [run for run in runs if not run.is_part]
    there = {run.id for run in held}
    later: dict[str, list[DiagnosticRun]] = {}
    for run in held:
        if run.supplements in there:
            later.setdefault(run.supplements or "", []).append(run)
    return tuple(
        functools.reduce(_laid_over, later.get(run.id, ()), run)
        for run in held
        if run.supplements not in there
    )


def _laid_over(run: DiagnosticRun, later: DiagnosticRun) -> DiagnosticRun:
    ids = {r.id for r in later.readings if r.value is not None}
    gone = {(r.id, r.subject) for r in later.readings if r.value is None}
    checks = {f.check for f in later.findings}
    probes = {p.probe for p in later.probes}
    return dataclasses.replace(
        run,
        # Sentences of two languages are told by nobody: the page judges such a run again in its own.
        language=run.language if run.language == later.language else "",
        readings=(
            *(r for r in run.readings if r.id not in ids and (r.id, r.subject) not in gone),
            *(r for r in later.readings if r.value is not None),
        ),
        findings=tuple(in_order((*(f for f in run.findings if f.check not in checks), *later.findings))),
        probes=(*(p for p in run.probes if p.probe not in probes), *later.probes),
    )


def gather(visit: Visit, records: Iterable[Record], merged: Iterable[tuple[str, str]] = ()) -> VisitBundle:
    """Return the bundle of a visit from loose records in any order; what does not belong is left.

    merged: stand-ins known of before, where the records that were merged are not among these.
    Records with a visit_id of another visit, and what only other customers have, are ignored.
    """
    slots: dict[str, dict[str, Record]] = {}
    single: dict[str, Record] = {}
    wanted = {
        "customer": visit.customer_id,
        "site": visit.site_id,
        "contact": visit.contact_id,
        "payer": visit.payer_id,
        "contract": visit.contract_id,
        "rate_card": visit.rate_card_id,
    }
    loose = tuple(records)
    kept = dict(merged) | stand_ins(visit, loose)
    visit = as_kept(visit, kept)
    for held in (as_kept(one, kept) for one in loose) if kept else loose:
        kind = spec_of(held).kind
        if kind in wanted and held.id == wanted[kind]:
            single[kind] = held
        slot = _SLOT_OF_CLASS.get(type(held))
        if slot is not None and _belongs(held, visit, kept):
            slots.setdefault(slot, {})[held.id] = held
    if "rate_card" not in single and visit.rate_card_id and visit.own_rates:
        single["rate_card"] = visit.own_rates[0].card(visit.rate_card_id)
    ordered = {name: tuple(sorted(found.values(), key=_made)) for name, found in slots.items()}
    empty = VisitBundle(visit=visit, stand_ins=tuple(kept.items()))
    return dataclasses.replace(empty, **single, **ordered)  # type: ignore[arg-type]  # by slot


def _belongs(held: Record, visit: Visit, kept: Mapping[str, str]) -> bool:
    """Return whether a record is part of a visit: what names the visit, and what it names, else what its customer has.

    A visit that was closed stays with the customer on its page when that one is merged into another, while promises,
    advice and computers go over: they are part of it all the same. What the office wrote for an entry that was merged
    stays there, and is its customer's.
    """
    if hasattr(held, "visit_id"):
        return bool(held.visit_id == visit.id)
    if isinstance(held, Asset):
        return held.id in visit.asset_ids
    owner = getattr(held, "customer_id", visit.customer_id)
    return bool(kept.get(owner, owner) == visit.customer_id)


def _made(held: Record) -> str:
    return held.id
