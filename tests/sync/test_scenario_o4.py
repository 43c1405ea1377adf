"""Scenario O4: two technicians, one site, staff editing meanwhile, bad network. Played once, looked at from all sides."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from techkit.central import server
from techkit.errors import UnreachableError
from techkit.records.assets import Asset
from techkit.records.identity import new_id
from techkit.records.merging import canonical
from techkit.records.parties import Contact, Customer, Site
from techkit.records.schema import Record, replace
from techkit.records.visit import Attachment, LabourSegment, SupplyUse, Visit
from techkit.store.database import Store
from techkit.sync import files
from techkit.sync.client import Client
from techkit.sync.delivery import Delivery, delivery
from techkit.sync.pieces import Pieces
from techkit.sync.progress import Run
from tests.services import make_database
from tests.sync.killed import KEY
from tests.sync.proxy import FaultProxy

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
PHOTO_BYTES = 4_000_000


@dataclass
class Person:
    """A technician with a device; the clock is set by hand."""

    store: Store
    client: Client
    off_ms: int = 0
    visit: str = ""
    photos: dict[str, bytes] = field(default_factory=dict)

    def at(self, minutes_ago: float) -> None:
        """Set this device's clock to some minutes ago, off by what it is off."""
        self.store.clock._now_ms = lambda: _now() - int(minutes_ago * MINUTE_MS) + self.off_ms


@dataclass
class Story:
    """What happened, and everybody who was in it."""

    ines: Person
    pavel: Person
    maren: Any
    ids: dict[str, str]
    heard: list[str] = field(default_factory=list)
    after_cut: int = 0
    resumed_at: int = 0
    conflicts: dict[str, Any] = field(default_factory=dict)
    shown: dict[str, Any] = field(default_factory=dict)
    orphans: list[tuple[str, str, str]] = field(default_factory=list)
    orphans_after: list[tuple[str, str, str]] = field(default_factory=list)
    decided: list[dict[str, Any]] = field(default_factory=list)
    decisions: list[tuple[str, ...]] = field(default_factory=list)
    notices: list[int] = field(default_factory=list)


def _now() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture(scope="module")
def database(postgres_server: str) -> str:
    """Give the DSN of a PostgreSQL database, "" for SQLite."""
    return make_database(postgres_server, "") if postgres_server else ""


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[Story]:
    """Play the scenario from the base at 08:00 to the decision."""
    folder = tmp_path_factory.mktemp("o4")
    with ExitStack() as stack:
        service = stack.enter_context(server.running(folder / "service", database_dsn=database))
        proxy = FaultProxy(("127.0.0.1", urlsplit(service.url).port or 0))
        stack.callback(proxy.close)
        maren, line = _office(proxy.url, service.fingerprint)
        ines = _person(stack, folder, "TK07", "Ines Okafor", line("Ines Okafor"))
        pavel = _person(stack, folder, "TK11", "Pavel Reuter", line("Pavel Reuter"), off_ms=3 * DAY_MS)
        told = Story(ines=ines, pavel=pavel, maren=maren, ids={})
        _base(told)
        _edits(told)
        _sync_ines(told, proxy)
        _sync_pavel(told)
        _settle(told)
        yield told


def _office(url: str, fingerprint: str) -> tuple[Any, Any]:
    from techkit.central import accounts
    from techkit.central.models import Role, User
    from techkit.sync.invitation import Invitation

    maren = User(
        org=accounts.the_org(), username="maren", first_name="Maren", last_name="Vogt", role=Role.REVIEWER
    )
    maren.set_unusable_password()
    maren.save()

    def line(name: str) -> str:
        technician = User(org=accounts.the_org(), username=new_id(), role=Role.TECHNICIAN)
        technician.first_name, _space, technician.last_name = name.partition(" ")
        technician.set_unusable_password()
        technician.save()
        return Invitation(
            url=url, code=accounts.new_enrol_code(maren, technician)[0], fingerprint=fingerprint
        ).text()

    return maren, line


def _person(stack: ExitStack, folder: Path, prefix: str, name: str, line: str, off_ms: int = 0) -> Person:
    (folder / prefix).mkdir()
    store = Store.create(folder / prefix, KEY, prefix=prefix, name=f"{prefix} laptop", technician=name)
    stack.callback(store.close)
    client = Client(store, now_ms=lambda: _now() + off_ms)
    stack.callback(client.close)
    client.enrol(line)
    return Person(store=store, client=client, off_ms=off_ms)


def _base(told: Story) -> None:
    """08:00: both devices hold the customer, the site, Jonas Weir and the computer."""
    from techkit.central import feed
    from techkit.central.models import Device

    customer = Customer(id=new_id(), display_name="Quarrystone Architects")
    site = Site(id=new_id(), customer_id=customer.id, name="Mill Lane 3", access_notes="Ring twice")
    contact = Contact(
        id=new_id(), customer_id=customer.id, given_name="Jonas", family_name="Weir", skill=2,
        phones=("0551-100",),
    )  # fmt: skip
    asset = Asset(id=new_id(), customer_id=customer.id, name="QSA-PC-04", location_in_site="Studio 2")
    told.ids = dict(customer=customer.id, site=site.id, contact=contact.id, asset=asset.id)
    told.ines.at(195)
    told.ines.store.save(customer, site, contact, asset)
    told.ines.client.sync()
    feed.grant(Device.objects.get(pk=told.pavel.store.device.id), f"customer:{customer.id}")
    told.pavel.at(195)
    told.pavel.client.sync()


def _work(person: Person, story_ids: dict[str, str], minutes: int, photos: int) -> None:
    """Write a visit with its labour and photos."""
    store = person.store
    visit = Visit(
        id=new_id(),
        number=store.next_number(2026),
        customer_id=story_ids["customer"],
        site_id=story_ids["site"],
    )
    person.visit = visit.id
    store.save(visit, LabourSegment(id=new_id(), visit_id=visit.id, elapsed_s=minutes * 60))
    for number in range(photos):
        data = os.urandom(PHOTO_BYTES)
        sha256 = store.attach(data, "image/jpeg")
        person.photos[sha256] = data
        store.save(
            Attachment(
                id=new_id(), visit_id=visit.id, sha256=sha256, byte_count=len(data), media_type="image/jpeg",
                caption=f"Photo {number + 1}",
            )
        )  # fmt: skip


def _held(person: Person, cls: type[Record], record_id: str) -> Any:
    held = person.store.get(cls, record_id)
    assert held is not None
    return held


def _edits(told: Story) -> None:
    """10:02 Ines, 10:30 Pavel (his clock says three days later), 11:15 Maren."""
    from techkit.central import office

    ines, pavel, ids = told.ines, told.pavel, told.ids
    ines.at(73)
    ines.store.save(
        replace(_held(ines, Contact, ids["contact"]), skill=3),
        replace(_held(ines, Site, ids["site"]), access_notes="Code 4471, ring twice"),
    )
    _work(ines, ids, minutes=90, photos=6)
    ines.store.save(SupplyUse(id=new_id(), visit_id=ines.visit, name="Cable", unit_price_minor=720))
    pavel.at(45)
    pavel.store.save(
        replace(_held(pavel, Contact, ids["contact"]), phones=("0551-117",)),
        replace(_held(pavel, Asset, ids["asset"]), location_in_site="Studio 3"),
    )
    _work(pavel, ids, minutes=45, photos=2)
    office.change_as_staff(told.maren, "site", ids["site"], {"access_notes": "Use rear door after 17:00"})
    office.change_as_staff(told.maren, "asset", ids["asset"], {"location_in_site": "Archive"})
    for person in (ines, pavel):
        person.at(0)


def _sync_ines(told: Story, proxy: FaultProxy) -> None:
    """Push one is cut after the service committed, in push two photo 3 breaks off at 60 %, push three is clean."""
    from techkit.central.models import Attachment as File
    from techkit.central.models import Op

    ines = told.ines
    told.heard.append(delivery(ines.store, ines.visit).sentence)
    before = Op.objects.count()
    proxy.swallow_after = 2500
    with pytest.raises(UnreachableError):
        ines.client.sync()
    told.after_cut = Op.objects.count() - before
    told.heard.append(delivery(ines.store, ines.visit).sentence)
    proxy.heal()
    proxy.cut_after = 2 * PHOTO_BYTES + PHOTO_BYTES * 6 // 10 + 20_000
    with pytest.raises(UnreachableError):
        ines.client.sync()
    told.resumed_at = max(row.received_bytes for row in File.objects.filter(is_complete=False))
    told.heard.append(delivery(ines.store, ines.visit).sentence)
    proxy.heal()
    ines.client.sync()
    told.heard.append(delivery(ines.store, ines.visit).sentence)


def _sync_pavel(told: Story) -> None:
    """Pavel's files come before the rows that name them, and a row before its visit."""
    from techkit.central import folding

    pavel = told.pavel
    client = pavel.client
    run = Run(lambda _progress: None, threading.Event())
    files.send(pavel.store, client.line, run, Pieces(), lambda: None)
    piece = pavel.store.outbox.next_piece
    rows = piece()
    pavel.store.outbox.next_piece = lambda **_more: [row for row in rows if _kind(row) != "visit"]  # type: ignore[method-assign] # the visit's row stays behind
    one_round = threading.Event()
    client.sync(lambda _progress: one_round.set(), stop=one_round)
    told.orphans = folding.parentless(1)
    pavel.store.outbox.next_piece = piece  # type: ignore[method-assign] # as it was
    client.sync()
    told.orphans_after = folding.parentless(1)
    told.ines.client.sync()
    for conflict in told.ines.store.conflicts():
        told.conflicts[conflict.field] = conflict
    told.shown = {
        "ines": _fields(told.ines, told.ids),
        "pavel": _fields(told.pavel, told.ids),
        "service": _service_fields(told.ids),
    }


def _kind(row: Any) -> str:
    from techkit.records.operations import unpack

    return unpack(row.body).entity


def _fields(person: Person, ids: dict[str, str]) -> dict[str, Any]:
    contact = _held(person, Contact, ids["contact"])
    return {
        "skill": contact.skill,
        "phones": contact.phones,
        "access": _held(person, Site, ids["site"]).access_notes,
        "location": _held(person, Asset, ids["asset"]).location_in_site,
    }


def _service_fields(ids: dict[str, str]) -> dict[str, Any]:
    from techkit.central.models import Record as Row

    def state(kind: str) -> Any:
        return Row.objects.get(entity_id=ids[kind]).state

    return {
        "skill": state("contact")["skill"],
        "phones": tuple(state("contact")["phones"]),
        "access": state("site")["access_notes"],
        "location": state("asset")["location_in_site"],
    }


def _settle(told: Story) -> None:
    """Maren decides both, and both devices sync again."""
    from techkit.central import office
    from techkit.central.models import Conflict

    for row in Conflict.objects.filter(decided_by_op=None).order_by("field"):
        value = "Code 4471, ring twice" if row.field == "access_notes" else "Studio 3"
        office.decide_conflict(told.maren, row.pk, value, "as Jonas says")
    for person in (told.ines, told.pavel):
        told.decisions.append(person.client.sync().notices)
        told.notices.append(len(person.store.conflicts()))
        told.decided.append(_fields(person, told.ids))


# --- the checks -------------------------------------------------------------------------------------------------------


def test_scenario_o4_1_skill_and_phone_both_survive(story: Story) -> None:
    """Skill 3 and phone 0551-117 stand at the service and on both devices."""
    for who in ("ines", "pavel", "service"):
        assert (story.shown[who]["skill"], story.shown[who]["phones"]) == (3, ("0551-117",)), who


def test_scenario_o4_2_access_note_and_location_are_one_conflict_each(story: Story) -> None:
    """Each has the base and both values with who and when; the visits themselves are accepted."""
    from techkit.central.models import Conflict, RefusedOp
    from techkit.central.models import Record as Row

    assert Conflict.objects.count() == 2
    for name, base, first, who in (
        ("access_notes", "Ring twice", "Code 4471, ring twice", "Ines Okafor"),
        ("location_in_site", "Studio 2", "Studio 3", "Pavel Reuter"),
    ):
        conflict = story.conflicts[name]
        assert conflict.base.value == base
        (other,) = conflict.others
        assert (other.value, other.actor, conflict.kept.actor) == (first, who, "Maren Vogt")
        assert other.order < conflict.kept.order
    assert RefusedOp.objects.count() == 0
    assert Row.objects.filter(entity="visit").count() == 2


def test_scenario_o4_3_the_latest_true_time_holds_meanwhile(story: Story) -> None:
    """All sides show Maren's values; Pavel's fast clock decides nothing."""
    for who in ("ines", "pavel", "service"):
        shown = story.shown[who]
        assert (shown["access"], shown["location"]) == ("Use rear door after 17:00", "Archive"), who


def test_scenario_o4_4_exactly_one_of_each_after_three_pushes(story: Story) -> None:
    """The cut push had been committed; repeating it doubled nothing, and the part is counted once."""
    from techkit.central.models import Attachment as File
    from techkit.central.models import Op
    from techkit.central.models import Record as Row

    assert story.after_cut > 0
    counts = {
        kind: Row.objects.filter(entity=kind, visit_id=story.ines.visit).count()
        for kind in ("supply_use", "labour_segment", "attachment")
    }
    assert counts == {"supply_use": 1, "labour_segment": 1, "attachment": 6}
    assert Op.objects.filter(entity="visit", entity_id=story.ines.visit).count() == 1
    part = Row.objects.get(entity="supply_use")
    assert (part.state["unit_price_minor"], part.rev) == (720, 1)
    assert File.objects.count() == 8


def test_scenario_o4_5_photo_three_goes_on_where_it_broke_off(story: Story) -> None:
    """The pieces that had arrived were not sent again, and every hash is the original's."""
    from techkit.central import attachments
    from techkit.central.models import Attachment as File

    assert 0 < story.resumed_at < PHOTO_BYTES
    for person in (story.ines, story.pavel):
        for sha256, data in person.photos.items():
            row = File.objects.get(sha256=sha256)
            assert row.is_complete
            assert hashlib.sha256(b"".join(attachments.read(row))).hexdigest() == sha256
            assert person.store.attachment(sha256) == data


def test_scenario_o4_6_sent_is_said_only_after_the_receipt(story: Story) -> None:
    """Before the receipt it says waiting, also when the service had everything already."""
    first, cut, broken, last = story.heard
    assert first.startswith("Waiting")
    assert cut.startswith("Waiting")
    assert broken == "Waiting: 2 of 6 photos and files confirmed."
    assert last == "Sent, 6 of 6 photos and files confirmed."
    for arrived in range(6):
        part = Delivery(
            changes_confirmed=9,
            changes_waiting=0,
            files_confirmed=arrived,
            files_count=6,
            at=datetime.now(UTC),
        )
        assert part.sentence == f"Waiting: {arrived} of 6 photos and files confirmed."
        assert not part.is_whole


def test_scenario_o4_7_a_decision_reaches_both_devices(story: Story) -> None:
    """After Maren's decision both devices show what she chose and say that she did; nothing is left to decide."""
    for held in story.decided:
        assert (held["access"], held["location"]) == ("Code 4471, ring twice", "Studio 3")
    assert story.notices == [0, 0]
    for told in story.decisions:
        assert sorted(told) == [
            "Maren Vogt decided what holds: “How to get in” of Mill Lane 3.",
            "Maren Vogt decided what holds: “Where it stands” of QSA-PC-04.",
        ]


def test_scenario_o4_8_rows_before_their_parents_are_held_and_released(story: Story) -> None:
    """Labour and photos that came before their visit are held and named, and part of it once it came."""
    assert {(kind, visit) for kind, _one, visit in story.orphans} == {
        ("labour_segment", story.pavel.visit),
        ("attachment", story.pavel.visit),
    }
    assert story.orphans_after == []


def test_scenario_o4_9_killed_at_any_moment_it_ends_in_the_same_state(
    story: Story, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Killed (-9) at each step of a 20-change sync and started again: nothing lost, nothing doubled."""
    from techkit.central.models import Op

    device = story.ines
    customer = story.ids["customer"]
    step, stride, rounds = 1, 1 if request.config.getoption("--long") else 5, 0
    device.client.close()
    device.store.close()
    folder = device.store.folder
    try:
        while True:
            store = Store.open(folder, KEY)
            made = [Site(id=new_id(), customer_id=customer, name=f"Site {rounds}.{n}") for n in range(20)]
            store.save(*made)
            store.close()
            command = [sys.executable, "-m", "tests.sync.killed", str(folder), str(step)]
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
            rounds += 1
            if done.returncode == 0:
                break
            assert done.returncode == -9, done.stderr
            step += stride
    finally:
        device.store = Store.open(folder, KEY)
        device.client = Client(device.store)
    assert step > 30
    device.client.sync()
    sites = Op.objects.filter(entity="site", device=device.store.device.id).exclude(
        entity_id=story.ids["site"]
    )
    assert sites.count() == 20 * rounds
    assert sites.values("entity_id").distinct().count() == 20 * rounds
    assert device.store.outbox.waits().count == 0
    story.pavel.client.sync()
    _assert_same(device, story.pavel)
    device.client.close()
    device.store.close()


def _assert_same(one: Person, other: Person) -> None:
    """Assert that two devices and the service say the same of every record of the customer."""
    from techkit.central import folding

    def states(person: Person) -> dict[str, Any]:
        found = {}
        for kind, table in person.store.tables.items():
            for raw in person.store.connection.all(table.select_sql):
                state = table.state(raw)
                if state.scope.startswith("customer:"):
                    found[kind, state.record_id] = canonical(state)
        return found

    mine, theirs = states(one), states(other)
    assert mine.keys() == theirs.keys()
    assert [key for key in mine if mine[key] != theirs[key]] == []
    assert folding.differing_records(1) == []
