"""Twelve visits of November 2026 (the specification's story O5): what a reviewer finds on Monday morning.

Unless its note says otherwise each visit has consent, checks before and after that agree with its entries, a
signature, shares of 100 % and a contract in force. All names are invented.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from dataclasses import replace as with_changes
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from techkit.records.activities import (
    Attendance,
    InformationLookup,
    Install,
    NeedsAnalysis,
    Origin,
    Proof,
    Training,
    Troubleshooting,
    Upgrade,
    UpgradeKind,
)
from techkit.records.assets import Asset, Contract, LabourKind, Phase, Rate, RateCard
from techkit.records.budget import Allocation, Budget, CostCentre
from techkit.records.findings import Area, Complaint, Verdict
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer, CustomerKind, Engagement, Site
from techkit.records.proofs import check_key
from techkit.records.schema import Record
from techkit.records.visit import Case, Consent, Expense, LabourSegment, Outcome, SupplyUse, Visit, WorkState
from tests.central.samples import finding, run, sealed, signature, snapshot

ZONE = ZoneInfo("Europe/Berlin")
INES, PAVEL = "Ines Okafor", "Pavel Novotny"


def at(text: str) -> datetime:
    """Return a moment of November at the place, e.g. "02 14:00"."""
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=ZONE).astimezone(UTC)


@dataclass
class November:
    """The twelve visits by their number, and what they share.

    office: what only the office writes; shared: the customer with people, place and computers.
    """

    office: list[Record]
    shared: list[Record]
    visits: dict[int, list[Record]] = field(default_factory=dict)
    ids: dict[int, str] = field(default_factory=dict)
    customer: str = ""

    def of(self, prefix: str) -> list[Record]:
        """Return the records of the visits one device wrote, in the order of their numbers."""
        return [
            held
            for number, records in sorted(self.visits.items())
            for held in records
            if next(v for v in records if isinstance(v, Visit)).number.startswith(prefix)
        ]

    def record(self, number: int, kind: type[Any]) -> Any:
        """Return the record of a kind of one visit."""
        return next(held for held in self.visits[number] if isinstance(held, kind))


@dataclass
class _Plan:
    number: str
    begins: str
    ends: str
    asset: str = ""
    outcome: Outcome = Outcome.RESOLVED
    case: Case | None = None
    is_signed: bool = True
    more: dict[str, Any] = field(default_factory=dict)


def november() -> November:
    """Return the twelve visits, all submitted."""
    customer = Customer(
        id=new_id(), number="C-3300", display_name="Kestrel Housing Association", kind=CustomerKind.ORGANISATION,
        engagement=Engagement.CONTRACT, has_diagnostics_consent=True, consent_at=at("01 08:00"),
    )  # fmt: skip
    person = Contact(id=new_id(), customer_id=customer.id, given_name="Ola", family_name="Hadi", skill=3)
    people = [
        Contact(id=new_id(), customer_id=customer.id, given_name=name, family_name="Marsh", skill=2)
        for name in ("Edda", "Finlay", "Greta", "Hugo")
    ]
    site = Site(id=new_id(), customer_id=customer.id, name="Office", town="Musterstadt")
    assets = {
        name: Asset(id=new_id(), customer_id=customer.id, site_id=site.id, name=name, tag=name)
        for name in ("A1", "A2", "A3", "A4", "A5", "A6")
    }
    card = RateCard(
        id=new_id(), name="Kestrel", rates=(Rate(labour="work", hourly_minor=6800, increment_minutes=15),)
    )
    contract = Contract(
        id=new_id(), customer_id=customer.id, number="CTR-2026-033", name="Care", starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31), hours_included=Decimal(200), hours_used=Decimal(80), rate_card_id=card.id,
    )  # fmt: skip
    centre = CostCentre(id=new_id(), customer_id=customer.id, code="KHA-IT", name="Computers")
    budget = Budget(
        id=new_id(), customer_id=customer.id, cost_centre_id=centre.id, period="2026", approved_minor=900_000,
        original_minor=900_000, actual_minor=300_000,
    )  # fmt: skip
    made = November(
        office=[card, contract, centre, budget],
        shared=[customer, person, *people, site, *assets.values()],
        customer=customer.id,
    )

    def case(asset: str, category: str, reported: str) -> Case:
        return Case(
            id=new_id(), customer_id=customer.id, asset_id=assets[asset].id, category=category,
            reported_at=at(reported),
        )  # fmt: skip

    def visit(n: int, plan: _Plan) -> tuple[Visit, list[Record]]:
        technician = INES if plan.number.startswith("TK07") else PAVEL
        own = (assets[plan.asset].id,) if plan.asset else ()
        is_closed_door = plan.outcome is Outcome.NO_ACCESS
        held = Visit(
            id=new_id(), number=plan.number, customer_id=customer.id, site_id=site.id, contact_id=person.id,
            asset_ids=own, technician=technician, case_id=plan.case.id if plan.case else None,
            contract_id=contract.id, rate_card_id=card.id, consent=Consent.GIVEN, consent_at=at(plan.begins),
            work_state=WorkState.NO_ACCESS if is_closed_door else WorkState.SUBMITTED,
            arrived_at=at(plan.begins), left_at=at(plan.ends), outcome=plan.outcome, time_zone=ZONE.key,
            utc_offset_minutes=60, **plan.more,
        )  # fmt: skip
        minutes = round((at(plan.ends) - at(plan.begins)).total_seconds() / 60)
        labour = LabourSegment(
            id=new_id(), visit_id=held.id, technician=technician,
            kind=LabourKind.WAIT if is_closed_door else LabourKind.WORK, started_at=at(plan.begins),
            ended_at=at(plan.ends), elapsed_s=minutes * 60, utc_offset_minutes=60,
        )  # fmt: skip
        records: list[Record] = [held, labour]
        if plan.case and plan.case not in made.shared:
            made.shared.append(plan.case)
        if not is_closed_door:
            share = Allocation(
                id=new_id(), visit_id=held.id, cost_centre_id=centre.id, share_percent=Decimal(100)
            )
            records.append(share)
            if plan.is_signed:
                records.append(signature(held, "Ola Hadi", at(plan.ends) + timedelta(seconds=30)))
        made.ids[n] = held.id
        return held, records

    def checked(held: Visit, *, is_fixed: bool = True) -> tuple[Proof, list[Record]]:
        """Return the checks before and after, and the proof that an entry draws from them."""
        asset = held.asset_ids[0]
        bad = finding("internet", "Internet", Area.NETWORK, Verdict.ACT, "no answer", value=0, unit="count")
        good = with_changes(bad, verdict=Verdict.OK, value=1, value_text="answers", higher_is_better=True)
        bad = with_changes(bad, higher_is_better=True, tolerance=0.5)
        good = with_changes(good, tolerance=0.5)
        before = run(
            held.id, asset, Phase.BEFORE, (bad,), (held.arrived_at or at("01 08:00")) + timedelta(minutes=2)
        )
        after = run(
            held.id,
            asset,
            Phase.AFTER,
            (good if is_fixed else bad,),
            (held.left_at or at("01 08:00")) - timedelta(minutes=2),
        )
        proof = Proof(
            source="reading",
            subject="Internet",
            before="no answer",
            after="answers",
            snapshot_before=before.id,
            snapshot_after=after.id,
            draft_key=check_key(asset, "internet", ""),
        )
        return proof, [before, after]

    def fault(n: int, plan: _Plan, *, symptom: Complaint, is_fixed: bool = True) -> None:
        held, records = visit(n, plan)
        proof, checks = checked(held, is_fixed=is_fixed)
        entry = Troubleshooting(
            id=new_id(),
            visit_id=held.id,
            asset_id=held.asset_ids[0],
            title="No connection",
            symptom="no connection",
            symptom_code=symptom,
            resolution="Router set up anew" if is_fixed else "",
            is_fixed=is_fixed,
            minutes=30,
            evidence=(proof,) if is_fixed else (),
        )
        made.visits[n] = sealed_with([*records, *checks, entry])

    def installed(n: int, plan: _Plan, entry_of: Any, before: dict[str, str], after: dict[str, str]) -> None:
        held, records = visit(n, plan)
        asset = held.asset_ids[0]
        old, new = (snapshot(held.id, asset, p, s) for p, s in ((Phase.BEFORE, before), (Phase.AFTER, after)))
        fine = (finding("disk_health", "Disk health", Area.STORAGE, Verdict.OK, "good"),)
        checks = [
            run(held.id, asset, Phase.BEFORE, fine, held.arrived_at or at("01 08:00")),
            run(held.id, asset, Phase.AFTER, fine, held.left_at or at("01 08:00")),
        ]
        made.visits[n] = sealed_with([*records, old, new, *checks, entry_of(held, old, new)])

    def sealed_with(records: list[Record]) -> list[Record]:
        around = [*made.shared, *made.office]
        return sealed([*around, *records])[len(around) :]

    def inventory(subject: str, old: Any, new: Any, before: str, after: str) -> tuple[Proof, ...]:
        return (
            Proof(
                source="inventory", subject=subject, before=before, after=after, snapshot_before=old.id,
                snapshot_after=new.id, draft_key=f"software:{subject}",
            ),
        )  # fmt: skip

    slow, net = "slow", "network"
    fault(
        1,
        _Plan("TK07-2026-0101", "02 13:00", "02 14:00", "A1", case=case("A1", slow, "02 08:00")),
        symptom=Complaint.SLOW,
    )
    installed(
        2,
        _Plan("TK07-2026-0102", "04 10:00", "04 12:00", "A5"),
        lambda held, old, new: Install(
            id=new_id(),
            visit_id=held.id,
            asset_id=held.asset_ids[0],
            title="RentLedger 4.1",
            product="RentLedger",
            version="4.1",
            origin=Origin.DRAFTED,
            minutes=90,
            evidence=inventory("RentLedger", old, new, "", "4.1"),
        ),
        {"Browsewell": "143.0"},
        {"Browsewell": "143.0", "RentLedger": "4.1"},
    )
    fault(
        3,
        _Plan("TK07-2026-0103", "04 10:30", "04 11:00", "A2", case=case("A2", net, "03 09:00")),
        symptom=Complaint.NO_INTERNET,
    )
    fault(
        4,
        _Plan("TK11-2026-0077", "12 14:00", "12 15:00", "A2", case=case("A2", net, "12 10:00")),
        symptom=Complaint.NO_INTERNET,
    )
    held, records = visit(5, _Plan("TK11-2026-0078", "13 09:00", "13 11:00"))
    made.visits[5] = sealed_with([
        *records,
        Training(
            id=new_id(), visit_id=held.id, title="Styles", product="PlainOffice 2026", topics=("styles",), method="group",
            minutes=120, attendance=(
                *(Attendance(contact_id=p.id, name=p.name, skill_before=2, skill_after=3, feedback=4) for p in people),
                Attendance(contact_id=new_id(), name="Ewa Nowak", is_present=False),
            ),
        ),
    ])  # fmt: skip
    fault(
        6,
        _Plan(
            "TK11-2026-0079", "06 08:00", "06 09:00", "A3", case=case("A3", slow, "05 13:00"), is_signed=False
        ),
        symptom=Complaint.SLOW,
    )
    twice = case("A4", "hardware", "10 12:00")
    fault(
        7,
        _Plan(
            "TK07-2026-0104",
            "10 13:00",
            "10 14:00",
            "A4",
            case=twice,
            outcome=Outcome.NOT_RESOLVED,
            more={"outcome_reason": "Waiting for a part"},
        ),
        symptom=Complaint.CRASHES,
        is_fixed=False,
    )
    fault(
        8,
        _Plan("TK07-2026-0105", "17 10:30", "17 12:00", "A4", case=twice),
        symptom=Complaint.CRASHES,
    )
    held, records = visit(9, _Plan("TK07-2026-0106", "18 09:00", "18 10:00", outcome=Outcome.ADVICE_ONLY))
    made.visits[9] = sealed_with(
        [*records, NeedsAnalysis(id=new_id(), visit_id=held.id, title="A second screen", minutes=50)]
    )
    installed(
        10,
        _Plan("TK11-2026-0080", "19 09:00", "19 10:30", "A6"),
        lambda held, old, new: Upgrade(
            id=new_id(),
            visit_id=held.id,
            asset_id=held.asset_ids[0],
            title="RentLedger 4.0 → 4.1",
            product="RentLedger",
            from_version="4.0",
            to_version="4.1",
            what=UpgradeKind.SOFTWARE,
            origin=Origin.DRAFTED,
            minutes=60,
            evidence=inventory("RentLedger", old, new, "4.0", "4.1"),
        ),
        {"RentLedger": "4.0"},
        {"RentLedger": "4.1"},
    )
    made.visits[10].append(
        Expense(id=new_id(), visit_id=made.ids[10], kind="purchase", amount_minor=6_200, note="Cable duct")
    )
    held, records = visit(11, _Plan("TK11-2026-0081", "20 09:00", "20 09:30"))
    made.visits[11] = sealed_with([
        *records,
        InformationLookup(id=new_id(), visit_id=held.id, title="Where do scans go?", question="Where do scans go?", answer="Into Scans.", minutes=20),
        SupplyUse(id=new_id(), visit_id=held.id, name="Wipes", quantity=Decimal(2), unit_price_minor=420),
    ])  # fmt: skip
    _held, records = visit(
        12,
        _Plan(
            "TK07-2026-0107",
            "20 15:00",
            "20 15:20",
            "A1",
            outcome=Outcome.NO_ACCESS,
            more={"outcome_reason": "Nobody opened."},
        ),
    )
    made.visits[12] = records
    return made
