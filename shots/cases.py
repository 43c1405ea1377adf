"""Pictures of a visit's case: opened where something is left unsolved, gone on from at the next visit, on the customer's page."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from shots.camera import Camera, series, unlock
from techkit.records.cases import title_of
from techkit.records.findings import Complaint
from techkit.records.identity import new_id
from techkit.records.visit import Case, Outcome, Visit, WorkState


def take(out: Path) -> Iterator[Path]:
    """Go through them in each language and yield the pictures."""
    yield from series(out, play)


def play(camera: Camera) -> None:
    """Go on from one of two cases, leave another visit unsolved, look at the customer."""
    session = unlock(camera)
    camera.wait(lambda: len(session.today.state.next_visits) == 3)
    store = session.surroundings.store
    planned = store.get(Visit, session.today.state.next_visits[0].visit_id)
    now = session.surroundings.clock.now()
    old = [
        _earlier(
            planned,
            "TK07-2026-0097",
            "The label printer at reception prints every second label only.",
            now,
            11,
        ),
        _earlier(
            planned,
            "TK07-2026-0088",
            "When two people open the same patient’s file at once, one of them sees it as read-only until the next "
            "morning, and nobody can say which of the two it will be",
            now,
            34,
        ),
    ]
    store.save(*(record for pair in old for record in pair))
    store.save(dataclasses.replace(planned, purpose=""))
    session.open_visit(planned.id)
    camera.wait(lambda: session.visit is not None and session.visit.cases.state.rows)
    visit = session.visit
    camera.settle(0.3)
    camera.take("60-need-open-cases")
    visit.cases.choose(old[0][0].id)
    camera.settle(0.3)
    camera.take("60-need-goes-on")
    visit.cases.choose(old[0][0].id)
    visit.need.set_purpose("The scanner in room 2 stops after three pages.")
    visit.need.confirm()
    camera.wait(lambda: visit.state.current == "check")
    visit.after.choose_outcome("partly")
    visit.after.skip("The computer stays with us")
    visit.go("sign_off")
    camera.wait(lambda: visit.sign_off.state.pages and not visit.sign_off.state.is_rendering)
    camera.settle(0.3)
    camera.take("61-sign-off-opens-a-case")
    visit.cases.do("without")
    camera.settle(0.3)
    camera.take("61-sign-off-no-case")
    visit.cases.do("with")
    visit.sign_off.waive("absent")
    camera.settle(0.5)
    camera.take("61-case-stays-open")
    visit.leave()
    session.places.open_customer(planned.customer_id)
    camera.wait(lambda: session.places.customer is not None and session.places.customer.state.cases)
    session.places.customer.toggle_part("cases")
    camera.settle(0.5)
    camera.take("62-customer-open-cases")


def _earlier(planned: Visit, number: str, need: str, now: datetime, days: int) -> tuple[Case, Visit]:
    """Return a case with the visit that opened it, so many days ago."""
    at = now - timedelta(days=days)
    visit = Visit(
        id=new_id(), number=number, customer_id=planned.customer_id, site_id=planned.site_id, purpose=need,
        technician=planned.technician, work_state=WorkState.SUBMITTED, outcome=Outcome.PARTLY, arrived_at=at, left_at=at,
    )  # fmt: skip
    case = Case(
        id=new_id(), number=number, title=title_of(visit), customer_id=planned.customer_id, reported_at=at,
        symptom_code=Complaint.OTHER, opened_in=visit.id,
    )  # fmt: skip
    return case, dataclasses.replace(visit, case_id=case.id)
