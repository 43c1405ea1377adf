"""Promises: kept, moved, answered, dropped, taken back."""

from __future__ import annotations

from datetime import date

import pytest

from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.records.success import FollowUp
from techkit.records.visit import Visit
from techkit.ui.presenters.due import Due
from techkit.ui.presenters.sight import Sight


@pytest.fixture
def due(world, store):
    customer, visit = new_id(), new_id()
    held = FollowUp(
        id=new_id(), customer_id=customer, visit_id=visit, text="Order a second SSD", owner="Ines Okafor",
        due_on=date(2026, 11, 20), cost_minor=6400,
    )  # fmt: skip
    store.save(
        Customer(id=customer, display_name="Larkspur Dental Group"),
        Visit(id=visit, number="TK07-2026-0004", customer_id=customer),
        held,
    )
    opened: list[tuple[str, str]] = []
    made = Due(
        world(),
        Sight(sees_all=True),
        on_visit=lambda key: opened.append(("visit", key)),
        on_customer=lambda key: opened.append(("customer", key)),
    )
    made.opened, made.held_id, made.store = opened, held.id, store
    made.choose(held.id)
    yield made
    made.close()


def kept(due: Due) -> FollowUp:
    return due.store.get(FollowUp, due.held_id)


def test_the_promise_chosen_is_told_whole(due):
    """What, for whom, how late, what it costs."""
    promise = due.state.promise
    assert (promise.text, promise.customer) == ("Order a second SSD", "Larkspur Dental Group")
    assert promise.due_line == "By 20 Nov 2026, 3 days late"
    assert ("Cost", "€64.00") in promise.facts
    assert promise.visit_line == "Visit TK07-2026-0004"


def test_done_with_what_came_of_it_and_undone(due):
    """Done is kept with its note; undo brings the promise back as it was."""
    due.finish("Ordered at the shop")
    assert (kept(due).state, kept(due).outcome_note) == ("done", "Ordered at the shop")
    assert due.state.undo_line == "“Order a second SSD” is done."
    due.undo()
    assert (kept(due).state, kept(due).outcome_note) == ("open", "")
    assert due.state.undo_line == ""


def test_dropping_needs_a_reason(due):
    """Without a word it stays open, and the field says what is missing."""
    due.drop("  ")
    assert kept(due).state == "open"
    assert due.state.error == "Please write why it is dropped."
    due.drop("The customer bought one herself")
    assert kept(due).state == "dropped"
    assert due.state.error == ""
    due.take_up()
    assert kept(due).state == "open"


def test_moved_from_today_not_from_the_old_day(due):
    """In one week is a week from today, also for what was due long ago."""
    due.move(7)
    assert kept(due).due_on == date(2026, 11, 30)
    assert due.state.promise.tone == ""


def test_the_customers_word_is_kept_and_taken_back(due):
    """The same word again takes the answer back."""
    due.answer("yes")
    assert kept(due).decision == "yes"
    due.answer("yes")
    assert kept(due).decision == ""


def test_a_note_too_long_is_refused_and_nothing_is_lost(due):
    """Two megabytes are answered by a sentence; the promise stays open."""
    due.finish("x" * 2_000_000)
    assert kept(due).state == "open"
    assert "too long" in due.state.error


def test_visit_and_customer_are_a_press_away(due):
    """Both open by id."""
    due.open_visit()
    due.open_customer()
    assert [kind for kind, _id in due.opened] == ["visit", "customer"]


def test_a_promise_that_may_not_be_seen_is_not_shown(world, store, due):
    """On a customer's computer another customer's promise stays out of sight."""
    other = Due(world(is_own=False), Sight(sees_all=False), on_visit=print, on_customer=print)
    other.choose(due.held_id)
    assert other.state.promise is None
    other.close()


def test_what_came_of_it_is_kept_while_it_is_typed(due, world):
    """It is there when the promise is chosen again, and through a change of its day; done or dropped it is forgotten."""
    due.type_note("Ordered at the shop in the")
    again = Due(world(), Sight(sees_all=True), on_visit=print, on_customer=print)
    again.choose(due.held_id)
    assert again.state.promise.note == "Ordered at the shop in the"
    again.move(7)
    assert again.state.promise.note == "Ordered at the shop in the"
    again.finish("Ordered at the shop in the lane")
    assert kept(due).outcome_note == "Ordered at the shop in the lane"
    assert due.store.setting("typed.forms") == ()
    again.close()
