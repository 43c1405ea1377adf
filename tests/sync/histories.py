"""A small world in which everything happens to sync that happens in life: real stores, real client, real handlers.

Devices and service run in this process; between them a network that loses, doubles, cuts and damages. `World` has one
method for each thing that can happen; `heal_and_check` ends a history: everything is mended, everybody syncs, and the
invariants of sync (I1 … I13 of the specification) are looked at from outside, with a model of their own.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import random
import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django import db
from django.test import Client as Http

from techkit.central import accounts, epochs, erasures, feed, folding, ingest, office, review, server
from techkit.central.batch import Batch
from techkit.central.models import Conflict, Device, DeviceScope, ErasedCustomer, Op, RefusedOp, Role, User
from techkit.central.models import Record as Row
from techkit.errors import CentralError, InputError, StoreError, SyncError
from techkit.records.activities import Troubleshooting
from techkit.records.erasure import emptied
from techkit.records.identity import new_id
from techkit.records.merging import canonical, load
from techkit.records.operations import REMOVAL, Action, Change, Operation, pack, unpack, unpack_id
from techkit.records.parties import Contact, Customer, Site
from techkit.records.schema import replace
from techkit.records.visit import Visit, WorkState
from techkit.store.database import Store
from techkit.sync import transport
from techkit.sync.answers import ForkedError
from techkit.sync.client import Client
from techkit.sync.invitation import Invitation
from techkit.sync.merge import Author
from techkit.sync.transport import Response, Transport
from tests.services import kept_copy

KEY = bytes(range(32))
CERTIFICATE = b"the certificate of a service in this process"

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


def _ask(method: str, path: str, headers: Any, body: bytes) -> Response:
    """Ask the handlers, on the thread the office works on where there is one."""
    if Wire.office is None:
        return _answered(method, path, headers, body)
    return Wire.office.submit(_answered, method, path, headers, body).result()


def _answered(method: str, path: str, headers: Any, body: bytes) -> Response:
    sent = dict(headers)
    answer = Http(headers={"host": "localhost"}).generic(
        method, path, body, content_type=sent.pop("Content-Type", ""), headers=sent, secure=True
    )
    data = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return Response(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, data)


@dataclass
class Office:
    """An empty service that worlds begin with: its folder, and its tables where they are not in there.

    empty: sets these tables back; one world at a time.
    """

    folder: Path
    dsn: str = ""
    empty: Callable[[], None] = lambda: None

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

    def away(self) -> set[str]:
        """Return the records that left this device because the office has them."""
        return {row[0] for row in self.store.connection.all("SELECT record_id FROM _away")}


@dataclass
class World:
    """Everything of one history. dsn: where the service's tables are, "" for SQLite in its folder.

    service_backups: how to set the service back to each of them.
    """

    folder: Path
    template: Path
    chance: random.Random
    dsn: str = ""
    devices: list[Holder] = field(default_factory=list)
    service_backups: list[Callable[[], None]] = field(default_factory=list)
    customer: str = ""
    contact: str = ""
    maren: Any = None
    count: int = 0
    told: list[str] = field(default_factory=list)

    # --- beginnings ---------------------------------------------------------------------------------

    def begin(self, devices: int) -> None:
        """Enrol devices; the first makes the customer, the others are assigned to it."""
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
        for holder in self.devices[1:]:
            self.grant(holder)
            holder.client.sync()

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
            url="https://here:1", code=code, fingerprint=transport.fingerprint(CERTIFICATE)
        ).text()

    def close(self) -> None:
        """Close every store."""
        for holder in self.devices:
            holder.client.close()
            holder.store.close()

    # --- what people do --------------------------------------------------------------------------------

    def pick(self, index: int) -> Holder:
        """Return one of the devices."""
        return self.devices[index % len(self.devices)]

    def edit(self, index: int, name: str, value: int) -> None:
        """Somebody changes a field of the contact everybody shares."""
        store = self.pick(index).store
        held = store.get(Contact, self.contact)
        if held is not None:
            store.save(replace(held, **{name: value if name == "skill" else f"{name} {value}"}))

    def add_site(self, index: int) -> None:
        """Somebody adds a site to the shared customer."""
        store = self.pick(index).store
        if store.get(Customer, self.customer) is not None:
            store.save(Site(id=new_id(), customer_id=self.customer, name=f"site {self.count}"))

    def add_customer(self, index: int) -> None:
        """Somebody makes a customer of his own."""
        customer = Customer(id=new_id(), display_name="Own")
        self.pick(index).store.save(customer, Site(id=new_id(), customer_id=customer.id, name="own"))

    def edit_site(self, index: int, which: int, value: int) -> None:
        """Somebody renames a site."""
        store = self.pick(index).store
        sites = store.find(Site, customer_id=self.customer, order_by="id")
        if sites:
            store.save(replace(sites[which % len(sites)], name=f"renamed {value}"))

    def remove_site(self, index: int, which: int) -> None:
        """Somebody removes a site."""
        store = self.pick(index).store
        sites = store.find(Site, customer_id=self.customer, order_by="id")
        if sites:
            store.remove(sites[which % len(sites)], "twice")

    def decide(self, index: int, which: int) -> None:
        """Somebody settles a conflict on his device with one of its values."""
        store = self.pick(index).store
        for conflict in store.conflicts():
            if conflict.field != REMOVAL and not conflict.decided_by:
                sides = [conflict.kept, *conflict.others]
                with contextlib.suppress(InputError):
                    store.decide(
                        conflict.entity, conflict.record_id, conflict.field, sides[which % len(sides)].value
                    )
                return

    def add_visit(self, index: int) -> None:
        """Somebody works at the shared customer's and submits the visit."""
        store = self.pick(index).store
        if store.get(Customer, self.customer) is None:
            return
        visit = Visit(
            id=new_id(), number=store.next_number(2026), customer_id=self.customer, purpose="Printer jams"
        )
        # Below a visit that was submitted nothing more is taken: it comes last.
        store.save(visit, Troubleshooting(id=new_id(), visit_id=visit.id, title="Roller cleaned"))
        store.save(replace(visit, work_state=WorkState.SUBMITTED))

    def let_leave(self, index: int, *, is_on: bool) -> None:
        """Somebody works from a stick, which visits leave as soon as the office has them, or from a laptop again."""
        store = self.pick(index).store
        store.set_setting("sync.visits_leave", is_on)
        store.set_setting("sync.visit_days", 0)

    def fetch_back(self, index: int, which: int) -> None:
        """Somebody asks for a visit that left."""
        holder = self.pick(index)
        gone = holder.store.away.gone()
        if gone:
            with contextlib.suppress(StoreError):
                holder.client.fetch_visit(gone[which % len(gone)].visit_id)

    def staff_remark(self, which: int) -> None:
        """Staff write something about a visit, which may have left its device."""
        visits = list(Row.objects.filter(entity="visit").order_by("entity_id").values_list("pk", flat=True))
        if visits:
            with self._without_words():
                review.comment(self.maren, str(visits[which % len(visits)]), "Well done.")

    def staff_edit(self, value: int) -> None:
        """Staff change the shared contact."""
        if Row.objects.filter(entity_id=self.contact).exists():
            with self._without_words():
                office.change_as_staff(self.maren, "contact", self.contact, {"role": f"staff {value}"})

    def erase(self) -> None:
        """An administrator removes the shared customer for good."""
        if Row.objects.filter(entity_id=self.customer).exists() and not ErasedCustomer.objects.exists():
            chief = User.objects.get(username="admin")
            erasures.erase(chief, self.customer, erasures.expected(erasures.foreseen(chief, self.customer)))

    @contextlib.contextmanager
    def _without_words(self) -> Iterator[None]:
        """Let staff be told that no words are kept about a removed customer."""
        try:
            yield
        except CentralError:
            assert ErasedCustomer.objects.exists()

    def staff_decide(self) -> None:
        """Staff settle a conflict."""
        row = Conflict.objects.filter(decided_by_op=None).order_by("id").first()
        if row is not None:
            value: Any = True if row.field == REMOVAL else f"decided {row.field}"
            office.decide_conflict(self.maren, row.pk, 3 if row.field == "skill" else value)

    def strange(self, index: int) -> None:
        """A newer techkit writes a kind nobody here knows, and a field nobody here knows."""
        scope = f"customer:{self.customer}"
        op = Operation(
            op_id=new_id(), device="office", hlc=time.time_ns() // 1_000_000 << 16, scope=scope,
            entity="hologram", record_id=new_id(), fields={"depth": Change(3)}, actor="newer",
        )  # fmt: skip
        batch = Batch(org_id=1, author=Author.OFFICE, device="office", now_ms=time.time_ns() // 1_000_000)
        with db.transaction.atomic():
            ingest.receive(batch, [pack(op)])
        store = self.pick(index).store
        held = store.get(Contact, self.contact)
        if held is not None:
            store.save(dataclasses.replace(held, extra={**held.extra, "mood": f"mood {self.count}"}))

    def poison(self, index: int) -> None:
        """A faulty program writes an operation the service cannot take."""
        store = self.pick(index).store
        if store.get(Customer, self.customer) is None:
            return
        deep: Any = 1
        for _level in range(40):
            deep = [deep]
        op = Operation(
            op_id=new_id(), device=store.device.id, hlc=store.clock.tick(), scope=f"customer:{self.customer}",
            entity="hologram", record_id=new_id(), fields={"depth": Change(deep)}, actor="faulty",
        )  # fmt: skip
        with store.connection.transaction():
            store.outbox.add(op)

    # --- what happens to devices ---------------------------------------------------------------------------

    def sync(self, index: int, faults: list[str]) -> None:
        """A device syncs through a network with these faults, one a request."""
        holder = self.pick(index)
        Wire.faults = list(faults)
        try:
            self._sync(holder)
        except ForkedError:
            self._become_new(holder)
        except SyncError:
            pass
        finally:
            Wire.faults = []

    def _sync(self, holder: Holder) -> None:
        holder.note()
        before = holder.client.line.connection().traffic.requests
        waiting = holder.store.outbox.waits().count
        about = holder.about()
        try:
            holder.client.sync(is_removal_agreed=True)
        finally:
            # What left a stick is the office's to keep from then on, and nothing else may go with it.
            away = holder.away()
            assert not away & set(holder.about().values())
            holder.made -= {op_id for op_id, record_id in about.items() if record_id in away}
        used = holder.client.line.connection().traffic.requests - before
        # I12: a bounded number of requests, whatever there was; each record may come by itself (`begin`).
        records = Row.objects.filter(entity__in=("visit", "troubleshooting", "comment")).count()
        assert used <= 12 + waiting + 2 * records, used

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
        held = {op_id for holder in self.devices for op_id in {*_held(holder), *holder.note()}}
        for _round in range(4):
            for holder in self.devices:
                self._heal(holder)
        self._check_no_loss(held)
        self._check_exactly_once()
        self._check_convergence()
        self._check_conflicts()
        self._check_scopes()
        self._check_erased()

    def _heal(self, holder: Holder) -> None:
        if not Device.objects.filter(pk=holder.store.device.id).exists():
            # Enrolled after the backup the service was set back to.
            self._become_new(holder)
        try:
            self._sync(holder)
        except ForkedError:
            self._become_new(holder)
            self._sync(holder)

    def _check_no_loss(self, held: set[str]) -> None:
        """I1: what anybody still held is in the history, or kept aside with its reason."""
        known = {str(one) for one in Op.objects.values_list("op_id", flat=True)}
        aside = {str(one) for one in RefusedOp.objects.values_list("op_id", flat=True)}
        assert held <= known | aside, f"lost: {held - known - aside}"
        for holder in self.devices:
            assert holder.store.outbox.waits().count == 0

    def _check_exactly_once(self) -> None:
        """I2, I8: each operation once, places contiguous, each record folded as often as it has operations."""
        places: dict[str, list[int]] = defaultdict(list)
        folded: dict[str, int] = defaultdict(int)
        for scope, seq, record_id in Op.objects.values_list("scope_id", "seq", "entity_id"):
            places[scope].append(seq)
            folded[str(record_id)] += 1
        for scope, found in places.items():
            assert sorted(found) == list(range(1, len(found) + 1)), scope
        assert {str(row.entity_id): row.rev for row in Row.objects.all()} == dict(folded)

    def _check_convergence(self) -> None:
        """I3: the service's records are the fold of its history, and every device says the same."""
        assert folding.differing_records(1) == []
        service = {
            (row.entity, str(row.entity_id)): canonical(
                load(row.entity, str(row.entity_id), row.scope_id, row.state, row.clocks)
            )
            for row in Row.objects.filter(scope_id__startswith="customer:")
        }
        for holder in self.devices:
            scopes = feed.scopes_of(Device.objects.get(pk=holder.store.device.id))
            expected = {key: said for key, said in service.items() if said[2] in scopes}
            aside = {op.record_id for op in (r.operation for r in holder.store.outbox.refused())}
            found = _said_by(holder)
            away = holder.away()
            for key in expected.keys() | found.keys():
                if key[1] in away:
                    assert key not in found, (holder.name, key)
                elif key[1] not in aside:
                    assert found.get(key) == expected.get(key), (holder.name, key)

    def _check_conflicts(self) -> None:
        """I4, I5, I10 by a model of its own: heads of each field, from the bare history."""
        written: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
        named: dict[tuple[str, str], set[str]] = defaultdict(set)
        for row in Op.objects.all():
            op = unpack(bytes(row.packed))
            for name, change in op.fields.items():
                if name != REMOVAL and op.action is Action.PUT:
                    written[op.record_id, name][op.op_id] = change.value
                    named[op.record_id, name].update(change.base.split())
        expected = set()
        for key, values in written.items():
            heads = {op_id: value for op_id, value in values.items() if op_id not in named[key]}
            if len({repr(value) for value in heads.values()}) > 1:
                expected.add(key)
            row = Row.objects.get(entity_id=key[0])
            assert row.state[key[1]] in heads.values(), key
        found = {
            (str(row.entity_id), row.field)
            for row in Conflict.objects.filter(decided_by_op=None).exclude(field=REMOVAL)
        }
        assert found == expected
        for holder in self.devices:
            scopes = {f"customer:{c.id}" for c in holder.store.find(Customer)}
            mine = {key for key in expected if Row.objects.get(entity_id=key[0]).scope_id in scopes}
            shown = {
                (c.record_id, c.field)
                for c in holder.store.conflicts()
                if c.field != REMOVAL and not c.decided_by
            }
            assert shown == mine, (holder.name, shown, mine)
        removed = {unpack(bytes(row.packed)).record_id for row in Op.objects.filter(action="remove")}
        for row in Row.objects.filter(deleted=True):
            assert str(row.entity_id) in removed

    def _check_scopes(self) -> None:
        """I9, I13: nobody holds a customer he is not assigned; no two devices share an id."""
        ids = [holder.store.device.id for holder in self.devices]
        assert len(ids) == len(set(ids))
        for holder in self.devices:
            granted = set(
                DeviceScope.objects.filter(device_id=holder.store.device.id, revoked_at=None).values_list(
                    "scope_id", flat=True
                )
            )
            aside = {r.operation.record_id for r in holder.store.outbox.refused()}
            for (_kind, record_id), said in _said_by(holder).items():
                assert said[2] in granted or record_id in aside, (holder.name, said[2])

    def _check_erased(self) -> None:
        """Of a customer who was removed for good no word is left in the history, nor with anybody."""
        gone = {f"customer:{one}" for one in ErasedCustomer.objects.values_list("customer_id", flat=True)}
        kept = [unpack(bytes(row.packed)) for row in Op.objects.filter(scope_id__in=gone)]
        for holder in self.devices:
            bodies = holder.store.connection.all("SELECT body FROM _operation")
            kept += [op for (body,) in bodies if (op := unpack(body)).scope in gone]
            kept += [op for one in holder.store.replica.received() if (op := unpack(one.body)).scope in gone]
        for op in kept:
            assert emptied(op) == op


class _PowerCutError(Exception):
    """The device's power is gone."""


def _held(holder: Holder) -> Iterator[str]:
    """Yield the ids of all operations a device holds, own and received."""
    for packed in holder.store.outbox.ids():
        yield unpack_id(packed)
    for confirmed in holder.store.replica.received():
        yield unpack(confirmed.body).op_id


def _said_by(holder: Holder) -> dict[tuple[str, str], Any]:
    """Return what a device shows of customers' records, kinds of newer programs included."""
    from techkit.store.tables import unpack_state

    found = {}
    connection = holder.store.connection
    for kind, table in holder.store.tables.items():
        for raw in connection.all(table.select_sql):
            state = table.state(raw)
            if state.scope.startswith("customer:"):
                found[kind, state.record_id] = canonical(state)
    for record_id, entity, packed in connection.all("SELECT record_id, entity, state FROM _unknown"):
        state = unpack_state(entity, record_id, packed)
        if state.scope.startswith("customer:"):
            found[entity, record_id] = canonical(state)
    return found


def _place() -> str | None:
    """Return a folder in memory where there is one with room: a history is nearly all waiting for the disk."""
    memory = Path("/dev/shm")
    has_room = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**30
    return str(memory) if has_room else None


@contextlib.contextmanager
def world(service: Office, template: Path, devices: int, seed: int = 0) -> Iterator[World]:
    """Give a world of its own: a copied service, and devices."""
    folder = Path(tempfile.mkdtemp(prefix="techkit-history-", dir=_place()))
    shutil.copytree(service.folder, folder / "service")
    service.empty()
    server.point(folder / "service", service.dsn)
    made = World(folder=folder, template=template, chance=random.Random(seed), dsn=service.dsn)
    try:
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="office") as Wire.office:
            try:
                made.begin(devices)
                yield made
            finally:
                Wire.office.submit(db.connections.close_all).result()
    finally:
        Wire.office = None
        made.close()
        server.release()
        shutil.rmtree(folder, ignore_errors=True)
