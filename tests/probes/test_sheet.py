"""Only values become readings, and hostile ones are made harmless."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techkit.probes.sheet import TEXT_LIMIT, Sheet, clean, tidy


@pytest.mark.parametrize(
    "text",
    [
        "To be filled by O.E.M.",
        "  Not Specified ",
        "0000000000",
        "xxxx",
        "........",
        "None",
        "<OUT OF SPEC>",
        "",
    ],
)
def test_a_placeholder_is_not_a_value(text):
    """What makers leave in is left out."""
    assert clean(text, "text") is None


@pytest.mark.parametrize("value", [True, "7", float("nan"), float("inf"), 2**63, -(2**70), None, [], {}])
def test_what_is_no_number_is_left_out(value):
    """Truths, texts, endless and wrapped counters are no numbers."""
    assert clean(value, "int") is None


def test_hostile_text_is_made_harmless():
    """Control and direction marks go, length is cut, a lone surrogate cannot break a file."""
    assert tidy("a\x00b\x1b[31m\u202ecod\u2028e") == "a b [31mcod e"
    assert len(tidy("x" * 10_000)) == TEXT_LIMIT
    tidy("\ud800").encode("utf-8")


def test_an_undeclared_id_is_a_fault():
    """A probe cannot invent a reading."""
    with pytest.raises(KeyError):
        Sheet().add("disk.space.typo", 1)


@given(st.text(max_size=200))
def test_tidy_text_stays_tidy(text):
    """Making harmless twice changes nothing."""
    assert tidy(tidy(text)) == tidy(text)
