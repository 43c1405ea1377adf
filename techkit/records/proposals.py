"""What a technician proposes about a budget, what the office decides, and what cannot be proposed; pure.

A proposal is written once and an answer is the office's alone, so the two ends never change the same record.
A proposal names an amount to add or take away, never a new total: two of them from two devices both hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum

from techkit import i18n
from techkit.errors import InputError
from techkit.i18n import N_, _
from techkit.records.budget import MAX_AMOUNT_MINOR, Budget, Control
from techkit.records.entering import clean_text
from techkit.records.schema import Record, SyncClass, field, record


class ProposalKind(StrEnum):
    """What is proposed about a budget."""

    RAISE = "raise"
    LOWER = "lower"
    TRANSFER = "transfer"
    PROMISE = "promise"


@record(
    kind="budget_proposal",
    title=N_("Proposal about a budget"),
    plural=N_("Proposals about budgets"),
    sync=SyncClass.ADDITION,
    owner="customer_id",
    icon="arrows-left-right",
    summary="{amount_minor} {reason}",
)
class BudgetProposal(Record):
    """A change of a budget, a transfer or a promised purchase that a technician asks the office for."""

    customer_id: str = field(label=N_("Customer"), default="", refers="customer", by="X", since="0.2")
    budget_id: str = field(label=N_("Budget"), default="", refers="budget", by="X", since="0.2")
    kind: ProposalKind = field(
        label=N_("What to propose"), default=ProposalKind.RAISE, by="T", since="0.2",
        choices={
            ProposalKind.RAISE: N_("Approve more"), ProposalKind.LOWER: N_("Approve less"),
            ProposalKind.TRANSFER: N_("Move to another budget"),
            ProposalKind.PROMISE: N_("Promise a purchase"),
        },
    )  # fmt: skip
    to_budget_id: str | None = field(
        label=N_("To budget"), default=None, refers="budget", by="T", since="0.2"
    )
    amount_minor: int = field(
        label=N_("Amount"), default=0, unit="minor", by="T", since="0.2", required=True,
        help=N_("How much more, less, moved or promised; always above 0."),
    )  # fmt: skip
    currency: str = field(label=N_("Currency"), default="EUR", by="X", since="0.2")
    seen_minor: int = field(
        label=N_("Approved when it was proposed"), default=0, unit="minor", by="X", since="0.2"
    )
    reason: str = field(
        label=N_("Why it is needed"), default="", by="T", since="0.2", required=True, multiline=True,
        max_length=500,
    )  # fmt: skip
    proposed_by: str = field(label=N_("Proposed by"), default="", by="X", since="0.2", personal=True)
    proposed_at: datetime | None = field(label=N_("Proposed"), default=None, by="X", since="0.2")


@record(
    kind="budget_answer",
    title=N_("Answer to a proposal"),
    plural=N_("Answers to proposals"),
    sync=SyncClass.STAFF,
    owner="customer_id",
    icon="gavel",
    summary="{decision} {by}",
)
class BudgetAnswer(Record):
    """What the office decided about a proposal; one for each, never changed."""

    customer_id: str = field(label=N_("Customer"), default="", refers="customer", by="X", since="0.2")
    proposal_id: str = field(label=N_("Proposal"), default="", refers="budget_proposal", by="X", since="0.2")
    is_accepted: bool = field(label=N_("Accepted"), default=False, by="F", since="0.2")
    note: str = field(
        label=N_("A word to the technician"), default="", by="F", since="0.2", multiline=True, max_length=2000
    )
    by: str = field(label=N_("By"), default="", by="X", since="0.2")
    at: datetime | None = field(label=N_("When"), default=None, by="X", since="0.2")


def sentence(proposal: BudgetProposal, budget: str, target: str = "") -> str:
    """Return what is proposed in words; budget and target: the names of the budgets."""
    amount = i18n.money(proposal.amount_minor, proposal.currency)
    match proposal.kind:
        case ProposalKind.LOWER:
            return _("Approve {amount} less for {budget}", amount=amount, budget=budget)
        case ProposalKind.TRANSFER:
            return _("Move {amount} from {budget} to {target}", amount=amount, budget=budget, target=target)
        case ProposalKind.PROMISE:
            return _("Promise a purchase of {amount} from {budget}", amount=amount, budget=budget)
    return _("Approve {amount} more for {budget}", amount=amount, budget=budget)


def undecided(
    proposals: Iterable[BudgetProposal], answers: Iterable[BudgetAnswer]
) -> tuple[BudgetProposal, ...]:
    """Return the proposals nobody answered, the oldest first."""
    answered = {answer.proposal_id for answer in answers}
    held = [proposal for proposal in proposals if proposal.id not in answered]
    return tuple(sorted(held, key=lambda one: one.id))


def holding(budget_id: str | None, budgets: Iterable[Budget]) -> Budget | None:
    """Return the revision that holds now of the budget with this id, None when it is not here."""
    by_id = {budget.id: budget for budget in budgets}
    replaced_by = {budget.revision_of: budget for budget in by_id.values() if budget.revision_of}
    held, seen = by_id.get(budget_id or ""), {budget_id}
    while held is not None and (newer := replaced_by.get(held.id)) is not None and newer.id not in seen:
        seen.add(newer.id)
        held = newer
    return held


def asked_for(budget: Budget, budgets: Iterable[Budget], waiting: Iterable[BudgetProposal]) -> int:
    """Return how much of a budget other proposals ask for already, in minor units."""
    held = list(budgets)
    return sum(
        proposal.amount_minor
        for proposal in waiting
        if proposal.kind is not ProposalKind.RAISE
        and (named := holding(proposal.budget_id, held)) is not None
        and named.id == budget.id
    )


def refuse(
    proposal: BudgetProposal, budgets: Iterable[Budget], waiting: Iterable[BudgetProposal] = ()
) -> tuple[Budget, Budget | None]:
    """Return the budget a proposal is about and, of a transfer, the other one; refuse what cannot be done.

    budgets: all of the customer, replaced ones too. waiting: proposals nobody answered yet, this one left out.
    Raises: InputError naming the field: no reason, an amount that cannot be, another currency or customer, a
    closed month, more than is available.
    """
    held = list(budgets)
    source = holding(proposal.budget_id, held)
    if source is None:
        raise _refusal("", _("This budget is not here any more."), _("Look at the budgets of the customer."))
    if not clean_text(proposal.reason, multiline=True):
        raise _refusal("reason", _("The reason is still empty."), _("Please write one sentence."))
    if not 0 < proposal.amount_minor <= MAX_AMOUNT_MINOR:
        raise _refusal("amount_minor", _("That amount cannot be."), _("Write an amount above 0."))
    if proposal.currency != source.currency:
        raise _refusal(
            "amount_minor",
            _("This budget is kept in {currency}.", currency=source.currency),
            _("Write the amount in that currency."),
        )
    _refuse_closed("kind", source)
    target = None
    if proposal.kind is ProposalKind.TRANSFER:
        target = _target(proposal, source, held)
    if proposal.kind is not ProposalKind.RAISE:
        _refuse_too_much(proposal, source, asked_for(source, held, waiting))
    return source, target


def _target(proposal: BudgetProposal, source: Budget, held: Iterable[Budget]) -> Budget:
    target = holding(proposal.to_budget_id, held)
    if target is None or target.id == source.id or target.customer_id != source.customer_id:
        raise _refusal(
            "to_budget_id",
            _("Choose another budget of the same customer."),
            _("It says where the money goes."),
        )
    if target.currency != source.currency:
        raise _refusal(
            "to_budget_id",
            _("The two budgets are kept in different currencies."),
            _("Choose one that is kept in {currency}.", currency=source.currency),
        )
    _refuse_closed("to_budget_id", target)
    return target


def _refuse_closed(name: str, budget: Budget) -> None:
    if budget.closed_on is None:
        return
    try:
        period = i18n.month(date.fromisoformat(f"{budget.period}-01"))
    except ValueError:
        period = budget.period
    raise _refusal(
        name,
        _("{month} is closed; its budget stands as it was.", month=period),
        _("Choose a budget of a month that is open."),
    )


def _refuse_too_much(proposal: BudgetProposal, source: Budget, asked: int) -> None:
    if proposal.kind is ProposalKind.PROMISE and source.control is Control.IGNORE:
        return
    available = source.approved_minor - source.actual_minor - source.committed_minor
    if proposal.amount_minor <= available - asked:
        return
    money = i18n.money(max(0, available), source.currency)
    advice = (
        _(
            "{money} is available, and {asked} of it is asked for already.",
            money=money,
            asked=i18n.money(asked, source.currency),
        )
        if asked
        else _("{money} is available.", money=money)
    )
    raise _refusal("amount_minor", _("That is more than this budget has available."), advice)


def _refusal(name: str, title: str, advice: str) -> InputError:
    return InputError(title, field=name, safe=_("Nothing was proposed."), advice=advice)
