"""Templates of visits: the need's words, planned work, points to look at, supplies and minutes. Pure.

A few ship with techkit (`SHIPPED`); a template of one's own is a record. What a visit takes from a template
is a plan: nothing of it counts as done until it is recorded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from techkit.i18n import N_, _
from techkit.records.activities import ACTIVITY_KINDS, Maintenance
from techkit.records.assets import LabourKind
from techkit.records.bundle import VisitBundle
from techkit.records.charges import labour_minutes
from techkit.records.checklists import CHECKLISTS
from techkit.records.findings import COMPLAINT_LABELS, Complaint
from techkit.records.schema import Record, SyncClass, field, record, replace, spec_of
from techkit.records.visit import PlannedSupply, Visit


@record(
    kind="visit_template",
    title=N_("Template of a visit"),
    plural=N_("Templates of visits"),
    sync=SyncClass.MERGED,
    owner="technician",
    icon="stack",
    summary="{title}",
)
class VisitTemplate(Record):
    """How a kind of visit usually goes. It names no customer: it outlives them."""

    title: str = field(
        label=N_("Name of the template"), default="", by="TS", required=True, searched=True, max_length=80
    )
    purpose: str = field(
        label=N_("Words for the need"), default="", by="TS", multiline=True, max_length=2000,
        help=N_("Put into a new visit for the customer to correct."),
    )  # fmt: skip
    complaint: Complaint = field(
        label=N_("What it is about"), default=Complaint.OTHER, choices=COMPLAINT_LABELS, by="TS"
    )
    planned_kinds: tuple[str, ...] = field(label=N_("Planned work"), default=(), by="TS")
    points: tuple[str, ...] = field(
        label=N_("Points to look at"),
        default=(),
        by="TS",
        help=N_("One a line, in the order they are gone through."),
    )
    supplies: tuple[PlannedSupply, ...] = field(label=N_("Supplies to bring"), default=(), by="TS")
    expected_minutes: int = field(label=N_("Expected time"), default=0, unit="min", by="TS")
    currency: str = field(label=N_("Currency"), default="EUR", by="X")
    shipped: str = field(
        label=N_("Takes the place of"),
        default="",
        by="X",
        help="Key of the template that ships with techkit.",
    )
    is_put_away: bool = field(label=N_("Put away"), default=False, by="X")
    written_on: date | None = field(label=N_("Written on"), default=None, by="X")


@dataclass(frozen=True, kw_only=True)
class _Shipped:
    """One template that ships; texts in English, translated when offered."""

    key: str
    title: str
    purpose: str
    complaint: Complaint
    kinds: tuple[str, ...]
    points: tuple[str, ...]
    minutes: int
    supplies: tuple[str, ...] = ()


#: Templates that ship, most usual first. The minutes are a first guess to be corrected by one's own template;
#: the points are those of the checklists and of the how-to cards on the same matter.
SHIPPED = (
    _Shipped(
        key="check_up", title=N_("Check-up"), purpose=N_("Please look the computer over."),
        complaint=Complaint.OTHER, kinds=("maintenance",), points=CHECKLISTS[Complaint.OTHER], minutes=45,
    ),
    _Shipped(
        key="slow", title=N_("Slow computer"), purpose=N_("The computer has become slow."),
        complaint=Complaint.SLOW, kinds=("troubleshooting", "maintenance"),
        points=CHECKLISTS[Complaint.SLOW], minutes=60,
    ),
    _Shipped(
        key="printing", title=N_("Printer trouble"), purpose=N_("Printing does not work."),
        complaint=Complaint.NO_PRINTING, kinds=("troubleshooting",),
        points=CHECKLISTS[Complaint.NO_PRINTING], minutes=45,
    ),
    _Shipped(
        key="strange_mail", title=N_("Strange mail"), purpose=N_("There is strange mail in the mailbox."),
        complaint=Complaint.STRANGE_MAIL, kinds=("troubleshooting", "information_lookup"),
        points=CHECKLISTS[Complaint.STRANGE_MAIL], minutes=60,
    ),
    _Shipped(
        key="new_computer", title=N_("New computer"),
        purpose=N_("A new computer: please set it up and move everything over."),
        complaint=Complaint.OTHER, kinds=("install", "data_care", "training"), minutes=150,
        points=(
            N_("Backup of the old computer, opened as a test"),
            N_("Updates of the system and of programs"),
            N_("Accounts and mail set up with the customer"),
            N_("Documents, pictures and bookmarks moved and counted"),
            N_("Printer, scanner and sound tried"),
            N_("Backup of the new computer set up and run once"),
            N_("What happens to the old computer"),
        ),
    ),
    _Shipped(
        key="backup", title=N_("Backup"), purpose=N_("Please see to it that nothing gets lost."),
        complaint=Complaint.OTHER, kinds=("data_care", "training"), minutes=60,
        points=(
            N_("What must not be lost, and where it lies"),
            N_("Room on the target for a year of it"),
            N_("First backup run to its end"),
            N_("One file brought back as a test"),
            N_("Who looks after it, and how often"),
        ),
        supplies=(N_("External disk"),),
    ),
    _Shipped(
        key="training", title=N_("Training"), purpose=N_("Please show us how it is done."),
        complaint=Complaint.OTHER, kinds=("training",), minutes=60,
        points=(
            N_("What each person wants to be able to do afterwards"),
            N_("An example from their own work"),
            N_("Each person has done it alone once"),
            N_("A page to keep is left"),
        ),
    ),
)  # fmt: skip

#: The id of a shipped template while it is no record: this and its key.
_SHIPPED_ID = "shipped:"


def shipped(currency: str = "EUR") -> tuple[VisitTemplate, ...]:
    """Return the templates that ship, in the language in force."""
    return tuple(
        VisitTemplate(
            id=f"{_SHIPPED_ID}{held.key}",
            shipped=held.key,
            title=_(held.title),
            purpose=_(held.purpose),
            complaint=held.complaint,
            planned_kinds=held.kinds,
            points=tuple(_(point) for point in held.points),
            supplies=tuple(PlannedSupply(name=_(name)) for name in held.supplies),
            expected_minutes=held.minutes,
            currency=currency,
        )
        for held in SHIPPED
    )


def is_shipped(template: VisitTemplate) -> bool:
    """Return whether a template is one that ships, as it ships."""
    return template.id.startswith(_SHIPPED_ID)


def offered(own: Iterable[VisitTemplate], currency: str = "EUR") -> tuple[VisitTemplate, ...]:
    """Return the templates to choose from: one's own by name, then those that ship and were not replaced."""
    held = tuple(own)
    replaced = {template.shipped for template in held if template.shipped}
    mine = sorted((t for t in held if not t.is_put_away), key=lambda t: (t.title.casefold(), t.id))
    return (*mine, *(t for t in shipped(currency) if t.shipped not in replaced))


def put_away(template: VisitTemplate, *, id: str) -> VisitTemplate:
    """Return the record that hides a shipped template."""
    return replace(template, id=id, is_put_away=True)


def planned(visit: Visit, template: VisitTemplate) -> Visit:
    """Return the visit with the template's plan; what the customer said already is kept."""
    is_open = visit.complaint is Complaint.OTHER
    kinds = dict.fromkeys((*visit.planned_kinds, *template.planned_kinds))
    return replace(
        visit,
        template=template.title,
        purpose=visit.purpose or template.purpose,
        complaint=template.complaint if is_open else visit.complaint,
        planned_kinds=tuple(kinds),
        points=template.points,
        planned_supplies=template.supplies,
        planned_currency=template.currency if template.supplies else "",
        expected_minutes=template.expected_minutes,
    )


def template_from(bundle: VisitBundle, *, id: str, day: date) -> VisitTemplate:
    """Return a template made of a finished visit: its kinds of work, points, supplies and minutes.

    Supplies used several times are added up. The words of the need are taken over; whoever keeps the template
    looks first whether they name somebody.
    """
    visit, activities = bundle.visit, bundle.activities
    kinds = dict.fromkeys(spec_of(activity).kind for activity in activities)
    checked = dict.fromkeys(
        row.item for activity in activities if isinstance(activity, Maintenance) for row in activity.checklist
    )
    supplies: dict[tuple[str, int | None], PlannedSupply] = {}
    for used in bundle.supplies:
        held = supplies.get((used.name, used.unit_price_minor))
        supplies[used.name, used.unit_price_minor] = PlannedSupply(
            name=used.name,
            quantity=used.quantity + (held.quantity if held else Decimal(0)),
            unit=used.unit,
            # A price in another currency than the template's is none of it.
            unit_price_minor=used.unit_price_minor if used.currency == visit.currency else None,
        )
    if supplies:
        kinds["supply_use"] = None
    first_line = next(iter(visit.purpose.splitlines()), "")
    return VisitTemplate(
        id=id,
        title=(visit.template or first_line)[:80],
        purpose=visit.purpose[:2000],
        complaint=visit.complaint,
        planned_kinds=tuple(kind for kind in ACTIVITY_KINDS if kind in kinds),
        points=tuple(checked) or visit.points,
        supplies=tuple(supplies.values()),
        expected_minutes=_usual_minutes(bundle),
        currency=visit.currency,
        written_on=day,
    )


def _usual_minutes(bundle: VisitBundle) -> int:
    """Return the minutes of a visit rounded up to five, by the clock, else by the entries."""
    worked = labour_minutes(bundle.current_labour(), LabourKind.WORK)
    minutes = worked or sum(activity.minutes for activity in bundle.activities)
    return -(-minutes // 5) * 5


def words_of(template: VisitTemplate) -> str:
    """Return every word of a template a customer's name could stand in."""
    return "\n".join(
        (template.title, template.purpose, *template.points, *(held.name for held in template.supplies))
    )
