"""Bodies made to fill the memory: the service grows by no more than 64 MiB (PROMISES S6)."""

from __future__ import annotations

import os
import subprocess
import sys

import msgspec
import pytest
import zstandard

from techkit.sync import wire

#: What the service may grow by while it refuses a bomb, in KiB.
MOST_KIB = 64 * 1024

#: Reads one body as the service reads it and prints by how much the process had to grow for it, in KiB.
READER = """
import io, resource, sys
from techkit.sync import wire
from techkit.sync.protocol import SyncRequest
small = wire.compress(wire.encode(SyncRequest(protocol=1, device="x", token="")))
wire.decode(small, SyncRequest, content_encoding="zstd")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    body = wire.read_limited(io.BytesIO(sys.stdin.buffer.read()))
    wire.decode(body, SyncRequest, content_type=sys.argv[1], content_encoding=sys.argv[2])
    said = "taken"
except (wire.TooLargeError, wire.MalformedError) as error:
    said = error.code
print(said, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def _zeroes(mib: int) -> bytes:
    """Return so many MiB of zeroes in a few bytes."""
    maker = zstandard.ZstdCompressor(level=19).compressobj()
    return b"".join(maker.compress(bytes(1024 * 1024)) for _n in range(mib)) + maker.flush()


def _many(count: int) -> bytes:
    return wire.compress(
        msgspec.msgpack.encode({"protocol": 1, "device": "x", "token": "", "ops": [0] * count})
    )


BOMBS = {
    "a gigabyte of zeroes": (lambda: _zeroes(1024), wire.MESSAGEPACK, "zstd", "too_large"),
    "a bomb in a bomb": (lambda: wire.compress(_zeroes(1024)), wire.MESSAGEPACK, "zstd", "malformed"),
    "a million operations": (lambda: _many(1_000_000), wire.MESSAGEPACK, "zstd", "too_large"),
    "lists in lists": (lambda: b"[" * 1_000_000, wire.JSON, "", "malformed"),
    "packed lists in lists": (lambda: b"\x91" * 1_000_000, wire.MESSAGEPACK, "", "malformed"),
    "nine megabytes": (lambda: os.urandom(9 * 1024 * 1024), wire.MESSAGEPACK, "zstd", "too_large"),
    "a list that claims four billion": (lambda: b"\xdd\xff\xff\xff\xff", wire.MESSAGEPACK, "", "malformed"),
    "a text that claims four gigabytes": (lambda: b"\xdb\xff\xff\xff\xff", wire.MESSAGEPACK, "", "malformed"),
}  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no getrusage to measure by")
@pytest.mark.parametrize("name", sorted(BOMBS))
def test_no_bomb_makes_the_service_grow(name: str) -> None:
    """Whatever a body claims to hold, it is refused before it has cost more than 64 MiB."""
    make, content_type, encoding, expected = BOMBS[name]
    done = subprocess.run(
        [sys.executable, "-c", READER, content_type, encoding], input=make(), capture_output=True, check=True
    )
    said, grown_kib = done.stdout.decode().split()
    assert said == expected
    assert int(grown_kib) <= MOST_KIB
