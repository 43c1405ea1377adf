"""Pictures of the window: every screen of a visit, in each look, language and size.

The program itself, over a store of invented people; only the readings of the computer are recorded.
"""

from __future__ import annotations

import contextlib
import json
import math
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any

from shots.views import Asked, View
from techkit import i18n
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
from techkit.records.schema import replace
from techkit.records.success import FollowUp
from techkit.records.visit import Visit, WorkState
from techkit.store.database import Store

PASSPHRASE = "correct horse battery staple"  # noqa: S105 - of a store that is thrown away
CHEAP, LIMITS = Cost(memory_kib=64, passes=1, lanes=1), Limits(floor_kib=64)

#: Which views are taken; the picture-maker sets what was asked for.
asked = Asked()

#: Turns of the event loop in which the deepest layout of the window has come to rest.
LAYOUT_TURNS = 25

#: A window that still moves after so many looks at it has something in it that always moves.
RESTS = 10

#: Longer than all pictures of a running check take on a busy machine.
HELD_S = 900

#: Longer than any screen takes to come, and turns of the event loop the machine must have had for it: a busy one has few.
PATIENCE_S = 60
PATIENCE_TURNS_PER_S = 50


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


class Camera:
    """Drives the program and takes each screen in every look and size of a language."""

    def __init__(
        self,
        out: Path,
        language: str,
        fill: Callable[[Path], object] = fill,
        scale_percent: int = 100,
        office: Path | None = None,
    ) -> None:
        from PySide6.QtWidgets import QApplication

        from techkit.ui.app import Program

        held = QApplication.instance()
        self.app = held if isinstance(held, QApplication) else QApplication([])
        self.out, self.language = out, language
        #: An empty service to copy; without it a play that needs one makes it.
        self.office = office
        self.taken: list[Path] = []
        self._revealed = ""
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name) / "data"
        #: What the filling returned, for the play.
        self.told: Any = fill(folder)
        early = {"language": language, "theme": "light", "text.scale_percent": scale_percent}
        (folder / "settings.json").write_text(json.dumps(early))
        self.desk = desk()
        self.program = Program(
            self.app,
            folder,
            machine=self.desk.machine,
            clock=Morning(),
            is_portable=False,
            papers=Path(self._folder.name),
            vault_limits=LIMITS,
        )

    def close(self) -> None:
        """End the program."""
        self.program.close()
        self.settle()
        self._folder.cleanup()
        i18n.set_language("en")

    def wait(self, until: Callable[[], object]) -> None:
        """Run the window until something holds. Raises: TimeoutError."""
        ends, turns = time.monotonic() + PATIENCE_S, 0
        while not until():
            if time.monotonic() > ends and turns > PATIENCE_S * PATIENCE_TURNS_PER_S:
                place = getattr(until, "__code__", None)
                where = f"{Path(place.co_filename).name}:{place.co_firstlineno}" if place else repr(until)
                raise TimeoutError(f"a screen never came: {where}")
            turns += 1
            self.app.processEvents()
            time.sleep(0.003)

    def settle(self, seconds: float = 0.15) -> None:
        """Let layouts and pictures come to rest."""
        from techkit.ui.widgets import boxes

        # A busy machine has few turns in that time, and nested layouts need one turn a level.
        ends, turns = time.monotonic() + seconds, 0
        while (waits := time.monotonic() < ends) or turns < LAYOUT_TURNS or not boxes.is_built():
            self.app.processEvents()
            turns += 1
            if waits or not self.program.lanes.is_idle:
                time.sleep(0.003)

    def reveal(self, kind: str) -> None:
        """Scroll to the card of this class in each view of the next picture."""
        self._revealed = kind

    def _scroll(self) -> None:
        """Bring the card that is asked for to the top of its page."""
        from PySide6.QtCore import QPoint
        from PySide6.QtWidgets import QWidget

        from techkit.ui.widgets.boxes import Scroll

        shown = self.program.shell.findChildren(QWidget)
        card = next((w for w in shown if type(w).__name__ == self._revealed and w.isVisible()), None)
        area = next((w for w in shown if isinstance(w, Scroll) and card and w.isAncestorOf(card)), None)
        if card is not None and area is not None:
            area.verticalScrollBar().setValue(card.mapTo(area.body, QPoint()).y() - 8)
            self.settle(0.05)

    def take(self, name: str, only: str | None = None) -> None:
        """Take the window in every view; only: in that whose name ends so in English."""
        for view in asked.of(self.language, only):
            self._show(view)
            if self._revealed:
                self._scroll()
            path = self.out / f"window-{name}{view.suffix(self.language)}.png"
            self.program.shell.grab().save(str(path))
            self.taken.append(path)
        self._revealed = ""
        self._show(View())

    def _show(self, view: View) -> None:
        from techkit.ui import theme

        wanted = theme.Look(name=view.look, scale=view.percent / 100)
        if theme.look() != wanted:
            theme.apply(self.app, wanted)
        self.program.shell.resize(view.width, view.height)
        self._rest()

    def _rest(self) -> None:
        """Wait until no piece of the window moves any more; a page seen for the first time moves in steps."""
        from PySide6.QtWidgets import QWidget

        before: list[object] = []
        for _look in range(RESTS):
            self.settle(0.2)
            pieces = self.program.shell.findChildren(QWidget)
            now: list[object] = [piece.geometry() for piece in pieces if piece.isVisible()]
            if now == before:
                return
            before = now


def series(
    out: Path,
    play: Callable[[Camera], None],
    fill: Callable[[Path], object] = fill,
) -> Iterator[Path]:
    """Play in each language over a store made by `fill`, and yield the pictures."""
    for language in asked.languages:
        camera = Camera(out, language, fill=fill)
        try:
            play(camera)
        finally:
            camera.close()
        yield from camera.taken


def unlock(camera: Camera) -> Any:
    """Open the program and return its session, Today read."""
    program = camera.program
    program.start()
    camera.wait(lambda: program.unlock is not None)
    held = program.unlock
    assert held is not None
    held.open(PASSPHRASE)
    camera.wait(lambda: program.session is not None and program.session.today.state.computer.facts)
    return program.session


def take(out: Path) -> Iterator[Path]:
    """Play a visit in each language and yield the pictures."""
    yield from series(out, play)


def play(camera: Camera) -> None:
    """Play a visit from the lock card to the signed page; the camera takes each screen."""
    program = camera.program
    program.start()
    camera.wait(lambda: program.unlock is not None)
    unlock = program.unlock
    assert unlock is not None
    camera.take("01-unlock")
    unlock.open("not this one")
    camera.wait(lambda: unlock.state.error)
    camera.take("01-unlock-error")
    unlock.open(PASSPHRASE)
    camera.wait(lambda: program.session is not None and program.session.today.state.computer.facts)
    session = program.session
    assert session is not None
    camera.wait(lambda: len(session.today.state.next_visits) == 3)
    camera.take("02-today")
    session.open_palette()
    session.search.type("brandt")
    camera.settle()
    camera.take("11-palette")
    session.close_palette()
    session.new_visit()
    camera.take("03-new-visit")
    session.show_place("today")
    session.open_visit(session.today.state.next_visits[0].visit_id)
    _play_visit(camera, session)
    session.show_place("sync")
    camera.take("10-sync")
    _play_conflict(camera, session)
    session.show_place("settings")
    camera.take("12-settings")
    session.show_place("today")
    camera.settle(0.6)
    camera.take("02-today-later")


def _take_photos(camera: Camera, visit: Any) -> None:
    """Take a photo onto the page and one that cannot be drawn; an empty file is refused."""
    taken = photo()
    visit.files.add_bytes("IMG_2231.jpg", taken)
    visit.files.add_bytes("IMG_2232.jpg", taken[: len(taken) // 2])
    visit.files.add_bytes("scan.pdf", b"")
    camera.wait(lambda: not visit.files.state.progress and len(visit.files.state.rows) == 2)
    row = visit.files.state.rows[0]
    visit.files.set_caption(row.id, "The external disk with her videos")
    visit.files.show(row.id, True)
    visit.files.agree_to_photos(True)
    camera.reveal("FilesCard")
    camera.take("06-work-photos")
    visit.files.remove(visit.files.state.rows[1].id)
    visit.files.dismiss()


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


def _play_conflict(camera: Camera, session: Any) -> None:
    """Let the office and the technician change the same person, and show both versions."""
    from techkit.central import server

    sync, store = session.sync, session._store
    with contextlib.ExitStack() as ends:
        place = Path(ends.enter_context(tempfile.TemporaryDirectory())) / "office"
        if camera.office is not None:
            shutil.copytree(camera.office, place)
        service = ends.enter_context(server.running(place))
        from techkit.central import accounts, office
        from techkit.central.invitations import invitation
        from techkit.central.models import User

        staff = User.objects.get(username="admin")
        staff.first_name, staff.last_name = "Hanna", "Vogt"
        staff.save()
        technician, _password = accounts.invite_staff(staff, "ines", "technician", "Ines", "Okafor")
        sync.enrol(invitation(service.url, accounts.new_enrol_code(staff, technician)[0]))
        camera.wait(lambda: sync.state.status in ("done", "partial"))
        person = store.find(Contact, order_by="id")[0]
        store.save(replace(person, role="Owner of the notebook", family_name="Brandt-Lindqvist"))
        office.change_as_staff(staff, "contact", person.id, {"role": "Customer", "family_name": "Brandt"})
        sync.now()
        camera.wait(lambda: sync.state.disputes)
        camera.take("10-sync-decision-waits")
        sync.look_at()
        camera.take("10-sync-conflict")
        sync.decisions.later()
        sync.client.close()


def _show_notes(camera: Camera) -> None:
    """Bring the notes on the finding into sight."""
    from techkit.ui.widgets.boxes import bring_into_sight
    from techkit.ui.widgets.finding_notes import NotesBox

    bring_into_sight(next(box for box in camera.program.shell.findChildren(NotesBox) if box.isVisible()))


def _play_check(camera: Camera, visit: Any) -> None:
    """Watch a check run, do something else meanwhile, come back to its results and their evidence."""
    camera.take("05-check")
    camera.desk.may_end.clear()
    visit.check.start()
    camera.wait(lambda: visit.check.state.busy and len(visit.check.state.charts) == 4)
    camera.take("05-check-running")
    visit.go("follow_ups")  # something else meanwhile
    camera.desk.may_end.set()
    camera.wait(lambda: visit.state.news_line)
    camera.settle()
    camera.take("05-check-ended-meanwhile")
    visit.go("check")
    camera.wait(lambda: visit.check.state.phase == "results")
    camera.take("05-check-results")
    card = visit.check.state.cards[0]
    visit.check.notes.add(
        card.key, card.title, "She keeps the videos of three years here; ask before moving any."
    )
    visit.check.open_evidence(card.key)
    camera.take("05-check-evidence")
    _show_notes(camera)
    camera.take("05-check-note")
    visit.check.close_evidence()


def _play_visit(camera: Camera, session: Any) -> None:
    visit = session.visit
    camera.wait(lambda: visit.state.next_label)
    camera.take("04-need")
    visit.next()
    camera.wait(lambda: visit.state.current == "check")
    _play_check(camera, visit)
    camera.desk.moment = "after"  # the technician works meanwhile
    visit.next()
    camera.wait(lambda: len(visit.work.state.drafts) >= 1 and not visit.work.state.is_looking)
    camera.take("06-work-drafts")
    visit.work.drafting.add()
    visit.work.choose_kind("troubleshooting")
    for name, text in (
        ("title", "Slow start-up and freezing photos"),
        ("symptom", "slow, freezes with photos"),
        ("cause", "disk full; many programs at sign-in"),
        ("resolution", "Moved 59.3 GB of videos to her external disk with her."),
        ("is_fixed", "yes"),
    ):
        visit.work.fill(name, text)
    camera.take("06-work-entry")
    visit.work.choose_minutes("30")
    visit.work.add_entry()
    camera.settle()
    camera.take("06-work")
    _take_photos(camera, visit)
    visit.next()
    visit.follow_ups.add_all()
    camera.settle()
    camera.take("07-follow-ups")
    visit.go("after")
    camera.wait(lambda: visit.after.state.phase == "results")
    camera.take("08-after")
    visit.go("sign_off")
    camera.wait(lambda: visit.sign_off.state.pages and not visit.sign_off.state.is_rendering)
    camera.take("09-sign-off")
    visit.sign_off.hand_over()
    camera.wait(lambda: visit.sign_off.state.phase == "customer" and not visit.sign_off.state.is_rendering)
    camera.take("09-sign-off-customer")
    visit.sign_off.choose_method("typed")
    visit.sign_off.answer("5")
    visit.sign_off.agree()
    camera.wait(lambda: visit.sign_off.state.phase == "signed" and visit.sign_off.state.pdf)
    camera.take("09-signed")
    _print(camera, session)


def _print(camera: Camera, session: Any) -> None:
    """Ask for the signed page on paper, and leave it."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    session.visit.sign_off.print_()
    camera.take("09-print")
    QTest.keyClick(camera.program.shell.focusWidget(), Qt.Key.Key_Escape)
    camera.settle()
