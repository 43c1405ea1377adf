"""Which customers have a word of the name, a tax number, an e-mail address or a telephone number in common.

Kept in this process and brought up to date by the rows that changed since: on the page of one customer nobody reads
the names of all the others.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Max

from techkit.central.models import Record as Row
from techkit.records import same
from techkit.records.parties import Contact, Customer

#: A word so many customers have in their names tells nobody apart.
COMMON = 50

#: Rows of transactions that ended out of order are looked for this long.
_OVERLAP = timedelta(minutes=1)


@dataclass
class _Index:
    """What tells the rows of a kind apart: row -> (its customer, its keys), key -> rows; as of a moment."""

    rows: dict[uuid.UUID, tuple[uuid.UUID, frozenset[str]]] = field(default_factory=dict)
    holders: dict[str, set[uuid.UUID]] = field(default_factory=dict)
    as_of: datetime | None = None

    def renew(self, org_id: int, entity: str, keys_of: Callable[[Mapping[str, Any]], Iterable[str]]) -> None:
        """Read what changed since; everything where rows went or the service was set back."""
        held = Row.objects.filter(org_id=org_id, entity=entity)
        latest, count = held.aggregate(latest=Max("updated_at"))["latest"], held.count()
        if self.as_of is None or latest is None or latest < self.as_of:
            self._read(held, keys_of)
        else:
            is_recent = datetime.now(UTC) - self.as_of < 2 * _OVERLAP
            self._read(
                held.filter(updated_at__gte=self.as_of - _OVERLAP)
                if is_recent
                else held.filter(updated_at__gt=self.as_of),
                keys_of,
            )
        if len(self.rows) != count:
            self.rows, self.holders = {}, {}
            self._read(held, keys_of)
        self.as_of = latest

    def _read(self, rows: Any, keys_of: Callable[[Mapping[str, Any]], Iterable[str]]) -> None:
        told = rows.values_list("entity_id", "customer_id", "state", "deleted")
        for row_id, customer_id, state, is_gone in told.iterator(1000):
            stands = not is_gone and not state.get("merged_into")
            keys = frozenset(keys_of(state)) if stands else frozenset()
            for key in self.rows.get(row_id, (row_id, frozenset()))[1] - keys:
                self.holders[key].discard(row_id)
            for key in keys:
                self.holders.setdefault(key, set()).add(row_id)
            self.rows[row_id] = (customer_id or row_id, keys)

    def customers_with(self, key: str) -> set[uuid.UUID]:
        """Return the customers of the rows that have a key."""
        return {self.rows[row_id][0] for row_id in self.holders.get(key, ())}


_indexes: dict[tuple[str, int, str], _Index] = {}
_lock = threading.Lock()


def near(org_id: int, one: Customer, people: Iterable[Contact]) -> set[uuid.UUID]:
    """Return the customers worth comparing with one: none but a few, whatever the number of all."""
    with _lock:
        customers = _index(org_id, "customer", _of_customer)
        contacts = _index(org_id, "contact", _of_contact)
        found: set[uuid.UUID] = set()
        for key in _of_customer({"display_name": one.display_name, "tax_id": one.tax_id}):
            holders = customers.holders.get(key, set())
            if not key.startswith("word ") or len(holders) <= COMMON:
                found |= holders
        for person in people:
            for key in _of_contact({"email": person.email, "phones": person.phones}):
                found |= contacts.customers_with(key)
        return found


def _index(org_id: int, entity: str, keys_of: Callable[[Mapping[str, Any]], Iterable[str]]) -> _Index:
    database = str(connection.settings_dict["NAME"])
    held = _indexes.setdefault((database, org_id, entity), _Index())
    held.renew(org_id, entity, keys_of)
    return held


def _of_customer(state: Mapping[str, Any]) -> Iterable[str]:
    words = same.words(str(state.get("display_name") or ""))
    keys = {f"word {word}" for word in words}
    keys.add(f"name {' '.join(sorted(words))}")
    keys.add(f"tax {same.plain_number(str(state.get('tax_id') or ''))}")
    return keys - {"name ", "tax "}


def _of_contact(state: Mapping[str, Any]) -> Iterable[str]:
    phones = state.get("phones") or ()
    keys = {
        f"phone {same.digits(str(phone))}" for phone in (phones if isinstance(phones, (list, tuple)) else ())
    }
    keys.add(f"mail {str(state.get('email') or '').strip().casefold()}")
    return keys - {"phone ", "mail "}
