"""What technicians propose about budgets, and what was answered, as pages tell it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from techkit import i18n
from techkit.central import ledger, proposals, reports
from techkit.central.models import User
from techkit.central.pages.marks import Mark
from techkit.central.pages.moments import moment
from techkit.central.pages.visit_money import month_words
from techkit.central.proposals import Asked
from techkit.i18n import _
from techkit.records.budget import Budget
from techkit.records.proposals import BudgetAnswer, sentence


@dataclass(frozen=True, kw_only=True)
class ProposalLine:
    """One proposal in words. problem: why it cannot be accepted now; answer: None while nobody answered."""

    id: str
    words: str
    customer: str
    who: str
    reason: str
    since: str
    address: str
    problem: str
    answer: Mark | None
    answered: str
    note: str


def lines(user: User, customer_id: str = "", budget_ids: frozenset[str] = frozenset()) -> list[ProposalLine]:
    """Return the proposals in words, those that wait first; budget_ids: only what touches one of these budgets."""
    found = proposals.asked(user, customer_id)
    if budget_ids:
        found = [a for a in found if {a.proposal.budget_id, a.proposal.to_budget_id} & budget_ids]
    if not found:
        return []
    customers = {c.id: c.name for c in ledger.customers(user)}
    codes = ledger.centre_codes(user)
    zone = reports.office_zone(user)
    return [_line(one, customers.get(one.proposal.customer_id, ""), codes, zone) for one in found]


def _line(one: Asked, customer: str, codes: dict[str, str], zone: ZoneInfo) -> ProposalLine:
    proposal = one.proposal
    return ProposalLine(
        id=proposal.id,
        words=sentence(proposal, _name(one.budget, codes), _name(one.target, codes)),
        customer=customer or _("Customer not known here"),
        who=_when(proposal.proposed_by, proposal.proposed_at, zone),
        reason=proposal.reason,
        since=_since(one),
        address=f"/budgets/{one.budget.id}" if one.budget else "",
        problem=one.problem,
        answer=_mark(one.answer),
        answered=_when(one.answer.by, one.answer.at, zone) if one.answer else "",
        note=one.answer.note if one.answer else "",
    )


def _name(budget: Budget | None, codes: dict[str, str]) -> str:
    if budget is None:
        return _("a budget that is not here")
    return " ".join(
        part for part in (codes.get(budget.cost_centre_id, ""), month_words(budget.period)) if part
    )


def _since(one: Asked) -> str:
    """Return what changed on the budget since it was proposed; "" when nothing did or it is answered."""
    if one.answer is not None or one.budget is None:
        return ""
    seen, now = one.proposal.seen_minor, one.budget.approved_minor
    if seen == now:
        return ""
    money = one.budget.currency
    return _(
        "When it was proposed {seen} were approved, now it is {now}.",
        seen=i18n.money(seen, money),
        now=i18n.money(now, money),
    )


def _mark(answer: BudgetAnswer | None) -> Mark | None:
    if answer is None:
        return None
    if answer.is_accepted:
        return Mark(look="ok", icon="check-circle", words=_("Accepted"))
    return Mark(look="none", icon="minus-circle", words=_("Not done"))


def _when(who: str, at: datetime | None, zone: ZoneInfo) -> str:
    return ", ".join(part for part in (who, moment(at, zone) if at else "") if part)
