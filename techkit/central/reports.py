"""What pages ask: one visit and what stands with it, devices, people, and the trail of who looked.

Pages hold no query of their own; each function here names the organisation first, so that nothing
of another one can be reached by any page. The visit list is asked in visit_list.py, the overview in overview.py.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.db import DatabaseError, connection
from django.db.models.functions import Coalesce

from techkit.central import accounts, attachments, audit, bundles, folding, projection
from techkit.central.models import (
    Attachment,
    Conflict,
    Device,
    EnrolCode,
    RefusedOp,
    User,
    VisitRow,
)
from techkit.central.models import Record as Row
from techkit.records import merging
from techkit.records.bundle import VisitBundle
from techkit.records.merging import FieldConflict
from techkit.records.review import LeftChoice
from techkit.records.schema import Record, spec_of

#: The days an address may name: at the ends of the calendar no zone and no next month could be reckoned.
_DAYS = (date(1900, 1, 1), date(2999, 12, 31))


def as_day(text: str) -> date | None:
    """Return the day an address names; None for what is no day, or one nobody can mean."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _DAYS[0] <= day <= _DAYS[1] else None


def be_current(user: User) -> None:
    """Make the rows that what follows reads; costs one small query when nothing has changed."""
    projection.catch_up(user.org_id)


def visit(user: User, visit_id: str) -> bundles.Loaded | None:
    """Return all that belongs to a visit, or None; that it was read is kept in the audit trail."""
    loaded = bundles.load(user.org_id, visit_id)
    if loaded is not None:
        audit.append_for(user, "visit.read", "visit", visit_id)
    return loaded


def visit_row(user: User, visit_id: str) -> VisitRow | None:
    """Return the list's row of a visit."""
    held = bundles.as_uuid(visit_id)
    return VisitRow.objects.filter(org_id=user.org_id, id=held).first() if held else None


@dataclass(frozen=True, kw_only=True)
class OpenConflict:
    """A field with two or more values to decide between: whose record, and who wrote what when.

    kind, record: the record as a bundle holds it. The first side is the one that holds meanwhile.
    left: a technician's word that the office shall choose.
    """

    id: uuid.UUID
    kind: str
    record: Record
    found: FieldConflict
    left: LeftChoice | None = None


def conflicts(user: User, bundle: VisitBundle) -> list[OpenConflict]:
    """Return the undecided conflicts of a visit, its customer, people, place and computers."""
    undecided = Conflict.objects.filter(
        org_id=user.org_id, entity_id__in=set(projection.concerned(bundle)), decided_by_op=None
    )
    by_field = {(row.entity_id, row.field): row.pk for row in undecided.order_by("found_at")}
    words = _left_choices(user, bundle.visit.customer_id) if by_field else {}
    found = []
    for row in Row.objects.filter(org_id=user.org_id, entity_id__in={held for held, _field in by_field}):
        state = merging.load(row.entity, str(row.entity_id), row.scope_id, row.state, row.clocks)
        for one in merging.conflicts(state):
            conflict_id = by_field.get((row.entity_id, one.field))
            if conflict_id is not None:
                record = next(iter(bundles.decoded([row])))
                left = words.get(str(conflict_id))
                found.append(
                    OpenConflict(id=conflict_id, kind=row.entity, record=record, found=one, left=left)
                )
    return found


def _left_choices(user: User, customer_id: str) -> dict[str, LeftChoice]:
    """Return the last word that leaves a conflict of this customer to the office, by the conflict's id."""
    rows = Row.objects.filter(
        org_id=user.org_id,
        customer_id=bundles.as_uuid(customer_id),
        entity=spec_of(LeftChoice).kind,
        deleted=False,
    )
    words = (held for held in bundles.decoded(rows.order_by("seq")) if isinstance(held, LeftChoice))
    return {conflict: word for word in words for conflict in word.conflicts}


def signed_paper(user: User, bundle: VisitBundle) -> bytes | None:
    """Return the bytes of the summary as it was signed, once the device has sent that file."""
    for held in reversed(bundle.attachments):
        if held.purpose != "summary":
            continue
        row = Attachment.objects.filter(org_id=user.org_id, sha256=held.sha256, is_complete=True).first()
        if row is not None:
            return b"".join(attachments.read(row))
    return None


def stored_files(user: User, hashes: Iterable[str]) -> dict[str, Attachment]:
    """Return what the service knows of files, by hash; those never announced are left out."""
    rows = Attachment.objects.filter(org_id=user.org_id, sha256__in=set(hashes))
    return {row.sha256: row for row in rows}


def page_photos(user: User, hashes: Iterable[str]) -> dict[str, bytes]:
    """Return the photos of a customer's page by hash; those that have not arrived are left out."""
    found = stored_files(user, hashes)
    return {sha256: b"".join(attachments.read(row)) for sha256, row in found.items() if row.is_complete}


# --- devices ------------------------------------------------------------------------------------------------


def devices(user: User, count: int, start: int = 0) -> list[Device]:
    """Return so many devices from a place on, the one that spoke last first."""
    rows = Device.objects.filter(org_id=user.org_id).select_related("technician", "revoked_by")
    ordered = rows.order_by(Coalesce("last_seen_at", "enrolled_at").desc(), "pk")
    return list(ordered[start : start + count])


def became(user: User, formers: Collection[Device]) -> dict[uuid.UUID, list[Device]]:
    """Return what these devices were let in as later, the first one first; each by what it was before."""
    found: dict[uuid.UUID, list[Device]] = {}
    ids = [held.pk for held in formers]
    for later in Device.objects.filter(org_id=user.org_id, former__in=ids).order_by("enrolled_at"):
        if later.former_id is not None:
            found.setdefault(later.former_id, []).append(later)
    return found


def device(user: User, device_id: str) -> Device | None:
    """Return one device."""
    held = bundles.as_uuid(device_id)
    if held is None:
        return None
    rows = Device.objects.filter(org_id=user.org_id, id=held)
    return rows.select_related("technician", "revoked_by", "org", "former").first()


def open_codes(user: User) -> list[EnrolCode]:
    """Return the enrolment codes that still wait for their device, newest first."""
    rows = EnrolCode.objects.filter(org_id=user.org_id, used_at=None, expires_at__gt=datetime.now(UTC))
    return list(rows.select_related("technician", "created_by").order_by("-created_at"))


def staff(user: User) -> list[User]:
    """Return the members of staff by name."""
    return sorted(User.objects.filter(org_id=user.org_id, is_active=True), key=lambda u: u.shown_name)


def member(user: User, staff_id: str) -> User | None:
    """Return a member of staff by the id records know the person by."""
    held = bundles.as_uuid(staff_id)
    return User.objects.filter(org_id=user.org_id, staff_id=held).first() if held else None


def now() -> datetime:
    """Return the moment pages reckon from."""
    return datetime.now(UTC)


def office_zone(user: User) -> ZoneInfo:
    """Return the time zone of the person's office; UTC when it is set to an unknown one."""
    try:
        return ZoneInfo(user.org.time_zone)
    except (KeyError, ValueError):
        return ZoneInfo("UTC")


# --- what could not be taken, and what waits -------------------------------------------------------------


def kept_aside(user: User, limit: int = 50) -> list[RefusedOp]:
    """Return the newest changes of devices that the service could not take, with their reasons."""
    return list(RefusedOp.objects.filter(org_id=user.org_id).order_by("-received_at", "op_id")[:limit])


def waiting_for_visit(user: User) -> list[tuple[str, int]]:
    """Return (kind, how many) of records whose visit has not arrived yet, by kind."""
    counted: dict[str, int] = {}
    for kind, _record_id, _visit_id in folding.parentless(user.org_id):
        counted[kind] = counted.get(kind, 0) + 1
    return sorted(counted.items())


# --- the service itself --------------------------------------------------------------------------------------


def is_database_answering() -> bool:
    """Return whether the database answers a trivial question."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except DatabaseError:
        return False


def note_sign_in(user: User, address: str) -> None:
    """Keep in the audit trail that somebody came in."""
    audit.append_for(user, "session.begin", "staff", str(user.staff_id), address=address)


def note_refused_sign_in(username: str, address: str) -> None:
    """Keep in the audit trail that somebody was turned away; the name as typed, cut short."""
    audit.append(
        accounts.the_org().id,
        action="session.refuse",
        actor_kind="nobody",
        actor_name=username[:80],
        address=address,
    )
