"""Budgets: what each cost centre has left, how it goes along with the year, and where it is over, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from techkit import i18n
from techkit.errors import TechkitError
from techkit.i18n import _, ngettext
from techkit.records.budget import Budget, BudgetChange, Commitment, CostCentre, Standing
from techkit.records.pace import latest, pace
from techkit.records.parties import Customer
from techkit.ui.presenters.following import Following
from techkit.ui.presenters.lanes import Observable
from techkit.ui.presenters.sight import Sight
from techkit.ui.presenters.surroundings import Surroundings

#: Worst first.
_ORDER = {Standing.STOP: 0, Standing.WARN: 1, Standing.WITHIN: 2}

#: Changes and promises of one budget shown at once.
MOST_HISTORY = 8

#: What the page is made of.
_WATCHED = frozenset({"budget", "budget_change", "commitment", "cost_centre", "customer", "sync"})


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


def budget_lines(
    budgets: Iterable[Budget],
    centres: Mapping[str, CostCentre],
    customers: Mapping[str, str],
    today: date,
    changes: Iterable[BudgetChange] = (),
    promised: Iterable[Commitment] = (),
) -> tuple[BudgetLine, ...]:
    """Return budgets in words, those in trouble first, then by customer and cost centre; older revisions left out."""
    found = []
    held, changed, open_promises = list(budgets), list(changes), list(promised)
    by_id = {budget.id: budget for budget in held}
    for budget in latest(held):
        told = pace(budget, today)
        centre = centres.get(budget.cost_centre_id)
        name = (
            " ".join(part for part in (centre.code, centre.name) if part)
            if centre
            else _("Cost centre not here")
        )
        title = " · ".join(part for part in (name[:80], budget.period, budget.category[:60]) if part)
        used = told.variance.used_percent
        line = BudgetLine(
            id=budget.id,
            title=title,
            customer=customers.get(budget.customer_id, ""),
            customer_id=budget.customer_id,
            left_line=told.left_line,
            variance_line=told.variance_line,
            original_line=told.original_line,
            pace_line=told.pace_line,
            limit_line=told.limit_line,
            share=float(used) / 100 if used is not None else None,
            gone=told.gone_percent / 100 if told.gone_percent is not None else None,
            tone={Standing.STOP: "bad", Standing.WARN: "watch"}.get(told.variance.standing, "ok"),
            history=history_of(_chain(budget, by_id), changed, open_promises),
        )
        found.append((_ORDER[told.variance.standing], line.customer.casefold(), title, line))
    return tuple(line for *_key, line in sorted(found, key=lambda held: held[:3]))


@dataclass(frozen=True, kw_only=True)
class BudgetsState:
    """All the page shows: a sentence that counts, the budgets, and why fewer than all may be seen."""

    is_loading: bool = True
    line: str = ""
    budgets: tuple[BudgetLine, ...] = ()
    locked: str = ""
    error: str = ""


class Budgets:
    """The budgets of all customers. On a customer's computer money is not shown at all."""

    def __init__(
        self, surroundings: Surroundings, sight: Sight, on_customer: Callable[[str], object]
    ) -> None:
        self._world = surroundings
        self._sight = sight
        self._on_customer = on_customer
        self.changed = Observable()
        self.state = BudgetsState()
        self._following = Following(surroundings, _WATCHED.intersection, self.refresh)
        self._end = sight.changed.subscribe(self.refresh)
        self.refresh()

    def close(self) -> None:
        """Follow the store no more."""
        self._following.close()
        self._end()

    def refresh(self) -> None:
        """Read the budgets anew."""
        if not self._sight.sees_all:
            self._take(())
            return
        self._world.lanes.store(self._read, self._take, self._failed)

    def open_customer(self, customer_id: str) -> None:
        """Open the customer's page."""
        self._on_customer(customer_id)

    def _read(self) -> tuple[BudgetLine, ...]:
        store = self._world.store
        budgets = store.find(Budget)
        centres = {c.id: c for c in store.find(CostCentre)}
        owners = tuple({b.customer_id for b in budgets})
        customers = {c.id: c.display_name[:80] for c in store.find(Customer, id=owners)}
        today = self._world.today
        return budget_lines(
            budgets, centres, customers, today, store.find(BudgetChange), store.find(Commitment)
        )

    def _take(self, lines: tuple[BudgetLine, ...]) -> None:
        over = sum(line.tone == "bad" for line in lines)
        near = sum(line.tone == "watch" for line in lines)
        parts = [ngettext("{n} budget", "{n} budgets", len(lines))]
        if over:
            parts.append(ngettext("{n} used up", "{n} used up", over))
        if near:
            parts.append(ngettext("{n} past its warning", "{n} past their warning", near))
        sees_all = self._sight.sees_all
        self.state = BudgetsState(
            is_loading=False,
            line=" · ".join(parts) if sees_all else "",
            budgets=lines,
            locked="" if sees_all else _("Money is not shown on a customer's computer."),
        )
        self.changed()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, TechkitError):
            raise error
        self.state = BudgetsState(is_loading=False, error=error.sentences())
        self.changed()
