"""Whether a cost centre bears costs on the day of a visit: what is offered then, and what the reviewer is told. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from techkit import i18n
from techkit.i18n import _
from techkit.records.budget import CostCentre
from techkit.records.bundle import VisitBundle
from techkit.records.charges import visit_day
from techkit.records.review import Flag, Severity


def is_valid(centre: CostCentre, day: date | None) -> bool:
    """Return whether a cost centre bears costs on a day; a visit without a day takes every one."""
    if day is None:
        return True
    has_begun = centre.valid_from is None or centre.valid_from <= day
    return has_begun and (centre.valid_until is None or day <= centre.valid_until)


def valid_centres(bundle: VisitBundle) -> tuple[CostCentre, ...]:
    """Return the customer's cost centres that may bear costs of the visit, in their order."""
    day = visit_day(bundle.visit)
    return tuple(centre for centre in bundle.cost_centres if is_valid(centre, day))


def centre_not_valid(bundle: VisitBundle) -> Iterator[Flag]:
    """Yield the cost centres the visit names that bear nothing on its day, each once."""
    day = visit_day(bundle.visit)
    named = {a.cost_centre_id for a in bundle.allocations} | {s.cost_centre_id for s in bundle.supplies}
    for centre in bundle.cost_centres:
        if day is None or centre.id not in named or is_valid(centre, day):
            continue
        if centre.valid_until is not None and day > centre.valid_until:
            said = _(
                "Cost centre {code} bears costs until {day} only.",
                code=centre.code,
                day=i18n.day(centre.valid_until),
            )
        else:
            begins = i18n.day(centre.valid_from) if centre.valid_from else ""
            said = _("Cost centre {code} bears costs from {day} on.", code=centre.code, day=begins)
        yield Flag(
            rule="centre_not_valid",
            severity=Severity.WARNING,
            sentence=said,
            kind="cost_centre",
            record_id=centre.id,
        )
