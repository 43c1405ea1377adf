"""A new epoch, which costs every device a sync from the start, begins only where the service's own word proves a loss."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from techkit.central import accounts, epochs, stamps
from techkit.central.models import AuditEvent, Device
from techkit.records.identity import new_id
from techkit.records.operations import pack_id, technician_scope
from tests.central.devices import Kit

pytestmark = pytest.mark.usefixtures("org")


@pytest.fixture
def kit() -> Kit:
    made = Kit()
    made.enrol()
    made.sync()
    return made


@pytest.fixture
def colleague() -> Kit:
    made = Kit("Pavel Reuter", "TK11")
    made.enrol()
    made.sync()
    return made


def _epochs() -> int:
    return AuditEvent.objects.filter(action="sync.new_epoch").count()


def _set_back(device_id: str, by_ms: int = 60_000) -> int:
    """Let the service forget its last answers to a device, as a restored backup does; return what it knew."""
    row = Device.objects.get(pk=device_id)
    Device.objects.filter(pk=device_id).update(stamped_ms=row.stamped_ms - by_ms)
    return row.stamped_ms


def test_each_answer_bears_a_later_stamp(kit: Kit) -> None:
    """Two answers in the same millisecond differ too, and stamps compare as texts."""
    seen = []
    for _round in range(5):
        kit.sync()
        seen.append(kit.stamp)
    assert seen == sorted(set(seen))


def test_a_device_that_names_a_place_ahead_begins_nothing_for_others(kit: Kit, colleague: Kit) -> None:
    """A place the service never reached and a receipt it never gave cost the device that names them, and nobody else."""
    _identity, scope, made = kit.customer()
    kit.sync(made)
    epoch = kit.epoch
    reply = kit.sync(
        cursors={**kit.cursors, scope: (900, "00" * 8)}, last_acked_op=new_id(), snapshots={scope: (7, "00")}
    )
    assert set(reply.reset) >= {scope, technician_scope(kit.id)}
    assert (reply.epoch, _epochs()) == (epoch, 0)
    told = colleague.sync()
    assert (told.epoch, told.reset) == (epoch, [])


def test_an_unknown_receipt_makes_that_device_offer_what_it_holds(kit: Kit) -> None:
    """A device that was told of an operation nobody knows now is asked for it, though nothing proves a restore."""
    scope = technician_scope(kit.id)
    lost = new_id()
    packed = pack_id(lost)
    assert isinstance(packed, bytes)
    assert kit.read(kit.ask(kit.request(last_acked_op=lost))).reset == [scope]
    kit.token = kit.read(kit.ask(kit.request())).token
    assert kit.sync(held=packed).want_ops == [lost]
    assert kit.sync().reset == []


@pytest.mark.parametrize(
    "forged",
    [
        lambda own, _other: "9" * 15 + own[15:],
        lambda own, _other: "9" * 15 + "." + "0" * 32,
        lambda _own, other: other,
        lambda own, _other: own[:15],
        lambda own, _other: own[:15] + "." + "ü" * 32,
        lambda own, _other: "٣" * 15 + own[15:],
        lambda own, _other: "-" + own[1:],
        lambda _own, _other: "." * 5000,
    ],
    ids=["raised", "made up", "another's", "no seal", "no seal's letters", "other digits", "below 0", "long"],
)
def test_nobody_but_the_service_makes_a_stamp(
    kit: Kit, colleague: Kit, forged: Callable[[str, str], str]
) -> None:
    """A stamp that was raised, made up or given to another device proves nothing and refuses nothing."""
    own = kit.stamp
    _set_back(kit.id)
    _set_back(colleague.id)
    epoch = kit.epoch
    assert kit.sync(stamp=forged(own, colleague.stamp)).epoch == epoch
    assert _epochs() == 0


def test_the_service_s_own_later_stamp_proves_that_it_went_back(kit: Kit, colleague: Kit) -> None:
    """Nothing else need be missing: every device hears of a new epoch, and none is taken for a copy."""
    _set_back(kit.id)
    Device.objects.filter(pk=kit.id).update(token_hash="0" * 64, previous_token_hash="1" * 64)
    epoch = kit.epoch
    assert kit.sync().epoch != epoch
    assert colleague.sync().epoch == kit.epoch
    assert _epochs() == 1


def test_a_stamp_proves_a_loss_once(kit: Kit, colleague: Kit) -> None:
    """Kept and shown again after the new epoch, by this device or by another one that was ahead too, it begins no other."""
    early, other_early = kit.stamp, colleague.stamp
    _set_back(kit.id)
    _set_back(colleague.id)
    kit.sync()
    kit.sync(stamp=early)
    colleague.sync(stamp=other_early)
    assert _epochs() == 1


def test_a_stamp_from_before_a_told_restore_begins_no_second_epoch(kit: Kit) -> None:
    """Who restores with the command has told everybody already."""
    _set_back(kit.id)
    epochs.new_epoch(accounts.the_org().pk, "restored")
    kit.sync()
    assert _epochs() == 1


def test_a_device_let_in_after_the_backup_proves_the_restore_when_it_is_let_in_anew(colleague: Kit) -> None:
    """The service does not know it any more, but its own stamp; shown a second time that proves nothing."""
    unknown = str(uuid.uuid4())
    text = stamps.stamp(Device(id=uuid.UUID(unknown), stamped_ms=_moment(colleague)))
    epoch = colleague.epoch
    for _time in range(2):
        again = Kit("Jonas Weir", "TK12")
        again.enrol(former=unknown, stamp=text)
        assert again.epoch != epoch
    assert _epochs() == 1
    liar = Kit("Jonas Weir", "TK13")
    liar.enrol(former=str(uuid.uuid4()), stamp=text)
    assert _epochs() == 1


def _moment(colleague: Kit) -> int:
    """Return the moment of the last answer to a device."""
    return Device.objects.get(pk=colleague.id).stamped_ms
