"""What leaves the service as a file: all that is kept of a customer, by those who may hand it out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from techkit.central import accounts, exports
from techkit.central.models import AuditEvent, Role
from techkit.errors import CentralError
from tests.central import samples
from tests.central.conftest import PASSWORD
from tests.central.test_review import visit_of


@pytest.fixture
def lead(org: Any) -> Any:
    """Give the team lead Lena Brook."""
    return accounts.make_staff(org, "lena", PASSWORD, role=Role.LEAD, first_name="Lena", last_name="Brook")


def test_a_customer_is_handed_all_that_is_kept(van: Any, lead: Any) -> None:
    """Every record of the customer and nothing of another one; the handing out is in the audit trail."""
    records, others = samples.slow_computer(), samples.dental_practice()
    van.send(*records)
    van.send(*others)
    customer = visit_of(records).customer_id
    lines = [json.loads(line) for line in exports.of_customer(lead, str(customer))]
    ours = {held.id for held in records} - {samples.RATES.id}
    assert {line["id"] for line in lines} == ours
    assert {"customer", "contact", "visit", "diagnostic_run", "signature"} <= {line["kind"] for line in lines}
    assert any(line.get("billing_address", "").startswith("Lindengasse 8") for line in lines)
    event = AuditEvent.objects.get(action="export.customer")
    assert (event.actor_name, event.object_id, event.detail["lines"]) == ("Lena Brook", customer, len(ours))


def test_only_who_may_hand_out_does(
    van: Any, lead: Any, maren: Any, browser_of: Callable[[Any], Client]
) -> None:
    """A reviewer is offered nothing and refused; a lead finds the file one click away."""
    records = samples.slow_computer()
    van.send(*records)
    visit = visit_of(records)
    address = f"/customers/{visit.customer_id}/export"
    reviewer, leads = browser_of(maren), browser_of(lead)
    assert address not in reviewer.get(f"/visits/{visit.id}", secure=True).content.decode()
    assert reviewer.get(address, secure=True).status_code == 403
    assert address in leads.get(f"/visits/{visit.id}", secure=True).content.decode()
    file = leads.get(address, secure=True)
    assert file["Content-Disposition"] == 'attachment; filename="techkit-customer.jsonl"'
    assert len(file.content.splitlines()) > 10


def test_unknown_and_foreign_customers_are_none(van: Any, lead: Any) -> None:
    """Another organisation's customer, and one that is not there, are both told not to exist."""
    from techkit.central.models import Org

    records = samples.slow_computer()
    van.send(*records)
    stranger = accounts.make_staff(Org.objects.create(name="Elsewhere"), "stranger", PASSWORD, role=Role.LEAD)
    for user, customer in ((stranger, visit_of(records).customer_id), (lead, visit_of(records).id)):
        with pytest.raises(CentralError) as refused:
            exports.of_customer(user, str(customer))
        assert refused.value.status == 404
