"""The stored and sent form of records: nothing is lost on the way, and what is not understood is passed on."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from techkit.records import catalogue, encoding, schema
from techkit.records.activities import Attendance, Proof, Training
from techkit.records.visit import SupplyUse, Visit, WorkState


def _training() -> Training:
    return Training(
        id="t1",
        visit_id="v1",
        title="Styles",
        topics=("styles", "mail merge"),
        attendance=(Attendance(contact_id="c1", skill_before=1, skill_after=3),),
        evidence=(Proof(source="reading", subject="x"),),
    )


@pytest.mark.parametrize("spec", catalogue.every(), ids=lambda s: s.kind)
def test_every_kind_can_be_made_empty_and_survives_message(spec: schema.RecordSpec) -> None:
    """An empty record of each kind equals itself after its message."""
    held = spec.cls(id="r1")
    assert encoding.from_document(spec.kind, "r1", encoding.to_document(held)) == held


def test_structures_instants_and_quantities_survive_their_message() -> None:
    """Nothing is lost or rounded between record and message."""
    visit = Visit(
        id="v1",
        customer_id="c1",
        work_state=WorkState.ON_SITE,
        arrived_at=datetime(2026, 11, 23, 9, 10, tzinfo=UTC),
    )
    supply = SupplyUse(id="s1", visit_id="v1", name="kit", quantity=Decimal("1.50"))
    for held in (visit, supply, _training()):
        spec = schema.spec_of(held)
        assert encoding.from_document(spec.kind, held.id, encoding.to_document(held)) == held


def test_what_a_newer_techkit_wrote_is_kept_and_passed_on() -> None:
    """Unknown fields and unknown choices come back out as they came in."""
    document = {**encoding.to_document(_training()), "mood": "sunny", "origin": "robot"}
    held = encoding.from_document("training", "t1", document)
    assert encoding.to_document(held) == document


def test_a_changed_field_replaces_the_kept_newer_value() -> None:
    """A person's own choice wins over a kept value techkit could not read."""
    held = encoding.from_document("training", "t1", {"visit_id": "v", "title": "x", "method": 7})
    assert isinstance(held, Training)
    changed = schema.replace(held, method="group")
    assert encoding.to_document(changed)["method"] == "group"


def test_changed_fields_names_exactly_what_differs() -> None:
    """Only changed fields travel; emptying a field travels as its empty value."""
    before = Visit(id="v1", customer_id="c1", purpose="slow")
    after = schema.replace(before, purpose="", is_large_print=True)
    assert encoding.changed_fields(before, after) == {"is_large_print": True, "purpose": ""}
    assert encoding.changed_fields(None, before) == {"customer_id": "c1", "purpose": "slow"}


@pytest.mark.parametrize("quantity", ["1E+999999", "1E-999999", "1E+16", "9" * 17, "0." + "1" * 50])
def test_a_number_beyond_all_use_is_not_taken(quantity: str) -> None:
    """It is kept aside: what is reckoned from quantities never runs out of digits, nor fills a page with noughts."""
    held = encoding.from_document("supply_use", "s", {"visit_id": "v", "name": "x", "quantity": quantity})
    assert isinstance(held, SupplyUse)
    assert (held.quantity, held.extra) == (SupplyUse(id="s").quantity, {"quantity": quantity})


@pytest.mark.parametrize("quantity", ["0", "0E-999999", "1E+5", "999999999999999", str(Decimal(61) / 60)])
def test_a_number_somebody_may_mean_is_taken(quantity: str) -> None:
    """Large amounts, thirds of an hour and nought, however they are written."""
    held = encoding.from_document("supply_use", "s", {"visit_id": "v", "name": "x", "quantity": quantity})
    assert isinstance(held, SupplyUse)
    assert held.quantity == Decimal(quantity)


def test_numbers_of_the_wrong_kind_are_not_taken() -> None:
    """Rubbish in a number field is kept aside instead of becoming a value."""
    held = encoding.from_document(
        "supply_use", "s", {"visit_id": "v", "name": "x", "unit_price_minor": 2**70, "quantity": "NaN"}
    )
    assert isinstance(held, SupplyUse)
    assert held.unit_price_minor is None
    assert held.quantity == 1
    assert held.extra == {"unit_price_minor": 2**70, "quantity": "NaN"}
