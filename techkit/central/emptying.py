"""What the service keeps of a customer is emptied: history, records, list, files, views, details of the audit trail.

It follows from an operation that says so (records/erasure.py), in the transaction that takes it; ids, places and digests
stay, so that no device notices a gap. What comes in about such a customer afterwards is emptied before it is kept.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qs

from django.db import connection
from django.db.models import QuerySet

from techkit.central import attachments, audit, folding, history, projection
from techkit.central.batch import Incoming
from techkit.central.models import Attachment, AuditEvent, ErasedCustomer, RefusedOp, SavedFilter
from techkit.central.models import Record as Row
from techkit.records.encoding import instant
from techkit.records.erasure import emptied
from techkit.records.operations import TENANT_SCOPE, customer_scope, glance, pack, unpack

#: How many operations are read and written at a time.
_AT_ONCE = 500

#: Where the names of a customer and their people stand.
_NAMES = {
    "customer": ("display_name", "legal_name"),
    "payer": ("name",),
    "contact": ("given_name", "family_name"),
}

_WORD = re.compile(r"\w{3,}")


def erased_scopes(org_id: int) -> frozenset[str]:
    """Return the scopes of customers who were removed for good."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT customer_id FROM erased_customer WHERE org_id = %s", [org_id])
        return frozenset(customer_scope(history.text_of(row[0])) for row in cursor.fetchall())


# --- on the way in -----------------------------------------------------------------------------------------


def empty_incoming(org_id: int, incoming: Iterable[Incoming]) -> None:
    """Take the words out of operations about customers who are gone, before anybody keeps them."""
    scopes: frozenset[str] | None = None
    for one in incoming:
        if not one.scope.startswith("customer:"):
            continue
        scopes = erased_scopes(org_id) if scopes is None else scopes
        if not scopes:
            return
        if one.scope in scopes:
            _empty_one(one)


def _empty_one(one: Incoming) -> None:
    try:
        op = emptied(one.op, is_late=True)
    except ValueError:
        one.packed = b""  # it cannot be read, so it cannot be emptied
        return
    packed = pack(op)
    if packed == one.packed:
        return
    one.made, one.packed, one.is_altered = op, packed, True
    one.action, one.fields = str(op.action), glance(packed).fields


# --- what is kept --------------------------------------------------------------------------------------------


def carry_out(org_id: int, accepted: Sequence[Incoming]) -> None:
    """Empty what is kept of the customers whose removal is among these operations; inside their transaction."""
    for one in accepted:
        if one.entity == "erasure" and one.scope == TENANT_SCOPE:
            given = one.op.fields
            named = given["customer_id"].value if "customer_id" in given else None
            at = given["erased_at"].value if "erased_at" in given else None
            customer = history.hex_of(named) if isinstance(named, str) else None
            if customer is not None:
                _empty_customer(org_id, uuid.UUID(customer), uuid.UUID(one.record), _moment(at))


def _moment(at: object) -> datetime:
    try:
        return instant("erased_at", at)
    except ValueError:
        return datetime.now(UTC)


def _empty_customer(org_id: int, customer_id: uuid.UUID, erasure_id: uuid.UUID, at: datetime) -> None:
    ErasedCustomer.objects.get_or_create(
        org_id=org_id, customer_id=customer_id, defaults={"erasure_id": erasure_id, "erased_at": at}
    )
    scope = customer_scope(str(customer_id))
    folding.fold(org_id, [scope])
    rows = Row.objects.filter(org_id=org_id, scope_id=scope)
    names = _names_of(rows)
    about = {str(key) for key in rows.values_list("entity_id", flat=True)}
    files = _empty_operations(org_id, scope)
    _empty_aside(org_id, scope)
    folding.empty(org_id, scope)
    _give_up(org_id, files)
    _empty_audit(org_id, about, names)
    _forget_views(org_id, str(customer_id), names)


def _empty_operations(org_id: int, scope: str) -> set[str]:
    """Empty a scope's history; return the hashes of all files it named."""
    files: set[str] = set()
    after = 0
    while rows := history.operations_after(org_id, scope, after, _AT_ONCE):
        changed = []
        for seq, _order, packed, _at in rows:
            after = seq
            op = unpack(bytes(packed))
            if op.entity == "attachment" and "sha256" in op.fields:
                files.add(str(op.fields["sha256"].value))
            fresh = pack(emptied(op))
            if fresh != bytes(packed):
                changed.append((fresh, org_id, scope, seq))
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE op SET packed = %s WHERE org_id = %s AND scope_id = %s AND seq = %s", changed
            )
    return files


def _empty_aside(org_id: int, scope: str) -> None:
    """Empty what was refused of a scope, and what nobody could read of it."""
    for row in RefusedOp.objects.filter(org_id=org_id, scope_id=scope).iterator(_AT_ONCE):
        try:
            row.packed = pack(emptied(unpack(bytes(row.packed)), is_late=True))
        except ValueError:
            row.packed = b""
        row.save(update_fields=["packed"])


def _give_up(org_id: int, sha256s: Collection[str]) -> None:
    """Mark files that no record names any more; their bytes go after the commit (attachments.sweep)."""
    named = Row.objects.filter(
        org_id=org_id, entity="attachment", deleted=False, state__sha256__in=list(sha256s)
    )
    left = set(sha256s) - set(named.values_list("state__sha256", flat=True))
    Attachment.objects.filter(org_id=org_id, sha256__in=left).update(
        is_complete=False, received_bytes=0, completed_at=None, erased_at=datetime.now(UTC)
    )


# --- what people left about them -----------------------------------------------------------------------------


def _names_of(rows: QuerySet[Row]) -> frozenset[str]:
    """Return the names among a customer's records, folded as the list's search folds them."""
    found: set[str] = set()
    for kind, state in rows.filter(entity__in=_NAMES).values_list("entity", "state"):
        said = (str(state.get(name) or "") for name in _NAMES[kind])
        found.update(projection.folded(name.strip()) for name in said if len(name.strip()) > 2)
    return frozenset(found)


def _looks_for(text: str, names: frozenset[str]) -> bool:
    """Return whether the words typed into the search are those of a name, or begin them."""
    typed = _WORD.findall(projection.folded(text))
    parts = [part for name in names for part in _WORD.findall(name)]
    return any(part.startswith(word) for word in typed for part in parts)


def _empty_audit(org_id: int, about: set[str], names: frozenset[str]) -> None:
    """Take details out of the audit trail: of all about the customer, and of exports that looked for them."""
    rows = AuditEvent.objects.filter(org_id=org_id).exclude(detail_hash="")
    found = []
    for key, object_id, action, detail in rows.values_list("pk", "object_id", "action", "detail").iterator(
        _AT_ONCE
    ):
        asked = parse_qs(str(detail.get("filter", ""))) if action == "export" else {}
        if object_id in about or any(_looks_for(text, names) for held in asked.values() for text in held):
            found.append(key)
    audit.empty_details(org_id, found)


def _forget_views(org_id: int, customer_id: str, names: frozenset[str]) -> None:
    """Delete kept views of the visit list that are about the customer or are called after them."""
    for row in SavedFilter.objects.filter(org_id=org_id):
        asked = parse_qs(row.query_string)
        called = projection.folded(row.name)
        is_about = customer_id in asked.get("customer", []) or any(name in called for name in names)
        if is_about or _looks_for(" ".join(asked.get("q", [])), names):
            row.delete()


# --- after the commit ------------------------------------------------------------------------------------------


def settle(org_id: int) -> None:
    """Finish what a transaction cannot: the list's rows, the bytes of files, the log of the database."""
    projection.catch_up(org_id)
    attachments.sweep(org_id)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
