"""Package files: what a device without a network sends on a stick, and the answer for its way back."""

from __future__ import annotations

import uuid
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings

from techkit.central import enrol, rounds
from techkit.central.models import Device
from techkit.errors import CentralError
from techkit.i18n import _
from techkit.sync import carrier, wire
from techkit.sync.problems import ProblemCode
from techkit.sync.protocol import SyncRequest


def answer(file: bytes) -> bytes:
    """Take what a package carries, as a request of its device, and return the answer's file.

    Taking a package twice is harmless: its operations are recognised. Raises: PackageError for another
    or a changed file, DeviceRefusedError for a device that is unknown.
    """
    try:
        device = Device.objects.get(pk=uuid.UUID(carrier.sender(file)))
    except (Device.DoesNotExist, ValueError):
        raise enrol.refuse(ProblemCode.UNKNOWN_DEVICE) from None
    content = carrier.unpack(file, public_key=bytes(device.public_key), service_key=_certificate_key())
    asked = wire.decode(content.body, SyncRequest, content_encoding="zstd")
    asked.token = ""
    if device.revoked_at is not None:
        # A withdrawn device gets nothing more, but what it had not sent is not lost (PROMISES S2).
        reply = rounds.hand_over(device, asked)
    else:
        reply = rounds.exchange(device, asked)
    told = carrier.AnswerContent(package_id=content.package_id, body=wire.compress(wire.encode(reply)))
    return carrier.pack_answer(told, answer_key=content.answer_key, key=enrol.server_key())


def _certificate_key() -> ec.EllipticCurvePrivateKey:
    """Return the key of the service's certificate."""
    key = serialization.load_pem_private_key(
        (Path(settings.TECHKIT_FOLDER or ".") / "tls.key").read_bytes(), password=None
    )
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise CentralError(_("The service’s certificate cannot take packages."))
    return key
