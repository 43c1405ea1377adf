"""Digests of a scope's history and of places, by which both ends notice that they know different ones."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Mapping

import msgspec

from techkit.sync.protocol import Place

DIGEST_BYTES = 8

_blake2b = hashlib.blake2b
#: A place and an order, 8 bytes each, the larger end first.
_two_numbers = struct.Struct(">QQ").pack


def digests_from(digest: bytes, seq: int, steps: Iterable[tuple[bytes, int]]) -> list[bytes]:
    """Return the digest (8 bytes) after each of these operations (id, order), which stand one after the other from `seq` on.

    digest: of the history before them, b"" for none. Over ids, places and orders only, so that it stays valid when a
    person's data is erased. An operation that a restored service got back may have another order than before, at the
    same place.

    Raises: ValueError for an order that is no clock.
    """
    found = []
    try:
        for place, (op_id, order) in enumerate(steps, seq):
            digest = _blake2b(digest + _two_numbers(place, order) + op_id, digest_size=DIGEST_BYTES).digest()
            found.append(digest)
    except struct.error as error:
        raise ValueError(f"not a clock: {error}") from error
    return found


def places_digest(cursors: Mapping[str, Place]) -> str:
    """Return one digest (16 hex digits) of all places; scopes without a history do not count."""
    held = sorted((scope, seq, digest) for scope, (seq, digest) in cursors.items() if seq)
    return hashlib.blake2b(msgspec.msgpack.encode(held), digest_size=DIGEST_BYTES).hexdigest()
