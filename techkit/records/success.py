"""Looking ahead: recommendations, follow-ups, touch points."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

from techkit.i18n import N_
from techkit.records.schema import Audience, Record, SyncClass, field, record, replace


class RecommendationKind(StrEnum):
    """What is recommended."""

    REPLACE = "replace"
    UPGRADE = "upgrade"
    BACKUP = "backup"
    SECURITY = "security"
    TRAINING = "training"
    PURCHASE = "purchase"
    OTHER = "other"


@record(
    kind="recommendation",
    title=N_("Advice"),
    plural=N_("Advice"),
    sync=SyncClass.MERGED,
    owner="customer_id",
    icon="lightbulb",
    summary="{text}",
)
class Recommendation(Record):
    """Advice with its evidence and the customer's decision; never sales talk."""

    customer_id: str = field(label=N_("Customer"), default="", refers="customer", by="X")
    visit_id: str | None = field(label=N_("Visit"), default=None, refers="visit", by="X")
    asset_id: str | None = field(label=N_("Computer"), default=None, refers="asset", by="T")
    contact_id: str | None = field(label=N_("Person"), default=None, refers="contact", by="T")
    kind: RecommendationKind = field(
        label=N_("Kind"), default=RecommendationKind.OTHER, by="T",
        choices={
            RecommendationKind.REPLACE: N_("Replace"), RecommendationKind.UPGRADE: N_("Upgrade"),
            RecommendationKind.BACKUP: N_("Backup"), RecommendationKind.SECURITY: N_("Security"),
            RecommendationKind.TRAINING: N_("Training"),
            RecommendationKind.PURCHASE: N_("Purchase"), RecommendationKind.OTHER: N_("Other"),
        },
    )  # fmt: skip
    text: str = field(
        label=N_("Advice"), default="", by="T", required=True, searched=True, multiline=True,
        audience=Audience.CUSTOMER,
    )  # fmt: skip
    why: str = field(
        label=N_("Why"), default="", by="T", required=True, multiline=True, audience=Audience.CUSTOMER
    )
    check: str = field(
        label=N_("Check behind it"), default="", by="X", help="The check's id, e.g. last_backup."
    )
    card: str = field(label=N_("How-to card"), default="", by="X", help="Id of the card it was taken from.")
    urgency: str = field(
        label=N_("How soon"), default="soon", by="T", audience=Audience.CUSTOMER,
        choices={
            "now": N_("Now"), "soon": N_("In the next weeks"), "later": N_("When it suits you"),
        },
    )  # fmt: skip
    cost_from_minor: int = field(
        label=N_("Roughly from"), default=0, unit="minor", by="T", audience=Audience.CUSTOMER
    )
    cost_to_minor: int = field(
        label=N_("Roughly to"), default=0, unit="minor", by="T", audience=Audience.CUSTOMER
    )
    currency: str = field(label=N_("Currency"), default="EUR", by="X")
    state: str = field(
        label=N_("Your decision"), default="open", by="TSC", audience=Audience.CUSTOMER,
        choices={
            "open": N_("Open"), "accepted": N_("Yes"), "declined": N_("No"),
            "deferred": N_("Later"), "done": N_("Done"),
        },
    )  # fmt: skip
    deferred_until: date | None = field(label=N_("Later means"), default=None, by="TSC")


#: The answers to advice that wait for nothing more than being done.
ANSWERS = {"yes": "accepted", "no": "declined", "later": "deferred"}

#: “Later” means after so many days, unless somebody says another day.
LATER_DAYS = 90


def decided(advice: Recommendation, word: str, today: date) -> Recommendation:
    """Return advice with the customer's answer: yes, no, later, or a state by its name."""
    state = ANSWERS.get(word, word)
    until = today + timedelta(days=LATER_DAYS) if state == "deferred" else None
    return replace(advice, state=state, deferred_until=until)


def is_asked_again(advice: Recommendation, today: date) -> bool:
    """Return whether advice of an earlier visit is spoken of again: never answered, or “later” is over. A no stays a no."""
    if advice.state == "deferred":
        return advice.deferred_until is None or advice.deferred_until <= today
    return advice.state == "open"


class Department(StrEnum):
    """Who inside the provider takes a follow-up on."""

    SERVICE = "service"
    SUCCESS = "success"
    SALES = "sales"
    FINANCE = "finance"
    DEVELOPMENT = "development"
    OTHER = "other"


DEPARTMENTS = {
    Department.SERVICE: N_("Service"),
    Department.SUCCESS: N_("Customer success"),
    Department.SALES: N_("Sales"),
    Department.FINANCE: N_("Finance"),
    Department.DEVELOPMENT: N_("Development"),
    Department.OTHER: N_("Other"),
}


class FollowUpReason(StrEnum):
    """Why something is followed up."""

    CHECK_RESULT = "check_result"
    UNRESOLVED = "unresolved"
    LOW_RATING = "low_rating"
    TRAINING_CATCH_UP = "training_catch_up"
    END_OF_LIFE = "end_of_life"
    CONTRACT_RENEWAL = "contract_renewal"
    RECOMMENDATION = "recommendation"
    PROMISE = "promise"


FOLLOW_UP_REASONS = {
    FollowUpReason.CHECK_RESULT: N_("A check showed it"),
    FollowUpReason.UNRESOLVED: N_("Not solved yet"),
    FollowUpReason.LOW_RATING: N_("The customer was not content"),
    FollowUpReason.TRAINING_CATCH_UP: N_("Training to catch up"),
    FollowUpReason.END_OF_LIFE: N_("End of life is near"),
    FollowUpReason.CONTRACT_RENEWAL: N_("The contract ends"),
    FollowUpReason.RECOMMENDATION: N_("Advice to come back to"),
    FollowUpReason.PROMISE: N_("Promised"),
}


@record(
    kind="follow_up",
    title=N_("Follow-up"),
    plural=N_("Follow-ups"),
    sync=SyncClass.MERGED,
    owner="customer_id",
    icon="flag",
    summary="{text}",
)
class FollowUp(Record):
    """What was promised or is due, to whom, by when, by whom, and why."""

    customer_id: str = field(label=N_("Customer"), default="", refers="customer", by="X")
    visit_id: str | None = field(label=N_("From visit"), default=None, refers="visit", by="X")
    asset_id: str | None = field(label=N_("Computer"), default=None, refers="asset", by="T")
    contact_id: str | None = field(label=N_("Person"), default=None, refers="contact", by="T")
    text: str = field(
        label=N_("What"), default="", by="TS", required=True, searched=True, audience=Audience.CUSTOMER
    )
    department: Department = field(
        label=N_("Who takes it on"), default=Department.SERVICE, choices=DEPARTMENTS, by="TS"
    )
    reason: FollowUpReason = field(
        label=N_("Reason"), default=FollowUpReason.PROMISE, choices=FOLLOW_UP_REASONS, by="TS"
    )
    reason_text: str = field(label=N_("Reason in words"), default="", by="TX")
    due_on: date | None = field(
        label=N_("By"), default=None, by="TS", audience=Audience.CUSTOMER, indexed=True
    )
    owner: str = field(label=N_("Done by"), default="", by="TS", audience=Audience.CUSTOMER)
    is_customers_own: bool = field(
        label=N_("The customer does it"), default=False, by="T", audience=Audience.CUSTOMER
    )
    cost_minor: int = field(
        label=N_("Cost"), default=0, unit="minor", by="T", audience=Audience.CUSTOMER,
        help=N_("Above 0 it is planned only, until its approver agreed."),
    )  # fmt: skip
    currency: str = field(label=N_("Currency"), default="EUR", by="X")
    approver: str = field(label=N_("Needs the word of"), default="", by="TS", audience=Audience.CUSTOMER)
    decision: str = field(
        label=N_("The customer’s word"), default="", by="TC", audience=Audience.CUSTOMER,
        choices={"": N_("Not asked"), "yes": N_("Yes"), "no": N_("No"), "later": N_("Later")},
    )  # fmt: skip
    is_on_paper: bool = field(label=N_("On the customer’s page"), default=True, by="T")
    state: str = field(
        label=N_("State"), default="open", by="TS",
        choices={"open": N_("Open"), "done": N_("Done"), "dropped": N_("Dropped")},
    )  # fmt: skip
    outcome_note: str = field(label=N_("What came of it"), default="", by="TS", multiline=True)
    created_from: str = field(
        label=N_("Made from"), default="", by="X", help="Id of the record, or key of the suggestion."
    )


@record(
    kind="touch_point",
    title=N_("Contact made"),
    plural=N_("Contacts made"),
    sync=SyncClass.ADDITION,
    owner="customer_id",
    icon="phone",
    summary="{how} {note}",
)
class TouchPoint(Record):
    """A call, mail or meeting outside a visit."""

    customer_id: str = field(label=N_("Customer"), default="", refers="customer", by="X")
    how: str = field(
        label=N_("How"), default="call", by="TS",
        choices={"call": N_("Call"), "mail": N_("Mail"), "meeting": N_("Meeting"), "other": N_("Other")},
    )  # fmt: skip
    at: datetime | None = field(label=N_("When"), default=None, by="TS")
    note: str = field(label=N_("Note"), default="", by="TS", multiline=True, audience=Audience.INTERNAL)
