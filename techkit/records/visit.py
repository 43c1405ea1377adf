"""Cases and visits: what was asked, how far the work is, and the time, supplies, expenses and files of a visit."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from techkit import i18n
from techkit.i18n import N_, _
from techkit.records.assets import LABOUR_KINDS, LabourKind, OwnRates
from techkit.records.findings import COMPLAINT_LABELS, Complaint
from techkit.records.schema import Audience, Record, SyncClass, field, record, value

#: When in a visit a photo was taken; "" for one of an older techkit.
PHOTO_PHASES = {
    "": N_("Not said"),
    "before": N_("Before the work"),
    "during": N_("During the work"),
    "after": N_("After the work"),
}

#: A clock outside these years is wrong: techkit was made after the first, certificates end before the last.
PLAUSIBLE_YEARS = (2026, 2090)


def is_plausible(moment: datetime) -> bool:
    """Return whether a clock that says this may be right; 1970 is an empty battery, 2099 a slip."""
    return PLAUSIBLE_YEARS[0] <= moment.year <= PLAUSIBLE_YEARS[1]


def offset(minutes: int) -> timedelta:
    """Return an offset from UTC; none for one of a day or more, which no place has."""
    return timedelta(minutes=minutes) if abs(minutes) < 24 * 60 else timedelta(0)


class CaseKind(StrEnum):
    """What the customer turned to us for."""

    INCIDENT = "incident"
    REQUEST = "request"
    PLANNED = "planned"


class CaseState(StrEnum):
    """How far a case is."""

    OPEN = "open"
    WAITING_CUSTOMER = "waiting_customer"
    WAITING_PART = "waiting_part"
    RESOLVED = "resolved"
    CLOSED = "closed"


@record(
    kind="case",
    title=N_("Case"),
    plural=N_("Cases"),
    sync=SyncClass.MERGED,
    owner="customer_id",
    icon="folder-open",
    summary="{number} {title}",
)
class Case(Record):
    """What groups the visits about one matter, so that a first-time fix can be counted."""

    number: str = field(
        label=N_("Case number"), default="", by="X", searched=True,
        help="The number of the visit that opened it.",
    )  # fmt: skip
    title: str = field(
        label=N_("What it is about"), default="", by="ST", searched=True, since="0.2", max_length=200
    )
    customer_id: str = field(label=N_("Customer"), default="", refers="customer", by="X")
    opened_in: str | None = field(
        label=N_("Opened in"), default=None, refers="visit", by="X", since="0.2",
        help="The visit that left something unsolved; where no visit names the case any more, it was called off.",
    )  # fmt: skip
    site_id: str | None = field(label=N_("Place"), default=None, refers="site", by="TS")
    asset_id: str | None = field(label=N_("Computer"), default=None, refers="asset", by="TS")
    reported_at: datetime | None = field(label=N_("Reported"), default=None, by="TS")
    reported_by: str = field(label=N_("Reported by"), default="", by="TS", personal=True)
    channel: str = field(label=N_("Came by"), default="", by="TS")
    kind: CaseKind = field(
        label=N_("Kind"), default=CaseKind.INCIDENT, by="S",
        choices={
            CaseKind.INCIDENT: N_("Fault"), CaseKind.REQUEST: N_("Request"),
            CaseKind.PLANNED: N_("Planned"),
        },
    )  # fmt: skip
    category: str = field(label=N_("Category"), default="", by="ST", searched=True)
    symptom_code: Complaint = field(
        label=N_("Kind of trouble"), default=Complaint.OTHER, choices=COMPLAINT_LABELS, by="ST"
    )
    priority: int = field(label=N_("Priority"), default=3, by="S")
    state: CaseState = field(
        label=N_("State"), default=CaseState.OPEN, by="S",
        choices={
            CaseState.OPEN: N_("Open"), CaseState.WAITING_CUSTOMER: N_("Waiting for the customer"),
            CaseState.WAITING_PART: N_("Waiting for a part"),
            CaseState.RESOLVED: N_("Resolved"), CaseState.CLOSED: N_("Closed"),
        },
    )  # fmt: skip
    decided_at: datetime | None = field(
        label=N_("Decided at the office"), default=None, by="S", since="0.2",
        help="Later visits say more of the case than this decision.",
    )  # fmt: skip
    decided_by: str = field(label=N_("Decided by"), default="", by="S", since="0.2")
    decision_note: str = field(
        label=N_("Why"), default="", by="S", multiline=True, max_length=2000, since="0.2"
    )
    resolved_at: datetime | None = field(label=N_("Resolved"), default=None, by="XS")
    reopened_count: int = field(label=N_("Opened again"), default=0, by="XS")


class WorkState(StrEnum):
    """How far the technician is with a visit."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    TRAVELLING = "travelling"
    ON_SITE = "on_site"
    PAUSED = "paused"
    WORK_DONE = "work_done"
    SIGNED = "signed"
    SIGNOFF_WAIVED = "signoff_waived"
    SUBMITTED = "submitted"
    CANCELLED = "cancelled"
    NO_ACCESS = "no_access"


WORK_STATES = {
    WorkState.DRAFT: N_("Draft"),
    WorkState.SCHEDULED: N_("Planned"),
    WorkState.TRAVELLING: N_("On the way"),
    WorkState.ON_SITE: N_("On site"),
    WorkState.PAUSED: N_("Paused"),
    WorkState.WORK_DONE: N_("Work done"),
    WorkState.SIGNED: N_("Signed"),
    WorkState.SIGNOFF_WAIVED: N_("Without signature"),
    WorkState.SUBMITTED: N_("Submitted"),
    WorkState.CANCELLED: N_("Cancelled"),
    WorkState.NO_ACCESS: N_("No access"),
}


class Outcome(StrEnum):
    """What came of a visit; the first word of the paper."""

    RESOLVED = "resolved"
    PARTLY = "partly"
    NOT_RESOLVED = "not_resolved"
    ADVICE_ONLY = "advice_only"
    NO_ACCESS = "no_access"
    CANCELLED_BY_CUSTOMER = "cancelled_by_customer"


OUTCOMES = {
    Outcome.RESOLVED: N_("Solved"),
    Outcome.PARTLY: N_("Partly solved"),
    Outcome.NOT_RESOLVED: N_("Not solved yet"),
    Outcome.ADVICE_ONLY: N_("Advice given"),
    Outcome.NO_ACCESS: N_("No access"),
    Outcome.CANCELLED_BY_CUSTOMER: N_("Cancelled by the customer"),
}


class Consent(StrEnum):
    """What the customer said to reading the computer."""

    NOT_ASKED = "not_asked"
    GIVEN = "given"
    REFUSED = "refused"


CONSENTS = {
    Consent.NOT_ASKED: N_("Not asked"),
    Consent.GIVEN: N_("Agreed"),
    Consent.REFUSED: N_("Refused"),
}


class ReviewState(StrEnum):
    """How far remote staff are with a submitted visit."""

    RECEIVED = "received"
    IN_REVIEW = "in_review"
    QUERIED = "queried"
    ANSWERED = "answered"
    APPROVED = "approved"
    POSTED = "posted"
    REOPENED = "reopened"
    VOID = "void"


REVIEW_STATES = {
    ReviewState.RECEIVED: N_("Received"),
    ReviewState.IN_REVIEW: N_("In review"),
    ReviewState.QUERIED: N_("Question asked"),
    ReviewState.ANSWERED: N_("Answered"),
    ReviewState.APPROVED: N_("Approved"),
    ReviewState.POSTED: N_("Posted"),
    ReviewState.REOPENED: N_("Reopened"),
    ReviewState.VOID: N_("Void"),
}


@value
class PlannedSupply:
    """Something to bring along to a visit: a plan, recorded as used only when somebody confirms it."""

    name: str = field(label=N_("What"), default="", required=True, max_length=200)
    quantity: Decimal = field(label=N_("How many"), default=Decimal(1))
    unit: str = field(label=N_("Unit"), default="piece", max_length=40, form="unit")
    unit_price_minor: int | None = field(label=N_("Price each"), default=None, unit="minor")

    def words(self, _currency: str = "") -> str:
        """Return the supply with its number, e.g. "2 × External disk"."""
        return _("{quantity} × {name}", quantity=i18n.exact(self.quantity), name=self.name)


@record(
    kind="visit",
    title=N_("Visit"),
    plural=N_("Visits"),
    sync=SyncClass.TECHNICIAN,
    owner="customer_id",
    icon="clipboard-text",
    summary="{number} {purpose}",
)
class Visit(Record):
    """One visit: the need, who and where, how far the work is, what came of it."""

    number: str = field(
        label=N_("Visit number"), default="", by="X", searched=True, audience=Audience.CUSTOMER
    )
    case_id: str | None = field(label=N_("Case"), default=None, refers="case", by="TS")
    is_without_case: bool = field(
        label=N_("No case wanted"), default=False, by="T", since="0.2",
        help="Somebody said that what is left unsolved needs no case.",
    )  # fmt: skip
    customer_id: str = field(label=N_("Customer"), default="", refers="customer", by="TS")
    site_id: str | None = field(label=N_("Place"), default=None, refers="site", by="TS")
    contact_id: str | None = field(label=N_("Person"), default=None, refers="contact", by="T")
    asset_ids: tuple[str, ...] = field(label=N_("Computers"), default=(), by="T")
    technician: str = field(label=N_("Technician"), default="", by="X", audience=Audience.CUSTOMER)
    helpers: tuple[str, ...] = field(
        label=N_("Together with"), default=(), by="TS", audience=Audience.CUSTOMER
    )
    technician_reach: str = field(label=N_("How to reach us"), default="", by="X", audience=Audience.CUSTOMER)
    provider: str = field(label=N_("Provider"), default="", by="X", audience=Audience.CUSTOMER)
    planned_start_at: datetime | None = field(
        label=N_("Planned from"), default=None, by="ST", staff_owned=True
    )
    planned_end_at: datetime | None = field(
        label=N_("Planned until"), default=None, by="ST", staff_owned=True
    )
    planned_kinds: tuple[str, ...] = field(label=N_("Planned work"), default=(), by="ST", staff_owned=True)
    template: str = field(label=N_("Begun from template"), default="", by="ST")
    points: tuple[str, ...] = field(label=N_("Points to look at"), default=(), by="ST")
    planned_supplies: tuple[PlannedSupply, ...] = field(label=N_("Supplies to bring"), default=(), by="ST")
    planned_currency: str = field(
        label=N_("Currency"), default="", by="X", since="0.2",
        help="What the planned supplies are priced in; empty for the visit's own currency.",
    )  # fmt: skip
    expected_minutes: int = field(label=N_("Expected time"), default=0, unit="min", by="ST")
    purpose: str = field(
        label=N_("The need, in the customer’s words"), default="", by="TS", searched=True, multiline=True,
        audience=Audience.CUSTOMER,
    )  # fmt: skip
    complaint: Complaint = field(
        label=N_("What it is about"), default=Complaint.OTHER, choices=COMPLAINT_LABELS, by="T"
    )
    contract_id: str | None = field(label=N_("Contract"), default=None, refers="contract", by="TS")
    payer_id: str | None = field(label=N_("Payer"), default=None, refers="payer", by="TS")
    contract_minutes: int | None = field(
        label=N_("Contract’s time left at the start"),
        default=None,
        unit="min",
        by="X",
        help="Set on arrival where earlier visits that are not booked yet drew on the same hours.",
    )
    rate_card_id: str | None = field(label=N_("Rate card"), default=None, refers="rate_card", by="XS")
    own_rates: tuple[OwnRates, ...] = field(
        label=N_("Technician’s own rates"), default=(), by="X", since="0.2",
        help="Where the office has sent none: so that every device and the office reckon by the same.",
    )  # fmt: skip
    is_travel_charged: bool = field(label=N_("Travel charged"), default=True, by="T")
    travel_km: Decimal = field(label=N_("Kilometres there and back"), default=Decimal(0), unit="km", by="T")
    waited_minutes: int = field(label=N_("Waited"), default=0, unit="min", by="T")
    consent: Consent = field(
        label=N_("Reading the computer"), default=Consent.NOT_ASKED, choices=CONSENTS, by="TC"
    )
    consent_at: datetime | None = field(label=N_("Consent given"), default=None, by="X")
    work_state: WorkState = field(
        label=N_("Work"), default=WorkState.DRAFT, choices=WORK_STATES, by="X", indexed=True
    )
    state_note: str = field(label=N_("Reason"), default="", by="T")
    arrived_at: datetime | None = field(
        label=N_("Arrived"), default=None, by="X", audience=Audience.CUSTOMER, indexed=True
    )
    left_at: datetime | None = field(label=N_("Left"), default=None, by="X", audience=Audience.CUSTOMER)
    time_zone: str = field(label=N_("Time zone"), default="", by="X", help="IANA name at capture.")
    utc_offset_minutes: int = field(label=N_("Offset from UTC"), default=0, unit="min", by="X")
    outcome: Outcome | None = field(
        label=N_("Result"), default=None, choices=OUTCOMES, by="T", audience=Audience.CUSTOMER
    )
    outcome_reason: str = field(
        label=N_("Why"), default="", by="T", multiline=True, audience=Audience.CUSTOMER
    )
    summary_for_customer: str = field(
        label=N_("In short, for the customer"), default="", by="T", multiline=True, searched=True,
        audience=Audience.CUSTOMER,
    )  # fmt: skip
    internal_note: str = field(
        label=N_("Notes for colleagues"), default="", by="T", multiline=True, audience=Audience.INTERNAL
    )
    no_after_run_reason: str = field(label=N_("Why there is no check after the work"), default="", by="T")
    paper_language: str = field(label=N_("Language of the summary"), default="", by="TC")
    is_large_print: bool = field(label=N_("Large print"), default=False, by="TC")
    shown_findings: tuple[str, ...] = field(
        label=N_("Findings put on the page"), default=(), by="T",
        help="Keys as records.proofs.check_key makes them: computer, check, which thing.",
    )  # fmt: skip
    revision: int = field(label=N_("Revision"), default=1, by="X", audience=Audience.CUSTOMER)
    posted_on: date | None = field(label=N_("Posted on"), default=None, by="FX", staff_owned=True)
    review_state: ReviewState = field(
        label=N_("Review"), default=ReviewState.RECEIVED, choices=REVIEW_STATES, by="S",
        staff_owned=True,
    )  # fmt: skip
    currency: str = field(label=N_("Currency"), default="EUR", by="X")


@record(
    kind="labour_segment",
    title=N_("Time"),
    plural=N_("Times"),
    sync=SyncClass.FACT,
    owner="visit_id",
    icon="timer",
    summary="{kind} {started_at}",
)
class LabourSegment(Record):
    """A stretch of time; written when it stops. A correction is a new one that supersedes it."""

    visit_id: str = field(label=N_("Visit"), default="", refers="visit", by="X")
    technician: str = field(label=N_("Technician"), default="", by="X")
    kind: LabourKind = field(label=N_("Kind"), default=LabourKind.WORK, choices=LABOUR_KINDS, by="T")
    started_at: datetime | None = field(label=N_("From"), default=None, by="T")
    ended_at: datetime | None = field(label=N_("Until"), default=None, by="T")
    utc_offset_minutes: int = field(label=N_("Offset from UTC"), default=0, unit="min", by="X")
    elapsed_s: int = field(
        label=N_("Measured"), default=0, unit="s", by="X", help="By a clock that cannot be set."
    )
    is_out_of_hours: bool = field(label=N_("Outside the agreed hours"), default=False, by="T")
    supersedes: str | None = field(label=N_("Corrects"), default=None, refers="labour_segment", by="X")


@record(
    kind="supply_use",
    title=N_("Supply or part"),
    plural=N_("Supplies and parts"),
    sync=SyncClass.TECHNICIAN,
    owner="visit_id",
    icon="package",
    summary="{quantity} × {name}",
)
class SupplyUse(Record):
    """Something used up, fitted or handed over during a visit."""

    visit_id: str = field(label=N_("Visit"), default="", refers="visit", by="X")
    asset_id: str | None = field(label=N_("For computer"), default=None, refers="asset", by="T")
    product_id: str | None = field(label=N_("From the catalogue"), default=None, refers="product", by="T")
    name: str = field(
        label=N_("What"), default="", by="T", required=True, searched=True, audience=Audience.CUSTOMER
    )
    quantity: Decimal = field(label=N_("How many"), default=Decimal(1), by="T", audience=Audience.CUSTOMER)
    unit: str = field(label=N_("Unit"), default="piece", by="T", form="unit")
    unit_price_minor: int | None = field(
        label=N_("Price each"), default=None, unit="minor", by="T", audience=Audience.CUSTOMER
    )
    currency: str = field(label=N_("Currency"), default="EUR", by="X")
    serial_in: str = field(
        label=N_("Serial number fitted"), default="", by="T", searched=True, max_length=512
    )
    serial_out: str = field(label=N_("Serial number removed"), default="", by="T", max_length=512)
    is_warranty: bool = field(label=N_("Under guarantee"), default=False, by="T")
    is_part: bool = field(label=N_("A part that stays in the computer"), default=False, by="T")
    is_returned: bool = field(
        label=N_("Taken back, credited"), default=False, by="T", since="0.2",
        help=N_("What the customer gives back: its price comes off the total."),
    )  # fmt: skip
    cost_centre_id: str | None = field(
        label=N_("Cost centre of its own"), default=None, refers="cost_centre", by="T", since="0.2",
        help=N_("Bears all of this line; the shares of the visit are of the rest."),
    )  # fmt: skip


@record(
    kind="expense",
    title=N_("Expense"),
    plural=N_("Expenses"),
    sync=SyncClass.TECHNICIAN,
    owner="visit_id",
    icon="receipt",
    summary="{kind} {amount_minor}",
)
class Expense(Record):
    """Money the technician laid out during a visit."""

    visit_id: str = field(label=N_("Visit"), default="", refers="visit", by="X")
    kind: str = field(
        label=N_("For"), default="parking", by="T",
        choices={
            "parking": N_("Parking"), "toll": N_("Toll"), "meal": N_("Meal"),
            "purchase": N_("Purchase"),
        },
    )  # fmt: skip
    amount_minor: int = field(label=N_("Amount"), default=0, unit="minor", by="T")
    currency: str = field(label=N_("Currency"), default="EUR", by="TX", form="currency")
    receipt_id: str | None = field(label=N_("Receipt"), default=None, refers="attachment", by="T")
    note: str = field(label=N_("Note"), default="", by="T")


@record(
    kind="attachment",
    title=N_("File"),
    plural=N_("Files"),
    sync=SyncClass.TECHNICIAN,
    owner="visit_id",
    icon="paperclip",
    summary="{caption}",
)
class Attachment(Record):
    """A photo or file, named by its SHA-256; its bytes travel apart from this row and never change."""

    visit_id: str = field(label=N_("Visit"), default="", refers="visit", by="X")
    sha256: str = field(label=N_("Hash"), default="", by="X", indexed=True)
    byte_count: int = field(label=N_("Size"), default=0, unit="bytes", by="X")
    media_type: str = field(label=N_("Kind of file"), default="", by="X")
    name: str = field(
        label=N_("File name"), default="", by="X", max_length=200,
        help="A label only: the file is kept under its hash.",
    )  # fmt: skip
    caption: str = field(
        label=N_("Caption"), default="", by="T", audience=Audience.CUSTOMER, searched=True, max_length=500
    )
    taken_at: datetime | None = field(label=N_("Taken"), default=None, by="X")
    purpose: str = field(
        label=N_("For"), default="photo", by="X",
        choices={
            "photo": N_("Photo"), "receipt": N_("Receipt"), "summary": N_("Signed summary"),
            "material": N_("Material"), "bundle": N_("Diagnostics"), "other": N_("Other"),
        },
    )  # fmt: skip
    phase: str = field(
        label=N_("When in the visit"), default="", by="TX", since="0.2", choices=PHOTO_PHASES,
        help="By what was recorded when it was taken, until somebody says otherwise.",
    )  # fmt: skip
    redaction_count: int = field(
        label=N_("Places blacked out"), default=0, by="X", since="0.2",
        help="The photo was drawn anew without them; as it was it left neither this device nor stayed on it.",
    )  # fmt: skip
    is_shown_to_customer: bool = field(label=N_("On the customer’s page"), default=False, by="T")
    has_preview: bool = field(
        label=N_("Can be shown"), default=False, by="X",
        help="A photo techkit drew anew: upright, scaled, with nothing beside the picture.",
    )  # fmt: skip
    tells_place: bool = field(
        label=N_("Says where it was taken"), default=False, by="X",
        help="Kept as it was, because it could not be drawn anew.",
    )  # fmt: skip
