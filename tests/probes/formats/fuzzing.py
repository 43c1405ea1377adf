"""Bend real captures at random and give them to a parser until the time is over.

`python -m tests.probes.formats.fuzzing FORMAT SECONDS FILE…` ends with 0, or with the bent bytes that broke the
parser in a file and 1. Prints how often it was tried, the slowest parse and the most memory the process held.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import tempfile
import time
import traceback
from pathlib import Path

from techkit.diagnostics.reading_files import FORMATS

#: The longest input bent further: parsers get larger ones in their tests of captures.
LARGEST_BYTES = 1_000_000

#: What breaks parsers: signs of the formats, numbers beyond all bounds, marks of other encodings.
TOKENS = (
    *(
        b"",
        b"\0",
        b"\xff\xfe",
        b"\xfe\xff",
        b"\xef\xbb\xbf",
        b"\r",
        b"\n\n",
        b"\t",
        b" " * 40,
        b"-",
        b"--",
        b"{",
        b"}",
        b"[",
    ),
    *(
        b"]",
        b'"',
        b"'",
        b":",
        b"=",
        b",",
        b".",
        b"%",
        b"<",
        b"</",
        b"<!--",
        b"&#x110000;",
        b"&amp;",
        b"\\",
        b"\\u0000",
        b"(null)",
    ),
    *(
        b"null",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"1e999",
        b"-1",
        b"0",
        b"0x",
        b"0xFFFFFFFFFFFFFFFF",
        b"9" * 30,
        b"9" * 5000,
    ),
    *(
        b"N/A",
        b"true",
        b"hex(b):",
        b"dword:zzzzzzzz",
        b"\xc3\x28",
        "\u202e".encode(),
        "\u0661\u00b2".encode(),
        "ß".encode("utf-16"),
    ),
)


def wounded(chance: random.Random, piece: bytes, other: bytes) -> bytes:
    """Return what stands in place of a piece: other bytes, tokens, nothing, lines moved, doubled, another capture's."""
    lines = piece.split(b"\n")
    start = chance.randrange(len(other) + 1)
    return chance.choice(
        (
            chance.randbytes(len(piece)),
            chance.choice(TOKENS),
            chance.choice(TOKENS) + piece,
            b"",
            piece * chance.choice((2, 3, 50)),
            b"\n".join(chance.sample(lines, len(lines))),
            other[start : start + len(piece)],
            str(chance.randrange(-(2**70), 2**70)).encode(),
        )
    )


def bend(chance: random.Random, seeds: list[bytes]) -> bytes:
    """Return a capture with a few random wounds, now and then cut off."""
    data = bytearray(chance.choice(seeds)[:LARGEST_BYTES])
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.choice((1, 1, 4, 40, 400)))
        data[at:end] = wounded(chance, bytes(data[at:end]), chance.choice(seeds))
    return bytes(data[: chance.randrange(len(data) + 1)] if chance.random() < 0.02 else data)


def main() -> int:
    """Run from the command line; see above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("format", choices=sorted(FORMATS))
    parser.add_argument("seconds", type=float)
    parser.add_argument("seeds", nargs="+", type=Path)
    parser.add_argument("--chance", type=int, default=None, help="the same number gives the same bytes")
    given = parser.parse_args()
    number = given.chance if given.chance is not None else time.time_ns()
    chance = random.Random(number)
    seeds = [path.read_bytes() for path in given.seeds]
    until = time.monotonic() + given.seconds
    tries, slowest = 0, 0.0
    while time.monotonic() < until:
        content = bend(chance, seeds)
        began = time.process_time()
        try:
            for reading in FORMATS[given.format].parse(content):
                json.dumps(reading.value, default=str).encode()
        except BaseException:
            kept = Path(tempfile.mkdtemp()) / f"{given.format}.broken"
            kept.write_bytes(content)
            traceback.print_exc()
            sys.stderr.write(f"chance {number}, try {tries}, kept as {kept}\n")
            return 1
        tries += 1
        slowest = max(slowest, time.process_time() - began)
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"format": given.format, "tries": tries, "slowest_s": round(slowest, 3), "held_mib": round(held)}
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
