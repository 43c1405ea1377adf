"""The signature of a request: what a device signs, and the headers that carry it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

#: How far a signature's time may lie from the service's clock; within it a nonce is remembered.
SIGNATURE_WINDOW_MS = 5 * 60 * 1000

DEVICE_HEADER = "X-Techkit-Device"
TIME_HEADER = "X-Techkit-Time"
NONCE_HEADER = "X-Techkit-Nonce"
SIGNATURE_HEADER = "X-Techkit-Signature"


def signed_text(method: str, path: str, device: str, time_ms: int, nonce: str, body_sha256: str) -> bytes:
    """Return what a device signs: everything that makes the request this one and no other.

    path: with its query. time_ms: the service's clock as the device reckons it. nonce: 16 random
    bytes as hex. body_sha256: hex over the body as it goes over the wire.
    """
    parts = ("techkit-request-1", method.upper(), path, device, str(time_ms), nonce, body_sha256)
    return "\n".join(parts).encode("utf-8")


def signature_headers(device: str, time_ms: int, nonce: str, signature: bytes) -> dict[str, str]:
    """Return the headers that carry a signature."""
    return {
        DEVICE_HEADER: device,
        TIME_HEADER: str(time_ms),
        NONCE_HEADER: nonce,
        SIGNATURE_HEADER: base64.b64encode(signature).decode("ascii"),
    }


@dataclass(frozen=True, kw_only=True)
class Signed:
    """The signature of a request as its headers carry it."""

    device: str
    time_ms: int
    nonce: str
    signature: bytes


def read_signature(headers: Mapping[str, str]) -> Signed | None:
    """Return the signature of a request's headers; None when a part is missing or malformed."""
    try:
        device, nonce = headers[DEVICE_HEADER], headers[NONCE_HEADER]
        time_text = headers[TIME_HEADER]
        signature = base64.b64decode(headers[SIGNATURE_HEADER], validate=True)
        bytes.fromhex(nonce)
        time_ms = int(time_text) if len(time_text) <= 16 else -1
    except (KeyError, ValueError, binascii.Error):
        return None
    if len(signature) != 64 or len(nonce) != 32 or len(device) != 36 or time_ms < 0:
        return None
    return Signed(device=device, time_ms=time_ms, nonce=nonce, signature=signature)
