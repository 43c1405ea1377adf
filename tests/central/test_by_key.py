"""One row by its key, as the query set would give it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext

from techkit.central.by_key import ByKey
from techkit.central.models import Device, Org
from techkit.records.identity import new_id
from tests.central.devices import Kit


def _said(row: models.Model) -> dict[str, Any]:
    held = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return {name: bytes(value) if isinstance(value, memoryview) else value for name, value in held.items()}


def test_a_row_is_what_the_query_set_gives(org: Org) -> None:
    """Ids, times, bytes and JSON come back in Django's own types, and the row can be changed and saved."""
    kit = Kit()
    kit.enrol()
    kit.sync()
    org.settings = {"a": [1, {"b": "Größe"}]}
    org.save()
    expected = Device.objects.get(pk=kit.id)
    found = ByKey(Device).get(kit.id)
    assert found is not None
    assert _said(found) == _said(expected)
    assert {type(value) for value in _said(found).values()} >= {datetime, bytes, int, str}
    held_org = ByKey(Org).get(found.org_id)
    assert held_org is not None
    assert _said(held_org) == _said(org)
    found.revoked_at = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    found.save()
    assert Device.objects.get(pk=kit.id).revoked_at == found.revoked_at


@pytest.mark.usefixtures("org")
def test_a_key_nobody_has_gives_nothing() -> None:
    """A device nobody let in is told apart from one that is there."""
    assert ByKey(Device).get(new_id()) is None


def test_a_locked_row_is_locked_where_the_database_knows_it(org: Org) -> None:
    """On PostgreSQL the row is read for update; SQLite has locked everything already."""
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        assert ByKey(Org, is_locking=True).get(org.pk) == org
    is_locked = any(query["sql"].endswith("FOR UPDATE") for query in asked)
    assert is_locked == (connection.vendor == "postgresql")
