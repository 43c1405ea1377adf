"""One round of a device: its request believed or refused, its operations taken, its reply filled.

What comes in is one transaction, tried again while others are in its way; what goes out is read after it.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from techkit.central import audit, enrol, epochs, feed, stamps
from techkit.central.batch import Batch, Taken
from techkit.central.by_key import ByKey
from techkit.central.ingest import receive
from techkit.central.models import Device, Org
from techkit.central.transactions import retried
from techkit.garbage import no_collection
from techkit.records.operations import OFFICE
from techkit.sync import protocol, signatures, wire
from techkit.sync.merge import Author
from techkit.sync.problems import ProblemCode
from techkit.sync.protocol import SyncReply, SyncRequest

#: `Device.token_hash` holds the tokens given for one that was shown, the newest first: so many digits of each one's hash.
_MARK, _TOKENS = 16, 4

#: A clock that is off by less says nothing: the way through the network takes as long.
_CLOCK_TOLERANCE_MS = 2000
#: Measurements further apart mean that the clock was set; nearer ones, that one message was slower.
_CLOCK_JUMP_MS = 10_000

#: How many bytes of operations fit into an answer to a device, as its last answer shrank; known to this process alone.
_FITTED: dict[uuid.UUID, int] = {}
_MOST_FITTED, _LEAST_BYTES = 10_000, 16_000
#: Aimed at, so that the next answer, which shrinks nearly as well, need not be made twice.
_AIM = 0.97

#: Both locked, in this order: the organisation's row serialises the audit chain.
_DEVICES, _ORGS = ByKey(Device, is_locking=True), ByKey(Org, is_locking=True)


@enrol.for_devices
def sync(request: HttpRequest) -> HttpResponse:
    """Answer one round of a device: POST /api/v1/sync."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    came_at_ms = enrol.now_ms()  # before the body is read: a slow upload is no slow clock
    body = wire.read_limited(request)
    device, signed = enrol.authenticate(request, body)
    asked = enrol.read(request, body, SyncRequest)
    used: list[object] = [asked]
    make = _taken(device, asked, signed, came_at_ms, used)
    most_bytes = _FITTED.get(device.pk, feed.MAX_REPLY_BYTES)
    while True:
        reply = make(most_bytes)
        answer = enrol.answer(request, reply, used=[*used, reply])
        travels = len(answer.content)
        if reply.more:
            _note_fitted(device.pk, most_bytes, travels)
        if travels <= protocol.TRAVELLING_BYTES or len(reply.changes) + len(reply.records) <= 1:
            return answer
        # It shrinks less than the last one: a cut would cost more than it may. Read again, as much as fits.
        most_bytes = max(1, most_bytes * protocol.TRAVELLING_BYTES * 9 // (travels * 10))


def _note_fitted(device: uuid.UUID, most_bytes: int, travels: int) -> None:
    """Let the next answer to a device be as large as this one says: what follows shrinks nearly as well."""
    if len(_FITTED) >= _MOST_FITTED:
        _FITTED.clear()
    fitting = int(most_bytes * protocol.TRAVELLING_BYTES * _AIM / max(1, travels))
    _FITTED[device] = min(max(fitting, _LEAST_BYTES), protocol.PIECE_BYTES)


def exchange(
    device: Device,
    asked: SyncRequest,
    signed: signatures.Signed | None = None,
    came_at_ms: int = 0,
    used: list[object] | None = None,
) -> SyncReply:
    """Take a device's operations and return receipts, everybody's changes and the new places.

    All that came in is committed before this returns. signed: None inside this process (tests, a
    package file whose seal was checked). came_at_ms: when it arrived, now by default. used: takes what may be let go
    when the reply is on its way.
    Raises: DeviceRefusedError.
    """
    return _taken(device, asked, signed, came_at_ms, used)(feed.MAX_REPLY_BYTES)


def _taken(
    device: Device,
    asked: SyncRequest,
    signed: signatures.Signed | None,
    came_at_ms: int,
    used: list[object] | None,
) -> Callable[[int], SyncReply]:
    """Take what came in as `exchange`; return what makes the reply, with so many bytes of operations at most."""
    if asked.protocol != protocol.PROTOCOL:
        raise enrol.refuse(ProblemCode.OLD_PROTOCOL)
    if asked.device != str(device.pk):
        raise enrol.refuse(ProblemCode.BAD_SIGNATURE, field="device")
    came_at_ms = came_at_ms or enrol.now_ms()
    with no_collection():
        token, taken, device = retried(lambda: _take(device.pk, asked, signed, came_at_ms))
    if used is not None:
        used.append(taken)

    def reply(most_bytes: int) -> SyncReply:
        made = SyncReply(
            epoch=str(device.org.sync_epoch),
            token=token,
            stamp=stamps.stamp(device),
            now_ms=came_at_ms,
            duplicates=taken.duplicates,
            refused=taken.refused,
            notices=taken.notices,
        )
        if asked.takes_places and taken.is_as_sent:
            made.places = taken.first_places
        else:
            made.acks = taken.acks
        feed.fill(
            made,
            device,
            asked,
            own=taken.digits,
            altered=taken.altered,
            written=taken.scopes,
            created=taken.created,
            most_bytes=most_bytes,
        )
        return made

    return reply


def _take(
    device_id: uuid.UUID, asked: SyncRequest, signed: signatures.Signed | None, came_at_ms: int
) -> tuple[str, Taken, Device]:
    """Do the writing half of a round in one transaction; return the device as it is now, too."""
    with transaction.atomic():
        device = _DEVICES.get(device_id)
        org = _ORGS.get(device.org_id) if device is not None else None
        if device is None or org is None:
            raise enrol.refuse(ProblemCode.UNKNOWN_DEVICE)
        device.org = org
        if device.revoked_at is not None:
            raise enrol.refuse(ProblemCode.REVOKED)
        if signed is not None:
            enrol.use_nonce(device, signed)
        is_recovering = epochs.recover(device, asked.stamp)
        # A package file is believed by its seal; a token used out of turn would look like a copy.
        is_package = signed is None and not asked.token
        token = "" if is_package else _rotate_token(device, asked.token, is_believed=is_recovering)
        device.clock_offset_ms = _offset(device, asked.sent_at_ms, came_at_ms)
        taken = receive(_batch(device, came_at_ms), list(map(bytes, asked.ops)))
        if asked.ops:
            _audit_push(device, taken)
        _begin_anew(device)
        stamps.renew(device, came_at_ms)
        _keep_device(device, asked)
        return token, taken, device


def _keep_device(device: Device, asked: SyncRequest) -> None:
    """Write what a round changed of its device; as it stands, the query set would be made anew for each request."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE device SET token_hash = %s, previous_token_hash = %s, clock_offset_ms = %s, last_seen_at = %s,"
            " app_version = %s, waiting_count = %s, anew = %s, stamped_ms = %s WHERE id = %s",
            [
                device.token_hash,
                device.previous_token_hash,
                device.clock_offset_ms,
                connection.ops.adapt_datetimefield_value(datetime.now(UTC)),
                asked.app_version[:40].replace("\x00", "") or device.app_version,
                min(max(asked.waiting_count, 0), 2**31 - 1),
                device.anew,
                device.stamped_ms,
                device.pk.hex,
            ],
        )


def _begin_anew(device: Device) -> None:
    """Mark a device that comes back after a long silence: what it holds is too old to go on from."""
    if device.last_seen_at is None or datetime.now(UTC) - device.last_seen_at <= feed.SILENT_AFTER:
        return
    device.anew = str(uuid.uuid4())
    audit.append_by(device, "device.begins_anew", {"silent_since": device.last_seen_at.isoformat()})


def _batch(device: Device, came_at_ms: int) -> Batch:
    return Batch(
        org_id=device.org_id,
        author=Author.DEVICE,
        device=str(device.pk),
        offset_ms=device.clock_offset_ms,
        now_ms=came_at_ms,
        others=_others(device) if epochs.is_recovering(device.org) else frozenset(),
    )


def hand_over(device: Device, asked: SyncRequest) -> SyncReply:
    """Take what a withdrawn device had not sent, from a package file that the office looked at.

    It gets receipts and nothing else, and is told to drop what it holds.
    """
    came_at_ms = enrol.now_ms()

    def work() -> tuple[Taken, str]:
        with transaction.atomic():
            held = Device.objects.select_for_update().select_related("org").get(pk=device.pk)
            taken = receive(_batch(held, came_at_ms), list(map(bytes, asked.ops)))
            _audit_push(held, taken)
            stamps.renew(held, came_at_ms)
            held.save(update_fields=["stamped_ms"])
            return taken, stamps.stamp(held)

    taken, stamp = retried(work)
    return SyncReply(
        epoch=str(device.org.sync_epoch),
        token="",
        stamp=stamp,
        now_ms=came_at_ms,
        acks=taken.acks,
        duplicates=taken.duplicates,
        refused=taken.refused,
        notices=taken.notices,
        revoked=sorted({*asked.cursors, *taken.scopes}),
    )


def _offset(device: Device, sent_at_ms: int, came_at_ms: int) -> int:
    """Return how far the device's clock is ahead of ours, in ms; 0 when it is right.

    Each message is on its way for a while, so a measurement is never more than the truth: of two
    near each other the larger is the better one.
    """
    if not sent_at_ms:
        return device.clock_offset_ms
    measured = sent_at_ms - came_at_ms
    known = device.clock_offset_ms
    if known and abs(measured - known) < _CLOCK_JUMP_MS:
        measured = max(measured, known)
    return measured if abs(measured) >= _CLOCK_TOLERANCE_MS else 0


def _others(device: Device) -> frozenset[str]:
    """Return whose operations a device may hand back after the service lost some: anybody's."""
    ids = Device.objects.filter(org_id=device.org_id).values_list("pk", flat=True)
    return frozenset({OFFICE, *(str(one) for one in ids)})


def _rotate_token(device: Device, shown: str, *, is_believed: bool) -> str:
    """Return the token for the next request; refuse one that a copy has moved past.

    The token before the last is still good: the answer that carried the newer one may be lost. So are all tokens that
    were given for it: a request the device gave up may be answered after the one it sent instead.
    is_believed: the service itself went back in time, so that its tokens prove nothing.
    """
    given = enrol.token_hash(shown)
    held = [device.token_hash[at : at + _MARK] for at in range(0, len(device.token_hash), _MARK)]
    if is_believed or given[:_MARK] in held:
        device.previous_token_hash, held = given, []
    elif not device.previous_token_hash or given != device.previous_token_hash:
        raise enrol.refuse(ProblemCode.FORKED)
    token = secrets.token_urlsafe(32)
    device.token_hash = "".join([enrol.token_hash(token)[:_MARK], *held][:_TOKENS])
    return token


def _audit_push(device: Device, taken: Taken) -> None:
    audit.append_by(
        device,
        "sync.push",
        {
            "accepted": len(taken.fresh),
            "repeated": len(taken.duplicates),
            "refused": len(taken.refused),
            "cut": len(taken.notices),
        },
    )
