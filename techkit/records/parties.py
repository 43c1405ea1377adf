"""Who is served, who pays, who uses the computer, where: customer, payer, contact, site."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from techkit.i18n import LANGUAGE_NAMES, N_
from techkit.records.schema import Audience, Record, SyncClass, field, record, replace


class CustomerKind(StrEnum):
    """One person, or an organisation."""

    INDIVIDUAL = "individual"
    ORGANISATION = "organisation"


CUSTOMER_KINDS = {
    CustomerKind.INDIVIDUAL: N_("Individual"),
    CustomerKind.ORGANISATION: N_("Organisation"),
}


class Engagement(StrEnum):
    """How long the customer is served: once, for a contract's duration, or as one's own house."""

    ONE_TIME = "one_time"
    CONTRACT = "contract"
    INTERNAL = "internal"


ENGAGEMENTS = {
    Engagement.ONE_TIME: N_("One-time"),
    Engagement.CONTRACT: N_("Contract"),
    Engagement.INTERNAL: N_("Internal"),
}


class CustomerStatus(StrEnum):
    """Whether the customer is served now."""

    ACTIVE = "active"
    DORMANT = "dormant"
    CLOSED = "closed"


CUSTOMER_STATUSES = {
    CustomerStatus.ACTIVE: N_("Active"),
    CustomerStatus.DORMANT: N_("Dormant"),
    CustomerStatus.CLOSED: N_("Closed"),
}


class Paper(StrEnum):
    """The sheet the summary is printed on."""

    A4 = "A4"
    LETTER = "Letter"


PAPERS = {Paper.A4: N_("A4"), Paper.LETTER: N_("Letter")}


class Relationship(StrEnum):
    """What the person is to the provider."""

    INTERNAL = "internal"
    EXTERNAL = "external"
    GUEST = "guest"
    VENDOR = "vendor"
    PARTNER = "partner"


RELATIONSHIPS = {
    Relationship.INTERNAL: N_("Internal"),
    Relationship.EXTERNAL: N_("External"),
    Relationship.GUEST: N_("Guest"),
    Relationship.VENDOR: N_("Vendor"),
    Relationship.PARTNER: N_("Partner"),
}


class Environment(StrEnum):
    """Where the person uses the computer."""

    OFFICE = "office"
    HOME = "home"
    SCHOOL = "school"
    SHOP_FLOOR = "shop_floor"
    MOBILE = "mobile"
    PUBLIC_DESK = "public_desk"
    OTHER = "other"


ENVIRONMENTS = {
    Environment.OFFICE: N_("Office"),
    Environment.HOME: N_("Home"),
    Environment.SCHOOL: N_("School"),
    Environment.SHOP_FLOOR: N_("Shop floor"),
    Environment.MOBILE: N_("On the move"),
    Environment.PUBLIC_DESK: N_("Public desk"),
    Environment.OTHER: N_("Other"),
}


class Frequency(StrEnum):
    """How often the person uses something."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    RARELY = "rarely"


FREQUENCIES = {
    Frequency.DAILY: N_("Daily"),
    Frequency.WEEKLY: N_("Weekly"),
    Frequency.MONTHLY: N_("Monthly"),
    Frequency.RARELY: N_("Rarely"),
}

#: Skill 1 to 5; 0 means not asked yet. Source: the specification's five words.
SKILLS = {
    0: N_("Not asked yet"),
    1: N_("New"),
    2: N_("Beginner"),
    3: N_("Comfortable"),
    4: N_("Confident"),
    5: N_("Can teach"),
}


@record(
    kind="customer",
    title=N_("Customer"),
    plural=N_("Customers"),
    sync=SyncClass.MERGED,
    owner="",
    icon="buildings",
    summary="{display_name}",
)
class Customer(Record):
    """An individual or an organisation that is served and accountable for payment."""

    number: str = field(label=N_("Customer number"), default="", by="X", searched=True)
    kind: CustomerKind = field(
        label=N_("Kind of customer"),
        default=CustomerKind.INDIVIDUAL,
        choices=CUSTOMER_KINDS,
        by="TS",
        audience=Audience.CUSTOMER,
    )
    display_name: str = field(
        label=N_("Name"), default="", by="TS", required=True, searched=True, personal=True,
        audience=Audience.CUSTOMER, max_length=200,
    )  # fmt: skip
    legal_name: str = field(label=N_("Legal name"), default="", by="S", searched=True)
    engagement: Engagement = field(
        label=N_("Served"), default=Engagement.ONE_TIME, choices=ENGAGEMENTS, by="TS"
    )
    preferred_language: str = field(
        label=N_("Language of the summary"), default="en", by="TSC",
        choices=LANGUAGE_NAMES,
    )  # fmt: skip
    paper: Paper = field(label=N_("Paper"), default=Paper.A4, choices=PAPERS, by="TS")
    has_large_print: bool = field(label=N_("Large print"), default=False, by="TSC")
    tax_id: str = field(label=N_("Tax number"), default="", by="F", audience=Audience.INTERNAL)
    payer_id: str | None = field(label=N_("Payer"), default=None, refers="payer", by="TSF")
    success_owner: str | None = field(label=N_("Looked after by"), default=None, refers="staff_user", by="S")
    status: CustomerStatus = field(
        label=N_("Status"), default=CustomerStatus.ACTIVE, choices=CUSTOMER_STATUSES, by="TS"
    )
    merged_into: str | None = field(label=N_("Merged into"), default=None, refers="customer", by="TS")
    has_diagnostics_consent: bool = field(label=N_("Agrees to diagnostics"), default=False, by="TC")
    has_photo_consent: bool = field(label=N_("Agrees to photos"), default=False, by="TC")
    has_survey_consent: bool = field(label=N_("Agrees to be asked afterwards"), default=False, by="TC")
    consent_at: datetime | None = field(label=N_("Consent given"), default=None, by="X")
    notes_internal: str = field(
        label=N_("Notes for colleagues"), default="", by="S", multiline=True, audience=Audience.INTERNAL
    )
    notes_for_visit: str = field(
        label=N_("Good to know"), default="", by="TS", multiline=True, audience=Audience.INTERNAL
    )


#: What a customer agrees to, each for itself.
CONSENT_FIELDS = ("has_diagnostics_consent", "has_photo_consent", "has_survey_consent")


def dated_consent(before: Customer | None, after: Customer, at: datetime) -> Customer:
    """Return a customer with the moment of what was agreed to, or taken back; as it was where nothing of that changed."""
    earlier = [getattr(before, name) if before is not None else False for name in CONSENT_FIELDS]
    if earlier == [getattr(after, name) for name in CONSENT_FIELDS]:
        return after
    return replace(after, consent_at=at)


@record(
    kind="payer",
    title=N_("Payer"),
    plural=N_("Payers"),
    sync=SyncClass.MERGED,
    owner="customer_id",
    icon="receipt",
    summary="{name}",
)
class Payer(Record):
    """Who is accountable for payment; may be somebody else than the person served."""

    customer_id: str = field(label=N_("Customer"), default="", refers="customer", by="X")
    name: str = field(
        label=N_("Name"), default="", by="TS", required=True, searched=True, personal=True,
        audience=Audience.CUSTOMER, max_length=200,
    )  # fmt: skip
    billing_address: str = field(
        label=N_("Billing address"), default="", by="TS", multiline=True, personal=True,
        help=N_("Not printed on the customer’s page unless asked for."),
    )  # fmt: skip
    payment_terms: str = field(label=N_("Payment terms"), default="", by="F", audience=Audience.INTERNAL)
    is_reference_required: bool = field(label=N_("Needs an order number"), default=False, by="F")
    po_reference: str = field(label=N_("Order number"), default="", by="TS")


@record(
    kind="contact",
    title=N_("Person"),
    plural=N_("People"),
    sync=SyncClass.MERGED,
    owner="customer_id",
    icon="user",
    summary="{given_name} {family_name}",
)
class Contact(Record):
    """A person who uses the computers, with the profile that shapes training and advice."""

    customer_id: str = field(label=N_("Customer"), default="", refers="customer", by="X")
    given_name: str = field(
        label=N_("Given name"), default="", by="TS", searched=True, personal=True, audience=Audience.CUSTOMER
    )
    family_name: str = field(
        label=N_("Family name"), default="", by="TS", required=True, searched=True, personal=True,
        audience=Audience.CUSTOMER,
    )  # fmt: skip
    form_of_address: str = field(label=N_("Form of address"), default="", by="TS", personal=True)
    pronunciation: str = field(label=N_("Said like"), default="", by="TS", audience=Audience.INTERNAL)
    role: str = field(label=N_("Role"), default="", by="TS", audience=Audience.CUSTOMER)
    phones: tuple[str, ...] = field(
        label=N_("Telephone"), default=(), by="TS", searched=True, personal=True,
        help=N_("Kept as typed, never refused."),
    )  # fmt: skip
    email: str = field(
        label=N_("E-mail"), default="", by="TS", searched=True, personal=True, max_length=320, form="mail"
    )
    relationship: Relationship = field(
        label=N_("Relationship"), default=Relationship.EXTERNAL, choices=RELATIONSHIPS, by="TS"
    )
    environment: Environment = field(
        label=N_("Works in"), default=Environment.OTHER, choices=ENVIRONMENTS, by="TS"
    )
    environment_note: str = field(label=N_("About the place"), default="", by="TS")
    skill: int = field(
        label=N_("Skill"), default=0, by="TS", choices=SKILLS,
        help=N_("1 new, 2 beginner, 3 comfortable, 4 confident, 5 can teach; 0 not asked."),
    )  # fmt: skip
    frequency: Frequency = field(
        label=N_("Uses the computer"), default=Frequency.DAILY, choices=FREQUENCIES, by="TS"
    )
    software_used: tuple[str, ...] = field(label=N_("Programs used"), default=(), by="TS")
    features_used: tuple[str, ...] = field(label=N_("Features used"), default=(), by="TS")
    features_wanted: tuple[str, ...] = field(label=N_("Would like to learn"), default=(), by="TS")
    accessibility_needs: str = field(
        label=N_("Reading and handling needs"), default="", by="TC", help=N_("Asked, never guessed.")
    )
    preferred_language: str = field(
        label=N_("Language"), default="", by="T",
        choices={"": N_("As the customer"), **LANGUAGE_NAMES},
    )  # fmt: skip
    may_sign: bool = field(label=N_("May sign"), default=True, by="TS")
    may_approve_minor: int = field(label=N_("May approve up to"), default=0, unit="minor", by="S")
    currency: str = field(label=N_("Currency"), default="EUR", by="X")
    is_former: bool = field(label=N_("No longer there"), default=False, by="TS")
    merged_into: str | None = field(label=N_("Merged into"), default=None, refers="contact", by="TS")

    @property
    def name(self) -> str:
        """Return the given and family name."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def is_there(self) -> bool:
        """Return whether the person may still be met: neither gone nor merged into another record."""
        return self.merged_into is None and not self.is_former


@record(
    kind="user_software",
    title=N_("Program in use"),
    plural=N_("Programs in use"),
    sync=SyncClass.MERGED,
    owner="contact_id",
    icon="app-window",
    summary="{product} {skill}",
)
class UserSoftware(Record):
    """How one person uses one product: how often, which features, how well."""

    contact_id: str = field(label=N_("Person"), default="", refers="contact", by="X")
    product: str = field(label=N_("Product"), default="", by="TS", required=True, searched=True)
    frequency: Frequency = field(label=N_("How often"), default=Frequency.WEEKLY, choices=FREQUENCIES, by="T")
    features_used: tuple[str, ...] = field(label=N_("Features used"), default=(), by="T")
    features_wanted: tuple[str, ...] = field(label=N_("Would like to learn"), default=(), by="T")
    skill: int = field(label=N_("Skill"), default=0, by="T", choices=SKILLS)
    assessed_on: date | None = field(label=N_("Judged on"), default=None, by="T")
    assessed_how: str = field(
        label=N_("Judged by"), default="observed", by="T",
        choices={
            "self": N_("Own words"), "observed": N_("Watching"), "test": N_("A small exercise"),
        },
    )  # fmt: skip


@record(
    kind="skill_assessment",
    title=N_("Skill judged"),
    plural=N_("Skills judged"),
    sync=SyncClass.FACT,
    owner="contact_id",
    icon="graduation-cap",
    summary="{product} {skill}",
)
class SkillAssessment(Record):
    """One judgement of one person's skill on one day; never changed, so that history stays."""

    contact_id: str = field(label=N_("Person"), default="", refers="contact", by="X")
    visit_id: str | None = field(label=N_("Visit"), default=None, refers="visit", by="X")
    product: str = field(label=N_("Product"), default="", by="T", required=True)
    skill: int = field(label=N_("Skill"), default=0, by="T", choices=SKILLS)
    assessed_on: date | None = field(label=N_("Judged on"), default=None, by="T")
    assessed_how: str = field(label=N_("Judged by"), default="observed", by="T")


@record(
    kind="site",
    title=N_("Place"),
    plural=N_("Places"),
    sync=SyncClass.MERGED,
    owner="customer_id",
    icon="map-pin",
    summary="{name}",
)
class Site(Record):
    """Where the customer is served."""

    customer_id: str = field(label=N_("Customer"), default="", refers="customer", by="X")
    name: str = field(
        label=N_("Name of the place"), default="", by="TS", required=True, searched=True,
        audience=Audience.CUSTOMER,
    )  # fmt: skip
    street: str = field(
        label=N_("Street and number"), default="", by="TS", personal=True, audience=Audience.CUSTOMER
    )
    postal_code: str = field(
        label=N_("Postal code"), default="", by="TS", personal=True, audience=Audience.CUSTOMER
    )
    town: str = field(
        label=N_("Town"), default="", by="TS", searched=True, personal=True, audience=Audience.CUSTOMER
    )
    country: str = field(
        label=N_("Country"), default="", by="TS", help=N_("Two letters (ISO 3166), e.g. DE."), max_length=2
    )
    time_zone: str = field(
        label=N_("Time zone"),
        default="",
        by="TS",
        help=N_("For example Europe/Berlin; empty: the device’s own."),
    )
    access_notes: str = field(
        label=N_("How to get in"), default="", by="TS", multiline=True, audience=Audience.INTERNAL
    )
    opening_hours: str = field(label=N_("Opening hours"), default="", by="TS")
    network_notes: str = field(
        label=N_("About the network"), default="", by="TS", multiline=True, audience=Audience.INTERNAL
    )
    geo: str = field(
        label=N_("On the map"), default="", by="T", personal=True, audience=Audience.INTERNAL,
        help=N_("Latitude and longitude in degrees, e.g. geo:48.0,7.85 (RFC 5870)."),
    )  # fmt: skip
    parent_site: str | None = field(label=N_("Part of"), default=None, refers="site", by="TS")
    merged_into: str | None = field(label=N_("Merged into"), default=None, refers="site", by="TS")


@record(
    kind="staff_user",
    title=N_("Colleague"),
    plural=N_("Colleagues"),
    sync=SyncClass.REFERENCE,
    owner="tenant",
    icon="user-circle",
    summary="{name}",
)
class StaffUser(Record):
    """Somebody of the organisation: technician, reviewer, finance, success, lead."""

    name: str = field(label=N_("Name"), default="", by="S", required=True, searched=True)
    role: str = field(
        label=N_("Role"), default="technician", by="S",
        choices={
            "technician": N_("Technician"), "reviewer": N_("Reviewer"), "finance": N_("Finance"),
            "success": N_("Customer success"), "lead": N_("Lead"),
            "admin": N_("Administrator"), "auditor": N_("Auditor"),
        },
    )  # fmt: skip
    cost_rate_minor: int = field(
        label=N_("Cost rate an hour"), default=0, unit="minor", by="F", audience=Audience.INTERNAL
    )
    is_active: bool = field(label=N_("Active"), default=True, by="S")
