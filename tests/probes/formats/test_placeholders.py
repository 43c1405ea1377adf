"""What makers number and repeat where a value should stand."""

from __future__ import annotations

import pytest

from techkit.probes.sheet import clean


@pytest.mark.parametrize(
    "text",
    [
        "0x00000000",
        "00:00:00:00:00:00",
        "FFFFFFFF-FFFF",
        "Manufacturer03",
        "ModulePartNumber01",
        "SerNum2",
        "AssetTagNum0",
        "Array1_PartNumber2",
        "$(DEFAULT_STRING)",
        "CPU Version",
        "161616161616161616161616",
        "0123456789",
        "...",
        "' '",
        "*",
        "SerialNumber",
        "0123456789ABCDEF",
        "ModelNumber",
    ],
)
def test_what_makers_number_and_repeat_is_no_value(text):
    """Counted placeholders, one byte repeated and runs of digits are left out."""
    assert clean(text, "text") is None


@pytest.mark.parametrize(
    "text", ["1.1.1.1", "2", "0x80AD", "Manufacturer of Things", "20202021", "SerNum X12"]
)
def test_what_only_looks_like_it_is_kept(text):
    """Addresses, codes and real names pass."""
    assert clean(text, "text") == text
