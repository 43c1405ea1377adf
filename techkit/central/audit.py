"""The audit trail: who did what when, each row carrying the hash of the row before it.

One altered, inserted or missing row breaks the chain from there on, which `verify` finds. Rows are
written in the same transaction as what they tell about.

What a row says beyond who, what and when (`detail`: a reason, what was looked for) may be about a person. The chain
hangs on a salted hash of it, so that erasing a customer can take it out: detail and salt go, and what is left tells
nobody what stood there.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from techkit.central.models import AuditEvent, Device, ErasedCustomer, Org, User


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
        if event.detail:
            event.salt = secrets.token_hex(16)
            event.detail_hash = _sealed(event)
        event.hash = digest(event)
        _write(event)
    return event


# Each push of a device writes a row: statements as they stand, without the making of them each time.

_COLUMNS = (
    "org_id", "place", "at", "actor_kind", "actor_id", "actor_name", "address", "action", "object_kind",
    "object_id", "detail", "salt", "detail_hash", "previous_hash", "hash",
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
    """Return SHA-256 (hex) over everything the row says, its detail sealed, and the hash of the row before it."""
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
        event.detail_hash or event.detail,
        event.previous_hash,
    ]
    return _hash(said)


def _sealed(event: AuditEvent) -> str:
    """Return what stands for a row's detail in the chain."""
    return _hash([event.salt, event.detail])


def _hash(said: list[Any]) -> str:
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def empty_details(org_id: int, rows: Collection[int]) -> None:
    """Take the details out of these rows (their keys), for a customer who is erased; the chain stays whole."""
    AuditEvent.objects.filter(org_id=org_id, pk__in=rows).exclude(detail_hash="").update(detail={}, salt="")


def verify(org_id: int) -> int | None:
    """Return the place of the first row that does not fit the chain; None when it is whole."""
    previous, expected = "", 1
    emptied_until = (
        ErasedCustomer.objects.filter(org_id=org_id)
        .order_by("-erased_at")
        .values_list("erased_at", flat=True)
    ).first()
    for event in AuditEvent.objects.filter(org_id=org_id).order_by("place").iterator(500):
        is_next = event.place == expected and event.previous_hash == previous
        if not is_next or digest(event) != event.hash or not _has_its_detail(event, emptied_until):
            return expected
        previous, expected = event.hash, expected + 1
    return None


def _has_its_detail(event: AuditEvent, emptied_until: datetime | None) -> bool:
    """Return whether a row's detail is what it was, or went with a customer. emptied_until: the last removal of one."""
    if not event.detail_hash:
        return True
    if not event.salt:
        return not event.detail and emptied_until is not None and event.at <= emptied_until
    return _sealed(event) == event.detail_hash
