"""Text is cleaned where it enters, and what cannot be kept is refused with its way out."""

from __future__ import annotations

import pytest

from techkit.errors import InputError
from techkit.records import entering
from techkit.records.parties import Customer


def test_text_is_cleaned_where_it_enters() -> None:
    """NUL goes, lone surrogates become U+FFFD, one-line fields stay on one line, NFC."""
    assert entering.clean_text("a\0b") == "ab"
    assert entering.clean_text("x\ud800y") == "x\ufffdy"
    assert entering.clean_text(" a\r\n b ") == "a b"
    assert entering.clean_text("a\r\nb", multiline=True) == "a\nb"
    assert entering.clean_text("e\u0301") == "é"
    assert entering.clean_text("\u00a02.1\u00a0GB\u00a0 freed") == "2.1\u00a0GB\u00a0 freed"


@pytest.mark.parametrize(
    "name", ["\u200b", "\ufeff \u2060", "\u3164", "\u2800\u200d", "\u00ad", "\U000e0041"]
)
def test_a_name_nobody_sees_is_no_name(name: str) -> None:
    """Fillers, joiners and signs without a width alone would be an empty line in every list."""
    with pytest.raises(InputError, match="still empty"):
        entering.check(Customer(id="c1", display_name=entering.clean_text(name)))
    entering.check(Customer(id="c1", display_name=entering.clean_text(f"{name}A{name}")))


def test_an_empty_or_huge_name_is_refused_with_its_way_out() -> None:
    """The sentence names the field and the limit; blanks count as empty."""
    with pytest.raises(InputError) as empty:
        entering.check(Customer(id="c1", display_name=entering.clean_text("\u00a0 ")))
    assert empty.value.field == "display_name"
    with pytest.raises(InputError) as huge:
        entering.check(Customer(id="c1", display_name="x" * 2_000_000))
    assert "2,000,000" in huge.value.title
