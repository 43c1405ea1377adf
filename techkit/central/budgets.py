"""What finance does to budgets: approve, revise, transfer, promise, release.

Nothing is changed in place: a revision is a new budget that replaces the one before it, a transfer is two
revisions and a record that names both. Every step leaves a row in the audit trail.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import TypeVar

from django.db import transaction

from techkit import i18n
from techkit.central import accounts, audit, bundles, ledger, office
from techkit.central.accounts import Right
from techkit.central.models import ClosedMonth, Org, User
from techkit.central.models import Record as Row
from techkit.central.transactions import retried
from techkit.errors import CentralError, InputError
from techkit.i18n import _
from techkit.records import entering, schema
from techkit.records.activities import PurchaseAssistance
from techkit.records.budget import (
    MAX_AMOUNT_MINOR,
    Budget,
    BudgetChange,
    Commitment,
    Control,
    CostCentre,
    CostEntry,
    newest_revisions,
)
from techkit.records.identity import new_id
from techkit.records.schema import Record

R = TypeVar("R", bound=Record)


def add_centre(user: User, customer_id: str, code: str, name: str, address: str = "") -> str:
    """Make a cost centre of a customer; return its id.

    Raises: InputError for an empty or taken code, CentralError 403 or 404.
    """
    code = entering.clean_text(code)
    if not code:
        raise InputError(_("The code is still empty."), field="code", safe=_("Nothing was changed."))

    def work() -> list[Record]:
        if not Row.objects.filter(
            org_id=user.org_id, entity="customer", entity_id=_uuid(customer_id)
        ).exists():
            raise _nothing_there()
        if any(
            held.code.casefold() == code.casefold() for held in of_customer(user, customer_id, CostCentre)
        ):
            raise InputError(
                _("This customer has a cost centre {code} already.", code=code),
                field="code",
                safe=_("Nothing was changed."),
            )
        made = CostCentre(id=new_id(), customer_id=customer_id, code=code, name=entering.clean_text(name))
        return [made]

    return done(user, "cost_centre.add", work, {"code": code}, address)[0].id


def make_part(user: User, centre_id: str, parent_id: str, address: str = "") -> None:
    """Make a cost centre part of another one of its customer; "" takes it out again.

    Raises: InputError where it would be part of itself, naming the centre, CentralError 403 or 404.
    """

    def work() -> list[Record]:
        return [_as_part(user, one(user, centre_id, CostCentre), parent_id)]

    done(user, "cost_centre.part", work, {"centre": centre_id, "part_of": parent_id}, address)


def _as_part(user: User, centre: CostCentre, parent_id: str) -> CostCentre:
    """Return a cost centre as part of another one. Raises: InputError for a circle or another customer's."""
    held = {c.id: c for c in of_customer(user, centre.customer_id, CostCentre)}
    if parent_id and parent_id not in held:
        raise InputError(
            _("Choose a cost centre of the same customer."), field="parent", safe=_("Nothing was changed.")
        )
    above, seen = parent_id, set[str]()
    while above in held and above not in seen:
        if above == centre.id:
            raise InputError(
                _("{code} would be part of itself.", code=centre.code),
                field="parent",
                safe=_("Nothing was changed."),
                advice=_("Choose another cost centre."),
            )
        seen.add(above)
        above = held[above].parent_id or ""
    return schema.replace(centre, parent_id=parent_id or None)


def approve(
    user: User,
    centre_id: str,
    period: str,
    approved_minor: int,
    *,
    currency: str = "EUR",
    control: str = Control.WARN,
    warn_percent: int = 90,
    address: str = "",
) -> str:
    """Approve the first budget of a cost centre for a year or month; return its id.

    It begins with what was booked on the cost centre in its period: a month's takes that over from its year's.
    Raises: InputError for a period or amount that cannot be, and for another currency than what was booked;
    CentralError 403, 404, 409 when the period has a budget or is closed.
    """
    if not re.fullmatch(r"2\d{3}(-(0[1-9]|1[0-2]))?", period):
        raise InputError(
            _("That is no period."),
            field="period",
            safe=_("Nothing was changed."),
            advice=_("Write a year or a month: 2026 or 2026-11."),
        )
    _refuse_amount(approved_minor, least=0)
    if currency not in i18n.currencies():
        raise InputError(_("Please choose one."), field="currency", safe=_("Nothing was changed."))
    if control not in list(Control) or not 1 <= warn_percent <= 100:
        raise InputError(_("Please choose one."), field="control", safe=_("Nothing was changed."))

    def work() -> list[Record]:
        centre = one(user, centre_id, CostCentre)
        for held in newest_revisions(of_customer(user, centre.customer_id, Budget)):
            if held.cost_centre_id == centre.id and held.period == period:
                raise CentralError(
                    _("There is a budget for {period} already.", period=period),
                    status=409,
                    safe=_("Nothing was changed."),
                    advice=_("Open it and change what is approved."),
                )
        entries, above = ledger.taken_over(user, centre, period)
        _refuse_other_currency(entries, currency)
        spent = sum(entry.amount_minor for entry in entries)
        made = Budget(
            id=new_id(),
            customer_id=centre.customer_id,
            cost_centre_id=centre.id,
            period=period,
            approved_minor=approved_minor,
            original_minor=approved_minor,
            actual_minor=spent,
            currency=currency,
            control=Control(control),
            warn_percent=warn_percent,
            approved_by=user.shown_name,
            approved_on=_today(),
        )
        _refuse_closed(user, made)
        less = [schema.replace(above, actual_minor=above.actual_minor - spent)] if above and spent else []
        return [made, *less]

    return done(user, "budget.approve", work, {"period": period, "approved": approved_minor}, address)[0].id


def revise(user: User, budget_id: str, approved_minor: int, reason: str, address: str = "") -> str:
    """Approve another amount for a budget; return the id of the revision that holds now.

    Raises: InputError without a reason or for an amount that cannot be, CentralError 403, 404, 409
    when the budget was revised meanwhile.
    """
    words = office.reason(reason, safe=_("Nothing was changed."))
    _refuse_amount(approved_minor, least=0)

    def work() -> list[Record]:
        return revised(user, _newest(user, budget_id), approved_minor, words)

    return done(user, "budget.revise", work, {"budget": budget_id, "approved": approved_minor}, address)[0].id


def transfer(
    user: User, from_id: str, to_id: str, amount_minor: int, reason: str, address: str = ""
) -> tuple[str, str]:
    """Move an approved amount to another budget of the same customer; return the ids of both revisions.

    Raises: InputError without a reason, for the same budget, another currency or more than is
    available; CentralError 403, 404, 409 when one of them was revised meanwhile.
    """
    words = office.reason(reason, safe=_("Nothing was changed."))
    _refuse_amount(amount_minor, least=1)

    def work() -> list[Record]:
        return moved(user, _newest(user, from_id), _newest(user, to_id), amount_minor, words)

    detail = {"from": from_id, "to": to_id, "amount": amount_minor}
    made = done(user, "budget.transfer", work, detail, address)
    return made[0].id, made[1].id


def commit(
    user: User, budget_id: str, text: str, amount_minor: int, address: str = "", *, purchase_id: str = ""
) -> str:
    """Note a purchase that was promised: it is no longer available; return the commitment's id.

    purchase_id: the help with a purchase a technician recorded; it gives the words where there are none.
    Raises: InputError without words, for an amount that cannot be, or for a purchase promised already;
    CentralError 403, 404, 409.
    """
    words = entering.clean_text(text)
    if not words and not purchase_id:
        raise InputError(
            _("What was promised is still empty."), field="reason", safe=_("Nothing was changed.")
        )
    _refuse_amount(amount_minor, least=1)

    def work() -> list[Record]:
        held = _newest(user, budget_id)
        if not purchase_id:
            return promised(user, held, amount_minor, words)
        bought = one(user, purchase_id, PurchaseAssistance)
        if bought.id not in {p.id for p in open_purchases(user, held.customer_id)}:
            raise InputError(
                _("“{title}” is promised already, or is another customer’s.", title=bought.title),
                field="purchase",
                safe=_("Nothing was changed."),
            )
        made = promised(user, held, amount_minor, words or bought.title)
        return [schema.replace(made[0], purchase_id=bought.id, visit_id=bought.visit_id), *made[1:]]

    return done(user, "budget.commit", work, {"budget": budget_id, "amount": amount_minor}, address)[0].id


def open_purchases(user: User, customer_id: str) -> list[PurchaseAssistance]:
    """Return the purchases technicians helped a customer with that no money is promised for, the newest first."""
    taken = {c.purchase_id for c in of_customer(user, customer_id, Commitment)}
    visits = Row.objects.filter(
        org_id=user.org_id, entity="visit", customer_id=_uuid(customer_id), deleted=False
    )
    rows = Row.objects.filter(
        org_id=user.org_id,
        entity="purchase_assistance",
        visit_id__in=visits.values("entity_id"),
        deleted=False,
    )
    held = [p for p in bundles.decoded(rows) if isinstance(p, PurchaseAssistance)]
    free = (p for p in held if p.id not in taken and p.decision != "declined")
    return sorted(free, key=lambda p: p.id, reverse=True)


def release(user: User, commitment_id: str, address: str = "") -> str:
    """Release a commitment, its invoice has come or it is given up; return the id of its budget.

    Releasing twice releases once. Raises: CentralError 403, 404.
    """
    found: list[str] = []

    def work() -> list[Record]:
        promised = one(user, commitment_id, Commitment)
        named = one(user, promised.budget_id, Budget)
        own = [
            b
            for b in newest_revisions(of_customer(user, promised.customer_id, Budget))
            if (b.cost_centre_id, b.period) == (named.cost_centre_id, named.period)
        ]
        found[:] = [b.id for b in own]
        if promised.released_on is not None or not own:
            return []
        done = schema.replace(promised, released_on=_today(), released_by=user.shown_name)
        left = max(0, own[0].committed_minor - promised.amount_minor)
        return [done, schema.replace(own[0], committed_minor=left)]

    done(user, "budget.release", work, {"commitment": commitment_id}, address)
    return found[0] if found else ""


# --- the records of a step, also of one a technician proposed ---------------------------------------------------


def revised(user: User, held: Budget, approved_minor: int, reason: str) -> list[Record]:
    """Return the revision of a budget and what names it. Raises: InputError, CentralError 409 for a closed month."""
    _refuse_closed(user, held)
    made = _revision(user, held, approved_minor)
    return [made, _change(user, made, approved_minor - held.approved_minor, reason)]


def moved(user: User, source: Budget, target: Budget, amount_minor: int, reason: str) -> list[Record]:
    """Return both revisions of a transfer and what names them; the one that has less at the head.

    Raises: InputError for the same budget, another currency or more than is available, CentralError 409
    for a closed month.
    """
    _refuse_closed(user, source, target)
    if source.id == target.id or source.customer_id != target.customer_id:
        raise InputError(
            _("Choose another budget of the same customer."), field="to", safe=_("Nothing was changed.")
        )
    if source.currency != target.currency:
        raise InputError(
            _("The two budgets are kept in different currencies."),
            field="to",
            safe=_("Nothing was changed."),
        )
    if amount_minor > source.approved_minor - source.actual_minor - source.committed_minor:
        raise InputError(
            _("That is more than this budget has available."),
            field="amount",
            safe=_("Nothing was changed."),
        )
    less = _revision(user, source, source.approved_minor - amount_minor)
    more = _revision(user, target, target.approved_minor + amount_minor)
    return [less, more, _change(user, more, amount_minor, reason, from_id=less.id)]


def promised(user: User, held: Budget, amount_minor: int, words: str) -> list[Record]:
    """Return a budget with the purchase promised from it, and the promise; the promise at the head.

    Raises: CentralError 409 for a closed month.
    """
    _refuse_closed(user, held)
    made = Commitment(
        id=new_id(),
        customer_id=held.customer_id,
        budget_id=held.id,
        reason=words,
        amount_minor=amount_minor,
        currency=held.currency,
        promised_on=_today(),
        promised_by=user.shown_name,
    )
    return [made, schema.replace(held, committed_minor=held.committed_minor + amount_minor)]


# --- inside -------------------------------------------------------------------------------------------------


def done(
    user: User,
    action: str,
    work: Callable[[], list[Record]],
    detail: Mapping[str, object],
    address: str,
) -> list[Record]:
    """Write what the work gives and the audit row in one transaction, one step of finance at a time.

    Raises: CentralError 403 without the right to book, and what the work raises.
    """
    if not accounts.may(user, Right.BOOK):
        raise CentralError(
            _("Your account may not change budgets."),
            status=403,
            safe=_("Nothing was changed."),
            advice=_("Ask somebody of finance."),
        )

    def whole() -> list[Record]:
        with transaction.atomic():
            Org.objects.select_for_update().only("id").get(pk=user.org_id)
            made = work()
            for held in made:
                entering.check(held)
                office.record_as_staff(user, held)
            if made:
                audit.append_for(user, action, schema.spec_of(made[0]).kind, made[0].id, detail, address)
        return made

    return retried(whole)


def _revision(user: User, held: Budget, approved_minor: int) -> Budget:
    _refuse_amount(approved_minor, least=0)
    return schema.replace(
        held,
        id=new_id(),
        revision_of=held.id,
        approved_minor=approved_minor,
        approved_by=user.shown_name,
        approved_on=_today(),
    )


def _change(user: User, made: Budget, amount: int, reason: str, from_id: str | None = None) -> BudgetChange:
    """Return what names a revision, or a transfer from another revision: how much and why."""
    return BudgetChange(
        id=new_id(),
        customer_id=made.customer_id,
        from_budget_id=from_id,
        to_budget_id=made.id,
        amount_minor=amount,
        currency=made.currency,
        reason=reason,
        approved_by=user.shown_name,
        approved_on=_today(),
    )


def _refuse_closed(user: User, *held: Budget) -> None:
    """Refuse to change what was approved for a month that is closed. Raises: CentralError with status 409."""
    closed = ClosedMonth.objects.filter(org_id=user.org_id, reopened_at=None)
    for month in closed.filter(month__in=[b.period for b in held]).values_list("month", flat=True)[:1]:
        day = i18n.month(date.fromisoformat(f"{month}-01"))
        raise CentralError(
            _("{month} is closed; its budget stands as it was.", month=day),
            status=409,
            safe=_("Nothing was changed."),
            advice=_("Open the month again, with a reason, or choose another budget."),
        )


def _refuse_other_currency(entries: Iterable[CostEntry], currency: str) -> None:
    """Refuse a budget nothing of its period could be booked on or taken back from. Raises: InputError."""
    for entry in entries:
        if entry.currency != currency:
            raise InputError(
                _("Costs of this period are booked in {currency} already.", currency=entry.currency),
                field="currency",
                safe=_("Nothing was changed."),
                advice=_("Keep the budget in that currency."),
            )


def _newest(user: User, budget_id: str) -> Budget:
    """Return a budget that no revision replaced. Raises: CentralError 404, 409."""
    held = one(user, budget_id, Budget)
    if all(b.id != held.id for b in newest_revisions(of_customer(user, held.customer_id, Budget))):
        raise CentralError(
            _("This budget was changed since you opened it."),
            status=409,
            safe=_("Nothing was changed."),
            advice=_("Look at what holds now, then decide again."),
        )
    return held


def one(user: User, record_id: str, kind: type[R]) -> R:
    """Return a record of the organisation. Raises: CentralError 404."""
    rows = Row.objects.filter(org_id=user.org_id, entity_id=_uuid(record_id), deleted=False)
    for held in bundles.decoded(rows):
        if isinstance(held, kind):
            return held
    raise _nothing_there()


def of_customer(user: User, customer_id: str, kind: type[R]) -> list[R]:
    """Return a customer's records of a kind, those of whom they were merged with as well."""
    rows = Row.objects.filter(
        org_id=user.org_id,
        customer_id__in=bundles.family(user.org_id, _uuid(customer_id)),
        entity=schema.spec_of(kind).kind,
        deleted=False,
    )
    return [held for held in bundles.decoded(rows) if isinstance(held, kind)]


def _uuid(text: str) -> uuid.UUID:
    found = bundles.as_uuid(text)
    if found is None:
        raise _nothing_there()
    return found


def _nothing_there() -> CentralError:
    return CentralError(
        _("There is no such record."),
        status=404,
        safe=_("Nothing was changed."),
        advice=_("Go back to the list."),
    )


def _refuse_amount(minor: int, *, least: int) -> None:
    if not least <= minor <= MAX_AMOUNT_MINOR:
        raise InputError(
            _("That amount cannot be."),
            field="amount",
            safe=_("Nothing was changed."),
            advice=_("Write an amount above 0."),
        )


def _today() -> date:
    return datetime.now(UTC).date()
