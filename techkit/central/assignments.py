"""Which customers a device holds: looked up for the page, given and taken back by the office.

A device holds the customers it was sent to and those it made itself, nothing else. Giving one brings
its present state with the device's next contact; taking it back deletes it there, while work that
was not sent yet stays sealed on the device and is still taken (ingest.py).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models.fields.json import KT

from techkit.central import accounts, feed, projection
from techkit.central.accounts import Right
from techkit.central.models import Device, DeviceScope, User
from techkit.central.models import Record as Row
from techkit.errors import CentralError
from techkit.i18n import _
from techkit.records.operations import customer_scope

#: The most customers a page lists; beyond them one searches.
LISTED = 200

#: The most customers offered at once.
OFFERED = 12

_CUSTOMER = customer_scope("")


@dataclass(frozen=True, kw_only=True)
class Assigned:
    """One customer a device holds. name: "" for one whose record has not arrived yet."""

    customer_id: str
    name: str
    since: datetime


def assigned(device: Device) -> list[Assigned]:
    """Return the customers a device holds, by name."""
    held = DeviceScope.objects.filter(device=device, revoked_at=None, scope_id__startswith=_CUSTOMER)
    since = {row.scope_id.removeprefix(_CUSTOMER): row.granted_at for row in held}
    names = _names(device.org_id, since)
    found = [Assigned(customer_id=key, name=names.get(key, ""), since=at) for key, at in since.items()]
    return sorted(found, key=lambda one: (one.name.casefold(), one.customer_id))


def counts(org_id: int) -> dict[uuid.UUID, int]:
    """Return how many customers each device holds, by the device's id."""
    held = DeviceScope.objects.filter(
        device__org_id=org_id, revoked_at=None, scope_id__startswith=_CUSTOMER
    ).values_list("device_id", flat=True)
    counted: dict[uuid.UUID, int] = {}
    for device_id in held:
        counted[device_id] = counted.get(device_id, 0) + 1
    return counted


def offered(device: Device, text: str) -> list[tuple[str, str]]:
    """Return (id, name) of customers the device does not hold: those whose name has the text in it.

    Without a text those that changed last. At most `OFFERED`.
    """
    held = {one.customer_id for one in assigned(device)}
    rows = Row.objects.filter(org_id=device.org_id, entity="customer", deleted=False).order_by("-updated_at")
    # Compared here: of "Müller" and "MÜLLER" SQLite knows only that they differ.
    wanted = projection.folded(text)
    found: list[tuple[str, str]] = []
    for entity_id, name in rows.values_list("entity_id", KT("state__display_name")).iterator(100):
        if str(entity_id) not in held and wanted in projection.folded(name or ""):
            found.append((str(entity_id), name or ""))
        if len(found) == OFFERED:
            break
    return found


def assign(user: User, device: Device, customer_ids: Iterable[str]) -> int:
    """Let a device hold these customers; return how many are new to it.

    Raises: CentralError without the right, for a refused device, and for a customer nobody knows.
    """
    accounts.require(user, Right.ENROL)
    if device.revoked_at is not None:
        raise CentralError(
            _("This device was refused; it gets no customers."), status=409, safe=_("Nothing was changed.")
        )
    wanted = set(customer_ids)
    if not wanted or wanted - _names(device.org_id, wanted).keys():
        raise CentralError(_("There is no such customer."), status=404, safe=_("Nothing was changed."))
    fresh = sorted(wanted - {one.customer_id for one in assigned(device)})
    for customer_id in fresh:
        feed.grant(device, customer_scope(customer_id), user)
    return len(fresh)


def take_back(user: User, device: Device, customer_id: str) -> None:
    """Take a customer from a device; what it had not sent yet is still welcome.

    Raises: CentralError without the right, and for a customer the device does not hold.
    """
    accounts.require(user, Right.ENROL)
    if customer_id not in {one.customer_id for one in assigned(device)}:
        raise CentralError(_("The device does not hold this customer."), status=404)
    feed.revoke(device, customer_scope(customer_id), user)


def _names(org_id: int, customer_ids: Iterable[str]) -> dict[str, str]:
    """Return the names of these customers, of those that are known here."""
    wanted = []
    for text in customer_ids:
        try:
            wanted.append(uuid.UUID(text))
        except ValueError:
            continue
    rows = Row.objects.filter(org_id=org_id, entity="customer", entity_id__in=wanted)
    return {
        str(key): str(state.get("display_name", "")) for key, state in rows.values_list("entity_id", "state")
    }
