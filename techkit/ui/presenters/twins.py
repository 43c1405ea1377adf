"""Merging what was entered twice and moving a computer, over the store: what is written, and how it is undone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, TypeVar

from techkit.errors import InputError
from techkit.i18n import _
from techkit.records.assets import Asset, Contract
from techkit.records.budget import Budget, CostCentre
from techkit.records.identity import new_id
from techkit.records.merged_assets import standing
from techkit.records.parties import Contact, Customer, Site, SkillAssessment, UserSoftware
from techkit.records.same import following, joined_profiles, merged, repointed, transferred
from techkit.records.schema import Record, replace, spec_of
from techkit.records.visit import Visit, WorkState
from techkit.store.database import Store

T = TypeVar("T", Customer, Contact, Site, Asset)

#: A visit in one of these states is closed and stays as it was signed.
_CLOSED = (
    WorkState.SIGNED,
    WorkState.SIGNOFF_WAIVED,
    WorkState.SUBMITTED,
    WorkState.CANCELLED,
    WorkState.NO_ACCESS,
)


def family(store: Store, cls: type[T], record_id: str) -> tuple[str, ...]:
    """Return a record's id with those of all that were merged into it, itself first."""
    return (record_id, *(held.id for held in store.merged_into(cls, [record_id])))


def kept(store: Store, cls: type[T], record_id: str) -> T | None:
    """Return the record that stands for this one: itself, or the one it was merged into; None when it is not here.

    Two that point at each other (two devices merged them in opposite directions): the older one stands.
    """
    seen: list[T] = []
    held = store.get(cls, record_id)
    while held is not None and held.id not in [one.id for one in seen]:
        seen.append(held)
        held = store.get(cls, held.merged_into)
    if held is not None:
        return min(seen[[one.id for one in seen].index(held.id) :], key=lambda one: one.id)
    return seen[-1] if seen else None


def judged(store: Store, people: Iterable[Contact]) -> tuple[SkillAssessment, ...]:
    """Return what was judged of people, of somebody entered twice under the entry that stands."""
    held = list(people)
    stands = standing(held)
    ids = [one.id for one in held]
    found = store.find(SkillAssessment, contact_id=ids) if ids else ()
    return tuple(replace(one, contact_id=stands.get(one.contact_id, one.contact_id)) for one in found)


def merge(store: Store, keep: T, gone_id: str, actor: str) -> list[Record]:
    """Merge one record into another; return what was changed, as it was before, for undoing it.

    Of two customers the one with contracts or budgets stays. Raises: InputError when one of them is not here or was
    merged already, or both have some.
    """
    cls = type(keep)
    now: Any = store.get(cls, keep.id)
    gone: Any = store.get(cls, gone_id)
    if now is None or gone is None or now.id == gone.id or gone.merged_into or now.merged_into:
        raise InputError(
            _("These two were merged already, or one of them is not here any more."),
            safe=_("Nothing was changed."),
            advice=_("Look at the list again."),
        )
    if isinstance(now, Customer):
        now, gone = _with_the_offices_first(store, now, gone)
    moved: list[tuple[Any, Record]] = _moved(store, gone, now.id)
    store.save(*merged(now, gone), *(there for _here, there in moved), actor=actor)
    return [now, gone, *(here for here, _there in moved)]


def follow(store: Store, visit_id: str, technician: str) -> None:
    """Let a technician's open visit go over to whom or what was merged elsewhere meanwhile, with all that named them here."""
    while (visit := store.get(Visit, visit_id)) is not None:
        if visit.work_state in _CLOSED or visit.technician not in ("", technician):
            return
        gone = next(_went(store, visit), None)
        if gone is None:
            return
        went, keep_id = gone
        moved = _moved(store, went, keep_id, visit)
        store.save(*(there for _here, there in moved), actor=technician)


def _went(store: Store, visit: Visit) -> Iterator[tuple[Customer | Contact | Site | Asset, str]]:
    """Yield whom and what a visit names that was merged, with the id of the one that stands."""
    assets = [(Asset, asset_id) for asset_id in visit.asset_ids]
    named: list[tuple[type[Any], str | None]] = [
        (Customer, visit.customer_id), (Site, visit.site_id), (Contact, visit.contact_id), *assets
    ]  # fmt: skip
    for cls, record_id in named:
        held, stands = store.get(cls, record_id), kept(store, cls, record_id) if record_id else None
        if held is not None and stands is not None and stands.id != held.id:
            yield held, stands.id


def _moved(
    store: Store, gone: Customer | Contact | Site | Asset, keep_id: str, visit: Visit | None = None
) -> list[tuple[Any, Record]]:
    """Return what names a record that goes, as it is and naming the one that stays; of the closed visits none.

    visit: an open one that names it, whoever's customer that is.
    """
    kind = spec_of(gone).kind
    found: list[tuple[Any, Record]] = []
    for other, named in following(kind):
        asked: list[dict[str, Any]] = [{name: gone.id} for name in named]
        held = {r.id: r for equals in asked for r in store.find(other, **equals)}
        held.pop(gone.id, None)
        held.pop(keep_id, None)
        profiles = [one for one in held.values() if isinstance(one, UserSoftware)]
        if profiles:
            changed, taken = joined_profiles(store.find(UserSoftware, contact_id=keep_id), profiles)
            found += changed
            held = {key: one for key, one in held.items() if key not in taken}
        found += [(held[r.id], r) for r in repointed(held.values(), kind, gone.id, keep_id)]
    open_visits = {held.id: held for held in (*_open_visits(store, gone), *([visit] if visit else []))}
    for one in open_visits.values():
        found += [(one, there) for there in repointed([one], kind, gone.id, keep_id)]
    return found


def _with_the_offices_first(store: Store, one: Customer, other: Customer) -> tuple[Customer, Customer]:
    """Return both so that the one with contracts and budgets stays: the office owns those, nobody else moves them.

    Raises: InputError where both have some.
    """
    counts = [
        sum(store.count(kind, customer_id=each.id) for kind in (Contract, CostCentre, Budget))
        for each in (one, other)
    ]
    if all(counts):
        raise InputError(
            _("Both customers have contracts or budgets, which only the office can bring together."),
            safe=_("Nothing was changed."),
            advice=_("The office merges them on the page of either customer, under “Entered twice?”."),
        )
    return (other, one) if counts[1] else (one, other)


def _open_visits(store: Store, gone: Customer | Contact | Site | Asset) -> list[Visit]:
    customer_id = gone.id if isinstance(gone, Customer) else gone.customer_id
    return [v for v in store.find(Visit, customer_id=customer_id) if v.work_state not in _CLOSED]


def transfer(
    store: Store, asset_id: str, customer_id: str, on: date, actor: str
) -> tuple[Asset, list[Record]]:
    """Give a computer to another customer; return it as it is there and what was changed, as it was before.

    Raises: InputError when it is not here, was given away already, or belongs to that customer.
    """
    asset, customer = store.get(Asset, asset_id), store.get(Customer, customer_id)
    if asset is None or customer is None or asset.moved_to or asset.merged_into:
        raise InputError(_("This computer was given away or merged already."), safe=_("Nothing was changed."))
    if asset.customer_id == customer_id:
        raise InputError(_("This computer belongs to that customer already."), safe=_("Nothing was changed."))
    here, there = transferred(asset, customer_id, new_id(), on)
    store.save(here, there, actor=actor)
    return there, [asset]


def undo(
    store: Store,
    before: list[Record],
    made: Record | None,
    actor: str,
    after: Mapping[str, Record] | None = None,
) -> None:
    """Bring back what was changed; a record that the change made goes.

    after: what the change made of each record, by id; a field that was changed again since keeps what it says now.
    """
    if made is not None and store.get(type(made), made.id) is not None:
        store.remove(made, _("Taken back."), actor=actor)
    back = [_taken_back(held, (after or {}).get(held.id), store.get(type(held), held.id)) for held in before]
    store.save(*back, actor=actor)


def _taken_back(before: Record, after: Record | None, now: Record | None) -> Record:
    if after is None or now is None:
        return before
    names = [
        f.name
        for f in spec_of(before).fields
        if getattr(before, f.name) != getattr(after, f.name) == getattr(now, f.name)
    ]
    return replace(now, **{name: getattr(before, name) for name in names})
