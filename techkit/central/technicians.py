"""What stands open with one technician: their visits, questions, promises and devices. Nothing is ranked or rated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from techkit.central import bundles, projection
from techkit.central.models import Device, User, VisitRow
from techkit.central.models import Record as Row
from techkit.errors import CentralError
from techkit.i18n import _
from techkit.records.success import FollowUp

#: Rows of one kind on the page.
MOST_SHOWN = 40


@dataclass(frozen=True, kw_only=True)
class TechnicianFile:
    """One technician: asked, queries that wait for them; unsent, visits that are not submitted, oldest first.

    promises: open ones they said they would keep, the earliest due first. devices: theirs, the one in use first.
    """

    member: User
    asked: tuple[VisitRow, ...]
    unsent: tuple[VisitRow, ...]
    promises: tuple[FollowUp, ...]
    devices: tuple[Device, ...]


def technician_file(user: User, staff_id: str) -> TechnicianFile:
    """Return a technician's file. Raises: CentralError 404 for who is unknown, or never visited anybody."""
    key = bundles.as_uuid(staff_id)
    found = User.objects.filter(org_id=user.org_id, staff_id=key).first() if key else None
    if found is None:
        raise _no_such_technician()
    name = found.shown_name
    devices = Device.objects.filter(org_id=user.org_id, technician=found).select_related(
        "technician", "revoked_by"
    )
    rows = VisitRow.objects.filter(org_id=user.org_id, technician_name=name)
    if not devices and not rows.exists():
        raise _no_such_technician()
    promised = Row.objects.filter(org_id=user.org_id, entity="follow_up", deleted=False, state__owner=name)
    held = [f for f in bundles.decoded(promised) if isinstance(f, FollowUp) and f.state == "open"]
    held.sort(key=lambda f: (f.due_on is None, f.due_on, f.id))
    is_unsent = ~Q(work_state__in=projection.ARRIVED)
    return TechnicianFile(
        member=found,
        asked=tuple(rows.filter(open_query_count__gt=0).order_by("started_at", "id")[:MOST_SHOWN]),
        unsent=tuple(rows.filter(is_unsent).order_by("started_at", "id")[:MOST_SHOWN]),
        promises=tuple(f for f in held if not f.is_customers_own)[:MOST_SHOWN],
        devices=tuple(sorted(devices, key=lambda d: (d.revoked_at is not None, d.prefix))),
    )


def with_page(org_id: int, members: Iterable[User]) -> frozenset[int]:
    """Return the keys of those members of staff who have a page: they carry or carried a device, or visited somebody."""
    names = {member.pk: member.shown_name for member in members}
    carrying = Device.objects.filter(org_id=org_id, technician__in=names)
    visiting = VisitRow.objects.filter(org_id=org_id, technician_name__in=set(names.values()))
    carriers = set(carrying.values_list("technician_id", flat=True))
    visitors = set(visiting.values_list("technician_name", flat=True).distinct())
    return frozenset(key for key, name in names.items() if key in carriers or name in visitors)


def addresses(org_id: int, names: set[str]) -> dict[str, str]:
    """Return where technicians have their page, by the name that visits know them by; unknown ones are missing."""
    members = User.objects.filter(org_id=org_id) if names - {""} else ()
    return {m.shown_name: f"/technicians/{m.staff_id}" for m in members if m.shown_name in names}


def _no_such_technician() -> CentralError:
    return CentralError(
        _("There is no such technician here."), status=404, advice=_("Go back to the list of visits.")
    )
