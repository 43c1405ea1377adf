"""Booking an approved visit: cost entries and budgets, once, in one transaction with its audit row."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction

from techkit.central import audit, bundles, office
from techkit.central.models import Role, User
from techkit.central.transactions import retried
from techkit.errors import CentralError
from techkit.i18n import _
from techkit.records import schema
from techkit.records.budget import Budget
from techkit.records.identity import new_id
from techkit.records.posting import Booking, booking
from techkit.records.review import Decision, DecisionKind
from techkit.records.visit import ReviewState

#: Who may book costs.
MAY_BOOK = (Role.FINANCE, Role.LEAD, Role.ADMIN)


def post(user: User, visit_id: str, address: str = "") -> Booking:
    """Book the costs of an approved visit and move its budgets on; return what was written.

    A budget is booked only where this service holds it. Raises: CentralError 403 without the right,
    404 for an unknown visit, 409 when it is not approved or booked already.
    """
    if user.role not in MAY_BOOK:
        raise CentralError(
            _("Your account may not book costs."),
            status=403,
            safe=_("Nothing was booked."),
            advice=_("Ask somebody of finance."),
        )
    made: list[Booking] = []

    def work() -> None:
        made.clear()
        with transaction.atomic():
            loaded = bundles.load(user.org_id, visit_id)
            if loaded is None:
                raise CentralError(_("There is no such visit."), status=404, safe=_("Nothing was booked."))
            bundle = loaded.bundle
            if bundle.visit.review_state is not ReviewState.APPROVED:
                raise CentralError(
                    _("Only an approved visit can be booked, and only once."),
                    status=409,
                    safe=_("Nothing was booked."),
                )
            done = booking(bundle, new_id)
            for entry in done.entries:
                office.record_as_staff(user, entry)
            for budget in done.budgets:
                _move_on(user, budget)
            decision = Decision(
                id=new_id(),
                visit_id=visit_id,
                visit_revision=bundle.visit.revision,
                decision=DecisionKind.POST,
                by=user.shown_name,
                at=datetime.now(UTC),
            )
            office.record_as_staff(user, decision)
            office.record_as_staff(user, schema.replace(bundle.visit, review_state=ReviewState.POSTED))
            detail = {"entries": len(done.entries), "revision": bundle.visit.revision}
            audit.append_for(user, "visit.post", "visit", visit_id, detail, address)
            made.append(done)

    retried(work)
    return made[0]


def _move_on(user: User, budget: Budget) -> None:
    office.change_as_staff(user, "budget", budget.id, {"actual_minor": budget.actual_minor})
