"""Budgets of the small world of histories.py, changed from both sides: what is done to them, and what must hold of them."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from techkit.central import budgets, bundles, proposals
from techkit.central.models import ErasedCustomer, Op, User
from techkit.central.models import Record as Row
from techkit.errors import CentralError, InputError
from techkit.records.budget import Budget, BudgetChange, CostCentre, newest_revisions
from techkit.records.identity import new_id
from techkit.records.operations import Change, Operation, customer_scope
from techkit.records.parties import Customer
from techkit.records.proposals import BudgetAnswer, BudgetProposal, ProposalKind

if TYPE_CHECKING:
    from tests.sync.histories import Holder, World

#: Closed and opened again by `Deeds.staff_close_month`.
_PERIOD = "2026-01"

_KINDS = tuple(ProposalKind)


class Budgeting(ABC):
    """What technicians and finance do to the budgets of the shared customer; the rest of the world is histories.py's."""

    customer: str

    @abstractmethod
    def pick(self, index: int) -> Holder:
        """Return one of the devices."""

    def propose(self, index: int, which: int, value: int) -> None:
        """Somebody asks the office to change a budget."""
        store = self.pick(index).store
        held = newest_revisions(store.find(Budget, customer_id=self.customer, order_by="id"))
        if held:
            budget = held[which % len(held)]
            store.save(
                BudgetProposal(
                    id=new_id(),
                    customer_id=self.customer,
                    budget_id=budget.id,
                    to_budget_id=held[-1].id,
                    kind=_KINDS[which % len(_KINDS)],
                    amount_minor=100 * (value + 1),
                    seen_minor=budget.approved_minor,
                    reason="It runs out",
                )
            )

    def take_proposal_back(self, index: int, which: int) -> None:
        """Somebody takes a proposal back, which the office may have answered meanwhile."""
        store = self.pick(index).store
        made = store.find(BudgetProposal, customer_id=self.customer, order_by="id")
        if made:
            store.remove(made[which % len(made)], "Taken back")

    def edit_budget(self, index: int, value: int) -> None:
        """A faulty program writes into a budget itself, which is the office's alone; ours would refuse."""
        store = self.pick(index).store
        for budget in newest_revisions(store.find(Budget, customer_id=self.customer, order_by="id"))[:1]:
            op = Operation(
                op_id=new_id(), device=store.device.id, hlc=store.clock.tick(), scope=customer_scope(self.customer),
                entity="budget", record_id=budget.id, fields={"approved_minor": Change(1_000_000 + value)}, actor="faulty",
            )  # fmt: skip
            with store.connection.transaction():
                store.outbox.add(op)

    def staff_budget(self, which: int, value: int) -> None:
        """Finance approves budgets where there are none yet, else revises one or moves money between two."""
        chief = User.objects.get(username="admin")
        with contextlib.suppress(CentralError, InputError):
            held = newest_revisions(budgets.of_customer(chief, self.customer, Budget))
            if len(held) < 2 and Row.objects.filter(entity_id=self.customer).exists():
                centre = budgets.add_centre(chief, self.customer, f"C{len(held)}", "Costs")
                budgets.approve(chief, centre, _PERIOD if held else "2026", 10_000)
            elif which % 2:
                budgets.transfer(chief, held[0].id, held[1].id, 100 * (value + 1), "Needed there")
            elif held:
                chosen = held[which % len(held)]
                budgets.revise(chief, chosen.id, chosen.approved_minor + 100 * value, "More work")

    def staff_answer(self, *, is_accepted: bool) -> None:
        """Finance answers the oldest proposal nobody answered, as things stand now."""
        chief = User.objects.get(username="admin")
        waiting = [one for one in proposals.asked(chief, self.customer) if one.answer is None]
        for one in waiting[:1]:
            with contextlib.suppress(CentralError, InputError):
                if is_accepted:
                    proposals.accept(chief, one.proposal.id)
                else:
                    proposals.decline(chief, one.proposal.id, "Not this year")


def check(world: World) -> None:
    """Only the office wrote budgets; no money came or went that no change names; a proposal has one answer."""
    written = Op.objects.filter(entity__in=("budget", "budget_change", "budget_answer", "cost_centre"))
    assert set(written.values_list("device", flat=True)) <= {"office"}
    if world.was_restored or ErasedCustomer.objects.exists():
        return  # what finance did twice, not knowing that the devices had it, is finance's to settle
    told: dict[type, list[Any]] = defaultdict(list)
    kinds = ("budget", "budget_change", "budget_answer", "cost_centre")
    for one in bundles.decoded(Row.objects.filter(entity__in=kinds)):
        told[type(one)].append(one)
    assert set(Counter(answer.proposal_id for answer in told[BudgetAnswer]).values()) <= {1}
    replaced = Counter(budget.revision_of for budget in told[Budget] if budget.revision_of)
    assert set(replaced.values()) <= {1}
    centre_of = {budget.id: budget.cost_centre_id for budget in told[Budget]}
    moved: Counter[str] = Counter()
    for change in told[BudgetChange]:
        moved[centre_of[change.to_budget_id]] += change.amount_minor
        if change.from_budget_id:
            moved[centre_of[change.from_budget_id]] -= change.amount_minor
    held = newest_revisions(told[Budget])
    assert len(held) == len({budget.cost_centre_id for budget in held}) <= len(told[CostCentre])
    for budget in held:
        assert budget.approved_minor == budget.original_minor + moved[budget.cost_centre_id], budget
    for holder in world.devices:
        mine = {one.id: one for one in holder.store.find(Budget)}
        aside = {r.operation.record_id for r in holder.store.outbox.refused()}
        if holder.store.get(Customer, world.customer) is not None and not aside:
            assert mine == {budget.id: budget for budget in told[Budget]}, holder.name
