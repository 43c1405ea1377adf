"""Things and agreements: computers, what is in them, products, contracts and their rates."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from techkit import i18n
from techkit.i18n import N_, _
from techkit.records.findings import PART_PLAN, Finding, ProbeReport, Reading
from techkit.records.schema import Audience, Record, SyncClass, field, record, value


class AssetKind(StrEnum):
    """What the thing is."""

    COMPUTER = "computer"
    PRINTER = "printer"
    NETWORK = "network"
    PERIPHERAL = "peripheral"
    OTHER = "other"


ASSET_KINDS = {
    AssetKind.COMPUTER: N_("Computer"),
    AssetKind.PRINTER: N_("Printer"),
    AssetKind.NETWORK: N_("Network device"),
    AssetKind.PERIPHERAL: N_("Peripheral"),
    AssetKind.OTHER: N_("Other"),
}


class Lifecycle(StrEnum):
    """Where the thing is in its life."""

    PLANNED = "planned"
    IN_USE = "in_use"
    SPARE = "spare"
    RETIRED = "retired"


LIFECYCLES = {
    Lifecycle.PLANNED: N_("Planned"),
    Lifecycle.IN_USE: N_("In use"),
    Lifecycle.SPARE: N_("Spare"),
    Lifecycle.RETIRED: N_("Retired"),
}


class Phase(StrEnum):
    """When in a visit something was read."""

    BEFORE = "before"
    AFTER = "after"
    OTHER = "other"


PHASES = {Phase.BEFORE: N_("Before"), Phase.AFTER: N_("After"), Phase.OTHER: N_("In between")}


@record(
    kind="asset",
    title=N_("Computer or device"),
    plural=N_("Computers and devices"),
    sync=SyncClass.MERGED,
    owner="customer_id",
    icon="desktop",
    summary="{name} {maker} {model}",
)
class Asset(Record):
    """A computer or device of a customer; what is inside comes only from snapshots."""

    customer_id: str = field(label=N_("Customer"), default="", refers="customer", by="X")
    site_id: str | None = field(label=N_("Place"), default=None, refers="site", by="TS")
    name: str = field(
        label=N_("Name"), default="", by="TSX", required=True, searched=True, audience=Audience.CUSTOMER
    )
    tag: str = field(
        label=N_("Inventory tag"), default="", by="TS", searched=True, audience=Audience.CUSTOMER
    )
    kind: AssetKind = field(label=N_("Kind"), default=AssetKind.COMPUTER, choices=ASSET_KINDS, by="TS")
    maker: str = field(label=N_("Maker"), default="", by="TSX", searched=True, audience=Audience.CUSTOMER)
    model: str = field(label=N_("Model"), default="", by="TSX", searched=True, audience=Audience.CUSTOMER)
    serial: str = field(
        label=N_("Serial number"), default="", by="TSX", searched=True, personal=True, max_length=512
    )
    identifiers: tuple[str, ...] = field(
        label=N_("Recognised by"), default=(), by="X", audience=Audience.INTERNAL, personal=True,
        help="Firmware identifiers as 'kind:value', strongest first; placeholders never.",
    )  # fmt: skip
    owner_contact: str | None = field(label=N_("Used by"), default=None, refers="contact", by="TS")
    location_in_site: str = field(label=N_("Where it stands"), default="", by="TS")
    purchased_on: date | None = field(label=N_("Bought on"), default=None, by="TS")
    warranty_ends_on: date | None = field(
        label=N_("Guarantee until"), default=None, by="TS", audience=Audience.CUSTOMER
    )
    price_minor: int | None = field(label=N_("Price paid"), default=None, unit="minor", by="TS")
    currency: str = field(label=N_("Currency"), default="EUR", by="X")
    os_name: str = field(label=N_("Operating system"), default="", by="X", audience=Audience.CUSTOMER)
    os_version: str = field(label=N_("System version"), default="", by="X")
    os_build: str = field(label=N_("System build"), default="", by="X")
    lifecycle: Lifecycle = field(
        label=N_("In its life"), default=Lifecycle.IN_USE, choices=LIFECYCLES, by="TS"
    )
    replaces_asset: str | None = field(label=N_("Replaces"), default=None, refers="asset", by="TS")
    moved_to: str | None = field(
        label=N_("Now kept as"), default=None, refers="asset", by="X", audience=Audience.INTERNAL,
        help="Its record at the customer it was given to.",
    )  # fmt: skip
    moved_on: date | None = field(label=N_("Given away on"), default=None, by="X")
    came_from: str | None = field(
        label=N_("Was kept as"), default=None, refers="asset", by="X", audience=Audience.INTERNAL,
        help="Its record at the customer it came from; what happened there stays there.",
    )  # fmt: skip
    merged_into: str | None = field(label=N_("Merged into"), default=None, refers="asset", by="TS")


@record(
    kind="inventory_snapshot",
    title=N_("Inventory"),
    plural=N_("Inventories"),
    sync=SyncClass.FACT,
    owner="visit_id",
    icon="list-checks",
    summary="{phase} {taken_at}",
)
class InventorySnapshot(Record):
    """What was in a computer at one moment: hardware, programs, settings.

    content is the plain shape that diagnostics.inventory documents; content_hash its SHA-256.
    """

    visit_id: str = field(label=N_("Visit"), default="", refers="visit", by="X")
    asset_id: str = field(label=N_("Computer"), default="", refers="asset", by="X")
    phase: Phase = field(label=N_("When"), default=Phase.OTHER, choices=PHASES, by="X")
    taken_at: datetime | None = field(label=N_("Taken"), default=None, by="X")
    content: dict[str, Any] | None = field(
        label=N_("Content"), default=None, by="X", audience=Audience.STAFF, personal=True
    )
    content_hash: str = field(label=N_("Hash"), default="", by="X")


@record(
    kind="diagnostic_run",
    title=N_("Check of a computer"),
    plural=N_("Checks of computers"),
    sync=SyncClass.FACT,
    owner="visit_id",
    icon="heartbeat",
    summary="{phase} {plan} {started_at}",
)
class DiagnosticRun(Record):
    """One run of a plan on one computer: readings with their sources, findings over them.

    A run is never changed. What is learnt later (tried by hand, read with administrator rights) is a run of its own
    that names the one it supplements; `records.bundle.whole` lays them together.
    """

    visit_id: str = field(label=N_("Visit"), default="", refers="visit", by="X")
    asset_id: str = field(label=N_("Computer"), default="", refers="asset", by="X")
    supplements: str | None = field(
        label=N_("Adds to the check"), default=None, refers="diagnostic_run", by="X",
        help="What it says about a check replaces what the named run says about it.",
    )  # fmt: skip
    phase: Phase = field(label=N_("When"), default=Phase.OTHER, choices=PHASES, by="X")
    plan: str = field(label=N_("Plan"), default="standard", by="X")
    program_version: str = field(label=N_("Version of techkit"), default="", by="X")
    started_at: datetime | None = field(label=N_("Begun"), default=None, by="X")
    ended_at: datetime | None = field(label=N_("Ended"), default=None, by="X")
    was_stopped: bool = field(label=N_("Stopped early"), default=False, by="X")
    language: str = field(label=N_("Language of its sentences"), default="", by="X")
    readings: tuple[Reading, ...] = field(label=N_("Readings"), default=(), by="X", personal=True)
    findings: tuple[Finding, ...] = field(
        label=N_("Findings"), default=(), by="X", audience=Audience.CUSTOMER
    )
    probes: tuple[ProbeReport, ...] = field(
        label=N_("Probes"), default=(), by="X", audience=Audience.INTERNAL
    )
    content_hash: str = field(label=N_("Hash"), default="", by="X")

    @property
    def is_part(self) -> bool:
        """Whether it looked at one part of the computer only: no run that counts as before or after the work."""
        return self.plan == PART_PLAN


#: Longest note on a finding: what stands beside a reading is read at a glance.
MOST_NOTE = 1000


@record(
    kind="finding_note",
    title=N_("Note on a finding"),
    plural=N_("Notes on findings"),
    sync=SyncClass.TECHNICIAN,
    owner="visit_id",
    icon="note",
    summary="{title}: {text}",
)
class FindingNote(Record):
    """What the technician adds to a finding of a check in their own words; the finding itself is never changed."""

    visit_id: str = field(label=N_("Visit"), default="", refers="visit", by="X", since="0.2")
    asset_id: str | None = field(label=N_("Computer"), default=None, refers="asset", by="X", since="0.2")
    finding: str = field(
        label=N_("Finding"), default="", by="X", since="0.2", help="Key as records.proofs.check_key makes it."
    )
    title: str = field(label=N_("About"), default="", by="X", since="0.2", audience=Audience.CUSTOMER)
    text: str = field(
        label=N_("Note"), default="", by="T", since="0.2", required=True, multiline=True, searched=True,
        max_length=MOST_NOTE, audience=Audience.CUSTOMER,
    )  # fmt: skip
    author: str = field(label=N_("By"), default="", by="X", since="0.2")
    at: datetime | None = field(label=N_("When"), default=None, by="X", since="0.2")
    is_on_paper: bool = field(
        label=N_("On the customer’s page"), default=False, by="T", since="0.2", audience=Audience.CUSTOMER
    )


class LabourKind(StrEnum):
    """What a stretch of time was spent on."""

    WORK = "work"
    TRAVEL = "travel"
    WAIT = "wait"
    BREAK = "break"
    ADMIN = "admin"
    PREPARATION = "preparation"


LABOUR_KINDS = {
    LabourKind.WORK: N_("Work"),
    LabourKind.TRAVEL: N_("Travel"),
    LabourKind.WAIT: N_("Waiting"),
    LabourKind.BREAK: N_("Break"),
    LabourKind.ADMIN: N_("Office work"),
    LabourKind.PREPARATION: N_("Preparation"),
}


@value
class Rate:
    """What an hour of one kind of labour costs and how it is rounded.

    hourly_minor and travel amounts in minor units of the card's currency; increment and minimum
    in minutes. out_of_hours_percent: what an hour outside the agreed hours costs, in percent of the
    hourly rate (150: half as much again).
    """

    labour: str = field(label=N_("Kind"), default="work", choices=LABOUR_KINDS, by="F")
    hourly_minor: int = field(label=N_("An hour"), default=0, unit="minor", by="F")
    minimum_minutes: int = field(label=N_("At least"), default=0, unit="min", by="F")
    increment_minutes: int = field(label=N_("In steps of"), default=15, unit="min", by="F")
    out_of_hours_percent: int = field(label=N_("Outside the agreed hours"), default=100, unit="%", by="F")


@record(
    kind="rate_card",
    title=N_("Rate card"),
    plural=N_("Rate cards"),
    sync=SyncClass.REFERENCE,
    owner="tenant",
    icon="currency-circle-dollar",
    summary="{name}",
)
class RateCard(Record):
    """What labour and travel cost; local ones hold until the office's arrive."""

    name: str = field(label=N_("Name"), default="", by="F", required=True)
    currency: str = field(label=N_("Currency"), default="EUR", by="F", form="currency")
    rates: tuple[Rate, ...] = field(label=N_("Rates"), default=(), by="F")
    travel_flat_minor: int = field(label=N_("Travel, flat"), default=0, unit="minor", by="F")
    travel_per_km_minor: int = field(label=N_("Travel, a kilometre"), default=0, unit="minor", by="F")
    is_default: bool = field(label=N_("Used where no contract says otherwise"), default=False, by="F")


@value
class OwnRates:
    """Rates a technician set where the office has sent none: they travel inside the visit that is reckoned by them.

    The fields are those of a RateCard, which a device keeps for itself.
    """

    name: str = ""
    currency: str = "EUR"
    rates: tuple[Rate, ...] = ()
    travel_flat_minor: int = 0
    travel_per_km_minor: int = 0

    def words(self, _currency: str = "") -> str:
        """Return whose they are and what an hour of work costs."""
        hourly = next((rate.hourly_minor for rate in self.rates if rate.labour == "work"), 0)
        amount = _("{amount} an hour", amount=i18n.money(hourly, self.currency))
        return ", ".join(part for part in (self.name, amount) if part)

    def card(self, card_id: str) -> RateCard:
        """Return them as the card of that id."""
        return RateCard(
            id=card_id,
            name=self.name,
            currency=self.currency,
            rates=self.rates,
            travel_flat_minor=self.travel_flat_minor,
            travel_per_km_minor=self.travel_per_km_minor,
        )


def own_rates_of(card: RateCard) -> OwnRates:
    """Return what a visit carries of a technician's own card."""
    return OwnRates(
        name=card.name,
        currency=card.currency,
        rates=card.rates,
        travel_flat_minor=card.travel_flat_minor,
        travel_per_km_minor=card.travel_per_km_minor,
    )


class ContractKind(StrEnum):
    """How a contract pays for labour."""

    HOURS_POOL = "hours_pool"
    FLAT = "flat"
    PER_VISIT = "per_visit"


CONTRACT_KINDS = {
    ContractKind.HOURS_POOL: N_("Pool of hours"),
    ContractKind.FLAT: N_("Flat"),
    ContractKind.PER_VISIT: N_("Per visit"),
}


@value
class CentreShare:
    """A share of one cost centre, in percent."""

    cost_centre_id: str = field(label=N_("Cost centre"), default="", refers="cost_centre", by="F")
    share_percent: Decimal = field(label=N_("Share"), default=Decimal(100), unit="%", by="F")


@record(
    kind="contract",
    title=N_("Contract"),
    plural=N_("Contracts"),
    sync=SyncClass.REFERENCE,
    owner="customer_id",
    icon="handshake",
    summary="{number} {name}",
)
class Contract(Record):
    """An agreement for a duration: what it covers and how many hours it holds."""

    customer_id: str = field(label=N_("Customer"), default="", refers="customer", by="X", required=True)
    number: str = field(label=N_("Contract number"), default="", by="F", searched=True)
    name: str = field(label=N_("Name"), default="", by="F", audience=Audience.CUSTOMER)
    kind: ContractKind = field(
        label=N_("Kind"), default=ContractKind.HOURS_POOL, choices=CONTRACT_KINDS, by="F"
    )
    starts_on: date | None = field(label=N_("From"), default=None, by="F")
    ends_on: date | None = field(label=N_("Until"), default=None, by="F", audience=Audience.CUSTOMER)
    notice_on: date | None = field(label=N_("Notice by"), default=None, by="F")
    hours_included: Decimal = field(label=N_("Hours included"), default=Decimal(0), unit="h", by="F")
    hours_used: Decimal = field(
        label=N_("Hours used"),
        default=Decimal(0),
        unit="h",
        by="F",
        help=N_("As the office knew it at the last sync."),
    )
    covers_all_assets: bool = field(label=N_("Covers every computer"), default=True, by="F")
    covered_assets: tuple[str, ...] = field(label=N_("Covers"), default=(), by="F", lists="asset")
    covered_sites: tuple[str, ...] = field(
        label=N_("Covers the places"),
        default=(),
        by="F",
        lists="site",
        help=N_("Empty: every place of the customer."),
    )
    response_target_h: Decimal | None = field(
        label=N_("We begin within"), default=None, unit="h", by="F", audience=Audience.CUSTOMER
    )
    resolution_target_h: Decimal | None = field(
        label=N_("We solve it within"), default=None, unit="h", by="F", audience=Audience.CUSTOMER
    )
    business_hours: str = field(
        label=N_("Agreed hours"), default="", by="F", audience=Audience.CUSTOMER,
        help=N_("As OpenStreetMap writes opening hours, e.g. Mo-Fr 08:00-17:00."),
    )  # fmt: skip
    default_shares: tuple[CentreShare, ...] = field(
        label=N_("Borne by"), default=(), by="F", help=N_("Shares a new visit begins with.")
    )
    is_travel_included: bool = field(label=N_("Travel included"), default=False, by="F")
    rate_card_id: str | None = field(label=N_("Rate card"), default=None, refers="rate_card", by="F")


class ProductKind(StrEnum):
    """What a product is."""

    HARDWARE = "hardware"
    PERIPHERAL = "peripheral"
    APPLICATION = "application"
    OPERATING_SYSTEM = "operating_system"
    SUPPLY = "supply"
    PART = "part"
    SERVICE = "service"


PRODUCT_KINDS = {
    ProductKind.HARDWARE: N_("Hardware"),
    ProductKind.PERIPHERAL: N_("Peripheral"),
    ProductKind.APPLICATION: N_("Program"),
    ProductKind.OPERATING_SYSTEM: N_("Operating system"),
    ProductKind.SUPPLY: N_("Supply"),
    ProductKind.PART: N_("Part"),
    ProductKind.SERVICE: N_("Service"),
}

#: Units the program itself writes; those of the office are shown as they are.
UNITS = {"piece": N_("piece")}


def unit_words(unit: str) -> str:
    """Return a unit as it is called in the language of now; one the program does not know as it is."""
    return _(UNITS[unit]) if unit in UNITS else unit


def unit_meant(words: str) -> str:
    """Return the unit somebody wrote, in any language or as it is kept; one the program does not know as it is."""
    return _units_said().get(words.casefold(), words)


def _units_said() -> dict[str, str]:
    found = {unit: unit for unit in UNITS}
    for tag in i18n.LANGUAGES:
        with i18n.language(tag):
            found |= {_(label).casefold(): unit for unit, label in UNITS.items()}
    return found


@record(
    kind="product",
    title=N_("Product"),
    plural=N_("Products"),
    sync=SyncClass.REFERENCE,
    owner="tenant",
    icon="package",
    summary="{name}",
)
class Product(Record):
    """A catalogue entry: what can be installed, sold or used up."""

    name: str = field(label=N_("Name"), default="", by="F", required=True, searched=True)
    number: str = field(
        label=N_("Article number"), default="", by="F", searched=True, max_length=100, since="0.2"
    )
    kind: ProductKind = field(label=N_("Kind"), default=ProductKind.SUPPLY, choices=PRODUCT_KINDS, by="F")
    unit: str = field(label=N_("Unit"), default="piece", by="F", form="unit")
    price_minor: int = field(label=N_("Price"), default=0, unit="minor", by="F")
    currency: str = field(label=N_("Currency"), default="EUR", by="F")
    vendor: str = field(label=N_("Vendor"), default="", by="F")
    ends_on: date | None = field(label=N_("End of life"), default=None, by="F")
