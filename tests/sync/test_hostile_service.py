"""A service that lies, floods or never ends: nothing unsent is touched, nothing runs for ever, every end is a sentence.

The real service answers; what it says is changed on the way, as somebody who holds its key could.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import pytest

from techkit.errors import StoreFullError, SyncError
from techkit.records.identity import hlc_time, new_id
from techkit.records.operations import Action, Change, Operation, pack, pack_id, unpack
from techkit.records.parties import Contact, Customer
from techkit.records.schema import replace
from techkit.store.database import Store
from techkit.sync import digests, protocol, replies, wire
from techkit.sync.client import Client
from techkit.sync.problems import Problem
from techkit.sync.protocol import Conflict, ConflictSide, Placed, Refused, SyncReply, Whole
from techkit.sync.transport import Response, Transport

Devices = Callable[[str], tuple[Store, Client]]
Lie = Callable[[SyncReply, int], None]

#: More rounds than any of these stories needs; a service that gets this far is believed for ever.
MOST_ROUNDS = 400


class Victim(NamedTuple):
    """A device with a customer the service knows, and a change it has not sent."""

    store: Store
    client: Client
    customer: Customer
    unsent: Contact
    tell: Callable[[Lie], None]
    rounds: list[int]


@pytest.fixture
def victim(enrolled: Devices, monkeypatch: pytest.MonkeyPatch) -> Victim:
    """Give a device whose service can be made to lie."""
    store, client = enrolled("TK01")
    customer = Customer(id=new_id(), display_name="Quarrystone")
    store.save(customer, Contact(id=new_id(), customer_id=customer.id, family_name="Weir"))
    client.sync()
    unsent = Contact(id=new_id(), customer_id=customer.id, family_name="Only here")
    rounds: list[int] = []
    real = Transport.request

    def tell(lie: Lie) -> None:
        def answer(self: Transport, method: str, path: str, headers: Any, body: bytes = b"") -> Response:
            found = real(self, method, path, headers, body)
            if path != protocol.SYNC_PATH or found.status != 200:
                return found
            rounds.append(len(body))
            assert len(rounds) < MOST_ROUNDS, "it would go on for ever"
            encoding = found.headers.get("content-encoding", "")
            reply = wire.decode(found.body, SyncReply, content_encoding=encoding)
            lie(reply, len(rounds))
            return Response(200, {"content-type": wire.MESSAGEPACK}, wire.encode(reply))

        monkeypatch.setattr(Transport, "request", answer)

    return Victim(store, client, customer, unsent, tell, rounds)


def ended(client: Client) -> SyncError | None:
    """Sync, and return the sentence it ended with, None when it came through."""
    try:
        client.sync()
    except SyncError as error:
        return error
    return None


def _more(reply: SyncReply, _round: int) -> None:
    reply.more = True


def _wants_cursors(reply: SyncReply, _round: int) -> None:
    reply.more = reply.wants_cursors = True


def _another_epoch(reply: SyncReply, _round: int) -> None:
    reply.epoch = new_id()


def _takes_it_all_again(reply: SyncReply, _round: int) -> None:
    reply.reset = [scope for scope in reply.cursors if scope.startswith("customer:")] or ["tenant"]
    reply.more = True


def _wants_what_nobody_has(reply: SyncReply, _round: int) -> None:
    reply.want_ops = [new_id() for _n in range(50)]
    reply.epoch = reply.epoch[:-4] + "0000"


def _begins_a_snapshot_for_ever(reply: SyncReply, _round: int) -> None:
    reply.snapshots = {"tenant": (0, "", False)}
    reply.more = True


def _anew_for_ever(reply: SyncReply, round_: int) -> None:
    reply.anew = f"mark {round_}"
    reply.reset = ["tenant"]
    reply.more = True


@pytest.mark.parametrize(
    "lie",
    [
        _more,
        _wants_cursors,
        _another_epoch,
        _takes_it_all_again,
        _wants_what_nobody_has,
        _begins_a_snapshot_for_ever,
        _anew_for_ever,
    ],
    ids=lambda lie: lie.__name__.strip("_"),
)
def test_a_service_that_never_ends_is_left(victim: Victim, lie: Lie) -> None:
    """Asked again and again without anything coming of it, the device stops with a sentence; a later sync is whole."""
    victim.store.save(victim.unsent)
    victim.tell(lie)
    error = ended(victim.client)
    assert error is None or (error.safe and error.advice)
    assert victim.store.get(Contact, victim.unsent.id) == victim.unsent
    victim.tell(lambda _reply, _round: None)
    victim.rounds.clear()
    victim.client.sync()
    victim.client.sync()
    assert victim.store.outbox.waits().count == 0
    assert len(victim.store.find(Contact)) == 2


@pytest.mark.parametrize(
    "now_ms",
    [-(2**62), 0, 10**15, 2**62, 253_402_300_800_000],
    ids=["before", "1970", "33658", "never", "10000"],
)
def test_a_service_from_another_age_is_not_believed(victim: Victim, now_ms: int) -> None:
    """A clock no service can have moves nothing here: saving and syncing go on as before."""

    def lie(reply: SyncReply, _round: int) -> None:
        reply.now_ms = now_ms

    victim.store.save(victim.unsent)
    victim.tell(lie)
    with pytest.raises(SyncError) as caught:
        victim.client.sync()
    assert caught.value.safe
    victim.tell(lambda _reply, _round: None)
    victim.store.save(replace(victim.unsent, role="architect"))
    victim.client.sync()
    assert victim.store.outbox.waits().count == 0
    assert hlc_time(victim.store.clock.tick()).year < 2100


def _change(victim: Victim, record_id: str, order: int, **fields: Any) -> Placed:
    op = Operation(
        op_id=new_id(),
        device="office",
        hlc=max(0, order),
        scope=f"customer:{victim.customer.id}",
        entity="contact",
        record_id=record_id,
        action=Action.PUT,
        fields={name: Change(value=held, base="") for name, held in fields.items()},
        actor="Nobody",
    )
    return Placed(op.scope, 0, order, msgspec.Raw(pack(op)))


@pytest.mark.parametrize("order", [0, 2**62, 2**63 - 1, -5])
def test_unsent_work_is_never_overwritten(victim: Victim, order: int) -> None:
    """A change to what is unsent, at whatever clock and in the right place: ours still waits, and is shown or in dispute."""
    victim.store.save(victim.unsent)
    scope = f"customer:{victim.customer.id}"

    def lie(reply: SyncReply, _round: int) -> None:
        place, digest = victim.store.replica.cursors()[scope]
        placed = _change(victim, victim.unsent.id, order, family_name="Taken", customer_id=victim.customer.id)
        op_id = unpack(bytes(placed.op)).op_id
        held = pack_id(op_id)
        assert isinstance(held, bytes)
        reply.acks, reply.duplicates, reply.places = [], [], {}
        try:
            reached = digests.digests_from(bytes.fromhex(digest), place + 1, [(held, order)])[0].hex()
        except ValueError:
            reached = digest
        reply.changes = [Placed(scope, place + 1, order, placed.op)]
        reply.cursors = {scope: (place + 1, reached)}

    victim.tell(lie)
    with pytest.raises(SyncError):
        victim.client.sync()
    (waiting,) = victim.store.outbox.next_piece()
    assert waiting.record_id == victim.unsent.id
    assert hlc_time(victim.store.clock.tick()).year < 2100
    victim.store.save(replace(victim.unsent, role="architect"))
    assert [waiting.record_id for waiting in victim.store.outbox.next_piece()] == [victim.unsent.id] * 2


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("cursors", {"tenant": (2**63, "00")}),
        ("cursors", {"tenant": (-1, "zz")}),
        ("cursors", {"no scope at all": (1, "")}),
        ("snapshots", {"tenant": (-7, "00", False)}),
        ("snapshots", {"tenant": (2**64 - 1, "not hex", True)}),
        ("snapshots", {"tenant": (2**63, "00", True)}),
        ("snapshots", {"customer:../../etc": (3, "00", True)}),
        ("granted", ["../../etc/passwd", "x" * 100_000]),
        ("missing_blobs", ["../../etc/passwd"] * 10),
        ("records", [Whole("tenant", "customer", "../../x", {}, protocol.Clocks({}))]),
        ("want_ops", ["../../x", ""]),
        ("reset", ["nothing like it"]),
    ],
)
def test_what_cannot_be_is_refused_whole(victim: Victim, part: str, told: Any) -> None:
    """Impossible places, names of files instead of scopes: a sentence or no effect, and the next sync is whole."""
    victim.store.save(victim.unsent)
    before = {path for path in victim.store.folder.rglob("*") if path.is_file()}

    def lie(reply: SyncReply, _round: int) -> None:
        setattr(reply, part, told)

    victim.tell(lie)
    error = ended(victim.client)
    assert error is None or error.safe
    fresh = {path for path in victim.store.folder.rglob("*") if path.is_file()} - before
    assert not [path for path in fresh if "techkit.db" not in path.name]
    victim.tell(lambda _reply, _round: None)
    victim.client.sync()
    victim.client.sync()
    assert victim.store.outbox.waits().count == 0
    assert len(victim.store.find(Contact)) == 2


@pytest.mark.parametrize("at", [1, 6], ids=["operation", "record"])
@pytest.mark.parametrize("held", [{}, [1], 1.5, "\x00"])
def test_an_operation_with_something_else_in_the_place_of_an_id_is_refused(
    victim: Victim, at: int, held: Any
) -> None:
    """A map, a list, a number: a sentence or no effect, no fault of the program, and the next sync is whole."""
    placed = _change(victim, new_id(), 0, role="owner")
    parts = msgspec.msgpack.decode(bytes(placed.op))
    parts[at] = held
    placed = Placed(placed.scope, 2**30, 0, msgspec.Raw(msgspec.msgpack.encode(parts)))

    def lie(reply: SyncReply, _round: int) -> None:
        reply.changes = [placed]

    victim.store.save(victim.unsent)
    victim.tell(lie)
    ended(victim.client)
    victim.tell(lambda _reply, _round: None)
    victim.store.save(replace(victim.unsent, role="architect"))
    victim.client.sync()
    assert victim.store.outbox.waits().count == 0


def test_a_full_disk_is_kept_free(victim: Victim, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below the floor nothing more is taken in, whatever the service sends; the sentence says what to do."""
    usage = shutil.disk_usage(victim.store.folder)
    low = type(usage)(usage.total, usage.used, replies.FLOOR_BYTES - 1)
    monkeypatch.setattr(replies.shutil, "disk_usage", lambda _folder: low)
    victim.store.save(victim.unsent)
    with pytest.raises(StoreFullError) as caught:
        victim.client.sync()
    assert caught.value.safe
    assert victim.store.outbox.waits().count == 1


def test_everything_refused_is_kept_and_shown_in_few_words(victim: Victim) -> None:
    """A service that refuses all, with half a megabyte of words: nothing is lost, and the words are cut."""
    victim.store.save(victim.unsent)

    def lie(reply: SyncReply, _round: int) -> None:
        words = Problem(code=999, title="No. " * 50_000, advice="Pay. " * 50_000, field="f" * 10**5)
        reply.refused = [Refused(ack.op_id, words) for ack in reply.acks]
        reply.refused += [Refused(w.op_id, words) for w in victim.store.outbox.next_piece()]
        reply.notices = [Refused(new_id(), words) for _n in range(3)]
        reply.acks, reply.cursors, reply.places, reply.duplicates = [], {}, {}, []

    victim.tell(lie)
    result = victim.client.sync()
    (refusal,) = victim.store.outbox.refused()
    assert refusal.operation.record_id == victim.unsent.id
    assert max(len(refusal.title), len(refusal.advice), len(refusal.field)) <= 500
    assert max((len(notice) for notice in result.notices), default=0) <= 1100
    assert victim.store.get(Contact, victim.unsent.id) == victim.unsent


def test_a_conflict_from_another_age_can_be_looked_at(victim: Victim) -> None:
    """Clocks that are no time, kinds and fields nobody knows: the panel shows what it can and stays up."""
    from datetime import UTC

    from techkit.ui.presenters import disputes

    scope = f"customer:{victim.customer.id}"

    def lie(reply: SyncReply, _round: int) -> None:
        side = ConflictSide(op_id=new_id(), value={"a": [1, 2]}, actor="Nobody", device="x", order=2**63 - 1)
        other = ConflictSide(op_id="", value="\x00", order=-(2**63))
        for entity, field in (("contact", "role"), ("thing", "nothing"), ("customer", ".removed")):
            made = Conflict(
                id=new_id(),
                scope=scope,
                entity=entity,
                record_id=victim.customer.id,
                field=field,
                kept=side,
                others=[other],
            )
            reply.conflicts.append(made)

    victim.tell(lie)
    victim.client.sync()
    found = disputes.look_up(victim.store)
    assert len(found) == 3
    deciding = disputes.Deciding()
    for one in found:
        shown = deciding.dispute(one, victim.store.device.id, UTC)
        assert all(version.title for field in shown.fields for version in field.versions)
