"""Merging what was entered twice, at the office: who may be the same, what a merge writes, and how it is taken back.

The rules are those of a device (records/same.py). What the office owns stays where it is and is read through the
pointer: a visit that was sent draws on the contract and the budgets of the entry it was signed under.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.db.models.fields.json import KT

from techkit.central import audit, bundles, feed, likeness, master_data, office, projection
from techkit.central.master_data import Opened
from techkit.central.models import AuditEvent, Device, DeviceScope, User
from techkit.central.models import Record as Row
from techkit.central.transactions import retried
from techkit.errors import CentralError
from techkit.i18n import _
from techkit.records import same
from techkit.records.assets import Asset, Contract
from techkit.records.budget import Budget, CostCentre
from techkit.records.encoding import changed_fields, from_document
from techkit.records.operations import customer_scope
from techkit.records.parties import Contact, Customer, Site, UserSoftware
from techkit.records.same import Twin
from techkit.records.schema import Record, spec_of
from techkit.records.wording import summary_line
from techkit.sync.merge import Author, closed_names

#: The kinds that can be merged.
KINDS = ("customer", "contact", "site", "asset")

#: What the office owns of a customer: read through the pointer, but an earlier techkit brought it along.
_OWNED: tuple[type[Record], ...] = (Contract, CostCentre, Budget)

#: What an entry may refer to; a comparison shows its name and no id.
_NAMED = ("payer", "contact", "site", "asset")

#: What is counted of each of two customers, in the order it is told.
COUNTED = ("visit", "contract", "budget", "asset", "contact", "site", "follow_up", "case")

#: The most other entries offered at once.
OFFERED = 12

#: The states of a visit that nobody works on any more.
_CLOSED = ("signed", "signoff_waived", "submitted", "cancelled", "no_access")


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two entries that may be one: as they stand, and their revisions.

    counts: for each its id -> kind -> how many hang below it; of two customers only. open_visits: how many visits of
    both are not finished.
    """

    one: Record
    other: Record
    revisions: dict[str, int]
    counts: dict[str, dict[str, int]]
    open_visits: int

    def entry(self, record_id: str) -> Record:
        """Return one of the two by its id. Raises: CentralError 404 for a third."""
        for held in (self.one, self.other):
            if held.id == record_id:
                return held
        raise office.unknown_record()

    @property
    def customer_ids(self) -> set[str]:
        """Return whose the two are; each its own where they are customers."""
        return {getattr(held, "customer_id", "") or held.id for held in (self.one, self.other)}


def likely(user: User, one: Record) -> tuple[Twin, ...]:
    """Return the entries that may be this one, the best reasons first."""
    match one:
        case Customer():
            return _likely_customers(user, one)
        case Contact():
            return same.same_contacts(one, _beside(user, one, Contact))
        case Site():
            return same.same_sites(one, _beside(user, one, Site))
        case Asset():
            return same.same_assets(one, _beside(user, one, Asset))
    return ()


def names(user: User, both: Pair) -> dict[str, str]:
    """Return by their ids the names of what two entries can refer to: what belongs to their customers or to them."""
    ids = {key for one in (*both.customer_ids, both.one.id, both.other.id) if (key := bundles.as_uuid(one))}
    found = Row.objects.filter(org_id=user.org_id, customer_id__in=ids, entity__in=_NAMED)
    return {held.id: summary_line(held) for held in bundles.decoded(found)}


def shown(user: User, one: Record) -> tuple[Twin, ...]:
    """Return `likely` for the entry's own page; none for one that went, and for people who may not merge."""
    if getattr(one, "merged_into", None) or getattr(one, "moved_to", None):
        return ()
    return likely(user, one) if master_data.may_edit(user, spec_of(one).kind) else ()


def offered(user: User, one: Record, text: str) -> list[tuple[str, str]]:
    """Return (id, name) of entries a person may choose: customers with the text in their name, else all beside this one."""
    wanted = projection.folded(text)
    if isinstance(one, Customer):
        if not wanted:
            return []
        names = (
            (key, name) for key, name in _names(user) if key != one.id and wanted in projection.folded(name)
        )
        return [found for found, _place in zip(names, range(OFFERED), strict=False)]
    held = [(r.id, summary_line(r)) for r in _beside(user, one, type(one))]
    return sorted((h for h in held if wanted in projection.folded(h[1])), key=lambda h: h[1].casefold())[
        :OFFERED
    ]


def pair(user: User, kind: str, one_id: str, other_id: str) -> Pair:
    """Return two entries beside each other.

    Raises: CentralError 403, 404 for an unknown one or another kind, 409 where they cannot be one: the same entry, one
    that was merged, moved or removed already, or of two customers' people, places and computers.
    """
    opened = [_open(user, kind, held) for held in (one_id, other_id)]
    one, other = (held.record for held in opened)
    if one.id == other.id:
        raise _refused(_("This is one and the same entry."), _("Choose another one."))
    if kind != "customer" and not _is_one_customer(user, opened):
        raise _refused(
            _("These two belong to different customers."), _("Merge the customers first, if they are one.")
        )
    rows = Row.objects.filter(org_id=user.org_id, entity_id__in=[one.id, other.id])
    counts, open_visits = _counted(user, (one, other)) if kind == "customer" else ({}, 0)
    return Pair(
        one=one,
        other=other,
        revisions={str(key): rev for key, rev in rows.values_list("entity_id", "rev")},
        counts=counts,
        open_visits=open_visits,
    )


def merge(
    user: User, kind: str, keep_id: str, gone_id: str, revisions: dict[str, int], address: str = ""
) -> Record:
    """Merge one entry into the other; return the one that holds. revisions: of both, as they were read.

    Raises: as `pair`, and CentralError 409 when somebody changed one of them meanwhile.
    """

    def work() -> Record:
        both = pair(user, kind, keep_id, gone_id)
        if both.revisions != revisions:
            raise _refused(
                _("Somebody changed one of these two since you opened this page."),
                _("Look at what holds now, then decide again."),
            )
        keep, gone = same.merged(both.entry(keep_id), both.entry(gone_id))  # type: ignore[type-var]  # KINDS
        moved = [*_moved(user, both.entry(gone_id), keep.id)]
        for before, after in ((both.entry(keep_id), keep), (both.entry(gone_id), gone), *moved):
            _write(user, before, after)
        if kind == "customer":
            _share_devices(user, keep.id, gone.id)
        detail = {
            "into": keep.id,
            "took": same.taken_over(both.entry(keep_id), keep),  # type: ignore[type-var]  # KINDS
            "moved": {before.id: sorted(changed_fields(before, after)) for before, after in moved},
        }
        audit.append_for(user, f"{kind}.merge", kind, gone.id, detail, address)
        return keep

    return _locked(user, (keep_id, gone_id), work)


def separate(user: User, kind: str, gone_id: str, address: str = "") -> Record:
    """Let an entry that was merged stand by itself again; return it.

    What was written under a customer before the merge goes back to them, and what named another entry names it again.
    What the other one took over of its words goes back where the office merged them, unless somebody changed it since;
    where a device did it stays. Raises: CentralError 403, 404, 409 for one that is not merged.
    """

    def work() -> Record:
        held = master_data.opened(user, kind, gone_id).record
        into = getattr(held, "merged_into", None)
        if not into:
            raise _refused(_("This entry stands by itself already."), _("Load the page again."))
        told = _told(user, kind, gone_id, into)
        back = [
            *(
                _came_with(user, gone_id, into)
                if kind == "customer"
                else _named(user, told, kind, gone_id, into)
            )
        ]
        keep = master_data.opened(user, kind, into).record
        if told.get("took"):
            back.append((keep, same.given_back(keep, held, told["took"])))  # type: ignore[type-var]  # KINDS
        office.change_as_staff(user, kind, gone_id, {"merged_into": None})
        for before, after in back:
            _write(user, before, after)
        audit.append_for(user, f"{kind}.separate", kind, gone_id, {"from": into, "moved": len(back)}, address)
        return replace(held, merged_into=None)  # type: ignore[call-arg]  # the four kinds have it

    into = getattr(master_data.opened(user, kind, gone_id).record, "merged_into", None)
    return _locked(user, (gone_id, into) if into else (gone_id,), work)


# --- who may be the same -------------------------------------------------------------------------------------


def _names(user: User) -> Iterator[tuple[str, str]]:
    """Yield the id and name of every customer that stands by itself."""
    rows = Row.objects.filter(org_id=user.org_id, entity="customer", deleted=False)
    told = rows.values_list("entity_id", KT("state__display_name"), KT("state__merged_into"))
    yield from ((str(key), name or "") for key, name, into in told.iterator(1000) if not into)


def _likely_customers(user: User, one: Customer) -> tuple[Twin, ...]:
    """Return customers with a name, a number or a person's address in common."""
    family = bundles.with_merged(user.org_id, uuid.UUID(one.id))
    rows = Row.objects.filter(org_id=user.org_id, deleted=False)
    people = [*bundles.decoded(rows.filter(entity="contact", customer_id__in=family))]
    near = likeness.near(user.org_id, one, (c for c in people if isinstance(c, Contact)))
    near -= set(family)
    others = [
        c
        for c in bundles.decoded(rows.filter(entity="customer", entity_id__in=near))
        if isinstance(c, Customer)
    ]
    if not others:
        return ()
    below = [*bundles.decoded(rows.filter(entity__in=("contact", "site"), customer_id__in=[*near, *family]))]
    return same.same_customers(
        one,
        others,
        [c for c in below if isinstance(c, Contact)],
        [s for s in below if isinstance(s, Site)],
    )[:OFFERED]


def _beside(user: User, one: Record, cls: type[Any]) -> list[Any]:
    """Return the other entries of a kind that the same customer has and that stand by themselves."""
    owner = bundles.as_uuid(getattr(one, "customer_id", ""))
    rows = Row.objects.filter(org_id=user.org_id, entity=spec_of(one).kind, deleted=False)
    held = bundles.decoded(rows.filter(customer_id__in=bundles.family(user.org_id, owner))) if owner else ()
    return [
        r
        for r in held
        if isinstance(r, cls)
        and r.id != one.id
        and not getattr(r, "merged_into", None)
        and not getattr(r, "moved_to", None)
    ]


# --- what a merge writes ---------------------------------------------------------------------------------------


def _open(user: User, kind: str, record_id: str) -> Opened:
    if kind not in KINDS:
        raise office.unknown_record()
    held = master_data.opened(user, kind, record_id)
    if held.closed is not None:
        raise held.closed
    return held


def _is_one_customer(user: User, opened: Iterable[Opened]) -> bool:
    ids = [bundles.as_uuid(held.customer_id) for held in opened]
    return ids[0] is not None and ids[1] in bundles.family(user.org_id, ids[0])


def _counted(user: User, both: Iterable[Record]) -> tuple[dict[str, dict[str, int]], int]:
    """Return how much hangs below each of two customers, and how many of their visits are not finished."""
    counts: dict[str, dict[str, int]] = {}
    unfinished = 0
    for held in both:
        family = bundles.with_merged(user.org_id, uuid.UUID(held.id))
        rows = Row.objects.filter(org_id=user.org_id, customer_id__in=family, deleted=False)
        told = rows.filter(entity__in=COUNTED).values("entity").annotate(n=Count("entity_id")).order_by()
        counts[held.id] = {one["entity"]: one["n"] for one in told}
        unfinished += rows.filter(entity="visit").exclude(state__work_state__in=_CLOSED).count()
    return counts, unfinished


def _moved(user: User, gone: Record, keep_id: str) -> Iterator[tuple[Record, Record]]:
    """Yield what names the entry that goes, as it is and naming the one that holds."""
    kind = spec_of(gone).kind
    owner = uuid.UUID(gone.id if kind == "customer" else getattr(gone, "customer_id", ""))
    family = bundles.family(user.org_id, owner)
    rows = Row.objects.filter(org_id=user.org_id, deleted=False).exclude(entity_id__in=[gone.id, keep_id])
    for cls, names in same.following(kind):
        named = Q()
        for name in names:
            named |= Q(customer_id=owner) if name == "customer_id" else Q(**{f"state__{name}": gone.id})
        if cls is not UserSoftware:
            named &= Q(customer_id__in=family)
        found = list(bundles.decoded(rows.filter(named, entity=_kind_of(cls))))
        profiles = [held for held in found if isinstance(held, UserSoftware)]
        if profiles:
            mine = bundles.decoded(rows.filter(entity="user_software", state__contact_id=keep_id))
            changed, taken = same.joined_profiles((m for m in mine if isinstance(m, UserSoftware)), profiles)
            yield from changed
            found = [held for held in found if held.id not in taken]
        yield from _repointed(found, kind, gone.id, keep_id)


def _came_with(user: User, gone_id: str, into: str) -> Iterator[tuple[Record, Record]]:
    """Yield what was begun under a customer and names the one they were merged into, naming them again."""
    kinds = [_kind_of(cls) for cls in (*(c for c, _n in same.following("customer")), *_OWNED)]
    rows = Row.objects.filter(
        org_id=user.org_id,
        deleted=False,
        scope_id=customer_scope(gone_id),
        customer_id=bundles.as_uuid(into),
        entity__in=kinds,
    )
    yield from _repointed(list(bundles.decoded(rows)), "customer", into, gone_id)


def is_told(user: User, kind: str, gone: Record) -> bool:
    """Return whether the office merged an entry itself and so knows what the other one took over."""
    return bool(_told(user, kind, gone.id, getattr(gone, "merged_into", None) or ""))


def _told(user: User, kind: str, gone_id: str, into: str) -> dict[str, Any]:
    """Return what the office wrote down when it merged two entries last; {} where a device did."""
    rows = AuditEvent.objects.filter(org_id=user.org_id, action=f"{kind}.merge", object_id=gone_id)
    newest = rows.order_by("-place").first()
    detail: dict[str, Any] = newest.detail if newest is not None else {}
    return detail if detail.get("into") == into and isinstance(detail.get("moved"), dict) else {}


def _named(
    user: User, told: dict[str, Any], kind: str, gone_id: str, into: str
) -> Iterator[tuple[Record, Record]]:
    """Yield what named an entry before the merge, as it is and naming it again; what was changed since stays."""
    for record_id, names in told.get("moved", {}).items():
        state = office.state_of(user.org_id, record_id)
        if state is None or state.is_removed:
            continue
        held = from_document(state.entity, record_id, state.values)
        own = {f.name for f in spec_of(held).fields if f.refers == kind and f.name in names}
        changes: dict[str, Any] = {name: gone_id for name in own if getattr(held, name) == into}
        if changes:
            yield held, replace(held, **changes)


def _kind_of(cls: type[Record]) -> str:
    """Return what tables and wire call a kind of record."""
    return spec_of(cls).kind


def _repointed(held: list[Record], kind: str, gone_id: str, keep_id: str) -> Iterator[tuple[Record, Record]]:
    before = {one.id: one for one in held}
    yield from ((before[one.id], one) for one in same.repointed(held, kind, gone_id, keep_id))


def _write(user: User, before: Record, after: Record) -> None:
    """Write what changed of a record, but for what technicians or customers alone may say: that stays where it was said."""
    closed = closed_names(spec_of(after), Author.OFFICE)
    changes = {name: held for name, held in changed_fields(before, after).items() if name not in closed}
    if changes:
        office.change_as_staff(user, spec_of(after).kind, after.id, changes)


def _share_devices(user: User, keep_id: str, gone_id: str) -> None:
    """Let whoever holds one of two customers hold both: a device reads what was before through the pointer."""
    scopes = (customer_scope(keep_id), customer_scope(gone_id))
    held = DeviceScope.objects.filter(scope_id__in=scopes, revoked_at=None, device__org_id=user.org_id)
    holders: dict[Any, set[str]] = {}
    for device_id, scope in held.values_list("device_id", "scope_id"):
        holders.setdefault(device_id, set()).add(scope)
    devices = Device.objects.filter(pk__in=holders, revoked_at=None)
    for device in devices:
        for scope in sorted({*scopes} - holders[device.pk]):
            feed.grant(device, scope, user)


def _locked(user: User, ids: Iterable[str], work: Callable[[], Record]) -> Record:
    """Do something while nobody else writes what these customers, or the customers of these entries, have."""

    def locked() -> Record:
        with transaction.atomic():
            states = [office.state_of(user.org_id, held) for held in ids]
            feed.lock_heads(user.org_id, {state.scope for state in states if state is not None})
            return work()

    return retried(locked)


def _refused(title: str, advice: str) -> CentralError:
    return CentralError(title, status=409, safe=_("Nothing was changed."), advice=advice)
