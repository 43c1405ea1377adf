"""Following the store: many changes make one reading, and none comes after the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from techkit.records.identity import new_id
from techkit.records.parties import Customer, Site
from techkit.store.database import Store
from techkit.ui.presenters.following import Following
from techkit.ui.presenters.lanes import InlineLanes
from techkit.ui.presenters.surroundings import Surroundings

World = Callable[..., Surroundings]


@pytest.fixture
def readings() -> list[str]:
    """One word for each time it was read anew."""
    return []


@pytest.fixture
def following(world: World, readings: list[str]) -> Iterator[Following]:
    """Follow customers only."""
    made = Following(world(), frozenset({"customer"}).intersection, lambda: readings.append("read"))
    yield made
    made.close()


def test_three_changes_close_together_are_read_once(
    store: Store, lanes: InlineLanes, following: Following, readings: list[str]
) -> None:
    """Three changes that come before the rest is over make one reading."""
    for name in ("Amber Bakery", "Brandt Dental", "Cedar Books"):
        store.save(Customer(id=new_id(), display_name=name), actor="Ines Okafor")
    lanes.pass_time()
    lanes.pass_time()
    assert readings == ["read"]


def test_a_change_after_the_reading_is_read_again(
    store: Store, lanes: InlineLanes, following: Following, readings: list[str]
) -> None:
    """What changes after a reading is read too."""
    for name in ("Amber Bakery", "Brandt Dental"):
        store.save(Customer(id=new_id(), display_name=name), actor="Ines Okafor")
        lanes.pass_time()
    assert readings == ["read", "read"]


def test_other_kinds_are_not_read(
    store: Store, lanes: InlineLanes, following: Following, readings: list[str]
) -> None:
    """A change of a kind that does not matter here makes no reading."""
    store.save(Site(id=new_id(), customer_id=new_id(), name="Back room"), actor="Ines Okafor")
    lanes.pass_time()
    assert readings == []


def test_nothing_is_read_after_the_end(
    store: Store, lanes: InlineLanes, following: Following, readings: list[str]
) -> None:
    """A change told before the end is not read after it."""
    store.save(Customer(id=new_id(), display_name="Amber Bakery"), actor="Ines Okafor")
    following.close()
    lanes.pass_time()
    assert readings == []
