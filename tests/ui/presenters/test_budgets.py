"""What the office changed of a budget and what is promised from it, in words beside the budget."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from techkit.records.budget import Budget, BudgetChange, Commitment
from techkit.store.database import Store
from techkit.ui.presenters.budgets import Budgets, history_of
from techkit.ui.presenters.sight import Sight
from techkit.ui.presenters.surroundings import Surroundings


def test_revisions_and_transfers_stand_beside_their_budget(
    store: Store, world: Callable[..., Surroundings]
) -> None:
    """Newest first, with who approved it; a transfer stands at both ends, over the revisions of a budget."""
    store.save(
        Budget(id="old", period="2026", approved_minor=500_000),
        Budget(id="new", period="2026", approved_minor=620_000, revision_of="old"),
        Budget(id="other", period="2025", approved_minor=100_000),
        BudgetChange(id="c1", to_budget_id="new", amount_minor=70_000, reason="Second surgery", approved_by="Hanna Vogt", approved_on=date(2026, 6, 1)),
        BudgetChange(id="c2", from_budget_id="other", to_budget_id="old", amount_minor=50_000, reason="Left over", approved_on=date(2026, 2, 1)),
    )  # fmt: skip
    budgets = Budgets(world(), Sight(sees_all=True), lambda _id: None)
    history = {line.id: line.history for line in budgets.state.budgets}
    assert history["new"] == (
        "Revised by €700.00: Second surgery · Hanna Vogt · 1 Jun 2026",
        "€500.00 moved here: Left over · 1 Feb 2026",
    )
    assert history["other"] == ("€500.00 moved to another budget: Left over · 1 Feb 2026",)
    budgets.close()


def test_a_promise_counts_until_it_is_billed() -> None:
    """What was released is no promise any more; another budget's stays away. The office writes them, nobody else."""
    promised = [
        Commitment(
            id="p1", budget_id="new", amount_minor=80_000, reason="Two screens", promised_on=date(2026, 11, 3)
        ),
        Commitment(
            id="p2", budget_id="new", amount_minor=9_900, reason="Cable", released_on=date(2026, 11, 5)
        ),
        Commitment(id="p3", budget_id="other", amount_minor=5_000, reason="Desk"),
    ]
    assert history_of(("new", "old"), (), promised) == (
        "€800.00 promised, not billed yet: Two screens · 3 Nov 2026",
    )
