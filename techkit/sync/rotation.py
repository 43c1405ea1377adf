"""A new key for this device, now and then: whoever copied the old one can do nothing with it any more.

The new key is kept before it is told. Where the answer gets lost, nobody here knows which of the two the
service has; the next request finds out (`Line.post`), so a cut at any moment locks nobody out.
"""

from __future__ import annotations

import base64
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from techkit.store.database import Store
from techkit.sync import carrier, protocol, wire
from techkit.sync.line import PLAIN, Line
from techkit.sync.protocol import RotateRequest


def is_due(store: Store, line: Line) -> bool:
    """Return whether the key is older than the settings allow, by the service's clock."""
    made_at_ms = int(line.meta("key_made_at_ms") or 0)
    oldest = timedelta(days=store.setting("sync.key_days")) / timedelta(milliseconds=1)
    return bool(made_at_ms) and line.now_ms() - line.offset_ms() - made_at_ms > oldest


def rotate(store: Store, line: Line) -> None:
    """Give this device a new key and tell the service. Raises: SyncError and its family."""
    kept = line.meta("next_key")
    fresh = _key(kept) if kept else Ed25519PrivateKey.generate()
    if not kept:
        store.replica.set_meta({"next_key": base64.b64encode(fresh.private_bytes_raw()).decode()})
    asked = RotateRequest(
        protocol=protocol.PROTOCOL,
        public_key=fresh.public_key().public_bytes_raw(),
        sealing_key=carrier.sealing_key(fresh).public_key().public_bytes_raw(),
    )
    line.post_told(protocol.ROTATE_PATH, wire.encode(asked), PLAIN)
    line.take_next_key()


def _key(kept: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(kept))
