"""The catalogue beside the form of a supply: found while typing, filled in, free text stays."""

from __future__ import annotations

from datetime import date

import pytest

from techkit.records.assets import Product, ProductKind
from techkit.ui.presenters.visit import Visit
from tests.scenarios.conftest import Device

PRODUCTS = (
    Product(id="p1", name="Cable Cat 6", number="NK-0600", unit="m", price_minor=80, vendor="Drahtwerk"),
    Product(id="p2", name="SSD 500 GB", number="ST-0500", kind=ProductKind.PART, price_minor=6400),
    Product(id="p3", name="Wipes", price_minor=420, ends_on=date(2026, 1, 1)),
    *(Product(id=f"x{n}", name=f"Toner {n}", number=f"T-{n:04}", price_minor=100 + n) for n in range(9)),
)


@pytest.fixture
def visit(device: Device, planned: str) -> Visit:
    device.store.save(*PRODUCTS)
    return device.open(planned)


@pytest.fixture
def supply(visit: Visit) -> Visit:
    visit.work.choose_kind("supply_use")
    return visit


def found(visit: Visit, text: str) -> list[str]:
    visit.work.catalogue.type(text)
    state = visit.work.catalogue.state
    assert state is not None
    return [row.id for row in state.rows if row.id]


def fields(visit: Visit) -> dict[str, str]:
    form = visit.work.state.form
    assert form is not None
    return {f.name: f.text for f in (*form.fields, *form.more)}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("cab", ["p1"]),
        ("CÂBLE 6", ["p1"]),
        ("st-05", ["p2"]),
        ("0500", ["p2"]),
        ("drahtw", ["p1"]),
        ("toner 8", ["x8"]),
        ("wipes %", []),
        ("nothing so called", []),
    ],
)
def test_a_product_is_found_by_name_number_or_maker(supply: Visit, text: str, ids: list[str]) -> None:
    """Case and accents do not matter; every word typed has to be there; signs are no wildcards."""
    assert found(supply, text) == ids


def test_numbers_in_names_are_ordered_by_their_value(device: Device, planned: str) -> None:
    """Toner 2 stands before Toner 10, as on the shelf."""
    device.store.save(*(Product(id=f"t{n}", name=f"Toner {n}") for n in (10, 2, 1)))
    visit = device.open(planned)
    visit.work.choose_kind("supply_use")
    assert found(visit, "toner") == ["t1", "t2", "t10"]


def test_few_are_shown_and_the_rest_is_counted(supply: Visit) -> None:
    """Six rows, then how many more there are; before anything is typed the number alone."""
    assert supply.work.catalogue.state is not None
    assert supply.work.catalogue.state.rows == ()
    assert supply.work.catalogue.state.line == "12 products in the catalogue"
    assert len(found(supply, "toner")) == 6
    assert supply.work.catalogue.state.line == "3 more: type on"


def test_a_row_says_what_it_costs_and_for_how_much(supply: Visit) -> None:
    """Number, price for its unit, maker; what is no longer made says so."""
    supply.work.catalogue.type("cable")
    assert supply.work.catalogue.state is not None
    assert supply.work.catalogue.state.rows[0].line == "No. NK-0600 · €0.80 per m · Drahtwerk"
    supply.work.catalogue.type("wipes")
    assert supply.work.catalogue.state.rows[0].line == "€4.20 per piece · no longer made"


def test_choosing_fills_the_form_and_the_entry_names_the_product(supply: Visit) -> None:
    """Name, unit, price and whether it stays in the computer are filled; only the number is left to type, and no time is asked."""
    assert supply.work.state.time_chips == ()
    found(supply, "ssd")
    supply.work.choose_product("p2")
    assert fields(supply) | {"name": "SSD 500 GB", "unit": "piece", "unit_price_minor": "64.00"} == fields(
        supply
    )
    assert fields(supply)["is_part"] == "yes"
    assert supply.work.catalogue.state is not None
    assert supply.work.catalogue.state.chosen_line.startswith("From the catalogue: SSD 500 GB")
    supply.work.fill("quantity", "2")
    supply.work.add_entry()
    (used,) = supply.held.bundle.supplies
    assert (used.product_id, used.unit_price_minor, used.is_part) == ("p2", 6400, True)
    assert supply.work.catalogue.state is None


def test_what_is_not_in_the_catalogue_is_written_in(supply: Visit) -> None:
    """The words typed there become the name; nothing of the catalogue sticks to the entry."""
    supply.work.choose_product("p2")
    supply.work.catalogue.type("Spare knob")
    assert supply.work.catalogue.state is not None
    assert [row.title for row in supply.work.catalogue.state.rows] == [
        "Write in “Spare knob” without the catalogue"
    ]
    supply.work.choose_product("")
    assert fields(supply)["name"] == "Spare knob"
    supply.work.add_entry()
    (used,) = supply.held.bundle.supplies
    assert (used.name, used.product_id, used.unit_price_minor, used.is_part) == (
        "Spare knob",
        None,
        None,
        False,
    )


def test_a_choice_survives_the_end_of_the_program(device: Device, planned: str, supply: Visit) -> None:
    """After a crash the form stands there with the product, as typed text does."""
    supply.work.choose_product("p1")
    again = device.open(planned)
    again.work.restore_typing()
    assert fields(again)["name"] == "Cable Cat 6"
    assert again.work.catalogue.state is not None
    assert "NK-0600" in again.work.catalogue.state.chosen_line


def test_other_forms_and_an_empty_catalogue_show_none(device: Device, visit: Visit) -> None:
    """Nothing stands beside a form that takes nothing from it."""
    visit.work.choose_kind("training")
    assert visit.work.catalogue.state is None


def test_ten_thousand_products_are_looked_through_while_typing(device: Device, planned: str) -> None:
    """However much stands in the catalogue, a few rows are offered, the others counted, and one asked for is found."""
    visit = device.open(planned)
    many = tuple(Product(id=f"m{n}", name=f"Müller part {n}", number=f"{n:06}") for n in range(10_000))
    visit.held.known = type(visit.held.known)(products=many)
    visit.work.choose_kind("supply_use")
    for text, wanted in (("mu", "m0"), ("009999", "m9999"), ("part 1234", "m1234")):
        rows = found(visit, text)
        assert rows[0] == wanted
        assert len(rows) <= 6
    assert found(visit, "no such thing") == []
