"""Customers who are removed for good: what that takes and leaves, the removal itself, and the list that outlives a backup.

The list (`erasures.jsonl` in the service's folder) names ids and moments only. A service that was restored from an older
backup removes again, by itself, whoever stands in it (`replay`); so does one whose list came back with the backup, once
the copy of it that the office keeps is put in its place.
"""

from __future__ import annotations

import json
import os
import threading
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from techkit.central import accounts, audit, bundles, emptying, enrol, feed, history
from techkit.central.accounts import Right
from techkit.central.batch import Batch
from techkit.central.ingest import receive
from techkit.central.models import Device, DeviceScope, ErasedCustomer, User, VisitRow
from techkit.central.models import Record as Row
from techkit.central.transactions import retried
from techkit.errors import CentralError, InputError
from techkit.i18n import _
from techkit.records.encoding import instant, instant_text
from techkit.records.identity import new_id
from techkit.records.operations import (
    OFFICE,
    REMOVAL,
    TENANT_SCOPE,
    Action,
    Change,
    Operation,
    customer_scope,
    pack,
)
from techkit.records.visit import ReviewState
from techkit.sync import merge
from techkit.sync.merge import Author

#: The list beside the database, one customer a line.
FILE_NAME = "erasures.jsonl"

#: What a visit is that still has something to be booked.
_UNBOOKED = (ReviewState.POSTED, ReviewState.VOID)

_writing = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """What a removal would take. family: the customer and whoever was merged with them, by id.

    counts: kind -> number of records. unbooked: visits whose costs are not booked yet. devices: those that hold
    anything of the customer now, by name.
    """

    customer_id: str
    name: str
    number: str
    family: tuple[str, ...]
    counts: dict[str, int]
    unbooked: int
    devices: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Removed:
    """A customer who is gone. waiting: devices that were not in contact since, by name."""

    customer_id: str
    number: str
    at: datetime
    waiting: tuple[str, ...]


def foreseen(user: User, customer_id: str) -> Foreseen:
    """Return what removing a customer would take and leave.

    Raises: CentralError with status 403 without the right, 404 for an unknown customer, 409 for one who is gone.
    """
    accounts.require(user, Right.ERASE)
    row = _row(user.org_id, customer_id)
    if ErasedCustomer.objects.filter(org_id=user.org_id, customer_id=row.entity_id).exists():
        raise CentralError(
            _("This customer was removed already."),
            status=409,
            safe=_("Nothing was changed."),
            advice=_("The list of removed customers says when."),
        )
    family = bundles.family(user.org_id, row.entity_id)
    scopes = [customer_scope(str(one)) for one in family]
    kinds = Row.objects.filter(org_id=user.org_id, scope_id__in=scopes, deleted=False)
    held = DeviceScope.objects.filter(scope_id__in=scopes, revoked_at=None, device__org_id=user.org_id)
    open_visits = VisitRow.objects.filter(org_id=user.org_id, customer_id__in=family)
    return Foreseen(
        customer_id=str(row.entity_id),
        name=str(row.state.get("display_name") or ""),
        number=str(row.state.get("number") or ""),
        family=tuple(str(one) for one in family),
        counts=dict(Counter(kinds.values_list("entity", flat=True))),
        unbooked=open_visits.exclude(review_state__in=_UNBOOKED).count(),
        devices=tuple(
            sorted({f"{one.device.prefix} {one.device.name}" for one in held.select_related("device")})
        ),
    )


def erase(user: User, customer_id: str, typed: str, address: str = "") -> Foreseen:
    """Remove a customer for good, and whoever was merged with them; return what that took.

    typed: the customer's name as the page shows it, so that nobody is removed by a slip.
    Raises: InputError when it is another, CentralError as `foreseen` does.
    """
    taken = foreseen(user, customer_id)
    if _plain(typed) != _plain(expected(taken)):
        raise InputError(
            _("This is not the customer’s name as it stands here."),
            field="name",
            safe=_("Nothing was removed."),
            advice=_("Type it letter for letter; that is the question whether you mean this customer."),
        )
    now = datetime.now(UTC)

    def work() -> None:
        with transaction.atomic():
            for one in taken.family:
                _remove(user.org_id, one, new_id(), now, user.shown_name)
                audit.append_for(user, "customer.erase", "customer", one, address=address)

    retried(work)
    settle(user.org_id)
    return taken


def expected(about: Foreseen) -> str:
    """Return what is to be typed: the name, or the number or the id of a customer who has none."""
    return about.name or about.number or about.customer_id


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _row(org_id: int, customer_id: str) -> Row:
    wanted = bundles.as_uuid(customer_id)
    row = Row.objects.filter(org_id=org_id, entity="customer", entity_id=wanted).first() if wanted else None
    if row is None:
        raise CentralError(_("There is no such customer."), status=404, advice=_("Go back to the list."))
    return row


# --- the removal -----------------------------------------------------------------------------------------


def _remove(org_id: int, customer_id: str, erasure_id: str, at: datetime, actor: str) -> None:
    """Mark a customer as removed and say so to everybody; what is kept is emptied with it (emptying.py)."""
    scope = customer_scope(customer_id)
    feed.lock_heads(org_id, [scope, TENANT_SCOPE])
    held = history.states(org_id, [customer_id]).get(customer_id)
    state = held.state if held is not None and not held.is_foreign else None
    now_ms = enrol.now_ms()
    latest = max((clock[0] for clock in state.clocks.values()), default=0) if state else 0
    told = Operation(
        op_id=new_id(),
        device=OFFICE,
        hlc=max(now_ms << 16, latest + 1),
        scope=TENANT_SCOPE,
        entity="erasure",
        record_id=erasure_id,
        fields={"customer_id": Change(customer_id), "erased_at": Change(instant_text(at))},
        actor=actor,
    )
    packed = [pack(told)]
    if state is not None and not state.is_removed:
        gone = replace(
            told,
            op_id=new_id(),
            scope=scope,
            entity="customer",
            record_id=customer_id,
            action=Action.REMOVE,
            fields={REMOVAL: merge.removal(state)},
        )
        packed.insert(0, pack(gone))
    taken = receive(Batch(org_id=org_id, author=Author.OFFICE, device=OFFICE, now_ms=now_ms), packed)
    if taken.refused:
        raise CentralError(taken.refused[0].problem.shown()[0], status=409)


def settle(org_id: int) -> None:
    """Finish removals outside their transaction: rows and files go, and the list beside the database is brought up."""
    emptying.settle(org_id)
    with _writing:
        known = {entry["customer"] for entry in _listed()}
        rows = ErasedCustomer.objects.filter(org_id=org_id).order_by("erased_at", "id")
        fresh = [row for row in rows if str(row.customer_id) not in known]
        if fresh and (path := _path()):
            lines = "".join(
                json.dumps(
                    {
                        "customer": str(row.customer_id),
                        "erasure": str(row.erasure_id),
                        "at": instant_text(row.erased_at),
                    }
                )
                + "\n"
                for row in fresh
            )
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "a", encoding="ascii") as file:
                file.write(lines)
                file.flush()
                os.fsync(file.fileno())


def is_behind() -> bool:
    """Return whether the list and the database tell of different removals, as after a restore."""
    listed = {entry["customer"] for entry in _listed()}
    kept = {str(one) for one in ErasedCustomer.objects.values_list("customer_id", flat=True)}
    return listed != kept


def replay(org_id: int) -> int:
    """Remove again whoever stands in the list and came back with a backup; return how many. Cheap when nobody did."""
    gone = {
        str(one) for one in ErasedCustomer.objects.filter(org_id=org_id).values_list("customer_id", flat=True)
    }
    back = {entry["customer"]: entry for entry in _listed() if entry["customer"] not in gone}
    for customer_id, entry in back.items():

        def work(customer_id: str = customer_id, entry: dict[str, str] = entry) -> None:
            with transaction.atomic():
                at = instant("at", entry["at"])
                _remove(org_id, customer_id, entry["erasure"], at, "")
                audit.append(
                    org_id, action="customer.erase_again", actor_kind="program", object_kind="customer",
                    object_id=customer_id,
                )  # fmt: skip

        retried(work)
    settle(org_id)
    return len(back)


def _path() -> Path | None:
    return settings.TECHKIT_FOLDER / FILE_NAME if settings.TECHKIT_FOLDER else None


def _listed() -> Iterable[dict[str, str]]:
    """Yield the lines of the list; one that was cut or written by somebody else is passed over."""
    path = _path()
    if path is None or not path.is_file():
        return
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            entry = json.loads(line)
            good = {name: str(entry[name]) for name in ("customer", "erasure", "at")}
            instant("at", good["at"])
            good["customer"], good["erasure"] = (
                str(uuid.UUID(good["customer"])),
                str(uuid.UUID(good["erasure"])),
            )
        except (ValueError, TypeError, KeyError):
            continue
        yield good


def listed(user: User) -> bytes:
    """Return the list as a file to keep with the backups. Raises: CentralError with status 403 without the right."""
    accounts.require(user, Right.ERASE)
    return "".join(json.dumps(entry) + "\n" for entry in _listed()).encode("ascii")


# --- afterwards ----------------------------------------------------------------------------------------------


def removed(user: User) -> list[Removed]:
    """Return who was removed, the last one first. Raises: CentralError with status 403 without the right."""
    accounts.require(user, Right.ERASE)
    rows = list(ErasedCustomer.objects.filter(org_id=user.org_id).order_by("-erased_at", "-id"))
    numbers = dict(
        Row.objects.filter(org_id=user.org_id, entity_id__in=[row.customer_id for row in rows]).values_list(
            "entity_id", "state__number"
        )
    )
    devices = list(Device.objects.filter(org_id=user.org_id, revoked_at=None).order_by("prefix"))
    return [
        Removed(
            customer_id=str(row.customer_id),
            number=str(numbers.get(row.customer_id) or ""),
            at=row.erased_at,
            waiting=tuple(
                f"{one.prefix} {one.name}"
                for one in devices
                if (one.last_seen_at or one.enrolled_at) < row.erased_at
            ),
        )
        for row in rows
    ]
