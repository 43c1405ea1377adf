"""A short PIN as it is kept: tried, never read."""

from __future__ import annotations

import pytest

from techkit.credentials import pin
from techkit.credentials.slots import Cost
from techkit.errors import InputError

CHEAP = Cost(memory_kib=8, passes=1, lanes=1)


def test_only_the_pin_fits_and_each_keeping_is_another() -> None:
    """What is kept holds no sign of the PIN and is not the same twice."""
    kept = pin.derived(" 2580 ", cost=CHEAP)
    assert "2580" not in kept
    assert pin.fits(kept, "2580")
    assert not pin.fits(kept, "2581")
    assert pin.derived("2580", cost=CHEAP) != kept


def test_fewer_than_four_signs_are_no_pin() -> None:
    """They are refused before anything is kept."""
    with pytest.raises(InputError, match="at least 4 signs"):
        pin.derived("258", cost=CHEAP)


@pytest.mark.parametrize(
    "kept",
    ["", "2580", "pin-argon2id$8$1$1$AA$", "pin-argon2id$99999999$1$1$AAAA$AAAA", "pin-argon2id$x$y$z$!$!"],
)
def test_a_damaged_pin_opens_nothing(kept: str) -> None:
    """Neither a plain text, nor an impossible cost, nor rubbish is a PIN."""
    assert not pin.fits(kept, "2580")
