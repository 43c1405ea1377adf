"""How far a clock is off, in words."""

from __future__ import annotations

import pytest

from techkit.sync.skew import skew

MINUTE = 60_000
DAY = 24 * 60 * MINUTE


@pytest.mark.parametrize(
    ("offset_ms", "words"),
    [
        (0, ""),
        (119_999, ""),
        (-119_999, ""),
        (2 * MINUTE, "2 minutes ahead"),
        (-90 * MINUTE, "90 minutes behind"),
        (3 * 60 * MINUTE, "3 hours ahead"),
        (-3 * DAY, "3 days behind"),
        (400 * DAY, "400 days ahead"),
        (-20_454 * DAY, "56 years behind"),
    ],
)
def test_a_skew_is_told_in_the_largest_unit(offset_ms: int, words: str) -> None:
    """Minutes, hours, days or years: the largest of which there are two; a right clock needs no word."""
    assert skew(offset_ms) == words
