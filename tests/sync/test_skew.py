"""How far a clock is off, in words."""

from __future__ import annotations

import ssl

import pytest

from techkit.central import rounds
from techkit.central.models import Device
from techkit.sync import transport
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


@pytest.mark.parametrize(("code", "is_clock"), [(9, True), (10, True), (18, False)])
def test_bad_input_c36_c37_a_certificate_out_of_its_time_is_told_as_a_clock(code: int, is_clock: bool):
    """Not valid yet and not any more point to the clock and keep all queued; a strange certificate is a strange service."""
    error = ssl.SSLCertVerificationError()
    error.verify_code = code
    told = transport._translated(error, "https://office.example")
    assert ("clock looks wrong" in told.title) is is_clock
    assert "everything is saved on this device" in told.safe


@pytest.mark.parametrize(
    ("known", "sent", "expected"),
    [
        (0, 1500, 0),
        (0, 5000, 5000),
        (5000, 4000, 5000),
        (5000, 6000, 6000),
        (5000, 14_999, 14_999),
        (5000, -4999, 5000),
        (5000, -5001, -5001),
        (-3 * DAY, 0, 0),
    ],
)
def test_a_message_that_was_slow_says_nothing_of_the_clock(known: int, sent: int, expected: int) -> None:
    """Of two measurements near each other the larger holds; ten seconds apart, the clock was set; below two it is right."""
    device = Device(clock_offset_ms=known)
    assert rounds._offset(device, 10**12 + sent, 10**12) == expected
