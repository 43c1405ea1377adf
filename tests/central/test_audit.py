"""The audit trail: contiguous, chained, and a changed row is found."""

from __future__ import annotations

from typing import Any

from techkit.central import audit
from techkit.central.models import AuditEvent


def test_rows_are_contiguous_and_the_chain_holds(org: Any) -> None:
    """Each row takes the next place and carries the hash of the row before it."""
    before = AuditEvent.objects.filter(org=org).count()
    first = audit.append(org.id, action="visit.approve", actor_kind="staff", object_id="v1", detail={"n": 1})
    second = audit.append(org.id, action="visit.read", actor_kind="staff", object_id="v1")
    assert (first.place, second.place) == (before + 1, before + 2)
    assert second.previous_hash == first.hash
    assert audit.verify(org.id) is None


def test_one_changed_word_is_found(org: Any) -> None:
    """A row altered behind the program's back is named by the check."""
    for number in range(5):
        audit.append(org.id, action="visit.read", actor_kind="staff", object_id=f"v{number}")
    victim = AuditEvent.objects.filter(org=org, object_id="v2").get()
    AuditEvent.objects.filter(pk=victim.pk).update(object_id="v9")
    assert audit.verify(org.id) == victim.place


def test_a_missing_row_is_found(org: Any) -> None:
    """A row taken out leaves a gap that the check names."""
    for number in range(3):
        audit.append(org.id, action="visit.read", actor_kind="staff", object_id=f"v{number}")
    victim = AuditEvent.objects.filter(org=org, object_id="v1").get()
    AuditEvent.objects.filter(pk=victim.pk).delete()
    assert audit.verify(org.id) == victim.place
