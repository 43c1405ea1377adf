"""Proposing a change of a budget to the office from the device, offline too, and what became of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from techkit import i18n
from techkit.errors import InputError
from techkit.i18n import _
from techkit.records import proposals
from techkit.records.budget import Budget, newest_revisions
from techkit.records.identity import new_id
from techkit.records.proposals import BudgetAnswer, BudgetProposal, ProposalKind
from techkit.records.schema import Record
from techkit.store.database import Store
from techkit.ui.presenters.choices import Choice, FormState
from techkit.ui.presenters.record_editor import RecordEditor
from techkit.ui.presenters.surroundings import Surroundings

#: Answered proposals of one budget shown at once, the newest.
MOST_ANSWERED = 4


@dataclass(frozen=True, kw_only=True)
class ProposedLine:
    """A proposal beside its budget: what, who and when, and what the office said.

    tone: "" while it waits, "ok" once done, "none" when it is not done. may_take_back: one's own that waits.
    is_from_here: False beside the budget the money would go to.
    """

    id: str
    title: str
    line: str
    word: str
    tone: str
    may_take_back: bool
    is_from_here: bool = True


def proposed_lines(
    budget: Budget,
    budgets: Iterable[Budget],
    names: Mapping[str, str],
    made: Iterable[BudgetProposal],
    told: Iterable[BudgetAnswer],
    technician: str,
) -> tuple[ProposedLine, ...]:
    """Return what was proposed about a budget, or would move money to it: what waits first, then the newest answers.

    names: what each budget is called, by the id of the revision that holds.
    """
    held, answers = list(budgets), {answer.proposal_id: answer for answer in told}
    waiting: list[tuple[str, ProposedLine]] = []
    done: list[tuple[str, ProposedLine]] = []
    for proposal in made:
        source, target = (
            proposals.holding(named, held) for named in (proposal.budget_id, proposal.to_budget_id)
        )
        if budget.id not in {found.id for found in (source, target) if found is not None}:
            continue
        elsewhere = _("another budget")
        title = proposals.sentence(
            proposal,
            names.get(source.id, elsewhere) if source else elsewhere,
            names.get(target.id, elsewhere) if target else elsewhere,
        )
        line = _line(proposal, title, answers.get(proposal.id), technician)
        if source is None or source.id != budget.id:
            line = dataclasses.replace(line, may_take_back=False, is_from_here=False)
        (done if proposal.id in answers else waiting).append((proposal.id, line))
    newest = sorted(done, key=lambda one: one[0], reverse=True)[:MOST_ANSWERED]
    return tuple(line for _id, line in (*sorted(waiting, key=lambda one: one[0]), *newest))


def _line(proposal: BudgetProposal, title: str, answer: BudgetAnswer | None, technician: str) -> ProposedLine:
    parts = [proposal.reason[:160], proposal.proposed_by[:60]]
    if proposal.proposed_at is not None:
        parts.append(i18n.day(proposal.proposed_at.date(), style="medium"))
    if answer is None:
        return ProposedLine(
            id=proposal.id,
            title=title,
            line=" · ".join(part for part in parts if part),
            word=_("Waits for the office"),
            tone="",
            may_take_back=proposal.proposed_by == technician,
        )
    said = [answer.note[:300], answer.by[:60]]
    if answer.at is not None:
        said.append(i18n.day(answer.at.date(), style="medium"))
    return ProposedLine(
        id=proposal.id,
        title=title,
        line=" · ".join(part for part in said if part),
        word=_("Accepted") if answer.is_accepted else _("Not done"),
        tone="ok" if answer.is_accepted else "none",
        may_take_back=False,
    )


def propose(
    editor: RecordEditor, world: Surroundings, budget: Budget, name: str, others: Mapping[str, str]
) -> None:
    """Open the form of a proposal about a budget.

    name: what it is called. others: names, by id, of the budgets money can be moved to.
    """
    base = BudgetProposal(
        id=new_id(),
        customer_id=budget.customer_id,
        budget_id=budget.id,
        to_budget_id=next(iter(others)) if len(others) == 1 else None,
        currency=budget.currency,
        seen_minor=budget.approved_minor,
        proposed_by=world.technician,
        proposed_at=world.clock.now(),
    )
    targets = [Choice(value=held, label=name) for held, name in others.items()]

    def look(form: FormState) -> FormState:
        kind = next((field.text for field in form.fields if field.name == "kind"), "")
        fields = []
        for field in form.fields:
            if field.name == "to_budget_id" and kind != ProposalKind.TRANSFER:
                continue
            if field.name == "kind" and not targets:
                rest = tuple(choice for choice in field.choices if choice.value != ProposalKind.TRANSFER)
                fields.append(dataclasses.replace(field, choices=rest))
                continue
            fields.append(field)
        title = _("Propose a change of {budget}", budget=name)
        return dataclasses.replace(form, title=title, fields=tuple(fields), add_label=_("Propose"))

    editor.open(base, is_new=True, references={"to_budget_id": targets}, look=look, ready=_ready(world.store))


def _ready(store: Store) -> Callable[[Record], Record]:
    """Return what makes a proposal of the form, refused with a sentence where it cannot be done as things stand."""

    def ready(record: Record) -> Record:
        if not isinstance(record, BudgetProposal):
            return record
        if record.kind != ProposalKind.TRANSFER:
            record = dataclasses.replace(record, to_budget_id=None)
        held = store.find(Budget, customer_id=record.customer_id)
        made = store.find(BudgetProposal, customer_id=record.customer_id)
        told = store.find(BudgetAnswer, customer_id=record.customer_id)
        proposals.refuse(record, held, proposals.undecided(made, told))
        return record

    return ready


def targets(budget: Budget, budgets: Iterable[Budget], names: Mapping[str, str]) -> dict[str, str]:
    """Return the names, by id, of the budgets money can be moved to from this one."""
    return {
        held.id: names[held.id]
        for held in newest_revisions(budgets)
        if held.id != budget.id
        and held.customer_id == budget.customer_id
        and held.currency == budget.currency
        and held.closed_on is None
        and held.id in names
    }


def take_back(store: Store, proposal_id: str, technician: str) -> None:
    """Take one's own proposal back before it is answered. Raises: InputError once the office has answered."""
    held = store.get(BudgetProposal, proposal_id)
    if held is None:
        return
    if store.find(BudgetAnswer, proposal_id=proposal_id):
        raise InputError(
            _("The office has answered this proposal already."),
            safe=_("Nothing was changed."),
            advice=_("Propose what you need now."),
        )
    store.remove(held, _("Taken back."), actor=technician)
