"""A visit's case at the office: the case with its visits, and closing it or opening it again with a reason."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction

from techkit.central import audit, bundles, office
from techkit.central.accounts import Right, require
from techkit.central.models import Record as Row
from techkit.central.models import User
from techkit.central.transactions import retried
from techkit.errors import CentralError
from techkit.i18n import _
from techkit.records.cases import CaseFile, files
from techkit.records.schema import replace
from techkit.records.visit import Case, CaseState, Visit


def case_of(org_id: int, visit: Visit) -> CaseFile | None:
    """Return the case a visit belongs to, with all its visits; None where it has none, or it has not arrived."""
    key = bundles.as_uuid(visit.case_id or "")
    if key is None:
        return None
    rows = Row.objects.filter(org_id=org_id, entity="case", entity_id=key, deleted=False)
    case = next((held for held in bundles.decoded(rows) if isinstance(held, Case)), None)
    if case is None:
        return None
    customers = {held for c in (visit, case) if (held := bundles.as_uuid(c.customer_id))}
    family = {one for held in customers for one in bundles.family(org_id, held)}
    named = Row.objects.filter(
        org_id=org_id, customer_id__in=family, entity="visit", state__case_id=case.id, deleted=False
    )
    visits = [held for held in bundles.decoded(named) if isinstance(held, Visit)]
    return files([case], visits)[0]


def close(user: User, visit_id: str, reason: str, address: str = "") -> None:
    """Say that nobody works on a visit's case any more; the reason reaches the devices. Raises: InputError, CentralError."""
    _decide(user, visit_id, reason, address, is_open=False)


def reopen(user: User, visit_id: str, reason: str, address: str = "") -> None:
    """Say that a visit's case waits again, whatever its last visit said. Raises: InputError, CentralError."""
    _decide(user, visit_id, reason, address, is_open=True)


def _decide(user: User, visit_id: str, reason: str, address: str, *, is_open: bool) -> None:
    require(user, Right.REVIEW)
    loaded = bundles.load(user.org_id, visit_id)
    file = case_of(user.org_id, loaded.bundle.visit) if loaded is not None else None
    if file is None:
        raise CentralError(_("There is no such case."), status=404, advice=_("Go back to the list."))
    words = office.reason(reason, safe=_("The case is as it was."))
    if file.is_open is is_open:
        raise CentralError(
            _("This case is open already.") if is_open else _("This case is closed already."),
            status=409,
            safe=_("Nothing was changed."),
            advice=_("Load the page again to see what holds now."),
        )
    case = file.case
    decided = replace(
        case,
        state=CaseState.OPEN if is_open else CaseState.CLOSED,
        # Later than all that staff have seen, also when a device's clock ran ahead.
        decided_at=max(moment for moment in (datetime.now(UTC), file.last_moment) if moment),
        decided_by=user.shown_name,
        decision_note=words,
        reopened_count=case.reopened_count + is_open,
        resolved_at=None,
    )
    action = "visit.reopen_case" if is_open else "visit.close_case"

    def work() -> None:
        with transaction.atomic():
            office.record_as_staff(user, decided)
            detail = {"case": case.id, "reason": words}
            audit.append_for(user, action, "visit", visit_id, detail, address)

    retried(work)
