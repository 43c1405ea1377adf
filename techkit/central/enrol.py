"""Let devices in by a one-time code, and recognise them afterwards by their signature.

A device's requests carry no cookie and no session: each is signed with the Ed25519 key whose public
half was left here at enrolment (sync/signatures.py). A request's nonce is remembered as long as its
signature's time is good, so that the same bytes are never answered twice.
"""

from __future__ import annotations

import hashlib
import secrets
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from techkit.central import accounts, audit, epochs
from techkit.central.by_key import ByKey
from techkit.central.models import Device, DeviceScope, EnrolCode, Org
from techkit.errors import CentralError
from techkit.records.identity import new_prefix
from techkit.records.operations import TENANT_SCOPE, technician_scope
from techkit.sync import protocol, signatures, wire
from techkit.sync.problems import Problem, ProblemCode, problem
from techkit.sync.protocol import EnrolReply, EnrolRequest, RotateRequest

#: An enrolment or a new key is a few hundred bytes.
_SMALL_BODY_BYTES = 16 * 1024

_PREFIX_ALPHABET = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")


class DeviceRefusedError(CentralError):
    """A device's request is refused with a numbered problem."""

    code = "device_refused"

    def __init__(self, told: Problem) -> None:
        super().__init__(told.title, status=told.status, advice=told.advice)
        self.problem = told


def refuse(code: ProblemCode, **facts: Any) -> DeviceRefusedError:
    """Return the error that refuses a request with this numbered problem."""
    return DeviceRefusedError(problem(code, **facts))


def now_ms() -> int:
    """Return the service's clock in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def token_hash(token: str) -> str:
    """Return SHA-256 (hex) of a sync token; only that is kept."""
    return hashlib.sha256(token.encode("utf-8")).hexdigest()


# --- answers ---------------------------------------------------------------------------------------


class _Answer(HttpResponse):
    """An answer that keeps what was used for it until it has gone.

    To let go of a thousand operations takes a millisecond, for which the device need not wait.
    """

    def __init__(self, used: list[object], **more: Any) -> None:
        super().__init__(**more)
        self._used = used

    def close(self) -> None:
        """End the request, as the server does behind the last byte."""
        super().close()
        self._used.clear()


def answer(
    request: HttpRequest, message: Any, status: int = 200, used: list[object] | None = None
) -> HttpResponse:
    """Return a message in the form the request came in, compressed when it was. used: let go when it has gone."""
    content_type = _content_type(request)
    body = wire.encode(message, content_type)
    response = _Answer(used or [], status=status, content_type=content_type)
    if request.headers.get("Content-Encoding") == "zstd":
        body = wire.compress(body)
        response.headers["Content-Encoding"] = "zstd"
    response.content = body
    return response


def tell(told: Problem) -> HttpResponse:
    """Return a numbered problem as JSON, whatever form the request had."""
    response = HttpResponse(wire.json_body(told), status=told.status or 500, content_type=wire.PROBLEM_JSON)
    if told.retry_after_s:
        response.headers["Retry-After"] = str(told.retry_after_s)
    return response


def _content_type(request: HttpRequest) -> str:
    held = str(request.headers.get("Content-Type", "")).partition(";")[0].strip().lower()
    return held if held == wire.JSON else wire.MESSAGEPACK


View = Callable[..., HttpResponseBase]


def for_devices(view: View) -> View:
    """Make a function a view that devices call: no session, no form token, numbered problems."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **more: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **more)
        except DeviceRefusedError as error:
            return tell(error.problem)
        except wire.TooLargeError:
            return tell(problem(ProblemCode.TOO_LARGE))
        except wire.MalformedError as error:
            return tell(problem(ProblemCode.MALFORMED, field=str(error.context.get("what", ""))[:200]))

    return guarded


def read(request: HttpRequest, body: bytes, kind: type[wire.M]) -> wire.M:
    """Return the message of a request's body. Raises: TooLargeError, MalformedError."""
    return wire.decode(
        body,
        kind,
        content_type=str(request.headers.get("Content-Type", "")),
        content_encoding=str(request.headers.get("Content-Encoding", "")).strip().lower(),
    )


# --- signatures --------------------------------------------------------------------------------------


_DEVICES = ByKey(Device)


def authenticate(request: HttpRequest, body: bytes) -> tuple[Device, signatures.Signed]:
    """Return the device that signed this request. Raises: DeviceRefusedError.

    body: as it came over the wire. The nonce is not used up here but with the work itself
    (`use_nonce`), in one transaction.
    """
    signed = signatures.read_signature(request.headers)
    if signed is None:
        raise refuse(ProblemCode.BAD_SIGNATURE)
    try:
        device_id = uuid.UUID(signed.device)
    except ValueError:
        raise refuse(ProblemCode.UNKNOWN_DEVICE) from None
    device = _DEVICES.get(device_id)
    if device is None:
        raise refuse(ProblemCode.UNKNOWN_DEVICE)
    text = signatures.signed_text(
        str(request.method),
        request.get_full_path(),
        signed.device,
        signed.time_ms,
        signed.nonce,
        hashlib.sha256(body).hexdigest(),
    )
    try:
        Ed25519PublicKey.from_public_bytes(bytes(device.public_key)).verify(signed.signature, text)
    except (InvalidSignature, ValueError):
        raise refuse(ProblemCode.BAD_SIGNATURE) from None
    if device.revoked_at is not None:
        raise refuse(ProblemCode.REVOKED)
    now = now_ms()
    if abs(signed.time_ms - now) > signatures.SIGNATURE_WINDOW_MS:
        raise refuse(ProblemCode.CLOCK, now_ms=now)
    return device, signed


def use_nonce(device: Device, signed: signatures.Signed) -> None:
    """Remember that this request was answered; inside the transaction of its work.

    Raises: DeviceRefusedError for a request that was answered before.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO request_nonce (device_id, nonce, at_ms) VALUES (%s, %s, %s)"
            " ON CONFLICT (device_id, nonce) DO NOTHING",
            [device.pk.hex, signed.nonce, signed.time_ms],
        )
        if cursor.rowcount != 1:
            raise refuse(ProblemCode.REPLAYED, now_ms=now_ms())
        # A signature is good from five minutes before to five minutes after; twice that is plenty.
        old = now_ms() - 4 * signatures.SIGNATURE_WINDOW_MS
        cursor.execute("DELETE FROM request_nonce WHERE at_ms < %s", [old])


def server_key() -> Ed25519PrivateKey:
    """Return the service's own Ed25519 key, made with its folder."""
    if settings.TECHKIT_FOLDER is None:
        raise CentralError("The service has no folder and so no key.")
    pem = (settings.TECHKIT_FOLDER / "server.ed25519").read_bytes()
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise CentralError("The service's key file holds another kind of key.")
    return key


# --- enrolment -----------------------------------------------------------------------------------------


@for_devices
def enrol(request: HttpRequest) -> HttpResponse:
    """Let one device in: POST /api/v1/enrol with a one-time code and the device's public key."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    asked = read(request, wire.read_limited(request, _SMALL_BODY_BYTES), EnrolRequest)
    if asked.protocol != protocol.PROTOCOL:
        raise refuse(ProblemCode.OLD_PROTOCOL)
    return answer(request, let_in(asked))


def let_in(asked: EnrolRequest) -> EnrolReply:
    """Redeem a code and make the device; the same device asking again gets a fresh token.

    Raises: DeviceRefusedError.
    """
    device_id = _checked(asked)
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        code = (
            EnrolCode.objects.select_for_update()
            .select_related("technician", "org")
            .filter(code_hash=accounts.code_hash(asked.code))
            .first()
        )
        now = datetime.now(UTC)
        if code is None or code.expires_at < now:
            raise refuse(ProblemCode.BAD_CODE)
        device = Device.objects.filter(pk=device_id).first()
        if code.used_at is not None or device is not None:
            # The answer to the first attempt got lost: the same device with the same key asks again.
            repeated = (
                device is not None
                and code.used_by_device_id == device_id
                and bytes(device.public_key) == asked.public_key
                and device.last_seen_at is None
            )
            if not repeated:
                raise refuse(ProblemCode.BAD_CODE if code.used_at else ProblemCode.FORKED)
        if device is None:
            former = _id(asked.former)
            if former is not None:
                epochs.recover_former(code.org, former, asked.stamp)
            device = _make_device(code, asked, device_id, now)
        device.token_hash, device.previous_token_hash = token_hash(token), ""
        device.save(update_fields=["token_hash", "previous_token_hash"])
        code.used_at, code.used_by_device = now, device
        code.save(update_fields=["used_at", "used_by_device"])
        scopes = sorted(
            DeviceScope.objects.filter(device=device, revoked_at=None).values_list("scope_id", flat=True)
        )
    return EnrolReply(
        device=str(device.pk),
        prefix=device.prefix,
        technician_id=str(code.technician.staff_id),
        technician=code.technician.shown_name,
        org=code.org.name,
        epoch=str(code.org.sync_epoch),
        token=token,
        now_ms=now_ms(),
        server_key=server_key().public_key().public_bytes_raw(),
        scopes=scopes,
    )


def _checked(asked: EnrolRequest) -> uuid.UUID:
    """Return the id the device chose, after looking at everything else it said."""
    try:
        device_id = uuid.UUID(asked.device)
        Ed25519PublicKey.from_public_bytes(asked.public_key)
    except ValueError:
        raise refuse(ProblemCode.MALFORMED, field="public_key") from None
    is_prefix = 2 <= len(asked.prefix) <= 8 and set(asked.prefix) <= _PREFIX_ALPHABET
    if not is_prefix:
        raise refuse(ProblemCode.MALFORMED, field="prefix")
    if not 0 < len(asked.name) <= 200 or "\x00" in asked.name + asked.app_version:
        raise refuse(ProblemCode.MALFORMED, field="name")
    return device_id


def _make_device(code: EnrolCode, asked: EnrolRequest, device_id: uuid.UUID, now: datetime) -> Device:
    former_id = _id(asked.former)
    # Only of the same person.
    former = Device.objects.filter(pk=former_id, technician=code.technician).first() if former_id else None
    device = Device.objects.create(
        id=device_id,
        former=former,
        org=code.org,
        technician=code.technician,
        name=asked.name,
        prefix=_free_prefix(code.org, asked.prefix),
        public_key=asked.public_key,
        sealing_key=_sealing_key(asked.sealing_key),
        enrolled_at=now,
        app_version=asked.app_version[:40],
    )
    scopes = {TENANT_SCOPE, technician_scope(str(device_id))}
    if former is not None:
        held = DeviceScope.objects.filter(device=former, revoked_at=None)
        scopes.update(s for s in held.values_list("scope_id", flat=True))
    DeviceScope.objects.bulk_create(
        DeviceScope(device=device, scope_id=scope, granted_at=now) for scope in sorted(scopes)
    )
    audit.append_by(
        device,
        "device.enrol",
        {"prefix": device.prefix, "technician": code.technician.shown_name, "former": asked.former},
    )
    return device


def _id(text: str) -> uuid.UUID | None:
    """Return the id a device had before it was found to be a copy, None for none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _sealing_key(given: bytes) -> bytes | None:
    """Return the key job packs are sealed for; None from a techkit that opens none."""
    if not given:
        return None
    try:
        X25519PublicKey.from_public_bytes(given)
    except ValueError:
        raise refuse(ProblemCode.MALFORMED, field="sealing_key") from None
    return given


def _free_prefix(org: Org, wanted: str) -> str:
    """Return the prefix for numbers to come; another one when a device has this one already."""
    prefix = wanted
    while Device.objects.filter(org=org, prefix=prefix).exists():
        prefix = new_prefix()
    return prefix


@for_devices
def rotate(request: HttpRequest) -> HttpResponse:
    """Give a device a new key: POST /api/v1/device/rotate, signed with the old one."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    body = wire.read_limited(request, _SMALL_BODY_BYTES)
    device, signed = authenticate(request, body)
    asked = read(request, body, RotateRequest)
    try:
        Ed25519PublicKey.from_public_bytes(asked.public_key)
    except ValueError:
        raise refuse(ProblemCode.MALFORMED, field="public_key") from None
    with transaction.atomic():
        use_nonce(device, signed)
        if bytes(device.public_key) == asked.public_key:
            return HttpResponse(status=204)  # the answer to the first attempt got lost
        device.public_key = asked.public_key
        device.sealing_key = _sealing_key(asked.sealing_key)
        device.key_version += 1
        device.save(update_fields=["public_key", "sealing_key", "key_version"])
        audit.append_by(device, "device.rotate", {"key_version": device.key_version})
    return HttpResponse(status=204)
