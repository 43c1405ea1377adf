"""Customers, people and computers entered twice: who may be the same and why, and what a merge writes. Pure.

A merge loses nothing: the one that goes points at the one that stays (merged_into), what the one that stays
lacks is taken over, and facts (visits sent, inventories, checks) stay where they were written and are read through
the pointer. Taking the pointer back undoes it.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from techkit.i18n import _
from techkit.records.assets import Asset, Lifecycle
from techkit.records.parties import Contact, Customer, Payer, Site, UserSoftware
from techkit.records.products import plain_name
from techkit.records.schema import Record, ValueType, spec_of
from techkit.records.success import FollowUp, Recommendation
from techkit.records.training import joined
from techkit.records.visit import Case

T = TypeVar("T", Customer, Contact, Site, Asset)

#: Fields a merge never takes over: who the record is, and what the office decides.
_KEPT_APART = frozenset(
    {
        "number",
        "customer_id",
        "merged_into",
        "lifecycle",
        "status",
        "moved_to",
        "moved_on",
        "came_from",
        "is_former",
    }
)

#: Kinds that follow a merge: whoever named the one that goes names the one that stays. Facts and what the office
#: owns are read through the pointer instead; a visit goes over by itself where it is still open.
_FOLLOWING: tuple[type[Record], ...] = (
    Site,
    Contact,
    Payer,
    Asset,
    FollowUp,
    Recommendation,
    Case,
    UserSoftware,
)

#: Words that say what kind of company it is, not which. Source: common legal forms of the languages offered.
_FORMS = frozenset(
    "gmbh mbh ag kg ohg gbr ug ev sarl sas sa eurl ltd limited llc inc plc co mbb partg the".split()
)


@dataclass(frozen=True, kw_only=True)
class Twin:
    """A record that may be the same as another one: its id, its name, and the reasons in sentences."""

    id: str
    name: str
    reasons: tuple[str, ...]


def words(text: str) -> frozenset[str]:
    """Return the words of a name as they are compared: without case, accents and legal forms."""
    bare = "".join(
        c for c in unicodedata.normalize("NFKD", text[:200].casefold()) if not unicodedata.combining(c)
    )
    return frozenset(re.findall(r"\w+", bare)) - _FORMS


def digits(text: str) -> str:
    """Return what of a telephone number is compared: its last eight digits, "" for what is none."""
    found = re.sub(r"\D", "", text[:60])
    return found[-8:] if len(found) >= 6 else ""


def same_customers(
    one: Customer, others: Iterable[Customer], contacts: Iterable[Contact] = (), sites: Iterable[Site] = ()
) -> tuple[Twin, ...]:
    """Return the customers that may be this one, the best reasons first: the same name, telephone, e-mail, address."""
    people, places = list(contacts), list(sites)
    mine = words(one.display_name)
    phones, mails, streets = _reach(one.id, people, places)
    found = []
    for other in others:
        if other.id == one.id or other.merged_into is not None:
            continue
        reasons = []
        if (number := plain_number(one.tax_id)) and number == plain_number(other.tax_id):
            reasons.append(_("The tax number is the same: {number}.", number=one.tax_id.strip()[:40]))
        theirs = words(other.display_name)
        if mine and mine == theirs:
            reasons.append(_("The name is the same: {name}.", name=other.display_name[:80]))
        their_phones, their_mails, their_streets = _reach(other.id, people, places)
        reasons += [
            _("The telephone number is the same: …{end}.", end=n[-4:]) for n in sorted(phones & their_phones)
        ]
        reasons += [_("The e-mail address is the same: {mail}.", mail=m) for m in sorted(mails & their_mails)]
        if mine & theirs:
            reasons += [
                _("The address is the same: {street}.", street=s) for s in sorted(streets & their_streets)
            ]
        if reasons:
            found.append(Twin(id=other.id, name=other.display_name, reasons=tuple(reasons[:3])))
    return tuple(sorted(found, key=lambda t: (-len(t.reasons), t.id)))


def plain_number(text: str) -> str:
    """Return a tax number as it is compared: letters and digits only."""
    return re.sub(r"[\W_]+", "", text[:60]).casefold()


def _reach(
    customer_id: str, contacts: list[Contact], sites: list[Site]
) -> tuple[set[str], set[str], set[str]]:
    own = [c for c in contacts if c.customer_id == customer_id]
    phones = {number for c in own for phone in c.phones if (number := digits(phone))}
    mails = {c.email.strip().casefold() for c in own if c.email.strip()}
    streets = {
        f"{s.street}, {s.town}".casefold()[:120]
        for s in sites
        if s.customer_id == customer_id and s.street and s.town
    }
    return phones, mails, streets


def same_contacts(one: Contact, others: Iterable[Contact]) -> tuple[Twin, ...]:
    """Return the people of the same customer that may be this person: the same name, telephone or e-mail."""
    mine = words(one.name)
    phones = {number for phone in one.phones if (number := digits(phone))}
    found = []
    for other in others:
        if other.id == one.id or other.merged_into is not None:
            continue
        reasons = []
        if mine and mine == words(other.name):
            reasons.append(_("The name is the same: {name}.", name=other.name[:80]))
        if one.email.strip() and one.email.strip().casefold() == other.email.strip().casefold():
            reasons.append(_("The e-mail address is the same: {mail}.", mail=one.email.strip()))
        if reasons and phones & {digits(phone) for phone in other.phones}:
            reasons.append(_("The telephone number is the same too."))
        if reasons:
            found.append(Twin(id=other.id, name=other.name, reasons=tuple(reasons)))
    return tuple(found)


def same_sites(one: Site, others: Iterable[Site]) -> tuple[Twin, ...]:
    """Return the places of the same customer that may be this one: the same address, or the same name."""
    mine, street = words(one.name), _street(one)
    found = []
    for other in others:
        if other.id == one.id or other.merged_into is not None:
            continue
        reasons = []
        if street and street == _street(other):
            reasons.append(_("The address is the same: {street}.", street=f"{one.street}, {one.town}"[:120]))
        elif mine and mine == words(other.name) and not (street and _street(other)):
            reasons.append(_("The name is the same: {name}.", name=other.name[:80]))
        if reasons:
            found.append(Twin(id=other.id, name=other.name, reasons=tuple(reasons)))
    return tuple(found)


def same_assets(one: Asset, others: Iterable[Asset]) -> tuple[Twin, ...]:
    """Return the computers and devices of the same customer that may be this one: a number of their own is the same."""
    mine = set(one.identifiers)
    found = []
    for other in others:
        if other.id == one.id or other.merged_into is not None or other.moved_to is not None:
            continue
        reasons = []
        if one.serial.strip() and one.serial.strip().casefold() == other.serial.strip().casefold():
            reasons.append(_("The serial number is the same: {number}.", number=one.serial.strip()[:80]))
        if mine & set(other.identifiers):
            reasons.append(_("It told the same numbers of its parts."))
        if reasons:
            found.append(Twin(id=other.id, name=other.name, reasons=tuple(reasons)))
    return tuple(found)


def _street(site: Site) -> frozenset[str]:
    return words(f"{site.street} {site.town}") if site.street and site.town else frozenset()


def filled(keep: T, gone: T) -> T:
    """Return the record that stays, with what it lacks taken from the one that goes; lists are joined."""
    changes: dict[str, Any] = {}
    mine: Any
    theirs: Any
    for field in spec_of(keep).fields:
        if field.name in _KEPT_APART or field.value_type in (ValueType.TRUTH, ValueType.DOCUMENT):
            continue
        mine, theirs = getattr(keep, field.name), getattr(gone, field.name)
        if field.value_type is ValueType.TEXTS:
            joined = tuple(dict.fromkeys((*mine, *theirs)))
            if joined != mine:
                changes[field.name] = joined
        elif mine == field.default and theirs != field.default:
            changes[field.name] = theirs
    return dataclasses.replace(keep, **changes)


def taken_over(keep: T, filled_up: T) -> dict[str, int]:
    """Return what a merge gave the one that stays: field -> how many lines stood there before, 0 for a single value."""
    return {
        field.name: len(getattr(keep, field.name)) if field.value_type is ValueType.TEXTS else 0
        for field in spec_of(keep).fields
        if getattr(keep, field.name) != getattr(filled_up, field.name)
    }


def given_back(now: T, gone: T, taken: Mapping[str, int]) -> T:
    """Return the one that stayed without what it had taken over; what was changed since keeps what it says.

    taken: as `taken_over` told it.
    """
    changes: dict[str, Any] = {}
    for field in spec_of(now).fields:
        if field.name not in taken:
            continue
        mine: Any = getattr(now, field.name)
        theirs: Any = getattr(gone, field.name)
        if field.value_type is ValueType.TEXTS:
            if set(mine[taken[field.name] :]) <= set(theirs):
                changes[field.name] = mine[: taken[field.name]]
        elif mine == theirs:
            changes[field.name] = field.default
    return dataclasses.replace(now, **changes) if changes else now


def merged(keep: T, gone: T) -> tuple[T, T]:
    """Return both records of a merge: the one that stays, and the one that points at it from now on."""
    return filled(keep, gone), dataclasses.replace(gone, merged_into=keep.id)


def repointed(records: Iterable[Record], kind: str, gone_id: str, keep_id: str) -> Iterator[Record]:
    """Yield the records that name the one that goes, naming the one that stays instead."""
    for held in records:
        changes: dict[str, Any] = {
            field.name: keep_id
            for field in spec_of(held).fields
            if field.refers == kind and getattr(held, field.name) == gone_id
        }
        named: tuple[str, ...] = getattr(held, "asset_ids", ())
        if kind == "asset" and gone_id in named:
            ids = tuple(keep_id if i == gone_id else i for i in named)
            changes["asset_ids"] = tuple(dict.fromkeys(ids))
        if changes:
            yield dataclasses.replace(held, **changes)


def following(kind: str) -> Iterator[tuple[type[Record], tuple[str, ...]]]:
    """Yield the kinds that follow a merge of two records of this kind, with the fields that may name the one that goes."""
    for cls in _FOLLOWING:
        names = tuple(f.name for f in spec_of(cls).fields if f.refers == kind and f.name != "merged_into")
        if names:
            yield cls, names


def joined_profiles(
    own: Iterable[UserSoftware], others: Iterable[UserSoftware]
) -> tuple[list[tuple[UserSoftware, UserSoftware]], frozenset[str]]:
    """Return profiles of who stays as they are and joined with those of the one who goes, and the ids of the latter.

    Those stay where they are: one person has one profile a product.
    """
    found, taken = [], set[str]()
    rest = list(others)
    for held in own:
        now = held
        for other in rest:
            if other.id not in taken and plain_name(other.product) == plain_name(held.product):
                now = joined(now, other)
                taken.add(other.id)
        if now != held:
            found.append((held, now))
    return found, frozenset(taken)


def transferred(asset: Asset, customer_id: str, new_id: str, on: date) -> tuple[Asset, Asset]:
    """Return a computer's old record, closed, and the new one it has at another customer.

    The new owner gets the thing, not its past: name, maker, numbers and guarantee go along; tag, person, place,
    visits and inventories stay with the old owner, so that no record of one customer is read by another.
    """
    there = Asset(
        id=new_id,
        customer_id=customer_id,
        name=asset.name,
        kind=asset.kind,
        maker=asset.maker,
        model=asset.model,
        serial=asset.serial,
        identifiers=asset.identifiers,
        purchased_on=asset.purchased_on,
        warranty_ends_on=asset.warranty_ends_on,
        os_name=asset.os_name,
        os_version=asset.os_version,
        came_from=asset.id,
    )
    here = dataclasses.replace(
        asset, lifecycle=Lifecycle.RETIRED, owner_contact=None, moved_to=new_id, moved_on=on
    )
    return here, there
