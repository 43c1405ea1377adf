"""Invented visits for the tests of the paper: values only, nobody real."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from techkit.records.activities import (
    Attendance,
    InformationLookup,
    Source,
    Training,
    Troubleshooting,
)
from techkit.records.assets import Asset, DiagnosticRun, Phase, Rate, RateCard
from techkit.records.bundle import VisitBundle
from techkit.records.findings import Area, Finding, Verdict
from techkit.records.parties import Contact, Customer, Payer, Site
from techkit.records.success import FollowUp, Recommendation, RecommendationKind
from techkit.records.visit import LabourSegment, Outcome, SupplyUse, Visit

ARRIVED = datetime(2026, 11, 23, 9, 10, tzinfo=UTC)


def finding(check: str, title: str, verdict: Verdict, text: str, value: float, **more: object) -> Finding:
    """Return a finding with the words a real check writes."""
    given = {"area": Area.STORAGE, "unit": "percent", "customer_sentence": f"{title}: {text}.", **more}
    return Finding(check=check, title=title, verdict=verdict, value=value, value_text=text, **given)  # type: ignore[arg-type]  # loose keywords in a test


def slow_computer() -> VisitBundle:
    """Return one visit to one slow computer, with everything a usual visit has."""
    before = (
        finding("disk_space", "Free disk space", Verdict.ACT, "2.1 GB (0.9 %)", 0.9, higher_is_better=True),
        finding("startup_programs", "Programs started at sign-in", Verdict.WATCH, "23", 23, unit="count", higher_is_better=False),
        finding("disk_health", "Disk health", Verdict.OK, "good", 1, unit=""),
        finding("battery_wear", "Battery health", Verdict.WATCH, "71 %", 71, area=Area.POWER),
        finding("last_backup", "Last backup", Verdict.ACT, "never", 0, unit="", area=Area.BACKUP),
    )  # fmt: skip
    after = (
        finding("disk_space", "Free disk space", Verdict.OK, "61.4 GB (25.8 %)", 25.8, higher_is_better=True),
        finding("startup_programs", "Programs started at sign-in", Verdict.OK, "9", 9, unit="count", higher_is_better=False),
        *before[2:],
    )  # fmt: skip
    runs = tuple(
        DiagnosticRun(
            id=f"run-{phase}", visit_id="v1", asset_id="a1", phase=phase, findings=found,
            started_at=ARRIVED + shift, ended_at=ARRIVED + shift,
        )
        for phase, found, shift in (
            (Phase.BEFORE, before, timedelta(minutes=5)), (Phase.AFTER, after, timedelta(minutes=70)),
        )
    )  # fmt: skip
    return VisitBundle(
        visit=Visit(
            id="v1", number="TK07-2026-0001", customer_id="c1", site_id="s1", contact_id="p1",
            asset_ids=("a1",), payer_id="pay1", rate_card_id="r1", technician="Ines Okafor",
            technician_reach="+49 30 5550 100", provider="Northline IT Services",
            purpose="Computer is very slow", arrived_at=ARRIVED,
            left_at=ARRIVED + timedelta(minutes=75), utc_offset_minutes=60, time_zone="Europe/Berlin",
            outcome=Outcome.RESOLVED, internal_note="BIOS dated, NVMe namespace odd",
        ),
        customer=Customer(id="c1", display_name="Odalys Brandt"),
        site=Site(id="s1", customer_id="c1", name="Home", street="Amselweg 3", postal_code="10115", town="Berlin"),
        contact=Contact(id="p1", customer_id="c1", given_name="Odalys", family_name="Brandt", skill=2),
        payer=Payer(id="pay1", customer_id="c1", name="Teodor Brandt", billing_address="Lindengasse 8"),
        rate_card=RateCard(
            id="r1", name="Home", rates=(Rate(hourly_minor=6800, minimum_minutes=60),), travel_flat_minor=1800
        ),
        assets=(
            Asset(id="a1", customer_id="c1", name="Brandt-Laptop", maker="Fabrikam", model="Lightbook 14", serial="FX99817364"),
        ),
        activities=(
            Troubleshooting(
                id="t1", visit_id="v1", asset_id="a1", title="Slow computer", minutes=60,
                note_customer="Together we moved 59.3 GB of videos to your external disk and removed programs from the start that you do not use.",
                symptom="Slow, freezes with photos", cause="Disk full; many programs at sign-in",
                resolution="Moved 59.3 GB of videos to her external disk with her, removed start entries she didn't use",
                is_fixed=True, note_internal="She was upset",
            ),
            InformationLookup(
                id="i1", visit_id="v1", title="Is the pop-up about a virus real?", minutes=15,
                question="Is the pop-up about a virus real?",
                answer="No. It is an advertisement; close it and do not call the number.",
                sources=(Source(title="Consumer advice centre: false warnings", checked_on=date(2026, 11, 2)),),
            ),
        ),
        supplies=(SupplyUse(id="u1", visit_id="v1", name="Microfibre cleaning kit", unit_price_minor=690),),
        labour=(
            LabourSegment(id="l1", visit_id="v1", started_at=ARRIVED, ended_at=ARRIVED + timedelta(minutes=75)),
        ),
        runs=runs,
        follow_ups=(
            FollowUp(
                id="f1", customer_id="c1", visit_id="v1", text="We call you: does the backup run?",
                due_on=date(2026, 12, 7), owner="Ines Okafor",
            ),
            FollowUp(
                id="f2", customer_id="c1", visit_id="v1", text="Plug in the external disk once a week",
                due_on=date(2026, 11, 30), is_customers_own=True,
            ),
        ),
        recommendations=(
            Recommendation(
                id="rec1", customer_id="c1", visit_id="v1", kind=RecommendationKind.BACKUP,
                text="A weekly backup to your external disk.", why="There has never been a backup.",
                check="last_backup",
            ),
        ),
    )  # fmt: skip


def group_training(present: int = 5) -> VisitBundle:
    """Return a training of six people on Letter paper, one of them absent."""
    names = ("Amara Dube", "Bjorn Halvorsen", "Chiara Ricci", "Deniz Aydin", "Farid Rahmani", "Ewa Nowak")
    levels = ((2, 3), (1, 3), (3, 4), (2, 2), (4, 4), (2, 0))
    attendance = tuple(
        Attendance(contact_id=f"p{i}", name=name, is_present=i < present, skill_before=b, skill_after=a)
        for i, (name, (b, a)) in enumerate(zip(names, levels, strict=True))
    )
    return VisitBundle(
        visit=Visit(
            id="v2", number="TK11-2026-0002", customer_id="c2", technician="Pavel Novotny",
            provider="Harbourlight IT", arrived_at=ARRIVED, left_at=ARRIVED + timedelta(minutes=90),
            outcome=Outcome.RESOLVED,
        ),
        customer=Customer(id="c2", display_name="Harbourlight Community College"),
        rate_card=RateCard(id="r2", name="Internal", rates=(Rate(hourly_minor=4400),)),
        activities=(
            Training(
                id="t2", visit_id="v2", title="Styles and mail merge", product="PlainOffice 2026",
                topics=("styles", "mail merge"), attendance=attendance, materials=("Handout HO-07",),
            ),
        ),
        labour=(
            LabourSegment(id="l2", visit_id="v2", started_at=ARRIVED, ended_at=ARRIVED + timedelta(minutes=90)),
        ),
    )  # fmt: skip


def long_visit() -> VisitBundle:
    """Return a visit with more entries than a page holds."""
    bundle = slow_computer()
    first = bundle.activities[0]
    import dataclasses

    many = tuple(
        dataclasses.replace(first, id=f"t{i}", title=f"Entry number {i} with a rather long title")
        for i in range(12)
    )
    return dataclasses.replace(bundle, activities=many)
