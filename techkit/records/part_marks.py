"""What tells two parts of one model apart, without keeping their serial numbers. Pure.

A mark names one number of a part: "serial:15:3f9a2c77d0e1:1A2B" is its kind, how many signs it has, the beginning
of its SHA-256 and its last four signs. An inventory leaves the computer; whole serial numbers stay there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

#: Shorter numbers are counters and place-holders of makers ("1", "00", "A1").
_SHORTEST = 4

#: Signs of a mark's hash: two parts with equal ones by chance are not met in 10^14.
_HASH_SIGNS = 12


def mark(kind: str, number: str) -> str:
    """Return the mark of a number of a part; "" where it cannot tell two parts apart.

    Blanks, points, underscores and case are how it is written, not which it is.
    """
    bare = re.sub(r"[\W_]+", "", number).casefold()
    if len(bare) < _SHORTEST or len(set(bare)) == 1:
        return ""
    name = hashlib.sha256(bare.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_SIGNS]
    return f"{kind}:{len(bare)}:{name}:{bare[-4:].upper()}"


def ending(part: Mapping[str, Any]) -> str:
    """Return the last signs of a part's number as a person compares them, "" for none."""
    last = next((held.rpartition(":")[2] for held in _marks(part).values()), "")
    return f"…{last}" if last else ""


def is_same_one(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool | None:
    """Return whether two parts are one by their marks; None where no number was read on both sides."""
    marks = _marks(one), _marks(other)
    both = marks[0].keys() & marks[1].keys()
    return any(marks[0][kind] == marks[1][kind] for kind in both) if both else None


def is_written_alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether the numbers of two parts are of one form; another driver may tell one number two ways."""
    marks = _marks(one), _marks(other)
    both = marks[0].keys() & marks[1].keys()
    return any(marks[0][kind].split(":")[1] == marks[1][kind].split(":")[1] for kind in both)


def exchanged(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]
) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Return which parts of one model stand where others did: (former, present), by their marks.

    What could not be read on one of the sides is taken for the same.
    """
    left, right = list(old), list(new)
    for is_same in (True, None):
        for part in list(left):
            same = next((p for p in right if is_same_one(part, p) is is_same), None)
            if same is not None:
                left.remove(part)
                right.remove(same)
    return list(zip(left, right, strict=False))


def _marks(part: Mapping[str, Any]) -> dict[str, str]:
    held = part.get("marks")
    return {str(m).partition(":")[0]: str(m) for m in held} if isinstance(held, list) else {}
