"""A service whose tables are of an older techkit is brought up to date with everything it holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from django.core.management import call_command
from django.db import connection

from techkit.central import server
from techkit.central.models import AuditEvent, Device, DeviceScope, Op, User
from techkit.records.identity import new_id
from techkit.records.parties import Customer
from techkit.records.visit import Visit, WorkState
from tests.central.arrivals import Van
from tests.central.devices import Kit

#: What devices brought, who they are, and what staff did: none of it can be made anew.
_KEPT: Final = (User, Device, DeviceScope, Op, AuditEvent)


def _columns(model: Any) -> set[str]:
    with connection.cursor() as cursor:
        return {
            held.name for held in connection.introspection.get_table_description(cursor, model._meta.db_table)
        }


def _rows(model: Any, columns: set[str]) -> list[Any]:
    return list(model.objects.order_by("pk").values(*sorted(columns)))


@pytest.mark.parametrize("oldest", [pytest.param("0001", marks=pytest.mark.long), "0011"])
def test_tables_of_an_older_techkit_are_brought_up_to_date_with_what_they_hold(
    prepared: tuple[Path, str], van: Van, kit: Kit, maren: Any, browser_of: Callable[[Any], Any], oldest: str
) -> None:
    """Filled as the older techkit had them: nothing is lost or doubled, the visit is listed, the device goes on."""
    customer = Customer(id=new_id(), display_name="Krumel & Ko")
    van.send(
        customer, Visit(id=new_id(), customer_id=customer.id, purpose="Kasse", work_state=WorkState.SUBMITTED)
    )
    other, scope, made = kit.customer()
    kit.sync(made)
    later = Kit(prefix="TK08")
    later.enrol(Device.objects.get(pk=kit.id).technician, former=kit.id)
    reviewer = browser_of(maren)
    # An older techkit had its list made with each change.
    assert reviewer.get("/visits", {"view": "all"}).status_code == 200
    held = {model: _rows(model, _columns(model)) for model in _KEPT}
    call_command("migrate", "central", oldest, interactive=False, verbosity=0)
    known = {model: _columns(model) for model in _KEPT}
    assert "former_id" not in known[Device]
    server.prepare(*prepared)
    # What a device was before stands in the audit trail of the older techkit, too.
    known[Device].add("former_id")
    for model, rows in held.items():
        assert _rows(model, known[model]) == [
            {name: row[name] for name in sorted(known[model])} for row in rows
        ]
    assert "Krumel &amp; Ko" in reviewer.get("/visits", {"view": "all"}).content.decode()
    assert kit.sync(kit.put("contact", new_id(), scope, customer_id=other, family_name="Weber")).refused == []
