"""What comes for a customer: what ends soon, wishes to learn, low answers, and the promise each becomes."""

from __future__ import annotations

from datetime import date

from techkit.records.success import FollowUp, FollowUpReason


def test_a_low_answer_is_promised_a_call_and_answered_once_that_is_done(page):
    """From “nobody has come back to it” over a promise to “somebody came back to it”."""
    place, store = page("twin"), page.store
    (low,) = place.state.ratings
    assert "nobody has come back" in low.line
    place.plan(low.key)
    made = next(f for f in store.find(FollowUp) if f.created_from == low.key)
    assert (made.reason, made.due_on, made.is_on_paper) == (
        FollowUpReason.LOW_RATING,
        date(2026, 11, 25),
        False,
    )
    assert place.state.ratings[0].is_planned
    place.plan(low.key)
    assert store.count(FollowUp) == 1
    store.save(type(made)(**{**vars(made), "state": "done"}))
    place.refresh()
    assert "somebody came back" in place.state.ratings[0].line
    place.undo()


def test_what_ends_is_seen_early_and_promised_once(page):
    """The contract that ends in 38 days; undo takes the promise back."""
    place = page()
    task = next(t for t in place.state.ahead if t.key.startswith("renewal:"))
    assert (task.title, task.line) == ("Contract CTR-1", "It ends in 38 days.")
    place.plan(task.key)
    assert page.store.find(FollowUp)[0].text == "Speak about renewing: Contract CTR-1"
    assert next(t for t in place.state.ahead if t.key == task.key).is_planned
    place.undo()
    assert page.store.find(FollowUp) == []


def test_a_wish_to_learn_becomes_a_promised_training(page):
    """Suggested with its reason, promised for the person."""
    place = page()
    (need,) = place.state.needs
    assert need.title == "mail merge for Selin Arslan"
    place.plan(need.key)
    made = page.store.find(FollowUp)[0]
    assert (made.contact_id, made.reason) == (page.ids["selin"], FollowUpReason.TRAINING_CATCH_UP)
