"""What was planned for a visit, beside what is done: kinds of work, points, supplies, minutes."""

from __future__ import annotations

from dataclasses import dataclass

from techkit import i18n
from techkit.i18n import _, ngettext
from techkit.records.activities import Maintenance
from techkit.records.identity import new_id
from techkit.records.schema import is_known, spec_for, spec_of
from techkit.records.visit import PlannedSupply, SupplyUse
from techkit.records.work_states import SEALED
from techkit.ui.presenters.open_visit import OpenVisit

#: What opens the list of points; every other id of a row is a kind of work or the place of a supply.
POINTS = "points"


@dataclass(frozen=True, kw_only=True)
class PlannedRow:
    """One thing planned: id, icon, words, what is said of it; act: what pressing it does, "" once done."""

    id: str
    icon: str
    label: str
    line: str = ""
    is_done: bool = False
    act: str = ""


@dataclass(frozen=True, kw_only=True)
class PlanState:
    """The plan of a visit; None is shown where nothing was planned."""

    title: str
    time_line: str
    rows: tuple[PlannedRow, ...]


class Planned:
    """The plan of the visit in hand. Nothing of it is recorded before somebody says so."""

    def __init__(self, held: OpenVisit) -> None:
        self._held = held

    def use_supply(self, place: int) -> None:
        """Record a planned supply as used; undo takes it back."""
        visit = self._held.visit
        if place >= len(visit.planned_supplies) or visit.work_state in SEALED:
            return
        plan = visit.planned_supplies[place]
        if self._used(plan):
            return
        used = SupplyUse(
            id=new_id(),
            visit_id=visit.id,
            asset_id=self._held.asset_in_hand or None,
            name=plan.name,
            quantity=plan.quantity,
            unit=plan.unit,
            # A visit reckoned in another currency than it was planned in asks for its prices.
            unit_price_minor=plan.unit_price_minor
            if visit.planned_currency in ("", visit.currency)
            else None,
            currency=visit.currency,
        )
        self._held.save(used, word=_("the entry “{title}”", title=plan.name))

    def _used(self, plan: PlannedSupply) -> bool:
        name = plan.name.casefold()
        return any(used.name.casefold() == name for used in self._held.bundle.supplies)

    def state(self) -> PlanState | None:
        """Return what was planned and how far it is."""
        visit = self._held.visit
        rows = [*self._kinds(), *self._points(), *self._supplies()]
        if not rows and not visit.expected_minutes:
            return None
        return PlanState(
            title=_("Planned: {title}", title=visit.template)
            if visit.template
            else _("Planned for this visit"),
            time_line=self._time_line(),
            rows=tuple(rows),
        )

    def _time_line(self) -> str:
        expected = self._held.visit.expected_minutes
        if not expected:
            return ""
        worked = int(self._held.labour.worked_s // 60)
        if worked > expected:
            return _(
                "{worked} of about {expected}: longer than planned",
                worked=i18n.minutes(worked),
                expected=i18n.minutes(expected),
            )
        return _("{worked} of about {expected}", worked=i18n.minutes(worked), expected=i18n.minutes(expected))

    def _kinds(self) -> list[PlannedRow]:
        bundle = self._held.bundle
        there = {spec_of(entry).kind for entry in (*bundle.activities, *bundle.supplies)}
        return [
            PlannedRow(
                id=kind,
                icon=spec_for(kind).icon,
                label=_(spec_for(kind).title),
                is_done=kind in there,
                act="" if kind in there else _("Write down"),
            )
            for kind in self._held.visit.planned_kinds
            if is_known(kind)
        ]

    def _points(self) -> list[PlannedRow]:
        points = self._held.visit.points
        if not points:
            return []
        looked_at = {
            row.item
            for entry in self._held.bundle.activities
            if isinstance(entry, Maintenance)
            for row in entry.checklist
        }
        done = sum(point in looked_at for point in points)
        return [
            PlannedRow(
                id=POINTS,
                icon="list-checks",
                label=ngettext("{n} point to look at", "{n} points to look at", len(points)),
                line=_("{done} of {n} looked at", done=done, n=len(points)) if done else "",
                is_done=done == len(points),
                act=_("Go through them") if not done else "",
            )
        ]

    def _supplies(self) -> list[PlannedRow]:
        rows, visit = [], self._held.visit
        currency = visit.planned_currency or visit.currency
        for place, plan in enumerate(visit.planned_supplies):
            is_used = self._used(plan)
            price = plan.unit_price_minor
            rows.append(
                PlannedRow(
                    id=str(place),
                    icon="package",
                    label=plan.words(),
                    line=i18n.money(price, currency) if price is not None else "",
                    is_done=is_used,
                    act="" if is_used else _("Was used"),
                )
            )
        return rows
