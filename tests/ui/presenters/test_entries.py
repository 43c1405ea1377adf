"""What an entry says of the difference that proves it."""

from __future__ import annotations

import pytest

from techkit.ui.presenters.entries import change_line


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [("3.1", "4.0", "3.1 → 4.0"), ("", "4.0", "new: 4.0"), ("3.1", "", "before: 3.1"), ("", "", "")],
)
def test_a_side_that_was_not_there_is_said_in_words(before: str, after: str, line: str) -> None:
    """What came is new, what went was there before; no dash stands for nothing."""
    assert change_line(before, after) == line
