"""What technicians propose about budgets, and what finance decides: done or declined, once, with a word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from techkit.central import budgets, bundles
from techkit.central.models import Record as Row
from techkit.central.models import User
from techkit.errors import CentralError, InputError
from techkit.i18n import _
from techkit.records import entering, proposals
from techkit.records.budget import Budget
from techkit.records.identity import new_id
from techkit.records.proposals import BudgetAnswer, BudgetProposal, ProposalKind
from techkit.records.schema import Record

#: Answered proposals shown on one page, the newest first.
MOST_ANSWERED = 8


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A proposal, the budget it is about as that holds now, where the money would go, and what was answered.

    problem: why it cannot be accepted as things stand, "" when it can.
    """

    proposal: BudgetProposal
    budget: Budget | None
    target: Budget | None
    answer: BudgetAnswer | None
    problem: str


def asked(user: User, customer_id: str = "") -> list[Asked]:
    """Return the proposals: those nobody answered first, the oldest at the head; then the newest answered."""
    rows = Row.objects.filter(org_id=user.org_id, deleted=False)
    if customer_id:
        rows = rows.filter(customer_id__in=bundles.family_of(user.org_id, customer_id))
    made = [
        p for p in bundles.decoded(rows.filter(entity="budget_proposal")) if isinstance(p, BudgetProposal)
    ]
    if not made:
        return []
    told = [a for a in bundles.decoded(rows.filter(entity="budget_answer")) if isinstance(a, BudgetAnswer)]
    held = [b for b in bundles.decoded(rows.filter(entity="budget")) if isinstance(b, Budget)]
    answers = {answer.proposal_id: answer for answer in told}
    waiting = proposals.undecided(made, told)
    done = sorted((p for p in made if p.id in answers), key=lambda p: answers[p.id].id, reverse=True)
    return [_asked(p, held, answers.get(p.id)) for p in (*waiting, *done[:MOST_ANSWERED])]


def waiting_count(user: User) -> int:
    """Return how many proposals nobody answered."""
    rows = Row.objects.filter(org_id=user.org_id, deleted=False)
    made = {str(held) for held in rows.filter(entity="budget_proposal").values_list("entity_id", flat=True)}
    if not made:
        return 0
    told = rows.filter(entity="budget_answer").values_list("state__proposal_id", flat=True)
    return len(made.difference(map(str, told)))


def _asked(proposal: BudgetProposal, held: Iterable[Budget], answer: BudgetAnswer | None) -> Asked:
    problem, held = "", list(held)
    if answer is None:
        try:
            proposals.refuse(proposal, held)
        except InputError as refused:
            problem = f"{refused.title} {refused.advice}".strip()
    return Asked(
        proposal=proposal,
        budget=proposals.holding(proposal.budget_id, held),
        target=proposals.holding(proposal.to_budget_id, held),
        answer=answer,
        problem=problem,
    )


def accept(user: User, proposal_id: str, note: str = "", address: str = "") -> str:
    """Do what was proposed, with the budget as it is now; return the id of the budget that holds afterwards.

    Raises: InputError when it cannot be done as things stand, CentralError 403, 404, 409 when somebody
    answered it before.
    """

    def work() -> list[Record]:
        proposal = _waiting(user, proposal_id)
        held = budgets.of_customer(user, proposal.customer_id, Budget)
        source, target = proposals.refuse(proposal, held)
        amount, words = proposal.amount_minor, entering.clean_text(proposal.reason, multiline=True)
        match proposal.kind:
            case ProposalKind.PROMISE:
                made = budgets.promised(user, source, amount, words)
            case ProposalKind.TRANSFER if target is not None:
                made = budgets.moved(user, source, target, amount, words)
            case _:
                sign = -1 if proposal.kind is ProposalKind.LOWER else 1
                made = budgets.revised(user, source, source.approved_minor + sign * amount, words)
        return [*made, _answer(user, proposal, note, is_accepted=True)]

    made = budgets.done(user, "budget.accept", work, {"proposal": proposal_id}, address)
    return next(held.id for held in made if isinstance(held, Budget))


def decline(user: User, proposal_id: str, note: str, address: str = "") -> None:
    """Answer that it is not done, with a word to the technician; no budget changes.

    Raises: InputError without a word, CentralError 403, 404, 409 when somebody answered it before.
    """
    if not entering.clean_text(note, multiline=True):
        raise InputError(
            _("The reason is still empty."),
            field="note",
            safe=_("Nothing was changed."),
            advice=_("Please write one sentence; the technician reads it."),
        )

    def work() -> list[Record]:
        return [_answer(user, _waiting(user, proposal_id), note, is_accepted=False)]

    budgets.done(user, "budget.decline", work, {"proposal": proposal_id}, address)


def _waiting(user: User, proposal_id: str) -> BudgetProposal:
    """Return a proposal nobody answered. Raises: CentralError 404, 409."""
    proposal = budgets.one(user, proposal_id, BudgetProposal)
    told = budgets.of_customer(user, proposal.customer_id, BudgetAnswer)
    answer = next((held for held in told if held.proposal_id == proposal.id), None)
    if answer is not None:
        raise CentralError(
            _("{name} has answered this proposal already.", name=answer.by),
            status=409,
            safe=_("Nothing was changed."),
            advice=_("Load the page again to see what holds now."),
        )
    return proposal


def _answer(user: User, proposal: BudgetProposal, note: str, *, is_accepted: bool) -> BudgetAnswer:
    return BudgetAnswer(
        id=new_id(),
        customer_id=proposal.customer_id,
        proposal_id=proposal.id,
        is_accepted=is_accepted,
        note=entering.clean_text(note, multiline=True),
        by=user.shown_name,
        at=datetime.now(UTC),
    )
