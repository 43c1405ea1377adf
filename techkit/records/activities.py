"""What was done during a visit: one record a kind of work, all with the same core.

Every activity may carry evidence: references to the readings and inventory differences that prove
it (records/difference.py makes them). A removal is a maintenance activity with the action removed.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from techkit import i18n
from techkit.i18n import N_, _
from techkit.records.findings import COMPLAINT_LABELS, Complaint
from techkit.records.parties import SKILLS
from techkit.records.schema import Audience, Record, SyncClass, field, record, shared, value


class Origin(StrEnum):
    """Where an entry came from."""

    MANUAL = "manual"
    DRAFTED = "drafted"


@value
class Proof:
    """One piece of evidence behind a claim, kept beside it.

    source: "inventory" or "reading". subject: what it is about, e.g. the product's name or the
    reading's id. before and after: as read, in words. snapshot_before, snapshot_after: ids of the
    InventorySnapshot or DiagnosticRun records they come from. draft_key: the stable key of the
    draft this proof came with (records/drafts.py), so that it is offered once only.
    """

    source: str
    subject: str
    before: str = ""
    after: str = ""
    snapshot_before: str = ""
    snapshot_after: str = ""
    draft_key: str = ""


@shared
class Activity(Record):
    """What every kind of work shares."""

    visit_id: str = field(label=N_("Visit"), default="", refers="visit", by="X")
    asset_id: str | None = field(label=N_("Computer"), default=None, refers="asset", by="T")
    contact_id: str | None = field(label=N_("With whom"), default=None, refers="contact", by="T")
    title: str = field(
        label=N_("What was it about?"), default="", by="T", required=True, searched=True,
        audience=Audience.CUSTOMER, max_length=200,
    )  # fmt: skip
    note_customer: str = field(
        label=N_("What did you do, and how did it go?"), default="", by="T", multiline=True, searched=True,
        audience=Audience.CUSTOMER,
    )  # fmt: skip
    note_internal: str = field(
        label=N_("Note for colleagues"), default="", by="T", multiline=True, audience=Audience.INTERNAL
    )
    minutes: int = field(label=N_("Time"), default=0, unit="min", by="T", audience=Audience.CUSTOMER)
    started_at: datetime | None = field(
        label=N_("Begun"), default=None, by="X", since="0.2",
        help="When its form was opened, or by the time it took; of a draft the check before the work.",
    )  # fmt: skip
    ended_at: datetime | None = field(
        label=N_("Ended"), default=None, by="X", since="0.2",
        help="When it was written down; of a draft the check that showed the change.",
    )  # fmt: skip
    recorded_at: datetime | None = field(label=N_("Recorded"), default=None, by="X")
    origin: Origin = field(
        label=N_("Came from"), default=Origin.MANUAL, by="X",
        choices={Origin.MANUAL: N_("Written"), Origin.DRAFTED: N_("Seen on the computer")},
    )  # fmt: skip
    evidence: tuple[Proof, ...] = field(label=N_("Evidence"), default=(), by="X")


@record(
    kind="install",
    title=N_("Installation"),
    plural=N_("Installations"),
    sync=SyncClass.TECHNICIAN,
    owner="visit_id",
    icon="download-simple",
    summary="{product} {version}",
)
class Install(Activity):
    """Something new was put on or into a computer."""

    product: str = field(label=N_("Product"), default="", by="T", searched=True, audience=Audience.CUSTOMER)
    version: str = field(label=N_("Version"), default="", by="T", audience=Audience.CUSTOMER)
    licence_ref: str = field(label=N_("Licence"), default="", by="T")
    seats: int = field(label=N_("Seats"), default=1, by="T")
    media: str = field(label=N_("Installed from"), default="", by="T")
    verified_how: str = field(label=N_("How it was tried"), default="", by="T", audience=Audience.CUSTOMER)


class UpgradeKind(StrEnum):
    """What was upgraded."""

    SOFTWARE = "software"
    OPERATING_SYSTEM = "operating_system"
    FIRMWARE = "firmware"
    HARDWARE = "hardware"


@record(
    kind="upgrade",
    title=N_("Upgrade"),
    plural=N_("Upgrades"),
    sync=SyncClass.TECHNICIAN,
    owner="visit_id",
    icon="arrow-circle-up",
    summary="{product} {from_version} → {to_version}",
)
class Upgrade(Activity):
    """Something got a newer version or a larger part: from → to."""

    product: str = field(label=N_("Product"), default="", by="T", searched=True, audience=Audience.CUSTOMER)
    from_version: str = field(label=N_("From"), default="", by="T", audience=Audience.CUSTOMER)
    to_version: str = field(label=N_("To"), default="", by="T", audience=Audience.CUSTOMER)
    what: UpgradeKind = field(
        label=N_("Kind"), default=UpgradeKind.SOFTWARE, by="T",
        choices={
            UpgradeKind.SOFTWARE: N_("Program"),
            UpgradeKind.OPERATING_SYSTEM: N_("Operating system"),
            UpgradeKind.FIRMWARE: N_("Firmware"), UpgradeKind.HARDWARE: N_("Hardware"),
        },
    )  # fmt: skip
    rollback_note: str = field(label=N_("Way back"), default="", by="T")
    has_backup: bool = field(label=N_("Data backed up before"), default=False, by="T")


#: How a skill was judged. "before" is kept for what was known before a session.
ASSESSED_HOW = {
    "self": N_("Own words"),
    "observed": N_("Watching"),
    "test": N_("A small exercise"),
}


#: Which part of a session somebody missed who was there for the rest of it.
MISSED = {
    "": N_("Nothing"),
    "beginning": N_("Came late"),
    "end": N_("Left early"),
}


@value
class Attendance:
    """One person at a training: skill before and after (0 not judged), how judged, feedback 1–5.

    missed: the part of the session somebody who was there missed (MISSED); minutes_there then says how long they
    were there, 0 where nobody said.
    """

    contact_id: str
    name: str = ""
    is_present: bool = True
    skill_before: int = 0
    skill_after: int = 0
    assessed_how: str = "observed"
    feedback: int = 0
    needs_catch_up: bool = False
    missed: str = ""
    minutes_there: int = 0

    def words(self, _currency: str = "") -> str:
        """Return the person and what came of it, for staff."""
        if not self.is_present:
            return _("{name}: could not take part", name=self.name)
        line = _("{name}: took part", name=self.name)
        if self.skill_after:
            line = _(
                "{name}: {before} → {after} ({how})",
                name=self.name,
                before=_(SKILLS.get(self.skill_before, SKILLS[0])).lower(),
                after=_(SKILLS.get(self.skill_after, SKILLS[0])).lower(),
                how=_(ASSESSED_HOW.get(self.assessed_how, self.assessed_how)).lower(),
            )
        if self.missed:
            line = _("{line}, {missed}", line=line, missed=_(MISSED.get(self.missed, self.missed)).lower())
            if self.minutes_there:
                line = _("{line}, {time} there", line=line, time=i18n.minutes(self.minutes_there))
        if self.feedback:
            line = _("{line}, feedback {n} of 5", line=line, n=self.feedback)
        return line


@record(
    kind="training",
    title=N_("Training"),
    plural=N_("Trainings"),
    sync=SyncClass.TECHNICIAN,
    owner="visit_id",
    icon="graduation-cap",
    summary="{product} {topics}",
)
class Training(Activity):
    """A training session: topics, who took part, what they can do now."""

    product: str = field(label=N_("Product"), default="", by="T", searched=True, audience=Audience.CUSTOMER)
    topics: tuple[str, ...] = field(
        label=N_("Topics"), default=(), by="T", searched=True, audience=Audience.CUSTOMER
    )
    method: str = field(
        label=N_("How"), default="one_to_one", by="T",
        choices={
            "one_to_one": N_("One to one"), "group": N_("Group"), "remote": N_("From afar"),
        },
    )  # fmt: skip
    result: str = field(
        label=N_("Result"), default="", by="T", audience=Audience.CUSTOMER,
        choices={
            "": N_("Not said"), "saw": N_("Saw it"), "tried": N_("Tried it"),
            "alone": N_("Does it alone"),
        },
    )  # fmt: skip
    features: tuple[str, ...] = field(
        label=N_("Features shown"), default=(), by="T", audience=Audience.CUSTOMER
    )
    materials: tuple[str, ...] = field(label=N_("Materials"), default=(), by="T", audience=Audience.CUSTOMER)
    planned_minutes: int = field(label=N_("Planned"), default=0, unit="min", by="T")
    attendance: tuple[Attendance, ...] = field(label=N_("Who took part"), default=(), by="T", personal=True)


#: What a fault came from, and what was done about it: few words, so that figures can be made of them.
#: Source: the closure codes of ITIL's incident management, cut to what a visit meets.
CAUSES = {
    "": N_("Not said"),
    "hardware": N_("A part is worn or broken"),
    "program": N_("A program"),
    "settings": N_("A setting"),
    "network": N_("The network or the line"),
    "account": N_("An account or password"),
    "malware": N_("Unwanted programs"),
    "handling": N_("How it is used"),
    "age": N_("Too old for what is asked"),
    "supplier": N_("A supplier’s service"),
    "unknown": N_("Not found"),
}
RESOLUTIONS = {
    "": N_("Not said"),
    "set_up": N_("Set up again"),
    "repaired": N_("Repaired"),
    "replaced": N_("Replaced"),
    "updated": N_("Updated"),
    "removed": N_("Removed"),
    "cleaned": N_("Cleaned up"),
    "explained": N_("Explained"),
    "went_round": N_("Gone round for now"),
    "handed_on": N_("Handed on"),
}


@record(
    kind="troubleshooting",
    title=N_("Troubleshooting"),
    plural=N_("Troubleshooting"),
    sync=SyncClass.TECHNICIAN,
    owner="visit_id",
    icon="wrench",
    summary="{symptom}",
)
class Troubleshooting(Activity):
    """A fault: what showed, why, what helped, and whether it is gone."""

    symptom: str = field(
        label=N_("What showed"), default="", by="T", searched=True, multiline=True, audience=Audience.CUSTOMER
    )
    symptom_code: Complaint = field(
        label=N_("Kind of trouble"), default=Complaint.OTHER, choices=COMPLAINT_LABELS, by="T"
    )
    began: str = field(label=N_("Since when"), default="", by="T")
    steps: tuple[str, ...] = field(label=N_("What was tried"), default=(), by="T")
    cause: str = field(
        label=N_("Cause"), default="", by="T", searched=True, multiline=True, audience=Audience.CUSTOMER
    )
    cause_code: str = field(label=N_("Kind of cause"), default="", by="T", choices=CAUSES)
    resolution: str = field(
        label=N_("What helped"), default="", by="T", searched=True, multiline=True, audience=Audience.CUSTOMER
    )
    resolution_code: str = field(label=N_("Kind of help"), default="", by="T", choices=RESOLUTIONS)
    known_error_ref: str = field(
        label=N_("How-to card"), default="", by="TX", help="Id of the card that helped."
    )
    workaround: str = field(label=N_("Way round it"), default="", by="T", audience=Audience.CUSTOMER)
    is_fixed: bool = field(label=N_("Fixed"), default=False, by="T", audience=Audience.CUSTOMER)


#: How well an option meets a need; 0 means not judged.
FITS = {
    0: N_("Not judged"),
    1: N_("1, hardly"),
    2: N_("2, a little"),
    3: N_("3, in part"),
    4: N_("4, well"),
    5: N_("5, fully"),
}

DECISIONS = {
    "undecided": N_("Undecided"),
    "accepted": N_("Accepted"),
    "declined": N_("Declined"),
}


@value
class Option:
    """One way to meet a need: fit 1 to 5, cost in minor units."""

    title: str = field(label=N_("Option"), default="", required=True)
    cost_minor: int = field(label=N_("Cost"), default=0, unit="minor")
    fit: int = field(label=N_("How well it fits"), default=0, choices=FITS)
    advantages: str = field(label=N_("For it"), default="")
    drawbacks: str = field(label=N_("Against it"), default="")

    def words(self, currency: str = "EUR") -> str:
        """Return the option with cost and fit, for whoever decides."""
        parts = [self.title]
        if self.cost_minor:
            parts.append(_("about {amount}", amount=i18n.money(self.cost_minor, currency)))
        if self.fit:
            parts.append(_("fits {n} of 5", n=self.fit))
        if self.advantages:
            parts.append(_("for it: {text}", text=self.advantages))
        if self.drawbacks:
            parts.append(_("against it: {text}", text=self.drawbacks))
        return ", ".join(parts)


@record(
    kind="needs_analysis",
    title=N_("Needs analysis"),
    plural=N_("Needs analyses"),
    sync=SyncClass.TECHNICIAN,
    owner="visit_id",
    icon="list-magnifying-glass",
    summary="{goals}",
)
class NeedsAnalysis(Activity):
    """What somebody wants to reach, within which limits, and the ways to it."""

    goals: tuple[str, ...] = field(label=N_("Goals"), default=(), by="T", audience=Audience.CUSTOMER)
    situation: str = field(label=N_("How it is today"), default="", by="T", multiline=True)
    constraints: str = field(label=N_("Limits"), default="", by="T", multiline=True)
    budget_minor: int = field(label=N_("Money at hand"), default=0, unit="minor", by="T")
    budget_to_minor: int = field(label=N_("Money at most"), default=0, unit="minor", by="T")
    users_affected: int = field(label=N_("People concerned"), default=0, by="T")
    options: tuple[Option, ...] = field(label=N_("Options"), default=(), by="T", audience=Audience.CUSTOMER)
    recommended: str = field(label=N_("We recommend"), default="", by="T", audience=Audience.CUSTOMER)
    decision: str = field(
        label=N_("Decision"), default="undecided", by="TC", audience=Audience.CUSTOMER, choices=DECISIONS
    )
    approver_id: str | None = field(
        label=N_("Decided by"), default=None, refers="contact", by="T", audience=Audience.CUSTOMER
    )
    decided_on: date | None = field(label=N_("Decided on"), default=None, by="T")
    currency: str = field(label=N_("Currency"), default="EUR", by="X")


@value
class QuotedItem:
    """One item of a purchase: price in minor units, quote valid until."""

    product: str = field(label=N_("Product"), default="", required=True)
    quantity: Decimal = field(label=N_("How many"), default=Decimal(1))
    price_minor: int = field(label=N_("Price each"), default=0, unit="minor")
    vendor: str = field(label=N_("Vendor"), default="")
    valid_until: date | None = field(label=N_("Quote valid until"), default=None)

    def words(self, currency: str = "EUR") -> str:
        """Return the item with price, vendor and how long the quote holds."""
        line = self.product
        if self.quantity != 1:
            line = _("{count} × {name}", count=i18n.exact(self.quantity), name=self.product)
        parts = [line]
        if self.price_minor and self.quantity != 1:
            parts.append(_("{price} each", price=i18n.money(self.price_minor, currency)))
        elif self.price_minor:
            parts.append(i18n.money(self.price_minor, currency))
        if self.vendor:
            parts.append(self.vendor)
        if self.valid_until:
            parts.append(_("quote valid until {day}", day=i18n.day(self.valid_until)))
        return ", ".join(parts)


@record(
    kind="purchase_assistance",
    title=N_("Purchase help"),
    plural=N_("Purchase help"),
    sync=SyncClass.TECHNICIAN,
    owner="visit_id",
    icon="shopping-cart",
    summary="{decision}",
)
class PurchaseAssistance(Activity):
    """Help with buying: what was compared, quoted, decided and ordered."""

    items: tuple[QuotedItem, ...] = field(label=N_("Items"), default=(), by="T", audience=Audience.CUSTOMER)
    compared: tuple[str, ...] = field(label=N_("Compared"), default=(), by="T")
    decision: str = field(
        label=N_("Decision"), default="undecided", by="TC", audience=Audience.CUSTOMER, choices=DECISIONS
    )
    approver_id: str | None = field(
        label=N_("Decided by"), default=None, refers="contact", by="T", audience=Audience.CUSTOMER
    )
    decided_on: date | None = field(label=N_("Decided on"), default=None, by="T")
    ordered_by: str = field(label=N_("Ordered by"), default="", by="T")
    po_reference: str = field(label=N_("Order number"), default="", by="T")
    expected_on: date | None = field(
        label=N_("Expected on"), default=None, by="T", audience=Audience.CUSTOMER
    )
    currency: str = field(label=N_("Currency"), default="EUR", by="X")


@value
class Source:
    """Where an answer was found and when it was looked at."""

    title: str = field(label=N_("Source"), default="", required=True)
    address: str = field(label=N_("Address or page"), default="")
    checked_on: date | None = field(label=N_("Looked at on"), default=None)

    def words(self, _currency: str = "") -> str:
        """Return the source with its day; its address is for colleagues, not for paper."""
        return f"{self.title}, {i18n.day(self.checked_on)}" if self.checked_on else self.title


@record(
    kind="information_lookup",
    title=N_("Information"),
    plural=N_("Information"),
    sync=SyncClass.TECHNICIAN,
    owner="visit_id",
    icon="book-open",
    summary="{question}",
)
class InformationLookup(Activity):
    """A question, its answer and the dated sources behind it."""

    question: str = field(
        label=N_("Question"), default="", by="T", searched=True, multiline=True, audience=Audience.CUSTOMER
    )
    answer: str = field(
        label=N_("Answer"), default="", by="T", searched=True, multiline=True, audience=Audience.CUSTOMER
    )
    sources: tuple[Source, ...] = field(label=N_("Sources"), default=(), by="T", audience=Audience.CUSTOMER)
    is_card_candidate: bool = field(label=N_("Worth a how-to card"), default=False, by="T")


class MaintenanceAction(StrEnum):
    """What maintenance did."""

    CLEANED = "cleaned"
    REMOVED = "removed"
    CONFIGURED = "configured"
    CHECKED = "checked"
    OTHER = "other"


#: What came of one point of a checklist.
CHECKED = {
    "": N_("Not looked at"), "pass": N_("Good"), "flag": N_("Keep an eye on it"), "fail": N_("Needs action"),
}  # fmt: skip


@value
class ChecklistRow:
    """One point of a checklist and what came of it; the points of a kind of visit: records/checklists.py."""

    item: str = field(label=N_("To look at"), default="", required=True, max_length=200)
    result: str = field(label=N_("Result"), default="", choices=CHECKED)
    note: str = field(label=N_("Note"), default="", max_length=500)

    def words(self, _currency: str = "") -> str:
        """Return the point with its result, e.g. "Dust filter: Good"."""
        told = _("{item}: {result}", item=self.item, result=_(CHECKED.get(self.result, self.result)))
        return f"{told} ({self.note})" if self.note else told


@record(
    kind="maintenance",
    title=N_("Maintenance"),
    plural=N_("Maintenance"),
    sync=SyncClass.TECHNICIAN,
    owner="visit_id",
    icon="broom",
    summary="{action} {product}",
)
class Maintenance(Activity):
    """Looking after a computer: cleaning, removing, setting up, going through a list."""

    action: MaintenanceAction = field(
        label=N_("What"), default=MaintenanceAction.OTHER, by="T", audience=Audience.CUSTOMER,
        choices={
            MaintenanceAction.CLEANED: N_("Cleaned"), MaintenanceAction.REMOVED: N_("Removed"),
            MaintenanceAction.CONFIGURED: N_("Set up"),
            MaintenanceAction.CHECKED: N_("Looked through"), MaintenanceAction.OTHER: N_("Other"),
        },
    )  # fmt: skip
    product: str = field(label=N_("Product"), default="", by="T", searched=True, audience=Audience.CUSTOMER)
    version: str = field(label=N_("Version"), default="", by="T", audience=Audience.CUSTOMER)
    firmware: str = field(label=N_("Firmware"), default="", by="T")
    checklist: tuple[ChecklistRow, ...] = field(label=N_("Checklist"), default=(), by="T")


@record(
    kind="data_care",
    title=N_("Data care"),
    plural=N_("Data care"),
    sync=SyncClass.TECHNICIAN,
    owner="visit_id",
    icon="floppy-disk",
    summary="{action} {source} {target}",
)
class DataCare(Activity):
    """Backing up, bringing back or moving data."""

    action: str = field(
        label=N_("What"), default="backup", by="T", audience=Audience.CUSTOMER,
        choices={
            "backup": N_("Backed up"), "restore": N_("Brought back"), "migration": N_("Moved"),
        },
    )  # fmt: skip
    source: str = field(label=N_("From where"), default="", by="T")
    target: str = field(label=N_("To where"), default="", by="T")
    byte_count: int = field(label=N_("How much"), default=0, unit="bytes", by="T")
    is_verified: bool = field(label=N_("Checked that it can be read"), default=False, by="T")


#: The kinds of work in the order of the tiles (Alt+1 … Alt+8; supplies are records/visit.py's
#: SupplyUse), then those behind "More".
ACTIVITY_KINDS = (
    "install",
    "upgrade",
    "training",
    "troubleshooting",
    "needs_analysis",
    "purchase_assistance",
    "information_lookup",
    "supply_use",
    "maintenance",
    "data_care",
)
