"""The paper's fonts draw what they can; the rest is named, never an empty gap."""

from __future__ import annotations

import json

import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # ships no types

from techkit import resources
from techkit.summary import glyphs

#: The fonts the paper's text falls back through; bold and mono cover no more than these.
TEXT_FONTS = sorted(p for p in resources.path("fonts").glob("*Regular.[to]tf") if "Mono" not in p.name)


def coverage() -> dict[str, str]:
    """Return the coverage as the fonts themselves tell it: block -> bits, both in hex."""
    blocks: dict[int, int] = {}
    for font in TEXT_FONTS:
        with TTFont(font, lazy=True) as opened:
            for point in opened.getBestCmap():
                blocks[point >> 8] = blocks.get(point >> 8, 0) | 1 << (point & 0xFF)
    return {f"{block:x}": f"{bits:x}" for block, bits in sorted(blocks.items())}


def test_the_shipped_coverage_is_that_of_the_shipped_fonts() -> None:
    """A font exchanged without its coverage is noticed here."""
    assert json.loads(resources.text("fonts", "coverage.json")) == coverage()


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Müller–Weiß “ok”", "Müller–Weiß “ok”"),
        ("😀", "[grinning face]"),
        ("👍🏽", "[thumbs up sign]"),
        ("a\x1b]0;t\x07", "a[U+001B]]0;t[U+0007]"),
        ("invoice\u202efdp.exe", "invoice[U+202E]fdp.exe"),
        ("\ue000", "[U+E000]"),
        ("山田", "山田"),
        ("line\nnext", "line\nnext"),
    ],
)
def test_text_prints_as_typed_or_by_name(typed: str, printed: str) -> None:
    """What has a glyph stays; what has none is told by its name or code."""
    assert glyphs.printable(typed) == printed
