"""The catalogue from the office's page to the form of a supply: added in a browser, brought by sync, chosen at the customer's."""

from __future__ import annotations

from django.test import Client

from tests.scenarios.test_bad_references import begun, signed_in

SSD = {
    "name": "SSD 500 GB", "number": "ST-0500", "kind": "part", "unit": "piece", "price": "64.00",
    "currency": "EUR", "vendor": "Speicherwerk",
}  # fmt: skip


def test_a_product_of_the_office_is_chosen_on_a_device(device, office):
    """What the office adds is found by its number and fills the form; put out of use it says so, after all others."""
    ines = device("TK07", "Ines Okafor", "2026-11-24 09:00")
    ines.sync.enrol(office.invitation())
    client = signed_in(office)
    added = client.post("/products/add", SSD, secure=True)
    client.post("/products/add", {**SSD, "name": "SSD case", "number": ""}, secure=True)
    assert added.status_code == 302
    product = added["Location"].removeprefix("/products?kept=")
    ines.sync.now()
    work = supply_form(ines)
    work.catalogue.type("st-05")
    (row,) = (row for row in work.catalogue.state.rows if row.id)
    assert (row.id, row.line) == (product, "No. ST-0500 · €64.00 per piece · Speicherwerk")
    work.choose_product(product)
    work.add_entry()
    (used,) = work.held.bundle.supplies
    assert (used.product_id, used.unit_price_minor, used.is_part) == (product, 6400, True)
    end(client, product)
    ines.sync.now()
    work = supply_form(ines)
    work.catalogue.type("ssd")
    rows = [row for row in work.catalogue.state.rows if row.id]
    assert [row.title for row in rows] == ["SSD case", "SSD 500 GB"]
    assert rows[1].line.endswith("no longer made")


def end(client: Client, product: str) -> None:
    """Put a product out of use by its page."""
    answer = client.post(f"/products/{product}/change", {"step": "end"}, secure=True)
    assert answer.status_code == 302


def supply_form(device):
    """Begin a visit and open the form of a supply."""
    visit = device.open(begun(device))
    visit.next()
    visit.need.refuse_consent()
    visit.go("work")
    visit.work.choose_kind("supply_use")
    return visit.work
