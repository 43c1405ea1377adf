"""A college's office that learns its text program (the specification's story O3): people, profiles, money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from techkit.records.assets import Rate, RateCard
from techkit.records.budget import Budget, CostCentre
from techkit.records.identity import new_id
from techkit.records.parties import (
    Contact,
    Customer,
    CustomerKind,
    Engagement,
    Frequency,
    Paper,
    Site,
    UserSoftware,
)
from techkit.records.schema import Record

PRODUCT = "PlainOffice 2026"

#: Given name, family name, how often, features used, features wanted, skill.
PEOPLE = (
    ("Amara", "Dube", Frequency.DAILY, ("letters", "tables"), ("styles", "mail merge"), 2),
    ("Bjorn", "Halvorsen", Frequency.WEEKLY, ("letters",), ("styles",), 1),
    ("Chiara", "Ricci", Frequency.DAILY, ("styles", "tables"), ("mail merge",), 3),
    ("Deniz", "Aydin", Frequency.DAILY, ("letters",), ("styles",), 2),
    ("Ewa", "Nowak", Frequency.WEEKLY, ("letters",), ("mail merge",), 2),
    ("Farid", "Rahmani", Frequency.RARELY, ("styles", "mail merge"), (), 4),
)


@dataclass(frozen=True, kw_only=True)
class College:
    """The college as records, and the ids others name. people: by full name."""

    customer: str
    site: str
    centre: str
    card: str
    people: dict[str, str]
    records: tuple[Record, ...]


def college(limits: dict[str, int] | None = None, **customer: bool) -> College:
    """Return the college. limits: what somebody may approve, by family name; customer: more of its fields."""
    owner, site, centre, card = (new_id() for _n in range(4))
    people = {f"{given} {family}": new_id() for given, family, *_rest in PEOPLE}
    records: list[Record] = [
        Customer(
            id=owner,
            kind=CustomerKind.ORGANISATION,
            display_name="Harbourlight Community College, Learning Support",
            engagement=Engagement.INTERNAL,
            paper=Paper.LETTER,
            **customer,
        ),
        Site(id=site, customer_id=owner, name="Room 2.14", town="Harbour Town"),
        CostCentre(id=centre, customer_id=owner, code="HLC-LS-TRN", name="Training"),
        Budget(
            id=new_id(),
            customer_id=owner,
            cost_centre_id=centre,
            period="2026",
            approved_minor=240_000,
            actual_minor=161_000,
        ),
        RateCard(
            id=card,
            name="Internal",
            rates=(Rate(labour="work", hourly_minor=4400, increment_minutes=15),),
            travel_flat_minor=2500,
            is_default=True,
        ),
    ]
    for given, family, frequency, used, wanted, skill in PEOPLE:
        person = people[f"{given} {family}"]
        records += (
            Contact(
                id=person,
                customer_id=owner,
                given_name=given,
                family_name=family,
                frequency=frequency,
                may_approve_minor=(limits or {}).get(family, 0),
            ),
            UserSoftware(
                id=new_id(),
                contact_id=person,
                product=PRODUCT,
                frequency=frequency,
                features_used=used,
                features_wanted=wanted,
                skill=skill,
                assessed_on=date(2026, 9, 1),
                assessed_how="self",
            ),
        )
    return College(customer=owner, site=site, centre=centre, card=card, people=people, records=tuple(records))
