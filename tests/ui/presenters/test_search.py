"""The palette: actions, records, marks, and nobody else's records on a customer's computer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from techkit.records.assets import Asset
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer
from techkit.records.visit import Visit
from techkit.store.database import Store
from techkit.ui.presenters.lanes import InlineLanes
from techkit.ui.presenters.search import MOST_HITS, Search
from techkit.ui.presenters.surroundings import Surroundings
from tests.stores import empty_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = empty_store(tmp_path, prefix="TK07", technician="Ines Okafor")
    yield made
    made.close()


@pytest.fixture
def brandt(store: Store) -> Customer:
    return customer(store, "Odalys Brandt", "7KX93M3")


@pytest.fixture
def larkspur(store: Store) -> Customer:
    return customer(store, "Larkspur Dental Group", "7KX11AA")


def customer(store: Store, name: str, serial: str) -> Customer:
    made = Customer(id=new_id(), display_name=name)
    store.save(made)
    store.save(Contact(id=new_id(), customer_id=made.id, family_name=name))
    store.save(Asset(id=new_id(), customer_id=made.id, name=f"PC {name}", serial=serial))
    store.save(Visit(id=new_id(), customer_id=made.id, number=store.next_number(2026), purpose="slow"))
    return made


def search(store: Store, opened: list[str] | None = None, *, is_own: bool = True) -> Search:
    world = Surroundings(store=store, lanes=InlineLanes(), machine=lambda: None, is_own_computer=is_own)
    return Search(world, ([] if opened is None else opened).append)


def found(made: Search, text: str) -> dict[str, list[str]]:
    made.type(text)
    return {title: [hit.title for hit in hits] for title, hits in made.state.groups}


def test_an_empty_field_offers_the_actions(store: Store) -> None:
    """Before anything is typed the palette shows what can be done."""
    assert "New visit" in found(search(store), "")["Actions"]


def test_records_and_actions_are_found_by_the_beginning_of_a_word(store: Store, brandt: Customer) -> None:
    """Actions stand first, records below."""
    made = search(store)
    assert list(found(made, "brandt")) == ["Records"]
    assert found(made, "sync")["Actions"] == ["Sync now"]
    assert found(made, ">sync") == {"Actions": ["Sync now"]}


def test_a_mark_narrows_what_is_searched(store: Store, brandt: Customer) -> None:
    """> finds actions only, # serials, @ people."""
    made = search(store)
    assert list(found(made, "> new")) == ["Actions"]
    assert {hit.kind for _title, hits in (made.type("#7KX93"), made.state.groups)[1] for hit in hits} == {
        "asset"
    }
    made.type("@odalys")
    assert {hit.kind for _title, hits in made.state.groups for hit in hits} == {"customer", "contact"}


def test_nothing_found_says_so_with_what_was_typed(store: Store) -> None:
    """The sentence repeats the words."""
    made = search(store)
    made.type("zzz")
    assert made.state.is_empty
    assert "zzz" in made.state.nothing_line


def test_on_a_customers_computer_only_this_customer_is_found(
    store: Store, brandt: Customer, larkspur: Customer
) -> None:
    """No result shows another customer, by name or by serial."""
    made = search(store, is_own=False)
    made.customer_id = brandt.id
    made.type("larkspur")
    assert made.state.is_empty
    made.type("7KX")
    assert [hit.line for _title, hits in made.state.groups for hit in hits] == [
        "Computer or device · Odalys Brandt"
    ]


def test_this_customer_is_found_behind_many_others(store: Store, brandt: Customer) -> None:
    """A word that fits more records of others than a list has rows hides nothing of whose visit is open."""
    others = [Customer(id=new_id(), display_name=f"Slow {n}") for n in range(MOST_HITS + 10)]
    store.save(*others, *(Visit(id=new_id(), customer_id=c.id, purpose="slow slow") for c in others))
    made = search(store, is_own=False)
    made.customer_id = brandt.id
    made.type("slow")
    records = [hit.line for _title, hits in made.state.groups for hit in hits if hit.kind != "how_to"]
    assert records == ["Visit · Odalys Brandt"]
    made.type("zzz")
    assert made.state.nothing_line == "Nothing of this customer matches “zzz”."


def test_on_a_customers_computer_without_a_visit_only_actions_are_found(
    store: Store, brandt: Customer
) -> None:
    """Before a visit is open nobody's records are shown."""
    made = search(store, is_own=False)
    made.type("brandt")
    assert made.state.is_empty


def test_what_is_chosen_leads_to_its_visit(store: Store, brandt: Customer) -> None:
    """A visit opens itself; a customer and a computer open their latest visit."""
    opened: list[str] = []
    made = search(store, opened)
    visit = store.find(Visit)[0]
    made.choose("visit", visit.id)
    made.choose("customer", brandt.id)
    made.choose("asset", store.find(Asset)[0].id)
    made.choose("customer", "nobody")
    made.choose("a kind of a newer techkit", "x")
    assert opened == [visit.id] * 3


@pytest.mark.parametrize("text", ["\x00", '"', "*", "' OR 1=1 --", "<b>", "\u202eabc", "a" * 200])
def test_hostile_queries_find_nothing_and_break_nothing(store: Store, brandt: Customer, text: str) -> None:
    """Marks of the search language, markup and control characters are words like any other."""
    made = search(store)
    made.type(text)
    made.type("brandt")
    assert not made.state.is_empty


@pytest.mark.parametrize(
    ("typed", "is_found"), [("#3m3q", True), ("#7KX9", True), ("#%", False), ("#___", False), ("#zz9", False)]
)
def test_any_part_of_a_serial_number(
    store: Store, world: Callable[..., Surroundings], typed: str, is_found: bool
) -> None:
    """The last four, as they stand on paper, lead to the computer; signs of a pattern are only themselves."""
    asset = Asset(id=new_id(), customer_id=new_id(), name="Till", serial="NW7KX93M3Q")
    store.save(asset)
    search = Search(world(), lambda _id: None)
    search.type(typed)
    found = {hit.id for _title, hits in search.state.groups for hit in hits}
    assert (asset.id in found) is is_found


def test_a_part_of_the_computer_is_offered_only_inside_a_visit(store: Store) -> None:
    """Typing its name finds the action while a visit is open, where its result has a place; else it is not offered."""
    made = search(store)
    assert "Actions" not in found(made, "only storage")
    made.offers_parts = lambda: True
    assert found(made, "only storage")["Actions"] == ["Check only: Storage"]
    assert made.state.groups[0][1][0].id == f"{made.ONLY}storage"
