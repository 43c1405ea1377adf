"""The audit trail: who did what when, each row carrying the hash of the row before it.

One altered, inserted or missing row breaks the chain from there on, which `verify` finds. Rows are
written in the same transaction as what they tell about.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from techkit.central.models import AuditEvent, Device, Org, User


def append(
    org_id: int,
    *,
    action: str,
    actor_kind: str,
    actor_id: str = "",
    actor_name: str = "",
    object_kind: str = "",
    object_id: str = "",
    detail: Mapping[str, Any] | None = None,
    address: str = "",
) -> AuditEvent:
    """Add one row and return it.

    action: what happened, e.g. "visit.approve". actor_kind: staff, device, program or nobody.
    detail: values from and to, as JSON carries them; no secrets and no customer text.
    """
    with transaction.atomic(savepoint=False):
        if connection.features.has_select_for_update:
            # One writer at a time per organisation; SQLite has taken its lock already.
            Org.objects.select_for_update().only("id").get(pk=org_id)
        place, previous_hash = _last(org_id)
        event = AuditEvent(
            org_id=org_id,
            place=place + 1,
            at=datetime.now(UTC),
            actor_kind=actor_kind,
            actor_id=actor_id,
            actor_name=actor_name,
            address=address,
            action=action,
            object_kind=object_kind,
            object_id=object_id,
            detail=dict(detail or {}),
            previous_hash=previous_hash,
        )
        event.hash = digest(event)
        _write(event)
    return event


# Each push of a device writes a row: statements as they stand, without the making of them each time.

_COLUMNS = (
    "org_id", "place", "at", "actor_kind", "actor_id", "actor_name", "address", "action", "object_kind",
    "object_id", "detail", "previous_hash", "hash",
)  # fmt: skip


def _last(org_id: int) -> tuple[int, str]:
    """Return place and hash of the last row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place, hash FROM audit_event WHERE org_id = %s ORDER BY place DESC LIMIT 1", [org_id]
        )
        return cursor.fetchone() or (0, "")


def _write(event: AuditEvent) -> None:
    held = [getattr(event, name) for name in _COLUMNS]
    held[_COLUMNS.index("at")] = connection.ops.adapt_datetimefield_value(event.at)
    held[_COLUMNS.index("detail")] = connection.ops.adapt_json_value(event.detail, None)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO audit_event ({', '.join(_COLUMNS)})"  # noqa: S608 - constant columns
            f" VALUES ({', '.join(['%s'] * len(_COLUMNS))})",
            held,
        )


def append_by(device: Device, action: str, detail: Mapping[str, Any]) -> AuditEvent:
    """Add one row about what a device did, or what happened to it."""
    return append(
        device.org_id,
        action=action,
        actor_kind="device",
        actor_id=str(device.pk),
        actor_name=device.name,
        object_kind="device",
        object_id=str(device.pk),
        detail=detail,
    )


def append_for(
    user: User,
    action: str,
    object_kind: str = "",
    object_id: str = "",
    detail: Mapping[str, Any] | None = None,
    address: str = "",
) -> AuditEvent:
    """Add one row about what a member of staff did."""
    return append(
        user.org_id,
        action=action,
        actor_kind="staff",
        actor_id=str(user.staff_id),
        actor_name=user.shown_name,
        object_kind=object_kind,
        object_id=object_id,
        detail=detail,
        address=address,
    )


def digest(event: AuditEvent) -> str:
    """Return SHA-256 (hex) over everything the row says and the hash of the row before it."""
    said = [
        event.org_id,
        event.place,
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        event.actor_kind,
        event.actor_id,
        event.actor_name,
        event.address,
        event.action,
        event.object_kind,
        event.object_id,
        event.detail,
        event.previous_hash,
    ]
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def verify(org_id: int) -> int | None:
    """Return the place of the first row that does not fit the chain; None when it is whole."""
    previous, expected = "", 1
    for event in AuditEvent.objects.filter(org_id=org_id).order_by("place").iterator(500):
        if event.place != expected or event.previous_hash != previous or digest(event) != event.hash:
            return expected
        previous, expected = event.hash, expected + 1
    return None
