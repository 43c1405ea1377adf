"""What is left of a customer who was removed for good: ids, places, amounts and dates; no words, no files. Pure.

`Erasure` says that a customer was erased; it travels to every device of the organisation. `emptied` and
`emptied_state` take the words out of one operation and of what a record says, each value by itself: the fold of
emptied operations is the emptied fold, so both ends empty what they hold and still say the same.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from techkit.i18n import N_
from techkit.records.encoding import decode, encode
from techkit.records.merging import is_removal
from techkit.records.operations import REMOVAL, Action, Change, Operation, RecordState, pack_id
from techkit.records.schema import (
    FieldSpec,
    Record,
    SyncClass,
    ValueType,
    field,
    is_known,
    record,
    spec_for,
)


@record(
    kind="erasure",
    title=N_("Removal of a customer"),
    plural=N_("Removals of customers"),
    sync=SyncClass.REFERENCE,
    owner="tenant",
    icon="user",
)
class Erasure(Record):
    """A customer was removed for good: whoever holds anything of them empties it."""

    customer_id: str = field(
        label=N_("Customer"), default="", refers="customer", by="S", required=True, since="0.2"
    )
    erased_at: datetime | None = field(label=N_("Removed"), default=None, by="S", since="0.2")


#: Forms in which anything may stand but words.
_ANY_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,9})?")
_SHORT_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,39}")
_ZONE = re.compile(r"[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}")
_LINE = re.compile(r"[^\n]{0,500}")

#: Texts that stay, by name and by kind: what books, invoices and reviews hang on. Names among them are our own people's.
_KEPT_TEXTS: Mapping[tuple[str, str], re.Pattern[str]] = {
    ("", "currency"): re.compile(r"[A-Z]{3}"),
    ("", "period"): re.compile(r"\d{4}(-\d\d)?"),
    ("customer", "number"): _SHORT_CODE,
    ("case", "number"): _SHORT_CODE,
    ("visit", "number"): _SHORT_CODE,
    ("visit", "time_zone"): _ZONE,
    ("visit", "technician"): _LINE,
    ("visit", "provider"): _LINE,
    ("labour_segment", "technician"): _LINE,
    ("decision", "by"): _LINE,
    ("cost_entry", "booked_by"): _LINE,
    ("cost_centre", "code"): _LINE,
    ("left_choice", "about_id"): _ANY_ID,
    ("query", "about_id"): _ANY_ID,
}

#: Lists and tables that stay where nothing but ids and numbers is in them.
_KEPT_LISTS = frozenset(
    {
        ("visit", "asset_ids"),
        ("contract", "covered_assets"),
        ("contract", "covered_sites"),
        ("contract", "default_shares"),
        ("left_choice", "conflicts"),
    }
)

_WORDY = (ValueType.TEXT, ValueType.TEXTS, ValueType.DOCUMENT)


def emptied(op: Operation, *, is_late: bool = False) -> Operation:
    """Return an operation without its words: who, when, where, what it saw, amounts, dates and choices stay.

    is_late: it was made by somebody who did not know yet that the customer is gone. Such a change of the customer
    says nothing any more, so that it brings nobody back; a removal does.
    """
    if is_late and op.entity == "customer" and op.action is not Action.REMOVE:
        return replace(op, action=Action.PUT, fields={}, reason="")
    fields = {
        name: Change(_emptied_value(op.entity, name, held), base) for name, (held, base) in op.fields.items()
    }
    return replace(op, fields=fields, reason="")


def emptied_state(state: RecordState) -> RecordState:
    """Return what a record says after its operations were emptied; changes and returns `state`."""
    kind = state.entity
    state.values = {name: _emptied_value(kind, name, held) for name, held in state.values.items()}
    state.rivals = {
        name: {
            op_id: (order, device, actor, _emptied_value(kind, name, held))
            for op_id, (order, device, actor, held) in heads.items()
        }
        for name, heads in state.rivals.items()
    }
    state.reason = ""
    return state


def _emptied_value(kind: str, name: str, held: Any) -> Any:
    """Return what is left of one field's value; nothing of a field or form this techkit does not know."""
    if name == REMOVAL:
        if is_removal(held):
            return {"seen": held["seen"], "reason": ""}
        return [one for one in held if _is_id(one)] if isinstance(held, list) else None
    spec = _fields(kind).get(name)
    if spec is None or held is None:
        return None
    return held if _may_stay(kind, spec, held) else encode(spec.default)


@functools.cache
def _fields(kind: str) -> Mapping[str, FieldSpec]:
    return {f.name: f for f in spec_for(kind).fields} if is_known(kind) else {}


def _may_stay(kind: str, spec: FieldSpec, held: Any) -> bool:
    if spec.value_type in _WORDY:
        form = _KEPT_TEXTS.get((kind, spec.name)) or _KEPT_TEXTS.get(("", spec.name))
        if form is not None:
            return isinstance(held, str) and form.fullmatch(held) is not None
        return (kind, spec.name) in _KEPT_LISTS and _is_wordless(held)
    try:
        found = decode(spec, held)
    except ValueError:
        return False
    if spec.value_type is ValueType.REFERENCE:
        return not found or _is_id(held)
    if spec.value_type is ValueType.CHOICE:
        return str(held) in spec.choices
    return not isinstance(found, Decimal) or _NUMBER.fullmatch(str(held)) is not None


def _is_id(held: Any) -> bool:
    return isinstance(held, str) and isinstance(pack_id(held) if _ANY_ID.fullmatch(held) else "", bytes)


def _is_wordless(held: Any) -> bool:
    """Return whether a list holds nothing but ids, or shares of cost centres."""
    return isinstance(held, list) and all(_is_id(one) or _is_share(one) for one in held)


def _is_share(held: Any) -> bool:
    return (
        isinstance(held, dict)
        and set(held) <= {"cost_centre_id", "share_percent"}
        and all(_is_id(one) or _NUMBER.fullmatch(str(one)) is not None for one in held.values())
    )
