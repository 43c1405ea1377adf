"""The stage of the stories: a store, clocks that are set by hand, recorded computers, the presenters.

Nothing of techkit is replaced but the machine and the clock. Readings come from fixtures/*.json;
every verdict is made by the real checks.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import django
import pytest

from techkit.central import server
from techkit.diagnostics.runner import RecordedMachine
from techkit.records.findings import Reading
from techkit.store.database import Store
from techkit.ui.presenters.lanes import InlineLanes
from techkit.ui.presenters.new_visit import NewVisit
from techkit.ui.presenters.surroundings import Surroundings
from techkit.ui.presenters.sync import Sync
from techkit.ui.presenters.visit import Visit
from tests.stores import KEY, empty_store

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "techkit.central.settings")
django.setup()

FIXTURES = Path(__file__).parent / "fixtures"


class HandClock:
    """Clocks that stand still until they are moved."""

    def __init__(self, moment: str, zone: str = "Europe/Berlin") -> None:
        self._zone = ZoneInfo(zone)
        self._now = datetime.fromisoformat(moment).replace(tzinfo=self._zone).astimezone(UTC)
        self._steady = 1000.0

    def now(self) -> datetime:
        return self._now

    def steady(self) -> float:
        return self._steady

    def zone(self) -> tzinfo:
        return self._zone

    def go_to(self, moment: str) -> None:
        """Let time pass until a moment at the place."""
        then = datetime.fromisoformat(moment).replace(tzinfo=self._zone).astimezone(UTC)
        self._steady += (then - self._now).total_seconds()
        self._now = then

    def let_pass(self, minutes: float) -> None:
        """Let so much time pass, whatever the wall says in a night the clocks are changed."""
        self._now += timedelta(minutes=minutes)
        self._steady += minutes * 60

    def set_wrong(self, hours: float) -> None:
        """Set the wall clock without any time passing."""
        self._now += timedelta(hours=hours)


@dataclass
class Desk:
    """The recorded computer techkit is plugged into: readings of a moment, e.g. "before"."""

    recordings: dict[str, list[Reading]] = field(default_factory=dict)
    moment: str = "before"

    def machine(self) -> RecordedMachine:
        return RecordedMachine(self.recordings[self.moment])


def recordings(name: str) -> dict[str, dict[str, list[Reading]]]:
    """Return computer → moment → readings; a file about one computer has the computer ""."""
    held = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    held.pop("story")
    computers = {"": held} if "before" in held else held
    return {
        computer: {moment: [Reading(**row) for row in rows] for moment, rows in moments.items()}
        for computer, moments in computers.items()
    }


class Device:
    """One technician's techkit without its window."""

    def __init__(self, folder: Path, *, prefix: str, technician: str, clock: HandClock) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.clock = clock
        self.desk = Desk()
        self.lanes = InlineLanes()
        self.store = empty_store(
            folder,
            key=KEY,
            prefix=prefix,
            technician=technician,
            provider="Homefix",
            provider_reach="0551 7000",
        )
        self.around = self._around(technician)
        self.opened: list[str] = []
        self.sync = Sync(self.around)

    def _around(self, technician: str) -> Surroundings:
        return Surroundings(
            store=self.store,
            lanes=self.lanes,
            machine=self.desk.machine,
            clock=self.clock,
            technician=technician,
            reach="0551 7000",
            provider="Homefix",
        )

    def new_visit(self) -> NewVisit:
        return NewVisit(self.around, self.opened.append)

    def open(self, visit_id: str) -> Visit:
        return Visit(self.around, visit_id)

    def start_again(self) -> None:
        """End the program without a word and start it again."""
        self.store.close()
        self.store = Store.open(self.folder, KEY)
        self.around = self._around(self.around.technician)


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Callable[..., Device]]:
    made: list[Device] = []

    def make(prefix: str, technician: str, moment: str, zone: str = "Europe/Berlin") -> Device:
        clock = HandClock(moment, zone)
        made.append(Device(tmp_path / prefix, prefix=prefix, technician=technician, clock=clock))
        return made[-1]

    yield make
    for each in made:
        each.sync.close()
        each.store.close()


@dataclass
class Office:
    """The central service, answering over HTTPS in this process, and its first account."""

    service: server.Service

    @property
    def staff(self):
        from techkit.central.models import User

        return User.objects.get(username=self.service.first.username)

    def invitation(self) -> str:
        from techkit.central import accounts, invitations

        return invitations.invitation(self.service.url, accounts.new_enrol_code(self.staff, self.staff)[0])

    def bundle(self, visit_id: str):
        from techkit.central import accounts, bundles

        loaded = bundles.load(accounts.the_org().id, visit_id)
        assert loaded is not None, "the visit has not arrived"
        return loaded.bundle

    def row(self, visit_id: str):
        """Return the visit as the review list has it."""
        from techkit.central import accounts, projection
        from techkit.central.models import VisitRow

        projection.catch_up(accounts.the_org().id)
        return VisitRow.objects.get(id=visit_id)

    def share_customer(self, device: Device, customer_id: str) -> None:
        """Let another device see a customer."""
        from techkit.central import feed, models

        feed.grant(models.Device.objects.get(pk=device.store.device.id), f"customer:{customer_id}")

    def counts(self) -> dict[str, int]:
        from techkit.central.models import Attachment, Op, Record

        return {model.__name__: model.objects.count() for model in (Op, Record, Attachment)}


@pytest.fixture
def office(empty_service: Path, tmp_path: Path) -> Iterator[Office]:
    folder = tmp_path / "office"
    shutil.copytree(empty_service, folder)
    with server.running(folder) as held:
        yield Office(held)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Refuse every connection and remember who tried."""
    tried: list[object] = []

    def refuse(self: socket.socket, address: object) -> None:
        tried.append(address)
        raise OSError("no network in this story")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    return tried


#: Inside the signing field, which is 1000 wide and about 176 high.
SIGNATURE = ((120, 120, 140, 40, 160, 140, 190, 70), (220, 120, 260, 70, 300, 130))


def text_of(pdf: bytes) -> str:
    """Return the text of a PDF as a reader extracts it, blanks made plain."""
    import io

    from pypdf import PdfReader

    pages = PdfReader(io.BytesIO(pdf)).pages
    text = "\n".join(page.extract_text() for page in pages)
    return " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())
