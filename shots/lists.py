"""Pictures of the places beside the visit: lists, a customer's page, a computer's page, budgets, follow-ups.

The program itself, over a store of invented customers with a year of visits.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from shots.camera import Camera, series, unlock
from shots.desk import CHEAP, LIMITS, PASSPHRASE
from techkit.credentials import keys
from techkit.diagnostics import inventory
from techkit.records.activities import Attendance, Training
from techkit.records.assets import (
    Asset,
    AssetKind,
    Contract,
    DiagnosticRun,
    InventorySnapshot,
    Phase,
    Rate,
    RateCard,
)
from techkit.records.budget import Budget, CostCentre
from techkit.records.findings import Area, Finding, Reading, Verdict
from techkit.records.identity import new_id
from techkit.records.parties import (
    Contact,
    Customer,
    CustomerKind,
    Engagement,
    Environment,
    Frequency,
    Payer,
    Relationship,
    Site,
    UserSoftware,
)
from techkit.records.signing import Satisfaction
from techkit.records.success import Department, FollowUp, FollowUpReason, Recommendation, RecommendationKind
from techkit.records.visit import Case, CaseState, Outcome, ReviewState, Visit, WorkState
from techkit.store.database import Store
from techkit.ui.presenters.lists import RecordList

_GIVEN = ("Amara", "Bjorn", "Chiara", "Deniz", "Ewa", "Farid", "Greta", "Hiro", "Ilse", "Jonas")
_FAMILY = ("Dube", "Halvorsen", "Ricci", "Aydin", "Nowak", "Rahmani", "Lund", "Tanabe", "Baumann", "Weir")
_TOWNS = ("Freiburg", "Colmar", "Göttingen", "Kassel", "Offenburg")
_NEEDS = (
    "The printer in the reception prints half pages.",
    "Since the update the mail program asks for the password every morning.",
    "New notebook for the second desk, please move everything over.",
    "The screen stays black after the lunch break.",
    "A short course on mail merge for three people.",
)


def fill(folder: Path) -> str:
    """Make a store with a year of a dental practice and forty other customers; return the practice's id."""
    folder.mkdir()
    key, _code = keys.create_vault(folder, PASSPHRASE, cost=CHEAP, limits=LIMITS)
    store = Store.create(
        folder, key, prefix="TK07", technician="Ines Okafor", provider="Homefix", provider_reach="0551 7000"
    )
    try:
        practice = _practice(store)
        _others(store)
    finally:
        store.close()
    return practice


def _at(year: int, month: int, day: int, hour: int = 9) -> datetime:
    return datetime(year, month, day, hour - 1, tzinfo=UTC)


def _practice(store: Store) -> str:
    customer, site, payer, card = (new_id() for _number in range(4))
    selin, amara = new_id(), new_id()
    surgery, reception, twin, printer = (new_id() for _number in range(4))
    centres = new_id(), new_id()
    store.save(
        Customer(
            id=customer,
            number="10482",
            kind=CustomerKind.ORGANISATION,
            display_name="Larkspur Dental Group",
            engagement=Engagement.CONTRACT,
            payer_id=payer,
            has_diagnostics_consent=True,
            consent_at=_at(2026, 1, 2),
            notes_for_visit="Ring twice. The surgery is free between 12:30 and 14:00 only.",
        ),
        Payer(id=payer, customer_id=customer, name="Larkspur Holding", billing_address="Mill Lane 9\n37073 Göttingen"),
        Site(
            id=site, customer_id=customer, name="Practice", street="Mill Lane 3", postal_code="37073",
            town="Göttingen", access_notes="Rear door after 17:00",
        ),
        Contact(
            id=selin, customer_id=customer, given_name="Selin", family_name="Arslan", role="Practice manager",
            phones=("0551 555 014",), email="selin@larkspur.example", skill=3, frequency=Frequency.DAILY,
            environment=Environment.OFFICE, relationship=Relationship.EXTERNAL, may_approve_minor=50_000,
            software_used=("DentaBook", "PlainOffice"), features_used=("letters", "recall lists"),
            features_wanted=("mail merge",),
        ),
        Contact(
            id=amara, customer_id=customer, given_name="Amara", family_name="Dube", role="Reception", skill=2,
            frequency=Frequency.DAILY, environment=Environment.OFFICE, features_wanted=("styles",),
        ),
        UserSoftware(
            id=new_id(), contact_id=selin, product="PlainOffice", frequency=Frequency.DAILY, skill=3,
            features_used=("letters", "tables"), features_wanted=("mail merge",), assessed_on=date(2026, 9, 2),
        ),
        Asset(
            id=surgery, customer_id=customer, site_id=site, name="LDG-SU-01", tag="LDG-SU-01", maker="Northwind",
            model="Tower 5", serial="NWT5-88213", identifiers=("system_serial:nwt5-88213", "disk_serial:s240-1"),
            owner_contact=selin, location_in_site="Surgery 1", purchased_on=date(2022, 5, 3),
            warranty_ends_on=date(2027, 1, 31), os_name="Windows 10 Pro", os_version="22H2",
        ),
        Asset(
            id=reception, customer_id=customer, site_id=site, name="LDG-RC-01", tag="LDG-RC-01",
            maker="Northwind", model="Swift 14", serial="NW7KX93M3Q", owner_contact=amara,
            identifiers=("system_serial:nw7kx93m3q",), os_name="Windows 11 Pro", os_version="25H2",
        ),
        Asset(
            id=twin, customer_id=customer, name="Reception notebook", maker="Northwind", model="Swift 14",
            identifiers=("system_serial:nw7kx93m3q",),
        ),
        Asset(id=printer, customer_id=customer, site_id=site, name="Label printer", kind=AssetKind.PRINTER),
        RateCard(
            id=card, name="Contracts", rates=(Rate(labour="work", hourly_minor=7200, increment_minutes=15),),
            travel_flat_minor=2500,
        ),
        Contract(
            id=new_id(), customer_id=customer, number="CTR-2026-014", name="Care", starts_on=date(2026, 1, 1),
            ends_on=date(2026, 12, 31), hours_included=Decimal(60), hours_used=Decimal("51.25"),
            rate_card_id=card,
        ),
        CostCentre(id=centres[0], customer_id=customer, code="LDG-FRONT", name="Reception"),
        CostCentre(id=centres[1], customer_id=customer, code="LDG-SURG", name="Surgery"),
        *(
            Budget(
                id=new_id(), customer_id=customer, cost_centre_id=centre, period="2026", approved_minor=approved,
                original_minor=original, actual_minor=actual, committed_minor=committed, warn_percent=90,
            )
            for centre, approved, original, actual, committed in (
                (centres[0], 480_000, 450_000, 442_514, 12_000),
                (centres[1], 600_000, 600_000, 419_726, 0),
            )
        ),
    )  # fmt: skip
    _year(store, customer, site, selin, amara, surgery, reception)
    return customer


def _year(
    store: Store, customer: str, site: str, selin: str, amara: str, surgery: str, reception: str
) -> None:
    """Write five visits: wear grows, the start becomes slower, memory is added at the last one."""
    days = ((2025, 11, 20), (2026, 2, 12), (2026, 5, 21), (2026, 8, 13), (2026, 11, 17))
    for number, (year, month, day) in enumerate(days):
        visit_id, begun = new_id(), _at(year, month, day)
        is_last = number == len(days) - 1
        store.save(
            Visit(
                id=visit_id, number=store.next_number(year), customer_id=customer, site_id=site, contact_id=selin,
                asset_ids=(surgery, reception), technician="Ines Okafor", purpose=_NEEDS[number],
                work_state=WorkState.SUBMITTED, review_state=ReviewState.APPROVED, arrived_at=begun,
                left_at=begun + timedelta(hours=2), utc_offset_minutes=60, time_zone="Europe/Berlin",
                outcome=Outcome.PARTLY if number == 3 else Outcome.RESOLVED,
            ),
            Satisfaction(
                id=new_id(), visit_id=visit_id, rating=(5, 4, 5, 2, 4)[number], given_by="Selin Arslan",
                asked_at=begun, comment="We had to wait for the part." if number == 3 else "",
            ),
        )  # fmt: skip
        for phase, hours in ((Phase.BEFORE, 0), (Phase.AFTER, 2)):
            memory = 16 if is_last and phase is Phase.AFTER else 8
            _look(store, visit_id, surgery, phase, begun + timedelta(hours=hours), number, memory)
    last = store.find(Visit, customer_id=customer, order_by="arrived_at", descending=True, limit=1)[0]
    store.save(
        Training(
            id=new_id(), visit_id=last.id, title="Mail merge", topics=("mail merge",), product="PlainOffice",
            minutes=45, attendance=(
                Attendance(contact_id=selin, name="Selin Arslan", skill_before=2, skill_after=3),
                Attendance(contact_id=amara, name="Amara Dube", is_present=False),
            ),
        ),
        FollowUp(
            id=new_id(), customer_id=customer, visit_id=last.id, asset_id=surgery, text="Order a second SSD",
            due_on=date(2026, 11, 20), owner="Ines Okafor", reason=FollowUpReason.CHECK_RESULT,
            reason_text="The disk has used 61 % of its life.", cost_minor=6400, approver="Selin Arslan",
        ),
        FollowUp(
            id=new_id(), customer_id=customer, visit_id=last.id, contact_id=amara,
            text="Catch-up training for Amara Dube", due_on=date(2026, 12, 1), owner="Ines Okafor",
            department=Department.SUCCESS, reason=FollowUpReason.TRAINING_CATCH_UP,
            reason_text="Because: Amara Dube could not take part",
        ),
        Recommendation(
            id=new_id(), customer_id=customer, visit_id=last.id, asset_id=surgery, kind=RecommendationKind.REPLACE,
            text="Replace LDG-SU-01 before its system goes out of support", why="Windows 10 gets no updates any more.",
            cost_from_minor=89_000, cost_to_minor=120_000, urgency="soon",
        ),
        Case(
            id=new_id(), customer_id=customer, asset_id=surgery, number="CASE-0031", category="printing",
            reported_at=_at(2026, 11, 16), state=CaseState.WAITING_PART,
        ),
    )  # fmt: skip


def _look(
    store: Store, visit_id: str, asset: str, phase: Phase, at: datetime, number: int, memory_gib: int
) -> None:
    programs = [
        {
            "name": "DentaBook",
            "version": f"9.{8 + number // 2}",
            "publisher": "Molar Works",
            "source": "registry",
        },
        {"name": "PlainOffice 2026 (64-bit)", "version": "26.1", "publisher": "Plain", "source": "registry"},
    ]
    readings = (
        Reading(id="memory.total_bytes", value=memory_gib * 2**30, unit="bytes"),
        Reading(id="memory.module_count", value=memory_gib // 8, unit="count"),
        Reading(id="storage.disk_count", value=1, unit="count"),
        Reading(id="storage.disk.size_bytes", value=240 * 10**9, unit="bytes", subject="disk0"),
        Reading(id="storage.disk.model", value="Solid 240", subject="disk0"),
        Reading(id="storage.smart.used_percent", value=41 + 5 * number, unit="percent", subject="disk0"),
        Reading(id="storage.volume.total_bytes", value=238 * 10**9, unit="bytes", subject="C:"),
        Reading(id="storage.volume.free_bytes", value=(92 - 14 * number) * 10**9, unit="bytes", subject="C:"),
        Reading(id="storage.volume.is_system", value=True, subject="C:"),
        Reading(id="os.start_up_s", value=38 + 9 * number, unit="seconds"),
        Reading(id="os.name", value="Windows 10 Pro"),
        Reading(id="os.version", value="22H2"),
        Reading(id="software.programs", value=list[Any](programs)),
    )
    content = inventory.compose(readings)
    findings = (
        Finding(
            check="os_end_of_life", title="Operating system", area=Area.OPERATING_SYSTEM, verdict=Verdict.ACT,
            sentence="Windows 10 22H2 ended on 14 October 2025.",
            customer_sentence="The system gets no security updates any more.",
        ),
        Finding(
            check="disk_space", title="Free space on C:", area=Area.STORAGE, subject="C:",
            verdict=Verdict.WATCH if number > 2 else Verdict.OK,
            sentence=f"{92 - 14 * number} GB of 238 GB are free.",
        ),
        Finding(
            check="disk_health", title="Disk Solid 240", area=Area.STORAGE, subject="disk0", verdict=Verdict.OK,
            sentence=f"The drive has used {41 + 5 * number} % of its life.",
        ),
        Finding(check="antivirus", title="Virus protection", area=Area.SECURITY, verdict=Verdict.OK),
    )  # fmt: skip
    store.save(
        InventorySnapshot(
            id=new_id(), visit_id=visit_id, asset_id=asset, phase=phase, taken_at=at, content=content,
            content_hash=inventory.content_hash(content),
        ),
        DiagnosticRun(
            id=new_id(), visit_id=visit_id, asset_id=asset, phase=phase, started_at=at,
            ended_at=at + timedelta(seconds=90), readings=readings, findings=findings, language="en",
        ),
    )  # fmt: skip


def _others(store: Store) -> None:
    chance = random.Random(7)
    states = [WorkState.SUBMITTED] * 6 + [WorkState.SCHEDULED, WorkState.SIGNED, WorkState.NO_ACCESS]
    for number in range(40):
        customer, contact = new_id(), new_id()
        given, family = chance.choice(_GIVEN), chance.choice(_FAMILY)
        is_house = chance.random() < 0.5
        name = f"{family} & {chance.choice(_FAMILY)} GmbH" if is_house else f"{given} {family}"
        visits = []
        for _visit in range(chance.randint(1, 5)):
            state = chance.choice(states)
            begun = datetime(2026, 11, 20, 9, tzinfo=UTC) - timedelta(days=chance.randint(1, 340))
            if state is WorkState.SCHEDULED:
                begun = datetime(2026, 11, 24, 9, tzinfo=UTC) + timedelta(days=chance.randint(0, 20))
            is_here = state is not WorkState.SCHEDULED
            visits.append(
                Visit(
                    id=new_id(), number=store.next_number(2026), customer_id=customer, contact_id=contact,
                    technician=chance.choice(("Ines Okafor", "Pavel Novotny", "Mara Lindqvist")),
                    purpose=chance.choice(_NEEDS), work_state=state, planned_start_at=begun,
                    arrived_at=begun if is_here else None, utc_offset_minutes=60,
                    outcome=Outcome.RESOLVED if state is WorkState.SUBMITTED else None,
                    review_state=chance.choice((ReviewState.RECEIVED, ReviewState.APPROVED, ReviewState.QUERIED)),
                )
            )  # fmt: skip
        store.save(
            Customer(
                id=customer, number=str(10500 + number), display_name=name,
                kind=CustomerKind.ORGANISATION if is_house else CustomerKind.INDIVIDUAL,
                engagement=Engagement.CONTRACT if is_house else Engagement.ONE_TIME,
            ),
            Site(id=new_id(), customer_id=customer, name="Home", town=chance.choice(_TOWNS)),
            Contact(id=contact, customer_id=customer, given_name=given, family_name=family),
            Asset(
                id=new_id(), customer_id=customer, name=f"{family.upper()}-PC", maker="Northwind", model="Swift 14",
                os_name=chance.choice(("Windows 11 Home", "Debian 13", "macOS 26")),
            ),
            *visits,
        )  # fmt: skip
        if chance.random() < 0.4:
            due = date(2026, 11, 23) + timedelta(days=chance.randint(-9, 30))
            store.save(
                FollowUp(
                    id=new_id(), customer_id=customer, visit_id=visits[0].id, due_on=due, owner="Ines Okafor",
                    text=chance.choice(("Call: is all still well?", "Order two toner cartridges", "Send the quote")),
                    reason_text="Promised at the last visit",
                )
            )  # fmt: skip


def take(out: Path) -> Iterator[Path]:
    """Go through the places in each language and yield the pictures."""
    yield from series(out, play, fill)


def _is_read(rows: RecordList) -> bool:
    return not rows.state.is_loading


def play(camera: Camera) -> None:
    """Show each place, as it is first and narrowed."""
    session = unlock(camera)
    places = session.places
    for number, (key, rows) in enumerate(
        (("visits", places.visits), ("customers", places.customers), ("computers", places.computers)),
        start=20,
    ):
        session.show_place(key)
        camera.wait(functools.partial(_is_read, rows))
        camera.take(f"{number}-{key}")
    places.visits.type("toolbar nowhere")
    session.show_place("visits")
    camera.wait(lambda: places.visits.state.nothing)
    camera.take("20-visits-nothing")
    places.visits.clear()
    places.visits.choose("work_state", "submitted")
    places.visits.views.keep("Submitted")
    places.visits.views.make_first(is_first=True)
    session.show_place("visits")
    session.home.page("visits").views.panel.open_panel()
    camera.settle(0.5)
    camera.take("20-visits-views")
    session.home.page("visits").views.panel.close_panel()
    places.visits.choose("technician", "Ines Okafor")
    camera.settle(0.5)
    camera.take("20-visits-narrowed")
    places.visits.clear()
    session.show_place("follow_ups")
    camera.wait(lambda: not places.due.rows.state.is_loading and places.due.rows.row(0))
    places.due.choose(places.due.rows.row(0).id)
    camera.wait(lambda: places.due.state.promise)
    camera.take("23-follow-ups")
    _play_computer(camera, session)


def _play_computer(camera: Camera, session: Any) -> None:
    """Show the surgery's computer, and the notebook that was entered twice."""
    from techkit.records.assets import Asset as Computer

    places = session.places
    for name, tag in (("LDG-SU-01", "24-computer"), ("LDG-RC-01", "24-computer-twice")):
        asset = next(a for a in session.surroundings.store.find(Computer, name=name))
        places.open_computer(asset.id)
        camera.wait(lambda: not places.computer.state.is_loading)
        camera.settle(0.5)
        camera.take(tag)
    places.computer.edit()
    camera.settle()
    camera.take("24-computer-form")
    places.computer.type_ahead("place", "Second disk ordered; the old one goes back to the supplier when")
    session.show_place("today")
    camera.wait(lambda: session.today.state.typed)
    camera.settle()
    camera.take("25-typed-and-not-saved")
    session.today.go_on_typing(session.today.state.typed[0].key)
    camera.wait(lambda: places.computer.state.form is not None)
    camera.settle()
    camera.take("25-typing-goes-on")
    places.computer.cancel()
    _play_customer(camera, session)


def _play_customer(camera: Camera, session: Any) -> None:
    """Show the practice: its health with a part opened, further down, and all budgets."""
    places = session.places
    practice = next(
        c for c in session.surroundings.store.find(Customer) if c.display_name == "Larkspur Dental Group"
    )
    places.open_customer(practice.id)
    camera.wait(lambda: not places.customer.state.is_loading)
    camera.settle(1.0)
    camera.take("25-customer")
    places.customer.toggle_part("rating")
    camera.settle(0.5)
    camera.take("25-customer-health")
    for number, share in ((1, 0.4), (2, 0.75)):
        scroll = session.home.passing.content.verticalScrollBar()
        scroll.setValue(round(scroll.maximum() * share))
        camera.settle()
        camera.take(f"25-customer-below-{number}", only="")
    places.customer.edit_person(places.customer.state.people[0].id)
    session.home.passing.content.verticalScrollBar().setValue(0)
    camera.settle()
    camera.take("25-customer-person")
    places.customer.cancel()
    places.open_budgets()
    camera.wait(lambda: not places.budgets.state.is_loading)
    camera.settle(0.5)
    camera.take("26-budgets")
    places.budgets.propose(next(b.id for b in places.budgets.state.budgets if b.targets))
    places.budgets.fill("kind", "transfer")
    places.budgets.fill("amount_minor", "9000000")
    places.budgets.fill("reason", "Two label printers break down every month.")
    places.budgets.save()
    camera.settle()
    camera.take("26-budgets-propose")
    places.budgets.fill("kind", "raise")
    places.budgets.fill("amount_minor", "450")
    places.budgets.save()
    camera.wait(lambda: places.budgets.state.undo_line)
    camera.settle(0.5)
    camera.take("26-budgets-proposed")
