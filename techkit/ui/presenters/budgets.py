"""Budgets: what each cost centre has left, how it goes along with the year, and where it is over, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from techkit import i18n
from techkit.i18n import _, ngettext
from techkit.records.budget import Budget, BudgetChange, Commitment, CostCentre, Standing
from techkit.records.pace import latest, pace
from techkit.records.parties import Customer
from techkit.records.proposals import BudgetAnswer, BudgetProposal
from techkit.records.schema import Record
from techkit.store.database import Store
from techkit.ui.presenters.budget_proposals import (
    ProposedLine,
    propose,
    proposed_lines,
    take_back,
    targets,
)
from techkit.ui.presenters.choices import FormState
from techkit.ui.presenters.kept_typing import opens_form
from techkit.ui.presenters.record_page import RecordPage, Undo
from techkit.ui.presenters.sight import Sight
from techkit.ui.presenters.surroundings import Surroundings

#: Worst first.
_ORDER = {Standing.STOP: 0, Standing.WARN: 1, Standing.WITHIN: 2}

#: Changes and promises of one budget shown at once.
MOST_HISTORY = 8

#: What budgets are told from.
WATCHED = frozenset(
    {"budget", "budget_change", "commitment", "cost_centre", "budget_proposal", "budget_answer"}
)


@dataclass(frozen=True, kw_only=True)
class BudgetLine:
    """One budget, ready to show. share: used part, 0 and above; gone: part of the period over, None without an end.

    tone: "bad" once it is used up, "watch" past its warning, else "ok".
    """

    id: str
    title: str
    customer: str
    customer_id: str
    left_line: str
    variance_line: str
    original_line: str
    pace_line: str
    limit_line: str
    share: float | None
    gone: float | None
    tone: str
    history: tuple[str, ...] = ()
    proposed: tuple[ProposedLine, ...] = ()
    closed_line: str = ""
    budget: Budget | None = None
    targets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is told of budgets beside their figures: changes, promises, proposals, what was answered, and to whom."""

    changes: tuple[BudgetChange, ...] = ()
    promised: tuple[Commitment, ...] = ()
    proposals: tuple[BudgetProposal, ...] = ()
    answers: tuple[BudgetAnswer, ...] = ()
    technician: str = ""


def told(store: Store, technician: str, customer_ids: tuple[str, ...] | None = None) -> Told:
    """Return what is told of the budgets of some customers, None for all; in the store lane."""
    only: dict[str, Any] = {} if customer_ids is None else {"customer_id": customer_ids}
    return Told(
        changes=tuple(store.find(BudgetChange, **only)),
        promised=tuple(store.find(Commitment, **only)),
        proposals=tuple(store.find(BudgetProposal, **only)),
        answers=tuple(store.find(BudgetAnswer, **only)),
        technician=technician,
    )


def _chain(budget: Budget, budgets: Mapping[str, Budget]) -> tuple[str, ...]:
    """Return the ids of a budget and of all it replaced, itself first."""
    ids = [budget.id]
    while (earlier := budgets.get(ids[-1])) is not None and earlier.revision_of not in (None, *ids):
        ids.append(str(earlier.revision_of))
    return tuple(ids)


def history_of(
    ids: Iterable[str], changes: Iterable[BudgetChange], promised: Iterable[Commitment]
) -> tuple[str, ...]:
    """Return what the office changed of a budget and what is promised from it, in words, the newest first."""
    own = set(ids)
    told: list[tuple[date, str]] = []
    for change in changes:
        comes, goes = change.to_budget_id in own, change.from_budget_id in own
        if comes == goes:
            continue  # of another budget, or from one revision to the next
        amount = i18n.money(change.amount_minor, change.currency)
        if goes:
            words = _("{amount} moved to another budget: {reason}", amount=amount, reason=change.reason[:120])
        elif change.from_budget_id:
            words = _("{amount} moved here: {reason}", amount=amount, reason=change.reason[:120])
        else:
            words = _("Revised by {amount}: {reason}", amount=amount, reason=change.reason[:120])
        told.append((change.approved_on or date.min, _dated(words, change.approved_by, change.approved_on)))
    for held in promised:
        if held.budget_id in own and held.released_on is None:
            amount = i18n.money(held.amount_minor, held.currency)
            words = _("{amount} promised, not billed yet: {reason}", amount=amount, reason=held.reason[:120])
            told.append((held.promised_on or date.min, _dated(words, held.promised_by, held.promised_on)))
    return tuple(words for _day, words in sorted(told, key=lambda one: one[0], reverse=True)[:MOST_HISTORY])


def _dated(words: str, who: str, day: date | None) -> str:
    parts = (words, who[:60], i18n.day(day, style="medium") if day else "")
    return " · ".join(part for part in parts if part)


def _title(budget: Budget, centres: Mapping[str, CostCentre]) -> str:
    centre = centres.get(budget.cost_centre_id)
    name = (
        " ".join(part for part in (centre.code, centre.name) if part) if centre else _("Cost centre not here")
    )
    return " · ".join(part for part in (name[:80], budget.period, budget.category[:60]) if part)


def budget_lines(
    budgets: Iterable[Budget],
    centres: Mapping[str, CostCentre],
    customers: Mapping[str, str],
    today: date,
    beside: Told = Told(),
) -> tuple[BudgetLine, ...]:
    """Return budgets in words, those in trouble first, then by customer and cost centre; older revisions left out."""
    found = []
    held = list(budgets)
    by_id = {budget.id: budget for budget in held}
    titles = {budget.id: _title(budget, centres) for budget in latest(held)}
    for budget in latest(held):
        stands, title = pace(budget, today), titles[budget.id]
        used = stands.variance.used_percent
        line = BudgetLine(
            id=budget.id,
            title=title,
            customer=customers.get(budget.customer_id, ""),
            customer_id=budget.customer_id,
            left_line=stands.left_line,
            variance_line=stands.variance_line,
            original_line=stands.original_line,
            pace_line=stands.pace_line,
            limit_line=stands.limit_line,
            share=float(used) / 100 if used is not None else None,
            gone=stands.gone_percent / 100 if stands.gone_percent is not None else None,
            tone={Standing.STOP: "bad", Standing.WARN: "watch"}.get(stands.variance.standing, "ok"),
            history=history_of(_chain(budget, by_id), beside.changes, beside.promised),
            closed_line=_("Its month is closed; it stands as it was.") if budget.closed_on else "",
            proposed=proposed_lines(
                budget, held, titles, beside.proposals, beside.answers, beside.technician
            ),
            budget=budget,
            targets=targets(budget, held, titles),
        )
        found.append((_ORDER[stands.variance.standing], line.customer.casefold(), title, line))
    return tuple(line for *_key, line in sorted(found, key=lambda held: held[:3]))


@dataclass(frozen=True, kw_only=True)
class BudgetsState:
    """All the page shows: a sentence that counts, the budgets, and why fewer than all may be seen."""

    is_loading: bool = True
    line: str = ""
    budgets: tuple[BudgetLine, ...] = ()
    locked: str = ""
    form: FormState | None = None
    error: str = ""
    undo_line: str = ""


class Budgets(RecordPage[tuple[BudgetLine, ...], BudgetsState]):
    """The budgets of all customers. On a customer's computer money is not shown at all."""

    page = "budgets"

    def __init__(
        self, surroundings: Surroundings, sight: Sight, on_customer: Callable[[str], object]
    ) -> None:
        super().__init__(surroundings, sight, WATCHED | {"customer", "sync"})
        self._on_customer = on_customer
        self.state = BudgetsState()
        self.refresh()

    def open_customer(self, customer_id: str) -> None:
        """Open the customer's page."""
        self._on_customer(customer_id)

    @opens_form
    def propose(self, budget_id: str) -> None:
        """Open the form of a proposal about a budget."""
        held = next((line for line in self.state.budgets if line.id == budget_id), None)
        if held is not None and held.budget is not None:
            propose(self._editor, self._world, held.budget, held.title, held.targets)

    def take_back(self, proposal_id: str) -> None:
        """Take one's own proposal back, before the office has answered."""
        store, actor = self._world.store, self._world.technician
        self._do(lambda: take_back(store, proposal_id, actor), None)

    def _read(self) -> tuple[BudgetLine, ...]:
        if not self._sight.sees_all:
            return ()
        store = self._world.store
        budgets = store.find(Budget)
        centres = {c.id: c for c in store.find(CostCentre)}
        owners = tuple({b.customer_id for b in budgets})
        customers = {c.id: c.display_name[:80] for c in store.find(Customer, id=owners)}
        return budget_lines(
            budgets, centres, customers, self._world.today, told(store, self._world.technician)
        )

    def _whose(self, record: Record) -> tuple[str, str]:
        proposal = record if isinstance(record, BudgetProposal) else None
        lines = (
            line for line in self.state.budgets if proposal is not None and line.id == proposal.budget_id
        )
        return (proposal.customer_id if proposal else ""), next((line.title for line in lines), "")

    def _settle(self, found: tuple[BudgetLine, ...]) -> None:
        """Remember nothing: the page is about no single record."""

    def _saved(self, record: Record, before: Record | None) -> None:
        self._done(Undo(sent_line(), made=record))

    def _state(self, found: tuple[BudgetLine, ...] | None) -> BudgetsState:
        lines = found or ()
        over = sum(line.tone == "bad" for line in lines)
        near = sum(line.tone == "watch" for line in lines)
        parts = [ngettext("{n} budget", "{n} budgets", len(lines))]
        if over:
            parts.append(ngettext("{n} used up", "{n} used up", over))
        if near:
            parts.append(ngettext("{n} past its warning", "{n} past their warning", near))
        waiting = sum(held.tone == "" for line in lines for held in line.proposed if held.is_from_here)
        if waiting:
            parts.append(
                ngettext("{n} proposal waits for the office", "{n} proposals wait for the office", waiting)
            )
        sees_all = self._sight.sees_all
        return BudgetsState(
            is_loading=not self._is_read and not self._error,
            line=" · ".join(parts) if sees_all and self._is_read else "",
            budgets=lines,
            locked="" if sees_all else _("Money is not shown on a customer’s computer."),
            form=self._editor.state if sees_all else None,
            error=self._error,
            undo_line=self._undo.line if self._undo is not None else "",
        )


def sent_line() -> str:
    """Return what is said once a proposal is kept."""
    return _("The proposal is kept; it goes to the office with the next sync.")
