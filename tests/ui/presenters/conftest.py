"""A store, a clock that stands still, and a recorded computer, for presenters without a window."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from techkit.central import server
from techkit.diagnostics.runner import RecordedMachine
from techkit.records.assets import Contract, Rate, RateCard
from techkit.records.budget import Budget, CostCentre
from techkit.records.findings import Reading
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer, Site
from techkit.records.signing import Satisfaction
from techkit.records.success import Recommendation
from techkit.records.visit import Visit, WorkState
from techkit.store.database import Store
from techkit.ui.presenters.customer import CustomerPlace
from techkit.ui.presenters.lanes import InlineLanes
from techkit.ui.presenters.sight import Sight
from techkit.ui.presenters.surroundings import Surroundings
from tests.scenarios.conftest import Office
from tests.stores import empty_store


class StillClock:
    """A clock that stands at 23 November 2026, 10:10 in a zone one hour east; `pass_s` moves it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 9, 10, tzinfo=UTC)
        self.seconds = 1000.0

    def now(self) -> datetime:
        return self.at

    def steady(self) -> float:
        return self.seconds

    def zone(self) -> tzinfo:
        return timezone(timedelta(hours=1))

    def pass_s(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = empty_store(tmp_path, prefix="TK07", technician="Ines Okafor")
    yield made
    made.close()


@pytest.fixture
def lanes() -> InlineLanes:
    return InlineLanes()


#: What a notebook tells about itself.
NOTEBOOK = (
    Reading(id="os.computer_name", value="Brandt-Laptop"),
    Reading(id="os.name", value="Windows 11 Home"),
    Reading(id="os.version", value="25H2"),
    Reading(id="system.maker", value="Northwind"),
    Reading(id="system.model", value="Swift 14"),
    Reading(id="system.serial", value="7KX93M3QQ"),
    Reading(id="system.uuid", value="4c4c4544-0042-3010-8051-b7c04f4d3431"),
)


@pytest.fixture
def world(store: Store, lanes: InlineLanes, clock: StillClock) -> Callable[..., Surroundings]:
    """Return a maker of surroundings: world(is_own=False)."""

    def make(*, is_own: bool = True, readings: tuple[Reading, ...] = NOTEBOOK) -> Surroundings:
        def machine() -> Any:
            return RecordedMachine(readings)

        return Surroundings(
            store=store,
            lanes=lanes,
            machine=machine,
            clock=clock,
            technician="Ines Okafor",
            is_own_computer=is_own,
        )

    return make


@pytest.fixture
def office(empty_service: Path, tmp_path: Path) -> Iterator[Office]:
    """The central service, answering in this process."""
    folder = tmp_path / "office"
    shutil.copytree(empty_service, folder)
    with server.running(folder) as held:
        yield Office(held)


@pytest.fixture
def page(world, store):
    """Return a maker of the page of a customer, by its name here; two customers of it are one."""
    names = (
        "customer",
        "twin",
        "selin",
        "selin2",
        "visit",
        "open",
        "card",
        "centre",
        "rating",
        "advice",
        "contract",
    )
    ids = {name: new_id() for name in names}
    at = datetime(2026, 11, 3, 9, tzinfo=UTC)
    store.save(
        Customer(id=ids["customer"], display_name="Bäckerei Krümel GmbH", number="10482"),
        Customer(id=ids["twin"], display_name="Backerei Krumel", notes_for_visit="Ring twice"),
        Contact(
            id=ids["selin"], customer_id=ids["customer"], given_name="Selin", family_name="Arslan", skill=3,
            features_wanted=("mail merge",),
        ),
        Contact(id=ids["selin2"], customer_id=ids["customer"], given_name="Selin", family_name="ARSLAN", role="Baker"),
        Site(id=new_id(), customer_id=ids["twin"], name="Shop", town="Kassel"),
        Visit(
            id=ids["visit"], number="TK07-2026-0001", customer_id=ids["twin"], contact_id=ids["selin2"],
            arrived_at=at, work_state=WorkState.SUBMITTED, purpose="Till prints nothing",
        ),
        Visit(id=ids["open"], customer_id=ids["twin"], work_state=WorkState.SCHEDULED, purpose="New till"),
        Satisfaction(id=ids["rating"], visit_id=ids["visit"], rating=1, asked_at=at, given_by="Selin Arslan"),
        Recommendation(id=ids["advice"], customer_id=ids["customer"], text="A second backup", why="There is one only."),
        RateCard(id=ids["card"], name="Contracts", rates=(Rate(labour="work", hourly_minor=7200),)),
        Contract(
            id=ids["contract"], customer_id=ids["customer"], number="CTR-1", ends_on=date(2026, 12, 31),
            hours_included=Decimal(60), hours_used=Decimal("51.25"), rate_card_id=ids["card"],
        ),
        CostCentre(id=ids["centre"], customer_id=ids["customer"], code="SHOP"),
        Budget(
            id=new_id(), customer_id=ids["customer"], cost_centre_id=ids["centre"], period="2026",
            approved_minor=100_000, actual_minor=120_000,
        ),
    )  # fmt: skip
    made: list[CustomerPlace] = []
    opened: list[tuple[str, ...]] = []

    def show(name: str = "customer", sight: Sight | None = None) -> CustomerPlace:
        seen = sight or Sight(sees_all=True)
        place = CustomerPlace(
            world(is_own=seen.sees_all),
            seen,
            ids[name],
            on_visit=lambda key: opened.append(("visit", key)),
            on_computer=lambda key: opened.append(("asset", key)),
            on_customer=lambda key: opened.append(("customer", key)),
            on_list=lambda *told: opened.append(told),
            on_new=lambda key: opened.append(("new", key)),
        )
        made.append(place)
        return place

    show.ids, show.store, show.opened = ids, store, opened
    yield show
    for place in made:
        place.close()
