"""What a filled form of step Work makes: the entry with its times, its day of decision, and what is written with it."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime
from typing import Any

from techkit.records.activities import (
    Activity,
    InformationLookup,
    Maintenance,
    NeedsAnalysis,
    PurchaseAssistance,
    Training,
)
from techkit.records.identity import new_id
from techkit.records.schema import Record, spec_for
from techkit.records.training import taught
from techkit.ui.presenters.attendance import AttendanceList
from techkit.ui.presenters.entries import made_title, timed
from techkit.ui.presenters.entry_form import EntryForm
from techkit.ui.presenters.open_visit import OpenVisit


def made_of(
    form: EntryForm,
    values: dict[str, Any],
    held: OpenVisit,
    *,
    minutes: int,
    opened_at: datetime | None,
    attendance: AttendanceList,
) -> list[Record]:
    """Return the entry a filled form makes, or changes, and what is written with it: the entry first.

    minutes: spent on it as chosen. opened_at: when the form was opened. attendance: of a training.
    """
    now = held.labour.now()
    spec = form.spec
    base: Record = form.record or spec.cls(id=new_id(), **_own_fields(held, form.kind))
    made = dataclasses.replace(base, **values)
    if not isinstance(made, Activity):  # a supply or an expense
        return [made]
    made = dataclasses.replace(made, minutes=minutes, recorded_at=made.recorded_at or now)
    before = form.record if isinstance(form.record, Activity) else None
    made = timed(made, before, opened_at or now, now, held.visit.arrived_at)
    if not made.title:
        made = dataclasses.replace(made, title=made_title(made))
    if isinstance(made, InformationLookup):
        day = held.today
        dated = [s if s.checked_on else dataclasses.replace(s, checked_on=day) for s in made.sources]
        made = dataclasses.replace(made, sources=tuple(dated))
    if isinstance(made, Maintenance):
        looked_at = tuple(row for row in made.checklist if row.result or row.note)
        made = dataclasses.replace(made, checklist=looked_at)
    if isinstance(made, (NeedsAnalysis, PurchaseAssistance)):
        made = _decided(made, held.today)
    if isinstance(made, Training):
        rows = attendance.rows
        made = dataclasses.replace(
            made,
            attendance=rows,
            product=made.product or attendance.product(),
            planned_minutes=made.planned_minutes or made.minutes,
        )
        earlier = form.record if isinstance(form.record, Training) else None
        return [
            made,
            *taught(
                made,
                held.bundle.people,
                held.known.software,
                day=held.today,
                new_id=new_id,
                earlier=earlier,
            ),
        ]
    return [made]


def _own_fields(held: OpenVisit, kind: str) -> dict[str, Any]:
    visit = held.visit
    fields: dict[str, Any] = {"visit_id": visit.id}
    if kind == "supply_use":
        return fields | {"currency": visit.currency, "asset_id": held.asset_in_hand or None}
    if kind == "expense":
        return fields | {"currency": visit.currency}
    fields |= {"asset_id": held.asset_in_hand or None, "contact_id": visit.contact_id}
    names = {f.name for f in spec_for(kind).fields}
    if "currency" in names:
        fields["currency"] = visit.currency
    if kind == "training":
        fields["asset_id"] = None
    return fields


def _decided(held: Activity, day: date) -> Activity:
    """Return a needs analysis or purchase with the day of its decision; none while it is undecided."""
    if isinstance(held, (NeedsAnalysis, PurchaseAssistance)):
        if held.decision == "undecided":
            return dataclasses.replace(held, decided_on=None)
        return dataclasses.replace(held, decided_on=held.decided_on or day)
    return held
