"""A technician's own template of a visit reaches the office, with the plan of a visit begun with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.records.templates import VisitTemplate, planned
from techkit.records.visit import PlannedSupply, Visit
from tests.scenarios.conftest import Device, Office


def test_a_template_and_a_planned_visit_are_sent_whole(device: Callable[..., Device], office: Office) -> None:
    """Nothing is refused; a later change arrives; supplies keep number and price."""
    from techkit.central.models import Record

    ines = device("TK07", "Ines Okafor", "2026-11-23 10:00")
    template = VisitTemplate(
        id=new_id(),
        title="Till check",
        points=("Drawer",),
        supplies=(PlannedSupply(name="Receipt roll", quantity=Decimal(2), unit_price_minor=350),),
    )
    customer = Customer(id=new_id(), display_name="Odalys Brandt")
    visit = planned(Visit(id=new_id(), customer_id=customer.id), template)
    ines.store.save(template, customer, visit)
    ines.sync.enrol(office.invitation())
    assert Record.objects.get(entity_id=template.id).entity == "visit_template"
    assert "Receipt roll" in str(Record.objects.get(entity_id=visit.id).state)
    ines.store.save(replace(template, title="Till check, short"))
    ines.sync.now()
    assert ines.store.outbox.refused() == []
    assert ines.store.outbox.waits().count == 0
    assert "Till check, short" in str(Record.objects.get(entity_id=template.id).state)
