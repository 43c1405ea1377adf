"""Operations: the one form in which a change is kept, sent and merged.

Every user action writes, in one transaction, the row and one operation per record. An operation
names, for each field, the new value and the operation whose value its author saw (`base`), so that
both ends can tell a change made in knowledge of the other from a conflict. Operations are kept for
ever; state is the fold of them (sync/merge.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

#: The version of the operation's form; a receiver keeps and passes on newer ones unread.
OPERATION_VERSION = 1

#: The scope of what every device of an organisation may read: rates, catalogue, budgets, staff.
TENANT_SCOPE = "tenant"


class Action(StrEnum):
    """What an operation does to its record."""

    PUT = "put"  # make the record, or change some of its fields
    REMOVE = "remove"  # tombstone with a reason; the content stays
    RESTORE = "restore"  # take a removal back


@dataclass(frozen=True, kw_only=True)
class Change:
    """The new value of one field (as JSON carries it) and the operation whose value was seen.

    base is "" when the author saw no value (a new record or a field never set).
    """

    value: Any
    base: str = ""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One change of one record by one person on one device.

    op_id: UUIDv7, unique for ever; the only key for recognising a repeat. device: id of the device,
    or "office" for staff. hlc: hybrid clock (records/identity.py). scope: "tenant",
    "customer:<id>" or "technician:<id>". entity: the record's kind. record_id: which one.
    actor: who did it, as a person reads it. reason: for removals.
    """

    op_id: str
    device: str
    hlc: int
    scope: str
    entity: str
    record_id: str
    action: Action = Action.PUT
    fields: Mapping[str, Change] = field(default_factory=dict)
    actor: str = ""
    reason: str = ""
    version: int = OPERATION_VERSION


def customer_scope(customer_id: str) -> str:
    """Return the scope that holds a customer and all that hangs below it."""
    return f"customer:{customer_id}"


def technician_scope(device_id: str) -> str:
    """Return the scope that holds one device's own settings."""
    return f"technician:{device_id}"
