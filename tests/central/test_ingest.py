"""What comes in: exactly once, in its place, by the rules, and whatever the body looks like."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
import zstandard
from django.db import connection

from techkit.central import folding, history, office, rounds
from techkit.central.enrol import DeviceRefusedError
from techkit.central.models import AuditEvent, Conflict, Device, Op, RefusedOp, SyncScope
from techkit.central.models import Record as Row
from techkit.errors import CentralError
from techkit.records import review
from techkit.records.identity import hlc_time, new_id
from techkit.records.operations import Action, Change, customer_scope, pack, unpack
from techkit.sync import protocol, wire
from techkit.sync.problems import ProblemCode, problem
from tests.central.devices import Kit, plain, told

pytestmark = pytest.mark.usefixtures("org")


def state_of(record_id: str) -> Any:
    return Row.objects.get(entity_id=record_id).state


# --- exactly once --------------------------------------------------------------------------------------


def test_an_operation_becomes_history_and_record(kit: Kit) -> None:
    """What is pushed stands in the history as it came, and the record says it."""
    identity, scope, made = kit.customer()
    reply = kit.sync(made)
    assert [(ack.op_id, ack.seq) for ack in reply.acks] == [(made.op_id, 1)]
    row = Op.objects.get()
    assert (unpack(bytes(row.packed)), row.seq, row.scope_id) == (made, 1, scope)
    assert state_of(identity) == {"display_name": "Quarrystone Architects"}
    assert str(Row.objects.get().customer_id) == identity


def test_a_lost_answer_and_any_number_of_repeats_change_nothing(kit: Kit) -> None:
    """The same batch again, whole, in part and the other way round, gives the same receipts."""
    identity, scope, made = kit.customer()
    site = kit.put("site", new_id(), scope, name="Mill Lane 3", customer_id=identity)
    first = kit.read(kit.ask(kit.request(made, site)))
    counts = (Op.objects.count(), Row.objects.count(), SyncScope.objects.get(scope_id=scope).next_seq)
    for again in ((made, site), (site, made), (site,), (made, made, site)):
        reply = kit.read(kit.ask(kit.request(*again, token=kit.token)))
        kit.token = reply.token
        assert {a.op_id: (a.seq, a.order) for a in reply.acks}.items() <= {
            a.op_id: (a.seq, a.order) for a in first.acks
        }.items()
        assert set(reply.duplicates) == {op.op_id for op in again}
    assert counts == (Op.objects.count(), Row.objects.count(), SyncScope.objects.get(scope_id=scope).next_seq)
    assert Row.objects.get(entity_id=identity).rev == 1


def test_an_operation_that_two_bring_at_once_is_a_repeat_for_the_later_one(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one's is written between looking and writing: the later tries again, and has its receipt."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer: nobody comes in between")
    _identity, _scope, made = kit.customer()
    first = kit.sync(made)
    known, looks = history.known_operations, list[int]()

    def as_before_the_other(op_ids: Sequence[str]) -> Any:
        looks.append(len(op_ids))
        return {} if len(looks) == 1 else known(op_ids)

    monkeypatch.setattr(history, "known_operations", as_before_the_other)
    reply = kit.sync(made)
    assert (reply.acks, reply.duplicates) == (first.acks, [made.op_id])
    assert (len(looks), Op.objects.count()) == (2, 1)


def test_scenario_o1_11_syncing_twice_changes_nothing(kit: Kit) -> None:
    """A second sync of a device that has nothing new leaves every table as it was."""
    _identity, _scope, made = kit.customer()
    kit.sync(made)
    tables = [Op, Row, RefusedOp, Conflict, SyncScope, AuditEvent]
    before = [list(table.objects.order_by("pk").values()) for table in tables]
    reply = kit.sync()
    assert (reply.acks, reply.changes, reply.cursors) == ([], [], {})
    assert [list(table.objects.order_by("pk").values()) for table in tables] == before


def test_nothing_to_do_is_one_small_request(kit: Kit) -> None:
    """A round without changes costs less than 1 kB in both directions together."""
    asked = kit.request()
    response = kit.ask(asked)
    assert len(wire.compress(wire.encode(asked))) + len(response.content) < 1000


def test_places_are_contiguous_in_each_scope(kit: Kit) -> None:
    """Every scope counts for itself from 1 on, without holes, also over several requests."""
    (one, scope_one, made_one), (two, scope_two, made_two) = kit.customer("A"), kit.customer("B")
    kit.sync(made_one, made_two)
    kit.sync(
        *(kit.put("site", new_id(), scope, name=str(n), customer_id=identity)
          for n in range(5)
          for identity, scope in ((one, scope_one), (two, scope_two)))
    )  # fmt: skip
    for scope in (scope_one, scope_two):
        places = Op.objects.filter(scope_id=scope).order_by("seq").values_list("seq", flat=True)
        assert list(places) == [1, 2, 3, 4, 5, 6]
        kit.check(scope)


def test_a_piece_taken_as_it_is_needs_one_number_a_scope(kit: Kit) -> None:
    """A device that understands it is told each scope's first place instead of a receipt for every operation."""
    (one, scope_one, made_one), (_two, scope_two, made_two) = kit.customer("A"), kit.customer("B")
    sites = [kit.put("site", new_id(), scope_one, name=str(n), customer_id=one) for n in range(3)]
    reply = kit.sync(made_two, takes_places=True)
    assert (reply.places, reply.acks) == ({scope_two: 1}, [])
    more = kit.put("site", new_id(), scope_two, name="x")
    reply = kit.read(kit.ask(kit.request(made_one, sites[0], more, *sites[1:], takes_places=True)))
    assert (reply.places, reply.acks) == ({scope_one: 1, scope_two: 2}, [])
    placed = {str(op.op_id): (op.seq, op.hlc) for op in Op.objects.all()}
    sent = [(1, made_one), (2, sites[0]), (3, sites[1]), (4, sites[2]), (1, made_two), (2, more)]
    assert placed == {op.op_id: (seq, op.hlc) for seq, op in sent}


def test_whatever_was_not_taken_as_it_is_gets_a_receipt_of_its_own(kit: Kit) -> None:
    """Known, refused, altered and corrected operations are told one by one, and those beside them too."""
    identity, scope, made = kit.customer()
    kit.sync(made)
    fresh = [kit.put("site", new_id(), scope, name=str(n), customer_id=identity) for n in range(4)]
    foreign = kit.put("site", new_id(), customer_scope(new_id()), name="x")
    kit.sync(foreign)
    other = kit.put("visit", identity, scope, purpose="another kind under the same id")
    ahead = dataclasses.replace(fresh[2], hlc=fresh[2].hlc + (1 << 40))
    copied = dataclasses.replace(fresh[3], device=new_id())
    for beside, odd in zip(fresh, (made, other, ahead, copied), strict=True):
        asked = (odd,) if odd.op_id == beside.op_id else (beside, odd)
        reply = kit.sync(*asked, takes_places=True)
        assert not reply.places
        told = [ack.op_id for ack in reply.acks] + [refused.op_id for refused in reply.refused]
        assert sorted(told) == sorted(op.op_id for op in asked)


def test_an_id_is_never_used_for_two_things(kit: Kit) -> None:
    """Another change under the id of an earlier one is refused, in the same request and later."""
    _identity, scope, made = kit.customer()
    site = kit.put("site", new_id(), scope, name="x")
    kit.sync(made, site)
    forged = dataclasses.replace(kit.put("site", new_id(), scope, name="y"), op_id=site.op_id)
    assert kit.sync(forged).refused[0].problem.code == ProblemCode.ID_TAKEN
    fresh = kit.put("site", new_id(), scope, name="z")
    twin = dataclasses.replace(fresh, fields={"name": Change("other")})
    reply = kit.sync(fresh, twin)
    assert (len(reply.acks), reply.refused[0].problem.code) == (1, ProblemCode.ID_TAKEN)


# --- merging at the service --------------------------------------------------------------------------------


def two_kits(scope_of: Kit) -> Kit:
    from techkit.central import feed

    other = Kit("Pavel Reuter", "TK11")
    other.enrol()
    device = Device.objects.get(pk=other.id)
    for scope in scope_of.cursors:
        if scope.startswith("customer:"):
            feed.grant(device, scope)
    other.sync()
    return other


def test_two_devices_join_different_fields_and_part_over_the_same(kit: Kit) -> None:
    """Skill and phone both survive; the location becomes one conflict that tells who wrote what."""
    identity, scope, made = kit.customer()
    contact, asset = new_id(), new_id()
    kit.sync(
        made,
        kit.put("contact", contact, scope, customer_id=identity, skill_level=2),
        kit.put("asset", asset, scope, customer_id=identity, location="Studio 2"),
    )
    other = two_kits(kit)
    mine = [
        kit.put("contact", contact, scope, skill_level=3),
        kit.put("asset", asset, scope, location="Archive"),
    ]
    theirs = [
        other.put("contact", contact, scope, phones=["0551-117"]),
        other.put("asset", asset, scope, location="Studio 3"),
    ]
    kit.sync(*mine)
    reply = other.sync(*theirs)
    kit.sync()
    for device in (kit, other):
        assert device.value(contact, "skill_level") == 3
        assert device.value(contact, "phones") == ["0551-117"]
        assert device.value(asset, "location") == state_of(asset)["location"] == "Studio 3"
    (conflict,) = reply.conflicts
    assert conflict.base is not None
    assert (conflict.base.value, conflict.kept.value, conflict.others[0].value) == (
        "Studio 2", "Studio 3", "Archive",
    )  # fmt: skip
    assert (conflict.kept.actor, conflict.others[0].actor) == ("Pavel Reuter", "Ines Okafor")
    assert folding.differing_records(1) == []


def test_a_decision_of_staff_reaches_both_devices(kit: Kit, maren: Any) -> None:
    """Once decided, the value holds everywhere and the conflict is closed with who decided."""
    identity, scope, made = kit.customer()
    asset = new_id()
    kit.sync(made, kit.put("asset", asset, scope, customer_id=identity, location="Studio 2"))
    other = two_kits(kit)
    ops = [kit.put("asset", asset, scope, location="A"), other.put("asset", asset, scope, location="B")]
    kit.sync(ops[0])
    other.sync(ops[1])
    office.decide_conflict(maren, Conflict.objects.get().pk, "A", "as the label says")
    for device in (kit, other):
        reply = device.sync()
        assert device.value(asset, "location") == "A"
        (conflict,) = reply.conflicts
        assert conflict.decided_by_actor == "Maren Vogt"
    assert Conflict.objects.filter(decided_by_op=None).count() == 0
    with pytest.raises(CentralError, match="decided"):
        office.decide_conflict(maren, Conflict.objects.get().pk, "B")


def test_removed_but_edited_waits_for_a_decision(kit: Kit, maren: Any) -> None:
    """A removal that had not seen an edit hides nothing; staff bring the record back or let it go."""
    identity, scope, made = kit.customer()
    site = new_id()
    kit.sync(made, kit.put("site", site, scope, customer_id=identity, name="Mill Lane"))
    other = two_kits(kit)
    edit = other.put("site", site, scope, name="Mill Lane 3")
    kit.sync(kit.put("site", site, scope, action=Action.REMOVE, reason="twice"))
    assert Row.objects.get(entity_id=site).deleted
    other.sync(edit)
    assert not Row.objects.get(entity_id=site).deleted
    conflict = Conflict.objects.get()
    assert conflict.field == ".removed"
    office.decide_conflict(maren, conflict.pk, True)
    assert Row.objects.get(entity_id=site).deleted
    kit.sync()
    state = kit.state(site)
    assert state is not None
    assert state.is_removed


def test_a_fast_clock_does_not_decide(kit: Kit) -> None:
    """A device three days ahead wins only over what was really earlier; its clock is pointed out."""
    identity, scope, made = kit.customer()
    asset = new_id()
    kit.sync(made, kit.put("asset", asset, scope, customer_id=identity, location="Studio 2"))
    fast = Kit("Pavel Reuter", "TK11", skew_ms=3 * 86_400_000)
    fast.enrol()
    from techkit.central import feed

    feed.grant(Device.objects.get(pk=fast.id), scope)
    fast.sync()
    early = fast.put("asset", asset, scope, location="Studio 3", at_hlc=(fast.now_ms() - 5000) << 16)
    late = kit.put("asset", asset, scope, location="Archive")
    kit.sync(late)
    fast.sync(early)
    kit.sync()
    assert {device.value(asset, "location") for device in (kit, fast)} == {"Archive"}
    assert state_of(asset)["location"] == "Archive"
    assert abs(Device.objects.get(pk=fast.id).clock_offset_ms - 3 * 86_400_000) < 5000


@pytest.mark.parametrize("years", [-50, 50])
def test_clocks_wrong_by_decades_lose_nothing(kit: Kit, years: int) -> None:
    """What a device with a dead clock battery writes is taken, and ordered by the corrected time."""
    kit.skew_ms = years * 365 * 86_400_000
    kit.last_hlc = 0
    _identity, _scope, made = kit.customer()
    (ack,) = kit.sync(made).acks
    import time

    assert abs(hlc_time(ack.order).timestamp() - time.time()) < 5


# --- rules ------------------------------------------------------------------------------------------------


def test_foreign_customers_stay_closed(kit: Kit) -> None:
    """A device writes into no customer that is not its own, and the refusal is kept and repeated."""
    stranger = Kit("Pavel Reuter", "TK11")
    stranger.enrol()
    identity, scope, made = kit.customer()
    kit.sync(made)
    tried = plain("site", scope, name="x", customer_id=identity)
    good = stranger.customer("Own")[2]
    for _time in range(2):
        reply = stranger.sync(tried, good)
        assert reply.refused[0].problem.code == ProblemCode.FOREIGN_SCOPE
        assert len(reply.acks) == 1
    kept = RefusedOp.objects.get()
    assert (str(kept.op_id), kept.code) == (tried.op_id, ProblemCode.FOREIGN_SCOPE)
    assert unpack(bytes(kept.packed)).fields == tried.fields
    tenant = stranger.sync(plain("rate_card", "tenant", name="cheap"))
    assert tenant.refused[0].problem.code == ProblemCode.OFFICE_ONLY


def test_a_record_stays_with_its_customer(kit: Kit) -> None:
    """A record cannot be pulled into another scope, nor hung below another customer's visit."""
    (_one, scope_one, made_one), (_two, scope_two, made_two) = kit.customer("A"), kit.customer("B")
    visit = new_id()
    kit.sync(made_one, made_two, kit.put("visit", visit, scope_one, purpose="slow"))
    moved = dataclasses.replace(kit.put("visit", visit, scope_one, purpose="y"), scope=scope_two)
    hung = kit.put("supply_use", new_id(), scope_two, visit_id=visit, name="cable")
    other_kind = dataclasses.replace(kit.put("visit", visit, scope_one, purpose="z"), entity="site")
    codes = [refused.problem.code for refused in kit.sync(moved, hung, other_kind).refused]
    assert codes == [ProblemCode.OTHER_RECORD] * 3


def test_the_author_is_who_signed(kit: Kit) -> None:
    """An operation that names another device is filed under the one that sent it, and sent back so."""
    _identity, scope, made = kit.customer()
    forged = dataclasses.replace(made, device=new_id())
    reply = kit.sync(forged)
    assert Op.objects.get().device == kit.id
    assert [unpack(bytes(placed.op)).device for placed in reply.changes] == [kit.id]
    assert forged.scope == scope


def test_fields_of_the_office_are_left_out_and_said_so(kit: Kit) -> None:
    """The review state is not the device's to write; the rest of the change is taken."""
    _identity, scope, made = kit.customer()
    visit = new_id()
    reply = kit.sync(made, kit.put("visit", visit, scope, purpose="slow", review_state="approved"))
    assert [(n.problem.code, n.problem.field) for n in reply.notices] == [
        (ProblemCode.FIELDS_NOT_TAKEN, "review_state")
    ]
    assert state_of(visit) == {"purpose": "slow"}
    assert kit.value(visit, "review_state") is None


def test_what_was_left_out_is_told_again_to_who_missed_the_answer(kit: Kit) -> None:
    """A repeated operation that the history has in another form comes back in that form."""
    _identity, scope, made = kit.customer()
    visit = kit.put("visit", new_id(), scope, purpose="slow", review_state="approved")
    assert kit.ask(kit.request(made, visit)).status_code == 200  # and the answer is lost
    reply = kit.read(kit.ask(kit.request(made, visit)))
    assert set(reply.duplicates) == {made.op_id, visit.op_id}
    (placed,) = reply.changes
    assert list(unpack(bytes(placed.op)).fields) == ["purpose"]


def test_a_submitted_visit_is_closed_until_a_question(kit: Kit, maren: Any) -> None:
    """A late change is refused and kept; after the office asked, a change is welcome."""
    identity, scope, made = kit.customer()
    visit = new_id()
    kit.sync(
        made, kit.put("visit", visit, scope, customer_id=identity, purpose="slow", work_state="submitted")
    )
    late = kit.put("supply_use", new_id(), scope, visit_id=visit, name="cable")
    assert kit.sync(late).refused[0].problem.code == ProblemCode.VISIT_SUBMITTED
    assert RefusedOp.objects.count() == 1
    office.change_as_staff(maren, "visit", visit, {"review_state": "queried"})
    kit.sync()
    assert len(kit.sync(kit.put("supply_use", new_id(), scope, visit_id=visit, name="cable")).acks) == 1


def test_one_bad_operation_stops_nobody(kit: Kit) -> None:
    """Among a hundred good ones, a poisonous one is kept aside with a reason."""
    identity, scope, made = kit.customer()
    good = [kit.put("site", new_id(), scope, name=str(n), customer_id=identity) for n in range(100)]
    nested: Any = "x"
    for _level in range(40):
        nested = [nested]
    poison = plain("site", scope, name=nested)
    reply = kit.sync(made, *good[:50], poison, *good[50:])
    assert (len(reply.acks), [r.op_id for r in reply.refused]) == (101, [poison.op_id])
    assert Row.objects.filter(entity="site").count() == 100


def test_what_a_newer_techkit_writes_is_kept_and_passed_on(kit: Kit) -> None:
    """Unknown kinds, fields, actions and longer operations reach another device unharmed."""
    identity, scope, made = kit.customer()
    kind, fieldy = plain("hologram", scope, depth=3), kit.put("site", new_id(), scope, mood="sunny")
    object.__setattr__(kind, "device", kit.id)
    action = dataclasses.replace(kit.put("site", fieldy.record_id, scope, name="x"))
    object.__setattr__(action, "action", "merge_into")
    packed = [pack(op) for op in (made, kind, fieldy, action)]
    longer = msgspec.msgpack.decode(packed[2])
    packed[2] = msgspec.msgpack.encode([*longer, "an eleventh part"])
    asked = kit.request()
    asked.ops = [msgspec.Raw(one) for one in packed]
    assert len(kit.read(kit.ask(asked)).acks) == 4
    other = Kit("Pavel Reuter", "TK11")
    other.enrol()
    from techkit.central import feed

    feed.grant(Device.objects.get(pk=other.id), scope)
    reply = other.sync()
    assert [bytes(placed.op) for placed in reply.changes if placed.scope == scope] == packed
    assert identity


def test_parts_nobody_knows_are_never_taken_for_the_services_own(kit: Kit) -> None:
    """What stands behind the eleventh part of an operation says nothing of its place, its bytes or its problem."""
    _identity, scope, made = kit.customer()
    more = (b"other bytes", 5, True, problem(ProblemCode.FORKED), 77, "ff" * 8, True, "name", "0" * 32, None)
    packed = [pack(made)]
    for count in (4, len(more)):
        said = msgspec.msgpack.decode(pack(kit.put("site", new_id(), scope, name="North")))
        packed.append(msgspec.msgpack.encode([*said, *more[:count]]))
    asked = kit.request()
    asked.ops = [msgspec.Raw(one) for one in packed]
    reply = kit.read(kit.ask(asked))
    assert ([ack.seq for ack in reply.acks], reply.notices, reply.refused) == ([1, 2, 3], [], [])
    assert [bytes(op.packed) for op in Op.objects.order_by("seq")] == packed


def test_what_was_let_in_of_a_visit_lets_nothing_in_once_more_is_said_of_it(kit: Kit) -> None:
    """Records may come before their visit; when the id turns out to be another thing's, or closed, the next is refused."""
    identity, scope, made = kit.customer()
    other, closed = new_id(), new_id()

    def cable(visit_id: str) -> Any:
        return kit.put("supply_use", new_id(), scope, visit_id=visit_id, name="cable")

    reply = kit.sync(
        made, cable(other), cable(other), kit.put("site", other, scope, name="no visit"), cable(other),
        cable(closed), cable(closed),
        kit.put("visit", closed, scope, customer_id=identity, purpose="slow", work_state="submitted"),
        cable(closed),
    )  # fmt: skip
    codes = [refused.problem.code for refused in reply.refused]
    assert codes == [ProblemCode.OTHER_RECORD, ProblemCode.VISIT_SUBMITTED]
    assert len(reply.acks) == 7


# --- hostile bodies ------------------------------------------------------------------------------------------


def unchanged() -> tuple[int, int, int]:
    return Op.objects.count(), Row.objects.count(), RefusedOp.objects.count()


def test_bodies_cut_at_every_byte_change_nothing(kit: Kit) -> None:
    """However much of a body arrives, it is used whole or not at all."""
    body = wire.compress(wire.encode(kit.request(kit.customer()[2])))
    before = unchanged()
    for end in range(len(body)):
        response = kit.post(protocol.SYNC_PATH, body[:end], headers={"Content-Encoding": "zstd"})
        assert response.status_code == 400, end
    assert unchanged() == before
    assert kit.post(protocol.SYNC_PATH, body, headers={"Content-Encoding": "zstd"}).status_code == 200


def test_bombs_are_cut_at_the_limits(kit: Kit) -> None:
    """A body that unpacks to more than the limits, or is longer than they allow, is refused."""
    zeroes = zstandard.ZstdCompressor(level=19).compress(b"\x00" * (80 * 1024 * 1024))
    nested = zstandard.ZstdCompressor().compress(b"\x91" * 10_000_000)
    for body, encoding, status in (
        (zeroes, "zstd", 413),
        (nested, "zstd", 413),
        (b"\x91" * 500_000, "", 400),
        (b"x" * (wire.MAX_COMPRESSED_BYTES + 1), "", 413),
        (b"\x00" * 10, "gzip", 400),
    ):
        response = kit.post(protocol.SYNC_PATH, body, headers={"Content-Encoding": encoding})
        assert response.status_code == status, (body[:10], encoding, response.content)


def test_more_operations_than_allowed_are_refused(kit: Kit) -> None:
    """A million tiny operations are too many; nothing of them is looked at."""
    asked = kit.request()
    asked.ops = [msgspec.Raw(b"\x90")] * (wire.MAX_OPERATIONS + 1)
    assert told(kit.ask(asked)).code == ProblemCode.TOO_LARGE


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'{"protocol": "1"}',
        b'{"protocol": 1, "protocol": 2, "device": "x", "token": "y"}',
        b'{"protocol": 1, "device": null, "token": "y"}',
        b'\xef\xbb\xbf{"protocol": 1}',
        b'{"protocol": 1, "device": "\\ud800", "token": "y"}',
        b'{"protocol": 1, "device": "\xff", "token": "y"}',
        b'{"protocol": ' + b"9" * 5000 + b', "device": "x", "token": "y"}',
        b'{"protocol": 1, "device": "x", "token": "y", "ops": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"protocol": 1, "device": "x", "token": "y"} trailing',
        b'{"protocol": NaN, "device": "x", "token": "y"}',
        b'{"protocol": 1, "device": "x", "token": "y", "ops": [{"op_id": 5}]}',
        b"<html>please sign in</html>",
    ],
)
def test_malformed_json_is_refused_whole(kit: Kit, body: bytes) -> None:
    """Doubled keys, wrong types, broken text and endless nesting get 400 and change nothing."""
    before = unchanged()
    response = kit.post(protocol.SYNC_PATH, body, headers={"Content-Type": wire.JSON})
    assert (response.status_code, told(response).code) == (400, ProblemCode.MALFORMED)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert unchanged() == before


@pytest.mark.parametrize(
    "packed",
    [
        b"\xc0",
        b"\x90",
        b"\xa5hello",
        b"\x92\x01\xc4\x02ab",
        b"\xc1",
        msgspec.msgpack.encode([1, "x" * 36] + [0] * 9),
    ],
)
def test_operations_without_a_readable_id_are_malformed(kit: Kit, packed: bytes) -> None:
    """What no receipt could name is refused as a whole request."""
    asked = kit.request()
    body = wire.encode(asked).replace(b"\xa0", b"\xa0")
    plain_message = msgspec.msgpack.decode(body)
    plain_message["ops"] = []
    raw = msgspec.msgpack.encode({**plain_message, "ops": msgspec.Raw(b"\x91" + packed)})
    assert kit.post(protocol.SYNC_PATH, raw).status_code == 400


def test_damaged_operations_with_an_id_are_kept_aside(kit: Kit) -> None:
    """Wrong types inside an operation cost that operation only."""
    op_id = uuid.uuid4().bytes
    damaged = msgspec.msgpack.encode([1, op_id, kit.id, "late", "tenant", "x", op_id, "put", {}, "", ""])
    asked = kit.request()
    asked.ops = [msgspec.Raw(damaged), msgspec.Raw(pack(kit.customer()[2]))]
    reply = kit.read(kit.ask(asked))
    assert ([r.problem.code for r in reply.refused], len(reply.acks)) == ([ProblemCode.BAD_OPERATION], 1)
    assert bytes(RefusedOp.objects.get().packed) == damaged


@pytest.mark.parametrize(
    "change",
    [
        {"scope": "customer:not-an-id"},
        {"scope": ""},
        {"entity": ""},
        {"entity": "x" * 41},
        {"actor": "x" * 401},
        {"actor": "\x00"},
        {"hlc": -1},
        {"fields": {"": Change("x")}},
        {"fields": {"name": Change("\x00")}},
        {"fields": {"name": Change(2**63)}},
        {"fields": {"name": Change(float("inf"))}},
        {"fields": {"name": Change(b"bytes")}},
        {"fields": {"name": Change(["fine", {"part": ["\x00"]}])}},
        {"fields": {"name": Change({"\x00": 1})}},
        {"fields": {"name": Change([float("nan")])}},
        {"fields": {"name": Change([b"bytes"])}},
        {"fields": {f"f{n}": Change(n) for n in range(501)}},
    ],
)
def test_values_no_column_could_hold_are_kept_aside(kit: Kit, change: dict[str, Any]) -> None:
    """NUL, endless names, numbers out of range: refused with a reason, also on PostgreSQL."""
    bad = dataclasses.replace(kit.customer()[2], **change)
    assert kit.sync(bad).refused[0].problem.code == ProblemCode.BAD_OPERATION


def test_json_speaks_the_same_protocol(kit: Kit) -> None:
    """A person with a script gets the same receipts as the program."""
    _identity, _scope, made = kit.customer()
    response = kit.ask(kit.request(made), wire.JSON)
    held = json.loads(response.content)
    assert [ack[0] for ack in held["acks"]] == [made.op_id]


# --- staff -----------------------------------------------------------------------------------------------------


def test_a_question_of_staff_reaches_the_device_and_its_answer_comes_back(kit: Kit, maren: Any) -> None:
    """A query written in the browser is in the device's next changes; the answer is in the next push."""
    identity, scope, made = kit.customer()
    visit = new_id()
    kit.sync(
        made, kit.put("visit", visit, scope, customer_id=identity, purpose="slow", work_state="submitted")
    )
    asked = review.Query(id=new_id(), visit_id=visit, question="Which cable?", asked_by="Maren Vogt")
    office.record_as_staff(maren, asked)
    reply = kit.sync()
    (placed,) = reply.changes
    got = unpack(bytes(placed.op))
    assert (got.entity, got.device, got.actor, got.scope) == ("query", "office", "Maren Vogt", scope)
    assert kit.value(asked.id, "question") == "Which cable?"
    kit.sync(kit.put("query", asked.id, scope, answer="The grey one", state="answered"))
    assert state_of(asked.id)["answer"] == "The grey one"
    assert Conflict.objects.count() == 0


def test_staff_write_into_what_exists_only(kit: Kit, maren: Any) -> None:
    """A remark on an unknown visit is refused with 404; a decision may not be changed by a device."""
    with pytest.raises(CentralError) as caught:
        office.record_as_staff(maren, review.Comment(id=new_id(), visit_id=new_id(), body="x"))
    assert caught.value.status == 404
    with pytest.raises(CentralError) as caught:
        office.change_as_staff(maren, "visit", new_id(), {"review_state": "approved"})
    assert caught.value.status == 404


def test_the_audit_trail_names_each_push(kit: Kit) -> None:
    """One row per push: who, how many taken, repeated, refused."""
    kit.sync(kit.customer()[2], plain("site", customer_scope(new_id()), name="x"))
    event = AuditEvent.objects.get(action="sync.push")
    assert (event.actor_id, event.detail) == (
        kit.id, {"accepted": 2, "repeated": 0, "refused": 0, "cut": 0},
    )  # fmt: skip


def test_a_rebuild_finds_an_altered_record(kit: Kit) -> None:
    """The check that folds the history again names the record somebody changed by hand."""
    identity, _scope, made = kit.customer()
    kit.sync(made)
    assert folding.differing_records(1) == []
    Row.objects.filter(entity_id=identity).update(state={"display_name": "forged"})
    assert folding.differing_records(1) == [identity]


@pytest.mark.parametrize("is_edit", [False, True], ids=["first word", "edit"])
def test_an_operation_from_the_future_takes_its_place_today(kit: Kit, *, is_edit: bool) -> None:
    """An operation said to be years ahead is taken and ordered no later than now."""
    from datetime import UTC, datetime

    identity, scope, made = kit.customer()
    if is_edit:
        kit.sync(made)
        made = kit.put("customer", identity, scope, display_name="Quarrystone & Sons")
    ahead = dataclasses.replace(made, hlc=int(datetime(2099, 1, 1, tzinfo=UTC).timestamp() * 1000) << 16)
    (ack,) = kit.sync(ahead).acks
    assert hlc_time(ack.order) <= datetime.now(UTC)


def test_a_device_withdrawn_while_its_request_is_read_brings_nothing_more(kit: Kit) -> None:
    """Known when its signature was checked, withdrawn before its operations are taken: none of them is."""
    from datetime import UTC, datetime

    _identity, _scope, made = kit.customer()
    device = Device.objects.get(pk=kit.id)
    Device.objects.filter(pk=kit.id).update(revoked_at=datetime.now(UTC))
    with pytest.raises(DeviceRefusedError):
        rounds.exchange(device, kit.request(made))
    assert not Op.objects.filter(op_id=made.op_id).exists()


@pytest.mark.parametrize("is_rival", [False, True], ids=["fields", "rivals"])
def test_a_record_grows_no_larger_than_an_answer_carries(kit: Kit, *, is_rival: bool) -> None:
    """Field by field, or value against value: what would make it more than devices read is kept aside, and it goes on."""
    identity, scope, made = kit.customer()
    kit.sync(made)
    seen = kit.put("customer", identity, scope, notes_for_visit="as it was")
    codes = []
    for n in range(5):
        name = "notes_for_visit" if is_rival else f"later_{n}"
        op = dataclasses.replace(
            seen, op_id=new_id(), hlc=kit.tick(), fields={name: Change(f"{n}" * 1_000_000, base="")}
        )
        codes += [item.problem.code for item in kit.sync(op).refused]
    assert codes == [ProblemCode.FIELD_TOO_LARGE]
    assert kit.sync(kit.put("customer", identity, scope, display_name="Quarrystone & Sons")).refused == []
