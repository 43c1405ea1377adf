"""Invented visits for the service's tests and pictures: people, computers and firms that do not exist.

Each function returns the records of one visit as a device would send them, in an order that keeps parents
before children.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace as with_changes
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from techkit.records.activities import (
    InformationLookup,
    Install,
    Maintenance,
    MaintenanceAction,
    NeedsAnalysis,
    Origin,
    Proof,
    Source,
    Training,
    Troubleshooting,
    Upgrade,
    UpgradeKind,
)
from techkit.records.assets import (
    Asset,
    Contract,
    DiagnosticRun,
    InventorySnapshot,
    LabourKind,
    Phase,
    Rate,
    RateCard,
)
from techkit.records.budget import Allocation, Budget, CostCentre
from techkit.records.bundle import gather
from techkit.records.findings import Area, Complaint, Evidence, Finding, Verdict
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer, CustomerKind, Engagement, Payer, Site
from techkit.records.proofs import check_key
from techkit.records.schema import Record, replace
from techkit.records.signing import Satisfaction, Signature, SignOffWaiver, WaiverReason
from techkit.records.success import (
    Department,
    FollowUp,
    FollowUpReason,
    Recommendation,
    RecommendationKind,
)
from techkit.records.visit import Consent, LabourSegment, Outcome, SupplyUse, Visit, WorkState
from techkit.summary.document import build

ZONE = "Europe/Berlin"
#: Fixed, so that figures in tests stay put: a Monday in November, 09:10 UTC.
ARRIVAL = datetime(2026, 11, 23, 9, 10, tzinfo=UTC)

RATES = RateCard(
    id="0193a000-0000-7000-8000-0000000000aa",
    name="Private customers",
    rates=(Rate(labour="work", hourly_minor=6800, minimum_minutes=60, increment_minutes=15),),
    travel_flat_minor=1800,
    is_default=True,
)
CONTRACT_RATES = RateCard(
    id="0193a000-0000-7000-8000-0000000000ab",
    name="Contract customers",
    rates=(Rate(labour="work", hourly_minor=6800, increment_minutes=15),),
    travel_flat_minor=2500,
)


def finding(check: str, title: str, area: Area, verdict: Verdict, text: str, **more: Any) -> Finding:
    """Return a finding as a check would word it."""
    return Finding(check=check, title=title, area=area, verdict=verdict, value_text=text, **more)


def _slow_before() -> tuple[Finding, ...]:
    return (
        finding(
            "disk_space", "Free disk space", Area.STORAGE, Verdict.ACT, "2.1\u00a0GB (0.9\u00a0%)",
            value=0.9, unit="percent", higher_is_better=True, tolerance=0.5, scale_max=100.0, subject="C:",
            sentence="Only 2.1\u00a0GB of 237.9\u00a0GB are free; the limit is 5\u00a0%.",
            customer_sentence="The disk is almost full.", limit_text="5\u00a0%", source="volume C:",
            evidence=(Evidence(label="Free", value="2.1\u00a0GB", limit="11.9\u00a0GB", verdict=Verdict.ACT),),
        ),
        finding(
            "startup_programs", "Programs started at sign-in", Area.OPERATING_SYSTEM, Verdict.WATCH, "23",
            value=23, unit="count", higher_is_better=False, tolerance=0.5, scale_max=30.0,
            sentence="23 programs start at sign-in.", customer_sentence="Many programs start by themselves.",
        ),
        finding("disk_health", "Disk health", Area.STORAGE, Verdict.OK, "good", sentence="No sign of wear."),
        finding(
            "battery_health", "Battery health", Area.POWER, Verdict.WATCH, "71\u00a0%", value=71, unit="percent",
            higher_is_better=True, tolerance=1.0, scale_max=100.0,
            sentence="The battery holds 71\u00a0% of what it held when new.",
            customer_sentence="The battery lasts shorter than when it was new.",
        ),
        finding(
            "last_backup", "Last backup", Area.BACKUP, Verdict.ACT, "never",
            sentence="No backup was ever made.", customer_sentence="Nothing is backed up yet.",
        ),
    )  # fmt: skip


def _slow_after() -> tuple[Finding, ...]:
    disk, programs, *rest = _slow_before()
    return (
        with_changes(
            disk, verdict=Verdict.OK, value=25.8, value_text="61.4\u00a0GB (25.8\u00a0%)",
            sentence="61.4\u00a0GB of 237.9\u00a0GB are free.", customer_sentence="There is room again.",
        ),
        with_changes(
            programs, verdict=Verdict.OK, value=9, value_text="9", sentence="9 programs start at sign-in."
        ),
        *rest,
    )  # fmt: skip


def run(
    visit_id: str, asset_id: str, phase: Phase, findings: tuple[Finding, ...], at: datetime
) -> DiagnosticRun:
    """Return a check of a computer."""
    return DiagnosticRun(
        id=new_id(), visit_id=visit_id, asset_id=asset_id, phase=phase, started_at=at,
        ended_at=at + timedelta(seconds=41), findings=findings, program_version="0.1.0",
    )  # fmt: skip


def labour(visit_id: str, start: datetime, minutes: int, technician: str) -> LabourSegment:
    """Return a stretch of work."""
    return LabourSegment(
        id=new_id(), visit_id=visit_id, technician=technician, kind=LabourKind.WORK, started_at=start,
        ended_at=start + timedelta(minutes=minutes), elapsed_s=minutes * 60, utc_offset_minutes=60,
    )  # fmt: skip


def signature(visit: Visit, signer: str, at: datetime) -> Signature:
    """Return a drawn signature on the page of the visit's revision."""
    return Signature(
        id=new_id(), visit_id=visit.id, visit_revision=visit.revision, signer=signer, signed_at=at,
        content_hash=hashlib.sha256(visit.number.encode()).hexdigest(), language="en",
    )  # fmt: skip


def sealed(records: list[Record]) -> list[Record]:
    """Bind the signatures among a visit's records to the page that is made from them."""
    visit = next(held for held in records if isinstance(held, Visit))
    shown = build(gather(visit, records), language="en").content_hash
    return [replace(held, content_hash=shown) if isinstance(held, Signature) else held for held in records]


def slow_computer(**visit_fields: Any) -> list[Record]:
    """Return the visit of the slow computer at home (O1): clean, signed, with a promise."""
    customer = Customer(
        id=new_id(), number="C-4711", display_name="Odalys Brandt", has_large_print=True,
        engagement=Engagement.ONE_TIME, kind=CustomerKind.INDIVIDUAL,
    )  # fmt: skip
    payer = Payer(
        id=new_id(),
        customer_id=customer.id,
        name="Teodor Brandt",
        billing_address="Lindengasse 8, 79100 Musterstadt",
    )
    person = Contact(id=new_id(), customer_id=customer.id, given_name="Odalys", family_name="Brandt", skill=2)
    site = Site(id=new_id(), customer_id=customer.id, name="Home", street="Ahornweg 3", town="Musterstadt")
    asset = Asset(
        id=new_id(), customer_id=customer.id, site_id=site.id, name="Brandt-Laptop", maker="Contoso",
        model="Notebook 14", serial="XK-2231-9QF", os_name="Windows 11 25H2",
    )  # fmt: skip
    visit = Visit(
        id=new_id(), number="TK07-2026-0001", customer_id=customer.id, site_id=site.id, contact_id=person.id,
        asset_ids=(asset.id,), technician="Ines Okafor", provider="Nordlicht Computerhilfe",
        purpose="Computer is very slow", complaint=Complaint.SLOW, payer_id=payer.id, rate_card_id=RATES.id,
        consent=Consent.GIVEN, consent_at=ARRIVAL, work_state=WorkState.SUBMITTED, arrived_at=ARRIVAL,
        left_at=ARRIVAL + timedelta(minutes=75), outcome=Outcome.RESOLVED,
        **{"time_zone": ZONE, "utc_offset_minutes": 60, **visit_fields},
        summary_for_customer="Your computer has room again and starts faster.",
        internal_note="Router password is the factory one; tell sales.",
    )  # fmt: skip
    before = run(visit.id, asset.id, Phase.BEFORE, _slow_before(), ARRIVAL + timedelta(minutes=4))
    after = run(visit.id, asset.id, Phase.AFTER, _slow_after(), ARRIVAL + timedelta(minutes=65))
    trouble = Troubleshooting(
        id=new_id(), visit_id=visit.id, asset_id=asset.id, title="Slow, freezes with photos",
        note_customer="We moved 59.3 GB of videos to your external disk and removed start entries you do not use.",
        symptom="slow, freezes with photos", cause="disk full; many programs at sign-in",
        resolution="moved 59.3 GB of videos to her external disk with her, removed start entries she didn't use",
        is_fixed=True, minutes=45,
        evidence=(
            Proof(source="reading", subject="Free disk space (C:)", before="2.1\u00a0GB (0.9\u00a0%)", after="61.4\u00a0GB (25.8\u00a0%)",
                  snapshot_before=before.id, snapshot_after=after.id, draft_key=check_key(asset.id, "disk_space", "C:")),
        ),
    )  # fmt: skip
    lookup = InformationLookup(
        id=new_id(), visit_id=visit.id, title="Is the pop-up about a virus real?",
        question="Is the pop-up about a virus real?",
        answer="No. It is a web page that asks for money; closing the tab is enough.",
        sources=(Source(title="Federal office for IT security: fake warnings", checked_on=date(2026, 11, 23)),),
        minutes=15,
    )  # fmt: skip
    kit = SupplyUse(id=new_id(), visit_id=visit.id, name="Microfibre cleaning kit", unit_price_minor=690)
    advice = Recommendation(
        id=new_id(), customer_id=customer.id, visit_id=visit.id, asset_id=asset.id, kind=RecommendationKind.BACKUP,
        text="Set up a backup to the external disk", why="Last backup: never",
    )  # fmt: skip
    promise = FollowUp(
        id=new_id(), customer_id=customer.id, visit_id=visit.id, text="Call: did the backup run?",
        department=Department.SUCCESS, reason=FollowUpReason.RECOMMENDATION, due_on=date(2026, 12, 7),
        reason_text="Last backup: never",
    )  # fmt: skip
    rated = Satisfaction(
        id=new_id(), visit_id=visit.id, rating=5, given_by="Odalys Brandt", was_given_alone=True
    )
    return sealed([
        RATES, customer, payer, site, person, asset, visit, before, after, trouble, lookup, kit, advice, promise,
        labour(visit.id, ARRIVAL, 75, "Ines Okafor"), rated,
        signature(visit, "Odalys Brandt", ARRIVAL + timedelta(minutes=76)),
    ])  # fmt: skip


def snapshot(visit_id: str, asset_id: str, phase: Phase, programs: dict[str, str]) -> InventorySnapshot:
    """Return an inventory in the shape diagnostics/inventory.py documents: programs by name and version."""
    content = {
        "software": [{"name": name, "version": version} for name, version in sorted(programs.items())],
        "hardware": {},
        "settings": {},
    }
    return InventorySnapshot(
        id=new_id(), visit_id=visit_id, asset_id=asset_id, phase=phase, taken_at=ARRIVAL, content=content
    )


def dental_practice(after_version: str = "9.10", **visit_fields: Any) -> list[Record]:
    """Return the contract visit with drafts and shares (O2): one computer of it, claim and inventory.

    after_version: what the inventory after the work says of the program that was upgraded to 9.10.
    """
    customer = Customer(
        id=new_id(), number="C-2014", display_name="Larkspur Dental Group", kind=CustomerKind.ORGANISATION,
        engagement=Engagement.CONTRACT,
    )  # fmt: skip
    person = Contact(
        id=new_id(), customer_id=customer.id, given_name="Selin", family_name="Arslan", role="practice manager",
        may_approve_minor=50000,
    )  # fmt: skip
    contract = Contract(
        id=new_id(), customer_id=customer.id, number="CTR-2026-014", name="Practice care",
        starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31), hours_included=Decimal(60),
        hours_used=Decimal("51.25"), rate_card_id=CONTRACT_RATES.id,
    )  # fmt: skip
    front = CostCentre(id=new_id(), customer_id=customer.id, code="LDG-FRONT", name="Reception")
    surgery = CostCentre(id=new_id(), customer_id=customer.id, code="LDG-SURG", name="Surgery")
    budgets = [
        Budget(id=new_id(), customer_id=customer.id, cost_centre_id=centre.id, period="2026",
               approved_minor=approved, original_minor=approved, actual_minor=actual)
        for centre, approved, actual in ((front, 480000, 431000), (surgery, 600000, 412050))
    ]  # fmt: skip
    site = Site(id=new_id(), customer_id=customer.id, name="Practice, Mill Square 2", town="Musterstadt")
    asset = Asset(
        id=new_id(),
        customer_id=customer.id,
        site_id=site.id,
        name="LDG-RC-02",
        maker="Contoso",
        model="Desk 5",
    )
    arrival = datetime(2026, 11, 24, 8, 5, tzinfo=UTC)
    fields = dict(
        id=new_id(), number="TK07-2026-0002", customer_id=customer.id, site_id=site.id, contact_id=person.id,
        asset_ids=(asset.id,), technician="Ines Okafor", purpose="New version of DentaBook on all computers",
        contract_id=contract.id, rate_card_id=CONTRACT_RATES.id, consent=Consent.GIVEN,
        work_state=WorkState.SUBMITTED, arrived_at=arrival, left_at=arrival + timedelta(minutes=400),
        time_zone=ZONE, utc_offset_minutes=60, outcome=Outcome.RESOLVED,
    )  # fmt: skip
    visit = Visit(**{**fields, **visit_fields})
    before = snapshot(visit.id, asset.id, Phase.BEFORE, {"DentaBook": "9.9", "Toolbar Helper": "1.2"})
    after = snapshot(visit.id, asset.id, Phase.AFTER, {"DentaBook": after_version, "ScanBridge": "2.0"})
    runs = [
        run(
            visit.id,
            asset.id,
            phase,
            (finding("disk_health", "Disk health", Area.STORAGE, Verdict.OK, "good"),),
            at,
        )
        for phase, at in ((Phase.BEFORE, arrival), (Phase.AFTER, arrival + timedelta(minutes=380)))
    ]

    def proof(subject: str, old: str, new: str) -> tuple[Proof, ...]:
        return (
            Proof(
                source="inventory", subject=subject, before=old, after=new, snapshot_before=before.id,
                snapshot_after=after.id, draft_key=f"software:{subject}",
            ),
        )  # fmt: skip

    work: list[Record] = [
        Upgrade(
            id=new_id(), visit_id=visit.id, asset_id=asset.id, title="DentaBook 9.9 → 9.10", product="DentaBook",
            from_version="9.9", to_version="9.10", what=UpgradeKind.SOFTWARE, origin=Origin.DRAFTED, minutes=60,
            evidence=proof("DentaBook", "9.9", "9.10"),
        ),
        Install(
            id=new_id(), visit_id=visit.id, asset_id=asset.id, title="ScanBridge 2.0", product="ScanBridge",
            version="2.0", origin=Origin.DRAFTED, minutes=30, evidence=proof("ScanBridge", "", "2.0"),
        ),
        Maintenance(
            id=new_id(), visit_id=visit.id, asset_id=asset.id, title="Toolbar Helper removed",
            action=MaintenanceAction.REMOVED, product="Toolbar Helper", version="1.2", origin=Origin.DRAFTED,
            minutes=10, evidence=proof("Toolbar Helper", "1.2", ""),
        ),
        SupplyUse(
            id=new_id(), visit_id=visit.id, asset_id=asset.id, name="SSD 500 GB", unit_price_minor=6400,
            is_part=True, serial_in="SSD-77-1042",
        ),
        SupplyUse(
            id=new_id(), visit_id=visit.id, name="Memory module 8 GB", quantity=Decimal(3), unit_price_minor=3150,
            is_part=True,
        ),
        SupplyUse(id=new_id(), visit_id=visit.id, name="Wipes", quantity=Decimal(2), unit_price_minor=420),
    ]  # fmt: skip
    return sealed([
        CONTRACT_RATES, customer, person, contract, front, surgery, *budgets, site, asset, visit, before, after,
        *runs, *work,
        Allocation(id=new_id(), visit_id=visit.id, cost_centre_id=front.id, share_percent=Decimal(60)),
        Allocation(id=new_id(), visit_id=visit.id, cost_centre_id=surgery.id, share_percent=Decimal(40)),
        labour(visit.id, arrival, 195, "Ines Okafor"),
        labour(visit.id, arrival + timedelta(minutes=235), 165, "Ines Okafor"),
        signature(visit, "Selin Arslan", arrival + timedelta(minutes=401)),
    ])  # fmt: skip


def plain_visit(number: str, name: str, person: str, days_ago: int = 3, **more: Any) -> list[Record]:
    """Return a small clean visit: a training, signed. more: fields of the visit, and `kind` of work."""
    kind = more.pop("kind", "training")
    signs = more.pop("signs", True)
    rating = more.pop("rating", 0)
    technician = more.pop("technician", "Pavel Novotny")
    arrival = ARRIVAL - timedelta(days=days_ago)
    given, _space, family = person.partition(" ")
    customer = Customer(id=new_id(), display_name=name, kind=CustomerKind.ORGANISATION)
    contact = Contact(id=new_id(), customer_id=customer.id, given_name=given, family_name=family)
    fields = dict(
        id=new_id(), number=number, customer_id=customer.id, contact_id=contact.id, technician=technician,
        purpose="", rate_card_id=RATES.id, work_state=WorkState.SUBMITTED, arrived_at=arrival,
        left_at=arrival + timedelta(minutes=50), time_zone=ZONE, utc_offset_minutes=60, outcome=Outcome.RESOLVED,
    )  # fmt: skip
    visit = Visit(**{**fields, **more})
    work: Record = {
        "training": Training(id=new_id(), visit_id=visit.id, title="Styles and mail merge", topics=("styles",), minutes=50),
        "needs_analysis": NeedsAnalysis(id=new_id(), visit_id=visit.id, title="A second screen", minutes=30),
        "information_lookup": InformationLookup(
            id=new_id(), visit_id=visit.id, title="Where do scans go?", question="Where do scans go?", minutes=20
        ),
        "troubleshooting": Troubleshooting(
            id=new_id(), visit_id=visit.id, title="No printing", symptom="nothing prints", is_fixed=True, minutes=40
        ),
    }[kind]  # fmt: skip
    records: list[Record] = [RATES, customer, contact, visit, work, labour(visit.id, arrival, 50, technician)]
    if signs is True:
        records.append(signature(visit, person, arrival + timedelta(minutes=51)))
    elif signs == "waived":
        records.append(
            SignOffWaiver(
                id=new_id(), visit_id=visit.id, reason=WaiverReason.ABSENT, note="Left before the end"
            )
        )
    if rating:
        records.append(
            Satisfaction(id=new_id(), visit_id=visit.id, rating=rating, comment="It is slow again")
        )
    return records
