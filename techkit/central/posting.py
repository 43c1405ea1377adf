"""Booking an approved visit: cost entries, budgets, contract; taking that back; closing months.

Each step is one transaction with its row in the audit trail. Nothing booked is ever changed or deleted:
what was wrong is taken back by entries of the opposite amount. Booking twice books once.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from django.db import transaction

from techkit.central import accounts, audit, bundles, office
from techkit.central.accounts import Right
from techkit.central.bundles import Loaded
from techkit.central.models import ClosedMonth, Org, User
from techkit.central.models import Record as Row
from techkit.central.transactions import retried
from techkit.errors import CentralError, InputError
from techkit.i18n import _
from techkit.records import entering, schema
from techkit.records.assets import Contract
from techkit.records.bundle import VisitBundle
from techkit.records.charges import is_booked, pool_minutes, visit_day
from techkit.records.identity import new_id
from techkit.records.posting import Act, Booking, booking, month_of, open_month, reversal, standing
from techkit.records.review import Decision, DecisionKind
from techkit.records.visit import ReviewState, Visit, WorkState

T = TypeVar("T")

#: Visits whose hours are booked, or never will be.
_SETTLED = (ReviewState.POSTED, ReviewState.VOID)

#: Visits whose page is signed, or will not be.
_CLOSED = (WorkState.SIGNED, WorkState.SIGNOFF_WAIVED, WorkState.SUBMITTED)


def may_book(user: User) -> bool:
    """Return whether the person may book costs."""
    return accounts.may(user, Right.BOOK)


def require_book(user: User) -> None:
    """Refuse a person who may not book costs. Raises: CentralError with status 403."""
    if not may_book(user):
        raise CentralError(
            _("Your account may not book costs."),
            status=403,
            safe=_("Nothing was booked."),
            advice=_("Ask somebody of finance."),
        )


def post(user: User, visit_id: str, address: str = "", rev: int | None = None) -> Booking:
    """Book the costs of an approved visit and move its budgets on; return the booking that stands.

    A visit that is booked already stays as it is. rev: the revision the person saw. A budget is
    booked only where this service holds it. Raises: CentralError 403 without the right, 404 for an
    unknown visit, 409 when it is not approved or has changed; InputError for a foreign currency.
    """
    require_book(user)

    def work() -> Booking:
        loaded = _locked(user, visit_id)
        bundle = loaded.bundle
        if is_booked(bundle):
            return Booking(entries=standing(bundle.cost_entries), budgets=())
        if bundle.visit.review_state is not ReviewState.APPROVED:
            raise CentralError(
                _("Only an approved visit can be booked."), status=409, safe=_("Nothing was booked.")
            )
        _refuse_stale(loaded, rev)
        act = Act(by=user.shown_name, at=datetime.now(UTC), period=month_to_book(user.org_id, bundle))
        done = booking(bundle, new_id, act)
        detail = {"entries": len(done.entries), "revision": bundle.visit.revision, "month": act.period}
        _write(user, bundle, done, ReviewState.POSTED, _decision(user, bundle, DecisionKind.POST, ""))
        audit.append_for(user, "visit.post", "visit", visit_id, detail, address)
        return done

    return _at_once(work)


def take_back(user: User, visit_id: str, rev: int | None, reason: str, address: str = "") -> Booking:
    """Take the booking of a visit back and reopen it; return the entries of the opposite amount.

    Raises: CentralError 403 without the right, 404 for an unknown visit, 409 when it is not booked
    or has changed; InputError without a reason.
    """
    require_book(user)
    words = entering.clean_text(reason, multiline=True)
    if not words:
        raise InputError(
            _("The reason is still empty."),
            field="reason",
            safe=_("Nothing was booked."),
            advice=_("Please write one sentence."),
        )

    def work() -> Booking:
        loaded = _locked(user, visit_id)
        bundle = loaded.bundle
        if not is_booked(bundle):
            raise CentralError(_("This visit is not booked."), status=409, safe=_("Nothing was booked."))
        _refuse_stale(loaded, rev)
        closed = closed_months(user.org_id)
        act = Act(by=user.shown_name, at=datetime.now(UTC), reason=words)
        done = reversal(bundle, new_id, act, lambda month: open_month(month, closed))
        if done.contract is not None and bundle.contract is not None:
            _keep_what_others_drew(user, bundle.contract, visit_id)
        _write(user, bundle, done, ReviewState.REOPENED, _decision(user, bundle, DecisionKind.REOPEN, words))
        detail = {"entries": len(done.entries), "revision": bundle.visit.revision, "note": words}
        audit.append_for(user, "visit.take_back", "visit", visit_id, detail, address)
        return done

    return _at_once(work)


def _keep_what_others_drew(user: User, contract: Contract, visit_id: str) -> None:
    """Write on the closed visits that wait to be booked how many of the contract's minutes there are before some come back.

    What they draw is on a page somebody signed; hours that come back are those of the visit whose booking is taken back.
    """
    left = pool_minutes(contract)
    rows = Row.objects.filter(
        org_id=user.org_id,
        entity="visit",
        customer_id__in=bundles.with_merged(user.org_id, uuid.UUID(contract.customer_id)),
        state__contract_id=contract.id,
        deleted=False,
    )
    for held in bundles.decoded(rows):
        if not isinstance(held, Visit) or held.id == visit_id or held.work_state not in _CLOSED:
            continue
        begun_with = held.contract_minutes
        if held.review_state not in _SETTLED and (begun_with is None or begun_with > left):
            office.change_as_staff(user, "visit", held.id, {"contract_minutes": left})


def month_to_book(org_id: int, bundle: VisitBundle) -> str:
    """Return the month a visit counts in: its own, or the first open one after it."""
    return open_month(month_of(visit_day(bundle.visit)), closed_months(org_id))


# --- closed months ---------------------------------------------------------------------------------------


def closed_months(org_id: int) -> frozenset[str]:
    """Return the months nothing is booked into any more, e.g. "2026-11"."""
    rows = ClosedMonth.objects.filter(org_id=org_id, reopened_at=None)
    return frozenset(rows.values_list("month", flat=True))


def close_month(user: User, month: str, address: str = "") -> None:
    """Close a month: from now on what belongs to it is booked into the next open one.

    Raises: CentralError 403 without the right, 409 for a month that is not over; InputError for a
    text that is no month.
    """
    require_book(user)
    _refuse_no_month(month)
    if month >= month_of(datetime.now(UTC).date()):
        raise CentralError(
            _("This month is not over yet."),
            status=409,
            safe=_("Nothing was closed."),
            advice=_("Close it when its visits are booked."),
        )

    def work() -> None:
        _lock(user)
        row, is_new = ClosedMonth.objects.get_or_create(
            org_id=user.org_id, month=month, defaults={"closed_at": datetime.now(UTC), "closed_by": user}
        )
        if not is_new and row.reopened_at is None:
            return
        row.closed_at, row.closed_by, row.reopened_at = datetime.now(UTC), user, None
        row.save()
        _mark_budgets(user, month, row.closed_at.date().isoformat())
        audit.append_for(user, "month.close", "month", month, address=address)

    _at_once(work)


def reopen_month(user: User, month: str, reason: str, address: str = "") -> None:
    """Open a closed month again, with a written reason.

    Raises: CentralError 403 without the right, 404 when it is not closed; InputError without a reason.
    """
    require_book(user)
    words = entering.clean_text(reason)
    if not words:
        raise InputError(
            _("The reason is still empty."),
            field="reason",
            safe=_("The month stays closed."),
            advice=_("Please write one sentence."),
        )

    def work() -> None:
        _lock(user)
        row = ClosedMonth.objects.filter(org_id=user.org_id, month=month, reopened_at=None).first()
        if row is None:
            raise CentralError(_("This month is not closed."), status=404, safe=_("Nothing was changed."))
        row.reopened_at = datetime.now(UTC)
        row.save(update_fields=["reopened_at"])
        _mark_budgets(user, month, None)
        audit.append_for(user, "month.reopen", "month", month, {"note": words}, address)

    _at_once(work)


def _mark_budgets(user: User, month: str, closed_on: str | None) -> None:
    """Write on the month's budgets that it is closed, or open again: devices know it without asking."""
    rows = Row.objects.filter(org_id=user.org_id, entity="budget", state__period=month, deleted=False)
    for budget_id in list(rows.values_list("entity_id", flat=True)):
        office.change_as_staff(user, "budget", str(budget_id), {"closed_on": closed_on})


def _refuse_no_month(month: str) -> None:
    if not re.fullmatch(r"2\d{3}-(0[1-9]|1[0-2])", month):
        raise InputError(
            _("That is no month."),
            field="month",
            safe=_("Nothing was closed."),
            advice=_("Write it as 2026-11."),
        )


# --- inside -------------------------------------------------------------------------------------------------


def _at_once(work: Callable[[], T]) -> T:
    """Run a step as one transaction, again when another one was in its way."""

    def whole() -> T:
        with transaction.atomic():
            return work()

    return retried(whole)


def _lock(user: User) -> None:
    """Let one booking at a time through: two visits may draw on one budget."""
    Org.objects.select_for_update().only("id").get(pk=user.org_id)


def _locked(user: User, visit_id: str) -> Loaded:
    _lock(user)
    loaded = bundles.load(user.org_id, visit_id)
    if loaded is None:
        raise CentralError(_("There is no such visit."), status=404, safe=_("Nothing was booked."))
    return loaded


def _refuse_stale(loaded: Loaded, rev: int | None) -> None:
    if rev is not None and rev != loaded.rev:
        raise CentralError(
            _("This visit has changed since you opened it."),
            status=409,
            safe=_("Nothing was booked."),
            advice=_("Look at what is new, then decide again."),
        )


def _decision(user: User, bundle: VisitBundle, kind: DecisionKind, note: str) -> Decision:
    return Decision(
        id=new_id(),
        visit_id=bundle.visit.id,
        visit_revision=bundle.visit.revision,
        decision=kind,
        by=user.shown_name,
        at=datetime.now(UTC),
        note=note,
    )


def _write(user: User, bundle: VisitBundle, done: Booking, state: ReviewState, decision: Decision) -> None:
    for entry in done.entries:
        office.record_as_staff(user, entry)
    for budget in done.budgets:
        office.change_as_staff(user, "budget", budget.id, {"actual_minor": budget.actual_minor})
    if done.contract is not None:
        used = format(done.contract.hours_used, "f")
        office.change_as_staff(user, "contract", done.contract.id, {"hours_used": used})
    office.record_as_staff(user, decision)
    posted_on = decision.at.date() if state is ReviewState.POSTED and decision.at else None
    office.record_as_staff(user, schema.replace(bundle.visit, review_state=state, posted_on=posted_on))
