"""A small world in which everything happens to sync that happens in life: real stores, real client, real handlers.

Devices and service run in this process; between them a network that loses, doubles, cuts and damages. `World` has one
method for each thing that can happen; `heal_and_check` ends a history: everything is mended, everybody syncs, and the
invariants of sync (I1 … I13 of the specification) are looked at from outside, with a model of their own.
"""

from __future__ import annotations

import contextlib
import functools
import os
import random
import shutil
import ssl
import tempfile
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django import db
from django.conf import settings
from django.test import Client as Http

from techkit.central import accounts, epochs, erasures, feed, server, snapshots
from techkit.central.models import Device, Role, User
from techkit.central.models import Record as Row
from techkit.errors import SyncError
from techkit.records.identity import new_id
from techkit.records.operations import unpack_id
from techkit.records.parties import Contact, Customer, Site
from techkit.records.visit import Attachment
from techkit.store.database import Store
from techkit.sync import transport
from techkit.sync.answers import ForkedError, RevokedError
from techkit.sync.client import Client
from techkit.sync.invitation import Invitation
from techkit.sync.transport import Response, Transport
from tests.services import kept_copy
from tests.sync import invariants
from tests.sync.budgeting import Budgeting
from tests.sync.deeds import Deeds
from tests.sync.fates import Fates
from tests.sync.invariants import held_by

KEY = bytes(range(32))

#: What the network does with one request.
FAULTS = (
    "ok",
    "request_lost",
    "reply_lost",
    "reply_cut",
    "doubled",
    "request_cut",
    "bit_flipped",
    "late_double",
)


class Wire(Transport):
    """A line to the handlers in this process, with the faults that were asked for, one a request."""

    faults: list[str] = []
    #: What somebody does while the next request is under way.
    meanwhile: list[Callable[[], None]] = []
    late: list[tuple[str, str, dict[str, str], bytes]] = []
    #: The office's thread. Each sync sends from a thread of its own, which would leave a connection to the tables behind.
    office: ThreadPoolExecutor | None = None

    def _once(self, method: str, path: str, headers: Any, body: bytes) -> Response:
        fault = Wire.faults.pop(0) if Wire.faults else "ok"
        self.traffic.requests += 1
        self.traffic.sent_bytes += len(body)
        if fault == "request_lost":
            raise transport.unreachable(self.url)
        if fault == "request_cut":
            _ask(method, path, headers, body[: len(body) // 2])
            raise transport.cut()
        if fault == "bit_flipped" and body:
            at = len(body) // 2
            _ask(method, path, headers, body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :])
            raise transport.cut()
        found = _ask(method, path, headers, body)
        while Wire.meanwhile:
            Wire.meanwhile.pop()()
        if fault == "doubled":
            _ask(method, path, headers, body)
        if fault == "late_double":
            Wire.late.append((method, path, dict(headers), body))
        if fault in ("reply_lost", "reply_cut"):
            raise transport.cut()
        self.traffic.received_bytes += len(found.body)
        return found

    def open(self) -> None:
        """Nothing to open."""

    def close(self) -> None:
        """Nothing is open."""


def certificate(_url: str = "") -> bytes:
    """Return the certificate of the service in this process, as whoever connects to it reads it."""
    return ssl.PEM_cert_to_DER_cert((settings.TECHKIT_FOLDER / "tls.crt").read_text(encoding="ascii"))


def _ask(method: str, path: str, headers: Any, body: bytes) -> Response:
    """Ask the handlers, on the thread the office works on where there is one."""
    if Wire.office is None:
        return _answered(method, path, headers, body)
    return Wire.office.submit(_answered, method, path, headers, body).result()


@functools.cache
def _front_door() -> Http:
    """Return what asks the handlers; it gets them ready once, which takes a fifth of a request."""
    return Http(headers={"host": "localhost"})


def _answered(method: str, path: str, headers: Any, body: bytes) -> Response:
    sent = dict(headers)
    answer = _front_door().generic(
        method, path, body, content_type=sent.pop("Content-Type", ""), headers=sent, secure=True
    )
    data = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return Response(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, data)


@dataclass(eq=False)
class Begun:
    """A world that has just begun, closed: its folder, how many devices it has, and whom they look after."""

    folder: Path
    devices: int
    customer: str
    contact: str

    def __post_init__(self) -> None:
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)


@dataclass
class Office:
    """An empty service that worlds begin with: its folder, and its tables where they are not in there.

    empty: sets these tables back; one world at a time. begun: worlds that have just begun, to copy, by how they began.
    """

    folder: Path
    dsn: str = ""
    empty: Callable[[], None] = lambda: None
    begun: dict[tuple[object, ...], Begun] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path, dsn: str = "") -> Office:
        """Return the office of a service nobody has used yet."""
        return cls(folder, dsn, kept_copy(folder, dsn)) if dsn else cls(folder)


@dataclass
class Holder:
    """A device of the world. backups: copies of its folder from some time ago. owner: whose it is.

    made: the operations it must hold, because it wrote them and was never set back behind them.
    """

    store: Store
    client: Client
    name: str
    off_ms: int = 0
    backups: list[tuple[Path, set[str]]] = field(default_factory=list)
    owner: str = ""
    made: set[str] = field(default_factory=set)

    def note(self) -> set[str]:
        """Note what this device holds of its own: from now on that may only go with the device."""
        self.made |= {unpack_id(packed) for packed in self.store.outbox.ids()}
        return self.made

    def about(self) -> dict[str, str]:
        """Return the record of each operation of its own that this device holds."""
        rows = self.store.connection.all("SELECT op_id, record_id FROM _operation")
        return {unpack_id(packed): record_id for packed, record_id in rows}

    def files(self) -> set[str]:
        """Return the files whose bytes are on this device."""
        return {row[0] for row in self.store.connection.all("SELECT sha256 FROM _file WHERE is_here = 1")}

    def away(self) -> set[str]:
        """Return the records that left this device because the office has them."""
        return {row[0] for row in self.store.connection.all("SELECT record_id FROM _away")}


@dataclass
class World(Deeds, Fates, Budgeting):
    """Everything of one history. dsn: where the service's tables are, "" for SQLite in its folder.

    service_backups: how to set the service back to each of them. was_restored: it was, at least once.
    """

    folder: Path
    template: Path
    chance: random.Random
    dsn: str = ""
    devices: list[Holder] = field(default_factory=list)
    service_backups: list[Callable[[], None]] = field(default_factory=list)
    was_restored: bool = False
    customer: str = ""
    contact: str = ""
    maren: Any = None
    count: int = 0
    carried: list[bytes] = field(default_factory=list)
    answered: list[bytes] = field(default_factory=list)

    # --- beginnings ---------------------------------------------------------------------------------

    def begin(self, devices: int, *, has_budgets: bool = False) -> None:
        """Enrol devices; the first makes the customer, the others are assigned to it; perhaps it has two budgets."""
        Wire.faults, Wire.late, Wire.meanwhile = [], [], []
        self.maren = User(org=accounts.the_org(), username="maren", first_name="Maren", role=Role.REVIEWER)
        self.maren.set_unusable_password()
        self.maren.save()
        for _n in range(devices):
            self.add_device()
        first = self.devices[0]
        customer = Customer(id=new_id(), display_name="Quarrystone")
        contact = Contact(
            id=new_id(), customer_id=customer.id, given_name="Jonas", family_name="Weir", skill=2, role="base"
        )
        self.customer, self.contact = customer.id, contact.id
        first.store.save(customer, contact, Site(id=new_id(), customer_id=customer.id, name="base"))
        first.client.sync()
        for number in range(2 * has_budgets):
            self.staff_budget(0, number)
        for holder in self.devices[1:]:
            self.grant(holder)
            holder.client.sync()

    def go_on_from(self, begun: Begun) -> None:
        """Open the copy of a world that had begun."""
        Wire.faults, Wire.late, Wire.meanwhile = [], [], []
        self.maren = User.objects.get(username="maren")
        self.customer, self.contact, self.count = begun.customer, begun.contact, begun.devices
        for number in range(1, begun.devices + 1):
            name = f"device{number}"
            self.devices.append(self._holder(Store.open(self.folder / name, KEY), name))

    def add_device(self) -> Holder:
        """Make and enrol one more device."""
        self.count += 1
        folder = self.folder / f"device{self.count}"
        shutil.copytree(self.template, folder)
        store = Store.open(folder, KEY)
        store.change_device(id=new_id(), prefix=f"T{self.count:03d}", name=f"device{self.count}")
        holder = self._holder(store, f"device{self.count}")
        holder.client.enrol(self._line(holder.owner))
        self.devices.append(holder)
        return holder

    def _holder(self, store: Store, name: str, off_ms: int = 0, owner: str = "") -> Holder:
        holder = Holder(store=store, client=Client(store), name=name, off_ms=off_ms, owner=owner or name)
        self._set_clock(holder)
        return holder

    def _set_clock(self, holder: Holder) -> None:
        def now() -> int:
            return max(0, time.time_ns() // 1_000_000 + holder.off_ms)

        holder.store.clock._now_ms = now
        holder.client.line.now_ms = now

    @staticmethod
    def _line(name: str) -> str:
        technician = User.objects.filter(username=name).first()
        if technician is None:
            technician = User(org=accounts.the_org(), username=name, role=Role.TECHNICIAN)
            technician.set_unusable_password()
            technician.save()
        code = accounts.new_enrol_code(None, technician)[0]
        return Invitation(
            url="https://here:1", code=code, fingerprint=transport.fingerprint(certificate())
        ).text()

    def close(self) -> None:
        """Close every store."""
        for holder in self.devices:
            holder.client.close()
            holder.store.close()

    def pick(self, index: int) -> Holder:
        """Return one of the devices."""
        return self.devices[index % len(self.devices)]

    # --- what happens to devices ---------------------------------------------------------------------------

    def sync(self, index: int, faults: list[str]) -> None:
        """A device syncs through a network with these faults, one a request."""
        holder = self.pick(index)
        Wire.faults = list(faults)
        try:
            self._sync(holder)
        except ForkedError:
            self._become_new(holder)
        except RevokedError:
            Wire.faults = []
            self._hand_over(holder)
        except SyncError:
            pass
        finally:
            Wire.faults = []

    def _sync(self, holder: Holder) -> None:
        holder.note()
        before = holder.client.line.connection().traffic.requests
        waiting = holder.store.outbox.waits().count + 3 * len(holder.store.find(Attachment))
        about, files = holder.about(), holder.files()
        try:
            holder.client.sync(is_removal_agreed=True)
        finally:
            invariants.freed(holder.store, files - holder.files())
            # What left a stick is the office's to keep from then on, and nothing else may go with it.
            away = holder.away()
            assert not away & set(holder.about().values())
            holder.made -= {op_id for op_id, record_id in about.items() if record_id in away}
        used = holder.client.line.connection().traffic.requests - before
        # I12: a bounded number of requests, whatever there was; a snapshot may come a record at a time (`begin`).
        own = Row.objects.filter(entity__in=("visit", "troubleshooting", "comment")).count()
        pieces = Row.objects.count() // snapshots.PIECE_RECORDS
        assert used <= 12 + waiting + 2 * own + pieces, used

    def _become_new(self, holder: Holder) -> None:
        Wire.faults = []
        holder.client.become_new_device()
        holder.client.enrol(self._line(holder.owner))
        self.grant(holder)

    def arrive_late(self) -> None:
        """Requests that were doubled on the way arrive again, much later and the other way round."""
        for method, path, headers, body in reversed(Wire.late):
            _ask(method, path, headers, body)
        Wire.late = []

    def crash(self, index: int) -> None:
        """A device dies with the reply in its hands and starts again."""
        holder = self.pick(index)

        def die(_answer: Any) -> None:
            raise _PowerCutError

        holder.store.take = die  # type: ignore[method-assign] # the power goes here
        with contextlib.suppress(_PowerCutError, SyncError):
            self._sync(holder)
        self._reopen(holder, holder.store.folder)

    def _reopen(self, holder: Holder, folder: Path) -> None:
        holder.client.close()
        holder.store.close()
        holder.store = Store.open(folder, KEY)
        holder.client = Client(holder.store)
        self._set_clock(holder)

    def set_clock(self, index: int, off_ms: int) -> None:
        """A device's clock jumps."""
        self.pick(index).off_ms = off_ms

    def clone(self, index: int) -> None:
        """A stick is copied; both copies go on."""
        if len(self.devices) >= 5:
            return
        holder = self.pick(index)
        self.count += 1
        folder = self.folder / f"clone{self.count}"
        self._copy(holder, folder)
        self.devices.append(
            self._holder(Store.open(folder, KEY), f"clone{self.count}", holder.off_ms, holder.owner)
        )

    def back_up(self, index: int) -> None:
        """A device's folder is copied away."""
        holder = self.pick(index)
        self.count += 1
        folder = self.folder / f"backup{self.count}"
        self._copy(holder, folder)
        holder.backups.append((folder, set(holder.note())))

    @staticmethod
    def _copy(holder: Holder, folder: Path) -> None:
        holder.store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copytree(holder.store.folder, folder, ignore=shutil.ignore_patterns("*.lock", "*-shm"))

    def restore(self, index: int) -> None:
        """A device is set back to its backup; what only it held since is gone."""
        holder = self.pick(index)
        if holder.backups:
            self.count += 1
            folder = self.folder / f"restored{self.count}"
            backup, made = holder.backups[-1]
            shutil.copytree(backup, folder)
            self._reopen(holder, folder)
            holder.made = set(made)

    def grant(self, holder: Holder) -> None:
        """A device is assigned the shared customer."""
        feed.grant(Device.objects.get(pk=holder.store.device.id), f"customer:{self.customer}")

    def regrant(self, index: int) -> None:
        """A device is assigned the shared customer (again)."""
        if Device.objects.filter(pk=self.pick(index).store.device.id).exists():
            self.grant(self.pick(index))

    def revoke(self, index: int) -> None:
        """The shared customer is taken from a device, whatever it still has to send."""
        device = Device.objects.filter(pk=self.pick(index).store.device.id).first()
        if device is not None:
            feed.revoke(device, f"customer:{self.customer}")

    # --- what happens to the service --------------------------------------------------------------------------

    def back_up_service(self) -> None:
        """The service's database is copied away."""
        server.release()
        self.service_backups.append(kept_copy(self.folder / "service", self.dsn))

    def restore_service(self, *, has_command: bool) -> None:
        """The service is set back to its last backup, with or without saying so."""
        if not self.service_backups:
            return
        server.release()
        self.was_restored = True
        self.service_backups[-1]()
        erasures.replay(1)  # as every start of the service does
        if has_command:
            epochs.new_epoch(1, "restored")

    # --- the end -------------------------------------------------------------------------------------------------

    def heal_and_check(self) -> None:
        """Mend everything, let everybody sync until nothing moves, and look at the invariants."""
        Wire.faults = []
        for holder in self.devices:
            holder.off_ms = 0
        held = {op_id for holder in self.devices for op_id in {*held_by(holder), *holder.note()}}
        for _round in range(4):
            # Always four: a copy that has nothing to say is found only at a later look.
            for holder in self.devices:
                self._heal(holder)
        invariants.check(self, held)

    def _heal(self, holder: Holder) -> None:
        try:
            self._sync(holder)
        except ForkedError:
            self._become_new(holder)
            self._sync(holder)
        except RevokedError:
            self._hand_over(holder)
            self._sync(holder)


class _PowerCutError(Exception):
    """The device's power is gone."""


def _place() -> str | None:
    """Return a folder in memory where there is one with room: a history is nearly all waiting for the disk."""
    memory = Path("/dev/shm")
    has_room = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**30
    return str(memory) if has_room else None


@contextlib.contextmanager
def world(
    service: Office, template: Path, devices: int, seed: int = 0, *, has_budgets: bool = False
) -> Iterator[World]:
    """Give a world of its own: a copied service, and devices.

    Worlds on SQLite that begin alike are copies of the first of them: to let two or three devices in takes longer than
    half of what happens to them.
    """
    alike = (devices, has_budgets, snapshots.WORTH, snapshots.PIECE_RECORDS)
    if not service.dsn and alike not in service.begun:
        folder = _copied(service.folder)
        with _opened(service, folder, template, seed) as made:
            made.begin(devices, has_budgets=has_budgets)
        service.begun[alike] = Begun(folder, devices, made.customer, made.contact)
    begun = service.begun.get(alike)
    if begun is None:
        folder = _copied(service.folder)
        service.empty()
    else:
        folder = Path(tempfile.mkdtemp(prefix="techkit-history-", dir=_place()))
        shutil.copytree(begun.folder, folder, dirs_exist_ok=True)
    try:
        with _opened(service, folder, template, seed) as made:
            if begun is None:
                made.begin(devices, has_budgets=has_budgets)
            else:
                made.go_on_from(begun)
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copied(service: Path) -> Path:
    """Return a folder for a world with a copy of the service in it."""
    folder = Path(tempfile.mkdtemp(prefix="techkit-history-", dir=_place()))
    shutil.copytree(service, folder / "service")
    return folder


@contextlib.contextmanager
def _opened(service: Office, folder: Path, template: Path, seed: int) -> Iterator[World]:
    """Give a world without devices over the service in its folder; everything in it is closed at the end."""
    server.point(folder / "service", service.dsn)
    made = World(folder=folder, template=template, chance=random.Random(seed), dsn=service.dsn)
    try:
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="office") as Wire.office:
            try:
                yield made
            finally:
                Wire.office.submit(db.connections.close_all).result()
    finally:
        Wire.office = None
        made.close()
        server.release()
