"""Characters nobody sees are shown by their code; languages and emoji stay as they are."""

from __future__ import annotations

import json

import pytest

from techkit.records.visible import few_marks, in_json, visible


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
        ("SER\u200bIAL\ufeff", "SER[U+200B]IAL[U+FEFF]"),
        ("half \ud800", "half [U+D800]"),
        ("said \U000e0041\U000e0042", "said [U+E0041][U+E0042]"),
        (
            "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
            "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        ),
        ("نمی\u200cخواهم", "نمی\u200cخواهم"),
        ("\u3164\u2060", "[U+3164][U+2060]"),
    ],
)
def test_hidden_characters_are_shown_by_their_code(text: str, shown: str):
    """Overrides, control codes and private-use characters are visible; everything a language needs stays."""
    assert visible(text) == shown


def test_marks_are_not_piled_up():
    """A letter keeps eight marks; the four of Vietnamese or Hebrew are never touched."""
    assert few_marks("Z" + "\u0301" * 500) == "Z" + "\u0301" * 8
    assert few_marks("ệ ậ") == "ệ ậ"


def test_json_talks_to_no_terminal_and_reads_back_the_same():
    """C1 codes, overrides and private use leave as escapes; what a script reads is what was kept."""
    kept = {"name": "Larkspur \x9b31m \x85 \u202efdp.exe \U000f0001 Müller 👨‍👩‍👧", "lines": "a\nb\tc\x1b"}
    told = in_json(json.dumps(kept, ensure_ascii=False, indent=1))
    assert json.loads(told) == kept
    assert "\\u009b31m \\u0085 \\u202efdp.exe \\udb80\\udc01 Müller 👨‍👩‍👧" in told
    assert not [c for c in told if c != "\n" and not c.isprintable() and c != "\u200d"]
