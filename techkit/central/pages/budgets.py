"""Budgets: cost centres, what each may spend and has spent, and every row behind a figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET, require_POST

from techkit import i18n
from techkit.central import budgets, ledger, posting, proposals, reports
from techkit.central.accounts import Right
from techkit.central.doors import client_address, person
from techkit.central.ledger import ROWS_SHOWN, Account, BookedRow, Ledger
from techkit.central.models import User
from techkit.central.pages import budget_proposals
from techkit.central.pages.frame import needs, show
from techkit.central.pages.marks import Mark
from techkit.central.pages.typed import amount_typed, status_of
from techkit.central.pages.visit_money import (
    entry_note,
    entry_words,
    meter_width,
    month_words,
    standing_look,
    used_words,
    variance_words,
)
from techkit.errors import CentralError, InputError
from techkit.i18n import _, ngettext
from techkit.records.budget import Budget, BudgetChange, Standing
from techkit.records.schema import spec_of


@dataclass(frozen=True, kw_only=True)
class AccountLine:
    """One cost centre with one budget, in words; address "" without a budget."""

    customer: str
    code: str
    name: str
    centre_id: str
    period: str
    address: str
    approved: str
    spent: str
    promised: str
    available: str
    left: str
    used: str
    width: int
    look: str
    mark: Mark | None
    part_of: str
    whole: str


@dataclass(frozen=True, kw_only=True)
class RevisionLine:
    """What was approved when, by whom and why."""

    approved: str
    who: str
    reason: str
    holds: bool


def _line(account: Account, every: Sequence[Account] = ()) -> AccountLine:
    held, stands = account.budget, account.stands
    words = {"approved": "", "spent": "", "promised": "", "available": "", "left": "", "used": ""}
    width, look = 0, ""
    if held is not None and stands is not None:
        words = {
            "approved": i18n.money(stands.approved_minor, held.currency),
            "spent": i18n.money(stands.actual_minor, held.currency),
            "promised": i18n.money(stands.committed_minor, held.currency),
            "available": i18n.money(stands.available_minor, held.currency),
            "left": variance_words(stands, held.currency),
            "used": used_words(stands),
        }
        width, look = meter_width(stands), standing_look(stands)
    return AccountLine(
        customer=account.customer.name or _("Customer not known here"),
        code=account.centre.code,
        name=account.centre.name,
        centre_id=account.centre.id,
        period=_period_words(held),
        address=f"/budgets/{held.id}" if held else "",
        width=width,
        look=look,
        mark=_mark(account),
        part_of=next((a.centre.code for a in every if a.centre.id == account.centre.parent_id), ""),
        whole=_whole(account, every),
        **words,
    )


def _whole(account: Account, every: Sequence[Account]) -> str:
    """Return how a budget stands with those of its cost centre's parts, "" where it has none."""
    held = ledger.with_parts(account, every)
    if held is None or account.budget is None:
        return ""
    money = account.budget.currency
    left = held.approved_minor - held.actual_minor - held.committed_minor
    return ngettext(
        "With its part: {spent} of {approved} spent, {left} available",
        "With its {n} parts: {spent} of {approved} spent, {left} available",
        held.part_count,
        spent=i18n.money(held.actual_minor, money),
        approved=i18n.money(held.approved_minor, money),
        left=i18n.money(left, money),
    )


def account_lines(user: User, customer_id: str) -> list[AccountLine]:
    """Return a customer's cost centres with what holds of their budgets."""
    every = ledger.accounts_of(user, customer_id)
    return [_line(account, every) for account in every]


def strained(user: User, year: int, most: int) -> list[AccountLine]:
    """Return the budgets of a year that are wholly or nearly used up, the fullest first."""
    marked = [a for a in ledger.accounts_of(user, period=str(year)) if _mark(a) is not None]
    fullest = sorted(
        marked, key=lambda a: a.stands.available_minor / max(a.stands.approved_minor, 1) if a.stands else 0
    )
    return [_line(account) for account in fullest[:most]]


def _mark(account: Account) -> Mark | None:
    """Return the warning of a budget that is nearly or wholly used up."""
    if account.stands is None or account.stands.standing is Standing.WITHIN:
        return None
    if account.stands.standing is Standing.STOP or account.stands.variance_minor < 0:
        return Mark(look="bad", icon="warning-octagon", words=_("Budget used up"))
    return Mark(look="watch", icon="warning", words=_("Budget nearly used up"))


def _period_words(budget: Budget | None) -> str:
    return month_words(budget.period) if budget else ""


# --- the list ------------------------------------------------------------------------------------------------


@require_GET
@needs(Right.READ)
def overview(request: HttpRequest) -> HttpResponse:
    """Show all cost centres with their budgets."""
    return _overview(request)


@require_POST
@needs(Right.BOOK)
def add_centre(request: HttpRequest) -> HttpResponse:
    """Make a cost centre."""
    return _step(
        request,
        lambda: budgets.add_centre(
            person(request),
            request.POST.get("customer", ""),
            request.POST.get("code", ""),
            request.POST.get("name", ""),
            client_address(request),
        ),
    )


@require_POST
@needs(Right.BOOK)
def make_part(request: HttpRequest) -> HttpResponse:
    """Make a cost centre part of another one, or take it out again."""
    centre, parent = request.POST.get("centre", ""), request.POST.get("parent", "")
    return _step(request, lambda: budgets.make_part(person(request), centre, parent, client_address(request)))


@require_POST
@needs(Right.BOOK)
def approve(request: HttpRequest) -> HttpResponse:
    """Approve the first budget of a cost centre for a period."""

    def work() -> str:
        currency = request.POST.get("currency", "EUR")
        return budgets.approve(
            person(request),
            request.POST.get("centre", ""),
            request.POST.get("period", "").strip(),
            amount_typed(request, "amount", currency),
            currency=currency,
            control=request.POST.get("control", "warn"),
            address=client_address(request),
        )

    return _step(request, work)


@require_POST
@needs(Right.BOOK)
def months(request: HttpRequest) -> HttpResponse:
    """Close a month, or open a closed one again."""
    user, month, address = person(request), request.POST.get("month", ""), client_address(request)

    def work() -> None:
        if request.POST.get("step") == "reopen":
            posting.reopen_month(user, month, request.POST.get("reason", ""), address)
        else:
            posting.close_month(user, month, address)

    return _step(request, work)


@require_POST
@needs(Right.BOOK)
def answer(request: HttpRequest, proposal_id: str) -> HttpResponse:
    """Accept what a technician proposed, or decline it; go to the budget that holds now."""
    user, address = person(request), client_address(request)
    note = request.POST.get("note", "")
    try:
        match request.POST.get("step", ""):
            case "accept":
                target = proposals.accept(user, proposal_id, note, address)
                return HttpResponseRedirect(f"/budgets/{target}")
            case "decline":
                proposals.decline(user, proposal_id, note, address)
                return HttpResponseRedirect("/budgets")
        raise InputError(_("That is no step techkit knows."), safe=_("Nothing was changed."))
    except (InputError, CentralError) as refused:
        return _overview(request, refused)


def _step(request: HttpRequest, work: Callable[[], object]) -> HttpResponse:
    try:
        work()
    except (InputError, CentralError) as refused:
        return _overview(request, refused)
    return HttpResponseRedirect("/budgets")


def _overview(request: HttpRequest, refused: InputError | CentralError | None = None) -> HttpResponse:
    user = person(request)
    customer, year = request.GET.get("customer", "")[:40], request.GET.get("year", "")[:4]
    if not year.isdecimal():
        year = ""
    accounts = ledger.accounts_of(user, customer, year)
    found = [_line(account, accounts) for account in accounts]
    strained = sum(line.mark is not None for line in found)
    summary = ngettext("1 budget", "{n} budgets", sum(bool(line.address) for line in found))
    if strained:
        summary += " · " + ngettext("1 nearly or wholly used up", "{n} nearly or wholly used up", strained)
    closed = [
        {
            "month": row.month,
            "words": month_words(row.month),
            "who": _(
                "closed by {name}, {day}",
                name=row.closed_by.shown_name,
                day=i18n.day(row.closed_at.date(), style="medium"),
            ),
        }
        for row in ledger.closed_months(user)
    ]
    every = ledger.customers(user)
    values = {
        "lines": found,
        "summary": summary,
        "customers": every,
        "customer": next((c for c in every if c.id == customer), None),
        "years": ledger.years(user),
        "year": year,
        "centres": {line.centre_id: f"{line.customer}: {line.code} {line.name}" for line in found},
        "currencies": i18n.currencies(),
        "controls": [(value, _(label)) for value, label in spec_of(Budget).field("control").choices.items()],
        "closed": closed,
        "proposals": budget_proposals.lines(user, customer),
        "this_year": str(datetime.now(reports.office_zone(user)).year),
        **_around(request, refused),
    }
    return show("budgets.html", request, "budgets", values, status_of(refused))


# --- one budget ---------------------------------------------------------------------------------------------


@require_GET
@needs(Right.READ)
def budget(request: HttpRequest, budget_id: str) -> HttpResponse:
    """Show one budget with what stands behind it."""
    return _shown(request, budget_id)


@require_POST
@needs(Right.BOOK)
def change(request: HttpRequest, budget_id: str) -> HttpResponse:
    """Revise the budget, transfer from it, promise a purchase or release one."""
    user, address = person(request), client_address(request)
    held = _found(request, budget_id)
    holding = held.revisions[0]
    try:
        match request.POST.get("step", ""):
            case "revise":
                amount = amount_typed(request, "amount", holding.currency)
                target = budgets.revise(user, budget_id, amount, request.POST.get("reason", ""), address)
            case "transfer":
                amount = amount_typed(request, "amount", holding.currency)
                to, reason = request.POST.get("to", ""), request.POST.get("reason", "")
                target = budgets.transfer(user, budget_id, to, amount, reason, address)[0]
            case "commit":
                amount = amount_typed(request, "amount", holding.currency)
                purchase = request.POST.get("purchase", "")
                budgets.commit(
                    user, budget_id, request.POST.get("text", ""), amount, address, purchase_id=purchase
                )
                target = budget_id
            case "release":
                budgets.release(user, request.POST.get("commitment", ""), address)
                target = budget_id
            case _:
                raise InputError(_("That is no step techkit knows."), safe=_("Nothing was changed."))
    except (InputError, CentralError) as refused:
        return _shown(request, budget_id, refused)
    return HttpResponseRedirect(f"/budgets/{target}")


def _found(request: HttpRequest, budget_id: str) -> Ledger:
    held = ledger.ledger(person(request), budget_id)
    if held is None:
        raise CentralError(_("There is no such budget."), status=404, advice=_("Go back to the list."))
    return held


def _shown(
    request: HttpRequest, budget_id: str, refused: InputError | CentralError | None = None
) -> HttpResponse:
    held = _found(request, budget_id)
    holding = held.revisions[0]
    money = holding.currency
    values = {
        "line": _line(held.account, ledger.accounts_of(person(request), holding.customer_id)),
        "budget": holding,
        "against_first": _against_first(holding),
        "rows": [_row(row) for row in held.rows[:ROWS_SHOWN]],
        "row_count": len(held.rows),
        "booked": i18n.money(held.booked_minor, money),
        "brought_forward": i18n.money(held.brought_forward_minor, money)
        if held.brought_forward_minor
        else "",
        "revisions": [_revision(held, b) for b in held.revisions],
        "transfers": [_transfer(held, c) for c in held.changes if c.from_budget_id],
        "proposals": budget_proposals.lines(
            person(request), holding.customer_id, frozenset(b.id for b in held.revisions)
        ),
        "promised": [
            {
                "id": c.id,
                "text": c.reason,
                "amount": i18n.money(c.amount_minor, c.currency),
                "note": _when(c.promised_on, c.promised_by),
                "released": _when(c.released_on, c.released_by) if c.released_on else "",
                "visit": f"/visits/{c.visit_id}?view=all" if c.purchase_id and c.visit_id else "",
            }
            for c in held.commitments
        ],
        "purchases": [(p.id, p.title) for p in budgets.open_purchases(person(request), holding.customer_id)],
        "others": [
            (a.budget.id, f"{a.centre.code} {a.centre.name} {_period_words(a.budget)}".strip())
            for a in held.siblings
            if a.budget and a.budget.currency == money
        ],
        **_around(request, refused),
    }
    return show("budget.html", request, "budgets", values, status_of(refused))


def _against_first(budget: Budget) -> str:
    """Return the spending against what was approved at first; "" where that never changed."""
    if budget.original_minor == budget.approved_minor:
        return ""
    left = budget.original_minor - budget.actual_minor
    words = i18n.money(abs(left), budget.currency)
    first = i18n.money(budget.original_minor, budget.currency)
    if left >= 0:
        return _(
            "Against the {first} approved at first: {money} left (favourable).", first=first, money=words
        )
    return _("Against the {first} approved at first: {money} over (unfavourable).", first=first, money=words)


def _row(row: BookedRow) -> dict[str, object]:
    entry = row.entry
    return {
        "what": entry_words(entry),
        "month": month_words(entry.period),
        "when": _when(entry.booked_at.date() if entry.booked_at else None, entry.booked_by),
        "amount": i18n.money(entry.amount_minor, entry.currency),
        "note": entry_note(entry, was_taken_back=row.was_taken_back),
        "visit": row.visit.number or _("Visit") if row.visit else "",
        "address": f"/visits/{entry.visit_id}?view=all",
    }


def _revision(held: Ledger, budget: Budget) -> RevisionLine:
    why = [c.reason for c in held.changes if budget.id in (c.to_budget_id, c.from_budget_id)]
    return RevisionLine(
        approved=i18n.money(budget.approved_minor, budget.currency),
        who=_when(budget.approved_on, budget.approved_by),
        reason=why[0] if why else "",
        holds=budget.id == held.revisions[0].id,
    )


def _transfer(held: Ledger, moved: BudgetChange) -> dict[str, str]:
    """Return a transfer in words, seen from this budget."""
    own = {b.id for b in held.revisions}
    is_out = moved.from_budget_id in own
    other = moved.to_budget_id if is_out else moved.from_budget_id
    name = held.names.get(other or "", _("another budget"))
    amount = i18n.money(moved.amount_minor, moved.currency)
    return {
        "words": _("{money} to {name}", money=amount, name=name)
        if is_out
        else _("{money} from {name}", money=amount, name=name),
        "note": _when(moved.approved_on, moved.approved_by),
        "reason": moved.reason,
    }


def _when(day: date | None, who: str) -> str:
    """Return day and name in one line, as far as they are known."""
    return ", ".join(part for part in (i18n.day(day, style="medium") if day else "", who) if part)


def _around(request: HttpRequest, refused: InputError | CentralError | None) -> dict[str, object]:
    return {
        "refused": refused,
        "may_change": posting.may_book(person(request)),
        "typed": {
            name: request.POST.get(name, "")
            for name in ("code", "name", "period", "amount", "currency", "reason", "text")
        },
    }
