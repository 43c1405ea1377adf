"""Characters nobody sees are shown by their code; languages and emoji stay as they are."""

from __future__ import annotations

import pytest

from techkit.records.visible import few_marks, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("invoice\u202efdp.exe", "invoice[U+202E]fdp.exe"),
        ("a\x1b[31mred", "a[U+001B][31mred"),
        ("box \ue000", "box [U+E000]"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("Müller-Straße", "Müller-Straße"),
        ("أوداليس ברנדט โอดาลิส ओडालिस", "أوداليس ברנדט โอดาลิส ओडालिस"),
        ("👨‍👩‍👧 🇩🇪 👍🏽", "👨‍👩‍👧 🇩🇪 👍🏽"),
        ("plain", "plain"),
    ],
)
def test_hidden_characters_are_shown_by_their_code(text: str, shown: str):
    """Overrides, control codes and private-use characters are visible; everything a language needs stays."""
    assert visible(text) == shown


def test_marks_are_not_piled_up():
    """A letter keeps eight marks; the four of Vietnamese or Hebrew are never touched."""
    assert few_marks("Z" + "\u0301" * 500) == "Z" + "\u0301" * 8
    assert few_marks("ệ ậ") == "ệ ậ"
