"""What a purchase comes to, who may decide it, and whether its quotes still hold. Pure.

Used by the form of purchase help, by the review rules and by the customer's page, so that all three
say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from techkit import i18n
from techkit.errors import InputError
from techkit.i18n import _
from techkit.records.activities import DECISIONS, NeedsAnalysis, Option, PurchaseAssistance, QuotedItem
from techkit.records.budget import Budget, Standing, Variance, allocate, bounded_times, variance
from techkit.records.bundle import VisitBundle
from techkit.records.centre_validity import valid_centres
from techkit.records.charges import budget_of, charged_budgets, is_booked, visit_day
from techkit.records.pace import counted_in
from techkit.records.parties import Contact
from techkit.records.review import Flag, Severity
from techkit.records.visit import ReviewState


def total_minor(items: Iterable[QuotedItem]) -> int:
    """Return what the items come to, in minor units."""
    return sum(bounded_times(item.quantity, item.price_minor) for item in items)


def chosen_option(analysis: NeedsAnalysis) -> Option | None:
    """Return the option that is recommended by name, or the only one there is."""
    wanted = analysis.recommended.casefold()
    named = [o for o in analysis.options if o.title and o.title.casefold() in wanted]
    if len(named) == 1:
        return named[0]
    return analysis.options[0] if len(analysis.options) == 1 else None


def amount_decided(held: NeedsAnalysis | PurchaseAssistance) -> int:
    """Return the amount a decision is about, in minor units; 0 where nobody named one."""
    if isinstance(held, PurchaseAssistance):
        return total_minor(held.items)
    option = chosen_option(held)
    return option.cost_minor if option else 0


def decision_day(held: NeedsAnalysis | PurchaseAssistance, bundle: VisitBundle) -> date | None:
    """Return the day of the decision: the one written down, else the visit's."""
    return held.decided_on or visit_day(bundle.visit)


def expired(
    held: PurchaseAssistance, bundle: VisitBundle, today: date | None = None
) -> tuple[QuotedItem, ...]:
    """Return the items whose quote no longer held on the day of the decision, of the visit, or today."""
    day = decision_day(held, bundle) or today
    return tuple(i for i in held.items if day and i.valid_until and i.valid_until < day)


class Approval(StrEnum):
    """Whether somebody may decide about an amount."""

    ALLOWED = "allowed"
    ABOVE_LIMIT = "above_limit"
    NO_LIMIT_KNOWN = "no_limit_known"  # the office entered no limit, or one in another currency


def approval(contact: Contact | None, amount_minor: int, currency: str) -> Approval:
    """Return whether this person may approve the amount."""
    if amount_minor <= 0:
        return Approval.ALLOWED
    if contact is None or not contact.may_approve_minor or contact.currency != currency:
        return Approval.NO_LIMIT_KNOWN
    return Approval.ALLOWED if amount_minor <= contact.may_approve_minor else Approval.ABOVE_LIMIT


def approvers(people: Iterable[Contact], amount_minor: int, currency: str) -> tuple[Contact, ...]:
    """Return who may approve the amount, the smallest sufficient limit first."""
    found = [
        p for p in people
        if p.merged_into is None and p.may_approve_minor and approval(p, amount_minor, currency) is Approval.ALLOWED
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda p: (p.may_approve_minor, p.name)))


def approval_sentence(
    contact: Contact | None, people: Iterable[Contact], amount_minor: int, currency: str
) -> str:
    """Return who may decide about the amount, in one sentence; "" without an amount."""
    if amount_minor <= 0:
        return ""
    amount = i18n.money(amount_minor, currency)
    others = approvers(people, amount_minor, currency)
    match approval(contact, amount_minor, currency):
        case Approval.ALLOWED if contact is not None:
            limit = i18n.money(contact.may_approve_minor, currency)
            return _(
                "{name} may approve {amount} (up to {limit}).", name=contact.name, amount=amount, limit=limit
            )
        case Approval.ABOVE_LIMIT if contact is not None:
            limit = i18n.money(contact.may_approve_minor, currency)
            if others:
                return _(
                    "{amount} is above what {name} may approve ({limit}). {other} may.",
                    amount=amount, name=contact.name, limit=limit, other=others[0].name,
                )  # fmt: skip
            return _(
                "{amount} is above what {name} may approve ({limit}). Ask who may.",
                amount=amount, name=contact.name, limit=limit,
            )  # fmt: skip
    if others:
        return _("{amount}: {name} may approve this.", amount=amount, name=others[0].name)
    return _("{amount}: nobody here has an approval limit. Ask who may decide.", amount=amount)


@dataclass(frozen=True, kw_only=True)
class BudgetLook:
    """How a cost centre's budget would stand after its part of a purchase. code: the cost centre's.

    part_minor: what the centre bears of the purchase, is_split: others bear the rest. unbooked_minor: what other
    visits will take of the budget that are not booked yet, today_minor: what this one will; both counted in `after`.
    """

    centre_id: str
    code: str
    budget: Budget
    after: Variance
    part_minor: int
    is_split: bool = False
    unbooked_minor: int = 0
    today_minor: int = 0

    @property
    def currency(self) -> str:
        """Return the budget's currency, which is the purchase's."""
        return self.budget.currency


def bearers(bundle: VisitBundle, amount_minor: int) -> dict[str, int]:
    """Return what each cost centre of the visit bears of a purchase, to the cent, by the centre's id.

    Without shares the customer's only cost centre bears all of it; nobody where the shares do not add up above 0.
    """
    percents: dict[str, Decimal] = {}
    for held in bundle.allocations:
        percents[held.cost_centre_id] = percents.get(held.cost_centre_id, Decimal(0)) + held.share_percent
    valid = valid_centres(bundle)
    if not percents and len(valid) == 1:
        percents = {valid[0].id: Decimal(100)}
    try:
        return dict(zip(percents, allocate(amount_minor, list(percents.values())), strict=True))
    except InputError:
        return {}


def budget_looks(
    bundle: VisitBundle, amount_minor: int, currency: str, unbooked: Mapping[str, int] | None = None
) -> tuple[BudgetLook, ...]:
    """Return how the budget of each cost centre that bears a part of a purchase would stand after it.

    Budgets in another currency are left out: the office decides about them.
    """
    if amount_minor <= 0:
        return ()
    codes = {c.id: c.code for c in bundle.cost_centres}
    charged = {} if is_booked(bundle) else charged_budgets(bundle)
    parts = bearers(bundle, amount_minor)
    found = []
    for centre, part in parts.items():
        budget = budget_of(bundle, centre)
        if part and budget is not None and budget.currency == currency:
            waiting, today = (unbooked or {}).get(budget.id, 0), charged.get(budget.id, 0)
            found.append(
                BudgetLook(
                    centre_id=centre,
                    code=codes.get(centre, "?"),
                    budget=budget,
                    after=variance(budget, part + waiting + today),
                    part_minor=part,
                    is_split=part != amount_minor,
                    unbooked_minor=waiting,
                    today_minor=today,
                )
            )
    return tuple(found)


def ordered_minor(bundle: VisitBundle) -> dict[str, int]:
    """Return what was decided to be bought during the visit, by its currency.

    Once the visit is approved there is nothing more to say: the office notes what it promised in the budgets.
    """
    found: dict[str, int] = {}
    if bundle.visit.review_state in (ReviewState.APPROVED, ReviewState.POSTED, ReviewState.VOID):
        return found
    for held in bundle.activities:
        if isinstance(held, PurchaseAssistance) and held.decision == "accepted":
            found[held.currency] = found.get(held.currency, 0) + total_minor(held.items)
    return found


def ordered_looks(bundle: VisitBundle, unbooked: Mapping[str, int] | None = None) -> tuple[BudgetLook, ...]:
    """Return how the budgets stand after the visit and all that was decided to be bought in it."""
    return tuple(
        look
        for currency, amount in ordered_minor(bundle).items()
        for look in budget_looks(bundle, amount, currency, unbooked)
    )


def budget_sentence(look: BudgetLook) -> str:
    """Return how the budget would stand, in one sentence."""
    left = i18n.money(look.after.available_minor, look.currency)
    over = i18n.money(max(0, -look.after.available_minor), look.currency)
    match look.after.standing:
        case Standing.STOP:
            return _(
                "The budget of {code} does not allow it: it would be overdrawn by {over}.",
                code=look.code,
                over=over,
            )
        case Standing.WARN if look.after.available_minor < 0:
            return _("The budget of {code} would be overdrawn by {over}.", code=look.code, over=over)
        case Standing.WARN:
            return _("The budget of {code} would be nearly used up: {left} left.", code=look.code, left=left)
    return _("The budget of {code} allows it: {left} would be left.", code=look.code, left=left)


def look_line(look: BudgetLook) -> str:
    """Return how the budget would stand, its part of the purchase, and what else is counted with it."""
    said = [budget_sentence(look)]
    if look.is_split:
        said.append(_("It bears {amount} of it.", amount=i18n.money(look.part_minor, look.currency)))
    if look.today_minor:
        amount = i18n.money(look.today_minor, look.currency)
        said.append(_("Counted with it: {amount} of this visit.", amount=amount))
    return counted_in(" ".join(said), look.unbooked_minor, look.currency)


def over_budget(bundle: VisitBundle, unbooked: Mapping[str, int]) -> Iterator[Flag]:
    """Yield what was decided to be bought and a budget does not bear; it is no cost of the visit, so it blocks nothing."""
    for look in ordered_looks(bundle, unbooked):
        if look.after.standing is not Standing.WITHIN:
            is_stop = look.after.standing is Standing.STOP
            yield Flag(
                rule="purchase_over_budget",
                severity=Severity.WARNING if is_stop else Severity.NOTICE,
                sentence=_("After what was decided to be bought: {sentence}", sentence=look_line(look)),
                kind="budget",
                record_id=look.budget.id,
            )


def decision_lines(
    held: NeedsAnalysis | PurchaseAssistance,
    bundle: VisitBundle,
    today: date | None = None,
    *,
    unbooked: Mapping[str, int] | None = None,
) -> tuple[str, ...]:
    """Return what stands behind a decision: the sum, quotes that ran out, who may approve, the budget."""
    amount = amount_decided(held)
    lines = []
    if isinstance(held, PurchaseAssistance):
        if amount:
            lines.append(_("Together {amount}.", amount=i18n.money(amount, held.currency)))
        lines += [
            _(
                "The quote for “{product}” was valid until {day} only.",
                product=item.product,
                day=i18n.day(item.valid_until) if item.valid_until else "",
            )
            for item in expired(held, bundle, today)
        ]
    decider = next((p for p in bundle.people if p.id == held.approver_id), None)
    lines.append(approval_sentence(decider, bundle.people, amount, held.currency))
    lines += [look_line(look) for look in budget_looks(bundle, amount, held.currency, unbooked)]
    return tuple(line for line in lines if line)


def decision_line(held: NeedsAnalysis | PurchaseAssistance) -> str:
    """Return an entry in one line: what it is about and how it was decided."""
    amount = amount_decided(held)
    decision = _(DECISIONS[held.decision]) if held.decision in DECISIONS else ""
    parts = [i18n.money(amount, held.currency) if amount else "", decision]
    if isinstance(held, NeedsAnalysis):
        parts.insert(0, held.recommended or ", ".join(held.goals))
    else:
        parts.insert(0, ", ".join(item.product for item in held.items))
    return " · ".join(part for part in parts if part)
