"""Pictures of the how-to cards, of a group training, of needs analysis, purchase help and information.

The program itself, over a store of invented people: a college's office that learns its text program.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from shots.camera import Camera, series, unlock
from shots.desk import CHEAP, LIMITS, PASSPHRASE
from techkit.credentials import keys
from techkit.records.activities import InformationLookup, Source
from techkit.records.assets import Asset
from techkit.records.budget import Allocation
from techkit.records.cards import Card
from techkit.records.findings import Complaint
from techkit.records.identity import new_id
from techkit.records.parties import (
    SkillAssessment,
)
from techkit.records.visit import Consent, Visit, WorkState
from techkit.store.database import Store
from tests.scenarios.college import PRODUCT, college

#: What somebody may approve, by family name.
APPROVALS = {"Ricci": 150_000, "Rahmani": 500_000}


def fill(folder: Path) -> str:
    """Make a store with the college, its profiles and a visit that is on site; return the visit's id."""
    folder.mkdir()
    key, _code = keys.create_vault(folder, PASSPHRASE, cost=CHEAP, limits=LIMITS)
    store = Store.create(
        folder,
        key,
        prefix="TK11",
        technician="Pavel Novotny",
        provider="Harbourlight IT",
        provider_reach="0551 4420",
    )
    try:
        return _college(store)
    finally:
        store.close()


def _college(store: Store) -> str:
    held = college(APPROVALS, has_diagnostics_consent=True)
    asset, visit = new_id(), new_id()
    begun = datetime(2026, 11, 25, 12, 30, tzinfo=UTC)
    store.save(
        *held.records,
        SkillAssessment(
            id=new_id(),
            contact_id=held.people["Bjorn Halvorsen"],
            product=PRODUCT,
            skill=1,
            assessed_on=date(2026, 9, 1),
        ),
        Asset(id=asset, customer_id=held.customer, site_id=held.site, name="HLC-214"),
        Visit(
            id=visit,
            number=store.next_number(2026),
            customer_id=held.customer,
            site_id=held.site,
            contact_id=held.people["Amara Dube"],
            asset_ids=(asset,),
            purpose="Training: styles and mail merge",
            complaint=Complaint.SLOW,
            consent=Consent.GIVEN,
            is_travel_charged=False,
            work_state=WorkState.ON_SITE,
            arrived_at=begun,
            rate_card_id=held.card,
        ),
        Allocation(id=new_id(), visit_id=visit, cost_centre_id=held.centre, share_percent=Decimal(100)),
        InformationLookup(
            id=new_id(),
            visit_id=visit,
            title="Does PlainOffice open files of TillBook?",
            question="Does PlainOffice open files of TillBook?",
            answer="Yes, from version 2025 on.\nFile > Import > TillBook; choose the year.\nCheck the totals afterwards.",
            sources=(Source(title="PlainOffice manual, chapter 12", checked_on=date(2026, 11, 20)),),
            minutes=10,
        ),
        Card(
            id=new_id(),
            title="TillBook: end of day does not balance",
            fits="The totals differ by the amount of one receipt.",
            steps=(
                "Look for a receipt that was opened twice.",
                "Close the older one with the reason “double”.",
            ),
            customer_words="One receipt was open twice. Closing one of them makes the day balance.",
            careful=("Never delete a receipt: the tax office asks for the gap.",),
            worked="The end of day shows no difference.",
            sources=(Source(title="TillBook handbook, page 81", checked_on=date(2026, 10, 2)),),
            written_on=date(2026, 10, 2),
            language="en",
        ),
    )
    return visit


def take(out: Path) -> Iterator[Path]:
    """Go through cards and forms in each language and yield the pictures."""
    yield from series(out, play, fill)


def play(camera: Camera) -> None:
    """Show the cards, then the forms of the visit."""
    session = unlock(camera)
    session.show_place("how_to")
    cards = session.places.how_to
    camera.wait(lambda: cards.state.rows)
    camera.settle()
    camera.take("50-how-to-cards")
    cards.type("bakcup")
    camera.settle()
    camera.take("50-how-to-search", only="")
    cards.type("zzzz")
    camera.settle()
    camera.take("50-how-to-nothing", only="")
    cards.type("")
    cards.open("backup_set_up")
    camera.settle()
    camera.take("51-how-to-card")
    session.open_visit(camera.told)
    camera.wait(lambda: session.visit is not None and session.visit.state.steps)
    visit = session.visit
    session.places.open_how_to("print_queue_stuck")
    camera.settle(0.4)
    camera.take("51-how-to-card-in-a-visit", only="")
    session.back_to_visit()
    visit.go("work")
    camera.settle(0.4)
    _forms(camera, visit)


def _forms(camera: Camera, visit: Any) -> None:
    work = visit.work
    camera.take("52-work-hints", only="")
    for suggestion in work.state.suggestions:
        work.add_suggestion(suggestion.id)
    people = {person.name: person.contact_id for person in work.state.people}
    work.all_present()
    work.say_attended(people["Ewa Nowak"], "absent")
    work.say_attended(people["Chiara Ricci"], "early")
    work.was_there(people["Chiara Ricci"], 60)
    for name, after, marks in (("Amara Dube", 3, 5), ("Bjorn Halvorsen", 3, 4), ("Chiara Ricci", 4, 5)):
        work.judge(people[name], "after", after)
        work.judge(people[name], "feedback", marks)
    _show(camera, "53-work-training")
    work.close_form()
    work.choose_kind("needs_analysis")
    for name, text in (
        ("title", "Scanning at two desks"),
        ("goals", "Both scan without walking\nScans land in the right folder"),
        ("constraints", "No new cables; ready before January"),
        ("options.0.title", "One scanner in the network"),
        ("options.0.cost_minor", "340"),
        ("options.0.fit", "4"),
        ("options.0.advantages", "One device to look after"),
        ("recommended", "One scanner in the network"),
        ("approver_id", people["Chiara Ricci"]),
    ):
        work.fill(name, text)
    work.add_row("options")
    work.fill("options.1.title", "Two small scanners")
    work.fill("options.1.cost_minor", "520")
    work.fill("options.1.fit", "3")
    _show(camera, "54-work-needs")
    work.close_form()
    work.choose_kind("purchase_assistance")
    for name, text in (
        ("title", "Notebooks for the office"),
        ("items.0.product", "Notebook Swift 14"),
        ("items.0.quantity", "2"),
        ("items.0.price_minor", "899"),
        ("items.0.vendor", "Kabelhaus"),
        ("items.0.valid_until", "2026-11-20"),
        ("decision", "accepted"),
        ("approver_id", people["Chiara Ricci"]),
    ):
        work.fill(name, text)
    _show(camera, "55-work-purchase")
    work.close_form()
    work.choose_kind("information_lookup")
    work.fill(
        "question", "Is a backup in the cloud enough?" if camera.language == "en" else "Reicht ein Backup?"
    )
    _show(camera, "56-work-information")
    work.close_form()


def _show(camera: Camera, name: str) -> None:
    """Bring the form into view and take it."""
    from techkit.ui.widgets.work import WorkPage

    page = next(p for p in camera.program.shell.findChildren(WorkPage) if p.isVisible())
    camera.settle()
    page.content.ensureWidgetVisible(page.form, 0, 10_000)
    camera.settle()
    camera.take(name)
