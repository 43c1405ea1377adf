"""The desk the pictures are taken at: a recorded notebook, a Monday morning's clock, a store with a day of invented people."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any

from techkit.credentials import keys
from techkit.credentials.slots import Cost, Limits
from techkit.diagnostics.plan import Plan
from techkit.diagnostics.runner import RecordedMachine, Told
from techkit.probes.pool import Ended, Heard, Outcome
from techkit.probes.probe import Probe
from techkit.records.assets import Asset, Rate, RateCard
from techkit.records.findings import Complaint, Reading
from techkit.records.identity import new_id
from techkit.records.parties import Contact, Customer, Site
from techkit.records.success import FollowUp
from techkit.records.visit import Visit, WorkState
from techkit.store.database import Store

PASSPHRASE = "correct horse battery staple"  # noqa: S105 - of a store that is thrown away


CHEAP, LIMITS = Cost(memory_kib=64, passes=1, lanes=1), Limits(floor_kib=64)


#: Longer than all pictures of a running check take on a busy machine.
HELD_S = 900


class Morning:
    """Clocks that begin on a Monday morning and go on."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def now(self) -> datetime:
        """Return the wall clock's instant."""
        return datetime(2026, 11, 23, 8, 10, tzinfo=UTC) + timedelta(seconds=self.steady() - 1000)

    def steady(self) -> float:
        """Return seconds of a clock that cannot be set."""
        return 1000 + time.monotonic() - self._began

    def zone(self) -> tzinfo:
        """Return the zone of the place."""
        return timezone(timedelta(hours=1))


class WatchedMachine(RecordedMachine):
    """A recorded computer that is still being watched: it tells its load so far and answers once it may."""

    def __init__(self, readings: list[Reading], may_end: threading.Event) -> None:
        super().__init__(readings)
        self._may_end = may_end

    def read(
        self,
        probes: Sequence[Probe],
        plan: Plan,
        *,
        told: Told,
        stop: threading.Event,
        heard: Heard | None = None,
        ended: Ended | None = None,
    ) -> list[Outcome]:
        """Tell the load of eight seconds and most of the answers, wait, then answer the rest as recorded."""
        first = len(probes) * 3 // 5
        outcomes = super().read(probes[:first], plan, told=told, stop=stop, ended=ended)
        told(first, probes[first : first + 3])
        if heard is not None:
            for readings in _load():
                heard(readings)
        self._may_end.wait(HELD_S)
        return outcomes + super().read(probes[first:], plan, told=told, stop=stop, ended=ended)


def _load() -> Iterator[list[Reading]]:
    """Yield how busy the notebook was, twice a second, and then which programs kept it busy."""
    for number in range(17):
        wave = math.sin(number * 1.7) + math.sin(number * 0.6)
        values = {
            "processor_percent": 61 + 14 * wave,
            "memory_percent": 86 + number / 4,
            "disk_read_bytes_per_s": 1e6 * (48 + 20 * wave),
            "disk_written_bytes_per_s": 1e6 * (14 - 5 * wave),
            "network_received_bytes_per_s": 1e5 * (9 + 4 * wave),
            "network_sent_bytes_per_s": 1e5 * (2 - 0.6 * wave),
        }
        yield [Reading(id=f"usage.now.{name}", value=round(value, 1)) for name, value in values.items()]
    uses = (
        ("Album Helper", 74.0, 412e6, 61.2e6),
        ("Browsewell", 22.0, 1490e6, 1.1e6),
        ("Toolbar Helper", 18.0, 96e6, 0.4e6),
        ("Cloud Mirror", 6.0, 240e6, 8.8e6),
        ("System", 4.0, 120e6, 2.1e6),
    )
    ids = ("usage.processor.percent_of_core", "usage.memory.resident_bytes", "usage.disk.bytes_per_s")
    yield [
        Reading(id=id, value=value, subject=program)
        for program, *amounts in uses
        for id, value in zip(ids, amounts, strict=True)
    ]
    yield [Reading(id="usage.now.own_processor_percent", value=6.0)]


@dataclass
class Desk:
    """The recorded notebook: what it reads at a moment."""

    recordings: dict[str, list[Reading]]
    moment: str = "before"
    #: Set while a check may end; else it goes on being watched.
    may_end: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.may_end.set()

    def machine(self) -> RecordedMachine:
        """Return the notebook as it is now."""
        return WatchedMachine(self.recordings[self.moment], self.may_end)


def desk() -> Desk:
    """Return Odalys Brandt's notebook: readings of the story of the slow computer, and its name."""
    story = Path(__file__).resolve().parent.parent / "tests" / "scenarios" / "fixtures" / "o1_notebook.json"
    held: dict[str, Any] = json.loads(story.read_text(encoding="utf-8"))
    name = [
        Reading(id="os.computer_name", value="BRANDT-LAPTOP"),
        Reading(id="os.name", value="Windows 11 Home"),
        Reading(id="os.version", value="25H2"),
        Reading(id="system.maker", value="Northwind"),
        Reading(id="system.model", value="Swift 14"),
        Reading(id="system.serial", value="NW7KX93M3Q"),
        Reading(id="system.uuid", value="4c4c4544-0042-3010-8051-b7c04f4d3431"),
    ]
    return Desk(
        {
            moment: [*name, *_programs(moment), *(Reading(**row) for row in held[moment])]
            for moment in ("before", "after")
        }
    )


def _programs(moment: str) -> list[Reading]:
    """Return the programs of the notebook: an office upgraded, an album installed, a toolbar removed."""
    always = [("Browsewell", {"before": "143.0", "after": "143.1"}[moment], "Wellweb")]
    changed = {
        "before": [
            ("PlainOffice 2025 (64-bit)", "25.4", "Plain Software"),
            ("Toolbar Helper", "1.2", "Adware"),
        ],
        "after": [("PlainOffice 2026 (64-bit)", "26.1", "Plain Software"), ("Album", "4.0", "Lightroomy")],
    }
    found: list[dict[str, str | int | float | bool | None]] = [
        {"name": name, "version": version, "publisher": publisher, "source": "registry"}
        for name, version, publisher in (*always, *changed[moment])
    ]
    source = "registry Uninstall keys"
    return [
        Reading(id="software.programs", value=found, source=source),
        Reading(id="software.count", value=len(found), unit="count", source=source),
    ]


def fill(folder: Path) -> None:
    """Make a store with a day of visits and promises."""
    folder.mkdir()
    key, _code = keys.create_vault(folder, PASSPHRASE, cost=CHEAP, limits=LIMITS)
    store = Store.create(
        folder, key, prefix="TK07", technician="Ines Okafor", provider="Homefix", provider_reach="0551 7000"
    )
    try:
        _day(store)
    finally:
        store.close()


def _day(store: Store) -> None:
    people = (
        ("Odalys Brandt", "Odalys", "Brandt", "Ahornweg 3", "Freiburg", 8),
        (
            "Praxis Dr. Eleni Papadopoulou-Weiß",
            "Eleni",
            "Papadopoulou-Weiß",
            "Kirchzartener Straße 12",
            "Freiburg",
            14,
        ),
        ("Weingut Thierry Schœnenberger & Filles", "Thierry", "Schœnenberger", "Rue du Vin 2", "Colmar", 16),
    )
    needs = (
        "Since last week my computer needs minutes to start, and it freezes when I look at my photos.",
        "Install the new label printer; short training on the e-invoice inbox.",
        "Which notebook for the wine fairs?",
    )
    kinds = ((), ("install", "training"), ("needs_analysis", "purchase_assistance"))
    customers = []
    for (name, given, family, street, town, hour), need, planned in zip(people, needs, kinds, strict=True):
        customer, site, contact = new_id(), new_id(), new_id()
        customers.append(customer)
        is_first = name == "Odalys Brandt"
        asset = Asset(
            id=new_id(),
            customer_id=customer,
            name="Brandt-Laptop",
            identifiers=("system_serial:nw7kx93m3q",),
        )
        store.save(
            Customer(
                id=customer,
                display_name=name,
                has_diagnostics_consent=True,
                has_large_print=False,
                notes_for_visit="Likes steps on paper. Please ask before closing programs."
                if is_first
                else "",
            ),
            Site(id=site, customer_id=customer, name=street, street=street, town=town),
            Contact(id=contact, customer_id=customer, given_name=given, family_name=family, skill=2),
            *((asset,) if is_first else ()),
            Visit(
                id=new_id(),
                number=store.next_number(2026),
                customer_id=customer,
                site_id=site,
                contact_id=contact,
                asset_ids=(asset.id,) if is_first else (),
                purpose=need,
                complaint=Complaint.SLOW if is_first else Complaint.OTHER,
                planned_kinds=planned,
                work_state=WorkState.SCHEDULED,
                planned_start_at=datetime(2026, 11, 23, hour, 0, tzinfo=UTC),
                planned_end_at=datetime(2026, 11, 23, hour + 1, 0, tzinfo=UTC),
            ),
        )
    for customer, text, due in (
        (customers[1], "Order 2 × 16 GB memory for the reception", date(2026, 11, 23)),
        (customers[2], "Call: is the new printer still fine?", date(2026, 11, 30)),
    ):
        store.save(FollowUp(id=new_id(), customer_id=customer, text=text, due_on=due, owner="Ines Okafor"))
    store.save(
        RateCard(
            id=new_id(),
            name="At home",
            is_default=True,
            rates=(Rate(labour="work", hourly_minor=6800, increment_minutes=15),),
            travel_flat_minor=1800,
        )
    )


def photo() -> bytes:
    """Return a photo of a disk on a table, painted."""
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF
    from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter

    image = QImage(1600, 1200, QImage.Format.Format_RGB32)
    image.fill(QColor("#B98F61"))
    painter = QPainter(image)
    painter.setBrush(QColor("#23262C"))
    painter.drawRoundedRect(QRectF(420, 330, 760, 480), 40, 40)
    painter.setBrush(QColor("#63D391"))
    painter.drawEllipse(QRectF(1080, 720, 40, 40))
    painter.end()
    made = QBuffer()
    made.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(made, QByteArray(b"jpeg")).write(image)
    return bytes(made.data().data())
