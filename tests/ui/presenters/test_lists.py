"""A long list's presenter: blocks, filters, order, one customer only on a customer's computer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from techkit.errors import StoreError
from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.records.success import FollowUp
from techkit.records.visit import Visit, WorkState
from techkit.store.database import Store
from techkit.ui.presenters.list_kinds import COMPUTERS, CUSTOMERS, FOLLOW_UPS, VISITS
from techkit.ui.presenters.lists import BLOCK, ListKind, RecordList
from techkit.ui.presenters.sight import Sight
from techkit.ui.presenters.surroundings import Surroundings

NOW = datetime(2026, 11, 23, 9, 10, tzinfo=UTC)


@pytest.fixture
def open_list(world: Callable[..., Surroundings]):
    made: list[RecordList] = []

    def opened(kind: ListKind = VISITS, *, is_own: bool = True, customer_id: str = "") -> RecordList:
        sight = Sight(sees_all=is_own)
        sight.allow(sees_all=is_own, customer_id=customer_id)
        rows = RecordList(world(is_own=is_own), sight, kind, seen.append)
        rows.show()
        made.append(rows)
        return rows

    seen: list[str] = []
    opened.seen = seen
    yield opened
    for each in made:
        each.close()


@pytest.fixture
def customers(store: Store) -> dict[str, str]:
    """Two customers; the first with 250 visits, one a day back from today, the second with one planned."""
    ids = {"Larkspur Dental Group": new_id(), "Odalys Brandt": new_id()}
    store.save(*(Customer(id=key, display_name=name) for name, key in ids.items()))
    store.save(
        *(
            Visit(
                id=new_id(),
                number=f"TK07-2026-{n:04d}",
                customer_id=ids["Larkspur Dental Group"],
                technician="Ines Okafor" if n % 2 else "Pavel Novotny",
                arrived_at=NOW - timedelta(days=n),
                work_state=WorkState.SUBMITTED,
            )
            for n in range(250)
        ),
        Visit(
            id=new_id(),
            number="TK07-2026-0999",
            customer_id=ids["Odalys Brandt"],
            purpose="Photos freeze",
            planned_start_at=NOW + timedelta(days=1),
            work_state=WorkState.SCHEDULED,
        ),
    )
    return ids


def text_of(rows: RecordList, number: int) -> str:
    held = rows.row(number)
    return held.cells[0].text if held else ""


def choices(rows: RecordList, name: str) -> list[str]:
    return [c.label for f in rows.state.filters if f.name == name for c in f.choices]


def test_only_rows_that_are_drawn_are_read(open_list, customers, store, monkeypatch):
    """The first block comes with the list, another one when its rows are asked for, none twice."""
    read: list[int] = []
    listed = store.listed
    monkeypatch.setattr(
        store, "listed", lambda wanted, first, count: read.append(first) or listed(wanted, first, count)
    )
    rows = open_list()
    assert rows.state.total == 251
    assert read == [0]
    assert text_of(rows, 0) == "Odalys Brandt"
    assert rows.row(240) is None
    rows.want(230, 250)
    assert text_of(rows, 240) == "Larkspur Dental Group"
    rows.want(200, 250)
    assert read == [0, 4 * BLOCK, 5 * BLOCK]


def test_filters_say_what_they_offer_and_narrow(open_list, customers):
    """State, technician and customer are offered from what is there; the sentence counts."""
    rows = open_list()
    assert choices(rows, "technician") == ["Every technician", "Ines Okafor", "Pavel Novotny"]
    rows.choose("technician", "Pavel Novotny")
    assert rows.state.line == "125 visits"
    rows.choose("work_state", "draft,scheduled,travelling")
    assert rows.state.nothing.text == "Nothing fits these filters."
    rows.clear()
    assert rows.state.total == 251
    assert not rows.state.is_filtered


@pytest.mark.parametrize(("period", "count"), [("today", 1), ("week", 7), ("month", 30), ("year", 250)])
def test_a_period_counts_days_at_the_place(open_list, customers, period, count):
    """Today is today; a week is today and six days before; what is to come is not in it."""
    rows = open_list()
    rows.choose("period", period)
    assert rows.state.total == count


def test_words_that_fit_nothing_are_said_with_a_way_back(open_list, customers):
    """What was looked for is repeated, and one press clears it."""
    rows = open_list()
    rows.type("zebra")
    assert rows.state.nothing.title == "Nothing found"
    assert "zebra" in rows.state.nothing.text
    assert rows.state.nothing.action_label == "Clear the filters"
    rows.clear()
    assert rows.state.nothing is None


def test_order_turns_round_when_asked_again(open_list, customers):
    """A column once, then the other way; a new column begins as it is read best."""
    rows = open_list()
    rows.order("customer")
    assert text_of(rows, 0) == "Larkspur Dental Group"
    rows.order("customer")
    assert text_of(rows, 0) == "Odalys Brandt"
    rows.order("day")
    assert rows.state.is_descending


def test_an_empty_list_says_what_will_stand_here(open_list):
    """No visits yet: a sentence and no filter to blame."""
    rows = open_list()
    assert rows.state.nothing.title == "No visits yet"
    assert rows.state.nothing.action_label == ""


@pytest.mark.parametrize(
    ("kind", "label"), [(VISITS, "New visit"), (CUSTOMERS, "New visit"), (COMPUTERS, "")]
)
def test_an_empty_list_that_comes_with_a_visit_offers_to_begin_one(world, kind, label):
    """The words named the keys only; where a visit makes the first row, one press begins it."""
    begun = []
    rows = RecordList(world(), Sight(sees_all=True), kind, lambda _id: None, lambda: begun.append(kind.name))
    rows.show()
    assert rows.state.nothing.action_label == label
    rows.begin_visit()
    assert begun == [kind.name]
    rows.close()


def test_on_a_customers_computer_only_its_customer_is_there(open_list, customers):
    """No row, no count, no filter choice of anybody else; the sentence says why."""
    rows = open_list(is_own=False, customer_id=customers["Odalys Brandt"])
    assert rows.state.total == 1
    assert text_of(rows, 0) == "Odalys Brandt"
    assert choices(rows, "customer") == ["Every customer", "Odalys Brandt"]
    assert choices(rows, "technician") == ["Every technician"]
    assert rows.state.locked.title == "On this computer only its own customer is shown."
    rows.choose_customer(customers["Larkspur Dental Group"], "Larkspur")
    assert rows.state.total == 1


@pytest.mark.parametrize("kind", [VISITS, CUSTOMERS, COMPUTERS, FOLLOW_UPS])
def test_on_an_unknown_computer_nobody_is_shown(open_list, customers, kind):
    """Nothing is read at all until the computer or the passphrase says whose it is."""
    rows = open_list(kind, is_own=False)
    assert rows.state.total == 0
    assert rows.state.line == ""
    assert rows.state.nothing is None
    assert "not known yet" in rows.state.locked.title


def test_the_passphrase_opens_the_list(world, store, customers):
    """Once all may be seen the list fills, and the notice goes."""
    sight = Sight(sees_all=False)
    rows = RecordList(world(is_own=False), sight, CUSTOMERS, lambda _id: None)
    rows.show()
    assert rows.state.total == 0
    sight.allow(sees_all=True, customer_id="")
    assert rows.state.total == 2
    assert rows.state.locked is None
    rows.close()


def test_a_row_opens_what_it_stands_for(open_list, customers):
    """The id of the row reaches who opens it."""
    rows = open_list()
    rows.open(rows.row(0).id)
    assert open_list.seen == [rows.row(0).id]


def test_a_change_of_the_store_is_followed(open_list, customers, store, lanes):
    """A visit saved meanwhile stands in the list a moment later."""
    rows = open_list()
    store.save(Visit(id=new_id(), customer_id=customers["Odalys Brandt"], purpose="One more"))
    lanes.pass_time()
    assert rows.state.total == 252


def test_trouble_of_the_store_is_said_in_the_list(open_list, customers, store, monkeypatch):
    """A stick pulled out is a sentence above the list, not an empty list."""
    rows = open_list()

    def gone(*_args):
        raise StoreError("The disk does not answer.", advice="Plug it in again.")

    monkeypatch.setattr(store, "count_listed", gone)
    rows.refresh()
    assert rows.state.error == "The disk does not answer. Plug it in again."


def test_promises_say_how_late_they_are(open_list, customers, store):
    """Overdue ones stand first with the days they are late."""
    owner = customers["Odalys Brandt"]
    for text, due in (
        ("Call", date(2026, 11, 20)),
        ("Order", date(2026, 11, 23)),
        ("Later", date(2026, 12, 9)),
    ):
        store.save(FollowUp(id=new_id(), customer_id=owner, text=text, due_on=due, owner="Ines Okafor"))
    rows = open_list(FOLLOW_UPS)
    assert [rows.row(n).cells[2].line for n in range(3)] == ["3 days late", "today", ""]
    rows.choose("period", "overdue")
    assert [rows.row(n).cells[0].text for n in range(rows.state.total)] == ["Call"]
